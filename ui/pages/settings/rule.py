"""A rule gets another value, from a day on, with its ground."""

from app import parameter
from app.kit.refusal import Refusal
from app.parameter import Rule
from models.kit import clock, codes
from models.kit.fields import Fact
from models.kit.kinds import Count
from ui.kit.banner import Banner
from ui.kit.context import Context
from ui.kit.date_box import DateBox
from ui.kit.dialog import Dialog
from ui.kit.editors import Choice, Editor, Number, Several
from ui.kit.field import Field
from ui.kit.inputs import TextBox
from ui.kit.layout import HBox
from ui.pages.settings.rule_words import WORDS, unit, value

GROUND = "文号或会议，例如：三社保〔2026〕12号。各站在“参数”里看得到"


class RuleDialog(Dialog):
    """What holds now stands above; the old value and its ground are kept."""

    def __init__(self, context: Context, rule: Rule) -> None:
        super().__init__(context.window(), rule.label, width=560)
        self.context, self.rule = context, rule
        self.value = _editor(rule)
        self.since, self.ground = DateBox(clock.today().isoformat()), TextBox()
        label = f"新的值（{unit(rule)}）" if unit(rule) else "新的值"
        self.fields = {
            "value": Field(label, self.value.widget, required=True),
            "since": Field("从哪天起", self.since, required=True),
            "doc_no": Field("依据", self.ground, required=True, hint=GROUND),
        }
        ground = f"依据：{rule.doc_no}" if rule.doc_no else ""
        now = "现在是" if rule.holds(clock.today()) else "选中的这条是"
        self.add(Banner("info", f"{now}：{value(rule)}", ground))
        if self.value.wide:
            self.add(self.fields["value"], self.fields["since"])
        else:
            line = HBox(gap=16)
            line.add(self.fields["value"], self.fields["since"], stretch=1)
            self.body.addLayout(line)
        self.add(self.fields["doc_no"])
        self.cancel_button()
        self.go = self.button("公布（Ctrl+S）", "primary", does=self.submit, shortcut="Ctrl+S")
        self.value.put(rule.value)
        self.value.widget.setFocus()

    def submit(self) -> None:
        for each in self.fields.values():
            each.say()
        since = self.since.day()
        if since is None:
            self.fields["since"].say("err", "请填写日期，如 2026-12-01")
            return
        self.go.setEnabled(False)
        self.context.work.do(
            parameter.publish, self.rule.key, self.value.value(),
            since=since, doc_no=self.ground.text().strip(),
            done=self._published, refused=self._refused,
        )  # fmt: skip

    def _published(self, _key: str) -> None:
        self.accept()
        self.context.toast(f"“{self.rule.label}”已公布，各站下次联系时收到")

    def _refused(self, refusal: Refusal) -> None:
        self.go.setEnabled(True)
        self.fields[refusal.field or "value"].say("err", refusal.message)
        self.fit()


def _editor(rule: Rule) -> Editor:
    if isinstance(rule.value, int):
        return Number(Fact(rule.label, Count()))
    if isinstance(rule.value, list):
        return Several(codes.table("TAG").items)
    words = parameter.CHOICES.get(rule.key.partition(".")[0], (rule.value,))
    return Choice([(one, WORDS.get(one, one)) for one in words])
