"""A person goes from one station to another (人员转接); what the old one wrote late (迟到的修改).

The person is in the care of the old station until the new one takes them over, and then of the new
one; that moment is one entry of the new station's stream, by which the centre moves the records.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Mapped

from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, Mask, field
from models.kit.kinds import Code, Count, Data, Day, Flag, IdNumber, Link, LongText, Moment, Text

OFFERED, TAKEN, DECLINED, WITHDRAWN = "1", "2", "3", "4"
CLOSED = (DECLINED, WITHDRAWN)
WAITING, ADOPTED, LEFT = "1", "2", "3"


class Handover(Record):
    """One offer of a person by the station that has them to another, or by the centre in its place
    (``assigned_by``). It belongs to the old station; both see it. What stands in it of the person
    is all that the new station sees before it takes them over, and all that the old one keeps
    afterwards."""

    __tablename__ = "handover"
    flow, writer, circle = Flow.BOTH, Writer.EITHER, Circle.GENERAL

    person_id: Mapped[str] = field(Text(32), "人员编号", required=True, index=True)
    to_office_id: Mapped[str] = field(Link(), "接收站点", required=True, index=True)
    name: Mapped[str] = field(Text(50), "姓名", required=True)
    id_type: Mapped[str | None] = field(Code("ID_TYPE"), "证件类型")
    id_no: Mapped[str | None] = field(IdNumber(), "身份证号", mask=Mask.ID)
    sex: Mapped[str | None] = field(Code("SEX"), "性别")
    birth_on: Mapped[date | None] = field(Day(), "出生日期")
    brings: Mapped[str | None] = field(LongText(), "随同转接")
    moved_on: Mapped[date | None] = field(Day(), "迁出日期", required=True)
    basis: Mapped[str | None] = field(Text(100), "依据", required=True)
    offered_by: Mapped[str | None] = field(Text(50), "迁出经手人")
    assigned_by: Mapped[str | None] = field(Text(50), "区中心指定人")
    state: Mapped[str] = field(Code("HANDOVER_STATE"), "转接状态", default=OFFERED)
    answered_on: Mapped[date | None] = field(Day(), "答复日期")
    answered_by: Mapped[str | None] = field(Text(50), "答复人")
    reason: Mapped[str | None] = field(Text(200), "不接收原因")


class LateEdit(Record):
    """A change of a station that no longer had the person when it was read: not merged, but put
    before the station that has them now. ``said`` are its values as the wire carries them; of one
    action all carry the same ``action``, in the order of ``place``."""

    __tablename__ = "late_edit"
    flow, writer, circle = Flow.BOTH, Writer.EITHER, Circle.GENERAL
    goes_along = True

    retiree_id: Mapped[str] = field(Link(), "退休人员", required=True, link="retiree", index=True)
    change_id: Mapped[str] = field(Text(32), "改动编号", required=True, index=True)
    action: Mapped[str] = field(Text(32), "同一次操作", required=True, index=True)
    place: Mapped[int] = field(Count(), "次序", default=0)
    entity: Mapped[str] = field(Text(24), "资料类别", required=True)
    record_id: Mapped[str] = field(Text(32), "资料", required=True, index=True)
    is_new: Mapped[bool] = field(Flag(), "新登记", default=False)
    said: Mapped[dict[str, Any]] = field(Data(), "改动内容", required=True, inner=True)
    from_office_id: Mapped[str] = field(Link(), "来自站点", required=True)
    said_by: Mapped[str | None] = field(Text(50), "填写人")
    said_at: Mapped[datetime | None] = field(Moment(), "填写时间")
    state: Mapped[str] = field(Code("LATE_STATE"), "处理", default=WAITING)
    answered_by: Mapped[str | None] = field(Text(50), "处理人")
    reason: Mapped[str | None] = field(Text(200), "不采用的原因")


def is_over(said: Mapping[Any, Any]) -> bool:
    """Does this, of an offer, say that it came to nothing? One that was undone was never made."""
    return said.get("state") in CLOSED or bool(said.get("is_void"))


# what the old station keeps of the person besides these, as the offer said it
STUB = ("name", "id_type", "id_no", "sex", "birth_on")
