"""What the entries of a stream say, as a program of the centre's schema reads them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import msgspec

from models.kit.base import Record, fact_of, policy
from models.kit.fields import Merge
from models.kit.stream import GARBLED, Head, matches
from models.schema import heard, values_of
from sync import later
from sync.centre.receiving.streams import Entry
from sync.records import Unreadable, entity_of, part, understand
from sync.versions import known

NEWER = "新增内容"


class Said(msgspec.Struct, frozen=True):
    """An entry understood: its noun and its values as columns hold them, or why it cannot be.
    ``raw`` are all its values as they came, ``later`` those only a newer program understands."""

    entry: Entry
    entity: type[Record] | None = None
    values: Mapping[str, Any] = msgspec.field(default_factory=dict)
    later: Mapping[str, Any] = msgspec.field(default_factory=dict)
    raw: Mapping[str, Any] = msgspec.field(default_factory=dict)
    problem: str = ""


def understood(entry: Entry, schema: int) -> Said:
    """Read an entry once, as a program of this schema; never raises."""
    if not matches(entry.head, entry.payload):
        return Said(entry, problem="内容与摘要不符")
    head = heard(entry.head, schema)
    entry = entry if head is entry.head else msgspec.structs.replace(entry, head=head)
    try:
        raw = values_of(head, entry.payload, schema)
        if head.schema > schema and later.fits(head.entity, head.entity_id, raw):
            noun = known(head.entity, schema)
            return Said(entry, noun, *part(noun, raw, schema), raw)
        entity = entity_of(head.entity)
        return Said(entry, entity, understand(entity, raw), raw=raw)
    except (Unreadable, *GARBLED) as why:
        return Said(entry, problem=f"区中心的程序看不懂这一项：{why}")


def rule(head: Head, entity: type[Record] | None, name: str, *, is_known: bool) -> Merge:
    """The policy of a field; that of a newer program's comes with the change."""
    if is_known and entity is not None:
        return policy(entity, name)
    try:
        return Merge(head.rules.get(name, Merge.LWW))
    except ValueError:
        return Merge.LWW


def label(entity: type[Record] | None, name: str) -> str:
    """A field's name for people."""
    one = fact_of(entity, name) if entity is not None else None
    return one.label if one else NEWER


def is_shared(entity: type[Record]) -> bool:
    """Does every office of the centre hold these records?"""
    return bool(getattr(entity, "shared", False))


def actions(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """What belongs to one action of a user, in stream order."""
    for _, action in groupby(entries, lambda one: one.head.tx):
        yield list(action)


def is_whole(action: Sequence[Entry]) -> bool:
    """Is all of the action here?"""
    first, last = action[0].head, action[-1].head
    return first.part == 0 and last.part + 1 == last.parts == len(action)
