"""Is a value one of these many? One parameter however many they are, so that the statement is the
same each time: a list of places costs more to write than to ask."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Boolean, ColumnElement, Dialect, any_, bindparam, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Text, TypeDecorator, TypeEngine, UserDefinedType

BETWEEN = "\x1f"


class _Written(UserDefinedType[str]):
    """An array that is one text already: the driver writes tens of thousands of them one by one."""

    cache_ok = True
    render_bind_cast = True

    def get_col_spec(self, **_: Any) -> str:
        return "VARCHAR[]"


class _Texts(TypeDecorator[list[str]]):
    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return _Written() if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> str:
        if dialect.name == "postgresql":
            return _array(value or [])
        return msgspec.json.encode(value).decode()


def _array(values: list[str]) -> str:
    joined = BETWEEN.join(values)
    if '"' in joined or "\\" in joined or joined.count(BETWEEN) >= len(values):
        quoted = (one.replace("\\", r"\\").replace('"', r"\"") for one in values)
        return '{"' + '","'.join(quoted) + '"}'
    return '{"' + joined.replace(BETWEEN, '","') + '"}' if values else "{}"


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:  # noqa: ARG002
        """Never compared with 1, which would hide the index."""
        return self


def among(column: Any, values: Iterable[str]) -> ColumnElement[bool]:
    """A condition of any query, for texts."""
    return _Among(column, bindparam(None, list(values), type_=_Texts(), unique=True))


def among_given(column: Any, name: str) -> ColumnElement[bool]:
    """The same of a query that is built once: the list of texts is given with it, by this name."""
    return _Among(column, bindparam(name, type_=_Texts()))


@compiles(_Among)
def _listed(element: _Among, compiler: Any, **rest: Any) -> str:
    column, values = element.clauses
    each = func.json_each(values).table_valued("value")
    return str(compiler.process(column.in_(select(each.c.value)), **rest))


@compiles(_Among, "postgresql")
def _in_array(element: _Among, compiler: Any, **rest: Any) -> str:
    column, values = element.clauses
    return str(compiler.process(column == any_(values), **rest))
