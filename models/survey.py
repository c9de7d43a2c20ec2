"""C3: looks at somebody's living status (生存状况调查)."""

from datetime import date

from sqlalchemy.orm import Mapped

from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, Merge, field
from models.kit.kinds import Code, Day, Link, Text


class Survey(Record):
    """C3: one look at somebody's living status (生存状况调查)."""

    __tablename__ = "survey"
    flow, writer, circle = Flow.UP, Writer.STATION, Circle.GENERAL
    goes_along = True
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
