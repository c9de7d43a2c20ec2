"""What the centre decided and its records do not show, because a row is gone or older than the log,
is laid again from its own log (sync.md 4.13): in the words that entered, with the verdicts they
have, and nobody is asked to say anything twice."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.entities import BY_NAME, ENTITIES
from models.exchange import Change, Conflict, Erased, Replica
from models.kit.among import among
from models.kit.base import Record, table_of, wire_fields
from models.kit.changes import base_of
from models.kit.stream import Head, read_head
from models.schema import today
from sync import later
from sync.centre.deciding.said import is_shared
from sync.centre.deciding.stored import Key
from sync.centre.deciding.voids import PAIR
from sync.digests import Stamps
from sync.merge import ENTERED
from sync.records import Write, links_of, load, part, write

Place = tuple[str, str, str]


def lay(session: Session, office_id: str, held: Mapping[Key, Stamps]) -> int:
    """``held`` are the changes an office shows behind its records: they say where in the log to
    look, never what to write. Returns how many records were written. What refers to a record that
    is not here waits for another time."""
    me = session.scalars(select(Replica)).one()
    done = 0
    for entity in ENTITIES:  # what others refer to comes first
        noun = entity.__tablename__
        wanted = {key: stamps for (of, key), stamps in held.items() if of == noun}
        if not wanted:
            continue
        existing = load(session, entity, wanted, ("office_id", "stamps"))
        kept = later.words_of(session, wanted) if later.is_any(session) else {}
        shown = {key: row["stamps"] for key, row in existing.items()}
        log, writes = _Log.of(session, me, entity, [wanted, shown]), dict[str, Write]()
        for key, stamps in wanted.items():
            if later.CREATED in kept.get((noun, key), {}):
                continue
            put = log.behind(key, stamps, shown[key]) if key in shown else log.made(key, stamps)
            if put is None:
                continue
            whose = existing[key]["office_id"] if key in existing else put.values["office_id"]
            if whose == office_id or is_shared(entity):
                writes[key] = put
        for key in _dangling(session, entity, writes):
            del writes[key]
        write(session, entity, writes, existing)
        done += len(writes)
    return done


def unheard(session: Session, ids: Iterable[str]) -> set[str]:
    """Which of these changes we never decided, or know no longer that we did."""
    wanted = set(ids)
    known = select(Change.change_id).where(
        among(Change.change_id, wanted), Change.outcome.is_not(None)
    )
    return wanted - set(session.scalars(known))


def absent(session: Session, wants: Iterable[Key]) -> list[str]:
    """Of which of these records, by id, nothing is left: no row, no word that made it, nor that it
    was erased."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for noun, key in wants:
        wanted[noun].append(key)
    found: list[str] = []
    for noun in wanted.keys() & BY_NAME.keys():
        keys = wanted[noun]
        there = set(load(session, BY_NAME[noun], keys, ()))
        there.update(key for _, key in later.words_of(session, keys))
        there.update(session.scalars(select(Erased.id).where(among(Erased.id, keys))))
        about = Change.entity == noun, among(Change.entity_id, keys), Change.payload.is_not(None)
        heads = map(read_head, session.scalars(select(Change.head).where(*about)))
        there.update(one.entity_id for one in heads if one.op == "insert")
        found += [key for key in keys if key not in there]
    return found


def _dangling(session: Session, entity: type[Record], writes: Mapping[str, Write]) -> set[str]:
    lost = set()
    for name, target in links_of(entity):
        to = {key: one.values[name] for key, one in writes.items() if one.values.get(name)}
        there = load(session, BY_NAME[target], set(to.values()), ()).keys()
        beside = writes.keys() if target == entity.__tablename__ else ()
        lost |= {key for key, one in to.items() if one not in there and one not in beside}
    return lost


@dataclass(frozen=True, slots=True)
class _Word:
    """A change that entered its record: its values as columns hold them."""

    office_id: str
    head: Head
    values: Mapping[str, Any]


