"""What each office is told, in dense numbers with a chain of its own. Only the one writer of the
centre calls this, so that numbers are given in the order of commits."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
from sqlalchemy import Row, Select, bindparam, exists, func, literal, select, true, union_all
from sqlalchemy.orm import Session

from models import emptying
from models.audit import Audit
from models.entities import ENTITIES
from models.erasure import Erasure
from models.exchange import Change, Dispatch, Downlink, Erased, Installation, Replica
from models.handover import Handover, is_over
from models.kit.base import Flow, Record, Writer, table_of, to_wire
from models.kit.bulk import insert_tuples
from models.kit.stream import GENESIS, SCHEMA, Head, link, read_head
from models.relay import Known
from models.schema import values_of
from sync import later
from sync.centre.deciding.decide import Decided
from sync.centre.deciding.said import is_shared
from sync.centre.telling import moves, paging
from sync.merge import ENTERED, Result
from sync.message import (
    AllTold,
    Applied,
    Erase,
    Gone,
    Item,
    Reported,
    State,
    Verdict,
    Whole,
    encode_item,
)
from sync.records import entity_of, load

STRETCH = 500
FIRST = 1
COLUMNS = ("office_id", "seq", "hash", "body", "about")
SHARED = frozenset(one.__tablename__ for one in ENTITIES if is_shared(one))


def tell(session: Session, office_id: str, items: Sequence[msgspec.Struct]) -> None:
    """Append to an office's downlink, or to what the city is told."""
    if not items:
        return
    at = dispatch_of(session, office_id)
    seq, head, rows = at.seq, at.head, []
    for item in _dated(session, items):
        body = encode_item(item)
        seq, head = seq + 1, link(head, body)
        rows.append((office_id, seq, head, body, _about(item)))
    at.seq, at.head = seq, head
    insert_tuples(session, table_of(Downlink), COLUMNS, rows)


def _dated(session: Session, items: Sequence[msgspec.Struct]) -> Iterable[msgspec.Struct]:
    """With the schema in which they are said."""
    if SCHEMA == FIRST:
        return items
    schema = session.scalars(select(Replica.centre_schema)).one()
    return (
        msgspec.structs.replace(one, schema=schema) if hasattr(one, "schema") else one
        for one in items
    )


def _about(item: msgspec.Struct) -> str | None:
    """The record of which it carries values."""
    if isinstance(item, Verdict):  # late: with free words of a clerk, unless these are erased
        return item.change_id[:32] if item.result == Result.LATE and item.reason else None
    if getattr(item, "entity", "") == Audit.__tablename__ and not _names_somebody(item):
        return None  # who did what stays where a person is erased
    whose = getattr(item, "person_id" if isinstance(item, Gone) else "entity_id", None)
    return whose[:32] if whose else None


def _names_somebody(item: msgspec.Struct) -> bool:
    said = getattr(item, "values", {})
    return bool(said.get("detail") or said.get("people"))


def dispatch_of(session: Session, office_id: str) -> Dispatch:
    """How far an office has been told; the first it hears is all that stands."""
    found = session.get(Dispatch, office_id)
    if found is None:
        found = Dispatch(office_id=office_id, seq=0, head=GENESIS, own_seen=0)
        session.add(found)
        session.flush()
        introduce(session, found)
    return found


def offices(session: Session) -> list[str]:
    """Offices with at least one approved installation."""
    chosen = select(Installation.office_id).where(Installation.approved_at.is_not(None))
    return sorted(set(session.scalars(chosen)))


def tell_others(session: Session, author: str, decided: Iterable[Decided]) -> None:
    """What a station changed in shared records goes to every other office, after what our own
    people had said before."""
    items: list[Item] = []
    for one in decided:
        head = one.entry.head
        items += _back(one)
        if one.result not in ENTERED or not (one.values or one.later):
            continue
        if head.entity in SHARED:
            items.append(state(entity_of(head.entity), head, one))
    if not items:
        return
    me = session.scalars(select(Replica)).one()
    for office_id in offices(session):
        if office_id != author:
            tell_own(session, me, dispatch_of(session, office_id))
            tell(session, office_id, items)


