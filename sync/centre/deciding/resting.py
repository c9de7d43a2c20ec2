"""What rests on a record that never came to be, since the action that made it was left by ruling:
it has its answer too, and waits for nothing (sync.md 4.4)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.exchange import Change, Conflict
from models.ruling import Ruling
from sync.centre.deciding.action import said_with
from sync.merge import Result


def left_out(session: Session, key: str) -> bool:
    """Was the record to be made by an action that was put aside, and ruled on since? Where it was
    taken the record is there, and nobody asks."""
    made = session.scalars(
        select(Change.change_id)
        .where(Change.entity_id == key, Change.outcome == Result.CASE)
        .limit(1)
    ).first()
    action = [one.change_id for one in said_with(session, made)] if made else []
    ruled = (
        select(Ruling.id)
        .join(Conflict, Conflict.id == Ruling.conflict_id)
        .where(Conflict.other_change.in_(action), Ruling.is_void.is_(False))
    )
    return session.scalars(ruled.limit(1)).first() is not None
