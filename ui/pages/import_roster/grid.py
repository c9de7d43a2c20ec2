"""The rows under check, twenty thousand or three: nothing is built before it is seen."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QStyleOptionViewItem, QWidget

from app.kit.importing import Analysis, CheckedRow, Finding, Level, State
from models.kit import id_number, phone, plain
from ui.kit.cells import CELL, LEFT, Cell, CellDelegate, Err, Link, Text, Warn
from ui.kit.inputs import TextBox
from ui.kit.table import NOWHERE, Column, DataTable
from ui.pages.import_roster import doing

Index = QModelIndex | QPersistentModelIndex
USUAL = ("retired_on", "live_address")
WIDTHS = {"name": 84, "id_no": 190, "retired_on": 108, "live_address": 140}
EMPTY = "（空）"
ROW, PROBLEM, FIX, SKIP = ".row", ".problem", ".fix", ".skip"


def columns_for(
    rows: Sequence[CheckedRow], mapped: Sequence[str], most: int = 2, first: str = ""
) -> tuple[Column, ...]:
    """Number, name, ID; the columns most often wrong, so many as there is room, and before them
    the one that is to be put right; what to do."""
    labels = {one.id: one.label for one in doing.fields()}
    wrong = Counter(
        one.field for row in rows for one in row.findings if one.level is not Level.NOTE
    )
    wanted = [one for one in (first, *(each for each, _ in wrong.most_common())) if one in mapped]
    wanted += [one for one in USUAL if one in mapped]
    chosen = [one for one in dict.fromkeys(wanted) if one not in {"name", "id_no"}][:most]
    order = [one for one in mapped if one in chosen]
    middle = [
        Column(one, labels[one], WIDTHS.get(one, 120), 1 if one == "live_address" else 0)
        for one in order
    ]
    return (
        Column(ROW, "行", 58),
        Column("name", "姓名", WIDTHS["name"]),
        Column("id_no", "身份证号", WIDTHS["id_no"]),
        *middle,
        Column(PROBLEM, "问题和怎么改", 150, 3),
        Column(FIX, "", 128),
        Column(SKIP, "", 58),
    )


class GridModel(QAbstractTableModel):
    """The rows of one counter."""

    edited = Signal(int)  # row number in the sheet

    def __init__(self) -> None:
        super().__init__()
        self.columns: tuple[Column, ...] = ()
        self.analysis: Analysis | None = None
        self.rows: list[CheckedRow] = []

    def show_rows(
        self, analysis: Analysis, rows: Sequence[CheckedRow], columns: Sequence[Column]
    ) -> None:
        self.beginResetModel()
        self.analysis, self.rows, self.columns = analysis, list(rows), tuple(columns)
        self.endResetModel()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def row_id(self, row: int) -> str:
        return str(self.rows[row].number)

    def headerData(
        self, section: int, orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:  # fmt: skip
        if orientation != Qt.Orientation.Horizontal or section >= len(self.columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        return LEFT if role == Qt.ItemDataRole.TextAlignmentRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.isValid() and not self.columns[index.column()].key.startswith("."):
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], self.columns[index.column()]
        if role == CELL:
            return cell_of(row, column.key)
        if role == Qt.ItemDataRole.DisplayRole:
            return cell_of(row, column.key).text
        if role == Qt.ItemDataRole.EditRole:
            return plain.text(row.cells.get(column.key, ""))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{column.title}：{cell_of(row, column.key).text}"
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or self.analysis is None or not index.isValid():
            return False
        row, key = self.rows[index.row()], self.columns[index.column()].key
        if plain.text(row.cells.get(key, "")) == value:
            return False
        self.analysis.edit(row.number, key, value)
        self.edited.emit(row.number)
        return True

    def first_wrong(self, row: int) -> int:
        """The column to edit: the first that is wrong, else the number."""
        found = self._wrong(row)
        places = [at for at, one in enumerate(self.columns) if one.key in found]
        return places[0] if places else 2

    def hidden_wrong(self, row: int) -> str:
        """The field to edit where nothing that is wrong is in sight."""
        found = self._wrong(row)
        return "" if {one.key for one in self.columns} & {*found} else next(iter(found), "")

    def _wrong(self, row: int) -> list[str]:
        return [one.field for one in self.rows[row].findings if one.level is not Level.NOTE]


def findings_of(row: CheckedRow, key: str) -> list[Finding]:
    return [one for one in row.findings if one.field == key and one.level is not Level.NOTE]


def cell_of(row: CheckedRow, key: str) -> Cell:
    if key == ROW:
        return Text(str(row.number))
    if key == PROBLEM:
        return problem_of(row)
    if key == FIX:
        return Link(fix_of(row)[0])
    if key == SKIP:
        return Link(skip_of(row))
    found = findings_of(row, key)
    shown = text_of(row, key, wrong=bool(found))
    if any(one.level is Level.ERROR for one in found):
        return Err(shown)
    if any(one.level is Level.CONFIRM for one in found) and not row.accepted:
        return Warn(shown)
    return Text(shown)


def text_of(row: CheckedRow, key: str, *, wrong: bool) -> str:
    """What the sheet says; private values that are right keep their middle hidden."""
    raw = plain.narrow(plain.text(row.cells.get(key, "")))
    if not raw:
        return EMPTY if wrong else ""
    if wrong:
        return raw
    if key == "id_no":
        return id_number.mask(id_number.normalise(raw))
    return phone.mask(raw) if phone.is_mobile(raw) else raw


def problem_of(row: CheckedRow) -> Text:
    if row.ignored:
        return Text("已忽略，不会导入", "t2")
    told = [one for one in row.findings if one.level is not Level.NOTE]
    if not told:
        what = {"update": "更新在册人员", "new": "新增"}.get(row.action, "")
        return Text(what, "t2")
    tone = {Level.ERROR: "bad", Level.CONFIRM: "warn", Level.DUPLICATE: "info"}[told[0].level]
    more = f"（还有 {len(told) - 1} 处）" if len(told) > 1 else ""
    return Text(told[0].message + more, tone)


def fix_of(row: CheckedRow) -> tuple[str, str, str]:
    """(words, what to do, field) of the one click that helps most."""
    if row.ignored or row.state is State.DUPLICATE:
        return "", "", ""
    if row.state is State.CONFIRM:
        return "就是这样", "accept", ""
    for one in row.findings:
        if one.level is not Level.ERROR:
            continue
        if one.suggestion is not None and one.sure:
            return one.button or f"改为 {one.suggestion}", "fix", one.field
        if one.kind == "check_digit":
            return "证件上就是这样", "doubt", one.field
        if one.suggestion is not None:
            return one.button or f"改为 {one.suggestion}", "fix", one.field
        return ("稍后补填", "postpone", one.field) if one.later else ("", "", "")
    return "", "", ""


def skip_of(row: CheckedRow) -> str:
    if row.ignored:
        return "恢复"
    return "" if row.state in {State.GOOD, State.DUPLICATE} else "忽略"


class _Delegate(CellDelegate):
    """Types into our own box."""

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, index: Index) -> QWidget:
        box = TextBox()
        box.setParent(parent)
        box.setProperty("sz", "s")
        box.setAccessibleName(
            f"改 {index.model().headerData(index.column(), Qt.Orientation.Horizontal)}"
        )
        return box

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, TextBox):
            editor.setText(str(index.data(Qt.ItemDataRole.EditRole) or ""))
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: Any, index: Index) -> None:
        if isinstance(editor, TextBox):
            model.setData(index, editor.text().strip(), Qt.ItemDataRole.EditRole)

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, _index: Index
    ) -> None:
        spare = max(0, option.rect.height() - editor.sizeHint().height()) // 2
        editor.setGeometry(option.rect.adjusted(0, spare, 0, -spare))


class GridTable(DataTable):
    """Double click or F2 edits a cell; Enter edits the first that is wrong."""

    def __init__(self) -> None:
        super().__init__((), two_lines=False)
        self.painter = _Delegate(self)
        self.setItemDelegate(self.painter)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)
        self.setAccessibleName("检查结果")

    def use_columns(self, columns: Sequence[Column]) -> None:
        self.columns = tuple(columns)
        self._share_width()

    def edit_row(self, row: int) -> None:
        model = self.model()
        if isinstance(model, GridModel) and 0 <= row < len(model.rows):
            index = model.index(row, model.first_wrong(row))
            if self.state() != QAbstractItemView.State.EditingState:
                self.setCurrentIndex(index)
                self.edit(index)
