"""What happened and what to do, in a coloured strip inside the page."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from ui.kit.label import Icon, Label, restyle, show_if
from ui.kit.layout import HBox, VBox, clear

ICONS = {
    "neu": "info", "info": "info", "ok": "circle-check", "warn": "triangle-alert",
    "bad": "circle-x",
}  # fmt: skip


class Banner(QFrame):
    """Grows with its text; put a stretch after it in a column."""

    def __init__(
        self, tone: str, title: str, text: str = "", *, actions: Sequence[QWidget] = ()
    ) -> None:
        super().__init__()
        self.setObjectName("banner")
        self.icon, self.title = Icon("info", "info", 20), Label("", "strong", wrap=True)
        self.text = Label("", "body", "t2", wrap=True)
        words = VBox(gap=2)
        words.add(self.title, self.text)
        self.buttons = HBox(gap=8)
        line = HBox(self, gap=10, margins=(12, 10, 12, 10))
        line.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        line.addLayout(self.buttons)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.say(tone, title, text, actions=actions)

    def say(
        self, tone: str, title: str, text: str = "", *, actions: Sequence[QWidget] = ()
    ) -> None:
        self.setProperty("tone", tone)
        restyle(self)
        self.icon.change(ICONS[tone], tone)
        self.title.setText(title)
        self.text.setText(text)
        show_if(self.text, bool(text))
        self.setAccessibleName(f"{title}。{text}" if text else title)
        clear(self.buttons)
        for each in actions:
            self.buttons.addWidget(each, 0, Qt.AlignmentFlag.AlignVCenter)


def amber(value: str) -> QWidget:
    """One of two values that differ, on the ground of what is to be looked at."""
    made = QFrame()
    made.setObjectName("banner")
    made.setProperty("tone", "warn")
    box = VBox(made, margins=(8, 4, 8, 4))
    box.addWidget(Label(value, "strong", wrap=True))
    return made
