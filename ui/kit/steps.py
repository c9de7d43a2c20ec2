"""Where a wizard stands: done, current, to come; and what to do at a step."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.kit import icons
from ui.kit.fonts import advance, font
from ui.kit.label import Icon, Label
from ui.kit.layout import HBox, VBox, holder
from ui.kit.painted import Painted
from ui.kit.tokens import colour, px


class Steps(Painted):
    def __init__(self, names: Sequence[str], current: int = 0) -> None:
        super().__init__()
        self.names, self.current = tuple(names), current
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.go(current)

    def go(self, current: int) -> None:
        self.current = current
        shown = self.names[min(current, len(self.names) - 1)]
        self.setAccessibleName(f"第 {current + 1} 步，共 {len(self.names)} 步：{shown}")
        self.update()

    def _width(self, place: int) -> int:
        return px(30 + 8) + advance(self.names[place], "strong") + px(12)

    def sizeHint(self) -> QSize:
        steps = range(len(self.names))
        return QSize(sum(self._width(p) for p in steps) + px(24) * (len(steps) - 1), px(32))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        count = len(self.names)
        taken = sum(self._width(p) for p in range(count))
        gap = min(px(170), (self.width() - taken) // max(1, count - 1))
        left = 0
        for place in range(count):
            self._step(painter, left, place)
            left += self._width(place)
            if place < count - 1:
                self._line(painter, left, gap - px(12), done=place < self.current)
            left += gap
        painter.end()

    def _line(self, painter: QPainter, left: int, wide: int, *, done: bool) -> None:
        middle = self.height() // 2
        painter.setPen(QPen(QColor(colour.pri if done else colour.line2), 2))
        painter.drawLine(left, middle, left + wide, middle)

    def _step(self, painter: QPainter, left: int, place: int) -> None:
        side, now = px(28), place == self.current
        disc = QRectF(left + 1, (self.height() - side) / 2, side, side)
        done = place < self.current
        edge = colour.pri if done or now else colour.ctl
        fill = colour.pri if now else colour.pris if done else colour.surface
        painter.setPen(QPen(QColor(edge), 2))
        painter.setBrush(QColor(fill))
        painter.drawEllipse(disc)
        self._mark(painter, disc, place, done=done, now=now)
        painter.setFont(font("strong" if now else "body"))
        painter.setPen(QColor(colour.t1 if now else colour.t2))
        words = QRectF(disc.right() + px(8), 0, self.width(), self.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.names[place])

    def _mark(self, painter: QPainter, disc: QRectF, place: int, *, done: bool, now: bool) -> None:
        inset = disc.width() * 0.22
        if done:
            spot = disc.adjusted(inset, inset, -inset, -inset)
            icons.paint(painter, spot, "check", colour.prit)
            return
        painter.setFont(font("strong"))
        painter.setPen(QColor(colour.onpri if now else colour.t2))
        painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, str(place + 1))


def what_to_do(icon: str, title: str, text: str) -> QWidget:
    """One thing to do, with what it is for."""
    words = VBox(gap=1)
    words.add(Label(title, "strong", wrap=True), Label(text, "body", "t2", wrap=True))
    line = HBox(gap=12)
    line.addWidget(Icon(icon, "pri", 20, square=40))
    line.addLayout(words, 1)
    return holder(line)
