"""电话回执: how far the centre has our stream, as eight digits that somebody reads out to us."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.exchange import Change, Replica
from models.kit.stream import moment_of, spoken


@dataclass(frozen=True, slots=True)
class Heard:
    """The last entry the centre has was made ``at``; ``after`` have been since."""

    at: datetime
    after: int


def digits_of(text: str) -> str:
    """What was typed, however it was spaced."""
    return "".join(one for one in unicodedata.normalize("NFKC", text) if one in "0123456789")


def heard(session: Session, digits: str) -> Heard | None:
    """Where this is; None where it is nowhere in what was entered on this computer."""
    me = session.scalars(select(Replica)).one()
    own = select(Change.incarnation, Change.seq, Change.hash, Change.hlc).where(
        Change.office_id == me.office_id
    )
    rows = session.execute(own.order_by(Change.incarnation.desc(), Change.seq.desc()))
    found = next((row for row in rows if spoken(row.hash) == digits), None)
    if found is None:
        return None
    since = select(func.count()).where(
        Change.office_id == me.office_id, Change.incarnation == me.incarnation
    )
    if found.incarnation == me.incarnation:
        since = since.where(Change.seq > found.seq)
    return Heard(moment_of(found.hlc), session.scalar(since) or 0)
