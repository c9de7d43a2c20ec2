"""The city takes in a district's file: the stations' words verified one by one, so that the
district in between can leave nothing out and change nothing; then what the district says of its
records (sync.md 4.12)."""

from dataclasses import dataclass

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import emptying
from models.erasure import Erasure
from models.exchange import Change, Installation, Replica, Stream
from models.kit import clock
from models.kit.base import table_of
from models.kit.bulk import insert_rows
from models.kit.stream import GARBLED, GENESIS, SCHEMA, matches, open_part, read_head, read_payload
from models.relay import District, Vouched
from sync import erase_order, own_card, pack, relayed
from sync.centre.deciding.apply import ROW, row_of
from sync.centre.receiving.streams import Entry, entries_in, take_in
from sync.centre.relay import contents, laying, levels
from sync.centre.relay.laying import altered, closed
from sync.centre.relay.levels import Digests
from sync.centre.relay.visible import closed_in
from sync.erase_order import Orders
from sync.fault import Fault, broken, forged
from sync.header import from_us
from sync.keys import Keys, is_signed
from sync.message import Header, follow
from sync.relayed import Reached, Relay, Signer, Told, Words

FURTHEST = 1000
"""A district that knows of more epochs than this is out of its mind."""

WORDS = {
    "forged": "数据包的签名不对，没有读入。请打电话向该区中心核实它的来历",
    "unknown": "市级还没有批准这个区中心，数据包已原样留存。请先批准它的回复文件，再送一次",
    "revoked": "来自已经停用的区中心电脑，数据包已原样留存。要恢复使用，请重新邀请该区中心",
    "too_new": "区中心的程序比市级的新，数据包已原样留存。请先升级市级的程序",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer, how many words had never come before, and whether anything is different now."""

    answer: bytes
    fresh: int
    is_heard: bool = True


def worded(fault: Fault) -> Fault:
    """Why a district's file was not taken, in words for whoever sits at the city."""
    return Fault(fault.kind, WORDS.get(fault.kind, fault.message), fault.after)


def take(
    session: Session, keys: Keys, me: Replica, station: Installation, packet: pack.Packet
) -> Taken:
    """One file whose signature was checked. What does not follow on what we have is left, and the
    answer says what we have; raises Fault for what cannot be true, and then nothing is taken."""
    header = packet.header
    said: Relay = relayed.decode(packet, keys, Relay)
    district = session.get_one(District, station.office_id)
    before = _marks(me, district, station)
    own_card.met(keys, me, station, header.card)
    if district.id != station.id:
        district.id = station.id  # another computer of the same district
    for one in said.signers:
        _vouch(session, district, one)
    fresh, lacks = 0, False
    for words in said.words:
        new = _hear(session, district, header, words)
        lacks = lacks or new is None
        fresh += new or 0
    lacks = _read(session, district, packet, said) or lacks
    _wait(district, header, lacks=lacks)
    _renew(me, district, said, lacks=lacks and header.part == 1)
    session.flush()
    is_heard = bool(said.words or said.items) or _marks(me, district, station) != before
    return Taken(answer(session, keys, station, said.digests, header), fresh, is_heard)


def _marks(me: Replica, district: District, station: Installation) -> tuple[object, ...]:
    """What a file without words or items may change."""
    at = (district.epoch, district.seq, district.waits_for)
    return _epoch(me, district), district.id, *at, station.card


def _epoch(me: Replica, district: District) -> int:
    """Which one it is with this district."""
    return me.centre_epoch + district.renewed


def _renew(me: Replica, district: District, said: Relay, *, lacks: bool) -> None:
    """It goes on from more than we have: if by our own answer, we are the ones who forgot. It is
    told that we begin anew with it, and says all again; whoever lies puts only itself to that
    trouble, so nothing needs to be proved."""
    ahead = said.city_epoch - _epoch(me, district)
    if 0 < ahead < FURTHEST or (lacks and not ahead):
        district.renewed += ahead + 1


def _wait(district: District, header: Header, *, lacks: bool) -> None:
    """Until we have read as far as the file that came too early, for a person to see."""
    if lacks:
        district.waits_for = max(district.waits_for or 0, header.last)
        district.waits_since = district.waits_since or clock.now()
    elif district.waits_for is not None and district.seq >= district.waits_for:
        district.waits_for = district.waits_since = None


def take_contents(
    session: Session, keys: Keys, station: Installation, packet: pack.Packet
) -> Taken:
    """Photos and scans; what no open record of this district's lacks is left. Raises Fault."""
    district = session.get_one(District, station.office_id)
    came = contents.take(session, keys, packet, offices_of(session, district))
    return Taken(answer(session, keys, station), came)


def _vouch(session: Session, district: District, one: Signer) -> None:
    there = session.get(Vouched, (one.office_id, one.replica))
    if there is None:
        other = session.scalar(
            select(Vouched.district_id).where(
                Vouched.office_id == one.office_id, Vouched.district_id != district.office_id
            )
        )
        if other is not None or one.office_id == district.office_id:
            raise forged()
        session.add(
            Vouched(
                office_id=one.office_id,
                id=one.replica,
                district_id=district.office_id,
                sign_key=one.key,
                since=clock.now(),
            )
        )
        session.flush()
    elif (there.district_id, there.sign_key) != (district.office_id, one.key):
        raise forged()


def _hear(session: Session, district: District, header: Header, words: Words) -> int | None:
    """A stretch of one stream; how many entries are new, None where something before it is
    lacking."""
    told = _signed(session, district, header, words)
    entries = [_seen(one) for one in entries_in(told, words.entries)]
    stream = session.get(Stream, (words.office_id, words.incarnation))
    if stream is None:
        stream = Stream(
            office_id=words.office_id,
            incarnation=words.incarnation,
            replica=words.replica,
            contiguous=0,
            head=GENESIS,
        )
        session.add(stream)
    if stream.replica != words.replica:
        raise forged()
    if words.first > stream.contiguous + 1:
        return None
    fresh = take_in(session, stream, told, entries, has_parked=False)
    of_stream = {"office_id": stream.office_id, "incarnation": stream.incarnation}
    rows = [
        {**of_stream, **dict(zip(ROW, row_of(one), strict=True)), "payload": one.payload or None}
        for one in fresh
    ]
    insert_rows(session, table_of(Change), rows)
    return len(fresh)


def _signed(session: Session, district: District, header: Header, words: Words) -> Header:
    """A header as if the station had sent exactly this stretch, once its own one proves where the
    stretch ends. The district's own words go under its signature of the whole file."""
    span = {
        "first": words.first,
        "last": words.first + len(words.entries) - 1,
        "before": words.before.hex(),
        "after": words.after.hex(),
    }
    if not words.entries:
        raise broken()
    if words.office_id == district.office_id:
        if words.replica != header.sender:
            raise forged()
        return msgspec.structs.replace(header, **span)
    voucher = session.get(Vouched, (words.office_id, words.replica))
    if voucher is None or voucher.district_id != district.office_id:
        raise forged()
    packet = pack.apart(words.signed + words.signature)
    if packet.signed != words.signed or not is_signed(
        voucher.sign_key, words.signature, words.signed
    ):
        raise altered()
    own = packet.header
    claimed = ("changes", words.replica, words.office_id, words.incarnation, header.sender)
    if (own.kind, own.sender, own.sender_office, own.incarnation, own.recipient) != claimed:
        raise altered()
    if (own.last, own.after) != (span["last"], span["after"]):
        raise altered()
    return msgspec.structs.replace(own, **span)


def _seen(one: Entry) -> Entry:
    """What is there belongs to its head, and is for us to see."""
    if not one.payload:
        return one
    if not matches(one.head, one.payload, whole=False):
        raise altered()
    try:
        values = read_payload(one.payload).values
        is_closed = open_part(one.payload) != one.payload or closed_in(one.head, values)
    except GARBLED:
        raise broken() from None
    if is_closed:
        raise closed()
    return one


def _read(session: Session, district: District, packet: pack.Packet, said: Relay) -> bool:
    """What the district says of its records, in its order; is something lacking before it? Another
    epoch begins with all that stands."""
    header, signed = packet.header, packet.signed + packet.signature
    if header.epoch < district.epoch:
        return False
    if header.epoch > district.epoch:
        district.epoch, district.seq, district.head = header.epoch, 0, GENESIS
        district.claim = district.waits_for = district.waits_since = None
        district.read_by = signed
    items, chain = said.items, bytes.fromhex(header.before)
    for one in items:
        chain = follow(chain, one)
    if chain.hex() != header.after:
        raise broken()
    skip = district.seq + 1 - header.first
    if skip < 0:
        return True
    if skip >= len(items):
        return False
    if not skip and header.before != district.head.hex():
        raise altered()
    account = _account(session, said)
    is_there = laying.is_there(session, said.needs)
    if not is_there or not laying.lay(session, district, items[skip:], account):
        return True
    emptying.keep_tokens(session, said.orders)
    district.seq, district.head = header.first + len(items) - 1, chain
    district.read_by = signed
    district.claim = None  # it was of what we had read before
    return False


def _account(session: Session, said: Relay) -> laying.Account:
    """What no station's header proves: it counts as what a district says of its records does, never
    against what was signed, and what is not for us does not come this way either."""
    found = {}
    for one in said.unsigned:
        try:
            entry = _seen(Entry(one.seq, b"", read_head(one.head), one.head, one.payload))
        except GARBLED:
            raise broken() from None
        signed = select(Change.head).where(Change.change_id == entry.head.change_id)
        if any(head != one.head for head in session.scalars(signed)):
            raise altered()
        found[one.office_id, one.incarnation, one.seq] = entry
    return found


def answer(
    session: Session,
    keys: Keys,
    station: Installation,
    claimed: Digests | None = None,
    header: Header | None = None,
) -> bytes:
    """How far we have everything of this district, and where we hold something else than it has
    ``claimed``, as of the last item its ``header`` names."""
    district = session.get_one(District, station.office_id)
    rows = None
    if claimed and header and _is_settled(district, header):
        district.claim = relayed.encode((SCHEMA, claimed))
        rows = _differing(session, district, claimed)
    is_behind = header is None or (header.epoch, header.last) != (district.epoch, district.seq)
    return _told(session, keys, station, district, rows, prove=is_behind)


def answer_again(session: Session, keys: Keys, station: Installation) -> bytes:
    """An answer for a stick: to all we have read of a district so far, also to what it claimed
    with the last of it."""
    district = session.get_one(District, station.office_id)
    rows = None
    schema, claimed = 0, Digests()
    if district.claim is not None:
        schema, claimed = msgspec.msgpack.decode(district.claim, type=tuple[int, Digests])
    if schema == SCHEMA:
        rows = _differing(session, district, claimed)
    return _told(session, keys, station, district, rows)


def _differing(session: Session, district: District, claimed: Digests) -> levels.Rows:
    rows = levels.differing(session, offices_of(session, district), claimed)
    district.compared_at, district.agreed = clock.now(), not rows
    return rows


def _told(
    session: Session,
    keys: Keys,
    station: Installation,
    district: District,
    rows: levels.Rows | None,
    *,
    prove: bool = True,
) -> bytes:
    me = session.scalars(select(Replica)).one()
    told = Told(
        me.id,
        station.id,
        district.epoch,
        reached(session, district),
        rows is not None,
        rows or [],
        contents.lacking(session, offices_of(session, district)),
        proof=(district.read_by or b"") if prove else b"",
        card=own_card.for_whom(session, me, station),
        orders=_orders(session, district) if rows else {},
    )
    said = from_us(
        me,
        relayed.ANSWER,
        station.id,
        epoch=_epoch(me, district),
        seen=district.seq,
        seen_hash=district.head.hex(),
    )
    return pack.write(keys, said, relayed.encode(told), [station.recipient])


def _orders(session: Session, district: District) -> Orders:
    """Those of its own to erase somebody."""
    theirs = select(Erasure.person_id).where(Erasure.office_id == district.office_id)
    return erase_order.kept(session, theirs)


def _is_settled(district: District, header: Header) -> bool:
    """Have we read all of it, and do both programs know the same fields?"""
    at = (header.epoch, header.last, header.after)
    here = (district.epoch, district.seq, district.head.hex())
    return at == here and header.schema == SCHEMA


def offices_of(session: Session, district: District) -> set[str]:
    """The offices whose words it passes on, and its own."""
    mine = select(Vouched.office_id).where(Vouched.district_id == district.office_id)
    return {district.office_id, *session.scalars(mine)}


def reached(session: Session, district: District) -> list[Reached]:
    """Every stream of a district."""
    rows = session.scalars(
        select(Stream)
        .where(Stream.office_id.in_(offices_of(session, district)))
        .order_by(Stream.office_id, Stream.incarnation)
    )
    return [
        Reached(one.office_id, one.incarnation, one.contiguous, one.head)
        for one in rows
        if one.contiguous
    ]
