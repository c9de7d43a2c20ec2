"""The picture beside the sign-in: an evening sun behind the roofs of a neighbourhood."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QWidget

from ui.kit.brand import NAME
from ui.kit.fonts import font
from ui.kit.tokens import colour, px

# shares of width and height: left, top, right
FAR = (
    (0.00, 0.72, 0.10), (0.10, 0.63, 0.22), (0.22, 0.70, 0.33), (0.33, 0.66, 0.44),
    (0.44, 0.72, 0.56), (0.56, 0.68, 0.70), (0.70, 0.73, 0.80), (0.80, 0.64, 0.91),
    (0.91, 0.70, 1.00),
)  # fmt: skip
NEAR = (
    (0.00, 0.83), (0.10, 0.765), (0.21, 0.83), (0.21, 0.85), (0.35, 0.85), (0.47, 0.78),
    (0.59, 0.83), (0.59, 0.82), (0.73, 0.82), (0.73, 0.87), (0.87, 0.80), (1.00, 0.87),
)  # fmt: skip
FAR_WINDOWS = ((0.135, 0.677), (0.175, 0.677), (0.375, 0.708), (0.605, 0.728), (0.845, 0.688),
               (0.875, 0.688))  # fmt: skip
NEAR_WINDOWS = ((0.075, 0.858), (0.125, 0.858), (0.285, 0.91), (0.455, 0.858), (0.505, 0.858),
                (0.665, 0.878), (0.855, 0.888), (0.905, 0.888))  # fmt: skip


class Sunset(QWidget):
    def __init__(self, line: str) -> None:
        super().__init__()
        self.line = line
        self.setAccessibleName(f"{NAME}，{line}")

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        sky = QLinearGradient(area.topLeft(), area.bottomLeft())
        sky.setColorAt(0, QColor(colour.skytop))
        sky.setColorAt(0.75, QColor(colour.skylow))
        painter.fillRect(area, sky)
        painter.setPen(Qt.PenStyle.NoPen)
        self._sun(painter, area)
        self._houses(painter, area)
        self._words(painter, area)
        painter.end()

    def _sun(self, painter: QPainter, area: QRectF) -> None:
        middle = QPointF(area.width() * 0.62, area.height() * 0.60)
        unit = min(area.width() * 0.095, area.height() * 0.125)
        for size, strength in ((2.72, 0.10), (2.08, 0.14), (1.52, 0.20), (1.0, 1.0)):
            glow = QColor(colour.acc)
            glow.setAlphaF(strength)
            painter.setBrush(glow)
            painter.drawEllipse(middle, unit * size, unit * size)

    def _houses(self, painter: QPainter, area: QRectF) -> None:
        wide, tall = area.width(), area.height()
        painter.setBrush(QColor(colour.far))
        for left, top, right in FAR:
            painter.drawRect(QRectF(left * wide, top * tall, (right - left) * wide + 1, tall))
        self._windows(painter, area, FAR_WINDOWS)
        painter.setBrush(QColor(colour.near))
        roof = [QPointF(x * wide, y * tall) for x, y in NEAR]
        painter.drawPolygon(QPolygonF([*roof, QPointF(wide, tall), QPointF(0, tall)]))
        self._windows(painter, area, NEAR_WINDOWS)

    def _windows(
        self, painter: QPainter, area: QRectF, places: tuple[tuple[float, float], ...]
    ) -> None:
        painter.setBrush(QColor(colour.lit))
        for x, y in places:
            spot = QRectF(x * area.width() - 4.5, y * area.height() - 5.5, 9, 11)
            painter.drawRoundedRect(spot, 2, 2)

    def _words(self, painter: QPainter, area: QRectF) -> None:
        left, top = px(48), area.height() * 0.14
        painter.setPen(QColor(colour.onpri))
        painter.setFont(font("display"))
        flag = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(left, top, area.width() - left, px(42)), flag, NAME)
        painter.setPen(QColor(colour.navm))
        painter.setFont(font("h2"))
        below = QRectF(left, top + px(46), area.width() - left - px(24), px(28))
        painter.drawText(below, flag, self.line)
