"""W4: what was imported before, and which columns were confirmed for whose roster (导入记录)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import parameter
from app.roster_rules import employer_key
from models.imports import Import, Mapping
from models.kit import clock
from models.kit.ids import new_id


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One import in the history."""

    id: str
    file_name: str
    employer: str
    imported_at: datetime | None
    n_good: int
    n_left: int
    undone_at: datetime | None
    can_undo: bool


def imports(session: Session, limit: int = 50) -> list[ImportRow]:
    """The last imports, newest first."""
    days = timedelta(days=int(parameter.in_force(session, "import_undo_days").value))
    rows = session.scalars(
        select(Import)
        .where(Import.is_void.is_(False))
        .order_by(Import.imported_at.desc())
        .limit(limit)
    )
    return [
        ImportRow(
            one.id,
            one.file_name,
            one.employer_name or "",
            one.imported_at,
            one.n_good or 0,
            one.n_left or 0,
            one.undone_at,
            one.undone_at is None
            and one.imported_at is not None
            and clock.now() - one.imported_at <= days,
        )
        for one in rows
    ]


def remember_mapping(session: Session, employer_name: str, columns: str) -> None:
    """The columns a person confirmed, for this employer's next roster."""
    key = employer_key(employer_name)
    found = session.scalars(select(Mapping).where(Mapping.key == key)).first()
    if found is None:
        session.add(Mapping(id=new_id(), key=key, columns=columns))
    else:
        found.columns = columns


def remembered(session: Session, employer_name: str) -> str | None:
    """What was confirmed for this employer before."""
    return session.scalar(
        select(Mapping.columns).where(Mapping.key == employer_key(employer_name)).limit(1)
    )
