"""The list of people: its chips with their numbers, one page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import case, func, select, true
from sqlalchemy.orm import Session

from app import cert_task, circles, office, person
from app.kit.listing import SIZE, Page, cut
from app.kit.who import at_desk
from app.retiree.filters import ALONE, IMMOBILE, People, here, in_order, matching, of_chip, on_books
from app.retiree.marks import Mark, cert_mark, tag_marks
from app.retiree.places import offices
from models.cert_task import CertTask
from models.kit import clock, codes, masks
from models.kit.among import among
from models.kit.fields import Circle, Mask
from models.retiree import CERTIFIABLE, Retiree
from models.suspicion import Suspicion
from models.tag import Tag
from models.visit_plan import VisitPlan

BESIDE = ("suspicion", "immobile", "alone", "visit_overdue")
CHIPS = (
    ("managed", "在册"),
    ("due", "待认证"),
    ("unknown", "到期日待核"),
    ("suspicion", "异常"),
    ("immobile", "行动不便"),
    ("aged", "高龄 80+"),
    ("alone", "独居"),
    ("party", "党员"),
    ("visit_overdue", "走访逾期"),
    ("birthday", "本月生日"),
)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person in the list; number and telephone are masked. ``office`` is whose person it is,
    ``district`` whom that office reports to."""

    id: str
    name: str
    sex: str
    age: int | None
    id_no: str
    address: str
    employer: str
    phone: str
    tags: tuple[Mark, ...]
    cert: Mark
    cert_due_on: date | None
    task_id: str
    last_visit_on: date | None
    visit_next_on: date | None
    visit_overdue_days: int
    manage_state: str
    office: str
    district: str


def people(session: Session, wanted: People, page: int = 1) -> Page[PersonRow]:
    """One page of the list."""
    where = matching(session, wanted)
    total = session.scalar(select(func.count()).select_from(Retiree).where(*where)) or 0
    page = max(1, min(page, -(-total // SIZE) or 1))
    ids = session.scalars(in_order(wanted, where).limit(SIZE).offset((page - 1) * SIZE)).all()
    return cut(rows_of(session, ids), total, page)


def people_ids(session: Session, wanted: People) -> list[str]:
    """Everybody of the filter, in the order of the list: for batch acts."""
    return list(session.scalars(in_order(wanted, matching(session, wanted))))


def chips(session: Session) -> dict[str, int]:
    """The number on every chip, in one statement: one look at the people, one at each list."""
    own = ("managed", "aged", "birthday", *_if_party(session))
    sums = [func.coalesce(func.sum(case((of_chip(key), 1), else_=0)), 0).label(key) for key in own]
    people = select(*sums).where(*here(session), on_books()).subquery()
    beside = {key: _number(session, key).label(key) for key in BESIDE}
    tasks = _tasks(session)
    both = people.join(tasks, true())  # one row each
    query = select(people, tasks, *beside.values()).select_from(both)
    row = session.execute(query).mappings().one()
    return {key: int(row[key]) for key, _ in CHIPS if key in row}


def _tasks(session: Session) -> Any:
    """Tasks on the due lists belong to people in care alone: whoever leaves has none."""
    unknown = func.coalesce(func.sum(case((CertTask.due_on.is_(None), 1), else_=0)), 0)
    ours = CertTask.office_id == at_desk(session).office_id
    counted = select(func.count().label("due"), unknown.label("unknown"))
    return counted.select_from(CertTask).where(ours, cert_task.listed()).subquery()


def _if_party(session: Session) -> tuple[str, ...]:
    return ("party",) if circles.sees(session, Circle.PARTY) else ()


def _number(session: Session, key: str) -> Any:
    """How many people a list names; the lists are short, the people many."""
    where: dict[str, tuple[Any, ...]] = {
        "suspicion": (Suspicion, Suspicion.decision.is_(None), Suspicion.is_void.is_(False)),
        "immobile": (Tag, Tag.code.in_(IMMOBILE), *person.live_tag()),
        "alone": (Tag, Tag.code.in_(ALONE), *person.live_tag()),
        "visit_overdue": (
            VisitPlan,
            VisitPlan.is_void.is_(False),
            VisitPlan.next_on < clock.today(),
            Retiree.manage_state.in_(CERTIFIABLE),
        ),
    }
    entity, *conditions = where[key]
    return (
        select(func.count(entity.retiree_id.distinct()))
        .join(Retiree, Retiree.id == entity.retiree_id)
        .where(*conditions, *here(session), on_books())
        .scalar_subquery()
    )


def rows_of(session: Session, ids: Sequence[str]) -> list[PersonRow]:
    """These people as rows of the list, in this order."""
    who = {one.id: one for one in session.scalars(select(Retiree).where(among(Retiree.id, ids)))}
    tags = person.tags(session, ids)
    tasks = cert_task.open_of(session, ids)
    plans = _plans(session, ids)
    doubted = _doubts(session, ids)
    party, hidden = circles.sees(session, Circle.PARTY), circles.hidden_tags(session)
    named = dict(offices(session))
    above = office.above(session)
    return [
        _row(
            who[one],
            _Beside(
                office=named.get(who[one].office_id, ""),
                district=named.get(above.get(who[one].office_id, ""), ""),
                tags=[code for code in tags[one] if code not in hidden],
                task=tasks.get(one),
                plan=plans.get(one),
                doubt=one in doubted,
                party=party,
            ),
        )
        for one in ids
        if one in who
    ]


class _Beside(NamedTuple):
    """What other records say of somebody; ``party``: may whoever is at the desk see that."""

    office: str
    district: str
    tags: Sequence[str]
    task: CertTask | None
    plan: VisitPlan | None
    doubt: bool
    party: bool


def _plans(session: Session, ids: Sequence[str]) -> dict[str, VisitPlan]:
    rows = session.scalars(select(VisitPlan).where(among(VisitPlan.retiree_id, ids)))
    return {one.retiree_id: one for one in rows}


def _doubts(session: Session, ids: Sequence[str]) -> set[str]:
    rows = session.scalars(
        select(Suspicion.retiree_id).where(
            among(Suspicion.retiree_id, ids),
            Suspicion.decision.is_(None),
            Suspicion.is_void.is_(False),
        )
    )
    return set(rows)


def _row(who: Retiree, beside: _Beside) -> PersonRow:
    years, task, plan = person.age(who.birth_on), beside.task, beside.plan
    due_on = task.due_on if task else None
    next_on = plan.next_on if plan and who.manage_state in CERTIFIABLE else None
    late = (clock.today() - next_on).days if next_on else 0
    state = task.state if task else None
    return PersonRow(
        id=who.id,
        name=who.name,
        sex=codes.table("SEX").name(who.sex),
        age=years,
        id_no=masks.masked(Mask.ID, who.id_no),
        address=person.place(who),
        employer=who.employer_name or "",
        phone=masks.masked(Mask.PHONE, person.phone(who)) or ("无电话" if who.no_phone else ""),
        tags=tag_marks(beside.tags, years, who.politics if beside.party else None),
        cert=cert_mark(who.manage_state, state, due_on, who.last_certified_on, doubt=beside.doubt),
        cert_due_on=due_on,
        task_id=task.id if task else "",
        last_visit_on=plan.last_on if plan else None,
        visit_next_on=next_on,
        visit_overdue_days=max(0, late),
        manage_state=who.manage_state,
        office=beside.office,
        district=beside.district,
    )
