"""The photo in the header: looked at, put in by file, drop or paste, replaced, taken away."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QShortcut,
)
from PySide6.QtWidgets import QMenu

from app import attachment, retiree
from app.kit.refusal import Refusal
from app.kit.run import Acted, acted
from app.kit.saved import Saved
from ui.kit import icons
from ui.kit.avatar import Photo
from ui.kit.context import Context
from ui.kit.pictures import Source, Taken, pasted, pick, sources_of, taken
from ui.kit.tokens import colour, px
from ui.pages.person.tab import fill, may_attach

SIDE = 320


class Portrait(Photo):
    """Enter or a click opens what one can do; a file may be dropped on it, Ctrl+V pastes."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.person: retiree.Person | None = None
        self.row: attachment.Row | None = None
        self.may = may_attach(context)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAcceptDrops(self.may)
        paste = QShortcut(QKeySequence.StandardKey.Paste, self)
        paste.setContext(Qt.ShortcutContext.WidgetShortcut)
        paste.activated.connect(self.paste)

    def show_person(self, person: retiree.Person) -> None:
        self.person = person
        fill(self.context, attachment.portrait, person.id, done=self._know)

    def _know(self, row: attachment.Row | None) -> None:
        person = self.person
        if person is None:
            return
        before, self.row = self.row, row
        what = "没有照片" if row is None else "照片" if row.arrived else "照片还没有传到本机"
        self.setAccessibleName(f"{person.name}，{what}，按回车更换")
        self.setToolTip(f"{what}，点一下更换" if self.may else what)
        self.words = "" if row is None or row.arrived else "未到本机"
        if row is None or not row.arrived:
            self.set_picture(None)
        elif before is None or before.sha256 != row.sha256 or self.picture.isNull():
            fill(self.context, attachment.face, person.id, SIDE, done=self.set_bytes)

    # acts -------------------------------------------------------------------------------

    def acts(self) -> list[tuple[str, str, str]]:
        """(words, icon, name) of what can be done now."""
        there = self.row is not None
        look = [("看大图", "eye", "look")] if there else []
        put = [("换照片…" if there else "添加照片…", "image", "choose"),
               ("粘贴照片", "copy", "paste")]  # fmt: skip
        away = [("去掉照片", "trash-2", "remove")] if there else []
        return look + (put + away if self.may else [])

    def open_menu(self) -> None:
        menu = QMenu(self)
        for words, icon, name in self.acts():
            entry = menu.addAction(icons.icon(icon, px(18), colour.t2), words)
            entry.triggered.connect(partial(self.act, name))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.mapToGlobal(QPoint(0, self.height())))

    def act(self, name: str, _checked: object = None) -> None:
        does = {"look": self.look, "choose": self.choose, "paste": self.paste,
                "remove": self.remove}  # fmt: skip
        does[name]()

    def look(self) -> None:
        if self.row is not None and self.person is not None:
            self.context.open("attachment", attachment_id=self.row.id, whose=self.person.name)

    def choose(self) -> None:
        self.take(pick(self, "选择照片")[:1])

    def paste(self) -> None:
        found = pasted()
        if found:
            self.take(found[:1])
        else:
            text = "先在别处复制一张图片，再来粘贴"
            self.context.ask.tell(self, "没有可以粘贴的图片", text, tone="info")

    def take(self, sources: Sequence[Source]) -> None:
        """Cut to 3 : 4 and saved."""
        if sources and self.may and self.person is not None:
            self.context.work.call(
                taken, sources[0], portrait=True, done=self._save, failed=self._refuse
            )

    def _refuse(self, error: Exception) -> None:
        text = error.message if isinstance(error, Refusal) else "这个文件打不开"
        self.context.ask.tell(self, "照片没有换", text, tone="warn")

    def _save(self, made: Taken) -> None:
        person = self.person
        if person is not None:
            self.context.work.do(
                acted, attachment.set_portrait, person.id, made.picture, made.source.name,
                done=partial(self._saved, f"已换上 {person.name} 的照片"),
            )  # fmt: skip

    def _saved(self, words: str, made: Acted[Saved]) -> None:
        self.context.toast(words, made.tx)

    def remove(self) -> None:
        person = self.person
        if person is not None:
            self.context.work.do(
                acted, attachment.remove_portrait, person.id,
                done=partial(self._saved, f"已去掉 {person.name} 的照片"),
            )  # fmt: skip

    # hands ------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.open_menu()
        elif event.key() == Qt.Key.Key_Delete and self.may and self.row is not None:
            self.remove()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()) and self.acts():
            self.open_menu()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if sources_of(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.take(sources_of(event.mimeData())[:1])
