"""What a district says to its city of its own records, in dense numbers like everything it tells:
which words stand. The words themselves go beside it (`sync.centre.relay.forward`)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.audit import Audit
from models.entities import BY_NAME, ENTITIES, GOES_ALONG, key_of
from models.erasure import Erasure
from models.exchange import Change, Dispatch, Erased, Replica, Stream
from models.handover import TAKEN, Handover
from models.kit.among import among
from models.kit.base import Record, table_of, to_wire, wire_fields
from models.kit.changes import base_of
from models.kit.stream import GENESIS, Head, read_head, read_payload
from models.relay import City, own_name
from models.schema import values_of
from sync.centre.deciding.decide import Decided
from sync.centre.relay.visible import names_in, shown, travels
from sync.centre.telling import downlink
from sync.merge import ENTERED, Result
from sync.records import load
from sync.relayed import Item, Stands, Took, item_in

Wanted = dict[str, set[str]]
Said = Mapping[str, tuple[Head, Mapping[str, Any]]]
STRETCH = 500
SOME = 500
PERSON, ORDER = "retiree", Erasure.__tablename__


def place(session: Session, city_id: str) -> Dispatch:
    """How far the city has been told; the first it hears in each epoch is all that stands."""
    found = session.get(Dispatch, city_id)
    if found is None:
        found = Dispatch(office_id=city_id, seq=0, head=GENESIS, own_seen=0)
        session.add(found)
        city = session.get_one(City, city_id)  # what it has read was numbered in another epoch
        city.seq, city.head = 0, GENESIS
        session.flush()
        _introduce(session, found)
    return found


def _introduce(session: Session, at: Dispatch) -> None:
    at.own_seen = session.scalars(select(Replica.seq)).one()
    for entity in filter(travels, ENTITIES):
        ids = iter(session.scalars(select(table_of(entity).c.id).order_by("id")).all())
        while some := set(islice(ids, SOME)):
            downlink.tell(
                session, at.office_id, list(stands(session, {entity.__tablename__: some}))
            )


def tell_own(session: Session, city_id: str) -> Dispatch:
    """Bring the city up to date with what our own people said."""
    at = place(session, city_id)
    me = session.scalars(select(Replica)).one()
    if at.own_seen >= me.seq:
        return at
    rows = downlink.own_words(session, me, at.own_seen)
    say = _Saying(session, me.office_id, own_name(me), me.centre_schema)
    for row in rows:
        say.add(row.seq, read_head(row.head), row.payload)
    at.own_seen = me.seq
    downlink.tell(session, city_id, say.items())
    return at


def note(session: Session, city_id: str, stream: Stream, decided: Sequence[Decided]) -> None:
    """What was just decided and written, after what our people had said before."""
    is_new = session.get(Dispatch, city_id) is None
    tell_own(session, city_id)
    if is_new:
        return  # all that stands was told, this included
    schema = session.scalars(select(Replica.centre_schema)).one()
    say = _Saying(session, stream.office_id, stream.incarnation, schema)
    entered = [one for one in decided if one.result in ENTERED and (one.values or one.later)]
    born = _born(session, [one.entry.head for one in entered])
    for one in entered:
        head = one.entry.head
        is_plain = head.op != "insert" or head.change_id in born
        if one.result is Result.APPLIED and is_plain and not one.later:
            say.add(one.entry.seq, head, one.entry.payload)
        else:
            say.stands(head.entity, head.entity_id)
        if head.entity == Handover.__tablename__:
            _moved(session, head.entity_id, say)
    for noun, key in (at for one in decided for at in one.back):
        say.stands(noun, key)
    people = {one.entry.head.entity_id for one in entered if one.entry.head.entity == PERSON}
    for offer in session.scalars(select(Handover.id).where(among(Handover.person_id, people))):
        say.stands(Handover.__tablename__, offer)  # a death closes what was offered
    downlink.tell(session, city_id, say.items())


def _born(session: Session, heads: Iterable[Head]) -> set[str]:
    """The changes that made a record; one may be made twice."""
    made: Wanted = defaultdict(set)
    for head in heads:
        if head.op == "insert" and head.entity in BY_NAME:
            made[head.entity].add(head.entity_id)
    rows = (load(session, BY_NAME[noun], ids, ("stamps",)) for noun, ids in made.items())
    return {row["stamps"].get("*", "") for some in rows for row in some.values()}


def _moved(session: Session, key: str, say: "_Saying") -> None:
    """An answered offer may move a whole person, and closes other offers."""
    offer = load(session, Handover, [key], ("person_id", "state"))[key]
    person = offer["person_id"]
    offers = select(Handover.id).where(Handover.person_id == person)
    for one in session.scalars(offers):
        say.stands(Handover.__tablename__, one)
    for entity in GOES_ALONG if offer["state"] == TAKEN else ():
        table = table_of(entity)
        mine = select(table.c.id).where(table.c[key_of(entity)] == person)
        for one in session.scalars(mine):
            say.stands(entity.__tablename__, one)


def about(session: Session, me: Replica, item: Item) -> set[tuple[str, str]]:
    """The records an item speaks of, as (noun, id)."""
    if isinstance(item, Stands):
        return {(item.entity, item.entity_id)}
    is_own = item.office_id == me.office_id
    rows = session.execute(
        select(Change.entity, Change.entity_id).where(
            Change.office_id == item.office_id,
            Change.incarnation == (me.incarnation if is_own else item.incarnation),
            Change.seq.between(item.first, item.last),
        )
    )
    return {(row.entity, row.entity_id) for row in rows}


def erased_in(session: Session, me: Replica, bodies: Iterable[bytes]) -> list[str]:
    """Whom these items erase."""
    if not me.erased:
        return []
    items = [one for one in map(item_in, bodies) if one]
    said = [one for one in items if isinstance(one, Stands) or one.office_id == me.office_id]
    orders = {key for one in said for noun, key in about(session, me, one) if noun == ORDER}
    return list(session.scalars(select(Erasure.person_id).where(among(Erasure.id, sorted(orders)))))


class _Saying:
    """Items in the making: stretches that stand as they were said, then records as they stand."""

    def __init__(self, session: Session, office_id: str, stream: str, schema: int) -> None:
        self._session, self._office, self._stream = session, office_id, stream
        self._schema = schema
        self._took: list[Took] = []
        self._stands: Wanted = defaultdict(set)

    def add(self, seq: int, head: Head, payload: bytes | None) -> None:
        if not shown(head, payload, self._schema):
            if payload:
                self.stands(head.entity, head.entity_id)
            return
        last = self._took[-1] if self._took else None
        first = seq
        if last is not None and last.last == seq - 1 and seq - last.first < STRETCH:
            first = self._took.pop().first
        self._took.append(Took(self._office, self._stream, first, seq))
        if payload and head.entity == ORDER:
            self._stay(str(read_payload(payload).values["person_id"]))

    def _stay(self, person_id: str) -> None:
        """Who did what stays of somebody erased, and no word says it any more that the city had not
        read by then."""
        theirs = select(Erased.id).where(Erased.person_id == person_id)
        for one in self._session.scalars(select(Audit.id).where(Audit.entity_id.in_(theirs))):
            self.stands(Audit.__tablename__, one)

    def stands(self, noun: str, key: str) -> None:
        self._stands[noun].add(key)

    def items(self) -> list[Item]:
        return [*self._took, *stands(self._session, self._stands)]


def stands(
    session: Session, wanted: Mapping[str, set[str]], *, is_proven: bool = True
) -> Iterator[Stands]:
    """Records as they stand, each with the values that no station's word proves; with all of them
    where the words went up without what was not known then."""
    session.flush()
    for entity in filter(travels, ENTITIES):
        ids = wanted.get(entity.__tablename__)
        if not ids:
            continue
        rows = load(session, entity, sorted(ids), ("stamps", *wire_fields(table_of(entity))))
        changes = {one for row in rows.values() for one in row["stamps"].values()}
        said = _said(session, changes) if is_proven else {}
        for key in sorted(rows):
            yield _stand(entity, rows[key], said)


def _stand(entity: type[Record], row: Mapping[str, Any], said: Said) -> Stands:
    stamps: dict[str, str] = row["stamps"]
    seen = names_in(entity, row)
    values = {}
    for name in seen:
        value = to_wire(entity, name, row[name])
        if value != proven(said, row["id"], name, base_of(stamps, name)):
            values[name] = value
    told = {name: one for name, one in stamps.items() if name == "*" or name in seen}
    return Stands(entity.__tablename__, row["id"], told, values)


def proven(said: Said, key: str, name: str, change: str) -> Any:
    """What a word under its author's signature says of a field; None where none does."""
    head, values = said.get(change, (None, {}))
    return values.get(name) if head is not None and head.entity_id == key else None


def _said(session: Session, ids: Iterable[str]) -> Said:
    """What the city can read itself, by change."""
    schema = session.scalars(select(Replica.centre_schema)).one()
    found: dict[str, tuple[Head, Mapping[str, Any]]] = {}
    rows = session.execute(
        select(Change.head, Change.payload).where(
            among(Change.change_id, sorted(one for one in ids if one)), Change.payload.is_not(None)
        )
    )
    for row in rows:
        head = read_head(row.head)
        opened = shown(head, row.payload, schema)
        if opened:
            values = values_of(head, opened, schema)
            found[head.change_id] = (head, values)
    return found
