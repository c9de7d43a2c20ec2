"""What a newer program said and this one does not understand: kept as it came, put into its record
after the upgrade, with the same result as if it had been understood at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import bindparam, delete, exists, insert, select, update
from sqlalchemy.orm import Session

from models.entities import BY_NAME, ENTITIES
from models.exchange import Deferred, Replica, Unread
from models.kit.among import among
from models.kit.base import Record, table_of, to_wire, wire_fields
from models.kit.changes import base_of
from models.kit.direct import ask_one
from models.kit.stream import GARBLED, SCHEMA
from models.schema import Said, is_lifted, lift
from sync.message import MOST_SCHEMA, Item, decode_item
from sync.records import Write, links_of, load, part, write
from sync.versions import known, younger

LONGEST = {"entity": 24, "entity_id": 32, "field": 40}
CREATED = "*"
KEPT = "is anything kept"
SOME = 500
_IS_KEEPING = select(exists().where(table_of(Unread).c.office_id == bindparam("office")))
IS_ANY = exists().where(table_of(Deferred).c.entity != "")
_ANY = select(IS_ANY)
encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder().decode


@dataclass(frozen=True, slots=True)
class Word:
    """One kept value as the wire carries it, and the change behind it."""

    office_id: str
    value: Any
    stamp: str
    over: str
    schema: int


Words = dict[str, Word]


def fits(noun: str, key: str, names: Iterable[str]) -> bool:
    """Can it be kept at all?"""
    return (
        len(noun) <= LONGEST["entity"]
        and len(key) <= LONGEST["entity_id"]
        and all(len(name) <= LONGEST["field"] for name in names)
    )


def is_any(session: Session) -> bool:
    """Is anything kept? Asked once in a transaction."""
    if KEPT not in session.info:
        session.info[KEPT] = bool(ask_one(session, _ANY))
    return bool(session.info[KEPT])


def is_unread(session: Session) -> bool:
    """Are items kept that could not be read?"""
    return bool(session.scalar(select(exists().where(Unread.office_id != ""))))


def words_of(session: Session, ids: Collection[str]) -> dict[tuple[str, str], Words]:
    """What is kept of these records, by noun and id."""
    found: dict[tuple[str, str], Words] = defaultdict(dict)
    for one in session.scalars(select(Deferred).where(among(Deferred.entity_id, ids))):
        found[one.entity, one.entity_id][one.field] = _word(one)
    return dict(found)


def _word(one: Deferred) -> Word:
    return Word(one.office_id, decode(one.value), one.stamp, one.over, one.schema)


def words_by(session: Session, noun: str) -> dict[str, Words]:
    """All that is kept of a noun, by id."""
    found: dict[str, Words] = defaultdict(dict)
    for one in session.scalars(select(Deferred).where(Deferred.entity == noun)):
        found[one.entity_id][one.field] = _word(one)
    return dict(found)


def waiting(session: Session, office_id: str) -> dict[tuple[str, str], Words]:
    """The records of an office that are kept as a whole, by noun and id."""
    created = select(Deferred.entity_id).where(
        Deferred.office_id == office_id, Deferred.field == CREATED
    )
    found = words_of(session, session.scalars(created).all())
    return {at: words for at, words in found.items() if CREATED in words}


def about(session: Session, person: str) -> list[str]:
    """The records kept as a whole that are a person's, by id."""
    whose = (Deferred.field == "retiree_id", Deferred.value == encode(person))
    return list(session.scalars(select(Deferred.entity_id).where(*whose)))


def belonging(session: Session, person: str) -> dict[tuple[str, str], Words]:
    """What is kept as a whole and in sight with a person, by noun and id."""
    found = words_of(session, about(session, person)) if is_any(session) else {}
    return {at: words for at, words in found.items() if not is_void(words)}


def is_void(words: Words) -> bool:
    """Is the record out of sight, as far as it is kept?"""
    return "is_void" in words and words["is_void"].value is True


def hand_over(session: Session, ids: Collection[str], office_id: str | None) -> None:
    """What is kept of these records is another office's; without one it goes."""
    table = table_of(Deferred)
    mine = among(table.c.entity_id, ids)
    session.connection().execute(
        delete(table).where(mine)
        if office_id is None
        else update(table).where(mine).values(office_id=office_id)
    )


def stamps_in(words: Words) -> dict[str, str]:
    """The changes behind what is kept of one record."""
    return {name: one.stamp for name, one in words.items()}


def stamps_of(session: Session, noun: str, names: Collection[str]) -> dict[str, dict[str, str]]:
    """The changes behind what is kept in these fields, by record."""
    return {
        key: {name: stamp for name, stamp in stamps_in(words).items() if name in names}
        for key, words in words_by(session, noun).items()
    }


