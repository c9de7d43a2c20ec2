"""Where the table is in a sheet: title, header of one to three rows, rows of people, the rest."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import date

from app.kit.importing.field import Field, header_key, header_keys
from app.kit.sheet import Cell, Sheet
from models.kit import plain

SEARCHED_ROWS = 40
DEEPEST = 3
_TOTAL = re.compile(
    r"(?:本页|全部|人数|总)?(?:合计|总计|小计|共计|累计)(?:人数)?.*|总人数.*|共\d+(?:人|名).*"
)
_SIGNATURE = re.compile(
    r"(?:制表|填表|审核|复核|核对|经办|负责|单位负责|主管|填报|移交|接收|监交|联系|审批|编制)"
    r"(?:人|单位|部门|时间|日期|领导)*(?:签[字名章]|盖章)?[:：(（].*"
    r"|.*(?:盖章|签字|签章).*|(?:说明|填表说明|备注|注|附注)[:：].*|第\d+页.*"
)
_TEXT_AND_DATE = re.compile(
    r"(?:制表|填表|填报)?(?:日期|时间)?[:：]?\d{4}年\d{1,2}月(?:\d{1,2}日)?"
)
_LONG_NUMBER = re.compile(r"\d{6,}")
_ID_LIKE = re.compile(r"\d{14,}")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of people; ``number`` is the row number that Excel shows."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that is nobody, with the reason in words."""

    number: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet understood. ``header_row`` is 0 where there is no header at all."""

    sheet: str
    title: str
    header_row: int
    header_rows: int
    headers: tuple[str, ...]
    groups: tuple[str, ...] = attribute(repr=False)
    rows: tuple[Row, ...] = attribute(repr=False)
    skipped: tuple[Skipped, ...] = attribute(repr=False)
    score: int = 0


@dataclass(frozen=True, slots=True)
class _Header:
    top: int
    depth: int
    groups: tuple[str, ...]
    names: tuple[str, ...]
    score: int


class _Grid:
    """A sheet whose merged cells all show the value of their first one."""

    def __init__(self, sheet: Sheet) -> None:
        self.rows = sheet.rows
        self.width = max(map(len, sheet.rows), default=0)
        self.merged = sheet.merged
        self._shown: dict[tuple[int, int], Cell] = {}
        self._down: dict[int, list[tuple[int, Cell]]] = {}
        for top, left, bottom, right in sheet.merged:
            self._spread(top, left, bottom, right)

    def _spread(self, top: int, left: int, bottom: int, right: int) -> None:
        value = self.raw(top, left)
        if value in (None, "") or (bottom - top) * (right - left) > 100_000:
            return
        for row in range(top, min(bottom, len(self.rows) - 1) + 1):
            if row > top:
                self._down.setdefault(row, []).append((left, value))
            if row < SEARCHED_ROWS + DEEPEST:
                for column in range(left, min(right, self.width - 1) + 1):
                    self._shown[row, column] = value

    def raw(self, row: int, column: int) -> Cell:
        cells = self.rows[row] if row < len(self.rows) else []
        return cells[column] if column < len(cells) else ""

    def shown(self, row: int, column: int) -> Cell:
        return self._shown.get((row, column), self.raw(row, column))

    def data(self, row: int) -> tuple[Cell, ...]:
        """The cells of a row; a value merged over several rows belongs to each of them."""
        cells = list(self.rows[row]) + [""] * (self.width - len(self.rows[row]))
        for column, value in self._down.get(row, ()):
            if cells[column] in (None, ""):
                cells[column] = value
        return tuple(cells)


def tables(sheets: Sequence[Sheet], fields: Sequence[Field]) -> list[Table]:
    """Every sheet that may be the one meant, the likeliest first."""
    found = [table(one, fields) for one in sheets]
    hidden = {one.name for one in sheets if one.hidden}
    return sorted(
        (one for one in found if one.rows),
        key=lambda one: (one.score > 0, one.sheet not in hidden, one.score, len(one.rows)),
        reverse=True,
    )


def table(sheet: Sheet, fields: Sequence[Field], header_row: int | None = None) -> Table:
    """Lay out one sheet; ``header_row`` (as Excel counts) overrules the search, 0 is none."""
    grid = _Grid(sheet)
    words = _words(fields)
    header = _header(grid, words, header_row)
    first = header.top + header.depth
    required = {word for one in fields if one.required for word in one.synonyms}
    rows, skipped = _body(grid, header, first, required)
    return Table(
        sheet.name,
        _title(grid, header.top),
        header.top + 1 if header.depth else 0,
        header.depth,
        header.names,
        header.groups,
        tuple(rows),
        tuple(skipped),
        header.score,
    )


def _words(fields: Sequence[Field]) -> dict[str, tuple[str, int]]:
    """Header text -> (field, weight); what is required weighs more."""
    return {word: (one.id, 3 if one.required else 2) for one in fields for word in one.synonyms}


# -- the header -----------------------------------------------------------------------------------


def _header(grid: _Grid, words: dict[str, tuple[str, int]], wanted: int | None) -> _Header:
    if wanted == 0:
        return _no_header(grid)
    tops = [wanted - 1] if wanted else range(min(len(grid.rows), SEARCHED_ROWS))
    tries = [
        _tried(grid, top, depth, words)
        for top in tops
        for depth in range(1, min(DEEPEST, len(grid.rows) - top) + 1)
    ]
    best = max(tries, key=lambda one: (one.score, -one.depth, -one.top), default=None)
    if best is None or (best.score < 4 and not wanted):
        return _no_header(grid)
    return _deepened(grid, best)


def _no_header(grid: _Grid) -> _Header:
    return _Header(0, 0, ("",) * grid.width, ("",) * grid.width, 0)


def _tried(grid: _Grid, top: int, depth: int, words: dict[str, tuple[str, int]]) -> _Header:
    stacks = [_stack(grid, top, depth, column) for column in range(grid.width)]
    names = tuple(stack[-1] if stack else "" for stack in stacks)
    groups = _filled(tuple("".join(stack[:-1]) for stack in stacks), names, grid, top, depth)
    found: dict[str, int] = {}
    for group, name in zip(groups, names, strict=True):
        hit = next((words[key] for key in _keys(group, name) if key in words), None)
        if hit:
            found[hit[0]] = hit[1]
    penalty = sum(
        2 * bool(_looks_like_data(grid.raw(row, column)))
        for row in range(top, top + depth)
        for column in range(grid.width)
    )
    return _Header(top, depth, groups, names, sum(found.values()) - penalty)


def _keys(group: str, name: str) -> Iterator[str]:
    if group:
        yield from header_keys(group + name)
    yield from header_keys(name)


def _stack(grid: _Grid, top: int, depth: int, column: int) -> list[str]:
    """The texts over each other in one column of the header, each once."""
    found: list[str] = []
    for row in range(top, top + depth):
        text = plain.tight(plain.text(grid.shown(row, column)))
        if text and (not found or found[-1] != text):
            found.append(text)
    return found


def _filled(
    groups: tuple[str, ...], names: tuple[str, ...], grid: _Grid, top: int, depth: int
) -> tuple[str, ...]:
    """A group written once over several columns without a merge belongs to all of them."""
    if depth == 1:
        return groups
    filled: list[str] = []
    for column, (group, name) in enumerate(zip(groups, names, strict=True)):
        above = plain.tight(plain.text(grid.shown(top, column)))
        left = filled[-1] if filled else ""
        filled.append(left if not group and not above and name and left else group)
    return tuple(filled)


def _looks_like_data(cell: Cell) -> bool:
    if isinstance(cell, date | float | int):
        return not isinstance(cell, bool)
    return bool(_LONG_NUMBER.search(plain.text(cell)))


def _deepened(grid: _Grid, header: _Header) -> _Header:
    """Header cells merged further down than the recognised rows keep those rows out of the data."""
    last = header.top + header.depth - 1
    below = [
        bottom
        for top, _, bottom, _ in grid.merged
        if header.top <= top <= last < bottom <= last + DEEPEST
    ]
    if len(below) < 2:
        return header
    depth = max(below) - header.top + 1
    return _Header(header.top, depth, header.groups, header.names, header.score)


def _title(grid: _Grid, top: int) -> str:
    lines = []
    for row in range(top):
        texts = dict.fromkeys(filter(None, (plain.narrow(plain.text(c)) for c in grid.rows[row])))
        if texts:
            lines.append(" ".join(texts))
    return "\n".join(lines)


# -- the rows -------------------------------------------------------------------------------------


def _body(
    grid: _Grid, header: _Header, first: int, required: set[str]
) -> tuple[list[Row], list[Skipped]]:
    labels = [header_key(one) for one in header.names]
    needed = {at for at, label in enumerate(labels) if label in required}
    titles = set(_title(grid, header.top).splitlines())
    rows: list[Row] = []
    skipped: list[Skipped] = []
    for at in range(first, len(grid.rows)):
        cells = grid.data(at)
        texts = {c: plain.text(v) for c, v in enumerate(cells) if v not in (None, "")}
        texts = {column: text for column, text in texts.items() if text.strip()}
        if not texts:
            continue
        reason = _nobody(texts, labels, needed, titles, header.groups)
        if reason:
            skipped.append(Skipped(at + 1, reason, " ".join(texts.values())[:60]))
        else:
            rows.append(Row(at + 1, cells))
    return rows, skipped


def _nobody(
    texts: dict[int, str],
    labels: list[str],
    needed: set[int],
    titles: set[str],
    groups: tuple[str, ...],
) -> str:
    """Why a row is nobody; empty where it may be somebody."""
    if any(_ID_LIKE.search(text) for text in texts.values()):
        return ""
    if _repeats(texts, labels, groups):
        return "重复的表头"
    first = plain.tight(next(iter(texts.values())))
    if any(_TOTAL.fullmatch(plain.tight(text)) for text in texts.values()):
        return "合计行"
    if _SIGNATURE.fullmatch(first) or _SIGNATURE.fullmatch(plain.tight("".join(texts.values()))):
        return "签字或说明"
    if len({plain.narrow(text) for text in texts.values()}) == 1:
        return _alone(texts, first, needed, titles)
    if all(_bracketed(text) for text in texts.values()):
        return "重复的表头"
    return ""


def _repeats(texts: dict[int, str], labels: list[str], groups: tuple[str, ...]) -> bool:
    same = sum(
        header_key(text) == labels[column] or plain.tight(text) == groups[column] != ""
        for column, text in texts.items()
        if column < len(labels)
    )
    return same >= 2 and same * 2 >= len(texts)


def _alone(texts: dict[int, str], first: str, needed: set[int], titles: set[str]) -> str:
    if plain.narrow(next(iter(texts.values()))) in titles:
        return "重复的标题"
    if re.fullmatch(r"\d{1,5}(?:\.0)?", first):
        return "只有序号"
    if _TEXT_AND_DATE.fullmatch(first):
        return "签字或说明"
    if needed and not needed & set(texts):
        return "分段标题"
    return "" if len(texts) == 1 and len(first) <= 20 else "分段标题"


def _bracketed(text: str) -> bool:
    return re.fullmatch(r"[(（\[【].*[)）\]】]", text.strip()) is not None
