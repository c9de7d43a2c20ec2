"""Whose stick it is: what waits for it, how it is written and read, and what is said of that. The
steps one takes with it are the same (`usb`)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from app.kit.run import Session
from sync.link import Step
from sync.station.stick import Wrote


@dataclass(frozen=True)
class Waits:
    """What is to go, to whom, and the stick that is under way."""

    count: int
    name: str
    phone: str
    carried: str = ""
    counts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Loaded:
    """A stick was written, all of it or until somebody ``stopped`` it; ``came`` is what was read
    from it before, ``wrote`` is for the slip."""

    files: Sequence[Path] = ()
    count: int = 0
    came: str = ""
    changed: frozenset[str] = frozenset()
    wrote: Sequence[Wrote] = ()
    stopped: bool = False


@dataclass(frozen=True)
class Brought:
    """A stick was read; ``is_over``: nothing is left to do with it."""

    title: str
    text: str
    icon: str
    tone: str
    is_over: bool
    changed: frozenset[str] = frozenset()

    @classmethod
    def nothing(
        cls,
        peer: str,
        whom: str,
        refused: Sequence[tuple[str, str]],
        changed: frozenset[str],
        others: str = "",
    ) -> Self:
        """No answer for us that is new."""
        reasons = (others.lstrip("；"), *(f"{name}：{why}" for name, why in refused))
        text = "；".join(filter(None, reasons)) or f"请看是不是拿错了U盘，或{peer}还没有写回执"
        title = "没有读到" if refused else "U盘里没有"
        return cls(f"{title}给{whom}的新回执", text, "circle-alert", "warn", False, changed)

    @classmethod
    def read_before(cls, peer: str, left: int, more: str, changed: frozenset[str]) -> Self:
        """An answer, but not to what was written last."""
        text = f"{peer}还没有读最近写的数据包，还有 {left:,} 条等{peer}确认{more}"
        title = f"U盘里的{peer}回执以前读过"
        return cls(title, text, "circle-alert", "warn", False, changed)

    @classmethod
    def stored(cls, peer: str, text: str, left: int, changed: frozenset[str]) -> Self:
        """The other side has all that waits, and has not decided it yet."""
        title = f"回执已读入，{left:,} 条{peer}已收到，还没有办"
        text = f"不用再送，下次交换时取回结果；{text}"
        return cls(title, text, "clock", "warn", True, changed)

    @classmethod
    def answered(
        cls, peer: str, text: str, left: int, changed: frozenset[str], *, is_all: bool
    ) -> Self:
        """Done is said only of what the other side has confirmed whole (R5, R67)."""
        if is_all:
            return cls(f"上报完成，{peer}已确认", text, "check", "ok", True, changed)
        title = f"回执已读入，还有 {left:,} 条等{peer}确认" if left else "回执已读入，还没有取完"
        return cls(title, text, "clock", "warn", True, changed)


class Courier(Protocol):
    """``peer`` is whom it goes to; what is done with the stick may take long and raises Fault or
    Refusal. ``step`` may stop the writing between two files; ``slip`` draws the paper that goes
    along, if one does."""

    title: str
    peer: str

    @property
    def slip(self) -> Callable[[Loaded, Path, Waits], bytes] | None: ...
    def waits(self, session: Session) -> Waits: ...
    def write(self, folder: Path, step: Step) -> Loaded: ...
    def read(self, folder: Path, step: Step) -> Brought: ...


def first_refused(found: Sequence[tuple[str, str]]) -> str:
    """；name：why, of the first of the files that were not taken."""
    return f"；{found[0][0]}：{found[0][1]}" if found else ""
