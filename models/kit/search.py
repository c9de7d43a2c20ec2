"""Search as you type: one portable table of keys with a prefix index.

A record's keys are rewritten whenever it is written, in the same transaction. Every lookup is a
range on the key, never a LIKE.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Index, Select, String, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.kit import pinyin
from models.kit.among import among
from models.kit.base import Base, Record, facts, table_of
from models.kit.bulk import insert_tuples
from models.kit.kinds import IdNumber, Phone

LAST = "\U0010ffff"
LONGEST = 64
COLUMNS = ("entity", "key", "entity_id", "kind")


class SearchKey(Base):
    """One way to find one record."""

    __tablename__ = "search_key"

    entity: Mapped[str] = mapped_column(String(24), primary_key=True)
    key: Mapped[str] = mapped_column(
        String(LONGEST).with_variant(String(LONGEST, collation="C"), "postgresql"), primary_key=True
    )
    entity_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(24), primary_key=True)

    __table_args__ = (Index("ix_search_key_entity_id", "entity_id"), {"sqlite_with_rowid": False})


def keys_of(entity: type[Record], row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(kind, key) for every searchable field of a row, none twice."""
    return [
        (name, key)
        for name, keys in _spelled(entity)
        if row.get(name)
        for key in keys(str(row[name]))
    ]


@cache
def _spelled(entity: type[Record]) -> tuple[tuple[str, Callable[[str], Iterable[str]]], ...]:
    """How the keys of each searchable field are made."""
    return tuple((name, _way(entity, name)) for name in entity.search)


def _way(entity: type[Record], name: str) -> Callable[[str], Iterable[str]]:
    if isinstance(facts(entity)[name].kind, IdNumber | Phone):
        return pinyin.run_keys
    if name == "name":
        return lambda value: {key[:LONGEST] for key in pinyin.name_keys(value)}
    return lambda value: {pinyin.term(value)[:LONGEST]} - {""}


def index_many(
    session: Session,
    entity: type[Record],
    rows: Sequence[Mapping[str, Any]],
    *,
    fresh: bool = False,
    names: Sequence[str] = (),
) -> None:
    """Replace the keys of these rows; fresh ones have none yet, unless a row was lost and came
    back. With ``names`` only the keys of those fields, which are all the rows then have to give."""
    if not entity.search or not rows:
        return
    name = entity.__tablename__
    keys = [(name, key, row["id"], kind) for row in rows for kind, key in keys_of(entity, row)]
    keys.sort(key=itemgetter(1))  # neighbours in the index are written together
    if fresh and _added(session, keys):
        return
    table = table_of(SearchKey)
    old = delete(table).where(among(table.c.entity_id, [row["id"] for row in rows]))
    session.execute(old.where(table.c.kind.in_(names)) if names else old)
    insert_tuples(session, table, COLUMNS, keys)


def _added(session: Session, keys: Sequence[tuple[str, str, str, str]]) -> bool:
    """Nothing is added where any of them is there already."""
    driver: Any = session.get_bind().dialect.loaded_dbapi
    try:
        with session.begin_nested():
            insert_tuples(session, table_of(SearchKey), COLUMNS, keys)
    except (IntegrityError, driver.IntegrityError):
        return False
    return True


def found(entity: type[Record], text: str, cap: int = 500) -> Select[str]:
    """Ids of the records with a key that starts with the text; capped before any sorting."""
    start = pinyin.term(text)
    return (
        select(SearchKey.entity_id)
        .where(
            SearchKey.entity == entity.__tablename__,
            SearchKey.key >= start,
            SearchKey.key < start + LAST,
        )
        .distinct()
        .limit(cap)
    )
