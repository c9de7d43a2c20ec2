"""One piece of work of a station or its centre, done by a process that dies at a chosen step.

A step is a commit, a savepoint let go, a rename, a removal, a wait for the disk, or the middle of
a write; with ``closely`` also each statement. Nothing of this is known to the program itself.
"""

import io
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.engine.default import DefaultDialect

from app import imports, seed
from app.kit.who import Desk
from models import exchange
from models.kit.db import open_file
from sync.centre import sticks
from sync.centre.keeping.journal import Journal
from sync.centre.service import Centre
from sync.centre.serving import routes, writer
from sync.centre.serving.main import serve
from sync.centre_card import CentreCard, centre_card
from sync.http_link import HttpLink
from sync.keys import Keys
from sync.station import run as talk
from sync.station.stick import pack_stick, unpack_stick
from tests.sync.parts import KEY, Node, World, edit, register

STATION = "460203198001"


@dataclass
class Steps:
    """Counts what lasts; at the chosen one the process is gone."""

    last: int
    seen: int = 0

    def __call__(self, *_: Any, **__: Any) -> None:
        self.seen += 1
        if self.seen == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(self, owner: Any, name: str) -> None:
        """Count calls of a function before they are made."""
        real = getattr(owner, name)

        def counted(*args: Any, **kwargs: Any) -> Any:
            self()
            return real(*args, **kwargs)

        setattr(owner, name, counted)


class _Writing(io.BufferedWriter):
    """Half of it reaches the file, then a step, then the rest."""

    steps: Steps

    def write(self, data: Any, /) -> int:
        half = len(data) // 2
        super().write(data[:half])
        self.flush()
        self.steps()
        return half + super().write(data[half:])


def _count(steps: Steps, *, closely: bool) -> None:
    for owner, name in (
        (DefaultDialect, "do_commit"),
        (DefaultDialect, "do_release_savepoint"),
        (os, "fsync"),
        (os, "replace"),
        (os, "rename"),
        (os, "unlink"),
    ):
        steps.before(owner, name)
    opened = Path.open

    def half(path: Path, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if mode != "wb":
            return opened(path, mode, *args, **kwargs)
        writing = _Writing(io.FileIO(path, "wb"))
        writing.steps = steps
        return writing

    Path.open = half  # type: ignore[method-assign, assignment]
    if closely:
        event.listen(Engine, "before_cursor_execute", steps)


class Kept(msgspec.Struct):
    """What a process has to know of the installations in a folder."""

    station: bytes
    centre: bytes
    office: str
    centre_office: str
    private: bytes
    card: CentreCard


def keep(here: World) -> None:
    """Leave keys and names beside the databases; lets go of the databases."""
    station = here.stations[0]
    kept = Kept(
        station.keys.dump(),
        here.centre.keys.dump(),
        station.desk.office_id,
        here.centre.office_id,
        here.private,
        here.card,
    )
    (here.folder / "kept.json").write_bytes(msgspec.json.encode(kept))
    for node in (station, here.node):
        node.store.close()


def open_again(folder: Path) -> World:
    """The installations as their files say."""
    kept = msgspec.json.decode((folder / "kept.json").read_bytes(), type=Kept)
    node = _node(folder / "centre.db", kept.centre, kept.centre_office)
    centre = Centre(node.store, node.keys, kept.centre_office)
    here = World(folder, centre, node, kept.card, kept.private)
    here.stations.append(_node(folder / f"{STATION}.db", kept.station, kept.office))
    return here


def _node(path: Path, keys: bytes, office_id: str) -> Node:
    store = open_file(path, KEY, exchange.STREAM)
    return Node(store, Keys.load(keys), Desk("0" * 32, "刘桂兰", office_id), path.stem, path)


# the pieces of work -----------------------------------------------------------------------------


def registers(here: World, say: Callable[[str], None]) -> None:
    """A clerk enters people one after the other and corrects each."""
    for number in range(3):
        key = here.stations[0].do(
            register, name=f"新人{number}", id_no=f"51990219480101{number:04d}"
        )
        say(key)
        here.stations[0].do(edit, key, mobile=f"1380000{number:04d}")


def imports_a_roster(here: World, say: Callable[[str], None]) -> None:
    """A roster of forty, one action."""
    people = seed.people(40, 7)
    done = here.stations[0].do(imports.import_rows, people, "花名册.xlsx")
    say(f"{done.new}")


def packs(here: World, say: Callable[[str], None]) -> None:
    """The station writes a stick."""
    station = here.stations[0]
    for file in pack_stick(station.store, station.keys, _stick(here), station.code).files:
        say(file.name)


def centre_takes_in(here: World, say: Callable[[str], None]) -> None:
    """The centre reads a stick and writes the answers beside."""
    sticks.unpack_stick(here.centre, _stick(here))
    sticks.pack_stick(here.centre, _stick(here))


def reads_answers(here: World, say: Callable[[str], None]) -> None:
    """The station reads the stick."""
    station = here.stations[0]
    unpack_stick(station.store, station.keys, _stick(here), here.folder / "inbox", station.code)


def goes_online(here: World, say: Callable[[str], None]) -> None:
    """The station calls a centre that runs elsewhere."""
    station = here.stations[0]
    with station.store.look() as session:
        card = centre_card(session)
    address = (here.folder / "address").read_text()
    link = HttpLink(msgspec.structs.replace(card, url=address))
    talk.sync_now(station.store, station.keys, link, station.code)


def serves(here: World, say: Callable[[str], None]) -> None:
    """The centre answers until it is killed."""
    address = here.folder / "address"

    def ready(port: int) -> None:
        beside = address.with_suffix(".new")
        beside.write_text(f"https://127.0.0.1:{port}")
        os.link(beside, address)

    certificate = here.card.certificate.encode()
    serve(here.centre, certificate, here.private, host="127.0.0.1", port=0, ready=ready)


def serves_behind(here: World, say: Callable[[str], None]) -> None:
    """The same, but so busy that every file is only stored, told so, and decided behind."""
    writer.AT_ONCE, routes.SHORT = 0, 0.0
    here.centre.journal = Journal(here.folder / "raw")
    serves(here, say)


def _stick(here: World) -> Path:
    return here.folder / "stick"


def work(folder: Path, name: str, last: int, closely: bool) -> None:  # noqa: FBT001
    """The process: opens what is there, works, dies at step ``last`` if it gets so far."""
    here = open_again(folder)
    said = os.open(folder / "said", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    _count(Steps(last), closely=closely)
    globals()[name](here, lambda word: os.write(said, f"{word}\n".encode()))
