"""Any entity as pages of plain rows: filtered, searched, sorted, linked names in the same query."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import ColumnElement, Select, and_, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.expression import FromClause

from models.kit import search
from models.kit.base import Record, table_of

SIZE = 50
T = TypeVar("T")
Sort = tuple[ColumnElement[Any] | InstrumentedAttribute[Any], bool]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of many; pages count from 1."""

    rows: tuple[T, ...]
    total: int
    number: int = 1
    size: int = SIZE

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.size))


@dataclass(frozen=True, slots=True)
class Row:
    """``names`` holds, for each link column, what the linked record is called."""

    id: str
    values: Mapping[str, Any]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Listing:
    """What to show of an entity. ``search_on`` searches the linked record instead of this one;
    ``sort`` pairs a column with whether it runs downwards, empty values always last."""

    entity: type[Record]
    columns: tuple[InstrumentedAttribute[Any], ...]
    filters: tuple[ColumnElement[bool], ...] = ()
    text: str = ""
    search_on: InstrumentedAttribute[Any] | None = None
    sort: tuple[Sort, ...] = ()
    size: int = SIZE


def page(session: Session, listing: Listing, number: int = 1) -> Page[Row]:
    """The rows of one page; a page past the end is the last one."""
    count = total(session, listing)
    number = max(1, min(number, -(-count // listing.size) or 1))
    found = session.execute(
        _rows(listing).limit(listing.size).offset((number - 1) * listing.size)
    ).all()
    return Page(tuple(_row(listing, one) for one in found), count, number, listing.size)


def total(session: Session, listing: Listing) -> int:
    """How many records the filter finds."""
    where = and_(*_where(listing))
    return session.scalar(select(func.count()).select_from(listing.entity).where(where)) or 0


def ids(session: Session, listing: Listing) -> list[str]:
    """All ids of the filter in the order of the list: for batch acts."""
    chosen = select(listing.entity.id).where(*_where(listing))
    return list(session.scalars(chosen.order_by(*ordering(listing.sort, listing.entity.id))))


def counts(
    session: Session, chips: Mapping[str, tuple[type[Record], ColumnElement[bool]]]
) -> dict[str, int]:
    """The numbers on several chips, in one statement."""
    if not chips:
        return {}
    parts = [
        select(func.count())
        .select_from(entity)
        .where(condition, entity.is_void.is_(False))
        .scalar_subquery()
        .label(name)
        for name, (entity, condition) in chips.items()
    ]
    return dict(zip(chips, session.execute(select(*parts)).one(), strict=True))


def ordering(sort: tuple[Sort, ...], last: Any) -> list[ColumnElement[Any]]:
    """ORDER BY with empty values at the end either way, and the id to settle ties."""
    found: list[ColumnElement[Any]] = []
    for column, down in sort:
        found += [column.is_(None), column.desc() if down else column.asc()]
    return [*found, last]


def cut(rows: list[T], count: int, number: int, size: int = SIZE) -> Page[T]:
    """Rows that were fetched page-wise by a query of one's own."""
    return Page(tuple(rows), count, number, size)


def _where(listing: Listing) -> list[ColumnElement[bool]]:
    found = [listing.entity.is_void.is_(False), *listing.filters]
    if listing.text.strip():
        by = listing.entity.id if listing.search_on is None else listing.search_on
        found.append(by.in_(search.found(listing.text)))
    return found


def _rows(listing: Listing) -> Select[Any]:
    chosen: list[Any] = [listing.entity.id, *listing.columns]
    source: FromClause = table_of(listing.entity)
    for column in listing.columns:
        target = _target(column)
        if target is not None:
            linked = target.alias(f"of_{column.key}")
            source = source.outerjoin(linked, linked.c.id == column)
            chosen.append(_name_of(linked))
    query = select(*chosen).select_from(source).where(*_where(listing))
    return query.order_by(*ordering(listing.sort, listing.entity.id))


def _target(column: InstrumentedAttribute[Any]) -> FromClause | None:
    for key in column.property.columns[0].foreign_keys:
        return cast("FromClause", key.column.table)
    return None


def _name_of(table: FromClause) -> ColumnElement[Any]:
    for name in ("name", "title", "file_name"):
        if name in table.c:
            return table.c[name]
    return literal("")


def _row(listing: Listing, said: Any) -> Row:
    keys = [column.key for column in listing.columns]
    links = [column.key for column in listing.columns if _target(column) is not None]
    names = said[1 + len(keys) :]
    return Row(
        said[0],
        dict(zip(keys, said[1 : 1 + len(keys)], strict=True)),
        {key: name or "" for key, name in zip(links, names, strict=True)},
    )
