"""S1, D3: retirees (退休人员), and the states of their care. Fields."""

from datetime import date

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.kit.base import Flow, Record, Writer
from models.kit.fields import Circle, Mask, Merge, field
from models.kit.kinds import (
    Code,
    Count,
    Day,
    Fen,
    Flag,
    IdNumber,
    Link,
    LongText,
    PartialDay,
    Phone,
    Text,
    YearMonth,
)
from models.kit.states import Machine

MANAGED, ENTRUSTED, COMING = "1", "2", "3"
MOVED_OUT, DEAD, LOST, SELF_MANAGED = "4", "5", "6", "7"
SUSPECTED_DEAD, MOVING_OUT = "8", "9"
ON_BOOKS = (MANAGED, ENTRUSTED, COMING, LOST, SUSPECTED_DEAD, MOVING_OUT)
CERTIFIABLE = (MANAGED, ENTRUSTED)
ADDRESS_PARTS = frozenset({"estate", "building", "unit", "room", "building_text", "address_key"})
"""What the program read out of an address: follows from it, told to nobody by itself."""

_leaving = {"suspect_death": SUSPECTED_DEAD, "move_out": MOVING_OUT, "moved": MOVED_OUT}
MANAGE_STATES: Machine = {
    MANAGED: {"lose": LOST, "hand_back": SELF_MANAGED, **_leaving},
    ENTRUSTED: {"lose": LOST, **_leaving},
    COMING: {"receive": MANAGED, "suspect_death": SUSPECTED_DEAD},
    LOST: {"find": MANAGED, "correct": MANAGED, **_leaving},
    SUSPECTED_DEAD: {"correct": MANAGED, "die": DEAD},
    MOVING_OUT: {
        "moved": MOVED_OUT,
        "stay": MANAGED,
        "correct": MANAGED,
        "suspect_death": SUSPECTED_DEAD,
    },
    MOVED_OUT: {"come_back": MANAGED, "correct": MANAGED},
    DEAD: {"correct": MANAGED},
    SELF_MANAGED: {"receive": MANAGED, "suspect_death": SUSPECTED_DEAD},
}


