"""What the centre hears of the clocks of those who come over the network: a wrong one of theirs, or
its own, is seen by people before much is stamped with it."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import select

from models.exchange import Installation
from models.kit.db import Store

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


def _differs(one: Installation, heard: timedelta) -> bool:
    return one.clock_off is None or abs(timedelta(seconds=one.clock_off) - heard) > NEWS
