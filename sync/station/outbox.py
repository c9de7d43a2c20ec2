"""Waiting changes become files. Every export covers all since the last verified answer, and
exporting changes no delivery state."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from models import attachment as contents
from models.exchange import Change, Replica
from models.kit.base import table_of
from models.kit.direct import ask, ask_one
from models.kit.stream import GENESIS
from sync import pack
from sync.centre_card import CentreCard
from sync.header import from_us
from sync.keys import Keys
from sync.message import PART_BYTES, SHORT_HEADS, Body
from sync.station import damage, proof

_UNDECIDED = select(func.count()).select_from(Change).where(Change.outcome.is_(None))
WAITING = select(
    _UNDECIDED.scalar_subquery()
    + contents.OWED_COUNT.scalar_subquery()
    + contents.MISSED_COUNT.scalar_subquery()
)
_LEFT = WAITING.add_columns(contents.IS_DUE.scalar_subquery())
_ME = select(table_of(Replica))
_LOG = table_of(Change).c
_AT = (_LOG.office_id == bindparam("office"), _LOG.incarnation == bindparam("incarnation"))
_SINCE = (
    select(_LOG.seq, _LOG.hash, _LOG.head, _LOG.payload)
    .where(*_AT, _LOG.seq >= bindparam("last"))
    .order_by(_LOG.seq)
)
"""With the entry that was acknowledged last, which the next one follows."""
_CHAIN = select(_LOG.hash).where(*_AT, _LOG.seq == bindparam("seq"))


@dataclass(frozen=True, slots=True)
class Part:
    """One file to deliver, and how much of the stream is in it."""

    name: str
    data: bytes
    first: int
    last: int

    @property
    def count(self) -> int:
        """Entries inside."""
        return max(0, self.last - self.first + 1)


def waiting(session: Session) -> int:
    """Own changes whose outcome has not been read yet, and contents not confirmed, also those we
    have not got ourselves: record and content are one delivery."""
    return session.scalar(WAITING) or 0


def undecided(session: Session) -> int:
    """Of those the changes alone: a content nobody has any more waits for ever."""
    return session.scalar(_UNDECIDED) or 0


def left(session: Session) -> tuple[int, bool]:
    """`waiting`, and whether any content is still to be carried, in either direction."""
    session.flush()
    ((count, is_due),) = ask(session, _LEFT)
    return count, bool(is_due)


def parts(
    session: Session,
    keys: Keys,
    card: CentreCard,
    office_code: str,
    limit: int | None = None,
    *,
    prove: bool = True,
    stays: bool = True,
) -> list[Part]:
    """Files with everything after the acknowledged position; one empty file when nothing waits,
    since it still carries how far we have read. About ``limit`` bytes in each, before packing. On a
    line there is time to be asked to ``prove`` how far we and the centre were, and of a file
    nothing ``stays`` that we may want to read again."""
    session.flush()
    (me,) = ask(session, _ME)
    most = min(limit or PART_BYTES, PART_BYTES)
    words = proof.of(me) if prove else []
    nothing: Stretch = (me.acked_seq + 1, me.acked_seq, b"", b"", [])
    stretches = list(_stretches(session, me, most)) or [nothing]
    made = []
    for number, (first, last, before, after, entries) in enumerate(stretches, 1):
        header = from_us(
            me,
            "changes",
            card.id,
            first=first,
            last=last,
            before=before.hex(),
            after=after.hex(),
            part=number,
            parts=len(stretches),
            count=len(entries),
            seen=me.down_seq,
            seen_hash=me.down_head.hex(),
            office_code=office_code,
            card=card.mark,
            min_reader=SHORT_HEADS,
        )
        plain = pack.encode_body(pack.shorten(Body(me.id, card.id, entries, proof=words)))
        ours = [keys.recipient] if stays else []
        data = pack.write(keys, header, plain, [card.recipient, *ours])
        name = f"{office_code}-{me.incarnation[-8:]}-{first}-{last}-{number}of{len(stretches)}"
        made.append(Part(f"{name}.sangyu", data, first, last))
    return made


Stretch = tuple[int, int, bytes, bytes, list[tuple[bytes, bytes]]]


def _stretches(session: Session, me: Replica, limit: int) -> Iterator[Stretch]:
    if me.acked_seq == me.seq:
        return
    at = {"office": me.office_id, "incarnation": me.incarnation, "last": me.acked_seq}
    before = proof.chain(me)
    entries: list[tuple[bytes, bytes]] = []
    first, last, after, size = me.acked_seq + 1, me.acked_seq, before, 0
    for seq, link, head, payload in ask(session, _SINCE, at):
        if seq == me.acked_seq:
            before = after = link
            continue
        if seq != last + 1:
            raise damage.hole()
        if size > limit:
            yield first, last, before, after, entries
            first, before, entries, size = seq, after, [], 0
        entries.append((head, payload or b""))
        last, after, size = seq, link, size + len(head) + len(payload or b"")
    if last != me.seq:
        raise damage.hole()
    yield first, last, before, after, entries


def chain_at(session: Session, me: Replica, seq: int) -> bytes:
    """The chain value of our present stream at a position."""
    if seq == 0:
        return GENESIS
    at = {"office": me.office_id, "incarnation": me.incarnation, "seq": seq}
    return ask_one(session, _CHAIN, at) or b""
