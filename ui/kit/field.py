"""Label, editor and one line that says what is wrong and what to do."""

from typing import Literal

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QWidget

from ui.kit.inputs import set_state
from ui.kit.label import Icon, Label, LinkLabel, show_if
from ui.kit.layout import HBox, VBox
from ui.kit.tokens import px

LONG = 24
"""Characters of a label that may need a second line."""
LINE = 20
"""Pixels of a line of small text."""
Level = Literal["", "hint", "ok", "warn", "err"]
ICONS = {"ok": "circle-check", "warn": "triangle-alert", "err": "circle-alert"}
TONES = {"hint": "t3", "ok": "ok", "warn": "warn", "err": "bad"}


class Field(QWidget):
    """`say(level, text)` shows a message; without one the hint is back."""

    linked = Signal(str)

    def __init__(
        self, label: str, editor: QWidget, *, required: bool = False, hint: str = ""
    ) -> None:
        super().__init__()
        self.editor, self.hint, self.level = editor, hint, ""
        self.label, self.must = Label(label, "small", "t2"), Label("必填", "caption", "bad")
        show_if(self.must, required)
        self.label.setBuddy(editor)
        editor.setAccessibleName(f"{label}（必填）" if required else label)
        top = HBox(gap=6)
        top.add(self.label, self.must)
        if len(label) > LONG:
            self.label.wrap(on=True)
            top.setStretchFactor(self.label, 1)
        else:
            top.addStretch(1)
        box = VBox(self, gap=5)
        box.add(top)
        box.addWidget(editor)
        box.addWidget(self._message())
        box.addStretch(1)
        self.say()

    def _message(self) -> QWidget:
        self.icon, self.text = _Mark("info", "t3", 16), Label("", "small", "t3", wrap=True)
        self.fix = _Fix()
        self.fix.linkActivated.connect(self.linked)
        self.line = QWidget()
        line = HBox(self.line, gap=6)
        line.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.text, 1)
        line.addWidget(self.fix, 0, Qt.AlignmentFlag.AlignTop)
        return self.line

    def say(self, level: Level = "", text: str = "", *, link: str = "", key: str = "fix") -> None:
        """link: words of a one-click correction; `linked(key)` tells it was taken."""
        if not text:
            level, text = ("hint", self.hint) if self.hint else ("", "")
        self.level = level
        show_if(self.line, bool(text))
        self.text.setText(text)
        self.text.set_tone(TONES.get(level, "t3"))
        show_if(self.icon, level in ICONS)
        self.icon.change(ICONS.get(level, "info"), TONES.get(level, "t3"))
        self.fix.show_link(link, key)
        self._mark(level, text)

    def _mark(self, level: str, text: str) -> None:
        if self.editor.property("st") != "ro":
            set_state(self.editor, level if level in {"err", "ok"} else "")
        self.editor.setAccessibleDescription(text)
        if level == "err":
            from PySide6.QtGui import QAccessible, QAccessibleEvent  # noqa: PLC0415 - seldom, large

            event = QAccessibleEvent(self.editor, QAccessible.Event.Alert)
            QAccessible.updateAccessibility(event)

    def set_required(self, required: bool) -> None:
        show_if(self.must, required)


class _Mark(Icon):
    """As tall as a line of the message, to stand in its middle."""

    def sizeHint(self) -> QSize:
        return QSize(px(self.design), px(LINE))


class _Fix(LinkLabel):
    def __init__(self) -> None:
        super().__init__("small")
        self.hide()

    def show_link(self, words: str, link: str = "#") -> None:
        super().show_link(words, link)
        show_if(self, bool(words))
