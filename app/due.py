"""When somebody is due for certification: rolling, by the scheme's dated rule."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

EMPLOYEES = "1"


@dataclass(frozen=True, slots=True)
class Rule:
    """``month_inclusive`` counts the month of certification, ``date`` runs from day to day,
    ``window MM-DD`` ends every year on that day; ``first`` are the months after retirement."""

    kind: str = "month_inclusive"
    months: int = 12
    first: int = 12


Rules = Mapping[str, Rule]


def rule_of(scheme: str | None, rules: Rules) -> Rule:
    """The scheme's rule; without a scheme that of the employees' pension."""
    return rules.get(scheme or EMPLOYEES) or rules.get(EMPLOYEES) or Rule()


def due_on(last: date, scheme: str | None, rules: Rules) -> date:
    """The last day to be certified again after a certification."""
    rule = rule_of(scheme, rules)
    if rule.kind == "date":
        return add_months(last, rule.months)
    if rule.kind.startswith("window"):
        return _window_after(last, rule.kind.split()[-1])
    return month_end(add_months(last.replace(day=1), rule.months - 1))


def first_due(start: str | None, scheme: str | None, rules: Rules) -> date | None:
    """The first time after retirement, counted from the month of the first pension."""
    if not start or len(start) < 7:
        return None
    months = rule_of(scheme, rules).first
    return month_end(add_months(date.fromisoformat(f"{start[:7]}-01"), months))


def period(last: date | None, due: date | None, scheme: str | None, rules: Rules) -> date | None:
    """The first day of the period that ends on the due day."""
    if last is not None or due is None:
        return last
    rule = rule_of(scheme, rules)
    return add_months(due, -rule.months) if rule.kind == "date" else month_back(due, rule.months)


def month_back(day: date, months: int) -> date:
    """The first day of the earliest of so many months, the day's own month counted."""
    return add_months(day.replace(day=1), 1 - months)


def add_months(day: date, months: int) -> date:
    """So many months on; the last day of a shorter month clamps."""
    at = day.year * 12 + day.month - 1 + months
    year, month = divmod(at, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def birthday_in(born: date, year: int) -> date:
    """Who was born on 29 February keeps the 28th where the year has no such day."""
    return add_months(born, (year - born.year) * 12)


def month_end(day: date) -> date:
    """The last day of the day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def shortest(rules: Rules) -> int:
    """No cycle is shorter than so many days."""
    return min((one.months for one in rules.values()), default=12) * 28


def _window_after(last: date, ends: str) -> date:
    this_year = date.fromisoformat(f"{last.year}-{ends}")
    return this_year if last <= add_months(this_year, -6) else add_months(this_year, 12)
