import csv
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.workdays import Deadline, add_workdays, is_listed, is_workday, workdays_left
from resources import path

DAYS = st.dates(date(2019, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-11-23", True),  # a Monday
        ("2026-11-22", False),  # a Sunday
        ("2026-10-05", False),  # National Day week, a Monday
        ("2026-10-10", True),  # a Saturday made up for
        ("2025-01-26", True),  # a Sunday made up for before the Spring Festival
        ("2031-05-05", True),  # no list: a Monday
    ],
)
def test_a_day_is_worked_by_the_list_first(day: str, works: bool) -> None:  # noqa: FBT001
    assert is_workday(date.fromisoformat(day)) is works


def test_twenty_work_days_over_the_national_day_and_its_made_up_days() -> None:
    # 20 (made up for)-24, 28-30 Sept, 8-10 (made up for), 12-16, 19-22 Oct: 5 + 3 + 3 + 5 + 4
    assert add_workdays(date(2026, 9, 18), 20) == Deadline(date(2026, 10, 22), provisional=False)


def test_a_period_into_a_year_without_a_list_is_provisional() -> None:
    assert add_workdays(date(2026, 12, 1), 20) == Deadline(date(2026, 12, 29), provisional=True)
    assert add_workdays(date(2026, 12, 1), 10).provisional is False
    assert add_workdays(date(2027, 3, 1), 1).provisional is True


def test_late_december_waits_for_the_list_of_the_next_year() -> None:
    assert is_listed(date(2025, 12, 31))
    assert is_listed(date(2026, 12, 25))
    assert not is_listed(date(2026, 12, 28))
    assert not is_listed(date(2018, 12, 29))


def test_a_period_never_runs_backward() -> None:
    with pytest.raises(ValueError, match="forward"):
        add_workdays(date(2026, 1, 1), -1)


@given(start=DAYS, n=st.integers(0, 60))
def test_what_is_left_of_a_period_is_its_length(start: date, n: int) -> None:
    end = add_workdays(start, n).on
    assert workdays_left(start, end) == n
    assert workdays_left(end, start) == -n
    assert n == 0 or is_workday(end)


def test_every_listed_day_says_its_weekday() -> None:
    names = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"]
    for row in csv.DictReader(path("codes", "holidays.csv").read_text("utf-8").splitlines()):
        assert row["weekday"] == names[date.fromisoformat(row["date"]).weekday()], row
        assert row["kind"] in {"休", "班"}, row


def test_each_year_keeps_the_lists_own_arithmetic() -> None:
    for year in range(2019, 2027):
        days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
        assert 245 <= sum(map(is_workday, days)) <= 252, year
