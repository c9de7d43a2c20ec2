"""The district hears what its city shows otherwise than it does, over the line or by stick, and
tells it again (sync.md 4.13). What was said since the city looked is left out: the city could not
know it."""

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from models.exchange import Downlink, Replica
from models.kit import clock
from models.kit.base import table_of
from models.kit.ids import new_id
from models.kit.stream import GENESIS
from models.local_note import LocalNote
from models.relay import CITY_AGREED, City
from sync import erase_order
from sync.centre.keeping import erasing
from sync.centre.relay import cityward, levels
from sync.centre.telling import downlink
from sync.centre_card import CentreCard
from sync.keys import Keys
from sync.message import Header
from sync.relayed import Told, item_in


@dataclass(frozen=True, slots=True)
class Compared:
    """``differed`` records are told again, and the city has ``more`` that we do not."""

    differed: int = 0
    more: int = 0


def position(session: Session, card: CentreCard) -> list[object]:
    """Where both sides stand; the next thing anybody says makes it another."""
    at = cityward.tell_own(session, card.id)
    return _at(session, card, at.seq)


def _at(session: Session, card: CentreCard, seq: int) -> list[object]:
    epoch = session.scalars(select(Replica.centre_epoch)).one()
    return [epoch, session.get_one(City, card.id).epoch, seq]


def last(session: Session) -> object:
    """The position that was compared last."""
    note = session.scalars(select(LocalNote).where(LocalNote.kind == CITY_AGREED)).first()
    return note.value["at"] if note else None


def mend(
    session: Session, keys: Keys, card: CentreCard, header: Header, told: Told
) -> Compared | None:
    """None where the city did not compare, or as of something we know nothing of any more; whom we
    had forgotten to have erased goes first. Call after the answer was heard."""
    epoch = session.scalars(select(Replica.centre_epoch)).one()
    if not told.compared or told.district_epoch != epoch:
        return None
    if header.epoch != session.get_one(City, card.id).epoch:
        return None
    erasing.carry_out_again(session, erase_order.proved(keys, told.orders))
    cityward.tell_own(session, card.id)
    since = _said_since(session, card.id, header)
    if since is None:
        return None
    wanted, more = levels.lacking(session, told.rows, since)
    done = Compared(sum(map(len, wanted.values())), more)
    downlink.tell(session, card.id, list(cityward.stands(session, wanted)))
    _note(session, _at(session, card, header.seen), done)
    return done


def _said_since(session: Session, city_id: str, header: Header) -> set[tuple[str, str]] | None:
    """The records we have spoken of since, as (noun, id); None where the city had read something
    else than we said, or somebody was erased."""
    me = session.scalars(select(Replica)).one()
    seen = session.scalar(
        select(table_of(Downlink).c.hash).where(
            Downlink.office_id == city_id, Downlink.seq == header.seen
        )
    )
    if (seen if header.seen else GENESIS) != bytes.fromhex(header.seen_hash):
        return None
    found: set[tuple[str, str]] = set()
    bodies = session.scalars(
        select(Downlink.body).where(Downlink.office_id == city_id, Downlink.seq > header.seen)
    )
    for raw in bodies:
        item = item_in(raw)
        if item is None:
            return None
        found |= cityward.about(session, me, item)
    is_stale = any(noun == cityward.ORDER for noun, _ in found)
    return None if is_stale else found


def _note(session: Session, at: list[object], done: Compared) -> None:
    note = table_of(LocalNote)
    session.execute(delete(note).where(note.c.kind == CITY_AGREED))
    value = {
        "on": clock.now().isoformat(),
        "at": at,
        "differs": done.differed,
        "more": done.more,
    }
    session.add(LocalNote(id=new_id(), office_id="", kind=CITY_AGREED, key="", value=value))
