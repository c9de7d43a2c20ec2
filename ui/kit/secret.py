"""A masked value with 显示: the whole of it for thirty seconds."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QWidget

from ui.kit.label import Label, LinkLabel
from ui.kit.layout import HBox

SHOWN_MS = 30_000


class Secret(QWidget):
    """`ask(done)` fetches the whole value, which is logged by whoever answers."""

    def __init__(
        self, masked: str, ask: Callable[[Callable[[str], object]], object], name: str = ""
    ) -> None:
        super().__init__()
        self.masked, self.ask = masked, ask
        self.value = Label(masked)
        self.value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.word = LinkLabel()
        self.word.linkActivated.connect(lambda _link: self.press())
        self.word.setAccessibleName(f"显示完整{name}")
        self.word.setToolTip("显示 30 秒，并记入操作日志")
        self.timer = QTimer(self, singleShot=True, interval=SHOWN_MS)
        self.timer.timeout.connect(self.hide_value)
        line = HBox(self, gap=10)
        line.add(self.value, self.word)
        line.addStretch(1)
        self.word.show_link("显示")

    def press(self) -> None:
        if self.timer.isActive():
            self.hide_value()
        else:
            self.ask(self.show_value)

    def show_value(self, whole: str) -> None:
        self.value.setText(whole)
        self.word.show_link("隐藏")
        self.timer.start()

    def hide_value(self) -> None:
        self.timer.stop()
        self.value.setText(self.masked)
        self.word.show_link("显示")
