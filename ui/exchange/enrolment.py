"""How the centre takes in a station, for commands and screens alike: the invitation out, the answer
in, the approval out; and how a district itself is taken in by its city. What is allowed and noted
beside it is handed in as verbs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from app.kit.refusal import Refusal
from app.kit.run import run
from app.station import SECRET, Station
from sync import enrol, own_card, told_card, uplink
from sync.centre_card import CentreCard
from sync.fault import Fault
from sync.keys import Keys

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Invitation:
    """The file for the station, whom it is for, and what both read out on the telephone."""

    data: bytes
    office: dict[str, Any]
    fingerprint: str


def secret(centre: Station, name: str) -> bytes:
    """A key of the centre; raises Refusal where it is missing."""
    value = centre.vault.get(name)
    if value is None:
        raise Refusal("区中心的密钥不完整，请从备份恢复 keys.json 后再试")
    return value


def keys_of(centre: Station) -> Keys:
    """What the centre signs and reads with."""
    return Keys.load(secret(centre, SECRET))


def own_of(centre: Station) -> own_card.Own:
    """Where the centre is reached, with its certificate; raises Refusal where that is missing."""
    own = own_card.of(centre.vault)
    if own is None:
        raise Refusal("区中心的密钥不完整，请从备份恢复 keys.json 后再试")
    return own


def card_of(centre: Station) -> CentreCard:
    """What an invitation says of this centre."""
    keys, own = keys_of(centre), own_of(centre)
    return CentreCard(
        id=centre.replica,
        name=centre.office.name,
        sign=keys.public,
        recipient=keys.recipient,
        recovery=Keys.load(secret(centre, "recovery")).recipient,
        url=own.url,
        certificate=own.way.certificate,
        phone=centre.office.phone or "",
        number=own.number,
        token=told_card.token(keys, own.number) if own.number else "",
    )


def invite(centre: Station, office: Callable[[Session], dict[str, Any]]) -> Invitation:
    """``office`` finds or makes the office that is invited, in the same transaction."""
    keys, card = keys_of(centre), card_of(centre)

    def write(session: Session) -> Invitation:
        said = office(session)
        return Invitation(enrol.invite(session, keys, card, said), said, card.fingerprint)

    return run(centre.store, centre.desk, write).result


def approve(
    centre: Station, answer: bytes, approved: Callable[[Session, str], str]
) -> tuple[str, bytes]:
    """What ``approved`` says of the office, and the file for the station. Raises Refusal with what
    is wrong with the answer."""
    keys = keys_of(centre)

    def write(session: Session) -> tuple[str, bytes]:
        station, data = enrol.approve(session, keys, answer)
        return approved(session, station.office_id), data

    return _refusing(centre, write)


def join_city(
    centre: Station, invited: enrol.Invited, allowed: Callable[[Session], object]
) -> bytes:
    """The answer to the city that invited this district. Raises Refusal."""
    keys = keys_of(centre)

    def write(session: Session) -> bytes:
        allowed(session)
        return uplink.join(session, keys, invited)

    return _refusing(centre, write)


def answer_city_again(centre: Station, allowed: Callable[[Session], object]) -> bytes:
    """The same answer, where the file was lost on its way. Raises Refusal."""
    keys = keys_of(centre)

    def write(session: Session) -> bytes:
        allowed(session)
        return uplink.answer_again(session, keys)

    return _refusing(centre, write)


def joined_city(centre: Station, data: bytes, noted: Callable[[Session, str], object]) -> str:
    """Read the city's approval; the city's name. Raises Refusal."""
    keys = keys_of(centre)

    def read(session: Session) -> str:
        card = uplink.joined(session, keys, data)
        noted(session, card.name)
        return card.name

    return _refusing(centre, read)


def _refusing(centre: Station, verb: Callable[[Session], T]) -> T:
    try:
        return run(centre.store, centre.desk, verb).result
    except Fault as fault:
        raise Refusal(fault.message) from None
