"""Every station as the centre sees it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.exchange import Change, Held, Installation
from sync.centre.telling import paging


@dataclass(frozen=True, slots=True)
class Standing:
    """One station as the centre sees it."""

    office_id: str
    last_contact_at: datetime | None
    received: int
    held: int
    undelivered: int


def standings(session: Session) -> list[Standing]:
    """Every approved installation's state of exchange."""
    made = []
    for one in session.scalars(select(Installation).where(Installation.approved_at.is_not(None))):
        received = session.scalar(
            select(func.count()).select_from(Change).where(Change.office_id == one.office_id)
        )
        held = session.scalar(
            select(func.count()).select_from(Held).where(Held.office_id == one.office_id)
        )
        left = paging.undelivered(session, one.office_id, one.down_acked)
        made.append(Standing(one.office_id, one.last_contact_at, received or 0, held or 0, left))
    return made
