"""The only source of identifiers: UUIDv7 (RFC 9562) as 32 lower-case hex digits."""

import secrets
import uuid
from datetime import datetime
from threading import Lock

from models.kit import clock

_COUNTER_BITS = 42


class _Births:
    """Millisecond and counter of the id before, so that each id of this process sorts after it
    (RFC 9562, 6.2, method 1, as CPython's ``uuid7``)."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._millis = self._counter = 0

    def next(self, millis: int) -> tuple[int, int]:
        """Within a millisecond, or when the clock went back, the counter goes on."""
        with self._lock:
            if millis > self._millis:
                self._begin(millis)
            elif self._counter + 1 >> _COUNTER_BITS:
                self._begin(self._millis + 1)
            else:
                self._counter += 1
            return self._millis, self._counter

    def _begin(self, millis: int) -> None:
        """Half of the counter is left to count."""
        self._millis, self._counter = millis, secrets.randbits(_COUNTER_BITS - 1)


_births = _Births()


def new_id() -> str:
    """A fresh UUIDv7: 48 bits of milliseconds, a counter, then random; of two ids made one after
    the other in this process the later sorts later."""
    now = int(clock.now().timestamp() * 1000) & (2**48 - 1)
    millis, counter = _births.next(now)
    first = millis << 80 | 0x7 << 76 | (counter >> 30) << 64
    value = first | 0b10 << 62 | (counter & (2**30 - 1)) << 32 | secrets.randbits(32)
    return f"{value:032x}"


def born(key: str) -> datetime | None:
    """When a UUIDv7 was made, by the clock of its computer, or later where that had gone back; None
    of another id."""
    try:
        return clock.from_millis(int(key[:12], 16)) if key[12:13] == "7" else None
    except (ValueError, OverflowError):  # somebody else's nonsense
        return None


def next_id(before: str) -> str:
    """A fresh UUIDv7 that sorts after another, whatever the clock says since."""
    fresh = new_id()
    return fresh if fresh > before else f"{int(before[:12], 16) + 1:012x}{fresh[12:]}"


def named_id(space: str, name: str) -> str:
    """UUIDv5 of a name within the space of another id: made twice, it is the same id."""
    return uuid.uuid5(uuid.UUID(hex=space), name).hex
