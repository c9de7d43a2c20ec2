"""Network, stick, backup and restore by commands: what arrives, what is sent twice, what is not."""

import shutil
import signal
import socket
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import copytree, rmtree

import pytest

from sync import pack
from tests.whole.commands import done
from tests.whole.conftest import World, enrol, free_port
from tests.whole.ways import by_stick, serving, somebody

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


# ---- network --------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT], ids=["term", "ctrl-c"])
def test_over_the_network_everything_arrives_once(world: World, end: int) -> None:
    waiting = world.station("status")["pending"]
    with serving(world, end=end):
        first = world.station("sync")
        again = world.station("sync")
        status = world.station("status")
    assert first["sent"] == first["decided"] == waiting > 0
    assert (again["sent"], again["received"], again["pending"]) == (0, 0, 0)
    assert status["pending"] == status["unsent"] == 0
    assert status["last_confirmed_at"]
    centre = world.centre("status")
    assert centre["people"] == status["people"]
    assert centre["stations"][0]["received"] == waiting
    assert centre["stations"][0]["held"] == 0
    assert len(centre["stations"][0]["spoken"]) == 8


def test_one_centre_has_one_service_on_a_port_that_is_free(world: World) -> None:
    for host, at in (("no.such.host.invalid", 0), ("203.0.113.7", 0)):
        assert "不能用" in world.centre_refuses("serve", "--host", host, "--port", at)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        busy = taken.getsockname()[1]
        assert "别的程序占用" in world.centre_refuses("serve", "--port", busy)
    assert "端口" in world.centre_refuses("serve", "--port", 99999)
    with serving(world):
        assert "已经在运行" in world.centre_refuses("serve", "--port", 0)


def test_a_centre_that_moves_is_found_at_its_new_address(world: World) -> None:
    assert "没有换过" in world.centre_refuses("address", "--out", world.dir / "card.sangyu")
    nowhere = ("address", "--city", "https://10.0.0.5:8743")
    assert "还没有加入市级" in world.centre_refuses(*nowhere)
    moved = replace(world, url=f"https://127.0.0.1:{free_port()}")
    with serving(world):
        world.centre("address", "--url", moved.url)
        world.station("sync")
        said = world.centre("address")
    assert (said["url"], said["known"], said["stations"]) == (moved.url, 1, 1)
    with serving(moved):
        assert world.station("sync")["pending"] == 0
    world.centre("address", "--out", world.dir / "card.sangyu")
    assert pack.read((world.dir / "card.sangyu").read_bytes()).header.kind == "card"
    world.centre("address", "--certificate", "replace")
    with serving(moved):
        assert "连不上区中心" in world.station_refuses("sync")
    assert by_stick(world)["pending"] == 0
    with serving(moved):
        world.station("sync")


def test_without_the_centre_nothing_is_lost_and_the_sentence_says_so(world: World) -> None:
    waiting = world.station("status")["pending"]
    assert "连不上区中心" in world.station_refuses("sync")
    assert world.station("status")["pending"] == waiting
    with serving(world):
        assert world.station("sync")["sent"] == waiting


def test_a_centre_with_another_certificate_gets_nothing(world: World, tmp_path: Path) -> None:
    other = World(tmp_path / "other", world.url)
    other.dir.mkdir()
    done("centre", "create", "--name", "假中心", "--url", world.url, home=other.centre_home)
    with serving(other):
        assert world.station_refuses("sync")
        status = other.centre("status")
    assert (status["people"], status["stations"]) == (0, [])
    assert world.station("status")["unsent"] > 0


# ---- stick ----------------------------------------------------------------------------------


def test_by_stick_everything_arrives_once(world: World) -> None:
    waiting = world.station("status")["pending"]
    first = by_stick(world)
    assert first["packed"] == first["taken"] == first["decided"] == waiting
    assert first["pending"] == 0
    again = by_stick(world)
    assert (again["packed"], again["taken"], again["decided"]) == (0, 0, 0)
    assert world.centre("status")["people"] == world.station("status")["people"]


def test_the_same_stick_read_twice_changes_nothing(world: World) -> None:
    world.station("pack", world.stick)
    assert world.centre("unpack", world.stick)["changes"] > 0
    assert world.centre("unpack", world.stick)["changes"] == 0
    world.centre("pack", world.stick)
    assert world.station("unpack", world.stick)["pending"] == 0
    again = world.station("unpack", world.stick)
    assert (again["received"], again["decided"], again["pending"]) == (0, 0, 0)


