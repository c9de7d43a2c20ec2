"""What was said in an older schema is said as today wherever it was kept meanwhile: from schema 1
to schema 3 a field gets another name, one is parted in two, and two codes become another."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app import handover, movement, ruling, undo
from app.kit.who import Desk
from models import exchange, schema
from models.exchange import Replica
from models.ruling import OTHER
from models.schema import Said, Step, lift
from sync import salvage
from sync.centre.telling import downlink
from sync.station import inbox
from tests.sync import programs
from tests.sync.move_parts import ON, first_offer
from tests.sync.parts import (
    Node,
    World,
    copy_of,
    edit,
    found_in,
    old_file,
    put_back,
    register,
    world,
)
from tests.sync.programs import DIRECTOR, kept, meet, number, program, rows, start, visit

YOUNG = {"former_name": 2, "skills": 3, "hobbies": 3}
NUMBER = "51990219400101{:04d}"


def another(codes: dict[str, str]) -> Step:
    return Step(lambda code: codes.get(code, code))


STEPS: dict[tuple[str, str, int], Step] = {
    ("retiree", "education", 1): another({"90": "70"}),
    ("retiree", "education", 2): another({"70": "60"}),
    ("retiree", "name_note", 1): Step(made={"former_name": lambda note: note}),
    ("retiree", "native_place", 2): Step(
        made={
            "skills": lambda place: place.partition("/")[0],
            "hobbies": lambda place: place.partition("/")[2] or None,
        }
    ),
    ("retiree", "bank", 2): another({"建行": "建设银行"}),
    ("retiree", "door_note", 2): another({"敲": "敲门"}),
    ("visit", "way", 2): another({"9": "1"}),
}


@pytest.fixture(autouse=True)
def _steps(monkeypatch: pytest.MonkeyPatch) -> None:
    young = {**programs.FIELDS["retiree"], **YOUNG}
    monkeypatch.setitem(programs.FIELDS, "retiree", young)
    for (noun, name, age), step in STEPS.items():
        monkeypatch.setitem(schema.STEPS, (noun, name, number(age)), step)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    made = world(tmp_path)
    yield made
    made.centre.store.close()


def says(node: Node, age: int, key: str, **values: Any) -> None:
    """An edit by a program of this age; what is made of a field it writes as well."""
    if age > 1 and "name_note" in values:
        values["former_name"] = values["name_note"]
    with program(age):
        node.do(edit, key, **values)


def begins(node: Node, age: int) -> None:
    """The first start of a station's program of this age."""
    with program(age):
        inbox.after_upgrade(node.store)


def parts_of(node: Node, key: str) -> tuple[Any, ...]:
    person = node.person(key)
    assert person is not None
    names = ("education", "former_name", "skills", "hobbies", "door_note")
    return tuple(getattr(person, name) for name in names)


def test_a_field_that_is_made_of_another_follows_it() -> None:
    first, second, now = map(number, (1, 2, 3))
    made = lift("retiree", {"native_place": Said("琼/崖", "c2", first)}, now)
    assert made["skills"] == Said("琼", "c2", now)
    exact = {"native_place": Said("琼/崖", "c2", now), "skills": Said("琼州", "c2", now)}
    assert lift("retiree", exact, now) == exact
    over = {"native_place": Said("儋/州", "c3", first), "skills": Said("琼州", "c2", now)}
    assert lift("retiree", over, now)["skills"] == Said("儋", "c3", now)
    assert lift("retiree", {"native_place": Said(None, "c4", second)}, now)["hobbies"].value is None
    old = {"education": Said("90", "c1", first), "mobile": Said("1", "", first)}
    twice = lift("retiree", old, now)
    assert (twice["education"].value, twice["mobile"]) == ("60", Said("1", "", first))


