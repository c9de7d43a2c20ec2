"""A program of an older schema: today's, with nouns and fields it does not know yet."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.entities import BY_NAME, ENTITIES
from models.exchange import Deferred
from models.kit import base
from models.kit.base import SYSTEM, table_of
from models.kit.stream import SCHEMA as TODAY
from models.visit import Visit
from sync import digests
from sync.centre import upgrade
from sync.centre.telling.downlink import SHARED
from tests.sync.parts import DirectLink, Node, World

FIELDS: dict[str, dict[str, int]] = {
    "retiree": {"door_note": 2, "bank": 2},
    "employer": {"contact": 2},
}
NOUNS: set[type[base.Record]] = {Visit}
"""What came with which schema in these tests; the nouns with schema 2. They are counted from
today's: 1 is the program as it is, without them."""

ALL = ENTITIES
_since, _fields = base.since, base.wire_fields


def number(schema: int) -> int:
    """What a schema of these tests is called on the wire."""
    return TODAY + schema - 1


def _newer_since(entity: type[base.Record], name: str) -> int:
    of_noun = 2 if entity in NOUNS else 1
    young = max(of_noun, FIELDS.get(entity.__tablename__, {}).get(name, 1))
    return number(young) if young > 1 else _since(entity, name)


def _known_fields(schema: int) -> Callable[[Any], tuple[str, ...]]:
    def known(table: Any) -> tuple[str, ...]:
        young = FIELDS.get(table.name, {})
        return tuple(name for name in _fields(table) if young.get(name, 1) <= schema)

    return known


def _forget() -> None:
    """What was worked out from the fields of another program."""
    for one in [each for module in _modules() for each in vars(module).values()]:
        if hasattr(one, "cache_clear"):
            one.cache_clear()


def _modules() -> list[ModuleType]:
    return [one for name, one in sys.modules.items() if name.split(".")[0] in ("models", "sync")]


@contextmanager
def program(schema: int) -> Iterator[None]:
    """Schema 1 knows neither the young fields nor the noun. One inside another: the inner
    counts."""
    is_old = schema == 1
    older = tuple(one for one in ALL if one not in NOUNS)
    names: dict[str, object] = {
        "SCHEMA": number(schema),
        "since": _newer_since,
        "wire_fields": _known_fields(schema),
        "ENTITIES": older if is_old else ALL,
        "SHARED": frozenset(one.__tablename__ for one in older) & SHARED if is_old else SHARED,
    }
    _forget()
    with pytest.MonkeyPatch.context() as patch:
        for one in NOUNS:
            patch.setattr(one, "since", number(2))
            patch.setitem(BY_NAME, one.__tablename__, one)
            if is_old:
                patch.delitem(BY_NAME, one.__tablename__)
        for module in _modules():
            for name in names.keys() & vars(module).keys():
                if name != "SHARED" or isinstance(vars(module)[name], frozenset):
                    patch.setattr(module, name, names[name])
        yield
    _forget()


DIRECTOR = frozenset({"centre_head"})


class Between:
    """The line between a station and a centre whose program is of another age."""

    def __init__(self, here: World, schema: int) -> None:
        self.link, self.schema = DirectLink(here.centre), schema
        start(here, schema)

    def exchange(self, data: bytes) -> bytes:
        with program(self.schema):
            return self.link.exchange(data)

    def close(self) -> None:
        return None


def meet(here: World, station: Node, *, station_is: int, centre_is: int) -> Any:
    with program(station_is):
        return here.sync(station, Between(here, centre_is))  # type: ignore[arg-type]


def start(here: World, schema: int) -> int:
    """The centre's service begins with a program of this schema."""
    with program(schema):
        return upgrade.after_upgrade(here.centre)


def visit(session: Session, key: str, way: str = "1") -> str:
    made = Visit(retiree_id=key, way=way)
    session.add(made)
    session.flush()
    return made.id


def rows(node: Node, noun: str = "retiree") -> list[dict[str, Any]]:
    table = table_of(BY_NAME[noun])
    left = SYSTEM - {"id"}

    def read(session: Session) -> list[dict[str, Any]]:
        found = session.execute(select(table).order_by(table.c.id)).mappings()
        return [
            {name: value for name, value in row.items() if name not in left}
            | {"stamps": digests.plain(dict(row["stamps"]))}
            for row in found
        ]

    return node.get(read)  # type: ignore[no-any-return]


def kept(node: Node) -> int:
    return node.get(lambda s: s.scalar(select(func.count()).select_from(Deferred)))  # type: ignore[no-any-return]
