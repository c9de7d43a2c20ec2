"""D1-D8: the centre's first page (工作台): what waits, and every office in figures, by SQL."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from app import delivery, office, roles, ruling, stations, trouble
from app.cert_task import LISTED
from app.delivery import Relayed
from app.exchange import Bottom, last_saved
from app.kit.who import at_desk
from models.cert_task import CertTask
from models.certification import Certification, holding
from models.exchange import RawBatch
from models.kit import clock
from models.office import Office
from models.retiree import ON_BOOKS, Retiree
from models.visit import Visit


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """One office this month, at a city one district with its ``stations``: those it has passed on,
    as 区中心 lists them by name, not who was only invited. ``due`` is open and due by the end of
    the month, with the ``overdue`` ones, as the station lists them."""

    id: str
    name: str
    people: int
    due: int
    certified: int
    overdue: int
    visits: int
    stations: int = 0


@dataclass(frozen=True, slots=True)
class Overview:
    """``waits`` are the figures of the side bar; ``today`` files that were taken in;
    ``strangers`` are stations a city has not confirmed, ``city`` how a district's own report to its
    city stands; ``clock_off`` how far our own clock is ahead, where it is wrong."""

    offices: tuple[OfficeRow, ...]
    total: OfficeRow
    waits: Mapping[str, int]
    stations: int
    quiet: int
    files_today: int
    strangers: int = 0
    city: Relayed | None = None
    clock_off: timedelta | None = None


def overview(session: Session) -> Overview:
    """Everything the first page shows; offices in the order of their codes."""
    is_city = roles.is_city(at_desk(session))
    every = stations.every(session)
    passed = {one.office_id: len(one.report.stations) for one in every if one.report}
    rows = districts(session, passed) if is_city else offices(session)
    midnight = clock.local(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    files = session.scalar(
        select(func.count())
        .select_from(RawBatch)
        .where(RawBatch.received_at >= midnight, RawBatch.refused.is_(None))
    )
    used = [one for one in every if stations.is_in(stations.ALL, one)]
    return Overview(
        tuple(rows),
        _sum(rows),
        waiting(session),
        len(used),
        sum(one.silence != "" for one in every),
        files or 0,
        sum(one.report.strangers for one in used if one.report),
        delivery.relayed(session),
        stations.our_clock(session),
    )


def districts(session: Session, passed: Mapping[str, int]) -> list[OfficeRow]:
    """Districts with the figures of all their stations and how many they have ``passed`` on; who
    looks after people themselves counts too."""
    parents = office.above(session)
    mine: dict[str, list[OfficeRow]] = {}
    for row in offices(session):
        mine.setdefault(parents.get(row.id, ""), []).append(row)
    named = session.execute(
        select(Office.id, Office.name)
        .where(Office.is_void.is_(False), Office.level == "2")
        .order_by(Office.code)
    )
    found = [
        replace(_sum(mine.get(row.id, []), row.id, row.name), stations=passed.get(row.id, 0))
        for row in named
    ]
    known = {one.id for one in found}
    rest = [one for key, rows in mine.items() if key not in known for one in rows]
    return [*found, *([_sum(rest, "-", "未归区")] if rest else [])]


def offices(session: Session) -> list[OfficeRow]:
    """Offices that look after somebody, or could."""
    today = clock.today()
    first = today.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    counts = {
        "people": _count(session, Retiree, Retiree.manage_state.in_(ON_BOOKS)),
        "due": _count(session, CertTask, CertTask.state.in_(LISTED), CertTask.due_on < after),
        "overdue": _count(session, CertTask, CertTask.state.in_(LISTED), CertTask.due_on < today),
        "certified": _count(
            session,
            Certification,
            *holding(),
            _within(Certification.certified_on, first, after),
            of=Certification.retiree_id,
        ),
        "visits": _count(session, Visit, _within(Visit.visited_on, first, after)),
    }
    named = session.execute(
        select(Office.id, Office.name)
        .where(Office.is_void.is_(False), Office.level == "3")
        .order_by(Office.code)
    )
    return [
        OfficeRow(row.id, row.name, **{key: one.get(row.id, 0) for key, one in counts.items()})
        for row in named
    ]


def _within(column: Any, first: date, after: date) -> ColumnElement[bool]:
    return and_(column >= first, column < after)


def _count(
    session: Session, entity: Any, *where: ColumnElement[bool], of: Any = None
) -> dict[str, int]:
    """How many by the office of the person: a certification the centre wrote counts where the
    person lives."""
    number = func.count() if of is None else func.count(of.distinct())
    office = entity.office_id
    query = select(Retiree.office_id if of is not None else office, number)
    if of is not None:
        query = query.select_from(entity).join(Retiree, Retiree.id == of)
    query = query.where(entity.is_void.is_(False), *where)
    grouped = query.group_by(Retiree.office_id if of is not None else office)
    return {row[0]: row[1] for row in session.execute(grouped)}


def _sum(rows: list[OfficeRow], key: str = "", name: str = "合计") -> OfficeRow:
    return OfficeRow(
        key,
        name,
        sum(one.people for one in rows),
        sum(one.due for one in rows),
        sum(one.certified for one in rows),
        sum(one.overdue for one in rows),
        sum(one.visits for one in rows),
        sum(one.stations for one in rows),
    )


def waiting(session: Session) -> dict[str, int]:
    """The figures of things waiting, by badge. Certifications to confirm are every day's work
    and no trouble; at a city neither disputes nor what a district decides are."""
    if roles.is_city(at_desk(session)):
        return {
            "stations": stations.chips(session)[stations.NEEDS],
            "troubles": sum(trouble.chips(session).values()),
        }
    wrong = {key: n for key, n in trouble.chips(session).items() if key != trouble.CERTS}
    return {
        "stations": stations.chips(session)[stations.NEEDS],
        "disputes": ruling.chips(session)[ruling.OPEN],
        "troubles": sum(wrong.values()),
    }


def bottom(session: Session) -> Bottom:
    """When something was saved here last; the centre itself waits for nobody."""
    return Bottom(last_saved(session), 0, offline=False)
