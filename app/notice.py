"""Notices of the centre to its stations (区中心通知)."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.office import Notice


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice, whole."""

    id: str
    title: str
    body: str
    published_on: date | None


def notices(session: Session, limit: int = 100) -> list[NoticeRow]:
    """The newest first."""
    rows = session.scalars(
        select(Notice)
        .where(Notice.is_void.is_(False))
        .order_by(Notice.published_on.desc(), Notice.id.desc())
        .limit(limit)
    )
    return [NoticeRow(one.id, one.title, one.body or "", one.published_on) for one in rows]
