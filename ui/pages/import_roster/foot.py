"""The bar below the steps: what the button will do, and the words beside it."""

from collections.abc import Callable

from app.kit.importing import Counts, Table
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.label import Elided, Icon
from ui.kit.layout import HBox


class Foot(Card):
    def __init__(self, back: Callable[[], object], on: Callable[[], object]) -> None:
        super().__init__(margins=(18, 9, 18, 9))
        self.icon, self.said = Icon("file-spreadsheet", "ok", 20), Elided()
        self.before = Button("上一步", does=back)
        self.next = Button("检查数据", "primary", does=on)
        line = HBox(gap=8)
        line.add(self.icon)
        line.addWidget(self.said, 1)
        line.add(self.before, self.next)
        self.body.addLayout(line)

    def show_columns(self, file_name: str, table: Table, *, ready: bool) -> None:
        """Every column that has to be there is found: then the rows can be checked."""
        self._show(table_icon=True, back="上一步", on="检查数据", ready=ready)
        self.said.show_words(file_name, f"{table.sheet} · {len(table.rows)} 行")

    def show_check(self, counts: Counts, *, may_write: bool) -> None:
        ready = bool(counts.good) and may_write
        self._show(table_icon=False, back="上一步", on=f"导入 {counts.good} 行", ready=ready)
        rest = counts.must_fix + counts.confirm
        told = f"现在导入 {counts.good} 行"
        if rest:
            told += f"；{rest} 行改正后可以再导入，不会重复"
        if counts.skipped:
            told += f"。另有 {counts.skipped} 行是合计、签字或空行，不算"
        self.said.show_words("", told)

    def show_result(self) -> None:
        """The words are those of what was written."""
        self._show(table_icon=False, back="再导入一份", on="完成", ready=True)

    def say(self, words: str) -> None:
        self.said.show_words("", words)

    def _show(self, *, table_icon: bool, back: str, on: str, ready: bool) -> None:
        self.icon.setVisible(table_icon)
        self.before.set_text(back)
        self.next.set_text(on)
        self.next.setEnabled(ready)
