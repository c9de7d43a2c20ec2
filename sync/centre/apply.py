"""The centre decides: every complete action of a stream is merged whole or set aside whole, and
every change gets exactly one verdict."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import insert, select, tuple_, update
from sqlalchemy.orm import Session

from models.entities import ENTITIES
from models.exchange import Change, Conflict, Held, Stream
from models.kit import clock
from models.kit.base import Flow, Record, Writer, facts, policy, table_of, to_wire
from models.kit.ids import new_id
from models.kit.stream import matches, read_head, read_payload
from sync.centre.streams import Entry
from sync.merge import Fate, Rank, Result, decide, effective
from sync.message import Applied, Item, State, Verdict
from sync.records import Unreadable, Write, entity_of, load, understand, write

Key = tuple[str, str]


@dataclass(slots=True)
class Row:
    """One record as the action sees it: what is stored, and what this batch adds."""

    office_id: str
    stamps: dict[str, str]
    is_new: bool
    write: Write = field(default_factory=Write)

    def copy(self) -> "Row":
        """For an action that may yet be set aside."""
        put = Write(dict(self.write.values), dict(self.write.stamps))
        return Row(self.office_id, dict(self.stamps), self.is_new, put)


@dataclass(slots=True)
class Decided:
    """The verdict of one entry; ``None`` as result means it is held."""

    entry: Entry
    result: Result | None
    reason: str = ""
    lost: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)


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


@dataclass(slots=True)
class Batch:
    """Everything decided for one stream in one go."""

    session: Session
    stream: Stream
    received_ms: int
    rows: dict[Key, Row] = field(default_factory=dict)
    loaded: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    before: dict[str, tuple[str | None, str]] = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    held: list[Held] = field(default_factory=list)
    cases: list[Conflict] = field(default_factory=list)

    def decide_all(self, entries: Sequence[Entry]) -> list[Decided]:
        """Verdicts in stream order. Entries of an unfinished action wait for the rest of it."""
        self._prefetch(entries)
        decided: list[Decided] = []
        for action in _actions(entries):
            decided += self._decide(action)
        return decided

    def _decide(self, action: list[Entry]) -> list[Decided]:
        if not _is_whole(action):
            return [Decided(entry, None) for entry in action]
        if action[0].head.change_id in self.before:
            return [self._again(entry) for entry in action]
        stage: dict[Key, Row] = {}
        try:
            made = [self._merge(entry, stage) for entry in action]
        except SetAside as why:
            return [Decided(entry, why.result, why.reason) for entry in action]
        except Waits as why:
            self._hold(action, why.on)
            return [Decided(entry, None) for entry in action]
        self.rows |= stage
        for entry in action:
            self.seen[entry.head.change_id] = effective(entry.head.hlc, self.received_ms)
        return made

    def _again(self, entry: Entry) -> Decided:
        """The same change offered in another stream: the first verdict stands. What has been
        written over it since was passed over by its author and is told once more."""
        head = entry.head
        result, reason = self.before.get(head.change_id, (None, ""))
        stored = self.loaded.get(head.entity, {}).get(head.entity_id)
        names = read_payload(entry.payload).values if stored and entry.payload else ()
        over = tuple(one for one in names if stored and _stamp(stored, one) != head.change_id)
        return Decided(entry, Result(result) if result else None, reason, over)

    def _hold(self, action: list[Entry], on: str) -> None:
        first = action[0]
        self.held.append(
            Held(
                office_id=self.stream.office_id,
                tx=first.head.tx,
                incarnation=self.stream.incarnation,
                first=first.seq,
                last=action[-1].seq,
                waits_for=on,
                since=clock.now(),
            )
        )

    def _merge(self, entry: Entry, stage: dict[Key, Row]) -> Decided:
        head = entry.head
        entity, values = self._read(entry)
        row = self._row(head.entity, head.entity_id, stage)
        self._may_write(entity, row, values)
        self._links_exist(entity, values, stage)
        if row is None:
            if head.op != "insert":
                raise Waits(head.entity_id)
            fresh = Row(values["office_id"], {"*": head.change_id}, is_new=True)
            fresh.write = Write(values, {"*": head.change_id})
            stage[head.entity, head.entity_id] = fresh
            return Decided(entry, Result.APPLIED, values=values)
        return self._edit(entry, entity, row, values)

    def _edit(
        self, entry: Entry, entity: type[Record], row: Row, values: dict[str, Any]
    ) -> Decided:
        head, lost = entry.head, []
        mine = Rank(effective(head.hlc, self.received_ms), head.change_id)
        for name, value in values.items():
            base = head.bases.get(name, "")
            current = row.stamps.get(name) or row.stamps.get("*", "")
            self._base_known(base, current)
            owner = entity.writer is not Writer.CENTRE
            rule = policy(entity, name)
            theirs = None if current in ("", base) else self._rank(current)
            fate = decide(rule, base, current, mine, theirs, owner=owner)
            if fate is not Fate.SET:
                self._case(head.entity, head.entity_id, name, current, head.change_id, fate)
            if fate in (Fate.SET, Fate.WON):
                row.stamps[name] = row.write.stamps[name] = head.change_id
                row.write.values[name] = value
            else:
                lost.append(name)
        result = Result.CONFLICT if lost else Result.APPLIED
        reason = "、".join(_label(entity, name) for name in lost)
        kept = {name: value for name, value in values.items() if name not in lost}
        return Decided(entry, result, reason, tuple(lost), kept)

    def _read(self, entry: Entry) -> tuple[type[Record], dict[str, Any]]:
        if not matches(entry.head, entry.payload):
            raise SetAside(Result.QUARANTINED, "内容与摘要不符")
        try:
            entity = entity_of(entry.head.entity)
            values = understand(entity, read_payload(entry.payload).values)
        except (Unreadable, msgspec.MsgspecError) as why:
            raise SetAside(Result.QUARANTINED, f"区中心的程序看不懂这一项：{why}") from None
        return entity, values

    def _row(self, entity: str, key: str, stage: dict[Key, Row]) -> Row | None:
        at = (entity, key)
        if at in stage:
            return stage[at]
        if at in self.rows:
            stage[at] = self.rows[at].copy()
            return stage[at]
        stored = self.loaded.get(entity, {}).get(key)
        if stored is None:
            return None
        stage[at] = Row(stored["office_id"], dict(stored["stamps"]), is_new=False)
        return stage[at]

    def _may_write(self, entity: type[Record], row: Row | None, values: dict[str, Any]) -> None:
        """Only the sender's own records, or shared ones that either side may write."""
        if entity.flow in (Flow.DOWN, Flow.LOCAL) or entity.writer is Writer.CENTRE:
            raise SetAside(Result.REFUSED, "这类资料由区中心填写")
        office = self.stream.office_id
        owner = values.get("office_id") if row is None else row.office_id
        if row is not None and values.get("office_id", owner) != owner:
            raise SetAside(Result.REFUSED, "人员转站要由双方站点办理")
        if owner is not None and owner != office and not is_shared(entity):
            raise SetAside(Result.REFUSED, "这条资料不归本站管理")

    def _links_exist(
        self, entity: type[Record], values: dict[str, Any], stage: dict[Key, Row]
    ) -> None:
        for name, target in links_of(entity):
            to = values.get(name)
            here = (target, to) in stage or (target, to) in self.rows
            if to and not here and to not in self.loaded.get(target, {}):
                raise Waits(to)

    def _base_known(self, base: str, current: str) -> None:
        if base in ("", current) or base in self.seen:
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
                needs_person=fate is Fate.CASE,
                opened_at=clock.now(),
            )
        )

    def _prefetch(self, entries: Sequence[Entry]) -> None:
        """One query per noun and per chunk instead of one per change."""
        wanted: dict[str, set[str]] = defaultdict(set)
        for entry in entries:
            wanted[entry.head.entity].add(entry.head.entity_id)
            try:
                entity = entity_of(entry.head.entity)
                values = read_payload(entry.payload).values
            except (Unreadable, msgspec.MsgspecError):
                continue
            for name, target in links_of(entity):
                if values.get(name):
                    wanted[target].add(values[name])
        for name, ids in wanted.items():
            try:
                entity = entity_of(name)
            except Unreadable:
                continue
            self.loaded[name] = load(self.session, entity, ids, ("office_id", "stamps"))
        self._prefetch_known([entry.head.change_id for entry in entries])

    def _prefetch_known(self, ids: list[str]) -> None:
        for at in range(0, len(ids), 500):
            rows = self.session.execute(
                select(Change.change_id, Change.outcome, Change.reason).where(
                    Change.change_id.in_(ids[at : at + 500]), Change.outcome.is_not(None)
                )
            )
            self.before |= {row.change_id: (row.outcome, row.reason or "") for row in rows}

    def store(self) -> None:
        """Write records, holds and cases."""
        by_entity: dict[str, dict[str, Write]] = defaultdict(dict)
        for (name, key), row in self.rows.items():
            by_entity[name][key] = row.write
        for entity in ENTITIES:
            writes = by_entity.get(entity.__tablename__)
            if writes:
                write(self.session, entity, writes, self.loaded.get(entity.__tablename__, {}))
        for held in self.held:
            self.session.merge(held)
        self._tell_whom()
        self.session.add_all(self.cases)
        self.session.flush()

    def _tell_whom(self) -> None:
        """A conflict of somebody's record concerns that person."""
        for entity in ENTITIES:
            cases = [one for one in self.cases if one.entity == entity.__tablename__]
            if cases and "retiree_id" in table_of(entity).c:
                ids = {one.entity_id for one in cases}
                found = load(self.session, entity, ids, ("retiree_id",))
                for one in cases:
                    one.about = found[one.entity_id]["retiree_id"] or one.entity_id


