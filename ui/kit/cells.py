"""What a table cell can be, and the one delegate that paints them all."""

from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.kit import icons
from ui.kit.avatar import paint_avatar
from ui.kit.fonts import font
from ui.kit.inputs import paint_tick
from ui.kit.tag import paint_tag, tag_width
from ui.kit.tokens import TAG, colour, px, tint

CELL = int(Qt.ItemDataRole.UserRole) + 1
LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


@dataclass(frozen=True)
class Text:
    """``hint`` is told where the mouse rests."""

    text: str
    tone: str = ""
    bold: bool = False
    hint: str = ""


@dataclass(frozen=True)
class Two:
    text: str
    sub: str = ""


@dataclass(frozen=True)
class Person:
    text: str
    sub: str = ""


class TagWord(NamedTuple):
    text: str
    tone: str = "neu"
    icon: str = ""


@dataclass(frozen=True)
class Tags:
    tags: tuple[TagWord, ...]

    @property
    def text(self) -> str:
        return "、".join(tag.text for tag in self.tags)


@dataclass(frozen=True)
class Stat:
    """State: icon, word and colour together."""

    text: str
    tone: str
    icon: str


@dataclass(frozen=True)
class Check:
    on: bool

    @property
    def text(self) -> str:
        return "已勾选" if self.on else "未勾选"


@dataclass(frozen=True)
class Bar:
    share: float
    text: str
    tone: str = "chart1"


@dataclass(frozen=True)
class Link:
    text: str


@dataclass(frozen=True)
class Err:
    """A boxed value that must be corrected."""

    text: str


@dataclass(frozen=True)
class Warn:
    text: str


Cell = Text | Two | Person | Tags | Stat | Check | Bar | Link | Err | Warn
Index = QModelIndex | QPersistentModelIndex


def shade(tone: str) -> QColor:
    if not tone:
        return QColor(colour.t1)
    plain = tone != "pri" and hasattr(colour, tone)
    return QColor(getattr(colour, tone) if plain else tint(tone).text)


def write(
    painter: QPainter, area: QRectF, words: str, role: str = "body", tone: str = "",
    align: Qt.AlignmentFlag = LEFT,
) -> float:  # fmt: skip
    """One elided line; returns how wide it came out."""
    letters = font(role)
    metrics = QFontMetricsF(letters)
    shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, area.width())
    painter.setFont(letters)
    painter.setPen(shade(tone))
    painter.drawText(area, align, shown)
    return metrics.horizontalAdvance(shown)


def write_two(painter: QPainter, area: QRectF, first: str, second: str, role: str) -> None:
    if not second:
        write(painter, area, first, role)
        return
    tall, low = px(22), px(18)
    top = area.center().y() - (tall + low) / 2
    write(painter, QRectF(area.left(), top, area.width(), tall), first, role)
    write(painter, QRectF(area.left(), top + tall, area.width(), low), second, "caption", "t2")


def _paint_tags(painter: QPainter, area: QRectF, tags: tuple[TagWord, ...]) -> None:
    left, tall = area.left(), px(TAG)
    for place, tag in enumerate(tags):
        wide = tag_width(tag.text, tag.icon)
        if left + wide > area.right() and place:
            write(painter, QRectF(left, area.top(), px(20), area.height()), "…", "small", "t2")
            return
        spot = QRectF(left, area.center().y() - tall / 2, wide, tall)
        paint_tag(painter, spot, tag.text, tag.tone, tag.icon)
        left += wide + px(6)


def _paint_person(painter: QPainter, area: QRectF, cell: Person) -> None:
    side = px(32)
    disc = QRectF(area.left(), area.center().y() - side / 2, side, side)
    paint_avatar(painter, disc, cell.text)
    rest = area.adjusted(side + px(10), 0, 0, 0)
    write_two(painter, rest, cell.text, cell.sub, "strong")


def _paint_stat(painter: QPainter, area: QRectF, cell: Stat) -> None:
    side = px(18)
    spot = QRectF(area.left(), area.center().y() - side / 2, side, side)
    icons.paint(painter, spot, cell.icon, tint(cell.tone).icon)
    write(painter, area.adjusted(side + px(7), 0, 0, 0), cell.text, "body", cell.tone)


