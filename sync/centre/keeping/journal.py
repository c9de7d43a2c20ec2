"""What the centre received and what its people wrote, once more outside its database, in files
that are written once (sync.md 4.9): encrypted as it came, or to ourselves. Only an erasure takes
values out of them.

Files are numbered in the order of commits. A file is there before the transaction that takes it in
is committed, so that the database can only ever lack what is here, never the reverse.
"""

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from models.kit.stream import GARBLED
from sync.fault import Fault

SUFFIX = ".raw"
STATE = "state.json"
# a file decided as it came; one stored before it was decided, and which of those were decided then
RECEIVED, STORED, DECIDED = "received", "stored", "decided"
OWN, LOCAL, UPGRADE = "own", "local", "upgrade"


class Kept(msgspec.Struct, array_like=True, frozen=True):
    """One thing kept: bytes as they came, and when, in microseconds since 1970; ``sha256`` of what
    came where something was taken out of it since (`sync.centre.keeping.erasing`)."""

    kind: str
    at: int
    data: bytes
    sha256: str = ""


class State(msgspec.Struct, frozen=True):
    """Of no value beyond the files: the epoch of the centre, the last number whose answers may have
    been given, how far our own stream is kept, the digest of the local rows kept last, and how many
    there were."""

    epoch: int = 1
    told: int = 0
    incarnation: str = ""
    own: int = 0
    local: str = ""
    counted: str = ""


@dataclass(slots=True)
class Journal:
    """The files of one folder. One writer at a time."""

    folder: Path

    def state(self) -> State | None:
        """None where there is none that can be read."""
        try:
            return msgspec.json.decode((self.folder / STATE).read_bytes(), type=State)
        except (OSError, *GARBLED):
            return None

    def note(self, state: State) -> None:
        """Not waited for: where it is lost, every answer counts as given."""
        beside = self.folder / f"{STATE}.part"
        beside.write_bytes(msgspec.json.encode(state))
        beside.replace(self.folder / STATE)

    def numbers(self) -> list[int]:
        """Of every file, in order."""
        names = (one.name for one in self.folder.glob(f"*{SUFFIX}"))
        return sorted(int(name.removesuffix(SUFFIX)) for name in names if name[0].isdigit())

    def read(self, number: int) -> list[Kept]:
        """Raises Fault for a file that is damaged."""
        try:
            return _decode((self.folder / _name(number)).read_bytes())
        except (OSError, *GARBLED):
            said = "区中心的原始数据存底有一个文件读不出来，没有接着开。请先找人看看存底文件夹"
            raise Fault("journal", said) from None

    def write(self, kept: Sequence[Kept], last: int = 0) -> int:
        """The next file after ``last`` and whatever follows it, on the disk when this returns; its
        number. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        number = last + 1
        while (self.folder / _name(number)).exists():
            number += 1
        self.write_over(number, kept)
        return number

    def write_over(self, number: int, kept: Sequence[Kept]) -> None:
        """A file whole in its place, or as it was; a second time only for an erasure."""
        beside = self.folder / f"{_name(number)}.part"
        with beside.open("wb") as out:
            out.write(_encode(list(kept)))
            out.flush()
            os.fsync(out.fileno())
        beside.replace(self.folder / _name(number))
        _settle(self.folder)


def _name(number: int) -> str:
    return f"{number:012d}{SUFFIX}"


def _settle(folder: Path) -> None:
    """The name too is on the disk; Windows has no such call and needs none."""
    with contextlib.suppress(OSError, AttributeError):
        door = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(door)
        finally:
            os.close(door)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Kept]).decode
