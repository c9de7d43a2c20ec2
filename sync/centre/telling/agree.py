"""The centre's side of agreement: its rows and figures of one office beside the station's."""

import logging
from collections.abc import Mapping

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import attachment as contents
from models.exchange import Held, Installation, Replica, Stream
from models.handover import Handover
from models.kit.base import wire_fields
from models.kit.stream import SCHEMA
from models.retiree import Retiree
from sync import later, pack
from sync.blobs import raw
from sync.centre.deciding import laid_again
from sync.centre.deciding.said import is_shared
from sync.centre.deciding.stored import Key
from sync.centre.telling import downlink, moves
from sync.claim import REPLY, ROWS, WANTS, Claim, Records, Reply
from sync.digests import Row, Stamps, bucket_of, buckets, figures, plain, rows_of
from sync.header import from_us
from sync.keys import Keys
from sync.message import Header, Item
from sync.records import Unreadable, entity_of, load

log = logging.getLogger(__name__)
OFFER = Handover.__tablename__


def take(
    session: Session,
    keys: Keys,
    station: Installation,
    stream: Stream,
    header: Header,
    claim: Claim,
) -> bytes:
    """Compare, or mend what the station found to differ."""
    if claim.wants:
        reply = _mend(session, station.office_id, claim)
    elif is_settled(session, stream, header):
        reply = Reply(
            "",
            "",
            compared=True,
            rows=_differing(session, station.office_id, claim),
            figures=figures(session, station.office_id, claim.month),
            lacking=raw(contents.missing(session, station.office_id)[:WANTS]),
            forgotten=laid_again.absent(session, [(OFFER, key) for key in claim.offers[:WANTS]]),
        )
    else:
        reply = Reply("", "", compared=False)
    return _write(session, keys, station, reply, header)


def is_settled(session: Session, stream: Stream, header: Header) -> bool:
    """Do we have all the station wrote, with nothing held, and has it read all we said? What waits
    behind a gap may wait for ever: in a stream that was left, since it was put back."""
    office_id = stream.office_id
    at = downlink.dispatch_of(session, office_id)
    waits = session.scalar(select(Held.tx).where(Held.office_id == office_id).limit(1))
    return (
        stream.forked_at is None
        and stream.contiguous == header.last
        and (header.seen, header.seen_hash) == (at.seq, at.head.hex())
        and waits is None
    )


def _differing(session: Session, office_id: str, claim: Claim) -> list[tuple[str, int, list[Row]]]:
    schema = min(SCHEMA, claim.schema)
    ours, found, size = buckets(session, office_id, schema), [], 0
    for noun, digests in ours.items():
        said = claim.digests.get(noun)
        which = {
            n for n, one in enumerate(digests) if said is not None and said[n : n + 1] != [one]
        }
        if not which or size > ROWS:
            continue
        rows: dict[int, list[Row]] = {number: [] for number in which}
        for key, stamps in rows_of(session, entity_of(noun), office_id, schema):
            if bucket_of(key) in which:
                rows[bucket_of(key)].append((key, stamps))
                size += 1
        found += [(noun, number, each) for number, each in rows.items()]
    return found


def _mend(session: Session, office_id: str, claim: Claim) -> Reply:
    """What our records do not show though we decided it is laid from our own log. What the station
    shows otherwise then is told, but for records of which it said something we never heard."""
    wants = claim.wants[:WANTS]
    held = {(noun, key): claim.holds[key][0] for noun, key in wants if key in claim.holds}
    laid = laid_again.lay(session, office_id, {at: one for at, one in held.items() if one})
    if laid:
        log.warning("%s records were not as our own log has them, and laid again from it", laid)
    said = {key: ids for key, (_, ids) in claim.holds.items()}
    unheard = laid_again.unheard(session, (one for ids in said.values() for one in ids))
    left = [(noun, key) for noun, key in wants if unheard.isdisjoint(said.get(key, ()))]
    told = repeat(session, office_id, left, held)
    mended = [key for _, key in wants]
    return Reply(
        "",
        "",
        compared=False,
        told=told,
        mended=mended,
        unheard=sorted(unheard),
        absent=laid_again.absent(session, wants),
    )


def repeat(session: Session, office_id: str, wants: Records, held: Mapping[Key, Stamps]) -> int:
    """Tell records anew, whole, in place of what the office holds, where that is something else; in
    the order of the downlink like everything else, and only what the office may have: of somebody
    in another's care, whom it shows as its own, that they are there."""
    items: list[Item] = []
    kept = later.words_of(session, [key for _, key in wants]) if later.is_any(session) else {}
    for noun, key in wants:
        try:
            entity = entity_of(noun)
        except Unreadable:
            continue
        names = wire_fields(entity.__table__)
        row = load(session, entity, [key], ("id", "office_id", "stamps", *names)).get(key)
        if row is None:
            continue
        if not (is_shared(entity) or row["office_id"] == office_id):
            if entity is Retiree and held.get((noun, key)):
                items.append(moves.has_gone(row))
            continue
        words = kept.get((noun, key), {})
        if plain({**row["stamps"], **later.stamps_in(words)}) != held.get((noun, key)):
            items.append(moves.whole(entity, row, words))
    downlink.tell(session, office_id, items)
    return len(items)


def _write(session: Session, keys: Keys, station: Installation, reply: Reply, to: Header) -> bytes:
    me = session.scalars(select(Replica)).one()
    said = msgspec.structs.replace(reply, sender=me.id, recipient=station.id)
    at = {"incarnation": to.incarnation, "last": to.last, "seen": to.seen}
    header = from_us(me, REPLY, station.id, **at)
    return pack.write(keys, header, msgspec.msgpack.encode(said), [station.recipient])
