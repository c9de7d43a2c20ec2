"""The district passes its stations' words on to the city: unaltered, under the stations' own
signatures, without what the city may not see; then what it says of its records. Always everything
since the last answer it has verified."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, delete, func, select
from sqlalchemy.orm import Session

from models.exchange import (
    Change,
    Downlink,
    Installation,
    RawBatch,
    Replica,
    Stream,
    new_epoch,
)
from models.kit import clock
from models.kit.stream import GENESIS, read_head
from models.relay import City, Known, own_name
from sync import pack, relayed, told_card
from sync.centre.relay import cityward, levels, unsigned
from sync.centre.relay.unsigned import Ends
from sync.centre.relay.visible import shown
from sync.centre_card import CITY, CentreCard
from sync.fault import Fault, elsewhere
from sync.header import from_us
from sync.keys import Keys, is_signed
from sync.message import PAGE_BYTES, PAGE_ITEMS, PART_BYTES, Header
from sync.relayed import Reached, Relay, Signer, Told, Unsigned, Words

HEADER_BYTES = 16 * 2**10  # enough of a file for its header and signature


@dataclass(frozen=True, slots=True)
class Part:
    """One file for the city; ``count`` words and items in it, ``entries`` are those of
    our stations' streams and our own. ``unproved`` streams end in a way nobody signed."""

    name: str
    data: bytes
    count: int
    entries: int
    unproved: int = 0


@dataclass(slots=True)
class _Filling:
    """A part in the making."""

    words: list[Words] = field(default_factory=list)
    items: list[bytes] = field(default_factory=list)
    needs: dict[tuple[str, str], int] = field(default_factory=dict)
    digests: levels.Digests = field(default_factory=dict)
    unsigned: list[Unsigned] = field(default_factory=list)
    first: int = 1
    before: bytes = GENESIS
    after: bytes = GENESIS
    size: int = 0

    @property
    def count(self) -> int:
        return self.entries + len(self.items)

    @property
    def entries(self) -> int:
        return sum(len(one.entries) for one in self.words)


def parts(
    session: Session,
    keys: Keys,
    card: CentreCard,
    code: str,
    limit: int = PART_BYTES,
    *,
    compare: bool = False,
) -> Iterator[Part]:
    """All that the city has not acknowledged; one file of nothing where that is all, since its
    answer still says what the city has. About ``limit`` bytes in each, before packing. To
    ``compare``, the last brings digests of all that the city should hold by then."""
    city = session.get_one(City, card.id)
    cityward.tell_own(session, card.id)
    me = session.scalars(select(Replica)).one()
    ends: Ends = {}
    fillings = _fillings(session, me, city, limit, ends)
    empty = _Filling(first=city.seq + 1, before=city.head, after=city.head)
    one, number = next(fillings, empty), 1
    for following in fillings:
        yield _write(session, keys, card, code, city, one, number, len(ends))
        one, number = following, number + 1
    if compare:
        one.digests = levels.digests(session)
    yield _write(session, keys, card, code, city, one, number, len(ends))


def claim(session: Session, keys: Keys, card: CentreCard, code: str) -> Part | None:
    """Digests of all that the city should hold; None where it has not read everything yet."""
    city = session.get_one(City, card.id)
    at = cityward.tell_own(session, card.id)
    if (at.seq, at.head) != (city.seq, city.head):
        return None
    one = _Filling(first=city.seq + 1, before=city.head, after=city.head)
    one.digests = levels.digests(session)
    return _write(session, keys, card, code, city, one, 1)


