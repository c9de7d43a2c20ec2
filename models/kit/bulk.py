"""Many rows of plain values straight to the driver: a roster brings fifty rows a person."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session


def insert_tuples(
    session: Session, table: Table, names: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Only for texts, whole numbers, bytes and None: no type of the column is asked."""
    if not rows:
        return
    connection = session.connection()
    query = insert(table).compile(dialect=connection.dialect, column_keys=names)
    if query.positional:
        at = [names.index(name) for name in query.positiontup or names]
        given: Any = rows if at == sorted(at) else [tuple(row[i] for i in at) for row in rows]
    else:
        given = [dict(zip(names, row, strict=True)) for row in rows]
    connection.exec_driver_sql(str(query), given)


def learn(session: Session) -> None:
    """Let SQLite look at what a large change made of the tables: without it, plans made for empty
    ones stay (lists of 20,000 people measured two to four times slower)."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA optimize = 0x10002")
