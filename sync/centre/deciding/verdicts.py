"""What the author of a change is told of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from models.entities import BY_NAME
from models.exchange import Stream
from models.kit.base import table_of, to_wire, wire_fields
from sync import later
from sync.centre.deciding.decide import Decided
from sync.centre.deciding.said import is_shared
from sync.centre.deciding.stored import Key
from sync.centre.deciding.voids import PAIR
from sync.merge import Result
from sync.message import Applied, Item, State, Verdict
from sync.records import Unreadable, entity_of, load

NEWER = ""
"""Key of the names whose values are as the wire carries them, with their schemas."""
Standing = Mapping[tuple[str, str], Mapping[str, Any]]


def items_for(session: Session, stream: Stream, decided: Sequence[Decided]) -> list[Item]:
    """Stretches that were simply applied, and each other verdict with the values that now stand in
    its place."""
    told = [one for one in decided if one.result is not None]
    passed = {one.entry.seq: over for one in told if (over := _passed_over(one)) or one.back}
    shown = [one for one in told if one.entry.seq in passed]
    stands = _standing(session, stream, shown)
    items: list[Item] = []
    for one in told:
        if one.result is Result.APPLIED:
            _extend(items, stream, one.entry.seq)
        else:
            items.append(_verdict(stream, one))
        if one.entry.seq in passed:
            is_birth = one.entry.head.op == "insert"
            items += present(stands, at(one), passed[one.entry.seq], is_birth=is_birth)
        for key in one.back:
            items += present(stands, key, PAIR)
    return items


def at(one: Decided) -> Key:
    """The record an entry is about."""
    return one.entry.head.entity, one.entry.head.entity_id


def _passed_over(one: Decided) -> tuple[str, ...]:
    """The fields in which something else stands than the change said: of what was not let in all,
    where somebody else has made the same record."""
    head = one.entry.head
    if one.result is Result.APPLIED or one.lost:
        return one.lost
    if head.op == "insert" and one.result in (Result.LATE, Result.REFUSED, Result.CASE):
        entity = BY_NAME.get(head.entity)
        return wire_fields(table_of(entity)) if entity else ()
    return tuple(head.bases)


def _extend(items: list[Item], stream: Stream, seq: int) -> None:
    last = items[-1] if items else None
    if isinstance(last, Applied) and last.last == seq - 1:
        items[-1] = Applied(last.incarnation, last.first, seq)
    else:
        items.append(Applied(stream.incarnation, seq, seq))


def _verdict(stream: Stream, one: Decided) -> Verdict:
    result = one.result.value if one.result else ""
    change_id = one.entry.head.change_id
    return Verdict(stream.incarnation, one.entry.seq, change_id, result, one.reason)


def _standing(session: Session, stream: Stream, decided: Sequence[Decided]) -> Standing:
    """The records these verdicts are about, as they are stored now, as far as they are the
    author's to see."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for one in decided:
        for noun, key in (at(one), *one.back):
            wanted[noun].add(key)
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for name, ids in wanted.items():
        try:
            entity = entity_of(name)
        except Unreadable:
            continue
        rows = load(session, entity, ids, ("stamps", *wire_fields(table_of(entity))))
        found |= {
            (name, key): row
            for key, row in rows.items()
            if is_shared(entity) or stream.office_id in (row["office_id"], row.get("to_office_id"))
        }
    ids = {key for one in decided for _, key in (at(one), *one.back)}
    return _with_newer(session, stream, found, ids)


def _with_newer(
    session: Session,
    stream: Stream,
    found: dict[tuple[str, str], Mapping[str, Any]],
    ids: set[str],
) -> Standing:
    """What only a newer program understands stands there too."""
    if not ids or not later.is_any(session):
        return found
    for at, words in later.words_of(session, ids).items():
        if at not in found and stream.office_id not in {one.office_id for one in words.values()}:
            continue
        row = found.get(at, {"stamps": {}})
        stamps = {**row["stamps"], **{name: one.stamp for name, one in words.items()}}
        kept = {name: one for name, one in words.items() if name != later.CREATED}
        values = {name: one.value for name, one in kept.items()}
        schemas = {name: one.schema for name, one in words.items()}
        found[at] = {**row, **values, "stamps": stamps, NEWER: schemas}
    return found


def present(
    stands: Standing, key: Key, names: tuple[str, ...], *, is_birth: bool = False
) -> list[Item]:
    """The values that now stand in some fields of a record, if there is one; to whom had made it as
    well, also the change that did. What was never said of a record that waits as a whole is empty
    there."""
    row = stands.get(key)
    if row is None or not names:
        return []
    noun, stamps, newer = key[0], row["stamps"], row.get(NEWER, {})
    if later.CREATED in newer:
        newer = {**dict.fromkeys(names, newer[later.CREATED]), **newer}
    known = [name for name in names if name in row or name in newer]
    born = {"*": stamps["*"]} if is_birth and "*" in stamps else {}
    return [
        State(
            *key,
            {
                name: row.get(name) if name in newer else to_wire(entity_of(noun), name, row[name])
                for name in known
            },
            {name: stamps.get(name) or stamps.get("*", "") for name in known} | born,
            {name: newer[name] for name in known if name in newer},
        )
    ]
