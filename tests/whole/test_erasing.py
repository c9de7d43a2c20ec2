"""Somebody is erased by the commands of the centre: the station's file, one put back in its place
and a backup brought back are without them before anything is shown."""

from contextlib import closing
from pathlib import Path
from shutil import copytree, rmtree

import pytest

from app.kit.marker import Marker
from app.kit.paths import Home
from app.station import open_station
from tests.sync import leaks
from tests.whole.commands import PASSWORD
from tests.whole.conftest import World
from tests.whole.ways import by_stick

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def left(folder: Path, *secrets: str) -> list[tuple[str, str]]:
    """Where any of these still stands in the station's own database."""
    with closing(open_station(Home(folder), None, PASSWORD, alone=False)) as opened:
        path, key = opened.home.database, opened.vault.key
        return leaks.found([("pages", leaks.pages(path, key))], secrets)


def test_who_is_erased_is_gone_and_no_old_file_brings_them_back(world: World) -> None:
    by_stick(world)
    people = world.station("people", "--full")["people"]
    one = people[0]
    secrets = (one["name"], one["id_no"])
    backup = world.station("backup")["file"]
    copytree(world.home, world.dir / "last month")

    seen = world.centre("erase", one["id_no"])
    assert not seen["erased"]
    assert seen["holds"]["认证任务"] == 1
    assert "姓名" in world.centre_refuses(
        "erase", one["id"], "--name", "别人", "--reason", "本人申请"
    )
    assert world.centre("erase", one["id"], "--name", one["name"], "--reason", "本人书面申请")[
        "erased"
    ]
    assert "没有找到" in world.centre_refuses("erase", one["id_no"])
    assert len(world.centre("people")["people"]) == len(people) - 1

    by_stick(world)
    assert not list((world.home / "inbox").glob("*-*.sangyu"))
    assert one["id"] not in {each["id"] for each in world.station("people")["people"]}
    assert left(world.home, *secrets) == []
    assert one["id"] in (Marker.of(Home(world.home)).path.read_text("ascii"))

    rmtree(world.home)
    copytree(world.dir / "last month", world.home)
    assert left(world.home, *secrets) == []
    assert one["id"] not in {each["id"] for each in world.station("people")["people"]}

    world.station("restore", backup)
    assert one["id"] not in {each["id"] for each in world.station("people")["people"]}
    assert left(world.home, *secrets) == []
    again = by_stick(world)
    assert again["pending"] == 0
    assert len(world.centre("people")["people"]) == len(people) - 1
