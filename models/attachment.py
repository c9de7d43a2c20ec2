"""S1, S5: attachments (附件): photos and scans of people, visits, certifications and families.

A record names its content by digest; the content lies beside it, once however often it is named,
and travels in parts of its own.
"""

from collections.abc import Iterable
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    String,
    and_,
    delete,
    distinct,
    exists,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.exchange import LATE, Change, Replica
from models.kit import clock
from models.kit.among import among
from models.kit.base import Base, Flow, Record, Writer, table_of
from models.kit.fields import Circle, Merge, field
from models.kit.kinds import Code, Count, Day, Digest, Link, Text, UtcTime

PORTRAIT = "01"


class Attachment(Record):
    """One picture or paper of a person, perhaps of one visit, certification or relative. ``circle``
    is that of the record it hangs on; the content itself is a `Blob`."""

    __tablename__ = "attachment"
    flow, writer, circle = Flow.UP, Writer.STATION, Circle.GENERAL
    goes_along = True
    merge = Merge.APPEND
    closing = ("data_circle", frozenset(one.value for one in Circle) - {Circle.GENERAL.value})

    retiree_id: Mapped[str] = field(Link(), "退休人员", required=True, link="retiree", index=True)
    visit_id: Mapped[str | None] = field(Link(), "走访", link="visit", index=True)
    certification_id: Mapped[str | None] = field(Link(), "认证", link="certification", index=True)
    family_id: Mapped[str | None] = field(Link(), "家属", link="family")
    kind: Mapped[str] = field(Code("ATTACHMENT_KIND"), "附件种类", required=True)
    data_circle: Mapped[str | None] = field(Code("CIRCLE"), "数据圈")
    sha256: Mapped[str] = field(Digest(64), "内容摘要", required=True, index=True)
    media_type: Mapped[str] = field(Text(40), "文件类型", required=True)
    size: Mapped[int] = field(Count(), "字节数", required=True)
    width: Mapped[int | None] = field(Count(), "宽")
    height: Mapped[int | None] = field(Count(), "高")
    pages: Mapped[int | None] = field(Count(), "页数")
    taken_on: Mapped[date | None] = field(Day(), "拍摄日期")
    caption: Mapped[str | None] = field(Text(100), "说明")
    file_name: Mapped[str | None] = field(Text(120), "原文件名")


class Blob(Base):
    """Content, stored once per office whatever names it; never changed. It does not travel with the
    stream. At a station ``confirmed_at`` is when the centre said it has it, in which epoch of its
    own: a centre that was set back is asked again; ``of_person`` is who left, of whom the centre
    has not said since that it has it. At the centre ``confirmed_at`` is when the station offered it
    last, ``wanted_at`` when the station said that it lacks it, and ``of_person`` who had left that
    station when it said whose it is."""

    __tablename__ = "blob"

    office_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(Integer)
    added_at: Mapped[datetime] = mapped_column(UtcTime())
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcTime())
    confirmed_epoch: Mapped[int | None] = mapped_column(Integer)
    wanted_at: Mapped[datetime | None] = mapped_column(UtcTime())
    of_person: Mapped[str | None] = mapped_column(String(32))
    data: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (Index("ix_blob_confirmed", "office_id", "confirmed_at"),)


def digest_of(data: bytes) -> str:
    """The name of a content."""
    return sha256(data).hexdigest()


def keep(session: Session, office_id: str, data: bytes, *, epoch: int | None = None) -> str:
    """Store a content unless it is there; returns its digest. With an epoch of the centre it needs
    no delivery any more."""
    name, now = digest_of(data), clock.now()
    if name not in known(session, office_id, [name]):
        row = {
            "office_id": office_id,
            "sha256": name,
            "size": len(data),
            "added_at": now,
            "confirmed_at": None if epoch is None else now,
            "confirmed_epoch": epoch,
            "wanted_at": None,
            "of_person": None,
            "data": data,
        }
        session.execute(insert(table_of(Blob)), [row])
    return name


