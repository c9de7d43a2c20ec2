"""How what was said in an older schema is said today (sync.md 4.10).

An entry keeps its bytes for ever; wherever its values are merged, told or shown they are read
through here. A release may add nouns and fields, say a field's value otherwise (a code that became
another) and make a field of an older one (another name for it, a part of it). The older field stays
and is written together with what is made of it, since older programs read it; where they wrote it
alone, what is made of it follows. Nothing is taken away, goes to another noun or gets another
meaning: an older program holds a newer one's value of a field it knows without knowing how new it
is, so a step must leave alone what is said anew already.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from models.kit.stream import SCHEMA, Head, read_head, read_payload


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one field in the next schema: how its value is ``said``, and the young fields
    that are ``made`` of it. Pure, and never asked about an empty value."""

    said: Callable[[Any], Any] = lambda value: value
    made: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)


STEPS: dict[tuple[str, str, int], Step] = {}
"""(noun, field, N) -> its step from schema N to N + 1."""


class Said(NamedTuple):
    """A value as the wire carries it, the change behind it and the schema in which it is said."""

    value: Any
    stamp: str
    schema: int


def lift(noun: str, words: Mapping[str, Said], to: int) -> dict[str, Said]:
    """Values of one record as a program of schema ``to`` says them. A field that is made of another
    keeps what was said of it only where the same change stands behind both."""
    found = dict(words)
    for number, name, step in _steps(noun, to):
        was = found.get(name)
        if was is None or was.schema > number:
            continue
        found[name] = Said(_of(step.said, was.value), was.stamp, number + 1)
        for young, make in step.made.items():
            there = found.get(young)
            if there is None or there.stamp != was.stamp:
                found[young] = Said(_of(make, was.value), was.stamp, number + 1)
    return found


def _of(make: Callable[[Any], Any], value: Any) -> Any:
    return None if value is None else make(value)


def _steps(noun: str, to: int) -> Iterator[tuple[int, str, Step]]:
    """In the order of schemas."""
    mine = [(n, name, step) for (of, name, n), step in STEPS.items() if of == noun and n < to]
    return iter(sorted(mine, key=lambda one: one[:2]))


def is_lifted(noun: str, said_in: int, to: int) -> bool:
    """Is anything of the noun said otherwise?"""
    return any(number >= said_in for number, _, _ in _steps(noun, to))


def upcast(
    noun: str, said_in: int, values: dict[str, Any], to: int | None = None
) -> dict[str, Any]:
    """Values by one hand, said in one schema, as today's program says them or one of schema
    ``to``; the same dictionary where nothing is said otherwise."""
    to = to or SCHEMA
    if not STEPS or said_in >= to:
        return values
    lifted = lift(noun, {name: Said(one, "", said_in) for name, one in values.items()}, to)
    return {name: one.value for name, one in lifted.items()}


def values_of(head: Head, payload: bytes, to: int | None = None) -> dict[str, Any]:
    """The values of an entry in the same way. Raises one of ``GARBLED``."""
    return upcast(head.entity, head.schema, read_payload(payload).values, to)


def heard(head: Head, to: int | None = None) -> Head:
    """A head of an older schema, as if its author had seen what is made of the fields they saw."""
    to = to or SCHEMA
    if not STEPS or head.schema >= to or not head.bases:
        return head
    bases = dict(head.bases)
    for number, name, step in _steps(head.entity, to):
        if number >= head.schema and name in bases:
            bases = {**dict.fromkeys(step.made, bases[name]), **bases}
    return msgspec.structs.replace(head, bases=bases)


def today(head: bytes, payload: bytes | None) -> tuple[Head, dict[str, Any]]:
    """A stored entry as today's program says it; no values once they were let go of."""
    said = read_head(head)
    return heard(said), values_of(said, payload) if payload else {}
