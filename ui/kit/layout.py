"""Boxes whose gaps follow the text size, and a row that wraps."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QGridLayout,
    QLayout,
    QLayoutItem,
    QScrollArea,
    QSizePolicy,
    QWidget,
)  # fmt: skip

from ui.kit.tokens import GUTTER, px, scale

Margins = tuple[int, int, int, int]
NONE: Margins = (0, 0, 0, 0)


class Box(QBoxLayout):
    def __init__(
        self, direction: QBoxLayout.Direction, gap: int, margins: Margins, parent: QWidget | None
    ) -> None:
        super().__init__(direction)
        self.gap, self.margins_at_one = gap, margins
        self.rescale()
        scale.scaleChanged.connect(self.rescale)
        if parent is not None:
            parent.setLayout(self)

    def rescale(self, _value: float = 1.0) -> None:
        left, top, right, bottom = self.margins_at_one
        self.setContentsMargins(px(left), px(top), px(right), px(bottom))
        self.setSpacing(px(self.gap))

    def add(self, *things: QWidget | QLayout, stretch: int = 0) -> None:
        for thing in things:
            if isinstance(thing, QWidget):
                self.addWidget(thing, stretch)
            else:
                self.addLayout(thing, stretch)


class VBox(Box):
    def __init__(
        self, parent: QWidget | None = None, *, gap: int = 0, margins: Margins = NONE
    ) -> None:
        super().__init__(QBoxLayout.Direction.TopToBottom, gap, margins, parent)


class HBox(Box):
    def __init__(
        self, parent: QWidget | None = None, *, gap: int = 0, margins: Margins = NONE
    ) -> None:
        super().__init__(QBoxLayout.Direction.LeftToRight, gap, margins, parent)


class Grid(QGridLayout):
    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        gap: tuple[int, int] = (0, 0),
        margins: Margins = NONE,
    ) -> None:
        super().__init__()
        self.gap, self.margins_at_one = gap, margins
        self.rescale()
        scale.scaleChanged.connect(self.rescale)
        if parent is not None:
            parent.setLayout(self)

    def rescale(self, _value: float = 1.0) -> None:
        left, top, right, bottom = self.margins_at_one
        self.setContentsMargins(px(left), px(top), px(right), px(bottom))
        self.setHorizontalSpacing(px(self.gap[0]))
        self.setVerticalSpacing(px(self.gap[1]))


class Flow(QLayout):
    """Left to right, then the next line. A row of chips or tags that never hides one."""

    def __init__(self, parent: QWidget | None = None, *, gap: int = 8, lines: int = 8) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self.gap, self.lines = gap, lines
        self.setContentsMargins(0, 0, 0, 0)
        scale.scaleChanged.connect(self._rescale)
        if parent is not None:
            parent.setLayout(self)

    def _rescale(self, _value: float = 1.0) -> None:
        self.invalidate()

    def add(self, *widgets: QWidget) -> None:
        for widget in widgets:
            self.addWidget(widget)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), really=False)

    def setGeometry(self, area: QRect) -> None:
        super().setGeometry(area)
        self._place(area, really=True)

    def sizeHint(self) -> QSize:
        sizes = [item.sizeHint() for item in self._shown()]
        wide = sum(s.width() for s in sizes) + px(self.gap) * max(0, len(sizes) - 1)
        return QSize(wide, max((s.height() for s in sizes), default=0))

    def minimumSize(self) -> QSize:
        sizes = [item.minimumSize() for item in self._shown()]
        return QSize(
            max((s.width() for s in sizes), default=0), max((s.height() for s in sizes), default=0)
        )

    def _shown(self) -> Iterable[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _place(self, area: QRect, *, really: bool) -> int:
        x, y, tallest, gap = area.x(), area.y(), 0, px(self.gap)
        for item in self._shown():
            size = item.sizeHint()
            if x > area.x() and x + size.width() > area.right() + 1:
                x, y, tallest = area.x(), y + tallest + px(self.lines), 0
            if really:
                item.setGeometry(QRect(QPoint(x, y), size))
            x, tallest = x + size.width() + gap, max(tallest, size.height())
        return y + tallest - area.y()


def row(*things: QWidget | None, gap: int = 8) -> HBox:
    """A line of widgets; None is the elastic space between them."""
    made = HBox(gap=gap)
    for thing in things:
        if thing is None:
            made.addStretch(1)
        else:
            made.addWidget(thing)
    return made


def column(*things: QWidget | None, gap: int = 8) -> VBox:
    made = VBox(gap=gap)
    for thing in things:
        if thing is None:
            made.addStretch(1)
        else:
            made.addWidget(thing)
    return made


def holder(layout: QLayout, name: str = "") -> QWidget:
    made = QWidget()
    made.setObjectName(name)
    made.setLayout(layout)
    return made


def rule(name: str = "rule") -> QFrame:
    made = QFrame()
    made.setObjectName(name)
    return made


def clear(layout: QLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if widget := item.widget():
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()
        elif inner := item.layout():
            clear(inner)
            inner.deleteLater()


class Scroll(QScrollArea):
    """Scrolls downwards only; the gutter is kept free so nothing jumps when the bar appears."""

    def __init__(self, content: QWidget | QLayout, *, gutter: int = GUTTER) -> None:
        super().__init__()
        inner = content if isinstance(content, QWidget) else holder(content)
        inner.setObjectName(inner.objectName() or "scrolled")
        self.gutter, self.settling = gutter, False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setWidget(inner)
        self.verticalScrollBar().rangeChanged.connect(self._keep_gutter)
        scale.scaleChanged.connect(self._keep_gutter)
        self._keep_gutter()

    def _keep_gutter(self, *_range: float) -> None:
        bar = self.verticalScrollBar()
        shown = bar.maximum() > bar.minimum()
        wanted = px(self.gutter) - (px(8) if shown else 0)
        if self.settling or self.viewportMargins().right() == wanted:
            return
        self.settling = True  # text that wraps anew may need the bar again: once is enough
        self.setViewportMargins(0, 0, wanted, 0)
        self.settling = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Content that needs less room than before: whoever holds us has to ask again."""
        if event.type() == QEvent.Type.LayoutRequest and watched is self.widget():
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        """Small: it takes what is left, and never makes what holds it scroll too."""
        return QSize(super().sizeHint().width(), px(60))

    def minimumSizeHint(self) -> QSize:
        inner = self.widget()
        wide = inner.minimumSizeHint().width() if inner is not None else 0
        return QSize(wide + px(self.gutter), px(60))


def scroll_to(widget: QWidget, *, top: bool = False) -> None:
    """Into sight in the area it scrolls in; with `top` to its upper edge."""
    above = widget.parentWidget()
    while above is not None and not isinstance(above, QScrollArea):
        above = above.parentWidget()
    inner = above.widget() if above is not None else None
    if above is None or inner is None:
        return
    if top:
        spot = widget.mapTo(inner, widget.rect().topLeft())
        above.verticalScrollBar().setValue(max(0, spot.y() - 8))
    else:
        above.ensureWidgetVisible(widget, 0, 24)