def known(session: Session, office_id: str, names: Iterable[str]) -> set[str]:
    """Which of these contents an office has here."""
    wanted, found = list(names), set[str]()
    for at in range(0, len(wanted), 500):
        part = wanted[at : at + 500]
        rows = select(Blob.sha256).where(Blob.office_id == office_id, Blob.sha256.in_(part))
        found |= set(session.scalars(rows))
    return found


def content(session: Session, office_id: str, name: str) -> bytes | None:
    """The bytes; None where they have not arrived."""
    chosen = select(Blob.data).where(Blob.office_id == office_id, Blob.sha256 == name)
    return session.scalars(chosen).first()


# asked at each contact, and put together once: a content that a live record names, and own ones
# that are still to be delivered, also of somebody who has left since
_NAMED = exists().where(
    Attachment.sha256 == Blob.sha256,
    Attachment.office_id == Blob.office_id,
    Attachment.is_void.is_(False),
)
_OUR_OFFICE = select(Replica.office_id).scalar_subquery()
_HEARD = and_(
    Blob.confirmed_at.is_not(None),
    Blob.confirmed_epoch >= select(Replica.centre_epoch).scalar_subquery(),
)
_LEFT = Blob.of_person.is_not(None)
_UNCONFIRMED = and_(Blob.office_id == _OUR_OFFICE, not_(_HEARD), or_(_NAMED, _LEFT))
_LACKING = (
    Attachment.is_void.is_(False),
    Attachment.sha256 != "",
    ~exists().where(Blob.sha256 == Attachment.sha256, Blob.office_id == Attachment.office_id),
)
OWED_COUNT = select(func.count()).select_from(Blob).where(_UNCONFIRMED)
_OURS_LACKING = (
    Attachment.office_id == _OUR_OFFICE,
    *_LACKING,
    exists().where(Change.entity_id == Attachment.id, Change.office_id == Attachment.office_id),
)
MISSED_COUNT = select(func.count(distinct(Attachment.sha256))).where(*_OURS_LACKING)
IS_DUE = select(
    exists().where(_UNCONFIRMED) | exists().where(Attachment.office_id == _OUR_OFFICE, *_LACKING)
)
"""Is any content still to be delivered, or named and not here?"""


def owed(session: Session) -> list[tuple[str, int]]:
    """Own contents (digest, size) the centre has not confirmed, oldest first."""
    rows = session.execute(
        select(Blob.sha256, Blob.size).where(_UNCONFIRMED).order_by(Blob.added_at, Blob.sha256)
    )
    return [(row.sha256, row.size) for row in rows]


def owed_count(session: Session) -> int:
    """How many `owed` has."""
    return session.scalar(OWED_COUNT) or 0


def missed_count(session: Session) -> int:
    """How many contents records name that were entered here, and that are neither here nor, unless
    the next contact brings them, at the centre."""
    return session.scalar(MISSED_COUNT) or 0


def missed(session: Session) -> tuple[int, datetime]:
    """Of those: their bytes together, and when the newest was entered."""
    size = session.scalar(select(func.sum(Attachment.size)).where(*_OURS_LACKING))
    at = session.scalar(select(func.max(Attachment.created_at)).where(*_OURS_LACKING))
    return size or 0, at or clock.now()


def since(session: Session) -> datetime:
    """When the newest content that is still to be delivered was added."""
    newest = select(func.max(Blob.added_at)).where(_UNCONFIRMED)
    return session.scalar(newest) or clock.now()


def waits_since(session: Session) -> datetime | None:
    """When the oldest content that is owed or missed was added; None where none is."""
    owed = session.scalar(select(func.min(Blob.added_at)).where(_UNCONFIRMED))
    missed = session.scalar(select(func.min(Attachment.created_at)).where(*_OURS_LACKING))
    return min(filter(None, (owed, missed)), default=None)


def missing(session: Session, office_id: str) -> list[str]:
    """Contents that live records of an office name and that are not here."""
    rows = session.scalars(
        select(Attachment.sha256)
        .where(Attachment.office_id == office_id, *_LACKING)
        .order_by(Attachment.id.desc())
    )
    return list(dict.fromkeys(rows))


def confirm(session: Session, office_id: str, names: Iterable[str], epoch: int) -> None:
    """The other side has these."""
    mark(session, office_id, names, confirmed_at=clock.now(), confirmed_epoch=epoch)


