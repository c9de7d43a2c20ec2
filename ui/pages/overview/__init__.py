"""工作台 of the centre: what waits for a person, and every office in figures."""

from collections.abc import Callable

from app import overview
from app.overview import OfficeRow, Overview
from models.kit import clock
from ui.kit.buttons import Button
from ui.kit.card import Card, StatCard
from ui.kit.cells import Cell, Text
from ui.kit.context import Context
from ui.kit.empty import EmptyState
from ui.kit.format import full_day
from ui.kit.label import Label
from ui.kit.layout import Grid, HBox, VBox, column
from ui.kit.screen import Screen
from ui.kit.table import Column, DataTable, Row, RowsModel
from ui.kit.tokens import Room

CARDS = (
    ("disputes", "git-compare", "warn", "待裁定的争议", "人"),
    ("stations", "building-2", "bad", "需要处理的站点", "台"),
    ("troubles", "clipboard-list", "warn", "待办", "项"),
    ("files", "package-check", "pri", "今天收到的数据包", "个"),
)
COLUMNS = (
    Column("name", "站点", 220, stretch=3),
    Column("people", "在册", 100, stretch=1, right=True),
    Column("due", "本月待认证", 120, stretch=1, right=True),
    Column("overdue", "其中已逾期", 120, stretch=1, right=True),
    Column("certified", "本月已认证", 120, stretch=1, right=True),
    Column("visits", "本月走访", 110, stretch=1, right=True),
)


def page(context: Context) -> "OverviewPage":
    return OverviewPage(context)


class OverviewPage(Screen):
    title, has_search = "工作台", True
    tables = frozenset({"exchange", "office", "ruling", "revocation", "local_note"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.greeting, self.sentence = Label("", "title"), Label("", "body", "t2")
        self.cards = {key: StatCard(icon, tone, words) for key, icon, tone, words, _ in CARDS}
        self.model, self.table = RowsModel(COLUMNS), DataTable(COLUMNS, two_lines=False)
        self.table.setModel(self.model)
        self.table.setAccessibleName("各站情况")
        self.nothing = EmptyState(
            "building-2", "还没有站点", "写一份邀请文件交给站点，站点建好、批准以后就有数字了",
            buttons=(Button("去邀请站点", icon="send", does=self._opener("stations")),),
        )  # fmt: skip
        self.offices = Card("各站情况", "", margins=(18, 12, 18, 12))
        self.offices.body.addWidget(self.table, 1)
        self.offices.body.addWidget(self.nothing, 1)
        self._arrange()
        for key in ("disputes", "stations", "troubles"):
            self.cards[key].clicked.connect(self._opener(key))
        self.cards["files"].clicked.connect(self._opener("stations"))
        self.reload()

    def _arrange(self) -> None:
        self.stats = Grid(gap=(14, 14))
        box = VBox(self, gap=14, margins=(24, 14, 12, 14))
        top = HBox(gap=8)
        top.addLayout(column(self.greeting, self.sentence, gap=2), 1)
        box.add(top, self.stats)
        box.addWidget(self.offices, 1)
        self.fit("full")

    def _opener(self, name: str) -> Callable[..., object]:
        return lambda _checked=False: self.context.open(name)

    def fit(self, room: Room) -> None:
        across = 2 if room == "small" else 4
        for place, card in enumerate(self.cards.values()):
            self.stats.addWidget(card, *divmod(place, across))
        for place in range(4):
            self.stats.setColumnStretch(place, 1 if place < across else 0)

    def start(self) -> None:
        self.cards["disputes"].setFocus()

    focus_first = start

    def reload(self) -> None:
        self.context.work.ask(overview.overview, done=self._show)

    def _show(self, read: Overview) -> None:
        self.greeting.setText(f"{self.context.office.name}")
        self.sentence.setText(sentence(read))
        counts = {**read.waits, "files": read.files_today}
        for key, _icon, _tone, _words, unit in CARDS:
            self.cards[key].show_number(f"{counts[key]:,}", unit, *_note(key, read))
        self.offices.set_title("各站情况", f"{clock.today():%Y-%m}，按各站已报到的资料")
        rows = [*read.offices, read.total] if read.offices else []
        self.model.set_rows([Row(one.id or "total", cells(one)) for one in rows])
        self.table.setVisible(bool(rows))
        self.nothing.setVisible(not rows)


def _note(key: str, read: Overview) -> tuple[str, str]:
    if key == "stations" and read.quiet:
        return f"{read.quiet} 台很久没有联系", "warn"
    if key == "files":
        return f"在用 {read.stations} 台", "t3"
    return "", "t3"


def sentence(read: Overview) -> str:
    """11月23日 星期一，有 3 件事等着处理."""
    many = sum(read.waits.values())
    day = full_day(clock.today())
    return f"{day}，有 {many} 件事等着处理" if many else f"{day}，没有等着处理的事"


def cells(row: OfficeRow) -> tuple[Cell, ...]:
    """Bold for the sum."""
    bold = not row.id
    late = "bad" if row.overdue else "t3"
    return (
        Text(row.name, bold=bold),
        Text(f"{row.people:,}", bold=bold),
        Text(f"{row.due:,}", bold=bold),
        Text(f"{row.overdue:,}", late, bold),
        Text(f"{row.certified:,}", bold=bold),
        Text(f"{row.visits:,}", bold=bold),
    )
