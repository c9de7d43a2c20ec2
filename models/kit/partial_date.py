"""Dates of old files: YYYY, YYYY-MM or YYYY-MM-DD, in every way a roster writes them."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from models.kit import clock, plain
from models.kit.reading import Problem, Reading

EARLIEST = 1900
_SERIAL_DAY_ZERO = date(1899, 12, 30)
# Excel believes in 29 February 1900; serials up to it are one day off.
_FALSE_LEAP_DAY = 60
_LAST_SERIAL = 80_000
# Greater numbers of four digits are serials of before 1928.
_LAST_YEAR = 2150
_VAGUE = re.compile(
    r"(上半年|下半年|[春夏秋冬](?:季|天)?|年?[初底末]|年中|前后|左右|以前|以后|前|后|许|约|大约|[上中下]旬|间|[?？])+"
)
_PARTED = re.compile(r"(\d{1,4})(?:\D+(\d{1,2}))?(?:\D+(\d{1,2}))?\D*")
_CLOCK = re.compile(r"[ T]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|\+\d\d:?\d\d)?$")
_MONTHS = {
    word: at
    for at, word in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_ENGLISH = re.compile(r"(?:(\d{1,2})[- ])?([a-z]{3})[a-z]*[-, ]+(\d{4})", re.IGNORECASE)
_SPOKEN_PART = re.compile(r"[〇零○一二三四五六七八九十]+")
_Parts = tuple[int, int | None, int | None]


@dataclass(frozen=True, slots=True)
class _Frame:
    """What a date is read within."""

    today: date
    label: str
    earliest: int


def as_day(value: str | None) -> date | None:
    """The day of a whole date; None where only a year or a month is known."""
    return date.fromisoformat(value) if value and len(value) == 10 else None


def first_day(value: str) -> date:
    """The first day that the value can mean."""
    return date.fromisoformat(f"{value}-01-01"[:10])


def last_day(value: str) -> date:
    """The last day that the value can mean."""
    if len(value) == 10:
        return date.fromisoformat(value)
    year, month = int(value[:4]), int(value[5:7] or 12)
    return date(year, month, monthrange(year, month)[1])


def parse(
    raw: object, today: date | None = None, *, label: str = "日期", earliest: int = EARLIEST
) -> Reading:
    """Understand a date; never raises. Nothing at all is an empty reading without a problem."""
    frame = _Frame(today or clock.today(), label, earliest)
    if isinstance(raw, datetime):
        raw = raw.date()
    if isinstance(raw, date):
        return _judged(raw.year, raw.month, raw.day, frame)
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return _number(raw, frame)
    text = plain.text(raw)
    return Reading() if plain.is_nothing(text) else _text(text, frame)


def _number(raw: float, frame: _Frame) -> Reading:
    if raw != raw or abs(raw) > 99_999_999:
        return _puzzled(plain.text(raw))
    if raw == int(raw):
        return _digits(str(int(raw)), frame)
    if EARLIEST <= raw <= 2100:
        return _decimal_month(f"{raw:.2f}".rstrip("0"), frame)
    if _LAST_YEAR < raw < _LAST_SERIAL:  # a date with a time of day
        return _digits(str(int(raw)), frame)
    return _puzzled(f"{raw:g}")


def _decimal_month(shown: str, frame: _Frame) -> Reading:
    """1952.3 as a number; 1952.1 may once have been 1952.10, which Excel shortens."""
    year, _, month = shown.partition(".")
    said = _judged(int(year), int(month or 0), None, frame)
    if month == "1" and said.problem is None:
        words = f"{frame.label} {shown} 在 Excel 里可能是 1 月，也可能是 10 月，请核对"
        return Reading(said.value, warnings=(words,))
    return said


def _text(text: str, frame: _Frame) -> Reading:
    bare = _CLOCK.sub("", plain.narrow(text).lstrip("'‘’“”\"").rstrip("'‘’“”\"。."))
    english = _ENGLISH.fullmatch(bare)
    if english and english[2].lower() in _MONTHS:
        day = int(english[1]) if english[1] else None
        month = _MONTHS[english[2].lower()]
        return _judged(int(english[3]), month, day, frame)
    spoken = _SPOKEN_PART.sub(_spoken, bare).replace(" ", "") if _marked(bare) else bare
    vague, precise = _VAGUE.search(spoken), _VAGUE.sub(" ", spoken).strip()
    if vague and not re.search(r"\d", precise):
        return _puzzled(text)
    said = _precise(precise or spoken, frame)
    if said.problem is not None and said.problem.kind == "unclear":
        return _puzzled(text)
    if vague and said.problem is None and said.value:
        return Reading(
            said.value, None, said.warnings, (f"{frame.label}“{bare}”只记到 {_named(said.text)}",)
        )
    return said


def _marked(bare: str) -> bool:
    return not bare.isascii()


def _spoken(found: re.Match[str]) -> str:
    number = plain.spoken(found[0])
    plainly = plain.digits(found[0])
    return plainly if len(found[0]) > 2 and plainly.isascii() else str(number or plainly)


def _precise(bare: str, frame: _Frame) -> Reading:
    if bare.isascii() and bare.isdigit():
        return _digits(bare, frame)
    found = _PARTED.fullmatch(bare)
    if found is None or not _separators_fit(bare):
        return _puzzled(bare)
    parts = [int(one) if one else None for one in found.groups()]
    year, month, day = parts[0] or 0, parts[1], parts[2]
    if len(found[1]) == 4:
        return _judged(year, month, day, frame)
    if len(found[1]) == 3:
        return _puzzled(bare)
    return _short_year(bare, found, (year, month, day), frame)


def _separators_fit(bare: str) -> bool:
    return re.fullmatch(r"[\d年月日号.\-/\\,，、。·﹒．:_~ －—–―−‐]+", bare) is not None


def _short_year(bare: str, found: re.Match[str], parts: _Parts, frame: _Frame) -> Reading:
    """52年3月 is clear, 46.11.23 as well; 55.11 could be a year and a month, or anything."""
    year, month, day = parts
    clear = "年" in bare or (day is not None and year > 31)
    if not clear or len(found[1]) != 2:
        return _puzzled(bare)
    fitting = [
        century + year
        for century in (1900, 2000)
        if frame.earliest <= century + year <= frame.today.year
    ]
    if len(fitting) == 1:
        return _judged(fitting[0], month, day, frame)
    if not fitting:
        return _puzzled(bare)
    words = f"{frame.label}“{bare}”可能是 {fitting[0]} 年，也可能是 {fitting[1]} 年，请填四位年份"
    return Reading(problem=Problem(words, kind="ambiguous"))


def _digits(digits: str, frame: _Frame) -> Reading:
    if len(digits) == 8:
        year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
        return _judged(year, month or None, day or None, frame)
    if len(digits) == 6:
        return _judged(int(digits[:4]), int(digits[4:]) or None, None, frame)
    if len(digits) == 4 and int(digits) <= _LAST_YEAR:
        return _judged(int(digits), None, None, frame)
    if len(digits) in (4, 5) and int(digits) < _LAST_SERIAL:
        return _serial(int(digits), frame)
    return _puzzled(digits)


def _serial(number: int, frame: _Frame) -> Reading:
    day = serial_day(number)
    if day is None or day.year < frame.earliest or day > frame.today:
        return _puzzled(str(number))
    return Reading(day.isoformat())


def serial_day(number: int) -> date | None:
    """The day behind an Excel serial of the 1900 system; None for its false leap day."""
    if number == _FALSE_LEAP_DAY or not 0 < number < _LAST_SERIAL:
        return None
    return _SERIAL_DAY_ZERO + timedelta(days=number + (number < _FALSE_LEAP_DAY))


def _judged(year: int, month: int | None, day: int | None, frame: _Frame) -> Reading:
    if month == 0:
        month = day = None
    wrong = _impossible(year, month, day or None, frame)
    if wrong is not None:
        return Reading(problem=wrong)
    value = _written(year, month, day or None)
    if value > frame.today.isoformat()[: len(value)]:
        return Reading(problem=_future(value, frame))
    if year < frame.earliest:
        return Reading(problem=_early(value, frame))
    return Reading(value)


def _impossible(year: int, month: int | None, day: int | None, frame: _Frame) -> Problem | None:
    if not 1000 <= year <= 9999:
        return Problem(f"{frame.label}的年份 {year} 不对，请核对", kind="year")
    if month is not None and not 1 <= month <= 12:
        return Problem(f"{frame.label}里没有 {month} 月这个月份，请核对", kind="month")
    if month and day and not 1 <= day <= monthrange(year, month)[1]:
        return Problem(f"{frame.label} {year}年{month}月{day}日 不存在，请核对", kind="day")
    return None


def _future(value: str, frame: _Frame) -> Problem:
    right = _swapped(value, frame)
    if right is None:
        return Problem(f"{frame.label}晚于今天，请核对", kind="future")
    return Problem(f"{frame.label}晚于今天，可能是 {right}", right, f"改为 {right}", kind="future")


def _early(value: str, frame: _Frame) -> Problem:
    return Problem(f"{frame.label} {value} 早于 {frame.earliest} 年，请核对", kind="early")


def _swapped(value: str, frame: _Frame) -> str | None:
    """Two neighbouring digits of the year changed places: 2061 was 2016."""
    year = value[:4]
    tries = {year[:at] + year[at + 1] + year[at] + year[at + 2 :] for at in range(3)} - {year}
    fitting = [
        one + value[4:]
        for one in sorted(tries)
        if int(one) >= frame.earliest and one + value[4:] <= frame.today.isoformat()[: len(value)]
    ]
    if len(fitting) != 1 or _not_a_day(fitting[0]):
        return None
    return fitting[0]


def _not_a_day(value: str) -> bool:
    year, month, day = int(value[:4]), int(value[5:7] or 1), int(value[8:10] or 1)
    return day > monthrange(year, month)[1]


def _written(year: int, month: int | None, day: int | None) -> str:
    if month is None:
        return f"{year:04d}"
    return f"{year:04d}-{month:02d}" + (f"-{day:02d}" if day else "")


def _named(value: str) -> str:
    return f"{value} 年" if len(value) == 4 else value


def _puzzled(text: str) -> Reading:
    shown = plain.narrow(text)[:20]
    words = f"看不懂“{shown}”，请按 2005-11 这样填"
    return Reading(problem=Problem(words, kind="unclear"))
