"""R22, R27, 4.12: what each district passes on to its city (转报): the words of its stations,
whether both sides agreed, the stations that a person here has not confirmed yet, and whom two
districts have on their books."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from app import audit, roles
from app.kit.refusal import Refusal
from app.kit.who import at_desk
from models.exchange import Change, Stream
from models.kit import clock
from models.kit.among import among
from models.kit.stream import millis_of
from models.office import Office
from models.relay import District, Vouched
from models.retiree import DEAD, MOVED_OUT, ON_BOOKS, Retiree


@dataclass(frozen=True, slots=True)
class Passed:
    """A station whose words came: how many entries, the newest as of its own clock, the people on
    its books, and how many of its computers nobody has confirmed."""

    office_id: str
    name: str
    code: str
    received: int
    last_at: datetime | None
    people: int
    strangers: int


@dataclass(frozen=True, slots=True)
class Report:
    """All that one district has passed on, by the computer ``replica``; ``waits_since`` a file came
    before the one it builds on."""

    replica: str
    name: str
    stations: tuple[Passed, ...]
    compared_at: datetime | None
    agreed: bool
    waits_since: datetime | None = None

    @property
    def received(self) -> int:
        """Entries of its stations."""
        return sum(one.received for one in self.stations)

    @property
    def strangers(self) -> int:
        """Stations with a computer nobody has confirmed."""
        return sum(one.strangers > 0 for one in self.stations)


def reports(session: Session) -> dict[str, Report]:
    """By the office of the district; nothing but at a city."""
    passed: dict[str, list[Passed]] = defaultdict(list)
    for district_id, one in _stations(session):
        passed[district_id].append(one)
    return {
        one.office_id: Report(
            one.id,
            one.name,
            tuple(sorted(passed[one.office_id], key=lambda each: (each.code, each.name))),
            one.compared_at,
            one.agreed,
            one.waits_since,
        )
        for one in session.scalars(select(District))
    }


def _stations(session: Session) -> list[tuple[str, Passed]]:
    offices = {one.id: one for one in session.scalars(select(Office))}
    counted = session.execute(
        select(Retiree.office_id, func.count())
        .where(Retiree.is_void.is_(False), Retiree.manage_state.in_(ON_BOOKS))
        .group_by(Retiree.office_id)
    )
    people = {row[0]: row[1] for row in counted}
    received, last = _words(session)
    grouped = session.execute(
        select(
            Vouched.district_id,
            Vouched.office_id,
            func.count().filter(Vouched.confirmed_at.is_(None)),
        ).group_by(Vouched.district_id, Vouched.office_id)
    )
    found = []
    for district_id, office_id, strangers in grouped:
        office = offices.get(office_id)
        name, code = (office.name, office.code) if office else ("", "")
        at = clock.from_millis(millis_of(last[office_id])) if last.get(office_id) else None
        many = people.get(office_id, 0)
        found.append(
            (
                district_id,
                Passed(office_id, name, code, received[office_id], at, many, strangers),
            )
        )
    return found


def _words(session: Session) -> tuple[dict[str, int], dict[str, int]]:
    """By office: entries without a gap, and when the newest was written."""
    received, last = defaultdict[str, int](int), dict[str, int]()
    rows = session.execute(
        select(Stream.office_id, Stream.contiguous, Change.hlc).outerjoin(
            Change,
            and_(
                Change.office_id == Stream.office_id,
                Change.incarnation == Stream.incarnation,
                Change.seq == Stream.contiguous,
            ),
        )
    )
    for office_id, count, hlc in rows:
        received[office_id] += count
        last[office_id] = max(last.get(office_id, 0), hlc or 0)
    return received, last


def confirm(session: Session, office_id: str) -> str:
    """Somebody compared the station with what they know of the district: it is one. Returns the
    sentence for the toast."""
    desk = at_desk(session)
    roles.allow(desk, "exchange", "manage")
    found = session.scalars(
        select(Vouched).where(Vouched.office_id == office_id, Vouched.confirmed_at.is_(None))
    ).all()
    if not found:
        raise Refusal("这个站点刚才已经确认过了")
    for one in found:
        one.confirmed_at, one.confirmed_by = clock.now(), desk.name
    name = session.scalar(select(Office.name).where(Office.id == office_id)) or "这个站点"
    computers = "、".join(one.id[-4:].upper() for one in found)
    audit.note(session, "确认站点", "office", office_id, f"{name}，电脑 {computers}")
    return f"已确认 {name}"


# one person, two districts ------------------------------------------------------------------------

_DISTRICT = func.coalesce(Office.parent_id, Office.office_id)
_LIVING = (Retiree.is_void.is_(False), Retiree.manage_state.not_in((DEAD, MOVED_OUT)))


def in_several() -> Select[str, str, datetime]:
    """Numbers under which more than one district has somebody living: the number, the newest of
    these records, and since when. What one district has twice is its own to see to."""
    twice = select(Retiree.id_no).group_by(Retiree.id_no).having(func.count() > 1)
    return (
        select(
            Retiree.id_no,
            func.max(Retiree.id).label("newest"),
            func.max(Retiree.created_at).label("since"),
        )
        .join(Office, Office.id == Retiree.office_id)
        .where(*_LIVING, Retiree.id_no.in_(twice))
        .group_by(Retiree.id_no)
        .having(func.min(_DISTRICT) != func.max(_DISTRICT))
    )


def twice_counted(session: Session) -> int:
    """How many people every figure of the city counts once for each of their districts."""
    return session.scalar(select(func.count()).select_from(in_several().subquery())) or 0


@dataclass(frozen=True, slots=True)
class Holder:
    """One of the records under a number, by whose books it is on."""

    name: str
    station: str
    district: str


def who_has(session: Session, numbers: list[str]) -> dict[str, list[Holder]]:
    """Of each number everybody living under it, the oldest record first."""
    named = {one.id: one.name for one in session.execute(select(Office.id, Office.name))}
    rows = session.execute(
        select(Retiree.id_no, Retiree.name, Retiree.office_id, _DISTRICT)
        .join(Office, Office.id == Retiree.office_id)
        .where(among(Retiree.id_no, numbers), *_LIVING)
        .order_by(Retiree.created_at, Retiree.id)
    )
    found: dict[str, list[Holder]] = defaultdict(list)
    for number, name, office, district in rows:
        found[number].append(Holder(name, named.get(office, ""), named.get(district, "")))
    return found
