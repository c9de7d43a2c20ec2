"""Search as you type: one portable table of keys with a prefix index.

A record's keys are rewritten whenever it is written, in the same transaction. Every lookup is a
range on the key, never a LIKE.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import chain
from operator import itemgetter
from string import digits
from typing import Any

from sqlalchemy import Select, String, bindparam, delete, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.kit import pinyin
from models.kit.among import among, among_given, each
from models.kit.base import Base, Record, facts, table_of
from models.kit.bulk import insert_tuples
from models.kit.direct import ask, for_each
from models.kit.kinds import IdNumber, Phone

LAST = "\U0010ffff"
LONGEST = 64
COLUMNS = ("entity", "key", "entity_id", "kind")
GATHERED = "new records without keys"
AT_ONCE = 500
"""The keys of so many records are put in order together."""
Key = tuple[str, str, str, str]
Made = Sequence[tuple[type[Record], Mapping[str, Any]]]
"""New records: at least what they are searched by, and whose it is."""


class SearchKey(Base):
    """One way to find one record."""

    __tablename__ = "search_key"

    entity: Mapped[str] = mapped_column(String(24), primary_key=True)
    key: Mapped[str] = mapped_column(
        String(LONGEST).with_variant(String(LONGEST, collation="C"), "postgresql"), primary_key=True
    )
    entity_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(24), primary_key=True)

    __table_args__ = ({"sqlite_with_rowid": False},)


_TABLE = table_of(SearchKey)
_ONE = delete(_TABLE).where(*(_TABLE.c[name] == bindparam(name) for name in COLUMNS))
_GIVEN = func.unnest(*(bindparam(name, type_=ARRAY(String())) for name in COLUMNS))
_OLD = _GIVEN.table_valued(*COLUMNS).render_derived().c
_LISTED = delete(_TABLE).where(*(_TABLE.c[name] == _OLD[name] for name in COLUMNS))


def keys_of(entity: type[Record], row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(kind, key) for every searchable field of a row, none twice."""
    return [(kind, key) for _, key, _, kind in _keys(entity, {**row, "id": ""})]


@cache
def _spelled(entity: type[Record]) -> tuple[tuple[str, Callable[[str], Iterable[str]]], ...]:
    """How the keys of each searchable field are made."""
    return tuple((name, _way(entity, name)) for name in entity.search)


def _way(entity: type[Record], name: str) -> Callable[[str], Iterable[str]]:
    if _is_number(entity, name):
        return pinyin.run_keys
    if name == "name":
        return _name_keys
    return lambda value: {pinyin.term(value)[:LONGEST]} - {""}


def _name_keys(value: str) -> Collection[str]:
    keys = pinyin.name_keys(value)
    is_short = max(map(len, keys), default=0) <= LONGEST
    return keys if is_short else {one[:LONGEST] for one in keys}


def _is_number(entity: type[Record], name: str) -> bool:
    return isinstance(facts(entity)[name].kind, IdNumber | Phone)


@contextmanager
def gathered(session: Session) -> Iterator[None]:
    """The keys of all that is made meanwhile are written together at the end: neighbours of many
    files at once, not of one file after the other."""
    session.info[GATHERED] = []
    yield
    _settle(session)
    del session.info[GATHERED]


def _settle(session: Session) -> None:
    """Write what was gathered so far."""
    waiting = session.info.get(GATHERED)
    if waiting:
        session.info[GATHERED] = []
        _add(session, waiting)


def index_new(session: Session, entity: type[Record], rows: Sequence[Mapping[str, Any]]) -> None:
    """Keys of rows that were just made. Where one was lost and comes back, its old keys go, which
    takes a look at all there are."""
    if not entity.search or not rows:
        return
    made: list[tuple[type[Record], Mapping[str, Any]]] = session.info.get(GATHERED, [])
    needed = ("id", *entity.search)
    made += [(entity, {name: row.get(name) for name in needed}) for row in rows]
    if GATHERED not in session.info:
        _add(session, made)


def _add(session: Session, made: Made) -> None:
    if not _added(session, made):
        forget(session, {row["id"] for _, row in made})
        insert_tuples(session, _TABLE, COLUMNS, _all_keys(made))


