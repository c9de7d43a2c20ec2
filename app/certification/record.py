"""One certification of one person: at the counter, at home, on a form; amended, voided."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app import attachment, cert_task, movement, person, suspicion
from app.kit.refusal import Refusal, Refusals
from app.kit.saved import Saved
from app.kit.who import at_desk
from models.cert_task import TASK_STATES, CertTask
from models.certification import (
    ALIVE,
    AT_HOME,
    DOUBTFUL,
    LOST_RIGHT,
    PRESENT_AT_DESK,
    REFUSED,
    UNREACHED,
    UNWILLING,
    Certification,
    holding,
)
from models.kit import clock, codes, phone, validate
from models.kit.ids import new_id
from models.kit.states import move
from models.retiree import LOST, SUSPECTED_DEAD, Retiree

FACE_TO_FACE = (PRESENT_AT_DESK, AT_HOME)
OURS = "1"
CERTIFIED = suspicion.CERTIFIED
UNKNOWN_HEALTH = "9"
DEATHS, MISSING = ("1", "2"), ("3",)
GIVEN = (
    "certified_on",
    "method",
    "docs_checked",
    "present_in_person",
    "visit_place",
    "health_state",
    "address_changed",
    "result",
    "loss_event",
    "loss_on",
    "kin_name",
    "kin_relation",
    "kin_phone",
    "handler",
    "reviewer",
    "form_no",
    "remark",
)


def certify(
    session: Session,
    retiree_id: str,
    values: Mapping[str, Any],
    *,
    task_id: str | None = None,
    pictures: Sequence[attachment.New] = (),
) -> Saved:
    """Record it; next due day, task, and what a doubtful or lost right brings follow at once."""
    who = person.cared_for(session, retiree_id, "登记认证")
    task = cert_task.get(session, task_id) if task_id else cert_task.open_task(session, who.id)
    full = _complete(session, who, task, values)
    _check(session, who, full)
    made = Certification(**full)
    session.add(made)
    session.flush()
    notes = _follow(session, who, made)
    if pictures:
        notes += attachment.attach(session, who.id, pictures, certification_id=made.id).notes
    return Saved(made.id, notes=tuple(notes))


def home_certify(session: Session, retiree_id: str, values: Mapping[str, Any]) -> Saved:
    """The same at somebody's door: seen, papers checked."""
    usual = {"method": AT_HOME, "present_in_person": True, "docs_checked": ["1"]}
    return certify(session, retiree_id, {**usual, **values})


def amend(session: Session, certification_id: str, values: Mapping[str, Any], reason: str) -> Saved:
    """A new version in place of the old one, which is kept."""
    if not reason.strip():
        raise Refusal("请写明更正的原因", "reason")
    old = _get(session, certification_id)
    was = {name: getattr(old, name) for name in GIVEN}
    _void(session, old, f"更正：{reason}")
    made = certify(session, old.retiree_id, {**was, **values})
    attachment.move(session, "certification_id", old.id, made.id)
    return made


def void_certification(session: Session, certification_id: str, reason: str) -> None:
    """It does not count: the task it closed is open again, the next due day is what it was."""
    old = _get(session, certification_id)
    _void(session, old, reason)
    attachment.remove_of(session, "certification_id", old.id, reason)


def _void(session: Session, old: Certification, reason: str) -> None:
    if old.source != OURS:
        raise Refusal("这次认证是区中心下发的，本站不能作废；如有疑问请列入异常上报")
    if not reason.strip():
        raise Refusal("请写明作废的原因", "reason")
    old.is_void, old.void_reason = True, reason[:200]
    session.flush()
    uncount(session, old, None)


def uncount(session: Session, old: Certification, reason: str | None) -> None:
    """Take back what a certification had settled."""
    last = last_valid(session, old.retiree_id)
    suspicion.not_reached(session, old.retiree_id, old.certified_on, CERTIFIED)
    task = session.scalars(select(CertTask).where(CertTask.closed_by == old.id)).first()
    if task is not None:
        cert_task.undo_settle(session, task, last, reason, _of_day(session, old.retiree_id, last))
        return
    who = session.get_one(Retiree, old.retiree_id)
    if who.last_certified_on == old.certified_on and old.result == ALIVE:
        who.last_certified_on = last


