"""按月进度 and 历次: certifications of each month, and every month that was due."""

from dataclasses import dataclass
from functools import partial

from app import certification, printed, roles
from app.certification import MonthFigures, papers
from app.kit.run import Session
from app.printed import Item
from app.printing import certification_month
from models.kit import clock
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.cells import Bar, Cell, Text
from ui.kit.charts import ColumnChart, DataButton, Legend, Part
from ui.kit.context import Context
from ui.kit.label import Label, show_if
from ui.kit.layout import VBox
from ui.kit.screen import Screen
from ui.kit.table import Column, DataTable, Row, RowsModel
from ui.kit.tokens import HEADER, ROW_ONE, Room, px

MONTHS = 12
COLUMNS = (
    Column("month", "到期月份", 110, stretch=1),
    Column("due", "到期", 80, right=True),
    Column("done", "已认证", 80, right=True),
    Column("share", "认证率", 170, stretch=3),
    Column("home", "上门", 70, right=True),
    Column("suspicion", "异常", 70, right=True),
    Column("dead", "死亡", 70, right=True, drop=1),
    Column("lost", "失联", 70, right=True, drop=1),
    Column("overdue", "逾期", 80, right=True),
)
SHADES = ("chart1", "chart4", "chart2", "chart3", "chart5", "chart6")


@dataclass(frozen=True)
class Months:
    """Both tabs in one look."""

    chart: list[tuple[str, int]]
    periods: list[MonthFigures]


def months(session: Session) -> Months:
    """A year of both."""
    return Months(
        certification.by_month(session, MONTHS), certification.past_periods(session, MONTHS)
    )


class MonthsTab(Screen):
    """The columns tell when people were certified, the table what became of each due month."""

    tables = frozenset({"cert_task", "certification", "suspicion", "movement"})

    def __init__(self, context: Context, *, periods: bool = False) -> None:
        super().__init__(context)
        self.stale, self.found = True, list[MonthFigures]()
        self.print = Button("打印月汇总表", icon="printer", does=self.print_month)
        show_if(self.print, roles.may(context.desk, "print", "print"))
        self.chart, self.legend = ColumnChart(height=180, unit="人"), Legend()
        self.words = Label("", "body", "t2")
        self.model, self.table = RowsModel(COLUMNS), DataTable(COLUMNS, two_lines=False)
        self.table.setModel(self.model)
        self.table.setMinimumHeight(px(HEADER + 4 * ROW_ONE))
        self.table.opened.connect(lambda _row: self.print_month())
        self.on_keys({"Ctrl+P": self.print_month})
        whole = VBox(self, gap=12)
        if periods:
            card = Card("历次认证", "每个到期月份的结果", actions=(self.print,))
            card.body.addWidget(self.table, 1)
            whole.addWidget(card, 1)
        else:
            self.table.setParent(self)  # so that it goes with the tab
            self.table.hide()
            self._arrange_chart(whole)

    def _arrange_chart(self, whole: VBox) -> None:
        data = DataButton("按月完成", self.chart)
        card = Card("按月完成", "近 12 个月登记的认证", actions=(data,))
        card.add(self.chart)
        ways = Card("本月到期的人怎么认证的", actions=(self.print,))
        ways.add(self.words, self.legend)
        whole.add(card, ways)
        whole.addStretch(1)

    def fit(self, room: Room) -> None:
        self.table.drop_columns(1 if room in {"rail", "small"} else 0)

    def focus_first(self) -> None:
        (self.table if self.table.isVisible() else self.print).setFocus()

    def reload(self) -> None:
        self.context.work.ask(months, done=self._show)

    def _show(self, read: Months) -> None:
        self.found = read.periods
        self.chart.set_points([(f"{int(month[5:])}月", count) for month, count in read.chart])
        row = max(0, self.table.row())
        self.model.set_rows([Row(one.month, cells(one)) for one in read.periods])
        self.table.go_to(row)
        if read.periods:
            self._show_ways(read.periods[0])

    def _show_ways(self, one: MonthFigures) -> None:
        month = month_words(one.month)
        rate = f"{100 * one.done / one.due:.1f}%" if one.due else ""
        said = f"{month}到期 {one.due} 人，其中已认证 {one.done} 人，认证率 {rate}"
        self.words.setText(said if one.due else f"{month}没有人到期")
        parts = [
            Part(words, count, SHADES[at % len(SHADES)])
            for at, (words, count) in enumerate(one.methods)
        ]
        left = one.due - one.done
        self.legend.set_parts([*parts, *([Part("待认证", left, "chart0")] if left else [])])

    def print_month(self) -> None:
        """认证情况月汇总表 of the chosen month, or of this one."""
        at = self.table.row() if self.table.isVisible() else 0
        month = self.found[at].month if 0 <= at < len(self.found) else f"{clock.today():%Y-%m}"
        work = self.context.work

        def show(paper: bytes) -> None:
            journal = partial(work.do, printed.printed, papers.MONTH, [Item(None)], month)
            title = f"{papers.MONTH} {month}"
            self.context.open("print_pdf", title=title, data=paper, on_printed=journal)

        work.ask(
            papers.month_summary, month,
            done=lambda data: work.call(certification_month.draw, data, done=show),
        )  # fmt: skip


def month_words(month: str) -> str:
    """2026年11月."""
    return f"{month[:4]}年{int(month[5:])}月"


def cells(one: MonthFigures) -> tuple[Cell, ...]:
    """A month as a row; what is nothing stays quiet."""
    share = one.done / one.due if one.due else 0.0
    return (
        Text(month_words(one.month), bold=True),
        Text(str(one.due)),
        Text(str(one.done)),
        Bar(share, f"{100 * share:.1f}%" if one.due else "—"),
        *(_count(getattr(one, key)) for key in ("home", "suspicion", "dead", "lost")),
        _count(one.overdue, "bad"),
    )


def _count(number: int, tone: str = "") -> Text:
    return Text(str(number), tone) if number else Text("—", "t3")
