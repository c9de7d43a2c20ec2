"""Code tables as the centre has published them (代码表)."""

from typing import ClassVar

from sqlalchemy.orm import Mapped

from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, field
from models.kit.kinds import LongText, Text


class CodeTable(Record):
    """A code table as the centre has published it (代码表), in place of the one we ship."""

    __tablename__ = "code_table"
    flow, writer, circle = Flow.DOWN, Writer.CENTRE, Circle.GENERAL
    shared: ClassVar[bool] = True

    key: Mapped[str] = field(Text(40), "代码表", required=True, index=True)
    rows: Mapped[str] = field(LongText(), "内容", required=True, hint="CSV，与自带的表同样的列")