@dataclass(slots=True)
class _Log:
    """What entered some records of one noun. ``after`` are the edits written over a change, in the
    order of their rank, ``over`` what stood against one that lost, both by record, field and
    change; of the changes a record names, ``heard`` are those of the log, ``entered`` those of them
    that were not set aside."""

    names: tuple[str, ...]
    words: dict[str, _Word] = field(default_factory=dict)
    after: dict[Place, list[str]] = field(default_factory=lambda: defaultdict(list))
    over: dict[Place, str] = field(default_factory=dict)
    heard: set[str] = field(default_factory=set)
    entered: set[str] = field(default_factory=set)

    @classmethod
    def of(
        cls,
        session: Session,
        me: Replica,
        entity: type[Record],
        named: Iterable[Mapping[str, Stamps]],
    ) -> "_Log":
        """Everything to be known of records, by what is ``named`` as behind their values."""
        log = cls(wire_fields(table_of(entity)))
        keys = {key for some in named for key in some}
        is_in = or_(Change.outcome.in_(ENTERED), Change.office_id == me.office_id)
        about = (Change.entity == entity.__tablename__, Change.payload.is_not(None), is_in)
        rows = session.scalars(select(Change).where(among(Change.entity_id, keys), *about))
        for row in sorted(rows, key=lambda one: (one.effective or one.hlc, one.change_id)):
            head, said = today(row.head, row.payload)
            values, _ = part(entity, said, me.centre_schema)
            log.words[row.change_id] = _Word(row.office_id, head, values)
            for name in values if head.op != "insert" else ():
                log.after[row.entity_id, name, head.bases.get(name, "")].append(row.change_id)
        for one in session.scalars(select(Conflict).where(among(Conflict.entity_id, keys))):
            log.over[one.entity_id, one.field, one.other_change] = one.kept_change
        ids = {stamp for some in named for stamps in some.values() for stamp in stamps.values()}
        stated = select(Change.change_id, is_in).where(among(Change.change_id, ids))
        for change_id, has_entered in session.execute(stated):
            log.heard.add(change_id)
            log.entered |= {change_id} if has_entered else set()
        return log

    def made(self, key: str, held: Stamps) -> Write | None:
        """All of a record whose row is gone; None where some of it is not in the log."""
        first = held.get("*", "")
        born = self.words.get(first)
        if born is None or born.head.op != "insert":
            return None
        put = Write({"office_id": born.office_id, **born.values}, {"*": first})
        for name in self.names:
            start = base_of(held, name)
            at = self._newest(key, name, start if start in self.entered else first)
            if at == first:
                continue
            if not self._says(at, name):
                return None
            put.values[name], put.stamps[name] = self._value(at, name), at
        return put

    def behind(self, key: str, held: Stamps, shown: Stamps) -> Write | None:
        """The fields in which a row shows what the log has gone on from, or what nobody said."""
        put = Write()
        for name in self.names:
            now = base_of(shown, name)
            at = self._newest(key, name, base_of(held, name))
            is_older = now not in self.heard or self._newest(key, name, now) == at
            if at != now and is_older and self._says(at, name):
                put.values[name], put.stamps[name] = self._value(at, name), at
        return put if put.values else None

    def _newest(self, key: str, name: str, at: str) -> str:
        """The last of the changes that follow on this one in a field."""
        passed = {at}
        while True:
            place = (key, name, at)
            next_ones = [*self.after.get(place, ()), self.over.get(place, at)]
            found = [one for one in next_ones if one not in passed]
            if not found:
                return at
            at = found[-1]
            passed.add(at)

    def _says(self, at: str, name: str) -> bool:
        """Is the value known? What brought a record back into sight says nothing of that itself."""
        if name in PAIR:
            return at in self.entered or at in self.words
        word = self.words.get(at)
        return word is not None and (name in word.values or word.head.op == "insert")

    def _value(self, at: str, name: str) -> Any:
        word = self.words.get(at)
        if word is not None and name in word.values:
            return word.values[name]
        return False if name == "is_void" else None
