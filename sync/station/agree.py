"""Agreement (核对, sync.md 4.13): after a contact both sides say what they hold of this office, by
digests per bucket and by figures from the same SQL. What differs is compared row by row, and the
station says of it what it holds: the centre lays from its own log what its records do not show and
tells the rest whole; only what it never heard of, or lost with the log, is offered again. A record
that twice did not come out the same is left to people, and nothing more is written for it.

Only a station with nothing undecided and nothing unread has anything to compare. Digests are over
the names of the changes behind each value, which both sides must share; contents of attachments are
compared by what the centre lacks. On a stick the claim waits
beside the answers for the next trip, and is read before what was written in the meantime.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.orm import Session

from models import attachment as contents
from models.entities import BY_NAME
from models.exchange import REOFFERED, Change, Replica
from models.handover import OFFERED, Handover
from models.kit import clock
from models.kit.among import among
from models.kit.base import Record, table_of
from models.kit.changes import makes_anew
from models.kit.db import Store
from models.kit.ids import new_id
from models.kit.stream import read_head
from models.local_note import LocalNote
from sync import erase_order, pack
from sync.centre_card import CentreCard
from sync.claim import CLAIM, REPLY, WANTS, Claim, Records, Reply, decode
from sync.digests import KEPT, Stamps, bucket_of, buckets, common, figures, rows_of
from sync.erase_order import Orders
from sync.fault import elsewhere
from sync.header import from_us
from sync.keys import Keys
from sync.link import Link
from sync.merge import ENTERED, OUTSIDE
from sync.message import Header
from sync.order import said_at
from sync.salvage import Entry, Salvage, offer, whole_actions
from sync.station import anew, outbox

NOTE = "agreed"
TRIES = 2
ANEW_AFTER = timedelta(days=1)


@dataclass(slots=True)
class Agreed:
    """The outcome of one comparison. ``differing`` records are not the same on both sides, of which
    the centre is asked to mend ``asked``; ``figures`` are (what, here, at the centre) where they
    differ."""

    compared: bool
    differing: Records = field(default_factory=list)
    asked: Records = field(default_factory=list)
    figures: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def differs(self) -> int:
        """How many records are not the same on both sides."""
        return len(self.differing)


def is_settled(session: Session) -> bool:
    """Has everything been decided and read, so that there is something to compare?"""
    me = session.scalars(select(Replica)).one()
    return me.approved_at is not None and outbox.undecided(session) == 0


def claim(
    session: Session, keys: Keys, card: CentreCard, office_code: str,
    wants: Records | None = None,
) -> bytes:  # fmt: skip
    """The file that says what we hold; with ``wants`` only of these records."""
    me = session.scalars(select(Replica)).one()
    said = Claim(me.id, card.id, f"{clock.today():%Y-%m}", wants=wants or [], schema=common(me))
    if wants:
        said = replace(said, holds=_holds(session, me, wants))
    else:
        said = replace(
            said,
            digests=buckets(session, me.office_id, common(me)),
            offers=_offered(session, me),
            orders=_orders(session, me),
        )
    header = from_us(
        me,
        CLAIM,
        card.id,
        first=me.seq + 1,
        last=me.seq,
        seen=me.down_seq,
        seen_hash=me.down_head.hex(),
        office_code=office_code,
    )
    return pack.write(keys, header, msgspec.msgpack.encode(said), [card.recipient, keys.recipient])


def _holds(session: Session, me: Replica, wants: Records) -> dict[str, tuple[Stamps, list[str]]]:
    ids, said = {key for _, key in wants}, defaultdict[str, list[str]](list)
    for key, change_id in session.execute(
        select(Change.entity_id, Change.change_id).where(
            among(Change.entity_id, ids), _was_decided(me)
        )
    ):
        said[key].append(change_id)
    shown: dict[str, Stamps] = {}
    for noun in dict.fromkeys(noun for noun, _ in wants):
        rows = rows_of(session, BY_NAME[noun], me.office_id, common(me))
        shown |= {key: stamps for key, stamps in rows if key in ids}
    return {key: (shown.get(key, {}), said[key]) for key in ids}


def _offered(session: Session, me: Replica) -> list[str]:
    """Whom others offer us: their offers are theirs to compare, and may be the centre's alone."""
    to_us = Handover.to_office_id == me.office_id, Handover.office_id != me.office_id
    return list(session.scalars(select(Handover.id).where(*to_us, Handover.state == OFFERED)))


def _orders(session: Session, me: Replica) -> Orders:
    """Whom the centre may have forgotten to have erased, if it was put back: until it has compared
    with us since it began to count anew, or we did."""
    said = last_note(session)
    if not me.erased or (said and _began(said) == (me.incarnation, me.centre_epoch)):
        return {}
    return erase_order.kept(session)


def _began(said: dict[str, Any]) -> tuple[str, int | None]:
    return said["at"][0], said.get("epoch")


def _was_decided(me: Replica) -> ColumnElement[bool]:
    """Our own changes whose values we still have, and of which the centre had told the verdict."""
    return and_(
        Change.office_id == me.office_id,
        Change.payload.is_not(None),
        Change.outcome.is_not(None),
        Change.outcome != REOFFERED,
    )


