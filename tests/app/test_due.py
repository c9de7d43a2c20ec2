from datetime import date

import pytest

from app.due import Rule, add_months, due_on, first_due, period
from tests.make import a_day

RULES = {"1": Rule("month_inclusive", 12), "3": Rule("date", 6), "9": Rule("window 06-30", 12)}


@pytest.mark.parametrize(
    ("last", "due"),
    [
        ("2022-03-01", "2023-02-28"),
        ("2022-03-31", "2023-02-28"),
        ("2023-03-15", "2024-02-29"),
        ("2025-12-05", "2026-11-30"),
    ],
)
def test_the_month_of_certification_counts(last: str, due: str) -> None:
    assert due_on(a_day(last), "1", RULES) == a_day(due)


@pytest.mark.parametrize(
    ("last", "due"), [("2022-12-01", "2023-06-01"), ("2025-08-31", "2026-02-28")]
)
def test_the_residents_pension_runs_from_day_to_day(last: str, due: str) -> None:
    assert due_on(a_day(last), "3", RULES) == a_day(due)


def test_without_a_scheme_the_employees_rule_holds() -> None:
    assert due_on(a_day("2025-12-05"), None, RULES) == a_day("2026-11-30")
    assert due_on(a_day("2025-12-05"), "7", RULES) == a_day("2026-11-30")


def test_an_annual_window_ends_on_its_day() -> None:
    assert due_on(a_day("2026-04-10"), "9", RULES) == a_day("2027-06-30")
    assert due_on(a_day("2025-11-10"), "9", RULES) == a_day("2026-06-30")


def test_the_first_time_comes_a_cycle_after_the_first_pension() -> None:
    assert first_due("2026-03", "1", RULES) == a_day("2027-03-31")
    assert first_due("2026", "1", RULES) is None
    assert first_due(None, "1", RULES) is None


def test_a_period_begins_with_the_last_certification_or_is_counted_back() -> None:
    due = a_day("2026-11-30")
    assert period(a_day("2025-12-05"), due, "1", RULES) == a_day("2025-12-05")
    assert period(None, due, "1", RULES) == a_day("2025-12-01")
    assert period(None, a_day("2026-06-01"), "3", RULES) == a_day("2025-12-01")
    assert period(None, None, "1", RULES) is None


def test_months_are_added_as_people_count_them() -> None:
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2026, 1, 15), -2) == date(2025, 11, 15)
