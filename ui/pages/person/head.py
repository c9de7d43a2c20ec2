"""The card on top of a person's page: who, how it stands, what to do. One line when scrolled."""

from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from app import movement, retiree, roles
from app.retiree.page import TaskCard
from models.retiree import CERTIFIABLE, ON_BOOKS
from ui.kit import icons
from ui.kit.banner import Banner
from ui.kit.buttons import Button, IconButton
from ui.kit.card import Card
from ui.kit.context import Context
from ui.kit.label import Elided, Label, restyle
from ui.kit.layout import Flow, Grid, HBox, VBox, clear, holder
from ui.kit.secret import Secret
from ui.kit.tag import Tag
from ui.kit.tokens import Room, colour, px
from ui.pages.person.consents import may_print
from ui.pages.person.portrait import Portrait
from ui.pages.person.tab import may_write, value_of

MOST_TAGS = 6
LARGE, LINE = 8, 20  # characters of a name that is written large, and on one line
FACTS = ("id_no", "mobile", "address", "employer_name", "retired_on", "pay_state")
TAG_ICONS = {
    "1": "circle-check", "2": "circle-check", "due": "clock", "contacted": "clock",
    "unknown": "circle-help", "home_visit": "house", "done": "circle-check",
    "suspicion": "circle-alert", "visit_overdue": "circle-alert", "overdue": "circle-alert",
}  # fmt: skip


class Act(NamedTuple):
    """One line of the menu 更多."""

    text: str
    icon: str
    name: str
    verb: str = ""


JOIN = "合并重复登记"
STRIPS = ("handover", "joining")
HEADS = frozenset({"head", "centre_head"})
MOVES = {
    "suspect_death": "circle-alert", "move_out": "log-out", "moved": "arrow-right-left",
    "come_back": "user-check",
    "stay": "undo-2", "lose": "user-x", "find": "user-check", "correct": "undo-2",
}  # fmt: skip


