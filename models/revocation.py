"""Installations that may no longer send (停用). Goes down like any word of the centre."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Mapped

from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, field
from models.kit.kinds import Link, Moment, Text


class Revocation(Record):
    """An installation whose files are no longer taken in, only kept (停用). There is no way back:
    the station is invited again and becomes another installation."""

    __tablename__ = "revocation"
    flow, writer, circle = Flow.DOWN, Writer.CENTRE, Circle.GENERAL
    shared: ClassVar[bool] = True

    replica_id: Mapped[str] = field(Text(32), "电脑", required=True, index=True)
    station_id: Mapped[str] = field(Link(), "站点", required=True, link="office")
    reason: Mapped[str] = field(Text(200), "停用原因", required=True)
    revoked_at: Mapped[datetime] = field(Moment(), "停用时间", required=True)
    revoked_by: Mapped[str | None] = field(Text(50), "经手人")
