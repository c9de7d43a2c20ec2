"""The exchange (数据交换) of station, centre and city: streams, raw batches, downlink.

None of these tables travels itself. Those that a province would partition are keyed by office
first.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    delete,
    false,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.kit.base import Base, table_of
from models.kit.ids import next_id
from models.kit.kinds import UtcTime
from models.kit.stream import GENESIS, SCHEMA, StreamTables, link, read_head

Bytes = LargeBinary


class Replica(Base):
    """This installation: the one row that says who we are and how far we have come. ``erased`` is
    how many people were erased; hardly ever any. ``schema`` is the one its records are held in.
    ``card`` is the mark of what a centre last told of its own address. ``acked_by`` and ``told_by``
    are signed headers of the centre's that prove how far it had our stream, and how far it had told
    us."""

    __tablename__ = "replica"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    office_id: Mapped[str] = mapped_column(String(32))
    incarnation: Mapped[str] = mapped_column(String(32))
    seq: Mapped[int] = mapped_column(BigInteger, default=0)
    head: Mapped[bytes] = mapped_column(Bytes, default=GENESIS)
    hlc: Mapped[int] = mapped_column(BigInteger, default=0)
    acked_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    down_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    down_head: Mapped[bytes] = mapped_column(Bytes, default=GENESIS)
    centre_epoch: Mapped[int] = mapped_column(Integer, default=1)
    centre_schema: Mapped[int] = mapped_column(Integer, default=SCHEMA, server_default=text("1"))
    approved_at: Mapped[datetime | None] = mapped_column(UtcTime())
    restored_at: Mapped[datetime | None] = mapped_column(UtcTime())
    erased: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    schema: Mapped[int] = mapped_column(Integer, default=SCHEMA, server_default=text("1"))
    card: Mapped[str] = mapped_column(String(40), default="", server_default="")
    acked_by: Mapped[bytes | None] = mapped_column(Bytes)
    told_by: Mapped[bytes | None] = mapped_column(Bytes)


class Change(Base):
    """One entry of one stream: ours, and at the centre every station's, with its one verdict.
    ``outcome`` is empty while undecided or not yet heard of; ``effective`` is the rank the centre
    gave it; ``payload`` is empty once erased. A loser keeps its value here. ``former``: what an
    edit made here found in its fields. It never travels, and goes with the payload."""

    __tablename__ = "change"

    office_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    incarnation: Mapped[str] = mapped_column(String(32), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    change_id: Mapped[str] = mapped_column(String(32), index=True)
    entity: Mapped[str] = mapped_column(String(24))
    entity_id: Mapped[str] = mapped_column(String(32), index=True)
    hash: Mapped[bytes] = mapped_column(Bytes)
    head: Mapped[bytes] = mapped_column(Bytes)
    payload: Mapped[bytes | None] = mapped_column(Bytes)
    former: Mapped[bytes | None] = mapped_column(Bytes)
    hlc: Mapped[int] = mapped_column(BigInteger)
    effective: Mapped[int | None] = mapped_column(BigInteger)
    outcome: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime())

    __table_args__ = (Index("ix_change_outcome", "outcome", "office_id"),)


class Installation(Base):
    """A station's program as the centre knows it: keys, approval, how far it has been served.
    ``clock_off`` is how many seconds its clock was ahead of ours when it last came over the
    network; ``card`` the number of the last word about our address it is known to have.
    ``claimed_at`` is since when it says, without proof, to know more of us than we do."""

    __tablename__ = "installation"

    office_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    incarnation: Mapped[str] = mapped_column(String(32))
    sign_key: Mapped[bytes] = mapped_column(Bytes)
    recipient: Mapped[str] = mapped_column(String(80))
    sealed_key: Mapped[str | None] = mapped_column(Text)
    approved_at: Mapped[datetime | None] = mapped_column(UtcTime())
    last_contact_at: Mapped[datetime | None] = mapped_column(UtcTime())
    down_acked: Mapped[int] = mapped_column(BigInteger, default=0)
    schema: Mapped[int] = mapped_column(Integer, default=1)
    clock_off: Mapped[int | None] = mapped_column(BigInteger)
    card: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    claimed_at: Mapped[datetime | None] = mapped_column(UtcTime())


class Invitation(Base):
    """An invitation the centre gave out; used once. ``name`` is whom it was for, whom a city does
    not know by an office yet."""

    __tablename__ = "invitation"

    office_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    made_at: Mapped[datetime] = mapped_column(UtcTime())
    used_at: Mapped[datetime | None] = mapped_column(UtcTime())
    name: Mapped[str] = mapped_column(String(100), default="", server_default="")


class Stream(Base):
    """How much of one incarnation's stream the centre has without a gap."""

    __tablename__ = "stream"

    office_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    incarnation: Mapped[str] = mapped_column(String(32), primary_key=True)
    replica: Mapped[str] = mapped_column(String(32))
    contiguous: Mapped[int] = mapped_column(BigInteger, default=0)
    head: Mapped[bytes] = mapped_column(Bytes, default=GENESIS)
    forked_at: Mapped[int | None] = mapped_column(BigInteger)


