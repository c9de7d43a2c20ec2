"""O4, I5: employers (原工作单位). A station may propose one; the centre owns it once confirmed."""

from typing import ClassVar

from sqlalchemy.orm import Mapped

from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, Mask, field
from models.kit.kinds import Code, Flag, Phone, Text


class Employer(Record):
    """A former employer of retirees."""

    __tablename__ = "employer"
    flow, writer, circle = Flow.BOTH, Writer.EITHER, Circle.GENERAL
    shared: ClassVar[bool] = True

    name: Mapped[str] = field(Text(80), "单位名称", required=True, index=True)
    uscc: Mapped[str | None] = field(Text(18), "统一社会信用代码")
    kind: Mapped[str | None] = field(Code("EMPLOYER_KIND"), "单位性质")
    state: Mapped[str | None] = field(Code("EMPLOYER_STATE"), "单位状况")
    contact: Mapped[str | None] = field(Text(50), "联系人")
    phone: Mapped[str | None] = field(Phone(), "联系电话", mask=Mask.PHONE)
    self_managed: Mapped[bool] = field(Flag(), "单位自管", default=False)
    is_confirmed: Mapped[bool] = field(Flag(), "区中心已确认", default=False)
