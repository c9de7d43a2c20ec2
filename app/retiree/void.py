"""S1: a registration made by mistake is voided (登记作废): kept with its reason, seen by nobody in
lists, papers and figures, and brought back by `app.voided.restore`."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import handover, person, roles
from app.handover.late import UNANSWERED
from app.kit.refusal import Refusal
from app.kit.who import at_desk
from models.handover import LateEdit
from models.kit.base import Record
from models.kit.voiding import belongings
from models.retiree import Retiree


def void_registration(session: Session, retiree_id: str, reason: str) -> None:
    """The person was never to be on these books: all that was noted about them here goes along.
    What another station noted of a move is that station's, and stays."""
    who = person.cared_for(session, retiree_id, "作废登记")
    _may_go(session, who)
    if not reason.strip():
        raise Refusal("请写明作废的原因", "reason")
    _void(who, reason)
    session.flush()
    handover.withdraw(session, who.id)
    for noun, link in belongings(Retiree):
        if noun is not LateEdit:
            mine = (getattr(noun, link) == who.id, noun.office_id == who.office_id)
            for one in session.scalars(select(noun).where(*mine, noun.is_void.is_(False))):
                _void(one, reason)


def _void(record: Record, reason: str) -> None:
    record.is_void, record.void_reason = True, reason.strip()[:200]


def _may_go(session: Session, who: Retiree) -> None:
    if roles.is_central(at_desk(session)):
        raise Refusal(f"{who.name} 由站点登记，请管理的站点作废")
    if handover.has_left(session, who):
        raise Refusal(f"{who.name} 已经由别的站点接收，请在那边办理")
    late = select(func.count()).select_from(LateEdit)
    if session.scalar(late.where(LateEdit.retiree_id == who.id, *UNANSWERED)):
        raise Refusal(f"{who.name} 还有原站点迟到的修改没有处理，请先到“人员转接”里处理")
