"""What a contact showed of the clock behind a stream (时钟读数), for whoever reads a time of that
clock (sync.md 4.2). It travels nowhere: station and centre each note what they saw."""

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, String, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.kit.base import Base, table_of
from models.kit.bulk import insert_rows
from models.kit.direct import ask
from models.kit.kinds import UtcTime

APART = timedelta(hours=1)
"""So far off, a clock is spoken of."""
BEYOND = timedelta(days=36_525)
"""What nobody's clock says, but a word that is nonsense."""


class ClockReading(Base):
    """Over the network, when the stream had come to ``seq``: how many seconds the clock of its
    computer was ``ahead`` of the centre's, which said ``at``."""

    __tablename__ = "clock_reading"

    office_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    incarnation: Mapped[str] = mapped_column(String(32), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime(), index=True)
    ahead: Mapped[int] = mapped_column(BigInteger)


_TABLE = table_of(ClockReading)
_THERE = (
    select(_TABLE.c.seq)
    .where(
        _TABLE.c.office_id == bindparam("office"),
        _TABLE.c.incarnation == bindparam("stream"),
        _TABLE.c.seq >= bindparam("at_seq"),
    )
    .limit(1)
)


def note(
    session: Session, stream: tuple[str, str], seq: int, at: datetime, ahead: timedelta
) -> None:
    """The first contact after an entry tells most of it. One that brought nothing new leaves
    nothing, nor does one after which less was there than before: a centre was put back, or files
    came in another order."""
    office_id, incarnation = stream
    asked = {"office": office_id, "stream": incarnation, "at_seq": seq}
    if seq < 1 or abs(ahead) > BEYOND or ask(session, _THERE, asked):
        return
    row = {
        "office_id": office_id,
        "incarnation": incarnation,
        "seq": seq,
        "at": at,
        "ahead": round(ahead.total_seconds()),
    }
    insert_rows(session, _TABLE, [row])
