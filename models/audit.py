"""Who did or saw what (操作日志)."""

from datetime import datetime

from sqlalchemy.orm import Mapped

from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, Merge, field
from models.kit.kinds import Data, Flag, LongText, Moment, Text


class Audit(Record):
    """Who did or saw what (操作日志), append-only. ``people`` are the ids of those who were in a
    list that was taken out, or of whoever the record is of."""

    __tablename__ = "audit"
    flow, writer, circle = Flow.UP, Writer.STATION, Circle.GENERAL
    merge = Merge.APPEND

    at: Mapped[datetime] = field(Moment(), "时间", index=True)
    who: Mapped[str | None] = field(Text(50), "操作人")
    act: Mapped[str] = field(Text(40), "操作")
    entity: Mapped[str | None] = field(Text(24), "对象类别")
    entity_id: Mapped[str | None] = field(Text(32), "对象", index=True)
    detail: Mapped[str | None] = field(LongText(), "说明")
    people: Mapped[list[str] | None] = field(Data(), "涉及的人")
    succeeded: Mapped[bool] = field(Flag(), "成功", default=True)
