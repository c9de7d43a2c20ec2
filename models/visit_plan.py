"""S5: visits that are due or planned (走访计划)."""

from datetime import date

from sqlalchemy.orm import Mapped

from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, field
from models.kit.kinds import Day, Link, Text


class VisitPlan(Record):
    """When somebody is next to be visited (走访计划): one row a person, kept by the program."""

    __tablename__ = "visit_plan"
    flow, writer, circle = Flow.UP, Writer.STATION, Circle.GENERAL
    goes_along = True

    retiree_id: Mapped[str] = field(Link(), "退休人员", required=True, link="retiree", index=True)
    last_on: Mapped[date | None] = field(Day(), "最近走访")
    next_on: Mapped[date | None] = field(Day(), "计划走访", index=True)
    reason: Mapped[str | None] = field(Text(60), "走访依据")
