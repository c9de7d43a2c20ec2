"""What the program says for the centre by itself: records of the centre's own stream."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.exchange import STREAM, Replica
from models.kit.among import among
from models.kit.base import Record
from models.kit.changes import insert_many, spoken

PROGRAM = "centre"


def say(session: Session, entity: type[Record], rows: Sequence[Mapping[str, Any]]) -> bool:
    """Make these records unless they are there: they have ids by which they are known. Was
    anything said?"""
    known = set(session.scalars(select(entity.id).where(among(entity.id, [r["id"] for r in rows]))))
    fresh = [row for row in rows if row["id"] not in known]
    if not fresh:
        return False
    me = session.scalars(select(Replica)).one()
    with spoken(session, PROGRAM, me.office_id, STREAM):
        insert_many(session, entity, fresh)
    session.refresh(me)
    return True
