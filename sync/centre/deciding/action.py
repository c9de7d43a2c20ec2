"""The whole action of a change, as the log has it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.exchange import Change
from models.kit.stream import Head, read_head


def said_with(session: Session, change_id: str) -> list[Head]:
    """Everything said in one action with this change, in its order; nothing where that was never
    heard of."""
    one = session.scalars(select(Change).where(Change.change_id == change_id).limit(1)).first()
    if one is None:
        return []
    head = read_head(one.head)
    first = one.seq - head.part
    rows = session.scalars(
        select(Change.head)
        .where(
            Change.office_id == one.office_id,
            Change.incarnation == one.incarnation,
            Change.seq.between(first, first + head.parts - 1),
        )
        .order_by(Change.seq)
    )
    return [read_head(raw) for raw in rows]
