"""What a station knows of its centre since the invitation: keys, address, pinned certificate."""

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.kit import clock
from models.kit.ids import new_id
from models.parameter import LocalNote

KIND = "centre_card"


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
        """Eight characters to compare over the phone."""
        return self.sign.hex()[:8].upper()


def keep(session: Session, card: CentreCard) -> None:
    """Remember the centre; told again, nothing changes."""
    if session.scalars(select(LocalNote.id).where(LocalNote.kind == KIND)).first():
        return
    session.add(
        LocalNote(
            id=new_id(),
            office_id="",
            created_at=clock.now(),
            kind=KIND,
            key=card.id,
            value=msgspec.to_builtins(card),
            row_version=1,
            is_void=False,
            stamps={},
        )
    )


def centre_card(session: Session) -> CentreCard:
    """The centre this station belongs to; raises NoResultFound where there is none."""
    value = session.scalars(select(LocalNote.value).where(LocalNote.kind == KIND)).one()
    return msgspec.convert(value, CentreCard)
