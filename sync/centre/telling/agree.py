"""The centre's side of agreement: its rows and figures of one office beside the station's."""

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.exchange import Held, Installation, Parked, Replica, Stream
from models.kit.base import to_wire, wire_fields
from models.kit.stream import SCHEMA
from sync import later, pack
from sync.agree import ANSWER, ROWS, WANTS, Claim, Reply
from sync.centre.deciding.said import is_shared
from sync.centre.telling import downlink
from sync.digests import Row, bucket_of, buckets, figures, rows_of
from sync.header import from_us
from sync.keys import Keys
from sync.message import Header, Item, State
from sync.records import Unreadable, entity_of, load


def take(
    session: Session,
    keys: Keys,
    station: Installation,
    stream: Stream,
    header: Header,
    claim: Claim,
) -> bytes:
    """Compare, or repeat what the station found that it lacks."""
    if claim.wants:
        told = repeat(session, station.office_id, claim.wants)
        reply = Reply("", "", compared=False, told=told)
    elif is_settled(session, stream, header):
        reply = Reply(
            "",
            "",
            compared=True,
            rows=_differing(session, station.office_id, claim),
            figures=figures(session, station.office_id, claim.month),
        )
    else:
        reply = Reply("", "", compared=False)
    return _write(session, keys, station, reply, header)


def is_settled(session: Session, stream: Stream, header: Header) -> bool:
    """Do we have all the station wrote, with nothing waiting, and has it read all we said?"""
    office_id = stream.office_id
    at = downlink.dispatch_of(session, office_id)
    waits = [
        session.scalar(select(func.count()).select_from(table).where(table.office_id == office_id))
        for table in (Held, Parked)
    ]
    return (
        stream.forked_at is None
        and stream.contiguous == header.last
        and (header.seen, header.seen_hash) == (at.seq, at.head.hex())
        and not any(waits)
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


def repeat(session: Session, office_id: str, wants: list[tuple[str, str]]) -> int:
    """Tell whole records once more, in the order of the downlink like everything else; only what
    the office may have."""
    items: list[Item] = []
    kept = later.words_of(session, [key for _, key in wants]) if later.is_any(session) else {}
    for noun, key in wants[:WANTS]:
        try:
            entity = entity_of(noun)
        except Unreadable:
            continue
        names = wire_fields(entity.__table__)
        row = load(session, entity, [key], ("office_id", "stamps", *names)).get(key)
        if row is None or not (is_shared(entity) or row["office_id"] == office_id):
            continue
        said = [name for name in names if row[name] is not None or name in row["stamps"]]
        values = {name: to_wire(entity, name, row[name]) for name in said}
        words = kept.get((noun, key), {})
        items.append(State(noun, key, *later.beside(values, row["stamps"], words)))
    downlink.tell(session, office_id, items)
    return len(items)


def _write(session: Session, keys: Keys, station: Installation, reply: Reply, to: Header) -> bytes:
    me = session.scalars(select(Replica)).one()
    said = msgspec.structs.replace(reply, sender=me.id, recipient=station.id)
    at = {"incarnation": to.incarnation, "last": to.last, "seen": to.seen}
    header = from_us(me, ANSWER, station.id, **at)
    return pack.write(keys, header, msgspec.msgpack.encode(said), [station.recipient])
