"""A file of a station: what it was verified to be, how it is stored, what answers it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
from sqlalchemy import delete
from sqlalchemy.orm import Session

from models.exchange import RawBatch
from models.kit import clock
from models.kit.base import table_of
from models.kit.bulk import insert_rows
from sync import pack
from sync.centre.receiving.parties import Parties, parties
from sync.centre.receiving.streams import Entry, entries_in
from sync.keys import Keys
from sync.message import Header


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer file, and what it answers; ``is_new``: changes that never came before,
    ``is_decided``: not only stored, ``goes_on``: nor will it be before the end of its action comes.
    ``sha256`` is that of the file that came; ``kept`` what is kept of it where somebody in it was
    erased."""

    data: bytes
    header: Header
    received: int
    is_new: bool = False
    is_decided: bool = True
    goes_on: bool = False
    sha256: str = ""
    kept: bytes = b""


@dataclass(frozen=True, slots=True)
class Verified:
    """A file that is what it says it is: everything that can be wrong with it was looked for, and
    nothing of it is stored yet. ``proof`` are words of ours it brings; ``kept``: nothing of whoever
    was erased is in it any more."""

    data: bytes
    sha256: str
    header: Header
    entries: list[Entry]
    parties: Parties
    kept: bytes = b""
    proof: Sequence[bytes] = ()

    @property
    def is_further(self) -> bool:
        """Does it say more of a stream of which nothing is in doubt?"""
        stream = self.parties.stream
        is_clear = stream.forked_at is None and not self.parties.has_parked
        return is_clear and self.header.last > stream.contiguous

    @property
    def follows(self) -> bool:
        """Does it go on just where the stream ends for us?"""
        header, stream = self.header, self.parties.stream
        is_next = header.first == stream.contiguous + 1 and header.before == stream.head.hex()
        return self.is_further and is_next


@dataclass(slots=True)
class Opened:
    """What was read of files that wait for their turn, which mostly comes a moment later: none has
    to be opened twice. By the digest of their bytes as they are, so that one that was emptied
    meanwhile is opened again, like the oldest where there are more than ``room`` bytes of them,
    before packing."""

    room: int = 16 * 2**20
    files: dict[str, Verified] = field(default_factory=dict)
    size: int = 0

    def keep(self, file: Verified) -> None:
        """Until it is decided."""
        self._pop(file.sha256)
        self.files[file.sha256] = file
        self.size += file.header.size
        while self.size > self.room:
            self._pop(next(iter(self.files)))

    def take(self, data: bytes) -> Verified | None:
        """What was read of just these bytes; it is decided now."""
        return self._pop(hashlib.sha256(data).hexdigest()) if self.files else None

    def _pop(self, name: str) -> Verified | None:
        file = self.files.pop(name, None)
        self.size -= file.header.size if file else 0
        return file


def verified_before(
    session: Session, keys: Keys, data: bytes, sha256: str, opened: Opened
) -> Verified:
    """A file that was verified before it was stored."""
    packet = pack.read(data)
    found = parties(session, packet.header, sha256, was_let_in=True)
    if (file := opened.take(data)) is not None:
        return replace(file, parties=found)
    body = packet.body(keys, emptied=packet.is_emptied)
    entries = entries_in(packet.header, body.entries)
    return Verified(data, sha256, packet.header, entries, found, proof=body.proof)


def store(session: Session, file: Verified) -> None:
    """As it came, before anything of it is decided."""
    insert_rows(session, table_of(RawBatch), [as_it_came(session, file)])


def as_it_came(session: Session, file: Verified) -> dict[str, Any]:
    """Its row, in place of the one by which it was refused before."""
    raw = table_of(RawBatch)
    if file.parties.was_refused:
        session.execute(
            delete(raw).where(
                raw.c.office_id == file.header.sender_office, raw.c.sha256 == file.sha256
            )
        )
    file.parties.today += 1
    return {
        "office_id": file.header.sender_office,
        "sha256": file.sha256,
        "received_at": clock.now(),
        "header": msgspec.json.encode(file.header).decode(),
        "body": file.data,
        "incarnation": file.header.incarnation if file.entries else None,
        "last": file.header.last if file.entries else None,
    }
