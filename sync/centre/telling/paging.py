"""What one answer carries of an office's downlink, from where the reader stands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import ColumnElement, Integer, Row, Select, bindparam, select
from sqlalchemy.orm import Session

from models.exchange import Change, Dispatch, Downlink
from models.kit.base import table_of
from models.kit.direct import ask
from models.kit.stream import GENESIS
from sync.centre.telling import moves
from sync.message import PAGE_BYTES, PAGE_ITEMS, Applied, Header, Item, Verdict, decode_item

ENTRY_BYTES = 1000
_LINK = table_of(Downlink).c
TOLD = (
    select(_LINK.seq, _LINK.hash, _LINK.body)
    .where(_LINK.office_id == bindparam("office"), _LINK.seq >= bindparam("first"))
    .order_by(_LINK.seq)
    .limit(bindparam("most", type_=Integer))
)


def _entries(is_theirs: ColumnElement[bool]) -> Select[tuple[int, bytes, bytes | None]]:
    said = table_of(Change).c
    return (
        select(said.seq, said.head, said.payload)
        .where(
            said.office_id == bindparam("office"),
            said.incarnation == bindparam("incarnation"),
            said.seq.between(bindparam("first"), bindparam("last")),
            is_theirs,
        )
        .order_by(said.seq)
    )


OWN = _entries(moves.is_ours(bindparam("office")))
"""A stretch of what an office said, as far as it may still read it."""


@dataclass(frozen=True, slots=True)
class Page:
    """What one answer carries of an office's downlink."""

    first: int
    last: int
    before: bytes
    after: bytes
    items: list[bytes]
    own: list[tuple[str, int, bytes, bytes]]
    remaining: int


NOTHING = Page(1, 0, GENESIS, GENESIS, [], [], 0)
"""To whom we do not believe where they stand."""


def page(session: Session, header: Header, at: Dispatch, epoch: int) -> Page:
    """Everything after what the station has read, up to a page; with the entries of its earlier
    incarnations, which it may have lost by a restore."""
    seen, before, rows = _unread(session, header, at, epoch)
    items: list[bytes] = []
    size, last, after = 0, seen, before
    for row in rows:
        if items and size > PAGE_BYTES:
            break
        items.append(row.body)
        size, last, after = size + _weight(row.body, header), row.seq, row.hash
    own = _own(session, header, items)
    return Page(seen + 1, last, before, after, items, own, at.seq - last)


def _weight(body: bytes, header: Header) -> int:
    """With what goes beside it: lost entries of the reader's earlier incarnations."""
    item = decode_item(body)
    if isinstance(item, Applied) and item.incarnation != header.incarnation:
        return len(body) + (item.last - item.first + 1) * ENTRY_BYTES
    return len(body)


def _unread(
    session: Session, header: Header, at: Dispatch, epoch: int
) -> tuple[int, bytes, Sequence[Row[int, bytes, bytes]]]:
    """Where the reader stands and what follows. Another epoch or a chain value that is not ours
    means: from the beginning."""
    seen, said = header.seen, header.seen_hash
    if header.epoch != epoch:
        return 0, GENESIS, _told(session, at.office_id, 1)
    if seen == at.seq and said == at.head.hex():
        return seen, at.head, ()
    if 0 < seen <= at.seq:
        known, *rows = _told(session, at.office_id, seen)
        if known.hash.hex() == said:
            return seen, known.hash, rows
    return 0, GENESIS, _told(session, at.office_id, 1)


def _told(session: Session, office_id: str, first: int) -> Sequence[Row[int, bytes, bytes]]:
    asked = {"office": office_id, "first": first, "most": PAGE_ITEMS + 1}
    return ask(session, TOLD, asked)


def _own(
    session: Session, header: Header, items: list[bytes]
) -> list[tuple[str, int, bytes, bytes]]:
    spans = [
        (item.incarnation, item.first, item.last)
        if isinstance(item, Applied)
        else (item.incarnation, item.seq, item.seq)
        for item in map(decode_item, items)
        if isinstance(item, Applied | Verdict) and item.incarnation != header.incarnation
    ]
    own = []
    for incarnation, first, last in _joined(spans):
        asked = {
            "office": header.sender_office,
            "incarnation": incarnation,
            "first": first,
            "last": last,
        }
        rows = ask(session, OWN, asked)
        own += [(incarnation, row.seq, row.head, row.payload or b"") for row in rows]
    return own


def _joined(spans: list[tuple[str, int, int]]) -> Iterator[tuple[str, int, int]]:
    """Each entry once, and in one question what follows on each other."""
    at: tuple[str, int, int] | None = None
    for incarnation, first, last in sorted(spans):
        if at and at[0] == incarnation and first <= at[2] + 1:
            at = (incarnation, at[1], max(at[2], last))
            continue
        if at:
            yield at
        at = (incarnation, first, last)
    if at:
        yield at


def pages(items: Iterator[Item]) -> Iterator[list[Item]]:
    """No more at once than one page has."""
    while some := list(islice(items, PAGE_ITEMS)):
        yield some
