"""Contents of attachments that an old database, a backup or a forgotten stick still has: what 找回
brings back of a photograph beside its record."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from models import attachment as contents
from models.kit.db import Store
from models.schema import values_of
from sync import blobs, files, pack
from sync.fault import Fault
from sync.keys import Keys
from sync.salvage import Bring, Salvage


def look_for(store: Store, office_id: str, found: Salvage, bring: Bring) -> Salvage:
    """Note which contents are there; each is read, since only that shows that it can be."""
    with store.look() as session:
        names = wanted(session, office_id, found)
    found.contents = [contents.digest_of(data) for data in bring(names)] if names else []
    found.absent, found.bring = len(names) - len(found.contents), bring
    return found


def wanted(session: Session, office_id: str, found: Salvage) -> list[str]:
    """Contents that are not here and that what would be offered names, or our records do."""
    said = (
        values_of(one.head, one.payload).get("sha256")
        for one in found.entries
        if one.head.entity == "attachment" and one.payload
    )
    named = dict.fromkeys(str(name) for name in said if name)
    named |= dict.fromkeys(contents.missing(session, office_id))
    here = contents.known(session, office_id, named)
    return [name for name in named if name not in here]


def of_store(old: Store, office_id: str, names: Iterable[str]) -> Iterator[bytes]:
    """Those of them that an old database has, one after the other, around pages that cannot be
    read any more."""
    with old.look() as session:
        for name in names:
            with suppress(DatabaseError):
                data = contents.content(session, office_id, name)
                if data is not None and contents.digest_of(data) == name:
                    yield data


def of_folder(keys: Keys, folder: Path, names: Iterable[str]) -> Iterator[bytes]:
    """Those of them that are in our own files on a stick. Raises Fault where it is gone."""
    left = set(names)
    for path in files.found(folder):
        for digest, data in _parcel(keys, path):
            if digest.hex() in left and blobs.is_right(digest, data):
                left.discard(digest.hex())
                yield data


def _parcel(keys: Keys, path: Path) -> list[tuple[bytes, bytes]]:
    """Nothing of what is no file of ours with contents."""
    try:
        packet = pack.read(files.get(path))
        if packet.header.kind != blobs.KIND:
            return []
        packet.check(keys.public)
        return blobs.parcel_of(packet, keys).blobs
    except Fault:
        return []


def keep(store: Store, office_id: str, came: Iterable[bytes]) -> int:
    """Before the records that name them are offered; each by itself, so that memory holds one and
    nobody waits. Returns how many."""
    count = 0
    for data in came:
        with store.apply() as session:
            contents.keep(session, office_id, data)
        count += 1
    return count