@pytest.mark.parametrize("centre_is", [1, 2, 3])
def test_whenever_the_centre_learns_of_it_its_records_are_the_same(
    here: World, centre_is: int
) -> None:
    """P9 over two schemas: kept and put in later is as good as understood at once."""
    old, new = here.station("460203198001"), here.station("460203198002")
    begins(new, 3)
    start(here, centre_is)
    with program(1):
        mine = old.do(register, education="90", name_note="甲", native_place="琼/崖")
    with program(3):
        theirs = new.do(register, id_no=NUMBER.format(1), door_note="敲门", native_place="儋/州",
                        skills="儋耳", hobbies="州", education="60")  # fmt: skip
        new.do(visit, theirs)
    for one, age in ((old, 1), (new, 3)):
        meet(here, one, station_is=age, centre_is=centre_is)
    says(old, 1, mine, native_place="陵/水", education="70")
    says(new, 3, theirs, name_note="乙")
    for one, age in ((old, 1), (new, 3)):
        meet(here, one, station_is=age, centre_is=centre_is)
    assert set(old.outcomes() + new.outcomes()) == {"applied"}
    assert here.node.get(lambda s: s.scalars(select(exchange.Conflict)).all()) == []
    start(here, 3)
    assert kept(here.node) == 0
    assert parts_of(here.node, mine) == ("60", "甲", "陵", "水", None)
    assert parts_of(here.node, theirs) == ("60", "乙", "儋耳", "州", "敲门")
    begins(old, 3)
    for one in (old, new):
        meet(here, one, station_is=3, centre_is=3)
        office = one.desk.office_id
        held = [row for row in rows(here.node) if row["office_id"] == office]
        assert rows(one) == held


def test_what_is_deferred_at_one_schema_is_read_two_later(here: World) -> None:
    """The old side is upgraded over both at once; the words it kept are of the one between."""
    station, other = here.station("460203198001"), here.station("460203198002")
    begins(station, 2)
    with program(2):
        key = station.do(register, door_note="敲", bank="建行", name_note="甲", former_name="甲")
        station.do(visit, key, "9")
    meet(here, station, station_is=2, centre_is=1)
    assert kept(here.node) > 2
    with program(1):
        meet(here, other, station_is=1, centre_is=1)
    start(here, 3)
    assert kept(here.node) == 0
    person = here.node.person(key)
    assert person is not None
    assert (person.door_note, person.bank, person.former_name) == ("敲门", "建设银行", "甲")
    assert [row["way"] for row in rows(here.node, "visit")] == ["1"]
    begins(station, 3)
    meet(here, station, station_is=3, centre_is=3)
    assert rows(station) == rows(here.node)
    assert rows(station, "visit") == rows(here.node, "visit")


def test_an_old_station_reads_two_schemas_later_what_the_centre_between_had_said(
    here: World,
) -> None:
    """Also where that is told only after the centre had gone on itself."""
    station = here.station("460203198001")
    with program(1):
        key = station.do(register, education="90")
    meet(here, station, station_is=1, centre_is=2)
    says(here.node, 2, key, door_note="敲", name_note="乙")
    meet(here, station, station_is=1, centre_is=2)
    says(here.node, 2, key, bank="建行", education="70")
    with program(2), here.centre.store.apply() as session:
        downlink.tell_own(
            session,
            session.scalars(select(Replica)).one(),
            downlink.dispatch_of(session, station.desk.office_id),
        )
    start(here, 3)
    begins(station, 3)
    meet(here, station, station_is=3, centre_is=3)
    person = station.person(key)
    assert person is not None
    assert (person.door_note, person.bank, person.former_name) == ("敲门", "建设银行", "乙")
    assert person.education == "60"
    assert rows(station) == rows(here.node)


def test_a_newer_station_reads_an_older_centres_words_as_its_own(here: World) -> None:
    station = here.station("460203198001")
    with program(1):
        key = station.do(register)
    meet(here, station, station_is=1, centre_is=1)
    begins(station, 3)
    says(here.node, 1, key, education="90", native_place="琼/崖", name_note="丙")
    meet(here, station, station_is=3, centre_is=1)
    assert parts_of(station, key) == ("60", "丙", "琼", "崖", None)
    says(here.node, 1, key, native_place=None, name_note="丁")
    meet(here, station, station_is=3, centre_is=1)
    assert parts_of(station, key) == ("60", "丁", None, None, None)
    start(here, 3)
    meet(here, station, station_is=3, centre_is=3)
    assert rows(station) == rows(here.node)


def test_what_stands_in_a_dispute_is_shown_and_taken_as_today(here: World) -> None:
    """Both values were said before the centre knew the field, and one in each schema."""
    station = here.station("460203198001")
    begins(station, 2)
    with program(2):
        key = station.do(register, bank="农行")
    meet(here, station, station_is=2, centre_is=1)
    data = copy_of(station)
    says(station, 2, key, bank="工行")
    meet(here, station, station_is=2, centre_is=1)
    put_back(station, data)
    says(station, 2, key, bank="建行")
    meet(here, station, station_is=2, centre_is=1)
    start(here, 3)
    with program(3):
        here.node.desk = Desk(here.node.desk.account, "陈主任", here.centre.office_id, DIRECTOR)
        (item,) = here.node.do(ruling.slip, key).items
        assert (item.now.shown, [one.shown for one in item.others]) == ("工行", ["建设银行"])
        other = item.others[0]
        choice = ruling.Choice(item.key, OTHER, item.now.change_id, other.change_id)
        here.node.do(ruling.rule, key, [choice], "存折原件")
    person = here.node.person(key)
    assert person is not None
    assert person.bank == "建设银行"
    begins(station, 3)
    meet(here, station, station_is=3, centre_is=3)
    assert rows(station) == rows(here.node)


