"""A link carries files to the centre and answers back. Two methods; how is its own affair."""

from typing import Protocol


class Link(Protocol):
    """Something that can hand one file to the centre and bring the answer."""

    def exchange(self, data: bytes) -> bytes:
        """Send one file, return the answer file; raises Fault."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...
