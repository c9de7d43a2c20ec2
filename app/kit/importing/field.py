"""What a sheet may hold, what is known already, and what was found wrong."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import date
from enum import StrEnum

from app.kit.sheet import Cell
from models.kit import plain
from models.kit.reading import Problem, Reading

# longer ones are explanations and stray text
LONGEST_HEADER = 200
_ASIDE = re.compile(r"[(\[【][^(\[【)\]】]*[)\]】]")
_SIGNS = re.compile(r"[\s*:：、,，.。;；/\\\-—_|~'‘’“”\"#※☆★()\[\]【】]+")


class Level(StrEnum):
    """How much a finding matters: a note changes nothing, the others hold the row back."""

    ERROR = "error"
    DUPLICATE = "duplicate"
    CONFIRM = "confirm"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a column can be. ``synonyms`` are header texts that mean exactly this,
    ``hints`` parts of a header that may mean it; ``shape`` recognises the values themselves.
    ``monthly`` columns of dates that are all the first of a month hold months only. Of a
    ``newest`` day only one after the registered one says anything."""

    id: str
    label: str
    read: Callable[[Cell, date], Reading] = attribute(repr=False)
    synonyms: frozenset[str] = attribute(default=frozenset(), repr=False)
    hints: tuple[str, ...] = attribute(default=(), repr=False)
    shape: re.Pattern[str] | None = attribute(default=None, repr=False)
    show: Callable[[object], str] = attribute(default=str, repr=False)
    required: bool = False
    monthly: bool = False
    newest: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody registered already. ``values`` are compared field by field where they are given; of
    a set only what is not in it is new, and comes beside it; so of a tuple, which is asked about.

    ``state``: here, dead, left (moved away) or elsewhere (another station, named in ``place``).
    """

    id: str
    name: str
    state: str = "here"
    place: str = ""
    since: str = ""
    values: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to tell about a row: where, in words, with the right value where it is known.

    ``later``: the cell may be left empty for now (稍后补填).
    """

    field: str
    label: str
    message: str
    level: Level
    suggestion: str | None = None
    button: str = ""
    sure: bool = True
    later: bool = False
    kind: str = ""


def of_problem(field: Field, problem: Problem) -> Finding:
    """An unreadable cell; what is not required may wait."""
    return Finding(
        field.id,
        field.label,
        problem.message,
        Level.ERROR,
        problem.suggestion,
        problem.button or (f"改为 {problem.suggestion}" if problem.suggestion else ""),
        sure=problem.sure,
        later=not field.required,
        kind=problem.kind,
    )


def header_keys(text: object) -> tuple[str, ...]:
    """The ways a header is looked up: with what stands in brackets, then without."""
    narrow = plain.narrow(plain.text(text)).casefold()
    if len(narrow) > LONGEST_HEADER:
        return ()
    keys = (_SIGNS.sub("", narrow), _SIGNS.sub("", _ASIDE.sub("", narrow)))
    return tuple(dict.fromkeys(one for one in keys if one))


def header_key(text: object) -> str:
    """The plain form of a header, for remembering and comparing."""
    keys = header_keys(text)
    return keys[0] if keys else ""


def synonyms(line: str) -> frozenset[str]:
    """Header texts written as one line, in their plain form."""
    return frozenset(header_key(one) for one in line.split())
