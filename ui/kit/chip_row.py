"""One line of chips: what does not fit goes behind 更多 n."""

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import QPoint, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QMenu, QSizePolicy, QWidget

from ui.kit.buttons import Button, Chip
from ui.kit.tokens import CHIP, px, scale

GAP = 8


class ChipRow(QWidget):
    """One status chip is chosen; each filter in use is a chip of its own with ×."""

    chosen = Signal(str)
    removed = Signal(str)

    def __init__(self, chips: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.group = QButtonGroup(self)
        self.buttons = {key: self._chip(key, text) for key, text in chips}
        self.filters: dict[str, Chip] = {}
        self.more = Button("更多", "default", "s", icon="chevron-down", does=self._open_more)
        self.more.setParent(self)
        self.hidden_keys: list[str] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        scale.scaleChanged.connect(self._place)

    def _chip(self, key: str, text: str) -> Chip:
        made = Chip(text)
        made.setParent(self)
        made.clicked.connect(lambda _checked=False: self.chosen.emit(key))
        self.group.addButton(made)
        return made

    def choose(self, key: str) -> None:
        if key in self.buttons:
            self.buttons[key].setChecked(True)
        self._place()

    def current(self) -> str:
        return next((key for key, chip in self.buttons.items() if chip.isChecked()), "")

    def show_counts(self, counts: Mapping[str, int]) -> None:
        """A chip this person may not see, or nobody needs now, has no count and goes away unless it
        is the chosen one."""
        for key, chip in self.buttons.items():
            chip.setProperty("absent", key not in counts)
            chip.set_count(counts.get(key))
        self._place()

    def show_filters(self, words: Mapping[str, str]) -> None:
        for old in self.filters.values():
            old.hide()
            old.deleteLater()
        self.filters = {key: self._filter(key, text) for key, text in words.items()}
        self._place()

    def _filter(self, key: str, text: str) -> Chip:
        made = Chip(text, removable=True)
        made.setParent(self)
        made.setAccessibleName(f"{text}，按回车去掉这个筛选")
        made.removed.connect(lambda: self.removed.emit(key))
        return made

    def sizeHint(self) -> QSize:
        return QSize(px(300), px(CHIP))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(200), px(CHIP))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self, _value: float = 1.0) -> None:
        """The chosen chip and the filters are always seen."""
        live = {k: c for k, c in self.buttons.items() if c.isChecked() or not c.property("absent")}
        must = [c for c in live.values() if c.isChecked()] + list(self.filters.values())
        room = self.width() - sum(c.sizeHint().width() + px(GAP) for c in must)
        room -= 0 if self._all_fit(live) else self.more.sizeHint().width() + px(GAP)
        shown = set(must)
        for chip in live.values():
            wide = chip.sizeHint().width() + px(GAP)
            if chip not in shown and wide <= room + px(GAP):
                room -= wide
                shown.add(chip)
            elif chip not in shown:
                room = 0
        self.hidden_keys = [k for k, c in live.items() if c not in shown]
        self._line_up(shown)

    def _all_fit(self, live: Mapping[str, Chip]) -> bool:
        every = [*live.values(), *self.filters.values()]
        return sum(c.sizeHint().width() + px(GAP) for c in every) - px(GAP) <= self.width()

    def _line_up(self, shown: set[Chip]) -> None:
        left = 0
        for chip in [*self.buttons.values(), *self.filters.values()]:
            chip.setVisible(chip in shown)
            if chip in shown:
                size = chip.sizeHint()
                chip.setGeometry(
                    left, (self.height() - size.height()) // 2, size.width(), size.height()
                )
                left += size.width() + px(GAP)
        self.more.setVisible(bool(self.hidden_keys))
        self.more.set_text(f"更多 {len(self.hidden_keys)}")
        size = self.more.sizeHint()
        self.more.setGeometry(
            left, (self.height() - size.height()) // 2, size.width(), size.height()
        )

    def _open_more(self) -> None:
        menu = QMenu(self)
        for key in self.hidden_keys:
            menu.addAction(self.buttons[key].text(), partial(self._take, key))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height() + 2)))

    def _take(self, key: str) -> None:
        self.choose(key)
        self.chosen.emit(key)