def test_a_stick_that_never_arrived_is_made_good_by_the_next(world: World, tmp_path: Path) -> None:
    lost = tmp_path / "lost"
    lost.mkdir()
    waiting = world.station("pack", lost)["changes"]
    world.station("visit", somebody(world))
    first = by_stick(world)
    assert first["taken"] > waiting
    assert first["pending"] == 0
    for file in lost.iterdir():
        file.rename(world.stick / file.name)
    late = by_stick(world)
    assert (late["taken"], late["decided"]) == (0, 0)


def test_network_and_stick_may_be_mixed(world: World) -> None:
    world.station("pack", world.stick)
    with serving(world):
        world.station("sync")
    assert world.centre("unpack", world.stick)["changes"] == 0
    world.station("visit", somebody(world))
    last = by_stick(world)
    assert last["taken"] == last["decided"] > 0
    assert world.centre("status")["visits"] == 1


def test_own_files_leave_the_stick_when_their_receipt_was_read_and_others_stay(
    world: World,
) -> None:
    (world.stick / "照片.jpg").write_bytes(b"not ours")
    packed = world.station("pack", world.stick)["files"]
    assert all((world.stick / name).exists() for name in packed)
    world.centre("unpack", world.stick)
    world.centre("pack", world.stick)
    world.station("unpack", world.stick)
    assert not any((world.stick / name).exists() for name in packed)
    assert (world.stick / "照片.jpg").read_bytes() == b"not ours"


def test_broken_foreign_and_forged_files_are_refused_and_the_rest_is_taken(world: World) -> None:
    packed = world.station("pack", world.stick)["files"]
    whole = (world.stick / packed[0]).read_bytes()
    middle = len(whole) // 2
    (world.stick / "a-cut.sangyu").write_bytes(whole[:-100])
    (world.stick / "b-turned.sangyu").write_bytes(
        whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    )
    (world.stick / "c-foreign.sangyu").write_bytes(b"PK\x03\x04" + bytes(100))
    said = world.centre_refuses("unpack", world.stick)
    assert all(name in said for name in ("a-cut", "b-turned", "c-foreign"))
    assert world.centre("status")["people"] == world.station("status")["people"]
    world.centre("pack", world.stick)
    refusal = world.station_refuses("unpack", world.stick)
    assert "c-foreign" in refusal
    assert world.station("status")["pending"] == 0


def test_a_stick_that_is_not_there_is_refused(world: World) -> None:
    nowhere = world.dir / "E"
    for word in ("pack", "unpack"):
        assert world.station_refuses(word, nowhere)
        assert world.centre_refuses(word, nowhere) if word == "unpack" else True


# ---- the centre on PostgreSQL ---------------------------------------------------------------


@pytest.mark.postgres
def test_a_centre_on_postgresql_does_the_same(
    enrolled: World, tmp_path: Path, postgres_url: str
) -> None:
    world = World(tmp_path, f"https://127.0.0.1:{free_port()}")
    database = ("--database", postgres_url)
    enrol(world, *database)
    world.station("import", enrolled.dir / "roster.xlsx")
    twin = World(tmp_path / "twin")
    copytree(world.centre_home, twin.centre_home)
    with serving(world, *database):
        assert world.station("sync")["pending"] == 0
        assert world.station("sync")["sent"] == 0
        assert "已经在运行" in twin.centre_refuses("serve", "--port", 0, *database)
    with serving(world, *database):
        assert world.station("sync")["sent"] == 0
    people = world.station("status")["people"]
    assert world.centre("status", *database)["people"] == people
    ours = {one["id_no"] for one in world.station("people", "--full")["people"]}
    there = world.centre("people", "--full", *database)["people"]
    assert {one["id_no"] for one in there} == ours
    world.station("visit", somebody(world), "--certify")
    last = by_stick(world, *database)
    assert last["taken"] == last["decided"] > 0
    assert last["pending"] == 0
    assert not (world.centre_home / "centre.db").exists()
    assert "服务器自己的备份" in world.centre_refuses("backup", *database)


def test_what_only_a_backup_holds_is_found_again_by_command(world: World, tmp_path: Path) -> None:
    copytree(world.home, tmp_path / "before")
    somebody = world.station("due")["people"][0]
    world.station("visit", somebody["id"], "--note", "送去日历")
    kept = Path(world.station("backup")["file"]).rename(tmp_path / "kept.backup")
    rmtree(world.home)
    copytree(tmp_path / "before", world.home)
    seen = world.station("salvage", kept, "--look")
    assert seen["lacking"] > 0
    assert seen["taken_back"] == 0
    taken = world.station("salvage", kept)
    assert taken["taken_back"] == seen["lacking"]
    assert world.station("salvage", kept)["lacking"] == 0
    assert "没有要找回的" in world.said("salvage", kept)
    assert "不是桑榆" in world.station_refuses("salvage", tmp_path / "before" / "keys.json")


