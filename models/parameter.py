"""Dated rules (参数) with their ground, and what the machine itself remembers."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy.orm import Mapped

from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, Merge, field
from models.kit.kinds import Data, Day, Flag, LongText, Moment, Text


class Parameter(Record):
    """A rule's value from a day to a day, with the document it comes from."""

    __tablename__ = "parameter"
    flow, writer, circle = Flow.DOWN, Writer.CENTRE, Circle.GENERAL
    shared: ClassVar[bool] = True

    key: Mapped[str] = field(Text(60), "参数", required=True, index=True)
    value: Mapped[Any] = field(Data(), "值", required=True)
    effective_from_on: Mapped[date | None] = field(Day(), "生效日期")
    effective_to_on: Mapped[date | None] = field(Day(), "失效日期")
    doc_no: Mapped[str | None] = field(Text(200), "依据")


class Audit(Record):
    """Who did or saw what (操作日志), append-only. ``people`` are the ids of those who were in a
    list that was taken out."""

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


class LocalNote(Record):
    """What only this PC remembers (本机记录): logins, exchanges, settings, drafts."""

    __tablename__ = "local_note"
    flow, writer, circle = Flow.LOCAL, Writer.STATION, Circle.GENERAL

    kind: Mapped[str] = field(Text(40), "类别", index=True)
    key: Mapped[str | None] = field(Text(80), "键", index=True)
    value: Mapped[Any] = field(Data(), "内容")


class CodeTable(Record):
    """A code table as the centre has published it (代码表), in place of the one we ship."""

    __tablename__ = "code_table"
    flow, writer, circle = Flow.DOWN, Writer.CENTRE, Circle.GENERAL
    shared: ClassVar[bool] = True

    key: Mapped[str] = field(Text(40), "代码表", required=True, index=True)
    rows: Mapped[str] = field(LongText(), "内容", required=True, hint="CSV，与自带的表同样的列")
