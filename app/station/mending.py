"""When something went wrong: a forgotten password, a backup put back."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from sqlalchemy import select

from app import erasure, renewal
from app.kit import backup, faults, restore, start, vault
from app.kit.marker import Marker
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.kit.restore import Restored
from app.kit.start import Store
from app.station.installation import TABLES
from models.exchange import Replica
from models.office import Office


def recover(home: Home, code: str, name: str, new_password: str) -> str:
    """Forgotten password: the card gives a new one and a new card, which is returned."""
    lock = start.claim(home)
    try:
        with faults.explained(home.dir):
            restore.finish(home)
            _, fresh = vault.recover(home, code, name, new_password)
        return fresh
    finally:
        lock.release()


def restore_station(home: Home, file: Path, name: str | None, password: str) -> Restored[int]:
    """Bring a backup back as a new incarnation; ``result`` entries are offered to the centre
    again. The installation must be closed. Raises Refusal for another office's backup."""
    marker = Marker.of(home)
    marker.forget()
    ours = backup.offices(home, file) if home.database.exists() else set()
    renew = partial(_renew, ours, marker.erased)
    return restore.restore(home, file, name, password, TABLES, renew)


def _renew(ours: set[str], erased: Mapping[str, str], store: Store, who: str) -> int:
    """Only a backup from another folder can be another office's; in a fresh folder any is right."""
    with store.look() as session:
        own = session.get_one(Office, session.scalars(select(Replica.office_id)).one())
        if ours and own.code not in ours:
            raise Refusal(f"这份备份是“{own.name}”的，不是本站的，没有恢复。请另选一份备份", "file")
    erasure.erase_again(store, erased)
    return renewal.renew(store, who, "恢复备份")
