"""Dated rules as the nouns ask for them: the parameter in force, else the bundled value."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.kit import clock
from models.parameter import Parameter

BUNDLED: Mapping[str, Any] = {
    "due_rule": "month_inclusive",
    "due_rule.3": "date",
    "cycle_months": 12,
    "cycle_months.3": 6,
    "first_due_months": 12,
    "remind_days": 60,
    "survey_counts_as_cert": False,
    "home_visit_age": 80,
    "home_visit_tags": ["T05", "T06", "T07"],
    "visit_months": 12,
    "visit_months_80": 3,
    "visit_months.T02": 1,
    "visit_months.T03": 1,
    "visit_months.T06": 1,
    "visit_months.T07": 1,
    "contact_tries": 3,
    "import_undo_days": 30,
    "silent_days": 540,
    "survey_months": 6,
    "survey_months_key": 1,
}


def value(session: Session, key: str, on: date | None = None) -> Any:
    """The rule's value on a day. ``due_rule.3`` falls back to ``due_rule``; KeyError for a rule
    nobody knows."""
    for one in (key, key.partition(".")[0]):
        found = _published(session, one, on or clock.today())
        if found is not None:
            return found.value
        if one in BUNDLED:
            return BUNDLED[one]
    raise KeyError(key)


def _published(session: Session, key: str, on: date) -> Parameter | None:
    return session.scalars(
        select(Parameter)
        .where(
            Parameter.key == key,
            Parameter.is_void.is_(False),
            or_(Parameter.effective_from_on.is_(None), Parameter.effective_from_on <= on),
            or_(Parameter.effective_to_on.is_(None), Parameter.effective_to_on >= on),
        )
        .order_by(Parameter.effective_from_on.desc())
        .limit(1)
    ).first()
