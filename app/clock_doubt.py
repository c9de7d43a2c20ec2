"""What is to be said of this computer's clock at sign-in, before anything is written (R34)."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit import LOGINS
from app.exchange import last_saved
from models.exchange import Contact, Replica
from models.kit import clock
from models.kit.stream import moment_of
from models.local_note import LocalNote

BEHIND, AHEAD = timedelta(days=1), timedelta(days=90)
CHECK = "请先核对电脑右下角的日期和时间，改对再录入，不然登记的日期会错。以前的资料没有影响；"


def clock_doubt(session: Session, *, central: bool = False) -> str:
    """An empty battery sets a clock years back, or ahead, and every day that is written would be
    wrong; else nothing. Back is told until it is right, or a contact has said that it is. Ahead is
    told once, since it may be long that nobody was here; not to a centre, which has other clocks to
    compare with."""
    now, saved = clock.now(), last_saved(session)
    if saved is not None and min(saved, _heard(session)) - now >= BEHIND:
        return (
            f"这台电脑现在是 {clock.today()}，最近一次保存却是 {clock.local(saved):%Y-%m-%d}，"
            f"其中一个不对。{CHECK}日期没有错的，联网或用U盘交换一次就不再提醒"
        )
    used = None if central else _used(session, saved, now)
    if used is None or now - used < AHEAD:
        return ""
    return (
        f"这台电脑现在是 {clock.today()}，上次使用是 {clock.local(used):%Y-%m-%d}，"
        f"隔了 {(now - used).days:,} 天。如果不是这么久没有用过，就是电脑的日期错了。"
        f"{CHECK}日期没有错的，接着用就行，不会再提醒"
    )


def _heard(session: Session) -> datetime:
    """The hybrid clock, which a contact puts right."""
    return moment_of(session.scalars(select(Replica.hlc)).one())


def _used(session: Session, saved: datetime | None, now: datetime) -> datetime | None:
    """When somebody was here last or the centre was spoken with; what a clock that was ahead has
    left is no sign of it."""
    login = select(func.max(LocalNote.created_at)).where(*LOGINS, LocalNote.created_at <= now)
    contact = select(func.max(Contact.at)).where(Contact.at <= now)
    found = [session.scalar(login), session.scalar(contact), saved]
    return max((one for one in found if one is not None and one <= now), default=None)
