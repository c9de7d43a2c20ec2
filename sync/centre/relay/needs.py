"""The words that records told to the city build on, since it reads their values there. It said that
it has them, or they go along; where it was put back since and has forgotten them, it lays nothing
before it has heard them again."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.exchange import Change, Replica
from models.kit.among import among
from models.relay import Known, own_name
from sync.relayed import Stands, item_in

Place = tuple[str, str]
"""A stream, by office and incarnation."""


def known(session: Session) -> dict[Place, int]:
    """How far the city has each stream as we have it, by its own answer."""
    rows = session.execute(
        select(Known.office_id, Known.incarnation, Known.seq).where(Known.is_forked.is_(False))
    )
    return {(row.office_id, row.incarnation): row.seq for row in rows}


def of_items(
    session: Session, me: Replica, there: Mapping[Place, int], bodies: Sequence[bytes]
) -> Iterator[list[tuple[Place, int]]]:
    """For each of these items, as far as they are ``there`` by then. A stretch names its own."""
    items = map(item_in, bodies)
    named = [[*one.stamps.values()] if isinstance(one, Stands) else [] for one in items]
    rows = session.execute(
        select(Change.change_id, Change.office_id, Change.incarnation, Change.seq).where(
            among(Change.change_id, sorted({one for names in named for one in names})),
            Change.payload.is_not(None),
        )
    )
    found: dict[str, list[tuple[Place, int]]] = defaultdict(list)
    for row in rows:
        stream = own_name(me) if row.incarnation == me.incarnation else row.incarnation
        at = (row.office_id, stream)
        if row.seq <= there.get(at, 0):
            found[row.change_id].append((at, row.seq))
    for names in named:
        yield [one for name in names for one in found.get(name, ())]
