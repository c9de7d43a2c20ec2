"""A person left this station's care (sync.md 4.11): in the transaction that reads it all goes but
papers, movements and a stub goes, and our own words about them as soon as they are decided. What we
wrote before we knew is still delivered first, and ends before the station that has them now."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, String, and_, bindparam, delete, or_, select, update
from sqlalchemy.orm import Session

from models import attachment as contents
from models.cert_task import CertTask
from models.entities import GOES_ALONG, STAYS, follows, key_of
from models.exchange import Change, Replica
from models.handover import WAITING, Handover
from models.kit.base import SYSTEM, Record, facts, table_of
from models.kit.direct import ask_one
from models.kit.stream import SCHEMA, Head, read_head
from models.local_note import LocalNote
from models.retiree import MOVED_OUT, Retiree
from models.schema import upcast
from models.visit_plan import VisitPlan
from sync import later
from sync.merge import Result
from sync.message import Applied, Gone, Verdict
from sync.records import Write, load, part, write
from sync.versions import known

DRAFT = "draft"
FEW = 50
"""Stretches in one statement; of more it is quicker to look at all."""
NAMED_AFTER = frozenset({CertTask, VisitPlan})
PAPERS = frozenset(one.__tablename__ for one in STAYS)
UNNAMED = "已转走的人"
UNHEARD = {"*": ""}
"""The stamps of a stub of somebody of whom the centre has not said that they left."""
_PERSON = table_of(Retiree).c
_US = bindparam("us", type_=String())
# two ranges of an index; "another than" would look at everybody
_IS_STUB = or_(_PERSON.office_id < _US, _PERSON.office_id > _US)
_STUBS = select(_PERSON.id).where(_IS_STUB)
_ANY_STUB = select(_STUBS.exists())


def leave(session: Session, item: Gone) -> set[str]:
    """Let go of one person. Returns the names of the tables that changed."""
    contents.leave(session, item.person_id)
    for entity in reversed(GOES_ALONG):
        table = table_of(entity)
        mine = table.c[key_of(entity)] == item.person_id
        later.hand_over(session, session.scalars(select(table.c.id).where(mine)).all(), None)
        if entity is not Retiree:
            session.connection().execute(delete(table).where(mine))
    later.hand_over(session, later.about(session, item.person_id), None)
    _forget(session, item.person_id)
    _stub(session, item)
    session.expire_all()
    return {entity.__tablename__ for entity in GOES_ALONG}


def hide(session: Session, item: Verdict) -> None:
    """A record that we made in an action which was put aside is out of sight until it is ruled on;
    where the action is taken the centre says it anew. Of what a person has one that is named after
    them nothing stays, also where it was refused, or it could not be made anew. What was late goes,
    also of whoever has come back to us: it stands before us with all that others said too late. An
    offer of somebody who had left or died already is none. A voiding that rested on a record out of
    sight was refused with it."""
    said = session.scalars(
        select(Change.head).where(
            Change.incarnation == item.incarnation,
            Change.seq == item.seq,
            Change.change_id == item.change_id,
        )
    ).first()
    head = read_head(said) if said else None
    entity = known(head.entity, SCHEMA) if head else None
    if head is None or entity is None or head.op != "insert":
        if head is not None and entity is not None and item.result == Result.REFUSED:
            _hide_again(session, entity, head)
        return
    there = load(session, entity, [head.entity_id], ("stamps",)).get(head.entity_id)
    if not there or there["stamps"].get("*") != head.change_id:
        return
    table = table_of(entity)
    mine = table.c.id == head.entity_id
    is_case = item.result == Result.CASE
    is_late = item.result == Result.LATE and follows(entity) and entity is not Retiree
    if is_late:
        contents.let_late_go(session, entity.__tablename__, head.entity_id)
    if is_late or entity in NAMED_AFTER or (entity is Handover and not is_case):
        session.connection().execute(delete(table).where(mine))
    elif is_case and (follows(entity) or entity is Handover):
        session.connection().execute(update(table).where(mine).values(is_void=True))


def _hide_again(session: Session, entity: type[Record], head: Head) -> None:
    """What was put aside is no record that somebody has voided: their voiding went with it, and of
    a record that is there the centre says how it stands."""
    there = load(session, entity, [head.entity_id], ("stamps",)).get(head.entity_id, {})
    stamps = there.get("stamps", {})
    aside = select(Change.seq).where(
        Change.change_id == stamps.get("*", ""), Change.outcome == Result.CASE
    )
    is_theirs = stamps.get("is_void") == head.change_id
    if is_theirs and session.scalars(aside.limit(1)).first() is not None:
        table = table_of(entity)
        out_of_sight = update(table).where(table.c.id == head.entity_id)
        session.connection().execute(out_of_sight.values(is_void=True, void_reason=None))


def _stub(session: Session, item: Gone) -> None:
    kept = upcast(Retiree.__tablename__, 1, item.values)
    there = load(session, Retiree, [item.person_id], ("stamps", "name"))
    named = there.get(item.person_id, {"name": UNNAMED})["name"]
    said = {"name": named, **kept, "office_id": item.office_id, "manage_state": MOVED_OUT}
    table = table_of(Retiree)
    empty = {name: None for name in facts(Retiree) if name not in SYSTEM and table.c[name].nullable}
    put = Write({**empty, **part(Retiree, said, SCHEMA)[0]}, {"*": item.change_id}, whole=True)
    write(session, Retiree, {item.person_id: put}, there)


def make_room(session: Session, noun: str, batch: Mapping[str, Write]) -> None:
    """Read anew, papers and movements of somebody who left come before we hear that they did: what
    was said of the person is emptied by then, so a stub without a name stands there meanwhile."""
    if noun not in PAPERS:
        return
    people = {one.values["retiree_id"] for one in batch.values() if one.values.get("retiree_id")}
    unknown = people - load(session, Retiree, people, ()).keys()
    stub = {"name": UNNAMED, "office_id": "", "manage_state": MOVED_OUT}
    write(session, Retiree, {key: Write(dict(stub), dict(UNHEARD)) for key in unknown}, {})


def unmake(session: Session, late: Iterable[Write]) -> None:
    """What others made too late and stands before us is no record of ours until we adopt it; it may
    be one since before the centre forgot that it had been in time."""
    for said in (one.values for one in late):
        entity = known(said.get("entity", ""), SCHEMA)
        if not said.get("is_new") or said.get("state") != WAITING or entity not in GOES_ALONG:
            continue
        table = table_of(entity)
        made = load(session, entity, [said["record_id"]], ("stamps",)).get(said["record_id"], {})
        if entity is not Retiree and made.get("stamps", {}).get("*") == said["change_id"]:
            mine = table.c.id == said["record_id"]
            session.connection().execute(delete(table).where(mine))


def doubt(session: Session, me: Replica) -> None:
    """That somebody left is not known of a centre that begins anew, until it says so again."""
    stubs = update(table_of(Retiree)).where(_IS_STUB).values(stamps=dict(UNHEARD))
    session.connection().execute(stubs, {"us": me.office_id})


def left(session: Session, me: Replica) -> set[str]:
    """Who left, as the centre has said since it began to count."""
    rows = session.connection().execute(
        select(_PERSON.id, _PERSON.stamps).where(_IS_STUB), {"us": me.office_id}
    )
    return {row.id for row in rows if row.stamps != UNHEARD}


def _forget(session: Session, person_id: str) -> None:
    """Unfinished forms about the person."""
    note = table_of(LocalNote)
    session.connection().execute(
        delete(note).where(note.c.kind == DRAFT, note.c.key.contains(person_id))
    )


def tidy(session: Session, me: Replica, spans: Sequence[Applied] = ()) -> None:
    """Empty our own decided words about whoever is no longer here; heads stay, so that the stream
    still proves itself. A new record that was late is not ours either. ``spans``: only what was
    decided just now."""
    if not ask_one(session, _ANY_STUB, {"us": me.office_id}):
        return
    stubs = _STUBS.params(us=me.office_id)
    change = table_of(Change)
    # what was offered again under another incarnation is decided there
    undecided = select(change.c.change_id).where(change.c.outcome.is_(None))
    just_now = [change.c.change_id.in_(_said_in(spans))] if 0 < len(spans) <= FEW else []
    for entity in GOES_ALONG:
        name = entity.__tablename__
        session.connection().execute(
            update(change)
            .where(
                change.c.office_id == me.office_id,
                change.c.entity == name,
                change.c.payload.is_not(None),
                change.c.outcome.is_not(None),
                change.c.change_id.not_in(undecided),
                *just_now,
                _is_elsewhere(change, entity, stubs),
            )
            .values(payload=None, former=None)
        )


def _said_in(spans: Sequence[Applied]) -> Select[Any]:
    """Ids of changes: what was offered again has one under two incarnations."""
    change = table_of(Change).alias()
    at = [
        and_(change.c.incarnation == one.incarnation, change.c.seq.between(one.first, one.last))
        for one in spans
    ]
    return select(change.c.change_id).where(or_(*at))


def _is_elsewhere(change: Any, entity: type[Record], stubs: Select[Any]) -> Any:
    if entity is Retiree:
        return change.c.entity_id.in_(stubs)
    return change.c.entity_id.not_in(select(table_of(entity).c.id))
