"""Programs of different age at both ends: nothing is refused, nothing is lost, and after the
upgrade everything is as if both had been new at once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import handover, movement, ruling
from app.kit.who import Desk
from models import schema
from models.employer import Employer
from models.exchange import Change, Conflict, Replica, Unread
from models.kit.stream import read_head
from models.schema import Step
from sync import later, message, pack, versions
from sync.centre import sticks, upgrade
from sync.centre.keeping.journal import Journal
from sync.centre.recall import Recalled, recall
from sync.centre_card import centre_card
from sync.fault import Fault
from sync.link import Link
from sync.message import FORMAT
from sync.station import agree, inbox
from sync.station.stick import pack_stick, unpack_stick
from tests.sync import programs
from tests.sync.move_parts import ON, first_offer
from tests.sync.parts import (
    Node,
    World,
    copy_of,
    edit,
    put_back,
    register,
    swap,
    world,
)
from tests.sync.people import propose, rename
from tests.sync.programs import (
    DIRECTOR,
    Between,
    kept,
    meet,
    number,
    program,
    rows,
    start,
    visit,
)
from tests.sync.views import projection

NEWER = FORMAT + 1


DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))
on_both = pytest.mark.parametrize("here", DATABASES, indirect=True)


@pytest.fixture
def here(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    """A centre, on the database the test asks for."""
    store = None
    if getattr(request, "param", "") == "postgresql":
        store = request.getfixturevalue("postgres_store")
    made = world(tmp_path, store)
    yield made
    made.centre.store.close()


def upgraded(node: Node) -> set[str]:
    """The first start of a station's program of schema 2."""
    with program(2), node.store.apply() as session:
        return inbox.catch_up(session)


@on_both
def test_an_older_centre_takes_what_it_knows_and_the_rest_after_its_upgrade(here: World) -> None:
    station = here.station("460203198001")
    with program(2):
        key = station.do(register, mobile="13800002617", door_note="敲门")
        station.do(visit, key)
        station.do(edit, key, door_note="按铃", mobile="13900006208")
    meet(here, station, station_is=2, centre_is=1)
    assert set(station.outcomes()) == {"applied"}
    person = here.node.person(key)
    assert person is not None
    assert (person.mobile, person.door_note) == ("13900006208", None)
    assert rows(here.node, "visit") == []
    assert kept(here.node) > 1
    start(here, 2)
    assert rows(here.node) == rows(station)
    assert rows(here.node, "visit") == rows(station, "visit")
    assert kept(here.node) == 0


@on_both
def test_an_older_station_keeps_a_newer_centres_words_until_its_upgrade(here: World) -> None:
    station = here.station("460203198001")
    with program(1):
        key = station.do(register, mobile="13800002617")
    meet(here, station, station_is=1, centre_is=2)
    with program(2):
        here.node.do(edit, key, door_note="敲门", mobile="13800000002")
        here.node.do(edit, key, door_note="按铃")
    meet(here, station, station_is=1, centre_is=2)
    person = station.person(key)
    assert person is not None
    assert (person.mobile, person.door_note) == ("13800000002", None)
    assert upgraded(station) == {"retiree"}
    assert station.person(key).door_note == "按铃"  # type: ignore[union-attr]
    assert rows(here.node) == rows(station)
    assert kept(station) == 0


@pytest.mark.parametrize("age", [1, 2])
def test_two_sides_edit_a_field_the_centre_does_not_know(here: World, age: int) -> None:
    """P9: what the centre decides is the same whenever it learns of the field."""
    first = here.station("460203198001")
    with program(2):
        key = first.do(register, door_note="一")
    meet(here, first, station_is=2, centre_is=age)
    with program(2):
        first.do(edit, key, door_note="二")
        first.do(edit, key, door_note="三", mobile="13800000002")
    meet(here, first, station_is=2, centre_is=age)
    assert first.outcomes() == ["applied"] * 3
    start(here, 2)
    assert here.node.person(key).door_note == "三"  # type: ignore[union-attr]
    assert rows(here.node) == rows(first)
    assert here.node.get(lambda s: s.scalar(select(func.count()).select_from(Conflict))) == 0


def test_what_a_newer_program_wrote_twice_is_decided_as_if_it_were_known(here: World) -> None:
    """Two copies of one station: each field by its own policy, for any age of the centre."""
    station = here.station("460203198001")
    with program(2):
        key = station.do(register, door_note="零", bank="零")
    meet(here, station, station_is=2, centre_is=1)
    data = copy_of(station)
    with program(2):
        station.do(edit, key, door_note="一", bank="一")
    meet(here, station, station_is=2, centre_is=1)
    put_back(station, data)
    with program(2):
        station.do(edit, key, door_note="二")
        station.do(edit, key, bank="二")
    meet(here, station, station_is=2, centre_is=1)
    start(here, 2)
    person = here.node.person(key)
    assert person is not None
    assert (person.door_note, person.bank) == ("二", "一")
    assert rows(here.node) == rows(station)


