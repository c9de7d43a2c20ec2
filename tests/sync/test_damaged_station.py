"""A station's file that lost rows behind the program's back: a contact brings back what the centre
has; of what only the station had, one sentence says what is safe and what to do."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.daily import daily
from models.exchange import Change, Contact
from models.kit import clock
from models.retiree import Retiree
from models.visit import Visit
from sync import salvage
from sync.centre import sticks
from sync.fault import Fault
from tests.sync.carried import put_on, take_off
from tests.sync.lost import lose
from tests.sync.parts import (
    Node,
    World,
    copy_of,
    edit,
    found_in,
    old_file,
    put_back,
    register,
)
from tests.sync.views import agree, agree_now

OTHER = "519902195003081232"


def a_visit(session: Session, key: str, note: str = "") -> str:
    made = Visit(retiree_id=key, visited_on=clock.today(), visit_type="12", way="1", outcome=note)
    session.add(made)
    session.flush()
    return made.id


def visited(session: Session, key: str, note: str) -> None:
    session.get_one(Visit, key).outcome = note


def settled(here: World) -> tuple[Node, str, str]:
    """A station with a person and a visit, of which the centre knows all."""
    station = here.station("460203198001")
    key = station.do(register)
    visit = station.do(a_visit, key)
    here.sync(station)
    assert agree_now(here, station) is not None
    return station, key, visit


def healed(here: World, station: Node) -> None:
    """By two contacts: one that compares, and one that brings what differs."""
    here.sync(station)
    agree_now(here, station)
    here.sync(station)
    found = agree_now(here, station)
    assert found is None or (found.differs, found.figures) == (0, [])
    agree(here)


def test_a_lost_person_comes_back_while_the_desk_goes_on(here: World) -> None:
    station, key, _ = settled(here)
    lose(station, Retiree, key)
    station.do(daily)
    station.do(register, name="乙", id_no=OTHER)
    healed(here, station)
    assert station.person(key).name == "王秀英"  # type: ignore[union-attr]


def test_what_the_centre_changed_meanwhile_of_a_lost_person_comes_with_the_rest(
    here: World,
) -> None:
    station, key, _ = settled(here)
    lose(station, Retiree, key)
    here.node.do(edit, key, mobile="13800000002")
    healed(here, station)
    person = station.person(key)
    assert person is not None
    assert (person.name, person.mobile) == ("王秀英", "13800000002")


def test_later_edits_of_a_lost_person_that_wait_go_up_first(here: World) -> None:
    station, key, _ = settled(here)
    here.node.do(edit, key, mobile="13800000002")
    station.do(edit, key, mobile="13800000003", door_note="三楼")
    lose(station, Retiree, key)
    healed(here, station)
    assert station.person(key).door_note == "三楼"  # type: ignore[union-attr]


def test_a_lost_visit_comes_back_and_its_person_too(here: World) -> None:
    station, key, visit = settled(here)
    station.do(visited, visit, "敲门没人")
    lose(station, Visit, visit)
    lose(station, Retiree, key)
    healed(here, station)
    assert station.get(lambda s: s.get_one(Visit, visit).outcome) == "敲门没人"
    assert station.person(key) is not None


@pytest.mark.parametrize("is_by_stick", [False, True])
def test_what_another_computer_wrote_about_a_lost_person_stops_no_contact(
    here: World, tmp_path: Path, *, is_by_stick: bool
) -> None:
    station, key, _ = settled(here)
    two = here.new_pc(station)
    here.sync(two)
    lose(station, Retiree, key)
    visit = two.do(a_visit, key, "两个人都在家")
    two.do(register, name="乙", id_no=OTHER)
    here.sync(two)
    if is_by_stick:
        put_on(station, tmp_path)
        sticks.unpack_stick(here.centre, tmp_path)
        sticks.pack_stick(here.centre, tmp_path)
        assert take_off(station, tmp_path).refused == []
    else:
        assert here.sync(station).pending == 0
    assert station.get(lambda s: s.get(Visit, visit)) is None
    healed(here, station)
    assert station.get(lambda s: s.get_one(Visit, visit).outcome) == "两个人都在家"
    assert station.person(key) is not None


@pytest.mark.parametrize("number", ["1", "2"])
def test_a_lost_entry_that_the_centre_has_stops_nothing(here: World, number: str) -> None:
    """The second is the last it has, on which the next one follows."""
    station, key, _ = settled(here)
    lose(station, Change, number)
    station.do(edit, key, door_note="三楼")
    assert here.sync(station).pending == 0
    assert here.node.person(key).door_note == "三楼"  # type: ignore[union-attr]
    found = agree_now(here, station)
    assert found is not None
    assert (found.compared, found.differs) == (True, 0)


@pytest.mark.parametrize("number", ["4", "5"])
def test_a_lost_entry_that_nobody_has_is_told_and_the_rest_found_again(
    here: World, tmp_path: Path, number: str
) -> None:
    station, key, _ = settled(here)
    backup = copy_of(station)
    for name in ("mobile", "door_note", "remark"):
        station.do(edit, key, **{name: "13800000003"})
    lose(station, Change, number)
    with pytest.raises(Fault, match="恢复最近的备份"):
        put_on(station, tmp_path)
    with pytest.raises(Fault, match="恢复最近的备份") as fault:
        here.sync(station)
    assert fault.value.kind == "hole"
    messages = station.get(lambda s: s.scalars(select(Contact.message)).all())
    assert fault.value.message in messages
    damaged = old_file(tmp_path, copy_of(station))
    put_back(station, backup)
    with station.store.apply() as session:
        salvage.offer(session, found_in(station, damaged))
    damaged.close()
    healed(here, station)
    person = here.node.person(key)
    assert person is not None
    said = (person.mobile, person.door_note, person.remark)
    assert said.count("13800000003") == 2
