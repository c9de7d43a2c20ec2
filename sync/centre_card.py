"""What a station knows of its centre since the invitation: keys, address, pinned certificate."""

import hashlib
from textwrap import wrap

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from models.kit import clock
from models.kit.base import table_of
from models.kit.ids import new_id
from models.parameter import LocalNote

KIND, CITY = "centre_card", "city_card"
DIGITS = 20
_NOTE = table_of(LocalNote).c
_CARD = select(_NOTE.value).where(_NOTE.kind == bindparam("kind"))


class CentreCard(msgspec.Struct, frozen=True):
    """Everything needed to talk to the centre. ``certificate`` is PEM, trusted alone."""

    id: str
    name: str
    sign: bytes
    recipient: str
    recovery: str
    url: str
    certificate: str
    phone: str = ""

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


def centre_card(session: Session) -> CentreCard:
    """The centre this station belongs to; raises NoResultFound where there is none."""
    value = session.scalars(_CARD, {"kind": KIND}).one()
    return msgspec.convert(value, CentreCard)


def city_card(session: Session) -> CentreCard | None:
    """The city this district reports to, or asked to; None where there is none."""
    value = session.scalars(_CARD, {"kind": CITY}).first()
    return msgspec.convert(value, CentreCard) if value else None
