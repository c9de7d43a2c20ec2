"""Erased people at the centre (sync.md 4.5): what comes late about them is emptied as it is heard,
and the files that were received before are emptied too, in the database and beside it.

An emptied file keeps its header, its signature and every head, so it still proves who wrote how
much and when; of a change that had been decided it holds the verdict in place of the values, so
that the same comes out when it is played again.
"""

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import msgspec
from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from models import emptying
from models.audit import Audit
from models.emptying import Matter
from models.erasure import Erasure, id_of
from models.exchange import (
    Change,
    Conflict,
    Erased,
    Held,
    Parked,
    Queued,
    RawBatch,
    Replica,
    Stream,
)
from models.kit import clock
from models.kit.among import among
from models.kit.base import table_of
from models.kit.db import Store
from models.kit.direct import ask_one
from models.kit.ids import named_id
from models.kit.stream import GARBLED, read_head
from models.relay import District
from models.retiree import Retiree
from sync import pack
from sync.centre.deciding.apply import entries_of
from sync.centre.deciding.gone import left, verdict_in
from sync.centre.deciding.voice import PROGRAM, say
from sync.centre.keeping.emptied_file import Pair, pairs_in, without
from sync.centre.keeping.journal import OWN, RECEIVED, STORED, Journal, Kept
from sync.centre.receiving.streams import Entry
from sync.fault import Fault
from sync.keys import Keys
from sync.merge import Result
from sync.message import Body

log = logging.getLogger(__name__)
NAME = "erased.json"
WHO = "程序"
FORGOTTEN = "恢复以前清除过，站点出示了本中心当时的清除令，程序再清一遍"
Verdicts = Mapping[str, tuple[str, str]]
_GONE = table_of(Erased).c
IS_DUE = select(exists().where(_GONE.emptied_at.is_(None)))


# what is heard ----------------------------------------------------------------------------------


@dataclass(slots=True)
class Ear:
    """Recognises words about erased people by ``ids`` (whose each is), and learns those of records
    it had not met; ``met`` are the people who were spoken of."""

    ids: dict[str, str]
    fresh: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    met: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, session: Session, pairs: Sequence[Pair]) -> "Ear":
        """For the entries of one file."""
        return cls(emptying.known(session, {one for pair in pairs for one in _subjects(*pair)}))

    def emptied(self, pairs: Sequence[Pair]) -> list[Pair]:
        """The entries with nothing left of whoever was erased."""
        return [
            (raw, b"" if verdict_in(payload) is None and self._concerns(raw, payload) else payload)
            for raw, payload in pairs
        ]

    def _concerns(self, raw: bytes, payload: bytes) -> bool:
        whose = next((self.ids[one] for one in _subjects(raw, payload) if one in self.ids), "")
        if whose:
            self.met.add(whose)
            head, matter = read_head(raw), Matter(whose)
            matter.learn(head.entity, head.entity_id, payload)
            new = (matter.ids - self.ids.keys()) | matter.digests
            self.fresh[whose] |= new
            self.ids |= dict.fromkeys(new, whose)
        return bool(whose)


def _subjects(raw: bytes, payload: bytes) -> list[str]:
    head = read_head(raw)
    return emptying.subjects(head.entity, head.entity_id, payload)


def hear(session: Session, keys: Keys, packet: pack.Packet, *, is_stored: bool = False) -> bytes:
    """The file as it may be kept; empty where nothing in it is about anybody erased. Records that
    were not known to be theirs go too, and what of it ``is_stored`` already."""
    pairs = pairs_in(packet, keys)
    ear = Ear.of(session, pairs)
    data = without(packet, keys, ear.emptied, lambda key: bool(emptying.known(session, [key])))
    fresh = {person for person, ids in ear.fresh.items() if ids}
    for person in sorted(ear.met if is_stored else fresh):
        emptying.erase(session, person, ear.fresh.get(person, ()))
    return data


def is_in(session: Session, keys: Keys, data: bytes) -> bool:
    """Does a file that is not believed say something of whoever was erased? Then it is no evidence
    that may be kept."""
    if not session.scalars(select(Replica.erased)).one_or_none():
        return False
    try:
        pairs = pairs_in(pack.read(data), keys)
        return Ear.of(session, pairs).emptied(pairs) != pairs
    except (Fault, *GARBLED):
        return False


