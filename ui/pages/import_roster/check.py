"""Step three: four counters, the rows behind them, and how to put each right."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.kit.importing import Analysis, CheckedRow, Level, State
from ui.kit.buttons import Button
from ui.kit.card import Card, CountCard
from ui.kit.context import Context
from ui.kit.empty import EmptyState
from ui.kit.label import Label
from ui.kit.layout import HBox, VBox
from ui.kit.tokens import Room
from ui.pages.import_roster.grid import FIX, SKIP, GridModel, GridTable, columns_for, fix_of

COUNTERS = (
    (State.GOOD, "circle-check", "ok", "行可以导入"),
    (State.MUST_FIX, "circle-alert", "bad", "行必须改正"),
    (State.CONFIRM, "triangle-alert", "warn", "行请确认"),
    (State.DUPLICATE, "copy", "info", "行重复"),
)
TITLES = {
    State.GOOD: ("可以导入的 {} 行", "双击或按 Enter 可以改；没有问题的行会写进名册"),
    State.MUST_FIX: ("必须改正的 {} 行", "双击红框或按 Enter 直接改；改好一行，少一行"),
    State.CONFIRM: ("请确认的 {} 行", "对的点“就是这样”，不对的双击或按 Enter 改"),
    State.DUPLICATE: ("重复的 {} 行", "已经在册，或者前面的行里有过，不会再写一遍"),
    State.IGNORED: ("已忽略的 {} 行", "不会导入；可以点“恢复”"),
}
NOTHING = {
    State.MUST_FIX: "没有必须改正的行",
    State.CONFIRM: "没有要确认的行",
    State.DUPLICATE: "没有重复的行",
    State.GOOD: "还没有可以导入的行",
    State.IGNORED: "没有忽略的行",
}


class CheckPage(QWidget):
    """`changed()` after every correction; `export_wanted()` for the bad rows."""

    changed = Signal()
    export_wanted = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.analysis: Analysis | None = None
        self.state = State.MUST_FIX
        self.cards = {state: CountCard(icon, tone, "0", words)
                      for state, icon, tone, words in COUNTERS}  # fmt: skip
        self.model, self.table = GridModel(), GridTable()
        self.table.setModel(self.model)
        self.most = 2
        self.whole = Label("", "body", "t2", wrap=True)
        self.fix_all = Button("一键采用建议", "soft", "s", icon="wand-sparkles", does=self._fix_all)
        self.accept_all = Button("全部就是这样", "soft", "s", icon="check", does=self._accept_all)
        self.ignored = Button("看已忽略的", "text", "s", does=self._show_ignored)
        self.export = Button("导出错误行（Excel）", sz="s", icon="download",
                             does=self._export)  # fmt: skip
        self._arrange()
        self._listen()

    def _arrange(self) -> None:
        counters = HBox(gap=13)
        counters.add(*self.cards.values(), stretch=1)
        actions = (self.ignored, self.fix_all, self.accept_all, self.export)
        self.card = Card("要改的行", "x", actions=actions, margins=(1, 8, 1, 1), gap=6)
        self.card.header.margins_at_one = (16, 0, 12, 0)
        self.card.header.rescale()
        self.nothing = EmptyState("circle-check", "没有要改的行", tone="ok", size=64)
        self.card.body.addWidget(self.table, 1)
        self.card.body.addWidget(self.nothing, 1)
        strip = HBox(margins=(16, 2, 16, 6))
        strip.addWidget(self.whole, 1)
        self.card.body.addLayout(strip)
        column = VBox(self, gap=12)
        column.addLayout(counters)
        column.addWidget(self.card, 1)

    def _listen(self) -> None:
        for state, card in self.cards.items():
            card.clicked.connect(lambda state=state: self.show_state(state))
        self.model.edited.connect(self._edited)
        self.table.linked.connect(self._linked)
        self.table.opened.connect(self._edit)
        self.table.moved.connect(self._tell_whole)

    def _export(self) -> None:
        self.export_wanted.emit()

    # showing ----------------------------------------------------------------------------

    def show_analysis(self, analysis: Analysis) -> None:
        """Begin with what blocks, else with what is to be confirmed."""
        self.analysis = analysis
        counts = analysis.counts
        first = State.MUST_FIX if counts.must_fix else State.CONFIRM if counts.confirm else None
        self.show_state(first or State.GOOD)

    def show_state(self, state: State) -> None:
        self.state = state
        for each, card in self.cards.items():
            card.set_chosen(each is state)
        self.refill(0)

    def refill(self, keep: int | None = None) -> None:
        """The rows of the counter anew; the row stays under the eye."""
        analysis = self.analysis
        if analysis is None:
            return
        at = self.table.row() if keep is None else keep
        rows = analysis.in_state(self.state)
        self._lay(analysis, rows)
        self._numbers()
        self.table.setVisible(bool(rows))
        self.nothing.setVisible(not rows)
        self.nothing.title.setText(NOTHING[self.state])
        if rows:
            self.table.go_to(min(max(at, 0), len(rows) - 1))
        self._tell_whole(self.table.row() if rows else -1)

    def _lay(self, analysis: Analysis, rows: Sequence[CheckedRow], first: str = "") -> None:
        mapped = [one.field for one in analysis.mapping.columns if one.field]
        columns = columns_for(rows, mapped, self.most, first)
        self.model.show_rows(analysis, rows, columns)
        self.table.use_columns(columns)

    def _edit(self, row: int) -> None:
        """Enter: the first cell that is wrong, whose column comes into sight where it was not."""
        hidden = self.model.hidden_wrong(row) if 0 <= row < len(self.model.rows) else ""
        if hidden and self.analysis is not None:
            self._lay(self.analysis, self.model.rows, hidden)
            self.table.go_to(row)
        self.table.edit_row(row)

    def _tell_whole(self, row: int) -> None:
        """Everything about the current row, in full, and of which column."""
        one = self.model.rows[row] if 0 <= row < len(self.model.rows) else None
        found = [each for each in one.findings if each.level is not Level.NOTE] if one else []
        told = [
            each.message if each.label in each.message else f"{each.label}：{each.message}"
            for each in found
        ]
        self.whole.setVisible(bool(told))
        if one is not None and told:
            name = str(one.values.get("name") or "")
            self.whole.setText(f"第 {one.number} 行 {name}：{'；'.join(told)}")

    def _numbers(self) -> None:
        if self.analysis is None:
            return
        counts = self.analysis.counts
        numbers = {
            State.GOOD: counts.good,
            State.MUST_FIX: counts.must_fix,
            State.CONFIRM: counts.confirm,
            State.DUPLICATE: counts.duplicate,
            State.IGNORED: counts.ignored,
        }
        for state, card in self.cards.items():
            card.show_number(str(numbers[state]))
        title, hint = TITLES[self.state]
        self.card.set_title(title.format(numbers[self.state]), hint)
        sure = len(self.analysis.sure_fixes())
        self.fix_all.set_text(f"一键采用 {sure} 处建议")
        self.fix_all.setVisible(bool(sure) and self.state is State.MUST_FIX)
        self.accept_all.setVisible(bool(counts.confirm) and self.state is State.CONFIRM)
        self.export.setVisible(bool(self.analysis.left()))
        self.ignored.set_text(f"已忽略 {counts.ignored} 行")
        self.ignored.setVisible(bool(counts.ignored) and self.state is not State.IGNORED)

    def fit(self, room: Room) -> None:
        """On narrow windows the hint beside the title goes, and a column."""
        self.card.subtitle.setVisible(room in {"wide", "full"})
        most = {"wide": 3, "full": 2}.get(room, 1)
        if most != self.most:
            self.most = most
            self.refill()

    # correcting -------------------------------------------------------------------------

    def _edited(self, _number: int) -> None:
        self._again()

    def _again(self) -> None:
        self.refill()
        self.changed.emit()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _linked(self, row: int, column: int) -> None:
        if self.analysis is None or row >= len(self.model.rows):
            return
        one, key = self.model.rows[row], self.model.columns[column].key
        if key == SKIP:
            self.analysis.ignore(one.number, ignored=not one.ignored)
        elif key == FIX:
            self._fix(one.number)
        self._again()

    def _fix(self, number: int) -> None:
        if self.analysis is None:
            return
        _, does, field = fix_of(self.analysis.row(number))
        if does == "fix":
            self.analysis.fix(number, field)
        elif does == "postpone":
            self.analysis.postpone(number, field)
        elif does == "accept":
            self.analysis.accept(number)
        elif does == "doubt":
            self.analysis.doubt(number)

    def _fix_all(self) -> None:
        if self.analysis is not None:
            self.fix_all.setEnabled(False)
            self.context.work.call(self.analysis.fix_all, done=self._fixed)

    def _fixed(self, count: int) -> None:
        self.fix_all.setEnabled(True)
        self._again()
        self.context.toast(f"已采用 {count} 处建议")

    def _accept_all(self) -> None:
        if self.analysis is not None:
            self.context.work.call(self.analysis.accept_all, done=lambda _count: self._again())

    def take_back(self) -> bool:
        """Ctrl+Z: the last correction, and the row is shown where it stands then."""
        rows = self.analysis.take_back() if self.analysis else []
        if not rows:
            self.context.toast("没有可以撤回的改动")
            return True
        self.show_state(rows[0].state)
        self.table.go_to(self.model.rows.index(rows[0]))
        self.changed.emit()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        more = f"等 {len(rows)} 行" if len(rows) > 1 else ""
        self.context.toast(f"已撤回第 {rows[0].number} 行{more}的改动")
        return True

    def _show_ignored(self) -> None:
        self.show_state(State.IGNORED)
