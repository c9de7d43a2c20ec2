"""Search as you type: one portable table of keys with a prefix index.

A record's keys are rewritten whenever it is written, in the same transaction. Every lookup is a
range on the key, never a LIKE. SQLite keeps the table in the order of its keys. PostgreSQL keeps an
index beside it, and that of the key alone: what many people share stands in it once, so it is a
quarter as large as one of whole rows and filled in half the time.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import chain
from operator import itemgetter
from string import digits
from typing import Any

from sqlalchemy import (
    Index,
    PrimaryKeyConstraint,
    Select,
    String,
    Subquery,
    bindparam,
    delete,
    false,
    func,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.kit import person_name, pinyin
from models.kit.among import among, among_given
from models.kit.base import Base, Record, facts, table_of
from models.kit.bulk import insert_tuples
from models.kit.direct import ask, for_each
from models.kit.kinds import IdNumber, Phone

LAST = "\U0010ffff"
LONGEST = 64
SHORT_NAME = LONGEST // 6
"""No sign is spelled with more than six letters."""
COLUMNS = ("key", "entity_id")
NUMBER = "#"
"""Stands before the keys of a number: any run of its digits is found."""
MOST = 20_000
"""All of a large station, so that no list leaves out somebody who is there; a centre's list of a
single sign does."""
KEYS_EACH = 2
"""Keys of one record that begin alike, at most on average."""
GATHERED = "new records without keys"
AT_ONCE = 500
"""The keys of so many records are put in order together."""
Key = tuple[str, str]
Made = Sequence[tuple[type[Record], Mapping[str, Any]]]
"""New records: at least what they are searched by, and whose it is."""


class SearchKey(Base):
    """One way to find one record."""

    __tablename__ = "search_key"

    key: Mapped[str] = mapped_column(
        String(LONGEST).with_variant(String(LONGEST, collation="C"), "postgresql"), primary_key=True
    )
    entity_id: Mapped[str] = mapped_column(String(32), primary_key=True)

    __table_args__ = (
        PrimaryKeyConstraint(*COLUMNS, sqlite_on_conflict="IGNORE"),
        Index("ix_search_key_key", "key", info={"only": "postgresql"}),
        {"sqlite_with_rowid": False},
    )


_TABLE = table_of(SearchKey)
_WHOSE = select(_TABLE.c.key, _TABLE.c.entity_id).where(among_given(_TABLE.c.key, "wanted"))
_ONE = delete(_TABLE).where(*(_TABLE.c[name] == bindparam(name) for name in COLUMNS))
_GIVEN = func.unnest(*(bindparam(name, type_=ARRAY(String())) for name in COLUMNS))
_OLD = _GIVEN.table_valued(*COLUMNS).render_derived().c
_LISTED = delete(_TABLE).where(*(_TABLE.c[name] == _OLD[name] for name in COLUMNS))


def keys_of(entity: type[Record], row: Mapping[str, Any]) -> set[str]:
    """What finds a row by any of its searchable fields."""
    return {key for key, _ in _keys(entity, {**row, "id": ""})}


@cache
def _spelled(entity: type[Record]) -> tuple[tuple[str, Callable[[str], Collection[str]]], ...]:
    """How the keys of each searchable field are made."""
    return tuple((name, _way(entity, name)) for name in entity.search)


def _way(entity: type[Record], name: str) -> Callable[[str], Collection[str]]:
    if name in _numbers(entity):
        return lambda value: [NUMBER + one for one in pinyin.run_keys(value)]
    if name == "name":
        return _name_keys
    return lambda value: {pinyin.term(value)[:LONGEST]} - {""}


@cache
def _numbers(entity: type[Record]) -> tuple[str, ...]:
    """The searchable fields of which any run of digits is found."""
    kinds = ((name, facts(entity)[name].kind) for name in entity.search)
    return tuple(name for name, kind in kinds if isinstance(kind, IdNumber | Phone))


def _name_keys(value: str) -> Collection[str]:
    keys = pinyin.name_keys(value)
    return keys if len(value) <= SHORT_NAME else {one[:LONGEST] for one in keys}


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
    back = _there_already(session, made)
    if back:
        forget(session, back)
    insert_tuples(session, _TABLE, COLUMNS, _all_keys(made))


def _there_already(session: Session, made: Made) -> set[str]:
    """The ids of those who have keys: each by the one that hardly anybody shares."""
    rare = {key: row["id"] for entity, row in made if (key := _rarest(entity, row))}
    keys = ask(session, _WHOSE, {"wanted": [*rare]})
    return {whose for key, whose in keys if rare[key] == whose}


def _rarest(entity: type[Record], row: Mapping[str, Any]) -> str:
    """The whole of a number."""
    for name in _numbers(entity):
        if row.get(name):
            return NUMBER + pinyin.term(str(row[name]))
    return ""


def _all_keys(made: Made) -> Iterator[Key]:
    """Neighbours in the index stand together."""
    for at in range(0, len(made), AT_ONCE):
        keys = chain.from_iterable(_keys(entity, row) for entity, row in made[at : at + AT_ONCE])
        yield from sorted(keys, key=itemgetter(0))


def index_edits(
    session: Session,
    entity: type[Record],
    names: Collection[str],
    rows: Sequence[Mapping[str, Any]],
    stored: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Keys of these fields, right before rows are written that give at least them: what is stored
    says which keys go, so that no second index has to lead from a record to its keys. It is asked
    unless ``stored``, by id, has all a record is searched by."""
    if not rows or set(names).isdisjoint(entity.search):
        return
    _settle(session)
    needed = ("id", *entity.search)
    there: Iterable[Mapping[str, Any]] = [(stored or {}).get(row["id"], {}) for row in rows]
    if not all(row.keys() >= {*needed} for row in there):
        asked = {"wanted": [row["id"] for row in rows]}
        there = [one._asdict() for one in ask(session, _searched(entity), asked)]
    said = {row["id"]: {name: row[name] for name in names} for row in rows}
    old = {*chain.from_iterable(_keys(entity, row) for row in there)}
    new = {*chain.from_iterable(_keys(entity, {**row, **said[row["id"]]}) for row in there)}
    _remove(session, sorted(old - new))
    insert_tuples(session, _TABLE, COLUMNS, sorted(new - old))


