"""A word on a soft ground: state and risk that travel with a name."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent

from ui.kit import icons
from ui.kit.fonts import font
from ui.kit.painted import Painted
from ui.kit.tokens import RADIUS_TAG, TAG, px, tint


def tag_width(text: str, icon: str = "") -> int:
    words = QFontMetrics(font("caption")).horizontalAdvance(text)
    return words + 2 * px(7) + (px(18) if icon else 0)


def paint_tag(painter: QPainter, area: QRectF, text: str, tone: str, icon: str = "") -> None:
    shade = tint(tone)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(shade.fill))
    painter.drawRoundedRect(area, px(RADIUS_TAG), px(RADIUS_TAG))
    left = area.left() + px(7)
    if icon:
        side = px(14)
        spot = QRectF(left, area.center().y() - side / 2, side, side)
        icons.paint(painter, spot, icon, shade.text)
        left += px(18)
    painter.setPen(QColor(shade.text))
    painter.setFont(font("caption"))
    words = QRectF(left, area.top(), area.right() - left, area.height())
    painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


class Tag(Painted):
    def __init__(self, text: str, tone: str = "neu", icon: str = "") -> None:
        super().__init__()
        self.text, self.tone, self.icon = text, tone, icon
        self.setAccessibleName(text)

    def change(self, text: str, tone: str = "neu", icon: str = "") -> None:
        self.text, self.tone, self.icon = text, tone, icon
        self.setAccessibleName(text)
        self._rescale()

    def sizeHint(self) -> QSize:
        return QSize(tag_width(self.text, self.icon), px(TAG))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_tag(painter, QRectF(self.rect()), self.text, self.tone, self.icon)
        painter.end()
