"""What both sides of a comparison count alike (核对, sync.md 4.13): digests per noun and bucket,
over the names of the changes behind each value, and figures by the same SQL."""

from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import Session

from models.certification import Certification
from models.entities import ENTITIES
from models.exchange import Replica
from models.kit.base import Flow, Record, table_of, wire_fields
from models.kit.stream import SCHEMA
from models.retiree import ON_BOOKS, Retiree
from models.visit import Visit
from sync import later
from sync.versions import younger

KEPT = frozenset(f"人员状态{one}" for one in ON_BOOKS)
BUCKETS, SIZE = 16, 12

Stamps = dict[str, str]
Row = tuple[str, Stamps]


def common(me: Replica) -> int:
    """The newest schema that this station and its centre both know."""
    return min(SCHEMA, me.centre_schema)


def travelling(schema: int) -> Iterator[type[Record]]:
    """Every noun that both sides hold."""
    return (one for one in ENTITIES if one.flow is not Flow.LOCAL and one.since <= schema)


def rows_of(session: Session, entity: type[Record], office_id: str, schema: int) -> Iterator[Row]:
    """(id, changes behind its values) of every record an office shares with its centre, as far as
    a program of this schema knows them. A value that is kept for after the upgrade counts."""
    table, newer = table_of(entity), younger(entity, schema)
    kept = later.stamps_of(session, entity.__tablename__, set(wire_fields(table)) - newer)
    query = select(table.c.id, cast(table.c.stamps, Text))
    if not getattr(entity, "shared", False):
        query = query.where(table.c.office_id == office_id)
    for key, stamps in session.execute(query):
        said = _stamps(stamps)
        if kept or newer:
            said = {name: one for name, one in said.items() if name not in newer}
            said |= kept.get(key, {})
        yield key, plain(said)


_stamps = msgspec.json.Decoder(Stamps).decode


def plain(stamps: Stamps) -> Stamps:
    """A stamp that says no more than the creating change is the same as none."""
    first = stamps.get("*", "")
    return {name: one for name, one in stamps.items() if one != first or name == "*"}


def digest(key: str, stamps: Stamps) -> int:
    """Of one record, to be added to others by XOR."""
    said = msgspec.msgpack.encode((key, sorted(stamps.items())))
    return int.from_bytes(sha256(said).digest()[:SIZE])


def bucket_of(key: str) -> int:
    """By the last character, which is random."""
    return int(key[-1], 16) if key else 0


def buckets(session: Session, office_id: str, schema: int) -> dict[str, list[bytes]]:
    """One digest per noun and bucket; independent of the order rows are read in."""
    made = {}
    for entity in travelling(schema):
        sums = [0] * BUCKETS
        for key, stamps in rows_of(session, entity, office_id, schema):
            sums[bucket_of(key)] ^= digest(key, stamps)
        made[entity.__tablename__] = [one.to_bytes(SIZE) for one in sums]
    return made


def figures(session: Session, office_id: str, month: str) -> dict[str, int]:
    """The numbers people ask for, by the same SQL on both sides; ``month`` is YYYY-MM."""
    first = date.fromisoformat(f"{month}-01")
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)

    def count(entity: type[Record], *where: Any) -> int:
        query = select(func.count()).select_from(entity)
        query = query.where(entity.office_id == office_id, entity.is_void.is_(False), *where)
        return session.scalar(query) or 0

    on, visited = Certification.certified_on, Visit.visited_on
    states = select(Retiree.manage_state, func.count()).where(
        Retiree.office_id == office_id, Retiree.is_void.is_(False)
    )
    said = {f"人员状态{state}": n for state, n in session.execute(states.group_by("manage_state"))}
    said["本月认证"] = count(Certification, on >= first, on < after)
    said["本月走访"] = count(Visit, visited >= first, visited < after)
    return said
