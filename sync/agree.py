"""Agreement (核对, sync.md 4.13): after a contact both sides say what they hold of this office, by
digests per bucket and by figures from the same SQL. What differs is compared row by row and
mended: the centre repeats what the station lacks, the station offers again what the centre lacks.

Only a station with nothing undecided and nothing unread has anything to compare. Digests are over
the names of the changes behind each value, which both sides must share. On a stick the claim waits
beside the answers for the next trip, and is read before what was written in the meantime.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import Text, cast, delete, func, select
from sqlalchemy.orm import Session

from models.certification import Certification
from models.entities import BY_NAME, ENTITIES
from models.exchange import Change, Replica
from models.kit import clock
from models.kit.base import Flow, Record, table_of, wire_fields
from models.kit.db import Store
from models.kit.ids import new_id
from models.kit.stream import GARBLED, SCHEMA, read_head
from models.parameter import LocalNote
from models.retiree import ON_BOOKS, Retiree
from models.visit import Visit
from sync import later, outbox, pack
from sync.centre_card import CentreCard
from sync.fault import broken, elsewhere, forged
from sync.header import from_us
from sync.keys import Keys
from sync.link import Link
from sync.merge import OUTSIDE
from sync.message import Header
from sync.salvage import Entry, Salvage, offer, whole_actions
from sync.versions import younger

KIND, ANSWER = "agree", "agree-answer"
NOTE = "agreed"
KEPT = frozenset(f"人员状态{one}" for one in ON_BOOKS)
BUCKETS, SIZE = 16, 12
ROWS = 20_000
WANTS = 2_000

Stamps = dict[str, str]
Row = tuple[str, Stamps]


class Claim(msgspec.Struct, array_like=True, frozen=True):
    """What the station holds, as of the position its header names. ``wants`` are records it found
    that it lacks: (noun, id). ``schema`` is the newest that both programs know: digests are over
    its nouns and fields only."""

    sender: str
    recipient: str
    month: str
    digests: dict[str, list[bytes]] = {}
    wants: list[tuple[str, str]] = []
    schema: int = 1


class Reply(msgspec.Struct, array_like=True, frozen=True):
    """``compared`` is False where one side has not heard all of the other yet. ``rows`` are the
    centre's of every bucket that differs; ``figures`` its own for the same month."""

    sender: str
    recipient: str
    compared: bool
    rows: list[tuple[str, int, list[Row]]] = []
    figures: dict[str, int] = {}
    told: int = 0


@dataclass(slots=True)
class Agreed:
    """The outcome of one comparison. ``lacking`` records are asked of the centre, ``again`` are
    offered to it once more; ``figures`` are (what, here, at the centre) where they differ."""

    compared: bool
    lacking: list[tuple[str, str]] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    figures: list[tuple[str, int, int]] = field(default_factory=list)

    @property
    def differs(self) -> int:
        """How many records are not the same on both sides."""
        return len({key for _, key in self.lacking} | set(self.again))


# what both sides count alike -----------------------------------------------------------------


def common(me: Replica) -> int:
    """The newest schema that this station and its centre both know."""
    return min(SCHEMA, me.centre_schema)


def travelling(schema: int) -> Iterator[type[Record]]:
    """Every noun that both sides hold."""
    return (one for one in ENTITIES if one.flow is not Flow.LOCAL and one.since <= schema)


def rows_of(session: Session, entity: type[Record], office_id: str, schema: int) -> Iterator[Row]:
    """(id, changes behind its values) of every record an office shares with its centre, as far as
    a program of this schema knows them. A value that is kept for after the upgrade counts."""
    table, newer = table_of(entity), younger(entity, schema)
    kept = later.stamps_of(session, entity.__tablename__, set(wire_fields(table)) - newer)
    query = select(table.c.id, cast(table.c.stamps, Text))
    if not getattr(entity, "shared", False):
        query = query.where(table.c.office_id == office_id)
    for key, stamps in session.execute(query):
        said = _stamps(stamps)
        if kept or newer:
            said = {name: one for name, one in said.items() if name not in newer}
            said |= kept.get(key, {})
        yield key, plain(said)


_stamps = msgspec.json.Decoder(Stamps).decode


def plain(stamps: Stamps) -> Stamps:
    """A stamp that says no more than the creating change is the same as none."""
    first = stamps.get("*", "")
    return {name: one for name, one in stamps.items() if one != first or name == "*"}


