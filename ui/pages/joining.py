"""合并重复登记: both registrations side by side, the first of which is kept, and what stands where
they differ."""

from functools import partial

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame

from app import retiree
from app.kit.refusal import Refusal
from app.kit.run import Acted, acted
from app.retiree import Difference, Joining, Side
from ui.kit.banner import Banner
from ui.kit.card import FactList
from ui.kit.context import Context
from ui.kit.dialog import Dialog
from ui.kit.editors import OneOf
from ui.kit.field import Field
from ui.kit.label import Label
from ui.kit.layout import HBox, VBox, holder
from ui.kit.waiting import Skeleton

TITLES = ("先登记的，保留", "后登记的，并入先登记的")
FIRST, SECOND = "0", "1"
FOLLOWS = (
    "① 后登记的一份的走访、认证、家属等记录，都并入先登记的一份；只有一份填了的项目自动补齐\n"
    "② 后登记的一份作废留底；并错了的，在“已作废”里可以恢复成两份\n"
    "③ 随下次上报告诉区中心"
)
LONG = 30


def dialog(context: Context, *, retiree_id: str) -> "JoiningDialog":
    """The other registration is found by the number."""
    return JoiningDialog(context, retiree_id)


class JoiningDialog(Dialog):
    """Ctrl+S joins. Where they differ stands what the first one says, unless one chooses."""

    def __init__(self, context: Context, retiree_id: str) -> None:
        super().__init__(context.window(), "合并重复登记", width=860)
        self.context, self.retiree_id = context, retiree_id
        self.said: Joining | None = None
        self.waiting = Skeleton(5)
        self.chosen: dict[str, OneOf] = {}
        self.problem = Banner("bad", "不能合并")
        self.problem.hide()
        self.add(self.waiting)
        self.cancel_button()
        self.save_button = self.button("合并（Ctrl+S）", "primary", does=self.save)
        QShortcut(QKeySequence("Ctrl+S"), self).activated.connect(self.save)
        context.work.ask(retiree.to_join, retiree_id, done=self._show, refused=self._gone)

    def _gone(self, refusal: Refusal) -> None:
        self.reject()
        self.context.ask.tell(self.context.window(), "不能合并", refusal.message, tone="warn")

    # showing ----------------------------------------------------------------------------

    def _show(self, said: Joining) -> None:
        self.said = said
        self.waiting.hide()
        self.subtitle.setText(f"{said.sides[0].name}：请先核对是同一个人")
        self.subtitle.show()
        self.add(Banner("warn", "合并时将同时发生", FOLLOWS))
        sides = HBox(gap=14)
        for title, side in zip(TITLES, said.sides, strict=True):
            sides.addWidget(_side(title, side), 1)
        self.add(holder(sides))
        self.add(self.problem)
        if said.differences:
            self.add(Label("两份填得不一样的，选用哪一个", "strong"))
        for one in said.differences:
            self.add(self._difference(one))
        self.body.addStretch(1)
        self.fit()
        self.save_button.setFocus()

    def _difference(self, one: Difference) -> Field:
        choice = OneOf(((FIRST, _short(one.first)), (SECOND, _short(one.second))))
        for key, text in ((FIRST, one.first), (SECOND, one.second)):
            choice.chips[key].setToolTip(text)
        choice.put(FIRST)
        self.chosen[one.field] = choice
        return Field(one.label, choice.widget)

    # saving -----------------------------------------------------------------------------

    def save(self) -> None:
        if self.said is None or not self.save_button.isEnabled():
            return
        self.save_button.setEnabled(False)
        kept, other = (one.id for one in self.said.sides)
        taken = [name for name, choice in self.chosen.items() if choice.value() == SECOND]
        self.context.work.do(
            acted, retiree.join, kept, other, taken,
            done=partial(self._saved, kept), refused=self._refused,
        )  # fmt: skip

    def _refused(self, refusal: Refusal) -> None:
        self.save_button.setEnabled(True)
        self.problem.say("bad", "不能合并", refusal.message)
        self.problem.show()

    def _saved(self, kept: str, done: Acted[str]) -> None:
        self.accept()
        self.context.toast(done.result, done.tx)
        if kept != self.retiree_id:
            self.context.open("person", retiree_id=kept)


def _side(title: str, side: Side) -> QFrame:
    made = QFrame()
    made.setObjectName("panel")
    box = VBox(made, gap=10, margins=(16, 12, 16, 12))
    box.addWidget(Label(title, "strong", "prit"))
    counts = "、".join(f"{what} {number}" for what, number in side.counts)
    facts = [("住址", side.place or "未填"), ("接收日期", side.since or "未填"),
             ("记有", counts or "还没有记录")]  # fmt: skip
    box.addWidget(FactList(facts))
    box.addStretch(1)
    return made


def _short(text: str) -> str:
    return text if len(text) <= LONG else f"{text[: LONG - 1]}…"
