"""Problems that follow from facts alone: missing, unknown code, too long, not a date."""

import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from models.kit import codes, partial_date
from models.kit.base import Record, facts
from models.kit.fields import Fact
from models.kit.kinds import Code, Codes, Count, Day, Fen, PartialDay, Text, YearMonth
from models.kit.reading import Problem

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def problems(
    entity: type[Record], values: Mapping[str, Any], only: Collection[str] | None = None
) -> dict[str, Problem]:
    """What is wrong with the values, by field; ``only`` looks at the fields being edited."""
    found = {}
    for name, fact in facts(entity).items():
        if only is not None and name not in only:
            continue
        problem = problem_of(fact, values.get(name))
        if problem is not None and not (problem.kind == "empty" and _filled(entity, name)):
            found[name] = problem
    return found


def only_known(entity: type[Record], values: Collection[str], taken: Collection[str]) -> None:
    """Raises TypeError for a field that the verb does not take: whoever calls it is wrong."""
    unknown = sorted(set(values) - set(taken))
    if unknown:
        raise TypeError(f"no such field of a {entity.__tablename__}: {unknown}")


def problem_of(fact: Fact, value: Any) -> Problem | None:
    """What is wrong with one value."""
    if is_empty(value):
        return Problem(f"{fact.label}没有填", kind="empty") if fact.required else None
    if isinstance(fact.kind, Code | Codes):
        return _code(fact.label, fact.kind, value)
    if isinstance(fact.kind, Text):
        return _text(fact.label, fact.kind.size, value)
    if isinstance(fact.kind, Day):
        return None if isinstance(value, date) else _no_date(fact.label)
    if isinstance(fact.kind, PartialDay):
        return partial_date.parse(value, label=fact.label).problem
    if isinstance(fact.kind, YearMonth):
        return None if _MONTH.fullmatch(str(value)) else _no_month(fact.label, value)
    if isinstance(fact.kind, Fen | Count):
        return _number(fact.label, value)
    return None


def is_empty(value: Any) -> bool:
    """Nothing was said: None, blank text, an empty list. Zero and False are said."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _filled(entity: type[Record], name: str) -> bool:
    """Does the column fill itself when nothing is said?"""
    return entity.__table__.columns[name].default is not None


def _code(label: str, kind: Code | Codes, value: Any) -> Problem | None:
    table = codes.table(kind.table)
    said = value if isinstance(kind, Codes) else [value]
    unknown = [one for one in said if one not in table]
    return Problem(f"{label}里没有“{unknown[0]}”这一项", kind="code") if unknown else None


def _text(label: str, size: int, value: Any) -> Problem | None:
    if not isinstance(value, str):
        return Problem(f"{label}应当是文字", kind="type")
    if len(value) > size:
        return Problem(f"{label}最多 {size} 个字，现在是 {len(value)} 个", kind="length")
    return None


def _number(label: str, value: Any) -> Problem | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return Problem(f"{label}应当是数字", kind="type")
    return Problem(f"{label}不能是负数", kind="negative") if value < 0 else None


def _no_date(label: str) -> Problem:
    return Problem(f"{label}不是日期，请按 2026-11-23 这样填", kind="date")


def _no_month(label: str, value: Any) -> Problem:
    return Problem(f"{label}“{value}”不是年月，请按 2026-11 这样填", kind="date")
