"""The box a bar-code gun types into (design 7.3): any input method, half width, capitals."""

import unicodedata

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)  # fmt: skip

from ui.kit.inputs import SearchBox, TextBox, set_state

IDLE_MS = 80
LATE_MS = 1000
"""Within this time after a silence took a code, Enter still belongs to the gun."""
SHORTEST = 12
ENDS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab})
EDITORS = (QLineEdit, QComboBox, QAbstractSpinBox, QPlainTextEdit, QTextEdit)


def tidy_scan(text: str) -> str:
    """Half-width capitals without blanks: what the code held, whatever keyboard was on."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(plain.replace("—", "-").replace("－", "-").split())


class ScanBox(TextBox):
    """`scanned(text)` on Enter or Tab, or when a gun of at least twelve characters falls silent.
    The box is emptied and keeps the focus. Enter in an empty box says `empty`."""

    scanned = Signal(str)
    empty = Signal()

    def __init__(self, hint: str = "用扫码枪扫表右上角的二维码，或输入编号后按回车") -> None:
        super().__init__(hint=hint, icon="scan-line")
        set_state(self, "big")
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setAccessibleName("扫码框")
        self.fast, self.gun = 0, False
        self.idle = QTimer(self, singleShot=True, interval=IDLE_MS)
        self.idle.timeout.connect(self._silent)
        self.late = QTimer(self, singleShot=True, interval=LATE_MS)
        self.textEdited.connect(self._typed)

    def _typed(self, _text: str) -> None:
        """Characters that follow each other within the idle time come from a gun."""
        self.late.stop()
        self.fast = self.fast + 1 if self.idle.isActive() else 1
        self.idle.start()

    def _silent(self) -> None:
        gun = self.fast >= SHORTEST and self.fast >= len(self.text().strip())
        self.fast = 0
        if gun:
            self.submit()
            self.late.start()

    def submit(self) -> None:
        """Take what is in the box."""
        self.idle.stop()
        self.fast = 0
        text = tidy_scan(self.text())
        self.clear()
        if text:
            self.scanned.emit(text)

    def event(self, event: QEvent) -> bool:
        """Tab ends a scan; in an empty box it moves on as everywhere."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            ended = event.key() == Qt.Key.Key_Tab and bool(self.text().strip())
            if ended:
                self.submit()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            if self.text().strip():
                self.submit()
            elif not self.late.isActive():
                self.empty.emit()
            return
        super().keyPressEvent(event)


class GunEar:
    """Hears a gun where there is no scan box: signs of a code that follow each other faster than
    hands type, then Enter or Tab."""

    def __init__(self) -> None:
        self.heard, self.last = "", 0

    def code(self, event: QKeyEvent) -> str:
        """What was scanned, at the key that ends it; else nothing."""
        fast = event.timestamp() - self.last <= IDLE_MS
        self.last = event.timestamp()
        heard, text = self.heard if fast else "", event.text()
        self.heard = heard
        if event.key() in ENDS:
            self.heard = ""
            return heard if len(heard) >= SHORTEST else ""
        if text:
            plain = text.isascii() and (text.isalnum() or text == "-")
            self.heard = heard + text if plain else ""
        return ""


def is_editor(widget: QWidget | None) -> bool:
    """Somebody is filling this in. A box to search with is none: a code in it is a stray."""
    return isinstance(widget, EDITORS) and not isinstance(widget, SearchBox)


muted = False


def sound(ok: bool) -> None:
    """One tone for ok, two for a problem; what is seen is enough without it."""
    if muted:
        return
    QApplication.beep()
    if not ok:
        QTimer.singleShot(180, QApplication.beep)
