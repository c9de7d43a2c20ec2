"""Painted charts. The numbers are written on the marks; nothing is told by colour alone, and
each of them can be read as a table (看数据)."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.kit.buttons import Button
from ui.kit.cells import Cell, Text
from ui.kit.dialog import Dialog
from ui.kit.fonts import advance, font
from ui.kit.label import Label
from ui.kit.layout import Flow, Grid, HBox, clear, holder
from ui.kit.painted import Painted
from ui.kit.table import Column, DataTable, Row, RowsModel
from ui.kit.tokens import HEADER, ROW_ONE, colour, px, scale


class Part(NamedTuple):
    """shade: chart1…chart6, chart0 for what is still open."""

    text: str
    number: int
    shade: str


def spoken(parts: Sequence[Part]) -> str:
    return "，".join(f"{part.text} {part.number}" for part in parts)


def percent(share: float, total: int) -> str:
    """93.3%, or a dash where there is nobody to count."""
    return f"{share:g}%" if total else "—"


class Swatch(Painted):
    def __init__(self, shade: str) -> None:
        super().__init__()
        self.shade = shade

    def sizeHint(self) -> QSize:
        return QSize(px(10), px(10))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(getattr(colour, self.shade)))
        painter.drawRoundedRect(self.rect(), px(2), px(2))
        painter.end()


class Legend(QWidget):
    """`upright`: one line each with the number at the right, as beside a ring."""

    def __init__(self, parts: Sequence[Part] = (), *, upright: bool = False) -> None:
        super().__init__()
        self.upright = upright
        self.parts: tuple[Part, ...] = ()
        self.box: Grid | Flow = Grid(gap=(10, 4)) if upright else Flow(gap=18)
        self.setLayout(self.box)
        self.set_parts(parts)

    def set_parts(self, parts: Sequence[Part]) -> None:
        if self.parts == tuple(parts):
            return
        self.parts = tuple(parts)
        clear(self.box)
        for line, part in enumerate(parts):
            if isinstance(self.box, Grid):
                self.box.addWidget(Swatch(part.shade), line, 0)
                self.box.addWidget(Label(part.text, "body", "t2"), line, 1)
                right = Qt.AlignmentFlag.AlignRight
                self.box.addWidget(Label(str(part.number)), line, 2, right)
                self.box.setColumnStretch(1, 1)
            else:
                self.box.add(self._one(part))

    @staticmethod
    def _one(part: Part) -> QWidget:
        line = HBox(gap=8)
        line.add(Swatch(part.shade), Label(f"{part.text} {part.number}", "body", "t2"))
        return holder(line)


class Chart(QWidget):
    """Painted parts, with the words of them for who does not see the paint."""

    unit = "人"
    shares = True  # parts of one whole

    def __init__(self) -> None:
        super().__init__()
        self.parts: tuple[Part, ...] = ()
        scale.scaleChanged.connect(self._rescale)

    def set_parts(self, parts: Sequence[Part]) -> None:
        self.parts = tuple(parts)
        self.setAccessibleName(spoken(parts))
        self.update()

    def _rescale(self, _value: float) -> None:
        self.updateGeometry()
        self.update()

    def sum(self) -> int:
        return sum(part.number for part in self.parts)

    def total(self) -> int:
        """What shares are shares of; never nothing."""
        return self.sum() or 1


class Ring(Chart):
    """Shares around one number. Only on the workbench."""

    def __init__(self, parts: Sequence[Part] = (), words: str = "", size: int = 98) -> None:
        super().__init__()
        self.words, self.design = words, size
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_parts(parts)

    def show_parts(self, parts: Sequence[Part], words: str) -> None:
        self.words = words
        self.set_parts(parts)

    def sizeHint(self) -> QSize:
        return QSize(px(self.design), px(self.design))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        thick = px(11)
        area = QRectF(self.rect()).adjusted(thick / 2, thick / 2, -thick / 2, -thick / 2)
        painter.setPen(QPen(QColor(colour.sunken), thick))
        painter.drawEllipse(area)
        start = 90 * 16
        for part in self.parts:
            span = round(-part.number / self.total() * 360 * 16)
            pen = QPen(QColor(getattr(colour, part.shade)), thick)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            painter.drawArc(area, start, span)
            start += span
        self._number(painter)
        painter.end()

    def _number(self, painter: QPainter) -> None:
        letters = font("title")
        letters.setPixelSize(px(22 if len(self.words) < 6 else 19))
        painter.setFont(letters)
        painter.setPen(QColor(colour.t1))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.words)


class SegBar(Chart):
    """One bar in parts; put a Legend under it."""

    def __init__(self, parts: Sequence[Part] = ()) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_parts(parts)

    def sizeHint(self) -> QSize:
        return QSize(px(160), px(12))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path, area, left = QPainterPath(), QRectF(self.rect()), 0.0
        path.addRoundedRect(area, area.height() / 2, area.height() / 2)
        painter.setClipPath(path)
        painter.fillRect(area, QColor(colour.sunken))
        for part in self.parts:
            wide = area.width() * part.number / self.total()
            shade = colour.sunken if part.shade == "chart0" else getattr(colour, part.shade)
            painter.fillRect(QRectF(left, 0, max(0.0, wide - 1), area.height()), QColor(shade))
            left += wide
        painter.end()


class ColumnChart(Chart):
    """Columns with their number on top; the last one is bold. `picked` tells which was clicked."""

    picked = Signal(int)
    shares = False

    def __init__(
        self, points: Sequence[tuple[str, int]] = (), *, height: int = 120, unit: str = ""
    ) -> None:
        super().__init__()
        self.design, self.unit = height, unit
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_points(points)

    def set_points(self, points: Sequence[tuple[str, int]]) -> None:
        self.parts = tuple(Part(text, count, "chart1") for text, count in points)
        self.setAccessibleName(self._spoken())
        self.updateGeometry()
        self.update()

    def _spoken(self) -> str:
        if not self.parts:
            return "没有数据"
        low = min(self.parts, key=lambda part: part.number)
        high = max(self.parts, key=lambda part: part.number)
        last = self.parts[-1]
        return (
            f"最少 {low.text} {low.number}{self.unit}，最多 {high.text} {high.number}{self.unit}，"
            f"最近 {last.text} {last.number}{self.unit}"
        )

    def _slot(self) -> int:
        texts = [part.text for part in self.parts] + [str(part.number) for part in self.parts]
        return max((advance(text, "small") for text in texts), default=0) + px(6)

    def sizeHint(self) -> QSize:
        return QSize(self._slot() * len(self.parts), px(self.design))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.parts:
            slot = self.width() / len(self.parts)
            self.picked.emit(min(int(event.position().x() / slot), len(self.parts) - 1))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        base = self.height() - px(26)
        painter.setPen(QPen(QColor(colour.line2), 1))
        painter.drawLine(0, base, self.width(), base)
        slot = self.width() / max(1, len(self.parts))
        for place, part in enumerate(self.parts):
            area = QRectF(place * slot, 0, slot, base)
            self._column(painter, area, part, last=place == len(self.parts) - 1)
        painter.end()

    def _column(self, painter: QPainter, area: QRectF, part: Part, *, last: bool) -> None:
        highest = max(each.number for each in self.parts) or 1
        tall = (area.height() - px(22)) * part.number / highest
        wide = min(px(22), area.width() * 0.6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(getattr(colour, part.shade)))
        left, top = area.center().x() - wide / 2, area.bottom() - tall
        painter.drawRoundedRect(QRectF(left, top, wide, tall), px(3), px(3))
        letters = font("small")
        letters.setBold(last)
        painter.setFont(letters)
        painter.setPen(QColor(colour.t1 if last else colour.t2))
        above = QRectF(area.left(), top - px(21), area.width(), px(20))
        painter.drawText(above, Qt.AlignmentFlag.AlignCenter, str(part.number))
        below = QRectF(area.left(), area.bottom() + px(2), area.width(), px(22))
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, part.text)


class DataButton(Button):
    """看数据: what this chart shows, as a table for the keyboard and the screen reader."""

    def __init__(self, title: str, chart: Chart) -> None:
        super().__init__("看数据", "text", "s", does=self.show_data)
        self.setAccessibleName(f"看数据：{title}")
        self.title, self.chart = title, chart

    def show_data(self) -> None:
        DataDialog(self, self.title, self.chart).open()


class DataDialog(Dialog):
    """A line for each mark; ↑↓ walk through them."""

    def __init__(self, parent: QWidget, title: str, chart: Chart) -> None:
        super().__init__(parent, title, subtitle=f"共 {chart.sum()} {chart.unit}", width=560)
        share = (Column("share", "占比", 110, right=True),) if chart.shares else ()
        number = Column("number", "数量", 110, right=True)
        columns = (Column("text", "项目", 180, 1), number, *share)
        model = RowsModel(columns, list(_lines(chart)))
        self.table = DataTable(columns, two_lines=False)
        model.setParent(self.table)
        self.table.setModel(model)
        self.table.setAccessibleName(f"{title}的数据")
        self.table.setFixedHeight(px(HEADER) + min(len(chart.parts), 12) * px(ROW_ONE) + 4)
        self.add(self.table)
        self.button("关闭（Esc）", does=self.accept)
        self.table.go_to(0)
        self.table.setFocus()


def _lines(chart: Chart) -> Iterator[Row]:
    for place, part in enumerate(chart.parts):
        cells: tuple[Cell, ...] = (Text(part.text), Text(f"{part.number} {chart.unit}"))
        if chart.shares:
            cells += (Text(f"{100 * part.number / chart.total():.1f}%"),)
        yield Row(str(place), cells)
