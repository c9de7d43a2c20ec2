"""Tests open thousands of databases, and none of them tests what a program is spared that opens but
one. Here all databases of a kind share the statements that were compiled, which each engine would
compile anew; an empty file gets the tables that the migrations made of the first one; and nothing
that is written waits for the disk, for no test can pull the plug."""

import os
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Dialect, Engine, event

from models.kit import db
from models.kit.db import Store
from models.kit.stream import StreamTables

made, migrated = db._store, command.upgrade
_dialects: dict[str, Dialect] = {}
_compiled: dict[str, dict[Any, Any]] = {}
_tables: list[str] = []


def be_quick() -> None:
    """From now on, in this process and in those forked from it."""
    db._store, os.fsync, command.upgrade = _quick, _never_wait_for, _migrated


def _quick(engine: Engine, tables: StreamTables) -> Store:
    own = engine.dialect
    if own.name in _dialects:
        engine.dialect = _dialects[own.name]
        engine.update_execution_options(compiled_cache=_compiled[own.name])
    else:  # it knows what it talks to from its first connection on
        event.listen(engine.pool, "first_connect", lambda *_: _offer(own))
    if own.name == "sqlite":
        event.listen(engine.pool, "connect", _never_wait)
    return made(engine, tables)


def _never_wait_for(fd: Any) -> None:
    """In place of `os.fsync`."""


def _never_wait(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous = OFF")


def _offer(own: Dialect) -> None:
    _dialects.setdefault(own.name, own)
    _compiled.setdefault(own.name, {})


def _migrated(config: Config, revision: str, *more: Any, **yet_more: Any) -> None:
    """In place of Alembic's `upgrade`."""
    connection = config.attributes["connection"]
    if connection.dialect.name != "sqlite" or revision != "head" or _tables_of(connection):
        migrated(config, revision, *more, **yet_more)
    elif _tables:
        for line in _tables:
            connection.exec_driver_sql(line)
    else:
        migrated(config, revision)
        at = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
        version = f"INSERT INTO alembic_version VALUES ('{at}')"  # noqa: S608 - our own number
        _tables.extend([*_tables_of(connection), version])


def _tables_of(connection: Connection) -> list[str]:
    """The statements that made this file's tables and indexes, in their order."""
    made = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
    return list(connection.exec_driver_sql(made).scalars())
