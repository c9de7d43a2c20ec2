"""The columns of a roster of retirees (移交花名册): what headers they have, how they are read."""

import re
from collections.abc import Callable
from datetime import date
from functools import cache

from app.kit.importing import Field
from app.kit.importing import readers as read
from app.kit.importing.field import synonyms as words
from app.kit.sheet import Cell
from models.kit import codes, phone, plain
from models.kit.reading import Reading

EARLIEST_BIRTH = 1905
EARLIEST_WORK = 1930
EARLIEST_RETIRED = 1950
REMARK = 500

_CONTACTS = (
    "联系人 紧急联系人 家庭联系人 亲属 家属 子女 直系亲属 监护人",
    "第二联系人 联系人2 联系人二",
)
_ID_SHAPE = re.compile(r"'?\d{17}[\dXx]|'?\d{15}|\d\.\d+E\+1[47]")
_MOBILE_SHAPE = re.compile(r"1\d{10}(?:\.0)?")
_HAN_NAME = re.compile(
    r"[\u4e00-\u9fff\U00020000-\U0003ffff]{2,4}|[\u4e00-\u9fff]+·[\u4e00-\u9fff·]+"
)


@cache
def fields() -> tuple[Field, ...]:
    """Everything a roster may hold; a row needs a name and a number."""
    return (*_identity(), *_reach(), *_work(), *_pension(), *_contacts(), *_rest())


def _field(
    name: str,
    label: str,
    reader: read.Read,
    headers: str,
    hints: str = "",
    *,
    required: bool = False,
    monthly: bool = False,
    newest: bool = False,
    shape: re.Pattern[str] | None = None,
    show: Callable[[object], str] = str,
) -> Field:
    return Field(
        name,
        label,
        reader,
        words(f"{label} {headers}"),
        tuple(hints.split()),
        shape,
        show,
        required=required,
        monthly=monthly,
        newest=newest,
    )


def _code(name: str, label: str, table: str, headers: str, hints: str = "") -> Field:
    def show(value: object) -> str:
        return codes.table(table).name(str(value))

    return _field(name, label, read.code(table, label), headers, hints, show=show)


def _text(name: str, label: str, limit: int, headers: str, hints: str = "") -> Field:
    return _field(name, label, read.text(limit, label), headers, hints)


def _identity() -> tuple[Field, ...]:
    return (
        _field(
            "name",
            "姓名",
            read.name(),
            "名字 退休人员姓名 人员姓名 职工姓名 本人姓名 退休职工姓名 离退休人员姓名 姓名全称",
            "姓名",
            required=True,
            shape=_HAN_NAME,
        ),
        _field(
            "id_no",
            "身份证号",
            read.id_no,
            "身份证号码 公民身份号码 公民身份证号码 居民身份证号码 居民身份证号 身份证 证件号码"
            " 证件号"
            " 身份号码 社会保障号码 社会保障号 公民身份证号 有效证件号码 身份证件号码 身份证编号",
            "身份证 身份号",
            required=True,
            shape=_ID_SHAPE,
        ),
        _text("former_name", "曾用名", 50, "别名 原名"),
        _code("sex", "性别", "SEX", "男女"),
        _field(
            "birth_on_archive",
            "出生日期",
            read.partial_day("出生日期", EARLIEST_BIRTH),
            "出生年月 出生年月日 出生时间 生日 出生 档案出生日期 档案出生年月 出生日期档案认定",
            "出生",
            monthly=True,
        ),
        _code("nation", "民族", "NATION", "族别"),
        _text("native_place", "籍贯", 40, "出生地 祖籍"),
        _code("marriage", "婚姻状况", "MARRIAGE", "婚姻 婚否 婚姻情况", "婚姻"),
        _code("education", "文化程度", "EDUCATION", "学历 文化 最高学历 文化水平", "学历"),
        _code("politics", "政治面貌", "POLITICS", "政治面目 面貌 党派", "政治面"),
        _field("is_party_member", "党员", _party_member, "是否党员 是否中共党员 党员否 中共党员"),
        _field(
            "sscard_no",
            "社会保障卡号",
            read.number(20, "社会保障卡号"),
            "社保卡号 社保卡号码 社会保障卡卡号 社会保障卡号码 社保卡",
            "社保卡",
        ),
        _field(
            "si_person_no",
            "社保个人编号",
            read.number(20, "社保个人编号"),
            "个人编号 社保编号 社会保险编号 养老保险编号 个人社保编号 社保号 保险编号",
            "个人编号",
        ),
    )


