"""Who comes, who went, and what was written too late, as a station sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app import office, person, roles
from app.handover import late
from app.handover.late import LateAction
from app.handover.offering import open_offer
from app.kit.listing import SIZE, Page, cut
from app.kit.who import Desk, at_desk
from models.handover import DECLINED, OFFERED, TAKEN, Handover, LateEdit
from models.kit import codes
from models.kit.among import among
from models.kit.base import facts
from models.kit.masks import masked
from models.movement import Movement
from models.retiree import DEAD, MOVED_OUT, MOVING_OUT, ON_BOOKS, Retiree

OFFERS, LATE, SENT = "offers", "late", "sent"
LEFT = "3"
"""Of a movement: the person moves away."""
CHIPS = ((OFFERS, "待接收"), (LATE, "迟到的修改"), (SENT, "迁出的人"))


@dataclass(frozen=True, slots=True)
class Offer:
    """One person between two stations; ``other`` is the station on the other side. ``is_assigned``:
    by the centre. ``twin`` is whoever the station asked has on its books with the same number.
    ``stays``: the old station still has them; ``is_leaving``: and they are on the way."""

    id: str
    person_id: str
    name: str
    words: str
    id_no: str
    other: str
    brings: str
    moved_on: date | None
    basis: str
    by: str
    is_assigned: bool
    state: str
    answered: str
    reason: str
    can_answer: bool
    twin: str = ""
    stays: bool = False
    is_leaving: bool = False


Row = Offer | LateAction


def chips(session: Session) -> dict[str, int]:
    """How many of each kind; of those who left, whose answer is still open or was a no."""
    counted = {
        OFFERS: select(func.count()).select_from(Handover).where(*_offered(session)),
        LATE: select(func.count(LateEdit.action.distinct())).where(*late.open_ones(session)),
        SENT: select(func.count()).select_from(Handover).where(*_sent(session)),
    }
    return {key: session.scalar(query) or 0 for key, query in counted.items()}


def waiting(session: Session) -> dict[str, int]:
    """What is for this station to answer."""
    found = chips(session)
    return {OFFERS: found[OFFERS], LATE: found[LATE]}


def handovers(session: Session, chip: str = OFFERS, number: int = 1) -> Page[Row]:
    """One kind, the oldest first; of those who left, the newest."""
    roles.allow(at_desk(session), "handover", "see")
    count = chips(session)[chip]
    number = max(1, min(number, -(-count // SIZE) or 1))
    start = (number - 1) * SIZE
    rows: Sequence[Row] = (
        late.actions(session, start, late.open_ones(session))
        if chip == LATE
        else _offers(session, chip, start)
    )
    return cut(list(rows), count, number)


def _offered(session: Session) -> tuple[ColumnElement[bool], ...]:
    mine = Handover.to_office_id == at_desk(session).office_id
    return mine, Handover.state == OFFERED, Handover.is_void.is_(False)


def _sent(session: Session) -> tuple[ColumnElement[bool], ...]:
    return Handover.office_id == at_desk(session).office_id, Handover.is_void.is_(False)


def _offers(session: Session, chip: str, start: int) -> list[Offer]:
    ours = chip == OFFERS
    where = _offered(session) if ours else _sent(session)
    order = Handover.id if ours else Handover.id.desc()
    rows = session.scalars(
        select(Handover).where(*where).order_by(order).offset(start).limit(SIZE)
    ).all()
    names = office.names(session)
    twins = _twins(session, rows) if ours else {}
    found = [
        replace(shown(one, names, at_desk(session)), twin=twins.get(one.id, "")) for one in rows
    ]
    return found if ours else with_people(session, rows, found)


def with_people(session: Session, rows: Sequence[Handover], said: Sequence[Offer]) -> list[Offer]:
    """What became of the people since: an offer of last year says nothing of today."""
    people = session.execute(
        select(Retiree.id, Retiree.office_id, Retiree.manage_state).where(
            among(Retiree.id, [one.person_id for one in rows]),
            Retiree.is_void.is_(False),
            Retiree.manage_state.not_in((DEAD, MOVED_OUT)),
        )
    )
    states = {(who.id, who.office_id): who.manage_state for who in people}
    at = [states.get((one.person_id, one.office_id), "") for one in rows]
    return [
        replace(one, stays=bool(state), is_leaving=state == MOVING_OUT)
        for one, state in zip(said, at, strict=True)
    ]


def _twins(session: Session, rows: Sequence[Handover]) -> dict[str, str]:
    """By offer, who is on our own books with that number already."""
    numbers = [one.id_no for one in rows if one.id_no]
    known = session.execute(
        select(Retiree.id_no, Retiree.id, Retiree.name).where(
            among(Retiree.id_no, numbers),
            Retiree.is_void.is_(False),
            Retiree.manage_state.in_(ON_BOOKS),
        )
    ).all()
    return {
        one.id: row.name
        for one in rows
        for row in known
        if row.id_no == one.id_no and row.id != one.person_id
    }


def age_and_sex(sex: str | None, born: date | None) -> str:
    """女，77岁"""
    years = person.age(born)
    words = (codes.table("SEX").name(sex), f"{years}岁" if years is not None else "")
    return "，".join(word for word in words if word)


def shown(one: Handover, names: Mapping[str, str], desk: Desk) -> Offer:
    """As whoever is at the desk may see it."""
    ours = one.to_office_id == desk.office_id
    fact = facts(Handover)["id_no"]
    number = masked(fact.mask, one.id_no) if one.id_no and fact.mask else ""
    when = f"{one.answered_on:%Y-%m-%d}" if one.answered_on else ""
    return Offer(
        one.id,
        one.person_id,
        one.name,
        age_and_sex(one.sex, one.birth_on),
        number,
        names.get(one.office_id if ours else one.to_office_id, ""),
        one.brings or "",
        one.moved_on,
        one.basis or "",
        one.assigned_by or one.offered_by or "",
        bool(one.assigned_by),
        one.state,
        " ".join(part for part in (when, one.answered_by or "") if part),
        one.reason or "",
        ours and one.state == OFFERED and roles.may(desk, "handover", "write"),
    )


def where_to(session: Session, who: Retiree) -> Offer | None:
    """For the head of the page: by which offer of this station the person went; of somebody who is
    still here the one that waits, else the last since they are on the way."""
    offers = select(Handover).where(Handover.person_id == who.id, *_sent(session))
    if who.office_id != at_desk(session).office_id:
        offers = offers.where(Handover.state == TAKEN)
    elif waits := open_offer(session, who.id):
        offers = offers.where(Handover.id == waits.id)
    else:
        offers = offers.where(Handover.id > leaving(who.id))
    found = session.scalars(offers.order_by(Handover.id.desc()).limit(1)).first()
    return shown(found, office.names(session), at_desk(session)) if found else None


def refused(session: Session) -> int:
    """How many are on the way whom nobody took: off the lists until somebody says what now."""
    still = select(Retiree.id).where(
        Retiree.office_id == at_desk(session).office_id,
        Retiree.is_void.is_(False),
        Retiree.manage_state == MOVING_OUT,
    )
    waits = select(Handover.person_id).where(*_sent(session), Handover.state == OFFERED)
    last = Handover.id > leaving(Handover.person_id)
    counted = select(func.count(Handover.person_id.distinct())).where(
        *_sent(session),
        Handover.state == DECLINED,
        Handover.person_id.in_(still),
        Handover.person_id.not_in(waits),
        last,
    )
    return session.scalar(counted) or 0


def leaving(who: Any) -> ColumnElement[str]:
    """The last time that somebody was said to be on the way."""
    return func.coalesce(
        select(func.max(Movement.id))
        .where(
            Movement.retiree_id == who,
            Movement.change_type == LEFT,
            Movement.to_state == MOVING_OUT,
            Movement.is_void.is_(False),
        )
        .scalar_subquery(),
        "",
    )
