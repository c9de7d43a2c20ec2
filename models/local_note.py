"""What only this PC remembers (本机记录)."""

from typing import Any

from sqlalchemy.orm import Mapped

from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, field
from models.kit.kinds import Data, Text


class LocalNote(Record):
    """What only this PC remembers (本机记录): logins, exchanges, settings, drafts."""

    __tablename__ = "local_note"
    flow, writer, circle = Flow.LOCAL, Writer.STATION, Circle.GENERAL

    kind: Mapped[str] = field(Text(40), "类别", index=True)
    key: Mapped[str | None] = field(Text(80), "键", index=True)
    value: Mapped[Any] = field(Data(), "内容")
