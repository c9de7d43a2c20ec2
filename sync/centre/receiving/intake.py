"""Files that are stored and not decided yet. At the end of a month every station speaks at once:
each file is on the disk at once and its sender told so; it is decided behind, in the order of
arrival."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, exists, func, select, update
from sqlalchemy.orm import Session

from models.exchange import Queued, RawBatch, Stream
from models.kit.base import table_of
from models.kit.bulk import insert_rows
from models.kit.direct import ask
from sync.centre.receiving.streams import Entry
from sync.message import Header

GROUP_FILES = 64
GROUP_BYTES = 4 * 2**20
GROUP_CHANGES = 2000


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a stream is stored without a gap, decided or not: its last number and chain value.
    ``sha256`` is that of the file last in the queue, ``goes_on`` what the queue knows of it."""

    last: int
    hash: bytes
    sha256: str = ""
    goes_on: bool = False

    @classmethod
    def of(cls, stream: Stream) -> "Reach":
        """Of what is decided."""
        return cls(stream.contiguous, stream.head)

    def with_file(self, header: Header, entries: Sequence[Entry]) -> "Reach":
        """What it is once this file is stored; the same where the file does not follow on it."""
        if header.first - 1 > self.last or header.last <= self.last:
            return self
        at = self.last - header.first
        there = bytes.fromhex(header.before) if at < 0 else entries[at].hash
        return Reach(header.last, entries[-1].hash) if there == self.hash else self


def goes_on(entries: Sequence[Entry]) -> bool:
    """Is all of this the beginning or the middle of one action, on which there is no verdict before
    its end has come?"""
    return bool(entries) and all(one.head.part + 1 < one.head.parts for one in entries)


@dataclass(slots=True)
class Shelf:
    """Files that are written together, their places in the queue, and what is known of files that
    come after them, by digest."""

    raw: list[Mapping[str, Any]] = field(default_factory=list)
    queued: list[Mapping[str, Any]] = field(default_factory=list)
    expected: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)


_SHELF = "files that are written together"


@contextmanager
def together(session: Session) -> Iterator[None]:
    """Files that are put into the queue meanwhile are written at the end, all at once: whoever
    writes one after the other waits most of the time for the database."""
    session.info[_SHELF] = Shelf()
    yield
    settle(session)
    del session.info[_SHELF]


def settle(session: Session, office_id: str = "") -> None:
    """Write what was put there so far, where anything of this office was, before it is asked
    for; what was known beforehand of other files is asked again."""
    shelf: Shelf | None = session.info.get(_SHELF)
    if shelf is None or (office_id and all(row["office_id"] != office_id for row in shelf.raw)):
        return
    session.info[_SHELF] = Shelf()
    insert_rows(session, table_of(RawBatch), shelf.raw)
    insert_rows(session, table_of(Queued), shelf.queued)


def expect(session: Session, known: Mapping[str, tuple[Any, ...]]) -> None:
    """What was asked beforehand about files of this group, which is true until `settle`."""
    shelf: Shelf = session.info[_SHELF]
    shelf.expected = known


def expected(session: Session, sha256: str) -> tuple[Any, ...] | None:
    """What was asked about this file, as far as it is still true."""
    shelf: Shelf | None = session.info.get(_SHELF)
    return shelf.expected.get(sha256) if shelf else None


def unwritten(session: Session) -> int:
    """Files that the database does not know of yet."""
    shelf: Shelf | None = session.info.get(_SHELF)
    return len(shelf.raw) if shelf else 0


_QUEUE = table_of(Queued).c
_LAST_OF = (
    select(_QUEUE.last, _QUEUE.after, _QUEUE.sha256, _QUEUE.goes_on)
    .where(_QUEUE.office_id == bindparam("office"), _QUEUE.incarnation == bindparam("incarnation"))
    .order_by(_QUEUE.arrival.desc())
    .limit(1)
)
_LAST = "last arrival"
_ARRIVAL = select(func.max(_QUEUE.arrival))


