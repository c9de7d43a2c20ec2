"""Work that takes a while: a bar with words, grey rows while a list is loading."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QProgressBar, QSizePolicy, QWidget

from ui.kit.buttons import Button
from ui.kit.label import Label, show_if
from ui.kit.layout import HBox, VBox
from ui.kit.tokens import ROW_TWO, colour, px


class Progress(QWidget):
    """`show_step(196, 309, "正在写入第 196 / 309 行")`; 停止 only where stopping really works."""

    stopped = Signal()

    def __init__(self, text: str = "", *, stop: str = "") -> None:
        super().__init__()
        self.text, self.bar = Label(text, "body", "t2"), QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 0)
        self.button = Button(stop, sz="s", does=self.stopped.emit)
        show_if(self.button, bool(stop))
        words = HBox(gap=8)
        words.add(self.text)
        words.addStretch(1)
        words.add(self.button)
        VBox(self, gap=6).add(words, self.bar)

    def show_step(self, done: int, total: int, text: str) -> None:
        self.bar.setRange(0, max(total, 0))
        self.bar.setValue(done)
        self.text.setText(text)
        self.setAccessibleName(text)


class Skeleton(QWidget):
    """Stands where rows will be."""

    def __init__(self, rows: int = 6) -> None:
        super().__init__()
        self.rows = rows
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("正在读取")

    def sizeHint(self) -> QSize:
        return QSize(px(200), px(ROW_TWO) * self.rows)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour.sunken))
        for row in range(self.rows):
            top = row * px(ROW_TWO) + px(17)
            for left, share in ((0.02, 0.22), (0.3, 0.28), (0.66, 0.2)):
                spot = QRectF(self.width() * left, top, self.width() * share, px(14))
                painter.drawRoundedRect(spot, px(7), px(7))
        painter.end()
