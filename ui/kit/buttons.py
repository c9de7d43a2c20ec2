"""Buttons, chips, segments and tabs."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar, Literal

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QKeySequence, QMouseEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QPushButton,
    QSizePolicy,
)

from ui.kit import icons
from ui.kit.layout import HBox
from ui.kit.tokens import colour, px, scale

Size = Literal["s", "m", "l"]


ENTER = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


def _entered(button: QAbstractButton, event: QKeyEvent) -> bool:
    """Enter alone presses what has the focus, as the space bar does; Qt does so in dialogs only."""
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if event.key() not in ENTER or held:
        return False
    if not event.isAutoRepeat():
        button.click()
    return True


class PushButton(QPushButton):
    """Space and Enter press it, wherever it stands. The second half of a double click counts only
    where the first half was: 停止 that came to stand where 上报 was pressed is not meant."""

    struck: ClassVar[int] = 0

    def mousePressEvent(self, event: QMouseEvent) -> None:
        PushButton.struck = id(self)
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if PushButton.struck == id(self):
            super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not _entered(self, event):
            super().keyPressEvent(event)


class PaintedButton(QAbstractButton):
    """The same for a button that paints itself."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not _entered(self, event):
            super().keyPressEvent(event)


class Button(PushButton):
    """A verb. One `primary` on a screen; `does` is connected to the click."""

    def __init__(
        self,
        text: str,
        kind: str = "default",
        sz: Size = "m",
        *,
        icon: str = "",
        shortcut: str = "",
        does: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(text.replace("&", "&&"))
        self.icon_name = icon
        self.setProperty("kind", kind)
        self.setProperty("sz", sz)
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        if shortcut:
            self.setShortcut(QKeySequence(shortcut))
        if does is not None:
            self.clicked.connect(lambda _checked=False: does())
        self.setAccessibleName(text)
        self._rescale()
        scale.scaleChanged.connect(self._rescale)

    def set_icon(self, name: str) -> None:
        self.icon_name = name
        self._rescale()

    def set_text(self, text: str) -> None:
        self.setText(text.replace("&", "&&"))
        self.setAccessibleName(text)
        self._rescale()

    def icon_ink(self) -> str:
        kind = str(self.property("kind"))
        named = {"primary": colour.onpri, "danger": colour.onpri, "default": colour.t2}
        return named.get(kind, colour.t2 if kind == "quiet" else colour.prit)

    def _rescale(self, _value: float = 1.0) -> None:
        if not self.icon_name:
            return
        side, gap = px(18), px(5) if self.text() else 0
        self.setIconSize(QSize(side + gap, side))
        self.setIcon(icons.icon(self.icon_name, side, self.icon_ink(), colour.tdis, gap))


class IconButton(Button):
    """Only for things a picture says better than a word: close, page arrows, more."""

    def __init__(
        self,
        icon: str,
        name: str,
        kind: str = "quiet",
        sz: Size = "m",
        *,
        does: Callable[[], object] | None = None,
    ) -> None:
        super().__init__("", kind, sz, icon=icon, does=does)
        self.setProperty("shape", "square")
        self.setAccessibleName(name)
        self.setToolTip(name)

    def sizeHint(self) -> QSize:
        tall = super().sizeHint().height()
        return QSize(max(tall, px(30)) + px(4), tall)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class Chip(PushButton):
    """A filter with its live count; with `removable` it carries an × and says `removed`."""

    removed = Signal()

    def __init__(self, text: str, count: int | None = None, *, removable: bool = False) -> None:
        super().__init__()
        self.text_alone, self.removable = text, removable
        self.setProperty("kind", "chip")
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.set_count(count)
        if removable:
            self.setChecked(True)
            self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
            self.clicked.connect(self._remove)
        self._rescale()
        scale.scaleChanged.connect(self._rescale)

    def set_count(self, count: int | None) -> None:
        self.setText(self.text_alone if count is None else f"{self.text_alone} {count}")
        self.setAccessibleName(self.text())

    def _remove(self) -> None:
        self.setChecked(True)
        self.removed.emit()

    def _rescale(self, _value: float = 1.0) -> None:
        if self.removable:
            self.setIconSize(QSize(px(14) + px(4), px(14)))
            self.setIcon(icons.icon("x", px(14), colour.onpri, gap=-px(4)))

    def sizeHint(self) -> QSize:
        """As wide as the bold text it shows when chosen, so nothing moves on a click."""
        return wide_enough(self, super().sizeHint())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


def wide_enough(button: QPushButton, hint: QSize) -> QSize:
    bold = button.font()
    bold.setBold(True)
    grown = QFontMetrics(bold).horizontalAdvance(button.text())
    plain = QFontMetrics(button.font()).horizontalAdvance(button.text())
    return QSize(hint.width() + grown - plain, hint.height())


class _Choice(PushButton):
    def __init__(self, text: str, kind: str) -> None:
        super().__init__(text)
        self.setProperty("kind", kind)
        self.setCheckable(True)
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return wide_enough(self, super().sizeHint())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class _Choices(QFrame):
    chosen = Signal(str)

    def __init__(
        self, choices: Sequence[tuple[str, str]], kind: str, box: HBox, current: str = ""
    ) -> None:
        super().__init__()
        self.kind, self.box = kind, box
        self.group = QButtonGroup(self)
        self.group.setExclusive(True)
        self.buttons: dict[str, QPushButton] = {}
        self.setLayout(box)
        self.set_choices(choices, current)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)

    def set_choices(self, choices: Sequence[tuple[str, str]], current: str = "") -> None:
        for old in self.buttons.values():
            self.group.removeButton(old)
            self.box.removeWidget(old)
            old.deleteLater()
        self.buttons = {key: self._add(key, text) for key, text in choices}
        if self.buttons:
            self.choose(current if current in self.buttons else next(iter(self.buttons)))

    def _add(self, key: str, text: str) -> QPushButton:
        button = _Choice(text, self.kind)
        button.clicked.connect(lambda _checked=False: self.chosen.emit(key))
        self.group.addButton(button)
        self.box.insertWidget(len(self.group.buttons()) - 1, button)
        return button

    def choose(self, key: str) -> None:
        """Show it as chosen, silently."""
        self.buttons[key].setChecked(True)

    def current(self) -> str:
        return next((key for key, b in self.buttons.items() if b.isChecked()), "")

    def relabel(self, key: str, text: str) -> None:
        self.buttons[key].setText(text)
        self.buttons[key].setAccessibleName(text)
        self.buttons[key].updateGeometry()

    def step(self, by: int) -> None:
        keys = list(self.buttons)
        to = self.buttons[keys[(keys.index(self.current()) + by) % len(keys)]]
        if any(one.hasFocus() for one in self.buttons.values()):
            to.setFocus(Qt.FocusReason.OtherFocusReason)
        to.click()


class Segmented(_Choices):
    """Two to four choices on a sunken strip."""

    def __init__(self, choices: Sequence[tuple[str, str]], current: str = "") -> None:
        super().__init__(choices, "seg", HBox(gap=0, margins=(4, 4, 4, 4)), current)
        self.setObjectName("sunk")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)


class Tabs(_Choices):
    """The tabs of a page: a word each, the chosen one underlined; Ctrl+Tab turns them."""

    def __init__(self, choices: Sequence[tuple[str, str]], current: str = "") -> None:
        box = HBox(gap=22)
        super().__init__(choices, "tab", box, current)
        box.addStretch(1)
        for keys, by in (("Ctrl+Tab", 1), ("Ctrl+Shift+Tab", -1)):
            QShortcut(QKeySequence(keys), self).activated.connect(partial(self.step, by))
