"""The page of one person: everything on it in one go, private values masked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import (
    audit,
    cert_task,
    circles,
    consent,
    handover,
    movement,
    office,
    person,
    roles,
    voided,
)
from app.certification.centre import unconfirmed
from app.certification.due_list import last_attempt
from app.certification.figures import CertRow, history
from app.certification.scan import period_words
from app.kit.refusal import Refusal
from app.kit.who import at_desk
from app.outside import outside
from app.retiree.family import FamilyRow, TagRow, family_rows, tag_rows
from app.retiree.marks import Mark, cert_mark, state_mark, tag_marks
from app.retiree.missing import lacking
from app.retiree.timeline import birthday_note
from app.visit.record import VisitRow, visits
from models.cert_task import HOME, CertTask
from models.handover import DECLINED, OFFERED
from models.kit import clock, codes, masks
from models.kit.base import facts
from models.kit.fields import Circle
from models.kit.ids import named_id
from models.office import Office
from models.retiree import CERTIFIABLE, DEAD, MOVED_OUT, MOVING_OUT, Retiree
from models.suspicion import Suspicion
from models.visit import Visit
from models.visit_plan import VisitPlan

TWICE = "这个身份证号在本站有两份登记"


@dataclass(frozen=True, slots=True)
class Banner:
    """The most useful next step; ``act`` names it: visit, certify, home, decide, handover,
    joining."""

    tone: str
    title: str
    text: str
    act: str


@dataclass(frozen=True, slots=True)
class TaskCard:
    """The open certification task."""

    id: str
    state: str
    due_on: date | None
    days_left: int | None
    period: str
    form_no: str
    printed_at: datetime | None
    attempts: tuple[dict[str, Any], ...]
    last_attempt: str
    refused_reason: str
    closed_by: str


@dataclass(frozen=True, slots=True)
class PlanRow:
    """When the next visit is due, and why."""

    last_on: date | None
    next_on: date | None
    days_late: int
    reason: str


@dataclass(frozen=True, slots=True)
class DoubtRow:
    """A doubt about the person."""

    id: str
    reason: str
    detail: str
    found_on: date
    decision: str


@dataclass(frozen=True, slots=True)
class Person:
    """``values`` are codes and plain values by field, without what the desk may not see;
    ``readonly`` says why nothing can be changed, or is empty; ``voided`` how many voided records
    there are by group of `app.voided`, of all under an empty key; ``twin`` is the id of another
    registration of the same person here."""

    id: str
    name: str
    sex: str
    age: int | None
    birthday: str
    address: str
    manage_state: str
    state: Mark
    cert: Mark
    marks: tuple[Mark, ...]
    banner: Banner | None
    values: Mapping[str, Any]
    tags: tuple[TagRow, ...]
    family: tuple[FamilyRow, ...]
    task: TaskCard | None
    next_due_on: date | None
    unconfirmed: bool
    history: tuple[CertRow, ...]
    plan: PlanRow | None
    visits: tuple[VisitRow, ...]
    visits_total: int
    visits_this_year: int
    doubts: tuple[DoubtRow, ...]
    movements: tuple[movement.MovementRow, ...]
    consents: tuple[consent.ConsentRow, ...]
    missing: tuple[str, ...]
    readonly: str
    allowed: tuple[str, ...]
    voided: Mapping[str, int]
    twin: str


def person_page(session: Session, retiree_id: str) -> Person:
    """Everything for the page."""
    who = person.get(session, retiree_id)
    hidden = circles.hidden_fields(session, Retiree)
    task = cert_task.open_task(session, who.id)
    plan, doubts = _plan(session, who), _doubts(session, who.id)
    tags = tag_rows(session, who.id)
    visited = visits(session, retiree_id=who.id)
    politics = who.politics if circles.sees(session, Circle.PARTY) else None
    years, central = person.age(who.birth_on), roles.is_central(at_desk(session))
    cert = _cert(who, task, doubts)
    certifications = tuple(history(session, who.id))
    return Person(
        id=who.id,
        name=who.name,
        sex=codes.table("SEX").name(who.sex),
        age=years,
        birthday=birthday_note(who.birth_on),
        address=person.place(who),
        manage_state=who.manage_state,
        state=state_mark(who.manage_state),
        cert=cert,
        marks=_outside(session, who)
        + _marks(who, cert, plan, tag_marks([one.code for one in tags], years, politics)),
        banner=None if central else _banner(session, who, task, plan, doubts),
        values=_values(who, hidden),
        tags=tags,
        family=family_rows(session, who.id),
        task=_card(task),
        next_due_on=cert_task.next_due(session, who),
        unconfirmed=unconfirmed(session, who.id),
        history=certifications,
        plan=plan,
        visits=visited.rows,
        visits_total=visited.total,
        visits_this_year=_this_year(session, who.id),
        doubts=doubts,
        movements=tuple(movement.movements(session, who.id)),
        consents=tuple(consent.consents(session, who.id)),
        missing=lacking({name: getattr(who, name) for name in facts(Retiree)}, hidden),
        readonly=_readonly(session, who),
        allowed=() if central else movement.allowed(session, who.id),
        voided=voided.counts(session, who.id),
        twin="" if central else person.twin(session, who),
    )


def for_edit(session: Session, retiree_id: str) -> dict[str, Any]:
    """The full values for the form, as far as the desk may see them."""
    who = person.get(session, retiree_id)
    hidden = circles.hidden_fields(session, Retiree)
    return {name: getattr(who, name) for name in facts(Retiree) if name not in hidden}


def reveal(session: Session, retiree_id: str, field: str) -> str:
    """One private value in full; looking is logged."""
    who = person.get(session, retiree_id)
    fact = facts(Retiree).get(field)
    if fact is None or field in circles.hidden_fields(session, Retiree):
        raise Refusal("您没有查看这一项的权限，请与站长联系", field)
    audit.note(session, "查看", "retiree", who.id, f"查看 {who.name} 的{fact.label}")
    return fact.kind.show(getattr(who, field))


def _values(who: Retiree, hidden: frozenset[str]) -> dict[str, Any]:
    found = {}
    for name, fact in facts(Retiree).items():
        if name not in hidden:
            value = getattr(who, name)
            found[name] = masks.masked(fact.mask, value) if fact.mask else value
    return found


def _card(task: CertTask | None) -> TaskCard | None:
    if task is None:
        return None
    return TaskCard(
        task.id,
        task.state,
        task.due_on,
        (task.due_on - clock.today()).days if task.due_on else None,
        period_words(task),
        task.form_no or "",
        task.printed_at,
        tuple(task.attempts or ()),
        last_attempt(task.attempts or ()),
        task.refused_reason or "",
        task.closed_by or "",
    )


def _plan(session: Session, who: Retiree) -> PlanRow | None:
    plan = session.get(VisitPlan, named_id(who.id, "visit plan"))
    if plan is None or plan.is_void or who.manage_state not in CERTIFIABLE:
        return None
    late = (clock.today() - plan.next_on).days if plan.next_on else 0
    return PlanRow(plan.last_on, plan.next_on, max(0, late), plan.reason or "")


def _doubts(session: Session, retiree_id: str) -> tuple[DoubtRow, ...]:
    rows = session.scalars(
        select(Suspicion)
        .where(Suspicion.retiree_id == retiree_id, Suspicion.is_void.is_(False))
        .order_by(Suspicion.decision.is_not(None), Suspicion.found_on.desc())
    )
    return tuple(
        DoubtRow(one.id, one.reason, one.detail or "", one.found_on, one.decision or "")
        for one in rows
    )


def _cert(who: Retiree, task: CertTask | None, doubts: tuple[DoubtRow, ...]) -> Mark:
    return cert_mark(
        who.manage_state,
        task.state if task else None,
        task.due_on if task else None,
        who.last_certified_on,
        doubt=any(not one.decision for one in doubts),
    )


def _outside(session: Session, who: Retiree) -> tuple[Mark, ...]:
    found = outside(session, [who]).get(who.id)
    return (Mark("outside", found, "warn"),) if found else ()


def _marks(
    who: Retiree, cert: Mark, plan: PlanRow | None, tags: tuple[Mark, ...]
) -> tuple[Mark, ...]:
    state = state_mark(who.manage_state)
    first = (state, cert) if cert.code != state.code else (state,)
    late: tuple[Mark, ...] = ()
    if plan is not None and plan.days_late:
        late = (Mark("visit_overdue", f"走访逾期 {plan.days_late} 天", "bad"),)
    return (*first, *tags, *late)


def _banner(
    session: Session,
    who: Retiree,
    task: CertTask | None,
    plan: PlanRow | None,
    doubts: tuple[DoubtRow, ...],
) -> Banner | None:
    if who.manage_state == MOVING_OUT:
        return _sent_banner(handover.where_to(session, who))
    if who.manage_state not in CERTIFIABLE:
        return None
    if person.twin(session, who):
        return Banner("warn", TWICE, "核对是同一个人以后，把两份合并成一份", "joining")
    waiting = [one for one in doubts if not one.decision]
    if waiting:
        name = codes.table("SUSPICION_REASON").name(waiting[0].reason)
        return Banner("bad", f"异常待核：{name}", waiting[0].detail, "decide")
    late = plan.days_late if plan else 0
    listed = task is not None and (task.state == HOME or task.due_on is not None)
    if listed and late:
        return Banner(
            "warn", f"待认证，且走访逾期 {late} 天", "今天上门可一并核验、走访、问候", "visit"
        )
    if task is not None and task.state == HOME:
        return Banner("info", "待上门核验", "上门时带认证表，一次登记完成", "home")
    if task is not None and task.due_on is not None:
        return _due_banner(task.due_on, task.form_no or "")
    if late and plan:
        return Banner("bad", f"走访逾期 {late} 天", plan.reason, "visit")
    if task is not None:
        return Banner(
            "warn", "认证到期日待核", "不知道上次认证的时间，可打印认证表或等区中心名单", "certify"
        )
    if handover.open_offer(session, who.id) is not None:
        return _sent_banner(handover.where_to(session, who))
    return None


def _sent_banner(sent: handover.Offer | None) -> Banner | None:
    if sent is None or sent.state not in (OFFERED, DECLINED):
        return None
    if sent.state == DECLINED:
        return Banner("warn", f"{sent.other} 没有接收", sent.reason, "handover")
    if sent.is_assigned:
        text = f"区中心指定转往 {sent.other}，等对方答复"
        return Banner("info", text, "接收以前仍由本站管理", "handover")
    return Banner("info", f"转接中，等 {sent.other} 答复", "接收以前仍由本站管理", "handover")


def _due_banner(due_on: date, form_no: str) -> Banner:
    left = (due_on - clock.today()).days
    when = f"还剩 {left} 天" if left >= 0 else f"已逾期 {-left} 天"
    text = f"认证表编号 {form_no}，尚未收回" if form_no else "认证表还没有打印"
    return Banner("warn" if left >= 0 else "bad", f"{due_on} 截止，{when}", text, "certify")


def _this_year(session: Session, retiree_id: str) -> int:
    first = clock.today().replace(month=1, day=1)
    return (
        session.scalar(
            select(func.count())
            .select_from(Visit)
            .where(
                Visit.retiree_id == retiree_id,
                Visit.visited_on >= first,
                Visit.is_void.is_(False),
            )
        )
        or 0
    )


def _readonly(session: Session, who: Retiree) -> str:
    if roles.is_central(at_desk(session)):
        own = session.get(Office, who.office_id)
        name = own.name if own else "站点"
        if not roles.is_city(at_desk(session)):
            return f"由{name}管理，资料由站点填写，区中心查看"
        above = session.get(Office, office.above(session).get(who.office_id, ""))
        return (
            f"由{name}管理，{above.name if above else '区中心'}报来，市级只查看。"
            "更正、裁定、转接和清除资料由区中心办理"
        )
    if who.manage_state not in (DEAD, MOVED_OUT):
        return ""
    if handover.has_left(session, who) and (sent := handover.where_to(session, who)):
        return f"{sent.answered.split()[0]} 已由 {sent.other} 接收，本站只留姓名和打印、变动记录"
    lines = movement.movements(session, who.id)
    on = next((f" {one.changed_on}" for one in lines if one.to_state == who.manage_state), "")
    return f"{'已去世' if who.manage_state == DEAD else '已迁出'}{on}，资料只读"
