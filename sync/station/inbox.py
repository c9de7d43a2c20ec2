"""An answer of the centre into the station's database: all of it or nothing, read any number of
times.

Own entries stay on screen until their own outcome has been read: a value the centre sends for a
field with an undecided own change is passed over, because that change's verdict will bring the
value that counts.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import msgspec
from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from models import clock_reading, emptying
from models.entities import personal
from models.exchange import Change, Replica
from models.handover import LateEdit
from models.kit import clock
from models.kit.among import among
from models.kit.base import table_of, wire_fields
from models.kit.bulk import settle
from models.kit.changes import base_of
from models.kit.db import Store
from models.kit.direct import find, for_each
from models.kit.stream import SCHEMA, heard, read_head
from models.schema import values_of
from sync import later, pack, told_card
from sync.centre_card import CentreCard
from sync.fault import Fault, broken, elsewhere
from sync.keys import Keys
from sync.merge import Result
from sync.message import (
    ANSWER,
    MOST_SCHEMA,
    RECEIVED,
    AllTold,
    Applied,
    Body,
    Emptied,
    Erase,
    Gone,
    Header,
    Item,
    Reported,
    State,
    Verdict,
    Whole,
    follow,
)
from sync.records import Write
from sync.station import baseline, damage, erased, given_back, proof, reported, scope
from sync.station.given_back import Own, Places
from sync.station.outbox import chain_at
from sync.versions import known, lifted

_ME = select(Replica)
_LOG = table_of(Change)
_VERDICT = (
    update(_LOG)
    .where(
        _LOG.c.office_id == bindparam("of_office"),
        _LOG.c.incarnation == bindparam("of_incarnation"),
        _LOG.c.seq.between(bindparam("first"), bindparam("last")),
        or_(
            _LOG.c.outcome.is_(None),
            _LOG.c.outcome == Result.QUARANTINED,
            _LOG.c.outcome == bindparam("but"),
        ),
    )
    .values(outcome=bindparam("result"), reason=bindparam("why"), decided_at=bindparam("now"))
)


@dataclass(slots=True)
class Received:
    """What reading an answer did; ``waiting``: the centre has stored what we sent and not decided
    it yet; ``doubted``: what we claim to have read of it is not believed without proof; ``begun``:
    with it the centre began to count anew, ``told_all``: with it all that stood there then has been
    read; ``moved``: its word that it is reached elsewhere; ``left``: somebody went to another
    station; ``erased``: people whose data were here and went; ``sweeps``: somebody was erased, and
    what had gone before them from this database may have named them."""

    items: int = 0
    decided: int = 0
    remaining: int = 0
    unsent: int = 0
    receipt: str = ""
    waiting: bool = False
    stale: bool = False
    doubted: bool = False
    forked: bool = False
    begun: bool = False
    told_all: bool = False
    moved: bytes = b""
    left: bool = False
    erased: list[str] = field(default_factory=list)
    sweeps: bool = False
    changed: set[str] = field(default_factory=set)

    @property
    def is_last(self) -> bool:
        """Is there nothing more to be said on either side, or nothing that would be heard?"""
        return self.forked or not (self.remaining or self.unsent or self.doubted)


def receive(
    session: Session,
    keys: Keys,
    card: CentreCard,
    data: bytes,
    ahead: timedelta | None = None,
) -> Received:
    """Verify and apply one answer; raises Fault and then nothing has been applied. ``ahead`` is by
    how much the centre's clock is before ours, where it has just been seen."""
    packet = pack.read(data)
    header = packet.header
    ((me,),) = find(session, _ME)
    _check_address(header, me, card)
    packet.check(card.sign)
    body = packet.body(keys) if header.kind == ANSWER else None
    moved = told_card.heard(session, body.card) if body else b""
    if header.epoch < me.centre_epoch or header.incarnation != me.incarnation:
        # written before a restore: it does not bring what the restore took away
        unsent = me.seq - me.acked_seq
        return Received(stale=True, doubted=bool(header.prove), unsent=unsent, moved=moved)
    me.centre_schema = min(header.schema, MOST_SCHEMA)
    if body is None:
        got = _stored(session, me, packet)
        _read_clock(session, me, ahead, got)
        return got
    got = Received(remaining=header.remaining, receipt=header.receipt, moved=moved)
    got.doubted = bool(header.prove)
    if header.epoch > me.centre_epoch:
        baseline.begin(session, me, header.epoch)
        got.begun = True
    _acknowledge(session, me, header, got)
    if not got.forked:  # the verdicts on a stream two installations wrote may mean the other's
        _read_on(session, me, header, body, got)
        if got.told_all:
            got.changed |= baseline.end(session, me)
        if not got.doubted:
            proof.keep(me, packet)
    _read_clock(session, me, ahead, got)
    got.unsent = me.seq - me.acked_seq
    me.hlc = heard(me.hlc, header.made, int(clock.now().timestamp() * 1000))
    settle(session, me)
    return got


