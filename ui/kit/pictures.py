"""Pictures on screen: thumbnails in a strip; taken in by file, drop and paste; looked at large."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QImageReader,
    QImageWriter,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPixmap,
    QShortcut,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from app.kit.pictures import FILE_LIMIT, JPEG, SUFFIXES, Picture, small, take_in
from app.kit.refusal import Refusal
from ui.kit import icons
from ui.kit.ask import ask
from ui.kit.buttons import Button
from ui.kit.card import ClickCard
from ui.kit.label import Elided, Label, show_if
from ui.kit.layout import Flow, HBox, Scroll, VBox, holder
from ui.kit.tokens import colour, px, scale
from ui.kit.work import Work

SIDE = 96
SHARP = 2 * SIDE  # of a thumbnail's bytes: sharp on a dense screen
FILTER = f"图片和 PDF ({' '.join(f'*{one}' for one in SUFFIXES)})"
ZOOMS = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
ABSENT = "还没有传到本机"


@dataclass(frozen=True)
class Source:
    """Something a person gave: a file, or bytes from the clipboard."""

    name: str
    path: Path | None = None
    data: bytes = b""

    def read(self) -> bytes:
        """Not more than is taken in anyway; raises `Refusal`."""
        if self.path is None:
            return self.data
        try:
            with self.path.open("rb") as file:
                return file.read(FILE_LIMIT + 1)
        except OSError:
            raise Refusal("读不出来，请看文件还在不在、U盘有没有拔掉") from None


def sources_of(mime: QMimeData | None) -> list[Source]:
    """Files that were dropped or copied, else the picture itself."""
    if mime is None:  # an empty clipboard, on some systems
        return []
    paths = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
    files = [Source(one.name, one) for one in paths if one.is_file()]
    if files or not mime.hasImage():
        return files
    image = mime.imageData()
    if not isinstance(image, QImage) or image.isNull():
        return []
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return [Source("粘贴的图片", None, bytes(buffer.data().data()))]


def pasted() -> list[Source]:
    """What the clipboard holds."""
    return sources_of(QGuiApplication.clipboard().mimeData())


def pick(parent: QWidget, title: str) -> list[Source]:
    """Files by name, several at once."""
    return [Source(one.name, one) for one in ask.open_files(parent, title, filters=FILTER)]


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


class _Face(QWidget):
    """The picture in its frame, or a sign for one that is not here."""

    def __init__(self, item: Item) -> None:
        super().__init__()
        self.item, self.picture = item, QPixmap()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        scale.scaleChanged.connect(self._rescale)

    def _rescale(self, _value: float) -> None:
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(px(SIDE), px(SIDE))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

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


class Strip(QWidget):
    """Thumbnails side by side. `given`: files that were dropped or pasted here."""

    opened = Signal(str)
    removed = Signal(str)
    given = Signal(object)

    def __init__(self, *, writable: bool = True) -> None:
        super().__init__()
        self.thumbs: list[Thumb] = []
        self.flow = Flow(self, gap=8)
        self.setAcceptDrops(writable)
        if writable:
            paste = QShortcut(QKeySequence.StandardKey.Paste, self)
            paste.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            paste.activated.connect(self.paste)

    def show_items(
        self, items: Iterable[Item], load: Callable[[str, Callable[[bytes | None], None]], object]
    ) -> None:
        """`load(key, done)` fetches the bytes of a thumbnail that is not in memory."""
        for old in self.thumbs:
            old.hide()
            self.flow.removeWidget(old)
            old.deleteLater()
        self.thumbs = [self._add(item) for item in items]
        for thumb in self.thumbs:
            held = cache.get(thumb.item.digest)
            if held is not None:
                thumb.show_picture(held)
            elif thumb.item.arrived:
                load(thumb.item.key, thumb.take_bytes)
        self.updateGeometry()

    def _add(self, item: Item) -> Thumb:
        thumb = Thumb(item)
        thumb.clicked.connect(partial(self.opened.emit, item.key))
        thumb.removed.connect(partial(self.removed.emit, item.key))
        thumb.stepped.connect(partial(self._step, thumb))
        self.flow.add(thumb)
        return thumb

    def _step(self, thumb: Thumb, by: int) -> None:
        at = self.thumbs.index(thumb) + by
        if 0 <= at < len(self.thumbs):
            self.thumbs[at].setFocus(Qt.FocusReason.TabFocusReason)

    def paste(self) -> None:
        found = pasted()
        if found:
            self.given.emit(found)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if sources_of(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.given.emit(sources_of(event.mimeData()))


# taking in ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Taken:
    """A source with what was made of it."""

    source: Source
    data: bytes
    picture: Picture
    thumb: bytes


def again(kept: Sequence[tuple[str, Picture]]) -> list[Taken]:
    """The same of pictures that were kept with a draft; for the background."""
    return [
        Taken(Source(name), one.data, one, small(one.data, one.media_type, SHARP))
        for name, one in kept
    ]


def taken(source: Source, *, paper: bool = False, portrait: bool = False) -> Taken:
    """For the background; raises `Refusal`."""
    data = source.read()
    picture = take_in(data, paper=paper, portrait=portrait)
    return Taken(source, data, picture, small(picture.data, picture.media_type, SHARP))


class Pending(QWidget):
    """Pictures that wait to be saved with a form: chosen, dropped or pasted, looked over, and
    taken away again."""

    changed = Signal()

    def __init__(self, work: Work, title: str = "照片", *, paper: bool = False) -> None:
        super().__init__()
        self.work, self.title, self.paper = work, title, paper
        self.made: list[Taken] = []
        self.under_way = 0
        self.strip = Strip()
        self.strip.given.connect(self.take)
        self.strip.removed.connect(self._remove)
        self.strip.opened.connect(self._remove_asked)
        self.add_button = Button(f"添加{title}", "soft", "s", icon="plus", does=self._pick)
        self.paste_button = Button("粘贴", "text", "s", icon="copy", does=self.strip.paste)
        self.words = Label("", "small", "bad", wrap=True)
        hint = Label("也可以把文件拖到这里，或者按 Ctrl+V", "small", "t3")
        line = HBox(gap=8)
        line.add(self.add_button, self.paste_button, hint)
        line.addStretch(1)
        VBox(self, gap=8).add(line, self.strip, self.words)
        self.setAcceptDrops(True)
        paste = QShortcut(QKeySequence.StandardKey.Paste, self)
        paste.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        paste.activated.connect(self.strip.paste)
        self._show()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.strip.dragEnterEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self.strip.dropEvent(event)

    def _pick(self) -> None:
        found = pick(self, f"选择{self.title}")
        if found:
            self.take(found)

    def take(self, sources: Sequence[Source]) -> None:
        """In the background, one after the other."""
        self.words.setText("")
        for source in sources:
            self.under_way += 1
            self.work.call(
                taken, source, paper=self.paper, done=self._arrived,
                failed=partial(self._failed, source.name),
            )  # fmt: skip
        self._show()

    def _arrived(self, made: Taken) -> None:
        self.under_way -= 1
        if all(made.picture.data != one.picture.data for one in self.made):
            self.made.append(made)
        self._show()

    def put_back(self, kept: Sequence[tuple[str, Picture]]) -> None:
        """Those of a draft, in their order."""
        if kept:
            self.under_way += 1
            self.work.call(again, kept, done=self._returned, failed=partial(self._failed, "照片"))
            self._show()

    def _returned(self, made: list[Taken]) -> None:
        self.under_way -= 1
        there = {one.picture.data for one in self.made}
        self.made += [one for one in made if one.picture.data not in there]
        self._show()

    def _failed(self, name: str, error: Exception) -> None:
        self.under_way -= 1
        why = error.message if isinstance(error, Refusal) else "打不开"
        said = self.words.text()
        self.words.setText(f"{said}\n{name}：{why}".strip())
        self._show()

    def _remove(self, key: str) -> None:
        self.made = [one for at, one in enumerate(self.made) if str(at) != key]
        self._show()

    def _remove_asked(self, key: str) -> None:
        one = self.made[int(key)]
        if ask.confirm(
            self, f"不要这张{self.title}？", one.source.name, act="不要了", danger=False
        ):
            self._remove(key)

    def _show(self) -> None:
        items = [
            Item(str(at), f"pending {hash(one.picture.data)}", one.source.name,
                 f"{len(one.picture.data) // 1024} KB", pages=one.picture.pages)
            for at, one in enumerate(self.made)
        ]  # fmt: skip
        self.strip.show_items(items, lambda key, done: done(self.made[int(key)].thumb))
        show_if(self.strip, bool(items))
        show_if(self.words, bool(self.words.text()))
        busy = f"正在整理 {self.under_way} 份…" if self.under_way else f"添加{self.title}"
        self.add_button.set_text(busy)
        self.changed.emit()


# looking ------------------------------------------------------------------------------------


class Large(QWidget):
    """One picture as large as one likes, turned as one likes."""

    zoomed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.picture, self.zoom, self.angle = QPixmap(), 0.0, 0
        self.sheet = QLabel()
        self.sheet.setAlignment(Qt.AlignmentFlag.AlignCenter)
        box = HBox()
        box.addWidget(self.sheet)
        self.scroller = Scroll(holder(box))
        self.scroller.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        VBox(self).addWidget(self.scroller, 1)

    def show_picture(self, picture: QPixmap, name: str) -> None:
        self.picture, self.zoom, self.angle = picture, 0.0, 0
        self.sheet.setAccessibleName(name)
        self.draw()

    def step(self, by: int) -> None:
        now = self.zoom or self._fitting()
        after = [one for one in ZOOMS if (one - now) * by > 0.01]
        if after:
            self.zoom = after[0] if by > 0 else after[-1]
            self.draw()

    def whole(self) -> None:
        self.zoom = 0.0
        self.draw()

    def turn(self) -> None:
        self.angle = (self.angle + 90) % 360
        self.draw()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.step(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)

    def _fitting(self) -> float:
        turned = self._turned()
        room = self.scroller.viewport().size() - QSize(px(8), px(8))
        wide = room.width() / max(1, turned.width())
        return min(1.0, max(0.05, wide), max(0.05, room.height() / max(1, turned.height())))

    def _turned(self) -> QPixmap:
        turn = QTransform().rotate(self.angle)
        return self.picture.transformed(turn) if self.angle else self.picture

    def draw(self) -> None:
        if self.picture.isNull():
            self.sheet.clear()
            return
        share, turned = self.zoom or self._fitting(), self._turned()
        self.sheet.setPixmap(
            turned.scaled(turned.size() * share, Qt.AspectRatioMode.KeepAspectRatio,
                          Qt.TransformationMode.SmoothTransformation)
        )  # fmt: skip
        self.zoomed.emit(f"{share:.0%}")


__all__ = ["JPEG", "Cache", "Item", "Large", "Pending", "Source", "Strip", "Taken", "Thumb",
           "cache", "pasted", "pick", "pixmap_of", "sources_of", "taken"]  # fmt: skip
