import ast
import inspect
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from resources import path
from tests.ui import gallery
from tests.ui.clipped import clipped, primaries
from ui import pages
from ui.kit.buttons import Button
from ui.kit.fonts import advance
from ui.kit.layout import VBox
from ui.kit.tokens import SCALES, scale
from ui.pages.visit import VisitDialog
from ui.shell.catalogue import ENTRIES, SIDES, entries
from ui.shell.help import OF_PAGE, TOPICS, HelpSheet, place_of, topic_of
from ui.shell.screens import DIALOGS, PAGES
from ui.shell.topbar import SizePopup
from ui.shell.window import Window

SIZES = [*product(((1366, 688), (1920, 1000)), (1.0, 1.25, 1.5))]


class Detail(QWidget):
    back = "返回名单"

    def __init__(self, name: str) -> None:
        super().__init__()
        self.title, self.left = name, False
        VBox(self).addWidget(Button("登记走访"))


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    pages = gallery.make_pages() | {"person": Detail}
    made = Window(person="刘桂兰", station="桂苑社区服务站", entries=ENTRIES, pages=pages)
    qtbot.addWidget(made)
    made.resize(1366, 688)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    made.open("retirees")
    yield made
    scale.set(1.0)


@pytest.mark.parametrize(("size", "value"), SIZES)
def test_nothing_is_clipped_and_the_window_never_grows(
    window: Window, size: tuple[int, int], value: float
) -> None:
    scale.set(value)
    window.resize(*size)
    for key in ("retirees", "workbench", "archive"):
        window.open(key)
        QApplication.processEvents()
        assert clipped(window) == []
        assert (window.width(), window.height()) == size


def test_one_primary_button_on_a_list_with_its_panel(window: Window) -> None:
    assert len(primaries(window)) == 1


def test_the_brand_and_the_station_are_in_the_title(window: Window) -> None:
    assert window.windowTitle() == "桑榆 退休人员服务 — 桂苑社区服务站"


def test_what_opens_a_screen_gives_it_only_what_it_takes() -> None:
    """By the words of the sources: a name with an argument nobody takes is a fault at the click."""
    screens, found = {**PAGES, **DIALOGS}, 0
    for file in (Path(pages.__file__).parent).rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(call, ast.Call) or not call.args:
                continue
            name = getattr(call.args[0], "value", None)
            if isinstance(name, str) and name in screens and "open" in ast.unparse(call.func):
                taken = inspect.signature(screens[name]).parameters
                assert {one.arg for one in call.keywords if one.arg} <= {*taken}, (file, name)
                found += 1
    assert found > 100


