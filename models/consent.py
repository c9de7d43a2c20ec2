"""What a person agreed to (告知与同意)."""

from datetime import date

from sqlalchemy.orm import Mapped

from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, Merge, field
from models.kit.kinds import (
    Codes,
    Day,
    Link,
    Text,
)


class Consent(Record):
    """What a person agreed to (告知与同意)."""

    __tablename__ = "consent"
    flow, writer, circle = Flow.UP, Writer.STATION, Circle.GENERAL
    goes_along = True
    merge = Merge.APPEND

    retiree_id: Mapped[str] = field(Link(), "退休人员", required=True, link="retiree", index=True)
    kinds: Mapped[list[str] | None] = field(Codes("CONSENT_KIND"), "事项", required=True)
    signed_on: Mapped[date | None] = field(Day(), "签署日期", required=True)
    text_version: Mapped[str | None] = field(Text(20), "文本版本")
    withdrawn_on: Mapped[date | None] = field(Day(), "撤回日期")
