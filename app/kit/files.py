"""Small files that must never be found half-written."""

import contextlib
import os
import sys
from pathlib import Path

from models.kit.held import patiently

ABANDONED = 600.0
"""Seconds after which a part beside a file has no writer any more."""


def write_whole(path: Path, data: bytes) -> None:
    """Replace a file or leave it as it was: beside it, to the disk, renamed, read back.

    What a killed write of the same file left beside it long ago goes with this one.
    """
    beside = path.with_name(f"{path.name}.{os.urandom(4).hex()}.part")
    try:
        put(beside, data)
        _sweep_abandoned(path, beside.stat().st_mtime - ABANDONED)
        replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    if path.read_bytes() != data:
        raise OSError(f"{path.name} was not stored as written")


def _sweep_abandoned(path: Path, before: float) -> None:
    """By the disk's own clock; the name is taken as it is, whatever a pattern would read in it."""
    with contextlib.suppress(OSError):
        for one in path.parent.iterdir():
            ours = one.name.startswith(f"{path.name}.") and one.suffix == ".part"
            if ours and one.stat().st_mtime < before:
                one.unlink()


def put(path: Path, data: bytes) -> None:
    """Write and wait until the disk has it; readable by this user only."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def replace(source: Path, target: Path) -> None:
    """Rename over; patient with scanners that hold the target open on Windows."""
    patiently(lambda: source.replace(target))
    settle(target.parent)


def settle(folder: Path) -> None:
    """Make renames in a folder survive a power cut; Windows does so by itself."""
    if sys.platform != "win32":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def to_disk(path: Path) -> None:
    """Wait until the disk has a file that someone else wrote."""
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(folder: Path, pattern: str = "*.part") -> None:
    """Remove what a killed write left behind."""
    for one in folder.glob(pattern):
        with contextlib.suppress(OSError):
            one.unlink()