def test_an_older_word_that_was_kept_covers_no_newer_value(here: World) -> None:
    station = here.station("460203198001")
    with program(1):
        key = station.do(register)
    meet(here, station, station_is=1, centre_is=2)
    with program(2):
        here.node.do(edit, key, door_note="旧")
    meet(here, station, station_is=1, centre_is=2)
    with program(2):
        here.node.do(edit, key, door_note="新")
    meet(here, station, station_is=2, centre_is=2)
    assert station.person(key).door_note == "新"  # type: ignore[union-attr]
    upgraded(station)
    assert station.person(key).door_note == "新"  # type: ignore[union-attr]
    assert kept(station) == 0


def test_a_record_edited_after_the_upgrade_is_not_covered_by_what_was_kept(here: World) -> None:
    station = here.station("460203198001")
    with program(1):
        key = station.do(register)
    meet(here, station, station_is=1, centre_is=2)
    with program(2):
        here.node.do(edit, key, door_note="旧")
    meet(here, station, station_is=1, centre_is=2)
    with program(2):
        station.do(edit, key, door_note="本站写的")
    upgraded(station)
    assert station.person(key).door_note == "本站写的"  # type: ignore[union-attr]
    meet(here, station, station_is=2, centre_is=2)
    assert rows(here.node) == rows(station)


