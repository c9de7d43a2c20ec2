"""Rosters taken in (导入批次), and the columns of an employer's (对应列)."""

from datetime import datetime

from sqlalchemy.orm import Mapped

from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, field
from models.kit.kinds import (
    Count,
    LongText,
    Moment,
    Text,
)


class Import(Record):
    """One roster taken in (导入批次), undoable for some days."""

    __tablename__ = "import"
    flow, writer, circle = Flow.UP, Writer.STATION, Circle.GENERAL

    file_name: Mapped[str] = field(Text(120), "文件名")
    employer_name: Mapped[str | None] = field(Text(80), "移交单位")
    imported_at: Mapped[datetime | None] = field(Moment(), "导入时间")
    n_good: Mapped[int | None] = field(Count(), "导入人数")
    n_left: Mapped[int | None] = field(Count(), "未导入行数")
    undone_at: Mapped[datetime | None] = field(Moment(), "撤销时间")


class Mapping(Record):
    """The columns of one employer's roster, remembered (对应列)."""

    __tablename__ = "mapping"
    flow, writer, circle = Flow.LOCAL, Writer.STATION, Circle.GENERAL

    key: Mapped[str] = field(Text(120), "单位", index=True)
    columns: Mapped[str] = field(LongText(), "对应列")
