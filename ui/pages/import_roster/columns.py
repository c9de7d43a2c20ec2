"""Step two: which column is what."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.kit.importing import Mapping
from app.kit.importing.mapping import Column as Found
from app.kit.importing.mapping import Match
from ui.kit.banner import Banner
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.cells import Text
from ui.kit.field import Field as FieldBox
from ui.kit.inputs import CheckBox, Combo, TextBox
from ui.kit.label import Elided, Icon, Label
from ui.kit.layout import Grid, HBox, Scroll, VBox, clear, holder
from ui.kit.table import Column, DataTable, Row, RowsModel
from ui.kit.tokens import HEADER, ROW_ONE, Room, px, scale
from ui.pages.import_roster import doing
from ui.pages.import_roster.doing import Laid, Opened

NOT = "-"
WORDS = {
    Match.RECOGNISED: ("自动认出", "ok", "circle-check"),
    Match.CONFIRM: ("请确认", "warn", "circle-help"),
    Match.IGNORED: ("不导入", "t2", "minus"),
}
BEFORE = (
    Column("name", "姓名", 68),
    Column("id_no", "身份证号", 166, 1),
    Column("on", "退休", 106),
)
MAIN = 300


class ColumnsPage(QWidget):
    """`sheet_wanted(name)`, `header_wanted()`; `changed()` after every choice."""

    sheet_wanted = Signal(str)
    header_wanted = Signal()
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.laid: Laid | None = None
        self.columns: Mapping | None = None
        self.boxes: dict[int, Combo] = {}
        self.header = Button("表头在别的行", "text", "s", does=self.header_wanted.emit)
        self.sheets = Combo([], empty=False)
        self.sheets.setAccessibleName("工作表")
        self.sheets.picked.connect(self.sheet_wanted)
        self.main = Card("表格里的列", "第 1 行", actions=[self.sheets, self.header],
                         margins=(18, 12, 6, 8))  # fmt: skip
        self.missing = Banner("warn", "")
        self.missing.hide()
        self.grid = Grid(gap=(14, 8), margins=(0, 4, 12, 8))
        self.main.body.addWidget(self.missing)
        self.main.body.addWidget(Scroll(self.grid), 1)
        self.line, self.beside = HBox(self, gap=12), VBox(gap=12)
        self.side = self._side()
        self.line.addWidget(self.main, 1)
        self.line.addWidget(self.side)

    def fit(self, room: Room) -> None:
        """Where the example does not fit beside the columns it stands under them."""
        down, right = HBox.Direction.TopToBottom, HBox.Direction.LeftToRight
        narrow = room in {"rail", "small"}
        self.line.setDirection(down if narrow else right)
        self.beside.setDirection(right if narrow else down)
        self.main.setMinimumHeight(px(MAIN) if narrow else 0)

    def _side(self) -> QWidget:
        self.model, self.table = RowsModel(BEFORE), DataTable(BEFORE, two_lines=False)
        self.table.setModel(self.model)
        self.table.setAccessibleName("导入后的样子")
        shown = Card("导入后的样子", "前 3 行", margins=(14, 12, 14, 12))
        shown.add(self.table)
        self.employer = TextBox(hint="例如 市棉纺织厂")
        self.employer_field = FieldBox("移交单位", self.employer)
        self.remember = CheckBox("记住这次的对应方式", checked=True)
        self.note = Label("下次导入这个单位的表会自动套用", "small", "t2", wrap=True)
        kept = Card(margins=(16, 12, 16, 14), gap=8)
        kept.add(self.employer_field, self.remember, self.note)
        scale.scaleChanged.connect(self._rescale)
        self._rescale()
        self.beside.add(shown, kept)
        self.beside.addStretch(1)
        return holder(self.beside)

    def _rescale(self, _value: float = 1.0) -> None:
        self.table.setFixedHeight(px(HEADER) + 3 * px(ROW_ONE) + 4)
        self.table.setMinimumWidth(px(sum(one.width for one in BEFORE)))

    # showing ----------------------------------------------------------------------------

    def show_laid(self, opened: Opened, laid: Laid) -> None:
        self.laid = laid
        names = [(one.sheet, one.sheet) for one in opened.tables]
        self.sheets.set_choices(names)
        self.sheets.set_value(laid.table.sheet)
        self.sheets.setVisible(len(names) > 1)
        self.employer.setText(laid.employer)
        if laid.remembered:
            self.note.setText(f"已套用上次“{laid.employer}”的对应方式")
        self.show_columns(laid.columns)

    def show_columns(self, columns: Mapping) -> None:
        self.columns = columns
        table = self.laid.table if self.laid else None
        row = table.header_row if table else 0
        said = f"第 {row} 行识别为表头，共 {len(columns.columns)} 列" if row else "没有找到表头"
        self.main.set_title("表格里的列", said)
        clear(self.grid)
        self.boxes = {}
        for line, one in enumerate(columns.columns):
            self._line(line, one)
        self.grid.setRowStretch(len(columns.columns), 1)
        self.grid.setColumnStretch(1, 1)
        self._say_missing(columns)
        self._preview(columns)

    def _line(self, line: int, one: Found) -> None:
        middle = Qt.AlignmentFlag.AlignVCenter
        header = Elided(one.header)
        header.setMinimumWidth(px(130))
        self.grid.addWidget(header, line, 0, middle)
        self.grid.addWidget(Elided("", one.samples, "small", "t2"), line, 1, middle)
        self.grid.addWidget(Icon("arrow-right", "t2", 18), line, 2, middle)
        box = Combo(self._choices(), searchable=True)
        box.setAccessibleName(f"{one.header} 对应")
        box.set_value(one.field or NOT)
        box.setMinimumWidth(px(180))
        box.picked.connect(self._chooser(one.index))
        self.boxes[one.index] = box
        self.grid.addWidget(box, line, 3, middle)
        words, tone, icon = WORDS[one.match]
        self.grid.addWidget(Icon(icon, tone, 18), line, 4, middle)
        self.grid.addWidget(Label(words, "body", tone), line, 5, middle)

    @staticmethod
    def _choices() -> list[tuple[str, str]]:
        return [(NOT, "不导入"), *((one.id, one.label) for one in doing.fields())]

    def _chooser(self, index: int) -> Callable[[str], None]:
        return lambda key: self.choose(index, key)

    def choose(self, index: int, key: str) -> None:
        if self.columns is None or not key:
            return
        self.show_columns(self.columns.choose(index, None if key == NOT else key))
        self.changed.emit()
        self.boxes[index].setFocus(Qt.FocusReason.OtherFocusReason)

    def _say_missing(self, columns: Mapping) -> None:
        labels = {one.id: one.label for one in doing.fields()}
        absent = "、".join(labels[one] for one in columns.missing)
        self.missing.setVisible(bool(absent))
        if absent:
            text = "请在右边指明是哪一列；没有这一列的名册不能导入"
            self.missing.say("warn", f"还没有找到：{absent}", text)

    def _preview(self, columns: Mapping) -> None:
        if self.laid is not None:
            rows = doing.preview(self.laid, columns)
            shown = [Row(str(n), tuple(Text(one) for one in row)) for n, row in enumerate(rows)]
            self.model.set_rows(shown)
