"""The month's ring: 本月应认证."""

from PySide6.QtCore import Qt

from app.certification import Strip
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.charts import DataButton, Legend, Part, Ring, percent
from ui.kit.context import Context
from ui.kit.layout import HBox, VBox, holder

SLIM = (18, 6, 6, 4)
SHADES = {"paper": "chart1", "self": "chart4", "home": "chart2", "data": "chart3"}


class RingCard(Card):
    """Done of what is due this month or overdue; the parts add up to the total."""

    def __init__(self, context: Context) -> None:
        more = Button("明细", "text", "s")
        more.clicked.connect(lambda: context.open("certification", tab="months"))
        self.ring, self.legend = Ring(), Legend(upright=True)
        data = DataButton("本月应认证", self.ring)
        super().__init__("本月应认证", actions=(data, more), margins=SLIM, gap=2)
        self.unknown = Button("", "text", "s")
        self.unknown.clicked.connect(
            lambda: context.open("certification", tab="due", filter="unknown")
        )
        left = VBox(gap=2)
        left.addWidget(self.ring, 0, Qt.AlignmentFlag.AlignHCenter)
        left.addWidget(self.unknown, 0, Qt.AlignmentFlag.AlignHCenter)
        line = HBox(gap=16, margins=(0, 0, 12, 4))
        line.addLayout(left)
        line.addWidget(self.legend, 1)
        self.add(holder(line))
        self.unknown.hide()

    def show_strip(self, read: Strip) -> None:
        self.set_title("本月应认证", f"{read.done} / {read.total} 人")
        done = [
            Part(one.words, one.count, SHADES[one.key])
            for one in read.parts
            if one.count or one.key != "data"
        ]
        parts = [*done, Part("待认证", read.left, "chart0")]
        self.ring.show_parts(parts, percent(read.percent, read.total))
        self.legend.set_parts(parts)
        self.unknown.set_text(f"到期日待核 {read.unknown} 人")
        self.unknown.setVisible(read.unknown > 0)
