"""What a district says of its records into those of the city: only which words stand. The values
are read from the words as their authors signed them; a district's own account counts for nothing
where they say something else."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import emptying
from models.code_table import CodeTable
from models.entities import ENTITIES
from models.erasure import Erasure
from models.exchange import Change, Replica, Stream
from models.kit.among import among
from models.kit.base import Record, apart, table_of, to_wire, wire_fields
from models.kit.changes import base_of
from models.kit.stream import GARBLED, SCHEMA, Head, read_head
from models.parameter import Parameter
from models.relay import District, Vouched
from models.retiree import Retiree
from models.schema import heard, upcast, values_of
from sync import later
from sync.centre.receiving.streams import Entry
from sync.centre.relay.visible import travels
from sync.enrol import revoked_ones
from sync.fault import Fault, broken
from sync.message import Emptied, decode_item
from sync.records import Write, load
from sync.relayed import Item, Stands, Took, read_item
from sync.versions import known

# a district's rules are its own and not the city's
NOT_LAID = frozenset({Parameter.__tablename__, CodeTable.__tablename__})
Batch = dict[str, dict[str, Write]]
Proofs = Mapping[str, tuple[Head, Mapping[str, Any]]]
Account = Mapping[tuple[str, str, int], Entry]
"""What the district says of words nobody proves, by their place in a stream."""


def altered() -> Fault:
    """The district says something else than its stations signed."""
    return Fault(
        "altered",
        "区中心转来的内容与站点签过名的原话不一致，整份没有读入，已原样留存。请与该区中心核实",
    )


def closed() -> Fault:
    """The district sent what is not for the city."""
    return Fault(
        "closed", "数据包里有市级不该看到的内容，整份没有读入，已原样留存。请该区中心升级程序后重报"
    )


def lay(session: Session, district: District, raw: Sequence[bytes], account: Account) -> bool:
    """All of these items or, where words they speak of have not come yet, none."""
    items = [one for one in map(_read, raw) if one is not None]
    if not is_there(session, _needed(items, account)):
        return False
    writes: Batch = defaultdict(dict)
    told = {
        one.head.change_id: _understood(one.raw, one.payload)
        for one in account.values()
        if one.payload
    }
    proofs = {**told, **_proofs(session, {at for one in items for at in _changes_of(one)})}
    for item in items:
        if isinstance(item, Took):
            for head, values in _stretch(session, item, account):
                _lay(writes, head, values)
        elif item.entity not in NOT_LAID:
            before = writes[item.entity].get(item.entity_id)
            writes[item.entity][item.entity_id] = _stands(session, item, proofs, before)
    writes = _its_own(session, district, writes)
    _store(session, district, writes)
    for said in writes.get(Erasure.__tablename__, {}).values():
        emptying.erase(session, str(said.values["person_id"]))
    return True


def _read(raw: bytes) -> Item | None:
    """None for what was emptied since."""
    try:
        return read_item.decode(raw)
    except GARBLED:
        try:
            said = decode_item(raw)
        except GARBLED:
            raise broken() from None
        if not isinstance(said, Emptied):
            raise broken() from None
        return None


def _changes_of(item: Item) -> Iterable[str]:
    return item.stamps.values() if isinstance(item, Stands) else ()


def _needed(items: Iterable[Item], account: Account) -> Iterator[tuple[str, str, int]]:
    for one in items:
        if isinstance(one, Took):
            last = one.last
            while last >= one.first and (one.office_id, one.incarnation, last) in account:
                last -= 1
            if last >= one.first:
                yield one.office_id, one.incarnation, last


def is_there(session: Session, words: Iterable[tuple[str, str, int]]) -> bool:
    """Do we have these streams as far as that? Of one that forked nothing more comes."""
    furthest: dict[tuple[str, str], int] = {}
    for office_id, incarnation, last in words:
        at = (office_id, incarnation)
        furthest[at] = max(furthest.get(at, 0), last)
    for at, last in furthest.items():
        stream = session.get(Stream, at)
        if stream is None or (stream.contiguous < last and stream.forked_at is None):
            return False
    return True


def _stretch(
    session: Session, item: Took, account: Account
) -> Iterator[tuple[Head, Mapping[str, Any]]]:
    rows = session.execute(
        select(Change.head, Change.payload)
        .where(
            Change.office_id == item.office_id,
            Change.incarnation == item.incarnation,
            Change.seq.between(item.first, item.last),
            Change.payload.is_not(None),
        )
        .order_by(Change.seq)
    )
    for row in rows:
        yield _understood(row.head, row.payload)
    stream = session.get(Stream, (item.office_id, item.incarnation))
    for seq in range(max(item.first, stream.contiguous + 1 if stream else 1), item.last + 1):
        found = account.get((item.office_id, item.incarnation, seq))
        if found is not None and found.payload:
            yield _understood(found.raw, found.payload)


def _understood(raw: bytes, payload: bytes) -> tuple[Head, Mapping[str, Any]]:
    head = read_head(raw)
    return heard(head), values_of(head, payload)


def _proofs(session: Session, ids: Iterable[str]) -> Proofs:
    """What these changes say, as their authors signed it."""
    rows = session.execute(
        select(Change.head, Change.payload).where(
            among(Change.change_id, sorted(one for one in ids if one)), Change.payload.is_not(None)
        )
    )
    found = {}
    for row in rows:
        head, values = _understood(row.head, row.payload)
        found[head.change_id] = (head, values)
    return found


def _lay(writes: Batch, head: Head, said: Mapping[str, Any]) -> None:
    """One word as it was said. What it does not show us is empty."""
    if head.entity in NOT_LAID:
        return
    newer = dict.fromkeys(said, head.schema) if head.schema > SCHEMA else {}
    if head.op == "insert":
        entity = known(head.entity, SCHEMA)
        names = wire_fields(table_of(entity)) if entity else ()
        values = _kept(entity, {**dict.fromkeys(names), **said})
        born = Write(values, {"*": head.change_id}, whole=True, newer=newer)
        writes[head.entity][head.entity_id] = born
        return
    one = writes[head.entity].setdefault(head.entity_id, Write())
    one.newer = {name: of for name, of in one.newer.items() if name not in said} | newer
    for name in {**head.bases, **said}:
        one.values[name] = said.get(name)
        one.stamps[name] = head.change_id


def _stands(session: Session, item: Stands, proofs: Proofs, before: Write | None) -> Write:
    """A record in place of whatever is held. What no word proves any longer is as it was told when
    it did. Raises Fault where the district's account differs from what was signed."""
    entity = known(item.entity, SCHEMA)
    told = upcast(item.entity, item.schema, item.values)
    names = _names(item, entity, told, proofs)
    held: dict[str, tuple[Any, int]] = {}
    if any(name not in told and _proof(item, name, proofs) is None for name in (*names, "*")):
        held = _held(session, item, entity, before)
    one = Write(stamps=dict(item.stamps), whole=True)
    newer: dict[str, int] = {}
    for name in dict.fromkeys((*names, *held)):
        found = _proof(item, name, proofs)
        if found is not None:
            head, said = found
            one.values[name], newer[name] = said.get(name), head.schema
            # how it is said at a newer district we do not know
            if name in told and told[name] != said.get(name) and item.schema <= SCHEMA:
                raise altered()
        elif name in told:
            one.values[name], newer[name] = told[name], item.schema
        else:
            one.values[name], newer[name] = held.get(name, (None, SCHEMA))
    one.values = _kept(entity, one.values)
    if entity is not None and told.keys() & apart(entity, one.values):
        raise closed()
    one.newer = {name: of for name, of in newer.items() if of > SCHEMA}
    return one


