"""Logs that broke off and disks that are full, as the list of ZamSync's storage has them (sync.md
5.2): what was whole stays, what was not is as if it had never been, the next entry follows on what
is there, and once there is room again nothing is missing.

Told elsewhere: a log cut off at every length (test_kill), a damaged file beside the centre's
database (test_journal), a stick that fills up (test_stick_targets). Without meaning here: a new key
for the storage (passwords wrap the key, which stays).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from app.kit import faults
from models import exchange
from models.kit.db import Store, open_file
from models.retiree import Retiree
from sync.centre.keeping.journal import Journal
from sync.centre.serving.main import Service
from sync.fault import Fault
from sync.station import outbox
from tests.sync.conftest import Running
from tests.sync.parts import KEY, Node, World, edit, register
from tests.sync.views import agree, projection
from ui.exchange.sentence import sentence_of

CODE = "460203198001"
HEADER, FRAME = 32, 24 + 4096

Damage = Callable[[bytes], bytes]


def flipped(at: int) -> Damage:
    return lambda log: log[:at] + bytes([log[at] ^ 0xFF]) + log[at + 1 :]


def people(node: Node) -> int:
    return int(node.get(lambda s: s.scalar(select(func.count()).select_from(Retiree))))


@pytest.mark.parametrize(
    ("damage", "left"),
    [
        (lambda log: log, 2),
        (lambda log: log[: HEADER + FRAME + 2000], 1),
        (lambda log: log[: HEADER + FRAME], 1),
        (lambda log: b"", 1),
        (flipped(HEADER + 20), 1),
        (flipped(HEADER + 24 + 100), 1),
        (flipped(0), 1),
        (flipped(5), 1),
        (lambda log: log + b"\xff" * 5000, 2),
        (lambda log: log[:HEADER] + bytes(FRAME) + log[HEADER:], 1),
    ],
    ids=[
        *("whole", "cut-in-a-page", "after-the-first", "empty", "bad-checksum", "bad-page"),
        *("bad-magic", "bad-version", "rubbish-behind", "rubbish-before"),
    ],
)
def test_after_a_log_that_broke_off_the_next_entry_follows_on_what_is_there(
    here: World, damage: Damage, left: int, tmp_path: Path
) -> None:
    station = here.station(CODE)
    station.do(register, name="甲")
    here.sync(station)
    station.store.close()
    station.store = open_file(station.path, KEY, exchange.STREAM)
    station.do(register, name="乙")
    log = station.path.with_name(f"{station.path.name}-wal")
    there = tmp_path / "there.db"
    there.write_bytes(station.path.read_bytes())
    there.with_name("there.db-wal").write_bytes(damage(log.read_bytes()))
    station.store.close()
    station.store, station.path = open_file(there, KEY, exchange.STREAM), there
    assert people(station) == left
    station.do(register, name="丙")
    done = here.sync(station)
    assert (done.pending, done.forked, people(here.node)) == (0, False, left + 1)
    agree(here)


@contextmanager
def no_room(store: Store) -> Iterator[None]:
    """The database may not grow by a page."""

    def narrow(connection: Any, _record: Any) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    store.engine.dispose()
    event.listen(store.engine, "connect", narrow)
    try:
        yield
    finally:
        event.remove(store.engine, "connect", narrow)
        store.engine.dispose()


def fill(node: Node) -> None:
    """Until there is no room for one person more."""
    for _ in range(200):
        node.do(register, remark="长" * 2000)


def test_a_station_whose_disk_is_full_keeps_what_it_had_and_goes_on_after(here: World) -> None:
    station = here.station(CODE)
    key = station.do(register)
    here.sync(station)
    here.node.do(edit, key, remark="长" * 20_000)
    with no_room(station.store):
        with pytest.raises(faults.DiskFull, match="请清理后再继续"):
            fill(station)
        before = station.outcomes()
        with pytest.raises(OperationalError) as full:
            here.sync(station)
        assert "请清理后再继续" in sentence_of(full.value)
        assert station.outcomes() == before
    assert here.sync(station).pending == 0
    assert people(here.node) == people(station) == len(before)
    agree(here)


@contextmanager
def served(here: World) -> Iterator[Running]:
    with Service(here.centre, here.card.certificate.encode(), here.private) as port:
        card = msgspec.structs.replace(here.card, url=f"https://127.0.0.1:{port}")
        yield Running(here, card)


@contextmanager
def nothing_kept_beside(folder: Path) -> Iterator[None]:
    """The next files beside the database meet a full disk."""
    parts = [folder / f"{number:012d}.raw.part" for number in range(20)]
    for part in parts:
        part.symlink_to("/dev/full")
    yield
    for part in parts:
        part.unlink()


@pytest.fixture
def waiting(here: World, tmp_path: Path) -> Node:
    """A station with something to say to a centre that keeps files beside its database."""
    here.centre.journal = Journal(tmp_path / "raw")
    station = here.station(CODE)
    here.sync(station)
    station.do(register, remark="长" * 20_000)
    return station


def is_refused(line: Running, station: Node) -> None:
    before = projection(line.here)
    with pytest.raises(Fault, match="暂时不能接收，资料已存在本机"):
        line.sync(station)
    assert projection(line.here) == before
    assert set(station.outcomes()) == {None}


def is_taken(line: Running, station: Node) -> None:
    assert line.sync(station).pending == 0
    assert people(line.here.node) == 1
    agree(line.here)


def test_a_centre_whose_database_has_no_room_takes_nothing_and_all_of_it_after(
    here: World, waiting: Node
) -> None:
    with no_room(here.centre.store), served(here) as line:
        is_refused(line, waiting)
    with served(here) as line:
        is_taken(line, waiting)


def test_what_waits_to_be_decided_while_there_is_no_room_is_not_set_aside(
    here: World, waiting: Node
) -> None:
    with waiting.store.look() as session:
        (part,) = outbox.parts(session, waiting.keys, here.card, waiting.code)
    here.centre.take_all([part.data], later=True)
    (name,) = here.centre.waiting()
    with no_room(here.centre.store), pytest.raises(OperationalError):
        here.centre.work_off([name])
    assert here.centre.waiting() == [name]
    with served(here) as line:
        is_taken(line, waiting)


def test_a_centre_that_cannot_keep_a_file_beside_its_database_does_not_take_it(
    here: World, waiting: Node, tmp_path: Path
) -> None:
    with served(here) as line:
        with nothing_kept_beside(tmp_path / "raw"):
            is_refused(line, waiting)
        is_taken(line, waiting)
