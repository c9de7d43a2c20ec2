"""How a station joins its centre: invitation, answer, approval. Three files in the
same envelope as everything else; until the approval is read the station works and keeps all."""

import hashlib
from typing import Annotated, Any

import msgspec
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models.exchange import Installation, Invitation, Replica
from models.kit import clock
from models.kit.ids import new_id
from models.kit.stream import GARBLED
from models.office import Office
from models.relay import District
from models.revocation import Revocation
from sync import pack
from sync.centre_card import CentreCard
from sync.fault import Fault, broken, elsewhere, forged
from sync.header import APP
from sync.keys import Keys, is_recipient, seal
from sync.message import Header


class Invited(msgspec.Struct, frozen=True):
    """What an invitation says: the office it is for and the centre it comes from."""

    code: str
    office: dict[str, Any]
    centre: CentreCard


DISTRICT = "2"
"""The level of a district's centre among offices."""
Id = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]


class _Place(msgspec.Struct, frozen=True):
    """What we rely on in the office of an invitation: its code becomes part of file names."""

    id: Id
    code: Annotated[str, msgspec.Meta(pattern="^[0-9]{12}$")]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    level: str | None = None
    address: str | None = None
    phone: str | None = None
    hours: str | None = None
    parent_id: Id | None = None
    office_id: Id | None = None
    stamps: dict[str, str] | None = None


class Answered(msgspec.Struct, frozen=True):
    """What the station says of itself. ``sealed_key`` is its database key for the centre's
    recovery key; ``name`` is how a district calls itself, whom its city does not know yet."""

    code: str
    replica: Id
    incarnation: Id
    office_id: Id
    sign: bytes
    recipient: str
    sealed_key: str
    name: str = ""


class Approved(msgspec.Struct, frozen=True):
    """The centre's yes to one installation."""

    replica: str
    office_id: str


def revoked_ones() -> Select[str]:
    """The installations whose files are no longer taken in."""
    return select(Revocation.replica_id).where(Revocation.is_void.is_(False))


def is_revoked(session: Session, replica: str) -> bool:
    """Has the centre stopped this installation?"""
    found = session.scalar(revoked_ones().where(Revocation.replica_id == replica).limit(1))
    return found is not None


def envelope(
    kind: str, sender: str, recipient: str, keys: Keys, plain: bytes, sealed: bytes, card: str = ""
) -> bytes:
    """A file that is no part of an exchange."""
    header = Header(
        kind=kind,
        batch=new_id(),
        sender=sender,
        sender_office="",
        incarnation="",
        recipient=recipient,
        sha256=hashlib.sha256(sealed).hexdigest(),
        size=len(plain),
        made=int(clock.now().timestamp() * 1000) << 16,
        app=APP,
        card=card,
    )
    return pack.close(keys, header, sealed)


def invite(session: Session, keys: Keys, card: CentreCard, office: dict[str, Any]) -> bytes:
    """An invitation for one office: signed, not secret but for its one-time code."""
    code = new_id()
    name = office["name"]
    session.add(Invitation(office_id=office["id"], code=code, made_at=clock.now(), name=name))
    plain = msgspec.json.encode(Invited(code, office, card))
    return envelope("invitation", card.id, "", keys, plain, plain)


def read_invitation(data: bytes, *, of_district: bool = False) -> Invited:
    """Raises Fault; the signature is that of the key the invitation itself brings, so the person
    compares the fingerprint. A city invites districts, a district stations."""
    packet = pack.read(data)
    if packet.header.kind != "invitation":
        giver = "市级" if of_district else "区中心"
        raise Fault("not_invitation", f"这不是邀请文件。请选择{giver}给的“邀请”文件")
    try:
        invited = msgspec.json.decode(packet.sealed, type=Invited)
        msgspec.convert(invited.office, _Place)
    except GARBLED:
        raise broken() from None
    packet.check(invited.centre.sign)
    if (invited.office.get("level") == DISTRICT) is not of_district:
        whose = "站点" if of_district else "区中心"
        raise Fault("not_invitation", f"这份邀请是给{whose}的，没有读入。请换一份邀请文件")
    card = invited.centre
    if not is_recipient(card.recipient) or (card.recovery and not is_recipient(card.recovery)):
        raise broken()
    return invited


