"""The ring of the keyboard (design.md §3.3 focus)."""

from functools import partial

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ui.kit.buttons import Button, Chip
from ui.kit.focus_ring import OUT, FocusRing, hand
from ui.kit.label import LinkLabel
from ui.kit.layout import Scroll, VBox
from ui.shell.topbar import UserButton


@pytest.fixture
def window(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> QWidget:
    monkeypatch.setattr(hand, "keys", True)
    made = QWidget()
    VBox(made)
    made.resize(400, 300)
    qtbot.addWidget(made)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


def put(window: QWidget, text: str) -> Button:
    button = Button(text)
    window.layout().addWidget(button)  # type: ignore[union-attr]
    button.show()
    return button


def test_the_ring_goes_round_the_control_that_the_keyboard_reached(window: QWidget) -> None:
    ring, first, second = FocusRing(window), put(window, "保存"), put(window, "取消")
    first.setFocus()
    assert ring.isVisible()
    assert ring.target is first
    QTest.keyClick(first, Qt.Key.Key_Tab)
    assert ring.target is second
    assert ring.geometry() == second.geometry().adjusted(-OUT, -OUT, OUT, OUT)


def test_the_ring_is_not_drawn_over_what_a_control_was_scrolled_under(window: QWidget) -> None:
    column, button = VBox(), Button("保存")
    column.addWidget(button)
    column.addSpacing(900)
    area = Scroll(column)
    window.layout().addWidget(area)  # type: ignore[union-attr]
    area.show()
    QApplication.processEvents()
    ring = FocusRing(window)
    button.setFocus()
    assert ring.isVisible()
    area.verticalScrollBar().setValue(400)
    assert not ring.isVisible()
    area.verticalScrollBar().setValue(0)
    assert ring.isVisible()


def test_a_control_that_is_gone_takes_the_ring_with_it(window: QWidget) -> None:
    ring, first, second = FocusRing(window), put(window, "保存"), put(window, "取消")
    first.setFocus()
    shiboken6.delete(first)
    second.setFocus()
    assert ring.target is second


def test_tab_comes_to_a_link_and_leaves_it_both_ways(window: QWidget) -> None:
    first, link, last = put(window, "保存"), LinkLabel(), Button("取消")
    for one in (link, last):
        window.layout().addWidget(one)  # type: ignore[union-attr]
        one.show()
    link.show_link("显示")
    followed: list[str] = []
    link.linkActivated.connect(followed.append)
    first.setFocus()
    for key, now in (
        (Qt.Key.Key_Tab, link), (Qt.Key.Key_Tab, last), (Qt.Key.Key_Backtab, link),
        (Qt.Key.Key_Return, link), (Qt.Key.Key_Space, link), (Qt.Key.Key_Backtab, first),
    ):  # fmt: skip
        QTest.keyClick(window.focusWidget(), key)
        assert window.focusWidget() is now
    assert followed == ["#", "#"]


def test_enter_and_space_press_what_has_the_focus_and_held_keys_do_not(window: QWidget) -> None:
    pressed: list[str] = []
    for one in (Button("保存"), Chip("独居"), UserButton("王秀英")):
        window.layout().addWidget(one)  # type: ignore[union-attr]
        one.show()
        one.setFocus()
        one.clicked.connect(partial(pressed.append, one.accessibleName()))
        QTest.keyClick(one, Qt.Key.Key_Return)
        QTest.keyClick(one, Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier)
        QTest.keyClick(one, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClick(one, Qt.Key.Key_Space)
    assert pressed == ["保存"] * 3 + ["独居"] * 3 + ["王秀英，我的菜单"] * 3
