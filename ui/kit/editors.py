"""One editor per kind of fact: a widget, what is in it, and how to put something in."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QWidget

from models.kit import codes
from models.kit.fields import Fact
from models.kit.kinds import (
    Code,
    Codes,
    Count,
    Day,
    Fen,
    Flag,
    IdNumber,
    LongText,
    PartialDay,
    Phone,
    YearMonth,
)
from models.kit.kinds import Text as TextKind
from ui.kit.buttons import Chip
from ui.kit.date_box import DateBox, tidy
from ui.kit.inputs import CheckBox, Combo, TextArea, TextBox, set_state
from ui.kit.layout import Flow
from ui.kit.one_stop import OneStop
from ui.kit.picker import Source, SuggestBox, Suggestion, code_source

LONG_TABLE = 12


class Editor(QObject):
    """`value()` is typed where the text can be understood, else the text as it stands."""

    changed = Signal()
    left = Signal()
    wide = False

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.widget = widget

    def value(self) -> Any:
        raise NotImplementedError

    def put(self, value: Any) -> None:
        raise NotImplementedError

    def lock(self, fixed: bool = True) -> None:
        self.widget.setEnabled(not fixed)


class Line(Editor):
    """One line of text."""

    def __init__(self, fact: Fact, box: TextBox | None = None, hint: str = "") -> None:
        self.box = box or TextBox(hint=hint)
        super().__init__(self.box)
        if isinstance(fact.kind, TextKind):
            self.box.setMaxLength(fact.kind.size)
        self.box.textChanged.connect(self.changed)
        self.box.editingFinished.connect(self.left)

    def value(self) -> Any:
        return self.box.text().strip() or None

    def put(self, value: Any) -> None:
        self.box.setText("" if value is None else str(value))

    def lock(self, fixed: bool = True) -> None:
        self.box.set_read_only(fixed)
        policy = Qt.FocusPolicy.ClickFocus if fixed else Qt.FocusPolicy.StrongFocus
        self.box.setFocusPolicy(policy)


class Digits(Line):
    """ID numbers and telephones: no input method in the way."""

    def __init__(self, fact: Fact, hint: str = "") -> None:
        super().__init__(fact, hint=hint)
        self.box.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)


class Number(Line):
    def __init__(self, fact: Fact, hint: str = "") -> None:
        super().__init__(fact, hint=hint)
        self.box.setValidator(QIntValidator(0, 99_999_999, self.box))

    def value(self) -> int | None:
        return int(self.box.text()) if self.box.text().strip() else None


class Money(Line):
    """Yuan on the screen, fen inside."""

    def value(self) -> Any:
        text = self.box.text().strip().replace(",", "").replace("，", "").removesuffix("元")
        if not text:
            return None
        try:
            return round(float(text) * 100)
        except ValueError:
            return text

    def put(self, value: Any) -> None:
        self.box.setText(f"{value / 100:.2f}" if isinstance(value, int) else str(value or ""))


class Area(Editor):
    wide = True

    def __init__(self, _fact: Fact, hint: str = "", lines: int = 2) -> None:
        self.box = TextArea(hint=hint, lines=lines)
        super().__init__(self.box)
        self.box.textChanged.connect(self.changed)

    def value(self) -> Any:
        return self.box.toPlainText().strip() or None

    def put(self, value: Any) -> None:
        self.box.setPlainText(value or "")

    def lock(self, fixed: bool = True) -> None:
        self.box.setReadOnly(fixed)
        set_state(self.box, "ro" if fixed else "")


class Date(Line):
    """A day; `whole=False` also takes a year or a month."""

    def __init__(self, fact: Fact, hint: str = "", *, whole: bool = True) -> None:
        self.date_box = DateBox(
            hint=hint or ("如 2026-11-23" if whole else "如 1996-11"), whole=whole
        )
        super().__init__(fact, self.date_box)
        self.whole = whole
        self.date_box.picked.connect(self.left)

    def value(self) -> Any:
        text = tidy(self.box.text(), whole=self.whole)
        if not text or not self.whole:
            return text or None
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text

    def put(self, value: Any) -> None:
        self.box.setText(value.isoformat() if isinstance(value, date) else value or "")


class Choice(Editor):
    """A code, or any other short list of choices. ``named`` says what a code is called that may no
    longer be chosen: whoever has it keeps it."""

    def __init__(
        self,
        choices: Sequence[tuple[str, str]],
        hint: str = "",
        named: Callable[[str], str] | None = None,
    ) -> None:
        self.named = named
        self.box = Combo((("", "未选"), *choices), hint=hint or "请选择")
        super().__init__(self.box)
        self.box.set_value("")
        self.box.setCurrentIndex(-1)
        self.box.picked.connect(self.changed)
        self.box.picked.connect(self.left)

    def value(self) -> str | None:
        return self.box.value() or None

    def put(self, value: Any) -> None:
        if value and self.named and self.box.findData(value) < 0:
            self.box.addItem(f"{self.named(value)}（已停用）", value)
        self.box.setCurrentIndex(self.box.findData(value) if value else -1)

    def lock(self, fixed: bool = True) -> None:
        self.box.setEnabled(not fixed)
        set_state(self.box, "ro" if fixed else "")


class Lookup(Line):
    """Chosen by typing; with `free`, the words themselves are the value."""

    def __init__(self, fact: Fact, source: Source, hint: str = "", *, free: bool = False) -> None:
        self.suggest = SuggestBox(source, hint=hint or "输入汉字或拼音首字母", free=free)
        super().__init__(fact, self.suggest)
        self.free, self.table = free, ""
        self.suggest.picked.connect(self.left)

    def value(self) -> Any:
        text = self.box.text().strip()
        if self.free or not text:
            return text or None
        if self.suggest.chosen is not None:
            return self.suggest.key()
        return (codes.table(self.table).find(text) if self.table else None) or text

    def put(self, value: Any) -> None:
        if self.free or not value:
            super().put(value)
            return
        name = codes.table(self.table).name(value) if self.table else str(value)
        self.suggest.show_choice(Suggestion(str(value), name))


class Several(Editor):
    """Codes as chips to switch on and off; one that may no longer be chosen stays as it is."""

    wide = True

    def __init__(self, choices: Sequence[tuple[str, str]]) -> None:
        self.kept: list[str] = []
        self.holder = QWidget()
        super().__init__(self.holder)
        box = Flow(self.holder, gap=6, lines=6)
        self.chips = {key: Chip(text) for key, text in choices}
        for chip in self.chips.values():
            chip.toggled.connect(self.changed)
            box.add(chip)
        self.stop = OneStop(self.holder, [*self.chips.values()])

    def value(self) -> list[str]:
        return [key for key, chip in self.chips.items() if chip.isChecked()] + self.kept

    def put(self, value: Any) -> None:
        self.kept = [one for one in value or () if one not in self.chips]
        for key, chip in self.chips.items():
            chip.setChecked(key in (value or ()))


class OneOf(Several):
    """One code as chips: everything in sight, one click. What is chosen stays, unless the field
    may be left open (`clears`): then the same click takes it back."""

    wide, clears = True, False

    def __init__(self, choices: Sequence[tuple[str, str]]) -> None:
        super().__init__(choices)
        self.stop.picks = True
        for key, chip in self.chips.items():
            chip.clicked.connect(lambda on=False, key=key: self._only(key, on))

    def _only(self, key: str, on: bool) -> None:
        for other, chip in self.chips.items():
            chip.setChecked(other == key and (on or not self.clears))
        self.left.emit()

    def value(self) -> Any:
        return next((key for key, chip in self.chips.items() if chip.isChecked()), None)

    def put(self, value: Any) -> None:
        for key, chip in self.chips.items():
            chip.setChecked(key == value)


class Tick(Editor):
    def __init__(self, text: str) -> None:
        self.box = CheckBox(text)
        super().__init__(self.box)
        self.box.toggled.connect(self.changed)
        self.box.clicked.connect(self.left)

    def value(self) -> bool:
        return self.box.isChecked()

    def put(self, value: Any) -> None:
        self.box.setChecked(bool(value))


class YesNo(Choice):
    """Yes, no, or nobody asked."""

    def __init__(self) -> None:
        super().__init__((("1", "是"), ("0", "否")))

    def value(self) -> Any:
        return {"1": True, "0": False}.get(self.box.value())

    def put(self, value: Any) -> None:
        super().put(None if value is None else "1" if value else "0")


def editor_for(fact: Fact, *, hint: str = "", filled: bool = False) -> Editor:
    """The editor of a fact; `filled`: the column always has a value (a plain tick, not 是/否)."""
    kind, words = fact.kind, hint or fact.hint
    if isinstance(kind, Code):
        return _code(fact, kind, words)
    if isinstance(kind, Codes):
        return Several(codes.table(kind.table).items)
    if isinstance(kind, Day):
        return Date(fact, words)
    if isinstance(kind, PartialDay | YearMonth):
        return Date(fact, words, whole=False)
    if isinstance(kind, Flag):
        return Tick(fact.label) if filled else YesNo()
    if isinstance(kind, LongText):
        return Area(fact, words)
    plain = {IdNumber: Digits, Phone: Digits, Count: Number}
    for known, made in plain.items():
        if isinstance(kind, known):
            return made(fact, words)
    return Money(fact, hint=words) if isinstance(kind, Fen) else Line(fact, hint=words)


def _code(fact: Fact, kind: Code, hint: str) -> Editor:
    choices = codes.table(kind.table).items
    if len(choices) <= LONG_TABLE:
        return Choice(choices, hint, codes.table(kind.table).name)
    made = Lookup(fact, code_source(kind.table), hint)
    made.table = kind.table
    return made