def test_an_old_backup_is_put_back_under_a_program_two_schemas_newer(here: World) -> None:
    station = here.station("460203198001")
    with program(1):
        key = station.do(register, education="90", native_place="琼/崖")
        data = copy_of(station)
        station.do(edit, key, name_note="丁")
    meet(here, station, station_is=1, centre_is=1)
    start(here, 3)
    put_back(station, data)
    begins(station, 3)
    assert parts_of(station, key) == ("60", None, "琼", "崖", None)
    meet(here, station, station_is=3, centre_is=3)
    assert parts_of(station, key) == ("60", "丁", "琼", "崖", None)
    assert rows(station) == rows(here.node)
    assert None not in station.outcomes()


def test_a_rescued_file_of_two_schemas_ago_is_offered_and_shown_as_today(
    here: World, tmp_path: Path
) -> None:
    station = here.station("460203198001")
    with program(1):
        key = station.do(register)
    meet(here, station, station_is=1, centre_is=1)
    backup = copy_of(station)
    with program(1):
        lost = station.do(register, id_no=NUMBER.format(1), education="90")
        station.do(edit, key, native_place="琼/崖", name_note="戊")
    old = old_file(tmp_path, copy_of(station))
    put_back(station, backup)
    start(here, 3)
    begins(station, 3)
    with program(3):
        found = found_in(station, old)
        with station.store.apply() as session:
            salvage.offer(session, found)
    assert parts_of(station, lost)[0] == "60"
    assert parts_of(station, key)[1:4] == ("戊", "琼", "崖")
    meet(here, station, station_is=3, centre_is=3)
    assert rows(station) == rows(here.node)
    assert None not in station.outcomes()


def test_a_centre_that_begins_anew_tells_what_it_keeps_of_each_schema(here: World) -> None:
    station = here.station("460203198001")
    begins(station, 2)
    with program(2):
        key = station.do(register, door_note="敲", bank="建行", name_note="己", former_name="己")
    meet(here, station, station_is=2, centre_is=1)
    with program(1), here.centre.store.apply() as session:
        exchange.new_epoch(session)
    begins(station, 3)
    meet(here, station, station_is=3, centre_is=1)
    person = station.person(key)
    assert person is not None
    assert (person.door_note, person.bank, person.former_name) == ("敲门", "建设银行", "己")
    start(here, 3)
    meet(here, station, station_is=3, centre_is=3)
    assert rows(station) == rows(here.node)


def test_a_late_change_of_an_older_program_is_adopted_as_today(here: World) -> None:
    old, new = here.station("460203198001"), here.station("460203198002")
    for node in (old, new):
        node.desk = Desk(node.desk.account, "刘桂兰", node.desk.office_id, frozenset({"head"}))
        meet(here, node, station_is=1, centre_is=1)
    with program(1):
        key = old.do(register)
        old.do(movement.moved_out, key, ON, f"{new.code}社区", "子女同住")
    for node in (old, new):
        meet(here, node, station_is=1, centre_is=1)
    with program(1):
        new.do(handover.take, new.get(first_offer))
        old.do(edit, key, education="90", native_place="琼/崖")
    for node in (new, old, new):
        meet(here, node, station_is=1, centre_is=1)
    begins(new, 3)
    with program(3):
        (row,) = new.do(handover.handovers, handover.LATE).rows
        new.do(handover.adopt, row.id)
    assert parts_of(new, key) == ("60", None, "琼", "崖", None)


def test_what_an_older_program_did_can_still_be_undone(here: World) -> None:
    station = here.station("460203198001")
    station.desk = Desk(station.desk.account, "刘桂兰", station.desk.office_id, frozenset({"head"}))
    with program(1):
        key = station.do(register, education="90", native_place="琼/崖")
        station.do(edit, key, native_place="陵/水", education="10")
    begins(station, 3)
    with program(3):
        assert parts_of(station, key) == ("10", None, "陵", "水", None)
        station.do(undo.undo)
    assert parts_of(station, key) == ("60", None, "琼", "崖", None)
