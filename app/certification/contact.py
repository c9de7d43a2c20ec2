"""Calls, slips and appointments about a task (联系经过): three in vain make a doubt (W1.7)."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app import cert_task, parameter, person, suspicion
from app.kit.refusal import Refusal
from app.kit.who import at_desk
from models.cert_task import TASK_STATES, CertTask
from models.kit import clock, codes
from models.kit.states import WrongState, move

HOME, NO_ANSWER, WRONG_NUMBER, NOBODY, UNWILLING, SAID_DEAD = "3", "6", "7", "8", "9", "10"
IN_VAIN = (NO_ANSWER, WRONG_NUMBER, NOBODY)


@dataclass(frozen=True, slots=True)
class Contacted:
    """``in_vain`` counts the last attempts in a row that reached nobody."""

    attempts: int
    in_vain: int
    state: str
    suspicion_id: str | None = None
    note: str = ""


def record_contact(
    session: Session, task_id: str, way: str, outcome: str, note: str = ""
) -> Contacted:
    """One attempt with its outcome; the outcome decides where the task goes."""
    task = cert_task.get(session, task_id)
    if way not in codes.table("ATTEMPT_WAY"):
        raise Refusal("请选择联系方式", "way")
    if outcome not in codes.table("ATTEMPT_OUTCOME"):
        raise Refusal("请选择联系结果", "outcome")
    attempt = {
        "at": clock.now().isoformat(timespec="seconds"),
        "way": way,
        "outcome": outcome,
        "by": at_desk(session).name,
        "note": note[:200],
    }
    task.attempts = [*(task.attempts or ()), attempt]
    _go(task, "plan_home" if outcome == HOME else "contact")
    doubt, words = _doubt(session, task, outcome)
    return Contacted(len(task.attempts), in_vain(task), task.state, doubt, words)


def plan_home(session: Session, task_id: str) -> None:
    """Somebody is to go to the person's door."""
    _go(cert_task.get(session, task_id), "plan_home")


def in_vain(task: CertTask) -> int:
    """How many of the last attempts in a row reached nobody."""
    n = 0
    for one in reversed(task.attempts or ()):
        if one["outcome"] not in IN_VAIN:
            break
        n += 1
    return n


def _go(task: CertTask, verb: str) -> None:
    try:
        task.state = move(TASK_STATES, task.state, verb)
    except WrongState:
        state = codes.table("TASK_STATE").name(task.state)
        raise Refusal(f"这项认证任务现在是“{state}”，不用再联系") from None


def _doubt(session: Session, task: CertTask, outcome: str) -> tuple[str | None, str]:
    who = person.get(session, task.retiree_id)
    tries = in_vain(task)
    if outcome in IN_VAIN and tries >= int(parameter.in_force(session, "contact_tries").value):
        detail = f"联系 {tries} 次都没有联系上"
        made = suspicion.open_suspicion(session, who.id, suspicion.UNREACHED, detail, task.id)
        return made, f"{who.name} 已{detail}，列入异常待核"
    if outcome == SAID_DEAD:
        detail = "联系时家属称已去世，待核实"
        made = suspicion.open_suspicion(session, who.id, suspicion.DEATH, detail, task.id)
        return made, f"已列入异常。核实后请在 {who.name} 的档案里登记疑似死亡"
    if outcome == UNWILLING:
        made = suspicion.open_suspicion(session, who.id, suspicion.OTHER, "不愿配合认证", task.id)
        return made, "已列入异常"
    return None, ""
