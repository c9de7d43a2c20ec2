"""更多筛选: a dialog made from the view's filters, and their words on chips."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QWidget

from ui.kit.buttons import Chip
from ui.kit.dialog import Dialog
from ui.kit.field import Field
from ui.kit.inputs import Combo, TextBox
from ui.kit.label import Label
from ui.kit.layout import Flow, Grid, HBox, holder
from ui.kit.tokens import px
from ui.kit.view import Filter

Choices = Sequence[tuple[str, str]]
Sources = Mapping[str, Callable[..., Sequence[Any]]]


def words_of(
    filters: Sequence[Filter], values: Mapping[str, Any], known: Mapping[str, Choices]
) -> dict[str, str]:
    """What each filter in use is called on its chip."""
    found = {}
    for one in filters:
        if one.key in values:
            found[one.key] = _words(one, values[one.key], dict(known.get(one.key) or one.choices))
    return found


def _words(one: Filter, value: Any, named: Mapping[str, str]) -> str:
    if one.kind == "range":
        return _span(one, *value)
    if one.kind == "many":
        return "、".join(named.get(each, each) for each in value)
    whole = named.get(str(value), str(value))
    return whole.rpartition("（")[0] or whole


def _span(one: Filter, low: int | None, high: int | None) -> str:
    if low is None:
        return f"{one.label}≤{high}{one.unit}"
    return f"{one.label}≥{low}{one.unit}" if high is None else f"{low}—{high}{one.unit}"


class _One(Combo):
    def __init__(self, _one: Filter, choices: Choices) -> None:
        super().__init__((), hint="不限", searchable=len(choices) > 12 or not choices)
        self.offer(choices)

    def offer(self, choices: Choices) -> None:
        self.set_choices((("", "不限"), *choices))

    def wanted(self) -> str | None:
        return self.value() or None


class _Many(QWidget):
    def __init__(self, _one: Filter, choices: Choices) -> None:
        super().__init__()
        self.box = Flow(self, gap=6, lines=6)
        self.chips: dict[str, Chip] = {}
        self.offer(choices)

    def offer(self, choices: Choices) -> None:
        for key, text in choices:
            if key not in self.chips:
                self.chips[key] = Chip(text)
                self.box.add(self.chips[key])

    def set_value(self, keys: Sequence[str]) -> None:
        for key, chip in self.chips.items():
            chip.setChecked(key in keys)

    def wanted(self) -> tuple[str, ...] | None:
        return tuple(key for key, chip in self.chips.items() if chip.isChecked()) or None


class _Range(QWidget):
    def __init__(self, one: Filter, _choices: Choices) -> None:
        super().__init__()
        self.low, self.high = TextBox(hint="从"), TextBox(hint="到")
        for box, name in ((self.low, "从"), (self.high, "到")):
            box.setValidator(QIntValidator(0, 9999, box))
            box.setAccessibleName(f"{one.label}{name}")
            box.setMinimumWidth(px(50))
        line = HBox(self, gap=6)
        line.add(self.low, Label("—", "body", "t2"), self.high, Label(one.unit, "body", "t2"))

    def offer(self, choices: Choices) -> None:
        """A range has no choices."""

    def set_value(self, span: tuple[int | None, int | None]) -> None:
        for box, value in zip((self.low, self.high), span, strict=True):
            box.setText("" if value is None else str(value))

    def wanted(self) -> tuple[int | None, int | None] | None:
        low, high = (int(box.text()) if box.text() else None for box in (self.low, self.high))
        return None if low is None and high is None else (low, high)


Editor = _One | _Many | _Range
EDITORS: dict[str, type[Editor]] = {"one": _One, "many": _Many, "range": _Range}


class FilterDialog(Dialog):
    taken = Signal(object)

    def __init__(
        self,
        parent: QWidget,
        filters: Sequence[Filter],
        values: Mapping[str, Any],
        known: Mapping[str, Choices],
    ) -> None:
        super().__init__(parent, "更多筛选", width=760)
        self.filters, self.values = tuple(filters), dict(values)
        self.editors: dict[str, Editor] = {}
        grid, place = Grid(gap=(18, 12)), 0
        for one in self.filters:
            editor = EDITORS[one.kind](one, known.get(one.key) or one.choices)
            self.editors[one.key] = editor
            wide = one.wide or one.kind == "many"
            place += place % 2 if wide else 0
            grid.addWidget(Field(one.label, editor), place // 2, place % 2, 1, 2 if wide else 1)
            place += 2 if wide else 1
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        self.add(holder(grid))
        self.show_values()
        self.button("清除", does=self.clear)
        self.cancel_button()
        self.button("按此筛选", "primary", does=self.take)

    @staticmethod
    def pairs(found: Sequence[Any]) -> tuple[tuple[str, str], ...]:
        """Choices from a query: names with how many, or key and name."""
        return tuple(
            (str(a), f"{a}（{b}）" if isinstance(b, int) else str(b)) for a, b in found if a
        )

    def offer(self, key: str) -> Callable[[Sequence[Any]], None]:
        def take(found: Sequence[Any]) -> None:
            self.editors[key].offer(self.pairs(found))
            self.show_values(key)

        return take

    def show_values(self, only: str = "") -> None:
        for key, editor in self.editors.items():
            if key in self.values and only in {"", key}:
                editor.set_value(self.values[key])

    def clear(self) -> None:
        self.taken.emit({})
        self.accept()

    def take(self) -> None:
        wanted = {key: editor.wanted() for key, editor in self.editors.items()}
        self.taken.emit({key: value for key, value in wanted.items() if value is not None})
        self.accept()
