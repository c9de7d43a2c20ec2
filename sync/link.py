"""A link carries files to the centre and answers back. Two methods; how is its own affair."""

from typing import Protocol

LONG = 3
"""Days without anybody at the other end, after which that is said in other words."""


class Step(Protocol):
    """Somebody looks on."""

    def __call__(self, number: int, words: str, share: float = 0, /) -> bool:
        """Told the step, in words too, and how much of it is done, 0 to 1; the answer is whether
        to stop."""
        ...


def go_on(_number: int, _words: str, _share: float = 0) -> bool:
    """Nobody looks on."""
    return False


def so_far(files: int, whole: int, did: str = "写好") -> tuple[int, str, float]:
    """For a `Step` that looks on while so many files go onto a stick, or are read from it."""
    whole = max(1, files, whole)
    return 1, f"{did} {files} / {whole} 个文件", files / whole


def size_words(size: int) -> str:
    """Of so many bytes: 1.2 MB."""
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(1, size // 1024)} KB"


class Link(Protocol):
    """Something that can hand one file to the centre and bring the answer."""

    def exchange(self, data: bytes) -> bytes:
        """Send one file, return the answer file; raises Fault."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...
