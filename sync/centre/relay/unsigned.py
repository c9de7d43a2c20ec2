"""What stands at the district and no header of a station proves: a file of its is gone, or an older
program let something in behind another. Those words stay here; where an item for the city speaks of
them, they lie beside it as the district's own account."""

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from models.exchange import Change
from models.kit.among import among
from models.kit.base import table_of
from models.kit.stream import read_head
from sync.centre.relay.visible import shown
from sync.relayed import Stands, Took, Unsigned, item_in

Ends = dict[tuple[str, str], int]
"""Where what nobody proves begins, in streams by office and incarnation."""
_LOG = table_of(Change).c


def account(session: Session, ends: Ends, body: bytes, schema: int) -> list[Unsigned]:
    """The unproved words an item builds on, as far as the city may see them."""
    item = item_in(body) if ends else None
    found = []
    for at, end in ends.items():
        spoken = _spoken(item, at)
        if spoken is None:
            continue
        office_id, incarnation = at
        rows = session.execute(
            select(_LOG.seq, _LOG.head, _LOG.payload)
            .where(_LOG.office_id == office_id, _LOG.incarnation == incarnation)
            .where(_LOG.seq >= end, spoken)
            .order_by(_LOG.seq)
        )
        for seq, head, payload in rows:
            seen = shown(read_head(head), payload, schema)
            found.append(Unsigned(office_id, incarnation, seq, head, seen))
    return found


def _spoken(item: Took | Stands | None, at: tuple[str, str]) -> ColumnElement[bool] | None:
    if isinstance(item, Stands):
        return among(_LOG.change_id, sorted({*item.stamps.values()}))
    if isinstance(item, Took) and (item.office_id, item.incarnation) == at:
        return _LOG.seq.between(item.first, item.last)
    return None
