"""Files that a person named: written whole, and read no further than they can be ours."""

from pathlib import Path

from app.kit.files import write_whole
from app.kit.refusal import Refusal
from sync.fault import not_ours
from sync.message import FILE_LIMIT


def save(path: Path, data: bytes) -> Path:
    """A file the person named, whole or not at all."""
    try:
        write_whole(path, data)
    except OSError:
        raise Refusal(f"“{path.name}”写不进去，请看U盘是不是满了或开了写保护，再试一次") from None
    return path


def read(path: Path) -> bytes:
    """A file the person named; raises Refusal, and Fault for one that is too long to be ours."""
    try:
        if path.stat().st_size > FILE_LIMIT:
            raise not_ours()
        return path.read_bytes()
    except OSError:
        raise Refusal("这个文件读不出来，U盘可能松了。请重新插好再选一次") from None
