"""What the centre hears of the clocks of those who come over the network: a wrong one of theirs, or
its own, is seen by people before much is stamped with it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import clock_reading
from models.exchange import Installation
from models.kit.db import Store
from sync.message import Header
from sync.pack import CHANGES

NEWS = timedelta(minutes=1)


def note(store: Store, heard: Mapping[str, timedelta]) -> None:
    """By how much the clocks of these computers are ahead of ours, where that is news."""
    if not heard:
        return
    mine = select(Installation).where(Installation.id.in_(heard))
    with store.look() as session:
        is_news = any(_differs(one, heard[one.id]) for one in session.scalars(mine))
    if is_news:
        with store.apply() as session:
            for one in session.scalars(mine):
                one.clock_off = round(heard[one.id].total_seconds())


def read(session: Session, header: Header, at: datetime, ahead: timedelta) -> None:
    """With a file that brings entries: what the clock that wrote them said when it came."""
    if header.kind == CHANGES and header.count:
        stream = (header.sender_office, header.incarnation)
        clock_reading.note(session, stream, header.last, at, ahead)


def _differs(one: Installation, heard: timedelta) -> bool:
    return one.clock_off is None or abs(timedelta(seconds=one.clock_off) - heard) > NEWS
