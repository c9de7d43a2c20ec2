"""A box that offers what fits the words so far: employers, people, long code tables.

Suggestions come from a function, so that the kit knows no noun.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QListView

from models.kit import codes, pinyin
from ui.kit.cells import CELL, CellDelegate, Person, Two
from ui.kit.cells import Text as Plain
from ui.kit.inputs import ButtonBox
from ui.kit.tokens import ROW_TWO, px


@dataclass(frozen=True)
class Suggestion:
    """`key` is the value; a person shows the round mark with the surname."""

    key: str
    text: str
    note: str = ""
    person: bool = False

    @property
    def cell(self) -> Two | Person | Plain:
        if self.person:
            return Person(self.text, self.note)
        return Two(self.text, self.note) if self.note else Plain(self.text)


Answer = Callable[[Sequence[Suggestion]], None]
Source = Callable[[str, Answer], object]


class Suggestions(QListView):
    """The list of hits; never takes the focus."""

    taken = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Suggestion] = []
        self.setObjectName("choices")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.rows = QStandardItemModel()
        self.setModel(self.rows)
        self.setItemDelegate(_Lines(self))
        self.clicked.connect(self._clicked)

    def show_entries(self, entries: Sequence[Suggestion], row: int = 0) -> None:
        self.entries = list(entries)
        self.rows.clear()
        for one in entries:
            item = QStandardItem(one.text)
            item.setData(one.cell, CELL)
            item.setData(f"{one.text}，{one.note}", Qt.ItemDataRole.AccessibleTextRole)
            self.rows.appendRow(item)
        if entries and row >= 0:
            self.setCurrentIndex(self.rows.index(row, 0))

    def step(self, by: int) -> None:
        row = max(0, min(len(self.entries) - 1, self.currentIndex().row() + by))
        self.setCurrentIndex(self.rows.index(row, 0))

    def current(self) -> Suggestion | None:
        row = self.currentIndex().row()
        return self.entries[row] if 0 <= row < len(self.entries) else None

    def tall(self, most: int = 6) -> int:
        heights = [self.sizeHintForRow(row) for row in range(min(most, len(self.entries)))]
        return sum(heights) + px(12)

    def _clicked(self, index: QModelIndex) -> None:
        self.taken.emit(self.entries[index.row()])


class _Lines(CellDelegate):
    def sizeHint(self, option: object, index: object) -> QSize:  # noqa: ARG002
        cell = index.data(CELL) if isinstance(index, QModelIndex) else None
        return QSize(px(120), px(34) if isinstance(cell, Plain) else px(ROW_TWO))


class SuggestBox(ButtonBox):
    """Typing shows what fits; ↓ and Enter or a click take one. `free`: own words are allowed."""

    picked = Signal(str)

    def __init__(self, source: Source, *, hint: str = "", free: bool = False) -> None:
        super().__init__(hint=hint, inner="chevron-down", inner_name="展开选择")
        self.source, self.free = source, free
        self.chosen: Suggestion | None = None
        self.asked = ""
        self.list = Suggestions()
        flags = Qt.WindowType.ToolTip | Qt.WindowType.FramelessWindowHint
        self.list.setParent(self, flags)  # a child, so that a modal dialog lets it be clicked
        self.list.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.list.taken.connect(self.take)
        self.timer = QTimer(self, singleShot=True, interval=150)
        self.timer.timeout.connect(self._ask)
        self.textEdited.connect(self._edited)

    def key(self) -> str:
        return self.chosen.key if self.chosen is not None else ""

    def show_choice(self, choice: Suggestion | None) -> None:
        self.chosen = choice
        self.setText(choice.text if choice is not None else "")

    def take(self, choice: Suggestion) -> None:
        self.show_choice(choice)
        self.list.hide()
        self.picked.emit(choice.key)

    def press(self) -> None:
        if self.isReadOnly():
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if self.list.isVisible():
            self.list.hide()
        else:
            self._ask("")

    def _edited(self, _text: str) -> None:
        self.chosen = None
        self.timer.start()

    def _ask(self, text: str | None = None) -> None:
        self.asked = self.text().strip() if text is None else text
        self.source(self.asked, self._answered)

    def _answered(self, found: Sequence[Suggestion]) -> None:
        exact = len(found) == 1 and found[0].text == self.text().strip()
        if not found or exact or not self.hasFocus():
            self.list.hide()
            return
        self.list.show_entries(found, -1 if self.free else 0)
        self.list.setFixedSize(self.width(), self.list.tall())
        self.list.move(self.mapToGlobal(QPoint(0, self.height() + 2)))
        self.list.show()

    def event(self, event: QEvent) -> bool:
        shut = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if event.type() == QEvent.Type.ShortcutOverride and shut and self.list.isVisible():
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, open_ = event.key(), self.list.isVisible()
        current = self.list.current() if open_ else None
        if key == Qt.Key.Key_F4 or (key == Qt.Key.Key_Down and not open_ and not event.modifiers()):
            self.press()
        elif open_ and key in {Qt.Key.Key_Down, Qt.Key.Key_Up}:
            self.list.step(1 if key == Qt.Key.Key_Down else -1)
        elif open_ and key == Qt.Key.Key_Escape:
            self.list.hide()
        elif current is not None and key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.take(current)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.list.hide()
        if self.chosen is None and not self.free and self.text().strip():
            self._settle()
        super().focusOutEvent(event)

    def _settle(self) -> None:
        """The one that was meant, when only one fits what was typed."""
        fits = [each for each in self.list.entries if each.text == self.text().strip()]
        if len(fits) == 1:
            self.take(fits[0])


def code_source(table: str) -> Source:
    """The entries of a code table by word, pinyin or initials."""
    every = [
        (Suggestion(key, name), {key, *pinyin.name_keys(name)})
        for key, name in codes.table(table).items
    ]

    def answer(text: str, done: Answer) -> None:
        said = pinyin.term(text)
        done([one for one, keys in every if not said or any(k.startswith(said) for k in keys)])

    return answer
