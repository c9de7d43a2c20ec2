"""A person's data go, wherever this database holds them; what is left are ids and hashes.

At a station and at the centre alike, in the transaction of the caller. Chains and signatures cover
heads alone, so they stay whole. Files beside the database are not this module's matter.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    Table,
    bindparam,
    cast,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from models.attachment import Attachment, Blob
from models.audit import Audit
from models.entities import WHOSE, personal
from models.erasure import Erasure
from models.exchange import (
    LATE,
    Change,
    Conflict,
    Deferred,
    Downlink,
    Erased,
    Installation,
    Parked,
    Replica,
    Unread,
)
from models.handover import LateEdit
from models.kit import clock, search
from models.kit.among import among
from models.kit.base import table_of
from models.kit.ids import named_id
from models.kit.stream import GARBLED, read_head, read_payload
from models.local_note import LocalNote
from models.suspicion import Suspicion

ACT = "清除资料"
SAME_NUMBER = "06"
ENTERED = ("applied", "conflict-kept", "superseded")
NOTHING: dict[str, Any] = {}
_pack = msgspec.msgpack.Encoder().encode


@dataclass(slots=True)
class Matter:
    """What is one person's: ``ids`` of them and their records, ``digests`` of their contents."""

    person_id: str
    ids: set[str] = field(default_factory=set)
    digests: set[str] = field(default_factory=set)

    def concerns(self, entity: str, entity_id: str, payload: bytes) -> bool:
        """Is this entry about the person?"""
        said = subjects(entity, entity_id, payload)
        return any(one == self.person_id or one in self.ids for one in said)

    def learn(self, entity: str, entity_id: str, payload: bytes) -> None:
        """An entry about the person whose record may never have been made."""
        if entity == Audit.__tablename__:
            return
        self.ids.add(entity_id)
        digest = _values(payload).get("sha256") if entity == Attachment.__tablename__ else None
        self.digests |= {str(digest)} if digest else set()


def subjects(entity: str, entity_id: str, payload: bytes) -> list[str]:
    """The records and people an entry is about; of a new record its payload says so. That somebody
    was erased is about nobody."""
    if entity == Erasure.__tablename__:
        return []
    said = _values(payload)
    if entity == Audit.__tablename__:
        alone = said.get("people") or []
        named = [said.get("entity_id"), *(alone if len(alone) == 1 else ())]
        return [entity_id, *(str(one) for one in named if one and said.get("act") != ACT)]
    return [entity_id, *(str(said[name]) for name in WHOSE if said.get(name))]


def _values(payload: bytes) -> dict[str, Any]:
    try:
        return read_payload(payload).values if payload else NOTHING
    except GARBLED:
        return NOTHING


def known(session: Session, ids: Collection[str]) -> dict[str, str]:
    """Which of these ids or digests are an erased person's, and whose."""
    rows = session.execute(select(Erased.id, Erased.person_id).where(among(Erased.id, ids)))
    return {row.id: row.person_id for row in rows}


def people(session: Session) -> list[str]:
    """Everybody who was erased, in the order of their ids."""
    return list(session.scalars(select(Erased.person_id).distinct().order_by(Erased.person_id)))


def named(session: Session, names: Collection[str]) -> set[str]:
    """Which of these contents a record names, or an entry that made none yet."""
    found = set(session.scalars(select(Attachment.sha256).where(among(Attachment.sha256, names))))
    rest = set(names) - found
    for noun, _, payload in _never_entered(session) if rest else ():
        if noun == Attachment.__tablename__:
            found |= rest & {_values(payload).get("sha256")}
    return found


def drop_unnamed(session: Session) -> None:
    """Contents that came before the words that name them, which may be of somebody erased and then
    come no more; not those of which their station said whose they are."""
    is_unnamed = ~exists().where(Attachment.sha256 == Blob.sha256)
    nobodys = Blob.of_person.is_(None)
    names = set(session.scalars(select(Blob.sha256).where(is_unnamed, nobodys).distinct()))
    _drop(session, table_of(Blob), nobodys, among(Blob.sha256, names - named(session, names)))


def erase(session: Session, person_id: str, also: Collection[str] = ()) -> bool:
    """Let go of everything of a person; ``also`` are ids of records of theirs that were met
    elsewhere. Done twice, it does no more. Was anything of them here?"""
    session.flush()
    if session.get_bind().dialect.name == "sqlite":
        connection = session.connection()
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        _forget_samples(connection)
    matter = gather(session, person_id, also)
    written = _written(session, matter)
    was_here = _records(session, matter) + len(written) + _logs(session, matter, written) > 0
    _exchange(session, matter)
    _contents(session, matter)
    _remember(session, matter)
    session.expire_all()
    return was_here


