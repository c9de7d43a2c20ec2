"""One row under check: what it says, what was found, what becomes of it."""

from dataclasses import dataclass
from dataclasses import field as attribute
from enum import StrEnum
from typing import NamedTuple, Self

from app.kit.importing.field import Finding, Known
from app.kit.importing.layout import Row
from app.kit.sheet import Cell

Values = dict[str, object]
# The fields that tell who a row is about.
KEY, NAME = "id_no", "name"


class State(StrEnum):
    """The four counters of the check, and what a person set aside."""

    GOOD = "good"
    MUST_FIX = "must_fix"
    CONFIRM = "confirm"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows are in each state, and how many were nobody."""

    good: int
    must_fix: int
    confirm: int
    duplicate: int
    ignored: int
    skipped: int


class Said(NamedTuple):
    """What a person has made of a row so far."""

    cells: dict[str, Cell]
    postponed: set[str]
    accepted: bool
    doubted: bool
    ignored: bool


@dataclass(slots=True)
class CheckedRow:
    """One row with what it would write. ``action`` is new or update, empty where nothing is to do;
    ``changes`` are the fields in which it differs from what is registered; ``doubted``: the card
    really shows the number with its wrong check digit."""

    number: int
    source: Row = attribute(repr=False)
    cells: dict[str, Cell]
    values: Values = attribute(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    known: Known | None = None
    changes: tuple[str, ...] = ()
    state: State = State.GOOD
    action: str = "new"
    accepted: bool = False
    doubted: bool = False
    ignored: bool = False
    postponed: set[str] = attribute(default_factory=set)
    own: tuple[Finding, ...] = attribute(default=(), repr=False)

    def said(self) -> Said:
        """As it is now, to be kept."""
        return Said({**self.cells}, {*self.postponed}, self.accepted, self.doubted, self.ignored)

    def as_before(self, was: Said) -> Self:
        """As it was then, to be checked again."""
        self.cells, self.postponed, self.accepted, self.doubted, self.ignored = was
        return self

    @property
    def key(self) -> str:
        """The number the row is about, empty while it is wrong."""
        return str(self.values.get(KEY) or "")
