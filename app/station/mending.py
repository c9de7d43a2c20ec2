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

BESIDE = "之后收到和录入的，下次打开时从原始数据存底补齐；存底也没有的，下次交换时补报"
AGAIN = "有 {} 条还没有定论，会重新上报，不会重复"
FIND = "备份以后录入、还没有上报的，登录后在“数据交换”的“找回资料”里选原来的资料文件找回"


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


def after_restoring(home: Home, done: Restored[int]) -> list[str]:
    """What becomes of what the copy lacks, and what a person can do about it (R10)."""
    if home.side == "centre":
        return [BESIDE]
    said = [AGAIN.format(done.result) if done.result else "备份里的都已上报过，没有要重新上报的"]
    return [*said, FIND] if (done.replaced / home.database.name).exists() else said


def _renew(ours: set[str], erased: Mapping[str, str], store: Store, who: str) -> int:
    """Only a backup from another folder can be another office's; in a fresh folder any is right."""
    with store.look() as session:
        own = session.get_one(Office, session.scalars(select(Replica.office_id)).one())
        if ours and own.code not in ours:
            raise Refusal(f"这份备份是“{own.name}”的，不是本站的，没有恢复。请另选一份备份", "file")
    erasure.erase_again(store, erased)
    return renewal.renew(store, who, "恢复备份")
