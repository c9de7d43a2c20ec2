"""The one table: columns as data, rows of cells, widths that fill the width exactly."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRectF,
    QSize,
    Qt,
    Signal,
)  # fmt: skip
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from ui.kit import icons
from ui.kit.cells import CELL, LEFT, RIGHT, Cell, CellDelegate, Check, Link
from ui.kit.tokens import HEADER, ROW_ONE, ROW_TWO, colour, px, scale

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


@dataclass(frozen=True)
class Column:
    """width in design pixels; stretch > 0 takes a share of what is left over.

    `drop` is the order of dropping when the window gets narrow: 1 goes first, 0 stays.
    """

    key: str
    title: str
    width: int = 120
    stretch: int = 0
    right: bool = False
    sortable: bool = False
    drop: int = 0


@dataclass(frozen=True)
class Row:
    id: str
    cells: tuple[Cell, ...]


class RowsModel(QAbstractTableModel):
    """Rows kept in memory. A paged list may bring its own model: answer CELL and `row_id`."""

    ticksChanged = Signal(int)

    def __init__(self, columns: Sequence[Column], rows: Sequence[Row] = ()) -> None:
        super().__init__()
        self.columns, self.rows, self.ticked = tuple(columns), list(rows), set[str]()

    def set_rows(self, rows: Sequence[Row]) -> None:
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def row_id(self, row: int) -> str:
        return self.rows[row].id

    def cell(self, row: int, column: int) -> Cell:
        cell = self.rows[row].cells[column]
        return Check(self.rows[row].id in self.ticked) if isinstance(cell, Check) else cell

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        cell, column = self.cell(index.row(), index.column()), self.columns[index.column()]
        if role == CELL:
            return cell
        if role == Qt.ItemDataRole.DisplayRole:
            return cell.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return getattr(cell, "hint", "") or None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{column.title}：{cell.text}" if column.title else cell.text
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column.right else LEFT
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if self.columns[section].right else LEFT
        return None

    def tick(self, row: int, on: bool | None = None) -> None:
        id_ = self.rows[row].id
        wanted = id_ not in self.ticked if on is None else on
        (self.ticked.add if wanted else self.ticked.discard)(id_)
        self._ticks_changed()

    def tick_all(self, on: bool = True) -> None:
        self.ticked = {row.id for row in self.rows} if on else set()
        self._ticks_changed()

    def _ticks_changed(self) -> None:
        if self.rows:
            last = self.index(len(self.rows) - 1, len(self.columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)
        self.ticksChanged.emit(len(self.ticked))


class _Header(QHeaderView):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setHighlightSections(False)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSectionsClickable(True)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), px(HEADER))

    def paintSection(self, painter: QPainter, rect: Any, section: int) -> None:
        painter.save()
        super().paintSection(painter, rect, section)
        painter.restore()
        if not self.isSortIndicatorShown() or self.sortIndicatorSection() != section:
            return
        title = str(self.model().headerData(section, Qt.Orientation.Horizontal) or "")
        side, up = px(14), self.sortIndicatorOrder() == Qt.SortOrder.AscendingOrder
        left = rect.left() + px(14) + self.fontMetrics().horizontalAdvance(title)
        spot = QRectF(left, rect.center().y() - side / 2 + 1, side, side)
        icons.paint(painter, spot, "arrow-up" if up else "arrow-down", colour.prit)


class DataTable(QTableView):
    """↑↓ move, Enter opens, Space ticks. Letters do nothing: the search box is for that."""

    opened = Signal(int)
    moved = Signal(int)
    linked = Signal(int, int)
    sorted = Signal(str, bool)

    def __init__(self, columns: Sequence[Column], *, two_lines: bool = True) -> None:
        super().__init__()
        self.columns, self.two_lines = tuple(columns), two_lines
        self.sorting = ("", True)
        self.painter = CellDelegate(self)
        self.setItemDelegate(self.painter)
        self.setHorizontalHeader(_Header(self))
        self._behave()
        self._rescale()
        scale.scaleChanged.connect(self._rescale)
        self.horizontalHeader().sectionClicked.connect(self._sort)

    def _behave(self) -> None:
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.doubleClicked.connect(self._open_index)

    def _rescale(self, _value: float = 1.0) -> None:
        self.verticalHeader().setMinimumSectionSize(px(20))
        self.verticalHeader().setDefaultSectionSize(px(ROW_TWO if self.two_lines else ROW_ONE))
        self.horizontalHeader().setMinimumSectionSize(px(20))
        self._share_width()

    def setModel(self, model: Any) -> None:
        super().setModel(model)
        self._share_width()
        self.selectionModel().currentRowChanged.connect(self._row_changed)

    # width ------------------------------------------------------------------------------

    def drop_columns(self, up_to: int) -> None:
        """Hide the columns whose `drop` is 1…up_to; 0 shows them all."""
        for place, column in enumerate(self.columns):
            self.setColumnHidden(place, 0 < column.drop <= up_to)
        self._share_width()

    def _share_width(self) -> None:
        if self.model() is None:
            return
        shown = [p for p in range(len(self.columns)) if not self.isColumnHidden(p)]
        if not shown:
            return
        self.painter.first_column = shown[0]
        spare = self.viewport().width() - sum(px(self.columns[p].width) for p in shown)
        widths = self._widths(shown, spare)
        for place in shown:
            self.setColumnWidth(place, widths[place])

    def sizeHint(self) -> QSize:
        return QSize(px(400), self.minimumSizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(px(200), px(HEADER + 3 * ROW_TWO))

    def _widths(self, shown: Sequence[int], spare: int) -> dict[int, int]:
        weights = {p: self.columns[p].stretch for p in shown}
        if spare < 0 or not any(weights.values()):
            weights = {p: self.columns[p].width for p in shown}
        total = sum(weights.values())
        widths = {p: px(self.columns[p].width) + spare * weights[p] // total for p in shown}
        widths[shown[-1]] += self.viewport().width() - sum(widths.values())
        return widths

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()

    # moving -----------------------------------------------------------------------------

    def go_to(self, row: int) -> None:
        if not 0 <= row < self.model().rowCount():
            return
        index = self.model().index(row, 0)
        both = QItemSelectionModel.SelectionFlag.ClearAndSelect
        flags = both | QItemSelectionModel.SelectionFlag.Rows
        self.selectionModel().setCurrentIndex(index, flags)
        self.scrollTo(index)

    def row(self) -> int:
        return self.currentIndex().row()

    def _row_changed(self, new: QModelIndex, _old: QModelIndex) -> None:
        self.moved.emit(new.row())

    def _open_index(self, index: QModelIndex) -> None:
        if not isinstance(index.data(CELL), (Check, Link)):
            self.opened.emit(index.row())

    def _sort(self, section: int) -> None:
        column = self.columns[section]
        if not column.sortable:
            return
        up = not self.sorting[1] if self.sorting[0] == column.key else True
        self.show_sorting(column.key, up)
        self.sorted.emit(column.key, up)

    def show_sorting(self, key: str, ascending: bool) -> None:
        self.sorting = (key, ascending)
        place = next((p for p, c in enumerate(self.columns) if c.key == key), -1)
        order = Qt.SortOrder.AscendingOrder if ascending else Qt.SortOrder.DescendingOrder
        header = self.horizontalHeader()
        header.setSortIndicatorShown(place >= 0)
        if place >= 0:
            header.setSortIndicator(place, order)

    # hands ------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.row() >= 0:
            self.opened.emit(self.row())
        elif key == Qt.Key.Key_F10 and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._offer_links(self.row())  # X11 makes no context menu of it
        elif key == Qt.Key.Key_Space and self.row() >= 0:
            self._tick(self.row())
        elif key in {Qt.Key.Key_Home, Qt.Key.Key_End}:
            self.go_to(0 if key == Qt.Key.Key_Home else self.model().rowCount() - 1)
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, _text: str) -> None:
        """Letters do nothing here."""

    def _tick(self, row: int) -> None:
        tick = getattr(self.model(), "tick", None)
        if tick is not None and any(
            isinstance(self.model().index(row, c).data(CELL), Check)
            for c in range(len(self.columns))
        ):
            tick(row)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid():
            return
        cell = index.data(CELL)
        if isinstance(cell, Check):
            self._tick(index.row())
        elif isinstance(cell, Link) and cell.text:
            self.linked.emit(index.row(), index.column())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The right button, the menu key or Shift+F10: what the links of the row do."""
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            self._offer_links(self.rowAt(event.pos().y()), event.globalPos())
        else:
            self._offer_links(self.row())

    def _offer_links(self, row: int, at: QPoint | None = None) -> None:
        """Below the row, where it was not asked for with the mouse."""
        cells = [self.model().index(row, place).data(CELL) for place in range(len(self.columns))]
        links = [(n, one.text) for n, one in enumerate(cells) if isinstance(one, Link) and one.text]
        if not links:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for place, words in links:
            does = partial(self.linked.emit, row, place)
            menu.addAction(words).triggered.connect(lambda _on, does=does: does())
        corner = self.visualRect(self.model().index(row, 0)).bottomLeft()
        menu.popup(at if at is not None else self.viewport().mapToGlobal(corner))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        self._hover(index.row() if index.isValid() else -1)
        hand = isinstance(index.data(CELL), Link) if index.isValid() else False
        shape = Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
        return bool(super().viewportEvent(event))

    def _hover(self, row: int) -> None:
        if row != self.painter.hover_row:
            self.painter.hover_row = row
            self.viewport().update()