def without_gone(session: Session, names: Collection[str], whose: Mapping[str, str]) -> set[str]:
    """Those of these contents that were nobody's who was erased. Of one that no word names yet, and
    of which its station does not say ``whose`` it is, nobody can tell, where anybody was: it is
    offered again."""
    if not session.scalars(select(Replica.erased)).one_or_none():
        return set(names)
    gone = emptying.known(session, {*names, *whose.values()}).keys()
    told = {name for name in names if name in whose and whose[name] not in gone}
    return (emptying.named(session, names) | told) - gone


# what was received before -----------------------------------------------------------------------


def is_due(session: Session) -> bool:
    """Are files to be emptied?"""
    session.flush()
    return bool(ask_one(session, IS_DUE))


def held(session: Session) -> list[Held]:
    """Actions that wait though somebody in them was erased: there is nothing to wait for."""
    mine = (
        select(Change.seq)
        .join(Erased, Erased.id == Change.entity_id)
        .where(
            Change.office_id == Held.office_id,
            Change.incarnation == Held.incarnation,
            Change.seq.between(Held.first, Held.last),
        )
    )
    return list(session.scalars(select(Held).where(mine.exists())))


def left_over(session: Session) -> list[tuple[Stream, list[Entry]]]:
    """What others have of actions that stay outside for a dispute about somebody who was erased:
    nobody can rule on that any more, so each part is to be put before its own station."""
    mine = select(Erased.id).where(Erased.emptied_at.is_(None))
    rows = session.scalars(
        select(Change).where(
            Change.outcome == Result.CASE, Change.payload.is_(None), Change.entity_id.in_(mine)
        )
    )
    found: dict[tuple[str, str, int], tuple[Stream, list[Entry]]] = {}
    for row in rows.all():
        head = read_head(row.head)
        first = row.seq - head.part
        at = (row.office_id, row.incarnation, first)
        if at in found:
            continue
        stream = session.get_one(Stream, (row.office_id, row.incarnation))
        action = entries_of(session, stream, first, first + head.parts - 1)
        disputed = select(Conflict.id).where(
            among(Conflict.other_change, [one.head.change_id for one in action])
        )
        if session.scalar(disputed.limit(1)) is None:
            found[at] = (stream, [one for one in action if one.payload])
    return list(found.values())


def empty_files(store: Store, keys: Keys, journal: Journal | None) -> None:
    """Every file received before that has something of whoever was erased, in the database one
    transaction each, and those beside it; begun anew after a kill."""
    with store.look() as session:
        work, whose = _Work.of(session, keys)
        query = select(RawBatch.office_id, RawBatch.sha256)
        mine = or_(RawBatch.office_id.in_(work.offices), RawBatch.refused.is_not(None))
        rows = session.execute(query.where(mine)).all()
    for row in rows:
        with store.apply() as session:
            work.empty_row(session, session.get_one(RawBatch, (row.office_id, row.sha256)))
    if journal is not None:
        for number in journal.numbers():
            with store.apply():  # nobody else writes beside the database meanwhile
                work.empty_file(journal, number)
        remember(journal, whose)
    with store.apply() as session:
        done = (Erased.person_id.in_(set(whose.values())), Erased.emptied_at.is_(None))
        session.execute(update(table_of(Erased)).where(*done).values(emptied_at=clock.now()))


