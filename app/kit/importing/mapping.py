"""Which column of a sheet is which field: recognised, to be confirmed, not imported, missing."""

import json
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass, replace
from enum import StrEnum

from app.kit.importing.field import Field, header_key, header_keys
from app.kit.importing.layout import Table
from models.kit import id_number, phone, plain

SAMPLED_ROWS = 200
SHAPE_SHARE = 0.6


class Match(StrEnum):
    """How sure the match of a column is."""

    RECOGNISED = "recognised"
    CONFIRM = "confirm"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the sheet; ``samples`` are masked, ``field`` is None when not imported."""

    index: int
    header: str
    samples: str
    field: str | None
    match: Match


@dataclass(frozen=True, slots=True)
class Mapping:
    """All columns with something in them; ``missing`` are required fields without a column."""

    columns: tuple[Column, ...]
    missing: tuple[str, ...] = ()
    required: tuple[str, ...] = ()

    def index_of(self, field: str) -> int | None:
        """The column of a field."""
        return next((one.index for one in self.columns if one.field == field), None)

    def header_of(self, field: str) -> str:
        """What the sheet calls a field."""
        return next((one.header for one in self.columns if one.field == field), "")

    def choose(self, index: int, field: str | None) -> "Mapping":
        """A person's own choice; a field leaves the column that had it."""
        columns = tuple(_chosen(one, index, field) for one in self.columns)
        return replace(self, columns=columns, missing=_missing(self.required, columns))

    def confirm(self) -> "Mapping":
        """All that was to be confirmed is right."""
        return replace(
            self, columns=tuple(_confirmed(one) for one in self.columns if one is not None)
        )

    def remember(self) -> str:
        """The choice as JSON by header text, for the employer's next sheet."""
        return json.dumps(
            {header_key(one.header): one.field for one in self.columns if header_key(one.header)},
            ensure_ascii=False,
            sort_keys=True,
        )


def _chosen(column: Column, index: int, field: str | None) -> Column:
    if column.index == index:
        return replace(column, field=field, match=Match.RECOGNISED if field else Match.IGNORED)
    if field is not None and column.field == field:
        return replace(column, field=None, match=Match.IGNORED)
    return column


def _confirmed(column: Column) -> Column:
    return replace(column, match=Match.RECOGNISED) if column.field else column


def match(table: Table, fields: Sequence[Field], remembered: str | None = None) -> Mapping:
    """Match columns by what was remembered, by synonyms, by hints, at last by the values."""
    used = [at for at in range(len(table.headers)) if table.headers[at] or _values(table, at)]
    taken: dict[int, tuple[str, Match]] = {}
    rounds = (
        _recalled(table, used, fields, remembered),
        _by_words(table, used, fields, grouped=True),
        _by_words(table, used, fields, grouped=False),
        _by_hints(table, used, fields),
        _by_values(table, used, fields),
    )
    refused = set(_set_aside(table, used, remembered))
    for found in rounds:
        for at, field, sure in found:
            if at not in taken and at not in refused and field not in _fields(taken):
                taken[at] = (field, sure)
    return _mapping(table, used, taken, fields)


def _fields(taken: Map[int, tuple[str, Match]]) -> set[str]:
    return {field for field, _ in taken.values()}


def _mapping(
    table: Table, used: list[int], taken: Map[int, tuple[str, Match]], fields: Sequence[Field]
) -> Mapping:
    columns = tuple(
        Column(
            at,
            table.groups[at] + table.headers[at] or f"第 {at + 1} 列",
            _samples(table, at),
            *taken.get(at, (None, Match.IGNORED)),
        )
        for at in used
    )
    required = tuple(one.id for one in fields if one.required)
    return Mapping(columns, _missing(required, columns), required)


def _missing(required: Sequence[str], columns: Sequence[Column]) -> tuple[str, ...]:
    present = {one.field for one in columns}
    return tuple(one for one in required if one not in present)


_Found = Iterator[tuple[int, str, Match]]


def _memory(remembered: str | None) -> dict[str, str | None]:
    try:
        memory = json.loads(remembered or "{}")
    except ValueError:
        return {}
    return memory if isinstance(memory, dict) else {}


def _whole(table: Table, at: int) -> str:
    return header_key(table.groups[at] + table.headers[at])


def _recalled(
    table: Table, used: list[int], fields: Sequence[Field], remembered: str | None
) -> _Found:
    memory, ids = _memory(remembered), {one.id for one in fields}
    for at in used:
        field = memory.get(_whole(table, at))
        if field in ids and field is not None:
            yield at, field, Match.RECOGNISED


def _set_aside(table: Table, used: list[int], remembered: str | None) -> Iterator[int]:
    memory = _memory(remembered)
    for at in used:
        key = _whole(table, at)
        if key in memory and memory[key] is None:
            yield at


def _by_words(table: Table, used: list[int], fields: Sequence[Field], *, grouped: bool) -> _Found:
    words = {word: one.id for one in reversed(fields) for word in one.synonyms}
    for at in used:
        text = table.groups[at] + table.headers[at] if grouped else table.headers[at]
        if grouped and not table.groups[at]:
            continue
        field = next((words[key] for key in header_keys(text) if key in words), None)
        if field:
            yield at, field, Match.RECOGNISED


def _by_hints(table: Table, used: list[int], fields: Sequence[Field]) -> _Found:
    hints = sorted(
        ((hint, one.id) for one in fields for hint in one.hints), key=lambda one: -len(one[0])
    )
    for at in used:
        key = _whole(table, at)
        field = next((field for hint, field in hints if hint in key), None)
        if field:
            yield at, field, Match.CONFIRM


def _by_values(table: Table, used: list[int], fields: Sequence[Field]) -> _Found:
    for one in fields:
        if one.shape is None:
            continue
        for at in used:
            values = _values(table, at)
            fitting = sum(one.shape.fullmatch(plain.tight(value)) is not None for value in values)
            if values and fitting >= SHAPE_SHARE * len(values):
                yield at, one.id, Match.CONFIRM


def _values(table: Table, at: int) -> list[str]:
    cells = (row.cells[at] for row in table.rows[:SAMPLED_ROWS] if at < len(row.cells))
    return [text for text in map(plain.text, cells) if text.strip()]


def _samples(table: Table, at: int) -> str:
    """王秀英、李建国…, with numbers and phones masked."""
    values = _values(table, at)
    if len(values) * 10 < min(len(table.rows), SAMPLED_ROWS):
        return "（多为空）"
    shown = list(dict.fromkeys(_masked(plain.narrow(one)) for one in values))
    return "、".join(shown[:2]) + ("…" if len(shown) > 2 else "")


def _masked(value: str) -> str:
    bare = id_number.normalise(value)
    if len(bare) >= 14 and bare[:14].isdigit():
        return id_number.mask(bare)
    return phone.mask(bare) if phone.is_mobile(bare) else value[:16]
