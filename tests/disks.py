"""Real small file systems."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small(folder: Path, megabytes: int) -> Iterator[Path]:
    """Of a few megabytes; only root can mount one."""
    folder.mkdir()
    line = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if subprocess.run(line, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small disk here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def protect(small: Path, how: str) -> None:
    """Let nobody write there any more (``ro``), or again (``rw``)."""
    subprocess.run(["mount", "-o", f"remount,{how}", str(small)], check=True)