def _fillings(
    session: Session, me: Replica, city: City, limit: int, ends: Ends
) -> Iterator[_Filling]:
    """Words first, then items; ``ends`` is filled by the words."""
    made = _Filling(first=city.seq + 1, before=city.head, after=city.head)
    needs: dict[tuple[str, str], int] = {}
    for words, size in _all_words(session, me, limit, ends):
        if made.size and made.size + size > limit:
            yield made
            made = _Filling(first=city.seq + 1, before=city.head, after=city.head)
        made.words.append(words)
        needs[words.office_id, words.incarnation] = words.first + len(words.entries) - 1
        made.size += size
    seq, most = city.seq, min(limit, PAGE_BYTES)
    while rows := _items(session, city.id, seq):
        for row in rows:
            if made.count and made.size > most:
                yield made
                made = _Filling(first=row.seq, before=made.after, after=made.after)
            made.items.append(row.body)
            made.needs = needs
            made.after, made.size, seq = row.hash, made.size + len(row.body), row.seq
            account = unsigned.account(session, ends, row.body, me.centre_schema)
            made.unsigned += account
            made.size += sum(len(one.head) + len(one.payload) for one in account)
    if made.count:
        yield made


def _items(session: Session, city_id: str, seq: int) -> Any:
    return session.execute(
        select(Downlink.seq, Downlink.hash, Downlink.body)
        .where(Downlink.office_id == city_id, Downlink.seq > seq)
        .order_by(Downlink.seq)
        .limit(PAGE_ITEMS)
    ).all()


def _all_words(
    session: Session, me: Replica, limit: int, ends: Ends
) -> Iterator[tuple[Words, int]]:
    """Of every stream the city does not have as far as we do; our own last."""
    rows = session.execute(
        select(Stream, Known.seq, Known.is_forked)
        .outerjoin(
            Known,
            and_(Known.office_id == Stream.office_id, Known.incarnation == Stream.incarnation),
        )
        .where(Stream.contiguous > func.coalesce(Known.seq, 0))
        .order_by(Stream.office_id, Stream.incarnation)
    ).all()
    for stream, seq, is_forked in rows:
        if not is_forked:
            yield from _of_station(session, me, stream, seq or 0, limit, ends)
    ours = session.get(Known, (me.office_id, own_name(me)))
    yield from _of_ourselves(session, me, ours.seq if ours is not None else 0, limit)


def _of_station(
    session: Session,
    me: Replica,
    stream: Stream,
    seq: int,
    limit: int,
    ends: Ends,
) -> Iterator[tuple[Words, int]]:
    """In stretches that end where a header of the station's ends. What lies behind the last of them
    nobody proves: that stays here, and where it begins goes into ``ends``."""
    files = set(
        session.scalars(
            select(RawBatch.last).where(
                RawBatch.office_id == stream.office_id,
                RawBatch.incarnation == stream.incarnation,
                RawBatch.last > seq,
                RawBatch.refused.is_(None),
            )
        )
    )
    begun = _begin(session, stream.office_id, stream.incarnation, seq)
    whole: list[tuple[int, bytes, int]] = []
    for row in _rows(session, stream.office_id, stream.incarnation, seq):
        begun.add(row, me.centre_schema)
        if row.seq in files:
            whole.append((len(begun.entries), row.hash, begun.size))
            if begun.size > limit and (words := _proved(session, stream, begun, whole[-1])):
                yield words, begun.size
                begun, whole = _Begun(row.seq + 1, row.hash), []
    last = 0
    for one in reversed(whole):
        if words := _proved(session, stream, begun, one):
            last, _, size = one
            yield words, size
            break
    if last < len(begun.entries):
        ends[stream.office_id, stream.incarnation] = begun.first + last


@dataclass(slots=True)
class _Begun:
    """A stretch in the making."""

    first: int
    before: bytes
    entries: list[tuple[bytes, bytes]] = field(default_factory=list)
    size: int = 0

    def add(self, row: Any, schema: int) -> None:
        seen = shown(read_head(row.head), row.payload, schema)
        self.entries.append((row.head, seen))
        self.size += len(row.head) + len(seen)


def _begin(session: Session, office_id: str, incarnation: str, seq: int) -> _Begun:
    return _Begun(seq + 1, _hash_at(session, office_id, incarnation, seq) or GENESIS)


