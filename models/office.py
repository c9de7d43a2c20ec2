"""O1-O3: offices (机构) — the city, its centres and the stations of the residents' committees."""

from datetime import date
from typing import ClassVar

from sqlalchemy.orm import Mapped

from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, field
from models.kit.kinds import Code, Day, Link, Text


class Office(Record):
    """One office with validity and successor; keys point to ``id``, never to the code."""

    __tablename__ = "office"
    flow, writer, circle = Flow.DOWN, Writer.CENTRE, Circle.GENERAL
    shared: ClassVar[bool] = True

    code: Mapped[str] = field(Text(12), "机构代码", required=True, index=True)
    name: Mapped[str] = field(Text(60), "机构名称", required=True)
    level: Mapped[str] = field(Code("OFFICE_LEVEL"), "层级", required=True)
    parent_id: Mapped[str | None] = field(Link(), "上级机构", link="office")
    address: Mapped[str | None] = field(Text(120), "地址")
    phone: Mapped[str | None] = field(Text(40), "服务电话")
    hours: Mapped[str | None] = field(Text(60), "办公时间")
    valid_from: Mapped[date | None] = field(Day(), "启用日期")
    valid_to: Mapped[date | None] = field(Day(), "停用日期")
    successor_id: Mapped[str | None] = field(Link(), "承接机构", link="office")
