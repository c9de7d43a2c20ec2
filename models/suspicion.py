"""S2: doubts about somebody's eligibility (异常、疑点)."""

from datetime import date

from sqlalchemy.orm import Mapped

from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, field
from models.kit.kinds import Code, Day, Link, Text


class Suspicion(Record):
    """S2: a doubt about somebody's eligibility (异常、疑点), with evidence and decision."""

    __tablename__ = "suspicion"
    flow, writer, circle = Flow.UP, Writer.STATION, Circle.GENERAL
    goes_along = True

    retiree_id: Mapped[str] = field(Link(), "退休人员", required=True, link="retiree", index=True)
    reason: Mapped[str] = field(Code("SUSPICION_REASON"), "异常", required=True)
    detail: Mapped[str | None] = field(Text(300), "情况说明")
    found_on: Mapped[date] = field(Day(), "发现日期", required=True)
    task_id: Mapped[str | None] = field(Text(32), "认证任务")
    decision: Mapped[str | None] = field(Code("SUSPICION_DECISION"), "处理")
    decided_on: Mapped[date | None] = field(Day(), "处理日期")
    decided_note: Mapped[str | None] = field(Text(300), "核查经过")
