"""本月应认证 in one strip: how far, by which way, until when."""

from collections.abc import Callable

from PySide6.QtCore import Qt

from app.certification import Strip
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.charts import DataButton, Legend, Part, SegBar, percent
from ui.kit.label import Label
from ui.kit.layout import HBox, VBox, column, rule
from ui.kit.tag import Tag

SHADES = {"paper": "chart1", "self": "chart4", "home": "chart2", "data": "chart3"}


class StripCard(Card):
    """The share, the bar with its legend, and the two acts of a month."""

    def __init__(self, *, print_forms: Callable[[], object], home: Callable[[], object]) -> None:
        super().__init__(margins=(18, 12, 18, 12), gap=0)
        self.percent, self.count = Label("", "display"), Label("", "body", "t2")
        self.deadline, self.bar, self.legend = Tag("", "warn", "clock"), SegBar(), Legend()
        self.print = Button("批量打印认证表", icon="printer", does=print_forms)
        self.home = Button("登记上门核验", icon="house", does=home)
        title = HBox(gap=10)
        title.addWidget(Label("本月应认证", "h2"))
        title.addWidget(self.deadline, 0, Qt.AlignmentFlag.AlignVCenter)
        title.addStretch(1)
        title.addWidget(DataButton("本月应认证", self.bar))
        middle = VBox(gap=8)
        middle.add(title, self.bar, self.legend)
        line = HBox(gap=24)
        line.addLayout(column(self.percent, self.count, gap=0))
        line.addLayout(middle, 1)
        line.addWidget(rule("upright"))
        line.addLayout(column(self.print, self.home, gap=8))
        self.body.addLayout(line)

    def show_strip(self, read: Strip) -> None:
        self.percent.setText(percent(read.percent, read.total))
        self.count.setText(f"{read.done} / {read.total} 人")
        day = f"{read.deadline.month}月{read.deadline.day}日"
        late = f"，逾期 {read.overdue} 人" if read.overdue else ""
        left = f"{day}截止，还剩 {read.days_left} 天" if read.days_left else "今天截止"
        self.deadline.change(f"{left}{late}", "warn", "clock")
        parts = [
            Part(one.words, one.count, SHADES[one.key])
            for one in read.parts
            if one.count or one.key != "data"
        ]
        self.bar.set_parts([*parts, Part("待认证", read.left, "chart0")])
        unknown = [Part("到期日待核", read.unknown, "chart5")] if read.unknown else []
        self.legend.set_parts([*parts, Part("待认证", read.left, "chart0"), *unknown])