def digest(key: str, stamps: Stamps) -> int:
    """Of one record, to be added to others by XOR."""
    said = msgspec.msgpack.encode((key, sorted(stamps.items())))
    return int.from_bytes(sha256(said).digest()[:SIZE])


def bucket_of(key: str) -> int:
    """By the last character, which is random."""
    return int(key[-1], 16) if key else 0


def buckets(session: Session, office_id: str, schema: int) -> dict[str, list[bytes]]:
    """One digest per noun and bucket; independent of the order rows are read in."""
    made = {}
    for entity in travelling(schema):
        sums = [0] * BUCKETS
        for key, stamps in rows_of(session, entity, office_id, schema):
            sums[bucket_of(key)] ^= digest(key, stamps)
        made[entity.__tablename__] = [one.to_bytes(SIZE) for one in sums]
    return made


def figures(session: Session, office_id: str, month: str) -> dict[str, int]:
    """The numbers people ask for, by the same SQL on both sides; ``month`` is YYYY-MM."""
    first = date.fromisoformat(f"{month}-01")
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)

    def count(entity: type[Record], *where: Any) -> int:
        query = select(func.count()).select_from(entity)
        query = query.where(entity.office_id == office_id, entity.is_void.is_(False), *where)
        return session.scalar(query) or 0

    on, visited = Certification.certified_on, Visit.visited_on
    states = select(Retiree.manage_state, func.count()).where(
        Retiree.office_id == office_id, Retiree.is_void.is_(False)
    )
    said = {f"人员状态{state}": n for state, n in session.execute(states.group_by("manage_state"))}
    said["本月认证"] = count(Certification, on >= first, on < after)
    said["本月走访"] = count(Visit, visited >= first, visited < after)
    return said


# the station's side --------------------------------------------------------------------------


def is_settled(session: Session) -> bool:
    """Has everything been decided and read, so that there is something to compare?"""
    me = session.scalars(select(Replica)).one()
    return me.approved_at is not None and outbox.waiting(session) == 0


def claim(
    session: Session, keys: Keys, card: CentreCard, office_code: str,
    wants: list[tuple[str, str]] | None = None,
) -> bytes:  # fmt: skip
    """The file that says what we hold; with ``wants`` only what we lack."""
    me = session.scalars(select(Replica)).one()
    digests = {} if wants else buckets(session, me.office_id, common(me))
    said = Claim(me.id, card.id, f"{clock.today():%Y-%m}", digests, wants or [], common(me))
    header = from_us(
        me,
        KIND,
        card.id,
        first=me.seq + 1,
        last=me.seq,
        seen=me.down_seq,
        seen_hash=me.down_head.hex(),
        office_code=office_code,
    )
    return pack.write(keys, header, msgspec.msgpack.encode(said), [card.recipient, keys.recipient])


def read_reply(session: Session, keys: Keys, card: CentreCard, data: bytes) -> Reply:
    """Raises Fault."""
    packet = pack.read(data)
    me = session.scalars(select(Replica)).one()
    if packet.header.kind != ANSWER or packet.header.sender != card.id:
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
    for key, stamps in there.items():
        if key not in ours:
            done.lacking.append((entity.__tablename__, key))
        elif ours[key] != stamps:
            behind = _is_behind(session, ours[key], stamps)
            if behind:
                done.again.append(key)
            else:
                done.lacking.append((entity.__tablename__, key))
    outside = _outside(session, me)
    done.again += [key for key in ours if key not in there and key not in outside]


def _outside(session: Session, me: Replica) -> set[str]:
    """Records we speak of that the centre has heard of and set aside: offering them again would
    only bring the same verdict."""
    said = select(Change.entity_id).where(
        Change.office_id == me.office_id, Change.outcome.in_(OUTSIDE)
    )
    return set(session.scalars(said))


def _is_behind(session: Session, ours: Stamps, theirs: Stamps) -> bool:
    """Does the centre show what one of our own decided changes was written over? Then it has lost
    that change; else its word counts."""
    names = {name for name in ours if name != "*" and ours[name] != theirs.get(name)}
    rows = session.execute(
        select(Change.change_id, Change.head).where(
            Change.change_id.in_({ours[name] for name in names}), Change.outcome.is_not(None)
        )
    )
    bases = {row.change_id: read_head(row.head).bases for row in rows}
    return any(
        bases.get(ours[name], {}).get(name) == (theirs.get(name) or theirs.get("*", ""))
        for name in names
    )


