"""A password is of one computer: changed at one PC of a station while another works without a
network, nobody is locked out and nothing is left behind; the old one opens what it has to, and no
more (Kolibri's scenario of a password change)."""

from pathlib import Path

import pytest
from sqlalchemy import select

from app import account
from app.kit import faults
from app.kit.paths import Home
from app.kit.run import run
from app.station import open_station, restore_station
from models.visit import Visit
from tests.whole.commands import PASSWORD, done, quick_vaults, refused
from tests.whole.conftest import World
from tests.whole.ways import serving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

NEW, CLERK, LATER = "Haitang-2027", "Yalong-2026", "Yalong-2027"
HEAD = "刘桂兰"


@pytest.fixture
def second(world: World) -> Path:
    """Another PC of the same station, with its own password for the same head."""
    at, home = world.dir, world.dir / "second"
    world.centre("invite", "桂苑社区", "--out", at / "again.sangyu")
    files = ("--invitation", at / "again.sangyu", "--answer", at / "again-answer.sangyu")
    done("station", "create", *files, "--as", HEAD, home=home)
    world.centre("approve", at / "again-answer.sangyu", "--out", at / "again-approval.sangyu")
    done("station", "accept", at / "again-approval.sangyu", home=home)
    return home


def notes_at(world: World) -> set[str]:
    from app.station import open_centre  # noqa: PLC0415

    with (
        open_centre(Home(world.centre_home, side="centre"), None, PASSWORD) as centre,
        centre.store.look() as session,
    ):
        return {one for one in session.scalars(select(Visit.living_note)) if one}


def visit(home: Path, note: str, password: str = PASSWORD, *words: str) -> None:
    listed = done("station", "people", *words, home=home, password=password)
    who = listed["people"][0]["id"]
    done("station", "visit", who, "--note", note, *words, home=home, password=password)


def test_changed_at_one_pc_while_the_other_works_offline(world: World, second: Path) -> None:
    with serving(world):
        world.station("sync")
        done("station", "sync", home=second)
        visit(second, "二机未联网")
        backup = world.station("backup")["file"]
        visit(world.home, "一机改前")
        packed = world.station("pack", world.stick)["files"]
        with quick_vaults(), open_station(Home(world.home), HEAD, PASSWORD) as here:
            run(here.store, here.desk, account.change_password, here.vault, PASSWORD, NEW)
        assert "口令不对" in refused("station", "sync", home=world.home)
        visit(world.home, "一机改后", NEW)
        # the other computer knows nothing of it, and delivers what it has
        for home, password in ((second, PASSWORD), (world.home, NEW), (second, PASSWORD)):
            talk = done("station", "sync", home=home, password=password)
            assert talk["pending"] == 0
        # what was packed under the old password is read like any other, and counts once
        assert packed
        world.centre("unpack", world.stick)
    assert notes_at(world) == {"二机未联网", "一机改前", "一机改后"}
    assert done("station", "people", home=second)["people"]
    with pytest.raises(faults.WrongPassword), quick_vaults():
        restore_station(Home(world.home), Path(backup), HEAD, PASSWORD)
    elsewhere = Home(world.dir / "elsewhere")
    with quick_vaults():
        restore_station(elsewhere, Path(backup), HEAD, PASSWORD)
        with open_station(elsewhere, HEAD, PASSWORD) as old:
            assert old.office.name == "桂苑社区"


def test_who_was_stopped_at_one_pc_is_let_in_nowhere_once_the_other_has_heard(
    world: World, second: Path
) -> None:
    with quick_vaults(), open_station(Home(world.home), HEAD, PASSWORD) as here:
        made = run(
            here.store, here.desk, account.create, here.vault, "陈敏", CLERK, ["clerk"]
        ).result
    with serving(world):
        for home in (world.home, second):
            done("station", "sync", "--as", HEAD, home=home)
        with quick_vaults(), open_station(Home(second), HEAD, PASSWORD) as there:
            run(there.store, there.desk, account.reset, there.vault, made.id, LATER)
        visit(world.home, "经办人在一机", CLERK, "--as", "陈敏")
        visit(second, "经办人在二机", LATER, "--as", "陈敏")
        with quick_vaults(), open_station(Home(world.home), HEAD, PASSWORD) as here:
            run(here.store, here.desk, account.disable, here.vault, made.id)
        for home in (world.home, second):
            done("station", "sync", "--as", HEAD, home=home)
    assert "停用" in refused("station", "status", "--as", "陈敏", home=second, password=LATER)
    assert notes_at(world) == {"经办人在一机", "经办人在二机"}
