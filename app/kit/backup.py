"""Encrypted copies: consistent while the program works, opened and compared before they count.

A copy is one file (a stored ZIP): the database under its own key, the keys that open it, and a
page about it that can be read without a password.
"""

import contextlib
import hashlib
import json
import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from app.kit import faults, keyfile
from app.kit.files import put, sweep, to_disk
from app.kit.files import replace as rename
from app.kit.lock import held
from app.kit.paths import Home
from models.kit import clock
from models.kit.db import Store, open_file
from models.kit.stream import StreamTables

FORMAT = 1
SUFFIX = ".backup"
SLOTS = (("noon", time(12, 0)), ("evening", time(17, 30)))
WORDS = {
    "noon": "自动备份",
    "evening": "自动备份",
    "upgrade": "升级前备份",
    "import": "导入前备份",
    "hand": "手工备份",
}
AT_LEAST = 3
ROOM = 20 * 2**30  # all of them together: photos make a copy big
SPARE = 50 * 1024 * 1024
BLOCK = 1 << 20
# every way a flipped bit in a ZIP comes out
UNREADABLE = (
    *(OSError, ValueError, KeyError, TypeError, EOFError, RuntimeError),
    *(zipfile.BadZipFile, zlib.error, struct.error),
)


@dataclass(frozen=True, slots=True)
class Copy:
    """One backup. ``seq`` is how far the stream had come; ``rows`` counts by table."""

    path: Path
    made_at: datetime
    reason: str
    seq: int
    head: str
    schema: str
    rows: Mapping[str, int]
    sha256: str
    size: int
    second: Path | None = None
    second_problem: str = ""

    @property
    def shown(self) -> str:
        """今天 12:00, 昨天 17:30, 11月20日 12:00."""
        at, today = clock.local(self.made_at), clock.today()
        days = (today - at.date()).days
        near = {0: "今天", 1: "昨天"}.get(days, f"{at.month}月{at.day}日")
        return f"{near} {at:%H:%M}"


def due(home: Home, now: datetime) -> str | None:
    """The slot of today that has passed without a copy since; ask every few minutes."""
    here = clock.local(now)
    latest = None
    for name, at in SLOTS:
        slot = here.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
        latest = (name, slot) if here >= slot else latest
    if latest is None:
        return None
    last = max((one.made_at for one in copies(home) if one.made_at <= now), default=None)
    return latest[0] if last is None or last < latest[1] else None


def make(
    home: Home,
    key: bytes,
    tables: StreamTables,
    reason: str,
    *,
    label: str = "",
    second: Path | None = None,
    keep: timedelta | None = None,
) -> Copy:
    """Copy, open, compare, pack, and copy once more to the second folder; then clear out what is
    older than ``keep``. Raises `faults.Fault`; the second folder is only complained about."""
    label, now = label or home.side, clock.now()
    name = f"{label}-{clock.local(now):%Y%m%d-%H%M%S}-{reason}{SUFFIX}"
    home.backups.mkdir(parents=True, exist_ok=True)
    with held(home.dir / "backup.lock"):
        sweep(home.backups, "*.part*")
        room(home.backups, 2 * home.database.stat().st_size)
        part = home.backups / f"{name}.part"
        try:
            about = _snapshot(home, key, tables, part)
            about |= {"made_at": now.isoformat(), "reason": reason}
            _pack(home, part, about, home.backups / name)
        except faults.errors() as error:
            if not os.access(home.backups, os.W_OK):
                said = "备份文件夹写不进去，没有做成备份，资料没有影响。请让管理员放开它的权限"
                raise faults.FileBusy(said) from error
            raise faults.of(error, home.backups) from error
        finally:
            sweep(home.backups, "*.part*")
    made = _twice(read(home.backups / name), second)
    for folder in (home.backups, made.second and made.second.parent):
        if folder is not None and keep is not None:
            _clear_out(folder, label, now, keep)
    return made


