"""The list of people: chips, filters, search, one page at a time, and the finder (Ctrl+K)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, extract, func, or_, select, true
from sqlalchemy.orm import Session

from app import cert_task, circles, office, person, roles
from app.due import month_end
from app.kit.listing import SIZE, Page, cut, ordering
from app.kit.who import at_desk
from app.retiree.marks import PARTY, Mark, cert_mark, tag_marks
from app.retiree.missing import is_incomplete
from models.certification import HOME, OPEN, OVERDUE, CertTask, Suspicion
from models.handover import TAKEN, Handover
from models.kit import clock, codes, masks, search
from models.kit.among import among
from models.kit.fields import Circle, Mask
from models.office import Office
from models.retiree import CERTIFIABLE, DEAD, MOVED_OUT, ON_BOOKS, SELF_MANAGED, Retiree, Tag
from models.visit import VisitPlan

BESIDE = ("suspicion", "immobile", "alone", "visit_overdue")
IMMOBILE, ALONE = ("T05", "T06", "T07"), ("T02", "T03")
GONE = (DEAD, MOVED_OUT, SELF_MANAGED)
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
class People:
    """One active chip and any number of filters; ``office`` is one station, at the centre, or a
    district with all of its. ``cert`` is due, unknown, home_visit, overdue or done; ``visit`` is
    overdue or month; ``sort`` address, name, age, due, visit or number."""

    chip: str = "managed"
    text: str = ""
    office: str = ""
    building: str = ""
    estate: str = ""
    age_from: int | None = None
    age_to: int | None = None
    sex: str = ""
    employer: str = ""
    tags: tuple[str, ...] = ()
    cert: str = ""
    visit: str = ""
    health: str = ""
    group: str = ""
    sort: str = "address"
    descending: bool = False


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


@dataclass(frozen=True, slots=True)
class Found:
    """One hit of the finder; ``matched`` names the field that was found."""

    id: str
    name: str
    sex: str
    age: int | None
    id_no: str
    address: str
    phone: str
    state: str
    matched: str


def people(session: Session, wanted: People, page: int = 1) -> Page[PersonRow]:
    """One page of the list."""
    where = _where(session, wanted)
    total = session.scalar(select(func.count()).select_from(Retiree).where(*where)) or 0
    page = max(1, min(page, -(-total // SIZE) or 1))
    ids = session.scalars(_sorted(wanted, where).limit(SIZE).offset((page - 1) * SIZE)).all()
    return cut(rows_of(session, ids), total, page)


def people_ids(session: Session, wanted: People) -> list[str]:
    """Everybody of the filter, in the order of the list: for batch acts."""
    return list(session.scalars(_sorted(wanted, _where(session, wanted))))


def chips(session: Session) -> dict[str, int]:
    """The number on every chip, in one statement: one look at the people, one at each list."""
    own = ("managed", "aged", "birthday", *_if_party(session))
    sums = [func.coalesce(func.sum(case((_chip(key), 1), else_=0)), 0).label(key) for key in own]
    people = select(*sums).where(*_here(session), on_books()).subquery()
    beside = {key: _number(session, key).label(key) for key in BESIDE}
    tasks = _tasks(session)
    both = people.join(tasks, true())  # one row each
    query = select(people, tasks, *beside.values()).select_from(both)
    row = session.execute(query).mappings().one()
    return {key: int(row[key]) for key, _ in CHIPS if key in row}


def _tasks(session: Session) -> Any:
    """Tasks on the due lists belong to people in care alone: whoever leaves has none."""
    unknown = func.coalesce(func.sum(case((CertTask.due_on.is_(None), 1), else_=0)), 0)
    here = CertTask.office_id == at_desk(session).office_id
    counted = select(func.count().label("due"), unknown.label("unknown"))
    return counted.select_from(CertTask).where(here, cert_task.listed()).subquery()


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
        .where(*conditions, *_here(session), on_books())
        .scalar_subquery()
    )


def on_books() -> ColumnElement[bool]:
    """在册."""
    return Retiree.manage_state.in_(ON_BOOKS)


def _here(session: Session) -> list[ColumnElement[bool]]:
    desk, there = at_desk(session), Retiree.is_void.is_(False)
    if roles.is_central(desk):
        return [there]
    return [Retiree.office_id == desk.office_id, there]


def _ever(session: Session) -> list[ColumnElement[bool]]:
    """With whom another station has taken over."""
    if roles.is_central(at_desk(session)):
        return _here(session)
    ours, *rest = _here(session)
    left = select(Handover.person_id).where(
        Handover.office_id == at_desk(session).office_id, Handover.state == TAKEN
    )
    return [or_(ours, Retiree.id.in_(left)), *rest]


def _chip(key: str) -> ColumnElement[bool]:
    if key == "gone":
        return Retiree.manage_state.in_(GONE)
    if key == "missing":
        return and_(on_books(), is_incomplete())
    if key == "managed":
        return on_books()
    found: dict[str, Callable[[], ColumnElement[bool]]] = {
        "due": lambda: _with_task(cert_task.listed()),
        "unknown": lambda: _with_task(cert_task.listed(), CertTask.due_on.is_(None)),
        "suspicion": _doubted,
        "immobile": lambda: _tagged(IMMOBILE),
        "aged": lambda: Retiree.birth_on <= person.aged_since(),
        "alone": lambda: _tagged(ALONE),
        "party": lambda: Retiree.politics.in_(sorted(PARTY)),
        "visit_overdue": lambda: _planned(VisitPlan.next_on < clock.today()),
        "birthday": lambda: extract("month", Retiree.birth_on) == clock.today().month,
    }
    return and_(on_books(), found[key]())


def _with_task(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    return Retiree.id.in_(select(CertTask.retiree_id).where(*where))


def _doubted() -> ColumnElement[bool]:
    open_ones = (Suspicion.decision.is_(None), Suspicion.is_void.is_(False))
    return Retiree.id.in_(select(Suspicion.retiree_id).where(*open_ones))


def _tagged(tags: Sequence[str]) -> ColumnElement[bool]:
    return Retiree.id.in_(
        select(Tag.retiree_id).where(Tag.code.in_(list(tags)), *person.live_tag())
    )


def _planned(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    plans = select(VisitPlan.retiree_id).where(VisitPlan.is_void.is_(False), *where)
    return and_(Retiree.manage_state.in_(CERTIFIABLE), Retiree.id.in_(plans))


def _where(session: Session, wanted: People) -> list[ColumnElement[bool]]:
    found = [*(_ever(session) if wanted.chip in ("all", "gone") else _here(session))]
    if wanted.chip == "party" and not circles.sees(session, Circle.PARTY):
        return [*found, Retiree.id.is_(None)]
    if wanted.chip != "all":
        found.append(_chip(wanted.chip))
    if wanted.text.strip():
        found.append(Retiree.id.in_(search.found(Retiree, wanted.text)))
    if wanted.office:
        below = [one for one, over in office.above(session).items() if over == wanted.office]
        found.append(Retiree.office_id.in_([wanted.office, *below]))
    plain = {
        Retiree.building_text: wanted.building,
        Retiree.estate: wanted.estate,
        Retiree.sex: wanted.sex,
        Retiree.employer_name: wanted.employer,
        Retiree.health_state: wanted.health,
        Retiree.group_name: wanted.group,
    }
    found += [column == value for column, value in plain.items() if value]
    found += [_tag(session, code) for code in wanted.tags]
    return [*found, *_ages(wanted), *_cert(wanted.cert), *_visit(wanted.visit)]


def _tag(session: Session, code: str) -> ColumnElement[bool]:
    if code == "T01":
        return _chip("aged")
    if code in circles.hidden_tags(session):
        return Retiree.id.is_(None)
    return _tagged([code])


def _ages(wanted: People) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.age_from is not None:
        found.append(Retiree.birth_on <= person.years_ago(wanted.age_from))
    if wanted.age_to is not None:
        found.append(Retiree.birth_on > person.years_ago(wanted.age_to + 1))
    return found


def _cert(wanted: str) -> list[ColumnElement[bool]]:
    if not wanted:
        return []
    if wanted == "done":
        no_task = ~exists().where(CertTask.retiree_id == Retiree.id, cert_task.listed())
        return [Retiree.last_certified_on.is_not(None), no_task]
    if wanted in ("due", "unknown"):
        return [_chip(wanted)]
    if wanted == OVERDUE:
        return [_with_task(cert_task.listed(), CertTask.due_on < clock.today())]
    return [
        _with_task(cert_task.listed(), CertTask.state == (HOME if wanted == "home" else wanted))
    ]


def _visit(wanted: str) -> list[ColumnElement[bool]]:
    if wanted == "overdue":
        return [_chip("visit_overdue")]
    if wanted == "month":
        today = clock.today()
        last = month_end(today)
        return [_planned(VisitPlan.next_on <= last)]
    return []


def _sorted(wanted: People, where: Sequence[ColumnElement[bool]]) -> Any:
    query: Any = select(Retiree.id).where(*where)
    down = wanted.descending
    if wanted.sort == "due":
        query = query.outerjoin(
            CertTask, and_(CertTask.retiree_id == Retiree.id, CertTask.state.in_(OPEN))
        )
        return query.order_by(*ordering(((CertTask.due_on, down),), Retiree.id))
    if wanted.sort == "visit":
        query = query.outerjoin(VisitPlan, VisitPlan.retiree_id == Retiree.id)
        return query.order_by(*ordering(((VisitPlan.next_on, down),), Retiree.id))
    columns: dict[str, tuple[Any, bool]] = {
        "address": (Retiree.address_key, down),
        "name": (Retiree.name, down),
        "number": (Retiree.id_no, down),
        "employer": (Retiree.employer_name, down),
        "age": (Retiree.birth_on, not down),
    }
    return query.order_by(*ordering((columns[wanted.sort],), Retiree.id))


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
            named.get(who[one].office_id, ""),
            named.get(above.get(who[one].office_id, ""), ""),
            [code for code in tags[one] if code not in hidden],
            tasks.get(one),
            plans.get(one),
            doubt=one in doubted,
            party=party,
        )
        for one in ids
        if one in who
    ]


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


def _row(
    who: Retiree,
    office: str,
    district: str,
    tags: Sequence[str],
    task: CertTask | None,
    plan: VisitPlan | None,
    *,
    doubt: bool,
    party: bool,
) -> PersonRow:
    years = person.age(who.birth_on)
    next_on = plan.next_on if plan and who.manage_state in CERTIFIABLE else None
    late = (clock.today() - next_on).days if next_on else 0
    return PersonRow(
        who.id,
        who.name,
        codes.table("SEX").name(who.sex),
        years,
        masks.masked(Mask.ID, who.id_no),
        person.place(who),
        who.employer_name or "",
        masks.masked(Mask.PHONE, person.phone(who)) or ("无电话" if who.no_phone else ""),
        tag_marks(tags, years, who.politics if party else None),
        cert_mark(
            who.manage_state,
            task.state if task else None,
            task.due_on if task else None,
            who.last_certified_on,
            doubt=doubt,
        ),
        task.due_on if task else None,
        task.id if task else "",
        plan.last_on if plan else None,
        next_on,
        max(0, late),
        who.manage_state,
        office,
        district,
    )


def find(session: Session, text: str, limit: int = 20) -> list[Found]:
    """Whoever the text may mean, people on the books first, whole names before parts."""
    if not text.strip():
        return []
    rows = session.scalars(
        select(Retiree)
        .where(*_here(session), Retiree.id.in_(search.found(Retiree, text)))
        .order_by(
            case((Retiree.name == text.strip(), 0), else_=1),
            case((on_books(), 0), else_=1),
            Retiree.address_key,
            Retiree.id,
        )
        .limit(limit)
    ).all()
    named = dict(offices(session)) if roles.is_central(at_desk(session)) else {}
    return [
        Found(
            one.id,
            one.name,
            codes.table("SEX").name(one.sex),
            person.age(one.birth_on),
            masks.masked(Mask.ID, one.id_no),
            " ".join(part for part in (named.get(one.office_id), person.place(one)) if part),
            masks.masked(Mask.PHONE, person.phone(one)),
            one.manage_state,
            _matched(one, text),
        )
        for one in rows
    ]


def offices(session: Session) -> list[tuple[str, str]]:
    """The stations people belong to, by code."""
    chosen = select(Office.id, Office.name).where(Office.is_void.is_(False)).order_by(Office.code)
    return [(key, name) for key, name in session.execute(chosen)]


def _matched(one: Retiree, text: str) -> str:
    """The field by which somebody was found."""
    ways = search.ways(Retiree, {name: getattr(one, name) for name in Retiree.search}, text)
    return "name" if "name" in ways or not ways else ways[-1]


def buildings(session: Session) -> list[tuple[str, int]]:
    """Every building with people on the books, in walking order."""
    return _grouped(session, Retiree.building_text, func.min(Retiree.address_key))


def estates(session: Session) -> list[tuple[str, int]]:
    """Every estate with people on the books."""
    return _grouped(session, Retiree.estate, Retiree.estate)


def groups(session: Session) -> list[tuple[str, int]]:
    """Every self-managed group with people on the books."""
    return _grouped(session, Retiree.group_name, Retiree.group_name)


def employers(session: Session) -> list[tuple[str, int]]:
    """Every former employer with people on the books, the largest first."""
    return _grouped(session, Retiree.employer_name, func.count().desc())


def _grouped(session: Session, column: Any, order: Any) -> list[tuple[str, int]]:
    rows = session.execute(
        select(column, func.count())
        .where(*_here(session), on_books(), or_(column != "", column.is_(None)))
        .where(column.is_not(None))
        .group_by(column)
        .order_by(order)
        .limit(2000)
    )
    return [(name, count) for name, count in rows]
