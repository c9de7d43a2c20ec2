"""找回资料 in the window: what only a backup holds comes back and is reported."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree, rmtree

import pytest
from PySide6.QtWidgets import QApplication
from sqlalchemy import select

from app import attachment, retiree, station
from app.attachment import New
from app.kit.run import run
from models import attachment as contents
from models.retiree import Retiree
from tests.app.life import at_home
from tests.sync.people import has, picture
from tests.ui import homes
from tests.ui.clipped import clipped, primaries
from tests.ui.homes import Place, rest
from tests.ui.test_exchange import WANG
from ui.kit.ask import prepared
from ui.kit.tokens import SCALES, scale
from ui.pages.exchange.station import ExchangePage
from ui.pages.exchange.station.salvage import SalvageDialog
from ui.shell.session import Sitting


@pytest.fixture
def place(tmp_path: Path, qapp: QApplication) -> Iterator[Place]:
    with homes.place(tmp_path) as made, homes.served(made):
        yield made


@pytest.fixture
def backup(place: Place, tmp_path: Path) -> Path:
    """王秀英 was registered, the file was put back, and only a backup still knows her."""
    place.made(approved=True).station.close()
    copytree(place.home.dir, tmp_path / "before")
    with station.open_station(place.home, None, homes.PASSWORD) as here:
        run(here.store, here.desk, retiree.register, WANG)
        with here.store.look() as session:
            who = session.scalars(select(Retiree)).one().id
        run(here.store, here.desk, attachment.attach, who, [New(picture(), "02")])
        kept = here.backup().path.rename(tmp_path / "kept.backup")
    rmtree(place.home.dir)
    copytree(tmp_path / "before", place.home.dir)
    at_home(place.home)
    return kept


@pytest.fixture
def desk(place: Place, backup: Path) -> Iterator[Sitting]:
    opened = station.open_station(place.home, None, homes.PASSWORD)
    with homes.sitting(opened) as made:
        yield made


def dialog_of(desk: Sitting) -> SalvageDialog:
    return homes.page(desk, SalvageDialog, "salvage")


def test_what_only_a_backup_holds_comes_back_and_is_reported(
    desk: Sitting, place: Place, backup: Path
) -> None:
    dialog = dialog_of(desk)
    assert not dialog.go.isEnabled()
    with prepared(backup):
        dialog.file.click()
        rest(desk)
    assert "条录入是这台电脑上没有的" in dialog.told.title.text()
    assert "王秀英" in dialog.told.text.text()
    assert "连同照片和附件的内容 1 份" in dialog.told.text.text()
    dialog.go.click()
    rest(desk)
    assert not dialog.isVisible()
    page = desk.open("exchange")
    assert isinstance(page, ExchangePage)
    rest(desk)
    page.sync()
    rest(desk)
    with desk.station.store.look() as session:
        key = session.scalars(select(Retiree)).one().id
    there = place.world.node.person(key)
    assert there is not None
    assert there.name == "王秀英"
    name = contents.digest_of(picture().data)
    assert has(place.world.node, desk.station.office.id, [name]) == {name}


def test_a_file_that_is_none_is_explained_and_nothing_happens(
    desk: Sitting, tmp_path: Path
) -> None:
    wrong = tmp_path / "photo.db"
    wrong.write_bytes(b"\x89PNG" * 2000)
    dialog = dialog_of(desk)
    with prepared(wrong):
        dialog.file.click()
        rest(desk)
    assert dialog.told.title.text() == "没有读入"
    assert not dialog.go.isEnabled()


def test_another_key_asks_for_the_password_of_that_time(desk: Sitting, tmp_path: Path) -> None:
    other = homes.place(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").mkdir()
    with other as elsewhere:
        foreign = elsewhere.made(approved=True).station
        copy = foreign.backup().path
        foreign.close()
        dialog = dialog_of(desk)
        with prepared(copy):
            dialog.file.click()
            rest(desk)
        assert dialog.field.isVisible()
        dialog.password.setText(homes.PASSWORD)
        dialog.look()
        rest(desk)
    assert "别的站点" in dialog.told.text.text()


def test_an_empty_folder_has_nothing_to_bring_back(desk: Sitting, place: Place) -> None:
    dialog = dialog_of(desk)
    with prepared(place.stick):
        dialog.stick.click()
        rest(desk)
    assert "没有要找回的" in dialog.told.title.text()
    assert not dialog.go.isEnabled()


def test_nothing_is_clipped_at_any_text_size(desk: Sitting, backup: Path) -> None:
    dialog = dialog_of(desk)
    with prepared(backup):
        dialog.file.click()
        rest(desk)
    for value in SCALES:
        scale.set(value)
        rest(desk)
        assert clipped(dialog) == []
        assert len(primaries(dialog)) <= 1
