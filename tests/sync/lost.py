"""Rows that a bad disk or somebody else's hands took away."""

from typing import Any

from sqlalchemy import delete

from models.exchange import Change
from models.kit.base import table_of
from tests.sync.parts import Node

REFERRING = {
    "sqlite": ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON"),
    "postgresql": (
        "SET session_replication_role = replica",
        "SET session_replication_role = DEFAULT",
    ),
}


def lose(node: Node, entity: type[Any], *keys: str) -> None:
    """Rows are gone, entries by their number, and whatever refers to them dangles."""
    table = table_of(entity)
    column = table.c.seq if entity is Change else table.c.id
    with node.store.engine.connect() as plain:
        off, on = REFERRING[plain.dialect.name]
        raw = plain.connection.cursor()
        raw.execute(off)
        plain.execute(delete(table).where(column.in_(keys)))
        plain.commit()
        raw.execute(on)
        plain.connection.commit()
