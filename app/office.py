"""This office, and those it knows."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.exchange import Replica
from models.office import Office


def here(session: Session) -> Office:
    """The office of this installation."""
    own = session.scalars(select(Replica.office_id)).one()
    return session.get_one(Office, own)


def names(session: Session) -> dict[str, str]:
    """Every office's name by id."""
    return {row.id: row.name for row in session.execute(select(Office.id, Office.name))}


def installation(session: Session) -> Replica:
    """This installation, and which of its lives it is in."""
    return session.scalars(select(Replica)).one()


def above(session: Session) -> dict[str, str]:
    """Every office and whom it reports to: as was said, else the one that made it."""
    rows = session.execute(
        select(Office.id, func.coalesce(Office.parent_id, Office.office_id)).where(
            Office.is_void.is_(False)
        )
    )
    return {row[0]: row[1] for row in rows if row[0] != row[1]}
