"""Notices of the centre (区中心通知)."""

from datetime import date
from typing import ClassVar

from sqlalchemy.orm import Mapped

from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, field
from models.kit.kinds import Day, LongText, Text


class Notice(Record):
    """A notice from the centre to its stations (区中心通知)."""

    __tablename__ = "notice"
    flow, writer, circle = Flow.DOWN, Writer.CENTRE, Circle.GENERAL
    shared: ClassVar[bool] = True

    title: Mapped[str] = field(Text(80), "标题", required=True)
    body: Mapped[str | None] = field(LongText(), "正文")
    published_on: Mapped[date | None] = field(Day(), "发布日期")
