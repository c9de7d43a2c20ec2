"""The word of the station that somebody is offered to."""

from sqlalchemy.orm import Session

from app import audit
from app.handover.ending import still_open
from app.kit.refusal import Overtaken, Refusal
from app.kit.who import at_desk
from models.handover import DECLINED, TAKEN, Handover
from models.kit import clock


def take(session: Session, handover_id: str) -> str:
    """Take the person over. The records come with the next answer of the centre; returns the
    sentence for the toast."""
    found = _ours_to_answer(session, handover_id)
    _answer(session, found, TAKEN)
    audit.note(session, "接收转入人员", "handover", found.id, found.name)
    return f"已接收 {found.name}，资料随下一次上报从区中心取回"


def decline(session: Session, handover_id: str, reason: str) -> str:
    """Leave the person with the station that offers them; returns the sentence for the toast."""
    if not reason.strip():
        raise Refusal("请写明不接收的原因", "reason")
    found = _ours_to_answer(session, handover_id)
    _answer(session, found, DECLINED)
    found.reason = reason.strip()[:200]
    audit.note(session, "不接收转入人员", "handover", found.id, f"{found.name}：{found.reason}")
    return f"已答复不接收 {found.name}，原因随下一次上报告诉迁出站"


def _ours_to_answer(session: Session, handover_id: str) -> Handover:
    found = session.get(Handover, handover_id)
    if found is None or found.to_office_id != at_desk(session).office_id:
        raise Overtaken("没有找到这一项转接，请刷新")
    still_open(found, "不用再办")
    return found


def _answer(session: Session, found: Handover, state: str) -> None:
    found.state, found.answered_on = state, clock.today()
    found.answered_by = at_desk(session).name[:50]
