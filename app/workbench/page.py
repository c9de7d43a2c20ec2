"""The figures on top, the ring, the last acts and the notices."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import acts, exchange, suspicion
from app.acts import Act
from app.certification.figures import Strip, strip
from app.kit.moments import near
from app.visit.plan import month_progress, overdue_count
from app.workbench.people import Birthday, birthdays, people_count
from models.exchange import Contact
from models.kit import clock
from models.notice import Notice

ACTS = 11  # as many as there is room for
TWO_DIGITS = 99  # more leave no room for the day


@dataclass(frozen=True, slots=True)
class StatCard:
    """One of the four figures on top."""

    key: str
    words: str
    count: int
    unit: str
    note: str
    note_tone: str


@dataclass(frozen=True, slots=True)
class Workbench:
    """Everything on the page but the list of things to do."""

    people: int
    cards: tuple[StatCard, ...]
    ring: Strip
    birthdays: tuple[Birthday, ...]
    acts: tuple[Act, ...]
    notices: tuple[tuple[str, str, date | None], ...]
    visits_month: tuple[int, int]


def workbench(session: Session) -> Workbench:
    """The page in one go."""
    ring = strip(session)
    return Workbench(
        people_count(session),
        _cards(session, ring),
        ring,
        tuple(birthdays(session)),
        tuple(acts.recent(session, ACTS)),
        tuple(_notices(session)),
        month_progress(session),
    )


def _cards(session: Session, ring: Strip) -> tuple[StatCard, ...]:
    late, since = overdue_count(session)
    doubts = suspicion.open_count(session)
    longest = f"最久已 {(clock.today() - since).days} 天" if late and since else "没有逾期"
    due = f"还剩 {ring.days_left} 天" if ring.days_left else "今天截止"
    if ring.days_left and ring.left <= TWO_DIGITS:
        due = f"{ring.deadline.day} 日截止，{due}"
    if not ring.left and ring.unknown:
        due = f"另有到期日待核 {ring.unknown} 人"
    tone = "warn" if ring.left else "t3"
    if ring.left and ring.left == ring.overdue:
        due, tone = "都已逾期", "bad"
    return (
        StatCard("due", "待认证", ring.left, "人", due, tone),
        StatCard("visit", "走访逾期", late, "人", longest, "bad" if late else "t3"),
        StatCard("suspicion", "异常待核", doubts, "条", "请核对" if doubts else "没有异常", "t3"),
        _pending(session),
    )


def _pending(session: Session) -> StatCard:
    """What the centre has not answered, and whether it decided values otherwise: the figure beside
    数据交换 counts both."""
    waiting, kept = exchange.waiting(session), exchange.kept_count(session)
    last = session.scalar(select(func.max(Contact.at)).where(Contact.receipt.is_not(None)))
    text, tone = f"{near(last)} 已上报" if last else "还没有上报过", "t3"
    if kept:
        text, tone = f"{kept} 处要您确认", "warn"
    return StatCard("outbox", "待上报区中心", waiting, "条", text, tone)


def _notices(session: Session) -> list[tuple[str, str, date | None]]:
    rows = session.execute(
        select(Notice.id, Notice.title, Notice.published_on)
        .where(Notice.is_void.is_(False))
        .order_by(Notice.published_on.desc())
        .limit(5)
    )
    return [(row.id, row.title, row.published_on) for row in rows]
