"""Stands above a table as soon as one row is ticked."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QSizePolicy

from ui.kit.buttons import Button
from ui.kit.label import Icon, Label, show_if
from ui.kit.layout import HBox


class BatchBar(QFrame):
    cleared = Signal()
    all_wanted = Signal()

    def __init__(self, actions: Sequence[Button] = (), *, unit: str = "人") -> None:
        super().__init__()
        self.setObjectName("batch")
        self.unit = unit
        self.count, self.all = Label("", "strong", "prit"), Button("", "text", "s")
        self.all.clicked.connect(self.all_wanted)
        self.all.hide()
        line = HBox(self, gap=8, margins=(14, 5, 10, 5))
        line.add(Icon("square-check", "prit", 18), self.count, self.all)
        line.addStretch(1)
        line.add(*actions)
        line.add(Button("取消选择", "text", "s", does=self.cleared.emit))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_count(self, count: int, *, of_filter: bool = False) -> None:
        """of_filter: every hit of the filter is chosen, also on other pages."""
        lead = "已全选" if of_filter else "已选"
        self.count.setText(f"{lead} {count} {self.unit}")
        show_if(self, count > 0)

    def offer_all(self, total: int | None) -> None:
        """A link to take all hits of the filter, not only this page."""
        self.all.set_text(f"全选 {total} {self.unit}")
        show_if(self.all, total is not None)
