"""A form from facts: labels, editors, one message line per field, groups in two columns.

`Form` is the fields; `ui.kit.form_dialog.FormDialog` adds checking, saving and drafts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QPlainTextEdit, QWidget

from models.kit.fields import Fact, fact
from models.kit.kinds import Code, Codes
from models.kit.reading import Problem
from models.kit.validate import problem_of
from ui.kit.editors import Editor, Tick, editor_for
from ui.kit.field import Field
from ui.kit.label import Label, show_if
from ui.kit.layout import Grid, VBox, rule, scroll_to


@dataclass(frozen=True)
class Item:
    """A column on a form. `hint` stands inside the editor, `note` under it; `wide` takes the whole
    line; `derived` is shown, never typed; `make` brings an editor of one's own; `required`
    overrides the fact."""

    column: Any
    label: str = ""
    hint: str = ""
    wide: bool = False
    derived: bool = False
    note: str = ""
    required: bool | None = None
    make: Callable[[Fact], Editor] | None = None

    @property
    def name(self) -> str:
        return str(self.column.key)

    @property
    def fact(self) -> Fact:
        found = fact(self.column)
        if found is None:
            raise TypeError(f"{self.name} has no fact: the system writes it")
        return found


@dataclass(frozen=True)
class Group:
    """Fields under a heading; `key` is what 编辑 of a card opens the form at."""

    title: str
    items: tuple[Item, ...]
    key: str = ""


class Form(QWidget):
    """`changed` at every keystroke, `left(name)` when a field is done, `linked(name, key)` when a
    one-click correction beside a field is taken."""

    changed = Signal()
    left = Signal(str)
    linked = Signal(str, str)

    def __init__(self, groups: Sequence[Group], *, columns: int = 2) -> None:
        super().__init__()
        self.columns = columns
        self.items: dict[str, Item] = {}
        self.editors: dict[str, Editor] = {}
        self.fields: dict[str, Field] = {}
        self.headings: dict[str, QWidget] = {}
        self.first_of: dict[str, str] = {}
        self.touched: set[str] = set()
        self.suggested: dict[str, Problem] = {}
        self.quiet = False
        self.box = VBox(self, gap=10)
        for group in groups:
            self._add_group(group)

    # building ---------------------------------------------------------------------------

    def _add_group(self, group: Group) -> None:
        if self.headings and group.title:
            self.box.addWidget(rule())
        heading = Label(group.title, "strong", "prit")
        show_if(heading, bool(group.title))
        self.headings[group.key or group.title] = heading
        typed = [item.name for item in group.items if not item.derived]
        self.first_of[group.key or group.title] = typed[0] if typed else ""
        self.box.addWidget(heading)
        grid, place = Grid(gap=(18, 10)), 0
        for item in group.items:
            field = self._add_field(item)
            wide = item.wide or self.editors[item.name].wide
            place += -place % self.columns if wide else 0
            span = self.columns if wide else 1
            grid.addWidget(field, place // self.columns, place % self.columns, 1, span)
            place += span
        for column in range(self.columns):
            grid.setColumnStretch(column, 1)
        self.box.addLayout(grid)

    def _add_field(self, item: Item) -> Field:
        known = item.fact
        if item.make is not None:
            editor = item.make(known)
        else:
            editor = editor_for(known, hint=item.hint, filled=not _nullable(item.column))
        required = known.required if item.required is None else item.required
        label = "" if isinstance(editor, Tick) else item.label or known.label
        must = required and not item.derived
        field = Field(label, editor.widget, required=must, hint=item.note)
        if not label:
            editor.widget.setAccessibleName(item.label or known.label)
        self.items[item.name], self.editors[item.name] = item, editor
        self.fields[item.name] = field
        self._listen(item, editor, field)
        return field

    def _listen(self, item: Item, editor: Editor, field: Field) -> None:
        name = item.name
        if item.derived:
            editor.lock()
        editor.changed.connect(lambda: self._changed(name))
        editor.left.connect(lambda: self._left(name))
        field.linked.connect(lambda key: self._linked(name, key))
        editor.widget.installEventFilter(self)

    # values -----------------------------------------------------------------------------

    def values(self) -> dict[str, Any]:
        """Typed values of everything that may be typed."""
        typed = {name: e.value() for name, e in self.editors.items()}
        return {name: value for name, value in typed.items() if not self.items[name].derived}

    def put(self, values: Mapping[str, Any], *, only_derived: bool = False) -> None:
        """Show values; nothing counts as touched by this."""
        self.quiet = True
        for name, editor in self.editors.items():
            if name in values and (self.items[name].derived or not only_derived):
                editor.put(values[name])
        self.quiet = False

    def derive(self, name: str, on: bool) -> None:
        """Make a field derived, or to be typed after all."""
        self.items[name] = replace(self.items[name], derived=on)
        self.editors[name].lock(on)

    def problems(self) -> dict[str, Problem]:
        """What the facts alone find wrong."""
        found = {}
        for name, value in self.values().items():
            problem = problem_of(self._judged(name, value), value)
            if problem is not None:
                found[name] = problem
        return found

    def _judged(self, name: str, value: Any) -> Fact:
        item = self.items[name]
        known = item.fact
        required = known.required if item.required is None else item.required
        kind = known.kind
        if isinstance(kind, Code) and isinstance(value, list):  # several at once on this form
            kind = Codes(kind.table)
        return Fact(item.label or known.label, kind, required)

    # messages ---------------------------------------------------------------------------

    def show_problem(self, name: str, problem: Problem) -> None:
        if problem.suggestion is not None:
            self.suggested[name] = problem
        words = problem.button or (f"改为 {problem.suggestion}" if problem.suggestion else "")
        self.fields[name].say("err", problem.message, link=words)

    def say(self, name: str, level: str, text: str = "", *, link: str = "", key: str = "") -> None:
        if name in self.fields:
            self.fields[name].say(level, text, link=link, key=key or "fix")  # type: ignore[arg-type]

    def calm(self, name: str = "") -> None:
        """Take messages away."""
        for each in [name] if name else self.fields:
            self.suggested.pop(each, None)
            self.fields[each].say()

    def errors(self) -> list[str]:
        """Names with an error, in the order of the form."""
        return [name for name, field in self.fields.items() if field.level == "err"]

    def label(self, name: str) -> str:
        item = self.items.get(name)
        return (item.label or item.fact.label) if item is not None else name

    # moving -----------------------------------------------------------------------------

    def go_to(self, name: str) -> None:
        """The cursor into a field, which is scrolled into sight."""
        editor = self.editors[name].widget
        target = editor
        if editor.focusPolicy() == Qt.FocusPolicy.NoFocus:
            by_tab = Qt.FocusPolicy.TabFocus
            inner = [w for w in editor.findChildren(QWidget) if w.focusPolicy() & by_tab]
            target = inner[0] if inner else editor
        target.setFocus(Qt.FocusReason.TabFocusReason)
        self.reveal(self.fields[name])

    def go_to_group(self, key: str) -> None:
        if key not in self.headings:
            return
        if first := self.first_of[key]:
            self.go_to(first)
        self.reveal(self.headings[key], top=True)

    def reveal(self, widget: QWidget, *, top: bool = False) -> None:
        """After the layout has settled: messages may just have made fields taller."""
        QTimer.singleShot(0, widget, lambda: scroll_to(widget, top=top))

    def step_error(self, by: int) -> None:
        """Ctrl+↓ / Ctrl+↑."""
        wrong = self.errors()
        if not wrong:
            return
        here = self.current()
        order = list(self.fields)
        at = order.index(here) if here else -1
        after = [n for n in wrong if (order.index(n) - at) * by > 0]
        self.go_to((after[0] if by > 0 else after[-1]) if after else wrong[0 if by > 0 else -1])

    def current(self) -> str:
        """The field with the cursor."""
        now = self.window().focusWidget()
        for name, field in self.fields.items():
            if now is not None and field.isAncestorOf(now):
                return name
        return ""

    def focus_start(self) -> None:
        """The first error, else the first empty required field, else the first field."""
        empty = [
            name
            for name, field in self.fields.items()
            if not field.must.isHidden() and self.editors[name].value() in (None, "", [])
        ]
        live = [name for name, item in self.items.items() if not item.derived]
        for name in (*self.errors(), *empty, *live):
            self.go_to(name)
            return

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter goes to the next field."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        if event.key() not in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            return False
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if held or isinstance(watched, QPlainTextEdit) or _open(watched):
            return False
        self._next(watched)
        return True

    def _next(self, widget: QObject) -> None:
        names = [n for n in self.fields if not self.items[n].derived]
        here = next((n for n in names if self.editors[n].widget is widget), names[0])
        after = names[names.index(here) + 1 :]
        shown = [n for n in after if self.fields[n].isVisible()]
        self._left(here)
        if shown:
            self.go_to(shown[0])

    def _changed(self, name: str) -> None:
        if self.quiet:
            return
        self.touched.add(name)
        if self.fields[name].level in {"err", "warn"}:
            self.calm(name)
        self.changed.emit()

    def _left(self, name: str) -> None:
        if not self.quiet and name in self.touched:
            self.left.emit(name)

    def _linked(self, name: str, key: str) -> None:
        problem = self.suggested.get(name)
        if key == "fix" and problem is not None and problem.suggestion is not None:
            self.editors[name].put(problem.suggestion)
            self.touched.add(name)
            self.calm(name)
            self.left.emit(name)
            self.go_to(name)
        else:
            self.linked.emit(name, key)


def _nullable(column: Any) -> bool:
    return bool(column.property.columns[0].nullable)


def _open(widget: QObject) -> bool:
    """Is a list of choices open, so that Enter belongs to it?"""
    if isinstance(widget, QComboBox):
        return bool(widget.view().isVisible())
    hits = getattr(widget, "list", None)
    return isinstance(hits, QWidget) and hits.isVisible()
