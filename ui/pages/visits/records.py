"""走访记录: every visit, newest first; a wrong one is voided with its reason, and restored."""

from app import roles, visit, voided
from app.kit.listing import Page
from app.kit.run import Session
from app.visit import VisitRow
from models.kit import codes
from ui.kit.cells import Cell, Link, Person, Stat, Text, Two
from ui.kit.context import Context
from ui.kit.empty import EmptyState
from ui.kit.format import day
from ui.kit.list_page import ListPage
from ui.kit.list_screen import ListScreen
from ui.kit.paged_table import RowSource
from ui.kit.table import Column
from ui.kit.view import Asked, View

VOIDED = "voided"
VIEW = View(
    columns=(
        Column("on", "走访日期", 130),
        Column("name", "姓名", 200, stretch=2),
        Column("way", "方式", 150, stretch=1),
        Column("met", "见到本人", 110),
        Column("note", "谈话内容", 240, stretch=4, drop=1),
        Column("next", "下次走访", 110, drop=2),
        Column("void", "", 62),
    ),
    search="姓名、拼音首字母、证号后四位",
    chips=(
        ("all", "全部"), ("1", "上门"), ("2", "住院探望"), ("3", "电话"), ("5", "来站"),
        (VOIDED, "已作废"),
    ),
    unit="次",
    keys="↑↓ 移动   Enter 打开档案   Delete 作废   Ctrl+R 恢复",
)  # fmt: skip


class RecordsTab(ListScreen):
    """Enter opens the person at the visits."""

    tables = frozenset({"visit"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.may = roles.may(context.desk, "visit", "write")
        made = ListPage(
            context,
            VIEW,
            RowSource(visit_page, lambda row: cells(row, may=self.may)),
            no_hit=self._nothing,
        )
        self.show_list(made, margins=(0, 0, 0, 0))
        self.list.opened.connect(self._open)
        self.list.list.linked.connect(lambda row, _column: self.turn(row))
        self.on_keys({"Delete": self._void_current, "Ctrl+R": self._restore_current})
        self.list.start(Asked(chip="all"))

    def _open(self, row: VisitRow) -> None:
        self.context.open("person", retiree_id=row.retiree_id, tab="visits")

    def _void_current(self) -> None:
        row = self.list.list.row()
        if row is not None and not row.void_reason:
            self.turn(row)

    def _restore_current(self) -> None:
        row = self.list.list.row()
        if row is not None and row.void_reason:
            self.turn(row)

    def turn(self, row: VisitRow) -> None:
        """作废, or 恢复 of one that was voided."""
        if not self.may:
            return
        if row.void_reason:
            self.context.work.do(voided.restore, "visit", row.id, done=self.context.toast)
        else:
            self.void(row)

    def void(self, row: VisitRow) -> None:
        """作废: kept, but it does not count; its survey goes with it."""
        text = f"{row.name} {row.visited_on} 的走访记录作废以后仍然留底，不再计数"
        ask = self.context.ask
        reason = ask.text(self, "作废走访记录", "原因", text=text, act="作废")
        if reason:
            self.context.work.do(
                visit.void_visit, row.id, reason,
                done=lambda more: self.context.toast(
                    "。".join(filter(None, (f"已作废 {row.name} 的走访记录", more)))
                ),
            )  # fmt: skip

    def _nothing(self, asked: Asked, page: ListPage) -> EmptyState:
        if asked.text or asked.chip != "all":
            return page.no_hits(asked)
        return EmptyState("footprints", "还没有走访记录", "走访回来点右上角“登记走访”")


def visit_page(session: Session, asked: Asked, number: int) -> Page[VisitRow]:
    """One page of the list."""
    voided = asked.chip == VOIDED
    way = "" if voided or asked.chip == "all" else asked.chip
    return visit.visits(session, number, text=asked.text, way=way, voided=voided)


def cells(row: VisitRow, *, may: bool = True) -> tuple[Cell, ...]:
    """One visit."""
    met = {
        True: Stat("见到", "ok", "circle-check"),
        False: Stat("未见到", "warn", "circle-alert"),
        None: Stat("未填", "neu", "circle-help"),
    }[row.met_in_person]
    way = codes.table("VISIT_WAY").name(row.way)
    reason = codes.table("VISIT_TYPE").name(row.visit_type)
    more = f"转办：{row.referred_to}" if row.referred_to else row.visitors
    return (
        Text(f"{row.visited_on}"),
        Person(row.name, row.address),
        Two(way, reason),
        met,
        Two(
            row.note or "—", f"作废：{row.void_reason}" if row.void_reason else row.outside or more
        ),
        Text(day(row.next_on)),
        Link("恢复" if row.void_reason else "作废") if may else Text(""),
    )
