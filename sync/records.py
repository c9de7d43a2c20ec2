"""Records written from what somebody else said: bulk, unlogged, search keys included. Used by the
station for the centre's word and by the centre for the stations'."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from itertools import chain
from typing import Any

import msgspec
from sqlalchemy import Select, Update, bindparam, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from models.entities import BY_NAME
from models.kit import clock
from models.kit.among import among_given
from models.kit.base import Record, facts, reader_of, table_of, wire_fields
from models.kit.bulk import insert_rows
from models.kit.direct import ask, for_each
from models.kit.search import index_edits, index_new
from sync.versions import younger


class Write(msgspec.Struct):
    """New values of some fields of one record, with the changes behind them; ``whole``: in place
    of all that was known of them; ``newer``: the schema of those a newer program said."""

    values: dict[str, Any] = {}
    stamps: dict[str, str] = {}
    whole: bool = False
    newer: Mapping[str, int] = {}

    def over(self, stamps: Mapping[str, str]) -> dict[str, str]:
        """The stamps of the record once this is written. Of what a creating change says no other
        change stands behind the value."""
        if not (self.whole or "*" in self.stamps):
            return {**stamps, **self.stamps}
        kept = {name: one for name, one in stamps.items() if name not in self.values}
        return {**kept, **self.stamps}

    def is_so(self, stamps: Mapping[str, str]) -> bool:
        """Is this what is held already? The changes behind the values say so."""
        return self.whole and self.over(stamps) == stamps


class Unreadable(Exception):
    """An entity, field or value this program does not know."""


def entity_of(name: str) -> type[Record]:
    """Raises Unreadable for a noun of a newer program."""
    try:
        return BY_NAME[name]
    except KeyError:
        raise Unreadable(name) from None


def understand(entity: type[Record], values: Mapping[str, Any]) -> dict[str, Any]:
    """Wire values as columns hold them; raises Unreadable."""
    known = _readers(entity)
    made = {}
    for name, value in values.items():
        try:
            made[name] = known[name](value)
        except (KeyError, ValueError, TypeError):
            raise Unreadable(f"{entity.__tablename__}.{name}") from None
    return made


def part(
    entity: type[Record] | None, values: Mapping[str, Any], schema: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Wire values as columns hold them, and apart from them, as they came, those that a program of
    this schema cannot read: unknown fields, or values of a newer kind."""
    known, newer = (_readers(entity), younger(entity, schema)) if entity else ({}, frozenset())
    made, rest = {}, {}
    for name, value in values.items():
        if name in newer:
            rest[name] = value
            continue
        try:
            made[name] = known[name](value)
        except (KeyError, ValueError, TypeError):
            rest[name] = value
    return made, rest


@cache
def links_of(entity: type[Record]) -> tuple[tuple[str, str], ...]:
    """Fields that point to another record, with its noun."""
    return tuple((name, one.link) for name, one in facts(entity).items() if one.link)


@cache
def _readers(entity: type[Record]) -> Mapping[str, Callable[[Any], Any]]:
    """How each field that travels is read."""
    return {name: reader_of(entity, name) for name in wire_fields(table_of(entity))}


def load(
    session: Session, entity: type[Record], ids: Iterable[str], names: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """Some columns of some rows, by id."""
    wanted = list(ids)
    if not wanted:
        return {}
    columns = tuple(dict.fromkeys(("id", *names)))
    rows = ask(session, _rows(entity, columns), {"wanted": wanted})
    return {row[0]: dict(zip(columns, row, strict=True)) for row in rows}


@lru_cache(maxsize=512)
def _rows(entity: type[Record], names: tuple[str, ...]) -> Select[Any]:
    table = table_of(entity)
    return select(*(table.c[name] for name in names)).where(among_given(table.c.id, "wanted"))


def write(
    session: Session,
    entity: type[Record],
    writes: Mapping[str, Write],
    existing: Mapping[str, Mapping[str, Any]],
) -> None:
    """Insert or update; ``existing`` gives at least the stamps of rows that are there; with what
    they are searched by it need not be asked."""
    links = {name for name, _ in links_of(entity)}
    if any(key not in existing or links & one.values.keys() for key, one in writes.items()):
        _in_any_order(session)
    fresh = _born(entity, {key: one for key, one in writes.items() if key not in existing})
    if fresh:
        insert_rows(session, table_of(entity), fresh)
        index_new(session, entity, fresh)
    edits: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    now = clock.now()
    for key, one in writes.items():
        if key in existing and one.values:
            stamps = one.over(existing[key]["stamps"])
            edits[tuple(sorted(one.values))].append(
                {**one.values, "stamps": stamps, "updated_at": now, "id_": key}
            )
    for names, rows in edits.items():
        index_edits(session, entity, names, [{**row, "id": row["id_"]} for row in rows], existing)
        for_each(session, _edit(entity, names), rows)


def _in_any_order(session: Session) -> None:
    """Links are looked at when the transaction ends. SQLite plans everything anew after it is told
    so: once in a transaction."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        raw: Any = connection.connection.driver_connection
        if not raw.execute("PRAGMA defer_foreign_keys").fetchone()[0]:
            raw.execute("PRAGMA defer_foreign_keys = ON")


@lru_cache(maxsize=512)
def _edit(entity: type[Record], names: tuple[str, ...]) -> Update:
    table = table_of(entity)
    columns: dict[str, Any] = {name: bindparam(name) for name in (*names, "stamps", "updated_at")}
    return (
        update(table)
        .where(table.c.id == bindparam("id_"))
        .values(**columns, row_version=table.c.row_version + 1)
    )


def _born(entity: type[Record], writes: Mapping[str, Write]) -> list[dict[str, Any]]:
    """New rows, all of the same columns: what nobody says of one of them is empty there."""
    said = dict.fromkeys(chain.from_iterable(one.values for one in writes.values()))
    made = {"created_at": clock.now(), "office_id": "", "row_version": 1}
    blank = {**said, **made, **_blank(entity)}
    return [
        {
            **blank,
            **one.values,
            "id": key,
            "stamps": one.stamps if "*" in one.stamps else {"*": "", **one.stamps},
        }
        for key, one in writes.items()
    ]


@cache
def _blank(entity: type[Record]) -> Mapping[str, Any]:
    """What a column holds where nothing is said."""
    return {
        column.name: column.default.arg
        for column in table_of(entity).columns
        if isinstance(column.default, ScalarElementColumnDefault)
    }