class Retiree(Record):
    """One person in the care of one station."""

    __tablename__ = "retiree"
    flow, writer, circle = Flow.BOTH, Writer.EITHER, Circle.GENERAL
    goes_along = True
    search = ("name", "id_no", "mobile", "phone", "building_text")

    name: Mapped[str] = field(Text(50), "姓名", required=True)
    former_name: Mapped[str | None] = field(Text(50), "曾用名")
    name_note: Mapped[str | None] = field(Text(60), "姓名用字说明", hint="打不出的字怎么写")
    id_type: Mapped[str] = field(Code("ID_TYPE"), "证件类型", required=True, default="01")
    id_no: Mapped[str] = field(
        IdNumber(), "身份证号", required=True, mask=Mask.ID, merge=Merge.MANUAL, index=True
    )
    id_doubtful: Mapped[bool] = field(Flag(), "证号待公安核实", default=False)
    sex: Mapped[str | None] = field(Code("SEX"), "性别", wanted=True)
    birth_on: Mapped[date | None] = field(Day(), "出生日期", index=True)
    birth_on_archive: Mapped[str | None] = field(PartialDay(), "出生日期(档案认定)")
    nation: Mapped[str | None] = field(Code("NATION"), "民族", wanted=True)
    native_place: Mapped[str | None] = field(Text(40), "籍贯")
    marriage: Mapped[str | None] = field(Code("MARRIAGE"), "婚姻状况")
    education: Mapped[str | None] = field(Code("EDUCATION"), "文化程度")
    politics: Mapped[str | None] = field(
        Code("POLITICS"), "政治面貌", wanted=True, circle=Circle.PARTY
    )
    sscard_no: Mapped[str | None] = field(Text(20), "社会保障卡号")
    si_person_no: Mapped[str | None] = field(Text(20), "社保个人编号")

    mobile: Mapped[str | None] = field(Phone(), "手机", mask=Mask.PHONE)
    phone: Mapped[str | None] = field(Phone(), "固定电话", mask=Mask.PHONE)
    no_phone: Mapped[bool] = field(Flag(), "无电话", default=False)
    smartphone: Mapped[bool | None] = field(Flag(), "使用智能手机")
    hukou_div: Mapped[str | None] = field(Text(6), "户籍地行政区划")
    hukou_address: Mapped[str | None] = field(Text(120), "户籍地址", wanted=True)
    hukou_type: Mapped[str | None] = field(Code("HUKOU_TYPE"), "户口性质")
    live_address: Mapped[str | None] = field(Text(120), "居住地址", required=True)
    estate: Mapped[str | None] = field(Text(60), "小区")
    building: Mapped[str | None] = field(Text(20), "楼栋")
    unit: Mapped[str | None] = field(Text(12), "单元")
    room: Mapped[str | None] = field(Text(12), "室")
    building_text: Mapped[str | None] = field(Text(80), "小区楼栋")
    address_key: Mapped[str | None] = field(Text(120), "住址排序")
    grid_no: Mapped[str | None] = field(Text(20), "网格")
    group_name: Mapped[str | None] = field(Text(40), "自管小组")
    live_scope: Mapped[str | None] = field(Code("LIVE_SCOPE"), "居住地类别", wanted=True)
    remote_address: Mapped[str | None] = field(Text(120), "异地居住地址")
    remote_from_on: Mapped[date | None] = field(Day(), "异地居住起")
    remote_to_on: Mapped[date | None] = field(Day(), "异地居住止")
    postcode: Mapped[str | None] = field(Text(6), "邮政编码")

    employer_id: Mapped[str | None] = field(Link(), "退休单位", link="employer")
    employer_name: Mapped[str | None] = field(Text(80), "退休单位名称", required=True)
    last_post: Mapped[str | None] = field(Text(40), "原职务")
    tech_title: Mapped[str | None] = field(Text(40), "专业技术职务")
    work_start: Mapped[str | None] = field(PartialDay(), "参加工作时间", wanted=True)
    retired_on: Mapped[str | None] = field(PartialDay(), "退休时间", wanted=True)
    retiree_kind: Mapped[str | None] = field(Code("RETIREE_KIND"), "人员类别", wanted=True)
    retire_nature: Mapped[str | None] = field(Code("RETIRE_NATURE"), "退休性质")
    retire_type: Mapped[str | None] = field(Code("RETIRE_TYPE"), "退休类别")
    special_trade: Mapped[str | None] = field(Text(40), "特殊工种")
    special_trade_months: Mapped[int | None] = field(Count(), "特殊工种月数")
    contrib_months: Mapped[int | None] = field(Count(), "缴费月数")
    injury_grade: Mapped[int | None] = field(Count(), "工伤伤残等级", circle=Circle.HEALTH)
    honour_level: Mapped[str | None] = field(Text(40), "所获荣誉")

    pension_scheme: Mapped[str | None] = field(Code("PENSION_SCHEME"), "养老保险类别", wanted=True)
    pension_place: Mapped[str | None] = field(Text(60), "养老保险关系所在地", wanted=True)
    medical_place: Mapped[str | None] = field(Text(60), "医疗保险关系所在地")
    pay_state: Mapped[str | None] = field(Code("PAY_STATE"), "待遇发放状态", merge=Merge.OWNER)
    pay_way: Mapped[str | None] = field(Code("PAY_WAY"), "发放方式")
    pension_start: Mapped[str | None] = field(YearMonth(), "待遇开始年月")
    monthly_pension_fen: Mapped[int | None] = field(Fen(), "月养老金", circle=Circle.MONEY)
    bank: Mapped[str | None] = field(Text(40), "开户银行", circle=Circle.MONEY, merge=Merge.MANUAL)
    bank_account: Mapped[str | None] = field(
        Text(30), "养老金账号", mask=Mask.BANK, circle=Circle.MONEY, merge=Merge.MANUAL
    )
    offplan_benefit: Mapped[str | None] = field(Text(100), "统筹外待遇")

    health_state: Mapped[str | None] = field(Code("HEALTH_STATE"), "健康状况")
    skills: Mapped[str | None] = field(Text(100), "特长")
    hobbies: Mapped[str | None] = field(Text(100), "兴趣爱好")
    door_note: Mapped[str | None] = field(LongText(), "上门须知", hint="敲门、钥匙、听力等")

    manage_state: Mapped[str] = field(
        Code("MANAGE_STATE"),
        "管理状态",
        required=True,
        default=MANAGED,
        merge=Merge.MANUAL,
        index=True,
    )
    received_on: Mapped[date | None] = field(Day(), "接收日期")
    received_way: Mapped[str | None] = field(Code("RECEIVED_WAY"), "接收方式")
    archive_place: Mapped[str | None] = field(Code("ARCHIVE_PLACE"), "档案所在", wanted=True)
    party_place: Mapped[str | None] = field(
        Code("PARTY_PLACE"), "党组织关系所在", circle=Circle.PARTY
    )
    verified_on: Mapped[date | None] = field(Day(), "信息核实日期")
    last_certified_on: Mapped[date | None] = field(Day(), "上次认证日期", index=True)
    import_id: Mapped[str | None] = field(Link(), "导入批次", index=True)

    office_id: Mapped[str] = mapped_column(String(32))
    """`ix_retiree_list` begins with it: an index of its own would be its prefix."""

    __table_args__ = (Index("ix_retiree_list", "office_id", "manage_state", "address_key"),)