def actions_of(session: Session, ids: Iterable[str]) -> Salvage:
    """Our own actions about some records, whole and in order, to be offered again."""
    me = session.scalars(select(Replica)).one()
    wanted, spans = list(ids)[:WANTS], dict[tuple[str, str], tuple[int, int]]()
    rows = session.execute(
        select(Change.incarnation, Change.seq, Change.head).where(
            Change.office_id == me.office_id, Change.entity_id.in_(wanted)
        )
    )
    for row in rows:
        head = read_head(row.head)
        first = row.seq - head.part
        spans.setdefault((row.incarnation, head.tx), (first, first + head.parts - 1))
    entries: dict[str, Entry] = {}
    for (incarnation, _), (first, last) in spans.items():
        found = session.execute(
            select(Change.seq, Change.head, Change.payload).where(
                Change.office_id == me.office_id,
                Change.incarnation == incarnation,
                Change.seq.between(first, last),
            )
        )
        for one in found:
            head, said = read_head(one.head), one.payload or b""
            entries[head.change_id] = Entry(incarnation, one.seq, head, one.head, said)
    return whole_actions(entries.values())


def over(store: Store, keys: Keys, card: CentreCard, link: Link, office_code: str) -> Agreed | None:
    """Compare with the centre after a contact, unless nothing has happened since both last agreed;
    what differs is asked for and offered, and comes with the next exchange. Raises Fault."""
    with store.look() as session:
        data = due(session, keys, card, office_code)
    if data is None:
        return None
    agreed, wants = hear(store, keys, card, office_code, link.exchange(data))
    if wants is not None:
        link.exchange(wants)
    return agreed


def due(session: Session, keys: Keys, card: CentreCard, office_code: str) -> bytes | None:
    """The claim, where there is something to compare that has not been compared yet."""
    if not is_settled(session) or _position(session) == _last(session):
        return None
    return claim(session, keys, card, office_code)


def hear(
    store: Store, keys: Keys, card: CentreCard, office_code: str, answer: bytes
) -> tuple[Agreed, bytes | None]:
    """Take the centre's reply: what it lacks is offered again, what we lack is in the file that
    asks for it. Raises Fault."""
    at = pack.read(answer).header
    with store.apply() as session:
        reply = read_reply(session, keys, card, answer)
        agreed = compare(session, reply, at)
        if not agreed.compared:
            return agreed, None
        again = actions_of(session, agreed.again)
        lacking = agreed.lacking[:WANTS]
        wants = claim(session, keys, card, office_code, lacking) if lacking else None
        _note(session, agreed, reply, at)
        offer(session, again)
    return agreed, wants


def _position(session: Session) -> list[Any]:
    me = session.scalars(select(Replica)).one()
    return [me.incarnation, me.seq, me.down_seq]


def _last(session: Session) -> list[Any] | None:
    """Where both sides agreed last time; None where they did not."""
    said = last_note(session)
    return said["at"] if said and not said["differs"] and not said["figures"] else None


def last_note(session: Session) -> dict[str, Any] | None:
    """The last comparison: ``on`` (ISO), ``at``, ``differs`` records, ``figures`` that differ as
    [what, here, there], ``shared`` those both sides count alike."""
    note = session.scalars(select(LocalNote).where(LocalNote.kind == NOTE)).first()
    said: dict[str, Any] | None = note.value if note else None
    return said


@dataclass(frozen=True, slots=True)
class Standing:
    """The last comparison in figures: ``people`` in the office's care, this month's certifications
    and visits as both sides count them, how many records or figures differed."""

    at: datetime
    people: int
    certified: int
    visited: int
    differs: int


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
    )


def _note(session: Session, agreed: Agreed, reply: Reply, at: Header) -> None:
    session.execute(delete(table_of(LocalNote)).where(table_of(LocalNote).c.kind == NOTE))
    value = {
        "on": clock.now().isoformat(),
        "at": [at.incarnation, at.last, at.seen],
        "differs": agreed.differs,
        "figures": [list(one) for one in agreed.figures],
        "shared": reply.figures,
    }
    session.add(LocalNote(id=new_id(), office_id="", kind=NOTE, key="", value=value))


# either side ---------------------------------------------------------------------------------


def decode(packet: pack.Packet, keys: Keys, kind: type[Any]) -> Any:
    """The sealed part understood; raises Fault. Call ``packet.check`` before."""
    try:
        said = msgspec.msgpack.decode(packet.plain(keys), type=kind)
    except GARBLED:
        raise broken() from None
    if (said.sender, said.recipient) != (packet.header.sender, packet.header.recipient):
        raise forged()
    return said
