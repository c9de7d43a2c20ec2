"""The words of every stream that the city does not have, in stretches that can be proved: a
station's end where a header of its own ends."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from models.exchange import Change, RawBatch, Replica, Stream
from models.kit.stream import GENESIS, read_head
from models.relay import Known, own_name
from sync import pack
from sync.centre.relay.unsigned import Ends
from sync.centre.relay.visible import shown
from sync.message import PAGE_ITEMS
from sync.relayed import Words

HEADER_BYTES = 16 * 2**10  # enough of a file for its header and signature


def all_words(session: Session, me: Replica, limit: int, ends: Ends) -> Iterator[tuple[Words, int]]:
    """Of every stream the city does not have as far as we do; our own last."""
    rows = session.execute(
        select(Stream, Known.seq, Known.is_forked)
        .outerjoin(
            Known,
            and_(Known.office_id == Stream.office_id, Known.incarnation == Stream.incarnation),
        )
        .where(Stream.contiguous > func.coalesce(Known.seq, 0))
        .order_by(Stream.office_id, Stream.incarnation)
    ).all()
    for stream, seq, is_forked in rows:
        if not is_forked:
            yield from _of_station(session, me, stream, seq or 0, limit, ends)
    ours = session.get(Known, (me.office_id, own_name(me)))
    yield from _of_ourselves(session, me, ours.seq if ours is not None else 0, limit)


def _of_station(
    session: Session,
    me: Replica,
    stream: Stream,
    seq: int,
    limit: int,
    ends: Ends,
) -> Iterator[tuple[Words, int]]:
    """In stretches that end where a header of the station's ends. What lies behind the last of them
    nobody proves: that stays here, and where it begins goes into ``ends``."""
    files = set(
        session.scalars(
            select(RawBatch.last).where(
                RawBatch.office_id == stream.office_id,
                RawBatch.incarnation == stream.incarnation,
                RawBatch.last > seq,
                RawBatch.refused.is_(None),
            )
        )
    )
    begun = _begin(session, stream.office_id, stream.incarnation, seq)
    whole: list[tuple[int, bytes, int]] = []
    for row in _rows(session, stream.office_id, stream.incarnation, seq):
        begun.add(row, me.centre_schema)
        if row.seq in files:
            whole.append((len(begun.entries), row.hash, begun.size))
            if begun.size > limit and (words := _proved(session, stream, begun, whole[-1])):
                yield words, begun.size
                begun, whole = _Begun(row.seq + 1, row.hash), []
    last = 0
    for one in reversed(whole):
        if words := _proved(session, stream, begun, one):
            last, _, size = one
            yield words, size
            break
    if last < len(begun.entries):
        ends[stream.office_id, stream.incarnation] = begun.first + last


@dataclass(slots=True)
class _Begun:
    """A stretch in the making."""

    first: int
    before: bytes
    entries: list[tuple[bytes, bytes]] = field(default_factory=list)
    size: int = 0

    def add(self, row: Any, schema: int) -> None:
        seen = shown(read_head(row.head), row.payload, schema)
        self.entries.append((row.head, seen))
        self.size += len(row.head) + len(seen)


def _begin(session: Session, office_id: str, incarnation: str, seq: int) -> _Begun:
    return _Begun(seq + 1, hash_at(session, office_id, incarnation, seq) or GENESIS)


def hash_at(session: Session, office_id: str, incarnation: str, seq: int) -> bytes | None:
    if seq == 0:
        return GENESIS
    found = session.get(Change, (office_id, incarnation, seq))
    return found.hash if found else None


def _rows(session: Session, office_id: str, incarnation: str, seq: int) -> Iterator[Any]:
    last = seq
    while rows := session.execute(
        select(Change.seq, Change.hash, Change.head, Change.payload)
        .where(Change.office_id == office_id, Change.incarnation == incarnation, Change.seq > last)
        .order_by(Change.seq)
        .limit(PAGE_ITEMS)
    ).all():
        yield from rows
        last = rows[-1].seq


def _proved(
    session: Session, stream: Stream, begun: _Begun, whole: tuple[int, bytes, int]
) -> Words | None:
    """With the station's own header and signature over the end of the stretch, if there is one."""
    count, after, _ = whole
    last = begun.first + count - 1
    files = session.execute(
        select(func.substr(RawBatch.body, 1, HEADER_BYTES * 2)).where(
            RawBatch.office_id == stream.office_id,
            RawBatch.incarnation == stream.incarnation,
            RawBatch.last == last,
            RawBatch.refused.is_(None),
        )
    ).scalars()
    for data in files:
        packet = pack.apart(bytes(data))
        if packet.header.after == after.hex():
            return Words(
                stream.office_id,
                stream.incarnation,
                stream.replica,
                begun.first,
                begun.before,
                after,
                packet.signed,
                packet.signature,
                begun.entries[:count],
            )
    return None


def _of_ourselves(
    session: Session, me: Replica, seq: int, limit: int
) -> Iterator[tuple[Words, int]]:
    name = own_name(me)
    begun, after = _begin(session, me.office_id, me.incarnation, seq), b""

    def words() -> Words:
        return Words(
            me.office_id, name, me.id, begun.first, begun.before, after, b"", b"", begun.entries
        )

    for row in _rows(session, me.office_id, me.incarnation, seq):
        if begun.size > limit:
            yield words(), begun.size
            begun = _Begun(row.seq, after)
        begun.add(row, me.centre_schema)
        after = row.hash
    if begun.entries:
        yield words(), begun.size
