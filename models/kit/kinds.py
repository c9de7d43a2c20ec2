"""Kinds of facts: what a value is, how the database and the wire carry it, how people read it.

One kind per type of the domain's vocabulary. A kind knows nothing of labels or screens.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Dialect,
    Integer,
    String,
)
from sqlalchemy import (
    Text as SqlText,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from models.kit import clock, codes

Wire = str | int | bool | list[Any] | dict[str, Any] | None


class UtcTime(TypeDecorator[datetime]):
    """Aware UTC in Python, whatever the database keeps."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the zone back that SQLite drops."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Kind:
    """What all kinds share; the wire carries only strings, integers, booleans, lists and maps."""

    def sql(self) -> TypeEngine[Any]:
        """The column type."""
        raise NotImplementedError(type(self).__name__)

    def to_wire(self, value: Any) -> Wire:
        """The value as the wire carries it."""
        return value  # type: ignore[no-any-return]

    def from_wire(self, value: Wire) -> Any:
        """The value as Python holds it."""
        return value

    def show(self, value: Any) -> str:
        """The value as people read it, unmasked; nothing is an empty string."""
        return "" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Text(Kind):
    """At most ``size`` characters (not bytes)."""

    size: int = 100

    def sql(self) -> TypeEngine[Any]:
        """A bounded string."""
        return String(self.size)


@dataclass(frozen=True, slots=True)
class Digest(Text):
    """``size`` hex digits, or nothing."""

    def from_wire(self, value: Wire) -> Any:
        """Raises ValueError for a digest that is none."""
        if value and not re.fullmatch(f"[0-9a-f]{{{self.size}}}", str(value)):
            raise ValueError("no digest")
        return value


@dataclass(frozen=True, slots=True)
class LongText(Kind):
    """Several lines."""

    def sql(self) -> TypeEngine[Any]:
        """An unbounded string."""
        return SqlText()


@dataclass(frozen=True, slots=True)
class Code(Kind):
    """One code of a code table."""

    table: str

    def sql(self) -> TypeEngine[Any]:
        """Codes are short."""
        return String(12)

    def show(self, value: Any) -> str:
        """The code's name; an unknown code shows itself."""
        return "" if value is None else codes.table(self.table).name(value)


@dataclass(frozen=True, slots=True)
class Codes(Kind):
    """Several codes of a code table, as a list."""

    table: str

    def sql(self) -> TypeEngine[Any]:
        """A JSON list."""
        return JSON(none_as_null=True)

    def show(self, value: Any) -> str:
        """The names, parted by the Chinese enumeration comma."""
        return "、".join(codes.table(self.table).name(one) for one in value or ())


@dataclass(frozen=True, slots=True)
class Day(Kind):
    """A calendar day."""

    def sql(self) -> TypeEngine[Any]:
        """A date."""
        return Date()

    def to_wire(self, value: date | None) -> Wire:
        """YYYY-MM-DD."""
        return None if value is None else value.isoformat()

    def from_wire(self, value: Wire) -> date | None:
        """Back to a date; raises ValueError on anything else."""
        return None if value is None else date.fromisoformat(str(value))


@dataclass(frozen=True, slots=True)
class PartialDay(Kind):
    """YYYY, YYYY-MM or YYYY-MM-DD: old files often give only a month."""

    def sql(self) -> TypeEngine[Any]:
        """Text that sorts."""
        return String(10)


@dataclass(frozen=True, slots=True)
class YearMonth(Kind):
    """YYYY-MM."""

    def sql(self) -> TypeEngine[Any]:
        """Text that sorts."""
        return String(7)


@dataclass(frozen=True, slots=True)
class Moment(Kind):
    """A point in time, UTC."""

    def sql(self) -> TypeEngine[Any]:
        """An aware time."""
        return UtcTime()

    def to_wire(self, value: datetime | None) -> Wire:
        """ISO 8601 in UTC."""
        return None if value is None else value.astimezone(UTC).isoformat()

    def from_wire(self, value: Wire) -> datetime | None:
        """Back to an aware time."""
        return None if value is None else _moment(str(value))

    def show(self, value: datetime | None) -> str:
        """The wall clock in Sanya, to the minute."""
        return "" if value is None else clock.local(value).strftime("%Y-%m-%d %H:%M")


@lru_cache
def _moment(value: str) -> datetime:
    """What is said at once bears one time."""
    said = datetime.fromisoformat(value)
    if said.tzinfo is None:
        raise ValueError("a time without a zone")
    try:
        return said.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("a time outside the calendar") from error


@dataclass(frozen=True, slots=True)
class Fen(Kind):
    """Money in integer fen."""

    def sql(self) -> TypeEngine[Any]:
        """Never a float."""
        return BigInteger()

    def show(self, value: int | None) -> str:
        """7,842.00 元."""
        return "" if value is None else f"{value / 100:,.2f} 元"


@dataclass(frozen=True, slots=True)
class IdNumber(Kind):
    """Citizen ID number, GB 11643: 18 characters, X in upper case; other papers up to 24."""

    def sql(self) -> TypeEngine[Any]:
        """Room for passports and permits."""
        return String(24)


@dataclass(frozen=True, slots=True)
class Phone(Kind):
    """Mobile or landline with area code."""

    def sql(self) -> TypeEngine[Any]:
        """As people write it, without blanks."""
        return String(20)


@dataclass(frozen=True, slots=True)
class Flag(Kind):
    """Yes or no."""

    def sql(self) -> TypeEngine[Any]:
        """A boolean."""
        return Boolean()

    def show(self, value: bool | None) -> str:  # noqa: FBT001
        """是 or 否."""
        return "" if value is None else "是" if value else "否"


@dataclass(frozen=True, slots=True)
class Count(Kind):
    """A whole number."""

    def sql(self) -> TypeEngine[Any]:
        """An integer."""
        return Integer()


@dataclass(frozen=True, slots=True)
class Link(Kind):
    """The id of another record."""

    def sql(self) -> TypeEngine[Any]:
        """32 hex digits."""
        return String(32)

    def from_wire(self, value: Wire) -> Any:
        """Raises ValueError for an id of nothing, which no database would take."""
        if not value:
            raise ValueError("no id")
        return value


@dataclass(frozen=True, slots=True)
class Data(Kind):
    """A list or map of plain values, always replaced whole."""

    def sql(self) -> TypeEngine[Any]:
        """JSON."""
        return JSON(none_as_null=True)

    def show(self, value: Any) -> str:
        """What stands in it, without the braces: 大米、花生油."""
        if isinstance(value, dict):
            return " ".join(filter(None, map(self.show, value.values())))
        if isinstance(value, list):
            return "、".join(filter(None, map(self.show, value)))
        return "" if value is None else str(value)
