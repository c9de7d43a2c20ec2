"""What the city answers, taken in by the district: how far it has each stream, and how far it has
read us."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.exchange import Downlink, Replica, new_epoch
from models.kit import clock
from models.kit.stream import GENESIS
from models.relay import City, Known, own_name
from sync import pack, relayed, told_card
from sync.centre.relay.stretches import hash_at
from sync.centre_card import CITY, CentreCard
from sync.fault import Fault, elsewhere
from sync.keys import Keys, is_signed
from sync.message import Header
from sync.relayed import Reached, Told


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


def hear(session: Session, keys: Keys, card: CentreCard, data: bytes) -> tuple[list[Known], bytes]:
    """Take the city's answer in: never backwards within one epoch of the city. Returns the streams
    that are now known further, and its word that it is reached elsewhere. Raises Fault."""
    header, told = told_in(session, keys, card, data)
    moved = told_card.heard(session, told.card, CITY)
    me = session.scalars(select(Replica)).one()
    city = session.get_one(City, card.id)
    if header.epoch < city.epoch:
        return [], moved
    if header.epoch > city.epoch:  # it was put back: what it has now is all it has
        city.epoch, city.seq, city.head = header.epoch, 0, GENESIS
        session.execute(delete(Known))
    city.heard_at, city.wants = clock.now(), b"".join(told.lacks)
    rose = [one for reached in told.reached if (one := _reached(session, me, reached))]
    _read_so_far(session, keys, me, city, header, told)
    return rose, moved


def _reached(session: Session, me: Replica, said: Reached) -> Known | None:
    """Only what it proves by our own chain value."""
    stream = me.incarnation if said.office_id == me.office_id else said.incarnation
    if said.office_id == me.office_id and said.incarnation != own_name(me):
        return None
    at = session.get(Known, (said.office_id, said.incarnation))
    if at is None:
        at = Known(office_id=said.office_id, incarnation=said.incarnation, seq=0, is_forked=False)
        session.add(at)
    here = hash_at(session, said.office_id, stream, said.seq)
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