def _names(
    item: Stands, entity: type[Record] | None, told: Mapping[str, Any], proofs: Proofs
) -> dict[str, None]:
    """All that is said of a record, also what we do not know yet."""
    names = wire_fields(table_of(entity)) if entity else ()
    head, born = proofs.get(item.stamps.get("*", ""), (None, {}))
    first = born if head is not None and head.entity_id == item.entity_id else {}
    return dict.fromkeys((*names, *told, *first, *(name for name in item.stamps if name != "*")))


def _held(
    session: Session, item: Stands, entity: type[Record] | None, before: Write | None
) -> dict[str, tuple[Any, int]]:
    """What was told of the same changes before, as the wire carries it, and in which schema."""
    found: dict[str, tuple[Any, int]] = {}
    words = later.words_of(session, [item.entity_id]).get((item.entity, item.entity_id), {})
    stamps = later.stamps_in(words)
    if entity is not None:
        names = wire_fields(table_of(entity))
        row = load(session, entity, [item.entity_id], ("stamps", *names)).get(item.entity_id)
        if row is not None:
            stamps = {**row["stamps"], **stamps}
            found = {name: (to_wire(entity, name, row[name]), SCHEMA) for name in names}
    found |= {name: (one.value, one.schema) for name, one in words.items()}
    if before is not None:
        stamps = {**stamps, **before.stamps}
        found |= {
            name: (one, before.newer.get(name, SCHEMA)) for name, one in before.values.items()
        }
    return {
        name: one
        for name, one in found.items()
        if name != later.CREATED and base_of(dict(stamps), name) == base_of(item.stamps, name) != ""
    }