def _hash_at(session: Session, office_id: str, incarnation: str, seq: int) -> bytes | None:
    if seq == 0:
        return GENESIS
    found = session.get(Change, (office_id, incarnation, seq))
    return found.hash if found else None


def _rows(session: Session, office_id: str, incarnation: str, seq: int) -> Iterator[Any]:
    last = seq
    while rows := session.execute(
        select(Change.seq, Change.hash, Change.head, Change.payload)
        .where(Change.office_id == office_id, Change.incarnation == incarnation, Change.seq > last)
        .order_by(Change.seq)
        .limit(PAGE_ITEMS)
    ).all():
        yield from rows
        last = rows[-1].seq


def _proved(
    session: Session, stream: Stream, begun: _Begun, whole: tuple[int, bytes, int]
) -> Words | None:
    """With the station's own header and signature over the end of the stretch, if there is one."""
    count, after, _ = whole
    last = begun.first + count - 1
    files = session.execute(
        select(func.substr(RawBatch.body, 1, HEADER_BYTES * 2)).where(
            RawBatch.office_id == stream.office_id,
            RawBatch.incarnation == stream.incarnation,
            RawBatch.last == last,
            RawBatch.refused.is_(None),
        )
    ).scalars()
    for data in files:
        packet = pack.apart(bytes(data))
        if packet.header.after == after.hex():
            return Words(
                stream.office_id,
                stream.incarnation,
                stream.replica,
                begun.first,
                begun.before,
                after,
                packet.signed,
                packet.signature,
                begun.entries[:count],
            )
    return None


def _of_ourselves(
    session: Session, me: Replica, seq: int, limit: int
) -> Iterator[tuple[Words, int]]:
    name = own_name(me)
    begun, after = _begin(session, me.office_id, me.incarnation, seq), b""

    def words() -> Words:
        return Words(
            me.office_id, name, me.id, begun.first, begun.before, after, b"", b"", begun.entries
        )

    for row in _rows(session, me.office_id, me.incarnation, seq):
        if begun.size > limit:
            yield words(), begun.size
            begun = _Begun(row.seq, after)
        begun.add(row, me.centre_schema)
        after = row.hash
    if begun.entries:
        yield words(), begun.size


def _write(
    session: Session,
    keys: Keys,
    card: CentreCard,
    code: str,
    city: City,
    one: _Filling,
    number: int,
    left: int = 0,
) -> Part:
    me = session.scalars(select(Replica)).one()
    signers = _signers(session, me, one)
    needs = [(*at, last) for at, last in one.needs.items()]
    said = Relay(
        me.id, card.id, city.epoch, signers, one.words, one.items, needs, one.digests, one.unsigned
    )
    header = from_us(
        me,
        relayed.KIND,
        card.id,
        first=one.first,
        last=one.first + len(one.items) - 1,
        before=one.before.hex(),
        after=one.after.hex(),
        part=number,
        count=one.count,
        office_code=code,
        card=card.mark,
    )
    data = pack.write(keys, header, relayed.encode(said), [card.recipient, keys.recipient])
    stem = f"{code}-{me.incarnation[-8:]}-up{me.centre_epoch}"
    return Part(
        f"{stem}-{header.first}-{header.last}-{number}.sangyu",
        data,
        one.count,
        one.entries,
        left,
    )


def _signers(session: Session, me: Replica, one: _Filling) -> list[Signer]:
    """Of whose words are in it, signed or not."""
    wanted = {(words.office_id, words.replica) for words in one.words if words.replica != me.id}
    for at in {(said.office_id, said.incarnation) for said in one.unsigned}:
        wanted.add((at[0], session.get_one(Stream, at).replica))
    return [Signer(*at, session.get_one(Installation, at).sign_key) for at in sorted(wanted)]


# what the city answers ------------------------------------------------------------------------


