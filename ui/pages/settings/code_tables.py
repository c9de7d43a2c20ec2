"""代码表: what codes are called; the centre takes one out, changes it in Excel and publishes it."""

from functools import partial
from pathlib import Path

from app import code_table, roles
from app.code_table import Newer, TableRow
from app.kit.files import write_whole
from app.kit.refusal import Refusal
from models.kit import clock
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.cells import Cell, Stat, Text, Two
from ui.kit.context import Context
from ui.kit.label import Elided, show_if
from ui.kit.layout import HBox, VBox
from ui.kit.table import Column, DataTable, Row, RowsModel
from ui.kit.tokens import Room
from ui.pages.settings.tab import Tab

COLUMNS = (
    Column("title", "代码表", 300, 3),
    Column("count", "项数", 80, right=True),
    Column("state", "来源", 240, 1),
    Column("key", "编号", 190, drop=1),
)
WORDS = "先导出一份，在 Excel 里改好再读入；各站下次联系时收到。代码不能删，只能停用"
FILES = "代码表 (*.xlsx *.csv)"


class CodeTablesTab(Tab):
    tables = frozenset({"code_table"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.rows: list[TableRow] = []
        self.model, self.table = RowsModel(COLUMNS), DataTable(COLUMNS)
        self.table.setModel(self.model)
        self.table.setAccessibleName("代码表")
        self.table.opened.connect(lambda _row: self.export())
        self.out = Button("导出…", icon="download", does=self.export)
        self.take = Button("读入改好的…", icon="folder-open", does=self.choose)
        show_if(self.take, roles.may(context.desk, "code_table", "write"))
        for one in (self.out, self.take):
            one.setEnabled(False)  # until there are tables to choose from
        self.first = self.table
        line = HBox(gap=12)
        line.addWidget(Elided("", WORDS, "body", "t2"), 1)
        line.add(self.out, self.take)
        card = Card(margins=(1, 1, 1, 1))
        card.body.addWidget(self.table, 1)
        box = VBox(self, gap=12)
        box.addLayout(line)
        box.addWidget(card, 1)

    def fit(self, room: Room) -> None:
        self.table.drop_columns({"wide": 0, "full": 0, "rail": 1, "small": 1}[room])

    def reload(self) -> None:
        self.context.work.ask(code_table.tables, done=self._show)

    def _show(self, rows: list[TableRow]) -> None:
        at = max(self.table.row(), 0)
        self.rows = rows
        self.model.set_rows([Row(one.key, cells(one)) for one in rows])
        self.table.go_to(at)
        for button in (self.out, self.take):
            button.setEnabled(bool(rows))

    def _chosen(self) -> TableRow:
        return self.rows[max(self.table.row(), 0)]

    def export(self) -> None:
        one, context = self._chosen(), self.context
        name = f"代码表 {one.title}.xlsx"
        path = context.ask.save_file(self, "导出代码表", filters="Excel (*.xlsx)", start=name)
        if path is not None:
            context.work.call(
                lambda: write_whole(path, code_table.exported(one.key)),
                done=lambda _none: context.toast(f"已存到 {path.name}"),
                failed=self._refused,
            )

    def choose(self) -> None:
        one = self._chosen()
        path = self.context.ask.open_file(self, f"读入改好的“{one.title}”", filters=FILES)
        if path is not None:
            self.read(one, path)

    def read(self, one: TableRow, path: Path) -> None:
        done = partial(self._compared, one)
        self.context.work.call(code_table.newer, one.key, path, done=done, failed=self._refused)

    def _compared(self, one: TableRow, made: Newer) -> None:
        points = (*made.changes, "各站下次联系时收到，以前的资料不变，只是换了说法")
        sure = self.context.ask.confirm(
            self, f"下发代码表“{one.title}”", "下发以后", act="下发", points=points, danger=False
        )
        if sure:
            self.context.work.do(code_table.publish_codes, made, done=self.context.toast)

    def _refused(self, error: Exception) -> None:
        if not isinstance(error, Refusal):
            raise error
        self.context.ask.tell(self, "没有做成", error.message, tone="warn")


def cells(one: TableRow) -> tuple[Cell, ...]:
    """One table."""
    since = f"{clock.local(one.since):%Y-%m-%d} 区中心下发" if one.since else ""
    state = Stat(since, "ok", "circle-check") if since else Text("程序自带")
    return (Two(one.title, one.sample), Text(f"{one.count}"), state, Text(one.key, "t3"))
