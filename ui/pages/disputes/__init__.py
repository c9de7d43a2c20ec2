"""争议: people about whom two sides said different things; one slip a person, a person decides."""

from PySide6.QtWidgets import QWidget

from app import ruling
from app.kit.listing import Page
from app.kit.run import Session
from app.ruling import SlipRow
from models.kit import clock
from ui.kit.cells import Cell, Person, Tags, TagWord, Text
from ui.kit.context import Context
from ui.kit.empty import EmptyState
from ui.kit.list_page import ListPage
from ui.kit.list_screen import ListScreen
from ui.kit.paged_table import RowSource
from ui.kit.table import Column
from ui.kit.view import Asked, View
from ui.pages.disputes.slip import SlipDialog

VIEW = View(
    columns=(
        Column("name", "姓名", 150, stretch=1),
        Column("office", "站点", 200, stretch=2),
        Column("items", "有出入的项目", 280, stretch=3),
        Column("since", "等了", 110),
    ),
    search="姓名 / 拼音 / 证号后四位",
    chips=ruling.CHIPS,
    keys="↑↓ 选人   Enter 核对",
)
NOTHING = {
    ruling.OPEN: ("circle-check", "没有要裁定的争议", "ok"),
    ruling.AUTO: ("inbox", "没有按规则取舍过的资料", "neu"),
    ruling.RULED: ("inbox", "还没有裁定过", "neu"),
}


def page(context: Context) -> "DisputesPage":
    return DisputesPage(context)


def dialog(context: Context, *, about: str, chip: str = ruling.OPEN) -> SlipDialog:
    """The slip of one person."""
    return SlipDialog(context, about, chip)


class DisputesPage(ListScreen):
    title, nav = "争议", "disputes"
    tables = frozenset({"exchange", "ruling", "retiree"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.show_list(
            ListPage(
                context,
                VIEW,
                RowSource(_page, cells),
                counts=ruling.chips,
                no_hit=self._nothing,
            )
        )
        self.list.opened.connect(self._open)
        self.list.start()

    def _open(self, row: SlipRow) -> None:
        self.context.open("dispute", about=row.id, chip=self.list.asked.chip)

    def _nothing(self, asked: Asked, where: ListPage) -> QWidget:
        if asked.text:
            return where.no_hits(asked)
        icon, title, tone = NOTHING[asked.chip]
        text = "两边在互不知道的时候改了同一项，会列在这里" if asked.chip == ruling.OPEN else ""
        return EmptyState(icon, title, text, tone=tone)


def cells(row: SlipRow) -> tuple[Cell, ...]:
    tone = "warn" if row.legal else "neu"
    days = max(0, (clock.now() - row.since).days)
    return (
        Person(row.name),
        Text(row.office or "—"),
        Tags(tuple(TagWord(label, tone) for label in row.labels)),
        Text(f"{days} 天" if days else "今天", "bad" if days >= 7 and row.legal else ""),
    )


def _page(session: Session, asked: Asked, number: int) -> Page[SlipRow]:
    return ruling.slips(session, asked.chip, asked.text, number)
