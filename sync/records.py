"""Records written from what somebody else said: bulk, unlogged, search keys included. Used by the
station for the centre's word and by the centre for the stations'."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.orm import Session

from models.entities import BY_NAME
from models.kit import clock
from models.kit.base import Record, from_wire, table_of, wire_fields
from models.kit.search import index_many

CHUNK = 500


@dataclass(slots=True)
class Write:
    """New values of some fields of one record, with the changes behind them."""

    values: dict[str, Any] = field(default_factory=dict)
    stamps: dict[str, str] = field(default_factory=dict)


class Unreadable(Exception):
    """An entity, field or value this program does not know."""


def entity_of(name: str) -> type[Record]:
    """Raises Unreadable for a noun of a newer program."""
    try:
        return BY_NAME[name]
    except KeyError:
        raise Unreadable(name) from None


def understand(entity: type[Record], values: Mapping[str, Any]) -> dict[str, Any]:
    """Wire values as columns hold them; raises Unreadable."""
    known = wire_fields(table_of(entity))
    made = {}
    for name, value in values.items():
        if name not in known:
            raise Unreadable(f"{entity.__tablename__}.{name}")
        try:
            made[name] = from_wire(entity, name, value)
        except (ValueError, TypeError):
            raise Unreadable(f"{entity.__tablename__}.{name}") from None
    return made


def load(
    session: Session, entity: type[Record], ids: Iterable[str], names: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """Some columns of some rows, by id."""
    table = table_of(entity)
    columns = [table.c[name] for name in dict.fromkeys(("id", *names))]
    found: dict[str, dict[str, Any]] = {}
    wanted = list(ids)
    for at in range(0, len(wanted), CHUNK):
        chosen = select(*columns).where(table.c.id.in_(wanted[at : at + CHUNK]))
        found |= {row["id"]: dict(row) for row in session.execute(chosen).mappings()}
    return found


def write(
    session: Session,
    entity: type[Record],
    writes: Mapping[str, Write],
    existing: Mapping[str, Mapping[str, Any]],
) -> None:
    """Insert or update; ``existing`` gives at least the stamps of rows that are there."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
    fresh = [_born(entity, key, one) for key, one in writes.items() if key not in existing]
    if fresh:
        session.execute(insert(table_of(entity)), fresh)
        index_many(session, entity, fresh)
    edits: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for key, one in writes.items():
        if key in existing and one.values:
            stamps = {**existing[key]["stamps"], **one.stamps}
            edits[tuple(sorted(one.values))].append(
                {**one.values, "stamps": stamps, "updated_at": clock.now(), "id_": key}
            )
    for names, rows in edits.items():
        _update(session, entity, names, rows)


def _update(
    session: Session, entity: type[Record], names: tuple[str, ...], rows: list[dict[str, Any]]
) -> None:
    table = table_of(entity)
    columns: dict[str, Any] = {name: bindparam(name) for name in (*names, "stamps", "updated_at")}
    statement = (
        update(table)
        .where(table.c.id == bindparam("id_"))
        .values(**columns, row_version=table.c.row_version + 1)
    )
    session.connection().execute(statement, rows)
    if set(names) & set(entity.search):
        ids = [row["id_"] for row in rows]
        index_many(session, entity, list(load(session, entity, ids, entity.search).values()))


def _born(entity: type[Record], key: str, one: Write) -> dict[str, Any]:
    blank = {column.name: _default(column) for column in table_of(entity).columns}
    stamps = one.stamps if "*" in one.stamps else {"*": "", **one.stamps}
    system = {"id": key, "row_version": 1, "stamps": stamps}
    return blank | {"created_at": clock.now(), "office_id": ""} | one.values | system


def _default(column: Any) -> Any:
    return column.default.arg if column.default is not None and column.default.is_scalar else None
