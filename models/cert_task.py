"""W3: who has to be certified by a day (认证任务), and the states of that."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, field
from models.kit.kinds import Code, Data, Day, Link, Moment, Text
from models.kit.states import Machine

DUE, CONTACTED, HOME, DONE = "due", "contacted", "home_visit", "done"
OVERDUE, SUSPENDED, LOST, VOID = "overdue", "suspended", "lost", "void"
OPEN = (DUE, CONTACTED, HOME, OVERDUE, SUSPENDED, LOST)

_side = {"certify": DONE, "freeze": VOID, "suspend": SUSPENDED, "lose": LOST}
TASK_STATES: Machine = {
    DUE: {"contact": CONTACTED, "plan_home": HOME, "expire": OVERDUE, **_side},
    CONTACTED: {"contact": CONTACTED, "plan_home": HOME, "expire": OVERDUE, **_side},
    HOME: {"contact": HOME, "plan_home": HOME, "expire": OVERDUE, **_side},
    OVERDUE: {"contact": OVERDUE, "plan_home": HOME, "expire": OVERDUE, **_side},
    SUSPENDED: {"contact": SUSPENDED, "plan_home": HOME, **_side},
    LOST: {"contact": CONTACTED, "plan_home": HOME, **_side},
    DONE: {"reopen": DUE},
    VOID: {"reopen": DUE},
}


class CertTask(Record):
    """Somebody has to be certified by a day (认证任务). ``due_on`` is empty while the last
    certification is unknown; ``attempts`` is a list of {at, way, outcome, by, note}."""

    __tablename__ = "cert_task"
    flow, writer, circle = Flow.UP, Writer.STATION, Circle.GENERAL
    goes_along = True

    retiree_id: Mapped[str] = field(Link(), "退休人员", required=True, link="retiree", index=True)
    period_from: Mapped[date | None] = field(Day(), "认证周期起")
    period_to: Mapped[date | None] = field(Day(), "认证周期止")
    due_on: Mapped[date | None] = field(Day(), "应认证截止日", index=True)
    state: Mapped[str] = field(Code("TASK_STATE"), "任务状态", default=DUE, index=True)
    form_no: Mapped[str | None] = field(Text(24), "认证表编号", index=True)
    printed_at: Mapped[datetime | None] = field(Moment(), "打印时间")
    closed_by: Mapped[str | None] = field(Text(32), "完成记录")
    refused_reason: Mapped[str | None] = field(Text(200), "退回原因")
    attempts: Mapped[list[dict[str, Any]] | None] = field(Data(), "联系经过")

    __table_args__ = (Index("ix_cert_task_open", "office_id", "state", "due_on"),)
