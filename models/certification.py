"""W3, S2: pension-eligibility certification (资格认证): tasks and records."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, Mask, Merge, field
from models.kit.kinds import Code, Codes, Count, Data, Day, Flag, Link, Moment, Phone, Text
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

PRESENT_AT_DESK, AT_HOME = "04", "05"
ALIVE, DOUBTFUL, LOST_RIGHT, UNREACHED, UNWILLING = "1", "2", "3", "4", "5"


class CertTask(Record):
    """Somebody has to be certified by a day (认证任务). ``due_on`` is empty while the last
    certification is unknown; ``attempts`` is a list of {at, way, outcome, by, note}."""

    __tablename__ = "cert_task"
    flow, writer, circle = Flow.UP, Writer.STATION, Circle.GENERAL

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


class Certification(Record):
    """One certification of one person (认证记录)."""

    __tablename__ = "certification"
    flow, writer, circle = Flow.BOTH, Writer.EITHER, Circle.GENERAL
    merge = Merge.APPEND

    retiree_id: Mapped[str] = field(Link(), "退休人员", required=True, link="retiree", index=True)
    task_id: Mapped[str | None] = field(Text(32), "认证任务", index=True)
    cert_no: Mapped[str | None] = field(Text(24), "认证编号")
    subject_type: Mapped[str | None] = field(Code("SUBJECT_TYPE"), "被认证人类别")
    cycle_label: Mapped[str | None] = field(Text(24), "认证周期")
    due_on: Mapped[date | None] = field(Day(), "应认证截止日")
    certified_on: Mapped[date] = field(Day(), "认证日期", required=True, index=True)
    method: Mapped[str] = field(Code("CERT_METHOD"), "认证方式", required=True)
    docs_checked: Mapped[list[str] | None] = field(Codes("DOCS_CHECKED"), "核对证件")
    present_in_person: Mapped[bool | None] = field(Flag(), "本人是否到场")
    visit_place: Mapped[str | None] = field(Text(120), "上门地点")
    health_state: Mapped[str | None] = field(Code("HEALTH_STATE"), "健康状况")
    address_changed: Mapped[bool | None] = field(Flag(), "居住情况有无变化")
    result: Mapped[str] = field(Code("CERT_RESULT"), "认证结果", required=True, merge=Merge.MANUAL)
    loss_event: Mapped[str | None] = field(Code("LOSS_EVENT"), "丧失资格情形")
    loss_on: Mapped[date | None] = field(Day(), "情形发生日期")
    kin_name: Mapped[str | None] = field(Text(50), "代办人姓名")
    kin_relation: Mapped[str | None] = field(Code("KINSHIP"), "与本人关系")
    kin_phone: Mapped[str | None] = field(Phone(), "代办人电话", mask=Mask.PHONE)
    handler: Mapped[str | None] = field(Text(50), "经办人")
    reviewer: Mapped[str | None] = field(Text(50), "复核人")
    report_state: Mapped[str] = field(Code("REPORT_STATE"), "上报状态", default="0")
    confirmed_on: Mapped[date | None] = field(Day(), "上级确认日期")
    source: Mapped[str] = field(Code("CERT_SOURCE"), "数据来源", default="1")
    form_no: Mapped[str | None] = field(Text(24), "认证表编号")


class Suspicion(Record):
    """S2: a doubt about somebody's eligibility (异常、疑点), with evidence and decision."""

    __tablename__ = "suspicion"
    flow, writer, circle = Flow.UP, Writer.STATION, Circle.GENERAL

    retiree_id: Mapped[str] = field(Link(), "退休人员", required=True, link="retiree", index=True)
    reason: Mapped[str] = field(Code("SUSPICION_REASON"), "疑点", required=True)
    detail: Mapped[str | None] = field(Text(300), "情况说明")
    found_on: Mapped[date] = field(Day(), "发现日期", required=True)
    task_id: Mapped[str | None] = field(Text(32), "认证任务")
    decision: Mapped[str | None] = field(Code("SUSPICION_DECISION"), "处理")
    decided_on: Mapped[date | None] = field(Day(), "处理日期")
    decided_note: Mapped[str | None] = field(Text(300), "核查经过")


class Survey(Record):
    """C3: one look at somebody's living status (生存状况调查)."""

    __tablename__ = "survey"
    flow, writer, circle = Flow.UP, Writer.STATION, Circle.GENERAL
    merge = Merge.APPEND

    retiree_id: Mapped[str] = field(Link(), "退休人员", required=True, link="retiree", index=True)
    surveyed_on: Mapped[date] = field(Day(), "调查日期", required=True)
    survey_way: Mapped[str] = field(Code("SURVEY_WAY"), "调查方式", required=True)
    alive_state: Mapped[str] = field(
        Code("ALIVE_STATE"), "生存状态", required=True, merge=Merge.MANUAL
    )
    residing_state: Mapped[str | None] = field(Code("RESIDING_STATE"), "居住状态", required=True)
    change_note: Mapped[str | None] = field(Text(300), "身体、生活变化")
    next_on: Mapped[date | None] = field(Day(), "下次计划日期")
    surveyor: Mapped[str | None] = field(Text(50), "调查人", required=True)
    visit_id: Mapped[str | None] = field(Text(32), "走访记录")


class Print(Record):
    """R41: one print of a numbered paper (打印记录): which, how often, and what it said."""

    __tablename__ = "print"
    flow, writer, circle = Flow.UP, Writer.STATION, Circle.GENERAL
    merge = Merge.APPEND

    paper: Mapped[str] = field(Text(40), "表名", required=True)
    number: Mapped[str | None] = field(Text(24), "编号", index=True)
    retiree_id: Mapped[str | None] = field(Link(), "退休人员", link="retiree", index=True)
    printed_at: Mapped[datetime] = field(Moment(), "打印时间", required=True)
    times: Mapped[int] = field(Count(), "第几次", default=1)
    digest: Mapped[str | None] = field(Text(8), "内容摘要")
    purpose: Mapped[str | None] = field(Text(60), "用途")
