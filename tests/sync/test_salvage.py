"""找回: an old database, a damaged one, a forgotten stick; nothing counts twice."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import attachment as contents
from models import emptying, exchange
from models.attachment import Blob
from models.exchange import Change
from models.kit.db import Store, open_file
from models.retiree import Retiree
from sync import pack, salvage
from sync.fault import Fault
from sync.keys import Keys
from sync.salvage import Salvage
from sync.station import old_contents, outbox
from sync.station.stick import pack_stick
from tests.sync.parts import (
    KEY,
    Node,
    World,
    copy_of,
    edit,
    found_in,
    old_file,
    put_back,
    register,
    swap,
)
from tests.sync.people import hang, has
from ui.exchange.with_centre import Exchange

NUMBER = "51990219400101{:04d}"


def take(node: Node, found: Salvage) -> set[str]:
    with node.store.apply() as session:
        return salvage.offer(session, found)


def people(node: Node, office: str = "") -> list[str]:
    query = select(Retiree.name).order_by(Retiree.name)
    query = query.where(Retiree.office_id == office) if office else query
    return node.get(lambda session: list(session.scalars(query)))  # type: ignore[no-any-return]


def test_what_only_the_lost_copy_had_comes_back_and_is_reported(
    here: World, tmp_path: Path
) -> None:
    station = here.station("460203198001")
    station.do(register, name="甲", id_no=NUMBER.format(1))
    here.sync(station)
    backup = copy_of(station)
    key = station.do(register, name="乙", id_no=NUMBER.format(2))
    station.do(edit, key, mobile="13800000002")
    lost = copy_of(station)
    put_back(station, backup)
    station.do(register, name="丙", id_no=NUMBER.format(3))
    found = found_in(station, old_file(tmp_path, lost))
    assert len(found.lacking) == 2
    assert found.records("retiree") == [key]
    assert (found.torn, found.spoilt) == (0, 0)
    assert "retiree" in take(station, found)
    assert people(station) == ["丙", "乙", "甲"]
    here.sync(station)
    assert people(here.node, station.desk.office_id) == ["丙", "乙", "甲"]
    person = here.node.person(key)
    assert person is not None
    assert person.mobile == "13800000002"
    assert None not in station.outcomes()


def test_offered_twice_it_is_there_once(here: World, tmp_path: Path) -> None:
    station = here.station("460203198001")
    backup = copy_of(station)
    station.do(register, name="乙", id_no=NUMBER.format(2))
    lost = copy_of(station)
    put_back(station, backup)
    old = old_file(tmp_path, lost)
    take(station, found_in(station, old))
    here.sync(station)
    again = found_in(station, old)
    assert again.lacking == []
    assert again.known > 0
    assert take(station, again) == set()
    assert people(here.node, station.desk.office_id) == ["乙"]


def test_what_the_centre_had_all_the_time_keeps_its_first_verdict(
    here: World, tmp_path: Path
) -> None:
    """Reported, then the file was put back, and salvaged before the centre was asked."""
    station = here.station("460203198001")
    backup = copy_of(station)
    key = station.do(register, name="乙", id_no=NUMBER.format(2))
    here.sync(station)
    here.node.do(edit, key, mobile="13900000000")
    reported = copy_of(station)
    put_back(station, backup)
    take(station, found_in(station, old_file(tmp_path, reported)))
    here.sync(station)
    here.sync(station)
    assert people(here.node, station.desk.office_id) == ["乙"]
    seen = station.person(key)
    assert seen is not None
    assert seen.mobile == "13900000000"
    assert None not in station.outcomes()


def test_a_newer_value_on_screen_is_not_overlaid(here: World, tmp_path: Path) -> None:
    station = here.station("460203198001")
    key = station.do(register, name="甲", id_no=NUMBER.format(1))
    here.sync(station)
    backup = copy_of(station)
    station.do(edit, key, mobile="13800000001", door_note="旧文件里写的")
    lost = copy_of(station)
    put_back(station, backup)
    station.do(edit, key, mobile="13800000009")
    take(station, found_in(station, old_file(tmp_path, lost)))
    seen = station.person(key)
    assert seen is not None
    assert (seen.mobile, seen.door_note) == ("13800000009", "旧文件里写的")
    here.sync(station)
    there = here.node.person(key)
    assert there is not None
    assert there.door_note == "旧文件里写的"
    assert there.mobile == station.person(key).mobile  # type: ignore[union-attr]


def test_what_wins_over_a_value_read_meanwhile_is_on_both_screens(
    here: World, tmp_path: Path
) -> None:
    station = here.station("460203198001")
    key = station.do(register, name="甲", id_no=NUMBER.format(1))
    here.sync(station)
    backup = copy_of(station)
    here.node.do(edit, key, door_note="区中心写的")
    station.do(edit, key, door_note="本站后来写的")
    lost = copy_of(station)
    put_back(station, backup)
    here.sync(station)
    take(station, found_in(station, old_file(tmp_path, lost)))
    here.sync(station)
    shown = [node.person(key).door_note for node in (here.node, station)]  # type: ignore[union-attr]
    assert shown == ["本站后来写的"] * 2


def test_a_forgotten_stick_is_enough(here: World, tmp_path: Path) -> None:
    station = here.station("460203198001")
    backup = copy_of(station)
    station.do(register, name="乙", id_no=NUMBER.format(2))
    stick = tmp_path / "stick"
    stick.mkdir()
    pack_stick(station.store, station.keys, stick, station.code)
    (stick / "notes.sangyu").write_bytes(b"PK\x03\x04")
    put_back(station, backup)
    found = way(station).in_folder(stick)
    assert (len(found.lacking), found.spoilt) == (1, 1)
    assert found.span is not None
    take(station, found)
    here.sync(station)
    assert people(here.node, station.desk.office_id) == ["乙"]


def test_what_somebody_else_put_under_our_name_is_not_offered(here: World, tmp_path: Path) -> None:
    station = here.station("460203198001")
    backup = copy_of(station)
    station.do(register, name="乙", id_no=NUMBER.format(2))
    with station.store.look() as session:
        (part,) = outbox.parts(session, station.keys, here.card, station.code)
    ours = pack.read(part.data)
    forged = pack.write(Keys.new(), ours.header, ours.plain(station.keys), [station.keys.recipient])
    put_back(station, backup)
    stick = tmp_path / "stick"
    stick.mkdir()
    (stick / part.name).write_bytes(forged)
    found = way(station).in_folder(stick)
    assert (found.is_any, found.spoilt) == (False, 1)
    (stick / part.name).write_bytes(part.data)
    assert way(station).in_folder(stick).is_any


def test_what_another_computer_of_the_office_wrote_is_told_as_that(
    here: World, tmp_path: Path
) -> None:
    first = here.station("460203198001")
    first.do(register, name="乙", id_no=NUMBER.format(2))
    stick = tmp_path / "stick"
    stick.mkdir()
    pack_stick(first.store, first.keys, stick, first.code)
    found = way(here.new_pc(first)).in_folder(stick)
    assert (found.is_any, found.spoilt, found.elsewhere) == (False, 0, 1)
    assert salvage.lines(found) == [
        "这台电脑没有读到要找回的录入",
        "有 1 个数据包是本站另一台电脑写的，请带到区中心读入",
    ]


def test_of_an_action_torn_apart_nothing_is_offered(here: World) -> None:
    station = here.station("460203198001")
    before = copy_of(station)
    station.do(register, name="乙", id_no=NUMBER.format(2))
    entries, _ = salvage.of_store(station.store, station.desk.office_id)
    whole = [one for one in entries if one.head.parts > 1] or entries
    swap(station, before)
    half = [one for one in whole if one.head.part > 0]
    found = station.get(lambda session: salvage.compare(session, half))
    assert found.lacking == []
    assert found.torn == len(half)


@pytest.fixture
def photographed(here: World) -> tuple[Node, list[str], bytes]:
    """Two photographs were taken after the backup that the station was put back to; of its own
    file only a copy is left."""
    station = here.station("460203198001")
    backup = copy_of(station)
    names = hang(station, 2)
    lost = copy_of(station)
    stick = here.folder / "stick"
    stick.mkdir()
    pack_stick(station.store, station.keys, stick, station.code)
    put_back(station, backup)
    return station, names, lost


def way(node: Node) -> Exchange:
    nothing = cast("Any", None)
    return Exchange(node.store, node.desk, node.keys, node.code, Path(), nothing, nothing)


def of_a_stick(node: Node, folder: Path, _lost: bytes) -> Salvage:
    return way(node).in_folder(folder / "stick")


def of_a_file(node: Node, folder: Path, lost: bytes) -> Salvage:
    return looked_into(node, old_file(folder, lost))


def looked_into(node: Node, old: Store) -> Salvage:
    office = node.desk.office_id
    bring = partial(old_contents.of_store, old, office)
    return old_contents.look_for(node.store, office, found_in(node, old), bring)


@pytest.mark.parametrize("of", [of_a_file, of_a_stick])
def test_a_photograph_comes_back_with_its_record(
    of: Callable[[Node, Path, bytes], Salvage],
    here: World,
    photographed: tuple[Node, list[str], bytes],
) -> None:
    station, names, lost = photographed
    found = of(station, here.folder, lost)
    assert (sorted(found.contents), found.absent) == (sorted(names), 0)
    assert "连同照片和附件的内容 2 份" in salvage.lines(found)
    way(station).take_back(found)
    assert has(station, station.desk.office_id, names) == {*names}
    here.sync(station)
    assert has(here.node, station.desk.office_id, names) == {*names}
    assert station.get(outbox.waiting) == 0


def test_a_photograph_that_did_not_come_back_is_not_counted_as_reported_and_said(
    here: World, photographed: tuple[Node, list[str], bytes]
) -> None:
    station, names, lost = photographed
    old = old_file(here.folder, lost)
    with old.apply() as session:
        session.query(Blob).filter(Blob.sha256 == names[0]).delete()
        contents.mark(session, station.desk.office_id, names[1:], data=b"spoilt on that disk")
    found = looked_into(station, old)
    assert (found.contents, found.absent) == ([], 2)
    assert any("2 份照片和附件的内容不在里面" in line for line in salvage.lines(found))
    way(station).take_back(found)
    here.sync(station)
    assert station.get(outbox.waiting) == 2
    again = of_a_stick(station, here.folder, b"")
    assert (again.lacking, sorted(again.contents)) == ([], sorted(names))
    way(station).take_back(again)
    here.sync(station)
    assert station.get(outbox.waiting) == 0
    assert has(here.node, station.desk.office_id, names) == {*names}


def test_what_hangs_on_somebody_who_was_erased_does_not_come_back(
    here: World, photographed: tuple[Node, list[str], bytes]
) -> None:
    station, _, lost = photographed
    old = old_file(here.folder, lost)
    with old.look() as session:
        person = session.scalars(select(Retiree.id)).one()
    with station.store.apply() as session:
        emptying.erase(session, person)
    found = looked_into(station, old)
    assert (found.contents, found.absent) == ([], 0)


def test_another_stations_file_is_refused(here: World) -> None:
    one, other = here.station("460203198001"), here.station("460203198002")
    with pytest.raises(Fault, match="别的站点"):
        salvage.of_store(other.store, one.desk.office_id)


def test_a_damaged_file_gives_what_its_pages_still_hold(here: World, tmp_path: Path) -> None:
    """Whichever page is bad: all that is told as found comes in, and nothing else."""
    station = here.station("460203198001")
    backup = copy_of(station)
    for number in range(60):
        station.do(register, name=f"人{number}", id_no=NUMBER.format(number))
    data = copy_of(station)
    put_back(station, backup)
    kept = []
    for one in each_page_bad(data, tmp_path):
        try:
            kept.append(found_in(station, one))
        except Fault as fault:
            assert "文件请留着" in fault.message  # noqa: PT017
    assert any(one.spoilt and 20 < len(one.lacking) < 60 for one in kept)
    assert all(len(one.lacking) == 60 or one.spoilt or one.torn for one in kept)
    worst = min(kept, key=lambda one: len(one.lacking) or 60)
    take(station, worst)
    here.sync(station)
    there = people(here.node, station.desk.office_id)
    assert there == people(station)
    assert len(there) == len(worst.records("retiree"))


def test_what_lies_behind_a_long_hole_is_found_too(here: World, tmp_path: Path) -> None:
    station = here.station("460203198001")

    def many(session: Session) -> None:
        for number in range(260):
            register(session, name=f"人{number}", id_no=None)

    for _ in range(2):
        station.do(many)
    with station.store.apply() as session:
        session.query(Change).filter(Change.seq.between(100, 400)).delete()
    station.store.scrub()
    backs = []
    for one in each_page_bad(copy_of(station), tmp_path):
        try:
            entries, spoilt = salvage.of_store(one, station.desk.office_id)
        except Fault:
            continue
        if spoilt:
            assert len(entries) + spoilt >= 219  # nothing goes without a word
            backs.append(any(each.seq > 400 for each in entries))
    assert any(backs)


def each_page_bad(data: bytes, folder: Path) -> Iterator[Store]:
    """The file with one page spoilt, for every page but the first."""
    for number, at in enumerate(range(4096, len(data), 4096)):
        path = folder / f"bad-{number}.db"
        path.write_bytes(data[:at] + bytes(4096) + data[at + 4096 :])
        store = open_file(path, KEY, exchange.STREAM)
        yield store
        store.close()
        path.unlink()
