"""Who a file is between: the centre itself, the installation that sent it, its stream and its
office's place in the downlink. One question to the database instead of six."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    column,
    exists,
    func,
    or_,
    select,
    true,
    values,
)
from sqlalchemy.orm import Session

from models.exchange import (
    MAY_ENTER,
    Change,
    Dispatch,
    Held,
    Installation,
    Parked,
    Queued,
    RawBatch,
    Replica,
    Stream,
)
from models.kit import clock
from models.kit.direct import find
from models.kit.kinds import UtcTime
from models.kit.stream import GENESIS
from models.relay import City, District
from models.revocation import Revocation
from sync import blobs, later, relayed
from sync.centre.receiving import intake
from sync.claim import CLAIM
from sync.enrol import revoked_ones
from sync.fault import Fault, elsewhere, revoked, unknown_station
from sync.merge import Result
from sync.message import Header

ASKED = ("office", "sender", "incarnation", "sha256")
NOBODY = ("", "", "", "")


@cache
def _question(files: int) -> Select[*tuple[Any, ...]]:
    """About so many files: what there is of the sender of each, and last its digest."""
    places = [
        tuple(bindparam(f"{name}_{at}", type_=String()) for name in ASKED) for at in range(files)
    ]
    if files == 1:  # each contact asks this, and SQLite is slow at a table of one row
        return _about(select().select_from(Replica), *places[0])
    given = values(*(column(name, String) for name in ASKED), name="given").data(places)
    asked = given.cte("asked")
    return _about(
        select().select_from(Replica).join(asked, true()), *(asked.c[name] for name in ASKED)
    )


def _about(
    start: Select[*tuple[Any, ...]],
    office: ColumnElement[str],
    sender: ColumnElement[str],
    incarnation: ColumnElement[str],
    sha256: ColumnElement[str],
) -> Select[*tuple[Any, ...]]:
    return (
        start.add_columns(
            Replica,
            Installation,
            Stream,
            Dispatch,
            select(func.coalesce(RawBatch.refused, ""))
            .where(RawBatch.office_id == office, RawBatch.sha256 == sha256)
            .scalar_subquery(),
            exists().where(Parked.office_id == office, Parked.incarnation == incarnation),
            exists().where(Held.office_id != ""),
            exists().where(Queued.office_id == office, Queued.incarnation == incarnation),
            exists().where(
                Change.outcome == Result.QUARANTINED,
                or_(*(Change.reason == one for one in MAY_ENTER)),
            ),
            exists().where(District.office_id == office),
            select(City.id).scalar_subquery(),
            exists(revoked_ones().where(Revocation.replica_id == sender)),
            later.IS_ANY,
            select(func.count())
            .where(RawBatch.received_at >= bindparam("midnight", type_=UtcTime()))
            .scalar_subquery(),
            sha256,
        )
        .outerjoin(Installation, and_(Installation.office_id == office, Installation.id == sender))
        .outerjoin(Stream, and_(Stream.office_id == office, Stream.incarnation == incarnation))
        .outerjoin(Dispatch, Dispatch.office_id == office)
    )


OF_DISTRICTS = (relayed.KIND, relayed.CONTENTS)


@dataclass(slots=True)
class Parties:
    """``at`` is missing where the office was never told anything. ``is_known``: this very file was
    stored before; ``was_refused``: it came before and was not believed; ``has_parked``: entries of
    this stream wait behind a gap; ``has_held``: actions of whatever stream wait for something;
    ``has_queued``: files of this stream are stored and not decided; ``has_outside``: actions may
    yet enter that stay outside; ``city`` is the id of the city
    we report to, if any; ``today`` files came since midnight."""

    me: Replica
    station: Installation
    stream: Stream
    at: Dispatch | None
    is_known: bool
    was_refused: bool
    has_parked: bool
    has_held: bool
    has_queued: bool
    has_outside: bool
    city: str | None
    today: int

    @property
    def receipt(self) -> str:
        """The number an acknowledgement bears (回执号)."""
        return f"HZ-{clock.local(clock.now()):%m%d}-{self.today:04d}"


def foresee(session: Session, files: Sequence[tuple[Header, str]]) -> None:
    """Ask about all of these at once, each with its digest: what is put into the queue meanwhile
    (`intake.together`) changes nothing of it but of its own office's."""
    if files:
        intake.expect(session, {row[-1]: row for row in _ask(session, files)})


def _ask(session: Session, files: Sequence[tuple[Header, str]]) -> list[tuple[Any, ...]]:
    size = 1 << (len(files) - 1).bit_length()  # few statements, whatever comes
    asked = [(one.sender_office, one.sender, one.incarnation, sha256) for one, sha256 in files]
    asked += [NOBODY] * (size - len(files))
    given: dict[str, Any] = {
        f"{name}_{at}": value
        for at, one in enumerate(asked)
        for name, value in zip(ASKED, one, strict=True)
    }
    today = clock.local(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    return find(session, _question(size), {**given, "midnight": today})


def parties(session: Session, header: Header, sha256: str, *, was_let_in: bool = False) -> Parties:
    """Raises Fault for a file that is not for us or from nobody we approved; nothing is written
    then. A file that ``was_let_in`` before counts even if its sender was revoked since."""
    if header.kind not in ("changes", blobs.KIND, CLAIM, *OF_DISTRICTS):
        raise elsewhere("区中心")
    office_id, incarnation = header.sender_office, header.incarnation
    intake.settle(session, office_id)
    row = intake.expected(session, sha256) or _ask(session, [(header, sha256)])[0]
    me, station, stream, at, refused, *has, is_district, city, is_revoked, is_kept, count, _ = row
    session.info[later.KEPT] = is_kept
    has_parked, has_held, has_queued, has_outside = has
    if header.recipient != me.id:
        raise Fault("foreign_centre", "这个数据包是给另一个区中心的，没有读入")
    if station is None or station.approved_at is None:
        raise unknown_station()
    if is_district is not (header.kind in OF_DISTRICTS):
        raise elsewhere("市级" if is_district else "区中心")
    if is_revoked and not was_let_in:
        raise revoked()
    return Parties(
        me=me,
        station=station,
        stream=stream
        or Stream(
            office_id=office_id,
            incarnation=incarnation,
            replica=header.sender,
            contiguous=0,
            head=GENESIS,
        ),
        at=at,
        is_known=refused == "",
        was_refused=bool(refused),
        has_parked=has_parked,
        has_held=has_held,
        has_queued=has_queued,
        has_outside=has_outside,
        city=city,
        today=count + intake.unwritten(session),
    )


def marks(session: Session, found: Parties) -> tuple[object, ...]:
    """What a contact may change beside the records: our epoch, how far the office was told, and how
    we know the sender and whether we doubt its word."""
    at, station = found.at, found.station
    told = (at.seq, at.own_seen) if at else None
    is_doubted = station.claimed_at is not None
    version = (station.incarnation, station.schema, station.card)
    known = (*version, found.stream in session, is_doubted)
    return found.me.centre_epoch, told, known
