"""What a column can hold, asked before a database is: one wrong value of a station must not turn
away the whole file it came with. SQLite would take it, PostgreSQL would not."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Date, Integer, String
from sqlalchemy.types import TypeEngine

from models.kit.kinds import UtcTime

Check = Callable[[Any], Any]


def check_of(column: TypeEngine[Any]) -> Check:
    """A function that gives a value back, or raises ValueError where the column cannot hold it;
    None always fits."""
    if isinstance(column, String):
        return _text(column.length)
    if isinstance(column, Integer):
        return _whole(63 if isinstance(column, BigInteger) else 31)
    for kind, python in ((Boolean, bool), (Date, date), (UtcTime, datetime)):
        if isinstance(column, kind):
            return _of(python)
    return _plain if isinstance(column, JSON) else _anything


def _text(longest: int | None) -> Check:
    def check(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, str) or "\0" in value:
            raise ValueError("no text")
        if longest is not None and len(value) > longest:
            raise ValueError(f"more than {longest} characters")
        return value

    return check


def _whole(bits: int) -> Check:
    bound = 1 << bits

    def check(value: Any) -> Any:
        if value is None:
            return None
        if type(value) is not int or not -bound <= value < bound:
            raise ValueError("no whole number of this size")
        return value

    return check


def _of(python: type[Any]) -> Check:
    def check(value: Any) -> Any:
        if value is None:
            return None
        if type(value) is not python:
            raise ValueError(f"no {python.__name__}")
        if isinstance(value, datetime) and value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value

    return check


_any_text = _text(None)


def _plain(value: Any) -> Any:
    """Lists and maps of texts, whole numbers and yes or no."""
    match value:
        case str():
            _any_text(value)
        case dict():
            if None in value:
                raise ValueError("no text")
            for name, one in value.items():
                _any_text(name)
                _plain(one)
        case list():
            for one in value:
                _plain(one)
        case int() | None:
            pass
        case _:
            raise ValueError("no plain value")
    return value


def _anything(value: Any) -> Any:
    return value
