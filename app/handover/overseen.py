"""All that goes on between the stations, as the centre sees it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select
from sqlalchemy.orm import Session

from app import office, roles
from app.handover import late
from app.handover.late import LateAction
from app.handover.lists import LATE, Offer, leaving, shown, with_people
from app.kit.listing import SIZE, Page, cut
from app.kit.who import at_desk
from models.handover import DECLINED, OFFERED, Handover, LateEdit
from models.kit.base import another
from models.retiree import DEAD, MOVED_OUT, MOVING_OUT, Retiree

OPEN, REFUSED, OVER = "open", "refused", "over"
OVERSEEN = ((OPEN, "等答复"), (REFUSED, "没有接收"), (LATE, "迟到的修改"), (OVER, "已办完"))


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
    counted = {
        LATE: select(func.count(LateEdit.action.distinct())).where(*late.UNANSWERED),
        **{
            chip: select(func.count()).select_from(Handover).where(_of(chip))
            for chip in (OPEN, REFUSED, OVER)
        },
    }
    return {chip: session.scalar(query) or 0 for chip, query in counted.items()}


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
    kinds = {OPEN: Handover.state == OFFERED, REFUSED: _is_left()}
    over = and_(Handover.state != OFFERED, not_(_is_left()))
    return and_(kinds.get(chip, over), Handover.is_void.is_(False))


def _is_left() -> ColumnElement[bool]:
    """Nobody took the person, and nobody has said since what is to become of them."""
    later = another(Handover)
    waits = exists().where(
        Retiree.id == Handover.person_id,
        Retiree.office_id == Handover.office_id,
        Retiree.is_void.is_(False),
        Retiree.manage_state.not_in((DEAD, MOVED_OUT)),
        or_(
            Handover.assigned_by.is_not(None),
            and_(Retiree.manage_state == MOVING_OUT, Handover.id > leaving(Handover.person_id)),
        ),
    )
    again = exists().where(
        later.person_id == Handover.person_id, later.id > Handover.id, later.is_void.is_(False)
    )
    return and_(Handover.state == DECLINED, waits, not_(again))
