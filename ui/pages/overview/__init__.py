"""工作台 of the centre: what waits for a person, and every office in figures."""

from collections.abc import Callable
from datetime import timedelta

from app import overview, roles
from app.delivery import Relayed
from app.overview import OfficeRow, Overview
from models.kit import clock
from ui.kit.banner import Banner
from ui.kit.buttons import Button
from ui.kit.card import Card, StatCard
from ui.kit.cells import Cell, Text
from ui.kit.context import Context
from ui.kit.empty import EmptyState
from ui.kit.format import fast, full_day, moment
from ui.kit.label import Label, show_if
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
CITY_CARDS = (
    ("strangers", "user-search", "warn", "新来的站点，等确认", "个"),
    ("stations", "building-2", "bad", "需要处理的区中心", "个"),
    ("troubles", "clipboard-list", "warn", "待办", "项"),
    ("files", "package-check", "pri", "今天收到的数据包", "个"),
)
CITY_ONLY = "市级只看不改：争议、认证意见、人员转接、清除资料由各区中心办理"
COLUMNS = (
    Column("name", "站点", 220, stretch=3),
    Column("people", "在册", 100, stretch=1, right=True),
    Column("due", "本月待认证", 120, stretch=1, right=True),
    Column("overdue", "其中已逾期", 120, stretch=1, right=True),
    Column("certified", "本月已认证", 120, stretch=1, right=True),
    Column("visits", "本月走访", 110, stretch=1, right=True),
)

CITY_COLUMNS = (
    Column("name", "区中心", 220, stretch=3),
    Column("stations", "站点", 90, stretch=1, right=True),
    *COLUMNS[1:],
)


def page(context: Context) -> "OverviewPage":
    return OverviewPage(context)


class OverviewPage(Screen):
    title, has_search = "工作台", True
    tables = frozenset({"exchange", "office", "ruling", "revocation", "local_note"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.greeting, self.sentence = Label("", "title"), Label("", "body", "t2")
        self.clock = Banner("bad", "")
        show_if(self.clock, wanted=False)
        self.is_city = roles.is_city(context.desk)
        self.kinds = CITY_CARDS if self.is_city else CARDS
        self.cards = {key: StatCard(icon, tone, words) for key, icon, tone, words, _ in self.kinds}
        columns = CITY_COLUMNS if self.is_city else COLUMNS
        self.model, self.table = RowsModel(columns), DataTable(columns, two_lines=False)
        self.table.setModel(self.model)
        self.heading = "各区情况" if self.is_city else "各站情况"
        whom = "区中心" if self.is_city else "站点"
        self.table.setAccessibleName(self.heading)
        self.nothing = EmptyState(
            "building-2", f"还没有{whom}",
            f"写一份邀请文件交给{whom}，建好、批准以后就有数字了",
            buttons=(Button(f"去邀请{whom}", icon="send", does=self._opener("stations")),),
        )  # fmt: skip
        self.offices = Card(self.heading, "", margins=(18, 12, 18, 12))
        self.offices.body.addWidget(self.table, 1)
        self.offices.body.addWidget(self.nothing, 1)
        self._arrange()
        for key, card in self.cards.items():
            leads = key if key in {"disputes", "troubles"} else "stations"
            card.clicked.connect(self._opener(leads))
        self.reload()

    def _arrange(self) -> None:
        self.stats = Grid(gap=(14, 14))
        box = VBox(self, gap=14, margins=(24, 14, 12, 14))
        top = HBox(gap=8)
        top.addLayout(column(self.greeting, self.sentence, gap=2), 1)
        box.add(top, self.clock, self.stats)
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
        next(iter(self.cards.values())).setFocus()

    focus_first = start

    def reload(self) -> None:
        self.context.work.ask(overview.overview, done=self._show)

    def _show(self, read: Overview) -> None:
        self.greeting.setText(f"{self.context.office.name}")
        said = sentence(read)
        more = CITY_ONLY if self.is_city else told_city(read.city)
        self.sentence.setText(f"{said}。{more}" if more else said)
        show_if(self.clock, read.clock_off is not None)
        if read.clock_off is not None:
            self.clock.say("bad", *clock_words(read.clock_off, is_city=self.is_city))
        counts = {**read.waits, "files": read.files_today, "strangers": read.strangers}
        for key, _icon, _tone, _words, unit in self.kinds:
            self.cards[key].show_number(f"{counts[key]:,}", unit, *self._note(key, read))
        whose = "各区" if self.is_city else "各站"
        self.offices.set_title(self.heading, f"{clock.today():%Y-%m}，按{whose}已报到的资料")
        rows = [read.total, *read.offices] if read.offices else []
        made = [(one.id or "total", self._cells(one)) for one in rows]
        self.model.set_rows([Row(key, row) for key, row in made])
        self.table.setVisible(bool(rows))
        self.nothing.setVisible(not rows)

    def _note(self, key: str, read: Overview) -> tuple[str, str]:
        unit = "个" if self.is_city else "台"
        if key == "stations" and read.quiet:
            return f"{read.quiet:,} {unit}久未联系", "warn"
        if key == "files":
            return f"在用 {read.stations} {unit}", "t3"
        return "", "t3"

    def _cells(self, row: OfficeRow) -> tuple[Cell, ...]:
        name, *figures = cells(row)
        many = Text(f"{row.stations:,}", bold=not row.id)
        return (name, many, *figures) if self.is_city else (name, *figures)


def clock_words(off: timedelta, *, is_city: bool = False) -> tuple[str, str]:
    """Of our own clock: what is wrong, and what to do."""
    me, them = ("市级", "多数区中心") if is_city else ("区中心", "多数站点")
    return (
        f"{me}电脑的时钟比{them}{fast(off)}",
        "请先核对这台电脑（和接收服务那台）的日期和时间，改对以前先不要裁定、退回和发通知",
    )


def told_city(city: Relayed | None) -> str:
    """上报市级：14:12 市级确认，还有 3 条待报，核对一致."""
    if city is None:
        return ""
    if city.error:
        return "上次没有报成市级，请到“上报市级”看原因"
    if city.heard_at is None:
        return "已加入市级，还没有上报过"
    left = f"还有 {city.waiting:,} 条待报" if city.waiting else "都已到市级"
    words = {None: "", 0: "，核对一致"}.get(city.differed, "，核对有出入，已重新报送")
    return f"上报市级：{moment(city.heard_at)} 市级确认，{left}{words}"


def sentence(read: Overview) -> str:
    """11月23日 星期一，有 3 件事等着处理."""
    many = sum(read.waits.values())
    day = full_day(clock.today())
    return f"{day}，有 {many:,} 件事等着处理" if many else f"{day}，没有等着处理的事"


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