def _back(one: Decided) -> list[Item]:
    """Shared records that an entry brought back into sight."""
    said = {"is_void": False, "void_reason": None}
    stamps = dict.fromkeys(said, one.entry.head.change_id)
    return [State(noun, key, dict(said), dict(stamps)) for noun, key in one.back if noun in SHARED]


def state(entity: type[Record], head: Head, one: Decided) -> State:
    """What a decided entry says, for others than its author."""
    wire = {name: to_wire(entity, name, value) for name, value in one.values.items()} | one.later
    names = ("*",) if head.op == "insert" else wire
    stamps, newer = dict.fromkeys(names, head.change_id), dict.fromkeys(one.later, head.schema)
    return State(head.entity, head.entity_id, wire, stamps, newer)


def own_words(session: Session, me: Replica, after: int) -> Sequence[Row[int, bytes, bytes | None]]:
    """What our own people said since, as (seq, head, payload)."""
    return session.execute(
        select(Change.seq, Change.head, Change.payload)
        .where(
            Change.office_id == me.office_id,
            Change.incarnation == me.incarnation,
            Change.seq > after,
        )
        .order_by(Change.seq)
    ).all()


def tell_own(session: Session, me: Replica, at: Dispatch) -> None:
    """Bring an office up to date with the centre's own stream."""
    if at.own_seen >= me.seq:
        return
    office_id = at.office_id
    rows = own_words(session, me, at.own_seen)
    heads = [(read_head(row.head), row.payload) for row in rows if row.payload]
    said = [(head, values_of(head, payload, me.centre_schema)) for head, payload in heads]
    tell(session, office_id, _concerning(session, office_id, said))
    if rows:
        at.own_seen = rows[-1].seq


def _concerning(
    session: Session, office_id: str, said: list[tuple[Head, dict[str, object]]]
) -> list[Item]:
    items: list[Item] = []
    for head, values in said:
        entity = entity_of(head.entity)
        if entity is Erasure:
            items += _erased(session, office_id, str(values["person_id"]))
        if not goes_down(entity):
            continue
        if entity is Handover and (turned := _turned_for(session, office_id, head, values)):
            items = [one for one in items if getattr(one, "entity_id", "") != head.entity_id]
            items.append(turned)
            continue
        if is_shared(entity) or office_id in _offices_of(session, entity, head, values):
            names = ("*",) if head.op == "insert" else values
            stamps = dict.fromkeys(names, head.change_id)
            items.append(State(head.entity, head.entity_id, values, stamps))
    return items


def _turned_for(
    session: Session, office_id: str, head: Head, values: Mapping[str, object]
) -> Item | None:
    """An offer that was made to this office ends, or after it was undone is made after all."""
    is_back = head.op != "insert" and values.get("is_void") is False
    if not (is_over(values) or is_back):
        return None
    made = load(session, Handover, [head.entity_id], ("to_office_id",)).get(head.entity_id, {})
    if made.get("to_office_id") != office_id:
        return None
    return moves.as_lent(session, head.entity_id, head.change_id)


def _erased(session: Session, office_id: str, person_id: str) -> list[Item]:
    """Every office hears of it: nobody knows who once had the person. What the words of a verdict
    were is said no more; that there was one is."""
    mine = select(Erased.id).where(Erased.person_id == person_id)
    rows = session.execute(
        select(Change.incarnation, Change.seq, Change.change_id).where(
            Change.office_id == office_id,
            Change.outcome == Result.LATE,
            Change.entity_id.in_(mine),
        )
    )
    late = [Verdict(r.incarnation, r.seq, r.change_id, Result.LATE, "") for r in rows]
    return [*late, _erase(session, office_id, person_id)]


def _erase(session: Session, office_id: str, person_id: str) -> Erase:
    mine = select(Erased.id).where(Erased.person_id == person_id)
    wrote = exists().where(Change.office_id == office_id, Change.entity_id.in_(mine))
    theirs = session.scalars(mine.where(wrote, func.length(Erased.id) == len(person_id)))
    return Erase(person_id, sorted(theirs))


