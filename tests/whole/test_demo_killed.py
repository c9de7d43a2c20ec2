"""The demo killed with SIGKILL anywhere and run again: nothing lost, nothing doubled."""

import itertools
import json
import multiprocessing
import os
import random
import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.kit.run import look
from app.station import Station
from models.cert_task import CertTask
from models.certification import Certification
from models.exchange import Change, Replica, Stream
from models.kit.base import table_of
from models.kit.stream import GENESIS, link
from models.printed import Print
from models.retiree import Retiree
from models.survey import Survey
from models.visit import Visit
from tests.whole.commands import into_files
from ui.command.demo import PLACES, Demo

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PEOPLE = 12
KILLS = 12
SEED = int(os.environ.get("SANGYU_KILL_SEED", "0")) or secrets.randbelow(10**6)
COUNTED = (Retiree, CertTask, Certification, Survey, Visit, Print)

# processes of their own, which need not import everything again
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["sync.centre.serving.main", "tests.whole.warm"])


@dataclass
class Run:
    """One process at the demo of a folder."""

    home: Path
    process: ForkServerProcess = field(init=False)

    def __post_init__(self) -> None:
        words = ["demo", "--headless", "--json", "--people", str(PEOPLE), "--home", str(self.home)]
        for file in (self.out, self.err):
            file.write_text("")
        self.process = _processes.Process(target=into_files, args=(self.out, self.err, *words))
        self.process.start()

    @property
    def out(self) -> Path:
        return self.home.with_suffix(".out")

    @property
    def err(self) -> Path:
        return self.home.with_suffix(".err")

    def said(self) -> list[str]:
        """The steps it has told of so far."""
        return self.err.read_text("utf-8").splitlines()

    def finish(self) -> dict[str, Any]:
        """Its answer at the end."""
        self.process.join(300)
        assert self.process.exitcode == 0, self.err.read_text("utf-8")
        found = json.loads(self.out.read_text("utf-8"))
        assert isinstance(found, dict)
        return found

    def steps(self) -> list[float]:
        """How long it was at each step, watched from outside."""
        moments = [time.monotonic()]
        while self.process.is_alive():
            now = time.monotonic()
            moments += [now] * (len(self.said()) + 1 - len(moments))
            time.sleep(0.005)
        moments.append(time.monotonic())
        return [after - before for before, after in itertools.pairwise(moments)]

    def kill(self, step: int, after: float) -> str:
        """SIGKILL so many seconds into a step; what it had said last."""
        while self.process.is_alive() and len(self.said()) < step:
            time.sleep(0.005)
        self.process.join(after)
        self.process.kill()
        self.process.join()
        return (self.said() or ["nothing yet"])[-1]


# ---- what must be the same ------------------------------------------------------------------


def figures(run: dict[str, Any]) -> dict[str, Any]:
    """A run's numbers without its places."""
    own = {"home", "database", "roster", "forms_pdf", "forms_index", "sent_now"}
    stations = [
        {key: one for key, one in each.items() if key not in own} for each in run["stations"]
    ]
    return {"stations": stations, "centre": {**run["centre"], "home": None}}


@contextmanager
def each_place(home: Path) -> Iterator[dict[str, Station]]:
    """The centre and both stations, open."""
    demo = Demo(home, PEOPLE, lambda _: None)
    with demo.centre() as centre, demo.station(PLACES[0]) as one, demo.station(PLACES[1]) as two:
        yield {"centre": centre, PLACES[0].key: one, PLACES[1].key: two}


def everything(session: Session) -> dict[str, Counter[str]]:
    """How many records of each kind each person has, by the number on the ID card."""
    numbers = {one.id: f"{one.id_no} {one.name}" for one in session.scalars(select(Retiree))}
    found = {}
    for entity in COUNTED:
        key = table_of(entity).c["id" if entity is Retiree else "retiree_id"]
        ids = session.scalars(select(key).where(entity.is_void.is_(False)))
        found[entity.__tablename__] = Counter(numbers[one] for one in ids)
    return found


def told(opened: Station) -> dict[str, Counter[str]]:
    return look(opened.store, opened.desk, everything)


def wholeness(session: Session) -> list[str]:
    """What SQLCipher and SQLite find wrong."""
    sound = [row[0] for row in session.execute(text("PRAGMA integrity_check"))]
    found = [*sound] if sound != ["ok"] else []
    for pragma in ("cipher_integrity_check", "foreign_key_check"):
        found += [str(row) for row in session.execute(text(f"PRAGMA {pragma}"))]
    return found


def chain(session: Session) -> tuple[str, int, bytes]:
    """Our own stream read from its start: no gap, no twin, each link on the one before."""
    me = session.scalars(select(Replica)).one()
    entries = session.scalars(
        select(Change)
        .where(Change.office_id == me.office_id, Change.incarnation == me.incarnation)
        .order_by(Change.seq)
    ).all()
    assert [one.seq for one in entries] == list(range(1, me.seq + 1))
    head = GENESIS
    for one in entries:
        head = link(head, one.head)
        assert head == one.hash
    assert head == me.head
    assert all(one.outcome for one in entries), "an entry without a verdict"
    return me.incarnation, me.seq, me.head


def streams(session: Session) -> set[tuple[str, int, bytes]]:
    """How far the centre has each station's stream."""
    return {(one.incarnation, one.contiguous, one.head) for one in session.scalars(select(Stream))}


def holds_together(home: Path, wanted: dict[str, dict[str, Counter[str]]]) -> None:
    with each_place(home) as places:
        for name, opened in places.items():
            assert look(opened.store, opened.desk, wholeness) == [], name
            assert told(opened) == wanted[name], name
        known = look(places["centre"].store, places["centre"].desk, streams)
        for place in PLACES:
            own = look(places[place.key].store, places[place.key].desk, chain)
            assert own in known
    assert not [one for one in home.rglob("*") if one.suffix in {".part", ".making"}]


# ---- the trial ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Undisturbed:
    """How it goes when nobody kills it."""

    figures: dict[str, Any]
    wanted: dict[str, dict[str, Counter[str]]]
    steps: list[float]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    home = tmp_path_factory.mktemp("whole") / "demo"
    run = Run(home)
    steps = run.steps()
    found = figures(run.finish())
    with each_place(home) as places:
        wanted = {name: told(opened) for name, opened in places.items()}
    return Undisturbed(found, wanted, steps)


def test_run_again_undisturbed_it_sends_nothing(undisturbed: Undisturbed, tmp_path: Path) -> None:
    first = Run(tmp_path / "demo").finish()
    again = Run(tmp_path / "demo").finish()
    assert figures(again) == figures(first) == undisturbed.figures
    assert [one["sent_now"] for one in again["stations"]] == [0, 0]


@pytest.mark.parametrize("number", range(KILLS))
def test_killed_and_run_again_it_ends_as_if_nothing_had_happened(
    number: int, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    dice = random.Random(f"{SEED} {number}")  # noqa: S311 - repeatable
    steps = undisturbed.steps
    places = random.Random(SEED).sample(range(len(steps)), KILLS)  # noqa: S311 - repeatable
    step, share = places[number], dice.random()
    home = tmp_path / "demo"
    last = Run(home).kill(step, steps[step] * share)
    if number % 3 == 0:
        last += "; " + Run(home).kill(0, dice.random() * sum(steps) / 2)
    sys.stdout.write(f"SANGYU_KILL_SEED={SEED}, {share:.0%} into step {step}: {last}\n")
    run = Run(home).finish()
    assert figures(run) == undisturbed.figures
    holds_together(home, undisturbed.wanted)