def beside(
    values: Mapping[str, Any], stamps: Mapping[str, str], words: Words
) -> tuple[dict[str, Any], dict[str, str], dict[str, int]]:
    """A record as it is handed on: its values as the wire carries them and the changes behind them,
    with what is kept of it and the schemas of that."""
    kept = {name: one for name, one in words.items() if name != CREATED}
    newer = {name: one.value for name, one in kept.items()}
    schemas = {name: one.schema for name, one in kept.items()}
    return {**values, **newer}, {**stamps, **stamps_in(words)}, schemas


def standing(session: Session, noun: str, ids: Collection[str]) -> dict[str, dict[str, str]]:
    """The changes behind these records as far as they are here, whatever is kept of them
    included."""
    entity = known(noun, SCHEMA)
    shown = load(session, entity, ids, ("stamps",)) if entity else {}
    kept = words_of(session, ids) if is_any(session) else {}
    found = {}
    for key in ids:
        words = kept.get((noun, key), {})
        if key in shown or CREATED in words:
            found[key] = {**(shown[key]["stamps"] if key in shown else {}), **stamps_in(words)}
    return found


def keep(
    session: Session, office_id: str, noun: str, key: str, said: Write, shown: Mapping[str, str]
) -> None:
    """Keep values in place of what was kept before. ``shown`` are the stamps of the record beside
    which they wait."""
    rows = [
        {
            "office_id": office_id,
            "entity": noun,
            "entity_id": key,
            "field": name,
            "value": encode(value),
            "stamp": said.stamps.get(name) or said.stamps.get(CREATED, ""),
            "over": base_of(dict(shown), name),
            "schema": min(said.newer.get(name, SCHEMA), MOST_SCHEMA),
        }
        for name, value in said.values.items()
    ]
    if rows:
        session.info[KEPT] = True
        drop(session, noun, key, said.values)
        session.execute(insert(table_of(Deferred)), rows)


def drop(session: Session, noun: str, key: str, names: Iterable[str]) -> None:
    """Something newer stands in these fields."""
    table = table_of(Deferred)
    gone = [{"of_noun": noun, "of_key": key, "of_field": name} for name in names]
    if gone:
        session.connection().execute(
            delete(table).where(
                table.c.entity == bindparam("of_noun"),
                table.c.entity_id == bindparam("of_key"),
                table.c.field == bindparam("of_field"),
            ),
            gone,
        )


def put(session: Session, office_id: str, noun: str, batch: Mapping[str, Write]) -> None:
    """The centre's word into the station's records, as far as this program understands it. A whole
    record leaves nothing kept of what it does not name."""
    entity = known(noun, SCHEMA)
    existing = load(session, entity, batch, ("stamps",)) if entity else {}
    kept = words_of(session, batch) if is_any(session) else {}
    ready: dict[str, Write] = {}
    for key, one in batch.items():
        there, words = existing.get(key), kept.get((noun, key), {})
        unsaid = words.keys() - one.values.keys() - {CREATED} if one.whole else set()
        shown = there["stamps"] if there else {}
        if not unsaid and one.is_so({**shown, **stamps_in(words)}):
            continue
        is_waiting = entity is None or (there is None and CREATED in words)
        read, rest = part(None if is_waiting else entity, one.values, SCHEMA)
        mine = {name: stamp for name, stamp in one.stamps.items() if name not in rest}
        if is_waiting and CREATED in one.stamps:
            rest = {CREATED: None, **rest}
        said = Write(read, {} if is_waiting else mine, one.whole)
        if not is_waiting and (read or there is not None or CREATED in mine):
            ready[key] = said
        drop(session, noun, key, unsaid | (read.keys() & words.keys()))
        left = Write(rest, one.stamps, newer=one.newer)
        keep(session, office_id, noun, key, left, said.over(shown))
    if entity is not None:
        write(session, entity, ready, existing)


def rise(session: Session, schema: int) -> None:
    """The records as a program of this schema says them: nobody's word changes, only how it is
    said, so that the changes behind the values stay."""
    me = session.scalars(select(Replica)).one()
    held_in, me.schema = me.schema, max(me.schema, schema)
    for entity in ENTITIES:
        if entity.since <= held_in and is_lifted(entity.__tablename__, held_in, schema):
            _rise(session, entity, held_in, schema)
    session.flush()


