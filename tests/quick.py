"""Tests open thousands of databases, and none of them tests what a program is spared that opens but
one. Here all databases of a kind share the statements that were compiled, which each engine would
compile anew; and nothing that is written waits for the disk, for no test can pull the plug."""

import os
from typing import Any

from sqlalchemy import Dialect, Engine, event

from models.kit import db
from models.kit.db import Store
from models.kit.stream import StreamTables

made = db._store
_dialects: dict[str, Dialect] = {}
_compiled: dict[str, dict[Any, Any]] = {}


def be_quick() -> None:
    """From now on, in this process and in those forked from it."""
    db._store, os.fsync = _quick, _never_wait_for


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
