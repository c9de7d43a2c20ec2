"""The hybrid clock, as Harmony's list of its own has it (sync.md 5.2): strictly forwards whatever
the wall says, following others but not far, with room for more entries than a millisecond counts.

Told elsewhere: two sides and their clocks together (tests/sync/test_histories), more ids than a
statement takes parameters (test_bulk), an entry added twice (tests/sync/test_gaps).
"""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.kit.who import Desk
from models.exchange import Change
from models.kit import clock
from models.kit.db import Store
from models.kit.stream import LAST_MILLIS, heard, millis_of, tick
from models.retiree import Retiree

DAY = 24 * 3600 * 1000
NOW = 1_795_000_000_000
AT = NOW << 16


@pytest.mark.parametrize(
    ("last", "wall", "next_"),
    [
        (0, NOW, AT),
        (AT, NOW, AT + 1),
        (AT, NOW - 40 * 365 * DAY, AT + 1),
        (AT, -1, AT + 1),
        (AT + 0xFFFF, NOW, (NOW + 1) << 16),
        (AT, NOW + 1, (NOW + 1) << 16),
        (AT, 2**60, LAST_MILLIS << 16),
        (LAST_MILLIS << 16, 2**60, (LAST_MILLIS << 16) + 1),
    ],
    ids=[
        *("first", "same", "back", "before-1970", "counter-full", "on", "out-of-its-mind"),
        "still-out-of-its-mind",
    ],
)
def test_the_next_value_is_later_than_the_last(last: int, wall: int, next_: int) -> None:
    assert tick(last, wall) == next_
    assert last < next_ < 2**62


@pytest.mark.parametrize(
    ("remote", "then"),
    [
        (0, AT),
        (AT - 1, AT),
        (AT + 5, AT + 5),
        ((NOW + DAY) << 16, (NOW + DAY) << 16),
        ((NOW + 2 * DAY) << 16, (NOW + DAY) << 16),
        (2**63 - 1, (NOW + DAY) << 16),
    ],
)
def test_another_clock_is_followed_a_day_at_most(remote: int, then: int) -> None:
    assert heard(AT, remote, NOW) == then


YEARS = (9999, 1970, 2066, 1, 6500, 2026)


def test_in_whatever_year_a_computer_believes_to_be_it_saves(store: Store, desk: Desk) -> None:
    for year in YEARS:
        with (
            clock.freeze(datetime(year, 6, 1, tzinfo=UTC)),
            store.begin(desk.account, desk.office_id) as session,
        ):
            session.add(Retiree(name="王秀英"))
    with store.look() as session:
        said = list(session.scalars(select(Change.hlc).order_by(Change.seq)))
    assert said == sorted(set(said))
    assert len(said) == len(YEARS)
    assert millis_of(said[-1]) == LAST_MILLIS
