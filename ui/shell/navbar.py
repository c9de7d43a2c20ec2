"""The side bar: where to go, what is waiting there, and whether the data is safe."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QSizePolicy, QWidget

from ui.kit import icons
from ui.kit.brand import LINE, NAME, Mark
from ui.kit.buttons import PaintedButton
from ui.kit.fonts import advance, font
from ui.kit.label import Label
from ui.kit.layout import HBox, VBox, rule
from ui.kit.tokens import (
    NAV_FULL,
    NAV_ITEM,
    NAV_ITEM_MIN,
    NAV_RAIL,
    RADIUS_CONTROL,
    Room,
    colour,
    px,
    scale,
)  # fmt: skip
from ui.shell.catalogue import Entry

CENTRE = Qt.AlignmentFlag.AlignCenter


class NavItem(PaintedButton):
    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self.entry, self.count, self.rail = entry, 0, False
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(entry.text)

    def show_count(self, count: int) -> None:
        self.count = count
        self.setAccessibleName(f"{self.entry.text}，{count} 件待办" if count else self.entry.text)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(NAV_RAIL - 12), px(NAV_ITEM_MIN))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(px(8), 2, -px(8), -2)
        self._ground(painter, area)
        if self.rail:
            self._narrow(painter, area)
        else:
            self._wide(painter, area)
        painter.end()

    def _ground(self, painter: QPainter, area: QRectF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        on = self.isChecked()
        if on or self.underMouse() or self.isDown():
            painter.setBrush(QColor(colour.navs if on else colour.navh))
            painter.drawRoundedRect(area, px(RADIUS_CONTROL), px(RADIUS_CONTROL))
        if on:
            painter.setBrush(QColor(colour.acc))
            pill = QRectF(area.left(), area.center().y() - px(10), px(4), px(20))
            painter.drawRoundedRect(pill, px(2), px(2))

    def _ink(self) -> str:
        return colour.onpri if self.isChecked() else colour.navt

    def _write(self, painter: QPainter, area: QRectF, role: str, align: Qt.AlignmentFlag) -> None:
        letters = font(role)
        letters.setBold(self.isChecked())
        painter.setFont(letters)
        painter.setPen(QColor(self._ink()))
        painter.drawText(area, align, self.entry.text)

    def _wide(self, painter: QPainter, area: QRectF) -> None:
        side = px(20)
        spot = QRectF(area.left() + px(14), area.center().y() - side / 2, side, side)
        icons.paint(painter, spot, self.entry.icon, self._ink())
        words = area.adjusted(px(46), 0, 0, 0)
        self._write(painter, words, "body", Qt.AlignmentFlag.AlignVCenter)
        if self.count:
            self._badge(painter, area)

    def _badge(self, painter: QPainter, area: QRectF) -> None:
        words = "999+" if self.count > 999 else str(self.count)
        wide, tall = max(px(24), advance(words, "caption") + px(14)), px(20)
        pill = QRectF(area.right() - wide - px(8), area.center().y() - tall / 2, wide, tall)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour.acc))
        painter.drawRoundedRect(pill, tall / 2, tall / 2)
        letters = font("caption")
        letters.setBold(True)
        painter.setFont(letters)
        painter.setPen(QColor(colour.onacc))
        painter.drawText(pill, CENTRE, words)

    def _narrow(self, painter: QPainter, area: QRectF) -> None:
        """Below full height the words stay and the picture goes."""
        words_only = self.height() < px(NAV_ITEM)
        if words_only:
            self._write(painter, area, "body", CENTRE)
        else:
            side = px(20)
            top = area.center().y() - px(20)
            spot = QRectF(area.center().x() - side / 2, top, side, side)
            icons.paint(painter, spot, self.entry.icon, self._ink())
            words = QRectF(area.left(), top + px(20), area.width(), px(20))
            self._write(painter, words, "caption", CENTRE)
        if self.count:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colour.acc))
            painter.drawEllipse(QRectF(area.right() - px(7), area.top() + px(1), px(8), px(8)))


class SafeBlock(PaintedButton):
    """已存本机 and 待上报 are two facts, always shown apart. A click opens 数据交换."""

    def __init__(self) -> None:
        super().__init__()
        self.saved, self.waiting = "已存本机", "没有待上报"
        self.waiting_icon, self.rail = "cloud-check", False
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.say()
        scale.scaleChanged.connect(self._rescale)

    def say(
        self, saved: str = "", waiting: int = 0, *, offline: bool = False, days: int = 0
    ) -> None:
        """saved: the time of the last save, `14:32`; the oldest of what waits is so many ``days``
        old, which is told with or without a line (R67)."""
        self.saved = f"已存本机 {saved}".strip()
        if waiting:
            self.waiting = f"离线中 {waiting} 条" if offline else f"待上报 {waiting} 条"
            self.waiting += f"·{days} 天" if days else ""
            self.waiting_icon = "cloud-off" if offline else "cloud-upload"
        else:
            self.waiting = "没有待上报 · 离线" if offline else "没有待上报"
            self.waiting_icon = "cloud-check"
        self.setAccessibleName(f"{self.saved}，{self.waiting}，按回车打开数据交换")
        self.update()

    def _rescale(self, _value: float) -> None:
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(px(60), px(58))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._line(painter, 0, "hard-drive-download", self.saved, colour.navt)
        tone = colour.acc if self.waiting.startswith("离线") else colour.navm
        self._line(painter, 1, self.waiting_icon, self.waiting, tone)
        painter.end()

    def room(self) -> int:
        """So wide may the words be."""
        return self.width() - px(18) - px(22)

    def _line(self, painter: QPainter, place: int, icon: str, words: str, tone: str) -> None:
        tall, left = px(23), px(18)
        top = px(6) + place * tall
        side = px(16)
        mark = colour.acc if tone == colour.acc else colour.navok
        icons.paint(painter, QRectF(left, top + (tall - side) / 2, side, side), icon, mark)
        painter.setFont(font("caption"))
        painter.setPen(QColor(tone))
        area = QRectF(self.width() - self.room(), top, self.room(), tall)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, words)


class _Column(QWidget):
    """Shares the height among the items; never asks the window to be taller."""

    def __init__(self, items: Sequence[NavItem]) -> None:
        super().__init__()
        self.items = tuple(items)
        for item in items:
            item.setParent(self)

    def minimumSizeHint(self) -> QSize:
        return QSize(px(60), px(60))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()

    def arrange(self) -> None:
        each = min(px(NAV_ITEM), self.height() // max(1, len(self.items)))
        for place, item in enumerate(self.items):
            item.setGeometry(0, place * each, self.width(), each)
            item.update()


class NavBar(QFrame):
    """188 wide; on narrow windows a rail of 84."""

    chosen = Signal(str)
    safe_clicked = Signal()

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__()
        self.setObjectName("nav")
        self.rail = self.bare = False
        self.group = QButtonGroup(self)
        self.group.setExclusive(True)
        self.items = {entry.key: self._item(entry) for entry in entries}
        self.safe, self.line = SafeBlock(), rule("navline")
        self.safe.clicked.connect(self.safe_clicked)
        box = VBox(self, margins=(0, 12, 0, 8))
        box.addWidget(self._brand())
        box.addSpacing(px(4))
        self.column = _Column(list(self.items.values()))
        box.addWidget(self.column, 1)
        inset = HBox(margins=(14, 0, 14, 0))
        inset.addWidget(self.line)
        box.addLayout(inset)
        box.addWidget(self.safe)
        self.fit("full")
        scale.scaleChanged.connect(self._rescale)

    def _brand(self) -> QWidget:
        self.brand = QWidget()
        self.names = QWidget()
        words = VBox(self.names)
        words.add(Label(NAME, "h2", "onpri"), Label(LINE, "caption", "navm"))
        line = HBox(self.brand, gap=10, margins=(16, 2, 8, 2))
        line.add(Mark(36), self.names)
        self.push = line
        line.addStretch(1)
        return self.brand

    def _item(self, entry: Entry) -> NavItem:
        item = NavItem(entry)
        item.clicked.connect(lambda _checked=False: self.chosen.emit(entry.key))
        self.group.addButton(item)
        return item

    def show_safe(self, wanted: bool) -> None:
        """Where nothing is sent on, there is nothing to say of it."""
        self.bare = not wanted
        self._place_safe()

    def _place_safe(self) -> None:
        for each in (self.safe, self.line):
            each.setVisible(not self.rail and not self.bare)

    def fit(self, room: Room) -> None:
        self.rail = room in {"rail", "small"}
        self.names.setVisible(not self.rail)
        self._place_safe()
        self.push.margins_at_one = (24, 2, 8, 2) if self.rail else (16, 2, 8, 2)
        self.push.rescale()
        for item in self.items.values():
            item.rail = self.rail
        self._rescale()

    def _rescale(self, _value: float = 1.0) -> None:
        self.setFixedWidth(px(NAV_RAIL if self.rail else NAV_FULL))

        self.column.arrange()

    def show_current(self, key: str) -> None:
        if key in self.items:
            self.items[key].setChecked(True)

    def show_badge(self, key: str, count: int) -> None:
        for item in self.items.values():
            if item.entry.badge == key:
                item.show_count(count)