def room(folder: Path, wanted: int) -> None:
    """Refuse early where the disk has no room for so many bytes."""
    free = shutil.disk_usage(folder).free
    if free < wanted + SPARE:
        raise faults.DiskFull(faults.no_room(folder))


def _snapshot(home: Home, key: bytes, tables: StreamTables, part: Path) -> dict[str, Any]:
    """One moment of the database, page by page, and the proof that the copy holds it."""
    with _opened(home.database, key, tables) as source:
        with _opened(part, key, tables, fresh=True) as target, _raw(target) as to:
            with _raw(source) as of:
                of.execute("BEGIN")
                counted = _count(of, tables)
                of.backup(to)
                of.execute("ROLLBACK")
            to.execute("PRAGMA journal_mode = DELETE")
        with _opened(part, key, tables) as copied, _raw(copied) as again:
            again.execute("PRAGMA journal_mode = DELETE")
            if not sound(again) or _count(again, tables) != counted:
                raise faults.DatabaseDamaged("备份和原来的资料对不上，没有留下这份备份，请再试一次")
    to_disk(part)
    return counted


@contextlib.contextmanager
def _opened(
    path: Path, key: bytes, tables: StreamTables, *, fresh: bool = False
) -> Iterator[Engine]:
    store: Store = open_file(path, key, tables, fresh=fresh)
    try:
        yield store.engine
    finally:
        store.close()


@contextlib.contextmanager
def _raw(engine: Engine) -> Iterator[Any]:
    connection = engine.raw_connection()
    try:
        yield connection.driver_connection
    finally:
        connection.close()


def sound(connection: Any) -> bool:
    """Is every page authentic and every tree whole?"""
    foreign = connection.execute("PRAGMA cipher_integrity_check").fetchall()
    return not foreign and connection.execute("PRAGMA quick_check").fetchone()[0] == "ok"


def holds(store: Store, copy: Copy, tables: StreamTables) -> bool:
    """Is a copy that was taken out sound, and is in it what it says?"""
    said = {"rows": copy.rows, "seq": copy.seq, "head": copy.head, "schema": copy.schema}
    with _raw(store.engine) as raw:
        return sound(raw) and _count(raw, tables) == said


def _count(connection: Any, tables: StreamTables) -> dict[str, Any]:
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    rows = {
        name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
        for (name,) in sorted(names)
    }
    replica = connection.execute(
        f'SELECT seq, head FROM "{tables.replica.name}"'  # noqa: S608
    ).fetchone()
    version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return {
        "rows": rows,
        "seq": replica[0] if replica else 0,
        "head": bytes(replica[1]).hex() if replica else "",
        "schema": version[0] if version else "",
    }


