"""登记联系: whom to call, every attempt so far, and what came of this one (W1.5, W1.7)."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from app.certification import Contacted, record_contact
from app.certification.card import Attempt, Card, numbers, of_task
from app.kit.refusal import Refusal
from app.kit.run import Acted, acted
from models.kit import codes
from ui.kit.buttons import Button
from ui.kit.context import Context
from ui.kit.dialog import Dialog
from ui.kit.editors import OneOf
from ui.kit.field import Field
from ui.kit.format import moment
from ui.kit.inputs import TextBox
from ui.kit.label import Icon, Label
from ui.kit.layout import Grid, HBox, VBox, clear, holder, rule

SHOWN_MS = 30_000
CALLED = "1"


def dialog(context: Context, task_id: str) -> "ContactDialog":
    """About the one task."""
    return ContactDialog(context, task_id)


class ContactDialog(Dialog):
    """Two clicks and Ctrl+S: how, and what came of it."""

    def __init__(self, context: Context, task_id: str) -> None:
        super().__init__(context.window(), "登记联系", width=760)
        self.context, self.task_id = context, task_id
        self.card: Card | None = None
        self.phones, self.attempts = Grid(gap=(14, 4)), VBox(gap=4)
        self.reveal = Button("显示号码", "text", "s", icon="eye", does=self.show_numbers)
        self.way, self.outcome = (
            OneOf(codes.table("ATTEMPT_WAY").items),
            OneOf(codes.table("ATTEMPT_OUTCOME").items),
        )
        self.words = TextBox(hint="如 女儿说周三下午在家")
        self.words.setMaxLength(200)
        self.hide_again = QTimer(self, singleShot=True, interval=SHOWN_MS)
        self.hide_again.timeout.connect(lambda: self._show_phones(()))
        self._arrange()
        self.way.put(CALLED)
        context.work.ask(of_task, task_id, done=self._know, refused=self._gone)

    def _arrange(self) -> None:
        top = HBox(gap=12)
        top.addLayout(self.phones, 1)
        top.addWidget(self.reveal)
        self.way_field = Field("怎么联系的", self.way.widget, required=True)
        self.outcome_field = Field("结果", self.outcome.widget, required=True)
        self.add(holder(top), rule(), self.way_field, self.outcome_field)
        self.add(Field("补充说明", self.words), holder(self.attempts))
        self.body.addStretch(1)
        self.cancel_button()
        self.save_button = self.button("保存（Ctrl+S）", "primary", does=self.save)
        QShortcut(QKeySequence("Ctrl+S"), self).activated.connect(self.save_button.click)
        self.words.returnPressed.connect(self.save_button.click)
        self.outcome.left.connect(self._say_what_follows)
        next(iter(self.outcome.chips.values())).setFocus()

    # showing ----------------------------------------------------------------------------

    def _know(self, card: Card) -> None:
        self.card = card
        due = f"{card.due_on} 到期" if card.due_on else "到期日待核"
        self.subtitle.setText(f"{card.name} · {card.line} · {due}")
        self.subtitle.show()
        self._show_phones(())
        self._show_attempts(card.attempts)
        self.fit()

    def _gone(self, refusal: Refusal) -> None:
        self.reject()
        self.context.ask.tell(self.context.window(), "没有做成", refusal.message, tone="warn")

    def _show_phones(self, full: tuple[str, ...]) -> None:
        if self.card is None:
            return
        clear(self.phones)
        people = [("本人", self.card.phone), *self._kin(self.card)]
        self.reveal.setVisible(not full and any(phone for _, phone in people))
        for line, (who, phone) in enumerate(people):
            number = full[line] if line < len(full) else phone
            self.phones.addWidget(Label(who, "body", "t2"), line, 0)
            self.phones.addWidget(
                Label(number or "没有登记电话", "strong" if number else "body"), line, 1
            )
        self.phones.setColumnStretch(1, 1)

    @staticmethod
    def _kin(card: Card) -> list[tuple[str, str]]:
        return [(f"{one.kin} {one.name}".strip(), one.phone) for one in card.contacts]

    def show_numbers(self) -> None:
        """In full for half a minute; looking is logged."""
        if self.card is not None:
            work = self.context.work
            work.do(numbers, self.card.retiree_id, done=self._show_phones)
            self.hide_again.start()

    def _show_attempts(self, attempts: tuple[Attempt, ...]) -> None:
        clear(self.attempts)
        if not attempts:
            self.attempts.add(Label("以前没有联系过", "small", "t2"))
            return
        self.attempts.add(Label(f"以前联系过 {len(attempts)} 次", "small", "t2"))
        for one in reversed(attempts[-5:]):
            self.attempts.add(self._attempt(one))

    @staticmethod
    def _attempt(one: Attempt) -> QWidget:
        words = "，".join(part for part in (one.way, one.outcome, one.note) if part)
        line = HBox(gap=8)
        line.add(Icon("phone", "t3", 16), Label(moment(one.at), "small", "t2"))
        line.addWidget(Label(words, "small", wrap=True), 1)
        line.add(Label(one.by, "small", "t3"))
        return holder(line)

    def _say_what_follows(self) -> None:
        follows = {
            "3": "会排进上门核验",
            "9": "会列入异常待核",
            "10": "会列入异常待核，核实后在档案里登记疑似死亡",
        }
        words = follows.get(str(self.outcome.value() or ""), "")
        if words:
            self.outcome_field.say("hint", words)
        else:
            self.outcome_field.say()

    # saving -----------------------------------------------------------------------------

    def save(self) -> None:
        missing = [
            (self.way.value(), self.way_field, "请选择怎么联系的"),
            (self.outcome.value(), self.outcome_field, "请选择结果"),
        ]
        for value, field, words in missing:
            if not value:
                field.say("err", words)
        if not all(value for value, _, _ in missing):
            return
        self.save_button.setEnabled(False)
        self.context.work.do(
            acted, record_contact, self.task_id, self.way.value(), self.outcome.value(),
            self.words.text().strip(), done=self._saved, refused=self._refused,
        )  # fmt: skip

    def _refused(self, refusal: Refusal) -> None:
        self.save_button.setEnabled(True)
        field = self.way_field if refusal.field == "way" else self.outcome_field
        field.say("err", refusal.message)

    def _saved(self, done: Acted[Contacted]) -> None:
        self.accept()
        name = self.card.name if self.card else ""
        said = done.result
        words = said.note or f"已记下第 {said.attempts} 次联系 {name}"
        self.context.toast(words, done.tx)
