"""One thumbnail, and those seen lately in memory."""

from collections import OrderedDict
from typing import NamedTuple

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImageReader,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy

from ui.kit import icons
from ui.kit.card import ClickCard
from ui.kit.label import Elided
from ui.kit.layout import VBox
from ui.kit.painted import Painted
from ui.kit.tokens import colour, px

SIDE = 96
SHARP = 2 * SIDE  # of a thumbnail's bytes: sharp on a dense screen
ABSENT = "还没有传到本机"


class Cache:
    """Thumbnails in memory by the digest of their content; the least used go first."""

    def __init__(self, most: int = 400) -> None:
        self.most = most
        self.held: OrderedDict[str, QPixmap] = OrderedDict()

    def get(self, digest: str) -> QPixmap | None:
        found = self.held.get(digest)
        if found is not None:
            self.held.move_to_end(digest)
        return found

    def put(self, digest: str, picture: QPixmap) -> None:
        self.held[digest] = picture
        while len(self.held) > self.most:
            self.held.popitem(last=False)

    def clear(self) -> None:
        """Whoever sits down next begins with nothing."""
        self.held.clear()


cache = Cache()


def pixmap_of(data: bytes | None) -> QPixmap:
    """Our own JPEG; null where there is none."""
    if not data:
        return QPixmap()
    buffer = QBuffer()
    buffer.setData(data)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    image = QImageReader(buffer, QByteArray(b"jpeg")).read()
    return QPixmap() if image.isNull() else QPixmap.fromImage(image)


class Item(NamedTuple):
    """One thumbnail of a strip."""

    key: str
    digest: str
    title: str
    note: str = ""
    arrived: bool = True
    pages: int = 1


class _Face(Painted):
    """The picture in its frame, or a sign for one that is not here."""

    def __init__(self, item: Item) -> None:
        super().__init__()
        self.item, self.picture = item, QPixmap()

    def sizeHint(self) -> QSize:
        return QSize(px(SIDE), px(SIDE))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(self.rect())
        painter.fillRect(area, QColor(colour.sunken))
        if self.picture.isNull():
            inset = area.width() * 0.3
            sign = "image" if self.item.arrived else "cloud-off"
            icons.paint(painter, area.adjusted(inset, inset, -inset, -inset), sign, colour.ctl)
        else:
            size = self.picture.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            at = (area.width() - size.width()) / 2, (area.height() - size.height()) / 2
            painter.drawPixmap(QRectF(*at, size.width(), size.height()), self.picture,
                               QRectF(self.picture.rect()))  # fmt: skip
        painter.end()


class Thumb(ClickCard):
    """One picture with its words; Enter opens it, Delete takes it away."""

    removed = Signal()
    stepped = Signal(int)

    def __init__(self, item: Item) -> None:
        super().__init__()
        self.item, self.face = item, _Face(item)
        box = VBox(self, gap=3, margins=(8, 8, 8, 6))
        box.addWidget(self.face)
        note = item.note if item.arrived else ABSENT
        title = Elided("", item.title, "small")
        title.setToolTip(item.title)
        under = Elided("", note, "caption", "t3" if item.arrived else "warn")
        for words in (title, under):
            words.setFixedWidth(px(SIDE))
            box.addWidget(words)
        self.setToolTip("" if item.arrived else "内容还没有传到本机，联网交换后会自己补上")
        pages = f"，共 {item.pages} 页" if item.pages > 1 else ""
        self.setAccessibleName(f"{item.title}，{note}{pages}")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_picture(self, picture: QPixmap) -> None:
        self.face.picture = picture
        self.face.update()

    def take_bytes(self, data: bytes | None) -> None:
        picture = pixmap_of(data)
        if not picture.isNull():
            cache.put(self.item.digest, picture)
            self.show_picture(picture)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        elif event.key() in steps:
            self.stepped.emit(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)