def answer(session: Session, keys: Keys, invited: Invited, sealed_key: str) -> bytes:
    """The station's answer, readable by the centre alone."""
    me = session.scalars(select(Replica)).one()
    said = Answered(
        invited.code,
        me.id,
        me.incarnation,
        me.office_id,
        keys.public,
        keys.recipient,
        sealed_key,
        session.scalar(select(Office.name).where(Office.id == me.office_id)) or "",
    )
    plain = msgspec.json.encode(said)
    sealed = seal(plain, [invited.centre.recipient])
    return envelope("enrolment", me.id, invited.centre.id, keys, plain, sealed)


def approve(session: Session, keys: Keys, data: bytes) -> tuple[Installation, bytes]:
    """Take an answer in and write the approval; asked twice, it says the same again."""
    me = session.scalars(select(Replica)).one()
    said = _read_answer(keys, me, data)
    invitation = session.get(Invitation, (said.office_id, said.code))
    if invitation is None:  # a city does not know beforehand what a district calls itself
        invitation = session.get(Invitation, (me.office_id, said.code))
        if invitation is not None and session.get(District, said.office_id) is None:
            name = said.name or invitation.name
            session.add(District(office_id=said.office_id, id=said.replica, name=name[:100]))
    if invitation is None:
        raise Fault("unknown_invitation", "没有发出过这份邀请，不能批准。请重新邀请")
    found = session.get(Installation, (said.office_id, said.replica))
    if found is None:
        if invitation.used_at is not None:
            raise Fault("used", "这份邀请已经用过了，不能再批准另一台电脑。请重新邀请")
        found = Installation(
            office_id=said.office_id,
            id=said.replica,
            incarnation=said.incarnation,
            sign_key=said.sign,
            recipient=said.recipient,
            sealed_key=said.sealed_key,
        )
        session.add(found)
    if found.sign_key != said.sign:
        raise forged()
    if is_revoked(session, found.id):
        raise Fault("revoked", "这台电脑已经停用，不能再批准。请重新邀请，在电脑上重新建立")
    invitation.used_at = invitation.used_at or clock.now()
    found.approved_at = found.approved_at or clock.now()
    session.flush()
    plain = msgspec.json.encode(Approved(found.id, found.office_id))
    sealed = seal(plain, [found.recipient])
    return found, envelope("approval", me.id, found.id, keys, plain, sealed)


def _read_answer(keys: Keys, me: Replica, data: bytes) -> Answered:
    packet = pack.read(data)
    if packet.header.kind != "enrolment":
        raise Fault("not_answer", "这不是回复文件。请选择对方交来的“回复”文件")
    if packet.header.recipient != me.id:
        raise Fault("elsewhere", "这份回复是给别处的，没有读入。请选择对方交来的“回复”文件")
    try:
        said = msgspec.json.decode(keys.open(packet.sealed), type=Answered)
    except GARBLED:
        raise broken() from None
    packet.check(said.sign)
    if not is_recipient(said.recipient):
        raise broken()
    return said


def accept(
    session: Session,
    keys: Keys,
    card: CentreCard,
    data: bytes,
    *,
    whose: str = "区中心",
    whom: str = "本站",
) -> None:
    """The station reads its approval, a district its city's; ``whose`` and ``whom`` are for the
    person. Raises Fault."""
    packet = pack.read(data)
    me = session.scalars(select(Replica)).one()
    if packet.header.kind != "approval":
        raise Fault("not_approval", f"这不是批准文件。请选择{whose}给的“批准”文件")
    if packet.header.sender != card.id:
        raise Fault("foreign_centre", f"这份批准来自另一个{whose}，没有读入")
    if packet.header.recipient != me.id:
        raise elsewhere(whom)
    packet.check(card.sign)
    said = msgspec.json.decode(keys.open(packet.sealed), type=Approved)
    if (said.replica, said.office_id) != (me.id, me.office_id):
        raise forged()
    me.approved_at = me.approved_at or clock.now()
