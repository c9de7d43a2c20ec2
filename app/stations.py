"""R22: the stations as the centre sees them (站点): who was heard of when, what arrived, what waits
and why, what is wrong. Figures are asked by group, so that a city's list costs no more than one
station's."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import districts, drill, roles, trouble
from app.districts import Report
from app.drill import Last
from app.kit.listing import SIZE, Page, cut
from app.kit.who import at_desk
from app.revocation import standing
from models import attachment as contents
from models.backlog import backlogs
from models.clock_reading import APART
from models.exchange import (
    Dispatch,
    Held,
    Installation,
    Invitation,
    Parked,
    RawBatch,
    Stream,
)
from models.kit import clock
from models.kit.stream import spoken
from models.office import Office
from models.relay import City, Known
from models.revocation import Revocation

ALL, NEEDS, INVITED, REVOKED = "all", "needs", "invited", "revoked"
CHIPS = ((ALL, "使用中"), (NEEDS, "需要处理"), (INVITED, "已邀请"), (REVOKED, "已停用"))
QUIET, SILENT = timedelta(days=7), timedelta(days=30)
RECENT = 12


@dataclass(frozen=True, slots=True)
class Gap:
    """Entries that arrived before the ones in front of them; ``first`` to ``last`` is missing."""

    first: int
    last: int
    count: int
    since: datetime


@dataclass(slots=True)
class StationRow:
    """One computer of one station, at a city of one district with what it passes on in its
    ``report``; ``at_city`` are entries the city has acknowledged, where there is one; ``id`` is its
    replica, or the code of an invitation; ``clock_off`` is how far its clock is ahead, where that
    is wrong and ours is not; ``doubted``: it says without proof that we had told it more.
    ``spoken`` is how far we have it, to be read over the telephone. ``drill`` is the last rehearsal
    of recovery there, ``drill_late``: none has passed for too long.
    ``queued`` entries are stored and not decided yet: behind ``stuck`` files that the program
    failed at, or ``begun`` and waiting for the rest of their action."""

    id: str
    office_id: str
    office: str
    code: str
    phone: str = ""
    invited_at: datetime | None = None
    approved_at: datetime | None = None
    last_contact_at: datetime | None = None
    received: int = 0
    held: int = 0
    held_since: datetime | None = None
    gaps: list[Gap] = field(default_factory=list)
    queued: int = 0
    queued_since: datetime | None = None
    stuck: int = 0
    begun: bool = False
    set_aside: int = 0
    files: int = 0
    forked: bool = False
    undelivered: int = 0
    revoked_at: datetime | None = None
    revoked_by: str = ""
    reason: str = ""
    report: Report | None = None
    at_city: int | None = None
    clock_off: timedelta | None = None
    doubted: bool = False
    spoken: str = ""
    drill: Last | None = None
    drill_late: bool = False

    @property
    def computer(self) -> str:
        """How the computer is called where a station has several."""
        return self.id[-4:].upper()

    @property
    def read_out(self) -> str:
        """``spoken`` in two halves."""
        return f"{self.spoken[:4]} {self.spoken[4:]}".strip()

    @property
    def parked(self) -> int:
        """Entries behind a gap."""
        return sum(one.count for one in self.gaps)

    @property
    def age(self) -> timedelta | None:
        """Since the last contact, or since it was approved without any."""
        last = self.last_contact_at or self.approved_at
        return clock.now() - last if last else None

    @property
    def silence(self) -> str:
        """quiet after a week, silent after a month."""
        if self.age is None or self.revoked_at:
            return ""
        return "silent" if self.age > SILENT else "quiet" if self.age > QUIET else ""

    @property
    def drilled(self) -> str:
        """今天 14:32 通过: the last rehearsal in words."""
        return drill.told(self.drill, late=self.drill_late)

    @property
    def drill_failed(self) -> bool:
        """Would recovery not have worked when it was last tried?"""
        return self.drill is not None and not self.drill.passed

    @property
    def differs(self) -> bool:
        """Did a district and its city find last time that they hold different records?"""
        return self.report is not None and bool(self.report.compared_at) and not self.report.agreed

    @property
    def needs(self) -> bool:
        """Is there something for a person to do?"""
        wrong = self.forked or self.set_aside or self.files or self.parked or self.held
        wrong = wrong or self.doubted or self.stuck or self.drill_late or self.drill_failed
        report = self.report
        if report is not None:
            wrong = wrong or self.differs or report.strangers or report.waits_since is not None
        return self.revoked_at is None and bool(wrong or self.silence == "silent")


@dataclass(frozen=True, slots=True)
class Arrival:
    """One file as it came. ``refused`` is the kind of the fault."""

    at: datetime
    first: int
    last: int
    refused: str


@dataclass(frozen=True, slots=True)
class Detail:
    """A computer with the files that came from it lately, by the sender in their headers;
    ``outstanding`` are contents of attachments that its station's records name and that have not
    arrived."""

    row: StationRow
    arrivals: tuple[Arrival, ...]
    outstanding: int = 0


def chips(session: Session) -> dict[str, int]:
    """How many rows each chip has."""
    found = every(session)
    return {key: sum(is_in(key, one) for one in found) for key, _ in CHIPS}


def stations(
    session: Session, chip: str = ALL, text: str = "", number: int = 1
) -> Page[StationRow]:
    """What needs a person first, then who has been quiet longest."""
    words = text.strip().casefold()
    found = [
        one
        for one in every(session)
        if is_in(chip, one) and (not words or words in f"{one.office} {one.code}".casefold())
    ]
    found.sort(key=lambda one: (not one.needs, -(one.age or timedelta()).total_seconds(), one.code))
    number = max(1, min(number, -(-len(found) // SIZE) or 1))
    return cut(found[(number - 1) * SIZE : number * SIZE], len(found), number)


def station(session: Session, key: str) -> Detail | None:
    """One row with its last files; None once it is gone."""
    row = next((one for one in every(session) if one.id == key), None)
    if row is None:
        return None
    found = session.execute(
        select(RawBatch.received_at, RawBatch.header, RawBatch.refused)
        .where(RawBatch.office_id == row.office_id, RawBatch.header.contains(row.id))
        .order_by(RawBatch.received_at.desc())
        .limit(RECENT)
    )
    arrivals = [_arrival(at, header, refused) for at, header, refused in found]
    return Detail(row, tuple(arrivals), len(contents.missing(session, row.office_id)))


def _arrival(at: datetime, header: str, refused: str | None) -> Arrival:
    span = trouble.span_of(header)
    return Arrival(at, span.first, span.last, refused or "")


def is_in(chip: str, one: StationRow) -> bool:
    """Is this row under this chip?"""
    if one.invited_at is not None:
        return chip == INVITED
    if one.revoked_at is not None:
        return chip == REVOKED
    return chip == ALL or (chip == NEEDS and one.needs)


def every(session: Session) -> list[StationRow]:
    """All rows, in no order."""
    roles.allow(at_desk(session), "exchange", "see")
    offices = {one.id: one for one in session.scalars(select(Office))}
    rows = {one.id: one for one in _installations(session, offices)}
    for report in districts.reports(session).values():
        if row := rows.get(report.replica):
            row.report, row.received = report, report.received
            row.office = row.office or report.name
    _fill_streams(session, rows)
    _fill_backlogs(session, rows)
    _fill_files(session, rows)
    _fill_clocks(session, rows)
    if not roles.is_city(at_desk(session)):
        _fill_drills(session, rows)
    for stop in session.scalars(standing()):
        if row := rows.get(stop.replica_id):
            row.revoked_at, row.reason = stop.revoked_at, stop.reason
            row.revoked_by = stop.revoked_by or ""
    return [*rows.values(), *_invitations(session, offices)]


def _installations(session: Session, offices: dict[str, Office]) -> Iterable[StationRow]:
    told = {
        row.office_id: row.seq for row in session.execute(select(Dispatch.office_id, Dispatch.seq))
    }
    for one in session.scalars(select(Installation).where(Installation.approved_at.is_not(None))):
        office = offices.get(one.office_id)
        yield StationRow(
            one.id,
            one.office_id,
            office.name if office else "",
            office.code if office else "",
            (office.phone or "") if office else "",
            approved_at=one.approved_at,
            last_contact_at=one.last_contact_at,
            undelivered=max(0, told.get(one.office_id, 0) - one.down_acked),
            doubted=one.claimed_at is not None,
        )


def _invitations(session: Session, offices: dict[str, Office]) -> list[StationRow]:
    """Invitations nobody has answered; of several to one office, or to one district, the
    newest."""
    found: dict[tuple[str, str], StationRow] = {}
    me = at_desk(session).office_id
    for one in session.scalars(
        select(Invitation).where(Invitation.used_at.is_(None)).order_by(Invitation.made_at)
    ):
        office = offices.get(one.office_id)
        if office is not None and one.office_id == me:
            found[me, one.name] = StationRow(
                one.code, "", one.name or "区中心", "", invited_at=one.made_at
            )
        elif office is not None:
            found[one.office_id, ""] = StationRow(
                one.code, one.office_id, office.name, office.code, office.phone or "", one.made_at
            )
    return list(found.values())


def _fill_streams(session: Session, rows: dict[str, StationRow]) -> None:
    whose: dict[tuple[str, str], StationRow] = {}
    have: dict[tuple[str, str], int] = {}
    known = {
        (one.office_id, one.incarnation): one.seq
        for one in session.scalars(select(Known))
    }  # fmt: skip
    has_city = session.scalar(select(City.id)) is not None
    for one in session.scalars(select(Stream).order_by(Stream.incarnation)):
        row = rows.get(one.replica)
        if row is not None and has_city:
            there = known.get((one.office_id, one.incarnation), 0)
            row.at_city = (row.at_city or 0) + min(one.contiguous, there)
        if row is not None:
            at = (one.office_id, one.incarnation)
            whose[at], have[at] = row, one.contiguous
            row.received += one.contiguous
            row.spoken = spoken(one.head) if one.contiguous else ""
            row.forked = row.forked or one.forked_at is not None
    for office_id, incarnation, count, since in session.execute(
        select(Held.office_id, Held.incarnation, func.count(), func.min(Held.since)).group_by(
            Held.office_id, Held.incarnation
        )
    ):
        if row := whose.get((office_id, incarnation)):
            row.held += count
            row.held_since = min(filter(None, (row.held_since, since)))
    for office_id, incarnation, seq, count, since in session.execute(
        select(
            Parked.office_id,
            Parked.incarnation,
            func.min(Parked.seq),
            func.count(),
            func.min(Parked.received_at),
        ).group_by(Parked.office_id, Parked.incarnation)
    ):
        at = (office_id, incarnation)
        if row := whose.get(at):
            row.gaps.append(Gap(have[at] + 1, seq - 1, count, since))
    apart = trouble.aside().subquery()
    for office_id, incarnation, count in session.execute(
        select(apart.c.office_id, apart.c.incarnation, func.sum(apart.c.entries)).group_by(
            apart.c.office_id, apart.c.incarnation
        )
    ):
        if row := whose.get((office_id, incarnation)):
            row.set_aside += count


def _fill_backlogs(session: Session, rows: dict[str, StationRow]) -> None:
    """A contact whose file waits is noted only once that is decided."""
    for one in backlogs(session):
        if row := rows.get(one.replica):
            row.begun = one.is_begun and (row.begun or not row.queued)
            row.queued += one.entries
            row.queued_since = min(filter(None, (row.queued_since, one.since)))
            row.stuck += one.stuck
            row.last_contact_at = max(filter(None, (row.last_contact_at, one.last_at)))


def _fill_files(session: Session, rows: dict[str, StationRow]) -> None:
    """Files that were refused; a file says itself which office it comes from."""
    here: dict[str, list[StationRow]] = defaultdict(list)
    for row in rows.values():
        here[row.office_id].append(row)
    for office_id, count in session.execute(
        select(RawBatch.office_id, func.count())
        .where(*trouble.refused())
        .group_by(RawBatch.office_id)
    ):
        for row in _newest(here.get(office_id, ())):
            row.files = count


def our_clock(session: Session) -> timedelta | None:
    """How far our own clock is ahead of most stations', by what they said when they last came over
    the network; None where it agrees well enough."""
    stopped = standing().with_only_columns(Revocation.replica_id)
    heard = select(Installation.clock_off).where(
        Installation.clock_off.is_not(None), Installation.id.not_in(stopped)
    )
    known = [one for one in session.scalars(heard) if one is not None]
    if not known:
        return None
    off = timedelta(seconds=-median(known))
    return off if abs(off) >= APART else None


def _fill_clocks(session: Session, rows: dict[str, StationRow]) -> None:
    """Of a clock that differs while ours is believed."""
    if our_clock(session) is not None:
        return
    least = APART.total_seconds()
    for one in session.scalars(
        select(Installation).where(func.abs(Installation.clock_off) > least)
    ):
        if (row := rows.get(one.id)) and one.clock_off is not None:
            row.clock_off = timedelta(seconds=one.clock_off)


def _fill_drills(session: Session, rows: dict[str, StationRow]) -> None:
    every, found = drill.months(session), drill.by_replica(session)
    ruled_on = drill.ruled_on(session)
    for key, row in rows.items():
        row.drill = found.get(key)
        row.drill_late = drill.is_late(every, row.drill, row.approved_at, ruled_on)


def _newest(rows: Sequence[StationRow]) -> Sequence[StationRow]:
    return sorted(rows, key=lambda one: one.id)[-1:]
