"""Dated rules (参数) with their ground."""

from datetime import date
from typing import Any, ClassVar

from sqlalchemy.orm import Mapped

from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, field
from models.kit.kinds import Data, Day, Text


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
