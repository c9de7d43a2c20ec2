"""Scenes between several installations that share people and words, as the end-to-end lists of such
systems tell them (sync.md 5.2, Kolibri): one name on two sides, what hangs on something voided,
voided and registered anew, broken off and gone on, told by way of a third."""

from contextlib import suppress

import pytest
from sqlalchemy import func, select

from models.employer import Employer
from models.exchange import Conflict
from models.kit import clock
from models.retiree import Retiree
from models.suspicion import Suspicion
from models.visit import Visit
from sync.fault import Fault
from sync.station import outbox
from tests.make import an_id_number
from tests.sync.parts import DirectLink, Node, World, edit, register
from tests.sync.people import propose, rename
from tests.sync.views import verdicts

NUMBER = an_id_number()


@pytest.fixture
def station(here: World) -> Node:
    return here.station("460203198001")


def count(node: Node, entity: type[Retiree | Visit | Suspicion]) -> int:
    return int(node.get(lambda s: s.scalar(select(func.count()).select_from(entity))))


def a_visit(session, key: str) -> str:  # type: ignore[no-untyped-def]
    made = Visit(retiree_id=key, visited_on=clock.today(), visit_type="12", way="1")
    session.add(made)
    session.flush()
    return str(made.id)


def test_one_number_at_two_stations_stays_two_people_and_both_hear_of_it(
    here: World, station: Node
) -> None:
    other = here.station("460203198002")
    for node in (station, other):
        node.do(register, id_no=NUMBER)
    for node in (station, other, station):
        here.sync(node)
    assert count(here.node, Retiree) == 2
    assert count(station, Suspicion) == count(other, Suspicion) == 1


def test_a_visit_to_somebody_voided_meanwhile_is_kept_and_brings_the_person_back(
    here: World, station: Node
) -> None:
    """Whoever voided the person had not seen the visit: a person decides whether they go."""
    key = station.do(register)
    here.sync(station)
    here.node.do(edit, key, is_void=True, void_reason="重复登记")
    station.do(a_visit, key)
    here.sync(station)
    assert set(station.outcomes()) == {"applied"}
    assert count(here.node, Visit) == 1
    for node in (here.node, station):
        assert not node.person(key).is_void  # type: ignore[union-attr]
    case = here.node.get(lambda session: session.scalars(select(Conflict)).one())
    assert (case.about, case.field, case.needs_person) == (key, "is_void", True)


def test_a_visit_to_somebody_whom_the_centre_never_heard_of_comes_with_them(
    here: World, station: Node
) -> None:
    key = station.do(register)
    station.do(a_visit, key)
    here.sync(station)
    assert (count(here.node, Retiree), count(here.node, Visit)) == (1, 1)


def test_voided_and_registered_anew_the_old_record_stays_voided(here: World, station: Node) -> None:
    old = station.do(register, id_no=NUMBER)
    here.sync(station)
    station.do(edit, old, is_void=True, void_reason="录错")
    new = station.do(register, id_no=NUMBER)
    here.sync(station)
    found = {key: here.node.person(key) for key in (old, new)}
    assert {key: one.is_void for key, one in found.items() if one} == {old: True, new: False}
    assert count(station, Suspicion) == 0


def test_void_taken_back_is_seen_by_both(here: World, station: Node) -> None:
    key = station.do(register)
    station.do(edit, key, is_void=True, void_reason="录错")
    here.sync(station)
    station.do(edit, key, is_void=False, void_reason=None)
    here.sync(station)
    for node in (station, here.node):
        assert node.person(key).is_void is False  # type: ignore[union-attr]


@pytest.mark.parametrize("lost", ["files", "answers"])
@pytest.mark.parametrize("at", [0, 1, 3])
def test_broken_off_at_any_part_it_goes_on_where_it_was(
    here: World, station: Node, lost: str, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PART_BYTES", 1)
    for number in range(4):
        station.do(register, name=f"人{number}")
    link = DirectLink(here.centre)
    (link.lose_files if lost == "files" else link.lose_answers).add(at)
    with suppress(Fault):
        here.sync(station, link)
    assert len(link.sent) == at + 1
    done = here.sync(station)
    assert (done.pending, count(here.node, Retiree)) == (0, 4)
    # what the centre had confirmed is not sent again
    assert done.sent == 4 - at
    assert verdicts(station) == verdicts(here.node, station.desk.office_id)


def test_what_one_station_says_reaches_a_third_by_way_of_the_centre_alone(
    here: World, station: Node
) -> None:
    others = [here.station("460203198002"), here.station("460203198003")]
    key = station.do(propose)
    here.sync(station)
    for node in others:
        here.sync(node)
        node.do(rename, key, node.code)
        here.sync(node)
    for node in (station, *others):
        here.sync(node)
    said = {node.get(lambda s: s.get_one(Employer, key).contact) for node in here.stations}
    assert said == {others[1].code}
