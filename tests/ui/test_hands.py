"""Where the keys are after something was done: in the page, never in the side bar."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from app.kit import sheet
from models.kit import clock
from tests.make import an_id_number
from tests.sync.parts import register
from tests.ui import centre
from tests.ui.centre import Place
from tests.ui.homes import page, rest, sitting, words
from tests.ui.test_centre import certified
from ui.kit.ask import prepared
from ui.kit.buttons import Button
from ui.pages.results import ResultsDialog
from ui.pages.troubles import TroublesPage
from ui.shell.session import Sitting


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with centre.place(tmp_path) as made:
        yield made


@pytest.fixture
def desk(qtbot: QtBot, here: Place) -> Iterator[Sitting]:
    station = here.world.station("519902001001")
    for number in (26, 28):
        station.do(certified, station.do(register, id_no=an_id_number(sequence=number)))
    here.world.sync(station)
    with sitting(here.opened) as made:
        qtbot.waitUntil(made.window.isActiveWindow)
        yield made


def press(desk: Sitting, shown: TroublesPage, text: str) -> Button:
    (button,) = (b for b in shown.panel.findChildren(Button) if b.isVisible() and b.text() == text)
    button.setFocus()
    button.click()
    rest(desk)
    return button


def test_a_list_that_begins_at_another_chip_takes_the_keys(desk: Sitting) -> None:
    shown = page(desk, TroublesPage, "troubles")
    assert shown.list.chips.current() == "certs"
    assert desk.window.focusWidget() is shown.list.list.table


def test_whoever_does_the_last_of_a_list_chooses_another_next(desk: Sitting) -> None:
    shown = page(desk, TroublesPage, "troubles")
    press(desk, shown, "确认")
    assert desk.window.focusWidget() is shown.list.list.table
    press(desk, shown, "确认")
    assert shown.list.list.total == 0
    assert desk.window.focusWidget() is shown.list.chips.buttons["certs"]


def test_what_goes_behind_a_dialog_leaves_the_keys_in_the_page(desk: Sitting) -> None:
    shown = page(desk, TroublesPage, "troubles")
    (spot,) = (b for b in shown.panel.findChildren(Button) if b.isVisible() and "退回" in b.text())
    spot.setFocus()
    over = QDialog(desk.window)
    over.open()
    rest(desk)
    shown.reload()  # as when a station was in touch meanwhile
    rest(desk)
    over.reject()
    desk.window.activateWindow()  # as the system does
    rest(desk)
    now = desk.window.focusWidget()
    assert now is not None
    assert shown.isAncestorOf(now)


def test_enter_chooses_the_agencys_list_and_then_is_done(desk: Sitting, tmp_path: Path) -> None:
    path = tmp_path / "比对.xlsx"
    day = clock.today().isoformat()
    row = [an_id_number(sequence=26), "王秀英", day, "数据比对"]
    path.write_bytes(sheet.write_xlsx(["身份证号", "姓名", "认证日期", "方式"], [row]))
    dialog = desk.open("results")
    assert isinstance(dialog, ResultsDialog)
    rest(desk)
    assert dialog.focusWidget() is dialog.choose
    with prepared(path):
        dialog.choose.click()
        rest(desk, 8)
    assert "已导入" in words(dialog)
    assert dialog.focusWidget() is dialog.leave
