"""The table with its footer: one page of rows at a time, ticks across pages, keys of a list.

Pages come from the database as they are seen; nothing is loaded before.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.kit.listing import Page
from app.kit.run import Session
from ui.kit.buttons import IconButton
from ui.kit.card import Card
from ui.kit.cells import Cell, Check
from ui.kit.context import Context
from ui.kit.empty import EmptyState
from ui.kit.label import Elided, Label
from ui.kit.layout import HBox, VBox, holder, rule
from ui.kit.table import Column, DataTable, Row, RowsModel
from ui.kit.tokens import px, scale
from ui.kit.view import Asked, View
from ui.kit.waiting import Skeleton
from ui.kit.work import Ticket

R = TypeVar("R")
TICK = Column("tick", "", 44)
SLOW_MS = 300
EMPTY = 2  # the place in the stack


class _Model(RowsModel):
    """Rows of one page; titles may be shorter while columns are dropped."""

    titles: Mapping[str, str] = {}

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        said = super().headerData(section, orientation, role)
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self.titles.get(self.columns[section].key, said)
        return said


def _own_id(row: Any) -> str:
    return str(row.id)


@dataclass(frozen=True)
class RowSource(Generic[R]):
    """Where a list's rows come from, one page or, by `ids`, all of a filter, and how they look in
    the view's columns. With `ids` rows can be ticked."""

    page: Callable[[Session, Asked, int], Page[R]]
    cells: Callable[[R], Sequence[Cell]]
    ids: Callable[[Session, Asked], list[str]] | None = None
    id_of: Callable[[R], str] = _own_id


