"""What happened, newest first: date, disc, title, detail, who, and how far it has come; a hint
where the mouse rests."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)  # fmt: skip
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QStyleOptionViewItem

from ui.kit import icons
from ui.kit.cells import CELL, RIGHT, write
from ui.kit.fonts import advance
from ui.kit.tokens import colour, px, scale, tint

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
ROW = 54
WIDE, DAY, SHORT_DAY = 520, 96, 80


class Moment(NamedTuple):
    day: str
    icon: str
    tone: str
    title: str
    detail: str = ""
    who: str = ""
    state: str = ""
    hint: str = ""


class _Moments(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.moments: tuple[Moment, ...] = ()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.moments)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        moment = self.moments[index.row()]
        if role == CELL:
            return moment
        if role == Qt.ItemDataRole.ToolTipRole:
            return moment.hint or None
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return "，".join(part for part in _words_of(moment) if part)
        return None


def _words_of(moment: Moment) -> tuple[str, ...]:
    return (moment.day, moment.title, moment.detail, moment.state, moment.hint)


class _Paint(QStyledItemDelegate):
    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(px(300), px(ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area, moment = QRectF(option.rect), index.data(CELL)
        day = px(DAY if area.width() >= px(WIDE) else SHORT_DAY)
        write(painter, QRectF(area.left(), area.top() + px(4), day, px(24)), moment.day,
              "small", "t2", RIGHT)  # fmt: skip
        disc = QRectF(area.left() + day + px(10), area.top() + px(3), px(28), px(28))
        last = index.row() == index.model().rowCount() - 1
        self._disc(painter, disc, area, moment, last=last)
        self._words(painter, area.adjusted(day + px(52), 0, -px(8), 0), moment)
        painter.restore()

    def _disc(
        self, painter: QPainter, disc: QRectF, area: QRectF, moment: Moment, *, last: bool
    ) -> None:
        if not last:
            painter.setPen(QPen(QColor(colour.line), 2))
            x = int(disc.center().x())
            painter.drawLine(x, int(disc.bottom()) + px(5), x, int(area.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tint(moment.tone).fill))
        painter.drawEllipse(disc)
        gap = px(6)
        spot = disc.adjusted(gap, gap, -gap, -gap)
        icons.paint(painter, spot, moment.icon, tint(moment.tone).icon)

    def _words(self, painter: QPainter, area: QRectF, moment: Moment) -> None:
        who, state = (
            min(px(most), advance(one, "small")) + px(12) if one else 0
            for one, most in ((moment.who, 120), (moment.state, 260))
        )
        first = QRectF(area.left(), area.top(), area.width() - who, px(22))
        write(painter, first, moment.title, "strong")
        second = QRectF(area.left(), area.top() + px(22), area.width() - state, px(20))
        write(painter, second, moment.detail, "small", "t2")
        right = QRectF(area.right() - who, area.top() + px(2), who, px(24))
        write(painter, right, moment.who, "small", "t2", RIGHT)
        below = QRectF(area.right() - state, area.top() + px(22), state, px(20))
        write(painter, below, moment.state, "small", "t3", RIGHT)


class Timeline(QListView):
    """As tall as its content: the page scrolls, not the list."""

    opened = Signal(int)

    def __init__(self, moments: Sequence[Moment] = ()) -> None:
        super().__init__()
        self.held = _Moments()
        self.setModel(self.held)
        self.setItemDelegate(_Paint(self))
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("时间线")
        self.activated.connect(self._open)
        self.set_moments(moments)
        scale.scaleChanged.connect(self._rescale)

    def set_moments(self, moments: Sequence[Moment]) -> None:
        self.held.beginResetModel()
        self.held.moments = tuple(moments)
        self.held.endResetModel()
        self._rescale()

    def _open(self, index: QModelIndex) -> None:
        self.opened.emit(index.row())

    def _rescale(self, _value: float = 1.0) -> None:
        self.setFixedHeight(px(ROW) * len(self.held.moments) + 2)
        self.scheduleDelayedItemsLayout()
