"""What a station knows of its centre: keys for good, address and pinned certificate until it is
told others."""

import hashlib
from datetime import datetime
from textwrap import wrap

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from models.kit import clock
from models.kit.base import table_of
from models.kit.direct import ask
from models.kit.ids import new_id
from models.local_note import LocalNote

KIND, CITY = "centre_card", "city_card"
DIGITS = 20
_NOTE = table_of(LocalNote).c
_CARD = select(_NOTE.value).where(_NOTE.kind == bindparam("kind"))


class Way(msgspec.Struct, frozen=True):
    """An address, and the certificates in PEM of which whoever answers there has one."""

    url: str
    certificate: str


class CentreCard(msgspec.Struct, frozen=True):
    """Everything needed to talk to the centre. ``certificate`` is PEM, trusted alone, two of them
    while one takes the place of the other. ``number`` counts what the centre told of its address,
    from 0 for the first; ``token`` is what only whoever was told it can know. ``since`` is when we
    heard of the address; ``before`` the last one by which the centre was ``reached``."""

    id: str
    name: str
    sign: bytes
    recipient: str
    recovery: str
    url: str
    certificate: str
    phone: str = ""
    number: int = 0
    token: str = ""
    since: datetime | None = None
    reached: bool = False
    before: Way | None = None

    @property
    def mark(self) -> str:
        """Which word of the centre this is, for the header of a file."""
        return f"{self.number}-{self.token}" if self.number else ""

    @property
    def way(self) -> Way:
        """Where the centre is, as far as we know."""
        return Way(self.url, self.certificate)

    @property
    def fingerprint(self) -> str:
        """Twenty digits (66 bits) of the signing key, to compare over the phone: digits are what
        people read out without mistakes. All else of the centre is vouched for by that key."""
        told = int.from_bytes(hashlib.sha256(self.sign).digest()) % 10**DIGITS
        return " ".join(wrap(f"{told:0{DIGITS}d}", 5))


def keep(session: Session, card: CentreCard, kind: str = KIND) -> None:
    """Remember the centre, at a district its city; told again, nothing changes."""
    if session.scalars(select(LocalNote.id).where(LocalNote.kind == kind)).first():
        return
    session.add(
        LocalNote(
            id=new_id(),
            office_id="",
            created_at=clock.now(),
            kind=kind,
            key=card.id,
            value=msgspec.to_builtins(card),
            row_version=1,
            is_void=False,
            stamps={},
        )
    )


def rewrite(session: Session, card: CentreCard, kind: str = KIND) -> None:
    """The same centre, at another place."""
    note = session.scalars(select(LocalNote).where(LocalNote.kind == kind)).one()
    note.value = msgspec.to_builtins(card)


def centre_card(session: Session) -> CentreCard:
    """The centre this station belongs to; raises NoResultFound where there is none."""
    session.flush()
    (note,) = ask(session, _CARD, {"kind": KIND})
    return msgspec.convert(note.value, CentreCard)


def city_card(session: Session) -> CentreCard | None:
    """The city this district reports to, or asked to; None where there is none."""
    value = session.scalars(_CARD, {"kind": CITY}).first()
    return msgspec.convert(value, CentreCard) if value else None
