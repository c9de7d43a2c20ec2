"""Who may write what is decided once, for every verb, where the action is stored."""

import pytest
from sqlalchemy import func, select

from app import roles
from app.kit.refusal import Refusal
from app.kit.run import look, run
from app.kit.who import Desk
from app.retiree import register
from models.kit.db import Store
from models.kit.ids import new_id
from models.retiree import Retiree

PERSON = {
    "name": "王秀英",
    "id_no": "519902194611230269",
    "mobile": "13800002617",
    "employer_name": "市棉纺织厂",
    "live_address": "临春一区3-502",
}


def at(desk: Desk, *given: str) -> Desk:
    """The same office with other roles."""
    return Desk(new_id(), "符秀英", desk.office_id, frozenset(given), roles.guard_write)


@pytest.mark.parametrize("role", ["auditor", "admin"])
def test_who_may_only_look_writes_nothing(store: Store, desk: Desk, role: str) -> None:
    with pytest.raises(Refusal, match="没有“登记和修改"):
        run(store, at(desk, role), register, PERSON)
    count = look(store, desk, lambda s: s.scalar(select(func.count()).select_from(Retiree)))
    assert count == 0


def test_a_clerk_registers(store: Store, desk: Desk) -> None:
    assert run(store, at(desk, "clerk"), register, PERSON).result.id
