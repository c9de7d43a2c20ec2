"""The order in which our own words were said. No clock tells it: one may have been years ahead, and
been put right since."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from models.exchange import Change
from models.kit.stream import Head

T = TypeVar("T")


def said_at(session: Session, *about: ColumnElement[bool]) -> dict[str, tuple[str, int]]:
    """Where each of these changes was written: its first place in the log. One that was offered
    again stands behind what was said later; streams follow one another by their names."""
    rows = session.execute(
        select(Change.change_id, Change.incarnation, Change.seq)
        .where(Change.change_id.in_(select(Change.change_id).where(*about)))
        .order_by(Change.incarnation.desc(), Change.seq.desc())
    )
    return {row.change_id: (row.incarnation, row.seq) for row in rows}


def behind_bases(given: Iterable[tuple[T, Sequence[Head]]]) -> list[T]:
    """In the given order, but each behind what its author saw: of what another computer wrote in
    the same place the log does not tell when. Each has one head or those of an action."""
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
