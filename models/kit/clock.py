"""The only source of time. Times are UTC inside, Asia/Shanghai for people."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone

# One zone, no summer time since 1991: a fixed offset needs no tz database on Windows.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")

_frozen: datetime | None = None


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _frozen if _frozen is not None else datetime.now(UTC)


def today() -> date:
    """The calendar day in Sanya."""
    return now().astimezone(SHANGHAI).date()


def local(moment: datetime) -> datetime:
    """A stored UTC moment as the clock on the wall showed it."""
    return moment.astimezone(SHANGHAI)


@contextmanager
def freeze(moment: datetime) -> Iterator[None]:
    """Stop the clock at an aware moment: tests, demos and screens."""
    global _frozen  # noqa: PLW0603
    before, _frozen = _frozen, moment
    try:
        yield
    finally:
        _frozen = before


def from_millis(millis: int) -> datetime:
    """The moment behind a hybrid clock's milliseconds."""
    return datetime.fromtimestamp(millis / 1000, UTC)