def _stamp(stored: Mapping[str, Any], name: str) -> str:
    """The change behind a stored value."""
    stamps: Mapping[str, str] = stored["stamps"]
    return stamps.get(name) or stamps.get("*", "")


def _label(entity: type[Record], name: str) -> str:
    one = facts(entity).get(name)
    return one.label if one else name


def is_shared(entity: type[Record]) -> bool:
    """Does every office of the centre hold these records?"""
    return bool(getattr(entity, "shared", False))


def links_of(entity: type[Record]) -> list[tuple[str, str]]:
    """Fields that point to another record, with its noun."""
    return [(name, one.link) for name, one in facts(entity).items() if one.link]


def _actions(entries: Iterable[Entry]) -> Iterable[list[Entry]]:
    action: list[Entry] = []
    for entry in entries:
        if action and entry.head.tx != action[0].head.tx:
            yield action
            action = []
        action.append(entry)
    if action:
        yield action


def _is_whole(action: Sequence[Entry]) -> bool:
    first, last = action[0].head, action[-1].head
    return first.part == 0 and last.part + 1 == last.parts == len(action)


def merge_entries(
    session: Session, stream: Stream, entries: Sequence[Entry], *, stored: int = 0
) -> list[Decided]:
    """Decide and write a stretch of a stream; rows up to ``stored`` are in the log already."""
    batch = Batch(session, stream, int(clock.now().timestamp() * 1000))
    decided = batch.decide_all(entries)
    batch.store()
    _log(session, stream, decided, batch.received_ms, stored)
    return decided


