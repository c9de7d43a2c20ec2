"""Search as you type: one portable table of keys with a prefix index.

A record's keys are rewritten whenever it is written, in the same transaction. Every lookup is a
range on the key, never a LIKE.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Index, Select, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.kit import pinyin
from models.kit.base import Base, Record, facts, table_of
from models.kit.bulk import insert_tuples
from models.kit.kinds import IdNumber, Phone

LAST = "\U0010ffff"


class SearchKey(Base):
    """One way to find one record."""

    __tablename__ = "search_key"

    entity: Mapped[str] = mapped_column(String(24), primary_key=True)
    key: Mapped[str] = mapped_column(
        String(64).with_variant(String(64, collation="C"), "postgresql"), primary_key=True
    )
    entity_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(24), primary_key=True)

    __table_args__ = (Index("ix_search_key_entity_id", "entity_id"), {"sqlite_with_rowid": False})


def keys_of(entity: type[Record], row: Mapping[str, Any]) -> set[tuple[str, str]]:
    """(kind, key) for every searchable field of a row."""
    found: set[tuple[str, str]] = set()
    for name in entity.search:
        value = row.get(name)
        if value:
            found.update((name, key) for key in _keys(entity, name, str(value)))
    return found


def _keys(entity: type[Record], name: str, value: str) -> Iterable[str]:
    kind = facts(entity)[name].kind
    if isinstance(kind, IdNumber | Phone):
        found = pinyin.run_keys(value)
    elif name == "name":
        found = pinyin.name_keys(value)
    else:
        found = {pinyin.term(value)} - {""}
    return {key[:64] for key in found}


def index_many(
    session: Session,
    entity: type[Record],
    rows: Sequence[Mapping[str, Any]],
    *,
    fresh: bool = False,
    names: Sequence[str] = (),
) -> None:
    """Replace the keys of these rows; fresh ones have none yet. With ``names`` only the keys of
    those fields, which are all the rows then have to give."""
    if not entity.search or not rows:
        return
    table = table_of(SearchKey)
    ids = [] if fresh else [row["id"] for row in rows]
    for at in range(0, len(ids), 500):
        old = delete(table).where(table.c.entity_id.in_(ids[at : at + 500]))
        session.execute(old.where(table.c.kind.in_(names)) if names else old)
    name = entity.__tablename__
    keys = [(name, key, row["id"], kind) for row in rows for kind, key in keys_of(entity, row)]
    insert_tuples(session, table, ("entity", "key", "entity_id", "kind"), keys)


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