def _all_keys(made: Made) -> Iterator[Key]:
    """Neighbours in the index stand together."""
    for at in range(0, len(made), AT_ONCE):
        keys = chain.from_iterable(_keys(entity, row) for entity, row in made[at : at + AT_ONCE])
        yield from sorted(keys, key=itemgetter(1))


def index_edits(
    session: Session,
    entity: type[Record],
    names: Collection[str],
    rows: Sequence[Mapping[str, Any]],
    stored: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Keys of these fields, right before rows are written that give at least them: what is stored
    says which keys go, so that no second index has to lead from a record to its keys. It is asked
    unless ``stored``, by id, has all of it."""
    names = [name for name in entity.search if name in names]
    if not names or not rows:
        return
    _settle(session)
    needed = ("id", *names)
    there: Iterable[Mapping[str, Any]] = [(stored or {}).get(row["id"], {}) for row in rows]
    if not all(row.keys() >= {*needed} for row in there):
        asked = {"wanted": [row["id"] for row in rows]}
        there = [one._asdict() for one in ask(session, _searched(entity, tuple(names)), asked)]
    old = {key for row in there for key in _keys(entity, {name: row[name] for name in needed})}
    said = ({name: row[name] for name in needed} for row in rows)
    new = {key for row in said for key in _keys(entity, row)}
    _remove(session, sorted(old ^ new, key=itemgetter(1)))
    insert_tuples(session, _TABLE, COLUMNS, sorted(new - old, key=itemgetter(1)))


@cache
def _searched(entity: type[Record], names: tuple[str, ...]) -> Select[Any]:
    table = table_of(entity)
    query = select(table.c.id, *(table.c[name] for name in names))
    return query.where(among_given(table.c.id, "wanted"))


def forget(session: Session, ids: Collection[str]) -> None:
    """All keys of these records, whatever they were made of; looks at all there are."""
    _settle(session)
    session.execute(delete(_TABLE).where(among(_TABLE.c.entity_id, ids)))


def _keys(entity: type[Record], row: Mapping[str, Any]) -> list[Key]:
    noun, own = entity.__tablename__, row["id"]
    return [
        (noun, key, own, name)
        for name, keys in _spelled(entity)
        if row.get(name)
        for key in keys(str(row[name]))
    ]


def _remove(session: Session, keys: Sequence[Key]) -> None:
    """These keys, as far as they are there."""
    if not keys:
        return
    if session.get_bind().dialect.name == "sqlite":
        for_each(session, _ONE, [dict(zip(COLUMNS, key, strict=True)) for key in keys])
        return
    listed = dict(zip(COLUMNS, map(list, zip(*keys, strict=True)), strict=True))
    session.connection().execute(_LISTED, listed)


def _added(session: Session, made: Made) -> bool:
    """Nothing is added where any of them is there already."""
    driver: Any = session.get_bind().dialect.loaded_dbapi
    try:
        with session.begin_nested():
            insert_tuples(session, _TABLE, COLUMNS, _all_keys(made))
    except (IntegrityError, driver.IntegrityError):
        return False
    return True


def found(entity: type[Record], text: str, cap: int = 500) -> Select[str]:
    """Ids of the records with a key that starts with the text; capped before any sorting. A run of
    digits may stand behind one more in a number."""
    start = pinyin.term(text)
    query = select(SearchKey.entity_id).where(SearchKey.entity == entity.__tablename__)
    if pinyin.is_run(start):
        begins = each((start, *(digit + start for digit in digits))).c.value
        query = query.where(
            SearchKey.key >= begins,
            SearchKey.key < begins + LAST,
            or_(begins == start, SearchKey.kind.in_(_numbers(entity))),
        )
    else:
        query = query.where(SearchKey.key >= start, SearchKey.key < start + LAST)
    return query.distinct().limit(cap)


@cache
def _numbers(entity: type[Record]) -> tuple[str, ...]:
    """The searchable fields of which any run of digits is found."""
    return tuple(one for one in entity.search if _is_number(entity, one))


def ways(entity: type[Record], row: Mapping[str, Any], text: str) -> list[str]:
    """The fields of a record by which this text finds it."""
    start = pinyin.term(text)
    spelled = {name: pinyin.term(str(row[name])) for name in _numbers(entity) if row[name]}
    return [name for name, key in keys_of(entity, row) if key.startswith(start)] + [
        name for name, number in spelled.items() if start in number
    ]
