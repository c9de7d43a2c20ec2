"""Rows checked before anything is written: good, must be fixed, please confirm, duplicate.

A single edited cell costs one row and those that share its number, never the whole sheet.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from collections.abc import Mapping as Map
from datetime import date

from app.kit.importing.field import Field, Finding, Known, Level, of_problem
from app.kit.importing.judging import reason, registered, shared, state_of
from app.kit.importing.layout import Skipped, Table
from app.kit.importing.mapping import Mapping
from app.kit.importing.row import KEY, CheckedRow, Counts, Said, State, Values
from app.kit.refusal import Refusal
from app.kit.sheet import Cell
from models.kit import clock, partial_date, plain
from models.kit.reading import Reading

# A rule sees the values of one row, may amend them, and tells what it finds.
Rule = Callable[[Values, date], Iterable[Finding]]
Lookup = Callable[[Collection[str]], Map[str, Known]]
# Told (rows done, rows in all) now and then; what it raises stops the check.
Progress = Callable[[int, int], None]
FEWEST_MONTHS = 3
PROGRESS_STEP = 500
DITTO = frozenset(["同上", "〃", "″", '"', "”", "、、"])


def _silent(_done: int, _all: int) -> None:
    return


class Analysis:
    """A sheet under check; every method that changes something returns the rows it touched."""

    def __init__(
        self,
        table: Table,
        mapping: Mapping,
        fields: Sequence[Field],
        lookup: Lookup,
        today: date,
        rules: Sequence[Rule],
        defaults: Map[str, object],
        *,
        unique: bool,
        progress: Progress,
    ) -> None:
        self.table = table
        self.mapping = mapping
        self.skipped: tuple[Skipped, ...] = table.skipped
        self._fields = {one.id: one for one in fields}
        self._lookup, self._today, self._rules = lookup, today, rules
        self._defaults, self._unique = defaults, unique
        self._read_before: dict[tuple[str, type, Cell], Reading] = {}
        self._known: dict[str, Known] = {}
        self._sharing: dict[str, list[CheckedRow]] = {}
        self._before: list[list[tuple[CheckedRow, Said]]] = []
        self.rows = self._raw_rows()
        self._by_number = {row.number: row for row in self.rows}
        self._check_all(progress)

    # -- what there is ------------------------------------------------------------------------

    @property
    def counts(self) -> Counts:
        """The numbers on the four cards."""
        states = [row.state for row in self.rows]
        return Counts(
            states.count(State.GOOD),
            states.count(State.MUST_FIX),
            states.count(State.CONFIRM),
            states.count(State.DUPLICATE),
            states.count(State.IGNORED),
            len(self.skipped),
        )

    def row(self, number: int) -> CheckedRow:
        """The row that Excel calls by this number."""
        return self._by_number[number]

    def in_state(self, state: State) -> list[CheckedRow]:
        """The rows behind one counter."""
        return [row for row in self.rows if row.state is state]

    def importable(self) -> list[CheckedRow]:
        """What would be written now."""
        return self.in_state(State.GOOD)

    def left(self) -> list[CheckedRow]:
        """What would stay behind."""
        return [row for row in self.rows if row.state is not State.GOOD]

    def sure_fixes(self) -> list[tuple[int, Finding]]:
        """(row number, finding) of every correction that may be taken by the dozen."""
        return [
            (row.number, one)
            for row in self.in_state(State.MUST_FIX)
            for one in row.findings
            if one.suggestion is not None and one.sure
        ]

    # -- what a person does -------------------------------------------------------------------

    def edit(self, number: int, field: str, cell: Cell) -> list[CheckedRow]:
        """A new value for one cell, checked at once."""
        row = self._kept(number)
        row.cells[field] = cell
        row.postponed.discard(field)
        row.accepted = False
        row.doubted = row.doubted and field != KEY
        return self._again(row)

    def fix(self, number: int, field: str) -> list[CheckedRow]:
        """Take the suggestion for one cell."""
        found = next(
            (one for one in self.row(number).findings if one.field == field and one.suggestion),
            None,
        )
        return self.edit(number, field, found.suggestion) if found else []

    def fix_all(self) -> int:
        """Take every sure suggestion; says how many there were."""
        fixes, at = self.sure_fixes(), len(self._before)
        for number, one in fixes:
            self.edit(number, one.field, one.suggestion)
        self._as_one(at)
        return len(fixes)

    def postpone(self, number: int, field: str) -> list[CheckedRow]:
        """稍后补填: the row goes in without this cell, where it is not required."""
        if self._fields[field].required:
            return []
        row = self._kept(number)
        row.postponed.add(field)
        return self._again(row)

    def accept(self, number: int) -> list[CheckedRow]:
        """What was to be confirmed is right."""
        row = self._kept(number)
        row.accepted = True
        return self._again(row)

    def accept_all(self) -> int:
        """Confirm every row that only waits for it."""
        waiting, at = self.in_state(State.CONFIRM), len(self._before)
        for row in waiting:
            self.accept(row.number)
        self._as_one(at)
        return len(waiting)

    def doubt(self, number: int) -> list[CheckedRow]:
        """证件上就是这样: keep a number whose check digit is wrong, marked for the police."""
        row = self._kept(number)
        row.doubted = True
        return self._again(row)

    def ignore(self, number: int, *, ignored: bool = True) -> list[CheckedRow]:
        """忽略 a row, or take that back."""
        row = self._kept(number)
        row.ignored = ignored
        return self._again(row)

    def take_back(self) -> list[CheckedRow]:
        """The last thing a person did here, undone; empty where nothing was done."""
        steps = self._before.pop() if self._before else []
        rows = {row.number: row.as_before(was) for row, was in reversed(steps)}
        for row in rows.values():
            self._again(row)
        return [rows[number] for number in sorted(rows)]

    def _kept(self, number: int) -> CheckedRow:
        """A row that is about to be changed."""
        row = self.row(number)
        self._before.append([(row, row.said())])
        return row

    def _as_one(self, at: int) -> None:
        """What was done since is one step."""
        steps = [one for step in self._before[at:] for one in step]
        self._before[at:] = [steps] if steps else []

    def report(self) -> tuple[list[str], list[list[Cell]], set[tuple[int, int]]]:
        """Columns, rows and marked cells of what stays behind, for a sheet to be sent back."""
        indexes = [one.index for one in self.mapping.columns]
        columns = ["原行号", *(one.header for one in self.mapping.columns), "问题和怎么改"]
        rows: list[list[Cell]] = []
        marks: set[tuple[int, int]] = set()
        for row in self.left():
            wrong = {one.field for one in row.findings if one.level is Level.ERROR}
            for at, column in enumerate(self.mapping.columns, 1):
                if column.field in wrong:
                    marks.add((len(rows), at))
            rows.append([row.number, *self._written(row, indexes), reason(row)])
        return columns, rows, marks

    def _written(self, row: CheckedRow, indexes: Iterable[int]) -> Iterator[Cell]:
        fields = {one.index: one.field for one in self.mapping.columns}
        for at in indexes:
            field = fields[at]
            raw = row.source.cells[at] if at < len(row.source.cells) else ""
            cell = row.cells.get(field, raw) if field else raw
            yield cell if cell is None else plain.text(cell)

    # -- checking -----------------------------------------------------------------------------

    def _raw_rows(self) -> list[CheckedRow]:
        places = [(one.index, one.field) for one in self.mapping.columns if one.field]
        monthly = self._monthly(places)
        rows = []
        above: dict[str, Cell] = {}
        for source in self.table.rows:
            cells: dict[str, Cell] = {}
            for at, field in places:
                cell = source.cells[at] if at < len(source.cells) else ""
                if isinstance(cell, str) and plain.tight(cell) in DITTO:
                    cell = above.get(field, "")
                elif field in monthly:
                    cell = _month_of(cell) or cell
                cells[field] = above[field] = cell
            rows.append(CheckedRow(source.number, source, cells))
        return rows

    def _monthly(self, places: Sequence[tuple[int, str]]) -> set[str]:
        """Columns whose dates are all the first of a month: Excel made days of typed months."""
        found = set()
        for at, field in places:
            if not self._fields[field].monthly:
                continue
            cells = (row.cells[at] for row in self.table.rows if at < len(row.cells))
            days = [day.day for day in map(_day_of, cells) if day]
            if len(days) >= FEWEST_MONTHS and set(days) == {1}:
                found.add(field)
        return found

    def _check_all(self, progress: Progress) -> None:
        for at, row in enumerate(self.rows):
            if at % PROGRESS_STEP == 0:
                progress(at, len(self.rows))
            self._read(row)
        self._known.update(self._lookup({row.key for row in self.rows if row.key}))
        for row in self.rows:
            if row.key:
                self._sharing.setdefault(row.key, []).append(row)
        for row in self.rows:
            if not row.key:
                self._judge(row, [row])
        for sharing in self._sharing.values():
            for row in sharing:
                self._judge(row, sharing)

    def _again(self, row: CheckedRow) -> list[CheckedRow]:
        before = row.key
        self._read(row)
        after = row.key
        if before != after:
            if before:
                self._sharing[before] = [one for one in self._sharing[before] if one is not row]
            if after:
                self._sharing.setdefault(after, []).append(row)
                self._sharing[after].sort(key=lambda one: one.number)
                if after not in self._known:
                    self._known.update(self._lookup({after}))
        touched = {id(one): one for key in (before, after) for one in self._sharing.get(key, ())}
        touched[id(row)] = row
        for one in touched.values():
            self._judge(one, self._sharing.get(one.key, [one]))
        return sorted(touched.values(), key=lambda one: one.number)

    def _read(self, row: CheckedRow) -> None:
        values: Values = dict(self._defaults)
        beside: Values = {}
        findings: list[Finding] = []
        for field, cell in row.cells.items():
            if field in row.postponed or (cell == "" and not self._fields[field].required):
                continue
            said = self._reading(field, cell)
            if said.warnings or said.notes:
                findings.extend(self._remarks(field, said))
            if said.problem is not None:
                if not (row.doubted and said.problem.kind == "check_digit"):
                    findings.append(of_problem(self._fields[field], said.problem))
                    continue
                values["id_doubtful"] = True
            if said.value is not None:
                values[field] = said.value
            if said.more:
                beside = {**said.more, **beside}
        row.values = beside | values
        for rule in self._rules:
            findings.extend(one for one in rule(row.values, self._today))
        row.own = tuple(findings)

    def _reading(self, field: str, cell: Cell) -> Reading:
        key = (field, type(cell), cell)
        said = self._read_before.get(key)
        if said is None:
            said = self._fields[field].read(cell, self._today)
            self._read_before[key] = said
        return said

    def _remarks(self, field: str, said: Reading) -> Iterator[Finding]:
        label = self._fields[field].label
        for words in said.warnings:
            yield Finding(field, label, words, Level.CONFIRM)
        for words in said.notes:
            yield Finding(field, label, words, Level.NOTE)

    def _judge(self, row: CheckedRow, sharing: Sequence[CheckedRow]) -> None:
        row.known = self._known.get(row.key) if row.key else None
        findings = [*row.own, *registered(row, self._fields)]
        if self._unique:
            findings += shared(row, sharing, self._fields[KEY].label)
        row.findings = tuple(sorted(findings, key=lambda one: list(Level).index(one.level)))
        row.state = state_of(row)


def _day_of(cell: Cell) -> date | None:
    """The day of a date cell, or of a serial that lost its format."""
    if isinstance(cell, date):
        return cell
    if isinstance(cell, int | float) and 2_150 < cell < 60_000 and cell == int(cell):
        return partial_date.serial_day(int(cell))
    return None


def _month_of(cell: Cell) -> str:
    day = _day_of(cell)
    return f"{day.year:04d}-{day.month:02d}" if day else ""


def check(
    table: Table,
    mapping: Mapping,
    fields: Sequence[Field],
    known: Map[str, Known] | Lookup | None = None,
    *,
    today: date | None = None,
    rules: Sequence[Rule] = (),
    defaults: Map[str, object] | None = None,
    unique: bool = True,
    progress: Progress = _silent,
) -> Analysis:
    """Check every row. ``known`` finds registered people by number, all at once; ``defaults``
    are values for what the sheet does not hold, such as the employer it came from;
    without ``unique`` one person may have several rows, as in a list of results; ``progress``
    is told how far the check is and may raise to stop it."""
    for one in fields:
        if one.id in mapping.missing:
            raise Refusal(f"没有找到“{one.label}”这一列，请先指明是哪一列", one.id)
    return Analysis(
        table,
        mapping,
        fields,
        _as_lookup(known),
        today or clock.today(),
        rules,
        defaults or {},
        unique=unique,
        progress=progress,
    )


def _as_lookup(known: Map[str, Known] | Lookup | None) -> Lookup:
    if known is None:
        return lambda _: {}
    if callable(known):
        return known
    people = known
    return lambda numbers: {one: people[one] for one in numbers if one in people}
