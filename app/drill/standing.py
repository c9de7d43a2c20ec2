"""When recovery was rehearsed last, with what result, and when it is to be again."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from app import audit, parameter
from app.due import add_months
from app.kit.moments import near
from app.kit.who import at_desk
from models.audit import Audit
from models.exchange import Change, Stream
from models.kit import clock
from models.office import Office

ACT, CHANGED = "恢复演练", "drill"
FIRST = timedelta(days=7)
"""After a station was set up: by then it has backups."""
SPARE = 1
"""Months a station may be late before the centre asks why."""
_SAID = and_(Change.entity == Audit.__tablename__, Change.entity_id == Audit.id)
_HERE = select(Change.seq).where(_SAID, Change.hash != b"").exists()
"""By this computer: what the centre gave back of another of the office has no chain value here."""


@dataclass(frozen=True, slots=True)
class Last:
    """The last rehearsal; ``passed_at`` is when one went well last."""

    at: datetime
    passed: bool
    words: str
    passed_at: datetime | None = None


def note(session: Session, words: str, *, passed: bool) -> None:
    """The result goes up with the log; it names a backup and figures, nobody."""
    own = at_desk(session).office_id
    audit.note(session, ACT, Office.__tablename__, own, words, succeeded=passed)


def months(session: Session) -> int:
    """So often, as the centre orders; 0 is never."""
    return int(parameter.in_force(session, "drill_months").value)


def ruled_on(session: Session) -> date | None:
    """From which day on today's rule holds."""
    rules = (one for one in parameter.rules(session) if one.key == "drill_months")
    return next((one.effective_from for one in rules if one.holds(clock.today())), None)


def last(session: Session) -> Last | None:
    """Of this computer."""
    told = _told().where(Audit.entity_id == at_desk(session).office_id, _HERE)
    return _latest(list(session.scalars(told)))


def by_replica(session: Session) -> dict[str, Last]:
    """Of each computer, as the centre has heard."""
    stream = and_(Stream.office_id == Change.office_id, Stream.incarnation == Change.incarnation)
    told = (
        _told()
        .add_columns(Stream.replica)
        .join(Change, _SAID)
        .join(Stream, stream)
        .where(Audit.entity_id.in_(select(Office.id)))
    )
    found: dict[str, list[Audit]] = {}
    for row, replica in session.execute(told):
        found.setdefault(replica, []).append(row)
    return {replica: one for replica, rows in found.items() if (one := _latest(rows))}


def _told() -> Select[Any]:
    """One from the future was noted when the clock was wrong and says nothing."""
    is_one = Audit.act == ACT, Audit.entity == Office.__tablename__, Audit.is_void.is_(False)
    return select(Audit).where(*is_one, Audit.at <= clock.now()).order_by(Audit.at, Audit.id)


def _latest(rows: list[Audit]) -> Last | None:
    if not rows:
        return None
    well = [one.at for one in rows if one.succeeded]
    newest = rows[-1]
    return Last(newest.at, newest.succeeded, newest.detail or "", well[-1] if well else None)


def is_due(session: Session) -> bool:
    """Once in so many months; after a failed one every day until one has passed."""
    every, today = months(session), clock.today()
    if not every:
        return False
    before = last(session)
    if before is None:
        begun = session.scalar(select(Audit.at).where(_HERE).order_by(Audit.at).limit(1))
        return begun is not None and clock.now() - begun >= FIRST
    day = clock.local(before.at).date()
    return day < today and (not before.passed or add_months(day, every) <= today)


def told(before: Last | None, *, late: bool = False) -> str:
    """今天 14:32 通过; 08-02 09:10 通过，逾期; 还没有演练过."""
    said = "还没有演练过"
    if before is not None:
        said = f"{near(before.at)} {'通过' if before.passed else '没有通过'}"
    return f"{said}，逾期" if late else said


def is_late(
    every: int, before: Last | None, approved_at: datetime | None, ruled_on: date | None = None
) -> bool:
    """Has none passed for longer than the rule and a month allow? Where none ever has: since the
    computer was approved, and not before the rule, which older programs do not know."""
    passed_at = before.passed_at if before else None
    begun = passed_at or approved_at
    if not every or begun is None:
        return False
    day = clock.local(begun).date()
    if passed_at is None and ruled_on is not None:
        day = max(day, ruled_on)
    return add_months(day, every + SPARE) < clock.today()
