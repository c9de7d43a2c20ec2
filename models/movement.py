"""D4: additions, losses and changes of a person (增减变动)."""

from datetime import date

from sqlalchemy.orm import Mapped

from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, Merge, field
from models.kit.kinds import (
    Code,
    Day,
    Link,
    Text,
    YearMonth,
)


class Movement(Record):
    """D4: an addition, loss or change of a person (增减变动)."""

    __tablename__ = "movement"
    flow, writer, circle = Flow.UP, Writer.STATION, Circle.GENERAL
    goes_along = False
    merge = Merge.APPEND

    retiree_id: Mapped[str] = field(Link(), "退休人员", required=True, link="retiree", index=True)
    change_type: Mapped[str] = field(Code("CHANGE_TYPE"), "变动类型", required=True)
    changed_on: Mapped[date] = field(Day(), "变动日期", required=True)
    from_state: Mapped[str | None] = field(Code("MANAGE_STATE"), "变动前状态")
    to_state: Mapped[str | None] = field(Code("MANAGE_STATE"), "变动后状态")
    from_office: Mapped[str | None] = field(Text(60), "来自")
    to_office: Mapped[str | None] = field(Text(60), "去往")
    basis: Mapped[str | None] = field(Text(100), "依据", required=True)
    source_way: Mapped[str | None] = field(Text(60), "消息来源")
    report_month: Mapped[str | None] = field(YearMonth(), "计入月份")