def settle_again(session: Session, again: Certification) -> None:
    """A certification counts after all: what it had settled is settled."""
    if again.result == ALIVE and again.report_state != REFUSED:
        who = session.get_one(Retiree, again.retiree_id)
        suspicion.reached(session, who.id, again.certified_on, CERTIFIED)
        cert_task.settle(session, who, again.certified_on, again.id)


def last_valid(session: Session, retiree_id: str) -> date | None:
    """The last certification on record that counts."""
    return session.scalar(select(func.max(Certification.certified_on)).where(*_valid(retiree_id)))


def _of_day(session: Session, retiree_id: str, on: date | None) -> str | None:
    """The first that counts of that day."""
    there = select(Certification.id).where(*_valid(retiree_id), Certification.certified_on == on)
    return session.scalar(there.order_by(Certification.id).limit(1))


def _valid(retiree_id: str) -> tuple[ColumnElement[bool], ...]:
    return Certification.retiree_id == retiree_id, *holding()


def _get(session: Session, certification_id: str) -> Certification:
    found = session.get(Certification, certification_id)
    if found is None or found.is_void:
        raise Refusal("这条认证记录已经作废，请刷新")
    return found


def _complete(
    session: Session, who: Retiree, task: CertTask | None, values: Mapping[str, Any]
) -> dict[str, Any]:
    validate.only_known(Certification, values, GIVEN)
    said = {name: value for name, value in values.items() if not validate.is_empty(value)}
    usual = {
        "certified_on": clock.today(),
        "method": PRESENT_AT_DESK,
        "result": ALIVE,
        "handler": at_desk(session).name,
        "health_state": who.health_state or UNKNOWN_HEALTH,
        "present_in_person": None if "kin_name" in said else True,
    }
    full = {**usual, **said}
    if full["present_in_person"] is None:
        full["present_in_person"] = False
    if full["method"] in FACE_TO_FACE and not full["present_in_person"] and full["result"] == ALIVE:
        full["result"] = DOUBTFUL
    if full["method"] == AT_HOME:
        full.setdefault("visit_place", person.place(who) or None)
    return {
        **full,
        "id": new_id(),
        "retiree_id": who.id,
        "task_id": task.id if task else None,
        "subject_type": subject_type(who),
        "due_on": task.due_on if task else None,
        "cycle_label": cycle_label(task),
        "source": OURS,
        "report_state": "0",
        "form_no": full.get("form_no") or _form_no(task, full["method"]),
    }


def _form_no(task: CertTask | None, method: str) -> str | None:
    """The form is part of a certification only where somebody filled it in."""
    return task.form_no if task is not None and method in FACE_TO_FACE else None


def subject_type(who: Retiree) -> str:
    """Under which heading the agency counts the person."""
    if who.retiree_kind == "5":
        return "3"
    return {"2": "2", "3": "5"}.get(who.pension_scheme or "", "1")


def cycle_label(task: CertTask | None) -> str | None:
    """2025-12/2026-11."""
    if task is None or task.period_to is None:
        return None
    first = task.period_from or task.period_to
    return f"{first:%Y-%m}/{task.period_to:%Y-%m}"


def _check(session: Session, who: Retiree, full: dict[str, Any]) -> None:
    found = validate.problems(Certification, full)
    if found:
        raise Refusals(found)
    person.not_later(full["certified_on"], "认证日期", "certified_on", who.birth_on)
    if full["method"] in FACE_TO_FACE and not full.get("docs_checked"):
        raise Refusal("请选择核对了哪些证件", "docs_checked")
    if not full["present_in_person"] and full["result"] == DOUBTFUL and not full.get("kin_name"):
        raise Refusal("本人没有到场时，请填写代办人姓名", "kin_name")
    if full.get("kin_phone"):
        read = phone.parse(full["kin_phone"])
        if read.problem is not None:
            raise Refusal(read.problem.message, "kin_phone")
        full["kin_phone"] = read.text or None
    if full["result"] == LOST_RIGHT:
        _check_loss(who, full)
    else:
        _check_alive(session, who, full)


