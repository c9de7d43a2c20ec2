"""What was written over what: the order of our own words where clocks do not tell it."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from models.kit.stream import Head

T = TypeVar("T")


def behind_bases(given: Iterable[tuple[T, Sequence[Head]]]) -> list[T]:
    """In the given order, by clock, but each behind what its author saw: a clock that was years
    ahead has come back since, or another stream's was behind. Each has one head or those of an
    action."""
    units = list(given)
    at = {head.change_id: place for place, (_, heads) in enumerate(units) for head in heads}
    begun, done = set[int](), dict[int, None]()
    for place in range(len(units)):
        waiting = [place]
        while waiting:
            last = waiting[-1]
            begun.add(last)
            bases = {base for head in units[last][1] for base in head.bases.values()}
            before = {at[base] for base in bases & at.keys()} - begun
            if before:
                waiting.append(min(before))
            else:
                done[waiting.pop()] = None
    return [units[place][0] for place in done]
