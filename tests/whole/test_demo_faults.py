"""`sangyu demo --faults`: four things go wrong for real in front of the user, and nothing is lost;
also where the rehearsal itself is stopped half-way."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.kit.run import look
from models.visit import Visit
from tests.whole.commands import done, quick_vaults, sangyu
from ui.command.demo import PLACES, Demo
from ui.command.demo_faults import Faults

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PEOPLE = 5
SAID = {
    "rollback": "资料文件被换成了较早的一份",
    "clone": "这份资料是从别的电脑或文件夹搬来的",
    "stick": "新收到 0 处，不会重复",
    "centre": "已从原始数据存底补齐",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("faults") / "家"


@pytest.fixture(scope="module")
def first(home: Path) -> dict[str, Any]:
    return done("demo", "--headless", "--faults", "--people", PEOPLE, home=home)


def visits(demo: Demo) -> tuple[Counter[str], Counter[str]]:
    """What the visits say, at the stations and at the centre."""
    at_stations: Counter[str] = Counter()
    for place in PLACES:
        with demo.station(place) as opened:
            at_stations += look(opened.store, opened.desk, notes)
    with demo.centre() as opened:
        return at_stations, look(opened.store, opened.desk, notes)


def notes(session: Any) -> Counter[str]:
    return Counter(session.scalars(select(Visit.living_note)))


def is_sound(data: dict[str, Any], home: Path) -> bool:
    """Nobody waits for anything, both sides have as many, and nothing is left lying about."""
    stations = data["stations"]
    return (
        all(one["pending"] == 0 for one in stations)
        and sum(one["visits"] for one in stations) == data["centre"]["visits"]
        and all(one["missing"] == 0 < one["entered"] for one in data["faults"])
        and not list((home / "faults").iterdir())
    )


def test_each_fault_is_named_and_healed(first: dict[str, Any], home: Path) -> None:
    told = {one["fault"]: "\n".join(one["told"]) for one in first["faults"]}
    assert told.keys() == SAID.keys()
    assert all(SAID[name] in told[name] for name in SAID)
    assert is_sound(first, home)


def test_run_once_more_it_does_the_same_and_doubles_nothing(
    first: dict[str, Any], home: Path
) -> None:
    quiet = Demo(home, PEOPLE, lambda _: None)
    with quick_vaults():
        before = visits(quiet)[0]
    said = sangyu("demo", "--headless", "--faults", "--people", PEOPLE, home=home)
    assert said.code == 0
    assert said.out.count("一次不少") == 2 * len(SAID)  # on the way, and in the end
    with quick_vaults():
        at_stations, at_centre = visits(quiet)
    assert at_stations == at_centre
    assert set((at_centre - before).values()) == {1}


class Stopped(Exception):
    """The window is closed in the middle of a scene."""


@pytest.mark.parametrize(
    ("at", "twice"),
    [
        pytest.param("被换成了", ["上门送米油", "电话问候"], id="put-back"),
        pytest.param("两台电脑", ["原来的电脑上登记", "复制出来的电脑上登记"], id="copied"),
    ],
)
def test_stopped_half_way_the_next_run_heals_that_too(
    first: dict[str, Any], home: Path, at: str, twice: list[str]
) -> None:
    def say(words: str) -> None:
        if at in words and not words.startswith("演练"):
            raise Stopped

    quiet = Demo(home, PEOPLE, lambda _: None)
    with quick_vaults():
        before = visits(quiet)[0]
        with pytest.raises(Stopped):
            Faults(Demo(home, PEOPLE, say)).run()
        scenes = Faults(quiet).run()
        at_stations, at_centre = visits(quiet)
    assert [one.missing for one in scenes] == [0] * len(SAID)
    assert at_stations == at_centre
    grown = at_centre - before
    assert [grown[one] for one in twice] == [2, 2]
