"""What the centre's people decided about values that two sides changed at once (裁定). Goes down
like any word of the centre."""

from datetime import datetime

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Mapped, Session

from models.exchange import Change, Conflict
from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, field
from models.kit.kinds import Code, Link, Moment, Text
from models.retiree import Retiree

NOW, OTHER, ANOTHER = "1", "2", "3"


class Ruling(Record):
    """Which value of a disputed field holds, and why (裁定). The value itself travels with the
    record it belongs to, in its own circle. A conflict is open until a ruling of it stands. One
    that nobody signed (``ruled_by``) is the program's: what was in dispute was taken back."""

    __tablename__ = "ruling"
    flow, writer, circle = Flow.DOWN, Writer.CENTRE, Circle.GENERAL
    goes_along = True

    retiree_id: Mapped[str | None] = field(Link(), "退休人员", link="retiree", index=True)
    conflict_id: Mapped[str] = field(Text(32), "争议", required=True, index=True)
    entity: Mapped[str] = field(Text(24), "资料类别", required=True)
    record_id: Mapped[str] = field(Text(32), "资料", required=True)
    item: Mapped[str] = field(Text(40), "争议项", required=True)
    kept_change: Mapped[str] = field(Text(32), "原来保留的一方", required=True)
    other_change: Mapped[str] = field(Text(32), "另一方", required=True, index=True)
    choice: Mapped[str] = field(Code("RULING_CHOICE"), "裁定", required=True)
    ground: Mapped[str] = field(Text(300), "依据", required=True)
    ruled_at: Mapped[datetime] = field(Moment(), "裁定时间", required=True)
    ruled_by: Mapped[str | None] = field(Text(50), "裁定人")


def is_ruled() -> ColumnElement[bool]:
    """Of a conflict: does a ruling of it stand?"""
    return exists().where(Ruling.conflict_id == Conflict.id, Ruling.is_void.is_(False))


def concerned(session: Session, case: Conflict, us: str) -> list[str]:
    """The stations that hear of a ruling: of somebody the one that has them now, else those on
    either side; the centre knows already."""
    carer = session.scalar(select(Retiree.office_id).where(Retiree.id == case.about))
    if carer is not None:
        return [carer]
    sides = (case.kept_change, case.other_change)
    said = session.scalars(select(Change.office_id).where(Change.change_id.in_(sides)))
    return sorted({case.office_id, *said} - {us})
