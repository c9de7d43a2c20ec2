"""What an entry still says whose values an erasure took: its verdict, where it had one."""

from collections.abc import Iterable

import msgspec

from models.kit.stream import GARBLED
from sync.centre.deciding.said import Said
from sync.merge import OUTSIDE, Result

WHY = "这个人的资料已按规定清除"
LEFT = b"left:"  # no payload begins with it


def verdict_in(payload: bytes) -> tuple[Result, str] | None:
    """What became of an entry whose values are gone; None of one that has them."""
    if not payload:
        return Result.ERASED, WHY
    if not payload.startswith(LEFT):
        return None
    try:
        result, reason = msgspec.msgpack.decode(payload.removeprefix(LEFT), type=tuple[str, str])
        return Result(result), reason
    except (ValueError, *GARBLED):
        return Result.ERASED, WHY


def any_gone(action: Iterable[Said]) -> bool:
    """Does an action have entries whose values are gone?"""
    return any(not one.entry.payload or one.entry.payload.startswith(LEFT) for one in action)


def set_aside(found: Iterable[tuple[Result, str]]) -> tuple[Result, str] | None:
    """The verdict of the whole action, where it did not enter."""
    return next((one for one in found if one[0] in OUTSIDE), None)


def left(outcome: str, reason: str) -> bytes:
    """In place of the values of a change that had been decided."""
    return LEFT + msgspec.msgpack.encode((outcome, reason))
