"""区中心通知: what the centre told its stations, newest first."""

from collections.abc import Sequence

from PySide6.QtCore import Qt

from app import notice
from app.notice import NoticeRow
from ui.kit import format as words
from ui.kit.card import Card
from ui.kit.context import Context
from ui.kit.empty import EmptyState
from ui.kit.label import Icon, Label
from ui.kit.layout import HBox, VBox, clear
from ui.kit.screen import Screen

NOTHING = "区中心发来的通知会列在这里，联网或用U盘交换时一起收到。"


def page(context: Context) -> "NoticesPage":
    return NoticesPage(context)


class NoticesPage(Screen):
    title, nav = "区中心通知", "workbench"
    has_search = True
    tables = frozenset({"notice"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.stale = True
        self.column = VBox(self, gap=12, margins=(24, 14, 12, 14))

    def reload(self) -> None:
        self.context.work.ask(notice.notices, done=self._show)

    def _show(self, rows: Sequence[NoticeRow]) -> None:
        clear(self.column)
        if not rows:
            self.column.addWidget(EmptyState("bell", "还没有通知", NOTHING), 1)
            return
        for one in rows:
            self.column.addWidget(_card(one))
        self.column.addStretch(1)


def _card(one: NoticeRow) -> Card:
    card = Card(margins=(18, 14, 18, 14))
    told = VBox(gap=4)
    told.add(Label(one.title, "h2", wrap=True))
    if one.body:
        told.add(Label(one.body, wrap=True))
    line = HBox(gap=12)
    line.addWidget(Icon("bell", "pri", 20, square=40), 0, Qt.AlignmentFlag.AlignTop)
    line.addLayout(told, 1)
    line.addWidget(Label(words.day(one.published_on), "small", "t2"), 0, Qt.AlignmentFlag.AlignTop)
    card.body.addLayout(line)
    return card
