"""异常核对: what is on file beside what was heard since, and the decision (W1.7)."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from itertools import pairwise
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QWidget

from app import movement, printed, roles
from app import suspicion as verbs
from app.certification import papers
from app.kit.refusal import Refusal
from app.kit.run import Acted, acted
from app.printed import Item
from app.printing import suspicion_check
from app.suspicion import Evidence
from models.kit import clock, codes, masks
from models.kit.fields import Mask
from ui.kit.banner import Banner
from ui.kit.buttons import Button
from ui.kit.card import FactList
from ui.kit.context import Context
from ui.kit.dialog import Dialog
from ui.kit.editors import OneOf
from ui.kit.field import Field
from ui.kit.format import day
from ui.kit.inputs import TextArea
from ui.kit.label import Icon, Label, show_if
from ui.kit.layout import HBox, VBox, holder, scroll_to
from ui.kit.waiting import Skeleton

PASSED, RETURNED, HOME, REPORTED = "1", "2", "3", "4"
DECISIONS = (
    (PASSED, "通过，没有问题"), (RETURNED, "退回，重新认证"),
    (HOME, "上门核验"), (REPORTED, "上报区中心"),
)  # fmt: skip
FOLLOWS = {
    PASSED: "这条异常消掉，认证照常办",
    RETURNED: "请写明核查经过；这个人要重新认证",
    HOME: "排进上门核验，去看过再定",
    REPORTED: "请写明核查经过；本站不停发待遇，由区中心和经办机构处理",
}
NEEDS_WORDS = (RETURNED, REPORTED)


def dialog(context: Context, suspicion_id: str) -> "SuspicionDialog":
    """One doubt."""
    return SuspicionDialog(context, suspicion_id)


class SuspicionDialog(Dialog):
    """Ctrl+S decides; the sheet to look into it is printed from here."""

    def __init__(self, context: Context, suspicion_id: str) -> None:
        super().__init__(context.window(), "核对异常", width=1060)
        self.context, self.suspicion_id = context, suspicion_id
        self.evidence: Evidence | None = None
        self.waiting = Skeleton(5)
        self.decision, self.account = OneOf(DECISIONS), TextArea(hint="问了谁、看了什么", lines=2)
        self.add(self.waiting)
        self.print = self.button("打印核查表", icon="printer", does=self.print_check)
        self.cancel_button()
        self.save_button = self.button("保存（Ctrl+S）", "primary", does=self.save)
        QShortcut(QKeySequence("Ctrl+S"), self).activated.connect(self.save)
        self.decision.left.connect(self._say_what_follows)
        self.may = roles.may(context.desk, "suspicion", "write")
        show_if(self.print, roles.may(context.desk, "print", "print"))
        show_if(self.save_button, self.may)
        context.work.ask(verbs.suspicion, suspicion_id, done=self._show, refused=self._gone)

    def _gone(self, refusal: Refusal) -> None:
        self.reject()
        self.context.ask.tell(self.context.window(), "没有做成", refusal.message, tone="warn")

    # showing ----------------------------------------------------------------------------

    def _show(self, said: Evidence) -> None:
        self.evidence = said
        self.waiting.hide()
        row = said.row
        self.subtitle.setText(f"{row.name} · {said.sex} · {row.address}")
        self.subtitle.show()
        reason = codes.table("SUSPICION_REASON").name(row.reason)
        found = f"{day(row.found_on)} 发现" + (f"，已 {row.days} 天" if row.days else "")
        self.add(Banner("warn", f"{reason}（{found}）", row.detail))
        sides = HBox(gap=14)
        sides.addWidget(self._side("档案里登记的", self._on_file(said)), 1)
        sides.addWidget(self._side("后来看到、听到的", self._heard(said)), 1)
        self.add(holder(sides))
        self._decide(said)
        self.body.addStretch(1)
        self.fit()

    @staticmethod
    def _side(title: str, content: QWidget) -> QFrame:
        made = QFrame()
        made.setObjectName("panel")
        box = VBox(made, gap=10, margins=(16, 12, 16, 12))
        box.addWidget(Label(title, "strong", "prit"))
        box.addWidget(content)
        box.addStretch(1)
        return made

    def _on_file(self, said: Evidence) -> QWidget:
        facts = [
            ("身份证号", masks.masked(Mask.ID, said.id_no)),
            ("出生日期", f"{said.born_on}" if said.born_on else "未填"),
            ("人员类别", said.kind or "未填"),
            ("退休单位", said.employer or "未填"),
            ("联系电话", masks.masked(Mask.PHONE, said.phone) or "未填"),
            ("上次认证", f"{said.last_certified_on}" if said.last_certified_on else "不详"),
            ("本次到期", f"{said.due_on}" if said.due_on else "没有待办的认证"),
        ]
        kin = [f"{kin} {name} {masks.masked(Mask.PHONE, tel)}" for name, kin, tel in said.contacts]
        facts.append(("紧急联系人", "\n".join(kin) or "未填"))
        return FactList(facts)

    def _heard(self, said: Evidence) -> QWidget:
        events = [_attempt(one) for one in said.attempts]
        for icon, what, rows in (
            ("badge-check", "认证", said.certifications),
            ("footprints", "走访", said.visits),
            ("heart-pulse", "生存状况调查", said.surveys),
        ):
            events += [(on, icon, _words(what, how, more)) for on, how, more in rows]
        box = VBox(gap=8)
        for on, icon, words in sorted(events, key=lambda one: one[0], reverse=True)[:9]:
            line = HBox(gap=8)
            line.addWidget(Icon(icon, "t2", 16), 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(Label(day(on), "body", "t2"), 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(Label(words, wrap=True), 1)
            box.addLayout(line)
        if not events:
            box.add(Label("没有联系、走访、调查和认证的记录", "body", "t2", wrap=True))
        return holder(box)

    def _decide(self, said: Evidence) -> None:
        row = said.row
        if row.decision:
            name = codes.table("SUSPICION_DECISION").name(row.decision)
            words = f"{row.decided_on} 已处理：{name}"
            self.add(Banner("info", words, said.decided_note))
        if row.decision or not self.may:
            self.save_button.hide()
            for each in (self.decision.widget, self.account):
                each.setParent(self)
                each.hide()
            return
        self.decision_field = Field("处理", self.decision.widget, required=True)
        self.account_field = Field("核查经过", self.account)
        for key, chip in self.decision.chips.items():
            chip.setVisible(key in said.choices)
        others = [self._join(said)] if said.may_join else []
        others += [self._way(said)] if said.way else []
        self.add(*others, self.decision_field, self.account_field)
        if PASSED in said.choices and RETURNED not in said.choices:
            self.decision_field.say("hint", verbs.AGAIN)
        first = self.decision.chips[said.choices[0]]
        links = [button for one in others for button in one.findChildren(Button)]
        for one, after in pairwise([*links, first]):
            self.setTabOrder(one, after)
        (links[0] if said.may_join and links else first).setFocus()

    def _way(self, said: Evidence) -> Banner:
        """The movement by which this ends, a click away."""
        desk, word = self.context.desk, movement.WORDS[said.way]
        may = roles.may(desk, "retiree", "write") and (
            said.way != "correct" or "head" in desk.roles
        )
        title = f"现在是“{said.state}”，" + ("不在到期名单里" if said.is_off else "还在名单里")
        text = f"核实去世了的，办“{word}”，退出到期名单，随下次上报送区中心核实"
        if said.is_off:
            text = (
                f"人还在的，{'' if may else '请站长'}办“{word}”，认证重新列入待办，这条异常随着消掉"
            )
        go = Button(f"{word}…", sz="s", does=partial(self._go_on, "movement", said, verb=said.way))
        return Banner("info", title, text, actions=(go,) if may else ())

    def _join(self, said: Evidence) -> Banner:
        """Of somebody registered twice here."""
        go = Button("合并重复登记…", sz="s", does=partial(self._go_on, "joining", said))
        may = roles.may(self.context.desk, "retiree", "write")
        text = "核对是同一个人的，把两份合并成一份，这条异常随着消掉"
        return Banner("info", "本站有这个人的另一份登记", text, actions=(go,) if may else ())

    def _go_on(self, name: str, said: Evidence, **more: str) -> None:
        self.reject()
        self.context.open(name, retiree_id=said.row.retiree_id, **more)

    def _say_what_follows(self) -> None:
        key = str(self.decision.value() or "")
        if key:
            self.decision_field.say("hint", FOLLOWS[key])
        else:
            self.decision_field.say()
        self.account_field.set_required(key in NEEDS_WORDS)
        self.account_field.say()

    # saving -----------------------------------------------------------------------------

    def save(self) -> None:
        if self.evidence is None or self.evidence.row.decision or not self.may:
            return
        decision, words = self.decision.value(), self.account.toPlainText().strip()
        if not decision:
            self.decision_field.say("err", "请选择处理结果")
            self._bring(self.decision_field)
            return
        self.save_button.setEnabled(False)
        self.context.work.do(
            acted, verbs.decide, self.suspicion_id, decision, words,
            done=self._saved, refused=self._refused,
        )  # fmt: skip

    def _refused(self, refusal: Refusal) -> None:
        self.save_button.setEnabled(True)
        if refusal.field == "note":
            self.account_field.say("err", refusal.message)
            self.account.setFocus()
            self._bring(self.account_field)
        else:
            self.decision_field.say("err", refusal.message)

    def _bring(self, field: Field) -> None:
        """Into sight, with what is said under it by now."""
        QTimer.singleShot(0, field, lambda: scroll_to(field))

    def _saved(self, done: Acted[None]) -> None:
        self.accept()
        name = self.evidence.row.name if self.evidence else ""
        word = dict(DECISIONS)[str(self.decision.value())].split("，")[0]
        self.context.toast(f"{name} 的异常已处理：{word}", done.tx)

    # paper ------------------------------------------------------------------------------

    def print_check(self) -> None:
        """疑点人员核查表, to take along."""
        work = self.context.work

        def show(paper: bytes) -> None:
            journal = partial(work.do, printed.printed, papers.CHECK, [Item(None)], "异常核查")
            self.context.open("print_pdf", title=papers.CHECK, data=paper, on_printed=journal)

        work.ask(
            papers.checks, [self.suspicion_id],
            done=lambda data: work.call(suspicion_check.draw, data, done=show),
        )  # fmt: skip


def _attempt(one: dict[str, Any]) -> tuple[date, str, str]:
    way, outcome = codes.table("ATTEMPT_WAY"), codes.table("ATTEMPT_OUTCOME")
    at = clock.local(datetime.fromisoformat(one["at"]))
    words: Sequence[str] = (outcome.name(one["outcome"]), one.get("note", ""), one.get("by", ""))
    said = "，".join(part for part in words if part)
    return at.date(), "phone", f"{at:%H:%M} {way.name(one['way'])}：{said}"


def _words(what: str, how: str, more: str) -> str:
    return f"{what}（{how}）：{more}" if more else f"{what}（{how}）"