def reach(session: Session, stream: Stream) -> Reach:
    """Of a stream as it stands in the queue."""
    at = {"office": stream.office_id, "incarnation": stream.incarnation}
    row = session.connection().execute(_LAST_OF, at).first()
    return Reach(*row) if row else Reach.of(stream)


def put(
    session: Session, header: Header, raw: Mapping[str, Any], entries: Sequence[Entry], at: Reach
) -> None:
    """Store a file's row, last in the queue; only the one writer calls this."""
    arrival = session.info.get(_LAST) or session.connection().scalar(_ARRIVAL) or 0
    session.info[_LAST] = arrival + 1
    row = {
        "office_id": header.sender_office,
        "sha256": raw["sha256"],
        "arrival": arrival + 1,
        "incarnation": header.incarnation,
        "last": at.last,
        "after": at.hash,
        "count": len(entries),
        "size": len(raw["body"]),
        "goes_on": goes_on(entries),
    }
    shelf: Shelf | None = session.info.get(_SHELF)
    if shelf is None:
        insert_rows(session, table_of(RawBatch), [raw])
        insert_rows(session, table_of(Queued), [row])
    else:
        shelf.raw.append(raw)
        shelf.queued.append(row)


def wait_no_longer(session: Session, stream: Stream) -> None:
    """What is here of an unfinished action of this stream is decided as it is."""
    mine = (Queued.office_id == stream.office_id, Queued.incarnation == stream.incarnation)
    session.execute(update(Queued).where(*mine).values(goes_on=False))


_HERE, _BEFORE, _AFTER = (table_of(Queued).alias(name).c for name in ("here", "before", "after"))
_IS_BEHIND = exists().where(
    _BEFORE.office_id == _HERE.office_id,
    _BEFORE.incarnation == _HERE.incarnation,
    _BEFORE.stuck_at.is_not(None),
)
_ENDS = exists().where(
    _AFTER.office_id == _HERE.office_id,
    _AFTER.incarnation == _HERE.incarnation,
    _AFTER.arrival >= _HERE.arrival,
    _AFTER.goes_on.is_(False),
)
_FIRST = (
    select(
        _HERE.office_id,
        _HERE.incarnation,
        _HERE.sha256,
        _HERE.size,
        _HERE.count.label("entries"),
        _HERE.goes_on,
    )
    .where(~_IS_BEHIND, _ENDS)
    .order_by(_HERE.arrival)
    .limit(GROUP_FILES)
)


def first_ones(session: Session) -> list[str]:
    """The next files to decide in one transaction, by digest: whole streams' order is kept, none
    behind a stuck one or before the one that ends its action, and no more than memory should hold
    and others should wait for; but an action is one."""
    chosen: list[str] = []
    begun: set[tuple[str, str]] = set()
    size = count = 0
    for row in ask(session, _FIRST):
        size, count = size + row.size, count + row.entries
        if chosen and not begun and (size > GROUP_BYTES or count > GROUP_CHANGES):
            break
        chosen.append(row.sha256)
        stream = (row.office_id, row.incarnation)
        begun = begun | {stream} if row.goes_on else begun - {stream}
    return chosen


def named(session: Session, names: Sequence[str]) -> list[Queued]:
    """These files, as far as they still wait, in the order of arrival."""
    chosen = select(Queued).where(Queued.sha256.in_(names))
    return list(session.scalars(chosen.order_by(Queued.arrival)))


def loosen(session: Session) -> None:
    """Try again what the program failed at; a newer one may understand it."""
    session.execute(update(Queued).values(stuck_at=None))


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits to be decided."""

    files: int
    changes: int
    stuck: int


def backlog(session: Session) -> Backlog:
    """Of every stream."""
    files, changes, stuck = session.execute(
        select(func.count(), func.sum(Queued.count), func.count(Queued.stuck_at))
    ).one()
    return Backlog(files, int(changes or 0), stuck)
