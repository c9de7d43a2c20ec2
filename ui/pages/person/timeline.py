"""时间线: everything that happened, newest first, and who did it."""

from functools import partial

from app import retiree
from models.kit import clock
from ui.kit.buttons import Button, Chip
from ui.kit.card import Card
from ui.kit.context import Context
from ui.kit.format import near_day
from ui.kit.label import Label
from ui.kit.layout import Flow, clear, holder
from ui.kit.timeline import Moment
from ui.kit.timeline import Timeline as Line
from ui.pages.person.tab import Tab, fill

TONES = {"certification": "ok", "visit": "pri", "edit": "neu"}


def moment_of(event: retiree.Event) -> Moment:
    tone = "info" if event.icon == "printer" else TONES.get(event.kind, "neu")
    on = near_day(event.on) if event.on <= clock.today() else str(event.on)
    off = event.clock
    detail = "；".join(filter(None, (off.words if off else "", event.detail)))
    hint = off.source if off else ""
    return Moment(on, event.icon, tone, event.title, detail, event.who, event.state, hint)


class History(Tab):
    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.kind, self.number = "", 1
        self.moments: list[Moment] = []
        self.chips = Flow(gap=8, lines=6)

    def build(self, _person: retiree.Person, /) -> None:
        self.card, self.line = Card(), Line()
        self.chips = Flow(gap=8, lines=6)
        self.more = Button("再看更早的", "text", "s", does=self._older)
        self.more.hide()
        self.empty = Label("还没有记录", "body", "t3")
        self.empty.hide()
        self.delivered = Label("", "small", "t2", wrap=True)
        self.card.add(holder(self.chips), self.delivered, self.line, self.empty, self.more)
        self.box.addWidget(self.card)
        self.show_kind(self.kind)

    def show_kind(self, kind: str) -> None:
        """Of one kind only; everything with an empty one."""
        self.kind, self.number, self.moments = kind, 1, []
        self._ask()

    def _ask(self) -> None:
        if self.person is not None:
            what = (self.person.id, self.kind, self.number)
            fill(self.context, retiree.timeline, *what, done=self._show)

    def _older(self) -> None:
        self.number += 1
        self._ask()

    def _show(self, found: retiree.Timeline) -> None:
        self.moments += [moment_of(event) for event in found.page.rows]
        self.line.set_moments(self.moments)
        self.delivered.setText(found.delivered)
        self.delivered.setVisible(bool(found.delivered))
        self.more.setVisible(found.page.number < found.page.pages)
        self.empty.setVisible(not self.moments)
        self._show_chips(found)

    def _show_chips(self, found: retiree.Timeline) -> None:
        clear(self.chips)
        for key, text in (("", "全部"), *retiree.KINDS):
            chip = Chip(text, found.counts.get(key, 0))
            chip.setChecked(key == self.kind)
            chip.clicked.connect(partial(self._choose, key))
            self.chips.add(chip)

    def _choose(self, kind: str, _checked: bool = False) -> None:
        self.show_kind(kind)