@cache
def _searched(entity: type[Record]) -> Select[Any]:
    table = table_of(entity)
    query = select(table.c.id, *(table.c[name] for name in entity.search))
    return query.where(among_given(table.c.id, "wanted"))


def forget(session: Session, ids: Collection[str]) -> None:
    """All keys of these records, whatever they were made of; looks at all there are."""
    _settle(session)
    session.execute(delete(_TABLE).where(among(_TABLE.c.entity_id, ids)))


def _keys(entity: type[Record], row: Mapping[str, Any]) -> list[Key]:
    """None twice."""
    keys: set[str] = set()
    for name, make in _spelled(entity):
        if row.get(name):
            keys.update(make(str(row[name])))
    own = row["id"]
    return [(key, own) for key in keys]


def _remove(session: Session, keys: Sequence[Key]) -> None:
    """These keys, as far as they are there."""
    if not keys:
        return
    if session.get_bind().dialect.name == "sqlite":
        for_each(session, _ONE, [dict(zip(COLUMNS, key, strict=True)) for key in keys])
        return
    listed = dict(zip(COLUMNS, map(list, zip(*keys, strict=True)), strict=True))
    session.connection().execute(_LISTED, listed)


def found(text: str, cap: int = MOST) -> Select[str]:
    """Ids of the records with a key that starts with the text, of whatever noun: who asks looks
    them up in a table of its own. Capped in the order of keys, whole ones first. A run of digits
    may stand behind one more in a number. Nobody is found by signs that say nothing."""
    starts = _starts(text)
    if not starts:
        return select(_TABLE.c.entity_id).where(false())
    before = ("", *digits) if pinyin.is_run(starts[0]) else ("",)
    starts += [NUMBER + one + starts[0] for one in before]
    stretches = [_stretch(one, cap) for one in starts]
    every = union_all(*(select(one.c.entity_id) for one in stretches)).subquery()
    return select(every.c.entity_id).distinct().limit(cap)


def _starts(text: str) -> list[str]:
    """What a key may start with: the text as typed, and as it would be stored as a name, which has
    other dots than people type or paste."""
    said = (text, person_name.normalise(text))
    return list(dict.fromkeys(filter(None, (pinyin.term(one)[:LONGEST] for one in said))))


def _stretch(start: str, cap: int) -> Subquery:
    """In order of the keys, each stretch by itself and cut off: PostgreSQL reads all keys there are
    where it has to match them with a list of starts."""
    key = _TABLE.c.key
    own = select(_TABLE.c.entity_id).where(key >= start, key < start + LAST)
    return own.order_by(key).limit(KEYS_EACH * cap).subquery()


def ways(entity: type[Record], row: Mapping[str, Any], text: str) -> list[str]:
    """The fields of a record by which this text finds it."""
    starts, found = _starts(text), []
    for name, make in _spelled(entity):
        value = str(row[name] or "")
        if name in _numbers(entity):
            is_found = any(start in pinyin.term(value) for start in starts)
        else:
            is_found = any(key.startswith(tuple(starts)) for key in make(value))
        if value and is_found:
            found.append(name)
    return found
