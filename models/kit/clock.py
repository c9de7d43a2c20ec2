"""The only source of time. Times are UTC inside, Asia/Shanghai for people."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta, timezone

# One zone, no summer time since 1991: a fixed offset needs no tz database on Windows.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")

_frozen: datetime | None = None
_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _moment.get() or _frozen or datetime.now(UTC)


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


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """One aware moment for all that is done in here by this thread: a receipt has one time, also
    when it is played again."""
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)


def from_millis(millis: int) -> datetime:
    """The moment behind a hybrid clock's milliseconds."""
    return datetime.fromtimestamp(millis / 1000, UTC)
