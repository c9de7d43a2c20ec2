"""The data cannot be opened: reassure, say what to do, the code last. One page for all cases."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QFrame, QWidget

from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.inputs import RadioButton
from ui.kit.label import Icon, Label, show_if
from ui.kit.layout import HBox, Scroll, VBox, clear, holder
from ui.kit.tokens import px, scale


@dataclass(frozen=True)
class Way:
    """A way out: a button. The first is the primary one."""

    key: str
    text: str
    icon: str = ""


@dataclass(frozen=True)
class Backup:
    """missing: what will not be there after going back to it."""

    key: str
    text: str
    missing: str = ""


@dataclass(frozen=True)
class Look:
    """One fault as its page shows it."""

    title: str
    sentence: str
    code: str
    ways: tuple[Way, ...] = ()
    backups: tuple[Backup, ...] = ()
    details: str = ""
    support: str = ""
    icon: str = "database"
    tone: str = "bad"


class FaultPage(QWidget):
    """`taken(way, backup)`: the backup is empty unless one is chosen in the list."""

    taken = Signal(str, str)

    def __init__(self, fault: Look) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.card = Card(margins=(28, 24, 28, 20), gap=12)
        outer = VBox(margins=(24, 24, 12, 24))
        middle = HBox()
        middle.addStretch(1)
        middle.addWidget(self.card, 0)
        middle.addStretch(1)
        outer.addLayout(middle, 1)
        VBox(self).addWidget(Scroll(holder(outer)))
        self._rescale()
        scale.scaleChanged.connect(self._rescale)
        self.show_fault(fault)

    def _rescale(self, _value: float = 1.0) -> None:
        screen = self.window().width() if self.isVisible() else px(926)
        self.card.setMinimumWidth(min(px(820), max(px(420), screen - px(80))))
        self.card.setMaximumWidth(px(926))

    def show_fault(self, fault: Look) -> None:
        self.fault = fault
        body = self.card.body
        clear(body)
        centre = Qt.AlignmentFlag.AlignHCenter
        body.addStretch(1)
        body.addWidget(Icon(fault.icon, fault.tone, 34, square=68, radius=16), 0, centre)
        for words, role, tone in ((fault.title, "title", ""), (fault.sentence, "body", "t2")):
            label = Label(words, role, tone, wrap=True)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            body.addWidget(label)
        self._backups(body)
        self._ways(body)
        body.addStretch(1)
        self._foot(body)
        self.setAccessibleName(f"{fault.title}。{fault.sentence}")

    def _backups(self, body: VBox) -> None:
        self.choices = {each.key: RadioButton(each.text) for each in self.fault.backups}
        if not self.choices:
            return
        well = VBox(gap=4, margins=(18, 10, 18, 10))
        for each in self.fault.backups:
            line = HBox(gap=12)
            line.add(self.choices[each.key])
            line.addWidget(Label(each.missing, "small", "t2"), 1)
            well.addLayout(line)
        frame = _well(well)
        next(iter(self.choices.values())).setChecked(True)
        row = HBox()
        row.addStretch(1)
        row.addWidget(frame, 4)
        row.addStretch(1)
        body.addLayout(row)

    def _ways(self, body: VBox) -> None:
        line = HBox(gap=10, margins=(0, 8, 0, 0))
        line.addStretch(1)
        self.buttons: dict[str, Button] = {}
        for place, way in enumerate(self.fault.ways):
            button = Button(way.text, "default" if place else "primary", "l", icon=way.icon)
            button.clicked.connect(lambda _checked=False, key=way.key: self._take(key))
            self.buttons[way.key] = button
            line.addWidget(button)
        line.addStretch(1)
        body.addLayout(line)
        if self.fault.support:
            self._support(body)

    def _support(self, body: VBox) -> None:
        line = HBox(gap=8)
        line.addStretch(1)
        line.add(
            Icon("phone", "prit", 18), Label(f"联系技术支持 {self.fault.support}", tone="prit")
        )
        line.addStretch(1)
        body.addLayout(line)

    def _foot(self, body: VBox) -> None:
        line = HBox(gap=10)
        line.addStretch(1)
        line.add(Label(f"出错编号 {self.fault.code} · 打电话时请报这个编号", "small", "t3"))
        self.copy = Button("复制详细信息", "text", "s", icon="copy", does=self.copy_details)
        show_if(self.copy, bool(self.fault.details))
        line.add(self.copy)
        line.addStretch(1)
        body.addLayout(line)

    def chosen(self) -> str:
        return next((key for key, button in self.choices.items() if button.isChecked()), "")

    def _take(self, way: str) -> None:
        self.taken.emit(way, self.chosen())

    def copy_details(self) -> None:
        words = f"{self.fault.code} {self.fault.title}\n{self.fault.details}"
        QApplication.clipboard().setText(words)
        self.copy.set_text("已复制")

    def start(self) -> None:
        """A safe hand: the focus is on the first way out, nothing happens by itself."""
        if self.buttons:
            next(iter(self.buttons.values())).setFocus(Qt.FocusReason.OtherFocusReason)


def _well(layout: VBox) -> QWidget:
    frame = QFrame()
    frame.setObjectName("well")
    frame.setLayout(layout)
    return frame
