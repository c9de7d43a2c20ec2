"""Change capture: what a unit of work wrote becomes drafts of the outgoing stream.

A session that carries a `Recorder` in ``session.info["recorder"]`` logs every insert and update of
a travelling record; records are voided, never deleted, and statements that would write behind the
log's back are refused.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import UpdateBase, bindparam, event, inspect, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.base import NO_VALUE, PASSIVE_NO_INITIALIZE

from models.kit import clock
from models.kit.among import among
from models.kit.base import Flow, Record, apart, facts, rules_of, table_of, to_wire, wire_fields
from models.kit.bulk import insert_rows
from models.kit.ids import new_id
from models.kit.search import index_edits, index_new
from models.kit.stream import Draft, Head, StreamTables, seal
from models.kit.voiding import sights

Split = Callable[[Session, Sequence[Draft]], Sequence[Sequence[Draft]]]


@dataclass(slots=True)
class Recorder:
    """Collects one action's drafts and the names of the tables it changed. ``split`` makes several
    actions of them: each enters or stays outside at the centre by itself."""

    who: str
    office_id: str
    tables: StreamTables
    drafts: list[Draft] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    split: Split | None = None

    def actions(self, session: Session) -> Sequence[Sequence[Draft]]:
        """What was flushed so far, as it will be written."""
        if not self.drafts:
            return []
        return self.split(session, self.drafts) if self.split else [self.drafts]

    def name(self, session: Session) -> str:
        """Of what is done here, as it is told in the log; empty where nothing was said so far."""
        return next((one[0].change_id for one in self.actions(session)), "")

    def finish(self, session: Session) -> None:
        """Flush, then write the stream entries; called once, right before the commit."""
        session.flush()
        if self.drafts:
            seal(session, self.tables, self.actions(session), self.who)
            self.drafts = []


@contextmanager
def spoken(session: Session, who: str, office_id: str, tables: StreamTables) -> Iterator[None]:
    """What is written inside is said by ``who`` in a session that writes what others said."""
    session.flush()
    log = Recorder(who, office_id, tables)
    session.info["recorder"] = log
    try:
        yield
        log.finish(session)
    finally:
        del session.info["recorder"]


def recorder(session: Session) -> Recorder | None:
    """The session's recorder; None while migrating, restoring or applying what others wrote."""
    return session.info.get("recorder")