def _pack(home: Home, part: Path, about: dict[str, Any], path: Path) -> None:
    """Database, keys and page into one file, read back before it gets its name."""
    digest = _digest(part)
    about |= {"format": FORMAT, "sha256": digest, "size": part.stat().st_size}
    packed = path.with_name(f"{path.name}.part.zip")
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as file:
        file.write(part, "database")
        file.writestr("keys.json", keyfile.encode(keyfile.load(home)))
        file.writestr("about.json", json.dumps(about, sort_keys=True))
    packed.chmod(0o600)
    to_disk(packed)
    if not whole(packed):
        raise faults.DatabaseDamaged("备份写到硬盘上以后读不回来，硬盘可能有问题，请换个位置备份")
    rename(packed, path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(path: Path) -> Copy:
    """What a backup says of itself; raises `faults.DatabaseDamaged` on anything else."""
    try:
        with zipfile.ZipFile(path) as file:
            about = json.loads(file.read("about.json"))
        return Copy(
            path,
            datetime.fromisoformat(about["made_at"]),
            about["reason"],
            about["seq"],
            about["head"],
            about["schema"],
            about["rows"],
            about["sha256"],
            about["size"],
        )
    except FileNotFoundError:
        raise
    except UNREADABLE as error:
        raise faults.DatabaseDamaged(f"{path.name} 不是桑榆的备份，或者已经损坏") from error


def whole(path: Path) -> bool:
    """Are the bytes those that were verified when it was made?"""
    try:
        with zipfile.ZipFile(path) as file, file.open("database") as stored:
            digest = hashlib.sha256()
            while block := stored.read(BLOCK):
                digest.update(block)
            about = json.loads(file.read("about.json"))
            keyfile.decode(file.read("keys.json"))
    except UNREADABLE:
        return False
    return bool(digest.hexdigest() == about.get("sha256"))


def take_out(copy: Copy, path: Path) -> keyfile.Body:
    """The database of a backup at a path, and the keys that came with it."""
    put(path, b"")
    try:
        with zipfile.ZipFile(copy.path) as file:
            with file.open("database") as stored, path.open("wb") as out:
                shutil.copyfileobj(stored, out, BLOCK)
            keys = keyfile.decode(file.read("keys.json"))
    except OSError:
        raise  # of the disk, not of the backup
    except UNREADABLE as error:
        raise faults.DatabaseDamaged("这份备份已经损坏，请选别的备份") from error
    to_disk(path)
    if _digest(path) != copy.sha256:
        raise faults.DatabaseDamaged("这份备份已经损坏，请选别的备份")
    return keys


def keys_of(copy: Copy) -> keyfile.Body | None:
    """The keys that lie in a backup; None where they are damaged."""
    try:
        with zipfile.ZipFile(copy.path) as file:
            return keyfile.decode(file.read("keys.json"))
    except UNREADABLE:
        return None


def copies(home: Home, second: Path | None = None) -> list[Copy]:
    """Every backup that can be read, newest first; those of the second folder only where the
    first has not got them. One from the future was made when the clock was wrong and comes last.
    Works before login."""
    found: dict[str, Copy] = {}
    for folder in (home.backups, second):
        for path in _files(folder):
            with contextlib.suppress(faults.DatabaseDamaged, FileNotFoundError):
                found.setdefault(path.name, read(path))
    return _newest_first(found.values())


def _newest_first(found: Iterable[Copy]) -> list[Copy]:
    now = clock.now()
    return sorted(found, key=lambda one: (one.made_at <= now, one.made_at), reverse=True)


def newest(home: Home, second: Path | None = None) -> Copy | None:
    """The newest backup whose bytes are right."""
    return next((one for one in copies(home, second) if whole(one.path)), None)


def _files(folder: Path | None) -> list[Path]:
    try:
        return sorted(folder.glob(f"*{SUFFIX}")) if folder else []
    except OSError:
        return []


def _twice(made: Copy, second: Path | None) -> Copy:
    if second is None:
        return made
    target = second / made.path.name
    part = target.with_name(f"{target.name}.part")
    try:
        second.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(made.path, part)
        to_disk(part)
        if not whole(part):
            raise OSError("not as written")
        rename(part, target)
    except (OSError, ValueError):  # ValueError: a path with a NUL in it
        with contextlib.suppress(OSError, ValueError):
            part.unlink(missing_ok=True)
        return replace(
            made, second_problem=f"没能存到第二个位置（{second}），请看U盘或网络位置在不在"
        )
    return replace(made, second=target)


def offices(home: Home, besides: Path) -> set[str]:
    """The codes in the names of the copies made here, but for one."""
    names = (path.name for path in _files(home.backups) if path != besides)
    return {code for name in names if (code := name.partition("-")[0]).isdigit()}


def _clear_out(folder: Path, label: str, now: datetime, keep: timedelta) -> None:
    """Our own copies that are older go, and the oldest where all together take too much; the last
    three always stay."""
    ours = []
    for path in _files(folder):
        if path.name.startswith(f"{label}-"):
            with contextlib.suppress(faults.DatabaseDamaged, FileNotFoundError):
                ours.append(read(path))
    ours = _newest_first(ours)
    taken = sum(one.size for one in ours[:AT_LEAST])
    for one in ours[AT_LEAST:]:
        taken += one.size
        if now - one.made_at > keep or taken > ROOM:
            with contextlib.suppress(OSError):
                one.path.unlink()
