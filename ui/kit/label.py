"""Text with a role from the type scale, and icons standing alone."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ui.kit import icons
from ui.kit.tokens import colour, px, scale, tint


class Label(QLabel):
    """role: see tokens.TYPE; tone: t2, t3, prit, or a tone of tokens.tint."""

    def __init__(
        self, text: str = "", role: str = "body", tone: str = "", *, wrap: bool = False
    ) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setProperty("tone", tone)
        if wrap:
            self.setWordWrap(True)
            policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)

    def set_tone(self, tone: str) -> None:
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            restyle(self)


def restyle(widget: QWidget) -> None:
    """After a dynamic property changed: the sheet is read again for this one widget."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.updateGeometry()
    widget.update()


class Icon(QWidget):
    """An icon, or with `square` an icon on a soft square of its tone."""

    def __init__(
        self, name: str, tone: str = "t2", size: int = 18, *, square: int = 0, radius: int = 8
    ) -> None:
        super().__init__()
        self.name, self.tone, self.design, self.square, self.radius = (
            name, tone, size, square, radius
        )  # fmt: skip
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        scale.scaleChanged.connect(self._rescale)

    def change(self, name: str, tone: str) -> None:
        self.name, self.tone = name, tone
        self.update()

    def _rescale(self, _value: float) -> None:
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        side = px(self.square or self.design)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _ink(self) -> str:
        plain = self.tone != "pri" and hasattr(colour, self.tone)
        return str(getattr(colour, self.tone)) if plain else tint(self.tone).text

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        if self.square:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tint(self.tone).fill))
            painter.drawRoundedRect(area, px(self.radius), px(self.radius))
        gap = (area.width() - px(self.design)) / 2
        icons.paint(painter, area.adjusted(gap, gap, -gap, -gap), self.name, self._ink())
        painter.end()