class RawBatch(Base):
    """A file exactly as it came, written once: the proof of what was said. Of changes, ``last`` is
    where their stretch of the stream ``incarnation`` ends."""

    __tablename__ = "raw_batch"

    office_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    received_at: Mapped[datetime] = mapped_column(UtcTime(), index=True)
    header: Mapped[str] = mapped_column(Text)
    body: Mapped[bytes] = mapped_column(Bytes)
    refused: Mapped[str | None] = mapped_column(Text)
    incarnation: Mapped[str | None] = mapped_column(String(32))
    last: Mapped[int | None] = mapped_column(BigInteger)

    # the files themselves are long: what lists ask for is in the indexes
    __table_args__ = (
        Index("ix_raw_batch_refused", "refused", "office_id", "received_at"),
        Index("ix_raw_batch_received", "office_id", "received_at"),
        Index("ix_raw_batch_stretch", "office_id", "incarnation", "last"),
    )


class Queued(Base):
    """A raw batch that is stored and not decided yet; ``arrival`` counts within the queue. ``last``
    and ``after``: how far its stream is stored without a gap, this file included. ``goes_on``: no
    action ends in it, so it is decided with the one that does. ``stuck_at``: the program failed
    at it, and the files of its stream wait behind it."""

    __tablename__ = "queued"

    office_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    arrival: Mapped[int] = mapped_column(BigInteger, index=True)
    incarnation: Mapped[str] = mapped_column(String(32))
    last: Mapped[int] = mapped_column(BigInteger)
    after: Mapped[bytes] = mapped_column(Bytes)
    count: Mapped[int] = mapped_column(Integer)
    size: Mapped[int] = mapped_column(BigInteger)
    goes_on: Mapped[bool] = mapped_column(Boolean, server_default=false(), default=False)
    stuck_at: Mapped[datetime | None] = mapped_column(UtcTime())


