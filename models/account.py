"""O3: accounts of staff (账号). Passwords live in the vault, never here."""

from sqlalchemy.orm import Mapped

from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, field
from models.kit.kinds import Codes, Flag, Link, Text


class Account(Record):
    """The right of one member of staff to use this program, with roles."""

    __tablename__ = "account"
    flow, writer, circle = Flow.UP, Writer.STATION, Circle.GENERAL

    staff_id: Mapped[str] = field(Link(), "工作人员", required=True, link="staff")
    login: Mapped[str] = field(Text(50), "登录名", required=True)
    roles: Mapped[list[str]] = field(Codes("ROLE"), "角色", required=True)
    is_disabled: Mapped[bool] = field(Flag(), "已停用", default=False)
