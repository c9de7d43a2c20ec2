"""Statements that are said all the time, put together once and handed straight to the driver: what
SQLAlchemy does around each takes several times as long as a small one itself. Whoever says one
keeps it; nothing is flushed before it."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import (
    JSON,
    BindParameter,
    Connection,
    Delete,
    Dialect,
    LargeBinary,
    Select,
    Update,
    inspect,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Mapper, Session, make_transient_to_detached
from sqlalchemy.orm.attributes import instance_dict
from sqlalchemy.types import TypeEngine

Query = Select[*tuple[Any, ...]]
Convert = Callable[[Any], Any]
Bound = tuple[BindParameter[Any], Convert | None]
"""With what the driver wants changed in its values."""
NOTHING: Mapping[str, Any] = MappingProxyType({})


def ask(session: Session, statement: Query, given: Mapping[str, Any] = NOTHING) -> list[Any]:
    """All rows, by the names of their columns."""
    connection = session.connection()
    rows = run(connection, *_filled(statement, connection.dialect, [given]), asks=True)
    return [*map(_named(statement, connection.dialect), rows)]


def ask_one(session: Session, statement: Query, given: Mapping[str, Any] = NOTHING) -> Any:
    """The first value of the first row; None where there is none."""
    rows = ask(session, statement, given)
    return rows[0][0] if rows else None


def find(
    session: Session, statement: Query, given: Mapping[str, Any] = NOTHING
) -> list[tuple[Any, ...]]:
    """All rows, in which an entity stands as its object, the same for whoever asks the session for
    it; None where a join met none."""
    session.flush()
    places = _places(statement)
    return [
        tuple([_object(session, one, row[at]) if one else row[at] for one, at in places])
        for row in ask(session, statement, given)
    ]


def _object(session: Session, entity: type[DeclarativeBase], values: Sequence[Any]) -> Any:
    """As the unit of work reads it, for a third of the price."""
    mapper, names, places = _shape(entity)
    own = tuple([values[at] for at in places])
    if None in own:
        return None
    known = session.identity_map.get(mapper.identity_key_from_primary_key(own))
    if known is not None:
        return known
    made = mapper.class_manager.new_instance()
    instance_dict(made).update(zip(names, values, strict=True))
    make_transient_to_detached(made)
    session.add(made)
    return made


@cache
def _shape(entity: type[DeclarativeBase]) -> tuple[Mapper[Any], tuple[str, ...], tuple[int, ...]]:
    """Its columns in the order in which they are read, and where among them its key stands."""
    mapper = inspect(entity)
    names = tuple(mapper.columns.keys())
    return mapper, names, tuple(names.index(one.name) for one in mapper.primary_key)


@lru_cache(maxsize=512)
def _places(
    statement: Query,
) -> tuple[tuple[type[DeclarativeBase] | None, Any], ...]:
    """Where in a row of columns each thing stands that was asked for."""
    places: list[tuple[type[DeclarativeBase] | None, Any]] = []
    at = 0
    for one in statement.column_descriptions:
        entity = one["entity"] if one["expr"] is one["entity"] else None
        width = len(inspect(entity).columns) if entity else 1
        places.append((entity, slice(at, at + width) if entity else at))
        at += width
    return tuple(places)


def for_each(
    session: Session, statement: Update | Delete, rows: Sequence[Mapping[str, Any]]
) -> int:
    """One statement for each of these rows, each of which gives what it binds; how many it met."""
    if not rows:
        return 0
    connection = session.connection()
    return int(run(connection, *_filled(statement, connection.dialect, rows)))


def run(connection: Connection, text: str, rows: Sequence[Any], *, asks: bool = False) -> Any:
    """Text of the driver's own, with what stands in its places for each row: what it ``asks`` for,
    else how many rows it met. Errors are those of SQLAlchemy, without the values; who listens to
    all statements hears of it."""
    given: Any = rows[0] if len(rows) == 1 else rows
    if connection.engine.dispatch.before_cursor_execute:
        heard = connection.exec_driver_sql(text, given if given is not rows else [*rows])
        return heard.fetchall() if asks else heard.rowcount
    driver: Any = connection.dialect.loaded_dbapi
    raw: Any = connection.connection.driver_connection
    cursor = raw.cursor()
    try:
        (cursor.executemany if given is rows else cursor.execute)(text, given)
        return cursor.fetchall() if asks else cursor.rowcount
    except driver.Error as error:
        raise DBAPIError.instance(
            text, None, error, driver.Error, hide_parameters=True, dialect=connection.dialect
        ) from error


def _filled(
    statement: Query | Update | Delete, dialect: Dialect, rows: Sequence[Mapping[str, Any]]
) -> tuple[str, list[Any]]:
    """Its text, and for each row what stands in its places."""
    text, order, binds = _prepared(statement, dialect)
    columns = {}
    for name, (bind, convert) in binds.items():
        column = [row[name] if bind.required else bind.value for row in rows]
        columns[name] = converted(column, convert)
    if not binds:
        return text, [() for _ in rows]
    filled: list[Any] = [*zip(*(columns[name] for name in order or columns), strict=True)]
    return text, filled if order else [dict(zip(columns, one, strict=True)) for one in filled]


@lru_cache(maxsize=512)
def _prepared(
    statement: Query | Update | Delete, dialect: Dialect
) -> tuple[str, tuple[str, ...], Mapping[str, Bound]]:
    """Its text, the order of its places (none where they have names), and what it binds."""
    made = statement.compile(dialect=dialect)
    binds = {name: (one, to_driver(one.type, dialect)) for one, name in made.bind_names.items()}
    return str(made), tuple(made.positiontup or ()), {name: binds[name] for name in made.params}


@lru_cache(maxsize=512)
def _named(statement: Query, dialect: Dialect) -> Callable[[Sequence[Any]], Any]:
    """Makes of the driver's row one with names, of Python's values."""
    columns = [*statement.selected_columns]
    names = [getattr(one, "name", f"column_{place}") for place, one in enumerate(columns)]
    typed: Any = NamedTuple
    is_clear = len({*names}) == len(names)  # two entities have columns of one name
    make = typed("Row", [(one, Any) for one in names])._make if is_clear else tuple
    found = [one.type.dialect_impl(dialect).result_processor(dialect, None) for one in columns]
    converts = [(place, one) for place, one in enumerate(found) if one is not None]

    def changed(values: Sequence[Any]) -> Any:
        made = [*values]
        for place, convert in converts:
            made[place] = convert(made[place])
        return make(made)

    return changed if converts else make


def to_driver(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    """What the driver wants changed in values of a type; bytes it takes as they are."""
    if isinstance(kind, JSON):
        return _json_or_none
    if isinstance(kind, LargeBinary):
        return None
    return kind.dialect_impl(dialect).bind_processor(dialect)


def converted(column: list[Any], convert: Convert | None) -> list[Any]:
    """Values as the driver takes them; the moment of all rows is mostly one, and is made once."""
    if convert is None:
        return column
    first = column[0]
    if all(one is first for one in column):
        return [convert(first)] * len(column)
    return list(map(convert, column))


def as_json(value: Any) -> str:
    """As every database keeps it."""
    return msgspec.json.encode(value).decode()


def _json_or_none(value: Any) -> str | None:
    return None if value is None else as_json(value)
