"""Locks the operating system lets go of when the process ends, however it ends."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

WAIT = 10.0


class Lock:
    """One process at a time; not a stale number in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    def take(self) -> bool:
        """Now or not at all."""
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _hold(handle)
        except (BlockingIOError, PermissionError):
            os.close(handle)
            return False
        except OSError:
            os.close(handle)
            raise
        self._handle = handle
        return True

    def release(self) -> None:
        """Let others in; harmless when not held."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _hold(handle: int) -> None:
    if sys.platform == "win32":
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Wait a little for a short piece of work another process does."""
    lock, until = Lock(path), time.monotonic() + WAIT
    while not lock.take():
        if time.monotonic() > until:
            raise TimeoutError(f"{path.name} is held")
        time.sleep(0.02)
    try:
        yield
    finally:
        lock.release()
