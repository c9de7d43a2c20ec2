"""Notices of the centre to its stations (区中心通知)."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.refusal import Overtaken, Refusal, Refusals
from models.kit import clock, validate
from models.kit.ids import new_id
from models.local_note import LocalNote
from models.notice import Notice

SEEN = "notice seen"


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


def unread(session: Session) -> list[str]:
    """Those that nobody has opened on this computer."""
    seen = select(LocalNote.key).where(LocalNote.kind == SEEN)
    rows = select(Notice.id).where(Notice.is_void.is_(False), Notice.id.not_in(seen))
    return list(session.scalars(rows))


def see(session: Session) -> int:
    """They were all opened; how many were new."""
    found = unread(session)
    session.add_all(LocalNote(id=new_id(), kind=SEEN, key=one, value=None) for one in found)
    return len(found)


def publish(session: Session, title: str, body: str = "") -> str:
    """To all stations, with their next answer."""
    values = {"title": title.strip(), "body": body.strip() or None}
    found = validate.problems(Notice, values)
    if found:
        raise Refusals(found)
    made = Notice(id=new_id(), published_on=clock.today(), **values)
    session.add(made)
    session.flush()
    return made.id


def withdraw(session: Session, notice_id: str, reason: str) -> None:
    """It disappears at the stations too; what it said is kept."""
    found = session.get(Notice, notice_id)
    if found is None or found.is_void:
        raise Overtaken("这条通知已经撤回了，不用再撤")
    if not reason.strip():
        raise Refusal("请写明撤回的原因", "reason")
    found.is_void, found.void_reason = True, reason.strip()[:200]
