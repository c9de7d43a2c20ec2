"""The centre decides: every complete action of a stream is merged whole or set aside whole, and
every change gets exactly one verdict."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.entities import ENTITIES
from models.exchange import Change, Conflict, Held, Stream
from models.handover import TAKEN, Handover, follows
from models.kit import clock
from models.kit.base import Flow, Record, Writer, facts, policy, table_of
from models.kit.changes import base_of
from models.kit.fields import Merge
from models.kit.ids import new_id
from models.kit.stream import GARBLED, Head, matches, read_payload
from models.retiree import Retiree
from sync import later
from sync.centre import tenure
from sync.centre.streams import Entry
from sync.merge import Fate, Rank, Result, decide, effective
from sync.records import Unreadable, Write, entity_of, links_of, load, part, understand, write
from sync.versions import known, upcast

Key = tuple[str, str]
CHUNK = 500
NEWER = "新增内容"
NEVER_CAME = "它所依据的资料一直没有送到"


@dataclass(slots=True)
class Row:
    """One record as the action sees it: what is stored, and what this batch adds. ``later`` is what
    only a newer program understands; ``shown`` the stamps of the record as it is stored, None where
    all of it waits for the upgrade."""

    office_id: str
    stamps: dict[str, str]
    is_new: bool
    write: Write = field(default_factory=Write)
    later: Write = field(default_factory=Write)
    shown: Mapping[str, str] | None = field(default_factory=dict)

    def copy(self) -> "Row":
        """For an action that may yet be set aside."""
        put = Write(dict(self.write.values), dict(self.write.stamps))
        kept = Write(dict(self.later.values), dict(self.later.stamps))
        return Row(self.office_id, dict(self.stamps), self.is_new, put, kept, self.shown)


@dataclass(slots=True)
class Decided:
    """The verdict of one entry; ``None`` as result means it is held. ``values`` are those that
    stand, as columns hold them; ``later`` as they came, those only a newer program understands."""

    entry: Entry
    result: Result | None
    reason: str = ""
    lost: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)
    later: dict[str, Any] = field(default_factory=dict)


class SetAside(Exception):
    """The whole action stays outside, with one result and reason."""

    def __init__(self, result: Result, reason: str) -> None:
        super().__init__(reason)
        self.result, self.reason = result, reason


class Waits(Exception):
    """The action refers to something that has not arrived yet."""

    def __init__(self, on: str) -> None:
        super().__init__(on)
        self.on = on


@dataclass(frozen=True, slots=True)
class Said:
    """An entry understood: its noun and its values as columns hold them, or why it cannot be.
    ``raw`` are all its values as they came, ``later`` those only a newer program understands."""

    entry: Entry
    entity: type[Record] | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    later: Mapping[str, Any] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""


def understood(entry: Entry, schema: int) -> Said:
    """Read an entry once, as a program of this schema; never raises."""
    if not matches(entry.head, entry.payload):
        return Said(entry, problem="内容与摘要不符")
    head = entry.head
    try:
        raw = upcast(head.entity, head.schema, schema, read_payload(entry.payload).values)
        if head.schema > schema and later.fits(head.entity, head.entity_id, raw):
            noun = known(head.entity, schema)
            return Said(entry, noun, *part(noun, raw, schema), raw)
        entity = entity_of(head.entity)
        return Said(entry, entity, understand(entity, raw), raw=raw)
    except (Unreadable, *GARBLED) as why:
        return Said(entry, problem=f"区中心的程序看不懂这一项：{why}")


@dataclass(slots=True)
class Batch:
    """Everything decided for one stream in one go, as a program of this schema. ``forced``: without
    what it waits for, since a person said so; where the order of two changes is not known a person
    decides."""

    session: Session
    stream: Stream
    received_ms: int
    schema: int
    rows: dict[Key, Row] = field(default_factory=dict)
    loaded: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    waiting: dict[Key, later.Words] = field(default_factory=dict)
    before: dict[str, tuple[str | None, str]] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    held: list[Held] = field(default_factory=list)
    cases: list[Conflict] = field(default_factory=list)
    late: set[str] = field(default_factory=set)
    forced: bool = False

    def decide_all(self, entries: Sequence[Entry]) -> list[Decided]:
        """Verdicts in stream order. Entries of an unfinished action wait for the rest of it."""
        said = [understood(entry, self.schema) for entry in entries]
        self._prefetch(said)
        decided: list[Decided] = []
        for action in _actions(said):
            decided += self._decide(action)
        return decided

    def _decide(self, action: list[Said]) -> list[Decided]:
        if not _is_whole([one.entry for one in action]):
            return [Decided(one.entry, None) for one in action]
        if action[0].entry.head.change_id in self.before:
            return [self._again(one) for one in action]
        stage: dict[Key, Row] = {}
        try:
            made = [self._merge(one, stage) for one in action]
        except SetAside as why:
            if why.result is Result.LATE:
                self.late |= {one.entry.head.entity_id for one in action}
            return [Decided(one.entry, why.result, why.reason) for one in action]
        except Waits as why:
            if self.forced:
                return [Decided(one.entry, Result.QUARANTINED, NEVER_CAME) for one in action]
            self._hold(action, why.on)
            return [Decided(one.entry, None) for one in action]
        self.rows |= stage
        for one in action:
            head = one.entry.head
            self.seen[head.change_id] = effective(head.hlc, self.received_ms)
        return made

    def _again(self, said: Said) -> Decided:
        """The same change offered in another stream: the first verdict stands. What has been
        written over it since was passed over by its author and is told once more."""
        head = said.entry.head
        result, reason = self.before.get(head.change_id, (None, ""))
        row = self._row(head.entity, head.entity_id, {})
        names = said.raw if row else ()
        over = tuple(one for one in names if row and base_of(row.stamps, one) != head.change_id)
        return Decided(said.entry, Result(result) if result else None, reason, over)

    def _hold(self, action: list[Said], on: str) -> None:
        first, last = action[0].entry, action[-1].entry
        self.held.append(
            Held(
                office_id=self.stream.office_id,
                tx=first.head.tx,
                incarnation=self.stream.incarnation,
                first=first.seq,
                last=last.seq,
                waits_for=on,
                since=clock.now(),
            )
        )

    def _merge(self, said: Said, stage: dict[Key, Row]) -> Decided:
        if said.problem:
            raise SetAside(Result.QUARANTINED, said.problem)
        head, entity = said.entry.head, said.entity
        values, rest = dict(said.values), dict(said.later)
        row = self._row(head.entity, head.entity_id, stage)
        if row is not None and row.shown is None:  # all of this record waits for the upgrade
            entity, values, rest = None, {}, dict(said.raw)
        person = self._in_time(said, row, stage)
        self._may_write(entity, row, {**values, **rest})
        if entity is not None:
            self._links_exist(entity, values, stage)
        if row is None:
            if head.op != "insert":
                raise self._wanting(head.entity_id)
            stage[head.entity, head.entity_id] = self._fresh(head, entity, values, rest)
            # of somebody who came back its author may have let go of it since
            told = tuple(values) if person and person.has_moved else ()
            return Decided(said.entry, Result.APPLIED, lost=told, values=values, later=rest)
        return self._edit(said.entry, entity, row, values, rest)

    def _fresh(
        self, head: Head, entity: type[Record] | None, values: dict[str, Any], rest: dict[str, Any]
    ) -> Row:
        stamps = {"*": head.change_id}
        if entity is None:
            rest = {later.CREATED: None, **rest}
        fresh = Row(
            {**rest, **values}.get("office_id") or self.stream.office_id,
            dict(stamps),
            is_new=True,
            later=Write(rest, dict(stamps)),
            shown=None if entity is None else stamps,
        )
        if entity is not None:
            fresh.write = Write(values, dict(stamps))
        return fresh

    def _edit(
        self,
        entry: Entry,
        entity: type[Record] | None,
        row: Row,
        values: dict[str, Any],
        rest: dict[str, Any],
    ) -> Decided:
        head, lost = entry.head, []
        mine = Rank(effective(head.hlc, self.received_ms), head.change_id)
        for name, value in {**values, **rest}.items():
            base = head.bases.get(name, "")
            current = row.stamps.get(name) or row.stamps.get("*", "")
            self._base_known(base, current)
            owner = entity is None or entity.writer is not Writer.CENTRE
            rule = _rule(head, entity, name, is_known=name in values)
            theirs = None if current in ("", base) else self._rank(current)
            fate = decide(rule, base, current, mine, theirs, owner=owner)
            if self.forced and fate is Fate.WON:
                fate = Fate.CASE
            if fate is not Fate.SET:
                self._case(head.entity, head.entity_id, name, current, head.change_id, fate)
            if fate in (Fate.SET, Fate.WON):
                target = row.write if name in values else row.later
                row.stamps[name] = target.stamps[name] = head.change_id
                target.values[name] = value
            else:
                lost.append(name)
        result = Result.CONFLICT if lost else Result.APPLIED
        labels = (_label(entity if name in values else None, name) for name in lost)
        reason = "、".join(dict.fromkeys(labels))
        for name in lost:
            values.pop(name, None)
            rest.pop(name, None)
        return Decided(entry, result, reason, tuple(lost), values, rest)

    def _row(self, entity: str, key: str, stage: dict[Key, Row]) -> Row | None:
        at = (entity, key)
        if at in stage:
            return stage[at]
        if at in self.rows:
            stage[at] = self.rows[at].copy()
            return stage[at]
        stored, words = self.loaded.get(entity, {}).get(key), self.waiting.get(at, {})
        newer = {name: one.stamp for name, one in words.items()}
        if stored is not None:
            shown = dict(stored["stamps"])
            stage[at] = Row(stored["office_id"], {**shown, **newer}, is_new=False, shown=shown)
        elif later.CREATED in words:
            office_id = words[later.CREATED].office_id
            stage[at] = Row(office_id, newer, is_new=False, shown=None)
        return stage.get(at)

    def _in_time(
        self, said: Said, row: Row | None, stage: Mapping[Key, Row]
    ) -> tenure.Person | None:
        """Whom a new record is about; raises SetAside for what was written of somebody who is no
        longer in the same care."""
        head, entity = said.entry.head, said.entity
        office_id, person = self.stream.office_id, None
        stored = tenure.person_of(_seen(row)) if row else None
        if row is None and (entity is None or follows(entity)):
            person = self._person(said.raw.get("retiree_id"), stage)
        if tenure.is_other(entity, office_id, head.title, stored, person):
            if self._had(entity, head.entity_id, said.raw):
                raise SetAside(Result.LATE, tenure.LATE)
            if row is None:
                raise SetAside(Result.REFUSED, tenure.MOVED_ON)
        if entity is Handover:
            self._may_hand_over(head.entity_id, row, said.values, stage)
        return person

    def _had(self, entity: type[Record] | None, key: str, values: Mapping[str, Any]) -> bool:
        """Has this station once handed the person over?"""
        person: Any = key
        if entity is not Retiree:
            known = load(self.session, entity, [key], ("retiree_id",)) if entity else {}
            stored = known.get(key, {})
            person = stored.get("retiree_id") or values.get("retiree_id")
        taken = select(Handover.id).where(
            Handover.person_id == person,
            Handover.office_id == self.stream.office_id,
            Handover.state == TAKEN,
        )
        return self.session.scalar(taken.limit(1)) is not None

    def _may_hand_over(
        self, key: str, row: Row | None, values: Mapping[str, Any], stage: Mapping[Key, Row]
    ) -> None:
        stored = None
        if row is not None:
            names = ("office_id", "person_id", "to_office_id", "state", "is_void")
            known = {} if row.is_new else load(self.session, Handover, [key], names)[key]
            stored = {**known, **row.write.values}
        key = str((stored or values).get("person_id"))
        needed = ("office_id", "stamps", "manage_state", "is_void")
        self.loaded.setdefault("retiree", {}).update(load(self.session, Retiree, [key], needed))
        person = self._person(key, stage)
        if person is None:
            raise Waits(key)
        problem = tenure.hand_over_problem(self.stream.office_id, stored, values, person)
        if problem:
            raise SetAside(Result.REFUSED, problem)

    def _person(self, key: object, stage: Mapping[Key, Row]) -> tenure.Person | None:
        """A person as the action sees them; None for nobody we know."""
        if not key:
            return None
        at = (Retiree.__tablename__, str(key))
        row = stage.get(at) or self.rows.get(at)
        found = {**self.loaded.get(at[0], {}).get(at[1], {}), **(_seen(row) if row else {})}
        return tenure.person_of(found) if found else None

    def _wanting(self, key: str) -> Waits | SetAside:
        """What is to be raised for want of a record: one that was late itself never comes."""
        late = select(Change.seq).where(Change.entity_id == key, Change.outcome == Result.LATE)
        if key in self.late or self.session.scalar(late.limit(1)) is not None:
            return SetAside(Result.LATE, tenure.LATE)
        return Waits(key)

    def _may_write(
        self, entity: type[Record] | None, row: Row | None, values: dict[str, Any]
    ) -> None:
        """Only the sender's own records, or shared ones that either side may write."""
        if entity is not None and (
            entity.flow in (Flow.DOWN, Flow.LOCAL) or entity.writer is Writer.CENTRE
        ):
            raise SetAside(Result.REFUSED, "这类资料由区中心填写")
        if entity is Handover:
            return  # looked at before
        office = self.stream.office_id
        owner = values.get("office_id") if row is None else row.office_id
        if row is not None and values.get("office_id", owner) != owner:
            raise SetAside(Result.REFUSED, "人员转站要由双方站点办理")
        if owner is not None and owner != office and not (entity and is_shared(entity)):
            raise SetAside(Result.REFUSED, "这条资料不归本站管理")

    def _links_exist(
        self, entity: type[Record], values: dict[str, Any], stage: dict[Key, Row]
    ) -> None:
        for name, target in links_of(entity):
            to = values.get(name)
            if not to:
                continue
            here = (target, to) in stage or (target, to) in self.rows
            if not here and to not in self.loaded.get(target, {}):
                raise self._wanting(to)

    def _base_known(self, base: str, current: str) -> None:
        if self.forced or base in ("", current) or base in self.seen:
            return
        if self._rank(base) is None:
            raise Waits(base)

    def _rank(self, change_id: str) -> Rank | None:
        """A change's rank once it was decided; None for one never heard of."""
        if change_id not in self.seen:
            row = self.session.execute(
                select(Change.effective, Change.hlc, Change.outcome, Change.office_id)
                .where(Change.change_id == change_id)
                .limit(1)
            ).first()
            if row is None:
                return None
            self.seen[change_id] = row.effective or row.hlc
        return Rank(self.seen[change_id], change_id)

    def _case(self, entity: str, key: str, name: str, current: str, mine: str, fate: Fate) -> None:
        won = fate is Fate.WON
        self.cases.append(
            Conflict(
                id=new_id(),
                office_id=self.stream.office_id,
                entity=entity,
                entity_id=key,
                field=name,
                kept_change=mine if won else current,
                other_change=current if won else mine,
                about=key,
                needs_person=self.forced or fate is Fate.CASE,
                opened_at=clock.now(),
            )
        )

    def _prefetch(self, said: Sequence[Said]) -> None:
        """One query per noun and per chunk instead of one per change."""
        wanted: dict[type[Record], set[str]] = defaultdict(set)
        for one in said:
            if one.problem or one.entity is None:
                continue
            wanted[one.entity].add(one.entry.head.entity_id)
            for name, target in links_of(one.entity):
                if one.values.get(name):
                    wanted[entity_of(target)].add(one.values[name])
        for entity, ids in wanted.items():
            found = load(self.session, entity, ids, ("office_id", "stamps"))
            self.loaded[entity.__tablename__] = found
        if later.is_any(self.session):
            self.waiting = later.words_of(self.session, {one.entry.head.entity_id for one in said})
        self._prefetch_known([one.entry.head.change_id for one in said])

    def _prefetch_known(self, ids: list[str]) -> None:
        for at in range(0, len(ids), CHUNK):
            rows = self.session.execute(
                select(Change.change_id, Change.outcome, Change.reason).where(
                    Change.change_id.in_(ids[at : at + CHUNK]), Change.outcome.is_not(None)
                )
            )
            self.before |= {row.change_id: (row.outcome, row.reason or "") for row in rows}

    def store(self) -> None:
        """Write records, holds and cases."""
        by_entity: dict[str, dict[str, Write]] = defaultdict(dict)
        for (name, key), row in self.rows.items():
            if row.shown is not None:
                by_entity[name][key] = row.write
        for entity in ENTITIES:
            writes = by_entity.get(entity.__tablename__)
            if writes:
                write(self.session, entity, writes, self.loaded.get(entity.__tablename__, {}))
        for (name, key), row in self.rows.items():
            later.drop(self.session, name, key, row.write.values.keys() & self._kept(name, key))
            shown = {**row.shown, **row.write.stamps} if row.shown is not None else {}
            later.keep(self.session, row.office_id, name, key, row.later, shown)
        for held in self.held:
            self.session.merge(held)
        self._tell_whom()
        self.session.add_all(self.cases)
        self.session.flush()

    def _kept(self, name: str, key: str) -> Iterable[str]:
        """The fields in which a newer program's word waits."""
        return self.waiting.get((name, key), {}).keys()

    def _tell_whom(self) -> None:
        """A conflict of somebody's record concerns that person."""
        for entity in ENTITIES if self.cases else ():
            cases = [one for one in self.cases if one.entity == entity.__tablename__]
            if cases and "retiree_id" in table_of(entity).c:
                ids = {one.entity_id for one in cases}
                found = load(self.session, entity, ids, ("retiree_id",))
                for one in cases:
                    whose = found.get(one.entity_id, {}).get("retiree_id")
                    one.about = whose or one.entity_id


def _rule(head: Head, entity: type[Record] | None, name: str, *, is_known: bool) -> Merge:
    """The policy of a field; that of a newer program's comes with the change."""
    if is_known and entity is not None:
        return policy(entity, name)
    try:
        return Merge(head.rules.get(name, Merge.LWW))
    except ValueError:
        return Merge.LWW


def _seen(row: Row) -> dict[str, Any]:
    """What the action sees of a record besides what is stored, and who may write it."""
    return {**row.write.values, "office_id": row.office_id, "stamps": row.stamps}


def _label(entity: type[Record] | None, name: str) -> str:
    one = facts(entity).get(name) if entity is not None else None
    return one.label if one else NEWER


def is_shared(entity: type[Record]) -> bool:
    """Does every office of the centre hold these records?"""
    return bool(getattr(entity, "shared", False))


def _actions(said: Iterable[Said]) -> Iterable[list[Said]]:
    action: list[Said] = []
    for one in said:
        if action and one.entry.head.tx != action[0].entry.head.tx:
            yield action
            action = []
        action.append(one)
    if action:
        yield action


def _is_whole(action: Sequence[Entry]) -> bool:
    first, last = action[0].head, action[-1].head
    return first.part == 0 and last.part + 1 == last.parts == len(action)
