"""R41: prints of a numbered paper (打印记录)."""

from datetime import datetime

from sqlalchemy.orm import Mapped

from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, Merge, field
from models.kit.kinds import Count, Link, Moment, Text


class Print(Record):
    """R41: one print of a numbered paper (打印记录): which, how often, and what it said."""

    __tablename__ = "print"
    flow, writer, circle = Flow.UP, Writer.STATION, Circle.GENERAL
    goes_along = False
    merge = Merge.APPEND

    paper: Mapped[str] = field(Text(40), "表名", required=True)
    number: Mapped[str | None] = field(Text(24), "编号", index=True)
    retiree_id: Mapped[str | None] = field(Link(), "退休人员", link="retiree", index=True)
    printed_at: Mapped[datetime] = field(Moment(), "打印时间", required=True)
    times: Mapped[int] = field(Count(), "第几次", default=1)
    digest: Mapped[str | None] = field(Text(8), "内容摘要")
    purpose: Mapped[str | None] = field(Text(60), "用途")
