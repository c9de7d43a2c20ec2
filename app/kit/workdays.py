"""Work days by the State Council's yearly lists, for periods such as "within 20 work days".

Between Monday and Friday is the rule; the lists name the days off and the days made up for.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from resources import path

ONE = timedelta(days=1)
OFF, MADE_UP = "休", "班"


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a period; provisional when a year on the way has no list yet."""

    on: date
    provisional: bool


def add_workdays(start: date, n: int) -> Deadline:
    """The n-th work day after `start`; the day it begins on does not count."""
    if n < 0:
        raise ValueError("a period runs forward")
    day, provisional = start, False
    while n:
        day += ONE
        provisional |= not is_listed(day)
        n -= is_workday(day)
    return Deadline(day, provisional)


def workdays_left(today: date, on: date) -> int:
    """How many work days remain after today up to and with `on`; negative when it is past."""
    if on < today:
        return -workdays_left(on, today)
    days = (today + ONE * (n + 1) for n in range((on - today).days))
    return sum(is_workday(day) for day in days)


def is_workday(day: date) -> bool:
    """By the list; a day no list names counts by its weekday."""
    kind = _listed().get(day)
    return kind == MADE_UP if kind else day.weekday() < 5


def is_listed(day: date) -> bool:
    """Whether the day is settled: the last days of December also need the next year's list,
    which may move them (29 December 2018 was made up for by the list of 2019)."""
    late = day.month == 12 and day.day > 25
    return {day.year, day.year + late} <= _years()


@cache
def _listed() -> Mapping[date, str]:
    rows = csv.DictReader(path("codes", "holidays.csv").read_text("utf-8").splitlines())
    return {date.fromisoformat(row["date"]): row["kind"] for row in rows}


@cache
def _years() -> frozenset[int]:
    """Every list names New Year's Day; a list's own days of last December are not that list."""
    return frozenset(day.year for day in _listed() if (day.month, day.day) == (1, 1))
