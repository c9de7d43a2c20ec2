"""The card on top: safe, running, or what is wrong and what to do."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from PySide6.QtCore import QElapsedTimer, Qt, Signal
from PySide6.QtWidgets import QProgressBar, QWidget

from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.format import time_left
from ui.kit.label import Icon, Label
from ui.kit.layout import HBox, VBox
from ui.kit.tag import Tag
from ui.kit.tokens import Room

STEPS, FINE = 4, 100


class Look(NamedTuple):
    """How a standing is shown; `ways` are keys of buttons, the first is the primary one."""

    icon: str
    tone: str
    title: str
    text: str
    ways: tuple[str, ...]


class StatusCard(Card):
    """``ways`` are its buttons, ``peer`` is whom one reports to."""

    wanted = Signal(str)
    stopped = Signal()

    def __init__(self, ways: Mapping[str, tuple[str, str]], *, peer: str) -> None:
        super().__init__(margins=(20, 14, 20, 14), gap=8)
        self.ways, self.peer = ways, peer
        self.icon = Icon("shield-check", "ok", 26, square=52)
        self.title, self.text = Label("数据安全", "title"), Label("", "body", "t2", wrap=True)
        self.proof = "本机已保存"
        self.spot: QWidget | None = None
        self.saved = Tag(self.proof, "ok", "circle-check")
        self.buttons: dict[str, Button] = {}
        self.line, self.whole = HBox(gap=16), HBox(gap=16)
        self.side = HBox(gap=12)
        self.bar, self.step = QProgressBar(), Label("", "body", "t2")
        self.left, self.since = Label("", "body", "t2"), QElapsedTimer()
        self._arrange()
        self.show_running(False)

    def _arrange(self) -> None:
        head = HBox(gap=10)
        head.add(self.title)
        head.addWidget(self.saved, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addStretch(1)
        told = VBox(gap=4)
        told.addStretch(1)
        told.addLayout(head)
        told.addWidget(self.text)
        told.addStretch(1)
        self.line.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        self.line.addLayout(told, 1)
        self.side.addStretch(1)
        self.whole.addLayout(self.line, 1)
        self.whole.addLayout(self.side)
        self.bar.setTextVisible(False)
        self.bar.setRange(0, STEPS * FINE)
        self.body.addLayout(self.whole)
        self.body.addWidget(self.bar)
        below = HBox(gap=12)
        below.addWidget(self.step, 1)
        below.addWidget(self.left)
        self.body.addLayout(below)
        self.stop = self._button("停止", "default", "pause", self.stopped.emit)
        self.side.addWidget(self.stop)
        for key, (text, icon) in self.ways.items():
            self.buttons[key] = self._button(text, "default", icon, self._says(key))
            self.side.addWidget(self.buttons[key])
            self.buttons[key].hide()

    def fit(self, room: Room) -> None:
        """The buttons go under the words where both do not fit on a line."""
        down, right = HBox.Direction.TopToBottom, HBox.Direction.LeftToRight
        self.whole.setDirection(down if room == "small" else right)

    @staticmethod
    def _button(text: str, kind: str, icon: str, does: Callable[[], object]) -> Button:
        return Button(text, kind, "l", icon=icon, does=does)

    def _says(self, key: str) -> Callable[[], None]:
        return lambda: self.wanted.emit(key)

    def show_look(self, look: Look, proof: str, *, may: bool = True) -> None:
        """``proof`` stands in the green tag. The keys stay with what is to be done next."""
        had, spot = self._holder(), self.window().focusWidget()
        was_ours = self.spot is not None and spot is self.spot
        self.spot = None
        self.proof = proof
        self.icon.change(look.icon, look.tone)
        self.title.setText(look.title)
        self.text.setText(look.text)
        self.saved.change(proof, "ok", "circle-check")
        for key, button in self.buttons.items():
            button.setVisible(key in look.ways and may)
            kind = "primary" if key in look.ways[:1] else "default"
            if button.property("kind") != kind:
                button.setProperty("kind", kind)
                button.style().unpolish(button)
                button.style().polish(button)
                button.set_icon(button.icon_name)
        self.show_running(False)
        if (was_ours or (had is not None and had.isHidden())) and look.ways and may:
            self.buttons[look.ways[0]].setFocus(Qt.FocusReason.OtherFocusReason)

    def _holder(self) -> QWidget | None:
        """What of ours has the keys."""
        return next((one for one in (self.stop, *self.buttons.values()) if one.hasFocus()), None)

    def show_running(self, running: bool, waits: int = 0) -> None:
        for part in (self.bar, self.step, self.left, self.stop):
            part.setVisible(running)
        self.saved.setVisible(not running and bool(self.proof))
        if not running:
            return
        had = self._holder()
        for button in self.buttons.values():
            button.hide()
        # where the keys wander meanwhile they come back from, unless somebody moved them on
        self.spot = self.window().focusWidget() if had is not None else None
        self.stop.setEnabled(True)
        self.icon.change("cloud-upload", "info")
        self.title.setText(f"正在上报 {waits} 条" if waits else f"正在与{self.peer}核对")
        self.text.setText("可以继续做别的事，完成后会在这里提示")
        self.show_step(0, f"正在连接{self.peer}")

    def show_step(self, number: int, text: str, share: float = 0) -> None:
        """``share`` of the step is done, which tells how long the rest of it takes."""
        if not share:
            self.since.start()
        self.left.setText(time_left(self.since.elapsed(), share))
        self.bar.setValue(round((number + share) * FINE))
        self.step.setText(f"第 {max(1, number)} / {STEPS} 步：{text}")
        self.bar.setAccessibleName(self.step.text())

    def show_stopping(self) -> None:
        self.stop.setEnabled(False)
        self.step.setText("正在停下，已发的不会丢")
        self.left.setText("")
