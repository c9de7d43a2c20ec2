"""S5, D5: visits (走访) and home services."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Mapped

from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, Merge, field
from models.kit.kinds import Code, Codes, Data, Day, Fen, Flag, Link, LongText, Text

HOME_CERTIFICATION = "15"


class Visit(Record):
    """One visit to one person, at the door, in hospital, by phone or at the station."""

    __tablename__ = "visit"
    flow, writer, circle = Flow.UP, Writer.STATION, Circle.GENERAL
    goes_along = True
    merge = Merge.APPEND

    retiree_id: Mapped[str] = field(Link(), "退休人员", required=True, link="retiree", index=True)
    visit_no: Mapped[str | None] = field(Text(24), "走访编号")
    visited_on: Mapped[date] = field(Day(), "走访日期", required=True, index=True)
    time_span: Mapped[str | None] = field(Text(20), "时段")
    visit_type: Mapped[str] = field(Code("VISIT_TYPE"), "走访类型", required=True)
    way: Mapped[str] = field(Code("VISIT_WAY"), "走访方式", required=True)
    place: Mapped[str | None] = field(Text(120), "地点")
    visitors: Mapped[str] = field(Text(100), "走访人", required=True)
    escorts: Mapped[str | None] = field(Text(100), "陪同单位或领导")
    met_in_person: Mapped[bool | None] = field(Flag(), "见到本人", required=True)
    spirit: Mapped[str | None] = field(Code("SPIRIT"), "精神状态")
    mobility: Mapped[str | None] = field(Code("MOBILITY"), "身体状况")
    home_safety: Mapped[list[str] | None] = field(Codes("HOME_SAFETY"), "居家安全")
    living_note: Mapped[str | None] = field(LongText(), "谈话内容与诉求")
    requests: Mapped[str | None] = field(LongText(), "反映的问题")
    referred_to: Mapped[str | None] = field(Text(100), "转办")
    cash_fen: Mapped[int | None] = field(Fen(), "慰问金", circle=Circle.MONEY)
    goods: Mapped[list[dict[str, Any]] | None] = field(Data(), "慰问品")
    fund_source: Mapped[str | None] = field(Code("FUND_SOURCE"), "经费来源")
    receiver: Mapped[str | None] = field(Text(50), "领取人")
    outcome: Mapped[str | None] = field(Text(200), "处理结果")
    next_on: Mapped[date | None] = field(Day(), "下次走访")
