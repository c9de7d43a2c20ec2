"""Which schema an entry or a program is of (sync.md 4.10).

The number is `models.kit.stream.SCHEMA`. A release that adds a noun or field raises it and says
``since`` there; an entry keeps the schema and the bytes it was written with for ever. How the older
is said today stands in `models.schema`; what an older program meets of a newer one it keeps as it
came (`sync.later`).
"""

from functools import cache

import msgspec

from models.entities import BY_NAME
from models.kit.base import Record, since, table_of, wire_fields
from models.kit.stream import SCHEMA
from models.schema import Said, lift
from sync.message import State, Whole


def known(noun: str, schema: int) -> type[Record] | None:
    """The noun, where a program of this schema knows it."""
    entity = BY_NAME.get(noun)
    return entity if entity is not None and entity.since <= schema else None


def lifted(item: State | Whole) -> State | Whole:
    """What another program holds of a record, as today's says it; what is newer stays as it is."""
    if item.schema >= SCHEMA and not item.newer:
        return item
    first = item.stamps.get("*", "")
    words = {
        name: Said(
            item.values.get(name), item.stamps.get(name, first), item.newer.get(name, item.schema)
        )
        for name in {**item.values, **item.stamps}
        if name != "*"
    }
    found = lift(item.entity, words, SCHEMA)
    spoken = {
        name: one.stamp for name, one in found.items() if name in item.stamps or one.stamp != first
    }
    return msgspec.structs.replace(
        item,
        values={
            name: one.value
            for name, one in found.items()
            if name in item.values or name in spoken or one.value is not None
        },
        stamps={**item.stamps, **spoken},
        newer={name: one.schema for name, one in found.items() if one.schema > SCHEMA},
        schema=max(item.schema, SCHEMA),
    )


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