def _log(
    session: Session, stream: Stream, decided: list[Decided], now_ms: int, stored: int
) -> None:
    rows = [_row_of(stream, one, now_ms) for one in decided]
    fresh = [row for row in rows if row["seq"] > stored]
    if fresh:
        session.execute(insert(table_of(Change)), fresh)
    for row in rows[: len(rows) - len(fresh)]:
        session.execute(
            update(table_of(Change))
            .where(
                Change.office_id == row["office_id"],
                Change.incarnation == row["incarnation"],
                Change.seq == row["seq"],
            )
            .values({name: row[name] for name in ("outcome", "reason", "effective", "decided_at")})
        )


def _row_of(stream: Stream, one: Decided, now_ms: int) -> dict[str, Any]:
    entry = one.entry
    return {
        "office_id": stream.office_id,
        "incarnation": stream.incarnation,
        "seq": entry.seq,
        "change_id": entry.head.change_id,
        "entity": entry.head.entity[:24],
        "entity_id": entry.head.entity_id[:32],
        "hash": entry.hash,
        "head": entry.raw,
        "payload": entry.payload,
        "hlc": entry.head.hlc,
        "effective": effective(entry.head.hlc, now_ms),
        "outcome": one.result.value if one.result else None,
        "reason": one.reason or None,
        "decided_at": clock.from_millis(now_ms) if one.result else None,
    }


