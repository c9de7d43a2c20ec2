"""Code tables: what a code is called, and which code a person meant by a word.

A table is ``resources/codes/<TABLE>.csv`` with the columns code, name, parent, active, synonyms
(parted by ``|``) and source. The centre may publish a newer one: ``publish`` puts it in place.
"""

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from io import StringIO

from resources import path

COLUMNS = ("code", "name", "parent", "active", "synonyms", "source")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a table."""

    code: str
    name: str
    parent: str = ""
    active: bool = True
    synonyms: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True)
class CodeTable:
    """All entries under one key; retired ones keep their name but are no longer offered."""

    key: str
    entries: tuple[Entry, ...] = field(repr=False)

    @cached_property
    def items(self) -> tuple[tuple[str, str], ...]:
        """(code, name) of what may be chosen today, in the table's order."""
        return tuple((entry.code, entry.name) for entry in self.entries if entry.active)

    def name(self, code: str | None) -> str:
        """What people call the code; nothing for nothing, an unknown code shows itself."""
        if not code:
            return ""
        entry = self._by_code.get(code)
        return entry.name if entry else code

    def parent(self, code: str) -> str:
        """The code of the group it belongs to, or an empty string."""
        entry = self._by_code.get(code)
        return entry.parent if entry else ""

    def find(self, text: str | None) -> str | None:
        """The code meant by a name, a synonym or a code, however it was typed."""
        said = plain(text or "")
        if not said:
            return None
        return self._by_word.get(said) or self._by_word.get(said.zfill(self._width))

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    @cached_property
    def _by_code(self) -> dict[str, Entry]:
        return {entry.code: entry for entry in self.entries}

    @cached_property
    def _by_word(self) -> dict[str, str]:
        """Synonyms give way to names, and names to codes."""
        words = {plain(said): one.code for one in self.entries for said in one.synonyms}
        words |= {plain(one.name): one.code for one in self.entries}
        return words | {plain(one.code): one.code for one in self.entries}

    @cached_property
    def _width(self) -> int:
        """Excel drops leading zeros: the length to fill a bare number up to."""
        return max((len(one.code) for one in self.entries if one.code.isdigit()), default=0)


def plain(text: str) -> str:
    """A word without the accidents of typing: width, case, blanks."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


_tables: dict[str, CodeTable] = {}
_published: set[str] = set()


def table(key: str) -> CodeTable:
    """The table in force; ``KeyError`` when there is none of that name."""
    if key not in _tables:
        _tables[key] = CodeTable(key, tuple(read(_bundled(key))))
    return _tables[key]


def keys() -> tuple[str, ...]:
    """The names of all bundled tables; files in lower case are data, not tables."""
    found = path("codes").glob("*.csv")
    return tuple(sorted(file.stem for file in found if file.stem.isupper()))


def publish(key: str, text: str) -> CodeTable:
    """Put a newer table, in the form of the bundled files, in place of the one in force."""
    _tables[key] = CodeTable(key, tuple(read(text)))
    _published.add(key)
    return _tables[key]


def use(published: Mapping[str, str]) -> None:
    """Put these, by name, in place; what was published before and is not among them goes."""
    for key in _published - published.keys():
        _published.remove(key)
        _tables.pop(key, None)
    for key, text in published.items():
        publish(key, text)


def forget() -> None:
    """Back to the bundled tables: for tests and for another home in the same process."""
    use({})
    _tables.clear()


def read(text: str) -> Iterable[Entry]:
    """The entries of a table's text."""
    for row in csv.DictReader(StringIO(text, newline="")):
        yield Entry(
            row["code"],
            row["name"],
            row["parent"],
            row["active"] == "1",
            tuple(filter(None, row["synonyms"].split("|"))),
            row["source"],
        )


def _bundled(key: str) -> str:
    """Strict: a file that is not UTF-8 is a mistake of ours, not something to guess at."""
    file = path("codes", f"{key}.csv")
    if not key.isupper() or not file.is_file():
        raise KeyError(key)
    return file.read_text("utf-8", errors="strict")
