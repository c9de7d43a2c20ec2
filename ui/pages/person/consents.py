"""告知与同意: what the person signed for, and 撤回."""

from functools import partial

from PySide6.QtCore import Qt

from app import consent, retiree, roles
from app.consent import ConsentRow
from models.kit import codes
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.context import Context
from ui.kit.label import Label
from ui.kit.layout import HBox, VBox, holder
from ui.pages.person.tab import do, may_write


class Consents(Card):
    """Each paper with its day; what was withdrawn stays."""

    def __init__(self, context: Context, person: retiree.Person) -> None:
        self.may = may_write(context, person)
        add = Button("登记", "text", "s", icon="plus",
                     does=lambda: context.open("consent", retiree_id=person.id))  # fmt: skip
        show = partial(context.open, "print_notices", retiree_ids=(person.id,))
        paper = Button("打印告知书", "text", "s", icon="printer", does=show)
        acts = (*((paper,) if may_print(context, person) else ()), *((add,) if self.may else ()))
        super().__init__("告知与同意", actions=acts)
        self.context, self.person = context, person
        for one in person.consents:
            self.add(holder(self._line(one)))
        if not person.consents:
            self.add(Label("还没有签过告知书、同意书", "body", "t3"))

    def _line(self, one: ConsentRow) -> HBox:
        line, said = HBox(gap=8), VBox(gap=2)
        said.add(Label(_words(one), "body", wrap=True))
        said.add(Label(_signed(one), "small", "t3", wrap=True))
        line.addLayout(said, 1)
        if self.may and one.withdrawn_on is None:
            back = Button("撤回", "text", "s", does=partial(self._withdraw, one))
            line.addWidget(back, 0, Qt.AlignmentFlag.AlignTop)
        return line

    def _withdraw(self, one: ConsentRow) -> None:
        """Asked once: what it covers is no longer done from today."""
        name = self.person.name
        sure = self.context.ask.confirm(
            self, f"{name} 撤回同意", "撤回以后", act="撤回",
            points=(f"从今天起不再同意：{_words(one)}", "签过的同意书留底；以后又同意了，重新登记"),
        )  # fmt: skip
        if sure:
            do(self.context, f"{name} 的同意已撤回", consent.withdraw, one.id)


def may_print(context: Context, person: retiree.Person) -> bool:
    """Who prints here, for people of their own."""
    return roles.may(context.desk, "print", "print") and may_write(context, person)


def _words(one: ConsentRow) -> str:
    """个人信息处理告知、照片采集."""
    return "、".join(codes.table("CONSENT_KIND").name(kind) for kind in one.kinds)


def _signed(one: ConsentRow) -> str:
    version = f"，{one.text_version} 版" if one.text_version else ""
    back = f"，{one.withdrawn_on} 撤回" if one.withdrawn_on else ""
    return f"{one.signed_on} 签{version}{back}"
