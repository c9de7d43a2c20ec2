"""What happens to one field when a change meets the present value. Pure: no session.

Order is decided by what the author saw. The clock is asked only between changes that really were
made without knowledge of each other, and then capped, so that a wrong clock cannot win for years.
"""

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from models.kit.fields import Merge

TOLERANCE_MS = 24 * 3600 * 1000


class Fate(StrEnum):
    """What became of one field of a change. ``passed``: the present value says the same and is no
    older, or its author had gone on from this one already."""

    SET = "set"
    WON = "won"
    LOST = "lost"
    PASSED = "passed"
    CASE = "case"


class Result(StrEnum):
    """Exactly one per change. ``case``: its whole action stays outside until a person has ruled."""

    APPLIED = "applied"
    SUPERSEDED = "superseded"
    CONFLICT = "conflict-kept"
    CASE = "case"
    QUARANTINED = "quarantined"
    REFUSED = "refused"
    LATE = "late"
    ERASED = "erased"


OUTSIDE = frozenset({Result.CASE, Result.QUARANTINED, Result.REFUSED, Result.LATE})
"""Verdicts of changes that never entered the record."""
ENTERED = frozenset({Result.APPLIED, Result.SUPERSEDED, Result.CONFLICT})


class Rank(msgspec.Struct, frozen=True):
    """A change's place among concurrent ones: effective time, then id."""

    effective: int
    change_id: str

    def beats(self, other: "Rank") -> bool:
        """Is this the later one?"""
        return (self.effective, self.change_id) > (other.effective, other.change_id)


@dataclass(frozen=True, slots=True)
class Present:
    """The value a change meets that its author had not seen: the rank of the change behind it, None
    where that counts for nothing; whether it goes back to the one it meets; and whether both say
    the same."""

    rank: Rank | None = None
    went_on: bool = False
    says_same: bool = False


def effective(hlc: int, received_ms: int) -> int:
    """The claimed time, but at most a day after the centre received it."""
    return min(hlc, (received_ms + TOLERANCE_MS) << 16)


def decide(policy: Merge, mine: Rank, present: Present | None, *, owner: bool) -> Fate:
    """``present`` is None where the author saw what stands, or nothing does. ``owner``: does the
    author's side own the field? The other side's word never stands, seen or not."""
    if policy is Merge.OWNER and not owner:
        return Fate.LOST
    if present is None:
        return Fate.SET
    if present.went_on:
        return Fate.PASSED
    if policy is Merge.MANUAL:
        return Fate.PASSED if present.says_same else Fate.CASE
    is_later = present.rank is None or mine.beats(present.rank)
    if present.says_same:  # no dispute; whoever is met next meets the later of the two
        return Fate.SET if is_later else Fate.PASSED
    return Fate.WON if is_later else Fate.LOST