class Head(Card):
    """`asked(name, verb)`: what was chosen in the menu."""

    asked = Signal(str, str)

    def __init__(self, context: Context) -> None:
        super().__init__(margins=(18, 12, 18, 12), gap=8)
        self.context = context
        self.person: retiree.Person | None = None
        self.room: Room = "full"
        self.collapsed = False
        self.photo = Portrait(context)
        self.name, self.note = Label("", "display"), Elided("", "", "body", "t2")
        self.tags, self.facts = Flow(gap=6, lines=4), Grid(gap=(10, 3))
        self.acts = HBox(gap=8)
        self.strip = Banner("neu", "")
        self.top, self.below = HBox(gap=12), HBox(gap=8)
        self._arrange()

    def _arrange(self) -> None:
        self.top.add(self.name)
        self.top.addWidget(self.note, 1)
        self.act_holder = holder(self.acts)
        self.top.addWidget(self.act_holder)
        self.more_lines = holder(self.facts)
        self.tag_line = holder(self.tags)
        words = VBox(gap=5)
        words.addLayout(self.top)
        words.add(self.tag_line, self.more_lines)
        words.addLayout(self.below)
        self.below.addStretch(1)
        line = HBox(gap=18)
        line.addWidget(self.photo, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        self.strip.hide()
        self.body.addWidget(self.strip)
        self.body.addLayout(line)

    def show_person(self, person: retiree.Person) -> None:
        self.person = person
        self.name.setProperty("role", "display" if len(person.name) <= LARGE else "title")
        restyle(self.name)
        self.name.wrap(on=len(person.name) > LINE)
        self.name.setText(person.name)
        self.photo.show_person(person)
        years = f"{person.age}岁" if person.age is not None else ""
        self.note.show_words("", " · ".join(p for p in (person.sex, years, person.birthday) if p))
        self._show_tags(person)
        self._show_facts(person)
        self._show_acts(person)
        waits = person.banner if person.banner and person.banner.act in STRIPS else None
        self.strip.setVisible(bool(person.readonly or waits))
        if person.readonly:
            self.strip.say("neu", person.readonly)
        elif waits is not None:
            go = Button(f"{JOIN}…", sz="s", does=lambda: self.asked.emit("joining", ""))
            may = waits.act == "joining" and may_write(self.context, person)
            self.strip.say(waits.tone, waits.title, waits.text, actions=(go,) if may else ())

    def _show_tags(self, person: retiree.Person) -> None:
        clear(self.tags)
        shown = person.marks[:MOST_TAGS]
        self.tags.add(*(Tag(m.text, m.tone, TAG_ICONS.get(m.code, "")) for m in shown))
        left = person.marks[MOST_TAGS:]
        if left:
            rest = Tag("…")
            rest.setToolTip("、".join(mark.text for mark in left))
            rest.setAccessibleName(rest.toolTip())
            self.tags.add(rest)
        if person.missing and person.manage_state in ON_BOOKS:
            self.tags.add(Tag(f"资料待补 {len(person.missing)} 项", "neu", "clipboard-list"))

    def _show_facts(self, person: retiree.Person) -> None:
        clear(self.facts)
        columns = 2 if self.room == "small" else 3
        for place, name in enumerate(FACTS):
            line, column = divmod(place, columns)
            label, value = self._fact(person, name)
            shown = value if isinstance(value, QWidget) else Elided("", value)
            self.facts.addWidget(Label(label, "body", "t2"), line, 2 * column)
            self.facts.addWidget(shown, line, 2 * column + 1)
        for column in range(columns):
            self.facts.setColumnStretch(2 * column + 1, 3 if column == columns - 1 else 2)

    def _fact(self, person: retiree.Person, name: str) -> tuple[str, str | QWidget]:
        if name == "address":
            return "住址", person.address or "待补"
        if name == "mobile":
            number = "mobile" if person.values.get("mobile") else "phone"
            if not person.values.get(number):
                return "联系电话", "无电话" if person.values.get("no_phone") else "待补"
            return "联系电话", value_of(self.context, person, number)
        labels = {"id_no": "身份证号", "employer_name": "退休单位", "retired_on": "退休时间"}
        return labels.get(name, "待遇状态"), value_of(self.context, person, name)

    # acts -------------------------------------------------------------------------------

    def _show_acts(self, person: retiree.Person) -> None:
        """Anew; the focus stays with the act that had it, or with what comes last."""
        held = self._focused_act()
        clear(self.acts)
        write = may_write(self.context, person)
        openly = self.context.open
        if write:
            self.acts.add(Button("登记走访", "primary", icon="footprints",
                                 does=lambda: openly("visit", retiree_id=person.id)))  # fmt: skip
        task = self.printable(person)
        if task is not None:
            again = "重打认证表" if task.printed_at else "打印认证表"
            self.acts.add(Button(again, icon="printer", does=self.print_form))
        if write:
            self.acts.add(Button("编辑", icon="pencil",
                                 does=lambda: openly("edit", retiree_id=person.id)))  # fmt: skip
        self.more = IconButton("ellipsis", "更多操作", "default", does=self._open_menu)
        self.acts.add(self.more)
        if held:
            acts = self.act_holder.findChildren(QPushButton)
            same = (one for one in acts if one.accessibleName() == held)
            next(same, self.more).setFocus(Qt.FocusReason.OtherFocusReason)

    def _focused_act(self) -> str:
        now = self.window().focusWidget()
        there = now is not None and self.act_holder.isAncestorOf(now)
        return now.accessibleName() if now is not None and there else ""

    def stops(self) -> list[QWidget]:
        """Where Tab stops, in reading order: what one can do, then what one can look at."""
        acts = self.act_holder.findChildren(QPushButton)
        return [*acts, self.photo, *(one.word for one in self.more_lines.findChildren(Secret))]

    def printable(self, person: retiree.Person) -> TaskCard | None:
        """The task a form is waited for."""
        desk = self.context.desk
        may = roles.may(desk, "cert_task", "print") and not roles.is_central(desk)
        return person.task if may and person.manage_state in CERTIFIABLE else None

    def print_form(self) -> None:
        task = self.printable(self.person) if self.person is not None else None
        if task is not None:
            self.context.open("print_forms", task_ids=(task.id,))

    def menu_acts(self) -> list[Act | None]:
        """None is a line between groups."""
        person = self.person
        if person is None:
            return []
        desk = self.context.desk
        write, head = roles.may(desk, "retiree", "write"), bool(HEADS & desk.roles)
        moves = [Act(movement.WORDS[verb], MOVES[verb], "movement", verb)
                 for verb in person.allowed if write and (head or verb != "correct")]  # fmt: skip
        if may_write(self.context, person) and person.twin:
            moves.append(Act(f"{JOIN}…", "git-compare", "joining"))
        if may_write(self.context, person):
            moves.append(Act("登记作废", "circle-x", "movement", "void"))
        changes = [Act("编辑标签", "star", "tags"), Act("编辑家属", "users", "family"),
                   Act("登记同意事项", "file-check", "consent")]  # fmt: skip
        lists = changes if write and not person.readonly else []
        papers = [Act("打印走访记录", "printer", "record"), Act("打印档案", "printer", "paper")]
        if may_print(self.context, person):
            papers.insert(0, Act("打印告知书", "printer", "notice"))
        rest = [*(papers if roles.may(desk, "print", "print") else []),
                Act("操作日志", "scroll-text", "edits")]  # fmt: skip
        may_erase = roles.is_central(desk) and roles.may(desk, "erasure", "write")
        last = [Act("清除资料…", "trash-2", "erase")] if may_erase else []
        found: list[Act | None] = []
        for group in (lists, moves, rest, last):
            if group and found:
                found.append(None)
            found += group
        return found

    def _open_menu(self) -> None:
        menu = QMenu(self)
        for act in self.menu_acts():
            if act is None:
                menu.addSeparator()
                continue
            picture = icons.icon(act.icon, px(18), colour.t2)
            entry = menu.addAction(picture, act.text)
            entry.triggered.connect(lambda _on=False, act=act: self.asked.emit(act.name, act.verb))
        menu.aboutToHide.connect(menu.deleteLater)
        spot = self.more.mapToGlobal(self.more.rect().bottomRight())
        spot.setX(spot.x() - menu.sizeHint().width())
        menu.popup(spot)

    # room -------------------------------------------------------------------------------

    def collapse(self, small: bool) -> None:
        """One line while the tab below is scrolled and the window is low."""
        self.collapsed = small
        self._place_acts()
        for each in (self.photo, self.tag_line, self.more_lines):
            each.setVisible(not small)

    def _place_acts(self) -> None:
        """Beside the name, or under everything where there is little room."""
        for line in (self.top, self.below):
            line.removeWidget(self.act_holder)
        if self.room == "small" and not self.collapsed:
            self.below.insertWidget(0, self.act_holder)
        else:
            self.top.addWidget(self.act_holder)

    def fit(self, room: Room) -> None:
        if room == self.room:
            return
        self.room = room
        self._place_acts()
        if self.person is not None:
            self._show_facts(self.person)