@dataclass(slots=True)
class _Work:
    """Whom to look for, in files of which offices, and what had been decided."""

    keys: Keys
    matters: list[Matter]
    offices: set[str]
    verdicts: Verdicts

    @classmethod
    def of(cls, session: Session, keys: Keys) -> tuple["_Work", dict[str, str]]:
        """For everybody whose files are still to be emptied; with their ids."""
        waiting = select(Erased.person_id).where(Erased.emptied_at.is_(None))
        rows = session.scalars(select(Erased).where(Erased.person_id.in_(waiting)))
        whose = {one.id: one.person_id for one in rows}
        ids: dict[str, set[str]] = defaultdict(set)
        for key, person in whose.items():
            ids[person].add(key)
        offices: set[str] = set()
        for query in (
            select(Change.office_id).where(Change.payload.is_(None)),
            select(Queued.office_id),
            select(Parked.office_id),
            select(Stream.office_id).where(Stream.forked_at.is_not(None)),
            select(District.office_id),
        ):
            offices |= set(session.scalars(query.distinct()))
        decided = session.execute(
            select(Change.change_id, Change.outcome, Change.reason).where(
                Change.payload.is_(None), Change.outcome.is_not(None)
            )
        )
        verdicts = {row.change_id: (row.outcome or "", row.reason or "") for row in decided}
        matters = [Matter(person, some) for person, some in ids.items()]
        return cls(keys, matters, offices, verdicts), whose

    def empty_row(self, session: Session, row: RawBatch) -> None:
        """One file in the database; one that was not believed has no place in a chain and goes."""
        try:
            data = self._without(pack.read(row.body))
        except Fault:
            return  # nobody can read it
        if data and row.refused is not None:
            session.delete(row)
        elif data:
            row.body = data

    def empty_file(self, journal: Journal, number: int) -> None:
        """One file beside the database."""
        kept = journal.read(number)
        emptied = [self._kept(one) for one in kept]
        if emptied != kept:
            journal.write_over(number, emptied)

    def _kept(self, one: Kept) -> Kept:
        if one.kind not in (RECEIVED, STORED, OWN):
            return one
        packet = pack.read(one.data)
        if one.kind != OWN and packet.header.sender_office not in self.offices:
            return one
        if one.kind == OWN:  # our own word: signed anew
            return self._ours(one, packet)
        data = self._without(packet)
        name = one.sha256 or hashlib.sha256(one.data).hexdigest()
        return msgspec.structs.replace(one, data=data, sha256=name) if data else one

    def _ours(self, one: Kept, packet: pack.Packet) -> Kept:
        header, said = packet.header, packet.body(self.keys).entries
        left_over = self._emptied(said, {})
        if left_over == said:
            return one
        plain = pack.encode_body(Body(header.sender, header.recipient, left_over))
        data = pack.write(self.keys, header, plain, [self.keys.recipient])
        return msgspec.structs.replace(one, data=data)

    def _without(self, packet: pack.Packet) -> bytes:
        gone = {key for one in self.matters for key in one.ids}
        take = partial(self._emptied, verdicts=self.verdicts)
        return without(packet, self.keys, take, gone.__contains__)

    def _emptied(self, pairs: list[Pair], verdicts: Verdicts) -> list[Pair]:
        return [
            (raw, self._left(raw, verdicts) if self._concerns(raw, payload) else payload)
            for raw, payload in pairs
        ]

    @staticmethod
    def _left(raw: bytes, verdicts: Verdicts) -> bytes:
        change = read_head(raw).change_id
        return left(*verdicts[change]) if change in verdicts else b""

    def _concerns(self, raw: bytes, payload: bytes) -> bool:
        head = read_head(raw)
        return verdict_in(payload) is None and any(
            one.concerns(head.entity, head.entity_id, payload) for one in self.matters
        )


# outside the database ---------------------------------------------------------------------------


def remember(journal: Journal, whose: Mapping[str, str]) -> None:
    """Whoever was erased, also for a database that is put back to an older copy."""
    known = {**remembered(journal), **whose}
    beside = journal.folder / f"{NAME}.part"
    beside.write_text(json.dumps(known, sort_keys=True), "ascii")
    beside.replace(journal.folder / NAME)


def remembered(journal: Journal) -> dict[str, str]:
    """Empty where there is none that can be read."""
    try:
        found = msgspec.json.decode((journal.folder / NAME).read_bytes(), type=dict[str, str])
    except (OSError, *GARBLED):
        return {}
    return found


def erase_again(session: Session, journal: Journal) -> None:
    """A database that was put back brings nobody back."""
    whose = remembered(journal)
    lacking = whose.keys() - emptying.known(session, whose).keys()
    for person in sorted({whose[key] for key in lacking}):
        emptying.erase(session, person, {key for key in lacking if whose[key] == person})


# forgotten with what was beside it --------------------------------------------------------------


def carry_out_again(session: Session, people: Collection[str]) -> None:
    """Erase whom we had ordered to be erased and do not know of any more; the order is said anew,
    so that everybody hears it who had not heard it then, and so is that it was done."""
    for person in sorted(set(people) - emptying.known(session, people).keys()):
        now, name = clock.now(), Audit.__tablename__
        order = {"person_id": person, "ground": FORGOTTEN, "erased_at": now, "erased_by": PROGRAM}
        say(session, Erasure, [{"id": id_of(person), **order}])
        about = {"entity": Retiree.__tablename__, "entity_id": person, "detail": FORGOTTEN}
        act = {"at": now, "who": WHO, "act": emptying.ACT, **about, "succeeded": True}
        say(session, Audit, [{"id": named_id(person, name), **act}])
        emptying.erase(session, person)
        log.warning("somebody was erased again: the centre had forgotten its own order")
