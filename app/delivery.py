"""4.12: how far what was entered has come: 待上报, then with the centre, then with the city. Each
step after the first is somebody's signed word, of this very entry."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import roles
from app.kit.who import at_desk
from app.outside import WORDS
from models.exchange import Change, Replica, Stream
from models.kit.among import among
from models.parameter import LocalNote
from models.relay import CITY_AGREED, City, Known, own_name

WAITS, AT_CENTRE, AT_CITY, NOT_AT_CITY = "待上报", "已到区中心", "已到市级", "待报市级"
ORDER = (AT_CITY, AT_CENTRE, NOT_AT_CITY, WAITS)


@dataclass(frozen=True, slots=True)
class _Here:
    """What decides it, the same for every entry: ``own`` is our stream, last its name at the
    city."""

    known: Mapping[tuple[str, str], int]
    own: tuple[str, str, str]
    is_central: bool
    has_city: bool

    def state(self, row: Change) -> str:
        """Empty where there is nothing to say."""
        office_id, incarnation, as_told = self.own
        is_own = (row.office_id, row.incarnation) == (office_id, incarnation)
        name = as_told if is_own and self.is_central else row.incarnation
        if row.outcome in WORDS:
            return ""  # said in words of its own
        if row.seq <= self.known.get((row.office_id, name), 0):
            return AT_CITY
        if not self.is_central:
            return WAITS if row.outcome is None else AT_CENTRE
        return NOT_AT_CITY if self.has_city and (is_own or row.outcome is not None) else ""


def states(session: Session, change_ids: Iterable[str]) -> dict[str, str]:
    """By change id, of those there is something to say about; what others entered is theirs."""
    if roles.is_city(at_desk(session)):
        return {}
    me = session.scalars(select(Replica)).one()
    known = session.execute(select(Known.office_id, Known.incarnation, Known.seq))
    here = _Here(
        {(office_id, incarnation): seq for office_id, incarnation, seq in known},
        (me.office_id, me.incarnation, own_name(me)),
        roles.is_central(at_desk(session)),
        session.scalar(select(City.id)) is not None,
    )
    found: dict[str, str] = {}
    wanted = sorted({one for one in change_ids if one})
    for row in session.scalars(select(Change).where(among(Change.change_id, wanted))):
        said = here.state(row)
        before = found.get(row.change_id)  # one offered again is in two streams
        if said and (before is None or ORDER.index(said) < ORDER.index(before)):
            found[row.change_id] = said
    return found


@dataclass(frozen=True, slots=True)
class Relayed:
    """A district and its city: entries the city has not acknowledged, when it was last heard, and
    what the last comparison found; ``differed`` is None where there was none."""

    waiting: int
    heard_at: datetime | None
    differed: int | None


def relayed(session: Session) -> Relayed | None:
    """None where this centre reports to no city."""
    city = session.scalars(select(City)).first()
    if city is None:
        return None
    me = session.scalars(select(Replica)).one()
    known = {
        (one.office_id, one.incarnation): one.seq for one in session.scalars(select(Known)).all()
    }
    streams = session.execute(select(Stream.office_id, Stream.incarnation, Stream.contiguous))
    here = [*streams, (me.office_id, own_name(me), me.seq)]
    waiting = sum(max(0, seq - known.get((office, name), 0)) for office, name, seq in here)
    note = session.scalars(select(LocalNote).where(LocalNote.kind == CITY_AGREED)).first()
    differed = note.value["differs"] + note.value["more"] if note is not None else None
    return Relayed(waiting, city.heard_at, differed)


def counted(found: Iterable[str]) -> str:
    """已到市级 11 条 · 待上报 1 条."""
    many = Counter(one for one in found if one)
    return " · ".join(f"{one} {many[one]} 条" for one in ORDER if many[one])