def _reach() -> tuple[Field, ...]:
    return (
        _field(
            "mobile",
            "手机",
            read.phones("mobile"),
            "手机号 手机号码 移动电话 联系电话 电话 联系方式 电话号码 本人电话 本人手机 联系手机"
            " 本人联系电话 联系号码 手机电话 联系方式手机 联系方式电话",
            "手机 电话 联系方式",
            shape=_MOBILE_SHAPE,
            show=_masked,
        ),
        _field(
            "phone",
            "固定电话",
            read.phones("phone"),
            "固话 座机 家庭电话 住宅电话 宅电 住宅 家庭座机 座机号码 固定电话号码 联系方式固话",
            "座机 固话 固定电话",
            show=_masked,
        ),
        _field(
            "live_address",
            "居住地址",
            read.home,
            "现居住地址 现居住地 家庭住址 家庭地址 居住地 住址 常住地址 居住详细地址 现居住详细地址"
            " 实际居住地 实际居住地址 联系地址 现家庭住址 居住地点 通讯地址 详细住址",
            "现住 居住 住址 地址",
        ),
        _text(
            "hukou_address",
            "户籍地址",
            120,
            "户口所在地 户籍所在地 户籍地 户口地址 户口地 户籍住址 户口簿地址 户籍详细地址",
            "户籍 户口所在",
        ),
        _code("hukou_type", "户口性质", "HUKOU_TYPE", "户籍性质 户口类别 户籍类别"),
        _code("live_scope", "居住地类别", "LIVE_SCOPE", "居住类别 居住情况 居住地范围"),
        _text("group_name", "自管小组", 40, "小组 所属小组"),
        _text("grid_no", "网格", 20, "网格号 网格编号 所属网格"),
        _field("postcode", "邮政编码", read.number(6, "邮政编码"), "邮编"),
    )


def _work() -> tuple[Field, ...]:
    return (
        _text(
            "employer_name",
            "退休单位",
            80,
            "单位 原单位 原工作单位 工作单位 单位名称 原单位名称 退休前单位 退休前工作单位 所属单位"
            " 企业名称 移交单位 退休单位名称 原企业 原企业名称 所在单位",
            "单位名称 工作单位 原单位",
        ),
        _code("employer_kind", "单位性质", "EMPLOYER_KIND", "企业性质 单位类型 企业类型 单位类别"),
        _code("employer_state", "单位状况", "EMPLOYER_STATE", "企业状况 单位状态 企业状态"),
        _text(
            "last_post",
            "原职务",
            40,
            "职务 岗位 原岗位 原任职务 原任职务(岗位) 工种 职务岗位 退休前职务 原职务岗位",
            "职务",
        ),
        _text("tech_title", "专业技术职务", 40, "职称 技术职称 专业技术职称 技术等级"),
        _field(
            "work_start",
            "参加工作时间",
            read.partial_day("参加工作时间", EARLIEST_WORK),
            "参加工作日期 参加工作年月 参工时间 工作时间 参工日期 参加工作 入职时间"
            " 首次参加工作时间",
            "参加工作 参工",
            monthly=True,
        ),
        _field(
            "retired_on",
            "退休时间",
            read.partial_day("退休时间", EARLIEST_RETIRED),
            "退休日期 退休年月 离退休时间 退休(离休)时间 办理退休时间 批准退休时间 退休年月日"
            " 离退休日期"
            " 正式退休时间 离休时间 退休",
            "退休时间 退休日期 退休年月 离退休时",
            monthly=True,
        ),
        _code("retiree_kind", "人员类别", "RETIREE_KIND", "人员性质 离退休性质 人员类型 离退类别"),
        _code("retire_nature", "退休性质", "RETIRE_NATURE", "身份性质 干部工人 原身份"),
        _code("retire_type", "退休类别", "RETIRE_TYPE", "退休类型 离退休类别 退休方式 退休种类"),
        _text("special_trade", "特殊工种", 40, "特殊工种名称"),
        _field(
            "contrib_months",
            "缴费月数",
            read.months("缴费月数"),
            "缴费年限 累计缴费年限 缴费年限(月) 累计缴费月数",
        ),
        _text("honour_level", "所获荣誉", 40, "荣誉 劳模级别 荣誉称号 获奖情况"),
    )


