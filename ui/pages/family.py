"""家属 and 标签 of a person: lists that are saved whole."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from app import circles, retiree
from app.kit.refusal import Refusal
from app.kit.run import Acted, acted
from app.retiree.family import FamilyRow
from models.family import Family
from models.kit import codes
from models.kit.reading import Problem
from models.tag import Tag
from ui.kit.banner import Banner
from ui.kit.buttons import Button, Chip, IconButton
from ui.kit.context import Context
from ui.kit.dialog import Dialog
from ui.kit.editors import Line
from ui.kit.form import Form, Group, Item
from ui.kit.inputs import CheckBox
from ui.kit.label import Label
from ui.kit.layout import Flow, HBox, VBox, holder, rule

AUTOMATIC_TAG = "T01"
TAG_FIELDS = ("since_on", "until_on", "evidence")
FIELDS = ("name", "relation", "phone", "address", "birth", "work_unit_post", "remark",
          "living_together", "is_dependant")  # fmt: skip


def dialog(context: Context, *, retiree_id: str) -> "FamilyDialog":
    """Who belongs to the person, and who is called first."""
    return FamilyDialog(context, retiree_id)


def tags(context: Context, *, retiree_id: str) -> "TagsDialog":
    """What makes the person special, since when, on what ground."""
    return TagsDialog(context, retiree_id)


class _Saving(Dialog):
    """A list of something about a person, saved by one verb."""

    def __init__(self, context: Context, retiree_id: str, title: str, width: int) -> None:
        super().__init__(context.window(), title, width=width)
        self.context, self.retiree_id = context, retiree_id
        self.banner = Banner("bad", "")
        self.banner.hide()
        self.pin(self.banner)
        context.work.ask(retiree.person, retiree_id, done=self._arrived)
        self.cancel_button()
        self.save_button = self.button("保存（Ctrl+S）", "primary", does=self.save)
        self.save_button.setEnabled(False)
        QShortcut(QKeySequence("Ctrl+S"), self).activated.connect(self.save)

    def _arrived(self, person: retiree.Person) -> None:
        self.person = person
        self.subtitle.setText(person.name)
        self.subtitle.show()
        self.save_button.setEnabled(not person.readonly)
        self.show_person(person)
        QTimer.singleShot(0, self, self.fit)

    def show_person(self, person: retiree.Person) -> None:
        """What is there now."""

    def save(self) -> None:
        """Send the whole list."""

    def send(self, verb: Any, rows: Sequence[Any]) -> None:
        self.save_button.setEnabled(False)
        self.context.work.do(
            acted, verb, self.retiree_id, list(rows), done=self._saved, refused=self._refused
        )

    def _saved(self, made: Acted[None]) -> None:
        self.accept()
        if made.tx:  # something was different
            self.context.toast(f"已保存 {self.person.name} 的{self.windowTitle()}", made.tx)

    def _refused(self, refusal: Refusal) -> None:
        self.save_button.setEnabled(True)
        self.banner.say("bad", refusal.message)
        self.banner.show()
        self.point_at(refusal)

    def point_at(self, refusal: Refusal) -> None:
        """Put the cursor where it is wrong."""


# family --------------------------------------------------------------------------------------


class _Member(QWidget):
    """One member of the family; a telephone that is there stays masked until it is typed anew."""

    removed = Signal()
    moved = Signal(int)

    def __init__(self, row: FamilyRow | None) -> None:
        super().__init__()
        self.row = row
        phone = row.phone if row is not None else ""
        items = (
            Item(Family.name), Item(Family.relation), Item(Family.phone, hint=phone),
            Item(Family.address), Item(Family.birth, hint="如 1971-05"),
            Item(Family.work_unit_post), Item(Family.remark, make=Line),
            Item(Family.living_together), Item(Family.is_dependant),
        )  # fmt: skip
        self.called = CheckBox("紧急联系人", checked=row is None or row.contact_order is not None)
        self.form = Form((Group("", items),), columns=3)
        self.form.editors["phone"].widget.setToolTip("不改就空着，原来的号码保留" if phone else "")
        title = HBox(gap=8)
        title.add(Label(row.name if row is not None else "新的家属", "strong", "prit"))
        title.addStretch(1)
        self.up = IconButton("arrow-up", "上移一位", sz="s", does=lambda: self.moved.emit(-1))
        self.down = IconButton("arrow-down", "下移一位", sz="s", does=lambda: self.moved.emit(1))
        away = Button("去掉", "text", "s", icon="trash-2", does=self.removed.emit)
        title.add(self.called, self.up, self.down, away)
        VBox(self, gap=6).add(title, self.form, rule())
        self.put()

    def put(self) -> None:
        row = self.row
        if row is not None:
            self.form.put({
                "name": row.name, "relation": row.relation, "address": row.address,
                "birth": row.birth, "work_unit_post": row.work, "remark": row.remark,
                "is_dependant": row.is_dependant, "living_together": row.living_together,
            })  # fmt: skip

    def values(self, order: int) -> tuple[dict[str, Any], bool]:
        """What is sent, and whether this one is called in an emergency."""
        typed = self.form.values()
        called = self.called.isChecked()
        sent = {name: typed[name] for name in FIELDS if name in typed}
        if self.row is not None:
            sent["id"] = self.row.id
            if not sent["phone"]:
                del sent["phone"]
        sent["contact_order"] = order if called else None
        return sent, called

    def is_blank(self) -> bool:
        typed = self.form.values()
        return self.row is None and not any(typed[n] for n in ("name", "phone", "address"))


class FamilyDialog(_Saving):
    def __init__(self, context: Context, retiree_id: str) -> None:
        super().__init__(context, retiree_id, "家属", 1060)
        self.members: list[_Member] = []
        self.list = VBox(gap=10)
        self.body.addLayout(self.list)
        more = Button("添加家属", "soft", "s", icon="plus", does=self.add_member)
        line = HBox()
        line.add(more)
        line.addStretch(1)
        self.body.addLayout(line)
        self.body.addStretch(1)
        self.say("紧急联系人按这里的先后次序拨打；电话不改就空着", "phone")

    def show_person(self, person: retiree.Person) -> None:
        for row in person.family:
            self._add(_Member(row))
        if person.family:
            self.members[0].form.go_to("name")
        else:
            self.add_member()

    def add_member(self) -> None:
        member = _Member(None)
        self._add(member)
        QTimer.singleShot(0, member, self.fit)
        QTimer.singleShot(0, member, lambda: member.form.go_to("name"))

    def _add(self, member: _Member) -> None:
        self.members.append(member)
        self.list.addWidget(member)
        member.removed.connect(partial(self._remove, member))
        member.moved.connect(partial(self._move, member))
        self._say_order()

    def _remove(self, member: _Member) -> None:
        self.members.remove(member)
        member.hide()
        member.deleteLater()
        self._say_order()

    def _move(self, member: _Member, by: int) -> None:
        """Up or down among the others; whoever stands first is called first."""
        at = self.members.index(member)
        self.members.insert(at + by, self.members.pop(at))
        self.list.removeWidget(member)
        self.list.insertWidget(at + by, member)
        self._say_order()
        button = member.up if by < 0 else member.down
        (button if button.isEnabled() else member.called).setFocus()

    def _say_order(self) -> None:
        for at, member in enumerate(self.members):
            member.up.setEnabled(at > 0)
            member.down.setEnabled(at < len(self.members) - 1)

    def save(self) -> None:
        if not self.save_button.isEnabled():
            return
        self.sent = [member for member in self.members if not member.is_blank()]
        rows, order = [], 1
        for member in self.sent:
            member.form.calm()
            values, called = member.values(order)
            order += called
            rows.append(values)
        self.send(retiree.set_family, rows)

    def point_at(self, refusal: Refusal) -> None:
        parts = (refusal.field or "").split(".")
        if len(parts) != len(("family", "at", "field")) or not parts[1].isdigit():
            return
        form = self.sent[int(parts[1])].form
        if parts[2] in form.fields:
            form.show_problem(parts[2], Problem(refusal.message))
            form.go_to(parts[2])


# tags ----------------------------------------------------------------------------------------


class TagsDialog(_Saving):
    """Chips on top; for each that is on, since when and on what ground."""

    def __init__(self, context: Context, retiree_id: str) -> None:
        super().__init__(context, retiree_id, "标签", 860)
        self.chips: dict[str, Chip] = {}
        self.details: dict[str, Form] = {}
        self.box, self.lines = Flow(gap=6, lines=6), VBox(gap=8)
        self.add(holder(self.box))
        self.body.addLayout(self.lines)
        self.body.addStretch(1)
        self.say("“高龄”由出生日期自动得出，不用勾选；去掉的标签从今天起失效")

    def show_person(self, person: retiree.Person) -> None:
        hidden = circles.tags_outside(circles.of_roles(self.context.desk.roles))
        there = {one.code: one for one in person.tags}
        tags = codes.table("TAG")
        old = [
            (code, f"{tags.name(code)}（已停用）") for code in there if code not in dict(tags.items)
        ]
        for code, name in (*tags.items, *old):
            if code == AUTOMATIC_TAG or code in hidden:
                continue
            self.chips[code] = Chip(name)
            self.chips[code].toggled.connect(partial(self._toggled, code))
            self.box.add(self.chips[code])
        for code, one in there.items():
            if code in self.chips:
                self.chips[code].setChecked(True)
                self.details[code].put({name: getattr(one, name) for name in TAG_FIELDS})
        next(iter(self.chips.values())).setFocus(Qt.FocusReason.OtherFocusReason)

    def _toggled(self, code: str, on: bool) -> None:
        if on:
            items = (
                Item(Tag.since_on, label="从哪天起", hint="空着就是今天"),
                Item(Tag.until_on, label="到哪天止", hint="空着就是一直有效"),
                Item(Tag.evidence, hint="如 残疾证号、社区证明"),
            )
            group = Group(codes.table("TAG").name(code), items)
            self.details[code] = Form((group,), columns=len(items))
            self.lines.addWidget(self.details[code])
        else:
            gone = self.details.pop(code)
            gone.hide()
            gone.deleteLater()
        QTimer.singleShot(0, self, self.fit)

    def save(self) -> None:
        if not self.save_button.isEnabled():
            return
        rows = []
        for code, form in self.details.items():
            typed = form.values()
            problems = form.problems() or _backwards(typed)
            for name, problem in problems.items():
                form.show_problem(name, problem)
            if problems:
                form.go_to(next(iter(problems)))
                return
            since = {} if typed["since_on"] else {"since_on"}
            rows.append({"code": code, **{k: v for k, v in typed.items() if k not in since}})
        self.send(retiree.set_tags, rows)


def _backwards(typed: dict[str, Any]) -> dict[str, Problem]:
    since, until = typed["since_on"], typed["until_on"]
    if since and until and until < since:
        return {"until_on": Problem(f"止的日子早于起的日子 {since}，请核对")}
    return {}
