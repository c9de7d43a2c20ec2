"""Citizen ID number, GB 11643-1999: read, checked, explained."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from models.kit import clock, plain
from models.kit.reading import Problem
from models.kit.reading import Reading as Plain

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
OLDEST = 120
# Excel keeps 15 digits; what follows is lost for ever.
KEPT = 15
PROVINCES = frozenset(
    str(one)
    for span in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
    for one in range(span[0], span[1] + 1)
) | {"91"}
_X_LIKE = str.maketrans(dict.fromkeys("xх×хХχΧ╳✕✖", "X"))
_DROPPED = re.compile(r"[\s'’‘`´\"“”\-‐‑‒–—―−_.·,，。、:;()]+")
_WELL_FORMED = re.compile("[0-9]{17}[0-9X]")
_EXPONENT = re.compile(r"\d(?:\.\d*)?E\+?\d{2}", re.IGNORECASE)
_LOOKALIKE = {"O": "0", "o": "0", "Ｏ": "0", "〇": "0", "○": "0", "Q": "0"} | dict.fromkeys(
    "lIi|！!Ⅰ", "1"
)


@dataclass(frozen=True, slots=True)
class Reading(Plain):
    """A number with what it says of its holder."""

    birth_on: date | None = None
    sex: str | None = None


def normalise(text: str) -> str:
    """Narrow, upper-case X, without blanks, hyphens or Excel's apostrophe; nothing is judged."""
    return _DROPPED.sub("", plain.narrow(text).translate(_X_LIKE))


def check_digit(first17: str) -> str:
    """The 18th character that belongs to 17 digits."""
    return CHECKS[sum(int(one) * by for one, by in zip(first17, WEIGHTS, strict=True)) % 11]


def to18(old15: str) -> str:
    """A number of before 1999; the sequences 996 to 999 marked people born before 1900."""
    century = "18" if old15[12:] in ("996", "997", "998", "999") else "19"
    first17 = old15[:6] + century + old15[6:]
    return first17 + check_digit(first17)


def birth_on(number: str) -> date | None:
    """The day of birth in an 18-character number; None where there is no such day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def sex(number: str) -> str:
    """1 male or 2 female, by the 17th digit."""
    return "1" if int(number[16]) % 2 else "2"


def age(born: date, today: date) -> int:
    """Full years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def mask(number: str) -> str:
    """First six and last four, for every screen and list."""
    return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}" if len(number) > 10 else number


def check(raw: object, today: date | None = None) -> Reading:
    """Understand a number as typed or as a cell holds it; never raises."""
    today = today or clock.today()
    if isinstance(raw, int | float) and not isinstance(raw, bool) and abs(raw) >= 10**KEPT:
        return _refused("", _damaged(f"{Decimal(raw):.5E}"))
    text = plain.text(raw)
    if plain.is_nothing(text):
        return _refused("", Problem("身份证号没有填", kind="empty"))
    if _EXPONENT.fullmatch(plain.tight(text).lstrip("'‘’")):
        return _refused(plain.tight(text), _damaged(plain.tight(text)))
    return _check_text(normalise(text), today)


def _check_text(number: str, today: date) -> Reading:
    if _WELL_FORMED.fullmatch(number):
        return _check18(number, today)
    if "*" in number[:-1] or number == "*":
        return _refused(number, Problem("号码被 * 遮住了，请填完整的 18 位身份证号", kind="masked"))
    strange = [at for at, one in enumerate(number) if not _fits(one, at, len(number))]
    if strange:
        return _refused(number, _letters(number, strange, today))
    if len(number) == 15:
        return _old(number, today)
    return _refused(number, _length(number))


def _fits(one: str, at: int, length: int) -> bool:
    return (one.isascii() and one.isdigit()) or (one == "X" and at == length - 1 and length > 15)


def _check18(number: str, today: date) -> Reading:
    born = birth_on(number)
    problem = _birth(number, born, today)
    due = check_digit(number[:17])
    if problem is None and due != number[17]:
        problem = _lost_tail(number) if number.endswith("000") else _check_problem(number, due)
    warnings = () if number[:2] in PROVINCES else (_division(number),)
    return Reading(value=number, problem=problem, warnings=warnings, birth_on=born, sex=sex(number))


