"""登记认证: in person, by an agent, at home, another way; and putting an entry right."""

from collections.abc import Mapping
from typing import Any

from app import certification
from app.attachment import CERTIFICATION, New
from app.certification.card import Card, of_person
from app.kit.refusal import Refusal
from app.kit.run import Acted, acted
from app.kit.saved import Saved
from models.certification import Certification
from models.kit import clock, codes
from models.kit.fields import Fact
from ui.kit.buttons import Button
from ui.kit.context import Context
from ui.kit.editors import Choice, Editor, OneOf, Several, YesNo
from ui.kit.form import Form, Group, Item
from ui.kit.form_dialog import Done, FormDialog, Refused
from ui.kit.layout import HBox, holder
from ui.kit.pictures import Pending

PRESENT, AGENT, HOME, OTHER = "present", "agent", "home", "other"
WHO = ((PRESENT, "本人到场"), (AGENT, "别人代办"), (HOME, "我们上门"), (OTHER, "别的方式"))
AT_DESK, AT_DOOR = "04", "05"
KIN = ("kin_name", "kin_relation", "kin_phone")
LOSS = ("loss_event", "loss_on")
LOST = "3"
RESULTS = (("1", "符合（健在）"), (LOST, "丧失资格"), ("4", "联系不上"), ("5", "拒绝配合"))


def dialog(
    context: Context, retiree_id: str, task_id: str = "", certification_id: str = ""
) -> "CertifyDialog":
    """With a certification it is put right; without, a new one is entered."""
    return CertifyDialog(context, retiree_id, task_id, certification_id)


class Who(OneOf):
    """Who came, or who went; what it says about presence."""

    def value(self) -> Any:
        return {PRESENT: True, HOME: True, AGENT: False}.get(self.picked())

    def picked(self) -> str:
        return str(super().value() or "")

    def put(self, value: Any) -> None:
        keys = {True: PRESENT, False: AGENT, None: OTHER}
        super().put(value if isinstance(value, str) else keys[value])


def form(*, amends: bool) -> Form:
    """Few questions; the others come with the answers."""
    items = [
        Item(Certification.present_in_person, "谁办的", wide=True, make=lambda _fact: Who(WHO)),
        Item(Certification.certified_on),
        Item(Certification.address_changed, make=lambda _fact: YesNo()),
        Item(Certification.method, required=False, wide=True, make=_methods),
        Item(Certification.kin_name),
        Item(Certification.kin_relation),
        Item(Certification.kin_phone),
        Item(Certification.docs_checked, wide=True, make=_documents),
        Item(
            Certification.health_state, wide=True, make=lambda _fact: OneOf(_items("HEALTH_STATE"))
        ),
        Item(Certification.result, wide=True, make=lambda _fact: OneOf(RESULTS)),
        Item(Certification.loss_event),
        Item(Certification.loss_on),
    ]
    label = "更正原因" if amends else "备注"
    items.append(Item(Certification.remark, label, required=amends or None, wide=True, make=None))
    return Form((Group("", tuple(items)),))


def _items(table: str) -> tuple[tuple[str, str], ...]:
    return codes.table(table).items


def _documents(_fact: Fact) -> Editor:
    return Several([(key, name.split("（")[0]) for key, name in _items("DOCS_CHECKED")])


def _methods(_fact: Fact) -> Editor:
    return Choice([one for one in _items("CERT_METHOD") if one[0] not in (AT_DESK, AT_DOOR)])


