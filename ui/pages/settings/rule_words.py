"""What a rule says, in words."""

from collections.abc import Mapping
from typing import Any

from app.parameter import Rule
from models.kit import codes

WORDS: Mapping[str, str] = {
    "month_inclusive": "按月递延，认证当月计入",
    "date": "按日顺延",
}
UNITS = {"月": "个月"}


def value(one: Rule) -> str:
    """In words: codes by their names, numbers with their unit."""
    said = _said(one.value)
    return f"{said} {unit(one)}".strip()


def unit(one: Rule) -> str:
    """个月, 天…; empty where it has none."""
    return UNITS.get(one.unit, one.unit)


def _said(found: Any) -> str:
    if isinstance(found, list):
        tags = codes.table("TAG")
        return "、".join(tags.name(str(one)) or str(one) for one in found)
    return WORDS.get(str(found), str(found))