def _read_clock(session: Session, me: Replica, ahead: timedelta | None, got: Received) -> None:
    """What our clock said when the centre had so much of our stream."""
    if ahead is not None and not got.forked:
        stream = (me.office_id, me.incarnation)
        clock_reading.note(session, stream, me.acked_seq, clock.now() + ahead, -ahead)


def _stored(session: Session, me: Replica, packet: pack.Packet) -> Received:
    """Our file is on the centre's disk; its verdicts come with a later answer."""
    header = packet.header
    got = Received(waiting=True, receipt=header.receipt)
    if header.epoch == me.centre_epoch:  # a new epoch begins with an answer that tells it
        _acknowledge(session, me, header, got)
        if not got.forked:
            proof.keep(me, packet)
    got.unsent = me.seq - me.acked_seq
    return got


def _check_address(header: Header, me: Replica, card: CentreCard) -> None:
    if header.kind not in (ANSWER, RECEIVED):
        raise elsewhere("本机")
    if header.sender != card.id:
        raise Fault("foreign_centre", "这个数据包来自另一个区中心，没有读入")
    if header.recipient != me.id:
        raise elsewhere()


def _acknowledge(session: Session, me: Replica, header: Header, got: Received) -> None:
    """Our stream as the centre has it: never backwards, never beyond what we wrote, and only with
    the chain value we have ourselves."""
    known = me.head if header.seen == me.seq else chain_at(session, me, header.seen)
    if header.fork or known.hex() != header.seen_hash:
        got.forked = True
        return
    me.acked_seq = max(me.acked_seq, header.seen)


def _read_on(session: Session, me: Replica, header: Header, body: Body, got: Received) -> None:
    """Only what follows directly on what we have; the rest was read before."""
    skip = me.down_seq + 1 - header.first
    if body.items and skip < 0:
        raise Fault("gap", "前面还有没读过的回执，请把区中心给的数据包都放在U盘里再读一次")
    items = _items(session, me, body.items[max(skip, 0) :], header)
    if not items:
        return
    got.items = len(items)
    lost, twins = given_back.lost(session, me, body.own)
    writes = _replay(session, me, items, lost, got, twins)
    _store(session, me, writes, got)
    emptying.keep_tokens(session, body.orders)
    if got.left or any(isinstance(one, Verdict) for one in items):
        scope.tidy(session, me)
    elif spans := [one for one in items if isinstance(one, Applied)]:
        scope.tidy(session, me, spans)


def _store(
    session: Session, me: Replica, writes: dict[str, dict[str, Write]], got: Received
) -> None:
    if session.info.get(damage.CAREFUL):
        damage.pass_over(session, writes)
    for name, batch in writes.items():
        later.put(session, me.office_id, name, batch)
        got.changed.add(name)
    for name, batch in writes.items():
        scope.make_room(session, name, batch)
    if not session.info.get(damage.CAREFUL):
        scope.unmake(session, writes.get(LateEdit.__tablename__, {}).values())


