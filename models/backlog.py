"""What a centre has received and not decided yet (已收好，还没有办), by stream."""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from models.exchange import Queued, RawBatch, Stream


@dataclass(frozen=True, slots=True)
class Backlog:
    """``entries`` of the computer ``replica``, the first of which came at ``since``, the newest at
    ``last_at``. At ``stuck`` of their files the program failed; ``is_begun``: no action ends in
    them, so they wait for the rest of it."""

    replica: str
    office_id: str
    incarnation: str
    entries: int
    since: datetime
    last_at: datetime
    stuck: int
    is_begun: bool


class _Said(msgspec.Struct):
    """What we read of a kept header."""

    sender: str


_ENDS = func.sum(case((Queued.goes_on, 0), else_=1))
# of a stream that begins with what waits, nothing but its files says whose it is
_BACKLOGS = (
    select(
        Queued.office_id,
        Queued.incarnation,
        Stream.contiguous,
        func.max(Queued.last).label("last"),
        func.sum(Queued.count).label("said"),
        func.min(RawBatch.received_at).label("since"),
        func.max(RawBatch.received_at).label("last_at"),
        func.max(RawBatch.header).label("header"),
        func.count(Queued.stuck_at).label("stuck"),
        _ENDS.label("ends"),
    )
    .join(RawBatch, and_(RawBatch.office_id == Queued.office_id, RawBatch.sha256 == Queued.sha256))
    .outerjoin(
        Stream,
        and_(Stream.office_id == Queued.office_id, Stream.incarnation == Queued.incarnation),
    )
    .group_by(Queued.office_id, Queued.incarnation, Stream.contiguous)
)


def backlogs(session: Session) -> list[Backlog]:
    """One of each stream of which anything waits. What several files say counts once; behind a gap
    it is as much as they say."""
    return [
        Backlog(
            msgspec.json.decode(row.header, type=_Said).sender,
            row.office_id,
            row.incarnation,
            row.last - (row.contiguous or 0) or int(row.said),
            row.since,
            row.last_at,
            row.stuck,
            not row.ends,
        )
        for row in session.execute(_BACKLOGS)
    ]