class Parked(Base):
    """A received entry that waits for the ones before it; rows are the intervals held. ``hash`` is
    the chain value after it; older rows have none."""

    __tablename__ = "parked"

    office_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    incarnation: Mapped[str] = mapped_column(String(32), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    head: Mapped[bytes] = mapped_column(Bytes)
    payload: Mapped[bytes] = mapped_column(Bytes)
    received_at: Mapped[datetime] = mapped_column(UtcTime())
    hash: Mapped[bytes | None] = mapped_column(Bytes)


class Held(Base):
    """An action whose base or linked record the centre does not know yet; released by itself, or
    decided without it once a person has said so (``forced_at``)."""

    __tablename__ = "held"

    office_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    tx: Mapped[str] = mapped_column(String(32), primary_key=True)
    incarnation: Mapped[str] = mapped_column(String(32))
    first: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[int] = mapped_column(BigInteger)
    waits_for: Mapped[str] = mapped_column(String(80), index=True)
    since: Mapped[datetime] = mapped_column(UtcTime())
    forced_at: Mapped[datetime | None] = mapped_column(UtcTime())


class Conflict(Base):
    """A field two sides changed at once; both values are kept. Open until a ruling of it stands
    (`models.ruling`); ``needs_person`` where no value was chosen by rule; ``about`` is the person
    it concerns, else the record itself."""

    __tablename__ = "conflict"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    office_id: Mapped[str] = mapped_column(String(32), index=True)
    entity: Mapped[str] = mapped_column(String(24))
    entity_id: Mapped[str] = mapped_column(String(32), index=True)
    field: Mapped[str] = mapped_column(String(40))
    kept_change: Mapped[str] = mapped_column(String(32))
    other_change: Mapped[str] = mapped_column(String(32))
    about: Mapped[str] = mapped_column(String(32), index=True)
    needs_person: Mapped[bool] = mapped_column(Boolean, server_default=false(), default=False)
    opened_at: Mapped[datetime] = mapped_column(UtcTime())


class Downlink(Base):
    """What the centre says to one office: dense numbers, hash-chained, given by one dispatcher.
    ``about`` is the record whose values it carries."""

    __tablename__ = "downlink"

    office_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    hash: Mapped[bytes] = mapped_column(Bytes)
    body: Mapped[bytes] = mapped_column(Bytes)
    about: Mapped[str | None] = mapped_column(String(32), index=True)


class Dispatch(Base):
    """How far each office has been told of the centre's own stream."""

    __tablename__ = "dispatch"

    office_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, default=0)
    head: Mapped[bytes] = mapped_column(Bytes, default=GENESIS)
    own_seen: Mapped[int] = mapped_column(BigInteger, default=0)


class Deferred(Base):
    """A value of a noun or field this program does not know yet, merged and handed on like any
    other and put into its record after the upgrade. ``value`` is msgpack as it came; ``stamp`` the
    change behind it; ``over`` the change whose value the record shows meanwhile: where that has
    moved on, something newer was written and this is not used. ``schema`` is the one it is said in.
    The field ``*`` of a record stands for its creation."""

    __tablename__ = "deferred"

    office_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    entity: Mapped[str] = mapped_column(String(24), primary_key=True)
    entity_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    field: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[bytes] = mapped_column(Bytes)
    stamp: Mapped[str] = mapped_column(String(32))
    over: Mapped[str] = mapped_column(String(32))
    schema: Mapped[int] = mapped_column(Integer, server_default=text("1"))

    __table_args__ = (Index("ix_deferred_record", "entity_id"),)


class Unread(Base):
    """A word of the centre in a format this program cannot read, and every word after it: read
    again in their order after the upgrade."""

    __tablename__ = "unread"

    office_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    body: Mapped[bytes] = mapped_column(Bytes)


class Erased(Base):
    """What is left of somebody whose data were erased (清除): their id, those of their records and
    the digests of their contents, so that whatever comes late is known. ``emptied_at`` is when
    at the centre the files it had received were emptied too, at a station the free places.
    ``token`` is what a station was given with the centre's order, at the person's own id."""

    __tablename__ = "erased"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[str] = mapped_column(String(32), index=True)
    at: Mapped[datetime] = mapped_column(UtcTime())
    emptied_at: Mapped[datetime | None] = mapped_column(UtcTime())
    token: Mapped[bytes | None] = mapped_column(Bytes)


class Contact(Base):
    """One exchange as the station remembers it (交换记录)."""

    __tablename__ = "contact"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime(), index=True)
    way: Mapped[str] = mapped_column(String(8))
    sent: Mapped[int] = mapped_column(Integer, default=0)
    received: Mapped[int] = mapped_column(Integer, default=0)
    result: Mapped[str] = mapped_column(String(16))
    message: Mapped[str | None] = mapped_column(Text)
    receipt: Mapped[str | None] = mapped_column(String(40))


class Packed(Base):
    """A file we wrote on a stick; confirmed only when its receipt was read."""

    __tablename__ = "packed"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    first: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[int] = mapped_column(BigInteger)
    incarnation: Mapped[str] = mapped_column(String(32))
    sha256: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcTime())
    folder: Mapped[str] = mapped_column(Text)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcTime())


