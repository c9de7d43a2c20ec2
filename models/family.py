"""Family members and emergency contacts (家属、紧急联系人)."""

from sqlalchemy.orm import Mapped

from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, Mask, field
from models.kit.kinds import (
    Code,
    Count,
    Flag,
    Link,
    PartialDay,
    Phone,
    Text,
)


class Family(Record):
    """A family member or emergency contact (家属、紧急联系人)."""

    __tablename__ = "family"
    flow, writer, circle = Flow.UP, Writer.STATION, Circle.GENERAL
    goes_along = True

    retiree_id: Mapped[str] = field(Link(), "退休人员", required=True, link="retiree", index=True)
    relation: Mapped[str | None] = field(Code("KINSHIP"), "与本人关系", required=True)
    name: Mapped[str] = field(Text(50), "姓名", required=True)
    sex: Mapped[str | None] = field(Code("SEX"), "性别")
    birth: Mapped[str | None] = field(PartialDay(), "出生年月")
    work_unit_post: Mapped[str | None] = field(Text(60), "工作单位及职务")
    phone: Mapped[str | None] = field(Phone(), "联系电话", mask=Mask.PHONE)
    address: Mapped[str | None] = field(Text(120), "住址")
    living_together: Mapped[bool | None] = field(Flag(), "是否同住")
    is_dependant: Mapped[bool | None] = field(Flag(), "是否供养对象")
    contact_order: Mapped[int | None] = field(Count(), "紧急联系次序")