def test_numbers_lead_to_the_screens_and_stay_with_them(window: Window) -> None:
    QTest.keyClick(window, Qt.Key.Key_7, Qt.KeyboardModifier.ControlModifier)
    assert window.nav.items["archive"].isChecked()
    QTest.keyClick(window, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert window.nav.items["exchange"].isChecked()


def test_when_what_had_the_focus_goes_the_hands_stay_in_the_page(
    window: Window, qtbot: QtBot
) -> None:
    page = window.open("person", name="王秀英")
    done, left = Button("接收…"), Button("看人员档案")
    for button in (left, done):
        page.layout().addWidget(button)  # type: ignore[union-attr]
        button.show()
    done.setFocus()
    done.hide()
    qtbot.waitUntil(lambda: page.isAncestorOf(window.focusWidget()))
    first = page.findChild(Button)
    assert window.focusWidget() is first


@pytest.mark.parametrize("side", SIDES)
def test_the_numbers_go_down_the_menu(side: str) -> None:
    numbers = [each.number or 10 for each in SIDES[side]]
    assert numbers == sorted(set(numbers))


def test_a_screen_that_is_missing_leaves_its_number_free() -> None:
    shown = entries({"workbench", "exchange", "party"}, {"general"})
    assert [(each.key, each.number) for each in shown] == [("workbench", 1), ("exchange", 0)]


def test_a_person_page_leads_back_to_the_same_list(window: Window) -> None:
    listed = window.page()
    window.open("person", name="王秀英")
    assert window.top.way_back.text() == "返回名单"
    assert window.top.crumb.text == "王秀英"
    assert window.nav.items["retirees"].isChecked()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert window.page() is listed
    assert window.top.title.text() == "退休人员"


def test_the_way_back_leads_to_the_same_control(window: Window) -> None:
    lines = [one for one in window.stack.findChildren(QAbstractButton) if one.isVisible()]
    lines[3].setFocus()
    window.open("person", name="王秀英")
    assert window.focusWidget() is not lines[3]
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert window.focusWidget() is lines[3]
    window.open("person", name="王秀英")
    lines[3].hide()  # gone meanwhile: the page begins where it always does
    window.go_back()
    spot = window.focusWidget()
    assert spot is not None
    assert window.stack.isAncestorOf(spot)


def test_alt_left_goes_back_too_and_never_past_the_first(window: Window) -> None:
    window.open("person", name="王秀英")
    for _ in range(3):
        QTest.keyClick(window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert len(window.trail) == 1


def test_first_level_pages_are_built_once(window: Window) -> None:
    first = window.page()
    window.open("workbench")
    assert window.open("retirees") is first


def test_a_page_may_use_escape_for_itself(window: Window) -> None:
    page = window.open("person", name="王秀英")
    page.escape = lambda: True  # type: ignore[attr-defined]
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert window.page() is page


def test_the_text_size_follows_the_keys(window: Window) -> None:
    QTest.keyClick(window, Qt.Key.Key_Equal, Qt.KeyboardModifier.ControlModifier)
    assert scale.value == 1.25
    assert window.nav.rail
    QTest.keyClick(window, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
    assert not window.nav.rail


@pytest.mark.qt_log_ignore("does not support grabbing the", extend=True)
def test_the_size_popup_writes_each_row_in_its_own_size(window: Window) -> None:
    window.top.letters.click()
    popup = window.findChild(SizePopup)
    assert popup is not None
    rows = popup.findChildren(Button)
    assert [row.text()[-2:].strip() for row in rows] == ["标准", "大", "特大"]
    rows[2].click()
    assert scale.value == 1.5


def test_what_is_waiting_is_told_in_words_too(window: Window) -> None:
    window.nav.show_badge("due", 86)
    assert window.nav.items["certification"].accessibleName() == "资格认证，86 件待办"


def test_saved_and_reported_are_two_facts(window: Window) -> None:
    window.nav.safe.say("14:32", 3)
    assert (window.nav.safe.saved, window.nav.safe.waiting) == ("已存本机 14:32", "待上报 3 条")
    window.nav.safe.say("14:32", 3, days=12)
    assert window.nav.safe.waiting == "待上报 3 条·12 天"
    window.nav.safe.say("14:32", 0, offline=True)
    assert window.nav.safe.waiting == "没有待上报 · 离线"


def test_without_a_line_number_and_age_of_what_waits_are_told_all_the_same(window: Window) -> None:
    safe = window.nav.safe
    safe.say("14:32", 41, offline=True, days=23)
    assert (safe.waiting, safe.waiting_icon) == ("离线中 41 条·23 天", "cloud-off")
    assert safe.waiting in safe.accessibleName()
    for size, value in (((1366, 688), 1.0), ((1920, 1000), 1.25)):
        scale.set(value)
        window.resize(*size)
        QApplication.processEvents()
        assert safe.isVisible()
        for offline in (True, False):
            safe.say("11-20 14:32", 12345, offline=offline, days=365)
            assert max(advance(one, "caption") for one in (safe.saved, safe.waiting)) < safe.room()


def test_undo_prefers_the_toast_and_asks_outside_otherwise(qtbot: QtBot, window: Window) -> None:
    undone: list[int] = []
    window.say("已保存", lambda: undone.append(1))
    window.setFocus()
    window.undo()
    assert undone == [1]
    with qtbot.waitSignal(window.undo_wanted):
        window.undo()


def test_locking_is_only_wished_for(qtbot: QtBot, window: Window) -> None:
    with qtbot.waitSignal(window.lock_wanted):
        QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)


@pytest.mark.parametrize("value", SCALES)
def test_f1_shows_how_the_page_is_worked_and_every_shortcut(window: Window, value: float) -> None:
    scale.set(value)
    window.open("certification")
    window.shortcuts["F1"].activated.emit()
    QApplication.processEvents()
    sheet = window.findChild(HelpSheet)
    assert sheet is not None
    assert "F8，用扫码枪" in sheet.text.toPlainText()
    assert sheet.topics.hasFocus()
    QTest.keyClick(sheet.topics, Qt.Key.Key_Down)
    assert sheet.text.toPlainText().startswith("走访")
    assert clipped(sheet) == []
    sheet.show_tab("keys")
    QApplication.processEvents()
    assert clipped(sheet) == []
    words = {label.text() for label in sheet.findChildren(QLabel)}
    assert {"Ctrl+1", "工作台", "Ctrl+L", "锁定"} <= words
    sheet.reject()


def test_every_page_of_help_is_listed_and_every_screen_and_form_has_one() -> None:
    there = {file.stem for file in path("help").glob("*.md")}
    assert len(set(TOPICS)) == len(TOPICS)
    assert not {*TOPICS} ^ there, f"ui/shell/help.py, TOPICS: {set(TOPICS) ^ there}"
    assert {*OF_PAGE.values()} <= there
    silent = {one for one in PAGES if not topic_of(one)}
    assert not silent, f"ui/shell/help.py, OF_PAGE: pages {silent}"
    forms = {name: made.__module__.removeprefix("ui.pages.") for name, made in DIALOGS.items()}
    silent = {place for place in forms.values() if not topic_of(place)}
    assert not silent, f"ui/shell/help.py, OF_PAGE: dialogs of ui/pages/ {silent}"
    assert topic_of(place_of(VisitDialog.__new__(VisitDialog))) == "visit"
    assert topic_of("family.TagsDialog") == "tag"


def test_the_menu_says_what_was_chosen(qtbot: QtBot, window: Window) -> None:
    menu = window.top.build_menu()
    named = {action.text(): action for action in menu.actions()}
    with qtbot.waitSignal(window.menu_chosen) as heard:
        named["站点信息"].trigger()
    assert heard.args == ["station"]
    with qtbot.waitSignal(window.quit_wanted):
        named["退出"].trigger()


def test_every_control_of_the_frame_has_a_name(window: Window) -> None:
    nameless = [b for b in window.findChildren(QAbstractButton) if not b.accessibleName()]
    assert [type(b).__name__ for b in nameless if b.isVisible()] == []