def insert_many(session: Session, entity: type[Record], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many records with their log entries without building objects; rows give at least the
    entity's own fields. Also writes their search keys."""
    log = recorder(session)
    full = [_complete(entity, row, log) for row in rows]
    if not full:
        return
    session.flush()
    said = {name for row in full for name, value in row.items() if value is not None}
    insert_rows(session, table_of(entity), [{name: row[name] for name in said} for row in full])
    index_new(session, entity, full)
    if log is not None:
        log.changed.add(entity.__tablename__)
        if entity.flow is not Flow.LOCAL:
            log.drafts.extend(_born(entity, row) for row in full)


def make_anew(session: Session, entity: type[Record], ids: Sequence[str]) -> None:
    """Log records of ours as they stand, as if they were made now: whoever made them said it to
    somebody who has lost it, and cannot say it again. The bases name what each value was said by,
    so that this counts as nobody's later word."""
    log, table = recorder(session), table_of(entity)
    if log is None:
        raise TypeError("nobody says it")
    ours = select(table).where(among(table.c.id, ids), table.c.office_id == log.office_id)
    stored = session.execute(ours).mappings().all()
    rows = [{**row, "stamps": {"*": new_id()}} for row in stored]
    if not rows:
        return
    log.changed.add(entity.__tablename__)
    for old, row in zip(stored, rows, strict=True):
        draft = _born(entity, row)
        draft.bases = {name: base_of(old["stamps"], name) for name in ("office_id", *draft.values)}
        log.drafts.append(draft)
    session.connection().execute(
        update(table).where(table.c.id == bindparam("of_id")).values(stamps=bindparam("to")),
        [{"of_id": row["id"], "to": row["stamps"]} for row in rows],
    )
    session.expire_all()


def makes_anew(head: Head) -> bool:
    """Does it say what others have said before?"""
    return head.op == "insert" and bool(head.bases)


def _complete(entity: type[Record], row: Mapping[str, Any], log: Recorder | None) -> dict[str, Any]:
    change = new_id()
    blank, made = _blank(entity)
    return {
        **blank,
        **{name: make(None) for name, make in made},
        "id": change,
        "office_id": log.office_id if log else "",
        "created_at": clock.now(),
        "created_by": log.who if log else None,
        "row_version": 1,
        "is_void": False,
        **row,
        "stamps": {"*": change},
    }


@cache
def _blank(
    entity: type[Record],
) -> tuple[dict[str, Any], tuple[tuple[str, Callable[[None], Any]], ...]]:
    """What a row is before anything is said of it; what is made anew for each row."""
    defaults = {column.name: column.default for column in table_of(entity).columns}
    blank: dict[str, Any] = {name: getattr(one, "arg", None) for name, one in defaults.items()}
    called = tuple(name for name, one in defaults.items() if one is not None and one.is_callable)
    return blank, tuple((name, blank.pop(name)) for name in called)


@cache
def _carried(entity: type[Record]) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    """How each travelling field is put on the wire."""
    known = facts(entity)
    return tuple(
        (name, known[name].kind.to_wire if name in known else _as_it_is)
        for name in wire_fields(table_of(entity))
    )


def _as_it_is(value: Any) -> Any:
    return value


def _born(entity: type[Record], row: Mapping[str, Any]) -> Draft:
    change = row["stamps"]["*"]
    values = {name: put(row[name]) for name, put in _carried(entity) if row[name] is not None}
    return Draft(
        change,
        entity.__tablename__,
        row["id"],
        "insert",
        values,
        {},
        change,
        rules_of(entity, values),
        apart(entity, row),
    )


def update_many(
    session: Session, entity: type[Record], rows: Mapping[str, Mapping[str, Any]]
) -> None:
    """Change many records (id -> new values) with their log entries without building objects.
    Not for what is searched by: the keys would stay behind."""
    if not rows:
        return
    log, table = recorder(session), table_of(entity)
    session.flush()
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    stored = list(_stored(session, entity, list(rows)))
    voided = {one["id"]: one["stamps"] for one in stored if rows[one["id"]].get("is_void")}
    sight = sights(session, entity, voided) if log is not None else {}
    for found in stored:
        values = dict(rows[found["id"]])
        if set(values) & set(entity.search):
            raise TypeError(f"{entity.__tablename__} is searched by {sorted(values)}")
        new = _changed(entity, found, values, log, sight.get(found["id"]))
        groups.setdefault(tuple(sorted(new)), []).append({"of_id": found["id"], **new})
    for names, params in groups.items():
        changed: dict[str, Any] = {name: bindparam(name) for name in names}
        session.execute(
            update(table).where(table.c.id == bindparam("of_id")).values(changed), params
        )
    for one in list(session.identity_map.values()):
        if isinstance(one, entity) and one.id in rows:
            session.expire(one)
    if log is not None:
        log.changed.add(entity.__tablename__)


def _stored(session: Session, entity: type[Record], ids: Sequence[str]) -> Iterable[Any]:
    table = table_of(entity)
    query = select(table.c.id, table.c.stamps, table.c.row_version)
    return session.execute(query.where(among(table.c.id, ids))).mappings().all()


def _changed(
    entity: type[Record],
    found: Any,
    values: Mapping[str, Any],
    log: Recorder | None,
    sight: tuple[str, ...] | None,
) -> dict[str, Any]:
    """The values to store with their stamps; logs them."""
    full = {**values, "updated_at": clock.now(), "row_version": (found["row_version"] or 0) + 1}
    if log is None:
        return full
    full["updated_by"] = log.who
    if entity.flow is Flow.LOCAL:
        return full
    change, old = new_id(), found["stamps"]
    said = {name: to_wire(entity, name, value) for name, value in sorted(values.items())}
    bases = {name: base_of(old, name) for name in values}
    title = base_of(old, "office_id")
    log.drafts.append(
        Draft(
            change,
            entity.__tablename__,
            found["id"],
            "update",
            said,
            bases,
            title,
            rules_of(entity, said),
            apart(entity, None),
            _known_void(old) if sight is None else sight,
        )
    )
    return {**full, "stamps": {**old, **dict.fromkeys(values, change)}}


@event.listens_for(Session, "before_flush")
def _capture(session: Session, _context: object, _instances: object) -> None:
    """Log what is about to be written; search keys follow their record in the same transaction,
    though most edits touch nothing of them."""
    log = recorder(session)
    if log is not None:
        for one in session.deleted:
            if isinstance(one, Record) and one.flow is not Flow.LOCAL:
                raise TypeError("records are voided, never deleted")
        for one in session.new:
            if isinstance(one, Record):
                _capture_new(one, log)
    found: dict[tuple[type[Record], frozenset[str]], list[Record]] = {}
    for one in session.dirty:
        if isinstance(one, Record) and (changed := _changed_names(one)):
            if names := changed.intersection(one.search):
                found.setdefault((type(one), frozenset(names)), []).append(one)
            if log is not None:
                _capture_edit(session, one, changed, log)
    for (entity, which), records in found.items():
        _index_edits(session, entity, which, records)


def _capture_new(one: Record, log: Recorder) -> None:
    given = {column.name: getattr(one, column.name) for column in one.__table__.columns}
    for name, value in _complete(type(one), _said(given), log).items():
        if getattr(one, name) != value:
            setattr(one, name, value)
    log.changed.add(one.__tablename__)
    if one.flow is not Flow.LOCAL:
        row = {column.name: getattr(one, column.name) for column in one.__table__.columns}
        log.drafts.append(_born(type(one), row))


def _said(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _capture_edit(session: Session, one: Record, changed: set[str], log: Recorder) -> None:
    names = sorted(changed.intersection(wire_fields(one.__table__)))
    log.changed.add(one.__tablename__)
    if not names:
        return
    one.updated_at, one.updated_by = clock.now(), log.who
    one.row_version = (one.row_version or 0) + 1
    if one.flow is Flow.LOCAL:
        return
    change, old, seen = new_id(), one.stamps, _known_void(one.stamps)
    if "is_void" in names and one.is_void:
        seen = sights(session, type(one), {one.id: old})[one.id]
    log.drafts.append(
        Draft(
            change,
            one.__tablename__,
            one.id,
            "update",
            {name: to_wire(type(one), name, getattr(one, name)) for name in names},
            {name: base_of(old, name) for name in names},
            base_of(old, "office_id"),
            rules_of(type(one), names),
            apart(type(one), one.__dict__),
            seen,
            _former(one, names),
        )
    )
    one.stamps = {**old, **dict.fromkeys(names, change)}


def _former(one: Record, names: Iterable[str]) -> dict[str, Any]:
    """What these fields said when they were read."""
    before = inspect(one).committed_state
    known = {name: before[name] for name in names if before.get(name, NO_VALUE) is not NO_VALUE}
    return {name: to_wire(type(one), name, value) for name, value in known.items()}


def _known_void(stamps: Mapping[str, str]) -> tuple[str, ...]:
    """The voiding or taking back that an edit of a record knew of."""
    return (stamps["is_void"],) if "is_void" in stamps else ()


def base_of(stamps: Mapping[str, str], name: str) -> str:
    """The change that wrote the field's present value; empty when unknown."""
    return stamps.get(name) or stamps.get("*", "")


def _changed_names(one: Record) -> set[str]:
    """The columns whose value is another than before; only those that were set are compared."""
    before, now = inspect(one).committed_state, one.__dict__
    return {name for name, was in before.items() if was != now.get(name, was)}


def _index_edits(
    session: Session, entity: type[Record], changed: frozenset[str], records: Sequence[Record]
) -> None:
    rows = [{name: getattr(one, name) for name in ("id", *changed)} for one in records]
    index_edits(session, entity, changed, rows, {one.id: _as_read(one, changed) for one in records})


def _as_read(one: Record, changed: Collection[str]) -> dict[str, Any]:
    """What it was found by before, as far as that was read."""
    state = inspect(one)
    same = {name: getattr(one, name) for name in ("id", *one.search) if name not in changed}
    old = {name: state.get_history(name, PASSIVE_NO_INITIALIZE).deleted for name in changed}
    return same | {name: was[0] for name, was in old.items() if was}


@event.listens_for(Session, "after_flush")
def _index_new(session: Session, _context: object) -> None:
    made: dict[type[Record], list[Mapping[str, Any]]] = {}
    for one in session.new:
        if isinstance(one, Record) and one.search:
            row = {name: getattr(one, name) for name in ("id", *one.search)}
            made.setdefault(type(one), []).append(row)
    for entity, rows in made.items():
        index_new(session, entity, rows)


class Guarded(Session):
    """No bulk UPDATE or DELETE of a travelling record behind the log. Asked where a statement finds
    its connection: an event would make SQLAlchemy prepare every statement twice."""

    def get_bind(self, mapper: Any = None, *, clause: Any = None, **more: Any) -> Any:
        if mapper is not None and isinstance(clause, UpdateBase):
            entity = inspect(mapper).class_
            if issubclass(entity, Record) and entity.flow is not Flow.LOCAL:
                name = entity.__tablename__
                raise TypeError(f"{name} is written through its objects or insert_many")
        return super().get_bind(mapper, clause=clause, **more)