# ---- the centre's word ------------------------------------------------------------------------


def test_what_the_centre_sends_back_is_to_be_done_again_with_its_reason(world: World) -> None:
    forms = world.station("forms", "--all", "--out", world.dir / "forms.pdf")["numbers"][:3]
    world.station("returned", *forms)
    due = len(world.station("due")["people"])
    by_stick(world)
    waiting = world.centre("certifications", "--office", "桂苑社区")["certifications"]
    assert [one["form_no"] for one in waiting] == forms
    assert world.centre("confirm", forms[0])["certifications"][0]["state"] == "上级已确认"
    said = world.centre("refuse", waiting[1]["id"], "--reason", "照片模糊，请重新核对")
    assert (said["form_no"], said["state"]) == (forms[1], "退回")
    assert "已经退回" in world.centre_refuses("confirm", forms[1])
    assert "已经退回过" in world.centre_refuses("refuse", forms[1], "--reason", "再退")
    assert "请写明" in world.centre_refuses("refuse", forms[2], "--reason", " ")
    assert "没有编号" in world.centre_refuses("refuse", "RZ26-XXX-00000-0", "--reason", "x")
    assert world.centre_refuses("certifications", "--office", "没有这站")

    world.centre("pack", world.stick)
    world.station("unpack", world.stick)
    again = world.station("due")["people"]
    assert len(again) == due + 1
    reopened = next(one for one in again if one["name"] == said["name"])
    assert reopened["state"] in ("due", "overdue")
    assert by_stick(world)["pending"] == 0
    assert [one["form_no"] for one in world.centre("certifications")["certifications"]] == forms[2:]
    everyone = world.centre("certifications", "--all")["certifications"]
    assert {one["reason"] for one in everyone} == {"", "照片模糊，请重新核对"}
    assert reopened["note"] == "区中心退回：照片模糊，请重新核对"


# ---- one folder on two computers --------------------------------------------------------------


@dataclass
class Computers:
    """Two computers with the same disk, of which one is on: the program sees the same folder and
    the same mark outside it, as after cloning a disk."""

    world: World
    state: Path

    def clone(self) -> None:
        for here in (self.world.home, self.state):
            shutil.copytree(here, self._off(here))

    def change(self) -> None:
        """Go to the other one."""
        for here in (self.world.home, self.state):
            aside = here.with_name(f"{here.name}-aside")
            here.rename(aside)
            self._off(here).rename(here)
            aside.rename(self._off(here))

    def _off(self, here: Path) -> Path:
        return here.with_name(f"{here.name}-off")


@pytest.fixture
def computers(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Computers:
    state = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    world.station("status")
    return Computers(world, state)


def visit(world: World, who: str) -> None:
    world.station("visit", somebody(world), "--visitors", who)


def test_a_cloned_station_begins_anew_by_itself_over_the_network(computers: Computers) -> None:
    world = computers.world
    with serving(world):
        world.station("sync")
        computers.clone()
        visit(world, "这一台")
        world.station("sync")
        computers.change()
        visit(world, "另一台")
        visit(world, "另一台")
        said = world.said("sync")
        assert "换新编号" in said
        assert "资料没有丢" in said
        assert world.station("sync")["anew"] is None
        computers.change()
        assert world.station("sync")["anew"] == 0  # both leave the stream that two wrote
        again = world.station("sync")
        assert (again["pending"], again["anew"]) == (0, None)
    centre = world.centre("status")
    assert centre["visits"] == 3
    assert centre["stations"][0]["held"] == 0


def test_a_cloned_station_begins_anew_by_stick(computers: Computers) -> None:
    world = computers.world
    by_stick(world)
    computers.clone()
    visit(world, "这一台")
    by_stick(world)
    computers.change()
    visit(world, "另一台")
    world.station("pack", world.stick)
    world.centre("unpack", world.stick)
    world.centre("pack", world.stick)
    read = world.station("unpack", world.stick)
    assert read["anew"] > 0
    assert world.station("unpack", world.stick)["anew"] is None
    assert by_stick(world)["pending"] == 0
    assert world.centre("status")["visits"] == 2
