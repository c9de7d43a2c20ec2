"""Many rows straight to the driver: a roster brings fifty rows a person. On PostgreSQL they go by
COPY, which costs a fraction of as many inserts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain, islice
from operator import itemgetter, methodcaller
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Dialect,
    Table,
    Update,
    bindparam,
    insert,
    inspect,
    sql,
    update,
)
from sqlalchemy.orm import DeclarativeBase, Session

from models.kit.direct import Convert, converted, for_each, run, to_driver

COPY_FROM = 20
"""Fewer rows are quicker as one statement."""
COPY_ROWS = 1000
"""As many are written at once."""


def insert_tuples(
    session: Session, table: Table, names: tuple[str, ...], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Only for texts, whole numbers, bytes and None: no type of the column is asked. Rows may be
    made while they are read, by what asks nothing of the session."""
    following = iter(rows)
    first = [*islice(following, COPY_FROM)]
    if not first:
        return
    connection = session.connection()
    if connection.dialect.driver == "psycopg" and len(first) == COPY_FROM:
        _copy(connection, table, names, chain(first, following))
        return
    statement, order = _insert(table, names, connection.dialect)
    given: Sequence[Any] = [*first, *following]
    if not order:
        given = [dict(zip(names, row, strict=True)) for row in given]
    elif order != names:
        at = [names.index(name) for name in order]
        given = [tuple(row[i] for i in at) for row in given]
    run(connection, statement, given)


@lru_cache(maxsize=512)
def _insert(table: Table, names: tuple[str, ...], dialect: Dialect) -> tuple[str, tuple[str, ...]]:
    """The statement and the order of its places; no order: they have names."""
    plain = sql.table(table.name, *map(sql.column, names))  # knows no defaults
    query = insert(plain).compile(dialect=dialect, column_keys=names)
    return str(query), tuple(query.positiontup or names) if query.positional else ()


def insert_rows(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows of Python values of any column type; a name that a row does not give is empty there.
    Defaults are the caller's affair."""
    if not rows:
        return
    said = set().union(*rows)
    is_whole = all(len(row) == len(said) for row in rows)
    names = tuple(column.name for column in table.columns if column.name in said)
    converts = _processors(table, session.connection().dialect)

    def values() -> Iterator[tuple[Any, ...]]:
        for at in range(0, len(rows), COPY_ROWS):
            some, columns = rows[at : at + COPY_ROWS], []
            for name in names:
                column = [*map(itemgetter(name) if is_whole else methodcaller("get", name), some)]
                columns.append(converted(column, converts.get(name)))
            yield from zip(*columns, strict=True)

    insert_tuples(session, table, names, values())


def settle(session: Session, *rows: DeclarativeBase) -> None:
    """Write what was set on these rows, each by its key, and let go of them: what is set on them
    from now on is lost, and whoever asks for them reads them anew. For the few rows without links
    that move on with every contact: the unit of work takes four times as long. New rows are left to
    it."""
    for row in rows:
        state = inspect(row)
        if not state.persistent:
            continue
        names = frozenset(state.manager.keys() - state.unmodified)
        if names:
            values = {f"new_{name}": getattr(row, name) for name in names}
            for_each(session, _moved(type(row), names), [{**values, **_key_of(row)}])
        session.expunge(row)


def _key_of(row: DeclarativeBase) -> dict[str, Any]:
    return {f"of_{name}": getattr(row, name) for name in _keys(type(row))}


@cache
def _keys(entity: type[DeclarativeBase]) -> tuple[str, ...]:
    return tuple(one.name for one in entity.__table__.primary_key)


@lru_cache(maxsize=512)
def _moved(entity: type[DeclarativeBase], names: frozenset[str]) -> Update:
    table: Any = entity.__table__
    mine = [one == bindparam(f"of_{one.name}") for one in table.primary_key]
    return update(table).where(*mine).values({name: bindparam(f"new_{name}") for name in names})


def as_stored(session: Session, column: Column[Any], value: Any) -> Any:
    """One value as `insert_tuples` takes it, for a column of another type."""
    convert = _processors(column.table, session.connection().dialect).get(column.name)
    return convert(value) if convert else value


@lru_cache(maxsize=512)
def _processors(table: Table, dialect: Dialect) -> Mapping[str, Convert]:
    """What the driver wants changed in a column's values; bytes it takes as they are."""
    found = {column.name: to_driver(column.type, dialect) for column in table.columns}
    return {name: one for name, one in found.items() if one is not None}


def _copy(
    connection: Connection, table: Table, names: tuple[str, ...], rows: Iterator[tuple[Any, ...]]
) -> None:
    first = [*islice(rows, COPY_ROWS)]
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(map(quote, names))
    is_text = all(isinstance(one, str) for one in first[0])
    how = "" if is_text else " (FORMAT BINARY)"
    said = f"COPY {quote(table.name)} ({columns}) FROM STDIN{how}"
    raw: Any = connection.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy(said) as copy:
        if not is_text:
            copy.set_types(_kinds(table, names, connection.dialect))
        some = first
        while some:
            plain = _plain(some) if is_text else ""
            if plain:
                copy.write(plain)
            for row in () if plain else some:
                copy.write_row(row)
            some = [*islice(rows, COPY_ROWS)]


@lru_cache(maxsize=512)
def _kinds(table: Table, names: tuple[str, ...], dialect: Dialect) -> tuple[str, ...]:
    """As PostgreSQL calls them; what is JSON is a text already."""
    kinds = (table.c[name].type for name in names)
    return tuple(
        "text" if isinstance(one, JSON) else one.compile(dialect).partition("(")[0].lower()
        for one in kinds
    )


def _plain(rows: Sequence[tuple[Any, ...]]) -> str:
    """Rows of nothing but texts, in which nothing has to be escaped, as COPY reads them; else
    empty."""
    try:
        said = "\n".join(map("\t".join, rows)) + "\n"
    except TypeError:
        return ""
    is_plain = said.count("\n") == len(rows) and said.count("\t") == len(rows) * (len(rows[0]) - 1)
    return said if is_plain and "\\" not in said and "\r" not in said else ""


def learn(session: Session) -> None:
    """Let SQLite look at what a large change made of the tables: without it, plans made for empty
    ones stay (lists of 20,000 people measured two to four times slower)."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA optimize = 0x10002")
