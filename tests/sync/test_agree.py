"""Agreement after a contact: what differs is found row by row, told and mended (sync.md 4.13)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from app import seed
from app.imports import import_rows
from models.exchange import Change
from models.kit import clock
from models.kit.base import table_of, wire_fields
from models.kit.ids import new_id
from models.kit.stream import SCHEMA
from models.retiree import Retiree
from models.visit import Visit
from sync import pack
from sync.centre import sticks
from sync.centre_card import centre_card
from sync.digests import buckets
from sync.fault import Fault
from sync.station import agree, outbox
from sync.station.stick import pack_stick, unpack_stick
from tests.sync.move_parts import visit
from tests.sync.parts import Node, World, copy_of, edit, parts_of, put_back, register, world
from tests.sync.views import agree_now

NUMBER = "51990219400101{:04d}"
CODE = "460203198001"


def behind_the_back(node: Node, statement: Any) -> None:
    """What no part of the program would do."""
    with node.store.engine.begin() as connection:
        connection.execute(statement)


def a_station(here: World, count: int = 4) -> tuple[Node, list[str]]:
    station = here.station(CODE)
    keys = [station.do(register, name=f"人{n}", id_no=NUMBER.format(n)) for n in range(count)]
    here.sync(station)
    here.sync(station)
    return station, keys


def test_after_every_kind_of_work_both_sides_hold_the_same(here: World) -> None:
    station, keys = a_station(here)
    other = here.station("460203198002")
    other.do(register, name="别站", id_no=NUMBER.format(99), employer_name="市糖厂")
    station.do(import_rows, seed.people(30, 7), "花名册.xlsx")
    here.node.do(edit, keys[0], mobile="13900000000")
    station.do(edit, keys[0], mobile="13800000000", door_note="敲门")
    station.do(edit, keys[1], is_void=True, void_reason="重复登记")
    for _ in range(3):
        here.sync(other)
        here.sync(station)
    for node in (station, other):
        done = agree_now(here, node)
        assert done is not None
        assert (done.compared, done.differing, done.figures) == (True, [], [])
        note = node.get(agree.last_note)
        assert note["differs"] == 0
    assert station.get(agree.last_note)["shared"]["人员状态1"] > 0


def test_nothing_is_compared_before_everything_is_decided_and_read(here: World) -> None:
    station, keys = a_station(here)
    station.do(edit, keys[0], mobile="13800000000")
    assert agree_now(here, station) is None
    here.sync(station)
    here.node.do(edit, keys[0], door_note="中心改的")
    done = agree_now(here, station)
    assert done is not None
    assert not done.compared
    here.sync(station)
    done = agree_now(here, station)
    assert done is not None
    assert done.compared
    assert done.differs == 0


def test_what_waits_behind_a_gap_its_station_never_fills_holds_up_no_comparison(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was put back to before it, and goes on in a stream of its own."""
    station, keys = a_station(here)
    copy = copy_of(station)
    monkeypatch.setattr(outbox, "PART_BYTES", 1)
    for number in ("13800000001", "13800000002"):
        station.do(edit, keys[0], mobile=number)
    _, last = parts_of(station)
    here.centre.accept(last)
    put_back(station, copy)
    here.sync(station)
    behind_the_back(station, delete(table_of(Retiree)).where(table_of(Retiree).c.id == keys[2]))
    done = agree_now(here, station)
    assert done is not None
    assert done.differing == [("retiree", keys[2])]


def test_agreed_once_it_is_not_counted_again_until_something_happens(here: World) -> None:
    station, keys = a_station(here)
    assert agree_now(here, station) is not None
    assert agree_now(here, station) is None
    station.do(edit, keys[0], mobile="13800000000")
    here.sync(station)
    assert agree_now(here, station) is not None


def test_where_nobody_works_both_sides_are_compared_once_a_day(here: World) -> None:
    station, keys = a_station(here)
    agree_now(here, station)
    behind_the_back(station, delete(table_of(Retiree)).where(table_of(Retiree).c.id == keys[2]))
    assert agree_now(here, station) is None
    with clock.freeze(clock.now() + timedelta(days=1)):
        done = agree_now(here, station)
        assert done is not None
        assert done.differing == [("retiree", keys[2])]
        here.sync(station)
        assert station.person(keys[2]) is not None


def test_a_record_the_station_lost_comes_back(here: World) -> None:
    station, keys = a_station(here)
    behind_the_back(station, delete(table_of(Retiree)).where(table_of(Retiree).c.id == keys[2]))
    done = agree_now(here, station)
    assert done is not None
    assert done.differing == [("retiree", keys[2])]
    assert done.figures == [("人员状态1", 3, 4)]
    here.sync(station)
    person = station.person(keys[2])
    assert person is not None
    assert (person.name, person.id_no) == ("人2", NUMBER.format(2))
    done = agree_now(here, station)
    assert done is not None
    assert (done.differs, done.figures) == (0, [])


