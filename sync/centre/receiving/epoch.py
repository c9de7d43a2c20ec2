"""The centre put back to an older copy of its database, also where nothing beside it remembers: a
station that holds our signed word proves it (sync.md 4.9). Without that word nothing happens but
that it is asked for: whoever could make us begin anew could make every office read all again."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.exchange import Dispatch, Downlink, new_epoch
from models.kit import clock
from sync import pack
from sync.centre.receiving import intake
from sync.centre.receiving.parties import Parties
from sync.fault import Fault
from sync.keys import Keys, is_signed
from sync.message import ANSWER, RECEIVED, Header

MOST = 2
"""A station needs no more of our words than these to prove what it claims."""


def follow(
    session: Session, keys: Keys, found: Parties, header: Header, proof: Sequence[bytes]
) -> None:
    """Begin a new epoch where this file proves that we have forgotten something; note where it only
    says so."""
    if not is_ahead(session, found, header):
        found.station.claimed_at = None
        return
    proved = [one for one in _our_words(keys, found, proof) if _is_forgotten(session, found, one)]
    if not proved:
        found.station.claimed_at = found.station.claimed_at or clock.now()
        return
    new_epoch(session, max(one.epoch for one in proved))
    found.at = found.station.claimed_at = None


def is_ahead(session: Session, found: Parties, header: Header) -> bool:
    """Does the sender say that it knows more of us than we do? It begins a file where our signed
    answer said that we have it, and it has read only what we told it."""
    stream, me = found.stream, found.me
    if header.epoch != me.centre_epoch:
        return header.epoch > me.centre_epoch
    is_next = header.part > 1 or header.first <= stream.contiguous + 1
    is_heard = is_next or stream.forked_at is not None
    return not (is_heard and _is_told(session, found.at, header.seen, header.seen_hash))


def _our_words(keys: Keys, found: Parties, proof: Sequence[bytes]) -> Iterator[Header]:
    """Headers of answers that we ourselves signed for this computer."""
    for one in proof[:MOST]:
        try:
            packet = pack.apart(one)
        except Fault:
            continue
        said = packet.header
        is_to_it = (said.sender, said.recipient) == (found.me.id, found.station.id)
        is_answer = is_to_it and said.kind in (ANSWER, RECEIVED)
        if is_answer and is_signed(keys.public, packet.signature, packet.signed):
            yield said


def _is_forgotten(session: Session, found: Parties, said: Header) -> bool:
    """Does an answer of ours say what our database does not know?"""
    stream, me = found.stream, found.me
    if said.epoch != me.centre_epoch:
        return said.epoch > me.centre_epoch
    if said.kind == ANSWER and not _is_told(session, found.at, said.last, said.after):
        return True
    # of a stream that two wrote, files were acknowledged that could not be taken in
    is_clear = not said.fork and stream.forked_at is None
    is_this = is_clear and said.incarnation == stream.incarnation
    return is_this and said.seen > intake.reach(session, stream).last


def _is_told(session: Session, at: Dispatch | None, seq: int, hash_: str) -> bool:
    """Did we tell the office this far, and in these words?"""
    if seq == 0:
        return True
    if at is None or seq > at.seq:
        return False
    if seq == at.seq:
        return hash_ == at.head.hex()
    known = session.scalar(
        select(Downlink.hash).where(Downlink.office_id == at.office_id, Downlink.seq == seq)
    )
    return known is not None and known.hex() == hash_
