"""An employer's roster as it arrives: titles, merged cells, two header rows, and the usual mess.

What the mess is and which rows are sound is told beside the workbook, for tests and the demo.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random

from app import seed
from app.kit.sheet import Cell
from app.seed_sheet import COLUMNS, PAGE, Line, Paper
from models.kit import codes, id_number

Person = dict[str, object]

_TABLES = {
    "sex": "SEX",
    "nation": "NATION",
    "politics": "POLITICS",
    "retire_type": "RETIRE_TYPE",
    "contact1_relation": "KINSHIP",
}
_WIDE = {one: one + 0xFEE0 for one in range(0x30, 0x3A)}
_HAN = dict(zip(map(ord, "0123456789"), "〇一二三四五六七八九", strict=True))


@dataclass(frozen=True, slots=True)
class Truth:
    """Row numbers as Excel shows them -> state after the check; ``mess`` names what was done."""

    states: dict[int, str] = field(default_factory=dict)
    mess: dict[int, str] = field(default_factory=dict)
    skipped: list[int] = field(default_factory=list)
    good_numbers: set[str] = field(default_factory=set)

    def count(self, state: str) -> int:
        """How many rows are in a state."""
        return sum(one == state for one in self.states.values())


@dataclass(frozen=True, slots=True)
class Roster:
    """The workbook with the truth about it."""

    data: bytes = field(repr=False)
    truth: Truth
    people: list[Person] = field(repr=False)


@dataclass(slots=True)
class _Planned:
    line: Line
    person: Person
    mess: str = ""
    state: str = "good"


def roster(n: int, seed_: int = 1) -> Roster:
    """A roster of n people, some of them twice, and what is true of each of its rows."""
    dice = Random(f"roster {seed_}")  # noqa: S311  nothing here is a secret
    people = seed.people(n, seed_)
    planned = [_Planned(_line(one, dice), one) for one in people]
    _make_a_mess(planned, dice)
    planned.sort(key=lambda one: str(one.person["employer_name"]))
    truth = Truth()
    data = _workbook(planned, truth, dice)
    return Roster(data, truth, people)


# -- one person's line ----------------------------------------------------------------------------


def _line(person: Person, dice: Random) -> Line:
    line: Line = {key: _cell(key, person.get(key)) for _, _, key in COLUMNS if key}
    line["birth_on"] = _dated(str(person["birth_on"])[:7], dice)
    line["work_start"] = _dated(str(person["work_start"]), dice)
    line["retired_on"] = _dated(str(person["retired_on"]), dice)
    line["id_no"] = _soft_number(str(person["id_no"]), dice)
    line["name"] = _soft_name(str(person["name"]), dice)
    if person.get("no_phone"):
        line["mobile"] = "无电话"
    elif person.get("mobile") and dice.random() < 0.3:
        line["mobile"] = int(str(person["mobile"]))
    if dice.random() < 0.01:
        line["work_start"] = f"{str(person['work_start'])[:4]}年{dice.choice('春夏秋冬底')}"
    return line


def _cell(key: str, value: object) -> Cell:
    if value in (None, "", []):
        return ""
    if key in _TABLES:
        return codes.table(_TABLES[key]).name(str(value))
    if key == "tags" and isinstance(value, list):
        return "、".join(codes.table("TAG").name(one) for one in value)
    if key == "monthly_pension_fen" and isinstance(value, int):
        return value / 100
    if isinstance(value, date):
        return value
    return str(value)


def _dated(value: str, dice: Random) -> Cell:
    year, month = int(value[:4]), int(value[5:7])
    first = datetime(year, month, 1)  # noqa: DTZ001  a cell of Excel knows no zone
    han = f"{str(year).translate(_HAN)}年{('', '十')[month >= 10]}{_han_month(month)}月"
    ways: tuple[Cell, ...] = (
        value,
        f"{year}.{month}",
        f"{year}年{month}月",
        f"{year}{month:02d}",
        f"{year}/{month}",
        first,
        int(f"{year}{month:02d}"),
        (first - datetime(1899, 12, 30)).days,  # noqa: DTZ001
        value.translate(_WIDE),
        f"{year % 100:02d}年{month}月" if year >= 1950 else value,
        han,
        float(f"{year}.{month}") if month not in (1, 10) else value,
    )
    return dice.choices(ways, (30, 14, 10, 10, 4, 8, 4, 2, 2, 3, 1, 4))[0]


def _han_month(month: int) -> str:
    return "" if month == 10 else str(month % 10).translate(_HAN)


def _soft_number(number: str, dice: Random) -> str:
    luck = dice.random()
    if luck < 0.02:
        return f"{number[:6]} {number[6:14]} {number[14:]}"
    if luck < 0.03:
        return "'" + number
    if luck < 0.04:
        return number.translate(_WIDE)
    return number.lower() if luck < 0.4 else number


def _soft_name(name: str, dice: Random) -> str:
    if len(name) == 2 and dice.random() < 0.7:
        return f"{name[0]} {name[1]}" if dice.random() < 0.7 else f"{name[0]}　{name[1]}"
    return name.replace("·", dice.choice("·•．.")) if "·" in name else name


# -- the mess -------------------------------------------------------------------------------------

Spoil = Callable[[_Planned, Random], None]


def _excel_damage(one: _Planned, dice: Random) -> None:
    number = float(str(one.person["id_no"])[:17] + "0")
    one.line["id_no"] = number if dice.random() < 0.7 else f"{number:.2E}"


def _check_digit(one: _Planned, _: Random) -> None:
    number = str(one.person["id_no"])
    wrong = "0" if number[17] != "0" else "5"
    one.line["id_no"] = number[:17] + wrong if not number.endswith("000") else number[:16] + "35"


def _too_short(one: _Planned, _: Random) -> None:
    one.line["id_no"] = str(one.person["id_no"])[:16]


def _letter(one: _Planned, _: Random) -> None:
    number = str(one.person["id_no"])
    at = number.index("0", 4)
    one.line["id_no"] = number[:at] + "O" + number[at + 1 :]


def _no_such_day(one: _Planned, _: Random) -> None:
    number = str(one.person["id_no"])
    first17 = number[:10] + "0230" + number[14:17]
    one.line["id_no"] = first17 + id_number.check_digit(first17)


def _no_name(one: _Planned, _: Random) -> None:
    one.line["name"] = ""


def _lost_character(one: _Planned, _: Random) -> None:
    one.line["name"] = str(one.person["name"])[0] + "?"


def _swapped_year(one: _Planned, _: Random) -> None:
    one.line["retired_on"] = "2061-05"


def _unclear_date(one: _Planned, dice: Random) -> None:
    one.line["retired_on"] = dice.choice(("55.11", 98.5, "九几年"))


def _short_mobile(one: _Planned, dice: Random) -> None:
    one.line["mobile"] = seed.mobile(dice)[:10]


def _old_number(one: _Planned, _: Random) -> None:
    number = str(one.person["id_no"])
    one.line["id_no"] = number[:6] + number[8:17]
    one.person["id_no"] = id_number.to18(number[:6] + number[8:17])


def _other_sex(one: _Planned, _: Random) -> None:
    one.line["sex"] = "女" if one.person["sex"] == "1" else "男"


def _aside(one: _Planned, dice: Random) -> None:
    one.line["name"] = f"{one.person['name']}{dice.choice(('(已故)', '（返聘）', '(女)'))}"


_MUST_FIX: tuple[tuple[str, Spoil, float], ...] = (
    ("damaged", _excel_damage, 0.004),
    ("check_digit", _check_digit, 0.004),
    ("length", _too_short, 0.003),
    ("letter", _letter, 0.003),
    ("birth", _no_such_day, 0.002),
    ("no_name", _no_name, 0.002),
    ("lost", _lost_character, 0.002),
    ("future", _swapped_year, 0.003),
    ("unclear", _unclear_date, 0.003),
    ("mobile", _short_mobile, 0.002),
)
_CONFIRM: tuple[tuple[str, Spoil, float], ...] = (
    ("old_number", _old_number, 0.012),
    ("sex", _other_sex, 0.004),
    ("aside", _aside, 0.003),
)
_PAIR_SHARE = 0.002
_TWICE_SHARE = 0.01


def _make_a_mess(planned: list[_Planned], dice: Random) -> None:
    """Each kind in its share, once at least where there is room; nobody is spoiled twice."""
    clean = list(planned)
    dice.shuffle(clean)
    room = len(planned) // 4
    for kinds, state in ((_MUST_FIX, "must_fix"), (_CONFIRM, "confirm")):
        for mess, spoil, share in kinds:
            for one in _some(clean, share, room, len(planned)):
                spoil(one, dice)
                one.mess, one.state = mess, state
    for one in _some(clean, _PAIR_SHARE, room, len(planned)):
        _one_number(one, clean)
    twice = _some(clean, _TWICE_SHARE, room, len(planned))
    planned.extend(_Planned(_line(x.person, dice), x.person, "twice", "duplicate") for x in twice)


def _some(clean: list[_Planned], share: float, room: int, n: int) -> list[_Planned]:
    number = round(n * share) or (1 if n >= 40 else 0)
    return [clean.pop() for _ in range(min(number, max(0, len(clean) - n + room + 1)))]


def _one_number(one: _Planned, clean: list[_Planned]) -> None:
    others = [other for other in clean if other.person["name"] != one.person["name"]]
    if others:
        clean.remove(others[-1])
        others[-1].line["id_no"] = one.person["id_no"]  # type: ignore[assignment]
        for either in (one, others[-1]):
            either.mess, either.state = "shared", "must_fix"


# -- the workbook ---------------------------------------------------------------------------------


def _workbook(planned: list[_Planned], truth: Truth, dice: Random) -> bytes:
    import xlsxwriter  # noqa: PLC0415  only when a roster is made

    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True})
    book.add_worksheet("填表说明").write_column(
        0, 0, ("填表说明", "一、按身份证填写", "二、一人一行")
    )
    grid = book.add_worksheet("名册")
    grid.activate()
    paper = Paper(grid, book)
    paper.top()
    for at, one in enumerate(planned):
        if at and at % PAGE == 0:
            truth.skipped.extend(paper.page_break(at))
        _noted(one, paper.person(at + 1, one.line), truth)
    truth.skipped.extend(paper.bottom(len(planned), dice))
    paper.merge_employers()
    book.close()
    return data.getvalue()


def _noted(one: _Planned, row: int, truth: Truth) -> None:
    truth.states[row] = one.state
    if one.mess:
        truth.mess[row] = one.mess
    if one.state == "good":
        truth.good_numbers.add(str(one.person["id_no"]))
