"""All that goes on between the stations, as the centre sees it."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from app import office, roles
from app.handover.lists import Offer, shown
from app.kit.listing import SIZE, Page, cut
from app.kit.who import at_desk
from models.handover import DECLINED, OFFERED, TAKEN, WITHDRAWN, Handover

OPEN, REFUSED, OVER = "open", "refused", "over"
OVERSEEN = ((OPEN, "等答复"), (REFUSED, "没有接收"), (OVER, "已办完"))
STATES = {OPEN: (OFFERED,), REFUSED: (DECLINED,), OVER: (TAKEN, WITHDRAWN)}


@dataclass(frozen=True, slots=True)
class Between:
    """One hand-over between two stations, its receiver being the ``offer``'s other one."""

    offer: Offer
    giver: str
    can_take_back: bool

    @property
    def id(self) -> str:
        """That of the offer."""
        return self.offer.id


def overseen_counts(session: Session) -> dict[str, int]:
    """How many of each kind."""
    counted = select(Handover.state, func.count().label("number")).group_by(Handover.state)
    rows = session.execute(counted.where(Handover.is_void.is_(False)))
    numbers = {row.state: row.number for row in rows}
    return {key: sum(numbers.get(one, 0) for one in states) for key, states in STATES.items()}


def overseen(session: Session, chip: str = OPEN, number: int = 1) -> Page[Between]:
    """One kind; what waits the oldest first, the others the newest."""
    desk = at_desk(session)
    roles.allow(desk, "handover", "see")
    count = overseen_counts(session)[chip]
    number = max(1, min(number, -(-count // SIZE) or 1))
    rows = session.scalars(
        select(Handover)
        .where(_of(chip))
        .order_by(Handover.id if chip == OPEN else Handover.id.desc())
        .offset((number - 1) * SIZE)
        .limit(SIZE)
    ).all()
    names, may = office.names(session), roles.may(desk, "handover", "write")
    return cut(
        [
            Between(
                shown(one, names, desk),
                names.get(one.office_id, ""),
                may and bool(one.assigned_by) and one.state == OFFERED,
            )
            for one in rows
        ],
        count,
        number,
    )


def _of(chip: str) -> ColumnElement[bool]:
    return and_(Handover.state.in_(STATES[chip]), Handover.is_void.is_(False))
