"""Station and centre killed with SIGKILL at every commit and every file step, started again and
brought together: nothing lost, nothing doubled, every chain whole, every file sound."""

import itertools
import multiprocessing
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from models import exchange
from models.exchange import REOFFERED, Change, Parked, Queued, RawBatch, Replica
from models.kit.db import open_file
from models.kit.stream import GENESIS, link, matches, read_head
from models.retiree import Retiree
from sync import files, pack
from sync.centre import sticks
from sync.centre.keeping.journal import Journal
from sync.centre.recall import recall
from sync.centre.serving.main import Service
from sync.fault import Fault
from sync.http_link import HttpLink
from sync.station.run import sync_now
from sync.station.stick import pack_stick, unpack_stick
from tests.sync.parts import KEY, Node, World, edit, register, world
from tests.sync.victim import STATION, keep, open_again, work
from tests.sync.views import pictures, same, verdicts

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows"),
]

# processes of their own, which need not import everything again
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.sync.victim"])


@dataclass
class Stage:
    """A centre and a station at work, whose folder can be had afresh for each kill."""

    base: Path
    folder: Path

    def afresh(self) -> Path:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.base, self.folder)
        return self.folder

    def kill_at(self, name: str, step: int, *, closely: bool = False) -> bool:
        """Was the process killed, or had it finished before that step?"""
        process = _processes.Process(target=work, args=(self.folder, name, step, closely))
        process.start()
        process.join(60)
        assert process.exitcode in (0, -signal.SIGKILL)
        return process.exitcode != 0

    def said(self) -> list[str]:
        """What the process had confirmed before it died."""
        path = self.folder / "said"
        return path.read_text().split() if path.exists() else []


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Two people reported and decided, one edited since on both sides, one not reported yet."""
    base = tmp_path / "base"
    (base / "stick").mkdir(parents=True)
    here = world(base)
    station = here.station(STATION)
    old = [station.do(register, name=f"老人{n}", id_no=f"51990219400101{n:04d}") for n in range(2)]
    here.sync(station)
    here.node.do(edit, old[0], mobile="13800000001")
    station.do(edit, old[0], door_note="敲门")
    station.do(register, name="未报", id_no="519902194001019999")
    keep(here)
    return Stage(base, tmp_path / "run")


def prepare(stage: Stage, *pieces: Callable[[World], Any]) -> None:
    """Do something by hand before the process that is going to die."""
    here = open_again(stage.base)
    for piece in pieces:
        piece(here)
    keep(here)


def written(here: World) -> None:
    station = here.stations[0]
    pack_stick(station.store, station.keys, here.folder / "stick", station.code)


def answered(here: World) -> None:
    sticks.unpack_stick(here.centre, here.folder / "stick")
    sticks.pack_stick(here.centre, here.folder / "stick")


def after_each_kill(
    stage: Stage, name: str, *, stride: int = 0, again: bool = True
) -> Iterator[World]:
    """Kill at one step after the other until the work gets through; each time, what the process
    left is opened and looked at. ``stride``: at every so many statements too."""
    for step in itertools.count(1, stride or 1):
        folder = stage.afresh()
        killed = stage.kill_at(name, step, closely=bool(stride))
        if killed and again:  # the person tries once more
            assert not stage.kill_at(name, 0)
        here = open_again(folder)
        for node in (*here.stations, here.node):
            is_sound(node)
        yield here
        for node in (*here.stations, here.node):
            node.store.close()
        if not killed:
            assert step > 1, "nothing was counted"
            return


def is_sound(node: Node) -> None:
    """The file is whole, and so is every stream in it."""
    with node.store.engine.connect() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        assert connection.execute(text("PRAGMA foreign_key_check")).first() is None
        assert connection.execute(text("PRAGMA cipher_integrity_check")).first() is None
    node.get(chains_are_whole)


def chains_are_whole(session: Session) -> None:
    me = session.scalars(select(Replica)).one()
    rows = session.scalars(
        select(Change).order_by(Change.office_id, Change.incarnation, Change.seq)
    )
    for stream, found in itertools.groupby(rows, lambda one: (one.office_id, one.incarnation)):
        head, seq = GENESIS, 0
        for one in found:
            seq, head = seq + 1, link(head, one.head)
            assert (one.seq, one.hash) == (seq, head)
            assert one.payload is not None
            assert matches(read_head(one.head), one.payload)
        if stream == (me.office_id, me.incarnation):
            assert (me.seq, me.head) == (seq, head)


def brought_together(here: World) -> None:
    """By stick and then by network; afterwards both sides say the same, everything once."""
    station = here.stations[0]
    stick = here.folder / "stick"
    for path in files.found(stick):
        packet = pack.read(path.read_bytes())
        by_centre = packet.header.sender == here.card.id
        packet.check((here.node if by_centre else station).keys.public)
    written(here)
    answered(here)
    unpack_stick(station.store, station.keys, stick, here.folder / "inbox", station.code)
    here.sync(station)
    done = here.sync(station)
    assert (done.sent, done.pending, done.forked) == (0, 0, False)
    agree(here)


def agree(here: World) -> None:
    station = here.stations[0]
    assert verdicts(station) == verdicts(here.node, station.desk.office_id)
    assert set(verdicts(station).values()) == {"applied"}
    assert REOFFERED not in station.outcomes()
    there = select(Retiree).where(Retiree.office_id == station.desk.office_id)
    same(pictures(station, select(Retiree)), pictures(here.node, there))
    numbers = station.get(lambda s: list(s.scalars(select(Retiree.id_no))))
    assert len(numbers) == len(set(numbers))
    assert here.node.get(lambda s: s.scalar(select(func.count()).select_from(Parked))) == 0
    for node in (station, here.node):
        is_sound(node)


def test_a_station_killed_while_people_are_entered_keeps_every_confirmed_one(stage: Stage) -> None:
    for here in after_each_kill(stage, "registers", again=False):
        known = here.stations[0].get(lambda s: set(s.scalars(select(Retiree.id))))
        assert set(stage.said()) <= known
        assert len(known) - len(stage.said()) - 3 in (0, 1)  # stored, not yet said
        brought_together(here)


def test_an_import_killed_anywhere_is_there_whole_or_not_at_all(stage: Stage) -> None:
    for here in after_each_kill(stage, "imports_a_roster", stride=5, again=False):
        count = len(here.stations[0].get(lambda s: list(s.scalars(select(Retiree.id)))))
        assert count == (43 if stage.said() else 3) or count in (3, 43)
        brought_together(here)


def test_an_import_tried_again_after_a_kill_doubles_nobody(stage: Stage) -> None:
    for here in after_each_kill(stage, "imports_a_roster"):
        assert here.stations[0].get(lambda s: s.scalar(select(func.count(Retiree.id)))) == 43
        agree_after_sync(here)


def agree_after_sync(here: World) -> None:
    here.sync(here.stations[0])
    agree(here)


def test_a_station_killed_while_it_writes_a_stick_leaves_no_half_file(stage: Stage) -> None:
    for here in after_each_kill(stage, "packs", again=False):
        whole = {path.name for path in files.found(here.folder / "stick")}
        assert set(stage.said()) <= whole
        brought_together(here)


def test_a_stick_written_again_after_a_kill(stage: Stage) -> None:
    for here in after_each_kill(stage, "packs"):
        assert list((here.folder / "stick").glob("*.part")) == []
        brought_together(here)


@pytest.mark.parametrize("again", [False, True])
def test_a_centre_killed_while_it_takes_in_a_stick(stage: Stage, again: bool) -> None:  # noqa: FBT001
    prepare(stage, written)
    for here in after_each_kill(stage, "centre_takes_in", again=again):
        brought_together(here)


def test_a_centre_killed_between_any_two_statements(stage: Stage) -> None:
    prepare(stage, written)
    for here in after_each_kill(stage, "centre_takes_in", stride=7, again=False):
        agree_after_sync(here)


@pytest.mark.parametrize("again", [False, True])
def test_a_station_killed_while_it_reads_its_answers(stage: Stage, again: bool) -> None:  # noqa: FBT001
    prepare(stage, written, answered)
    for here in after_each_kill(stage, "reads_answers", again=again):
        brought_together(here)


def test_a_station_killed_while_it_is_online(stage: Stage) -> None:
    for step in itertools.count(1):
        here = open_again(stage.afresh())
        with Service(here.centre, here.card.certificate.encode(), here.private) as port:
            (here.folder / "address").write_text(f"https://127.0.0.1:{port}")
            killed = stage.kill_at("goes_online", step)
        brought_together(here)
        here.node.store.close()
        here.stations[0].store.close()
        if not killed:
            assert step > 1
            return


def test_a_served_centre_killed_while_a_station_reports(stage: Stage) -> None:
    for step in itertools.count(1):
        here = open_again(stage.afresh())
        here.node.store.close()
        process = _processes.Process(target=work, args=(here.folder, "serves", step, False))
        process.start()
        address = wait_for(here.folder / "address", process)
        killed = reports(here, address) if address else True
        process.kill()
        process.join(10)
        here.stations[0].store.close()
        here = open_again(here.folder)
        is_sound(here.node)
        brought_together(here)
        for node in (*here.stations, here.node):
            node.store.close()
        if not killed:
            assert step > 1
            return


def test_a_centre_killed_between_storing_a_file_and_deciding_it(stage: Stage) -> None:
    """The station has its receipt; nothing of it is lost and nothing decided twice."""
    has_receipt = 0
    for step in itertools.count(1):
        here = open_again(stage.afresh())
        here.node.store.close()
        process = _processes.Process(target=work, args=(here.folder, "serves_behind", step, False))
        process.start()
        address = wait_for(here.folder / "address", process)
        told = bool(address) and not reports(here, address)
        killed = died_behind(process, here.node.path)
        process.kill()
        process.join(10)
        here.stations[0].store.close()
        here = open_again(here.folder)
        here.centre.journal = Journal(here.folder / "raw")
        if killed and told:
            has_receipt += 1
            assert here.stations[0].get(outbox_is_empty)
            assert here.node.get(lambda s: s.scalar(select(func.count()).select_from(RawBatch)))
        is_sound(here.node)
        recall(here.centre)
        brought_together(here)
        for node in (*here.stations, here.node):
            node.store.close()
        if not killed:
            assert has_receipt > 1
            return


def died_behind(process: Any, path: Path) -> bool:
    """Did it die before it had decided all it stored, or soon after?"""
    store = open_file(path, KEY, exchange.STREAM)
    while process.is_alive():
        with store.look() as session:
            left = session.scalar(select(func.count()).select_from(Queued))
        if not left:
            process.join(1)  # whatever it does after the last file
            break
        process.join(0.1)
    store.close()
    return not process.is_alive()


def outbox_is_empty(session: Session) -> bool:
    me = session.scalars(select(Replica)).one()
    return me.acked_seq == me.seq


def wait_for(path: Path, process: Any) -> str:
    while not path.exists() and process.is_alive():
        time.sleep(0.02)
    return path.read_text() if path.exists() else ""


def reports(here: World, address: str) -> bool:
    """Did the centre go away before it had answered?"""
    station = here.stations[0]
    link = HttpLink(msgspec.structs.replace(here.card, url=address))
    try:
        sync_now(station.store, station.keys, link, station.code)
    except Fault as fault:
        assert fault.kind == "unreachable"  # noqa: PT017
        assert None in station.outcomes()
        return True
    finally:
        link.close()
    return False


def test_a_log_cut_off_anywhere_by_a_power_cut_opens_as_before_or_after(stage: Stage) -> None:
    """What the disk had of the last write is unknown: every length must open."""
    folder = stage.afresh()
    here = open_again(folder)
    station = here.stations[0]
    known = station.get(lambda s: set(s.scalars(select(Retiree.id))))
    new = station.do(register, name="新人", id_no="519902194801010001")
    paths = [station.path, station.path.with_name(f"{station.path.name}-wal")]
    database, log = (path.read_bytes() for path in paths)
    keep(here)
    seen = set()
    for length in (*range(0, len(log), len(log) // 40), len(log)):
        cut = folder / "cut"
        shutil.rmtree(cut, ignore_errors=True)
        cut.mkdir()
        (cut / "station.db").write_bytes(database)
        (cut / "station.db-wal").write_bytes(log[:length])
        node = Node(
            open_file(cut / "station.db", KEY, exchange.STREAM),
            station.keys, station.desk, station.code, cut / "station.db",
        )  # fmt: skip
        is_sound(node)
        people = node.get(lambda s: set(s.scalars(select(Retiree.id))))
        assert people in (known, {*known, new})
        seen.add(len(people))
        node.store.close()
    assert seen == {len(known), len(known) + 1}
