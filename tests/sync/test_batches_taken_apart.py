"""One action about many people, like a roster taken in: who has left by then takes their part out,
whatever becomes of the rest (sync.md 4.4, 4.11)."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import exchange, handover, movement
from models.exchange import Held
from models.family import Family
from models.handover import LateEdit
from models.retiree import LOST, SUSPECTED_DEAD, Retiree
from models.ruling import NOW, OTHER
from sync.merge import Result
from tests.make import an_id_number
from tests.sync.move_parts import ON, take, two_stations
from tests.sync.parts import Node, World, edit, register
from tests.sync.people import HERS, OTHERS, choose, seat, seen
from tests.sync.test_whole_cases import THEIRS, suspects
from tests.sync.views import compared, outcomes_of

FRESH = an_id_number(sequence=44)
HERE = "13700000001"


@pytest.fixture
def here(tmp_path: Path) -> World:
    made = two_stations(tmp_path)
    seat(made.node, "centre_head")
    return made


def one_has_left(here: World) -> tuple[str, str]:
    """Of two people; their station has not heard of it."""
    old, new = here.stations
    gone: str = old.do(register, id_no=HERS)
    stays: str = old.do(register, id_no=OTHERS, name="李海")
    here.sync(old)
    old.do(movement.moved_out, gone, ON, f"{new.code}社区", "子女同住")
    for node in (old, new):
        here.sync(node)
    take(here, new)
    return gone, stays


def batch(session: Session, gone: str, stays: str, family: str = "") -> str:
    """Somebody new, and something new of those who are known."""
    edit(session, gone, mobile=HERE)
    if family:
        session.get_one(Family, family).phone = HERE
    else:
        edit(session, stays, manage_state=SUSPECTED_DEAD, mobile=HERE)
    return register(session, id_no=FRESH, name="周文")


def mobile_of(node: Node, key: str) -> str | None:
    return node.get(lambda s: s.scalar(select(Retiree.mobile).where(Retiree.id == key)))  # type: ignore[no-any-return]


@pytest.mark.parametrize("choice", [OTHER, NOW])
def test_what_is_in_dispute_keeps_nobody_else_of_the_batch_out_of_sight(
    here: World, choice: str
) -> None:
    """Who left stands before their new station at once; the rest is taken or left with the dispute,
    and whoever takes it does not write over what was said of them there."""
    old, new = here.stations
    gone, stays = one_has_left(here)
    here.node.do(edit, stays, manage_state=LOST)
    fresh: str = old.do(batch, gone, stays)
    here.sync(old)
    assert outcomes_of(old)[-3:] == [Result.LATE, Result.CASE, Result.CASE]
    (told,) = old.get(seen(old, exchange.kept))
    assert any("周文" in line or "新登记" in line for line in told.also)
    here.sync(new)
    (late,) = new.do(handover.handovers, handover.LATE).rows
    new.do(edit, gone, mobile=THEIRS)
    here.sync(new)
    choose(here, stays, choice)
    for node in here.stations:
        here.sync(node)
    is_taken = choice == OTHER
    assert (here.node.person(fresh) is not None) is is_taken
    assert mobile_of(here.node, stays) == (HERE if is_taken else None)
    assert mobile_of(here.node, gone) == THEIRS
    new.do(handover.adopt, late.id)
    for node in (new, old):
        here.sync(node)
    assert mobile_of(here.node, gone) == HERE
    assert not here.node.get(lambda s: s.scalars(select(Held)).all())
    assert compared(here, old)


@pytest.mark.parametrize("choice", [OTHER, NOW])
def test_what_waits_for_an_answer_waits_whole_and_is_taken_apart_then(
    here: World, choice: str
) -> None:
    """The batch says something of a relative who is new in an action that is in dispute."""
    old, new = here.stations
    gone, stays = one_has_left(here)
    here.node.do(edit, stays, manage_state=LOST)
    family: str = old.do(suspects, stays)
    fresh: str = old.do(batch, gone, stays, family)
    here.sync(old)
    assert outcomes_of(old)[-3:] == [None] * 3
    choose(here, stays, choice)
    for _ in range(2):
        here.sync(old)
    is_taken = choice == OTHER
    apart, whole = [Result.LATE, Result.APPLIED, Result.APPLIED], [Result.REFUSED] * 3
    assert outcomes_of(old)[-3:] == (apart if is_taken else whole)
    assert (here.node.person(fresh) is not None) is is_taken
    here.sync(new)
    assert len(new.get(lambda s: s.scalars(select(LateEdit.id)).all())) == is_taken
    assert not here.node.get(lambda s: s.scalars(select(Held)).all())
    assert compared(here, old)
