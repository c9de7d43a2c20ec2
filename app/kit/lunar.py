"""The lunar calendar (农历) of 1900-2100 and the festivals that follow it."""

from dataclasses import dataclass
from datetime import date, timedelta

from borax.calendars.lunardate import LunarDate

# (month, day) -> festival; 除夕 is the day before 春节, whatever its number
FESTIVALS = {
    (1, 1): "春节",
    (1, 15): "元宵节",
    (5, 5): "端午节",
    (7, 7): "七夕节",
    (7, 15): "中元节",
    (8, 15): "中秋节",
    (9, 9): "重阳节",
    (12, 8): "腊八节",
}
EVE = "除夕"

MONTHS = "正二三四五六七八九十冬腊"
TENS = ("初", "十", "廿", "三")
DIGITS = "十一二三四五六七八九"
ROUND = {10: "初十", 20: "二十", 30: "三十"}


@dataclass(frozen=True, slots=True, order=True)
class Lunar:
    """A day of the lunar calendar; a leap month comes after the month of its number."""

    year: int
    month: int
    is_leap: bool
    day: int

    @property
    def text(self) -> str:
        """As people say it: 九月初九, 闰六月廿三."""
        number = ROUND.get(self.day) or TENS[self.day // 10] + DIGITS[self.day % 10]
        return f"{'闰' if self.is_leap else ''}{MONTHS[self.month - 1]}月{number}"


def lunar(day: date) -> Lunar:
    """The lunar date of a day; `ValueError` outside 1900-2100."""
    found = LunarDate.from_solar(day)
    return Lunar(found.year, found.month, bool(found.leap), found.day)


def solar(year: int, month: int, day: int, *, is_leap: bool = False) -> date:
    """The day of a lunar date; `ValueError` when that month has no such day."""
    found: date = LunarDate(year, month, day, int(is_leap)).to_solar_date()
    return found


def festival(day: date) -> str:
    """The lunar festival of a day, or an empty string; a leap month has none."""
    there = lunar(day)
    tomorrow = lunar(day + timedelta(days=1))
    if (tomorrow.month, tomorrow.day) == (1, 1):
        return EVE
    return "" if there.is_leap else FESTIVALS.get((there.month, there.day), "")


def festival_on(name: str, year: int) -> date:
    """When a festival of the lunar year falls; 除夕 is the one that ends it."""
    if name == EVE:
        return solar(year + 1, 1, 1) - timedelta(days=1)
    for (month, day), known in FESTIVALS.items():
        if known == name:
            return solar(year, month, day)
    raise KeyError(name)
