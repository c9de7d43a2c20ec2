"""Contents of attachments travel after the changes that name them, in parts of their own: the same
signed and sealed file, kind ``blobs``. The centre's answer names what it has, so that a lost part
or answer costs one part, and a broken content is refused alone.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import attachment as contents
from models.exchange import Replica
from models.kit.db import Store
from models.kit.stream import GARBLED
from sync import pack
from sync.centre_card import CentreCard
from sync.fault import TOO_BIG, Fault, broken, elsewhere, forged
from sync.header import from_us
from sync.keys import Keys
from sync.link import Link

KIND, ANSWER = "blobs", "blobs-answer"
ON_LINE, ON_STICK = 4 * 2**20, 16 * 2**20
BLOB_LIMIT = 16 * 2**20
PLAIN_LIMIT = 40 * 2**20
ASKS, WANTS = 2000, 200
Tell = Callable[[str, float], bool]


class Parcel(msgspec.Struct, array_like=True, frozen=True):
    """The sealed part. ``asks`` are digests the sender would like to hear of, ``held`` those the
    answering side has, ``wants`` those the sender lacks, ``blobs`` (digest, bytes), ``refused``
    (digest, reason), ``left`` (digest, person) those of people who have left the sender."""

    sender: str
    recipient: str
    asks: list[bytes] = []
    blobs: list[tuple[bytes, bytes]] = []
    wants: list[bytes] = []
    held: list[bytes] = []
    refused: list[tuple[bytes, str]] = []
    left: list[tuple[bytes, str]] = []


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Parcel).decode


@dataclass(slots=True)
class Carried:
    """What was done with contents. ``stopped``: by the person."""

    delivered: int = 0
    fetched: int = 0
    stopped: bool = False


def parcel_of(packet: pack.Packet, keys: Keys) -> Parcel:
    """The sealed part understood; raises Fault. Call ``packet.check`` before."""
    if packet.header.size > PLAIN_LIMIT:
        raise broken()
    try:
        parcel = _decode(packet.plain(keys))
    except GARBLED:
        raise broken() from None
    if (parcel.sender, parcel.recipient) != (packet.header.sender, packet.header.recipient):
        raise forged()
    return parcel


def encode(parcel: Parcel) -> bytes:
    """Ready for ``pack.write``."""
    return _encode(parcel)


def raw(names: Iterable[str]) -> list[bytes]:
    """Digests as the wire has them."""
    return [bytes.fromhex(name) for name in names]


def is_right(digest: bytes, data: bytes) -> bool:
    """Is this the content it is called?"""
    return len(data) <= BLOB_LIMIT and sha256(data).digest() == digest


def batches(owed: Sequence[tuple[str, int]], limit: int) -> Iterator[list[str]]:
    """Digests by the part."""
    part: list[str] = []
    size = 0
    for name, length in owed:
        if part and size + length > limit:
            yield part
            part, size = [], 0
        part.append(name)
        size += length
    if part:
        yield part


def loaded(session: Session, office_id: str, names: Iterable[str]) -> list[tuple[bytes, bytes]]:
    """The contents themselves; what has gone meanwhile is left out."""
    found = ((name, contents.content(session, office_id, name)) for name in names)
    return [(bytes.fromhex(name), data) for name, data in found if data is not None]


# the station's side -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Station:
    """Who speaks, to whom."""

    keys: Keys
    card: CentreCard
    office_code: str

    def write(self, session: Session, parcel: Parcel, part: int = 1, parts: int = 1) -> bytes:
        """One file."""
        me = session.scalars(select(Replica)).one()
        header = from_us(
            me,
            KIND,
            self.card.id,
            part=part,
            parts=parts,
            count=len(parcel.blobs),
            office_code=self.office_code,
        )
        recipients = [self.card.recipient, self.keys.recipient]
        return pack.write(self.keys, header, encode(parcel), recipients)

    def parcel(self, session: Session, **given: Any) -> Parcel:
        """Addressed; of what it names it says who has left."""
        me = session.scalars(select(Replica)).one()
        parcel = msgspec.structs.replace(Parcel(me.id, self.card.id), **given)
        names = [one.hex() for one in (*parcel.asks, *(digest for digest, _ in parcel.blobs))]
        left = [(bytes.fromhex(name), whose) for name, whose in contents.left(session, names)]
        return msgspec.structs.replace(parcel, left=left)

    def loaded_part(self, session: Session, names: list[str], part: int, parts: int) -> bytes:
        """A file with contents."""
        me = session.scalars(select(Replica)).one()
        parcel = self.parcel(session, blobs=loaded(session, me.office_id, names))
        return self.write(session, parcel, part, parts)


def carry(store: Store, station: Station, link: Link, tell: Tell | None = None) -> Carried:
    """Over a link: ask what the centre has, send the rest, fetch what is missing here. What is not
    let through holds up nothing else. Raises Fault; whatever was confirmed before stays confirmed.
    """
    done, say = Carried(), tell or _go_on
    _ask(store, station, link, done)
    with store.look() as session:
        waiting = deque(batches(contents.owed(session), ON_LINE))
    number, stuck = 1, None
    while waiting:
        names = waiting.popleft()
        count = number + len(waiting)
        if say(f"正在上报照片和附件，第 {number} / {count} 包", (number - 1) / count):
            done.stopped = True
            return done
        with store.look() as session:
            data = station.loaded_part(session, names, number, count)
        before = _owed(store)
        try:
            _take(store, station, link.exchange(data), done)
        except Fault as fault:
            if fault.kind != TOO_BIG:
                raise
            stuck = fault if len(names) == 1 else stuck
            waiting.extendleft([one] for one in reversed(names) if len(names) > 1)
            continue
        number += 1
        done.delivered += before - _owed(store)
    if stuck is not None:
        raise stuck
    return done


def _ask(store: Store, station: Station, link: Link, done: Carried) -> None:
    """Nothing is asked where nothing is owed and nothing is missing."""
    tried, first = set[str](), True
    while True:
        with store.look() as session:
            owed = [name for name, _ in contents.owed(session)] if first else []
            lacking = [one for one in _missing(session) if one not in tried][:WANTS]
            given = {"asks": raw(owed[:ASKS]), "wants": raw(lacking)}
            data = station.write(session, station.parcel(session, **given))
        if not owed and not lacking:
            return
        before, first = done.fetched, False
        _take(store, station, link.exchange(data), done)
        if done.fetched == before:
            tried |= set(lacking)


def _take(store: Store, station: Station, answer: bytes, done: Carried) -> None:
    with store.apply() as session:
        done.fetched += receive(session, station.keys, station.card, answer)


def receive(session: Session, keys: Keys, card: CentreCard, data: bytes) -> int:
    """Read one answer about contents; returns how many contents came with it. Read twice, it says
    the same. Raises Fault, and then nothing was taken."""
    packet = pack.read(data)
    header = packet.header
    me = session.scalars(select(Replica)).one()
    if header.kind != ANSWER:
        raise elsewhere("本机")
    if header.sender != card.id:
        raise Fault("foreign_centre", "这个数据包来自另一个区中心，没有读入")
    if header.recipient != me.id:
        raise elsewhere()
    packet.check(card.sign)
    if header.epoch < me.centre_epoch:
        return 0  # said before the centre was set back: it may not have them any more
    parcel = parcel_of(packet, keys)
    contents.confirm(session, me.office_id, [one.hex() for one in parcel.held], header.epoch)
    contents.let_delivered_go(session)
    lacking = set(contents.missing(session, me.office_id)) if parcel.blobs else set()
    came = 0
    for digest, one in parcel.blobs:
        if digest.hex() in lacking and is_right(digest, one):
            contents.keep(session, me.office_id, one, epoch=header.epoch)
            came += 1
    return came


def parts(session: Session, station: Station) -> Iterator[tuple[str, bytes]]:
    """For a stick: (name, file) with every content that was not confirmed. The name follows the
    contents, so that the same written again takes the same place."""
    me = session.scalars(select(Replica)).one()
    cut = list(batches(contents.owed(session), ON_STICK))
    lacking = contents.missing(session, me.office_id)
    stem = f"{station.office_code}-{me.incarnation[-8:]}"
    for number, names in enumerate(cut, 1):
        mark = sha256("".join(names).encode()).hexdigest()[:8]
        data = station.loaded_part(session, names, number, len(cut))
        yield f"{stem}-B{mark}-{number}of{len(cut)}.sangyu", data
    if lacking:
        parcel = station.parcel(session, wants=raw(lacking[:WANTS]))
        yield f"{stem}-W.sangyu", station.write(session, parcel)


def part_count(session: Session) -> int:
    """How many files `parts` makes."""
    return len(list(batches(contents.owed(session), ON_STICK))) + bool(_missing(session))


def is_done(session: Session, keys: Keys, data: bytes) -> bool:
    """Is this a file of ours with contents that need no carrying any more?"""
    packet = pack.read(data)
    me = session.scalars(select(Replica)).one()
    if packet.header.kind != KIND or packet.header.sender != me.id:
        return False
    packet.check(keys.public)
    parcel = parcel_of(packet, keys)
    owed = {name for name, _ in contents.owed(session)}
    lacking = set(contents.missing(session, me.office_id))
    inside = {digest.hex() for digest, _ in parcel.blobs}
    return not inside & owed and not {one.hex() for one in parcel.wants} & lacking


def _missing(session: Session) -> list[str]:
    return contents.missing(session, session.scalars(select(Replica.office_id)).one())


def _owed(store: Store) -> int:
    with store.look() as session:
        return contents.owed_count(session)


def _go_on(_words: str, _share: float) -> bool:
    return False