def _check_loss(who: Retiree, full: Mapping[str, Any]) -> None:
    if not full.get("loss_event"):
        raise Refusal("请选择丧失资格的情形", "loss_event")
    if not full.get("loss_on"):
        raise Refusal("请填写情形发生的日期", "loss_on")
    person.not_later(full["loss_on"], "发生日期", "loss_on", who.birth_on)


def _check_alive(session: Session, who: Retiree, full: Mapping[str, Any]) -> None:
    if who.manage_state == SUSPECTED_DEAD:
        raise Refusal(f"{who.name} 已登记疑似死亡，不能登记认证。如登记有误，请站长先更正")
    twin = session.scalars(
        select(Certification).where(
            Certification.retiree_id == who.id,
            Certification.certified_on == full["certified_on"],
            Certification.result == full["result"],
            Certification.report_state != REFUSED,
            Certification.is_void.is_(False),
        )
    ).first()
    if twin is not None:
        method = codes.table("CERT_METHOD").name(twin.method)
        raise Refusal(f"{who.name} {twin.certified_on} 已登记过认证（{method}），没有再记一次")


def _follow(session: Session, who: Retiree, made: Certification) -> list[str]:
    """What the result brings with it; says so in sentences."""
    if made.result == ALIVE:
        return _alive(session, who, made)
    if made.result == DOUBTFUL:
        return _doubtful(session, who)
    if made.result == LOST_RIGHT:
        return _lost_right(session, who, made)
    reason = suspicion.UNREACHED if made.result == UNREACHED else suspicion.OTHER
    if made.result in (UNREACHED, UNWILLING):
        name = codes.table("CERT_RESULT").name(made.result)
        suspicion.open_suspicion(session, who.id, reason, name, made.task_id)
    return ["已列入异常，待核查"]


def _alive(session: Session, who: Retiree, made: Certification) -> list[str]:
    if who.manage_state == LOST:
        movement.found(session, who.id, made.certified_on, "本人到场认证")
    suspicion.reached(session, who.id, made.certified_on, CERTIFIED)
    if made.health_state not in (None, UNKNOWN_HEALTH, who.health_state):
        who.health_state = made.health_state
    closed = cert_task.settle(session, who, made.certified_on, made.id)
    made.task_id = closed.id if closed else made.task_id
    due = cert_task.next_due(session, who)
    return [f"下次认证截止 {due}，待区中心确认"] if due else []


def _doubtful(session: Session, who: Retiree) -> list[str]:
    task = cert_task.open_task(session, who.id)
    if task is None or "plan_home" not in TASK_STATES[task.state]:
        return ["本人没有到场，列为待核实"]
    task.state = move(TASK_STATES, task.state, "plan_home")
    return ["本人没有到场，列为待核实，并已安排上门核验"]


def _lost_right(session: Session, who: Retiree, made: Certification) -> list[str]:
    event = made.loss_event or suspicion.OTHER
    word = codes.table("LOSS_EVENT").name(event)
    on = made.loss_on or made.certified_on
    if event in DEATHS:
        if who.manage_state != SUSPECTED_DEAD:
            movement.suspected_death(session, who.id, on, f"认证时发现：{word}")
    elif event in MISSING:
        if who.manage_state != LOST:
            movement.lost(session, who.id, on, f"认证时发现：{word}")
    else:
        cert_task.freeze(session, who.id)
        doubt = cert_task.LOSSES.get(event, suspicion.OTHER)
        suspicion.open_suspicion(session, who.id, doubt, word)
    return [f"{word}已登记并移出到期名单，由经办机构处理待遇"]
