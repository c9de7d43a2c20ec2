"""What the centre has of the records a batch is about, and what the batch adds to them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from models.entities import ENTITIES, WHOSE
from models.exchange import MAY_ENTER, Change, Conflict, Held, Replica
from models.handover import OFFERED, TAKEN, WITHDRAWN, Handover
from models.kit.among import among_given
from models.kit.base import Record, table_of, wire_fields
from models.kit.changes import base_of, makes_anew
from models.kit.direct import ask
from models.kit.stream import Head, read_head
from models.kit.voiding import belonging
from models.retiree import Retiree
from models.schema import heard
from sync import later
from sync.centre.deciding import tenure
from sync.centre.deciding.said import Said
from sync.merge import OUTSIDE, Rank, Result, effective
from sync.records import Write, entity_of, links_of, load, write

Key = tuple[str, str]
_LOG = table_of(Change).c
BEFORE = select(_LOG.change_id, _LOG.outcome, _LOG.reason).where(
    among_given(_LOG.change_id, "wanted"), _LOG.outcome.is_not(None)
)
"""The verdicts that were given already."""


class Row(msgspec.Struct):
    """One record as the action sees it: what is stored, and what this batch adds. ``later`` is what
    only a newer program understands; ``shown`` the stamps of the record as it is stored, None where
    all of it waits for the upgrade."""

    office_id: str
    stamps: dict[str, str]
    is_new: bool
    write: Write = msgspec.field(default_factory=Write)
    later: Write = msgspec.field(default_factory=Write)
    shown: Mapping[str, str] | None = {}

    def copy(self) -> "Row":
        """For an action that may yet be set aside."""
        put = Write(dict(self.write.values), dict(self.write.stamps))
        kept = Write(dict(self.later.values), dict(self.later.stamps), newer=self.later.newer)
        return Row(self.office_id, dict(self.stamps), self.is_new, put, kept, self.shown)

    def person(self, stored: Mapping[str, Any] | None = None) -> tenure.Person:
        """Whom it is, or is about, for who may write of it; ``stored`` is what this batch left."""
        said, stored = self.write.values, stored or {}
        is_void, state = (said.get(name, stored.get(name)) for name in tenure.STATES)
        return tenure.as_they_are(self.office_id, self.stamps, is_void, state)


class Stage(dict[Key, Row]):
    """What the action at hand has done so far: its records, and the disputes it opened. ``ids`` are
    its own changes, ``born`` the records it makes, in whatever order it says them."""

    def __init__(self, heads: Iterable[Head]) -> None:
        super().__init__()
        heads = [*heads]
        self.ids = frozenset(one.change_id for one in heads)
        self.born = {(one.entity, one.entity_id) for one in heads if one.op == "insert"}
        self.opened: list[Conflict] = []


class Past(msgspec.Struct, frozen=True):
    """An earlier change: whose it is, its rank, what its author saw, and whether it entered the
    record. ``is_anew``: each value of it is the word of its base."""

    office_id: str
    rank: Rank
    bases: Mapping[str, str]
    is_in: bool
    is_anew: bool = False


@dataclass(slots=True)
class Stored:
    """The records a batch touches, fetched at once; ``stage`` in a call is what the action at hand
    has done so far. ``before`` are verdicts that were given already, ``decided`` changes of this
    batch and whether they entered, ``now`` those of the action at hand, ``pasts`` changes that were
    asked for, ``late`` its records that were late themselves, ``unmade`` those whose making did not
    enter, with the reason, ``under`` what belongs to a record that is voided: (noun, id, stamps);
    ``values`` all of what is stored of a record that two sides wrote at once."""

    session: Session
    office_id: str
    received_ms: int
    rows: dict[Key, Row] = field(default_factory=dict)
    loaded: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    waiting: dict[Key, later.Words] = field(default_factory=dict)
    before: dict[str, tuple[str | None, str]] = field(default_factory=dict)
    decided: dict[str, tuple[Head, bool]] = field(default_factory=dict)
    now: dict[str, Head] = field(default_factory=dict)
    pasts: dict[str, Past | None] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)
    unmade: dict[str, tuple[Result, str]] = field(default_factory=dict)
    under: dict[Key, list[tuple[str, str, Mapping[str, str]]]] = field(default_factory=dict)
    values: dict[Key, dict[str, Any]] = field(default_factory=dict)

    def row(self, entity: str, key: str, stage: Stage) -> Row | None:
        """A record as the action sees it, put on its stage."""
        at = (entity, key)
        if at in stage:
            return stage[at]
        if at in self.rows:
            stage[at] = self.rows[at].copy()
            return stage[at]
        stored, words = self.loaded.get(entity, {}).get(key), self.waiting.get(at, {})
        if stored is None and not words:
            return None
        newer = {name: one.stamp for name, one in words.items()}
        if stored is not None:
            shown = dict(stored["stamps"])
            stage[at] = Row(stored["office_id"], {**shown, **newer}, is_new=False, shown=shown)
        elif later.CREATED in words:
            office_id = words[later.CREATED].office_id
            stage[at] = Row(office_id, newer, is_new=False, shown=None)
        return stage.get(at)

    def stamps(self, noun: str, key: str, stage: Stage) -> Mapping[str, str]:
        """The changes behind a record as far as it was met or fetched; asks for nothing."""
        row = stage.get((noun, key)) or self.rows.get((noun, key))
        if row is not None:
            return row.stamps
        found: Mapping[str, str] = self.loaded.get(noun, {}).get(key, {}).get("stamps", {})
        return found

    def is_there(self, entity: str, key: str, stage: Stage) -> bool:
        """Is a record another one refers to here?"""
        at = (entity, key)
        return (
            at in stage or at in stage.born or at in self.rows or key in self.loaded.get(entity, {})
        )

    def person(self, key: object, stage: Stage) -> tenure.Person | None:
        """A person as the action sees them; None for nobody we know."""
        if not key:
            return None
        at = (Retiree.__tablename__, str(key))
        row = stage.get(at) or self.rows.get(at)
        stored = self.loaded.get(at[0], {}).get(at[1])
        if row is not None:
            return row.person(stored)
        return tenure.person_of(stored) if stored else None

    def fetch(self, noun: str, ids: Iterable[str]) -> None:
        """Records no entry of the batch is about."""
        there = self.loaded.setdefault(noun, {})
        wanted = [key for key in ids if key not in there]
        if wanted:
            there |= load(self.session, entity_of(noun), wanted, ("office_id", "stamps"))

    def fetch_kept(self, person: str) -> Iterable[Key]:
        """What is kept as a whole of somebody."""
        found = later.words_of(self.session, later.about(self.session, person))
        self.waiting = {**found, **self.waiting}
        return found

    def fetch_person(self, key: str) -> None:
        """What `person` needs of somebody no entry is about."""
        needed = ("office_id", "stamps", "manage_state", "is_void")
        self.loaded.setdefault("retiree", {}).update(load(self.session, Retiree, [key], needed))

    def offer(self, key: str, row: Row | None, stage: Stage) -> dict[str, Any] | None:
        """A hand-over as it stands, closed where its person was taken over by another in this
        batch; None where there is none yet."""
        if row is None:
            return None
        names = ("office_id", "person_id", "to_office_id", "assigned_by", "state", "is_void")
        known = {} if row.is_new else load(self.session, Handover, [key], names)[key]
        found = {**known, **row.write.values}
        if found["state"] == OFFERED and self._is_taken(found["person_id"], stage):
            found["state"] = WITHDRAWN
        return found

    def _is_taken(self, person: str, stage: Stage) -> bool:
        """By a change of this batch? Who has the person follows once all of it is decided."""
        offers = self.session.scalars(select(Handover.id).where(Handover.person_id == person))
        keys = [(Handover.__tablename__, one) for one in offers]
        rows = [stage.get(at) or self.rows.get(at) for at in keys]
        return any(row is not None and row.write.values.get("state") == TAKEN for row in rows)

    def had(self, entity: type[Record] | None, key: str, values: Mapping[str, Any]) -> bool:
        """Has this station once handed the person over?"""
        person = self._whose(entity, key, values)
        taken = select(Handover.id).where(
            Handover.person_id == person,
            Handover.office_id == self.office_id,
            Handover.state == TAKEN,
        )
        return self.session.scalar(taken.limit(1)) is not None

    def whose(self, said: Said) -> str | None:
        """The person an entry is about; None where it is nobody's."""
        return self._whose(said.entity, said.entry.head.entity_id, said.raw)

    def whose_all(self, action: Sequence[Said]) -> list[str | None]:
        """Of each; an edit of what the action itself makes is about whom that is about."""
        found = [self.whose(one) for one in action]
        made = {
            one.entry.head.entity_id: person
            for one, person in zip(action, found, strict=True)
            if one.entry.head.op == "insert"
        }
        return [
            person or made.get(one.entry.head.entity_id)
            for one, person in zip(action, found, strict=True)
        ]

    def _whose(
        self, entity: type[Record] | None, key: str, values: Mapping[str, Any]
    ) -> str | None:
        if entity is Retiree:
            return key
        names = [name for name in WHOSE if entity is None or name in table_of(entity).c]
        known = load(self.session, entity, [key], names) if entity and names else {}
        stored = known.get(key, {})
        return next((one for name in names if (one := stored.get(name) or values.get(name))), None)

    def open_answer(self, title: str | None) -> str | None:
        """The change with which this station answered an offer and by which nobody has changed
        hands yet, as it is held or was decided in this batch: the one that would have given it the
        record (``title``), or any where what was written does not say."""
        entity = Handover.__tablename__
        here = (one for one, _ in self.decided.values() if one.op != "insert")
        answers = [one.change_id for one in here if one.entity == entity]
        held = and_(
            Held.office_id == Change.office_id,
            Held.incarnation == Change.incarnation,
            Change.seq.between(Held.first, Held.last),
        )
        asked = select(Change.change_id).join(Held, held)
        asked = asked.where(Held.office_id == self.office_id, Change.entity == entity)
        answers += self.session.scalars(asked)
        return next((one for one in answers if title in (None, one)), None)

    def was_late(self, key: str) -> bool:
        """Was a word about this record set aside as late?"""
        late = select(Change.seq).where(Change.entity_id == key, Change.outcome == Result.LATE)
        return key in self.late or self.session.scalar(late.limit(1)) is not None

    def why_unmade(self, key: str) -> tuple[Result, str] | None:
        """What became of the making of this record, where it was refused or, for now, breaks a rule
        across records."""
        if key in self.unmade:
            return self.unmade[key]
        rows = self.session.execute(
            select(Change.head, Change.outcome, Change.reason).where(
                Change.entity_id == key,
                or_(
                    Change.outcome == Result.REFUSED,
                    and_(Change.outcome == Result.QUARANTINED, Change.reason.in_(MAY_ENTER)),
                ),
            )
        )
        made = (row for row in rows if read_head(row.head).op == "insert")
        return next(((Result(row.outcome), row.reason) for row in made), None)

    def note(self, heads: Iterable[Head], *, is_in: bool) -> None:
        """Changes were decided in this batch, or have to wait."""
        for head in heads:
            self.decided[head.change_id] = (head, is_in)
            self.pasts.pop(head.change_id, None)

    def past(self, change_id: str) -> Past | None:
        """A change as far as it was heard; None for one never heard of."""
        if change_id not in self.pasts:
            said = self.now.get(change_id)
            known = (said, True) if said else self.decided.get(change_id)
            self.pasts[change_id] = self._here(*known) if known else self._past(change_id)
        return self.pasts[change_id]

    def _here(self, head: Head, is_in: bool) -> Past:  # noqa: FBT001
        rank = Rank(effective(head.hlc, self.received_ms), head.change_id)
        return Past(self.office_id, rank, head.bases, is_in, makes_anew(head))

    def _past(self, change_id: str) -> Past | None:
        """What was offered again is decided in one place only; our own people's words stand."""
        ours = select(Replica.office_id).scalar_subquery()
        rows = self.session.execute(
            select(
                Change.effective,
                Change.hlc,
                Change.head,
                Change.outcome,
                Change.office_id,
                (Change.office_id == ours).label("is_ours"),
            ).where(Change.change_id == change_id)
        ).all()
        if not rows:
            return None
        row = next((one for one in rows if one.outcome or one.is_ours), rows[0])
        is_in = row.outcome not in OUTSIDE if row.outcome else row.is_ours
        head = heard(read_head(row.head))
        rank = Rank(row.effective or row.hlc, change_id)
        return Past(row.office_id, rank, head.bases, is_in, makes_anew(head))

    def stands_for(self, change_id: str, name: str) -> str:
        """Whose word a value is that a change says."""
        found = self.past(change_id)
        return found.bases.get(name) or change_id if found and found.is_anew else change_id

    def through(self, base: str, name: str, row: Row) -> str | None:
        """What an author had on screen, where that never entered, back to what did; None where a
        change on the way was never heard of. A record whose making never entered may have been
        made by our people since."""
        passed: set[str] = set()
        current = base_of(row.stamps, name)
        while base not in ("", current, *passed):
            found = self.past(base)
            if found is None:
                return base if base == self.stands_for(current, name) else None
            if found.is_in:
                break
            passed.add(base)
            base = found.bases.get(name, "") if found.bases else row.stamps.get("*", "")
        return base

    def goes_back_to(self, current: str, change_id: str, name: str) -> bool:
        """Was the present value written by somebody who knew of this change?"""
        passed: set[str] = set()
        while current not in ("", *passed):
            if current == change_id:
                return True
            passed.add(current)
            found = self.past(current)
            current = found.bases.get(name, "") if found else ""
        return False

    def saw(self, change_id: str, other: str) -> bool:
        """Did the author of a change know of this other one?"""
        known = self.decided.get(change_id)
        raw = select(Change.head).where(Change.change_id == change_id).limit(1)
        said = None if known else self.session.scalars(raw).first()
        head = known[0] if known else read_head(said) if said else None
        return head is not None and other in (*head.seen, *head.bases.values())

    def seen_with(self, seen: Iterable[str]) -> set[str]:
        """These changes, and for those that never entered what they rested on."""
        found: set[str] = set()
        wanted = list(seen)
        while wanted:
            one = wanted.pop()
            if one and one not in found:
                found.add(one)
                past = self.past(one)
                if past is not None and not past.is_in:
                    wanted += past.bases.values()
        return found

    def value(self, noun: str, key: str, name: str, row: Row) -> Any:
        """What stands in a field, as the column holds it or as it came."""
        for said in (row.write.values, row.later.values):
            if name in said:
                return said[name]
        words = self.waiting.get((noun, key), {})
        if name in words:
            return words[name].value
        if row.is_new or row.shown is None:
            return None
        if (noun, key) not in self.values:
            entity = entity_of(noun)
            names = wire_fields(table_of(entity))
            self.values[noun, key] = load(self.session, entity, [key], names)[key]
        return self.values[noun, key].get(name)

    def prefetch(self, said: Sequence[Said]) -> None:
        """One query per noun instead of one per change."""
        wanted: dict[type[Record], set[str]] = defaultdict(set)
        searched: dict[type[Record], set[str]] = defaultdict(set)
        for one in said:
            if one.problem or one.entity is None:
                continue
            wanted[one.entity].add(one.entry.head.entity_id)
            searches = one.entity.search
            if one.entry.head.op != "insert" and not one.values.keys().isdisjoint(searches):
                searched[one.entity].update(searches)
            for name, target in links_of(one.entity):
                if one.values.get(name):
                    wanted[entity_of(target)].add(one.values[name])
        for entity, ids in wanted.items():
            names = ("office_id", "stamps", *sorted(searched[entity]))
            self.loaded[entity.__tablename__] = load(self.session, entity, ids, names)
        if later.is_any(self.session):
            self.waiting = later.words_of(self.session, {one.entry.head.entity_id for one in said})
        self._prefetch_under(said)
        if said:
            self._prefetch_known([one.entry.head.change_id for one in said])

    def _prefetch_under(self, said: Sequence[Said]) -> None:
        voided: dict[type[Record], list[str]] = defaultdict(list)
        for one in said:
            if one.entity is not None and one.values.get("is_void") and one.entry.head.seen:
                voided[one.entity].append(one.entry.head.entity_id)
        for entity, ids in voided.items():
            under = {one: self.under.setdefault((entity.__tablename__, one), []) for one in ids}
            for owner, noun, key, stamps in belonging(self.session, entity, ids, self.office_id):
                under[owner].append((noun, key, stamps))
            for owner, those in under.items():
                kept = later.belonging(self.session, owner).items()
                those += [(*at, later.stamps_in(words)) for at, words in kept]

    def _prefetch_known(self, ids: list[str]) -> None:
        rows = ask(self.session, BEFORE, {"wanted": ids})
        self.before |= {row.change_id: (row.outcome, row.reason or "") for row in rows}

    def write(self) -> None:
        """All that was decided, into the records."""
        by_entity: dict[str, dict[str, Write]] = defaultdict(dict)
        for (name, key), row in self.rows.items():
            if row.shown is not None:
                by_entity[name][key] = row.write
        for entity in ENTITIES:
            writes = by_entity.get(entity.__tablename__)
            if writes:
                write(self.session, entity, writes, self.loaded.get(entity.__tablename__, {}))
        for (name, key), row in self.rows.items():
            if not row.later.values and (name, key) not in self.waiting:
                continue
            later.drop(self.session, name, key, row.write.values.keys() & self._kept(name, key))
            shown = {**row.shown, **row.write.stamps} if row.shown is not None else {}
            later.keep(self.session, row.office_id, name, key, row.later, shown)

    def _kept(self, name: str, key: str) -> Iterable[str]:
        """The fields in which a newer program's word waits."""
        return self.waiting.get((name, key), {}).keys()
