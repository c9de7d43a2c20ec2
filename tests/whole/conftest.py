"""A centre and a station set up by commands alone, once; each test gets a copy of the folder."""

import socket
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from app.kit.paths import Home
from tests.app.life import at_home
from tests.whole.commands import done, refused, sangyu

PEOPLE, SEED = 45, 7


@dataclass(frozen=True)
class World:
    """One folder with a centre, a station and their papers."""

    dir: Path
    url: str = ""

    @property
    def home(self) -> Path:
        return self.dir / "station"

    @property
    def centre_home(self) -> Path:
        return self.dir / "centre"

    @property
    def stick(self) -> Path:
        return self.dir / "stick"

    def station(self, *words: object) -> dict[str, Any]:
        return done("station", *words, home=self.home)

    def centre(self, *words: object) -> dict[str, Any]:
        return done("centre", *words, home=self.centre_home)

    def station_refuses(self, *words: object) -> str:
        return refused("station", *words, home=self.home)

    def centre_refuses(self, *words: object) -> str:
        return refused("centre", *words, home=self.centre_home)

    def said(self, *words: object) -> str:
        """What a station's command says to a person."""
        return sangyu("station", *words, home=self.home).out


def enrol(world: World, *centre: object) -> None:
    """Invitation, station, answer, approval; ``centre`` goes to each of the centre's commands."""
    at = world.dir
    world.stick.mkdir()
    address = ("--name", "吉阳区中心", "--url", world.url, "--as", "陈主任")
    world.centre("create", *address, *centre)
    world.centre("invite", "桂苑社区", "--out", at / "invitation.sangyu", *centre)
    files = ("--invitation", at / "invitation.sangyu", "--answer", at / "answer.sangyu")
    world.station("create", *files, "--as", "刘桂兰")
    world.centre("approve", at / "answer.sangyu", "--out", at / "approval.sangyu", *centre)
    world.station("accept", at / "approval.sangyu")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture(scope="session")
def enrolled(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Enrolled, with a roster taken in."""
    world = World(tmp_path_factory.mktemp("enrolled"), f"https://127.0.0.1:{free_port()}")
    enrol(world)
    file = world.dir / "roster.xlsx"
    done("roster", "--people", PEOPLE, "--seed", SEED, "--out", file)
    world.station("import", file)
    world.station("due")
    return world


def copied(world: World, to: Path) -> World:
    """The whole folder elsewhere, at home there."""
    made = World(Path(copytree(world.dir, to)), world.url)
    at_home(Home(made.home))
    return made


@pytest.fixture
def world(enrolled: World, tmp_path: Path) -> World:
    """A copy of one's own."""
    return copied(enrolled, tmp_path / "world")


@pytest.fixture(scope="module")
def shared(enrolled: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A copy for tests that only look."""
    return copied(enrolled, tmp_path_factory.mktemp("shared") / "world")
