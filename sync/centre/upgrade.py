"""The centre's first start with a newer program (sync.md 4.10): what its stations said in words it
did not know yet is understood. That it was is kept beside the database, so that what is played
again is read by the program of its day and gets the same verdicts."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.exchange import Dispatch, RawBatch, Replica
from models.kit import clock
from models.kit.base import table_of, to_wire, wire_fields
from models.kit.stream import SCHEMA
from models.relay import City
from sync import later
from sync.centre.keeping import keep
from sync.centre.keeping.journal import UPGRADE, Kept
from sync.centre.receiving.files import Answer
from sync.centre.relay import cityward
from sync.centre.service import Centre
from sync.centre.telling import downlink
from sync.fault import too_new
from sync.message import Item, State
from sync.records import entity_of, load


def after_upgrade(centre: Centre) -> int:
    """At each start, once nothing is lacking: put in what waited for this program, then read the
    files that could not be read when they came; returns how many of those were."""
    with centre.store.look() as session:
        schema = session.scalars(select(Replica.centre_schema)).one()
        waits = later.is_any(session)
    if schema < SCHEMA:
        _rise(centre)
    elif waits:  # for a record that may have come since
        with centre.store.apply() as session:
            understand(session, schema)
    return _read_kept(centre)


def _rise(centre: Centre) -> None:
    with centre.writing() as (session, kept):
        kept.append(Kept(UPGRADE, keep.micros(clock.now()), keep.upgrade(session, centre.keys)))
        understand(session, SCHEMA)


def understand(session: Session, schema: int) -> None:
    """From here on the centre reads as a program of this schema. What only now is in a record is
    told to the city, and of what all offices share to all of them."""
    me = session.scalars(select(Replica)).one()
    me.centre_schema = schema
    session.flush()
    later.rise(session, schema)
    items: list[Item] = []
    found = later.replay(session, schema)
    for noun, ids in found.items():
        if noun in downlink.SHARED:
            items += _records(session, noun, ids)
    for office_id in downlink.offices(session) if items else ():
        downlink.tell_own(session, me, downlink.dispatch_of(session, office_id))
        downlink.tell(session, office_id, items)
    city_id = session.scalar(select(City.id)) if found else None
    if city_id is not None and session.get(Dispatch, city_id) is not None:
        cityward.tell_own(session, city_id)
        downlink.tell(session, city_id, list(cityward.stands(session, found, is_proven=False)))


def _records(session: Session, noun: str, ids: set[str]) -> list[Item]:
    entity = entity_of(noun)
    names = wire_fields(table_of(entity))
    rows = load(session, entity, sorted(ids), ("stamps", *names))
    return [
        State(noun, key, {name: to_wire(entity, name, row[name]) for name in names}, row["stamps"])
        for key, row in rows.items()
    ]


def _read_kept(centre: Centre) -> int:
    with centre.store.look() as session:
        chosen = select(RawBatch.body).where(RawBatch.refused == too_new("").kind)
        files = session.scalars(chosen.order_by(RawBatch.received_at)).all()
    done = [centre.take_all([data]) for data in files]
    return sum(isinstance(one, Answer) for (one,) in done)