def _forget_samples(connection: Connection) -> None:
    """What the planner once looked at are values."""
    there = "SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat4'"
    if connection.exec_driver_sql(there).first():
        connection.exec_driver_sql("DELETE FROM sqlite_stat4")


def gather(session: Session, person_id: str, also: Collection[str] = ()) -> Matter:
    """Everything that is this person's, as far as this database can tell."""
    matter = Matter(person_id, {person_id, *also})
    mine = select(Erased.id).where(Erased.person_id == person_id)
    for one in session.scalars(mine):
        (matter.digests if len(one) > len(person_id) else matter.ids).add(one)
    for entity, key in personal():
        table = table_of(entity)
        matter.ids |= set(session.scalars(select(table.c.id).where(table.c[key] == person_id)))
    late = select(LateEdit.record_id).where(LateEdit.retiree_id == person_id)
    matter.ids |= set(session.scalars(late))
    matter.ids |= _doubts(session, person_id) | _deferred(session, person_id)
    for noun, one, payload in _never_entered(session):
        if matter.concerns(noun, one, payload):
            matter.learn(noun, one, payload)
    named = select(Attachment.sha256).where(
        Attachment.retiree_id == person_id, Attachment.sha256 != ""
    )
    left = select(Blob.sha256).where(Blob.of_person == person_id)
    matter.digests |= {*session.scalars(named), *session.scalars(left)}
    return matter


def _doubts(session: Session, person_id: str) -> set[str]:
    """Doubts of others who had the same number: they name this person
    (`sync.centre.deciding.doubles`)."""
    rows = session.execute(
        select(Suspicion.id, Suspicion.retiree_id).where(Suspicion.reason == SAME_NUMBER)
    )
    return {row.id for row in rows if row.id == named_id(row.retiree_id, person_id)}


def _deferred(session: Session, person_id: str) -> set[str]:
    whose = (Deferred.field.in_(WHOSE), Deferred.value == _pack(person_id))
    return set(session.scalars(select(Deferred.entity_id).where(*whose)))


def _never_entered(session: Session) -> Iterator[tuple[str, str, bytes]]:
    """Entries that made no record, or none yet: (noun, id, payload)."""
    rows = session.execute(
        select(Change.entity, Change.entity_id, Change.payload).where(
            Change.payload.is_not(None),
            or_(Change.outcome.is_(None), Change.outcome.not_in(ENTERED)),
        )
    )
    yield from ((row.entity, row.entity_id, row.payload) for row in rows)
    for raw, payload in session.execute(select(Parked.head, Parked.payload)):
        head = read_head(raw)
        yield head.entity, head.entity_id, payload


# what is emptied --------------------------------------------------------------------------------


def _records(session: Session, matter: Matter) -> int:
    """Rows of every noun, children first; how many there were."""
    count, ids = 0, matter.ids
    for entity, key in reversed(personal()):
        table = table_of(entity)
        mine = or_(table.c[key] == matter.person_id, among(table.c.id, ids))
        count += _drop(session, table, mine)
    search.forget(session, ids)
    _drop(session, table_of(Deferred), among(Deferred.entity_id, ids))
    _drop(
        session, table_of(Conflict), or_(among(Conflict.about, ids), among(Conflict.entity_id, ids))
    )
    _drafts(session, matter)
    return count


def _drafts(session: Session, matter: Matter) -> None:
    """Unfinished forms about the person; of a newcomer who was never saved nothing can tell."""
    note = table_of(LocalNote)
    rows = session.execute(
        select(note.c.id, note.c.key, cast(note.c.value, String)).where(note.c.kind == "draft")
    ).all()
    mine = [
        key for key, subject, text in rows if any(one in f"{subject} {text}" for one in matter.ids)
    ]
    _drop(session, note, among(note.c.id, mine))


Place = tuple[str, str, int]


def _written(session: Session, matter: Matter) -> list[Place]:
    """Entries that still say something of the person, by their place in a stream."""
    at = (Change.office_id, Change.incarnation, Change.seq)
    filled = Change.payload.is_not(None)
    mine = among(Change.entity_id, matter.ids | _audits(session, matter))
    rows = session.execute(
        select(*at).where(filled, mine, Change.entity != Erasure.__tablename__)
    ).all()
    found = {(row.office_id, row.incarnation, row.seq) for row in rows}
    odd = or_(Change.outcome.is_(None), Change.outcome.not_in(ENTERED))
    others = session.execute(
        select(*at, Change.entity, Change.entity_id, Change.payload).where(filled, odd)
    )
    found |= {
        (row.office_id, row.incarnation, row.seq)
        for row in others
        if matter.concerns(row.entity, row.entity_id, row.payload)
    }
    return sorted(found)


