"""A stretch of a stream into the centre's database: decided, written, logged; and what waited for
it released."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from sqlalchemy import bindparam, case, func, or_, select, update
from sqlalchemy.orm import Session

from models.exchange import NEVER_CAME, Change, Held, Replica, Stream
from models.handover import Handover
from models.kit import clock
from models.kit.among import among
from models.kit.base import table_of
from models.kit.bulk import as_stored, insert_tuples
from models.kit.changes import makes_anew
from models.kit.stream import read_head
from sync.centre.deciding.decide import Batch, Decided
from sync.centre.deciding.gone import verdict_in
from sync.centre.receiving.streams import Entry
from sync.merge import ENTERED, Result, effective

LATEST = 2**63 - 1
LOG = table_of(Change)
OF_STREAM = ("office_id", "incarnation")
ROW = (
    "seq",
    "change_id",
    "entity",
    "entity_id",
    "hash",
    "head",
    "payload",
    "hlc",
)
"""Columns of the log that an entry gives."""
GIVEN = ("effective", "outcome", "reason", "decided_at")
"""Columns that the verdict gives."""
VERDICT = (
    update(LOG)
    .where(
        LOG.c.office_id == bindparam("of_office"),
        LOG.c.incarnation == bindparam("of_incarnation"),
        LOG.c.seq.between(bindparam("first"), bindparam("last")),
    )
    .values(
        outcome=bindparam("result"),
        reason=bindparam("why"),
        decided_at=bindparam("now"),
        effective=case((LOG.c.hlc > bindparam("latest"), bindparam("latest")), else_=LOG.c.hlc),
    )
)
"""One verdict on a stretch of a stream, ranked as `effective` ranks."""


def merge_entries(
    session: Session,
    stream: Stream,
    entries: Sequence[Entry],
    *,
    stored: int = 0,
    forced: bool = False,
    again: bool = False,
    schema: int = 0,
) -> list[Decided]:
    """Decide and write a stretch of a stream; rows up to ``stored`` are in the log already.
    ``again``: nothing at all where it stays outside as it was. ``schema`` is ours, where the caller
    knows it."""
    now_ms = int(clock.now().timestamp() * 1000)
    schema = schema or session.scalars(select(Replica.centre_schema)).one()
    batch = Batch(session, stream, now_ms, schema, forced=forced, again=again)
    decided = batch.decide_all(entries)
    if again and any(one.result in (None, Result.QUARANTINED) for one in decided):
        return []
    batch.store()
    _log(session, stream, decided, batch.received_ms, stored)
    return decided


def _log(
    session: Session, stream: Stream, decided: list[Decided], now_ms: int, stored: int
) -> None:
    """The entries with their verdicts; of those in the log already, the verdicts."""
    now = clock.from_millis(now_ms)
    at = as_stored(session, LOG.c.decided_at, now)
    of_stream = stream.office_id, stream.incarnation
    rows = (
        (
            *of_stream,
            *row_of(one.entry),
            effective(one.entry.head.hlc, now_ms),
            one.result.value if one.result else None,
            one.reason or None,
            at if one.result else None,
        )
        for one in decided
        if one.entry.seq > stored
    )
    insert_tuples(session, LOG, (*OF_STREAM, *ROW, *GIVEN), rows)
    known = (one for one in decided if one.entry.seq <= stored)
    for (result, reason), same in groupby(known, lambda one: (one.result, one.reason)):
        told = [one.entry.seq for one in same]
        session.connection().execute(
            VERDICT,
            {
                "of_office": stream.office_id,
                "of_incarnation": stream.incarnation,
                "first": told[0],
                "last": told[-1],
                "latest": effective(LATEST, now_ms),
                "result": result.value if result else None,
                "why": reason or None,
                "now": now if result else None,
            },
        )


def row_of(entry: Entry) -> tuple[object, ...]:
    """An entry as the log keeps it, by the names of ``ROW`` after those of its stream."""
    head = entry.head
    return (
        entry.seq,
        head.change_id,
        _name(head.entity, 24),
        _name(head.entity_id, 32),
        entry.hash,
        entry.raw,
        None if verdict_in(entry.payload) else entry.payload,
        head.hlc,
    )


def _name(text: str, longest: int) -> str:
    """As the log can hold it; the head has it as it was said."""
    if len(text) <= longest and "\0" not in text:
        return text
    return text.replace("\0", "")[:longest]


def release(session: Session, arrived: Iterable[str]) -> Iterator[tuple[Stream, list[Decided]]]:
    """Retry what waited for something that has just arrived, and what a person wants decided
    without it, until nothing more moves. What follows from one is done before the next."""
    arrived = {*arrived, *_said_by_us(session)}
    while waiting := _waiting_for(session, arrived):
        arrived = set()
        for held in waiting:
            stream = session.get_one(Stream, (held.office_id, held.incarnation))
            entries = entries_of(session, stream, held.first, held.last)
            forced = held.forced_at is not None
            session.delete(held)
            session.flush()
            decided = merge_entries(session, stream, entries, stored=held.last, forced=forced)
            yield stream, decided
            yield from _beside(session, stream, decided)
            arrived.update(names_of(decided))


def _beside(
    session: Session, stream: Stream, decided: Sequence[Decided]
) -> Iterator[tuple[Stream, list[Decided]]]:
    """The same action where another computer of the office has offered it too: it waited with
    this one, and has the same verdict."""
    ids = [one.entry.head.change_id for one in decided if one.result is not None]
    rows = session.execute(
        select(Change.incarnation, func.min(Change.seq), func.max(Change.seq))
        .where(
            among(Change.change_id, ids),
            Change.office_id == stream.office_id,
            Change.incarnation != stream.incarnation,
            Change.outcome.is_(None),
        )
        .group_by(Change.incarnation)
    ).all()
    for incarnation, first, last in rows:
        other = session.get_one(Stream, (stream.office_id, incarnation))
        entries = entries_of(session, other, first, last)
        yield other, merge_entries(session, other, entries, stored=last)


def try_again(session: Session, why: Sequence[str]) -> Iterator[tuple[Stream, list[Decided]]]:
    """What was set aside for one of these reasons enters where that has changed, until nothing more
    moves. Its author is told all that it says, since it was off the screen."""
    moved = True
    while moved:
        moved = False
        for (office_id, incarnation, first, last), reason in _set_aside(session, why).items():
            stream = session.get_one(Stream, (office_id, incarnation))
            entries = entries_of(session, stream, first, last)
            forced = reason == NEVER_CAME
            if forced and any(one.head.entity == Handover.__tablename__ for one in entries):
                continue  # people have gone on from there meanwhile
            decided = merge_entries(
                session, stream, entries, stored=last, forced=forced, again=True
            )
            for one in decided:
                one.lost = tuple(dict.fromkeys((*one.lost, *one.values, *one.later)))
            if decided:
                yield stream, decided
                moved = True


def _set_aside(session: Session, why: Sequence[str]) -> dict[tuple[str, str, int, int], str]:
    """Whole actions, the oldest first: (office, incarnation, first, last), and the reason."""
    rows = session.execute(
        select(Change.office_id, Change.incarnation, Change.seq, Change.head, Change.reason)
        .where(Change.outcome == Result.QUARANTINED, Change.reason.in_(why))
        .order_by(Change.decided_at, Change.office_id, Change.incarnation, Change.seq)
    )
    found: dict[tuple[str, str, int, int], str] = {}
    for row in rows:
        head = read_head(row.head)
        first = row.seq - head.part
        found[row.office_id, row.incarnation, first, first + head.parts - 1] = row.reason
    return found


def _said_by_us(session: Session) -> set[str]:
    """Records others wait for that our own people have put in meanwhile."""
    ours = select(Change.entity_id).where(
        Change.office_id == select(Replica.office_id).scalar_subquery()
    )
    return set(session.scalars(select(Held.waits_for).where(Held.waits_for.in_(ours))))


def _waiting_for(session: Session, arrived: set[str]) -> list[Held]:
    """Held actions, the oldest first."""
    chosen = select(Held).where(or_(among(Held.waits_for, arrived), Held.forced_at.is_not(None)))
    return list(session.scalars(chosen.order_by(Held.since, Held.first)))


def unfinished(session: Session, stream: Stream, fresh: Sequence[Entry]) -> list[Entry]:
    """The stored beginning of the action that the fresh entries bring to its end."""
    first = fresh[0]
    last = first
    for one in fresh:
        if one.head.tx != first.head.tx:
            break
        last = one
    if first.head.part == 0 or last.head.part + 1 != last.head.parts:
        return []
    begun = entries_of(session, stream, first.seq - first.head.part, first.seq - 1)
    return [one for one in begun if one.head.tx == first.head.tx]


def entries_of(session: Session, stream: Stream, first: int, last: int) -> list[Entry]:
    """A stretch of a stream as stored."""
    rows = session.execute(
        select(Change.seq, Change.hash, Change.head, Change.payload)
        .where(
            Change.office_id == stream.office_id,
            Change.incarnation == stream.incarnation,
            Change.seq.between(first, last),
        )
        .order_by(Change.seq)
    )
    return [
        Entry(row.seq, row.hash, read_head(row.head), row.head, row.payload or b"") for row in rows
    ]


def names_of(decided: Iterable[Decided]) -> Iterator[str]:
    """Ids that others may have been waiting for: a change once it has its verdict, also by what is
    made anew in its place, a record once it is there."""
    for one in decided:
        if one.result is not None:
            yield one.entry.head.change_id
        if one.result in ENTERED or one.result is Result.ERASED:
            yield one.entry.head.entity_id
            if makes_anew(one.entry.head):
                yield from one.entry.head.bases.values()
