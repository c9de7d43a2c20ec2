"""What people type into. Heights and states come from the sheet (`st`)."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)  # fmt: skip
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QCompleter,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)  # fmt: skip

from ui.kit import icons
from ui.kit.label import restyle
from ui.kit.tokens import colour, px, scale


def set_state(widget: QWidget, st: str) -> None:
    """err, ok, ro, big or nothing."""
    if (widget.property("st") or "") != st:
        widget.setProperty("st", st)
        restyle(widget)


class TextBox(QLineEdit):
    """One line; optional icon at the left."""

    def __init__(self, text: str = "", *, hint: str = "", icon: str = "") -> None:
        super().__init__(text)
        self.icon_name = icon
        self.setPlaceholderText(hint)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(px(60))
        self._rescale()
        scale.scaleChanged.connect(self._rescale)

    def set_read_only(self, fixed: bool = True) -> None:
        self.setReadOnly(fixed)
        set_state(self, "ro" if fixed else "")

    def _rescale(self, _value: float = 1.0) -> None:
        left = px(28) if self.icon_name else 0
        self.setTextMargins(left, 0, self.right_room(), 0)

    def right_room(self) -> int:
        return 0

    def event(self, event: QEvent) -> bool:
        """Ctrl+Z where nothing was typed is for what was last saved, Ctrl+Y likewise."""
        is_asked = event.type() == QEvent.Type.ShortcutOverride
        if is_asked and isinstance(event, QKeyEvent) and self._has_no_use_for(event):
            event.ignore()
            return False
        return super().event(event)

    def _has_no_use_for(self, event: QKeyEvent) -> bool:
        if event.matches(QKeySequence.StandardKey.Undo):
            return not self.isUndoAvailable()
        return event.matches(QKeySequence.StandardKey.Redo) and not self.isRedoAvailable()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.icon_name:
            return
        painter = QPainter(self)
        side = px(24 if self.property("st") == "big" else 18)
        spot = QRectF(px(12), (self.height() - side) / 2, side, side)
        icons.paint(painter, spot, self.icon_name, colour.t3)
        painter.end()


class _Inner(QToolButton):
    """A small button inside a box, at its right end."""

    def __init__(self, box: TextBox, icon: str, name: str, does: Callable[[], object]) -> None:
        super().__init__(box)
        self.box, self.icon_name = box, icon
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setStyleSheet("QToolButton { border: none; background: transparent; }")
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.clicked.connect(lambda _checked=False: does())

    def place(self) -> None:
        box, side = self.box, px(28)
        self.setGeometry(QRect(box.width() - side - 3, (box.height() - side) // 2, side, side))
        self.setIconSize(QSize(px(18), px(18)))
        self.setIcon(icons.icon(self.icon_name, px(18), colour.t2, colour.tdis))


class ButtonBox(TextBox):
    """A box with one button inside."""

    def __init__(
        self,
        text: str = "",
        *,
        hint: str = "",
        icon: str = "",
        inner: str,
        inner_name: str,
        does: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(text, hint=hint, icon=icon)
        self.inner = _Inner(self, inner, inner_name, does or self.press)
        self._rescale()

    def press(self) -> None:
        """What the inner button does."""

    def right_room(self) -> int:
        return px(26)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.inner.place()


class SearchBox(ButtonBox):
    """Says `searched` 200 ms after the last key; Esc empties it first."""

    searched = Signal(str)

    def __init__(self, hint: str = "搜索", *, delay: int = 200) -> None:
        super().__init__(hint=hint, icon="search", inner="x", inner_name="清空", does=self.clear)
        self.timer = QTimer(self, singleShot=True, interval=delay)
        self.timer.timeout.connect(self._say)
        self.textChanged.connect(self._changed)
        self.returnPressed.connect(self._now)
        self.setAccessibleName(hint)
        self.inner.hide()

    def _changed(self, text: str) -> None:
        self.inner.setVisible(bool(text))
        self.timer.start()

    def _now(self) -> None:
        self.timer.stop()
        self._say()

    def _say(self) -> None:
        self.searched.emit(self.text().strip())

    def event(self, event: QEvent) -> bool:
        mine = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if event.type() == QEvent.Type.ShortcutOverride and mine and self.text():
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        super().keyPressEvent(event)


class PasswordBox(ButtonBox):
    def __init__(self, *, hint: str = "") -> None:
        super().__init__(hint=hint, icon="lock", inner="eye", inner_name="显示口令")
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)

    def press(self) -> None:
        hidden = self.echoMode() == QLineEdit.EchoMode.Password
        self.setEchoMode(QLineEdit.EchoMode.Normal if hidden else QLineEdit.EchoMode.Password)
        self.inner.icon_name = "eye-off" if hidden else "eye"
        self.inner.setAccessibleName("隐藏口令" if hidden else "显示口令")
        self.inner.place()


class TextArea(QPlainTextEdit):
    """Several lines; Tab leaves it."""

    def __init__(self, text: str = "", *, hint: str = "", lines: int = 3) -> None:
        super().__init__(text)
        self.lines = lines
        self.setPlaceholderText(hint)
        self.setTabChangesFocus(True)
        self._rescale()
        scale.scaleChanged.connect(self._rescale)

    def _rescale(self, _value: float = 1.0) -> None:
        self.setFixedHeight(px(22) * self.lines + px(16))


class Combo(QComboBox):
    """(key, text) choices; `searchable` filters while typing. Never turned by the wheel."""

    picked = Signal(str)

    def __init__(
        self,
        choices: Sequence[tuple[str, str]] = (),
        *,
        hint: str = "请选择",
        searchable: bool = False,
        empty: bool = True,
    ) -> None:
        super().__init__()
        self.empty = empty
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self.setSizeAdjustPolicy(policy)
        self.setMinimumContentsLength(4)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setPlaceholderText(hint)
        if searchable:
            self._make_searchable(hint)
        self.set_choices(choices)
        self.activated.connect(self._say)

    def _make_searchable(self, hint: str) -> None:
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        completer, line = self.completer(), self.lineEdit()
        if completer is None or line is None:
            return
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        if popup := completer.popup():
            popup.setObjectName("choices")
        line.setPlaceholderText(hint)

    def set_choices(self, choices: Sequence[tuple[str, str]]) -> None:
        kept = self.value()
        self.clear()
        for key, text in choices:
            self.addItem(text, key)
        self.set_value(kept)

    def value(self) -> str:
        if self.isEditable() and self.currentText() != self.itemText(self.currentIndex()):
            return ""
        return str(self.currentData() or "")

    def set_value(self, key: str) -> None:
        place = self.findData(key)
        self.setCurrentIndex(place if place >= 0 or self.empty else 0)
        if place < 0 and self.isEditable():
            self.setEditText("")

    def _say(self, _place: int) -> None:
        self.picked.emit(self.value())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F4:
            self.showPopup()
            return
        super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        side = px(16)
        spot = QRectF(self.width() - side - px(8), (self.height() - side) / 2, side, side)
        ink = colour.t2 if self.isEnabled() else colour.tdis
        icons.paint(painter, spot, "chevron-down", ink)
        painter.end()


def paint_tick(painter: QPainter, area: QRectF, on: bool, live: bool = True) -> None:
    full = colour.pri if live else colour.line2
    painter.setPen(QPen(QColor(full if on else (colour.ctl if live else colour.line2)), 1.2))
    painter.setBrush(QColor(full if on else colour.surface))
    painter.drawRoundedRect(area.adjusted(0.6, 0.6, -0.6, -0.6), px(4), px(4))
    if on:
        icons.paint(painter, area.adjusted(2, 2, -2, -2), "check", colour.onpri)


class CheckBox(QCheckBox):
    def __init__(self, text: str = "", *, checked: bool = False) -> None:
        super().__init__(text)
        self.setChecked(checked)
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        words = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(px(20) + (px(8) + words if words else 0) + 2, px(30))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = px(20)
        spot = QRectF(0, (self.height() - side) / 2, side, side)
        self.paint_mark(painter, spot)
        painter.setPen(self.palette().color(self.foregroundRole()))
        words = QRectF(side + px(8), 0, self.width() - side - px(8), self.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.end()

    def paint_mark(self, painter: QPainter, spot: QRectF) -> None:
        paint_tick(painter, spot, self.isChecked(), self.isEnabled())


ARROWS: dict[int, int] = {
    Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1,
}  # fmt: skip


class RadioButton(QRadioButton):
    def __init__(self, text: str = "", *, checked: bool = False) -> None:
        super().__init__(text)
        self.setChecked(checked)
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go through the choices wherever they stand; Qt's own only within one parent."""
        step, group = ARROWS.get(event.key()), self.group()
        if step is None or group is None:
            super().keyPressEvent(event)
            return
        live = [one for one in group.buttons() if one.isEnabled() and one.isVisible()]
        to = live[(live.index(self) + step) % len(live)]
        to.setFocus(Qt.FocusReason.TabFocusReason)
        to.click()

    def sizeHint(self) -> QSize:
        words = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(px(28) + words + 2, px(30))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = px(20)
        spot = QRectF(1, (self.height() - side) / 2, side - 2, side - 2)
        edge = colour.pri if self.isChecked() else colour.ctl
        painter.setPen(QPen(QColor(edge), 1.4))
        painter.setBrush(QColor(colour.surface))
        painter.drawEllipse(spot)
        if self.isChecked():
            painter.setBrush(QColor(colour.pri))
            inset = side * 0.26
            painter.drawEllipse(spot.adjusted(inset, inset, -inset, -inset))
        painter.setPen(self.palette().color(self.foregroundRole()))
        words = QRectF(px(28), 0, self.width() - px(28), self.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.end()
