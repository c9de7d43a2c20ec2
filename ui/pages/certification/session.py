"""Everything scanned since the page was opened, newest first."""

from collections.abc import MutableMapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from PySide6.QtCore import QSize, Qt, Signal

from app import printed
from app.certification import Returned
from app.printed import Item
from app.printing import list_sheet
from app.printing.kit.table import Column as PaperColumn
from models.kit import clock
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.cells import Cell, Link, Stat, Text
from ui.kit.context import Context
from ui.kit.label import Label
from ui.kit.table import Column, DataTable, Row, RowsModel
from ui.kit.tokens import HEADER, ROW_ONE, px
from ui.kit.work import Work

COLUMNS = (
    Column("at", "时间", 80),
    Column("name", "姓名", 110, stretch=1),
    Column("number", "编号", 170, stretch=1),
    Column("result", "结果", 200, stretch=3),
    Column("act", "", 70),
)
WORDS = {
    "ok": ("已回收", "ok", "circle-check"),
    "changed": ("已回收，资料有改动", "info", "pencil"),
    "already": ("已经收过", "info", "info"),
    "period": ("上一周期的表", "bad", "circle-alert"),
    "other": ("别的社区的表", "bad", "circle-alert"),
    "gone": ("不能登记", "bad", "circle-alert"),
    "receipt": ("扫到回执联", "warn", "triangle-alert"),
    "unknown": ("没认出来", "bad", "circle-alert"),
    "undone": ("已撤销", "neu", "undo-2"),
}
KEPT = 500


@dataclass
class Scanned:
    """One scan and when it was."""

    at: str
    said: Returned
    tx: str = ""
    undone: bool = False

    @property
    def kind(self) -> str:
        return "undone" if self.undone else self.said.kind


# one sitting's scans, however often the page is opened meanwhile
SCANS: MutableMapping[Work, list[Scanned]] = WeakKeyDictionary()


class _Short(DataTable):
    """Two rows are enough where there is little room."""

    def minimumSizeHint(self) -> QSize:
        return QSize(px(200), px(HEADER + 2 * ROW_ONE))


class SessionCard(Card):
    """`acted("undo" | "person", said)` from the links of the table."""

    acted = Signal(str, object)

    def __init__(self, context: Context) -> None:
        self.print = Button("打印回收清单", "text", "s", icon="printer", does=self.open_paper)
        super().__init__("本次已扫 0 张", actions=(self.print,), margins=(18, 10, 18, 12))
        self.context, self.scans = context, SCANS.setdefault(context.work, [])
        self.model, self.table = RowsModel(COLUMNS), _Short(COLUMNS, two_lines=False)
        self.table.setModel(self.model)
        self.table.linked.connect(lambda row, _column: self._link(row))
        self.table.opened.connect(lambda row: self._emit("person", row))
        self.nothing = Label("扫到的表会一张一张列在这里", "body", "t2")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.nothing, 1)
        self._fill()

    def note(self, said: Returned, tx: str) -> None:
        """`tx` is the action that undo takes back."""
        self.scans.insert(0, Scanned(f"{clock.local(clock.now()):%H:%M}", said, tx))
        del self.scans[KEPT:]
        self._fill()

    def action_of(self, certification_id: str) -> str:
        """What to take back for this certification."""
        return next((o.tx for o in self.scans if o.said.certification_id == certification_id), "")

    def recorded(self) -> list[str]:
        """Certifications of this session that still stand."""
        return [
            one.said.certification_id for one in self.scans if one.said.recorded and not one.undone
        ]

    def mark_undone(self, certification_id: str) -> None:
        for one in self.scans:
            if one.said.recorded and one.said.certification_id == certification_id:
                one.undone = True
        self._fill()

    def _fill(self) -> None:
        good = sum(1 for one in self.scans if one.said.recorded and not one.undone)
        taken = sum(1 for one in self.scans if one.undone)
        again = sum(1 for one in self.scans if one.said.kind == "already")
        rest = len(self.scans) - good - taken - again
        others = ((rest, "需处理"), (again, "以前收过"), (taken, "已撤销"))
        parts = [f"{good} 张成功", *(f"{count} 张{what}" for count, what in others if count)]
        self.set_title(f"本次已扫 {len(self.scans)} 张", "，".join(parts) if self.scans else "")
        self.print.setVisible(good > 0)
        self.table.setVisible(bool(self.scans))
        self.nothing.setVisible(not self.scans)
        self.model.set_rows([Row(str(n), cells(one)) for n, one in enumerate(self.scans)])

    def _link(self, row: int) -> None:
        self._emit("undo" if self._can_undo(row) else "person", row)

    def _can_undo(self, row: int) -> bool:
        one = self.scans[row]
        return one.said.recorded and not one.undone

    def _emit(self, act: str, row: int) -> None:
        if self.scans[row].said.retiree_id:
            self.acted.emit(act, self.scans[row].said)

    def open_paper(self) -> None:
        """What came back today, to be kept with the forms."""
        self.context.work.ask(printed.imprint, "资格认证", done=self._draw)

    def _draw(self, imprint: Any) -> None:
        columns = (PaperColumn("时间", 20, "center"), PaperColumn("姓名", 26),
                   PaperColumn("住址", 60), PaperColumn("认证表编号", 46, "center"),
                   PaperColumn("结果", 40))  # fmt: skip
        rows = tuple(
            (one.at, one.said.name, one.said.line.split(" · ")[1], one.said.number,
             WORDS[one.kind][0])
            for one in reversed(self.scans) if one.said.recorded and not one.undone
        )  # fmt: skip
        data = list_sheet.ListSheet(
            imprint, "认证表回收清单", columns, rows, unit="张", landscape=False
        )
        self.context.work.call(list_sheet.draw, data, done=self._preview)

    def _preview(self, paper: bytes) -> None:
        what, do = "认证表回收清单", self.context.work.do
        journal = partial(do, printed.printed, what, [Item(None)], "资格认证")
        self.context.open("print_pdf", title=what, data=paper, on_printed=journal)


def cells(one: Scanned) -> tuple[Cell, ...]:
    """A scan as a row."""
    words, tone, icon = WORDS[one.kind]
    live = one.said.recorded and not one.undone
    act = "撤销" if live else "查看" if one.said.retiree_id else ""
    return (
        Text(one.at),
        Text(one.said.name or "—", bold=True),
        Text(one.said.number or "—"),
        Stat(words, tone, icon),
        Link(act),
    )
