"""Whoever is dead or voided is offered no longer, whoever found that out."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.handover import OFFERED, WITHDRAWN, Handover
from models.retiree import DEAD, Retiree


def end(session: Session, retiree_id: str) -> None:
    """Close the open offers of a person, where there is nobody left to hand over."""
    who = session.get(Retiree, retiree_id)
    if who is None or not (who.is_void or who.manage_state == DEAD):
        return
    open_ones = select(Handover).where(
        Handover.person_id == who.id, Handover.state == OFFERED, Handover.is_void.is_(False)
    )
    for offer in session.scalars(open_ones):
        offer.state = WITHDRAWN
        offer.reason = "已作废" if who.is_void else "已登记去世"
