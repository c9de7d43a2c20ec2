"""今天要办: rows merged per person, an order, segments, ↓↑ and Enter."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import roles
from app import workbench as verbs
from ui.kit.buttons import Button, Segmented
from ui.kit.card import Card
from ui.kit.context import Context
from ui.kit.empty import EmptyState
from ui.kit.label import Label
from ui.kit.layout import HBox, VBox, clear, holder, rule
from ui.kit.task_row import Task, TaskRow

FEW, ALL = 6, 200
TONES = {
    "visit": "pri", "home": "info", "suspicion": "warn", "offers": "info", "late": "warn",
    "sent": "warn", "forms": "pri", "birthday": "warn", "unreturned": "warn", "drill": "bad",
    "notice": "info",
}  # fmt: skip
URGENT, BY_BUILDING = "按紧急程度", "按楼栋"


class TodoCard(Card):
    """`counted` gives the numbers of the segments each time they were read."""

    counted = Signal(dict)

    def __init__(self, context: Context) -> None:
        super().__init__(margins=(0, 0, 0, 0), gap=0)
        self.context = context
        self.limit, self.order, self.whole = FEW, "urgency", False
        self.may = roles.may(context.desk, "visit", "write")
        self.new: bool | None = None
        self.wants_focus = False
        self.shown: verbs.Todo | None = None
        self.rows: list[TaskRow] = []
        self._arrange()

    def _arrange(self) -> None:
        self.list = VBox(margins=(18, 0, 14, 0))
        self.foot, self.all = rule(), Button("", "text", does=self._all)
        self.all.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.body.add(self._top(), rule(), holder(self.list))
        self.body.addStretch(1)
        self.body.add(self.foot, self.all)
        for each in (self.foot, self.all):
            each.hide()

    def _top(self) -> QWidget:
        self.sort = Button(URGENT, "quiet", "s", icon="arrow-down-wide-narrow", does=self._turn)
        self.segments = Segmented(verbs.SEGMENTS)
        self.segments.chosen.connect(self._again)
        line = HBox(gap=12, margins=(18, 8, 12, 8))
        line.add(Label("今天要办", "h2"), self.sort)
        line.addStretch(1)
        line.add(self.segments)
        return holder(line)

    # reading ----------------------------------------------------------------------------

    def reload(self) -> None:
        """Asks for twice as many as it shows: rows of one person are put together."""
        limit = ALL if self.whole else 2 * self.limit
        key = self.segments.current()
        self.context.work.ask(verbs.todo, key, self.order, limit, done=self._show)

    def _again(self, _key: str) -> None:
        self.whole = False
        self.reload()

    def _turn(self) -> None:
        by_day = self.order == "building"
        self.order = "urgency" if by_day else "building"
        self.sort.set_text(URGENT if by_day else BY_BUILDING)
        self.reload()

    def _all(self) -> None:
        self.whole = not self.whole
        self.reload()

    def say_new(self, *, new: bool) -> None:
        """Nobody is registered yet: the list says how to begin."""
        if new != self.new:
            self.new = new
            if self.shown is not None:
                self._show(self.shown, again=True)

    def _show(self, read: verbs.Todo, *, again: bool = False) -> None:
        self.counted.emit(read.counts)
        for key, words in verbs.SEGMENTS:
            self.segments.relabel(key, f"{words} {read.counts[key]}")
        self.shown = read
        todo = merged(read)[: ALL if self.whole else self.limit]
        if (
            again
            or [self._task(one) for one in todo] != [row.task for row in self.rows]
            or not todo
        ):
            self._fill(todo)
        self._say_rest(read)
        if self.wants_focus:
            self.focus_first()

    def _say_rest(self, read: verbs.Todo) -> None:
        total = read.counts[self.segments.current()]
        cut = total > len(read.rows) or len(merged(read)) > len(self.rows)
        more = bool(self.rows) and cut
        rest = total - len(read.rows)
        back = f"收起（还有 {rest} 件没有列出）" if rest > 0 else "收起"
        self.all.set_text(back if self.whole else f"查看全部 {total} 件")
        for each in (self.all, self.foot):
            each.setVisible(more or self.whole)

    def _fill(self, todo: Sequence[verbs.TodoRow]) -> None:
        focused = next((at for at, one in enumerate(self.rows) if one.button.hasFocus()), -1)
        clear(self.list)
        self.rows = []
        for one in todo:
            if self.rows:
                self.list.addWidget(rule())
            made = TaskRow(self._task(one))
            made.acted.connect(self._actor(one))
            self.rows.append(made)
            self.list.addWidget(made)
        *_, last = self.segments.buttons.values()
        for before, after in pairwise([last, *(row.button for row in self.rows)]):
            self.setTabOrder(before, after)  # new ones would come after everything else
        if not todo and self.new is not None:
            self.list.addWidget(self._nothing())
        elif todo and focused >= 0:
            self.rows[min(focused, len(todo) - 1)].button.setFocus()

    def _nothing(self) -> QWidget:
        if self.new:
            load = Button("导入名册", icon="file-spreadsheet", does=self._opens("import_roster"))
            add = Button("登记一个人", icon="user-plus", does=self._opens("register"))
            words = "有 Excel 名册就整批导入，没有就一个一个登记，几分钟就能开始办事"
            return EmptyState("users", "先导入名册", words, buttons=(load, add))
        word = {"overdue": "没有逾期的事", "today": "今天没有要办的事"}
        title = word.get(self.segments.current(), "今天的事都办完了")
        return EmptyState("circle-check", title, "新的事到期时会出现在这里", tone="ok")

    def _opens(self, name: str) -> Callable[[], object]:
        return lambda: self.context.open(name)

    # acting -----------------------------------------------------------------------------

    def _actor(self, one: verbs.TodoRow) -> Callable[[str], None]:
        return lambda _id: self._act(one)

    def _task(self, one: verbs.TodoRow) -> Task:
        """Who may only look goes to the person, or to the list."""
        made = task_of(one)
        return made if self.may else replace(made, action="看档案" if one.retiree_id else "去看看")

    def _act(self, one: verbs.TodoRow) -> None:
        if one.kind == "notice":
            self.context.open("notices")
        elif not self.may and one.retiree_id:
            self.context.open("person", retiree_id=one.retiree_id)
        elif not self.may and one.kind == "forms":
            self.context.open("certification", tab="due")
        elif one.kind == "suspicion":
            self.context.open("suspicion", suspicion_id=one.target)
        elif one.kind in {"offers", "late", "sent"}:
            self.context.open("handovers", chip=one.kind)
        elif one.kind == "drill":
            self.context.open("settings", tab="backup")
        elif one.kind == "forms":
            segment = self.segments.current()
            self.context.work.ask(verbs.form_tasks, one.target, segment, done=self._print)
        elif one.kind == "home":
            self.context.open("visit", retiree_id=one.retiree_id, also_certify=True)
        elif one.kind == "unreturned":
            self.context.open("contact", task_id=one.target)
        elif one.kind == "birthday":
            self.context.open("visit", retiree_id=one.retiree_id, visit_type="08")
        else:
            self.context.open("visit", retiree_id=one.retiree_id)

    def _print(self, task_ids: list[str]) -> None:
        self.context.open("print_forms", task_ids=tuple(task_ids))

    # keys -------------------------------------------------------------------------------

    def focus_first(self) -> None:
        self.wants_focus = not self.rows
        if self.rows:
            self.rows[0].button.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        at = next((n for n, one in enumerate(self.rows) if one.button.hasFocus()), -1)
        steps: dict[int, int] = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        if at >= 0 and event.key() in steps:
            to = max(0, min(at + steps[event.key()], len(self.rows) - 1))
            self.rows[to].button.setFocus(Qt.FocusReason.TabFocusReason)
        elif at >= 0 and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.rows[at].button.click()
        else:
            super().keyPressEvent(event)


def merged(read: verbs.Todo) -> list[verbs.TodoRow]:
    """One row a person: a doubt or else the most urgent matter first, the others named behind."""
    doubts = {one.retiree_id: one for one in reversed(read.doubts)}
    found: dict[str, verbs.TodoRow] = {}
    for one in read.rows:
        key = one.retiree_id or one.kind + one.target
        first = found.get(key)
        if first is None:
            doubt = doubts.get(one.retiree_id, one)
            found[key] = one if doubt.kind == one.kind else doubt_first(doubt, one)
        elif {one.kind, first.kind} == {"visit", "home"}:
            both = f"{first.matter}、{one.matter}"
            found[key] = replace(first, kind="home", icon="house", matter=both, button="填写结果")
        elif one.kind != first.kind:
            also = "今天生日" if one.kind == "birthday" and not one.days_left else one.matter
            found[key] = replace(first, detail=f"{first.detail}；{also}")
    return list(found.values())


def doubt_first(doubt: verbs.TodoRow, other: verbs.TodoRow) -> verbs.TodoRow:
    """Whoever is said to have died is not called once more, nor wished a happy birthday; the row
    stays as late as it is."""
    return replace(
        other, kind=doubt.kind, icon=doubt.icon, target=doubt.target, matter=doubt.matter,
        detail=f"{doubt.detail}；{other.matter}", button=doubt.button,
    )  # fmt: skip


def task_of(one: verbs.TodoRow) -> Task:
    """A thing to do as its row shows it."""
    late = one.days_late > 0
    if late:
        due, due_tone = f"逾期 {one.days_late} 天", "bad"
    elif one.days_left is None:
        due, due_tone = "到期日待核", "warn"
    else:
        due = "今天" if one.days_left == 0 else f"还剩 {one.days_left} 天"
        due_tone = "warn" if one.days_left == 0 else "t2"
    return Task(
        f"{one.kind}:{one.target}",
        one.icon,
        "bad" if late and one.kind in {"visit", "unreturned"} else TONES[one.kind],
        one.title,
        one.matter,
        one.detail,
        due,
        due_tone,
        "circle-alert" if late else "clock",
        one.button,
        soft=late or one.kind == "home",
    )
