"""The centre put back to an older copy of its database, also where nothing beside it remembers: a
station that holds our signed word proves it (sync.md 4.9)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.exchange import Dispatch, Downlink, Replica, Stream, new_epoch
from sync.centre.receiving.parties import Parties
from sync.message import Header

FURTHEST = 1000  # what says more is out of its mind


def follow(session: Session, found: Parties, header: Header) -> None:
    """Begin a new epoch where this file shows that we have forgotten something."""
    if is_ahead(session, found.me, found.stream, found.at, header):
        new_epoch(session, header.epoch)
        found.at = None


def is_ahead(
    session: Session, me: Replica, stream: Stream, at: Dispatch | None, header: Header
) -> bool:
    """Does the sender know more of us than we do? It begins a file where our signed answer said
    that we have it, and it has read only what we told it."""
    if header.epoch != me.centre_epoch:
        return 0 < header.epoch - me.centre_epoch < FURTHEST
    is_unheard = header.part == 1 and header.first > stream.contiguous + 1
    return is_unheard or not _told(session, at, header)


def _told(session: Session, at: Dispatch | None, header: Header) -> bool:
    if header.seen == 0:
        return True
    if at is None or header.seen > at.seq:
        return False
    if header.seen == at.seq:
        return header.seen_hash == at.head.hex()
    hash_ = session.scalar(
        select(Downlink.hash).where(Downlink.office_id == at.office_id, Downlink.seq == header.seen)
    )
    return hash_ is not None and hash_.hex() == header.seen_hash