STREAM = StreamTables(table_of(Replica), table_of(Change), table_of(Erased))

REOFFERED, LATE = "reoffered", "late"
AFTER_DEATH = "这个人已登记死亡或疑似死亡，又送来健在的认证"
CLOSED_TWICE = "这一期的认证任务已经由另一份认证办完"
BREACHES = (AFTER_DEATH, CLOSED_TWICE)
NEVER_CAME = "它所依据的资料一直没有送到"
MAY_ENTER = (*BREACHES, NEVER_CAME)
"""Why an action stays outside until what stands against it has changed, or what a person no longer
waited for has come after all."""
LEFT_OUT = "它所依据的那次操作裁定为不采用"
CASE = "case"
"""Verdict of a change whose whole action waits for a person to rule on it."""


def new_incarnation(session: Session) -> int:
    """Go on as another incarnation, after a restore or a detected clone: the stream begins again
    at genesis with every action the centre has not wholly decided, byte for byte and with its old
    clock, so that nothing forks. The old stream stays as the archive, these actions marked in it as
    offered again; by name it comes before the new one. Returns how many entries wait in that.
    """
    me = session.scalars(select(Replica).with_for_update()).one()
    change, fresh = table_of(Change), next_id(me.incarnation)
    ours = (change.c.office_id == me.office_id, change.c.incarnation == me.incarnation)
    seq, head, decided = 0, GENESIS, list[int]()
    for rows in _open_actions(session, ours):
        decided += [row["seq"] for row in rows if row["outcome"] is not None]
        offered = []
        for row in rows:
            seq, head = seq + 1, link(head, row["head"])
            offered.append({**row, "incarnation": fresh, "seq": seq, "hash": head})
        session.execute(insert(change), offered)
    session.execute(
        update(change)
        .where(*ours, or_(change.c.outcome.is_(None), change.c.seq.in_(decided)))
        .values(outcome=REOFFERED)
    )
    me.incarnation, me.seq, me.head, me.acked_seq = fresh, seq, head, 0
    me.hlc = max(me.hlc, session.scalar(select(func.max(change.c.hlc))) or 0)
    session.flush()
    return seq


def new_epoch(session: Session, heard: int = 0) -> int:
    """At the centre, where its database was put back to an older copy: what it had told since is
    not there any more, so every office is told from number one again, all that stands. ``heard`` is
    the highest epoch anybody has said. Returns the new one."""
    me = session.scalars(select(Replica).with_for_update()).one()
    me.centre_epoch = max(me.centre_epoch, heard) + 1
    forget_told(session)
    return me.centre_epoch


def forget_told(session: Session) -> None:
    """Begin every office's downlink from number one; only at the start of an epoch."""
    for at in session.scalars(select(Dispatch)):
        session.delete(at)
    session.execute(delete(table_of(Downlink)))
    session.flush()


def _open_actions(
    session: Session, ours: tuple[ColumnElement[bool], ...]
) -> Iterator[list[dict[str, Any]]]:
    """Whole actions with an undecided entry, in order; by the hundred, since one is an import."""
    change = table_of(Change)
    first = session.scalar(select(func.min(change.c.seq)).where(*ours, change.c.outcome.is_(None)))
    if first is None:
        return
    behind = session.execute(select(change.c.head).where(*ours, change.c.seq == first)).scalar_one()
    start = first - read_head(behind).part
    action: list[dict[str, Any]] = []
    at = start
    while (
        rows := session.execute(
            select(change).where(*ours, change.c.seq >= at).order_by(change.c.seq).limit(500)
        )
        .mappings()
        .all()
    ):
        at = rows[-1]["seq"] + 1
        for row in rows:
            said = read_head(row["head"])
            action.append(dict(row))
            if said.part == said.parts - 1:
                if any(one["outcome"] is None for one in action):
                    yield action
                action = []
    if action:
        yield action
