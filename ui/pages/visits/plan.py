"""走访计划: the week's board, and whoever is overdue beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from PySide6.QtCore import Qt

from app import printed, roles, visit
from app.kit.run import Acted, Session, acted
from app.printed import Item
from app.printing import visit_route
from app.printing.kit.join import joined
from app.visit import VisitDue
from models.kit import clock
from ui.kit.buttons import Button, IconButton
from ui.kit.card import Card
from ui.kit.cells import Cell, Person, Text, Two
from ui.kit.context import Context
from ui.kit.label import Label
from ui.kit.layout import HBox
from ui.kit.screen import Screen
from ui.kit.table import Column, DataTable, Row, RowsModel
from ui.kit.tokens import Room, px
from ui.pages.visits.board import Board, Planned

SIDE, NARROW = 280, 232
A_DAY = 8
SHORT = {"上门认证": "上门核验", "认证": "待认证", "生日问候": "生日"}
HINT = "可拖动改期，也可用 Alt+→ 推后一天"
EMPTY = "这一周还没有安排走访"
COLUMNS = (Column("who", "", 150, stretch=1), Column("late", "", 78, right=True))


@dataclass(frozen=True)
class Week:
    """What the tab shows."""

    monday: date
    planned: tuple[Planned, ...]
    overdue: tuple[VisitDue, ...]
    late: int


def week(session: Session, monday: date) -> Week:
    """One week with what each visit is for, and the longest overdue."""
    due = visit.week(session, monday)
    stops = {one.retiree_id: one for one in visit.plan_route(session, [d.retiree_id for d in due])}
    planned = tuple(_planned(one, stops[one.retiree_id].matter) for one in due if one.next_on)
    late = visit.overdue(session)
    return Week(monday, planned, late.rows, late.total)


def _planned(one: VisitDue, matter: str) -> Planned:
    tone = "pri"
    if one.days_late:
        tone = "bad"
    elif "上门认证" in matter:
        tone = "info"
    elif "生日" in matter:
        tone = "warn"
    words = "、".join(SHORT[part] for part in matter.split("、") if part in SHORT) or "上门"
    return Planned(one.retiree_id, one.name, words, tone, one.next_on or clock.today())


def routes(session: Session, monday: date) -> list[visit_route.Route]:
    """A sheet for each day that has visits."""
    by_day: dict[date, list[str]] = {}
    for one in visit.week(session, monday):
        if one.next_on:
            by_day.setdefault(one.next_on, []).append(one.retiree_id)
    return [visit.route_data(session, people, day) for day, people in sorted(by_day.items())]


def draw(sheets: Sequence[visit_route.Route]) -> bytes:
    """All days in one file."""
    return joined([visit_route.draw(one) for one in sheets])


def monday_of(day: date) -> date:
    """The week that is worked on: on a weekend the next one."""
    monday = day - timedelta(days=day.weekday())
    return monday + timedelta(days=7) if day.weekday() > 4 else monday


def week_word(monday: date) -> str:
    """本周, or 下周 where a weekend already works on it; empty for any other week."""
    if monday != monday_of(clock.today()):
        return ""
    return "下周" if monday > clock.today() else "本周"


class PlanTab(Screen):
    """The board is for the hands, the list beside it for what was left undone."""

    tables = frozenset({"visit_plan", "visit", "retiree", "cert_task"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.stale, self.wants_focus, self.tight = True, False, False
        self.monday = self.this = monday_of(clock.today())
        self.read: Week | None = None
        self.board = Board()
        self.model, self.table = RowsModel(COLUMNS), DataTable(COLUMNS)
        self.table.setModel(self.model)
        self.table.horizontalHeader().hide()
        self.nothing = Label("今天没有逾期走访", "body", "t2")
        self._arrange()
        self.on_keys({"Ctrl+P": self.print_week})
        self.board.opened.connect(self._open)
        self.board.moved.connect(self.move_to)
        self.table.opened.connect(self._open_overdue)

    def _arrange(self) -> None:
        self.print = Button("打印本周走访单", "text", icon="printer", does=self.print_week)
        back = IconButton("chevron-left", "上一周", sz="s", does=lambda: self.turn(-7))
        forth = IconButton("chevron-right", "下一周", sz="s", does=lambda: self.turn(7))
        self.card = Card("本周走访计划", HINT, actions=(back, forth, self.print))
        self.card.body.addWidget(self.board, 1)
        self.side = Card("逾期", margins=(18, 10, 12, 14))
        self.fill = Button("排进本周", "soft", icon="calendar-plus", does=self.spread)
        self.side.body.addWidget(self.table, 1)
        self.side.body.addWidget(self.nothing, 0, Qt.AlignmentFlag.AlignTop)
        self.side.body.addWidget(self.fill)
        self.columns = HBox(self, gap=12)
        self.columns.addWidget(self.card, 1)
        self.columns.addWidget(self.side)

    def fit(self, room: Room) -> None:
        small = room in {"small", "rail"}
        down, right = HBox.Direction.TopToBottom, HBox.Direction.LeftToRight
        self.columns.setDirection(down if room == "small" else right)
        wide = px(NARROW if room == "rail" else SIDE)
        self.side.setMinimumWidth(0 if room == "small" else wide)
        self.side.setMaximumWidth(16_777_215 if room == "small" else wide)
        self.tight = room == "rail"
        self.board.fit(tight=self.tight)
        if self.read is not None:
            self._show_overdue(self.read)
        self.card.subtitle.setVisible(not small)

    def focus_first(self) -> None:
        self.wants_focus = not self.board.cards()
        self.board.focus_first()

    # reading ----------------------------------------------------------------------------

    def turn(self, days: int) -> None:
        self.monday += timedelta(days=days)
        self.reload()

    def reload(self) -> None:
        now = monday_of(clock.today())
        if self.monday == self.this:  # who looks at this week does so also when a new one begins
            self.monday = now
        self.this = now
        self.context.work.ask(week, self.monday, done=self._show)

    def _show(self, read: Week) -> None:
        self.read = read
        week = week_word(read.monday)
        friday = read.monday + timedelta(days=4)
        span = f"{read.monday.month}月{read.monday.day}日—{friday.month}月{friday.day}日"
        self.card.set_title(f"{week or f'{span} '}走访计划", HINT if read.planned else EMPTY)
        prints = roles.may(self.context.desk, "print", "print")
        self.print.setVisible(bool(read.planned) and prints)
        self.print.set_text(f"打印{week or '这周'}走访单")
        self.board.show_week(read.monday, read.planned)
        self._show_overdue(read)
        if self.wants_focus:
            self.focus_first()
            self.wants_focus = False

    def _show_overdue(self, read: Week) -> None:
        row = max(0, self.table.row())
        self.side.set_title(f"逾期 {read.late}" if read.late else "逾期")
        self.model.set_rows(
            [Row(one.retiree_id, late_cells(one, tight=self.tight)) for one in read.overdue]
        )
        self.table.go_to(min(row, len(read.overdue) - 1))
        self.table.setVisible(bool(read.overdue))
        self.nothing.setVisible(not read.overdue)
        plans = roles.may(self.context.desk, "visit_plan", "write")
        self.fill.setVisible(bool(read.overdue) and plans)
        self.fill.set_text(f"排进{self._free_week()}")

    # acting -----------------------------------------------------------------------------

    def _open(self, retiree_id: str) -> None:
        planned = self.read.planned if self.read else ()
        matter = next((one.matter for one in planned if one.retiree_id == retiree_id), "")
        self.context.open("visit", retiree_id=retiree_id, also_certify="上门核验" in matter)

    def _open_overdue(self, row: int) -> None:
        if self.read is not None:
            self.context.open("visit", retiree_id=self.read.overdue[row].retiree_id)

    def move_to(self, retiree_id: str, day: date) -> None:
        self.context.work.do(
            acted, visit.reschedule, [retiree_id], day,
            done=lambda done: self._moved(done, f"已改到 {day.month}月{day.day}日"),
            refused=lambda refusal: self.context.toast(refusal.message),
        )  # fmt: skip

    def spread(self) -> None:
        """排进本周: the longest overdue first, neighbours on the same day, eight a day."""
        if self.read is None:
            return
        days = self.free_days()
        chosen = [one.retiree_id for one in self.read.overdue[: A_DAY * len(days)]]
        rest = self.read.late - len(chosen)
        words = f"已把 {len(chosen)} 人排进{self._free_week()}"
        words += f"，还有 {rest} 人下次再排" if rest > 0 else ""
        self.context.work.do(
            acted, visit.spread, chosen, days, done=lambda done: self._moved(done, words)
        )

    def free_days(self) -> list[date]:
        """The working days left of the week, else those of the next."""
        today = clock.today()
        first = max(today, monday_of(today))
        return [first + timedelta(days=at) for at in range(5 - first.weekday())]

    @staticmethod
    def _free_week() -> str:
        return week_word(monday_of(clock.today()))

    def _moved(self, done: Acted[int], words: str) -> None:
        self.context.toast(words, done.tx)

    def print_week(self) -> None:
        """上门走访路线单, one sheet a day."""
        work = self.context.work

        def show(paper: bytes) -> None:
            journal = partial(work.do, printed.printed, visit_route.TITLE, [Item(None)], "本周走访")
            self.context.open("print_pdf", title="走访单", data=paper, on_printed=journal)

        work.ask(routes, self.monday, done=lambda sheets: work.call(draw, sheets, done=show))


def late_cells(one: VisitDue, *, tight: bool) -> tuple[Cell, ...]:
    """Somebody overdue; without the round mark where there is little room."""
    who = Two(one.name, one.address) if tight else Person(one.name, one.address)
    return (who, Text(f"{one.days_late} 天", "bad"))
