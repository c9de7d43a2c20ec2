"""照片与附件: a card of thumbnails on each tab, those that belong there."""

from collections.abc import Callable, Sequence

from PySide6.QtGui import QDragEnterEvent, QDropEvent

from app import attachment, retiree
from app.attachment import Row
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.context import Context
from ui.kit.label import Label, show_if
from ui.kit.pictures import SHARP, Item, Source, Strip, pick
from ui.pages.person.tab import fill, may_attach

Owner = tuple[str, str, str]


class Attachments(Card):
    """`wanted` chooses what belongs here; `owners` are the records one may hang something on."""

    def __init__(
        self,
        context: Context,
        person: retiree.Person,
        title: str,
        wanted: Callable[[Row], bool],
        *,
        kind: str = "",
        owners: Sequence[Owner] = (),
        nothing: str = "还没有照片和附件",
    ) -> None:
        self.may = may_attach(context)
        plus = Button("添加", "text", "s", icon="plus", does=self._pick)
        super().__init__(title, actions=(plus,) if self.may else ())
        self.context, self.person, self.wanted = context, person, wanted
        self.kind, self.owners = kind, owners
        self.heading = title
        self.rows: list[Row] = []
        self.strip = Strip(writable=self.may)
        self.strip.opened.connect(self._open)
        self.strip.given.connect(self._add)
        self.strip.removed.connect(self._open)
        self.empty = Label("", "body", "t3", wrap=True)
        self.nothing = nothing
        self.add(self.strip, self.empty)
        show_if(self.strip, False)
        fill(context, attachment.attachments, person.id, done=self._show)

    def _show(self, rows: Sequence[Row]) -> None:
        self.rows = [row for row in rows if self.wanted(row)]
        self.set_title(self.heading, f"{len(self.rows)} 份" if self.rows else "")
        show_if(self.strip, bool(self.rows))
        show_if(self.empty, not self.rows)
        hint = "。把文件拖到这里，或点“添加”" if self.may else ""
        self.empty.setText(self.nothing + hint)
        self.strip.show_items([_item(row) for row in self.rows], self._load)
        self.setAcceptDrops(self.may)

    def _load(self, key: str, done: Callable[[bytes | None], None]) -> None:
        fill(self.context, attachment.thumbnail, key, SHARP, done=done)

    def _open(self, key: str) -> None:
        among = [row.id for row in self.rows]
        self.context.open("attachment", attachment_id=key, among=among, whose=self.person.name)

    def _pick(self) -> None:
        found = pick(self, "选择照片和附件")
        if found:
            self._add(found)

    def _add(self, sources: Sequence[Source]) -> None:
        self.context.open(
            "attach", retiree_id=self.person.id, sources=sources, kind=self.kind,
            owners=self.owners,
        )  # fmt: skip

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.strip.dragEnterEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self.strip.dropEvent(event)


def _item(row: Row) -> Item:
    when = str(row.taken_on) if row.taken_on else ""
    pages = f"{row.pages} 页" if row.pages > 1 else ""
    note = " · ".join(part for part in (pages, when) if part)
    note = note or (row.kind_name if row.caption else f"{row.added_on} 存")
    return Item(row.id, row.sha256, row.title, note, row.arrived, row.pages)
