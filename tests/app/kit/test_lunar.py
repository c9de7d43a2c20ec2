import csv
from datetime import date

import pytest

from app.kit.lunar import FESTIVALS, Lunar, festival, festival_on, lunar, solar
from resources import path


@pytest.mark.parametrize(
    ("name", "year", "day"),
    [
        ("春节", 2026, date(2026, 2, 17)),
        ("端午节", 2026, date(2026, 6, 19)),
        ("中秋节", 2026, date(2026, 9, 25)),
        ("重阳节", 2026, date(2026, 10, 18)),
        ("除夕", 2025, date(2026, 2, 16)),
        ("重阳节", 2025, date(2025, 10, 29)),
        ("春节", 1950, date(1950, 2, 17)),
        ("春节", 2033, date(2033, 1, 31)),
    ],
)
def test_festivals_fall_where_the_almanac_says(name: str, year: int, day: date) -> None:
    assert festival_on(name, year) == day
    assert festival(day) == name


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 10, 18), "九月初九"),
        (date(2025, 8, 1), "闰六月初八"),
        (date(2026, 2, 16), "腊月廿九"),
        (date(2026, 12, 28), "冬月二十"),
        (date(2025, 1, 28), "腊月廿九"),
        (date(2024, 2, 9), "腊月三十"),
        (date(2026, 2, 27), "正月十一"),
    ],
)
def test_a_lunar_day_reads_as_people_say_it(day: date, text: str) -> None:
    assert lunar(day).text == text


def test_there_and_back_is_the_same_day_also_in_a_leap_month() -> None:
    assert lunar(date(2025, 8, 1)) == Lunar(2025, 6, is_leap=True, day=8)
    assert solar(2025, 6, 8, is_leap=True) == date(2025, 8, 1)


def test_a_leap_month_repeats_no_festival() -> None:
    leap_fifth = solar(2028, 5, 5, is_leap=True)
    assert lunar(leap_fifth).is_leap
    assert festival(leap_fifth) == ""


def test_an_unknown_festival_is_a_mistake_and_a_far_day_is_refused() -> None:
    with pytest.raises(KeyError):
        festival_on("圣诞节", 2026)
    with pytest.raises(ValueError, match="1"):
        lunar(date(1850, 1, 1))


def test_the_state_councils_lists_agree_with_the_lunar_calendar() -> None:
    off = {
        date.fromisoformat(row["date"]): row["name"]
        for row in csv.DictReader(path("codes", "holidays.csv").read_text("utf-8").splitlines())
        if row["kind"] == "休"
    }
    for year in range(2019, 2027):
        for name in ("春节", "端午节", "中秋节"):
            assert name.removesuffix("节") in off[festival_on(name, year)], (name, year)
    assert len(FESTIVALS) == len(set(FESTIVALS.values()))
