"""增减变动: 疑似死亡, 迁出, 迁回, 失联, 找回, 更正, 作废. Says first what will happen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from app import handover, movement, retiree
from app.kit.run import Acted, acted
from app.kit.saved import Saved
from models.kit import clock, person_name, pinyin
from models.kit.fields import Fact
from models.movement import Movement
from ui.kit.banner import Banner
from ui.kit.context import Context
from ui.kit.editors import Area, Editor, Line, Lookup
from ui.kit.field import Field
from ui.kit.form import Form, Group, Item
from ui.kit.form_dialog import Done, FormDialog, Refused
from ui.kit.inputs import TextBox
from ui.kit.label import restyle
from ui.kit.layout import Grid, holder
from ui.kit.picker import Answer, Suggestion

NUMBERS = "①②③④"
VOID = "void"


@dataclass(frozen=True)
class Kind:
    """One movement: its words, fields, and what follows from it. `typed`: the name is asked."""

    title: str
    act: str
    points: tuple[str, ...]
    fields: tuple[str, ...]
    labels: Mapping[str, str]
    typed: bool = False
    note: str = ""


KINDS: Mapping[str, Kind] = {
    "suspect_death": Kind(
        "登记疑似死亡", "确认登记",
        ("认证任务冻结，退出到期名单，也不再安排走访",
         "随下次上报送区中心核实；是否停发养老金由经办机构决定",
         "记入异常待核，核实以前资料照常保留"),
        ("changed_on", "source_way", "basis"),
        {"changed_on": "去世日期", "source_way": "消息来源", "basis": "情况说明"},
        typed=True, note="登记后 24 小时内可撤销；之后由站长更正",
    ),
    "move_out": Kind(
        "登记迁出", "登记迁出",
        ("转为“迁出中”，认证任务冻结，退出到期名单",
         "转到本区的站点：由对方接收，接收以前仍由本站管理",
         "迁到别处：随下次上报送区中心，由区中心通知接收地"),
        ("changed_on", "to_office", "basis"),
        {"changed_on": "迁出日期", "to_office": "迁往哪里", "basis": "依据"},
        note="迁到别处的，接收地确认后再登记“已迁出”",
    ),
    "stay": Kind(
        "撤回迁出", "撤回",
        ("恢复到登记迁出以前的状态", "认证任务重新列入待认证",
         "转给别的站点而对方还没有接收的，一并撤回"),
        ("basis",),
        {"basis": "撤回的原因"},
    ),
    "moved": Kind(
        "登记已迁出", "登记已迁出",
        ("转为“已迁出”，资料只读", "不再计入在册人数", "随下次上报送区中心"),
        ("changed_on", "to_office", "basis"),
        {"changed_on": "迁出日期", "to_office": "接收单位", "basis": "依据"},
    ),
    "come_back": Kind(
        "登记迁回", "登记迁回",
        ("重新计入在册人数，资料可以修改", "认证任务重新列入待认证", "随下次上报送区中心"),
        ("changed_on", "from_office", "basis"),
        {"changed_on": "迁回日期", "from_office": "从哪里迁回", "basis": "依据"},
        note="新住址请保存后在基本信息里改",
    ),
    "lose": Kind(
        "登记失联", "登记失联",
        ("认证任务冻结，退出到期名单", "随下次上报送区中心",
         "记入异常待核，请继续联系家属、邻居"),
        ("changed_on", "basis"),
        {"changed_on": "失联日期", "basis": "联系经过"},
    ),
    "find": Kind(
        "登记找回", "登记找回",
        ("恢复到失联前的状态", "认证任务重新列入待认证"),
        ("changed_on", "basis"),
        {"changed_on": "找回日期", "basis": "怎样联系上的"},
    ),
    "correct": Kind(
        "更正状态", "更正",
        ("恢复到登记前的状态，原来的登记保留备查", "认证任务重新列入待认证"),
        ("basis",),
        {"basis": "更正的原因"}, note="只有站长可以更正",
    ),
    VOID: Kind(
        "登记作废", "确认作废",
        ("退出名单、统计和到期提醒，认证、走访等记录一起作废",
         "资料留底，在“已作废”里可以恢复", "随下次上报告诉区中心"),
        ("basis",),
        {"basis": "作废的原因"},
        typed=True, note="登记错了人、登记重了才作废；去世、迁走的请办疑似死亡、迁出",
    ),
}  # fmt: skip
REQUIRED = frozenset({"changed_on", "source_way", "from_office", "to_office", "basis"})
HINTS = {"source_way": "如 儿子电话告知", "to_office": "省、市、街道或社区", "basis": ""}


def dialog(context: Context, *, retiree_id: str, verb: str) -> "MovementDialog":
    """The dialog of one movement; KeyError for a verb there is not."""
    return MovementDialog(context, retiree_id, KINDS[verb], verb)


class MovementDialog(FormDialog):
    def __init__(self, context: Context, retiree_id: str, kind: Kind, verb: str) -> None:
        self.retiree_id, self.kind, self.verb, self.who = retiree_id, kind, verb, ""
        items = tuple(_item(context, kind, name) for name in kind.fields)
        form = Form((Group("", items),))
        super().__init__(
            context, kind.title, form, subtitle="请核对后再保存",
            width=800, act=kind.act,
        )  # fmt: skip
        self.typed = TextBox(hint="请输入姓名")
        self.name_box, self.number_box = TextBox(), TextBox()
        self.typed_field = Field("为防止误操作，请输入这位人员的姓名", self.typed)
        self._arrange()
        self.saved.connect(self._tell)
        context.work.ask(retiree.person, retiree_id, done=self._present)

    def _arrange(self) -> None:
        listed = "\n".join(f"{m} {p}" for m, p in zip(NUMBERS, self.kind.points, strict=False))
        self.body.insertWidget(0, Banner("warn", "保存后将同时发生", listed))
        self.body.insertWidget(1, self._identity())
        for box in (self.name_box, self.number_box):
            box.set_read_only()
        if self.kind.typed:
            self.body.insertWidget(self.body.count() - 1, self.typed_field)
            self.typed.textChanged.connect(self._compare)
            *_, last = self.form.editors.values()
            self.setTabOrder(last.widget, self.typed)
            self.setTabOrder(self.typed, self.cancel)
            self.save_button.setEnabled(False)
            self.save_button.setProperty("kind", "danger")
            restyle(self.save_button)
            self.save_button.setText(self.kind.act)
        if self.kind.note:
            self.say(self.kind.note)

    def _identity(self) -> QWidget:
        grid = Grid(gap=(18, 10))
        grid.addWidget(Field("姓名", self.name_box), 0, 0)
        grid.addWidget(Field("身份证号", self.number_box), 0, 1)
        return holder(grid)

    def _present(self, person: retiree.Person) -> None:
        self.who = person.name
        years = f"{person.age}岁" if person.age is not None else ""
        self.name_box.setText(f"{person.name}（{'，'.join(p for p in (person.sex, years) if p)}）")
        self.name_box.setCursorPosition(0)  # of a long name its beginning is seen
        self.number_box.setText(str(person.values.get("id_no") or ""))
        start = {} if "changed_on" not in self.kind.fields else {"changed_on": clock.today()}
        self.start(start if self.verb != "suspect_death" else {})

    def _begin(self, group: str) -> None:
        """What will happen is read first, so it stays in sight."""
        super()._begin(group)
        bar = self.scroller.verticalScrollBar()
        QTimer.singleShot(0, bar, lambda: bar.setValue(0))

    def _compare(self, text: str) -> None:
        """The only thing looked at while typing, besides the ID number."""
        said = person_name.normalise(text)
        left = len(self.who) - len(said)
        same = person_name.is_typed(text, self.who)
        if same:
            self.typed_field.say("ok", "姓名一致")
        elif self.who.startswith(said) and left > 0:
            self.typed_field.say("hint", f"还差 {left} 个字" if said else "")
        else:
            self.typed_field.say("warn", "和这位人员的姓名不一致")
        self.save_button.setEnabled(same)

    def save(self) -> None:
        if self.kind.typed and not person_name.is_typed(self.typed.text(), self.who):
            self.typed_field.say("err", f"请输入“{self.who}”，才能{self.kind.act}")
            self.typed.setFocus()
            return
        super().save()

    def write(
        self, values: dict[str, Any], _reasons: Mapping[str, str], done: Done, refused: Refused
    ) -> None:
        send = partial(self.context.work.do, acted, done=done, refused=refused)
        who, on, basis = self.retiree_id, values.get("changed_on"), values.get("basis") or ""
        source, to = values.get("source_way") or "", values.get("to_office") or ""
        place = values.get("from_office") or ""
        sending: dict[str, Callable[[], object]] = {
            "suspect_death": lambda: send(movement.suspected_death, who, on, source, basis),
            "move_out": lambda: send(movement.moved_out, who, on, to, basis),
            "moved": lambda: send(movement.moved_out, who, on, to, basis, confirmed=True),
            "come_back": lambda: send(movement.come_back, who, on, place, basis),
            "stay": lambda: send(movement.stayed, who, basis),
            "lose": lambda: send(movement.lost, who, on, basis),
            "find": lambda: send(movement.found, who, on, basis),
            "correct": lambda: send(movement.correct, who, basis),
            VOID: lambda: send(retiree.void_registration, who, basis),
        }
        sending[self.verb]()

    def _refused(self, refusal: Any) -> None:
        names = {"source": "source_way", "to": "to_office", "reason": "basis", "on": "changed_on"}
        refusal.field = names.get(refusal.field or "", refusal.field)
        super()._refused(refusal)

    def _tell(self, made: Acted[Saved | None]) -> None:
        words = f"{self.who}：{self.kind.title.removeprefix('登记')}已登记"
        if self.verb == "stay":
            words = f"{self.who} 的迁出已撤回"
        if self.verb == "correct":
            words = f"{self.who} 的状态已更正"
        if self.verb == VOID:
            words = f"{self.who} 的登记已作废"
            self.context.open("retirees")
        said = made.result or Saved("")
        self.context.toast("。".join((words, *said.notes)), "" if said.final else made.tx)


def _item(context: Context, kind: Kind, name: str) -> Item:
    make: Callable[[Fact], Editor] | None = _area if name == "basis" else None
    if name in {"source_way", "from_office"} or kind is KINDS["moved"]:
        make = _line if name in {"source_way", "from_office", "to_office"} else make
    elif name == "to_office":
        make = partial(_place, context)
    must = name in REQUIRED and not ("source_way" in kind.fields and name == "basis")
    column, wide = getattr(Movement, name), name == "basis"
    return Item(column, label=kind.labels[name], wide=wide, required=must, make=make)


def _area(fact: Fact) -> Area:
    return Area(fact, HINTS["basis"])


def _place(context: Context, fact: Fact) -> Lookup:
    """A station of the district, or any other place."""

    def source(text: str, answer: Answer) -> None:
        def found(rows: list[tuple[str, str]]) -> None:
            said = pinyin.term(text)
            fit = [row for row in rows if any(k.startswith(said) for k in pinyin.name_keys(row[1]))]
            answer([Suggestion(key, name, "本区站点") for key, name in fit])

        context.work.ask(handover.stations, done=found)

    return Lookup(fact, source, "本区的站点请选，别处请写省、市、街道", free=True)


def _line(fact: Fact) -> Line:
    return Line(fact, hint=HINTS["source_way"] if "来源" in fact.label else HINTS["to_office"])
