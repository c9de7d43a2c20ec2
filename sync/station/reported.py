"""Known to the city (已到市级): the fifth thing that can be true of an entry, after on this PC, on
its way, with the centre, decided. Each of the later four is somebody's signed word."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.exchange import Replica
from models.relay import Known
from sync.message import Reported


def note(session: Session, me: Replica, item: Reported) -> None:
    """The centre passes on what the city has acknowledged; never backwards."""
    at = session.get(Known, (me.office_id, item.incarnation))
    if at is None:
        at = Known(office_id=me.office_id, incarnation=item.incarnation, seq=0)
        session.add(at)
    at.seq = max(at.seq, item.last)


def position(session: Session) -> int | None:
    """How far the city has our present stream; None where no city was ever heard of."""
    me = session.scalars(select(Replica)).one()
    found = session.scalars(select(Known).where(Known.office_id == me.office_id)).all()
    mine = (one.seq for one in found if one.incarnation == me.incarnation)
    return next(mine, 0) if found else None