def _audits(session: Session, matter: Matter) -> set[str]:
    """Entries of the log of actions about the person or their records, also such as are not known
    here; a list in which they were one of several stays."""
    is_theirs = or_(
        among(Audit.entity_id, matter.ids),
        cast(Audit.people, String) == f'["{matter.person_id}"]',
    )
    return set(session.scalars(select(Audit.id).where(is_theirs, Audit.act != ACT)))


def _logs(session: Session, matter: Matter, written: Iterable[Place]) -> int:
    """Payloads go, heads stay. An entry of the log of actions stays as who, when and what; one the
    centre has not decided can never enter there and goes whole. Returns how many said more."""
    audits = _audits(session, matter)
    change, audit = table_of(Change), table_of(Audit)
    _at_places(session, change, written, payload=None, former=None, reason=None)
    if session.scalar(select(Installation.id).limit(1)) is None:  # a station
        undecided = select(change.c.entity_id).where(
            among(change.c.entity_id, audits), change.c.outcome.is_(None)
        )
        _drop(session, audit, audit.c.id.in_(undecided))
    says = or_(audit.c.detail.is_not(None), audit.c.people.is_not(None))
    emptied = update(audit).where(among(audit.c.id, audits), says)
    return session.connection().execute(emptied.values(detail=None, people=None)).rowcount


def _at_places(session: Session, table: Table, places: Iterable[Place], **values: Any) -> None:
    rows = [{"of_office": one, "of_stream": two, "at": seq} for one, two, seq in places]
    if rows:
        session.connection().execute(
            update(table)
            .where(
                table.c.office_id == bindparam("of_office"),
                table.c.incarnation == bindparam("of_stream"),
                table.c.seq == bindparam("at"),
            )
            .values(**values),
            rows,
        )


def _exchange(session: Session, matter: Matter) -> None:
    """What waits for a gap, for an upgrade or for a reader."""
    mine = []
    for row in session.execute(select(table_of(Parked))):
        head = read_head(row.head)
        if matter.concerns(head.entity, head.entity_id, row.payload):
            mine.append((row.office_id, row.incarnation, row.seq))
    _at_places(session, table_of(Parked), mine, payload=b"")
    chosen = select(Change.change_id).where(
        among(Change.entity_id, matter.ids), Change.outcome == LATE
    )
    late = set(session.scalars(chosen))
    empty_told(session, matter.ids | late | _audits(session, matter))
    words = re.compile(b"|".join(re.escape(one.encode()) for one in sorted(matter.ids | late)))
    for item in session.scalars(select(Unread)).all():
        if words.search(item.body):
            session.delete(item)
    session.flush()


def empty_told(session: Session, ids: Collection[str], office_id: str | None = None) -> None:
    """Whatever was said of these records to one office or to everybody, read or not. Numbers and
    chain values stay (`sync.message.Emptied`), so whoever reads on or anew reads the same stream,
    and an answer that is already under way on a stick is followed by the next one like any other.
    """
    table = table_of(Downlink)
    whose = () if office_id is None else (table.c.office_id == office_id,)
    rows = session.execute(
        select(table.c.office_id, table.c.seq, table.c.hash).where(
            among(table.c.about, ids), *whose
        )
    ).all()
    if rows:
        session.connection().execute(
            update(table)
            .where(table.c.office_id == bindparam("of_office"), table.c.seq == bindparam("at"))
            .values(body=bindparam("empty"), about=None),
            [
                {"of_office": row.office_id, "at": row.seq, "empty": _pack(("x", row.hash))}
                for row in rows
            ],
        )


def _contents(session: Session, matter: Matter) -> None:
    """Contents that nobody else's record names."""
    named = select(Attachment.sha256).where(among(Attachment.sha256, matter.digests))
    matter.digests -= set(session.scalars(named))
    _drop(session, table_of(Blob), among(Blob.sha256, matter.digests))


def _remember(session: Session, matter: Matter) -> None:
    wanted = matter.ids | matter.digests
    fresh = sorted(wanted - known(session, wanted).keys())
    now = clock.now()
    rows = [{"id": one, "person_id": matter.person_id, "at": now} for one in fresh]
    if rows:
        session.execute(insert(table_of(Erased)), rows)
    count = select(func.count(Erased.person_id.distinct())).scalar_subquery()
    session.connection().execute(update(table_of(Replica)).values(erased=count))


def keep_tokens(session: Session, tokens: Mapping[str, bytes]) -> None:
    """What the centre gave a station with its orders, by person: it may have to be shown again."""
    table = table_of(Erased)
    for person, token in tokens.items():
        mine = table.c.id == person, table.c.token.is_(None)
        session.connection().execute(update(table).where(*mine).values(token=token or None))


def _drop(session: Session, table: Table, *where: ColumnElement[bool]) -> int:
    return session.connection().execute(delete(table).where(*where)).rowcount