def doubt(session: Session, names: Iterable[str]) -> None:
    """The centre does not have these, whatever it said before."""
    us = session.scalars(select(Replica.office_id)).one()
    mark(session, us, names, confirmed_at=None, confirmed_epoch=None)


def mark(session: Session, office_id: str, names: Iterable[str], **values: Any) -> None:
    """Note something beside these contents."""
    table, wanted = table_of(Blob), list(names)
    for at in range(0, len(wanted), 500):
        session.execute(
            update(table)
            .where(table.c.office_id == office_id)
            .where(table.c.sha256.in_(wanted[at : at + 500]))
            .values(**values)
        )


def leave(session: Session, person_id: str) -> None:
    """Somebody's records are about to leave this station: their contents go, as soon as the centre
    says once more that it has them (`let_delivered_go`): it may have been put back since it did.
    What was taken away it needs where that was said too late to hold."""
    mine = Attachment.retiree_id == person_id
    is_open = or_(Change.outcome.is_(None), Change.outcome == LATE)
    is_unheard = exists().where(Change.entity_id == Attachment.id, is_open)
    stand = select(Attachment.sha256).where(mine, or_(Attachment.is_void.is_(False), is_unheard))
    kept = select(Blob.sha256).where(Blob.office_id == _OUR_OFFICE, Blob.sha256.in_(stand))
    _owe(session, session.scalars(kept).all(), person_id)
    theirs = Blob.sha256.in_(select(Attachment.sha256).where(mine))
    of_others = Blob.sha256.in_(select(Attachment.sha256).where(~mine))
    _drop(session, theirs, ~of_others, not_(_LEFT))


def let_late_go(session: Session, noun: str, key: str) -> None:
    """A record that was made too late goes, and what hangs on it before; or it is itself one of
    these. Contents stay like those of who left."""
    table = table_of(Attachment)
    link = "id" if noun == table.name else f"{noun}_id"
    if link not in table.c:
        return
    mine = table.c[link] == key
    rows = session.execute(select(table.c.sha256, table.c.retiree_id).where(mine)).all()
    for name, person_id in rows:
        _owe(session, [name], person_id)
    session.connection().execute(delete(table).where(mine))


def _owe(session: Session, names: Iterable[str], person_id: str) -> None:
    us = session.scalars(select(Replica.office_id)).one()
    mark(session, us, names, of_person=person_id, confirmed_at=None, confirmed_epoch=None)


def left(session: Session, names: Iterable[str]) -> list[tuple[str, str]]:
    """Which of our contents are of somebody who left, and of whom."""
    rows = select(Blob.sha256, Blob.of_person).where(
        Blob.office_id == _OUR_OFFICE, among(Blob.sha256, names), _LEFT
    )
    return [(row.sha256, row.of_person or "") for row in session.execute(rows)]


def let_delivered_go(session: Session) -> None:
    """Of those who left, what the centre has by now; of those who have come back it stays."""
    us = session.scalars(select(Replica.office_id)).one()
    mark(
        session, us, session.scalars(select(Blob.sha256).where(_LEFT, _NAMED)).all(), of_person=None
    )
    _drop(session, _LEFT, _HEARD)


def drop_unnamed(session: Session, before: datetime) -> int:
    """Let go of contents that no live record names, and no record voided since ``before``: until
    then taking away can be undone. One out of sight without a reason waits for a ruling, which may
    take it. Returns how many went."""
    may_return = exists().where(
        Attachment.sha256 == Blob.sha256,
        Attachment.office_id == Blob.office_id,
        or_(Attachment.updated_at >= before, Attachment.void_reason.is_(None)),
    )
    return _drop(session, not_(or_(_NAMED, _LEFT, may_return, Blob.added_at >= before)))


def _drop(session: Session, *which: ColumnElement[bool]) -> int:
    table = table_of(Blob)
    gone = session.execute(select(Blob.office_id, Blob.sha256).where(*which)).all()
    for office_id, name in gone:
        session.execute(delete(table).where(table.c.office_id == office_id, table.c.sha256 == name))
    return len(gone)
