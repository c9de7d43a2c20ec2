"""Which schema an entry or a program is of (sync.md 4.10), and how the older is read by the newer.

The number is `models.kit.stream.SCHEMA`. A release that adds a noun or field raises it and says
``since`` there; an entry keeps the schema and the bytes it was written with for ever. What an older
program meets of a newer one it keeps as it came (`sync.later`).
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from models.entities import BY_NAME
from models.kit.base import Record, since, table_of, wire_fields
from models.kit.stream import SCHEMA

Step = Callable[[Mapping[str, Any]], dict[str, Any]]

STEPS: dict[tuple[str, int], Step] = {}
"""(noun, N) -> how values of schema N are said in N + 1. A pure function that rewrites values of
fields that were said; it invents none."""


def known(noun: str, schema: int) -> type[Record] | None:
    """The noun, where a program of this schema knows it."""
    entity = BY_NAME.get(noun)
    return entity if entity is not None and entity.since <= schema else None


def upcast(noun: str, said_in: int, schema: int, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Values of schema ``said_in`` as a program of ``schema`` says them."""
    for step in range(max(said_in, 1), schema):
        change = STEPS.get((noun, step))
        if change is not None:
            values = change(values)
    return values


@cache
def younger(entity: type[Record], schema: int) -> frozenset[str]:
    """The fields a program of this schema does not know."""
    names = wire_fields(table_of(entity))
    return frozenset(name for name in names if since(entity, name) > schema)


def behind(centre_schema: int) -> str:
    """Whose program needs the upgrade and what is safe meanwhile; empty where both are alike."""
    if centre_schema > SCHEMA:
        return (
            "本站的程序需要升级：区中心的程序比本站新。"
            "上报照常，本站还不认识的新内容先存着，升级后自动补上"
        )
    if centre_schema < SCHEMA:
        return (
            "区中心的程序需要升级：本站的程序比区中心新。"
            "上报照常，区中心还不认识的新内容已原样存着，升级后自动并入"
        )
    return ""
