"""The centre decides: every complete action of a stream is merged whole or set aside whole, and
every change gets exactly one verdict."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from models.entities import ENTITIES, follows
from models.exchange import LEFT_OUT, NEVER_CAME, Conflict, Held, Stream
from models.handover import Handover
from models.kit import clock
from models.kit.base import BIRTH, Flow, Record, Writer, table_of
from models.kit.changes import base_of, makes_anew
from models.kit.fields import Merge
from models.kit.stream import Head
from sync import later
from sync.centre.deciding import gone, rows, tenure, voids
from sync.centre.deciding.resting import left_out
from sync.centre.deciding.said import Said, actions, is_shared, is_whole, label, rule, understood
from sync.centre.deciding.stored import Key, Row, Stage, Stored
from sync.centre.receiving.streams import Entry
from sync.merge import ENTERED, Fate, Present, Rank, Result, decide, effective
from sync.records import Write, links_of, load

APART = (*ENTERED, Result.LATE, Result.CASE)
"""Verdicts that the rest of an action may have beside the part of who has left."""


class Decided(msgspec.Struct):
    """The verdict of one entry; ``None`` as result means it is held. ``values`` are those that
    stand, as columns hold them; ``later`` as they came, those only a newer program understands;
    ``back`` records that it brought back into sight."""

    entry: Entry
    result: Result | None
    reason: str = ""
    lost: tuple[str, ...] = ()
    values: dict[str, Any] = {}
    later: dict[str, Any] = {}
    back: tuple[Key, ...] = ()


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
    """Everything decided for one stream in one go, as a program of this schema. ``forced``: without
    what it waits for, since a person said so; where the order of two changes is not known a person
    decides. ``again``: what was set aside is tried once more."""

    session: Session
    stream: Stream
    received_ms: int
    schema: int
    forced: bool = False
    again: bool = False
    held: list[Held] = field(default_factory=list)
    cases: list[Conflict] = field(default_factory=list)
    office_id: str = field(init=False)
    known: Stored = field(init=False)

    def __post_init__(self) -> None:
        self.office_id = self.stream.office_id
        self.known = Stored(self.session, self.office_id, self.received_ms)

    def decide_all(self, entries: Sequence[Entry]) -> list[Decided]:
        """Verdicts in stream order. Entries of an unfinished action wait for the rest of it."""
        found = [(action, self._read(action)) for action in actions(entries)]
        self.known.prefetch([one for _, said in found for one in said])
        decided: list[Decided] = []
        for action, said in found:
            decided += self._decide(said) if said else [Decided(one, None) for one in action]
        return decided

    def _read(self, action: Sequence[Entry]) -> list[Said]:
        """What a whole action says; nothing of one that is not all here."""
        return [understood(one, self.schema) for one in action] if is_whole(action) else []

    def _decide(self, action: list[Said]) -> list[Decided]:
        is_gone = gone.any_gone(action)
        before = self.known.before.get(action[0].entry.head.change_id)
        # emptied where it came before, it had no say: who let go of somebody has no values any more
        is_decided = before is not None and (is_gone or before[0] != Result.ERASED)
        if is_decided and not self.again:
            return [self._again(one) for one in action]
        return self._without_gone(action) if is_gone else self._enter(action)

    def _without_gone(self, action: list[Said]) -> list[Decided]:
        """Somebody in the action was erased: that part has its verdict, the rest enters whole or
        stays outside whole like an action of its own."""
        left = {one.entry.seq: gone.verdict_in(one.entry.payload) for one in action}
        rest = [one for one in action if left[one.entry.seq] is None]
        aside = gone.set_aside(found for found in left.values() if found)
        made = [Decided(one.entry, *aside) for one in rest] if aside else self._enter(rest)
        if any(one.result is None for one in made):
            self.held[-1].first, self.held[-1].last = action[0].entry.seq, action[-1].entry.seq
            return [Decided(one.entry, None) for one in action]
        made += [Decided(one.entry, *found) for one in action if (found := left[one.entry.seq])]
        return sorted(made, key=lambda one: one.entry.seq)

    def _enter(self, action: list[Said]) -> list[Decided]:
        if not action:
            return []
        stage, made = Stage(one.entry.head for one in action), list[Decided]()
        self.known.now = {one.entry.head.change_id: one.entry.head for one in action}
        try:
            made.extend(self._merge(one, stage) for one in action)
        except SetAside as why:
            if why.result is Result.LATE:
                return self._late(action, action[len(made)], why.reason)
            if why.result is Result.REFUSED:
                self._unmade(stage, why.result, why.reason)
            return self._outside(action, why.result, why.reason)
        except Waits as why:
            if self.forced:
                return self._outside(action, Result.QUARANTINED, NEVER_CAME)
            self._hold(action, why.on)
            return self._outside(action, None)
        if any(one.result is Result.CASE for one in made):
            self.cases += [
                one for one in stage.opened if one.needs_person and one.other_change in stage.ids
            ]
            reasons = [one.reason if one.result is Result.CASE else "" for one in made]
            return self._outside(action, Result.CASE, *reasons)
        breach = rows.broken(self.known, stage, action)
        if breach:
            self._unmade(stage, Result.QUARANTINED, breach)
            return self._outside(action, Result.QUARANTINED, breach)
        self.known.now = {}
        self.known.rows |= stage
        self.cases += stage.opened
        self.known.note((one.entry.head for one in action), is_in=True)
        return made

    def _unmade(self, stage: Stage, result: Result, reason: str) -> None:
        self.known.unmade |= dict.fromkeys((key for _, key in stage.born), (result, reason))

    def _late(self, action: list[Said], at: Said, reason: str) -> list[Decided]:
        """Of several people only who has left takes their part out of the action: a round of the
        program, or a batch, is about hundreds. The rest enters, or is in dispute, without it. Where
        it stays outside otherwise so does all of it, and is taken apart when it enters."""
        known = self.known
        about = dict(zip((one.entry.seq for one in action), known.whose_all(action), strict=True))
        whose = about[at.entry.seq]
        left = [one for one in action if about[one.entry.seq] == whose]
        rest = [one for one in action if about[one.entry.seq] != whose]
        was_late = set(known.late)
        known.late |= {one.entry.head.entity_id for one in left}
        if not (whose and any(about[one.entry.seq] for one in rest)):
            known.late |= {one.entry.head.entity_id for one in rest}
            return self._outside(action, Result.LATE, reason)
        made = self._outside(left, Result.LATE, reason) + self._enter(rest)
        waits = next((one for one in made if one.result not in APART), None)
        if waits is None:
            return sorted(made, key=lambda one: one.entry.seq)
        known.late = was_late
        if waits.result is None:
            self.held[-1].first, self.held[-1].last = action[0].entry.seq, action[-1].entry.seq
        return self._outside(action, waits.result, waits.reason)

    def _outside(
        self, action: Sequence[Said], result: Result | None, *reasons: str
    ) -> list[Decided]:
        """Nothing of it enters; one reason for all, or each its own."""
        self.known.now = {}
        self.known.note((one.entry.head for one in action), is_in=False)
        each = reasons if len(reasons) == len(action) else (*reasons, "")[:1] * len(action)
        return [
            Decided(one.entry, result, reason) for one, reason in zip(action, each, strict=True)
        ]

    def _again(self, said: Said) -> Decided:
        """The same change offered in another stream: the first verdict stands. Its author is told
        once more what stands in its fields, whatever was on screen where the answer was not read; a
        making had also left empty what it did not say."""
        head = said.entry.head
        result, reason = self.known.before.get(head.change_id, (None, ""))
        row = self.known.row(head.entity, head.entity_id, Stage(()))
        names = dict.fromkeys(said.raw) if row else {}
        if row and head.op == "insert":
            names |= {one: None for one in row.stamps if one != "*"}
        return Decided(said.entry, Result(result) if result else None, reason, tuple(names))

    def _hold(self, action: list[Said], on: str) -> None:
        first, last = action[0].entry, action[-1].entry
        self.held.append(
            Held(
                office_id=self.office_id,
                tx=first.head.tx,
                incarnation=self.stream.incarnation,
                first=first.seq,
                last=last.seq,
                waits_for=on,
                since=clock.now(),
            )
        )

    def _merge(self, said: Said, stage: Stage) -> Decided:
        if said.problem:
            raise SetAside(Result.QUARANTINED, said.problem)
        head, entity = said.entry.head, said.entity
        values, rest = dict(said.values), dict(said.later)
        row = self.known.row(head.entity, head.entity_id, stage)
        if row is not None and row.shown is None:  # all of this record waits for the upgrade
            entity, values, rest = None, {}, dict(said.raw)
        person = self._in_time(said, row, stage)
        self._may_write(entity, row, values, rest)
        if entity is not None:
            self._links_exist(entity, values, stage)
        if row is None:
            if head.op != "insert":
                raise self._wanting(head.entity_id)
            stage[head.entity, head.entity_id] = self._fresh(head, entity, values, rest)
            # of somebody who came back its author may have let go of it since
            told = tuple(values) if person and person.has_moved else ()
            made = Decided(said.entry, Result.APPLIED, lost=told, values=values, later=rest)
        else:
            made = self._edit(said, entity, row, values, rest, stage)
        made.back = voids.bring_back(self.known, stage, said)
        return made

    def _fresh(
        self, head: Head, entity: type[Record] | None, values: dict[str, Any], rest: dict[str, Any]
    ) -> Row:
        stamps = {"*": head.change_id}
        if entity is None:
            rest = {later.CREATED: None, **rest}
        fresh = Row(
            values.get("office_id") or rest.get("office_id") or self.office_id,
            dict(stamps),
            is_new=True,
            shown=None if entity is None else stamps,
        )
        if rest:
            fresh.later = Write(rest, dict(stamps), newer=dict.fromkeys(rest, head.schema))
        if entity is not None:
            fresh.write = Write(values, dict(stamps))
        return fresh

    def _edit(
        self,
        said: Said,
        entity: type[Record] | None,
        row: Row,
        values: dict[str, Any],
        rest: dict[str, Any],
        stage: Stage,
    ) -> Decided:
        entry, head, fates, over = said.entry, said.entry.head, dict[str, Fate](), list[str]()
        voiding = None
        if "is_void" in said.raw and not makes_anew(head):  # no later word than the rest
            voiding = voids.fate(self.known, stage, said, row, self._base(head, "is_void", row))
        for name, value in {**values, **rest}.items():
            policy = rule(head, entity, name, is_known=name in values)
            current = base_of(row.stamps, name)
            if voiding and name in voids.PAIR:
                fates[name], current = voiding[0], voiding[1] or current
            else:
                fates[name] = self._fate(head, entity, name, value, policy, row)
            fate = fates[name]
            is_told = not voiding or name != "void_reason"
            if fate in (Fate.WON, Fate.LOST, Fate.CASE) and is_told:
                stage.opened.append(self._conflict(head, name, current, fate))
            if fate in (Fate.SET, Fate.WON):
                if current not in ("", head.bases.get(name, ""), head.change_id):
                    over.append(name)
                target = row.write if name in values else row.later
                row.stamps[name] = target.stamps[name] = head.change_id
                target.values[name] = value
                if target is row.later:
                    target.newer = {**target.newer, name: head.schema}
        stands = tuple(name for name, fate in fates.items() if fate not in (Fate.SET, Fate.WON))
        against = [name for name in stands if fates[name] is not Fate.PASSED]
        labels = (label(entity if name in values else None, name) for name in against)
        reason = "、".join(dict.fromkeys(labels))
        for name in stands:
            values.pop(name, None)
            rest.pop(name, None)
        # who made what was there already hears whose it is, field by field; and of an edit what it
        # stands over: found again later than that was read, it was not on its author's screen
        told = tuple(fates) if head.op == "insert" else (*stands, *over)
        return Decided(entry, _result(fates.values()), reason, told, values, rest)

    def _base(self, head: Head, name: str, row: Row) -> str | None:
        """What the author had on screen, or what that rested on; raises Waits where it was never
        heard of, and is None where nobody waits for it any more."""
        base = self.known.through(head.bases.get(name, ""), name, row)
        if base is None and not self.forced:
            raise Waits(head.bases.get(name, ""))
        return base

    def _fate(
        self,
        head: Head,
        entity: type[Record] | None,
        name: str,
        value: Any,
        policy: Merge,
        row: Row,
    ) -> Fate:
        current = base_of(row.stamps, name)
        if makes_anew(head) and current not in ("", head.change_id):
            return Fate.PASSED  # somebody could say it after all
        base = self._base(head, name, row)
        owner = entity is None or entity.writer is not Writer.CENTRE
        mine = Rank(effective(head.hlc, self.received_ms), head.change_id)
        present = None
        same = ("", base, head.change_id)
        if current not in same and self.known.stands_for(current, name) not in same:
            behind = self.known.past(current)
            # the owner's word stands over the other side's whichever was later
            counts = policy is not Merge.OWNER or (
                behind is not None and behind.office_id == self.office_id
            )
            present = Present(
                behind.rank if behind and counts else None,
                self.known.goes_back_to(current, head.change_id, name),
                name in BIRTH or self.known.value(head.entity, head.entity_id, name, row) == value,
            )
        fate = decide(policy, mine, present, owner=owner)
        # without what it waited for, the order of the two is not known
        return Fate.CASE if self.forced and fate in (Fate.WON, Fate.LOST) else fate

    def _in_time(self, said: Said, row: Row | None, stage: Stage) -> tenure.Person | None:
        """Whom a new record is about; raises SetAside for what was written of somebody who is no
        longer in the same care, Waits where they are still to be handed over."""
        head, entity = said.entry.head, said.entity
        person = None
        stored = row.person() if row else None
        if row is None and (entity is None or follows(entity)):
            person = self.known.person(said.raw.get("retiree_id"), stage)
        title = head.title
        if stored and title not in ("", stored.title):  # the same, where that was made anew
            is_same = self.known.stands_for(stored.title, "office_id") == title
            title = stored.title if is_same else title
        if tenure.is_other(entity, self.office_id, title, stored, person):
            answer = self.known.open_answer(head.title if row else None)
            if answer and not self.forced:
                raise Waits(answer)
            if self.known.had(entity, head.entity_id, said.raw):
                raise SetAside(Result.LATE, tenure.LATE)
            if row is None:
                raise SetAside(Result.REFUSED, tenure.MOVED_ON)
        if entity is Handover:
            self._may_hand_over(head.entity_id, row, said.values, stage)
        return person

    def _may_hand_over(
        self, key: str, row: Row | None, values: Mapping[str, Any], stage: Stage
    ) -> None:
        stored = self.known.offer(key, row, stage)
        whose = (stored or values).get("person_id")
        if whose is None:  # the answer to an offer that is not here
            raise self._wanting(key)
        self.known.fetch_person(whose)
        person = self.known.person(whose, stage)
        if person is None:
            raise Waits(whose)
        problem = tenure.hand_over_problem(self.office_id, stored, values, person)
        if problem:
            raise SetAside(Result.REFUSED, problem)

    def _wanting(self, key: str) -> Waits | SetAside:
        """What is to be raised for want of a record: one that was late or refused itself never
        comes, nor one whose action was left by ruling; one that breaks a rule across records may
        still enter, and what was said of it with it."""
        if self.known.was_late(key):
            return SetAside(Result.LATE, tenure.LATE)
        if unmade := self.known.why_unmade(key):
            return SetAside(*unmade)
        if left_out(self.session, key):
            return SetAside(Result.REFUSED, LEFT_OUT)
        return Waits(key)

    def _may_write(
        self,
        entity: type[Record] | None,
        row: Row | None,
        values: Mapping[str, Any],
        rest: Mapping[str, Any],
    ) -> None:
        """Only the sender's own records, or shared ones that either side may write."""
        if entity is not None and (
            entity.flow in (Flow.DOWN, Flow.LOCAL) or entity.writer is Writer.CENTRE
        ):
            raise SetAside(Result.REFUSED, "这类资料由区中心填写")
        if entity is Handover:
            return  # looked at before
        where = values if "office_id" in values else rest
        owner = where.get("office_id") if row is None else row.office_id
        if row is not None and where.get("office_id", owner) != owner:
            raise SetAside(Result.REFUSED, "人员转站要由双方站点办理")
        if owner not in (None, self.office_id) and not (entity and is_shared(entity)):
            raise SetAside(Result.REFUSED, "这条资料不归本站管理")

    def _links_exist(self, entity: type[Record], values: dict[str, Any], stage: Stage) -> None:
        for name, target in links_of(entity):
            to = values.get(name)
            if to and not self.known.is_there(target, to, stage):
                raise self._wanting(to)

    def _conflict(self, head: Head, name: str, current: str, fate: Fate) -> Conflict:
        mine, won = head.change_id, fate is Fate.WON
        return Conflict(
            id=sha256(f"{mine}/{name}".encode()).hexdigest()[:32],
            office_id=self.office_id,
            entity=head.entity,
            entity_id=head.entity_id,
            field=name,
            kept_change=mine if won else current,
            other_change=current if won else mine,
            about=head.entity_id,
            needs_person=fate is Fate.CASE,
            opened_at=clock.now(),
        )

    def store(self) -> None:
        """Write records, holds and cases."""
        self.known.write()
        for held in self.held:  # what was offered again in another stream is held once
            if self.session.get(Held, (held.office_id, held.tx)) is None:
                self.session.add(held)
        self._tell_whom()
        self.session.add_all(self.cases)
        if self.held or self.cases:
            self.session.flush()

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


def _result(fates: Iterable[Fate]) -> Result:
    """Of a change whose fields met these fates."""
    found = set(fates)
    if Fate.CASE in found:
        return Result.CASE
    if Fate.LOST in found:
        return Result.CONFLICT
    return Result.SUPERSEDED if Fate.PASSED in found else Result.APPLIED
