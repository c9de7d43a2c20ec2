"""D9: somebody's data are erased for good (清除资料) by order of the centre's head: an id, a ground
and a moment are kept."""

from datetime import datetime

from sqlalchemy.orm import Mapped

from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, Merge, field
from models.kit.ids import named_id
from models.kit.kinds import LongText, Moment, Text


class Erasure(Record):
    """One order of the centre; nothing in it says who it was."""

    __tablename__ = "erasure"
    flow, writer, circle = Flow.UP, Writer.CENTRE, Circle.GENERAL
    merge = Merge.APPEND

    person_id: Mapped[str] = field(Text(32), "人员编号", required=True, index=True)
    ground: Mapped[str] = field(LongText(), "清除依据", required=True)
    erased_at: Mapped[datetime] = field(Moment(), "清除时间", required=True)
    erased_by: Mapped[str | None] = field(Text(50), "经手人")


def id_of(person_id: str) -> str:
    """The one order about a person, also where it is carried out once more."""
    return named_id(person_id, Erasure.__tablename__)
