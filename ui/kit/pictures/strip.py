"""Thumbnails side by side, where files can be dropped and pasted."""

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import QWidget

from ui.kit.layout import Flow
from ui.kit.pictures.sources import pasted, sources_of
from ui.kit.pictures.thumbs import Item, Thumb, cache


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