def after_upgrade(store: Store) -> None:
    """`catch_up` in a transaction of its own, where the program is newer than its records or
    anything was kept; at each start."""
    with store.look() as session:
        held_in = session.scalars(select(Replica.schema)).one_or_none() or SCHEMA
        waits = held_in < SCHEMA or later.is_any(session) or later.is_unread(session)
    if waits:
        with store.apply() as session:
            gone = session.scalars(select(Replica.erased)).one_or_none()
            catch_up(session)
            is_more = session.scalars(select(Replica.erased)).one_or_none() != gone
        if is_more:
            store.scrub(noted=True)


def catch_up(session: Session) -> set[str]:
    """After an upgrade: the records are said anew, and what a newer centre said and was kept is put
    into them, now that it can be understood. Returns the nouns this changed."""
    me = session.scalars(select(Replica)).one_or_none()
    if me is None:
        return set()
    if me.schema < SCHEMA:
        later.rise(session, SCHEMA)
    got = Received()
    items = later.unread(session)
    if items:  # read again in their order, own values included: an old word covers no newer one
        _store(
            session, me, _replay(session, me, items, given_back.again(session, me, items), got), got
        )
    return got.changed | later.replay(session, SCHEMA).keys()


def _items(session: Session, me: Replica, raw: Sequence[bytes], header: Header) -> list[Item]:
    head = me.down_head
    for one in raw:
        head = follow(head, one)
    if raw and head.hex() != header.after:
        raise broken()
    items = later.readable(session, me.office_id, me.down_seq + 1, raw)
    me.down_seq, me.down_head = me.down_seq + len(raw), head
    return items


def _replay(
    session: Session,
    me: Replica,
    items: list[Item],
    lost: Own,
    got: Received,
    twins: Places = frozenset(),
) -> dict[str, dict[str, Write]]:
    """Walk the items in the centre's order, keeping track of which own changes are undecided. A
    verdict on what stands with others in the place of ours is none on ours."""
    gone = erased.Known.of(session, me, erased.ids_in(items))
    items = [_as_today(one) for one in items]
    pending = _pending(session, (*items, *lost.values()))
    writes: dict[str, dict[str, Write]] = defaultdict(dict)
    for item in items:
        if isinstance(item, Applied):
            for span in _without(item, twins):
                got.decided += _close(session, me, span, Result.APPLIED, "")
                pending = [one for one in pending if not _within(one, span)]
            for (incarnation, seq), state in lost.items():
                if incarnation == item.incarnation and item.first <= seq <= item.last:
                    _lay(writes, state, _own_words(pending, state))
        elif isinstance(item, Verdict):
            for span in _without(Applied(item.incarnation, item.seq, item.seq), twins):
                got.decided += _close(session, me, span, item.result, item.reason)
                pending = [one for one in pending if not _within(one, span)]
            if item.result in (Result.CASE, Result.LATE, Result.REFUSED):
                _store(session, me, writes, got)  # others may have made the same record
                writes.clear()
                scope.hide(session, item)
            mine = lost.get((item.incarnation, item.seq))
            if mine is not None and item.result in (Result.CONFLICT, Result.SUPERSEDED):
                _lay(writes, mine, _own_words(pending, mine))  # what lost is told right after
        elif isinstance(item, AllTold):
            got.told_all = True
            _store(session, me, writes, got)
            writes.clear()
            got.changed |= baseline.show(session, me)
        elif isinstance(item, Reported):
            reported.note(session, me, item)
        elif gone.is_about(item):
            continue
        elif isinstance(item, Gone):
            _store(session, me, writes, got)
            writes.clear()
            got.changed |= scope.leave(session, item)
            got.left = True
        elif isinstance(item, Erase):
            _store(session, me, writes, got)
            writes.clear()
            got.sweeps |= item.person_id not in gone.people
            if erased.erase(session, item, gone):
                got.erased.append(item.person_id)
                got.changed |= {one.__tablename__ for one, _ in personal()}
        elif not isinstance(item, Emptied):
            _lay(writes, item, _own_words(pending, item))
    return writes


