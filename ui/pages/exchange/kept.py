"""One dispute at a time: what was said here, what the centre has, and which is right."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QWidget

from app import exchange
from app.exchange import Kept
from app.workbench import near
from ui.kit.avatar import Avatar
from ui.kit.banner import Banner
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.context import Context
from ui.kit.dialog import Dialog
from ui.kit.inputs import RadioButton
from ui.kit.label import Label, restyle
from ui.kit.layout import Grid, HBox, VBox, clear, holder
from ui.kit.tag import Tag

WRONG = {
    "refused": "区中心没有收下这一项",
    "quarantined": "区中心把这一项放在一边，等人来看",
}


class KeptDialog(Dialog):
    """Enter decides and shows the next; nothing is lost either way."""

    def __init__(self, context: Context, items: Sequence[Kept], place: int = 0) -> None:
        super().__init__(context.window(), "核对不一致的资料", width=900)
        self.context, self.items, self.place = context, list(items), place
        self.subtitle.setVisible(True)
        self.mine, self.theirs = RadioButton("保留本机"), RadioButton("采用区中心")
        self.later = self.button("以后再说", does=self.reject)
        self.before = self.button("上一处", icon="chevron-left", does=self._before)
        self.next = self.button("确认", "primary", does=self._decide)
        self._show()

    def _show(self) -> None:
        one, count = self.items[self.place], len(self.items)
        self.subtitle.setText(f"第 {self.place + 1} / {count} 处")
        clear(self.body)
        self.mine, self.theirs = RadioButton("保留本机"), RadioButton("采用区中心")
        self.group = QButtonGroup(self)
        self.group.addButton(self.mine)
        self.group.addButton(self.theirs)
        self.add(self._head(one))
        if one.result == "conflict-kept":
            self._two(one)
        else:
            self._one(one)
        self.before.setEnabled(self.place > 0)
        more = "，看下一处" if self.place + 1 < count else ""
        self.next.set_text(f"确认{more}（Enter）" if one.result == "conflict-kept" else "知道了")
        self.next.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.isVisible():
            self.fit()

    def _head(self, one: Kept) -> QWidget:
        words = VBox(gap=2)
        words.add(Label(f"{one.name or one.noun} · {one.noun}", "strong"))
        text = "同一项资料，本机和区中心改得不一样。黄底的是不同之处，请选一个。"
        if one.result != "conflict-kept":
            text = f"{WRONG.get(one.result, '')}：{one.reason or '没有说明原因'}"
        words.add(Label(text, "body", "t2", wrap=True))
        line = HBox(gap=12)
        line.addWidget(Avatar(one.name or one.noun, 40), 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        if one.retiree_id:
            line.addWidget(Button("打开档案", "text", "s", does=self._open_person))
        return holder(line)

    def _two(self, one: Kept) -> None:
        pair = HBox(gap=12)
        mine = f"{near(one.at)} {one.who}".strip()
        decided = f"{near(one.decided_at)} 区中心" if one.decided_at else "区中心"
        values = [(each.label, each.mine) for each in one.fields]
        theirs = [(each.label, each.now) for each in one.fields]
        pair.addWidget(_side(self.mine, mine, "pri", values), 1)
        pair.addWidget(_side(self.theirs, decided, "neu", theirs), 1)
        self.body.addLayout(pair)
        self.theirs.setChecked(True)
        self.mine.setEnabled(one.open and not one.ruling)
        if one.ruling:
            self.add(Banner("ok", "区中心已经裁定", one.ruling))
        elif not one.open:
            text = "这一项由区中心定。认为不对，请打电话给区中心核对"
            self.add(Banner("info", "本站不能改这一项", text))
        else:
            text = "选“保留本机”会作为新的更正再次上报；两边的值都留在记录里，选错了可以再改。"
            self.add(Label(text, "small", "t2", wrap=True))

    def _one(self, one: Kept) -> None:
        card = Card(margins=(18, 14, 18, 14))
        card.body.addLayout(_values([(each.label, each.mine) for each in one.fields]))
        self.add(card)
        text = "本机的记录还在，没有删除。请按原因处理后重新登记。"
        self.add(Label(text, "small", "t2", wrap=True))

    def _open_person(self) -> None:
        one = self.items[self.place]
        self.reject()
        self.context.open("person", retiree_id=one.retiree_id)

    def _before(self) -> None:
        self.place = max(0, self.place - 1)
        self._show()

    def _decide(self) -> None:
        one = self.items[self.place]
        self.next.setEnabled(False)
        if self.mine.isChecked():
            self.context.work.do(exchange.insist, one.change_id, done=self._insisted)
        else:
            self.context.work.do(exchange.read, one.change_id, done=self._decided)

    def _insisted(self, sentence: str) -> None:
        self.context.toast(sentence)
        self._decided(None)

    def _decided(self, _nothing: object) -> None:
        self.next.setEnabled(True)
        self.items.pop(self.place)
        self.context.work.tell_changed(frozenset({"change"}))
        if not self.items:
            self.accept()
            return
        self.place = min(self.place, len(self.items) - 1)
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._decide()
        elif key in {Qt.Key.Key_Left, Qt.Key.Key_Right} and self.mine.isEnabled():
            (self.mine if key == Qt.Key.Key_Left else self.theirs).setChecked(True)
        else:
            super().keyPressEvent(event)


def _side(choice: RadioButton, when: str, tone: str, values: Sequence[tuple[str, str]]) -> QFrame:
    card = Card(margins=(16, 12, 16, 14))
    head = HBox(gap=8)
    head.addWidget(choice)
    head.addStretch(1)
    head.addWidget(Tag(when, tone))
    card.body.addLayout(head)
    card.body.addLayout(_values(values))

    def mark(on: bool) -> None:
        card.setProperty("st", "chosen" if on else "")
        restyle(card)

    choice.toggled.connect(mark)
    return card


def _values(values: Sequence[tuple[str, str]]) -> Grid:
    grid = Grid(gap=(12, 8))
    for line, (label, value) in enumerate(values):
        grid.addWidget(Label(label, "body", "t2"), line, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(_amber(value), line, 1)
    grid.setColumnStretch(1, 1)
    return grid


def _amber(value: str) -> QWidget:
    made = QFrame()
    made.setObjectName("banner")
    made.setProperty("tone", "warn")
    box = VBox(made, margins=(8, 4, 8, 4))
    box.addWidget(Label(value, "strong", wrap=True))
    return made


__all__ = ["KeptDialog"]
