"""When somebody is next to be visited (走访计划), by tags and age."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app import parameter, person, roles
from app.due import add_months
from app.kit.listing import SIZE, Page, cut
from app.kit.refusal import Refusal
from app.kit.who import at_desk
from models.kit import clock, codes
from models.kit.among import among
from models.kit.changes import insert_many
from models.kit.ids import named_id
from models.retiree import CERTIFIABLE, Retiree
from models.visit import Visit
from models.visit_plan import VisitPlan

PLAN = "visit plan"
TAGGED = ("T02", "T03", "T06", "T07")
YEARLY = 12
_OFTEN = {1: "每月一次", 3: "每季度一次", 6: "每半年一次", 12: "每年一次"}


@dataclass(frozen=True, slots=True)
class Every:
    """How often, and why."""

    months: int
    reason: str


@dataclass(frozen=True, slots=True)
class VisitDue:
    """One person on the visiting plan."""

    retiree_id: str
    name: str
    sex: str
    age: int | None
    address: str
    phone: str
    tags: tuple[str, ...]
    last_on: date | None
    next_on: date | None
    days_late: int
    reason: str


def every(session: Session, tags: Collection[str], years: int | None) -> Every:
    """The shortest interval that applies."""
    found = [Every(int(parameter.in_force(session, "visit_months").value), "")]
    if years is not None and years >= person.AGED:
        found.append(Every(int(parameter.in_force(session, "visit_months_80").value), "高龄"))
    for code in TAGGED:
        if code in tags:
            name = codes.table("TAG").name(code)
            every = parameter.in_force(session, f"visit_months.{code}").value
            found.append(Every(int(every), name))
    months = min(one.months for one in found)
    names = "、".join(one.reason for one in found if one.months == months and one.reason)
    often = _OFTEN.get(months, f"每 {months} 个月一次")
    return Every(months, f"{names}，{often}" if names else often)


def next_visit(session: Session, retiree_id: str, visited_on: date) -> tuple[date, str]:
    """The day of the next visit, and the rule behind it in words."""
    who = person.get(session, retiree_id)
    tags = person.tags(session, [who.id])[who.id]
    rule = every(session, tags, person.age(who.birth_on, visited_on))
    return add_months(visited_on, rule.months), rule.reason


def put_plan(
    session: Session, retiree_id: str, *, last_on: date | None, next_on: date | None, reason: str
) -> VisitPlan:
    """Keep the person's one row. A visit that is entered late, after a later one, changes nothing
    of it; one without a next day leaves the day that was planned."""
    plan = session.get(VisitPlan, named_id(retiree_id, PLAN))
    if plan is None:
        plan = VisitPlan(id=named_id(retiree_id, PLAN), retiree_id=retiree_id)
        session.add(plan)
    plan.is_void = False
    if last_on is not None and plan.last_on is not None and last_on < plan.last_on:
        return plan
    plan.last_on = last_on or plan.last_on
    plan.next_on, plan.reason = next_on or plan.next_on or last_on, reason[:60]
    return plan


def replan(session: Session, was: Visit) -> None:
    """A visit was voided: the plan goes by the last one that counts, and whom nobody visited is to
    be visited today, unless somebody chose a day since. Brought back, it is as if just recorded."""
    plan = session.get(VisitPlan, named_id(was.retiree_id, PLAN))
    if plan is None:
        return
    if not was.is_void:
        if plan.last_on is None or plan.last_on < was.visited_on:
            plan.last_on, plan.next_on = was.visited_on, was.next_on or plan.next_on
        return
    session.flush()
    last = _last_visit(session, was.retiree_id)
    if plan.last_on == (last.visited_on if last else None):
        return
    plan.last_on = last.visited_on if last else None
    if plan.next_on == was.next_on:
        plan.next_on = (last.next_on if last else None) or clock.today()


def catch_up(session: Session) -> None:
    """Of two computers that each entered a visit the later word stands, which may be of the earlier
    visit: the plan goes by the last one."""
    session.flush()
    behind = (
        select(Visit)
        .join(VisitPlan, VisitPlan.retiree_id == Visit.retiree_id)
        .where(
            Visit.is_void.is_(False),
            VisitPlan.is_void.is_(False),
            or_(VisitPlan.last_on.is_(None), VisitPlan.last_on < Visit.visited_on),
        )
    )
    for one in session.scalars(behind.order_by(Visit.visited_on, Visit.id)).all():
        replan(session, one)


def _last_visit(session: Session, retiree_id: str) -> Visit | None:
    return session.scalars(
        select(Visit)
        .where(Visit.retiree_id == retiree_id, Visit.is_void.is_(False))
        .order_by(Visit.visited_on.desc(), Visit.id.desc())
        .limit(1)
    ).first()


def plan_visits(session: Session, only: Collection[str] | None = None) -> int:
    """Everybody in care gets a plan: the frequent ones spread by address over their interval, the
    others on their birthday. Doing it again makes none."""
    session.flush()
    rows = session.execute(_unplanned(only)).all()
    tags = person.tags(session, [row.id for row in rows])
    intervals: dict[tuple[str, ...], Every] = {}
    by_rule: dict[Every, list[Any]] = {}
    for row in rows:
        years = person.age(row.birth_on)
        aged = years is not None and years >= person.AGED
        key = (*(one for one in tags[row.id] if one in TAGGED), "80" if aged else "")
        if key not in intervals:
            intervals[key] = every(session, key, years)
        by_rule.setdefault(intervals[key], []).append(row)
    plans = [one for rule, some in by_rule.items() for one in _spread(rule, some)]
    insert_many(session, VisitPlan, plans)
    return len(plans)


def _unplanned(only: Collection[str] | None) -> Any:
    query = (
        select(Retiree.id, Retiree.office_id, Retiree.birth_on)
        .outerjoin(VisitPlan, VisitPlan.retiree_id == Retiree.id)
        .where(
            Retiree.is_void.is_(False),
            Retiree.manage_state.in_(CERTIFIABLE),
            VisitPlan.id.is_(None),
        )
        .order_by(Retiree.address_key.is_(None), Retiree.address_key, Retiree.id)
    )
    return query if only is None else query.where(among(Retiree.id, only))


def _spread(rule: Every, rows: Sequence[Any]) -> Iterable[dict[str, Any]]:
    today = clock.today()
    days = (add_months(today, rule.months) - today).days
    for at, row in enumerate(rows, 1):
        on = today + timedelta(days=max(1, at * days // len(rows)))
        if rule.months >= YEARLY and row.birth_on is not None:
            on = next_birthday(row.birth_on)
        yield {
            "id": named_id(row.id, PLAN),
            "office_id": row.office_id,
            "retiree_id": row.id,
            "next_on": on,
            "reason": rule.reason,
        }


def next_birthday(born: date) -> date:
    """The first birthday after today."""
    today = clock.today()
    for year in (today.year, today.year + 1):
        day = add_months(born, (year - born.year) * 12)
        if day > today:
            return day
    return add_months(today, YEARLY)


def planned(query: Any) -> Any:
    """Of the plans of those who are to be visited."""
    return (
        query.select_from(VisitPlan)
        .join(Retiree, Retiree.id == VisitPlan.retiree_id)
        .where(
            VisitPlan.is_void.is_(False),
            Retiree.is_void.is_(False),
            Retiree.manage_state.in_(CERTIFIABLE),
        )
    )


def overdue_count(session: Session) -> tuple[int, date | None]:
    """How many visits are overdue, and since when the longest."""
    row = session.execute(
        planned(select(func.count(), func.min(VisitPlan.next_on))).where(
            VisitPlan.next_on < clock.today()
        )
    ).one()
    return row[0], row[1]


def overdue(session: Session, page: int = 1) -> Page[VisitDue]:
    """Visits past their day, the longest first."""
    total, _ = overdue_count(session)
    query = planned(select(VisitPlan, Retiree)).where(VisitPlan.next_on < clock.today())
    rows = session.execute(
        query.order_by(VisitPlan.next_on, Retiree.address_key, VisitPlan.id)
        .limit(SIZE)
        .offset((page - 1) * SIZE)
    ).all()
    return cut(_dues(session, rows), total, page)


def week(session: Session, monday: date) -> list[VisitDue]:
    """Everything planned for that week, by day and address."""
    query = planned(select(VisitPlan, Retiree)).where(
        VisitPlan.next_on.between(monday, monday + timedelta(days=6))
    )
    rows = session.execute(
        query.order_by(VisitPlan.next_on, Retiree.address_key, VisitPlan.id)
    ).all()
    return _dues(session, rows)


def month_progress(session: Session) -> tuple[int, int]:
    """(visited this month, to be visited this month): 本月已访/应访. Whom nobody met is still to
    be visited."""
    first = clock.today().replace(day=1)
    last = add_months(first, 1) - timedelta(days=1)
    met = select(Visit.retiree_id).where(
        Visit.visited_on.between(first, last),
        Visit.met_in_person.is_(True),
        Visit.is_void.is_(False),
    )
    done = session.scalar(planned(select(func.count())).where(VisitPlan.retiree_id.in_(met)))
    left = session.scalar(planned(select(func.count())).where(VisitPlan.next_on <= last))
    return done or 0, (done or 0) + (left or 0)


def _dues(session: Session, rows: Sequence[Any]) -> list[VisitDue]:
    tags = person.tags(session, [who.id for _, who in rows])
    return [_due(plan, who, tags[who.id]) for plan, who in rows]


def _due(plan: VisitPlan, who: Retiree, tags: Sequence[str]) -> VisitDue:
    late = (clock.today() - plan.next_on).days if plan.next_on else 0
    return VisitDue(
        who.id,
        who.name,
        codes.table("SEX").name(who.sex),
        person.age(who.birth_on),
        person.place(who),
        person.phone(who),
        tuple(tags),
        plan.last_on,
        plan.next_on,
        max(0, late),
        plan.reason or "",
    )


def reschedule(session: Session, retiree_ids: Collection[str], day: date) -> int:
    """Move these visits to a day that is still to come. What the program keeps in step by itself is
    not guarded where it is stored, so that is asked here."""
    roles.allow(at_desk(session), "visit_plan", "write")
    if day < clock.today():
        raise Refusal(f"{day} 已经过去，请选今天或以后的日期", "day")
    person.one_by_one(session)
    for retiree_id in retiree_ids:
        who = person.cared_for(session, retiree_id, "安排走访")
        _, reason = next_visit(session, who.id, day)
        put_plan(session, who.id, last_on=None, next_on=day, reason=reason)
    return len(retiree_ids)


def spread(session: Session, retiree_ids: Collection[str], days: Sequence[date]) -> int:
    """Share visits out over these days, neighbours on the same day (排进本周)."""
    if not days:
        raise Refusal("请选择要排进的日期", "days")
    people = sorted(
        (person.cared_for(session, one, "安排走访") for one in retiree_ids),
        key=lambda who: (who.address_key or "", who.id),
    )
    for at, who in enumerate(people):
        reschedule(session, [who.id], days[at * len(days) // len(people)])
    return len(people)
