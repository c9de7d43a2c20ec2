"""4.12: how far what was entered has come: 待上报, then with the centre, then with the city. Each
step after the first is somebody's signed word, of this very entry."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from app import roles
from app.kit.moments import near
from app.kit.who import at_desk
from app.outside import WORDS
from models.attachment import Blob
from models.exchange import REOFFERED, Change, Contact, Packed, Replica, Stream
from models.kit import clock
from models.kit.among import among
from models.kit.stream import millis_of
from models.local_note import LocalNote
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
        if not self.is_central and row.outcome == REOFFERED:
            return ""  # said where it was offered again
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


def on_sticks(session: Session, change_ids: Iterable[str]) -> dict[str, str]:
    """By change id, of what waits: when it was written on which stick last, while no receipt for
    that has come."""
    on_it = and_(
        Packed.incarnation == Change.incarnation,
        Change.seq.between(Packed.first, Packed.last),
        Packed.confirmed_at.is_(None),
    )
    rows = session.execute(
        select(Change.change_id, Packed.at, Packed.folder)
        .join(Packed, on_it)
        .join(Replica, Replica.incarnation == Change.incarnation)
        .where(among(Change.change_id, change_ids), Change.outcome.is_(None))
        .order_by(Packed.at)
    )
    return {row.change_id: f"{near(row.at)} 已写U盘 {row.folder}".strip() for row in rows}


@dataclass(frozen=True, slots=True)
class Relayed:
    """A district and its city: entries the city has not acknowledged, the oldest here ``since``,
    those it has, the ``contents`` (photos, scans) it asked for and we have, when it was last heard,
    and what the last comparison found; ``differed`` is None where there was none. ``error`` is what
    was wrong with the last contact, ``carried_at`` when a stick was written that the city has not
    answered."""

    waiting: int
    heard_at: datetime | None
    differed: int | None
    since: datetime | None = None
    at_city: int = 0
    contents: int = 0
    error: str = ""
    carried_at: datetime | None = None


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
    # office, stream, its name at the city, how far it is here
    here = [(office_id, name, name, seq) for office_id, name, seq in streams]
    here.append((me.office_id, me.incarnation, own_name(me), me.seq))
    waits = [
        (office_id, stream, known.get((office_id, name), 0), seq)
        for office_id, stream, name, seq in here
    ]
    waiting = sum(max(0, seq - there) for _, _, there, seq in waits)
    note = session.scalars(select(LocalNote).where(LocalNote.kind == CITY_AGREED)).first()
    differed = note.value["differs"] + note.value["more"] if note is not None else None
    return Relayed(
        waiting,
        city.heard_at,
        differed,
        _oldest(session, [one[:3] for one in waits if one[2] < one[3]]),
        sum(min(there, seq) for _, _, there, seq in waits),
        _contents(session, city),
        *_last(session, city.heard_at),
    )


def _oldest(session: Session, behind: Iterable[tuple[str, str, int]]) -> datetime | None:
    """Since when the first entry after each of these waits: since it was decided here, else since
    it was written."""
    found = [
        session.execute(
            select(Change.decided_at, Change.hlc).where(
                Change.office_id == office_id, Change.incarnation == stream, Change.seq == seq + 1
            )
        ).first()
        for office_id, stream, seq in behind
    ]
    moments = [row.decided_at or clock.from_millis(millis_of(row.hlc)) for row in found if row]
    return min(moments, default=None)


def _contents(session: Session, city: City) -> int:
    """Of what the city lacks, what is here."""
    wanted = sorted(city.lacking())
    here = select(func.count(Blob.sha256.distinct())).where(among(Blob.sha256, wanted))
    return (session.scalar(here) or 0) if wanted else 0


def _last(session: Session, heard_at: datetime | None) -> tuple[str, datetime | None]:
    """What was wrong with the last contact, and when a stick went, where the city has not been
    heard since."""
    chosen = select(Contact.at, Contact.result, Contact.message).order_by(Contact.at.desc())
    if heard_at is not None:
        chosen = chosen.where(Contact.at > heard_at)
    rows = session.execute(chosen.limit(20)).all()
    error = (rows[0].message or "") if rows and rows[0].result == "failed" else ""
    return error, next((row.at for row in rows if row.result == "packed"), None)


def counted(found: Iterable[str]) -> str:
    """已到市级 11 条 · 待上报 1 条."""
    many = Counter(one for one in found if one)
    return " · ".join(f"{one} {many[one]} 条" for one in ORDER if many[one])