def _proof(item: Stands, name: str, proofs: Proofs) -> tuple[Head, Mapping[str, Any]] | None:
    """The word of this field of this record, if it is here to be read."""
    found = proofs.get(base_of(item.stamps, name))
    if found is None:
        return None
    head, said = found
    if (head.entity, head.entity_id) != (item.entity, item.entity_id):
        return None
    return found if head.op == "insert" or name in said else None


def _kept(entity: type[Record] | None, values: dict[str, Any]) -> dict[str, Any]:
    """Nothing empty where the table must have something."""
    if entity is None:
        return values
    columns = table_of(entity).c
    return {
        name: value
        for name, value in values.items()
        if value is not None or (name in columns and columns[name].nullable)
    }


def _its_own(session: Session, district: District, writes: Batch) -> Batch:
    """Without what is our own or of another district that may report: that stays as it stands, and
    the comparison says so. Raises Fault for what never travels."""
    left: Batch = {}
    others = _others(session, district)
    for noun, batch in writes.items():
        entity = known(noun, SCHEMA)
        if entity is not None and not travels(entity):
            raise broken()
        theirs = _held_by(session, entity, batch, others) if entity else set()
        if entity is Erasure:
            people = {str(one.values.get("person_id")): key for key, one in batch.items()}
            theirs |= {people[one] for one in _held_by(session, Retiree, people, others)}
        left[noun] = {
            key: one
            for key, one in batch.items()
            if key not in theirs and one.values.get("office_id") not in others
        }
    return left


def _others(session: Session, district: District) -> set[str]:
    """Our own office, and those for which another district speaks that was not stopped."""
    here = session.scalars(select(Replica.office_id)).one()
    speak = District.office_id != district.office_id, District.id.not_in(revoked_ones())
    reporting = select(District.office_id).where(*speak)
    passed = select(Vouched.office_id).where(Vouched.district_id.in_(reporting))
    return {here, *session.scalars(reporting), *session.scalars(passed)}


def _held_by(
    session: Session, entity: type[Record], keys: Iterable[str], offices: set[str]
) -> set[str]:
    """Those of these records that stand here as of one of the offices."""
    table = table_of(entity)
    rows = session.execute(
        select(table.c.id, table.c.office_id).where(among(table.c.id, sorted(keys)))
    )
    return {row.id for row in rows if row.office_id in offices}


def _store(session: Session, district: District, writes: Batch) -> None:
    order = [one.__tablename__ for one in ENTITIES]
    nouns = [one for one in order if one in writes]
    for noun in [*nouns, *(one for one in writes if one not in order)]:
        batch = writes[noun]
        there = later.standing(session, noun, batch)
        born = {key: one for key, one in batch.items() if key in there or "*" in one.stamps}
        later.put(session, district.office_id, noun, born)
