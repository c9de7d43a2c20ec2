"""Role × noun × verb, one table, and the Chinese word of every noun."""

from collections.abc import Mapping

from app.kit.refusal import Refusal
from app.kit.who import Desk
from models.kit import codes

NOUNS: Mapping[str, str] = {
    "office": "机构",
    "notice": "通知",
    "code_table": "代码表",
    "parameter": "参数",
    "staff": "工作人员",
    "account": "账号",
    "employer": "单位",
    "import": "导入批次",
    "mapping": "对应列",
    "retiree": "人员资料",
    "family": "家属",
    "tag": "标签",
    "movement": "增减变动",
    "handover": "人员转接",
    "late_edit": "迟到的修改",
    "consent": "告知与同意",
    "cert_task": "认证任务",
    "certification": "认证记录",
    "suspicion": "疑点核查",
    "survey": "生存状况调查",
    "visit": "走访记录",
    "visit_plan": "走访计划",
    "attachment": "照片和附件",
    "print": "打印记录",
    "ruling": "争议裁定",
    "revocation": "停用电脑",
    "erasure": "清除资料",
    "audit": "操作日志",
    "local_note": "本机记录",
    "exchange": "数据交换",
    "backup": "备份",
    "setting": "设置",
}
VERBS: Mapping[str, str] = {
    "see": "查看",
    "write": "登记和修改",
    "confirm": "审核确认",
    "print": "打印",
    "export": "导出",
    "manage": "管理",
}

EVERY = frozenset(VERBS)
SEE, SEE_OUT = frozenset({"see"}), frozenset({"see", "export"})
WORK = frozenset({"see", "write", "print", "export"})
PERSONS = (
    "retiree",
    "family",
    "tag",
    "consent",
    "movement",
    "handover",
    "late_edit",
    "employer",
    "import",
    "mapping",
)
CARE = (
    "cert_task",
    "certification",
    "suspicion",
    "survey",
    "visit",
    "visit_plan",
    "attachment",
    "print",
)
HOUSE = ("office", "notice", "parameter", "code_table", "exchange")

NOTED = frozenset({"audit", "local_note", "print", "mapping", "visit_plan"})

Row = Mapping[str, frozenset[str]]


def _row(*parts: tuple[tuple[str, ...], frozenset[str]]) -> Row:
    return {noun: verbs for nouns, verbs in parts for noun in nouns}


_specialist = _row((PERSONS, WORK - {"export"}), (CARE, WORK - {"export"}), (HOUSE, SEE))
TABLE: Mapping[str, Row] = {
    "head": _row(
        (PERSONS + CARE, EVERY),
        (HOUSE, SEE | {"manage"}),
        (("staff", "account", "backup", "setting"), EVERY),
        (("audit",), SEE_OUT),
    ),
    "clerk": _row((PERSONS + CARE, WORK), (HOUSE, SEE), (("exchange", "backup"), SEE | {"manage"})),
    "health": _specialist,
    "party": _specialist,
    "money": _specialist,
    "admin": _row(
        (("staff", "account"), SEE), (("backup", "setting", "exchange"), SEE | {"manage"})
    ),
    "auditor": _row(
        (PERSONS + CARE + HOUSE, SEE), (("staff", "account"), SEE), (("audit",), SEE_OUT)
    ),
    "centre_head": _row(
        (PERSONS + CARE, EVERY),
        ((*HOUSE, "ruling", "revocation", "erasure"), EVERY),
        (("staff", "account", "backup", "setting"), EVERY),
        (("audit",), SEE_OUT),
    ),
    "centre_clerk": _row(
        (PERSONS + CARE, WORK | {"confirm"}),
        (HOUSE, WORK | {"manage"}),
        (("ruling",), WORK),
        (("revocation",), SEE),
        (("backup",), SEE | {"manage"}),
    ),
    "city_head": _row(
        (PERSONS + CARE, SEE),
        (HOUSE, SEE | {"manage"}),
        (("revocation",), EVERY),
        (("staff", "account", "backup", "setting"), EVERY),
        (("audit",), SEE_OUT),
    ),
    "city_clerk": _row(
        (PERSONS + CARE + HOUSE, SEE), (("revocation",), SEE), (("backup",), SEE | {"manage"})
    ),
}


CITY = frozenset({"city_head", "city_clerk"})
CENTRAL = CITY | {"centre_head", "centre_clerk"}


def is_central(desk: Desk) -> bool:
    """Is this a desk of the centre, which looks after the people of all its stations, or of the
    city above it?"""
    return bool(CENTRAL & desk.roles)


def is_city(desk: Desk) -> bool:
    """Is this a desk of the city, which sees what its districts report and changes none of it?"""
    return bool(CITY & desk.roles)


def of_side(desk: Desk) -> frozenset[str]:
    """The roles there are where this desk stands."""
    if is_city(desk):
        return CITY
    return CENTRAL - CITY if is_central(desk) else frozenset(TABLE) - CENTRAL


def may(desk: Desk, noun: str, verb: str) -> bool:
    """Does any role of the person at the desk allow it?"""
    if noun not in NOUNS or verb not in VERBS:
        raise KeyError(f"{noun}.{verb}")
    return any(verb in TABLE.get(role, {}).get(noun, ()) for role in desk.roles)


def allow(desk: Desk, noun: str, verb: str) -> None:
    """Nothing, or the refusal with who may."""
    if may(desk, noun, verb):
        return
    able = [role for role, row in TABLE.items() if verb in row.get(noun, ())]
    if is_city(desk) and not CITY & set(able):
        what = f"{VERBS[verb]}{NOUNS[noun]}"
        raise Refusal(f"市级只查看各区报来的资料，不改。“{what}”请由管这件事的区中心办理")
    here = [one for one in able if (one in CITY) == is_city(desk)]
    here = [one for one in here if one not in CENTRAL or is_city(desk)] or here
    ask = f"请找{'、'.join(map(name_of, here))}" if here else "这件事不能手工做"
    raise Refusal(f"{desk.name} 没有“{VERBS[verb]}{NOUNS[noun]}”的权限，{ask}")


def guard_write(desk: Desk, noun: str) -> None:
    """For ``app.kit.run``: what an action wrote must be allowed to who did it. What the program
    notes down beside it (logs, prints, plans) is nobody's to be refused."""
    if noun not in NOTED:
        allow(desk, noun, "write")


def name_of(role: str) -> str:
    """站长, 经办人…"""
    return codes.table("ROLE").name(role)


def title(roles: list[str] | frozenset[str]) -> str:
    """The first role's name, as the login page shows it."""
    ranked = [role for role in TABLE if role in roles]
    return name_of(ranked[0]) if ranked else ""
