"""When the station asks its centre again by itself: stored, so that a restart does not forget it.
A busy centre says when; where it has only stored what we sent, a little later."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.kit import clock
from models.kit.base import table_of
from models.kit.ids import new_id
from models.local_note import LocalNote
from sync.http_link import LONGEST

NOTE = "again"
SOON = 60
"""Seconds; up to a quarter is added to what is asked for."""


def put_off(session: Session, seconds: int) -> datetime:
    """Not before so many seconds have passed, and not all stations at one moment."""
    settled(session)
    at = clock.now() + timedelta(seconds=seconds + secrets.randbelow(seconds // 4 + 2))
    value = {"at": at.isoformat()}
    session.add(LocalNote(id=new_id(), office_id="", kind=NOTE, key="", value=value))
    return at


def is_time(at: datetime) -> bool:
    """Has the moment come? One further off than anybody may ask for is of a clock that has been
    put right since."""
    return not timedelta() < at - clock.now() <= timedelta(seconds=LONGEST * 5 // 4 + 2)


def settled(session: Session) -> None:
    """There is nothing to ask again for."""
    table = table_of(LocalNote)
    session.execute(delete(table).where(table.c.kind == NOTE))


def when(session: Session) -> datetime | None:
    """Not before this moment, and then soon; None where nothing was put off."""
    note = session.scalars(select(LocalNote).where(LocalNote.kind == NOTE)).first()
    return datetime.fromisoformat(note.value["at"]) if note else None
