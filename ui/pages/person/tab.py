"""What the tabs of a person have in common."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QWidget

from app import retiree, roles
from app.kit.run import Acted, acted
from models.kit.base import facts
from models.retiree import Retiree
from ui.kit.buttons import Button
from ui.kit.context import Context
from ui.kit.format import NOTHING, shown
from ui.kit.label import Label
from ui.kit.layout import VBox, clear
from ui.kit.secret import Secret
from ui.kit.table import Column, DataTable, Row, RowsModel
from ui.kit.tokens import HEADER, ROW_ONE, ROW_TWO, Room, px, scale

Value = str | QWidget
Callback = Callable[[Any], object]


class Tab(QWidget):
    """`show_person` fills it anew; `fit` when the room changes."""

    tab_wanted = Signal(str)
    voids = ""  # the group of `app.voided` that one would look for here

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.person: retiree.Person | None = None
        self.room: Room = "full"
        self.box = VBox(self, gap=12, margins=(0, 0, 12, 14))

    def show_person(self, person: retiree.Person) -> None:
        self.person = person
        clear(self.box)
        self.build(person)
        self._tell_voided(person)
        self.box.addStretch(1)

    def _tell_voided(self, person: retiree.Person) -> None:
        count = person.voided.get(self.voids, 0)
        if count:
            does = self.opener("voided", retiree_id=person.id, person=person.name, group=self.voids)
            words = Button(f"已作废 {count} 条，查看或恢复", "text", "s", icon="history", does=does)
            self.box.addWidget(words, 0, Qt.AlignmentFlag.AlignLeft)

    def build(self, person: retiree.Person, /) -> None:
        """Put everything into `box`."""

    def fit(self, room: Room) -> None:
        if room != self.room:
            self.room = room
            if self.person is not None:
                self.show_person(self.person)

    def opener(self, name: str, **arguments: Any) -> Callable[[], object]:
        return lambda: self.context.open(name, **arguments)

    def edit_button(self, person: retiree.Person, name: str, **arguments: Any) -> Sequence[Button]:
        """编辑, where anything may be changed."""
        if not may_write(self.context, person):
            return ()
        does = self.opener(name, retiree_id=person.id, **arguments)
        return (Button("编辑", "text", "s", icon="pencil", does=does),)


def may_write(context: Context, person: retiree.Person) -> bool:
    """May whoever sits here change anything about this person?"""
    return not person.readonly and roles.may(context.desk, "retiree", "write")


def may_attach(context: Context) -> bool:
    """May whoever sits here add pictures? The centre only looks at what its stations keep."""
    return roles.may(context.desk, "attachment", "write") and not roles.is_central(context.desk)


def fill(context: Context, query: Callable[..., Any], *args: Any, done: Callback) -> None:
    """Ask for a part of the page. That the person is gone says the page itself, not every part of
    it once more: a page behind another one is laid out anew before it has heard of it."""
    context.work.ask(query, *args, done=done, refused=lambda _why: None)


def do(context: Context, words: str, verb: Callable[..., Any], *args: Any) -> None:
    """A verb at one click, with a toast that takes exactly this back."""

    def done(made: Acted[Any]) -> None:
        context.toast(words, made.tx)

    context.work.do(acted, verb, *args, done=done)


def values_of(
    context: Context,
    person: retiree.Person,
    names: Sequence[str],
    short: Mapping[str, str] = {},
) -> list[tuple[str, Value]]:
    """Label and value; masked ones can be shown; what one may not see is absent."""
    return [
        (short.get(name) or facts(Retiree)[name].label, value_of(context, person, name))
        for name in names
        if name in person.values
    ]


def value_of(context: Context, person: retiree.Person, name: str) -> Value:
    fact, value = facts(Retiree)[name], person.values.get(name)
    text = shown(fact, value)
    if text == NOTHING:
        return Label(NOTHING, "body", "t3")
    if fact.mask is not None:
        return Secret(text, revealer(context, person.id, name), fact.label)
    return text


def revealer(context: Context, retiree_id: str, name: str) -> Any:
    work = context.work
    return lambda done: work.do(retiree.reveal, retiree_id, name, done=done)


class PlainTable(DataTable):
    """As tall as its rows: the tab scrolls, not the table."""

    def __init__(
        self, columns: Sequence[Column], rows: Sequence[Row], *, two: bool = False
    ) -> None:
        super().__init__(columns, two_lines=two)
        self.held = RowsModel(columns, rows)
        self.setModel(self.held)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._as_tall()
        scale.scaleChanged.connect(self._as_tall)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Whoever comes by the keys sees where they are."""
        super().focusInEvent(event)
        if event.reason() in {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason}:
            self.go_to(max(self.row(), 0))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() in {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason}:
            self.clearSelection()

    def _as_tall(self, _value: float = 1.0) -> None:
        tall = px(ROW_TWO if self.two_lines else ROW_ONE)
        self.setFixedHeight(px(HEADER) + max(1, len(self.held.rows)) * tall + 2)