def release(session: Session, arrived: set[str]) -> list[tuple[Stream, list[Decided]]]:
    """Retry what waited for something that has just arrived, until nothing more moves."""
    done: list[tuple[Stream, list[Decided]]] = []
    while arrived:
        waiting = [
            one
            for one in session.scalars(select(Held).order_by(Held.since, Held.first))
            if one.waits_for in arrived
        ]
        arrived = set()
        for held in waiting:
            stream = session.get_one(Stream, (held.office_id, held.incarnation))
            entries = entries_of(session, stream, held.first, held.last)
            session.delete(held)
            session.flush()
            decided = merge_entries(session, stream, entries, stored=held.last)
            done.append((stream, decided))
            arrived |= names_of(decided)
    return done


def unfinished(session: Session, stream: Stream, before: int) -> list[Entry]:
    """Entries just before a position whose action had not arrived whole."""
    rows = session.scalars(
        select(Change.seq)
        .where(
            tuple_(Change.office_id, Change.incarnation)
            == tuple_(stream.office_id, stream.incarnation),
            Change.seq <= before,
            Change.outcome.is_(None),
        )
        .order_by(Change.seq.desc())
    )
    first = before + 1
    for seq in rows:
        if seq != first - 1:
            break
        first = seq
    entries = entries_of(session, stream, first, before) if first <= before else []
    tail = [one for one in entries if one.head.tx == entries[-1].head.tx]
    return [] if not tail or _is_whole(tail) else tail


def entries_of(session: Session, stream: Stream, first: int, last: int) -> list[Entry]:
    """A stretch of a stream as stored."""
    rows = session.execute(
        select(Change.seq, Change.hash, Change.head, Change.payload)
        .where(
            Change.office_id == stream.office_id,
            Change.incarnation == stream.incarnation,
            Change.seq.between(first, last),
        )
        .order_by(Change.seq)
    )
    return [Entry(row.seq, row.hash, read_head(row.head), row.head, row.payload) for row in rows]


def names_of(decided: Iterable[Decided]) -> set[str]:
    """Ids that others may have been waiting for."""
    return {
        name
        for one in decided
        if one.result in (Result.APPLIED, Result.CONFLICT)
        for name in (one.entry.head.entity_id, one.entry.head.change_id)
    }


def items_for(session: Session, stream: Stream, decided: Sequence[Decided]) -> list[Item]:
    """What the author is told: stretches that were simply applied, and each other verdict with
    the values that now stand in its place."""
    items: list[Item] = []
    for one in decided:
        seq = one.entry.seq
        if one.result is None:
            continue
        head = one.entry.head
        if one.result is Result.APPLIED:
            last = items[-1] if items else None
            if isinstance(last, Applied) and last.last == seq - 1:
                items[-1] = Applied(last.incarnation, last.first, seq)
            else:
                items.append(Applied(stream.incarnation, seq, seq))
            items += present(session, head.entity, head.entity_id, one.lost)
            continue
        items.append(Verdict(stream.incarnation, seq, head.change_id, one.result.value, one.reason))
        items += present(session, head.entity, head.entity_id, one.lost or tuple(head.bases))
    return items


def present(session: Session, name: str, key: str, names: tuple[str, ...]) -> list[Item]:
    """The values that now stand in some fields of a record, if there is one."""
    try:
        entity = entity_of(name)
    except Unreadable:
        return []
    found = load(session, entity, [key], ("stamps", *names)).get(key)
    if found is None or not names:
        return []
    stamps = found["stamps"]
    return [
        State(
            name,
            key,
            {one: to_wire(entity, one, found[one]) for one in names},
            {one: stamps.get(one) or stamps.get("*", "") for one in names},
        )
    ]
