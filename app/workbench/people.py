"""Who is on the books here, and whose birthday is near."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import extract, func, select
from sqlalchemy.orm import Session

from app.due import birthday_in
from app.kit.who import at_desk
from models.kit import clock
from models.retiree import CERTIFIABLE, ON_BOOKS, Retiree

LEAP = (2, 29)
MILESTONES = (80, 90, 100)
SOON = 7


@dataclass(frozen=True, slots=True)
class Birthday:
    """Somebody whose birthday is near."""

    retiree_id: str
    name: str
    turning: int
    on: date
    days: int
    is_milestone: bool


def people_count(session: Session) -> int:
    """Everybody on the books."""
    return (
        session.scalar(select(func.count()).select_from(Retiree).where(*on_books_here(session)))
        or 0
    )


def on_books_here(session: Session) -> tuple[Any, ...]:
    return (
        Retiree.office_id == at_desk(session).office_id,
        Retiree.is_void.is_(False),
        Retiree.manage_state.in_(ON_BOOKS),
    )


def birthdays(session: Session, days: int = SOON, limit: int | None = 20) -> list[Birthday]:
    """Birthdays from today on, 80, 90 and 100 first."""
    today = clock.today()
    wanted = [today + timedelta(days=at) for at in range(days)]
    dates = {(day.month, day.day) for day in wanted}
    if any((day + timedelta(days=1)).month > day.month == LEAP[0] for day in wanted):
        dates.add(LEAP)  # where the year has no such day they keep the last of February
    month_day = extract("month", Retiree.birth_on) * 100 + extract("day", Retiree.birth_on)
    rows = session.execute(
        select(Retiree.id, Retiree.name, Retiree.birth_on).where(
            *on_books_here(session),
            Retiree.manage_state.in_(CERTIFIABLE),
            month_day.in_([month * 100 + day for month, day in dates]),
        )
    )
    found = []
    for row in rows:
        on = next((day for day in wanted if birthday_in(row.birth_on, day.year) == day), None)
        if on is None:
            continue
        turning = on.year - row.birth_on.year
        milestone = turning in MILESTONES
        found.append(Birthday(row.id, row.name, turning, on, (on - today).days, milestone))
    found.sort(key=lambda one: (not one.is_milestone, one.on, one.name))
    return found[:limit]
