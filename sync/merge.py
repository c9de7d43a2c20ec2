"""What happens to one field when a change meets the present value. Pure: no session.

Order is decided by what the author saw. The clock is asked only between changes that really were
made without knowledge of each other, and then capped, so that a wrong clock cannot win for years.
"""

from dataclasses import dataclass
from enum import StrEnum

from models.kit.fields import Merge

TOLERANCE_MS = 24 * 3600 * 1000


class Fate(StrEnum):
    """What became of one field of a change."""

    SET = "set"
    WON = "won"
    LOST = "lost"
    CASE = "case"


class Result(StrEnum):
    """Exactly one per change."""

    APPLIED = "applied"
    SUPERSEDED = "superseded"
    CONFLICT = "conflict-kept"
    QUARANTINED = "quarantined"
    REFUSED = "refused"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Rank:
    """A change's place among concurrent ones: effective time, then id."""

    effective: int
    change_id: str

    def beats(self, other: "Rank") -> bool:
        """Is this the later one?"""
        return (self.effective, self.change_id) > (other.effective, other.change_id)


def effective(hlc: int, received_ms: int) -> int:
    """The claimed time, but at most a day after the centre received it."""
    return min(hlc, (received_ms + TOLERANCE_MS) << 16)


def decide(
    policy: Merge, base: str, current: str, mine: Rank, theirs: Rank | None, *, owner: bool
) -> Fate:
    """``current`` is the change behind the present value (empty: none), ``theirs`` its rank when
    it is needed, ``owner`` whether the author's side owns the field."""
    if current in ("", base, mine.change_id):
        return Fate.SET
    if policy is Merge.MANUAL:
        return Fate.CASE
    if policy is Merge.OWNER:
        return Fate.WON if owner else Fate.LOST
    if theirs is None or mine.beats(theirs):
        return Fate.WON
    return Fate.LOST


def union(base: list[str], current: list[str], mine: list[str]) -> list[str]:
    """Members both sides left or added; what either side took away stays away."""
    gone = set(base) - set(mine)
    added = [one for one in mine if one not in base and one not in current]
    return [one for one in current if one not in gone] + added
