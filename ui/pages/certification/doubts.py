"""异常: doubts that wait for a decision, the oldest first (W1.7)."""

from collections.abc import Sequence
from functools import partial

from app import cross_check, printed, roles, suspicion
from app.certification import papers
from app.kit.listing import Page
from app.kit.run import Session
from app.printed import Item
from app.printing import suspicion_check
from app.suspicion import SuspicionRow
from models.kit import codes
from ui.kit.buttons import Button
from ui.kit.cells import Cell, Link, Person, Stat, Two
from ui.kit.context import Context
from ui.kit.empty import EmptyState
from ui.kit.format import day
from ui.kit.label import show_if
from ui.kit.list_page import ListPage
from ui.kit.list_screen import ListScreen
from ui.kit.paged_table import RowSource
from ui.kit.table import Column
from ui.kit.view import Asked, View

VIEW = View(
    columns=(
        Column("name", "姓名", 210, stretch=2),
        Column("reason", "异常", 260, stretch=4),
        Column("found", "发现", 130),
        Column("state", "处理", 150),
        Column("act", "", 70),
    ),
    chips=(("open", "待核"), ("all", "全部")),
    unit="条",
    keys="↑↓ 移动   Enter 核对   空格 勾选   Ctrl+P 打印核查表",
)
TONES = {"1": ("ok", "circle-check"), "2": ("bad", "undo-2"),
         "3": ("info", "house"), "4": ("info", "send")}  # fmt: skip


class DoubtsTab(ListScreen):
    """Enter lays the evidence side by side."""

    tables = frozenset({"suspicion", "retiree"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.check = Button("查一遍有没有异常", icon="shield-alert", does=self.cross_check)
        show_if(self.check, roles.may(context.desk, "suspicion", "write"))
        prints = roles.may(context.desk, "print", "print")
        paper = Button("打印核查表", sz="s", icon="printer", does=self.print_checks)
        made = ListPage(
            context,
            VIEW,
            RowSource(doubt_page, cells, ids=doubt_ids),
            counts=counts,
            actions=(self.check,),
            batch=(paper,) if prints else (),
            no_hit=self._nothing,
        )
        self.show_list(made, margins=(0, 0, 0, 0))
        self.on_keys({"Ctrl+P": self.print_checks})
        self.list.opened.connect(self._open)
        self.list.list.linked.connect(lambda row, _column: self._open(row))
        self.list.start(Asked(chip="open"))

    def _open(self, row: SuspicionRow) -> None:
        self.context.open("suspicion", suspicion_id=row.id)

    def _nothing(self, _asked: Asked, _page: ListPage) -> EmptyState:
        return EmptyState("shield-check", "没有待核的异常", tone="ok")

    def cross_check(self) -> None:
        """One number twice, nobody heard of for long."""
        self.context.work.do(cross_check.cross_check, done=self._say)

    def _say(self, count: int) -> None:
        self.context.toast(f"查到 {count} 条新异常，已列入待核" if count else "没有发现新的异常")

    def print_checks(self) -> None:
        work, ids = self.context.work, self.list.list.chosen()

        def show(paper: bytes) -> None:
            journal = partial(work.do, printed.printed, papers.CHECK, [Item(None)], "异常核查")
            self.context.open("print_pdf", title=papers.CHECK, data=paper, on_printed=journal)

        work.ask(
            papers.checks, ids, done=lambda data: work.call(suspicion_check.draw, data, done=show)
        )


def doubt_page(session: Session, asked: Asked, number: int) -> Page[SuspicionRow]:
    """Open ones, or all."""
    return suspicion.suspicions(session, number, open_only=asked.chip != "all")


def doubt_ids(session: Session, asked: Asked) -> list[str]:
    """All ids of the chip."""
    found: list[str] = []
    page = doubt_page(session, asked, 1)
    for number in range(1, page.pages + 1):
        page = doubt_page(session, asked, number)
        found += [one.id for one in page.rows]
    return found


def counts(session: Session) -> dict[str, int]:
    """The numbers on the chips."""
    whole = suspicion.suspicions(session, open_only=False).total
    return {"open": suspicion.open_count(session), "all": whole}


def cells(row: SuspicionRow) -> Sequence[Cell]:
    """One doubt."""
    if row.decision:
        name = codes.table("SUSPICION_DECISION").name(row.decision)
        state = Stat(f"{day(row.decided_on)} {name}", *TONES.get(row.decision, ("neu", "check")))
    else:
        state = Stat("待核", "bad" if row.days > 30 else "warn", "circle-alert")
    days = f"{row.days} 天前" if row.days else "今天"
    return (
        Person(row.name, row.address),
        Two(codes.table("SUSPICION_REASON").name(row.reason), row.detail),
        Two(day(row.found_on), days),
        state,
        Link("看经过" if row.decision else "核对"),
    )
