"""What was just saved, and the word that takes it back; or what could be done next."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QTimer
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QFrame, QWidget

from ui.kit.buttons import Button
from ui.kit.label import Icon, Label, show_if
from ui.kit.layout import HBox
from ui.kit.tokens import TOAST_MS, px

UNDO = "撤销（Ctrl+Z）"


class Toast(QFrame):
    """Bottom centre of its window, ten seconds; with something to press it waits while the pointer
    or the focus is on it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("toast")
        self._does: Callable[[], object] | None = None
        self.icon, self.text = Icon("circle-check", "navok", 20), Label("", "body", "onpri")
        self.word, self.undoes = Button(UNDO, "undo", "s", does=self.press), False
        self.box = HBox(self, gap=12, margins=(18, 8, 12, 8))
        self.box.add(self.icon, self.text)
        self.box.addStretch(1)
        self.box.add(self.word)
        self.timer = QTimer(self, singleShot=True, interval=TOAST_MS)
        self.timer.timeout.connect(self.hide)
        window.installEventFilter(self)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus)
        self.hide()

    def say(self, text: str, undo: Callable[[], object] | None = None) -> None:
        self._tell(text, "circle-check", UNDO, undo)
        self.undoes = undo is not None

    def refuse(self, text: str) -> None:
        """Nothing was done, and why."""
        self._tell(text, "info", "", None)
        self.undoes = False

    def offer(self, text: str, word: str, does: Callable[[], object]) -> None:
        """Something that could be done next; Ctrl+Z has no part in it."""
        self._tell(text, "info", word, does)
        self.undoes = False

    def _tell(self, text: str, icon: str, word: str, does: Callable[[], object] | None) -> None:
        self._does = does
        self.icon.change(icon, "navok")
        self.text.setText(text)
        self.word.set_text(word)
        show_if(self.word, does is not None)
        self.setAccessibleName(text)
        self._place()
        self.show()
        self.raise_()
        self.timer.start()

    def can_undo(self) -> bool:
        return self.undoes and self._does is not None and self.isVisible()

    def offers(self) -> bool:
        """Is something offered that is no undoing?"""
        return not self.undoes and self._does is not None and self.isVisible()

    def press(self) -> None:
        does, self._does = self._does, None
        self.hide()
        if does is not None:
            does()

    def _place(self) -> None:
        window = self.parentWidget()
        if window is None:
            return
        self.ensurePolished()
        self.text.wrap(on=False)
        room, hint = window.width() - px(48), self.sizeHint()
        wide, tall = min(max(hint.width(), px(460)), room), hint.height()
        if hint.width() > room:
            self.text.wrap(on=True)
            self.box.setStretchFactor(self.text, 100)
            tall = self.box.heightForWidth(wide)
        self.resize(wide, tall)
        left = (window.width() - self.width()) // 2
        self.move(QPoint(left, window.height() - self.height() - px(36)))

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def enterEvent(self, event: QEnterEvent) -> None:
        if self._does is not None:
            self.timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        if self.isVisible() and not self.timer.isActive():
            self.timer.start()
        super().leaveEvent(event)

    def _focus(self, _old: QWidget | None, new: QWidget | None) -> None:
        if not self.isVisible():
            return
        if new is self.word:
            self.timer.stop()
        elif not self.timer.isActive() and not self.underMouse():
            self.timer.start()
