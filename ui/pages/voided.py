"""已作废: what was voided of one person or of everybody, why, and 恢复."""

from app import voided
from app.kit.listing import Page
from app.kit.run import Session
from app.voided import VoidedRow
from models.kit import clock
from ui.kit.cells import Cell, Link, Text, Two
from ui.kit.context import Context
from ui.kit.empty import EmptyState
from ui.kit.list_page import ListPage
from ui.kit.list_screen import ListScreen
from ui.kit.paged_table import RowSource
from ui.kit.table import Column
from ui.kit.view import Asked, Filter, View

ALL = "all"
PERSON = "person"
VIEW = View(
    columns=(
        Column("name", "姓名", 120, stretch=1),
        Column("what", "作废的内容", 260, stretch=3),
        Column("reason", "原因", 220, stretch=3),
        Column("at", "作废时间", 150),
        Column("restore", "", 62),
    ),
    search="姓名、拼音首字母、证号后四位",
    chips=((ALL, "全部"), *voided.CHIPS.items()),
    filters=(Filter(PERSON, "人员", wide=True),),
    unit="条",
    keys="↑↓ 移动   Enter 打开档案   Ctrl+R 恢复",
)


def page(
    context: Context, *, retiree_id: str = "", person: str = "", group: str = ""
) -> "VoidedPage":
    """Everything of this station, or of one person."""
    return VoidedPage(context, retiree_id, person, group)


class VoidedPage(ListScreen):
    title = "已作废"
    nav = "retirees"
    tables = frozenset(voided.OF)

    def __init__(self, context: Context, retiree_id: str, person: str, group: str) -> None:
        super().__init__(context)
        named = [(retiree_id, person)] if retiree_id else []
        made = ListPage(
            context,
            VIEW,
            RowSource(rows, cells),
            counts=counts,
            no_hit=self._nothing,
            sources={PERSON: lambda _session: named},
        )
        self.show_list(made)
        made.choices[PERSON] = tuple(named)
        self.list.opened.connect(self._open)
        self.list.list.linked.connect(lambda row, _column: self.restore(row))
        self.on_keys({"Ctrl+R": self.restore_current})
        filters = {PERSON: retiree_id} if retiree_id else {}
        self.list.start(Asked(chip=group or ALL, filters=filters))

    def _open(self, row: VoidedRow) -> None:
        if row.noun != "retiree":
            self.context.open("person", retiree_id=row.retiree_id)

    def restore_current(self) -> None:
        row = self.list.list.row()
        if row is not None:
            self.restore(row)

    def restore(self, row: VoidedRow) -> None:
        if row.may_restore:
            self.context.work.do(voided.restore, row.noun, row.id, done=self.context.toast)

    def _nothing(self, asked: Asked, where: ListPage) -> EmptyState:
        if asked.text or asked.filters or asked.chip != ALL:
            return where.no_hits(asked)
        return EmptyState(
            "circle-check", "没有作废的记录", "作废的记录都留底，可以在这里恢复", tone="ok"
        )


def rows(session: Session, asked: Asked, number: int) -> Page[VoidedRow]:
    """One page of the list."""
    group = "" if asked.chip == ALL else asked.chip
    who = asked.get(PERSON) or ""
    return voided.voided(session, number, group=group, text=asked.text, retiree_id=who)


def counts(session: Session) -> dict[str, int]:
    """The chips of the whole station."""
    found = voided.counts(session)
    return {ALL: found.pop(""), **found}


def cells(row: VoidedRow) -> tuple[Cell, ...]:
    """One voided record."""
    by = row.who or "在另一台电脑或区中心"
    return (
        Text(row.name, bold=True),
        Two(row.what, row.label),
        Two(row.reason, by),
        Text(f"{clock.local(row.at):%Y-%m-%d %H:%M}"),
        Link("恢复") if row.may_restore else Text(""),
    )
