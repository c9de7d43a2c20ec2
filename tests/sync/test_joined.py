"""Two registrations of one person are joined where the centre and other computers know both."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import daily, handover, retiree, voided
from models.exchange import Change, Conflict
from models.kit.db import Store
from models.retiree import DEAD, Retiree
from models.ruling import NOW
from models.visit import Visit
from tests.sync.move_parts import moved, offered, take, two_stations, visit
from tests.sync.parts import Node, World, edit, register
from tests.sync.people import choose, seat


@pytest.fixture
def here(centre_store: Store | None, tmp_path: Path) -> World:
    """On both databases of a centre."""
    made = two_stations(tmp_path, centre_store)
    seat(made.node, "centre_head")
    return made


def undecided(session: Session) -> list[str]:
    """The fields about which a person has to decide."""
    return list(session.scalars(select(Conflict.field).where(Conflict.needs_person)))


def shown(session: Session) -> dict[str, int]:
    """Who is in sight, and how many visits each has in sight."""
    people = session.scalars(select(Retiree.id).where(Retiree.is_void.is_(False)))
    seen = (Visit.is_void.is_(False),)
    return {
        key: len(session.scalars(select(Visit.id).where(Visit.retiree_id == key, *seen)).all())
        for key in people
    }


def met(here: World) -> tuple[Node, str, str]:
    """A station to which somebody came whom it has already; and the two ids."""
    old, new = here.stations
    mine = new.do(register)
    here.sync(new)
    came = moved(here, old, new)
    return new, mine, came


def two_computers(here: World) -> tuple[Node, Node, str, str]:
    """Of a station that has somebody twice, which both know; and the two ids."""
    new, mine, came = met(here)
    other = here.new_pc(new)
    other.desk = new.desk
    here.sync(other)
    return new, other, mine, came


def test_who_comes_to_where_they_are_already_is_one_person_there_and_at_the_centre(
    here: World,
) -> None:
    new, mine, came = met(here)
    assert new.get(shown) == {mine: 0, came: 1}
    new.do(retiree.join, mine, came)
    here.sync(new)
    assert new.get(shown) == here.node.get(shown) == {mine: 1}
    assert new.get(lambda s: s.scalars(select(Change.outcome).distinct()).all()) == ["applied"]
    new.do(voided.restore, "retiree", came)
    here.sync(new)
    assert new.get(shown) == here.node.get(shown) == {mine: 0, came: 1}


def test_two_computers_join_the_same_two_and_nothing_is_there_twice(here: World) -> None:
    new, other, mine, came = two_computers(here)
    new.do(retiree.join, mine, came)
    other.do(retiree.join, came, mine)
    for one in (new, other, new):
        here.sync(one)
    for one in (new, other, here.node):
        assert one.get(shown) == {mine: 1}
    assert not here.node.get(undecided)


def test_what_another_computer_noted_meanwhile_is_joined_as_well(here: World) -> None:
    new, other, mine, came = two_computers(here)
    other.do(lambda session: session.add(visit(came, living_note="摔了一跤")))
    new.do(retiree.join, mine, came)
    for one in (new, other, new):
        here.sync(one)
    assert [new.do(daily.daily) and new.get(shown) for _ in range(2)] == [{mine: 2}] * 2
    for one in (new, other):
        here.sync(one)
    for one in (new, other, here.node):
        assert one.get(shown) == {mine: 2}


def test_it_is_joined_as_well_where_the_person_has_died(here: World) -> None:
    new, other, mine, came = two_computers(here)
    other.do(lambda session: session.add(visit(came, living_note="摔了一跤")))
    new.do(retiree.join, mine, came)
    new.do(edit, mine, manage_state=DEAD)
    for one in (new, other, new):
        here.sync(one)
    new.do(daily.daily)
    assert new.get(shown) == {mine: 2}


def test_what_the_old_station_wrote_late_is_adopted_where_the_person_is_now(here: World) -> None:
    old, new = here.stations
    mine = new.do(register)
    here.sync(new)
    came = offered(here, old, new)
    take(here, new)
    old.do(lambda session: session.add(visit(came, living_note="摔了一跤")))
    old.do(edit, came, mobile="13900000009")
    new.do(retiree.join, mine, came)
    for one in (new, old, new):
        here.sync(one)
    late = new.do(handover.handovers, handover.LATE).rows
    (shown_late,) = (one for action in late for one in action.fields if one.label == "手机")
    assert shown_late.now.startswith("138")
    for action in late:
        new.do(handover.adopt, action.id)
    new.do(daily.daily)
    here.sync(new)
    for node in (new, here.node):
        assert node.get(shown) == {mine: 2}
        assert node.get(lambda session: session.get_one(Retiree, mine).mobile) == "13900000009"


def test_a_joining_that_was_put_aside_is_made_again(here: World) -> None:
    new, mine, came = met(here)
    here.node.do(edit, came, mobile="13900000009")  # which the desk has not seen
    new.do(retiree.join, mine, came)
    here.sync(new)
    assert here.node.get(undecided) == ["is_void"]
    choose(here, came, NOW)
    here.sync(new)
    assert new.get(shown) == here.node.get(shown) == {mine: 0, came: 1}
    new.do(retiree.join, mine, came)
    here.sync(new)
    assert new.get(shown) == here.node.get(shown) == {mine: 1}


def test_what_went_with_a_joining_that_was_put_aside_is_in_no_list_of_what_may_come_back(
    here: World,
) -> None:
    """Voided with the person while the joining was in dispute."""
    new, mine, came = met(here)
    here.node.do(edit, came, mobile="13900000009")
    new.do(retiree.join, mine, came)
    new.do(retiree.void_registration, mine, "登记错人")
    here.sync(new)
    choose(here, came, NOW)
    here.sync(new)
    assert new.get(shown) == here.node.get(shown) == {mine: 0, came: 1}
    assert new.do(voided.voided).rows == ()