def test_words_in_an_unknown_format_are_read_again_in_order(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An own edit made and decided meanwhile stays the newest."""
    station = here.station("460203198001")
    key = station.do(register, mobile="13800000001", door_note="一")
    here.sync(station)
    here.node.do(edit, key, door_note="二", mobile="13800000002")
    plain = message.decode_item
    with monkeypatch.context() as older:
        older.setattr(later, "decode_item", lambda data: _unless_second(plain, data))
        here.sync(station)
        assert station.person(key).door_note == "一"  # type: ignore[union-attr]
        station.do(edit, key, mobile="13800000003")
        here.sync(station)
        here.node.do(edit, key, door_note="三")
        here.sync(station)
        assert station.person(key).door_note == "三"  # type: ignore[union-attr]
        assert station.get(lambda s: s.scalar(select(func.count()).select_from(Unread))) > 1
    with station.store.apply() as session:
        inbox.catch_up(session)
    assert station.get(lambda s: s.scalar(select(func.count()).select_from(Unread))) == 0
    assert rows(here.node) == rows(station)


def _unless_second(plain: Any, data: bytes) -> Any:
    item = plain(data)
    if getattr(item, "values", {}).get("door_note") == "二":
        raise msgspec.ValidationError("unknown tag")
    return item


@on_both
@pytest.mark.parametrize(("station_is", "centre_is"), [(1, 2), (2, 1)])
def test_programs_of_different_age_agree_on_what_both_know(
    here: World, station_is: int, centre_is: int
) -> None:
    station = here.station("460203198001")
    with program(station_is):
        key = station.do(register)
        if station_is == 2:
            station.do(edit, key, door_note="敲门")
            station.do(visit, key)
    meet(here, station, station_is=station_is, centre_is=centre_is)
    if centre_is == 2:
        with program(2):
            here.node.do(edit, key, door_note="按铃")
    meet(here, station, station_is=station_is, centre_is=centre_is)
    meet(here, station, station_is=station_is, centre_is=centre_is)
    with program(station_is), station.store.look() as session:
        card = centre_card(session)
    line: Link = Between(here, centre_is)
    with program(station_is):
        agreed = agree.over(station.store, station.keys, card, line, station.code)
    assert agreed is not None
    assert (agreed.compared, agreed.differs) == (True, 0)


def test_each_side_names_the_program_to_upgrade(here: World) -> None:
    station = here.station("460203198001")

    def said() -> str:
        return versions.behind(
            station.get(lambda s: s.scalars(select(Replica)).one().centre_schema)
        )

    meet(here, station, station_is=1, centre_is=2)
    with program(1):
        assert said().startswith("本站的程序需要升级")
    meet(here, station, station_is=2, centre_is=1)
    with program(2):
        assert said().startswith("区中心的程序需要升级")
    meet(here, station, station_is=2, centre_is=2)
    with program(2):
        assert said() == ""


@on_both
def test_a_file_of_a_newer_format_is_kept_and_read_after_the_upgrade(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = here.station("460203198001")
    key = station.do(register)
    with monkeypatch.context() as newer:
        newer.setattr(pack, "close", _close_as_newer(pack.close))
        with pytest.raises(Fault, match="区中心的程序需要升级"):
            here.sync(station)
    assert here.node.person(key) is None
    assert upgrade.after_upgrade(here.centre) == 0
    monkeypatch.setattr(pack, "FORMAT", NEWER)
    assert upgrade.after_upgrade(here.centre) == 1
    assert here.node.person(key) is not None
    assert upgrade.after_upgrade(here.centre) == 0
    here.sync(station)
    assert station.outcomes() == ["applied"]


def test_an_answer_of_a_newer_format_stays_on_the_stick(
    here: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = here.station("460203198001")
    station.do(register)
    folder, came = tmp_path / "stick", tmp_path / "came"
    folder.mkdir()
    pack_stick(station.store, station.keys, folder, station.code)
    sticks.unpack_stick(here.centre, folder)
    with monkeypatch.context() as newer:
        newer.setattr(pack, "close", _close_as_newer(pack.close))
        newer.setattr(pack, "FORMAT", NEWER)
        sticks.pack_stick(here.centre, folder)
    there = sorted(path.name for path in folder.iterdir())
    done = unpack_stick(station.store, station.keys, folder, came, station.code)
    assert [text for _, text in done.refused] == [
        "数据包来自更新的版本，本站的程序需要升级。数据包原样留着，资料没有影响，升级后再读"
    ]
    assert sorted(path.name for path in folder.iterdir()) == there
    monkeypatch.setattr(pack, "FORMAT", NEWER)
    unpack_stick(station.store, station.keys, folder, came, station.code)
    assert station.outcomes() == ["applied"]


def _close_as_newer(plain: Any) -> Any:
    return lambda keys, header, sealed: plain(
        keys, msgspec.structs.replace(header, format=NEWER, min_reader=NEWER), sealed
    )


def test_an_older_entry_is_said_as_today_and_keeps_its_bytes(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = here.station("460203198001")
    with program(1):
        key = station.do(register, mobile=" 13800002617 ")
    written = station.get(lambda s: s.scalars(select(Change.head)).all())
    monkeypatch.setitem(schema.STEPS, ("retiree", "mobile", number(1)), Step(str.strip))
    meet(here, station, station_is=2, centre_is=2)
    assert here.node.person(key).mobile == "13800002617"  # type: ignore[union-attr]
    stored = here.node.get(
        lambda s: s.scalars(select(Change.head).where(Change.entity_id == key)).all()
    )
    assert stored == written
    assert [read_head(one).schema for one in stored] == [number(1)]


def restarted(here: World, data: bytes, schema: int) -> Recalled | None:
    """The centre's database put back behind its back, and its service begun."""
    swap(here.node, data)
    here.centre.store = here.node.store
    with program(schema):
        done = recall(here.centre)
        upgrade.after_upgrade(here.centre)
    return done


def busy(here: World) -> str:
    """Two stations with newer programs change what only they know, one of them too late."""
    one, two = here.stations
    with program(2):
        key = one.do(register, door_note="一")
        one.do(visit, key)
        firm = one.do(propose)
    for station in (one, two):
        meet(here, station, station_is=2, centre_is=1)
    with program(2):
        one.do(rename, firm, "甲")
        two.do(rename, firm, "乙")
    for station in (two, one, two):
        meet(here, station, station_is=2, centre_is=1)
    return str(key)


def test_played_again_by_a_newer_program_every_verdict_is_the_same(
    here: World, tmp_path: Path
) -> None:
    """It was said by the program of its day, up to the upgrade that is kept with it."""
    here.centre.journal = Journal(tmp_path / "raw")
    one, two = here.station("460203198001"), here.station("460203198002")
    data = copy_of(here.node)
    key = busy(here)
    assert {"conflict-kept"} < set(one.outcomes() + two.outcomes())
    assert kept(here.node) > 0
    start(here, 2)
    with program(2):
        one.do(edit, key, door_note="二")
    meet(here, one, station_is=2, centre_is=2)
    before = projection(here), rows(here.node, "visit")
    done = restarted(here, data, 2)
    assert done is not None
    assert (projection(here), rows(here.node, "visit")) == before
    assert kept(here.node) == 0
    for station in (one, two):
        meet(here, station, station_is=2, centre_is=2)
        assert rows(station, "employer") == rows(here.node, "employer")
    assert rows(one, "visit") == rows(here.node, "visit")
    assert restarted(here, copy_of(here.node), 2) is None


def test_played_again_before_the_upgrade_it_is_kept_as_before(here: World, tmp_path: Path) -> None:
    here.centre.journal = Journal(tmp_path / "raw")
    one, _ = here.station("460203198001"), here.station("460203198002")
    data = copy_of(here.node)
    busy(here)
    before, waited = projection(here), kept(here.node)
    assert restarted(here, data, 1) is not None
    assert projection(here) == before
    assert kept(here.node) == waited
    start(here, 2)
    meet(here, one, station_is=2, centre_is=2)
    assert rows(here.node) == rows(one)


def test_what_a_newer_program_was_kept_by_is_not_played_by_an_older(
    here: World, tmp_path: Path
) -> None:
    here.centre.journal = Journal(tmp_path / "raw")
    station = here.station("460203198001")
    data = copy_of(here.node)
    meet(here, station, station_is=2, centre_is=2)
    with pytest.raises(Fault, match="区中心的程序需要升级"):
        restarted(here, data, 1)


def test_a_centre_put_back_takes_from_no_station_what_it_only_keeps(here: World) -> None:
    """Nothing beside it remembers; what stands is told whole, what is kept included."""
    one, two = here.station("460203198001"), here.station("460203198002")
    key = busy(here)
    data = copy_of(here.node)
    with program(2):
        one.do(edit, key, mobile="13800000009", door_note="五")
    meet(here, one, station_is=2, centre_is=1)
    shown = rows(one), rows(one, "visit")
    restarted(here, data, 1)
    for station in (one, two):
        assert meet(here, station, station_is=2, centre_is=1).begun
    assert (rows(one), rows(one, "visit")) == shown
    start(here, 2)
    for station in (one, two):
        assert rows(station, "employer") == rows(here.node, "employer")
        assert None not in station.outcomes()
    assert (rows(here.node), rows(here.node, "visit")) == shown


def test_what_the_lost_centre_had_said_to_an_older_station_is_no_longer_kept(here: World) -> None:
    station = here.station("460203198001")
    with program(1):
        key = station.do(register)
    meet(here, station, station_is=1, centre_is=2)
    with program(2):
        here.node.do(edit, key, door_note="旧")
    meet(here, station, station_is=1, centre_is=2)
    data = copy_of(here.node)
    with program(2):
        here.node.do(edit, key, door_note="新", bank="新")
    meet(here, station, station_is=1, centre_is=2)
    restarted(here, data, 2)
    with program(1):
        station.do(edit, key, mobile="13800000001")  # the centre learns by it
    assert meet(here, station, station_is=1, centre_is=2).begun
    upgraded(station)
    assert station.person(key).door_note == "旧"  # type: ignore[union-attr]
    assert rows(here.node) == rows(station)


def test_what_the_lost_centre_had_said_of_somebody_it_forgot_is_no_longer_kept(
    here: World,
) -> None:
    station = here.station("460203198001")
    meet(here, station, station_is=1, centre_is=2)
    data = copy_of(here.node)
    with program(1):
        key = station.do(register)
    meet(here, station, station_is=1, centre_is=2)
    with program(2):
        here.node.do(edit, key, door_note="新")
    meet(here, station, station_is=1, centre_is=2)
    restarted(here, data, 2)
    meet(here, station, station_is=1, centre_is=2)
    meet(here, station, station_is=1, centre_is=2)
    upgraded(station)
    assert station.person(key).door_note is None  # type: ignore[union-attr]
    assert rows(here.node) == rows(station)


def test_words_in_an_unknown_format_are_forgotten_where_the_centre_says_them_again(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = here.station("460203198001")
    key = station.do(register, door_note="一")
    here.sync(station)
    data = copy_of(here.node)
    here.node.do(edit, key, door_note="二")
    plain = message.decode_item
    with monkeypatch.context() as older:
        older.setattr(later, "decode_item", lambda item: _unless_second(plain, item))
        here.sync(station)
    restarted(here, data, 1)
    assert here.sync(station).begun
    with station.store.apply() as session:
        inbox.catch_up(session)
    assert station.person(key).door_note == "一"  # type: ignore[union-attr]
    assert rows(here.node) == rows(station)


def test_a_station_put_back_under_an_older_program_keeps_what_it_had_written(here: World) -> None:
    station = here.station("460203198001")
    with program(1):
        key = station.do(register)
    meet(here, station, station_is=1, centre_is=2)
    data = copy_of(station)
    with program(2):
        station.do(edit, key, door_note="一", mobile="13800000001")
        station.do(visit, key)
    meet(here, station, station_is=2, centre_is=2)
    put_back(station, data)
    meet(here, station, station_is=1, centre_is=2)
    person = station.person(key)
    assert person is not None
    assert (person.mobile, person.door_note) == ("13800000001", None)
    assert upgraded(station) == {"retiree", "visit"}
    assert rows(station) == rows(here.node)
    assert rows(station, "visit") == rows(here.node, "visit")


@on_both
def test_what_all_share_and_the_centre_did_not_know_reaches_everybody_by_its_upgrade(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "NOUNS", {Employer})
    one, two = here.station("460203198001"), here.station("460203198002")
    with program(2):
        key = one.do(propose)
    for station in (one, two):
        meet(here, station, station_is=2, centre_is=1)
    assert rows(two, "employer") == []
    for station in (one, two):
        meet(here, station, station_is=2, centre_is=2)
    assert [row["name"] for row in rows(two, "employer")] == ["市棉纺织厂"]
    assert rows(here.node, "employer") == rows(two, "employer") == rows(one, "employer")
    with program(2):
        two.do(rename, key, "乙")
    for station in (two, one):
        meet(here, station, station_is=2, centre_is=2)
    assert rows(one, "employer") == rows(two, "employer")


@on_both
def test_a_dispute_over_what_the_centre_does_not_know_waits_for_its_upgrade(here: World) -> None:
    here.station("460203198001")
    here.station("460203198002")
    busy(here)
    here.node.desk = Desk(here.node.desk.account, "陈主任", here.centre.office_id, DIRECTOR)

    def found(session: Session) -> int:
        session.info["desk"] = here.node.desk
        return ruling.slips(session, ruling.AUTO).total

    assert here.node.get(found) == 0
    start(here, 2)
    assert here.node.get(found) == 1


def test_a_file_refused_once_and_read_after_the_upgrade_is_kept_beside_the_database(
    here: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.centre.journal = Journal(tmp_path / "raw")
    station = here.station("460203198001")
    data = copy_of(here.node)
    key = station.do(register)
    with monkeypatch.context() as newer:
        newer.setattr(pack, "close", _close_as_newer(pack.close))
        with pytest.raises(Fault, match="区中心的程序需要升级"):
            here.sync(station)
    monkeypatch.setattr(pack, "FORMAT", NEWER)
    assert upgrade.after_upgrade(here.centre) == 1
    assert restarted(here, data, 1) is not None
    assert here.node.person(key) is not None


def two_heads(here: World, *, station_is: int, centre_is: int) -> tuple[Node, Node]:
    """Two stations whose heads know each other's names."""
    old, new = here.station("460203198001"), here.station("460203198002")
    for node in (old, new):
        node.desk = Desk(node.desk.account, "刘桂兰", node.desk.office_id, frozenset({"head"}))
        meet(here, node, station_is=station_is, centre_is=centre_is)
    return old, new


def test_a_person_goes_to_another_station_with_what_an_older_centre_only_keeps(
    here: World,
) -> None:
    old, new = two_heads(here, station_is=2, centre_is=1)
    with program(2):
        key = old.do(register, door_note="一")
        old.do(visit, key)
        old.do(movement.moved_out, key, ON, f"{new.code}社区", "子女同住")
    for node in (old, new):
        meet(here, node, station_is=2, centre_is=1)
    with program(2):
        new.do(handover.take, new.get(first_offer))
    for node in (new, old, new):
        meet(here, node, station_is=2, centre_is=1)
    assert new.person(key).door_note == "一"  # type: ignore[union-attr]
    start(here, 2)
    assert rows(here.node) == rows(new)
    assert rows(here.node, "visit") == rows(new, "visit")
    assert len(rows(new, "visit")) == 1


def test_what_an_older_station_only_keeps_of_somebody_goes_with_them(here: World) -> None:
    """After its upgrade nothing of it would be for the station any more."""
    old, new = two_heads(here, station_is=1, centre_is=2)
    with program(1):
        key = old.do(register)
    meet(here, old, station_is=1, centre_is=2)
    with program(2):
        here.node.do(edit, key, door_note="五")
    meet(here, old, station_is=1, centre_is=2)
    assert kept(old) > 0
    with program(1):
        old.do(movement.moved_out, key, ON, f"{new.code}社区", "子女同住")
    for node in (old, new):
        meet(here, node, station_is=1, centre_is=2)
    with program(1):
        new.do(handover.take, new.get(first_offer))
    for node in (new, old):
        meet(here, node, station_is=1, centre_is=2)
    assert kept(old) == 0 < kept(new)
    for node in (old, new):
        upgraded(node)
    assert [node.person(key).door_note for node in (old, new)] == [None, "五"]  # type: ignore[union-attr]
