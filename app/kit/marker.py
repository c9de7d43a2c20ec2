"""A mark outside the database that says how far it had come on this computer (sync.md 4.9).

A file that was put back or copied looks sound from within. The mark, kept in another place than
the data and written after every commit, tells the difference before anything is written.
"""

import contextlib
import hashlib
import json
import os
import secrets
import sys
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import platformdirs

from app.kit.paths import Home
from models.kit.stream import Position

FOLDER = "marks"


class Found(StrEnum):
    """What a database is, beside the mark of its place."""

    SAME = "same"
    BEHIND = "behind"
    COPIED = "copied"


def place() -> Path:
    """Of the machine on Windows, so that the mark stays where the data are carried away or back;
    elsewhere of the user."""
    if sys.platform == "win32":
        return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData"), "sangyu", FOLDER)
    return platformdirs.user_state_path("sangyu", appauthor=False) / FOLDER


@dataclass(slots=True)
class Marker:
    """The mark of one installation in one folder. ``erased`` are people whose data were erased
    here, with the token of that order in hex: a file that is put back does not bring them back."""

    path: Path
    last: Position | None = field(default=None, repr=False)
    erased: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, home: Home) -> "Marker":
        """By the database's own path: a copy in another folder has none."""
        name = hashlib.sha256(str(home.database.resolve()).encode()).hexdigest()[:32]
        return cls(place() / f"{name}.json")

    def exists(self) -> bool:
        """Has this place ever been worked in?"""
        return self.path.exists()

    def read(self) -> Position | None:
        """None where there is none, or none that can be read after a power cut."""
        try:
            said = json.loads(self.path.read_bytes())
            gone = said.get("erased", {})  # a list before orders had tokens
            self.erased |= gone if isinstance(gone, dict) else dict.fromkeys(map(str, gone), "")
            return Position(said["incarnation"], int(said["seq"]), bytes.fromhex(said["head"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def write(self, at: Position) -> None:
        """After a commit. Not waited for: a mark behind its database does no harm, and where none
        can be written the centre still sees a fork."""
        if at == self.last:
            return
        self.erased |= at.erased
        beside = self.path.with_name(f"{self.path.name}.{secrets.token_hex(4)}")
        said = {"incarnation": at.incarnation, "seq": at.seq, "head": at.head.hex()}
        said |= {"erased": self.erased} if self.erased else {}
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            beside.write_bytes(json.dumps(said).encode())
            beside.replace(self.path)
            self.last = at

    def forget(self) -> None:
        """Before the program itself puts a file there, the first one too: what is found then is
        meant. Who was erased is not forgotten. A mark that cannot be emptied costs one more
        incarnation, so it is no reason to stop."""
        self.last = None
        self.read()
        kept = json.dumps({"erased": self.erased}) if self.erased else ""
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.path.write_bytes(kept.encode())

    def judge(self, mark: Position | None, now: Position, head_at: bytes | None) -> Found:
        """``mark`` as read before the database was opened; ``head_at`` the chain value the
        database has at the mark's number."""
        if mark is None:
            return Found.SAME if self.exists() else Found.COPIED
        if mark.incarnation == now.incarnation and head_at == mark.head:
            return Found.SAME
        return Found.BEHIND