def test_a_value_the_station_got_wrong_is_the_centres_again(here: World) -> None:
    station, keys = a_station(here)
    table = table_of(Retiree)
    stamped = {"*": "0" * 32}
    behind_the_back(
        station,
        update(table).where(table.c.id == keys[1]).values(name="错", stamps=stamped),
    )
    done = agree_now(here, station)
    assert done is not None
    assert ("retiree", keys[1]) in done.differing
    here.sync(station)
    person = station.person(keys[1])
    assert person is not None
    assert person.name == "人1"


def test_what_the_centre_lost_is_offered_again_and_merged(here: World) -> None:
    """As if its database had been put back: record, entry and verdict are gone there."""
    station, _ = a_station(here)
    late = station.do(register, name="后来", id_no=NUMBER.format(50))
    here.sync(station)
    here.sync(station)
    there, change = table_of(Retiree), table_of(Change)
    behind_the_back(here.node, delete(there).where(there.c.id == late))
    behind_the_back(here.node, delete(change).where(change.c.entity_id == late))
    done = agree_now(here, station)
    assert done is not None
    assert done.differing == [("retiree", late)]
    here.sync(station)
    person = here.node.person(late)
    assert person is not None
    assert person.name == "后来"
    done = agree_now(here, station)
    assert done is not None
    assert done.differs == 0


def test_an_edit_the_centre_lost_is_offered_again_and_not_written_over(here: World) -> None:
    station, keys = a_station(here)
    table, change = table_of(Retiree), table_of(Change)
    before = here.node.person(keys[0])
    assert before is not None
    station.do(edit, keys[0], mobile="13800000001")
    here.sync(station)
    here.sync(station)
    put = {"mobile": None, "stamps": before.stamps}
    behind_the_back(here.node, update(table).where(table.c.id == keys[0]).values(**put))
    last = here.node.get(
        lambda s: s.scalars(select(Change.change_id).where(Change.entity_id == keys[0])).all()
    )[-1]
    behind_the_back(here.node, delete(change).where(change.c.change_id == last))
    done = agree_now(here, station)
    assert done is not None
    assert done.differing == [("retiree", keys[0])]
    here.sync(station)
    for node in (station, here.node):
        person = node.person(keys[0])
        assert person is not None
        assert person.mobile == "13800000001"


def test_a_reply_to_somebody_else_is_not_taken(here: World) -> None:
    one, _ = a_station(here)
    other = here.station("460203198002")
    here.sync(other)
    card = other.get(centre_card)
    with other.store.look() as session:
        data = agree.claim(session, other.keys, card, other.code)
    answer = here.centre.accept(data).data
    with one.store.look() as session, pytest.raises(Fault):
        agree.read_reply(session, one.keys, card, answer)


def test_a_claim_brings_no_record_of_another_office(here: World) -> None:
    one, keys = a_station(here)
    other = here.station("460203198002")
    here.sync(other)
    card = other.get(centre_card)
    with other.store.look() as session:
        wants = agree.claim(session, other.keys, card, other.code, [("retiree", keys[0])])
    here.centre.accept(wants)
    here.sync(other)
    assert other.person(keys[0]) is None
    assert one.person(keys[0]) is not None


# by stick ------------------------------------------------------------------------------------


def trip(here: World, station: Node, stick: Path) -> None:
    """Written at the station, read and answered at the centre, read at the station."""
    pack_stick(station.store, station.keys, stick, station.code)
    sticks.unpack_stick(here.centre, stick)
    sticks.pack_stick(here.centre, stick)
    unpack_stick(station.store, station.keys, stick, here.folder / "inbox", station.code)


def test_the_second_trip_of_a_stick_says_that_both_hold_the_same(here: World, stick: Path) -> None:
    station = here.station(CODE)
    key = station.do(register)
    trip(here, station, stick)
    assert station.get(agree.last_note) is None
    station.do(edit, key, mobile="13800000000")  # while the claim lies on the stick
    trip(here, station, stick)
    note = station.get(agree.last_note)
    assert (note["differs"], note["figures"]) == (0, [])
    trip(here, station, stick)
    trip(here, station, stick)
    assert station.get(agree.standing).people == 1
    assert not list(stick.glob("*-checked*"))


def test_what_either_side_lost_comes_back_by_stick(here: World, stick: Path) -> None:
    station, keys = a_station(here)
    behind_the_back(station, delete(table_of(Retiree)).where(table_of(Retiree).c.id == keys[0]))
    for entity, column in ((Retiree, Retiree.id), (Change, Change.entity_id)):
        behind_the_back(here.node, delete(table_of(entity)).where(column == keys[1]))
    station.do(edit, keys[2], mobile="13800000000")
    for _ in range(4):
        trip(here, station, stick)
        station.do(edit, keys[3], mobile="13900000000")
    for node in (station, here.node):
        assert node.person(keys[0]) is not None
        assert node.person(keys[1]) is not None