@dataclass(frozen=True, slots=True)
class _Pending:
    """An own change whose verdict has not come yet."""

    incarnation: str
    seq: int
    entity_id: str
    title: str
    fields: frozenset[str]


def _own_words(pending: Iterable[_Pending], state: State | Whole) -> set[str]:
    """The fields of a record that show an own undecided change; of somebody who came back, none
    that was written before they left."""
    title = base_of(state.stamps, "office_id") if isinstance(state, Whole) else ""
    return {
        name
        for one in pending
        if one.entity_id == state.entity_id and (one.title == title or "" in (one.title, title))
        for name in one.fields
    }


def _without(span: Applied, places: Places) -> Iterator[Applied]:
    """The stretches of it that are left between these places."""
    first = span.first
    for seq in sorted(seq for incarnation, seq in places if incarnation == span.incarnation):
        if first <= seq <= span.last:
            if first < seq:
                yield Applied(span.incarnation, first, seq - 1)
            first = seq + 1
    if first <= span.last:
        yield Applied(span.incarnation, first, span.last)


def _within(one: _Pending, span: Applied) -> bool:
    return one.incarnation == span.incarnation and span.first <= one.seq <= span.last


def _pending(session: Session, items: Iterable[Item]) -> list[_Pending]:
    ids = {item.entity_id for item in items if isinstance(item, State | Whole)}
    if not ids:
        return []
    rows = session.execute(
        select(Change.incarnation, Change.seq, Change.entity_id, Change.head, Change.payload).where(
            among(Change.entity_id, ids), Change.outcome.is_(None), Change.payload.is_not(None)
        )
    )
    return [
        _Pending(
            row.incarnation,
            row.seq,
            row.entity_id,
            head.title,
            frozenset(values_of(head, row.payload)),
        )
        for row in rows
        for head in (read_head(row.head),)
    ]


def _as_today(item: Item) -> Item:
    if not isinstance(item, State | Whole):
        return item
    said = lifted(item)
    return _filled(said) if isinstance(said, Whole) else said


def _filled(item: Whole) -> Whole:
    """With the fields it leaves empty."""
    entity = known(item.entity, SCHEMA)
    names = wire_fields(table_of(entity)) if entity else ()
    stamped = item.stamps.keys() - {later.CREATED}
    values = {**dict.fromkeys((*names, *sorted(stamped))), **item.values}
    return msgspec.structs.replace(item, values=values)


def _lay(writes: dict[str, dict[str, Write]], state: State | Whole, own: set[str]) -> None:
    """Note a state's values, but for the fields an own undecided change still covers."""
    one = writes[state.entity].setdefault(state.entity_id, Write())
    if isinstance(state, Whole):
        one.whole, one.stamps = True, {}
    for name, value in state.values.items():
        if name not in own:
            one.values[name] = value
            stamp = state.stamps.get(name)
            if stamp:
                one.stamps[name] = stamp
            of = state.newer.get(name, state.schema)
            if of > SCHEMA or name in one.newer:
                one.newer = {**one.newer, name: max(of, SCHEMA)}
    if "*" in state.stamps:
        one.stamps["*"] = state.stamps["*"]


def _close(session: Session, me: Replica, span: Applied, result: str, reason: str) -> int:
    """Write a verdict on our entries; entries decided before keep their first verdict, but what
    was late gets the answer of the station it was put before, and what was quarantined may enter
    after all."""
    said = {
        "of_office": me.office_id,
        "of_incarnation": span.incarnation,
        "first": span.first,
        "last": span.last,
        "but": Result.LATE if result == Result.LATE else Result.QUARANTINED,
        "result": result,
        "why": reason or None,
        "now": clock.now(),
    }
    return max(0, for_each(session, _VERDICT, [said]))
