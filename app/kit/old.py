"""An old database looked into: a backup, one set aside by a restore, one from a retired PC. A copy
is opened beside the home and taken away again; the original is never touched."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from app.kit import backup, faults, keyfile, start, vault, wrap
from app.kit.faults import errors
from app.kit.keyfile import Body
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.kit.start import Tables
from app.kit.vault import Vault
from models.kit.db import Store, open_file

SCRATCH = "salvage"


@contextmanager
def opened(
    home: Home,
    present: Vault,
    path: Path,
    tables: Tables,
    *,
    name: str | None = None,
    password: str | None = None,
) -> Iterator[Store]:
    """``name`` and ``password`` where it has another key than ours. Raises Refusal with the field
    ``password`` when that is missing, and faults for what is no database of ours."""
    scratch = home.dir / SCRATCH
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(mode=0o700)
    try:
        copy = scratch / "old.db"
        with faults.explained(home.dir):
            body = _bring(path, copy)
            key = _key(home, present, body, name, password)
            store = open_file(copy, key, tables.stream)
        try:
            with suppress(*errors()):
                start.bring_up(store, tables)
            yield store
        finally:
            store.close()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _bring(path: Path, copy: Path) -> Body | None:
    """The database beside, and the keys that came with it, if any."""
    if path.suffix == backup.SUFFIX:
        said = backup.read(path)
        backup.room(copy.parent, said.size)
        return backup.take_out(said, copy)
    if not path.is_file() or path.stat().st_size < start.PAGE:
        raise Refusal(f"{path.name} 不是桑榆的资料文件或备份，没有读入", "file")
    backup.room(copy.parent, path.stat().st_size)
    for suffix in ("", "-wal"):
        source = path.with_name(path.name + suffix)
        if source.exists():
            shutil.copyfile(source, copy.with_name(copy.name + suffix))
    try:
        return keyfile.load(Home(path.parent))
    except faults.Fault:
        return None


def _key(
    home: Home, present: Vault, body: Body | None, name: str | None, password: str | None
) -> bytes:
    if body is None or body["key"] == wrap.key_name(present.key):
        return present.key
    if not password:
        raise Refusal("这份资料用的是另一把钥匙，请输入那时的口令", "password")
    return vault.open_body(body, home, name, password)[1]
