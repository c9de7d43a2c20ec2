"""Our dialog: title row, scrolling body, footer; a veil over the window behind it."""

from collections.abc import Callable

import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QHideEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QBoxLayout,
    QDialog,
    QFrame,
    QGraphicsDropShadowEffect,
    QLayout,
    QWidget,
)

from ui.kit.buttons import Button, IconButton
from ui.kit.focus_ring import FocusRing
from ui.kit.label import Icon, Label, show_if
from ui.kit.layout import HBox, Scroll, VBox, holder
from ui.kit.tokens import SCRIM, colour, px, scale

_DECIDED = Qt.WidgetAttribute.WA_WState_ExplicitShowHide
"""Whoever made it has said whether it is seen."""


class Veil(QWidget):
    """Covers the window behind a dialog."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setGeometry(window.rect())
        window.installEventFilter(self)
        self.show()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        dark = QColor(colour.ink)
        dark.setAlphaF(SCRIM)
        painter.fillRect(self.rect(), dark)
        painter.end()


def soft_shadow(widget: QWidget) -> None:
    """For the few floating things only; on cards and tables it ruins repainting."""
    effect = QGraphicsDropShadowEffect(widget)
    effect.setBlurRadius(14)
    effect.setOffset(0, 2)
    dark = QColor(colour.ink)
    dark.setAlphaF(0.28)
    effect.setColor(dark)
    widget.setGraphicsEffect(effect)


def ground(form: QWidget) -> QWidget | None:
    """The window under all, also where the form stands over another dialog."""
    under = form.parentWidget()
    while under is not None and (below := under.parentWidget()) is not None:
        under = below.window()
    return under


def give_back(focus: QWidget | None) -> None:
    """To what had the focus before, where that is still there."""
    if focus is not None and shiboken6.isValid(focus) and focus.isVisible():
        focus.setFocus(Qt.FocusReason.OtherFocusReason)


def explain(form: QWidget) -> None:
    """F1: the window knows how a form is worked; before somebody signed in nobody does."""
    explains = getattr(ground(form), "explain", None)
    if callable(explains):
        explains(form)


class Dialog(QDialog):
    """Put content into `body`, what must stay in sight above it with `pin()`, buttons into the
    footer with `button()`; show with `open()`."""

    def __init__(
        self, parent: QWidget, title: str, *, subtitle: str = "", width: int = 560, note: str = ""
    ) -> None:
        super().__init__(parent.window())
        self.design_width, self.veil, self.came_from = width, None, parent.window().focusWidget()
        self.setWindowTitle(title)
        self.setWindowFlags(Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.panel = QFrame()
        self.panel.setObjectName("floating")
        self.title, self.subtitle = Label(title, "title"), Label(subtitle, "small", "t2")
        self.pinned = VBox(margins=(24, 12, 24, 6))
        self.above = holder(self.pinned)
        self.above.hide()
        self.body = VBox(gap=12, margins=(24, 14, 12, 16))
        self.content = holder(self.body)
        self.content.installEventFilter(self)
        self.scroller = Scroll(self.content, gutter=12)
        self._build(note)
        self.panel.installEventFilter(self)
        self.ring = FocusRing(self)
        scale.scaleChanged.connect(self._rescale)
        QShortcut(QKeySequence("F1"), self).activated.connect(self.explain)

    veil: Veil | None

    def _build(self, note: str) -> None:
        stack = VBox(self.panel)
        self.header = self._header()
        stack.addLayout(self.header)
        line = QFrame()
        line.setObjectName("rule")
        stack.addWidget(line)
        stack.addWidget(self.above)
        stack.addWidget(self.scroller, 1)
        stack.addWidget(self._footer(note))
        outer = VBox(self, margins=(10, 10, 10, 10))
        outer.addWidget(self.panel)
        soft_shadow(self.panel)

    def _header(self) -> HBox:
        top = HBox(gap=10, margins=(22, 8, 12, 8))
        show_if(self.subtitle, bool(self.subtitle.text()))
        self._beside = HBox(gap=10)
        self._beside.add(self.title, self.subtitle)
        self._beside.addStretch(1)
        top.addLayout(self._beside, 1)
        self.close_button = IconButton("x", "关闭", does=self.reject)
        top.add(self.close_button)
        return top

    def _footer(self, note: str) -> QFrame:
        self.foot = QFrame()
        self.foot.setObjectName("foot")
        self.note_icon, self.note = Icon("save", "t3", 16), Label("", "small", "t2", wrap=True)
        self.footer = HBox(self.foot, gap=8, margins=(22, 10, 22, 10))
        self.footer.add(self.note_icon)
        self.footer.addWidget(self.note, 1)
        self.say(note)
        return self.foot

    def add(self, *things: QWidget | QLayout) -> None:
        """Shown at once, not with the next event: until then none of them keeps the focus."""
        self.body.add(*things)
        for one in things if self.isVisible() else ():
            if isinstance(one, QWidget) and not one.testAttribute(_DECIDED):
                one.show()

    def pin(self, one: QWidget) -> None:
        """Above what scrolls, where it stays in sight while it is shown."""
        self.pinned.addWidget(one)
        one.installEventFilter(self)

    def say(self, note: str, icon: str = "info") -> None:
        """The help or draft text at the left of the footer."""
        self.note.setText(note)
        self.note_icon.change(icon, "t3")
        show_if(self.note_icon, bool(note))

    def button(
        self,
        text: str,
        kind: str = "default",
        *,
        shortcut: str = "",
        icon: str = "",
        does: Callable[[], object] | None = None,
    ) -> Button:
        """From left to right: 取消, secondary, primary."""
        made = Button(text, kind, icon=icon, shortcut=shortcut, does=does)
        self.footer.addWidget(made)
        return made

    def cancel_button(self, text: str = "取消（Esc）") -> Button:
        return self.button(text, does=self.reject)

    def _lay_head(self, room: int) -> None:
        """Beside each other where that fits, else below each other, wrapped."""
        said = [one for one in (self.title, self.subtitle) if one.text()]
        for one in said:
            one.ensurePolished()
        wanted = sum(one.fontMetrics().horizontalAdvance(one.text()) + px(12) for one in said)
        is_long = wanted > room
        ways = QBoxLayout.Direction
        self._beside.setDirection(ways.TopToBottom if is_long else ways.LeftToRight)
        for one in said:
            one.wrap(on=is_long)

    def explain(self) -> None:
        """F1 in here."""
        explain(self)

    def sizeHint(self) -> QSize:
        window = ground(self)
        room = window.size() if window is not None else QSize(9999, 9999)
        wide = min(px(self.design_width), room.width() - 24) + px(20)
        inner = wide - px(20) - 2 - px(12)
        layout = self.body
        text = layout.heightForWidth(inner) if layout.hasHeightForWidth() else -1
        tall = max(text, 0) or layout.sizeHint().height()
        across = wide - px(20) - 2
        self._lay_head(across - px(44) - self.close_button.sizeHint().width())
        high = self.header.heightForWidth(across) if self.header.hasHeightForWidth() else -1
        head = max(high, self.header.minimumSize().height()) + 3
        if not self.above.isHidden():
            tall += max(self.pinned.heightForWidth(across), self.pinned.sizeHint().height())
        tall += head + self.foot.sizeHint().height() + px(20)
        return QSize(wide, min(tall, room.height() - 24 + px(20)))

    def fit(self) -> None:
        """Own size for the content, in the middle of the window, never taller than it."""
        self.setFixedSize(self.sizeHint())
        window = ground(self)
        if window is not None:
            middle = window.mapToGlobal(window.rect().center())
            self.move(middle - QPoint(self.width() // 2, self.height() // 2))

    def _rescale(self, _value: float) -> None:
        if self.isVisible():
            self.fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Grows with a message that appears; never shrinks under the hand."""
        turns = event.type() in {QEvent.Type.ShowToParent, QEvent.Type.HideToParent}
        if turns and isinstance(watched, QWidget) and watched.parentWidget() is self.above:
            self.above.setVisible(event.type() == QEvent.Type.ShowToParent)
        grown = event.type() == QEvent.Type.LayoutRequest and self.isVisible()
        if grown and self.sizeHint().height() > self.height():
            self.fit()
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        window = self.parentWidget()
        if window is not None and self.veil is None:
            self.veil = Veil(window)
        self.fit()
        super().showEvent(event)
        if self.focusWidget() is None:
            self._begin_inside()

    def _begin_inside(self) -> None:
        """Nobody chose where to begin: at the first thing in it, not at the ×."""
        step = self.close_button.nextInFocusChain()
        while step is not None and step is not self.close_button:
            by_tab = bool(step.focusPolicy() & Qt.FocusPolicy.TabFocus)
            if by_tab and step.isEnabled() and step.isVisibleTo(self):
                step.setFocus(Qt.FocusReason.OtherFocusReason)
                return
            step = step.nextInFocusChain()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self.veil is not None:
            self.veil.hide()
            self.veil.deleteLater()
            self.veil = None
        give_back(self.came_from)