class PagedTable(QWidget):
    """A page of the source at a time; `empty` makes what is shown instead of no rows."""

    opened = Signal(object)
    moved = Signal(object)
    linked = Signal(object, str)
    ticksChanged = Signal(int, bool)
    arrived = Signal(object)
    sorted = Signal(str, bool)

    def __init__(
        self,
        context: Context,
        view: View,
        source: RowSource[Any],
        *,
        empty: Callable[[Asked], QWidget] | None = None,
    ) -> None:
        super().__init__()
        self.context, self.view, self.source, self.make_empty = context, view, source, empty
        columns = (TICK, *view.columns) if source.ids else view.columns
        self.model = _Model(columns)
        self.table = DataTable(columns, two_lines=view.two_lines)
        self.table.setModel(self.model)
        self.asked = Asked(sort=view.sort, descending=view.descending)
        self.number, self.pages, self.total, self.of_filter = 1, 1, 0, False
        self.rows: tuple[Any, ...] = ()
        self.dropped = 0
        self.ticket: Ticket | None = None
        self.slow = QTimer(self, singleShot=True, interval=SLOW_MS)
        self._arrange()
        self._listen()

    def _arrange(self) -> None:
        self.stack = QStackedWidget()
        self.skeleton, self.nothing = Skeleton(), VBox()
        for each in (self.table, self.skeleton, holder(self.nothing)):
            self.stack.addWidget(each)
        card = Card(margins=(1, 1, 1, 1), gap=0)
        card.body.addWidget(self.stack, 1)
        self.line = rule()
        card.body.addWidget(self.line)
        card.body.addWidget(self._footer())
        VBox(self).addWidget(card, 1)
        self.table.show_sorting(self.view.sort, not self.view.descending)

    def _footer(self) -> QWidget:
        self.foot = QWidget()
        self.count, self.keys = Label("", "small", "t2"), Elided("", self.view.keys, "small", "t2")
        self.back = IconButton("chevron-left", "上一页", sz="s", does=lambda: self.turn(-1))
        self.forth = IconButton("chevron-right", "下一页", sz="s", does=lambda: self.turn(1))
        self.place = Label("", "small", "t2")
        line = HBox(self.foot, gap=14, margins=(16, 3, 10, 3))
        line.add(self.count)
        line.addWidget(self.keys, 1)
        line.add(self.back, self.place, self.forth)
        return self.foot

    def _listen(self) -> None:
        self.slow.timeout.connect(lambda: self.stack.setCurrentWidget(self.skeleton))
        self.table.opened.connect(lambda row: self.opened.emit(self.rows[row]))
        self.table.moved.connect(self._moved)
        self.table.linked.connect(self._linked)
        self.table.sorted.connect(self._sorted)
        self.model.ticksChanged.connect(self._ticked)
        self.table.installEventFilter(self)
        scale.scaleChanged.connect(self._fit_columns)

    # asking -----------------------------------------------------------------------------

    def ask(self, asked: Asked, *, number: int = 1) -> None:
        """Show the first page of this; ticks of another chip or filter are forgotten."""
        elsewhere = (asked.chip, asked.filters) != (self.asked.chip, self.asked.filters)
        if elsewhere or (self.of_filter and asked.text != self.asked.text):
            self.clear_ticks()
        self.asked = asked
        self._load(number, first=True)

    def reload(self) -> None:
        """The same page again: same row, same scroll."""
        self._load(self.number)

    def turn(self, by: int, *, row: int = 0) -> None:
        wanted = self.number + by
        if 1 <= wanted <= self.pages:
            self._load(wanted, first=True, row=row)

    def _load(self, number: int, *, first: bool = False, row: int = 0) -> None:
        if self.ticket is not None:
            self.ticket.drop()
        self.slow.start()
        kept = None if first else (self.row_id(), self.table.row(), self._scrolled())

        def show(page: Page[Any]) -> None:
            self._show(page, kept, row)

        self.ticket = self.context.work.ask(self.source.page, self.asked, number, done=show)

    def _scrolled(self) -> int:
        return self.table.verticalScrollBar().value()

    def _show(self, page: Page[Any], kept: tuple[str, int, int] | None, row: int) -> None:
        self.slow.stop()
        self.ticket = None
        self.rows, self.number = tuple(page.rows), page.number
        self.pages, self.total = page.pages, page.total
        self._fill()
        self._tell_place()
        if self.rows:
            self._go_back_to(kept, row)
        else:
            self._show_nothing()
            self.moved.emit(None)
        self.arrived.emit(page)

    def _fill(self) -> None:
        lead = (Check(False),) if self.source.ids else ()
        self.model.set_rows(
            [Row(self.source.id_of(r), (*lead, *self.source.cells(r))) for r in self.rows]
        )

    def _go_back_to(self, kept: tuple[str, int, int] | None, row: int) -> None:
        self.stack.setCurrentWidget(self.table)
        if kept is None:
            self.table.go_to(len(self.rows) - 1 if row < 0 else row)
            return
        ids = [self.source.id_of(each) for each in self.rows]
        same = ids.index(kept[0]) if kept[0] in ids else min(max(kept[1], 0), len(ids) - 1)
        self.table.go_to(same)
        self.table.verticalScrollBar().setValue(kept[2])

    def _tell_place(self) -> None:
        self.count.setText(f"共 {self.total} {self.view.unit}")
        self.place.setText(f"第 {self.number} / {self.pages} 页")
        self.back.setEnabled(self.number > 1)
        self.forth.setEnabled(self.number < self.pages)
        self.foot.setVisible(bool(self.rows))
        self.line.setVisible(bool(self.rows))
        for each in (self.back, self.place, self.forth):
            each.setVisible(self.pages > 1)

    def _show_nothing(self) -> None:
        while (item := self.nothing.takeAt(0)) is not None:
            if widget := item.widget():
                widget.deleteLater()
        made = self.make_empty(self.asked) if self.make_empty else EmptyState("inbox", "没有内容")
        self.nothing.addWidget(made)
        self.stack.setCurrentIndex(EMPTY)

    def is_empty(self) -> bool:
        """Is it said that there is nothing?"""
        return self.stack.currentIndex() == EMPTY

    def repaint_rows(self) -> None:
        """Cells depend on something that changed (the width)."""
        row, scrolled = self.table.row(), self._scrolled()
        self._fill()
        self.table.selectionModel().blockSignals(True)
        self.table.go_to(row)
        self.table.selectionModel().blockSignals(False)
        self.table.verticalScrollBar().setValue(scrolled)

    # where one is -----------------------------------------------------------------------

    def row(self) -> Any | None:
        """The row under the cursor."""
        at = self.table.row()
        return self.rows[at] if 0 <= at < len(self.rows) else None

    def row_id(self) -> str:
        row = self.row()
        return self.source.id_of(row) if row is not None else ""

    def go_to(self, id_: str) -> None:
        ids = [self.source.id_of(each) for each in self.rows]
        if id_ in ids:
            self.table.go_to(ids.index(id_))

    def _moved(self, row: int) -> None:
        if 0 <= row < len(self.rows):
            self.moved.emit(self.rows[row])

    def _linked(self, row: int, column: int) -> None:
        self.linked.emit(self.rows[row], self.model.columns[column].key)

    def _sorted(self, key: str, ascending: bool) -> None:
        self.asked = self.asked.but(sort=key, descending=not ascending)
        self.sorted.emit(key, ascending)
        self._load(1, first=True)

    # ticks ------------------------------------------------------------------------------

    def ticked(self) -> list[str]:
        """Ids in the order of the page where they are on it."""
        chosen = self.model.ticked
        here = [self.source.id_of(row) for row in self.rows if self.source.id_of(row) in chosen]
        return here + sorted(chosen - set(here))

    def chosen(self) -> list[str]:
        """The ticked, else the one under the cursor."""
        return self.ticked() or [one for one in (self.row_id(),) if one]

    def clear_ticks(self) -> None:
        if self.model.ticked:
            self.model.tick_all(False)

    def tick_filter(self) -> None:
        """Ctrl+A: every hit of the filter, also on other pages."""
        if self.source.ids is not None:
            self.context.work.ask(self.source.ids, self.asked, done=self._tick_these)

    def _tick_these(self, ids: Sequence[str]) -> None:
        self.model.ticked = set(ids)
        self.of_filter = bool(ids)
        self.model.layoutChanged.emit()
        self.table.viewport().update()
        self.ticksChanged.emit(len(self.model.ticked), self.of_filter)

    def _ticked(self, count: int) -> None:
        self.of_filter = False
        self.ticksChanged.emit(count, False)

    # keys and width ---------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.table and event.type() == QEvent.Type.Resize:
            QTimer.singleShot(0, self, self._fit_columns)
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        return False

    def _key(self, event: QKeyEvent) -> bool:
        key, held = event.key(), event.modifiers()
        steps: dict[int, int] = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        if key == Qt.Key.Key_A and held == Qt.KeyboardModifier.ControlModifier:
            self.tick_filter()
            return self.source.ids is not None
        if key in steps and held == Qt.KeyboardModifier.ShiftModifier and self.source.ids:
            return self._tick_along(steps[key])
        if key in steps and held == Qt.KeyboardModifier.NoModifier:
            return self._over_the_edge(steps[key])
        return False

    def _tick_along(self, by: int) -> bool:
        here = self.table.row()
        for row in (here, here + by):
            if 0 <= row < len(self.rows):
                self.model.tick(row, on=True)
        self.table.go_to(here + by)
        return True

    def _over_the_edge(self, by: int) -> bool:
        edge = len(self.rows) - 1 if by > 0 else 0
        if self.table.row() != edge or not 1 <= self.number + by <= self.pages:
            return False
        self.turn(by, row=0 if by > 0 else -1)
        return True

    def least(self) -> int:
        """The width in pixels below which columns that never go are squeezed."""
        columns, bar = self.model.columns, self.table.verticalScrollBar().sizeHint().width()
        return _width(columns, max(column.drop for column in columns)) + bar + 2

    def _fit_columns(self, _value: float = 1.0) -> None:
        """Drop columns in their order until the rest fits."""
        columns, room = self.model.columns, self.table.viewport().width()
        levels = sorted({0, *(column.drop for column in columns)})
        level = next((n for n in levels if _width(columns, n) <= room), levels[-1])
        self.table.drop_columns(level)
        if level == self.dropped:
            return
        self.dropped = level
        self.model.titles = self.view.short_titles if level else {}
        self.repaint_rows()


def _width(columns: Sequence[Column], level: int) -> int:
    return sum(px(each.width) for each in columns if not 0 < each.drop <= level)