def _pension() -> tuple[Field, ...]:
    return (
        _code(
            "pension_scheme",
            "养老保险类别",
            "PENSION_SCHEME",
            "险种 养老保险类型 参保类别 养老保险险种",
        ),
        _text("pension_place", "养老保险关系所在地", 60, "养老关系所在地 养老保险地"),
        _text("medical_place", "医疗保险关系所在地", 60, "医保关系所在地 医疗保险地 医保所在地"),
        _code("pay_way", "发放方式", "PAY_WAY", "养老金发放方式 领取方式"),
        _code("pay_state", "待遇发放状态", "PAY_STATE", "发放状态 待遇状态"),
        _field(
            "pension_start",
            "待遇开始年月",
            read.year_month("待遇开始年月", EARLIEST_RETIRED),
            "待遇开始时间 开始领取时间 养老金开始发放时间 享受待遇时间 领取养老金时间",
            "待遇开始 享受待遇",
            monthly=True,
        ),
        _field(
            "monthly_pension_fen",
            "月养老金",
            read.fen("月养老金"),
            "养老金 月基本养老金 基本养老金 养老金金额 养老金标准 每月养老金 退休金 月退休金"
            " 养老待遇",
            "养老金 退休金",
            show=_yuan,
        ),
        _text("offplan_benefit", "统筹外待遇", 100, "统筹外 统筹外费用 统筹外补贴"),
    )


def _contacts() -> tuple[Field, ...]:
    found = []
    for at, kin in enumerate(_CONTACTS, 1):
        label = "联系人" if at == 1 else "第二联系人"
        heads = kin.split()
        for part, text, tails in (
            ("name", f"{label}姓名", ("姓名", "")),
            ("relation", f"{label}关系", ("关系", "与本人关系", "与退休人员关系", "称谓")),
            ("phone", f"{label}电话", ("电话", "联系电话", "手机", "手机号码", "联系方式", "号码")),
        ):
            headers = " ".join(head + tail for head in heads for tail in tails)
            if part == "relation" and at == 1:
                headers += " 与本人关系 与退休人员关系 与联系人关系"
            reader = _contact_reader(part, text)
            show = _masked if part == "phone" else str
            found.append(_field(f"contact{at}_{part}", text, reader, headers, show=show))
    return tuple(found)


def _contact_reader(part: str, label: str) -> read.Read:
    if part == "name":
        return read.other_name(label)
    return read.code("KINSHIP", label) if part == "relation" else read.other_phone(label)


def _rest() -> tuple[Field, ...]:
    return (
        _code("health_state", "健康状况", "HEALTH_STATE", "身体状况 健康情况 健康 身体情况"),
        _field(
            "tags",
            "特殊情况",
            read.several("TAG", "特殊情况"),
            "特殊人员类别 人员标识 特殊人群 标签 特殊类别 特殊人员 重点人群 特殊群体 特殊身份",
            "特殊情况 特殊人",
            show=_tags,
        ),
        _code("archive_place", "档案所在", "ARCHIVE_PLACE", "档案所在地 档案存放地 档案保管单位"),
        _code("party_place", "党组织关系所在", "PARTY_PLACE", "党组织关系 组织关系所在 组织关系"),
        _field("received_on", "接收日期", read.day("接收日期", 2000), "移交日期 接收时间 移交时间"),
        _field(
            "last_certified_on",
            "上次认证时间",
            read.day("上次认证时间", 2000),
            "上次认证日期 最近认证时间 最近一次认证时间 最近认证日期 认证时间 认证日期 资格认证时间"
            " 资格认证日期 最近一次认证日期 末次认证时间",
            "认证时间 认证日期",
            newest=True,
        ),
        _text("door_note", "上门须知", 500, "上门注意事项"),
        _text("remark", "备注", REMARK, "备注说明 说明 附注 备注1", "备注"),
    )


def _party_member(cell: Cell, today: date) -> Reading:
    """Yes is a member; no says nothing about what else somebody is."""
    said = plain.tight(plain.text(cell))
    if "预备" in said:
        return Reading(more={"politics": "02"})
    answer = read.flag("是否党员")(cell, today)
    if "党员" in said and not said.startswith(("非", "不", "否")):
        return Reading(more={"politics": "01"})
    if "群众" in said:
        return Reading(more={"politics": "13"})
    return Reading(warnings=answer.warnings, more={"politics": "01"} if answer.value else {})


# -- as people read it, where a sheet differs from what is registered -----------------------------


def _masked(value: object) -> str:
    return phone.mask(str(value))


def _yuan(value: object) -> str:
    return f"{value / 100:,.2f} 元" if isinstance(value, int) else str(value)


def _tags(value: object) -> str:
    names = (codes.table("TAG").name(str(one)) for one in value) if isinstance(value, list) else ()
    return "、".join(names)
