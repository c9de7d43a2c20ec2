"""Which people a list asks for, as conditions of a query: chips, filters, search, order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, extract, or_, select
from sqlalchemy.orm import Session

from app import cert_task, circles, office, person, roles
from app.due import month_end
from app.kit.listing import ordering
from app.kit.who import at_desk
from app.retiree.marks import PARTY
from app.retiree.missing import is_incomplete
from models.cert_task import HOME, OPEN, OVERDUE, CertTask
from models.handover import TAKEN, Handover
from models.kit import clock, search
from models.kit.fields import Circle
from models.retiree import CERTIFIABLE, DEAD, MOVED_OUT, ON_BOOKS, SELF_MANAGED, Retiree
from models.suspicion import Suspicion
from models.tag import Tag
from models.visit_plan import VisitPlan

IMMOBILE, ALONE = ("T05", "T06", "T07"), ("T02", "T03")
GONE = (DEAD, MOVED_OUT, SELF_MANAGED)


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


def on_books() -> ColumnElement[bool]:
    """在册."""
    return Retiree.manage_state.in_(ON_BOOKS)


def here(session: Session) -> list[ColumnElement[bool]]:
    """Whom the office at this desk has; at a centre everybody."""
    desk, there = at_desk(session), Retiree.is_void.is_(False)
    if roles.is_central(desk):
        return [there]
    return [Retiree.office_id == desk.office_id, there]


def ever_here(session: Session) -> list[ColumnElement[bool]]:
    """With whom another station has taken over."""
    if roles.is_central(at_desk(session)):
        return here(session)
    ours, *rest = here(session)
    left = select(Handover.person_id).where(
        Handover.office_id == at_desk(session).office_id, Handover.state == TAKEN
    )
    return [or_(ours, Retiree.id.in_(left)), *rest]


def of_chip(key: str) -> ColumnElement[bool]:
    """Who belongs to a chip, of all who are here."""
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


def matching(session: Session, wanted: People) -> list[ColumnElement[bool]]:
    """All that holds of whoever is listed."""
    found = [*(ever_here(session) if wanted.chip in ("all", "gone") else here(session))]
    if wanted.chip == "party" and not circles.sees(session, Circle.PARTY):
        return [*found, Retiree.id.is_(None)]
    if wanted.chip != "all":
        found.append(of_chip(wanted.chip))
    if wanted.text.strip():
        found.append(Retiree.id.in_(search.found(wanted.text)))
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
        return of_chip("aged")
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
        return [of_chip(wanted)]
    if wanted == OVERDUE:
        return [_with_task(cert_task.listed(), CertTask.due_on < clock.today())]
    return [
        _with_task(cert_task.listed(), CertTask.state == (HOME if wanted == "home" else wanted))
    ]


def _visit(wanted: str) -> list[ColumnElement[bool]]:
    if wanted == "overdue":
        return [of_chip("visit_overdue")]
    if wanted == "month":
        today = clock.today()
        last = month_end(today)
        return [_planned(VisitPlan.next_on <= last)]
    return []


def in_order(wanted: People, where: Sequence[ColumnElement[bool]]) -> Any:
    """The ids of all these, as the list is sorted."""
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
