"""Tests open thousands of databases, and each engine would compile every statement anew: a third of
their time. Here all databases of a kind share what is compiled; a program opens but one."""

from typing import Any

from sqlalchemy import Dialect, Engine, event

from models.kit import db
from models.kit.db import Store
from models.kit.stream import StreamTables

_made = db._store
_dialects: dict[str, Dialect] = {}
_compiled: dict[str, dict[Any, Any]] = {}


def share() -> None:
    """From now on, in this process and in those forked from it."""
    db._store = _shared


def _shared(engine: Engine, tables: StreamTables) -> Store:
    own = engine.dialect
    if own.name in _dialects:
        engine.dialect = _dialects[own.name]
        engine.update_execution_options(compiled_cache=_compiled[own.name])
    else:  # it knows what it talks to from its first connection on
        event.listen(engine.pool, "first_connect", lambda *_: _offer(own))
    return _made(engine, tables)


def _offer(own: Dialect) -> None:
    _dialects.setdefault(own.name, own)
    _compiled.setdefault(own.name, {})
