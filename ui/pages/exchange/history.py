"""交换记录: what was carried, and the receipts that alone prove delivery."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal

from app.exchange import UNREACHABLE, ContactRow
from app.kit.moments import near
from app.kit.sheet import Cell as Value
from app.kit.sheet import write_xlsx
from models.kit import clock
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.cells import Cell, Stat, Tags, TagWord, Text
from ui.kit.table import Column, DataTable, Row, RowsModel
from ui.kit.tokens import HEADER, ROW_ONE, px, scale

FEW, MANY = 3, 8
COLUMNS = (
    Column("at", "时间", 130),
    Column("way", "方式", 90),
    Column("sent", "发出", 80),
    Column("received", "收到", 80),
    Column("result", "结果", 300, 1),
    Column("receipt", "区中心回执", 230, drop=1),
)
WAY_TONES = {"网络": "pri", "U盘": "warn"}
RESULTS = {
    "done": ("成功", "ok", "circle-check"),
    "stopped": ("已停止，没发完的下次再发", "warn", "pause"),
    "waiting": ("{peer}已收好，结果稍后取回", "info", "clock"),
    "failed": ("没有成功", "bad", "circle-x"),
    "packed": ("已写入U盘，等{peer}回执", "info", "clock"),
    "carried": ("已写入U盘，{peer}后来已确认", "ok", "circle-check"),
}


def result_of(one: ContactRow, peer: str) -> tuple[str, str, str]:
    """What came of an exchange with ``peer``, its tone and icon."""
    if one.result == "failed" and UNREACHABLE in one.message:
        return one.message, "warn", "cloud-off"
    words, tone, icon = RESULTS.get(one.result, (one.result, "neu", "info"))
    if one.result in ("failed", "done") and one.message:
        return one.message, tone, icon
    return words.format(peer=peer), tone, icon


class HistoryCard(Card):
    """交换记录, with the receipts that alone prove delivery; ``peer`` is whom it is with, which may
    be shown in fewer ``columns``; ``also`` stands among what one can do with it."""

    export_wanted = Signal()

    def __init__(
        self,
        peer: str,
        columns: Sequence[Column] = COLUMNS,
        *,
        has_export: bool = True,
        also: Sequence[Button] = (),
    ) -> None:
        self.more = Button("全部查看", "text", "s", does=self._toggle)
        self.save = Button("导出记录", "text", "s", icon="download", does=self._save)
        super().__init__(
            "交换记录",
            "还没有交换过",
            actions=[self.more, *also, self.save],
            margins=(18, 10, 18, 8),
        )
        self.peer, self.columns, self.has_export = peer, columns, has_export
        self.rows: Sequence[ContactRow] = ()
        self.whole, self.limit = False, FEW
        self.model = RowsModel(columns)
        self.table = DataTable(columns, two_lines=False)
        self.table.setModel(self.model)
        self.table.setAccessibleName("交换记录")
        self.add(self.table)
        scale.scaleChanged.connect(self._fit)

    def _save(self) -> None:
        self.export_wanted.emit()

    def show_rows(self, rows: Sequence[ContactRow], confirmed: Any) -> None:
        self.rows = rows
        never = f"{self.peer}还没有确认过"
        last = f"上次{self.peer}确认：{near(confirmed)}" if confirmed else never
        self.set_title("交换记录", last)
        self.save.setVisible(bool(rows) and self.has_export)
        self._fill()

    def set_limit(self, limit: int) -> None:
        """How many lines there is room for before 全部查看."""
        self.limit = limit
        self._fill()

    def _toggle(self) -> None:
        self.whole = not self.whole
        self._fill()

    def _fill(self) -> None:
        shown = self.rows if self.whole else self.rows[: self.limit]
        self.more.setVisible(len(self.rows) > self.limit)
        self.more.set_text("收起" if self.whole else "全部查看")
        self.model.set_rows([Row(str(n), self._cells(one)) for n, one in enumerate(shown)])
        self.table.setVisible(bool(shown))
        self._fit()

    def _cells(self, one: ContactRow) -> tuple[Cell, ...]:
        found = cells(one, self.peer)
        return tuple(found[column.key] for column in self.columns)

    def _fit(self, _value: float = 1.0) -> None:
        rows = max(1, self.model.rowCount())
        self.table.setFixedHeight(px(HEADER) + rows * px(ROW_ONE) + 4)


def cells(one: ContactRow, peer: str) -> dict[str, Cell]:
    return {
        "at": Text(near(one.at)),
        "way": Tags((TagWord(one.way, WAY_TONES.get(one.way, "neu")),)),
        "sent": Text(f"{one.sent} 条"),
        "received": Text(f"{one.received} 条"),
        "result": Stat(*result_of(one, peer)),
        "receipt": Text(one.receipt or "—", "" if one.receipt else "t3"),
    }


def workbook(rows: Sequence[ContactRow], peer: str) -> bytes:
    """交换记录 as a workbook."""
    titles = [column.title for column in COLUMNS]
    lines: list[list[Value]] = [
        [f"{clock.local(one.at):%Y-%m-%d %H:%M}", one.way, one.sent, one.received,
         one.message or result_of(one, peer)[0], one.receipt]
        for one in rows
    ]  # fmt: skip
    return write_xlsx(titles, lines, title="交换记录", name="交换记录")