def read_reply(session: Session, keys: Keys, card: CentreCard, data: bytes) -> Reply:
    """Raises Fault."""
    packet = pack.read(data)
    me = session.scalars(select(Replica)).one()
    if packet.header.kind != REPLY or packet.header.sender != card.id:
        raise elsewhere("本机")
    if packet.header.recipient != me.id:
        raise elsewhere()
    packet.check(card.sign)
    reply: Reply = decode(packet, keys, Reply)
    return reply


def compare(session: Session, reply: Reply, at: Header) -> Agreed:
    """Our rows beside the centre's, which are as of ``at``, the position our claim named. What we
    wrote since, while a stick was on its way, is not compared; what we heard since makes all of it
    stale."""
    me = session.scalars(select(Replica)).one()
    is_fresh = (me.incarnation, me.down_seq) == (at.incarnation, at.seen)
    done = Agreed(reply.compared and is_fresh)
    if not done.compared:
        return done
    since = _written_since(session, me, at.last)
    theirs: dict[str, dict[int, dict[str, Stamps]]] = defaultdict(dict)
    for noun, bucket, rows in reply.rows:
        theirs[noun][bucket] = {key: stamps for key, stamps in rows if key not in since}
    for noun, by_bucket in theirs.items():
        if noun in BY_NAME:
            _compare_noun(session, BY_NAME[noun], by_bucket, since, done)
    if since or _outside(session, me):
        return done
    mine = figures(session, me.office_id, f"{clock.today():%Y-%m}")
    for what in sorted({*mine, *reply.figures}):
        here, there = mine.get(what, 0), reply.figures.get(what, 0)
        if here != there:
            done.figures.append((what, here, there))
    return done


def _written_since(session: Session, me: Replica, last: int) -> set[str]:
    return set(
        session.scalars(
            select(Change.entity_id).where(
                Change.office_id == me.office_id,
                Change.incarnation == me.incarnation,
                Change.seq > last,
            )
        )
    )


def _compare_noun(
    session: Session,
    entity: type[Record],
    theirs: dict[int, dict[str, Stamps]],
    since: set[str],
    done: Agreed,
) -> None:
    me = session.scalars(select(Replica)).one()
    ours = {
        key: stamps
        for key, stamps in rows_of(session, entity, me.office_id, common(me))
        if bucket_of(key) in theirs and key not in since
    }
    there = {key: stamps for rows in theirs.values() for key, stamps in rows.items()}
    outside = _outside(session, me)
    about = (Change.office_id == me.office_id, among(Change.entity_id, outside))
    said = session.scalars(select(Change.head).where(*about)) if outside else ()
    # what we only made anew others have made, and may have in their care
    made = {one.change_id for one in map(read_head, said) if not makes_anew(one)}
    done.differing += [
        (entity.__tablename__, key)
        for key in dict.fromkeys((*there, *ours))
        if ours.get(key) != there.get(key)
        and (key in there or key not in outside or ours[key].get("*") not in made)
    ]


def _outside(session: Session, me: Replica) -> set[str]:
    """Records we speak of that the centre has heard of and set aside with all we said of them."""
    mine = select(Change.entity_id).where(Change.office_id == me.office_id)
    aside = set(session.scalars(mine.where(Change.outcome.in_(OUTSIDE))))
    entered = mine.where(among(Change.entity_id, aside), Change.outcome.in_(ENTERED))
    return aside - set(session.scalars(entered)) if aside else aside


def actions_of(session: Session, changes: Iterable[str]) -> Salvage:
    """Our own actions with some changes, whole and in order, to be offered again."""
    me = session.scalars(select(Replica)).one()
    spans = dict[tuple[str, str], tuple[int, int]]()
    rows = session.execute(
        select(Change.incarnation, Change.seq, Change.head).where(
            among(Change.change_id, changes), _was_decided(me)
        )
    )
    for row in rows:
        head = read_head(row.head)
        first = row.seq - head.part
        spans.setdefault((row.incarnation, head.tx), (first, first + head.parts - 1))
    entries: dict[str, Entry] = {}
    for (incarnation, _), (first, last) in spans.items():
        parts = (
            Change.office_id == me.office_id,
            Change.incarnation == incarnation,
            Change.seq.between(first, last),
        )
        at = said_at(session, *parts)
        for one in session.execute(select(Change.head, Change.payload).where(*parts)):
            head, said = read_head(one.head), one.payload or b""
            entries[head.change_id] = Entry(*at[head.change_id], head, one.head, said)
    return whole_actions(entries.values())


def over(store: Store, keys: Keys, card: CentreCard, link: Link, office_code: str) -> Agreed | None:
    """Compare with the centre after a contact, unless both agreed a short while ago and nothing has
    happened since; what differs is mended, and what is told or offered for that comes with the next
    exchange. Raises Fault."""
    with store.look() as session:
        data = due(session, keys, card, office_code)
    if data is None:
        return None
    agreed, wants = hear(store, keys, card, office_code, link.exchange(data))
    if wants is not None:
        hear(store, keys, card, office_code, link.exchange(wants))
    return agreed


