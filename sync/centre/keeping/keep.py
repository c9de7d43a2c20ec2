"""What the centre's own people said, and what no stream carries, made ready to be kept beside its
database: signed by and sealed to ourselves."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.exchange import Change, Held, Installation, Invitation, Replica
from models.kit import clock
from models.kit.base import table_of
from models.relay import District, Vouched
from sync import pack
from sync.centre.keeping.journal import LOCAL, OWN, UPGRADE, Kept, State
from sync.header import from_us
from sync.keys import Keys
from sync.message import Body

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_COUNTED = (
    Installation.id,
    Installation.approved_at,
    Invitation.code,
    Invitation.used_at,
    District.id,
    Vouched.confirmed_at,
)
_COUNTS = select(*(select(func.count(one)).scalar_subquery() for one in _COUNTED))
_HELD = table_of(Held).c
_FORCED = (
    select(_HELD.office_id, _HELD.tx)
    .where(_HELD.forced_at.is_not(None))
    .order_by(_HELD.office_id, _HELD.tx)
)


class Approved(msgspec.Struct, array_like=True, frozen=True):
    """One installation as it was let in."""

    office_id: str
    id: str
    incarnation: str
    sign_key: bytes
    recipient: str
    sealed_key: str | None
    approved_at: datetime | None


class Local(msgspec.Struct, array_like=True, frozen=True):
    """What no stream carries: who was let in, invitations as (office, code, made, used), and what
    waits no longer because a person said so as (office, action, when). ``named`` are invitations by
    their code; at a city ``districts`` are (office, computer, name), and ``confirmed`` computers of
    stations as (office, computer, when, by whom)."""

    approved: list[Approved]
    invited: list[tuple[str, str, datetime, datetime | None]]
    forced: list[tuple[str, str, datetime]]
    named: dict[str, str] = {}
    districts: list[tuple[str, str, str]] = []
    confirmed: list[tuple[str, str, datetime, str]] = []


def micros(moment: datetime) -> int:
    """Since 1970."""
    return (moment - BEGINNING) // timedelta(microseconds=1)


def words(session: Session, keys: Keys, state: State) -> tuple[list[Kept], State]:
    """What our people have said since it was last kept, signed by and sealed to ourselves."""
    me = session.scalars(select(Replica)).one()
    since = state.own if state.incarnation == me.incarnation else 0
    made, now = [], micros(clock.now())
    if me.seq > since:
        rows = session.execute(
            select(Change.head, Change.payload)
            .where(
                Change.office_id == me.office_id,
                Change.incarnation == me.incarnation,
                Change.seq > since,
            )
            .order_by(Change.seq)
        ).all()
        plain = pack.encode_body(Body(me.id, me.id, [(r.head, r.payload or b"") for r in rows]))
        made.append(Kept(OWN, now, _sealed(keys, me, OWN, plain, since + 1, me.seq)))
    digest, counted = state.local, f"{me.incarnation} {_count(session)}"
    if counted != state.counted:
        plain = msgspec.msgpack.encode(_local(session))
        digest = sha256(plain).hexdigest()
        if digest != state.local:
            made.append(Kept(LOCAL, now, _sealed(keys, me, LOCAL, plain)))
    kept = msgspec.structs.replace(
        state,
        incarnation=me.incarnation,
        own=me.seq,
        local=digest,
        counted=counted,
        epoch=me.centre_epoch,
    )
    return made, kept


def _count(session: Session) -> str:
    """What tells whether anything local has changed: its rows are only ever added, and each of
    their moments is set once, but for what a person no longer lets wait, which is named."""
    connection = session.connection()
    forced = [f"{one.office_id}/{one.tx}" for one in connection.execute(_FORCED)]
    return " ".join((*map(str, connection.execute(_COUNTS).one()), *forced))


def upgrade(session: Session, keys: Keys) -> bytes:
    """From here on the program was of the schema that the header names."""
    me = session.scalars(select(Replica)).one()
    return _sealed(keys, me, UPGRADE, b"")


def _sealed(
    keys: Keys, me: Replica, kind: str, plain: bytes, first: int = 1, last: int = 0
) -> bytes:
    header = from_us(me, kind, me.id, first=first, last=last)
    return pack.write(keys, header, plain, [keys.recipient])


def _local(session: Session) -> Local:
    districts = session.scalars(select(District).order_by(District.office_id))
    sure = session.scalars(
        select(Vouched)
        .where(Vouched.confirmed_at.is_not(None))
        .order_by(Vouched.office_id, Vouched.id)
    )
    stations = session.scalars(
        select(Installation).order_by(Installation.office_id, Installation.id)
    )
    invited = session.scalars(
        select(Invitation).order_by(Invitation.office_id, Invitation.code)
    ).all()
    forced = session.scalars(select(Held).where(Held.forced_at.is_not(None)).order_by(Held.tx))
    return Local(
        [
            Approved(
                one.office_id,
                one.id,
                "",
                one.sign_key,
                one.recipient,
                one.sealed_key,
                one.approved_at,
            )
            for one in stations
        ],
        [(one.office_id, one.code, one.made_at, one.used_at) for one in invited],
        [(one.office_id, one.tx, one.forced_at) for one in forced if one.forced_at],
        {one.code: one.name for one in invited if one.name},
        [(one.office_id, one.id, one.name) for one in districts],
        [
            (one.office_id, one.id, one.confirmed_at, one.confirmed_by or "")
            for one in sure
            if one.confirmed_at
        ],
    )
