"""The column beside a list: fixed head and foot, the middle scrolls."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLayout, QWidget

from ui.kit.buttons import IconButton
from ui.kit.layout import HBox, Scroll, VBox, clear, holder
from ui.kit.tokens import SIDE_PANEL, px, scale

ANY = (1 << 24) - 1  # Qt's QWIDGETSIZE_MAX, which PySide6 does not name


class SidePanel(QFrame):
    """Fill `head`, `body`, `foot` (boxes); `reset()` empties all three."""

    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.spreading = False
        self.head, self.body = VBox(gap=6), VBox(gap=8)
        self.foot = VBox(gap=6, margins=(0, 6, 0, 0))
        top = HBox(gap=4)
        top.addLayout(self.head, 1)
        self.cross = IconButton("x", "关闭", does=self.close_panel)
        top.addWidget(self.cross, 0, Qt.AlignmentFlag.AlignTop)
        self.scroller = Scroll(holder(self.body))
        box = VBox(self, gap=8, margins=(16, 12, 14, 10))
        box.addLayout(top)
        box.addWidget(self.scroller, 1)
        box.addLayout(self.foot)
        self._rescale()
        scale.scaleChanged.connect(self._rescale)

    def _rescale(self, _value: float = 1.0) -> None:
        self.spread(wide=self.spreading)

    def spread(self, *, wide: bool) -> None:
        """Take all the width there is, alone in place of the list; else the column's own."""
        self.spreading = wide
        self.setMinimumWidth(px(SIDE_PANEL))
        self.setMaximumWidth(ANY if wide else px(SIDE_PANEL))

    def reset(self) -> None:
        for box in (self.head, self.body, self.foot):
            clear(box)

    def add(self, *things: QWidget | QLayout) -> None:
        self.body.add(*things)

    def close_panel(self) -> None:
        self.hide()
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_panel()
            return
        super().keyPressEvent(event)
