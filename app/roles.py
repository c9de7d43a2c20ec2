"""Role × noun × verb, one table."""

from collections.abc import Collection, Mapping

from app.kit.refusal import Refusal
from app.kit.who import Desk
from app.nouns import NOUNS, Area, in_area
from models.kit import codes

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
PEOPLE, HOUSE = in_area(Area.PEOPLE), in_area(Area.HOUSE)

Row = Mapping[str, frozenset[str]]


def _row(*parts: tuple[tuple[str, ...], frozenset[str]]) -> Row:
    return {noun: verbs for nouns, verbs in parts for noun in nouns}


_specialist = _row((PEOPLE, WORK - {"export"}), (HOUSE, SEE))
TABLE: Mapping[str, Row] = {
    "head": _row(
        (PEOPLE, EVERY),
        (HOUSE, SEE | {"manage"}),
        (("staff", "account", "backup", "setting"), EVERY),
        (("audit",), SEE_OUT),
    ),
    "clerk": _row((PEOPLE, WORK), (HOUSE, SEE), (("exchange", "backup"), SEE | {"manage"})),
    "health": _specialist,
    "party": _specialist,
    "money": _specialist,
    "admin": _row(
        (("staff", "account"), SEE), (("backup", "setting", "exchange"), SEE | {"manage"})
    ),
    "auditor": _row((PEOPLE + HOUSE, SEE), (("staff", "account"), SEE), (("audit",), SEE_OUT)),
    "centre_head": _row(
        (PEOPLE, EVERY),
        ((*HOUSE, "ruling", "revocation", "erasure"), EVERY),
        (("staff", "account", "backup", "setting"), EVERY),
        (("audit",), SEE_OUT),
    ),
    "centre_clerk": _row(
        (PEOPLE, WORK | {"confirm"}),
        (HOUSE, WORK | {"manage"}),
        (("ruling",), WORK),
        (("revocation",), SEE),
        (("backup",), SEE | {"manage"}),
    ),
    "city_head": _row(
        (PEOPLE, SEE),
        (HOUSE, SEE | {"manage"}),
        (("revocation",), EVERY),
        (("staff", "account", "backup", "setting"), EVERY),
        (("audit",), SEE_OUT),
    ),
    "city_clerk": _row(
        (PEOPLE + HOUSE, SEE), (("revocation",), SEE), (("backup",), SEE | {"manage"})
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


def head_beside(given: Collection[str]) -> str:
    """The head where people of these roles work: of a station, a centre, a city."""
    if CITY & set(given):
        return "city_head"
    return "centre_head" if CENTRAL & set(given) else "head"


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
        what = f"{VERBS[verb]}{NOUNS[noun].word}"
        raise Refusal(f"市级只查看各区报来的资料，不改。“{what}”请由管这件事的区中心办理")
    here = [one for one in able if (one in CITY) == is_city(desk)]
    here = [one for one in here if one not in CENTRAL or is_city(desk)] or here
    ask = f"请找{'、'.join(map(name_of, here))}" if here else "这件事不能手工做"
    raise Refusal(f"{desk.name} 没有“{VERBS[verb]}{NOUNS[noun].word}”的权限，{ask}")


def guard_write(desk: Desk, noun: str) -> None:
    """For ``app.kit.run``: what an action wrote must be allowed to who did it. What the program
    notes down beside it (logs, prints, plans) is nobody's to be refused."""
    if NOUNS[noun].guarded:
        allow(desk, noun, "write")


def name_of(role: str) -> str:
    """站长, 经办人…"""
    return codes.table("ROLE").name(role)


def title(roles: list[str] | frozenset[str]) -> str:
    """The first role's name, as the login page shows it."""
    ranked = [role for role in TABLE if role in roles]
    return name_of(ranked[0]) if ranked else ""
