"""What is to be said beside a time that was written by a clock an hour off or more (sync.md 4.2).

Display and evidence only: who wins is decided without it. The estimate is the difference a contact
over the network showed since, and is said only where the time it gives lies between that contact
and the one before; nobody measured anything else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from app import roles
from app.kit.who import at_desk
from models.clock_reading import APART, ClockReading
from models.exchange import Change, Stream
from models.kit import clock
from models.kit.among import among
from models.kit.ids import born
from models.kit.stream import moment_of, read_head

SLACK = timedelta(minutes=5)
AROUND = timedelta(days=1)
"""Readings of that time tell whose clock was wrong, a station's or the centre's."""
ALONE = timedelta(days=1)
"""So long before a computer's first contact its clock is judged by that one alone."""
OWN = "按区中心电脑的时钟推算"


@dataclass(frozen=True, slots=True)
class ClockOff:
    """当时电脑时钟快约 2 小时，实际约 14:20, and how that is known."""

    words: str
    source: str

    def __str__(self) -> str:
        return f"{self.words}（{self.source}）"


def clock_off(session: Session, told: Mapping[str, datetime | None]) -> dict[str, ClockOff]:
    """By change, of those with something to say. ``told`` is the moment that is shown: one its
    computer's clock gave, in the record, or with None that of the change itself."""
    rows = _rows(session, told)
    wrong = _ever_wrong(session, rows)
    found = {}
    for key, row in rows.items():
        shown = told[key] or moment_of(row.hlc)
        device = told[key] or _by_its_own_clock(row)
        if device is None or not (device != shown or (row.office_id, row.incarnation) in wrong):
            continue
        known = _measured(session, row, device)
        if known is not None and abs(shown - known[0]) >= APART:
            found[key] = ClockOff(_words(shown, known[0], device), known[1])
    return found


def _rows(session: Session, told: Mapping[str, datetime | None]) -> dict[str, Any]:
    """Each where it was written first: one that was offered again is in the log twice."""
    columns = (Change.change_id, Change.office_id, Change.incarnation, Change.seq, Change.hlc)
    wanted = sorted(filter(None, told))
    query = select(*columns, Change.head).where(among(Change.change_id, wanted))
    found: dict[str, Any] = {}
    for row in session.execute(query.order_by(Change.incarnation, Change.seq)):
        found.setdefault(row.change_id, row)
    return found


def _ever_wrong(session: Session, rows: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The streams whose clock was ever seen to be off; mostly none."""
    at = ClockReading
    of = among(at.office_id, {row.office_id for row in rows.values()})
    streams = among(at.incarnation, {row.incarnation for row in rows.values()})
    is_off = func.abs(at.ahead) >= APART.total_seconds() - SLACK.total_seconds()
    query = select(at.office_id, at.incarnation).where(of, streams, is_off).distinct()
    found = session.execute(query)
    return {(one.office_id, one.incarnation) for one in found}


def _by_its_own_clock(row: Any) -> datetime | None:
    """What the computer's clock said as a change was written; None where nobody knows. The hybrid
    clock stands above it where it has followed another's, or where ours was set back."""
    shown = moment_of(row.hlc)
    if not (row.hlc - read_head(row.head).part) & 0xFFFF:
        return shown
    made = born(row.change_id)
    return made if made is not None and shown - made > SLACK else None


def _measured(session: Session, row: Any, device: datetime) -> tuple[datetime, str] | None:
    """What the time really was, and by what; None where nobody could measure it."""
    desk = at_desk(session)
    if roles.is_central(desk) and row.office_id == desk.office_id:
        return device, OWN
    last = _since(session, row)
    if last is None:
        return None
    first = _before(session, row, last, central=roles.is_central(desk))
    since = first.at - SLACK if first else last.at - ALONE
    for one in filter(None, (last, first)):
        real = _put_right(device, one)
        if real is not None and since <= real <= last.at + SLACK:
            return None if _was_the_centre(session, one) else (real, _source(one.at))
    return None


def _put_right(device: datetime, one: ClockReading) -> datetime | None:
    """None of a time that was made up: with the difference it lies outside the calendar."""
    try:
        return device - timedelta(seconds=one.ahead)
    except OverflowError:
        return None


def _since(session: Session, row: Any) -> ClockReading | None:
    """The first contact that found it written."""
    at = ClockReading
    of_stream = at.office_id == row.office_id, at.incarnation == row.incarnation
    query = select(at).where(*of_stream, at.seq >= row.seq).order_by(at.seq).limit(1)
    return session.scalars(query).first()


def _before(
    session: Session, row: Any, last: ClockReading, *, central: bool
) -> ClockReading | None:
    """The last contact of the same computer that did not, also in a stream before this one. Only
    the centre has readings of several computers."""
    at, of = ClockReading, Stream
    own = select(of.replica).where(of.office_id == row.office_id, of.incarnation == row.incarnation)
    streams = select(of.incarnation).where(of.replica == own.scalar_subquery())
    query = select(at).where(
        at.office_id == row.office_id,
        at.at < last.at,
        or_(at.incarnation != row.incarnation, at.seq < row.seq),
    )
    if central:
        query = query.where(at.incarnation.in_(streams))
    return session.scalars(query.order_by(at.at.desc()).limit(1)).first()


def _was_the_centre(session: Session, one: ClockReading) -> bool:
    """Were most of the others off too at that time? Then the centre's own clock was."""
    if abs(timedelta(seconds=one.ahead)) < APART:
        return False
    at = ClockReading
    last = select(at.office_id, at.incarnation, func.max(at.seq).label("seq")).where(
        at.at.between(one.at - AROUND, one.at + AROUND), at.office_id != one.office_id
    ).group_by(at.office_id, at.incarnation).subquery()  # fmt: skip
    same = (getattr(at, key) == last.c[key] for key in ("office_id", "incarnation", "seq"))
    others = session.scalars(select(at.ahead).join(last, and_(*same))).all()
    return bool(others) and abs(timedelta(seconds=median(others))) >= APART


def _source(at: datetime) -> str:
    day = clock.local(at)
    year = f"{day.year}年" if day.year != clock.today().year else ""
    return f"按 {year}{day.month}月{day.day}日 与区中心联系时的差推算"


def _words(shown: datetime, real: datetime, device: datetime) -> str:
    off = shown - real
    hours, days = round(abs(off) / timedelta(hours=1)), round(abs(off) / timedelta(days=1))
    long = f"{days:,} 天" if hours >= 24 else f"{hours} 小时"
    word = "快" if off > timedelta() else "慢"
    said = "当时电脑时钟" if device == shown else "时间是跟着别处的时钟记的，"
    was, is_ = clock.local(shown), clock.local(real)
    day = f"{is_:%m-%d} " if is_.year == was.year else f"{is_:%Y-%m-%d} "
    return f"{said}{word}约 {long}，实际约 {'' if is_.date() == was.date() else day}{is_:%H:%M}"
