"""Special categories of a person (标签), from a day to a day."""

from datetime import date

from sqlalchemy.orm import Mapped

from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, field
from models.kit.kinds import (
    Code,
    Day,
    Link,
    Text,
)

SENSITIVE_TAGS = frozenset({"T17", "T20"})
"""Of the health circle."""


class Tag(Record):
    """A special category of a person (标签), from a day to a day."""

    __tablename__ = "tag"
    flow, writer, circle = Flow.UP, Writer.STATION, Circle.GENERAL
    goes_along = True
    closing = ("code", SENSITIVE_TAGS)

    retiree_id: Mapped[str] = field(Link(), "退休人员", required=True, link="retiree", index=True)
    code: Mapped[str] = field(Code("TAG"), "标签", required=True, index=True)
    since_on: Mapped[date | None] = field(Day(), "起")
    until_on: Mapped[date | None] = field(Day(), "止")
    evidence: Mapped[str | None] = field(Text(100), "依据")