def _birth(number: str, born: date | None, today: date) -> Problem | None:
    year, month, day = int(number[6:10]), int(number[10:12]), int(number[12:14])
    if born is None:
        what = f"{month}月{day}日" if 1 <= month <= 12 and day else f"{number[6:14]}"
        if (month, day) == (2, 29):
            what = f"{year}年2月29日"
        return Problem(f"出生日期 {what} 不存在，请核对第 7–14 位", kind="birth")
    if born > today:
        return Problem(f"出生日期 {born} 晚于今天，请核对第 7–14 位", kind="future")
    if age(born, today) > OLDEST:
        years = age(born, today)
        return Problem(f"出生日期 {born}，已 {years} 岁，请核对第 7–14 位", kind="too_old")
    return None


def _check_problem(number: str, due: str) -> Problem:
    return Problem(
        f"有数字抄错了：按前 17 位推算，末位应是 {due}，现在是 {number[17]}。请对照身份证逐位核对",
        suggestion=number[:17] + due,
        button=f"末位改为 {due}",
        sure=False,
        kind="check_digit",
    )


def _length(number: str) -> Problem:
    short = 18 - len(number)
    rest = f"少 {short} 位" if short > 0 else f"多 {-short} 位"
    return Problem(f"身份证号应为 18 位，现在是 {len(number)} 位，{rest}", kind="length")


def _letters(number: str, strange: list[int], today: date) -> Problem:
    at = strange[0]
    one = number[at]
    if one == "X" and at == len(number) - 1:
        return _length(number)
    place = "最后一位" if at == len(number) - 1 else f"第 {at + 1} 位"
    if at == len(number) - 1 and one == "*":
        return _starred(number)
    if one not in _LOOKALIKE:
        return _no_digit(one, place)
    right = _LOOKALIKE[one]
    mended = "".join(
        _LOOKALIKE.get(sign, sign) if spot in strange else sign for spot, sign in enumerate(number)
    )
    message = f"{place}是字母 {one}，应为数字 {right}"
    after = _check_text(mended, today) if all(number[i] in _LOOKALIKE for i in strange) else None
    if after is None or after.problem is not None:
        rest = f"；{after.problem.message}" if after and after.problem else ""
        return Problem(message + rest, kind="letter")
    button = f"改为 {right}" if len(strange) == 1 else "字母改为数字"
    return Problem(message, suggestion=after.text, button=button, kind="letter")


def _no_digit(one: str, place: str) -> Problem:
    if one == "X":
        return Problem(f"{place}是 X，只有最后一位可以是 X，请核对", kind="letter")
    return Problem(f"{place}“{one}”不是数字，请核对", kind="letter")


def _starred(number: str) -> Problem:
    if len(number) == 18 and number[:17].isdigit() and check_digit(number[:17]) == "X":
        right = number[:17] + "X"
        return Problem("最后一位写成了 *，应为 X", right, "改为 X", kind="letter")
    return Problem("号码被 * 遮住了，请填完整的 18 位身份证号", kind="masked")


def _old(number: str, today: date) -> Reading:
    new = to18(number)
    said = _check18(new, today)
    if said.problem is not None:
        born = f"19{number[6:8]}-{number[8:10]}-{number[10:12]}"
        words = f"这是 15 位旧证号，其中出生日期 {born} 不对，请核对第 7–12 位"
        return _refused(number, Problem(words, kind=said.problem.kind))
    warning = f"这是 15 位旧证号，系统已换算成 18 位：{new}，请核对"
    return Reading(new, None, (warning, *said.warnings), birth_on=said.birth_on, sex=said.sex)


def _damaged(shown: str) -> Problem:
    words = f"号码被 Excel 变成了 {shown}，后几位已经丢失，请按身份证重新填写"
    return Problem(words, kind="damaged")


def _lost_tail(number: str) -> Problem:
    words = f"号码末 3 位成了 000（…{number[-6:]}），多半是 Excel 弄丢的，请按身份证重新填写"
    return Problem(words, kind="damaged")


def _division(number: str) -> str:
    return f"号码开头 {number[:2]} 不是现有的省级代码，请核对"


def _refused(value: str, problem: Problem) -> Reading:
    return Reading(value=value or None, problem=problem)
