"""Whoever is dead or voided is offered no longer, whoever found that out."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.refusal import Overtaken
from models.handover import DECLINED, OFFERED, TAKEN, WITHDRAWN, Handover
from models.retiree import DEAD, Retiree

ENDED = {TAKEN: "已由对方接收", DECLINED: "对方已答复不接收", WITHDRAWN: "已撤回"}


def still_open(found: Handover, act: str) -> None:
    """Refused where it was answered or withdrawn meanwhile; ``act`` is what nobody need do."""
    if found.is_void or found.state != OFFERED:
        word = ENDED[WITHDRAWN if found.is_void else found.state]
        raise Overtaken(f"{found.name} 的转接{word}，{act}")


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
