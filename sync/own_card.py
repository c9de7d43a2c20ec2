"""What a centre, or a city, knows of its own place: address and certificate with its key, in the
vault; and its own signed word of it, in the database, from which every answer takes it."""

from base64 import b64decode, b64encode
from datetime import datetime
from typing import Protocol

import msgspec
from cryptography import x509
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.exchange import Installation, Replica
from models.kit import clock
from models.kit.ids import new_id
from models.local_note import LocalNote
from sync import told_card
from sync.centre_card import Way
from sync.enrol import revoked_ones
from sync.keys import Keys

SECRET, NOTE = "place", "own_card"
PAIR = ("certificate", "certificate_key")


class Secrets(Protocol):
    """The vault."""

    def get(self, name: str, /) -> bytes | None:
        """A secret's bytes."""

    def put(self, name: str, secret: bytes, /) -> None:
        """Keep them."""


class Own(msgspec.Struct, frozen=True):
    """Where we are, in our own words of this ``number``. ``next`` is the certificate, with its key,
    that takes the place of ours once our stations know it."""

    url: str
    certificate: str
    key: str
    number: int = 0
    next: tuple[str, str] | None = None

    @property
    def way(self) -> Way:
        """What stations are told: they trust the next certificate before it is shown to them."""
        return Way(self.url, self.certificate + (self.next[0] if self.next else ""))

    @property
    def pair(self) -> tuple[bytes, bytes]:
        """What is shown to whoever comes: certificate and key."""
        return self.certificate.encode(), self.key.encode()

    @property
    def ends_at(self) -> datetime:
        """The end of the certificate that is shown."""
        return x509.load_pem_x509_certificate(self.certificate.encode()).not_valid_after_utc


def of(secrets: Secrets) -> Own | None:
    """None where the centre was not equipped to its end."""
    kept = secrets.get(SECRET)
    if kept is not None:
        return msgspec.json.decode(kept, type=Own)
    url, certificate, key = (secrets.get(name) for name in ("url", *PAIR))
    if url is None or certificate is None or key is None:
        return None
    return Own(url.decode(), certificate.decode(), key.decode())  # as centres began


def keep(secrets: Secrets, own: Own) -> None:
    """In the vault."""
    secrets.put(SECRET, msgspec.json.encode(own))


def change(session: Session, keys: Keys, secrets: Secrets, own: Own) -> Own:
    """Be there from now on, and tell it: under a number above all that anybody was ever told, also
    where this centre was put back since."""
    most = max(highest(session), own.number) + 1
    own = msgspec.structs.replace(own, number=max(most, int(clock.now().timestamp())))
    keep(secrets, own)
    tell(session, keys, own)
    return own


def tell(session: Session, keys: Keys, own: Own) -> None:
    """From now on every answer to somebody who does not know it brings it along."""
    me = session.scalars(select(Replica)).one()
    data = told_card.write(keys, me.id, own.number, own.way)
    me.card = f"{own.number}-{told_card.token(keys, own.number)}"
    value = {"file": b64encode(data).decode()}
    note = session.scalars(select(LocalNote).where(LocalNote.kind == NOTE)).first()
    if note is None:
        note = LocalNote(id=new_id(), office_id="", kind=NOTE, key=me.id)
        session.add(note)
    note.value = value


def follow(session: Session, keys: Keys, secrets: Secrets) -> None:
    """A database that knows less than the vault: it was put back, or we were stopped between the
    two."""
    own = of(secrets)
    me = session.scalars(select(Replica)).one()
    if own is not None and own.number > told_card.number_in(me.card):
        tell(session, keys, own)


def highest(session: Session) -> int:
    """The latest word of ours that we told, or that anybody proved to have heard."""
    me = session.scalars(select(Replica)).one()
    heard = session.scalar(select(func.max(Installation.card))) or 0
    return max(heard, told_card.number_in(me.card))


def knowing(session: Session, number: int) -> tuple[int, int]:
    """How many computers that were let in know this word of ours, and how many there are."""
    let_in = (Installation.approved_at.is_not(None), Installation.id.not_in(revoked_ones()))
    peers = select(func.count()).select_from(Installation).where(*let_in)
    known = session.scalar(peers.where(Installation.card >= number))
    return known or 0, session.scalar(peers) or 0


def file(session: Session) -> bytes:
    """Our word as a file; empty where stations know us by their invitations alone."""
    value = session.scalars(select(LocalNote.value).where(LocalNote.kind == NOTE)).first()
    return b64decode(value["file"]) if value else b""


def met(keys: Keys, me: Replica, station: Installation, mark: str) -> None:
    """Note which word of ours a sender knows; only what it proves."""
    if mark == me.card:
        station.card = told_card.number_in(mark)
    else:
        station.card = told_card.proved(keys, mark)


def for_whom(session: Session, me: Replica, station: Installation) -> bytes:
    """Our word, for who does not know it yet."""
    if not me.card or station.card >= told_card.number_in(me.card):
        return b""
    return file(session)
