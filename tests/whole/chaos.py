"""Two stations and a centre at work as real processes, and everything that can happen to them: they
are killed at any moment, the stick is pulled out or loses the end of a file, clocks are wrong. What
happens is drawn from a seed; when it strikes is measured on the clock."""

import json
import multiprocessing
import os
import random
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from models.kit import clock
from tests.whole.commands import PASSWORD, into_files
from tests.whole.conftest import World

# processes of their own, which need not import everything again
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["sync.centre.serving.main", "tests.whole.warm"])

KILLED = None
DAY = 24 * 3600
SKEWS = (0, 0, 0, -20 * 365 * DAY, 40 * 365 * DAY, 3 * 3600)
LONGEST = 120


def work(skew: int, out: Path, err: Path, *words: str) -> None:
    """A command on a computer whose clock is wrong by so many seconds."""
    real = clock.now
    clock.now = lambda: clock.from_millis(int(real().timestamp() + skew) * 1000)
    os.environ["SANGYU_PASSWORD"] = PASSWORD
    into_files(out, err, *words)


@dataclass
class Command:
    """One command as a process."""

    home: Path
    words: tuple[str, ...]
    out: Path
    err: Path
    skew: int = 0
    process: ForkServerProcess = field(init=False)

    def __post_init__(self) -> None:
        words = (*self.words, "--json", "--home", str(self.home))
        for file in (self.out, self.err):
            file.write_text("")
        self.process = _processes.Process(target=work, args=(self.skew, self.out, self.err, *words))
        self.process.start()

    def kill(self) -> None:
        self.process.kill()
        self.process.join()

    def code(self) -> int | None:
        """How it ended; None where it was killed. Anything but done and refused is a fault."""
        self.process.join(LONGEST)
        code = self.process.exitcode
        assert code is not None, f"{self.words} does not end"
        assert code in (0, 2) or code < 0, f"{self.words}: {self.err.read_text('utf-8')}"
        return code if code >= 0 else KILLED

    def data(self) -> dict[str, Any]:
        found = json.loads(self.out.read_text("utf-8"))
        assert isinstance(found, dict)
        return found