def _rise(session: Session, entity: type[Record], held_in: int, schema: int) -> None:
    table = table_of(entity)
    names = [one for one in wire_fields(table) if one not in younger(entity, held_in)]
    ids = iter(session.scalars(select(table.c.id).order_by(table.c.id)).all())
    while some := list(islice(ids, SOME)):
        there, writes = load(session, entity, some, ("stamps", *names)), {}
        for key, row in there.items():
            words = {
                name: Said(to_wire(entity, name, row[name]), base_of(row["stamps"], name), held_in)
                for name in names
            }
            found = lift(entity.__tablename__, words, schema)
            anew = {name: one for name, one in found.items() if words.get(name) != one}
            changed = {
                name: one.value
                for name, one in anew.items()
                if name not in words or one.value != words[name].value
            }
            read, _ = part(entity, changed, schema)
            stamps = {
                name: anew[name].stamp
                for name in read
                if anew[name].stamp != base_of(row["stamps"], name)
            }
            if read:
                writes[key] = Write(read, stamps)
        write(session, entity, writes, there)
    session.expire_all()


def replay(session: Session, schema: int) -> dict[str, set[str]]:
    """Put into the records what a program of this schema understands; returns what it changed, by
    noun. What refers to a record that is not here goes on waiting."""
    changed = {}
    for entity in ENTITIES if is_any(session) else ():
        by_key = words_by(session, entity.__tablename__) if entity.since <= schema else {}
        ready = _replay(session, entity, by_key, schema) if by_key else set()
        if ready:
            changed[entity.__tablename__] = ready
    return changed


def _replay(
    session: Session, entity: type[Record], by_key: Mapping[str, Words], schema: int
) -> set[str]:
    noun, ready = entity.__tablename__, dict[str, Write]()
    existing = load(session, entity, by_key, ("stamps",))
    for key, words in by_key.items():
        there = existing.get(key)
        if there is None and CREATED not in words:
            continue
        stamps = there["stamps"] if there else {}
        stale = {
            name
            for name, word in words.items()
            if there is not None and base_of(stamps, name) not in (word.over, word.stamp)
        }
        kept = {
            name: Said(one.value, one.stamp, one.schema)
            for name, one in words.items()
            if name not in stale | {CREATED}
        }
        said = lift(noun, kept, schema)
        read, rest = part(entity, {name: one.value for name, one in said.items()}, schema)
        lost = _dangling(session, entity, read, ready)
        if lost and there is None:
            continue
        read = {name: value for name, value in read.items() if name not in lost}
        stamps = {name: said[name].stamp for name in read}
        if there is None:
            born = words[CREATED]
            stamps = {name: one for name, one in stamps.items() if one != born.stamp}
            stamps[CREATED] = born.stamp
            newer = {name: said[name].schema for name in rest}
            left = Write(rest, {name: said[name].stamp for name in rest}, newer=newer)
            keep(session, born.office_id, noun, key, left, stamps)
        if read or there is None:
            ready[key] = Write(read, stamps)
        drop(session, noun, key, {*read, *stale, CREATED})
    write(session, entity, ready, existing)
    return set(ready)


def _dangling(
    session: Session, entity: type[Record], values: Mapping[str, Any], beside: Collection[str]
) -> set[str]:
    """The links whose record is not here; ``beside`` are those of this noun about to be written."""
    return {
        name
        for name, target in links_of(entity)
        if values.get(name)
        and not (target == entity.__tablename__ and values[name] in beside)
        and (target not in BY_NAME or not load(session, BY_NAME[target], [values[name]], ()))
    }


def readable(session: Session, office_id: str, first: int, raw: Sequence[bytes]) -> list[Item]:
    """The items this program can read. From the first it cannot, all are kept as well."""
    is_keeping = bool(ask_one(session, _IS_KEEPING, {"office": office_id}))
    items: list[Item] = []
    rows = []
    for seq, body in enumerate(raw, first):
        item = understood(body)
        if item is None:
            is_keeping = True
        else:
            items.append(item)
        if is_keeping:
            rows.append({"office_id": office_id, "seq": seq, "body": body})
    if rows:
        session.execute(delete(Unread).where(Unread.seq.between(first, first + len(raw))))
        session.execute(insert(table_of(Unread)), rows)
    return items


def understood(body: bytes) -> Item | None:
    """None where the format is a newer program's."""
    try:
        return decode_item(body)
    except GARBLED:
        return None


def forget_unread(session: Session) -> None:
    """The centre will say it again."""
    session.execute(delete(Unread))


def unread(session: Session) -> list[Item]:
    """The kept items that can be read by now, taken out; what follows one that still cannot be
    read stays."""
    items: list[Item] = []
    for row in session.scalars(select(Unread).order_by(Unread.seq)):
        item = understood(row.body)
        if item is None:
            break
        items.append(item)
        session.delete(row)
    session.flush()
    return items