def goes_down(entity: type[Record]) -> bool:
    """Are stations told of it? The centre may also correct a station's record."""
    if entity.flow in (Flow.DOWN, Flow.BOTH):
        return True
    return entity.flow is Flow.UP and entity.writer is not Writer.CENTRE


def _offices_of(
    session: Session, entity: type[Record], head: Head, values: dict[str, object]
) -> set[str]:
    """Whose record it is; an offer of a person is also the receiver's."""
    names = ("office_id", "to_office_id") if entity is Handover else ("office_id",)
    said = {str(values[name]) for name in names if values.get(name)}
    if len(said) < len(names):
        row = load(session, entity, [head.entity_id], names).get(head.entity_id, {})
        said |= {str(row[name]) for name in names if row.get(name)}
    return said


def _is_there(entity: type[Record]) -> Select[tuple[str]]:
    """Its name, where an office is to hold any of it."""
    mine = true() if is_shared(entity) else entity.office_id == bindparam("office")
    return select(literal(entity.__tablename__)).where(select(entity.id).where(mine).exists())


THERE = union_all(*map(_is_there, filter(goes_down, ENTITIES)))
"""One question instead of one a noun: of most an office has nothing when it is new."""


def introduce(session: Session, at: Dispatch) -> None:
    """All that stands, for an office that hears of us for the first time in this epoch: the verdict
    of every entry of its own, whoever was erased, then its records and the shared ones, each in
    place of whatever the office holds."""
    for told in (
        _verdicts(session, at.office_id),
        (_erase(session, at.office_id, one) for one in emptying.people(session)),
        moves.gone_from(session, at.office_id),
        _records(session, at.office_id),
        moves.lent_to(session, at.office_id),
        _reported(session, at.office_id),
    ):
        for items in paging.pages(told):
            tell(session, at.office_id, items)
    epoch, at.own_seen = session.execute(select(Replica.centre_epoch, Replica.seq)).one()
    tell(session, at.office_id, [AllTold(epoch)])


def _reported(session: Session, office_id: str) -> Iterator[Reported]:
    """How far the city has the office's streams."""
    for one in session.scalars(select(Known).where(Known.office_id == office_id)):
        yield Reported(one.incarnation, one.seq)


def _verdicts(session: Session, office_id: str) -> Iterator[Item]:
    """In stretches, so that no page is too long."""
    change = table_of(Change).c
    rows = session.execute(
        select(change.incarnation, change.seq, change.change_id, change.outcome, change.reason)
        .where(change.office_id == office_id, change.outcome.is_not(None))
        .order_by(change.incarnation, change.seq)
    )
    span: Applied | None = None
    for name, seq, change_id, outcome, reason in rows:
        is_next = span is not None and (span.incarnation, span.last + 1) == (name, seq)
        if span and not (is_next and outcome == Result.APPLIED and seq - span.first < STRETCH):
            yield span
            span = None
        if outcome == Result.APPLIED:
            span = Applied(name, span.first if span else seq, seq)
        else:
            yield Verdict(name, seq, change_id, outcome, reason or "")
    if span:
        yield span


def _records(session: Session, office_id: str) -> Iterator[Item]:
    """What only a newer program understands is part of its record."""
    there, is_any = set(session.scalars(THERE, {"office": office_id})), later.is_any(session)
    for entity in (one for one in ENTITIES if one.__tablename__ in there):
        table = table_of(entity)
        kept = later.words_by(session, entity.__tablename__) if is_any else {}
        query = select(table).order_by(table.c.id)
        if not is_shared(entity):
            query = query.where(table.c.office_id == office_id)
        for row in session.execute(query).mappings():
            yield moves.whole(entity, row, kept.get(row["id"], {}))
    for (noun, key), words in later.waiting(session, office_id).items():
        yield Whole(noun, key, *later.beside({}, {}, words))
