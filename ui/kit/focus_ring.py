"""One ring per window around the control that the keyboard reached."""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)  # fmt: skip
from shiboken6 import isValid

from ui.kit.tokens import RADIUS_CONTROL, colour, px

OWN_BORDER = (QLineEdit, QComboBox, QAbstractSpinBox, QPlainTextEdit, QTextEdit, QAbstractItemView)
OUT = 6


class _Hand(QObject):
    """Whether the keyboard or the mouse was used last, in any of our windows."""

    def __init__(self) -> None:
        super().__init__()
        self.keys = False

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.KeyPress:
            self.keys = True
        elif kind == QEvent.Type.MouseButtonPress:
            self.keys = False
        return False


hand = _Hand()


class FocusRing(QWidget):
    """Transparent for the mouse; follows the focus of its window."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.target: QWidget | None = None
        self.chain: list[QWidget] = []
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        window.installEventFilter(self)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._moved)

    def _moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        self._forget()
        fits = new is not None and new.window() is self.window()
        if not fits or new is None or isinstance(new, OWN_BORDER) or not hand.keys:
            return
        self.target = new
        step: QWidget | None = new
        while step is not None and step is not self.window():
            step.installEventFilter(self)
            self.chain.append(step)
            step = step.parentWidget()
        self._place()

    def _forget(self) -> None:
        for widget in self.chain:
            if isValid(widget):  # a page may have gone with the control that had the focus
                widget.removeEventFilter(self)
        self.chain, self.target = [], None
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if watched is self.parent():
            self._watch_window(kind)
        elif kind in {QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show}:
            self._place()
        elif kind in {QEvent.Type.Hide, QEvent.Type.Destroy}:
            self.hide()
        return False

    def _watch_window(self, kind: QEvent.Type) -> None:
        handle = self.window().windowHandle()
        if kind == QEvent.Type.Show and handle is not None:
            handle.installEventFilter(hand)
        elif kind == QEvent.Type.MouseButtonPress:
            self.hide()

    def _place(self) -> None:
        target = self.target
        if target is None or not target.isVisible() or self._scrolled_away(target):
            self.hide()
            return
        corner = target.mapTo(self.window(), QPoint(0, 0))
        area = QRect(corner, target.size()).adjusted(-OUT, -OUT, OUT, OUT)
        self.setGeometry(area)
        self.raise_()
        self.show()
        self.update()

    def _scrolled_away(self, target: QWidget) -> bool:
        seen = target.rect()
        for step in self.chain:
            seen = seen.translated(step.pos())
            if above := step.parentWidget():
                seen &= above.rect()
        return seen.isEmpty()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area, round_ = QRectF(self.rect()), px(RADIUS_CONTROL)
        painter.setPen(QPen(QColor(colour.surface), 4))
        painter.drawRoundedRect(area.adjusted(4, 4, -4, -4), round_ + 2, round_ + 2)
        painter.setPen(QPen(QColor(colour.ink), 2))
        painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), round_ + 4, round_ + 4)
        painter.end()
