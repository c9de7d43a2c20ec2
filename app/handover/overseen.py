"""All that goes on between the stations, as the centre sees it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from app import office, roles
from app.handover import late
from app.handover.late import LateAction
from app.handover.lists import LATE, Offer, shown, with_people
from app.kit.listing import SIZE, Page, cut
from app.kit.who import at_desk
from models.handover import DECLINED, OFFERED, TAKEN, WITHDRAWN, Handover, LateEdit

OPEN, REFUSED, OVER = "open", "refused", "over"
OVERSEEN = ((OPEN, "等答复"), (REFUSED, "没有接收"), (LATE, "迟到的修改"), (OVER, "已办完"))
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
    found = {key: sum(numbers.get(one, 0) for one in states) for key, states in STATES.items()}
    unanswered = select(func.count(LateEdit.action.distinct())).where(*late.UNANSWERED)
    return {**found, LATE: session.scalar(unanswered) or 0}


def overseen(session: Session, chip: str = OPEN, number: int = 1) -> Page[Between | LateAction]:
    """One kind; what waits the oldest first, the others the newest."""
    roles.allow(at_desk(session), "handover", "see")
    count = overseen_counts(session)[chip]
    number = max(1, min(number, -(-count // SIZE) or 1))
    start = (number - 1) * SIZE
    rows: Sequence[Between | LateAction] = (
        late.actions(session, start, late.UNANSWERED)
        if chip == LATE
        else _between(session, chip, start)
    )
    return cut(list(rows), count, number)


def _between(session: Session, chip: str, start: int) -> list[Between]:
    desk = at_desk(session)
    rows = session.scalars(
        select(Handover)
        .where(_of(chip))
        .order_by(Handover.id if chip == OPEN else Handover.id.desc())
        .offset(start)
        .limit(SIZE)
    ).all()
    names, may = office.names(session), roles.may(desk, "handover", "write")
    offers = with_people(session, rows, [shown(one, names, desk) for one in rows])
    return [
        Between(
            offer,
            names.get(one.office_id, ""),
            may and bool(one.assigned_by) and one.state == OFFERED,
        )
        for one, offer in zip(rows, offers, strict=True)
    ]


def _of(chip: str) -> ColumnElement[bool]:
    return and_(Handover.state.in_(STATES[chip]), Handover.is_void.is_(False))
