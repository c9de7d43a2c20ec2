"""Who may write what is decided once, for every verb, where the action is stored."""

import pytest
from sqlalchemy import func, select

from app import retiree, roles
from app.kit.refusal import Refusal
from app.kit.run import look, run
from app.kit.who import Desk
from app.retiree import People, register
from models.kit.db import Store
from models.kit.ids import new_id
from models.retiree import Retiree
from models.tag import Tag

PERSON = {
    "name": "王秀英",
    "id_no": "519902194611230269",
    "mobile": "13800002617",
    "employer_name": "市棉纺织厂",
    "live_address": "临春一区3-502",
}

MARKS = {"T17": "精神疾病", "T20": "失独"}


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


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"politics": "01"}, "政治面貌"),
        ({"monthly_pension_fen": 345678}, "月养老金"),
        ({"bank_account": "6222000000000000"}, "养老金账号"),
        ({"injury_grade": 3}, "工伤伤残等级"),
    ],
)
def test_what_one_may_not_see_one_does_not_write(
    store: Store, desk: Desk, values: dict[str, object], word: str
) -> None:
    clerk = at(desk, "clerk")
    with pytest.raises(Refusal, match=f"“{word}”的权限"):
        run(store, clerk, register, {**PERSON, **values})
    key = run(store, at(desk, "head"), register, {**PERSON, **values}).result.id
    with pytest.raises(Refusal, match=f"“{word}”的权限"):
        run(store, clerk, retiree.edit, key, dict.fromkeys(values))
    (name, value), *_ = values.items()
    kept = look(store, clerk, lambda s: getattr(s.get_one(Retiree, key), name))
    assert kept == value


def test_an_empty_field_outside_the_circle_does_not_hold_a_registration(
    store: Store, desk: Desk
) -> None:
    assert run(store, at(desk, "clerk"), register, {**PERSON, "politics": None}).result.id


@pytest.mark.parametrize("code", ["T17", "T20"])
def test_a_sensitive_tag_is_set_and_seen_in_the_circle_of_health_only(
    store: Store, desk: Desk, code: str
) -> None:
    clerk, nurse = at(desk, "clerk"), at(desk, "health")
    with pytest.raises(Refusal, match="标签的权限"):
        run(store, clerk, register, PERSON, tags=["T03", code])
    key = run(store, clerk, register, PERSON, tags=["T03"]).result.id
    with pytest.raises(Refusal, match="标签的权限"):
        run(store, clerk, retiree.set_tags, key, ["T03", code])
    run(store, nurse, retiree.set_tags, key, ["T03", code])
    run(store, clerk, retiree.set_tags, key, [])  # what one cannot see, one does not end
    tags = look(store, desk, lambda s: set(s.scalars(select(Tag.code).where(~Tag.is_void))))
    assert code in tags
    for who, sees in ((clerk, False), (nurse, True), (at(desk, "head"), True)):
        page = look(store, who, retiree.person, key)
        assert (code in {one.code for one in page.tags}) is sees
        assert look(store, who, retiree.people, People(tags=(code,))).total == sees
        (row,) = look(store, who, retiree.rows_of, [key])
        assert (MARKS[code] in {one.text for one in row.tags}) is sees
