"""The record every noun builds on: base columns, and how it travels."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar, TypeVar, cast

from sqlalchemy import JSON, Boolean, FromClause, Integer, MetaData, String, Table, false
from sqlalchemy.orm import DeclarativeBase, Mapped, aliased, mapped_column

from models.kit.fields import Circle, Fact, Merge, fact, field
from models.kit.fits import check_of
from models.kit.kinds import Flag, Kind, LongText, Moment, Text, UtcTime


class Flow(StrEnum):
    """Which way a noun's changes travel."""

    UP = "up"
    DOWN = "down"
    BOTH = "both"
    LOCAL = "local"


class Writer(StrEnum):
    """The one side that may write a noun."""

    STATION = "station"
    CENTRE = "centre"
    EITHER = "either"


class Base(DeclarativeBase):
    """One metadata for station and centre."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Record(Base):
    """Base columns of every record. ``stamps`` maps each field to the change that wrote it
    (``*`` is the creating change): the base an edit names. System columns are never merged.
    ``closing`` names a column and its values that put a whole record into a closed circle. What is
    somebody's says whether it ``goes_along`` when they move to another station; else it stays an
    event of the one that noted it, and the new one gets a copy."""

    __abstract__ = True

    flow: ClassVar[Flow]
    writer: ClassVar[Writer]
    circle: ClassVar[Circle]
    merge: ClassVar[Merge | None] = None
    search: ClassVar[tuple[str, ...]] = ()
    since: ClassVar[int] = 1
    closing: ClassVar[tuple[str, frozenset[str]] | None] = None
    goes_along: ClassVar[bool | None] = None

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    office_id: Mapped[str] = mapped_column(String(32), index=True)
    created_at: Mapped[datetime] = field(Moment(), "登记时间")
    created_by: Mapped[str | None] = field(Text(32), "登记人")
    updated_at: Mapped[datetime | None] = mapped_column(UtcTime())
    updated_by: Mapped[str | None] = mapped_column(String(32))
    row_version: Mapped[int] = mapped_column(Integer, default=1)
    is_void: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    void_reason: Mapped[str | None] = field(Text(200), "作废原因")
    remark: Mapped[str | None] = field(LongText(), "备注")
    stamps: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)


SYSTEM = frozenset({"id", "updated_at", "updated_by", "row_version", "stamps"})
BIRTH = frozenset({"created_at", "created_by"})
"""Said once, where a record is made: made twice under one id it is still one, and no dispute."""


B = TypeVar("B", bound=Base)


def table_of(entity: type[Base]) -> Table:
    """The mapped table, as the table it is."""
    return cast("Table", entity.__table__)


@cache
def another(entity: type[B]) -> type[B]:
    """One more row of the same table in a statement. Made once a noun: that takes longer than most
    statements do."""
    return aliased(entity)


@cache
def wire_fields(table: FromClause) -> tuple[str, ...]:
    """The columns that travel, in order of the table."""
    return tuple(column.name for column in table.columns if column.name not in SYSTEM)


@cache
def facts(entity: type[Record]) -> Mapping[str, Fact]:
    """Every fact of an entity by field name."""
    found = ((column.name, fact(column)) for column in entity.__table__.columns)
    return {name: one for name, one in found if one is not None}


VOIDED = Fact("作废", Flag())
"""What people read of ``is_void``, which no form shows."""


def fact_of(entity: type[Record], name: str) -> Fact | None:
    """The fact of a field that may be in dispute; None for what the system writes."""
    return VOIDED if name == "is_void" else facts(entity).get(name)


@cache
def policy(entity: type[Record], name: str) -> Merge:
    """The merge policy of a field: its own, else the entity's, else by who writes it."""
    one = facts(entity).get(name)
    if one is not None and one.merge is not None:
        return one.merge
    if entity.merge is not None:
        return entity.merge
    return Merge.LWW if entity.writer is Writer.EITHER else Merge.OWNER


def since(entity: type[Record], name: str) -> int:
    """The first schema that has a field."""
    one = facts(entity).get(name)
    return max(entity.since, one.since if one is not None else 1)


def rules_of(entity: type[Record], names: Iterable[str]) -> dict[str, str]:
    """The merge policies of those fields that a program of an older schema cannot know."""
    young = _young(entity)
    return {name: policy(entity, name).value for name in names if name in young} if young else {}


@cache
def _young(entity: type[Record]) -> frozenset[str]:
    return frozenset(name for name in facts(entity) if since(entity, name) > 1)


@cache
def closed_fields(entity: type[Record]) -> frozenset[str]:
    """The fields whose values a level above the district does not see."""
    return frozenset(
        name
        for name, one in facts(entity).items()
        if one.inner or (one.circle or entity.circle) is not Circle.GENERAL
    )


def apart(entity: type[Record], row: Mapping[str, Any] | None) -> frozenset[str]:
    """The same for one record, known as far as ``row`` goes; None: nothing is known of it."""
    if entity.closing is not None:
        name, values = entity.closing
        if row is None or row.get(name) in values:
            return _of_closed_record(entity)
    return closed_fields(entity)


@cache
def _of_closed_record(entity: type[Record]) -> frozenset[str]:
    """All it says; that there is such a record, whose and where is no secret."""
    links = {name for name, one in facts(entity).items() if one.link}
    told = {name for name in Record.__annotations__ if name not in ("void_reason", "remark")}
    return frozenset(wire_fields(table_of(entity))) - links - told


def to_wire(entity: type[Record], name: str, value: Any) -> Any:
    """A column's value as the wire carries it."""
    one = facts(entity).get(name)
    return value if one is None else one.kind.to_wire(value)


def from_wire(entity: type[Record], name: str, value: Any) -> Any:
    """A wire value as the column holds it; raises ValueError when it cannot be one."""
    return reader_of(entity, name)(value)


@cache
def reader_of(entity: type[Record], name: str) -> Callable[[Any], Any]:
    """`from_wire` of one field, for many values."""
    one = facts(entity).get(name)
    check = check_of(table_of(entity).c[name].type)
    if one is None or type(one.kind).from_wire is Kind.from_wire:
        return check
    convert = one.kind.from_wire
    return lambda value: None if value is None else check(convert(value))