@dataclass
class Chaos:
    """``homes`` are the stations'. ``sure`` and ``maybe`` are visits a station has confirmed to
    have written, or was killed before it could."""

    world: World
    homes: tuple[Path, Path]
    dice: random.Random
    centre: tuple[str, ...] = ()
    story: list[str] = field(default_factory=list)
    sure: set[str] = field(default_factory=set)
    maybe: set[str] = field(default_factory=set)
    people: dict[Path, list[str]] = field(default_factory=dict)
    service: Command | None = None
    began: float = 0
    strikes: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    count: int = 0

    def start(self, home: Path, *words: object, skew: int = 0) -> Command:
        self.count += 1
        out, err = (self.world.dir / f"{self.count}.{end}" for end in ("out", "err"))
        return Command(home, tuple(map(str, words)), out, err, skew)

    # the service -----------------------------------------------------------------------------

    def serves(self) -> None:
        """The centre's service is up, at last after some tries: a killed one leaves its port."""
        port = self.world.url.rsplit(":", 1)[1]
        end = time.monotonic() + LONGEST
        while self.service is None or not self.service.process.is_alive():
            words = ("centre", "serve", "--port", port, *self.centre)
            self.service = self.start(self.world.centre_home, *words)
            while self.service.process.is_alive() and not self.service.err.read_text("utf-8"):
                time.sleep(0.01)
            assert time.monotonic() < end, "the service does not start"

    def service_dies(self) -> None:
        if self.service is not None:
            self.service.kill()
            self.service = None

    # what happens ----------------------------------------------------------------------------

    def rounds(self, number: int) -> None:
        """So many times both stations do something at once, and something happens meanwhile."""
        for each in range(number):
            self.began, self.strikes = time.monotonic(), []
            if self.service is None and self.dice.random() < 0.7:
                self.serves()
            acts = [self.act(home) for home in self.homes]
            if self.dice.random() < 0.5:
                acts.append(self.centre_reads())
            chosen = [self.fault(act) for act in acts]
            for after, strike in sorted(self.strikes, key=lambda one: one[0]):
                time.sleep(max(0.0, after - (time.monotonic() - self.began)))
                strike()
            ends = [self.ends(act) for act in acts]
            told = (f"{one} -> {end}" for one, end in zip(chosen, ends, strict=True))
            self.story.append(f"{each}: " + "; ".join(told))
            self.stick_is_back()

    @property
    def stick(self) -> Path:
        return self.world.stick

    def act(self, home: Path) -> Command:
        """A station writes, talks, or has to do with the stick."""
        skew = self.dice.choice(SKEWS)
        kind = self.dice.choice(("visit", "visit", "visit", "sync", "sync", "pack", "unpack"))
        if kind == "visit":
            note = f"第{self.count}次"
            self.maybe.add(note)
            who = self.dice.choice(self.people[home])
            words: tuple[object, ...] = ("station", "visit", who, "--note", note)
        else:
            words = ("station", kind) if kind == "sync" else ("station", kind, self.stick)
        return self.start(home, *words, skew=skew)

    def centre_reads(self) -> Command:
        kind = self.dice.choice(("unpack", "pack"))
        return self.start(self.world.centre_home, "centre", kind, self.stick, *self.centre)

    def fault(self, act: Command) -> str:
        """What is to happen to a command, and what was chosen in words."""
        told = f"{' '.join(act.words[:2])} {act.skew:+d} s"
        moment = self.dice.random() * 0.6
        what = self.dice.choice(("kill", "kill", "service", "pull", "tear", "", ""))
        strike = {
            "kill": act.kill,
            "service": self.service_dies,
            "pull": self.stick_is_pulled,
            "tear": self.stick_is_torn,
        }.get(what)
        if strike is not None:
            self.strikes.append((moment, strike))
            told += f", {what} after {moment:.2f} s"
        return told

    def ends(self, act: Command) -> str:
        """How it ended, in words."""
        code = act.code()
        if act.words[1] == "visit":
            note = act.words[-1]
            if code == 0:
                self.sure.add(note)
            if code is not KILLED:
                self.maybe.discard(note)
        return {KILLED: "killed", 0: "done"}.get(code) or act.err.read_text("utf-8").strip()

    # the stick -------------------------------------------------------------------------------

    @property
    def away(self) -> Path:
        return self.stick.with_suffix(".away")

    def stick_is_pulled(self) -> None:
        if self.stick.is_dir() and not self.away.exists():
            self.stick.rename(self.away)

    def stick_is_back(self) -> None:
        if self.away.is_dir():
            for file in self.stick.iterdir() if self.stick.is_dir() else ():
                shutil.move(file, self.away / file.name)
            shutil.rmtree(self.stick, ignore_errors=True)
            self.away.rename(self.stick)

    def stick_is_torn(self) -> None:
        """The end of a file is lost: it was pulled while written."""
        files = sorted(self.stick.glob("*.sangyu")) if self.stick.is_dir() else []
        if files:
            os.truncate(files[-1], files[-1].stat().st_size // 2)

    # all is well again -----------------------------------------------------------------------

    def heals(self) -> None:
        """Whatever lies on the stick is read once more; then both stations talk until both sides
        have said everything."""
        self.stick_is_back()
        self.serves()
        for home in self.homes:
            self.done(home, "station", "pack", self.stick)
        self.done(self.world.centre_home, "centre", "unpack", self.stick, *self.centre)
        self.done(self.world.centre_home, "centre", "pack", self.stick, *self.centre)
        for _ in range(2):
            for home in self.homes:
                self.done(home, "station", "unpack", self.stick)
        for home in self.homes:
            self.settles(home)
        assert self.service is not None
        self.service.process.terminate()
        assert self.service.code() == 0
        self.service = None

    def settles(self, home: Path) -> None:
        for _ in range(8):
            talk = self.done(home, "station", "sync")
            if not (talk["sent"] or talk["received"] or talk["pending"]):
                return
        raise AssertionError("\n".join(["it never settles", *self.story]))

    def done(self, home: Path, *words: object) -> dict[str, Any]:
        """A command that has to end; what is refused of a torn file is told and left."""
        act = self.start(home, *words)
        assert act.code() is not KILLED
        return act.data()

    def close(self) -> None:
        self.service_dies()
        sys.stdout.write("\n".join(self.story) + "\n")