def told_in(session: Session, keys: Keys, card: CentreCard, data: bytes) -> tuple[Header, Told]:
    """What the city says; raises Fault where it is not the city, or not to us."""
    packet = pack.read(data)
    header = packet.header
    me = session.scalars(select(Replica)).one()
    if header.kind != relayed.ANSWER or header.recipient != me.id:
        raise elsewhere("本区中心")
    if header.sender != card.id:
        raise Fault("foreign_centre", "这个数据包来自另一个市级节点，没有读入")
    packet.check(card.sign)
    told: Told = relayed.decode(packet, keys, Told)
    return header, told


def hear(session: Session, keys: Keys, card: CentreCard, data: bytes) -> list[Known]:
    """Take the city's answer in: never backwards within one epoch of the city. Returns the streams
    that are now known further. Raises Fault."""
    header, told = told_in(session, keys, card, data)
    told_card.heard(session, told.card, CITY)
    me = session.scalars(select(Replica)).one()
    city = session.get_one(City, card.id)
    if header.epoch < city.epoch:
        return []
    if header.epoch > city.epoch:  # it was put back: what it has now is all it has
        city.epoch, city.seq, city.head = header.epoch, 0, GENESIS
        session.execute(delete(Known))
    city.heard_at, city.wants = clock.now(), b"".join(told.lacks)
    rose = [one for reached in told.reached if (one := _reached(session, me, reached))]
    _read_so_far(session, keys, me, city, header, told)
    return rose


def _reached(session: Session, me: Replica, said: Reached) -> Known | None:
    """Only what it proves by our own chain value."""
    stream = me.incarnation if said.office_id == me.office_id else said.incarnation
    if said.office_id == me.office_id and said.incarnation != own_name(me):
        return None
    at = session.get(Known, (said.office_id, said.incarnation))
    if at is None:
        at = Known(office_id=said.office_id, incarnation=said.incarnation, seq=0, is_forked=False)
        session.add(at)
    here = _hash_at(session, said.office_id, stream, said.seq)
    at.is_forked = here is not None and here != said.hash
    if at.is_forked or said.seq <= at.seq:
        return None
    at.seq = said.seq
    return at


def _read_so_far(
    session: Session, keys: Keys, me: Replica, city: City, header: Header, told: Told
) -> None:
    """Where the city has read more of us than we said, and shows it under our own signature, we are
    the ones who were put back. Raises Fault where it shows nothing."""
    if told.district_epoch < me.centre_epoch:
        return
    if _is_said(session, me, city, told.district_epoch, header.seen, header.seen_hash):
        if header.seen > city.seq:
            city.seq, city.head = header.seen, bytes.fromhex(header.seen_hash)
        return
    ours = _our_word(keys, me, city, told.proof)
    if ours is None or _is_said(session, me, city, ours.epoch, ours.last, ours.after):
        raise unproved()
    new_epoch(session, ours.epoch)
    city.seq, city.head = 0, GENESIS


def _is_said(session: Session, me: Replica, city: City, epoch: int, seq: int, after: str) -> bool:
    """Do we know that we told the city this far?"""
    if epoch != me.centre_epoch:
        return epoch < me.centre_epoch
    known = select(Downlink.hash).where(Downlink.office_id == city.id, Downlink.seq == seq)
    return seq == 0 or ((hash_ := session.scalar(known)) is not None and hash_.hex() == after)


def _our_word(keys: Keys, me: Replica, city: City, proof: bytes) -> Header | None:
    """The header of a file that we signed for the city."""
    try:
        packet = pack.apart(proof)
    except Fault:
        return None
    header = packet.header
    is_ours = (header.kind, header.sender, header.recipient) == (relayed.KIND, me.id, city.id)
    return header if is_ours and is_signed(keys.public, packet.signature, packet.signed) else None


def unproved() -> Fault:
    """The city names more than we know, without our signature."""
    return Fault(
        "unproved",
        "市级说读到过本区中心没有记录的内容，又没有本区中心签过名的凭据，没有采信，资料都在。"
        "资料库确实换成过旧的一份的，请在“设置”里备份一次并恢复它，再转报",
    )
