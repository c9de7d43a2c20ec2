"""One person's slip: each disputed field with its values side by side, who said them, when and on
what grounds, on which papers they were printed, and what follows from each choice."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QButtonGroup, QFrame, QWidget

from app import roles, ruling
from app.kit.refusal import Overtaken
from app.ruling import Choice, Item, Ruled, Side, Slip
from models.entities import BY_NAME
from models.kit.base import facts
from models.ruling import ANOTHER, NOW, OTHER
from ui.kit.avatar import Avatar
from ui.kit.banner import Banner, amber
from ui.kit.card import Card
from ui.kit.context import Context
from ui.kit.dialog import Dialog
from ui.kit.editors import Editor, editor_for
from ui.kit.field import Field
from ui.kit.format import code, moment, span
from ui.kit.inputs import RadioButton, TextArea
from ui.kit.label import Label, restyle, show_if
from ui.kit.layout import HBox, VBox, clear, holder
from ui.kit.tag import Tag

LETTERS = "甲乙丙丁戊己"


class SlipDialog(Dialog):
    """Nothing is chosen beforehand; the ground is asked once for everything that is decided."""

    def __init__(self, context: Context, about: str, chip: str) -> None:
        super().__init__(context.window(), "核对争议", width=920)
        self.context, self.about, self.chip = context, about, chip
        self.parts: list[ItemCard] = []
        self.overtaken = ""
        self.may = chip != ruling.RULED and roles.may(context.desk, "ruling", "write")
        self.ground = TextArea(hint="例如：身份证原件、社保局回函、本人来电核对", lines=2)
        self.ground_field = Field("依据（会告诉站点）", self.ground, required=True)
        self.later = self.button("以后再说（Esc）" if self.may else "关闭（Esc）", does=self.reject)
        self.act = self.button("裁定（Ctrl+S）", "primary", does=self.rule)
        QShortcut(QKeySequence("Ctrl+S"), self).activated.connect(self.act.click)
        self.act.setVisible(self.may)
        self.act.setEnabled(False)
        self.ground.textChanged.connect(self._weigh)
        context.work.ask(ruling.slip, about, chip, done=self._show, refused=self._gone)

    def _gone(self, refusal: Exception) -> None:
        self.context.toast(self.overtaken or str(refusal))
        self.reject()

    def _show(self, found: Slip) -> None:
        before = self.parts
        self.body.removeWidget(self.ground_field)  # what was typed stays
        clear(self.body)
        self.add(_head(found))
        if self.overtaken:
            self.add(Banner("warn", self.overtaken, "下面是现在的情况，刚才的裁定一项也没有存"))
        self.parts = [ItemCard(one, self._weigh, open_=self.may) for one in found.items]
        for each in self.parts:
            self.add(each)
            each.choose_again(before)
        if self.may:
            self.add(self.ground_field)
            self._order()
        if self.isVisible():
            self.fit()

    def _order(self) -> None:
        """What is decided comes before the footer, which was there first."""
        inside = [one for part in self.parts for one in part.stops()]
        for one, after in pairwise([*inside, self.ground, self.later, self.act, self.close_button]):
            self.setTabOrder(one, after)
        live = (one for one in inside if one.isEnabled())
        next(live, self.later).setFocus(Qt.FocusReason.OtherFocusReason)

    def _weigh(self) -> None:
        chosen = any(one.choice() is not None for one in self.parts)
        self.act.setEnabled(chosen and bool(self.ground.toPlainText().strip()))

    def rule(self) -> None:
        choices = [made for one in self.parts if (made := one.choice()) is not None]
        self.act.setEnabled(False)
        self.context.work.do(
            ruling.rule, self.about, choices, self.ground.toPlainText(),
            done=self._ruled, refused=self._refused,
        )  # fmt: skip

    def _ruled(self, sentence: str) -> None:
        self.context.work.tell_changed(frozenset({"exchange"}))
        self.accept()
        self.context.toast(sentence)

    def _refused(self, refusal: Exception) -> None:
        if isinstance(refusal, Overtaken):
            self.overtaken = str(refusal)
            self.context.work.ask(
                ruling.slip, self.about, self.chip, done=self._show, refused=self._gone
            )
            return
        self.act.setEnabled(True)
        field = getattr(refusal, "field", "")
        part = next((one for one in self.parts if one.item.key[2] == field), None)
        if part is not None:
            part.own_field.say("err", str(refusal))
        else:
            self.ground_field.say("err", str(refusal))


def _head(found: Slip) -> QWidget:
    words = VBox(gap=2)
    words.add(Label(f"{found.name} · {found.office}".strip(" ·"), "strong"))
    text = "两边在互不知道的时候改了同一项。请核对以后选定；两边的值都留着，选错了可以撤销。"
    words.add(Label(text, "body", "t2", wrap=True))
    line = HBox(gap=12)
    line.addWidget(Avatar(found.name, 40), 0, Qt.AlignmentFlag.AlignTop)
    line.addLayout(words, 1)
    return holder(line)


class ItemCard(Card):
    """One disputed field. ``choice()`` is None while nothing is chosen."""

    def __init__(self, item: Item, changed: Callable[[], object], *, open_: bool) -> None:
        mark = (
            Tag("裁定以前保持现有的值", "warn", "lock")
            if item.legal
            else Tag("已按规则取舍", "neu")
        )
        actions = [] if item.ruled else [mark]
        super().__init__(item.label, item.noun, actions=actions, margins=(16, 12, 16, 14))
        self.item, self.changed = item, changed
        self.group = QButtonGroup(self)
        self.sides: list[tuple[RadioButton, Side]] = []
        self.editor: Editor | None = None
        self.own = RadioButton("另定一个值")
        self.own_field = Field("", QWidget())
        pair = HBox(gap=12)
        for place, side in enumerate((item.now, *item.others)):
            pair.addWidget(self._side(place, side, open_=open_ and item.visible), 1)
        self.body.addLayout(pair)
        if open_ and item.visible:
            self._another()
        self.effect = Label("", "small", "t2", wrap=True)
        self.add(self.effect)
        if item.ruled is not None:
            self.add(Banner("ok", *_told(item.ruled)))
        elif not item.visible:
            self.add(Banner("info", "这一项不在您的查看范围", "请中心主任裁定"))
        for one in (self.own, self.own_field, *(button for button, _ in self.sides)):
            if one.parent() is None:  # nothing to choose here; it goes with the card
                one.setParent(self)
                one.hide()
        self._tell()

    def _side(self, place: int, side: Side, *, open_: bool) -> QFrame:
        words = "现有的值" if place == 0 else "另一方的值"
        choice = RadioButton(f"取{LETTERS[place]}：{words}")
        self.sides.append((choice, side))
        self.group.addButton(choice)
        choice.setEnabled(open_)
        card = Card(margins=(14, 10, 14, 12), gap=6)
        card.add(choice if open_ else Label(f"{LETTERS[place]}：{words}", "strong"))
        card.add(amber(side.shown))
        card.add(Label(_by(side), "small", "t2", wrap=True))
        if side.clock is not None:
            card.add(Label(str(side.clock), "small", "warn", wrap=True))
        if side.ground:
            card.add(Label(f"依据：{side.ground}", "small", wrap=True))
        if side.ahead is not None:
            said = f"写的时间比收到的时间还晚 {span(side.ahead)}，那边的钟可能不准"
            card.add(Label(said, "small", "warn", wrap=True))
        if side.also:
            card.add(Label("同一次操作里还填了，一并采用或不采用：", "small", "t2", wrap=True))
            card.add(Label("\n".join(side.also), "small", wrap=True))
        card.body.addStretch(1)

        def mark(on: bool) -> None:
            card.setProperty("st", "chosen" if on else "")
            restyle(card)
            self._tell()

        choice.toggled.connect(mark)
        return card

    def _another(self) -> None:
        entity, field = BY_NAME[self.item.key[0]], self.item.key[2]
        fact = facts(entity).get(field)
        if fact is None:  # gone or not: there is nothing third
            return
        self.editor = editor_for(fact)
        self.own_field = Field(fact.label, self.editor.widget)
        self.group.addButton(self.own)
        line = HBox(gap=12)
        line.addWidget(self.own, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.own_field, 1)
        show_if(self.own_field, wanted=False)
        self.own.toggled.connect(lambda on: show_if(self.own_field, on))
        self.own.toggled.connect(lambda _on: self._tell())
        self.body.addLayout(line)

    def stops(self) -> list[QWidget]:
        """Where Tab stops, in reading order."""
        sides: list[QWidget] = [button for button, _ in self.sides]
        return sides if self.editor is None else [*sides, self.own, self.editor.widget]

    def choose_again(self, before: Sequence["ItemCard"]) -> None:
        """What was chosen stays chosen where the same values are still side by side."""
        was = next((one for one in before if one.item.key == self.item.key), None)
        made = was.choice() if was is not None else None
        if made is None or made.seen != self.item.now.change_id:
            return
        for button, side in self.sides:
            if side.change_id == made.change_id:
                button.setChecked(True)
        if made.choice == ANOTHER and self.editor is not None:
            self.own.setChecked(True)
            self.editor.put(made.value)

    def choice(self) -> Choice | None:
        item = self.item
        if self.own.isChecked() and self.editor is not None:
            return Choice(item.key, ANOTHER, item.now.change_id, value=self.editor.value())
        for place, (button, side) in enumerate(self.sides):
            if button.isChecked():
                kind = NOW if place == 0 else OTHER
                return Choice(item.key, kind, item.now.change_id, side.change_id)
        return None

    def _tell(self) -> None:
        """What follows from what is chosen now."""
        chosen = next((side for button, side in self.sides if button.isChecked()), None)
        self.effect.setText(effect(self.item, chosen, another=self.own.isChecked()))
        self.changed()


def effect(item: Item, chosen: Side | None, *, another: bool = False) -> str:
    """Which printed papers the choice makes wrong, and what the stations will see."""
    papers = [
        f"{one.number}（{moment(one.printed_at)} 印的是 {one.shown or '哪个值不能确定'}）"
        for one in item.papers
    ]
    if chosen is None and not another:
        said = f"打印过的表：{'、'.join(papers)}。" if papers else "还没有打印过带编号的表。"
        return said if item.ruled is None else ""
    keeps = chosen is not None and chosen.change_id == item.now.change_id
    first = "资料不变" if keeps else "资料改成选定的值"
    told = [one for one in item.papers if one.shown]
    wrong = [one.number for one in told if chosen is None or one.shown != chosen.shown]
    second = f"；{'、'.join(wrong)} 印的不是这个值，要请站点重打" if wrong else ""
    unsure = [one.number for one in item.papers if not one.shown]
    second += f"；{'、'.join(unsure)} 印的是不是这个值，要请站点核对" if unsure else ""
    return f"选定以后：{first}{_along(item, chosen)}，站点下次联系时连同依据一起收到{second}。"


def _along(item: Item, chosen: Side | None) -> str:
    """What becomes of the rest of the actions in dispute."""
    if chosen is not None and chosen.also:
        return "，那次操作里的其他内容一并采用"
    return "，那次操作里的其他内容也不采用" if any(one.also for one in item.others) else ""


def _told(ruled: Ruled) -> tuple[str, str]:
    """What was decided, or that nobody had to."""
    if not ruled.who:
        return "不用裁定了", f"{moment(ruled.at)} {ruled.ground}"
    word = code("RULING_CHOICE", ruled.choice)
    return "已裁定", f"{moment(ruled.at)} {ruled.who} 裁定{word}。依据：{ruled.ground}"


def _by(side: Side) -> str:
    """2026-11-21 10:05 · 桂苑社区服务站 · 刘桂兰."""
    parts = (moment(side.at) if side.at else "", side.office, side.who)
    return " · ".join(part for part in parts if part) or "没有记录是谁填的"