class CertifyDialog(FormDialog):
    """What is not asked in this case is not shown."""

    def __init__(
        self, context: Context, retiree_id: str, task_id: str, certification_id: str
    ) -> None:
        self.amends = bool(certification_id)
        super().__init__(
            context,
            "更正认证登记" if self.amends else "登记认证",
            form(amends=self.amends),
            width=760,
        )
        self.retiree_id, self.task_id, self.certification_id = retiree_id, task_id, certification_id
        self.name = ""
        edit = Button("住址、电话有变，改资料", "text", "s", icon="pencil", does=self._edit)
        line = HBox(gap=8)
        line.addWidget(edit)
        line.addStretch(1)
        self.add(holder(line))
        self.pictures = Pending(context.work, "照片和材料", paper=True)
        self.pictures.changed.connect(self._fit_pictures)
        self.pictures.setVisible(not self.amends)
        self.add(self.pictures)
        for name in ("present_in_person", "result"):
            self.form.editors[name].left.connect(self._fit_fields)
        self.start(
            {
                "present_in_person": True,
                "certified_on": clock.today(),
                "docs_checked": [] if self.amends else ["1"],
                "result": "1",
            }
        )
        self._fit_fields()
        context.work.ask(of_person, retiree_id, done=self._know)
        if self.amends:
            context.work.ask(certification.history, retiree_id, done=self._show_old)
        self.saved.connect(self._tell)

    # showing ----------------------------------------------------------------------------

    def _know(self, card: Card) -> None:
        self.name = card.name
        self.subtitle.setText(f"{card.name} · {card.line}")
        self.subtitle.show()
        if "health_state" not in self.form.touched and not self.amends:
            self.form.put({"health_state": card.health_state or "9"})
        if card.period:
            self.form.say("certified_on", "hint", f"本次认证周期 {card.period}")
        if card.refused_reason:
            self.banner.say("warn", "上次的认证被区中心退回", card.refused_reason)
            self.banner.show()
        self.fit()

    def _show_old(self, rows: list[certification.CertRow]) -> None:
        old = next((one for one in rows if one.id == self.certification_id), None)
        if old is None:
            return
        who = {AT_DESK: PRESENT, AT_DOOR: HOME}.get(old.method, OTHER)
        values = {"certified_on": old.certified_on, "result": old.result}
        self.form.put({**values, "present_in_person": who, "method": old.method})
        self._fit_fields()

    def _fit_fields(self) -> None:
        who, result = self._who(), self.form.values()["result"]
        self._show_fields(KIN, visible=who == AGENT)
        self._show_fields(("method",), visible=who == OTHER)
        self._show_fields(("docs_checked",), visible=who != OTHER)
        self._show_fields(("result",), visible=who != AGENT)
        self._show_fields(LOSS, visible=result == LOST and who != AGENT)
        self.form.fields["method"].set_required(who == OTHER)
        self.form.fields["kin_name"].set_required(who == AGENT)
        if who == AGENT:
            words = "本人没有到场：列为待核实，并排进上门核验"
            self.form.say("present_in_person", "hint", words)
        else:
            self.form.say("present_in_person", "", "")
        if self.isVisible():
            self.fit()

    def _show_fields(self, names: tuple[str, ...], *, visible: bool) -> None:
        for name in names:
            self.form.fields[name].setVisible(visible)

    def _who(self) -> str:
        editor = self.form.editors["present_in_person"]
        return editor.picked() if isinstance(editor, Who) else PRESENT

    def _edit(self) -> None:
        self.context.open("edit", retiree_id=self.retiree_id)

    # saving -----------------------------------------------------------------------------

    def write(
        self, values: dict[str, Any], _reasons: Mapping[str, str], done: Done, refused: Refused
    ) -> None:
        who = self._who()
        said = {n: one for n, one in values.items() if self.form.fields[n].isVisible()}
        if who != OTHER:
            said["method"] = AT_DOOR if who == HOME else AT_DESK
        elif not said.get("method"):
            refused(Refusal("请选择认证方式", "method"))
            return
        work = self.context.work
        if self.amends:
            said = {n: one for n, one in said.items() if one not in (None, "", [])}
            reason = str(said.get("remark") or "")
            work.do(
                acted, certification.amend, self.certification_id, said, reason,
                done=done, refused=refused,
            )  # fmt: skip
        else:
            work.do(
                acted, certification.certify, self.retiree_id, said,
                task_id=self.task_id or None, pictures=self._pictures(),
                done=done, refused=refused,
            )  # fmt: skip

    def _fit_pictures(self) -> None:
        self.save_button.setEnabled(not self.pictures.under_way)
        if self.isVisible():
            self.fit()

    def _pictures(self) -> list[New]:
        return [New(one.picture, CERTIFICATION, one.source.name) for one in self.pictures.made]

    def _tell(self, made: Acted[Saved]) -> None:
        words = f"已{'更正' if self.amends else '登记'} {self.name} 的认证"
        more = "；".join(made.result.notes)
        self.context.toast(f"{words}。{more}" if more else words, made.tx)
