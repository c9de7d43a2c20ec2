"""O3: staff (工作人员)."""

from datetime import date

from sqlalchemy.orm import Mapped

from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, Mask, field
from models.kit.kinds import Day, Phone, Text

PROGRAM = "program"
"""Who says what a station's program says by itself."""


class Staff(Record):
    """A person who works at an office."""

    __tablename__ = "staff"
    flow, writer, circle = Flow.UP, Writer.STATION, Circle.GENERAL

    name: Mapped[str] = field(Text(50), "姓名", required=True)
    post: Mapped[str | None] = field(Text(40), "岗位")
    phone: Mapped[str | None] = field(Phone(), "联系电话", mask=Mask.PHONE)
    left_on: Mapped[date | None] = field(Day(), "离岗日期")
