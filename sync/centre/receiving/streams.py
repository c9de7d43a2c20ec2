"""Which stretch of whose stream the centre has: gaps wait, nothing is skipped, the
same number with another content is a fork and never a duplicate."""

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from models.exchange import Change, Parked, Stream
from models.kit import clock
from models.kit.base import table_of
from models.kit.bulk import insert_rows
from models.kit.stream import GARBLED, Head, link, read_head
from sync.fault import broken
from sync.message import Header

_WAITS = table_of(Parked).c


class Entry(msgspec.Struct, frozen=True):
    """One change of a stream, in its place in the chain."""

    seq: int
    hash: bytes
    head: Head
    raw: bytes
    payload: bytes


def entries_in(header: Header, raw: Sequence[tuple[bytes, bytes]]) -> list[Entry]:
    """The entries of a file, chained as its header says; raises Fault when they are not."""
    if len(raw) != max(0, header.last - header.first + 1):
        raise broken()
    try:
        chain, entries = bytes.fromhex(header.before), []
        for seq, (head, payload) in enumerate(raw, header.first):
            chain = link(chain, head)
            entries.append(Entry(seq, chain, read_head(head), head, payload))
    except (ValueError, *GARBLED):
        raise broken() from None
    if entries and chain.hex() != header.after:
        raise broken()
    return entries


def take_in(
    session: Session,
    stream: Stream,
    header: Header,
    entries: Sequence[Entry],
    *,
    has_parked: bool = True,
) -> list[Entry]:
    """Add a stretch; returns the entries that now follow without a gap and were not known."""
    if not entries or stream.forked_at is not None:
        return []
    fresh: list[Entry] = []
    parked = _parked(session, stream, entries) if has_parked else {}
    if other := _said_otherwise(parked, entries):
        stream.forked_at = other.seq
    elif header.first > stream.contiguous + 1:
        _park(session, stream, [one for one in entries if one.seq not in parked])
    else:
        fresh = _follow(session, stream, header, entries)
        if has_parked and stream.forked_at is None:
            fresh += _unpark(session, stream)
    if has_parked and stream.forked_at is not None:
        _let_go(session, stream)
    return fresh


def _follow(
    session: Session, stream: Stream, header: Header, entries: Sequence[Entry]
) -> list[Entry]:
    before = stream.contiguous
    known = _hashes(session, stream, header.first - 1, before)
    chain = bytes.fromhex(header.before)
    if known.get(header.first - 1, chain) != chain:
        stream.forked_at = header.first - 1
        return []
    for one in entries:
        if one.seq <= before and known[one.seq] != one.hash:
            stream.forked_at = one.seq
            return []
    fresh = [one for one in entries if one.seq > before]
    if fresh:
        stream.contiguous, stream.head = fresh[-1].seq, fresh[-1].hash
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


def _mine(stream: Stream) -> tuple[ColumnElement[bool], ...]:
    return _WAITS.office_id == stream.office_id, _WAITS.incarnation == stream.incarnation


def _parked(session: Session, stream: Stream, entries: Sequence[Entry]) -> dict[int, bytes | None]:
    """What waits with these numbers already, by its chain value."""
    span = _WAITS.seq.between(entries[0].seq, entries[-1].seq)
    rows = session.execute(select(_WAITS.seq, _WAITS.hash).where(*_mine(stream), span))
    return {row.seq: row.hash for row in rows}


def _said_otherwise(parked: Mapping[int, bytes | None], entries: Sequence[Entry]) -> Entry | None:
    """The first of them in whose place something else waits."""
    return next((one for one in entries if not _is_so(parked.get(one.seq), one.hash)), None)


def _park(session: Session, stream: Stream, entries: Sequence[Entry]) -> None:
    now = clock.now()
    insert_rows(
        session,
        table_of(Parked),
        [
            {
                "office_id": stream.office_id,
                "incarnation": stream.incarnation,
                "seq": one.seq,
                "head": one.raw,
                "payload": one.payload,
                "received_at": now,
                "hash": one.hash,
            }
            for one in entries
        ],
    )


def _unpark(session: Session, stream: Stream) -> list[Entry]:
    """What the arrival of the missing stretch sets free; what was written after something else than
    this stretch is a fork."""
    rows = session.execute(
        select(_WAITS.seq, _WAITS.head, _WAITS.payload, _WAITS.hash)
        .where(*_mine(stream), _WAITS.seq > stream.contiguous)
        .order_by(_WAITS.seq)
    )
    fresh: list[Entry] = []
    for seq, head, payload, hash_ in rows:
        if seq != stream.contiguous + 1:
            break
        chain = link(stream.head, head)
        if not _is_so(hash_, chain):
            stream.forked_at = seq
            break
        fresh.append(Entry(seq, chain, read_head(head), head, payload))
        stream.contiguous, stream.head = seq, chain
    session.execute(delete(table_of(Parked)).where(*_mine(stream), _WAITS.seq <= stream.contiguous))
    return fresh


def _is_so(parked: bytes | None, chain: bytes) -> bool:
    """Is the chain what it was where this was written? Older rows do not say."""
    return parked is None or parked == chain


def _let_go(session: Session, stream: Stream) -> None:
    """Of a stream that forked nothing is set free any more; all of it stays in its files."""
    session.execute(delete(table_of(Parked)).where(*_mine(stream)))