def test_a_stick_that_takes_nothing_more_is_read_to_its_end(here: World, stick: Path) -> None:
    station, keys = a_station(here)
    pack_stick(station.store, station.keys, stick, station.code)
    station.do(edit, keys[0], mobile="13800000000")
    pack_stick(station.store, station.keys, stick, station.code)
    (claim,) = stick.glob("*-check.sangyu")
    (stick / claim.name.replace("-check.", "-checked.")).with_suffix(".sangyu.part").mkdir()
    done = sticks.unpack_stick(here.centre, stick)
    assert done.entries == 1
    assert [name for name, _ in done.refused] == [claim.name]
    assert here.node.person(keys[0]).mobile == "13800000000"  # type: ignore[union-attr]


def test_a_comparison_that_came_too_late_is_not_believed(here: World, stick: Path) -> None:
    station, keys = a_station(here)
    pack_stick(station.store, station.keys, stick, station.code)
    behind_the_back(here.node, delete(table_of(Retiree)).where(table_of(Retiree).c.id == keys[1]))
    sticks.unpack_stick(here.centre, stick)
    here.node.do(edit, keys[0], mobile="13900000000")
    here.sync(station)  # by network in between
    before = station.get(lambda session: session.scalar(select(func.count()).select_from(Change)))
    unpack_stick(station.store, station.keys, stick, here.folder / "inbox", station.code)
    assert station.get(agree.last_note) is None
    after = station.get(lambda session: session.scalar(select(func.count()).select_from(Change)))
    assert after == before


# P14: digests are equal where the tables are, and the rows that differ are found ------------------

AT, OF = some.integers(0, 23), some.sampled_from(("station", "centre"))
LOST = some.tuples(OF, some.just("lost"), AT, some.none())
MOVED = some.tuples(OF, some.just("elsewhere"), AT, some.none())
STAMPED = some.tuples(OF, some.just("stamped"), AT, some.sampled_from(("way", "visitors", "*")))
# a stamp that says no more than the change that made the record
SAID_TWICE = some.tuples(OF, some.just("said twice"), AT, some.sampled_from(("way", "visitors")))
VISITS = table_of(Visit)


def change(node: Node, what: str, key: str, name: str | None) -> None:
    """What a broken disk or an error of ours might do."""
    this = VISITS.c.id == key
    stamps = node.get(lambda s: s.scalar(select(VISITS.c.stamps).where(this)))
    if stamps is None:
        return
    if what == "lost":
        behind_the_back(node, delete(VISITS).where(this))
    elif what == "elsewhere":
        behind_the_back(node, update(VISITS).where(this).values(office_id=new_id()))
    else:
        said = {**stamps, name: new_id() if what == "stamped" else stamps["*"]}
        behind_the_back(node, update(VISITS).where(this).values(stamps=said))


def shared(node: Node, office_id: str) -> dict[str, dict[str, str]]:
    """By id: the change behind every field of a visit."""
    query = select(VISITS.c.id, VISITS.c.stamps).where(VISITS.c.office_id == office_id)
    rows = node.get(lambda s: s.execute(query).all())
    names = wire_fields(VISITS)
    return {key: {one: said.get(one, said["*"]) for one in names} for key, said in rows}


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(changes=some.lists(some.one_of(LOST, MOVED, STAMPED, SAID_TWICE), max_size=6))
def test_digests_are_equal_where_the_tables_are_and_each_row_that_differs_is_found(
    changes: list[tuple[str, str, int, str | None]], visited: tuple[World, Node]
) -> None:
    here, station = visited
    sides, office = {"station": station, "centre": here.node}, station.desk.office_id
    before = {one: node.get(_visits) for one, node in sides.items()}
    keys = sorted(shared(station, office))
    try:
        for side, what, at, name in changes:
            change(sides[side], what, keys[at], name)
        ours, theirs = (shared(node, office) for node in sides.values())
        differ = {key for key in {*ours, *theirs} if ours.get(key) != theirs.get(key)}
        mine, its = (node.get(lambda s: buckets(s, office, SCHEMA)) for node in sides.values())
        assert (mine == its) is not bool(differ)
        with station.store.look() as session:
            said = agree.claim(session, station.keys, here.card, station.code)
        answer = here.centre.accept(said).data
        with station.store.look() as session:
            reply = agree.read_reply(session, station.keys, here.card, answer)
            found = agree.compare(session, reply, pack.read(answer).header)
        assert found.compared
        assert sorted(found.differing) == sorted((Visit.__tablename__, key) for key in differ)
    finally:
        for one, node in sides.items():
            behind_the_back(node, delete(VISITS))
            behind_the_back(node, insert(VISITS).values(before[one]))


def _visits(session: Session) -> list[dict[str, Any]]:
    return [dict(row) for row in session.execute(select(VISITS)).mappings()]


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Node]]:
    """A station with two dozen visits that its centre has as well."""
    here = world(tmp_path_factory.mktemp("compared"))
    station, keys = a_station(here, 1)
    for _ in range(24):
        station.do(lambda session: session.add(visit(keys[0])))
    for _ in range(2):
        here.sync(station)
    yield here, station
    here.centre.store.close()
