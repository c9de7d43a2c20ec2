"""How the centre takes in a station, for commands and screens alike: the invitation out, the answer
in, the approval out; and how a district itself is taken in by its city. What is allowed and noted
beside it is handed in as verbs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from sqlalchemy.orm import Session

from app.kit.refusal import Refusal
from app.kit.run import Store, run
from app.kit.who import Desk
from sync import enrol, own_card, told_card, uplink
from sync.centre_card import CentreCard
from sync.fault import Fault
from sync.keys import Keys

T = TypeVar("T")


class _Vault(Protocol):
    def get(self, name: str, /) -> bytes | None: ...
    def put(self, name: str, secret: bytes, /) -> None: ...


class _Office(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def phone(self) -> str: ...


class Opened(Protocol):
    """An open centre."""

    @property
    def store(self) -> Store: ...
    @property
    def desk(self) -> Desk: ...
    @property
    def vault(self) -> _Vault: ...
    @property
    def office(self) -> _Office: ...
    @property
    def replica(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Invitation:
    """The file for the station, whom it is for, and what both read out on the telephone."""

    data: bytes
    office: dict[str, Any]
    fingerprint: str


def secret(opened: Opened, name: str) -> bytes:
    """A key of the centre; raises Refusal where it is missing."""
    value = opened.vault.get(name)
    if value is None:
        raise Refusal("区中心的密钥不完整，请从备份恢复 keys.json 后再试")
    return value


def keys_of(opened: Opened) -> Keys:
    """What the centre signs and reads with."""
    return Keys.load(secret(opened, "installation"))


def own_of(opened: Opened) -> own_card.Own:
    """Where the centre is reached, with its certificate; raises Refusal where that is missing."""
    own = own_card.of(opened.vault)
    if own is None:
        raise Refusal("区中心的密钥不完整，请从备份恢复 keys.json 后再试")
    return own


def card_of(opened: Opened) -> CentreCard:
    """What an invitation says of this centre."""
    keys, own = keys_of(opened), own_of(opened)
    return CentreCard(
        id=opened.replica,
        name=opened.office.name,
        sign=keys.public,
        recipient=keys.recipient,
        recovery=Keys.load(secret(opened, "recovery")).recipient,
        url=own.url,
        certificate=own.way.certificate,
        phone=opened.office.phone or "",
        number=own.number,
        token=told_card.token(keys, own.number) if own.number else "",
    )


def invite(opened: Opened, office: Callable[[Session], dict[str, Any]]) -> Invitation:
    """``office`` finds or makes the office that is invited, in the same transaction."""
    keys, card = keys_of(opened), card_of(opened)

    def write(session: Session) -> Invitation:
        said = office(session)
        return Invitation(enrol.invite(session, keys, card, said), said, card.fingerprint)

    return run(opened.store, opened.desk, write).result


def approve(
    opened: Opened, answer: bytes, approved: Callable[[Session, str], str]
) -> tuple[str, bytes]:
    """What ``approved`` says of the office, and the file for the station. Raises Refusal with what
    is wrong with the answer."""
    keys = keys_of(opened)

    def write(session: Session) -> tuple[str, bytes]:
        station, data = enrol.approve(session, keys, answer)
        return approved(session, station.office_id), data

    return _refusing(opened, write)


def join_city(
    opened: Opened, invited: enrol.Invited, allowed: Callable[[Session], object]
) -> bytes:
    """The answer to the city that invited this district. Raises Refusal."""
    keys = keys_of(opened)

    def write(session: Session) -> bytes:
        allowed(session)
        return uplink.join(session, keys, invited)

    return _refusing(opened, write)


def answer_city_again(opened: Opened, allowed: Callable[[Session], object]) -> bytes:
    """The same answer, where the file was lost on its way. Raises Refusal."""
    keys = keys_of(opened)

    def write(session: Session) -> bytes:
        allowed(session)
        return uplink.answer_again(session, keys)

    return _refusing(opened, write)


def joined_city(opened: Opened, data: bytes, noted: Callable[[Session, str], object]) -> str:
    """Read the city's approval; the city's name. Raises Refusal."""
    keys = keys_of(opened)

    def read(session: Session) -> str:
        card = uplink.joined(session, keys, data)
        noted(session, card.name)
        return card.name

    return _refusing(opened, read)


def _refusing(opened: Opened, verb: Callable[[Session], T]) -> T:
    try:
        return run(opened.store, opened.desk, verb).result
    except Fault as fault:
        raise Refusal(fault.message) from None
