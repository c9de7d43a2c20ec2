"""One dispute at a time: what was said here, what the centre has, and which is right."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QWidget

from app import exchange
from app.clock_off import ClockOff
from app.exchange import Kept
from app.kit.moments import near
from app.kit.refusal import Refusal
from models.entities import BY_NAME
from models.exchange import CASE
from models.kit.base import facts
from models.kit.validate import is_empty
from models.retiree import Retiree
from ui.kit.avatar import Avatar
from ui.kit.banner import Banner, amber
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.context import Context
from ui.kit.dialog import Dialog
from ui.kit.field import Field
from ui.kit.form import Form, Group, Item
from ui.kit.inputs import RadioButton, TextBox
from ui.kit.label import Label, restyle
from ui.kit.layout import Grid, HBox, VBox, clear, holder
from ui.kit.tag import Tag

SIDES = frozenset({Qt.Key.Key_Left, Qt.Key.Key_Right})
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
        self.another = Another(one)
        self.group = QButtonGroup(self)
        for each in (self.mine, self.theirs, self.another.choice):
            self.group.addButton(each)
        self.add(self._head(one))
        if one.has_sides:
            self._two(one)
        else:
            self._one(one)
        self.before.setEnabled(self.place > 0)
        more = "，看下一处" if self.place + 1 < count else ""
        is_chosen = one.has_sides and one.result != CASE
        self.next.set_text(f"确认{more}（Enter）" if is_chosen else "知道了")
        self.next.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.isVisible():
            self.fit()

    def _head(self, one: Kept) -> QWidget:
        words = VBox(gap=2)
        noun = one.noun if one.name and one.entity != Retiree.__tablename__ else ""
        title = HBox(gap=8)
        title.add(Label(one.name or one.noun, "strong"))
        title.addWidget(Label(" · ".join(filter(None, (one.brief, noun))), "body", "t2"), 1)
        words.addLayout(title)
        text = "同一项资料，本机和区中心改得不一样。黄底的是不同之处，请选一个。"
        if one.ruling:
            text = "区中心核对以后已经裁定，现在按裁定的算。"
        elif one.result == CASE:
            text = (
                "这一项要由人来定，区中心裁定以前保持原来的值。您填的没有丢，整次操作都留着等裁定。"
            )
        elif not one.has_sides:
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
        pair.addWidget(_side(self.mine, mine, "pri", _values(values, one.ground), one.clock), 1)
        pair.addWidget(_side(self.theirs, decided, "neu", _values(theirs, one.their_ground)), 1)
        self.body.addLayout(pair)
        may = one.open and not one.ruling
        self.mine.setEnabled(may)
        (self.mine if may else self.theirs).setChecked(True)
        if one.withdrawn:
            self.add(Banner("warn", one.withdrawn, "现在的值也跟着改了回去"))
        if one.ruling:
            self.add(Banner("ok", "区中心已经裁定", one.ruling))
        elif one.result == CASE:
            also = "、".join(one.also)
            more = f"同一次操作里还填了：{also}。这些也一起等裁定" if also else ""
            self.add(Banner("info", "等区中心裁定，不用再填一遍", more))
        elif not one.open:
            text = "这一项由区中心定。认为不对，请打电话给区中心核对"
            self.add(Banner("info", "本站不能改这一项", text))
        else:
            if self.another.form.items:
                self.add(self.another)
            self.another.choice.toggled.connect(lambda _on: self.fit())
            text = "自己定的值会作为新的更正再次上报；两边的值都留在记录里，选错了可以再改。"
            self.add(Label(text, "small", "t2", wrap=True))

    def _one(self, one: Kept) -> None:
        card = Card(margins=(18, 14, 18, 14))
        card.body.addLayout(_values([(each.label, each.mine) for each in one.fields]))
        if one.clock is not None:
            card.add(Label(str(one.clock), "small", "warn", wrap=True))
        if one.also:
            card.add(Label("同一次操作里还填了，一起没有收下：", "small", "t2"))
            card.add(Label("\n".join(one.also), wrap=True))
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
        one, work = self.items[self.place], self.context.work
        if self.another.choice.isChecked():
            said = self.another.said()
            if said is None:
                return
            self.next.setEnabled(False)
            work.do(exchange.settle, one.change_id, *said, done=self._told, refused=self._refused)
            return
        self.next.setEnabled(False)
        if self.mine.isChecked():
            work.do(exchange.insist, one.change_id, done=self._told)
        else:
            work.do(exchange.read, one.change_id, done=self._decided)

    def _refused(self, refusal: Refusal) -> None:
        self.next.setEnabled(True)
        self.another.show_refusal(refusal)

    def _told(self, sentence: str) -> None:
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
        elif key in SIDES and self.mine.isEnabled() and not self.another.choice.isChecked():
            (self.mine if key == Qt.Key.Key_Left else self.theirs).setChecked(True)
        else:
            super().keyPressEvent(event)


class Another(Card):
    """Neither side is right: other values, with what they rest on."""

    def __init__(self, one: Kept) -> None:
        super().__init__(margins=(16, 12, 16, 14))
        self.choice = RadioButton("都不对，另填")
        entity = BY_NAME[one.entity]
        known = facts(entity)  # gone or not: there is nothing third
        items = tuple(
            Item(getattr(entity, each.name), required=False)
            for each in one.fields
            if each.name in known
        )
        self.form = Form((Group("", items),))
        self.basis = TextBox(hint="如 身份证原件、本人来站核对")
        self.ground = Field("依据", self.basis, required=True)
        self.asked = holder(self._column())
        self.asked.hide()
        self.add(self.choice, self.asked)
        self.choice.toggled.connect(self._toggled)

    def _column(self) -> VBox:
        box = VBox(gap=10)
        box.add(self.form, self.ground)
        return box

    def _toggled(self, on: bool) -> None:
        self.asked.setVisible(on)
        self.setProperty("st", "chosen" if on else "")
        restyle(self)
        if on:
            self.form.focus_start()

    def said(self) -> tuple[dict[str, Any], str] | None:
        """The values typed and their ground; None where something is wrong, which is shown."""
        self.form.calm()
        self.ground.say()
        values = {name: one for name, one in self.form.values().items() if not is_empty(one)}
        problems = {name: one for name, one in self.form.problems().items() if name in values}
        for name, problem in problems.items():
            self.form.show_problem(name, problem)
        if problems:
            self.form.go_to(next(iter(problems)))
            return None
        return values, self.basis.text().strip()

    def show_refusal(self, refusal: Refusal) -> None:
        """Beside the field it is about."""
        if refusal.field is not None and refusal.field in self.form.editors:
            self.form.say(refusal.field, "err", refusal.message)
        else:
            self.ground.say("err", refusal.message)


def _side(
    choice: RadioButton, when: str, tone: str, values: Grid, clock: ClockOff | None = None
) -> QFrame:
    card = Card(margins=(16, 12, 16, 14))
    head = HBox(gap=8)
    head.addWidget(choice)
    head.addStretch(1)
    head.addWidget(Tag(when, tone))
    card.body.addLayout(head)
    card.body.addLayout(values)
    if clock is not None:
        card.add(Label(str(clock), "small", "warn", wrap=True))
    card.body.addStretch(1)

    def mark(on: bool) -> None:
        card.setProperty("st", "chosen" if on else "")
        restyle(card)

    choice.toggled.connect(mark)
    return card


def _values(values: Sequence[tuple[str, str]], ground: str = "") -> Grid:
    """Each value beside its label, and what they rest on; all words of a line at one height."""
    grid = Grid(gap=(12, 8))
    lines = [(label, amber(value)) for label, value in values]
    if ground:
        lines.append(("依据", _in(Label(ground, "body", wrap=True), 9)))
    for line, (label, shown) in enumerate(lines):
        name = _in(Label(label, "body", "t2"), 0)
        grid.addWidget(name, line, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(shown, line, 1)
    grid.setColumnStretch(1, 1)
    return grid


def _in(words: Label, left: int) -> QWidget:
    """As far in as words on amber."""
    box = VBox(margins=(left, 5, left, 5))
    box.add(words)
    return holder(box)


__all__ = ["Another", "KeptDialog"]
