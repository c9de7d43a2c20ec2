"""W3: pension-eligibility certifications (资格认证)."""

from datetime import date

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped

from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, Mask, Merge, field
from models.kit.kinds import Code, Codes, Day, Flag, Link, Phone, Text

PRESENT_AT_DESK, AT_HOME = "04", "05"
ALIVE, DOUBTFUL, LOST_RIGHT, UNREACHED, UNWILLING = "1", "2", "3", "4", "5"
CONFIRMED, REFUSED = "2", "3"
"""What the centre has said of one."""


class Certification(Record):
    """One certification of one person (认证记录)."""

    __tablename__ = "certification"
    flow, writer, circle = Flow.BOTH, Writer.EITHER, Circle.GENERAL
    goes_along = True
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


def holding() -> tuple[ColumnElement[bool], ...]:
    """Of those on record, the ones by which somebody is certified: neither voided nor sent back by
    the centre."""
    found_alive = Certification.result == ALIVE
    return found_alive, Certification.report_state != REFUSED, Certification.is_void.is_(False)
