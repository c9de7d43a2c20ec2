"""Restoring a backup: prepared beside the database, decided in one file, then put in place.

What is replaced is set aside and never deleted. A kill at any moment leaves either the old
installation or one that finishes by itself at the next start.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from typing import Generic, TypeVar

from app.kit import backup, faults, keyfile, start, vault
from app.kit.backup import Copy
from app.kit.faults import errors
from app.kit.files import put, replace, settle, sweep, to_disk, write_whole
from app.kit.lock import Lock
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.kit.start import Tables
from models.kit import clock
from models.kit.db import Store, is_whole, open_file

R = TypeVar("R")
SERVING = "接收服务正在用这份资料，没有恢复，资料没有变。请先停下服务，再恢复"


@dataclass(frozen=True, slots=True)
class Restored(Generic[R]):
    """``made_at`` is the moment restored, ``replaced`` where the old files are now."""

    made_at: datetime
    result: R
    replaced: Path


def restore(
    home: Home,
    file: Path,
    name: str | None,
    password: str,
    tables: Tables,
    renew: Callable[[Store, str], R],
) -> Restored[R]:
    """Bring a backup back. ``renew(store, account)`` makes the copy a new incarnation before it
    takes the place of the old one. The installation must be closed."""
    if not file.is_file():
        raise Refusal(f"没有找到备份文件 {file.name}", "file")
    lock, served = start.claim(home), Lock(home.serving)
    try:
        if not served.take():
            raise Refusal(SERVING, "file")
        home.make()
        finish(home)
        sweep(home.dir, "*.restored*")
        return _restore(home, backup.read(file), name, password, tables, renew)
    except errors() as error:
        raise faults.of(error, home.dir) from error
    finally:
        if not home.restoring.exists():
            sweep(home.dir, "*.restored*")
        served.release()
        lock.release()


def _restore(
    home: Home,
    copy: Copy,
    name: str | None,
    password: str,
    tables: Tables,
    renew: Callable[[Store, str], R],
) -> Restored[R]:
    backup.room(home.dir, 2 * copy.size)
    ready = _beside(home.database)
    body = _keys(home, backup.take_out(copy, ready))
    account, key = vault.open_body(body, home, name, password)
    result = _prepare(ready, key, account, tables, renew)
    put(_beside(home.keys), keyfile.encode(body | {"file": vault.file_mark(ready)}))
    aside = _fresh_name(home)
    write_whole(home.restoring, json.dumps({"aside": aside}).encode())
    finish(home)
    return Restored(copy.made_at, result, home.replaced / aside)


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.restored")


def set_aside(home: Home) -> Path | None:
    """Where the files are that the last restore replaced."""
    return max(home.replaced.glob("*"), default=None)


def _fresh_name(home: Home) -> str:
    first = f"{clock.local(clock.now()):%Y%m%d-%H%M%S}"
    taken = {path.name for path in home.replaced.glob(f"{first}*")}
    return next(
        one for one in chain([first], (f"{first}-{n}" for n in count(2))) if one not in taken
    )


def _keys(home: Home, kept: keyfile.Body) -> keyfile.Body:
    """The present keys where they open the same data (passwords changed since stay changed), else
    those of the backup."""
    try:
        present = keyfile.load(home)
    except (faults.KeysMissing, faults.KeysDamaged):
        return kept
    return present if present["key"] == kept["key"] else kept


def _prepare(
    path: Path, key: bytes, account: str, tables: Tables, renew: Callable[[Store, str], R]
) -> R:
    store = open_file(path, key, tables.stream)
    try:
        if not is_whole(store):
            raise faults.DatabaseDamaged("这份备份已经损坏，请选别的备份")
        start.bring_up(store, tables)
        result = renew(store, account)
        start.one_file(store)
    finally:
        store.close()
    to_disk(path)
    return result


def finish(home: Home) -> None:
    """Put in place what a restore has decided; does nothing where there is none."""
    if not home.restoring.exists():
        return
    aside = home.replaced / _planned(home)
    aside.mkdir(parents=True, exist_ok=True, mode=0o700)
    database, keys = _beside(home.database), _beside(home.keys)
    if database.exists():
        _put_aside(home, aside)
        replace(database, home.database)
    if keys.exists():
        write_whole(keyfile.second_copy(home), keys.read_bytes())
        replace(keys, home.keys)
    home.restoring.unlink()
    settle(home.dir)


def _planned(home: Home) -> str:
    """Where the present files go; a plan that a disk has damaged was a decision all the same."""
    try:
        return Path(json.loads(home.restoring.read_text("utf-8"))["aside"]).name
    except (ValueError, KeyError, TypeError, RecursionError):
        return _fresh_name(home)


def _put_aside(home: Home, aside: Path) -> None:
    """The log before the file it belongs to: without its log a database must never be opened."""
    for path in (home.keys, keyfile.second_copy(home)):
        if path.exists() and not (aside / path.name).exists():
            write_whole(aside / path.name, path.read_bytes())
    for suffix in ("-wal", "-shm", ""):
        path = home.database.with_name(home.database.name + suffix)
        if path.exists():
            replace(path, aside / path.name)
    settle(aside)


def mend_keys(home: Home, second: Path | None = None) -> bool:
    """Where both copies of the keys are lost and the database is here: take those of the newest
    backup that belong to this very file. Passwords are then those of that time."""
    try:
        keyfile.load(home)
    except (faults.KeysMissing, faults.KeysDamaged):
        mark = vault.file_mark(home.database) if home.database.exists() else ""
        for copy in backup.copies(home, second) if mark else ():
            body = backup.keys_of(copy)
            if body is not None and body["file"] == mark:
                _put_by(home.keys)
                _put_by(keyfile.second_copy(home))
                keyfile.save(home, body | {"mended": copy.made_at.isoformat()})
                return True
    return False


def _put_by(path: Path) -> None:
    if path.exists():
        replace(path, path.with_name(f"{path.name}.damaged"))
