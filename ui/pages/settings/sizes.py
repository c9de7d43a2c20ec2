"""字号: three rows, each in its own size, applied at once and remembered for this PC."""

from PySide6.QtCore import Qt

from ui.kit.card import Card, ClickCard
from ui.kit.context import Context
from ui.kit.label import Icon, Label, restyle
from ui.kit.layout import HBox, VBox
from ui.kit.tokens import SCALES, TYPE, px, scale
from ui.pages.settings.tab import Tab

ROWS = (
    ("标准", "一屏看到的最多", SCALES[0]),
    ("大", "看着更轻松，一屏少看几行", SCALES[1]),
    ("特大", "离屏幕远也看得清，左边菜单会收窄", SCALES[2]),
)
SAMPLE = "王秀英 · 女 · 80岁 · 桂苑一区 3栋 502"


class SizeRow(ClickCard):
    """Written in the size it stands for, whatever the size now."""

    def __init__(self, words: str, note: str, value: float) -> None:
        super().__init__()
        self.value, self.words = value, words
        self.mark = Icon("circle", "t3", 22)
        self.name, self.sample = Label(words), Label(SAMPLE, wrap=True)
        self.note = Label(note, "small", "t2", wrap=True)
        told = VBox(gap=2)
        told.add(self.sample, self.note)
        line = HBox(self, gap=16, margins=(18, 12, 18, 12))
        line.add(self.mark, self.name)
        line.addLayout(told, 1)
        self.clicked.connect(self.take)
        scale.scaleChanged.connect(self.show_state)
        self.show_state()

    def take(self) -> None:
        scale.set(self.value)

    def show_state(self, _value: float = 1.0) -> None:
        chosen = scale.value == self.value
        self.mark.change("circle-check" if chosen else "circle", "pri" if chosen else "t3")
        size = round(TYPE["body"][0] * self.value)
        for label, weight in ((self.name, "bold"), (self.sample, "normal")):
            label.setStyleSheet(f"font-size: {size}px; font-weight: {weight};")
        self.name.setMinimumWidth(px(70))
        self.setProperty("st", "chosen" if chosen else "")
        state = "，正在用" if chosen else "，按回车换成这个"
        self.setAccessibleName(f"字号 {self.words}{state}")
        restyle(self)


class SizesTab(Tab):
    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.rows = [SizeRow(*each) for each in ROWS]
        card = Card("字号", "点一下马上换，只影响这台电脑的屏幕，打印不变")
        for each in self.rows:
            card.add(each)
        keys = Label(
            "随时可以按 Ctrl+= 放大、Ctrl+- 缩小；右上角也有“字号”", "small", "t2", wrap=True
        )
        card.add(keys)
        box = VBox(self)
        box.addWidget(card)
        box.addStretch(1)

    def focus_first(self) -> None:
        for each in self.rows:
            if each.value == scale.value:
                each.setFocus(Qt.FocusReason.OtherFocusReason)