def _paint_bar(painter: QPainter, area: QRectF, cell: Bar) -> None:
    words = px(56)
    track = QRectF(area.left(), area.center().y() - px(4), area.width() - words, px(8))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour.sunken))
    painter.drawRoundedRect(track, px(4), px(4))
    done = QRectF(track)
    done.setWidth(track.width() * max(0.0, min(1.0, cell.share)))
    painter.setBrush(shade(cell.tone))
    painter.drawRoundedRect(done, px(4), px(4))
    write(painter, area.adjusted(area.width() - words, 0, 0, 0), cell.text, align=RIGHT)


def _paint_boxed(painter: QPainter, area: QRectF, words: str, tone: str) -> None:
    box = area.adjusted(-px(9), 2, px(9), -2)
    painter.setPen(QPen(shade(tone), 1.5))
    painter.setBrush(QColor(tint(tone).fill))
    painter.drawRoundedRect(box, px(2), px(2))
    write(painter, area, words, "body", tone)


def paint_cell(painter: QPainter, area: QRectF, cell: Cell, align: Qt.AlignmentFlag) -> None:
    match cell:
        case Text(text, tone, bold):
            write(painter, area, text, "strong" if bold else "body", tone, align)
        case Two(text, sub):
            write_two(painter, area, text, sub, "body")
        case Person():
            _paint_person(painter, area, cell)
        case Tags(tags):
            _paint_tags(painter, area, tags)
        case Stat():
            _paint_stat(painter, area, cell)
        case Check(on):
            side = px(20)
            spot = QRectF(area.left(), area.center().y() - side / 2, side, side)
            paint_tick(painter, spot, on)
        case Bar():
            _paint_bar(painter, area, cell)
        case Link(text):
            write(painter, area, text, "body", "prit", align)
        case Err(text):
            _paint_boxed(painter, area, text, "bad")
        case Warn(text):
            _paint_boxed(painter, area, text, "warn")


def cell_width(cell: Cell) -> int:
    """What the cell would like, in pixels at the current text size."""
    match cell:
        case Tags(tags):
            return sum(tag_width(tag.text, tag.icon) + px(6) for tag in tags)
        case Check():
            return px(20)
        case Person(text, sub) | Two(text, sub):
            return int(max(_wide(text, "strong"), _wide(sub, "caption"))) + px(42)
        case Stat(text):
            return _wide(text) + px(26)
        case _:
            return _wide(cell.text)


def _wide(text: str, role: str = "body") -> int:
    return int(QFontMetricsF(font(role)).horizontalAdvance(text)) + 1


class CellDelegate(QStyledItemDelegate):
    """Row ground, hover, the bar of the current row, then the cell."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hover_row = -1
        self.first_column = 0

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(option.rect)
        self._ground(painter, area, option, index)
        cell = index.data(CELL)
        if cell is None:
            cell = Text(str(index.data(Qt.ItemDataRole.DisplayRole) or ""))
        align = index.data(Qt.ItemDataRole.TextAlignmentRole) or LEFT
        pad = px(10)
        paint_cell(painter, area.adjusted(pad, 0, -pad, 0), cell, Qt.AlignmentFlag(align))
        painter.restore()

    def _ground(
        self, painter: QPainter, area: QRectF, option: QStyleOptionViewItem, index: Index
    ) -> None:
        state = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(area, QColor(colour.pris))
        elif index.row() == self.hover_row:
            painter.fillRect(area, QColor(colour.subtle))
        line = QRectF(area.left(), area.bottom() - 1, area.width(), 1)
        painter.fillRect(line, QColor(colour.row))
        if chosen and index.column() == self.first_column:
            painter.fillRect(QRectF(area.left(), area.top(), px(4), area.height()),
                             QColor(colour.pri))  # fmt: skip

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        cell = index.data(CELL)
        if cell is None:
            return super().sizeHint(option, index)
        return QSize(cell_width(cell) + 2 * px(10), px(42))
