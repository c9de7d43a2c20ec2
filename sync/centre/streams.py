"""Which stretch of whose stream the centre has: gaps wait, nothing is skipped, the
same number with another content is a fork and never a duplicate."""

from dataclasses import dataclass

import msgspec
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from models.exchange import Change, Parked, Stream
from models.kit import clock
from models.kit.base import table_of
from models.kit.stream import Head, link, read_head
from sync.fault import broken
from sync.message import Header


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of a stream, in its place in the chain."""

    seq: int
    hash: bytes
    head: Head
    raw: bytes
    payload: bytes


def stream_of(session: Session, header: Header) -> Stream:
    """The stream a header speaks of; made at its first word."""
    key = (header.sender_office, header.incarnation)
    found = session.get(Stream, key)
    if found is None:
        found = Stream(
            office_id=header.sender_office,
            incarnation=header.incarnation,
            replica=header.sender,
            contiguous=0,
        )
        session.add(found)
        session.flush()
    return found


def take_in(
    session: Session, stream: Stream, header: Header, raw: list[tuple[bytes, bytes]]
) -> list[Entry]:
    """Add a stretch; returns the entries that now follow without a gap and were not known."""
    if len(raw) != max(0, header.last - header.first + 1):
        raise broken()
    if not raw or stream.forked_at is not None:
        return []
    if header.first > stream.contiguous + 1:
        _park(session, stream, header.first, raw)
        return []
    fresh = _follow(session, stream, header, raw)
    return fresh + _unpark(session, stream) if stream.forked_at is None else fresh


def _follow(
    session: Session, stream: Stream, header: Header, raw: list[tuple[bytes, bytes]]
) -> list[Entry]:
    before = stream.contiguous
    known = _hashes(session, stream, header.first - 1, before)
    chain = bytes.fromhex(header.before)
    if known.get(header.first - 1, chain) != chain:
        stream.forked_at = header.first - 1
        return []
    fresh = []
    for seq, (head, payload) in enumerate(raw, header.first):
        chain = link(chain, head)
        if seq > before:
            fresh.append(_entry(seq, chain, head, payload))
        elif known[seq] != chain:
            stream.forked_at = seq
            return []
    if fresh:
        stream.contiguous, stream.head = header.last, chain
    return fresh


def _hashes(session: Session, stream: Stream, first: int, last: int) -> dict[int, bytes]:
    """Chain values we have, from one position to another; position 0 is the beginning."""
    if last == stream.contiguous and first == last:
        return {last: stream.head}
    rows = session.execute(
        select(Change.seq, Change.hash).where(
            Change.office_id == stream.office_id,
            Change.incarnation == stream.incarnation,
            Change.seq.between(first, last),
        )
    )
    return {row.seq: row.hash for row in rows}


def _entry(seq: int, chain: bytes, head: bytes, payload: bytes) -> Entry:
    try:
        return Entry(seq, chain, read_head(head), head, payload)
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise broken() from None


def _park(session: Session, stream: Stream, first: int, raw: list[tuple[bytes, bytes]]) -> None:
    there = set(
        session.scalars(
            select(Parked.seq).where(
                Parked.office_id == stream.office_id, Parked.incarnation == stream.incarnation
            )
        )
    )
    rows = [
        {
            "office_id": stream.office_id,
            "incarnation": stream.incarnation,
            "seq": seq,
            "head": head,
            "payload": payload,
            "received_at": clock.now(),
        }
        for seq, (head, payload) in enumerate(raw, first)
        if seq not in there
    ]
    if rows:
        session.execute(insert(table_of(Parked)), rows)


def _unpark(session: Session, stream: Stream) -> list[Entry]:
    """What the arrival of the missing stretch sets free."""
    table = table_of(Parked)
    mine = (table.c.office_id == stream.office_id, table.c.incarnation == stream.incarnation)
    rows = session.execute(
        select(table.c.seq, table.c.head, table.c.payload)
        .where(*mine, table.c.seq > stream.contiguous)
        .order_by(table.c.seq)
    )
    fresh, chain = [], stream.head
    for seq, head, payload in rows:
        if seq != stream.contiguous + 1:
            break
        chain = link(chain, head)
        fresh.append(_entry(seq, chain, head, payload))
        stream.contiguous, stream.head = seq, chain
    session.execute(delete(table).where(*mine, table.c.seq <= stream.contiguous))
    return fresh
