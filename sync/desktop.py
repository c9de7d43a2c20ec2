"""What the desktop of a centre has done by the server's code, which no screen may import: the
command that opens the window hands it in. Sticks that stations bring to the counter, the way to the
city, and what an older copy of the database lacks."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from sqlalchemy.orm import Session

from sync.fault import Fault
from sync.own_card import Secrets
from sync.uplink import Came, Relayed, Uplink

How = Literal["renew", "replace"]
"""A new certificate is told first and shown once all know it, or shown at once."""
# at which file of how many, whose it is; the answer is whether to stop
Step = Callable[[int, int, str], bool]


@dataclass(slots=True)
class FromOne:
    """What one computer had on a stick. ``entries`` came for the first time, ``waiting`` of its
    entries wait for others to come first; ``stored`` are not decided yet, because the program
    failed at a file of theirs where they are ``stuck``; ``contents`` are files of photos and scans;
    ``refused`` are sentences, one for each file."""

    replica: str
    name: str = ""
    files: int = 0
    entries: int = 0
    waiting: int = 0
    stored: int = 0
    stuck: bool = False
    contents: int = 0
    refused: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Collected:
    """What was read from a stick. ``others`` files are for somebody else; ``strange`` are (file
    name, sentence) of those that do not say whose they are; ``answer`` is our city's; ``unwritten``
    why a reply could not be written at once."""

    stations: list[FromOne] = field(default_factory=list)
    others: int = 0
    strange: list[tuple[str, str]] = field(default_factory=list)
    answer: Relayed | None = None
    unwritten: Fault | None = None
    stopped: bool = False

    @property
    def entries(self) -> int:
        """Of all of them, for the first time."""
        return sum(one.entries for one in self.stations)


@dataclass(frozen=True, slots=True)
class Answered:
    """Receipts on a stick: for how many computers, in how many files."""

    stations: int = 0
    files: int = 0
    stopped: bool = False


class Serving(Protocol):
    """An open centre's. Each method may take long and raises Fault."""

    def ready(self) -> str:
        """Bring up what an older copy of the database lacks; the sentence for the person, if
        any."""

    def renew(self, session: Session, secrets: Secrets, how: How, name: str) -> None:
        """Another certificate, in the caller's transaction."""

    def city(self) -> Uplink:
        """A district's way to its city."""

    def fetch(self, folder: Path, step: Step | None = None) -> Came:
        """What is on a stick for a district: its city's answer, and files of its stations."""

    def collect(self, folder: Path, step: Step | None = None) -> Collected:
        """Take in every station's file on a stick, or at a city every district's."""

    def reply(self, folder: Path, whose: Collection[str], step: Step | None = None) -> Answered:
        """Their receipts onto a stick."""
