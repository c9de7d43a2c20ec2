"""The mark of the product: the evening sun over two lines."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPixmap

from ui.kit.painted import Painted
from ui.kit.tokens import colour, px

NAME, LINE = "桑榆", "退休人员服务"


def paint_mark(painter: QPainter, area: QRectF) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    unit = area.width() / 36
    painter.setBrush(QColor(colour.brand))
    painter.drawRoundedRect(area, 7 * unit, 7 * unit)
    x, y = area.left(), area.top()
    painter.setBrush(QColor(colour.acc))
    sun = QRectF(x + 9.5 * unit, y + 8.5 * unit, 17 * unit, 17 * unit)
    painter.drawPie(sun, 0, 180 * 16)
    painter.setBrush(QColor(colour.onpri))
    long = QRectF(x + 5 * unit, y + 18.6 * unit, 26 * unit, 2.8 * unit)
    short = QRectF(x + 10 * unit, y + 24 * unit, 16 * unit, 2.8 * unit)
    for line in (long, short):
        painter.drawRoundedRect(line, 1.4 * unit, 1.4 * unit)


class Mark(Painted):
    def __init__(self, size: int = 36) -> None:
        super().__init__()
        self.design = size

    def sizeHint(self) -> QSize:
        return QSize(px(self.design), px(self.design))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_mark(painter, QRectF(self.rect()))
        painter.end()


def window_icon() -> QIcon:
    made = QIcon()
    for side in (16, 20, 24, 32, 48, 64, 128, 256):
        drawn = QPixmap(side, side)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        paint_mark(painter, QRectF(0, 0, side, side))
        painter.end()
        made.addPixmap(drawn)
    return made