def due(session: Session, keys: Keys, card: CentreCard, office_code: str) -> bytes | None:
    """The claim, where there is something to compare that has not been compared yet, or not for
    long: a disk loses rows also where nobody works."""
    if not is_settled(session) or (_position(session) == _last(session) and _is_recent(session)):
        return None
    return claim(session, keys, card, office_code)


def hear(
    store: Store, keys: Keys, card: CentreCard, office_code: str, answer: bytes
) -> tuple[Agreed, bytes | None]:
    """Take the centre's reply. Where it says what it has, the file that asks it to mend what
    differs; where it has mended, what it has lost with its log is offered again. Raises Fault."""
    at = pack.read(answer).header
    with store.apply() as session:
        reply = read_reply(session, keys, card, answer)
        agreed = compare(session, reply, at)
        if not agreed.compared:
            _tried(session, reply.mended)
            _say_again(session, reply)
            return agreed, None
        contents.doubt(session, [one.hex() for one in reply.lacking])
        anew.let_go(session, offers=reply.forgotten)
        tried = _tries(session)
        left = [one for one in agreed.differing if tried.get(one[1], 0) < TRIES]
        agreed.asked = left[:WANTS]
        wants = claim(session, keys, card, office_code, agreed.asked) if left else None
        _note(session, agreed, reply, at, tried)
    return agreed, wants


def _say_again(session: Session, reply: Reply) -> None:
    """What the centre has lost with its log: our own words as they were, and whole as it stands
    what nobody can say again; what we said of that goes with it. What it alone can say goes."""
    anew.let_go(session, reply.absent)
    lost = anew.made_elsewhere(session, reply.absent, {*reply.mended} - {*reply.absent})
    gone = {key for keys in lost.values() for key in keys}
    rows = session.execute(
        select(Change.change_id, Change.entity_id).where(among(Change.change_id, reply.unheard))
    )
    said = [row.change_id for row in rows if row.entity_id not in gone]
    offer(session, actions_of(session, said))
    anew.say(session, lost)


def _tries(session: Session) -> dict[str, int]:
    """How often the centre has mended what differed when it was last looked at, by id."""
    said = last_note(session)
    return dict(said.get("tried", {})) if said else {}


def _tried(session: Session, keys: Iterable[str]) -> None:
    note = session.scalars(select(LocalNote).where(LocalNote.kind == NOTE)).first()
    if note is not None:
        tried = dict(note.value.get("tried", {}))
        tried |= {key: tried.get(key, 0) + 1 for key in keys}
        note.value = {**note.value, "tried": tried}


def _position(session: Session) -> list[Any]:
    me = session.scalars(select(Replica)).one()
    return [me.incarnation, me.seq, me.down_seq]


def _last(session: Session) -> list[Any] | None:
    """Where both sides agreed last time, or were left as they are; None where they did not."""
    said = last_note(session)
    return said["at"] if said and said["differs"] == said.get("left", 0) else None


def _is_recent(session: Session) -> bool:
    said = last_note(session)
    return said is not None and abs(clock.now() - datetime.fromisoformat(said["on"])) < ANEW_AFTER


def last_note(session: Session) -> dict[str, Any] | None:
    """The last comparison: ``on`` (ISO), ``at``, ``differs`` records, ``figures`` that differ as
    [what, here, there], ``shared`` those both sides count alike; ``tried``, by id, how often those
    that differ were mended, and how many are ``left`` as they are."""
    note = session.scalars(select(LocalNote).where(LocalNote.kind == NOTE)).first()
    said: dict[str, Any] | None = note.value if note else None
    return said


@dataclass(frozen=True, slots=True)
class Standing:
    """The last comparison in figures: ``people`` in the office's care, this month's certifications
    and visits as both sides count them, how many records or figures differed; of records, how many
    are ``left`` to people."""

    at: datetime
    people: int
    certified: int
    visited: int
    differs: int
    left: int


def standing(session: Session) -> Standing | None:
    """None before the first comparison."""
    note = last_note(session)
    if note is None:
        return None
    shared = note["shared"]
    return Standing(
        datetime.fromisoformat(note["on"]),
        sum(n for what, n in shared.items() if what in KEPT),
        shared.get("本月认证", 0),
        shared.get("本月走访", 0),
        note["differs"] or len(note["figures"]),
        note.get("left", 0),
    )


def _note(
    session: Session, agreed: Agreed, reply: Reply, at: Header, tried: Mapping[str, int]
) -> None:
    session.execute(delete(table_of(LocalNote)).where(table_of(LocalNote).c.kind == NOTE))
    value = {
        "on": clock.now().isoformat(),
        "at": [at.incarnation, at.last, at.seen],
        "epoch": session.scalars(select(Replica.centre_epoch)).one(),
        "differs": agreed.differs,
        "figures": [list(one) for one in agreed.figures],
        "shared": reply.figures,
        "tried": {key: tried[key] for _, key in agreed.differing if key in tried},
        "left": sum(tried.get(key, 0) >= TRIES for _, key in agreed.differing),
    }
    session.add(LocalNote(id=new_id(), office_id="", kind=NOTE, key="", value=value))
