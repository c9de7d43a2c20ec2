"""Pictures that go along with a form and are written when it is."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import QWidget

from app.kit.pictures import Picture
from app.kit.refusal import Refusal
from ui.kit.ask import ask
from ui.kit.buttons import Button
from ui.kit.label import Label, show_if
from ui.kit.layout import HBox, VBox, scroll_to
from ui.kit.pictures.sources import Source, Taken, again, pick, taken
from ui.kit.pictures.strip import Strip
from ui.kit.pictures.thumbs import Item
from ui.kit.work import Work


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
        self._show(look=True)

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
        self._show(look=True)

    def _remove(self, key: str) -> None:
        self.made = [one for at, one in enumerate(self.made) if str(at) != key]
        self._show()

    def _remove_asked(self, key: str) -> None:
        one = self.made[int(key)]
        if ask.confirm(
            self, f"不要这张{self.title}？", one.source.name, act="不要了", danger=False
        ):
            self._remove(key)

    def _show(self, *, look: bool = False) -> None:
        """`look`: what came of it stands below, where a form may have ended."""
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
        if look:
            QTimer.singleShot(0, self, lambda: scroll_to(self))
