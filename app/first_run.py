"""How far the first start has come; only this PC remembers (首次使用)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.kit.ids import new_id
from models.local_note import LocalNote

KIND = "first_run"
CARD, ROSTER, DONE = 2, 3, 4


def step(session: Session) -> int:
    """Where to go on: CARD, ROSTER or DONE. An installation without a note is done."""
    found = session.scalars(select(LocalNote).where(LocalNote.kind == KIND)).first()
    return int(found.value) if found is not None else DONE


def reach(session: Session, at: int) -> None:
    """A step was reached."""
    found = session.scalars(select(LocalNote).where(LocalNote.kind == KIND)).first()
    if found is None:
        session.add(LocalNote(id=new_id(), kind=KIND, value=at))
    else:
        found.value = at
