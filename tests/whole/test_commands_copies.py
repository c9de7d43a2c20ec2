"""Copies by commands: made, put back, and what becomes of what they lack."""

from datetime import time
from pathlib import Path
from threading import Event

import pytest

from app.kit import backup
from app.kit.paths import Home
from app.station import open_centre
from tests.whole.commands import PASSWORD, refused, sangyu
from tests.whole.conftest import World
from tests.whole.ways import by_stick, serving, somebody
from ui.command import copies

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def test_a_restored_station_offers_again_and_doubles_nothing(world: World) -> None:
    by_stick(world)
    world.station("visit", somebody(world), "--note", "备份之前")
    copy = world.station("backup")["file"]
    world.station("visit", somebody(world), "--note", "备份之后，未上报")
    done = world.station("restore", copy)
    offered = done["offered"]
    assert offered > 0
    status = world.station("status")
    assert status["pending"] >= offered
    last = by_stick(world)
    assert last["pending"] == 0
    centre = world.centre("status")
    assert centre["people"] == status["people"]
    assert centre["visits"] == 1
    aside = Path(done["replaced"]) / Home(world.home).database.name
    assert world.station("salvage", aside)["taken_back"] > 0
    assert by_stick(world)["pending"] == 0
    assert world.centre("status")["visits"] == 2
    assert f"sangyu station salvage {world.home}" in world.said("restore", copy)


def test_a_rehearsal_by_command_is_known_at_the_centre(world: World) -> None:
    """It goes well without changing anything; a damaged backup is refused with its sentence."""
    copy = Path(world.station("backup")["file"])
    before = world.station("people")
    done = world.station("drill")
    assert done["passed"]
    assert done["people"] == len(before["people"])
    assert "备份能恢复" in world.said("drill")
    by_stick(world)
    (row,) = world.centre("status")["stations"]
    assert (row["drill_passed"], row["drill_late"]) == (True, False)
    copy.write_bytes(copy.read_bytes()[:4000])
    assert "已经损坏" in world.station_refuses("drill")
    by_stick(world)
    assert world.centre("status")["stations"][0]["drill_passed"] is False
    said = sangyu("centre", "status", home=world.centre_home).out
    assert "；恢复演练今天 " in said
    assert " 没有通过" in said
    assert world.station("people") == before


def test_what_was_sent_after_the_backup_comes_back_from_the_centre(world: World) -> None:
    by_stick(world)
    copy = world.station("backup")["file"]
    person = somebody(world)
    world.station("visit", person, "--note", "备份之后，已上报", "--certify")
    by_stick(world)
    assert world.centre("status")["visits"] == 1
    world.station("restore", copy)
    by_stick(world)
    by_stick(world)
    assert world.centre("status")["visits"] == 1
    assert world.centre("status")["certifications"] == 1
    assert world.station("status")["pending"] == 0
    assert person not in [one["id"] for one in world.station("due")["people"]]


def test_what_is_no_backup_is_refused_and_the_station_stays(world: World) -> None:
    before = world.station("status")
    for name in ("roster.xlsx", "answer.sangyu", "nothing.backup"):
        assert world.station_refuses("restore", world.dir / name)
    assert world.station("status") == before


def test_a_backup_does_not_open_with_a_wrong_password(world: World) -> None:
    copy = world.station("backup")["file"]
    said = refused("station", "restore", copy, home=world.home, password="Wrong-2026")
    assert "口令" in said
    assert world.station("status")["approved"]


def test_a_centre_put_back_by_command_has_what_came_since_from_beside_it(world: World) -> None:
    by_stick(world)
    copy = world.centre("backup")["file"]
    world.station("visit", somebody(world), "--note", "备份之后")
    by_stick(world)
    with serving(world):
        assert "先停下服务" in world.centre_refuses("restore", copy)
    world.centre("restore", copy)
    said = sangyu("centre", "status", "--json", home=world.centre_home)
    assert "已从原始数据存底补齐" in said.err
    assert said.data["visits"] == 1
    by_stick(world)
    assert by_stick(world)["pending"] == 0
    assert world.centre("status")["visits"] == 1


def test_a_centre_at_which_nobody_sits_is_backed_up_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "SLOTS", (("noon", time(0, 0)),))
    monkeypatch.setattr(copies, "EVERY", 0.05)
    made = world.centre_home / "backups"
    with open_centre(Home(world.centre_home, side="centre"), None, PASSWORD) as opened:
        with copies.kept_up(opened):
            for _ in range(200):
                if list(made.glob("*-noon.backup")):
                    break
                Event().wait(0.05)
        assert len(list(made.glob("*-noon.backup"))) == 1
