"""The relay of a district to its city (sync.md 4.12): how far each side has come. None of these
tables travels itself."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Integer, LargeBinary, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from models.exchange import Replica
from models.kit.base import Base
from models.kit.ids import named_id
from models.kit.kinds import UtcTime
from models.kit.stream import GENESIS

DIGEST = 32  # bytes of the name of a content
CITY_AGREED = "city_agreed"  # the note a district makes of its last comparison


def own_name(me: Replica) -> str:
    """A centre's own stream as its city knows it: one that was put back may have forgotten words
    of its own, and begins it again with each epoch."""
    return named_id(me.incarnation, f"epoch {me.centre_epoch}")


class City(Base):
    """At the district: the one city it reports to, and how far that has read what we say of our
    records; ``epoch`` is the city's own. ``wants`` are the digests, one after the other, of the
    contents it said that it lacks."""

    __tablename__ = "city"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    epoch: Mapped[int] = mapped_column(Integer, default=1)
    seq: Mapped[int] = mapped_column(BigInteger, default=0)
    head: Mapped[bytes] = mapped_column(LargeBinary, default=GENESIS)
    heard_at: Mapped[datetime | None] = mapped_column(UtcTime())
    wants: Mapped[bytes | None] = mapped_column(LargeBinary)

    def lacking(self) -> list[str]:
        """The contents it lacked when it spoke last."""
        raw = self.wants or b""
        return [raw[at : at + DIGEST].hex() for at in range(0, len(raw), DIGEST)]


class Known(Base):
    """How far a stream is known to the city, by its own signed answer: at the district of every
    stream, at a station of its own. ``told`` is how far its station was told so. Where
    ``is_forked`` the city has other words than we."""

    __tablename__ = "known"

    office_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    incarnation: Mapped[str] = mapped_column(String(32), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, default=0)
    told: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    is_forked: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())


class District(Base):
    """At the city: a district, and how far we have read what it says of its records; ``epoch`` is
    the district's own, ``name`` how it called itself when it joined. ``agreed`` is what the last
    comparison, at ``compared_at``, found; ``claim`` are the digests it claimed of all we have read
    up to ``seq``, so that a stick can bring our answer to them. A file up to ``waits_for``
    came before what it builds on, ``waits_since``. ``renewed`` is by how much our own epoch is
    ahead for this district alone; ``read_by`` its signed header that says how far we read."""

    __tablename__ = "district"

    office_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    id: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(100), default="", server_default="")
    epoch: Mapped[int] = mapped_column(Integer, default=0)
    seq: Mapped[int] = mapped_column(BigInteger, default=0)
    head: Mapped[bytes] = mapped_column(LargeBinary, default=GENESIS)
    compared_at: Mapped[datetime | None] = mapped_column(UtcTime())
    waits_for: Mapped[int | None] = mapped_column(BigInteger)
    waits_since: Mapped[datetime | None] = mapped_column(UtcTime())
    claim: Mapped[bytes | None] = mapped_column(LargeBinary)
    agreed: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    renewed: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    read_by: Mapped[bytes | None] = mapped_column(LargeBinary)


class Vouched(Base):
    """At the city: the key of a station's computer as its district named it first. It is never
    another, and no other district may speak for that office. No signature can tell an invented
    station from a real one, so a person compares it with what they know and confirms it."""

    __tablename__ = "vouched"

    office_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    district_id: Mapped[str] = mapped_column(String(32), index=True)
    sign_key: Mapped[bytes] = mapped_column(LargeBinary)
    since: Mapped[datetime | None] = mapped_column(UtcTime())
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcTime())
    confirmed_by: Mapped[str | None] = mapped_column(String(100))
