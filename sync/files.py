"""Files on a stick (U盘): whole or not at all.

Any stick will do. Free space is checked, the bytes go under a temporary name, are flushed to the
device, renamed and read back. Nobody else's file is ever touched; one that another program holds
is waited for a little.
"""

import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from models.kit.held import patiently
from sync.fault import Fault, broken, held, no_folder, no_room, pulled, read_only, unreadable_stick
from sync.message import FILE_LIMIT

SUFFIX = ".sangyu"
SPARE = 2**20
SHARING = (32, 33)
"""Windows' own numbers for a file, or a part of one, that somebody has open."""


def put(folder: Path, name: str, data: bytes) -> Path:
    """Write one file; raises Fault, and then nothing of it is left under its name."""
    target, part = folder / name, folder / f"{name}.part"
    ours, was_made = [part], False
    _there(folder)
    try:
        free = shutil.disk_usage(folder).free
        if free < len(data) + SPARE:
            raise no_room(free // 2**20)
        with patiently(lambda: part.open("wb")) as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        was_made = True
        patiently(lambda: part.replace(target))
        ours.append(target)
        _sync_folder(folder)
        if hashlib.sha256(patiently(target.read_bytes)).digest() != hashlib.sha256(data).digest():
            raise OSError(errno.EIO, "not as written")
    except OSError as error:
        for left in ours:
            take_away(left)
        if is_held(error) or (was_made and isinstance(error, PermissionError)):
            raise held(name) from None
        raise _fault(error, folder) from None
    return target


def is_held(error: OSError) -> bool:
    """Does Windows itself say that another program has the file open?"""
    return getattr(error, "winerror", None) in SHARING


def _fault(error: OSError, folder: Path) -> Fault:
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return read_only()
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        with contextlib.suppress(OSError):
            return no_room(shutil.disk_usage(folder).free // 2**20)
        return no_room(0)
    return pulled()


def _sync_folder(folder: Path) -> None:
    """Make the rename last; a folder cannot be opened for this on Windows."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def found(folder: Path) -> Iterator[Path]:
    """Our kind of file in the folder itself; nothing is followed, nothing is run."""
    _there(folder)
    try:
        ours = [path for path in sorted(folder.iterdir()) if _is_ours(path)]
    except OSError:
        raise unreadable_stick() from None
    yield from ours


def _is_ours(path: Path) -> bool:
    return path.suffix == SUFFIX and path.is_file() and not path.is_symlink()


def _there(folder: Path) -> None:
    try:
        there = folder.is_dir()
    except OSError:
        there = False
    if not there:
        raise no_folder()


def get(path: Path) -> bytes:
    """Read one file; raises Fault when it cannot be read whole."""
    try:
        if path.stat().st_size > FILE_LIMIT:
            raise broken()
        return patiently(path.read_bytes)
    except PermissionError:
        raise held(path.name, "读入") from None
    except OSError:
        raise unreadable_stick() from None


def beginning(path: Path, size: int) -> bytes:
    """The first bytes of a file; raises Fault."""
    try:
        with patiently(lambda: path.open("rb")) as opened:
            return opened.read(size)
    except PermissionError:
        raise held(path.name, "读入") from None
    except OSError:
        raise unreadable_stick() from None


def take_away(path: Path) -> bool:
    """Remove a file of our own; a stick that refuses keeps it, and that is no harm."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return False
    return True
