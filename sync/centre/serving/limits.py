"""How much anybody may ask of the centre: files and bytes of one station, refused files of one
address, and what all bodies together hold in memory.

A station is known by the name in its file's header and the address it comes from, since the header
is not believed yet when it is asked: nobody uses up another's share from elsewhere.
"""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

KNOWN = 10_000
MEMORY = 256 * 2**20
LONGEST = 600.0


class Busy(Exception):
    """Come again in so many seconds; not all who hear it come at the same moment."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        whole = min(LONGEST, max(1.0, seconds))
        self.seconds = int(whole) + secrets.randbelow(int(whole / 2) + 2)


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``burst`` at once, and ``each_second`` in the long run."""

    burst: float
    each_second: float


FILES = Rate(200, 2)
BYTES = Rate(256 * 2**20, 2**20)
REFUSED = Rate(60, 0.2)


@dataclass(slots=True)
class Shares:
    """What is left of a rate, by name; only the latest names are remembered."""

    rate: Rate
    now: Callable[[], float] = time.monotonic
    left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def wait(self, name: str) -> float:
        """Seconds until this name has anything left; 0 where it has."""
        left = self._left(name)
        return 0.0 if left >= 1 else (1 - left) / self.rate.each_second

    def use(self, name: str, amount: float = 1) -> None:
        """Whoever has anything left may go below zero once, so that no file is too big for ever."""
        self.left[name] = (self._left(name) - amount, self.now())
        self.left.move_to_end(name)
        if len(self.left) > KNOWN:
            self.left.popitem(last=False)

    def _left(self, name: str) -> float:
        left, at = self.left.get(name, (self.rate.burst, 0.0))
        return min(self.rate.burst, left + (self.now() - at) * self.rate.each_second)


@dataclass(slots=True)
class Limits:
    """``held`` bytes of bodies are in memory now."""

    memory: int = MEMORY
    held: int = 0
    files: Shares = field(default_factory=lambda: Shares(FILES))
    bytes: Shares = field(default_factory=lambda: Shares(BYTES))
    refused: Shares = field(default_factory=lambda: Shares(REFUSED))

    def knock(self, address: str) -> None:
        """Before anything is read; raises Busy."""
        seconds = self.refused.wait(address)
        if seconds:
            raise Busy(seconds)

    def hold(self, size: int) -> None:
        """So many more bytes are in memory; raises Busy where that is too much."""
        if self.held + size > self.memory:
            raise Busy(20)
        self.held += size

    def admit(self, name: str, size: int) -> None:
        """A whole file of a station; raises Busy."""
        seconds = max(self.files.wait(name), self.bytes.wait(name))
        if seconds:
            raise Busy(seconds)
        self.files.use(name)
        self.bytes.use(name, size)
