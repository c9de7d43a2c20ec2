"""The month's ring: 本月应认证."""

from PySide6.QtCore import Qt

from app.certification import Strip
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.charts import Legend, Part, Ring
from ui.kit.context import Context
from ui.kit.layout import HBox, holder

SLIM = (18, 6, 6, 4)
SHADES = {"paper": "chart1", "self": "chart4", "home": "chart2", "data": "chart3"}


class RingCard(Card):
    """Done of what is due this month or overdue; the parts add up to the total."""

    def __init__(self, context: Context) -> None:
        more = Button("明细", "text", "s")
        more.clicked.connect(lambda: context.open("certification", tab="months"))
        super().__init__("本月应认证", actions=(more,), margins=SLIM, gap=2)
        self.ring, self.legend = Ring(), Legend(upright=True)
        self.unknown = Button("", "text", "s")
        self.unknown.clicked.connect(
            lambda: context.open("certification", tab="due", filter="unknown")
        )
        line = HBox(gap=16, margins=(0, 0, 12, 4))
        line.addWidget(self.ring, 0, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self.legend, 1)
        self.add(holder(line))
        self.body.addWidget(self.unknown, 0, Qt.AlignmentFlag.AlignRight)
        self.unknown.hide()

    def show_strip(self, read: Strip) -> None:
        self.set_title("本月应认证", f"{read.done} / {read.total} 人")
        done = [
            Part(one.words, one.count, SHADES[one.key])
            for one in read.parts
            if one.count or one.key != "data"
        ]
        parts = [*done, Part("待认证", read.left, "chart0")]
        self.ring.show_parts(parts, f"{read.percent:g}%")
        self.legend.set_parts(parts)
        self.unknown.set_text(f"另有到期日待核 {read.unknown} 人")
        self.unknown.setVisible(read.unknown > 0)
