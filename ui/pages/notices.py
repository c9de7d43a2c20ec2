"""区中心通知: what the centre told its stations, newest first; at the centre they are written."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt

from app import notice, roles
from app.kit.refusal import Refusal
from app.notice import NoticeRow
from ui.kit import format as words
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.context import Context
from ui.kit.dialog import Dialog
from ui.kit.empty import EmptyState
from ui.kit.field import Field
from ui.kit.inputs import TextArea, TextBox
from ui.kit.label import Icon, Label, show_if
from ui.kit.layout import HBox, VBox, clear, holder
from ui.kit.screen import Screen

NOTHING = "区中心发来的通知会列在这里，联网或用U盘交换时一起收到。"
NOTHING_SENT = "发给各站的通知会列在这里，站点下次联系时收到。"


def page(context: Context) -> "NoticesPage":
    return NoticesPage(context)


class NoticesPage(Screen):
    has_search = True
    tables = frozenset({"notice"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.stale, self.central = True, roles.is_central(context.desk)
        central = self.central
        self.title, self.nav = ("通知", "notices") if central else ("区中心通知", "workbench")
        self.may = central and roles.may(context.desk, "notice", "write")
        self.nothing = NOTHING_SENT if central else NOTHING
        self.write = Button("发通知", "primary", icon="bell", does=self.new)
        self.column = VBox(gap=12)
        line = HBox()
        line.addStretch(1)
        line.add(self.write)
        top = holder(line)
        show_if(top, self.may)
        box = VBox(self, gap=12, margins=(24, 14, 12, 14))
        box.addWidget(top)
        box.addLayout(self.column, 1)

    def start(self) -> None:
        if self.may:
            self.write.setFocus(Qt.FocusReason.OtherFocusReason)

    def reload(self) -> None:
        self.context.work.ask(notice.notices, done=self._show)

    def _show(self, rows: Sequence[NoticeRow]) -> None:
        if rows and not self.central:
            self.context.work.do(notice.see, done=self._seen)
        clear(self.column)
        if not rows:
            self.column.addWidget(EmptyState("bell", "还没有通知", self.nothing), 1)
            return
        for one in rows:
            self.column.addWidget(self._card(one))
        self.column.addStretch(1)

    def _seen(self, new: int) -> None:
        """It is no longer to be done."""
        if new:
            self.context.work.tell_changed(frozenset({"notice"}))

    def _card(self, one: NoticeRow) -> Card:
        card = Card(margins=(18, 14, 18, 14))
        told = VBox(gap=4)
        told.add(Label(one.title, "h2", wrap=True))
        if one.body:
            told.add(Label(one.body, wrap=True))
        side = VBox(gap=4)
        side.add(Label(words.day(one.published_on), "small", "t2"))
        if self.may:
            side.add(Button("撤回…", "text", "s", does=partial(self.withdraw, one)))
        side.addStretch(1)
        line = HBox(gap=12)
        line.addWidget(Icon("bell", "pri", 20, square=40), 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(told, 1)
        line.addWidget(holder(side))
        card.body.addLayout(line)
        return card

    # acts -------------------------------------------------------------------------------

    def new(self) -> None:
        if self.may:
            NoticeDialog(self.context).open()

    def withdraw(self, one: NoticeRow) -> None:
        text = f"“{one.title}”在各站下次联系以后不再显示，内容留底"
        reason = self.context.ask.text(self, "撤回通知", "撤回的原因", text=text, act="撤回")
        if reason:
            self.context.work.do(
                notice.withdraw, one.id, reason,
                done=lambda _none: self.context.toast(f"已撤回“{one.title}”"),
            )  # fmt: skip


class NoticeDialog(Dialog):
    """One notice to all stations."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.window(), "发通知", subtitle="发给所有站点", width=640)
        self.context = context
        self.heading, self.text = TextBox(), TextArea(lines=6)
        self.heading.setMaxLength(80)
        self.fields = {
            "title": Field("标题", self.heading, required=True),
            "body": Field("正文", self.text, hint="不要写退休人员的姓名、证号和病情"),
        }
        self.add(*self.fields.values())
        self.cancel_button()
        self.go = self.button("发布（Ctrl+S）", "primary", does=self.submit, shortcut="Ctrl+S")
        self.heading.setFocus()

    def submit(self) -> None:
        for each in self.fields.values():
            each.say()
        self.go.setEnabled(False)
        self.context.work.do(
            notice.publish, self.heading.text(), self.text.toPlainText(),
            done=self._published, refused=self._refused,
        )  # fmt: skip

    def _published(self, _key: str) -> None:
        self.accept()
        self.context.toast("通知已发布，各站下次联系时收到")

    def _refused(self, refusal: Refusal) -> None:
        self.go.setEnabled(True)
        self.fields.get(refusal.field or "", self.fields["title"]).say("err", refusal.message)
        self.fit()
