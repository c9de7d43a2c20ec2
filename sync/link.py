"""A link carries files to the centre and answers back. Two methods; how is its own affair."""

from collections.abc import Callable
from typing import Protocol

Step = Callable[[int, str], bool]
"""Told how many are done and of what; the answer is whether to stop."""
LONG = 3
"""Days without anybody at the other end, after which that is said in other words."""


def go_on(_number: int, _words: str) -> bool:
    """Nobody looks on."""
    return False


class Link(Protocol):
    """Something that can hand one file to the centre and bring the answer."""

    def exchange(self, data: bytes) -> bytes:
        """Send one file, return the answer file; raises Fault."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...
