"""A list as people use it: search, chips, filters, a page of rows at a time, batch acts."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from app.kit.run import Session
from ui.kit.batch_bar import BatchBar
from ui.kit.buttons import Button
from ui.kit.chip_row import ChipRow
from ui.kit.context import Context
from ui.kit.empty import EmptyState
from ui.kit.filters import FilterDialog, Sources, words_of
from ui.kit.inputs import SearchBox
from ui.kit.label import show_if
from ui.kit.layout import HBox, VBox, holder
from ui.kit.paged_table import PagedTable, RowSource
from ui.kit.side_panel import SidePanel
from ui.kit.tokens import GUTTER, SIDE_PANEL, Room, px, scale
from ui.kit.view import Asked, View


class ListPage(QWidget):
    """Search, chips, filters above a `PagedTable`, a side panel beside it.

    actions: buttons at the right of the search box. batch: buttons for ticked rows.
    counts: `(session) -> {chip: n}`. sources: `{filter key: (session) -> choices}`.
    no_hit: what to show where there is no row; of what was searched or filtered, `no_hits` says so.
    """

    opened = Signal(object)
    moved = Signal(object)

    def __init__(
        self,
        context: Context,
        view: View,
        source: RowSource[Any],
        *,
        counts: Callable[[Session], Mapping[str, int]] | None = None,
        sources: Sources | None = None,
        actions: Sequence[QWidget] = (),
        batch: Sequence[Button] = (),
        panel: SidePanel | None = None,
        no_hit: Callable[[Asked, "ListPage"], QWidget] | None = None,
    ) -> None:
        super().__init__()
        self.context, self.view, self.counts = context, view, counts
        self.sources, self.panel, self.no_hit = dict(sources or {}), panel, no_hit
        self.choices: dict[str, tuple[tuple[str, str], ...]] = {}
        self.list = PagedTable(context, view, source, empty=self._nothing)
        self.search, self.bar = SearchBox(view.search), BatchBar(batch, unit=view.unit)
        self.chips = ChipRow(view.chips)
        self.more = Button("更多筛选", icon="sliders-horizontal", does=self.open_filters)
        self.started = self.into_table = self.alone = False
        self.roomy = self.wanted = True
        self.list.table.setAccessibleName(f"名单，{view.keys}" if view.keys else "名单")
        self._arrange(actions)
        self._listen()

    def _arrange(self, actions: Sequence[QWidget]) -> None:
        line = HBox(gap=8)
        line.addWidget(self.search, 20)
        line.add(self.more)
        line.addStretch(1)
        line.add(*actions)
        self._rescale()
        scale.scaleChanged.connect(self._rescale)
        show_if(self.search, bool(self.view.search))
        show_if(self.more, bool(self.view.filters))
        self.head = holder(line)
        show_if(self.head, bool(self.view.search or self.view.filters or actions))
        self.beside = HBox(gap=12)
        self.beside.addWidget(self.list, 1)
        if self.panel is not None:
            self.beside.addWidget(self.panel)
            self.panel.hide()
        box = VBox(self, gap=12)
        box.add(self.head, self.chips, self.bar)
        box.addLayout(self.beside, 1)
        show_if(self.chips, bool(self.view.chips))

    def _rescale(self, _value: float = 1.0) -> None:
        self.search.setMinimumWidth(px(150))
        self.search.setMaximumWidth(px(400))

    def _listen(self) -> None:
        self.search.searched.connect(self._searched)
        self.search.returnPressed.connect(self._into_table)
        self.search.installEventFilter(self)
        self.chips.chosen.connect(lambda key: self._ask(chip=key))
        self.chips.removed.connect(self._without)
        self.bar.cleared.connect(self.list.clear_ticks)
        self.bar.all_wanted.connect(self.list.tick_filter)
        self.list.ticksChanged.connect(self._ticked)
        self.list.opened.connect(self.opened)
        self.list.moved.connect(self.moved)
        self.list.arrived.connect(self._arrived)
        if self.panel is not None:
            self.panel.closed.connect(self._panel_closed)

    # asking -----------------------------------------------------------------------------

    @property
    def asked(self) -> Asked:
        return self.list.asked

    def start(self, asked: Asked | None = None) -> None:
        """The first look; chip and text may be set from outside."""
        self.started = True
        first = self.view.chips[0][0] if self.view.chips else ""
        wanted = asked or Asked(chip=first)
        if not wanted.sort:
            wanted = wanted.but(sort=self.view.sort, descending=self.view.descending)
        if not wanted.chip:
            wanted = wanted.but(chip=first)
        self.search.setText(wanted.text)
        self.search.timer.stop()
        self.list.ask(wanted)
        self._show_filters()
        self._count()

    def start_where_any(self) -> None:
        """The first look; where the first chip holds nothing, at the first that does."""
        self.start()
        if self.counts is not None:
            self.context.work.ask(self.counts, done=partial(self._move_on, self.asked))

    def _move_on(self, first: Asked, counts: Mapping[str, int]) -> None:
        full = next((key for key, _ in self.view.chips if counts.get(key)), first.chip)
        if self.asked is first and full != first.chip:
            chip, hands = self.chips.buttons.get(first.chip), self.window().focusWidget()
            self.into_table = chip is not None and hands is chip  # no longer the one that is shown
            self._ask(chip=full)

    def reload(self) -> None:
        if self.started:
            self.list.reload()
            self._count()

    def clear_all(self) -> None:
        """清除全部筛选: the first chip, no filter, no words."""
        self.start(Asked(sort=self.asked.sort, descending=self.asked.descending))

    def _searched(self, text: str) -> None:
        if text != self.asked.text:
            self._ask(text=text)
        elif self.into_table:
            self._enter_table()

    def _ask(self, **changes: Any) -> None:
        self.list.ask(self.asked.but(**changes))
        self._show_filters()

    def _without(self, key: str) -> None:
        self._ask(filters={k: v for k, v in self.asked.filters.items() if k != key})

    def _count(self) -> None:
        if self.counts is not None:
            self.context.work.ask(self.counts, done=self.chips.show_counts)

    # filters ----------------------------------------------------------------------------

    def open_filters(self) -> None:
        dialog = FilterDialog(self, self.view.filters, self.asked.filters, self.choices)
        dialog.taken.connect(lambda filters: self._ask(filters=filters))
        dialog.open()
        for key, source in self.sources.items():
            self.context.work.ask(source, done=dialog.offer(key))
            self.context.work.ask(source, done=partial(self._know, key))

    def _know(self, key: str, found: Sequence[Any]) -> None:
        self.choices[key] = FilterDialog.pairs(found)

    def _show_filters(self) -> None:
        asked = self.asked
        self.chips.choose(asked.chip)
        self.chips.show_filters(words_of(self.view.filters, asked.filters, self.choices))
        show_if(self.chips, bool(self.view.chips or asked.filters))
        n = len(asked.filters)
        self.more.set_text(f"更多筛选（{n}）" if n else "更多筛选")

    # what came --------------------------------------------------------------------------

    def _arrived(self, _page: Any) -> None:
        if self.into_table:
            self._enter_table()
        if not self.list.total:
            self._leave_empty()
        self._place_panel()

    def _leave_empty(self) -> None:
        """There is nothing to do in an empty list with keys: they go to what chooses another, also
        where a dialog in front still has them."""
        nothing = self.list.stack.currentWidget()
        chip = self.chips.buttons.get(self.chips.current())
        if nothing is not None and self.window().focusWidget() is nothing and chip is not None:
            chip.setFocus(Qt.FocusReason.OtherFocusReason)

    def _nothing(self, asked: Asked) -> QWidget:
        if self.no_hit is not None:
            return self.no_hit(asked, self)
        if asked.text or asked.filters:
            return self.no_hits(asked)
        return EmptyState("search-x", "这里没有内容", tone="neu")

    def no_hits(self, asked: Asked) -> EmptyState:
        """What was asked for finds nothing, and the way back to all of it."""
        again = Button("清除全部筛选", does=self.clear_all)
        return EmptyState("search-x", self.no_hit_words(asked), buttons=(again,), tone="neu")

    def no_hit_words(self, asked: Asked) -> str:
        """“待认证”和“桂苑二区”里没有“wangxy 0629”."""
        named = dict(self.view.chips)
        wheres = [named[asked.chip]] if asked.chip in named else []
        wheres += words_of(self.view.filters, asked.filters, self.choices).values()
        where = "和".join(f"“{each}”" for each in wheres)
        what = f"“{asked.text}”" if asked.text else "符合的内容"
        return f"{where}里没有{what}" if where else f"没有{what}"

    def _ticked(self, count: int, of_filter: bool) -> None:
        self.bar.show_count(count, of_filter=of_filter)
        more = not of_filter and 0 < count < self.list.total and self.list.source.ids is not None
        self.bar.offer_all(self.list.total if more else None)
        self._place_panel()

    # the side panel ---------------------------------------------------------------------

    def fit(self, room: Room) -> None:
        """The window has this much room; a page passes it on."""
        self.roomy = room in {"full", "wide"}
        self._place_panel()

    def show_panel(self) -> None:
        """Somebody asked for it: beside the list, or in its place where both do not fit."""
        self.wanted, self.alone = True, not self._beside()
        self._place_panel()
        if self.alone and self.panel is not None:
            self.panel.cross.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_panel(self) -> bool:
        """Esc: was there one to close?"""
        if self.panel is None or not self.panel.isVisible():
            return False
        self.panel.close_panel()
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_panel()

    def _beside(self) -> bool:
        return self.roomy and self.list.least() + px(SIDE_PANEL + GUTTER) <= self.width()

    def _place_panel(self) -> None:
        if self.panel is None:
            return
        beside, some = self._beside(), self.list.total > 0 and not self.list.model.ticked
        self.alone = self.alone and some and not beside
        self.panel.spread(wide=self.alone)
        self.list.setVisible(not self.alone)
        self.panel.setVisible(self.alone or (beside and some and self.wanted))

    def _panel_closed(self) -> None:
        self.wanted, self.alone = self.alone, False
        self._place_panel()
        self.list.table.setFocus(Qt.FocusReason.OtherFocusReason)

    # keys -------------------------------------------------------------------------------

    def focus_first(self) -> None:
        """The search box; a list without one takes the keys itself, or what chooses another where
        it is empty."""
        chip = self.chips.buttons.get(self.chips.current())
        first: QWidget = self.search if self.view.search else self.list.table
        if not self.view.search and chip is not None and self.list.is_empty():
            first = chip
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _into_table(self) -> None:
        self.into_table = True

    def _enter_table(self) -> None:
        self.into_table = False
        self.list.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent):
            pressed = event.type() == QEvent.Type.KeyPress
            if pressed and event.key() == Qt.Key.Key_Down:
                self._enter_table()
                return True
        return False
