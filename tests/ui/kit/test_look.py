"""Heights, words and primary buttons of every basic part, at every size."""

import re
import sys

import pytest
from PySide6.QtGui import QFontMetrics, QImage, QPainter
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.ui import gallery
from tests.ui.clipped import clipped
from ui.kit import fonts, icons, style, tokens
from ui.kit.buttons import Button
from ui.kit.date_box import DateBox
from ui.kit.inputs import CheckBox, Combo, PasswordBox, RadioButton, SearchBox, TextBox, set_state
from ui.kit.layout import VBox
from ui.kit.tokens import SCALES, colour, scale

HEIGHT = {1.0: 36, 1.25: 44, 1.5: 53}


@pytest.mark.parametrize("value", SCALES)
def test_every_input_has_one_height_in_every_state(qtbot: QtBot, value: float) -> None:
    holder = QWidget()
    box = VBox(holder)
    boxes: list[QWidget] = [
        TextBox("王秀英"), SearchBox(), PasswordBox(), DateBox(), Combo([("1", "市棉纺织厂")]),
        Combo([("1", "市棉纺织厂")], searchable=True), Button("保存", "primary"), Button("导出"),
    ]  # fmt: skip
    box.add(*boxes)
    box.addStretch(1)
    qtbot.addWidget(holder)
    with scale.at(value):
        holder.show()
        qtbot.waitExposed(holder)
        for state in ("", "err", "ok", "ro"):
            for each in boxes:
                set_state(each, state)
                each.setFocus()
                QApplication.processEvents()
                assert each.height() == HEIGHT[value], (type(each).__name__, state)


@pytest.mark.parametrize("kind", [CheckBox, RadioButton])
def test_what_cannot_be_ticked_looks_like_it(
    qtbot: QtBot, kind: type[CheckBox | RadioButton]
) -> None:
    box = kind("同时完成上门核验")
    qtbot.addWidget(box)
    box.show()
    for able, tone in ((True, colour.t1), (False, colour.tdis)):
        box.setEnabled(able)
        assert box.palette().color(box.foregroundRole()).name() == tone.lower()


@pytest.mark.parametrize(
    ("value", "wide"), [(1.0, 1366), (1.0, 1920), (1.25, 1366), (1.5, 1366), (1.5, 1920)]
)
def test_no_basic_part_is_clipped(qtbot: QtBot, value: float, wide: int) -> None:
    basics = gallery.Basics()
    qtbot.addWidget(basics)
    with scale.at(value):
        basics.resize(wide, 1000)
        basics.show()
        qtbot.waitExposed(basics)
        QApplication.processEvents()
        assert clipped(basics) == []


def test_nothing_flashes_as_a_window_of_its_own(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    strays: list[str] = []
    plain = QWidget.setVisible

    def spy(widget: QWidget, shown: object) -> None:
        if shown and widget.isWindow():
            strays.append(type(widget).__name__)
        plain(widget, bool(shown))

    monkeypatch.setattr(QWidget, "setVisible", spy)
    window = gallery.a_window()
    for key in gallery.make_pages():
        window.open(key)
    assert strays == []
    window.deleteLater()


def test_every_icon_draws_something(qapp: QApplication) -> None:
    for file in icons.FOLDER.glob("*.svg"):
        drawn = icons.pixmap(file.stem, 18, colour.t1, 1.0).toImage()
        inked = any(drawn.pixelColor(x, y).alpha() for x in range(18) for y in range(18))
        assert inked, file.name


def test_icons_take_the_tint_asked_for(qapp: QApplication) -> None:
    drawn = icons.pixmap("square", 24, colour.bad, 2.0).toImage()
    assert drawn.pixelColor(24, 6).name().upper() == colour.bad


def test_no_literal_colour_outside_the_tokens() -> None:
    ours = icons.FOLDER.parents[1] / "ui"
    strays = [
        file.name
        for file in ours.rglob("*.py")
        if file.name != "tokens.py"
        and re.search(r"#[0-9A-Fa-f]{6}\b", file.read_text(encoding="utf-8"))
    ]
    assert strays == []


def test_high_contrast_takes_the_colours_of_the_system(qapp: QApplication) -> None:
    try:
        tokens.use_system_colours(qapp.palette())
        assert colour.t1 == qapp.palette().windowText().color().name()
        assert colour.prit != colour.pri
    finally:
        tokens.use_own_colours()
    assert colour.t1 == tokens.Colours().t1


def test_dressing_twice_changes_nothing(qapp: QApplication) -> None:
    style.apply(qapp)
    before = qapp.styleSheet()
    style.apply(qapp)
    assert qapp.styleSheet() == before


def test_painting_keeps_the_count_of_none(qapp: QApplication) -> None:
    """One Qt for Python release lost a reference to None with nearly every call."""
    image = QImage(10, 10, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    before = sys.getrefcount(None)
    for _ in range(400):
        painter.save()
        painter.restore()
    assert sys.getrefcount(None) - before >= -50
    painter.end()


def test_repainting_a_list_keeps_the_count_of_none(qtbot: QtBot) -> None:
    table = gallery.a_table(4)
    qtbot.addWidget(table)
    table.resize(900, 300)
    table.show()
    before = sys.getrefcount(None)
    for _ in range(60):
        table.viewport().repaint()
    assert sys.getrefcount(None) - before >= -50


@pytest.mark.parametrize("role", ["body", "h2"])
def test_no_character_of_a_name_or_street_is_a_box(qapp: QApplication, role: str) -> None:
    fonts.register()
    metrics = QFontMetrics(fonts.font(role))
    assert not [one for one in "榕堃喆䶮㛃𬭎𨱏" if not metrics.inFontUcs4(ord(one))]
