"""A page or card without anything in it: what it is, and how to start."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from ui.kit.label import Icon, Label, show_if
from ui.kit.layout import HBox, VBox


class EmptyState(QWidget):
    def __init__(
        self,
        icon: str,
        title: str,
        text: str = "",
        *,
        buttons: Sequence[QWidget] = (),
        links: Sequence[QWidget] = (),
        tone: str = "pri",
        size: int = 72,
    ) -> None:
        super().__init__()
        middle = Qt.AlignmentFlag.AlignHCenter
        self.title, self.text = (
            Label(title, "title", wrap=True),
            Label(text, "body", "t2", wrap=True),
        )
        for label in (self.title, self.text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        box = VBox(self, gap=10, margins=(24, 18, 24, 18))
        box.addStretch(1)
        mark = Icon(icon, tone, size // 2, square=size, radius=16)
        box.addWidget(mark, 0, middle)
        box.addWidget(self.title)
        box.addWidget(self.text)
        show_if(self.text, bool(text))
        for line, gap in ((buttons, 10), (links, 20)):
            if line:
                box.addLayout(self._line(line, gap))
        box.addStretch(1)

    @staticmethod
    def _line(widgets: Sequence[QWidget], gap: int) -> HBox:
        made = HBox(gap=gap, margins=(0, 8, 0, 0))
        made.addStretch(1)
        for widget in widgets:
            made.addWidget(widget)
        made.addStretch(1)
        return made
