"""What the program says for the centre by itself: records of the centre's own stream."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.exchange import STREAM, Replica
from models.kit.among import among
from models.kit.base import Record
from models.kit.changes import Recorder, insert_many

PROGRAM = "centre"


def say(session: Session, entity: type[Record], rows: Sequence[Mapping[str, Any]]) -> bool:
    """Make these records unless they are there: they have ids by which they are known. Was
    anything said?"""
    known = set(session.scalars(select(entity.id).where(among(entity.id, [r["id"] for r in rows]))))
    fresh = [row for row in rows if row["id"] not in known]
    if not fresh:
        return False
    me = session.scalars(select(Replica)).one()
    log = Recorder(PROGRAM, me.office_id, STREAM)
    session.info["recorder"] = log
    try:
        insert_many(session, entity, fresh)
        log.finish(session)
    finally:
        del session.info["recorder"]
    session.refresh(me)
    return True
