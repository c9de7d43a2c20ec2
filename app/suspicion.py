"""S2: doubts about somebody's eligibility (异常、疑点): opened, looked at, decided."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app import cert_task, person
from app.kit.listing import SIZE, Page, cut
from app.kit.refusal import Refusal
from models.cert_task import TASK_STATES
from models.certification import REFUSED, Certification, holding
from models.kit import clock, codes
from models.kit.among import among
from models.kit.ids import named_id
from models.kit.states import move
from models.retiree import (
    LOST,
    MANAGE_STATES,
    SUSPECTED_DEAD,
    Retiree,
)
from models.survey import Survey
from models.suspicion import Suspicion
from models.visit import Visit

DEATH, UNREACHED, AGENT, MISMATCH, NUMBER, TWICE = "01", "02", "03", "04", "05", "06"
AFTER_DEATH, OTHER = "11", "99"
GONE = (DEATH, UNREACHED)
PASSED, RETURNED, HOME_VISIT, REPORTED = "1", "2", "3", "4"
SEEN_ALIVE = "1"  # of a survey
CERTIFIED, SEEN = "已认证", "生存调查见到本人"
AGAIN = "没有待办的认证。要重新认证，请在档案的“资格认证”里把那次认证作废"
# (doubt, state) that came by one movement -> the movement by which alone both end
WAYS_BACK = {(DEATH, SUSPECTED_DEAD): "correct", (UNREACHED, LOST): "find"}


@dataclass(frozen=True, slots=True)
class SuspicionRow:
    """One doubt in the list."""

    id: str
    retiree_id: str
    name: str
    address: str
    reason: str
    detail: str
    found_on: date
    days: int
    decision: str
    decided_on: date | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Both sides of a doubt: what is on file, and what was heard since. ``choices`` can be decided
    here; ``way`` is the movement by which it ends: back where the person is off the lists for it,
    off them where a death proves true. ``is_off``: the person is off them for this.
    ``may_join``: they are registered here twice."""

    row: SuspicionRow
    sex: str
    born_on: date | None
    id_no: str
    kind: str
    employer: str
    phone: str
    last_certified_on: date | None
    due_on: date | None
    period_from: date | None
    attempts: tuple[dict[str, Any], ...]
    contacts: tuple[tuple[str, str, str], ...]
    certifications: tuple[tuple[date, str, str], ...]
    visits: tuple[tuple[date, str, str], ...]
    surveys: tuple[tuple[date, str, str], ...]
    decided_note: str
    state: str
    choices: tuple[str, ...]
    way: str
    is_off: bool
    may_join: bool


def open_suspicion(
    session: Session, retiree_id: str, reason: str, detail: str = "", task_id: str | None = None
) -> str:
    """Note a doubt; the same doubt twice is one."""
    if reason not in codes.table("SUSPICION_REASON"):
        raise Refusal("请选择异常的种类", "reason")
    who = person.get(session, retiree_id)
    found = waits(session, who.id, reason)
    if found is not None:
        found.detail = detail[:300] or found.detail
        return found.id
    same = (Suspicion.retiree_id == who.id, Suspicion.reason == reason)
    number = session.scalar(select(func.count()).select_from(Suspicion).where(*same))
    made = Suspicion(
        id=named_id(who.id, f"{reason} {number}"),  # found by two computers, it is one
        retiree_id=who.id,
        reason=reason,
        detail=detail[:300] or None,
        found_on=clock.today(),
        task_id=task_id,
    )
    session.add(made)
    session.flush()
    return made.id


def waits(session: Session, retiree_id: str, reason: str) -> Suspicion | None:
    """Somebody's doubt of a kind that waits for a decision."""
    return session.scalars(
        select(Suspicion).where(
            Suspicion.retiree_id == retiree_id,
            Suspicion.reason == reason,
            Suspicion.decision.is_(None),
            Suspicion.is_void.is_(False),
        )
    ).first()


def decide(session: Session, suspicion_id: str, decision: str, note: str = "") -> None:
    """通过: nothing in it. 退回: the certification is to be done again. 上门: somebody goes.
    上报: the centre is to decide."""
    found = session.get(Suspicion, suspicion_id)
    if found is None or found.is_void:
        raise Refusal("这条异常已经不在了，请刷新")
    if found.decision is not None:
        name = codes.table("SUSPICION_DECISION").name(found.decision)
        raise Refusal(f"这条异常 {found.decided_on} 已处理：{name}")
    if decision not in codes.table("SUSPICION_DECISION"):
        raise Refusal("请选择处理结果", "decision")
    if decision in (RETURNED, REPORTED) and not note.strip():
        raise Refusal("请写明核查经过", "note")
    if decision not in choices(session, found):
        raise Refusal(_why_not(session, found, decision), "decision")
    _close(session, found, decision, note)


def choices(session: Session, found: Suspicion) -> tuple[str, ...]:
    """What can be decided: nobody off the lists goes on as if nothing were; without a task nothing
    is certified anew, nor is a visit planned for it."""
    task = cert_task.open_task(session, found.retiree_id)
    can_go = task is not None and "plan_home" in TASK_STATES[task.state]
    is_off = bool(_way_back(session, found))
    able = {PASSED: not is_off, RETURNED: task is not None and not is_off, HOME_VISIT: can_go}
    return (*(one for one, can in able.items() if can), REPORTED)


def _way_back(session: Session, found: Suspicion) -> str:
    who = person.get(session, found.retiree_id)
    return WAYS_BACK.get((found.reason, who.manage_state), "")


def _way_off(found: Suspicion, who: Retiree) -> str:
    off = "suspect_death"
    return off if found.reason == DEATH and off in MANAGE_STATES.get(who.manage_state, {}) else ""


def _why_not(session: Session, found: Suspicion, decision: str) -> str:
    if decision == HOME_VISIT:
        return "没有待办的认证，排不进上门核验。请打印核查表去看，看过再回来处理"
    who = person.get(session, found.retiree_id)
    if not _way_back(session, found):
        return AGAIN
    state = codes.table("MANAGE_STATE").name(who.manage_state)
    back = {"correct": "请站长在档案里更正状态", "find": "请在档案里登记找回"}
    way = back[WAYS_BACK[found.reason, who.manage_state]]
    return f"{who.name} 现在是“{state}”，不在到期名单里。人在的，{way}，这条异常随着消掉"


def _close(session: Session, found: Suspicion, decision: str, note: str) -> None:
    found.decision, found.decided_on = decision, clock.today()
    found.decided_note = note[:300] or None
    _follow(session, found, decision)


def _follow(session: Session, found: Suspicion, decision: str) -> None:
    task = cert_task.open_task(session, found.retiree_id)
    if decision == HOME_VISIT and task is not None and "plan_home" in TASK_STATES[task.state]:
        task.state = move(TASK_STATES, task.state, "plan_home")
    if decision == PASSED and found.reason == NUMBER:
        person.get(session, found.retiree_id).id_doubtful = False


def settle(session: Session, retiree_id: str, reasons: Sequence[str], note: str) -> None:
    """Open doubts of these kinds are answered by what just happened."""
    mine = (Suspicion.retiree_id == retiree_id, Suspicion.reason.in_(reasons))
    for found in session.scalars(select(Suspicion).where(*mine, *is_open())).all():
        _close(session, found, PASSED, note)


def unreached(session: Session) -> frozenset[str]:
    """The people nobody could reach."""
    chosen = select(Suspicion.retiree_id).where(Suspicion.reason == UNREACHED, *is_open())
    return frozenset(session.scalars(chosen))


def reached(session: Session, retiree_id: str, on: date, how: str) -> None:
    """联系不上 is answered by whoever was certified or seen since."""
    found = waits(session, retiree_id, UNREACHED)
    if found is not None and found.found_on <= on:
        _close(session, found, PASSED, f"{on} {how}")


def not_reached(session: Session, retiree_id: str, on: date, how: str) -> None:
    """What had answered the doubt does not count after all: it is open again, unless they were seen
    all the same, or it was noted once more since."""
    for found in session.scalars(
        select(Suspicion).where(
            Suspicion.retiree_id == retiree_id,
            Suspicion.reason == UNREACHED,
            Suspicion.decided_note == f"{on} {how}",
            Suspicion.is_void.is_(False),
        )
    ).all():
        if seen := _alive_after(session, retiree_id, found.found_on - timedelta(days=1)):
            found.decided_note = " ".join(map(str, seen))
        elif waits(session, retiree_id, UNREACHED) is None:
            found.decision = found.decided_on = found.decided_note = None


def gone(session: Session, retiree_ids: Collection[str]) -> dict[str, str]:
    """Who of these may be dead or lost -> the doubt: it is looked into before anybody calls them
    again."""
    rows = session.execute(
        select(Suspicion.retiree_id, Suspicion.id)
        .where(among(Suspicion.retiree_id, retiree_ids), Suspicion.reason.in_(GONE), *is_open())
        .order_by(Suspicion.found_on.desc(), Suspicion.id.desc())
    )
    return {row.retiree_id: row.id for row in rows}


def is_open() -> tuple[Any, ...]:
    """Conditions of a doubt that waits for a decision."""
    return (Suspicion.decision.is_(None), Suspicion.is_void.is_(False))


def open_count(session: Session) -> int:
    """How many doubts wait."""
    return session.scalar(select(func.count()).select_from(Suspicion).where(*is_open())) or 0


def suspicions(session: Session, page: int = 1, *, open_only: bool = True) -> Page[SuspicionRow]:
    """Doubts, the oldest open ones first."""
    where = is_open() if open_only else (Suspicion.is_void.is_(False),)
    total = session.scalar(select(func.count()).select_from(Suspicion).where(*where)) or 0
    rows = session.execute(
        _rows()
        .where(*where)
        .order_by(Suspicion.decision.is_not(None), Suspicion.found_on, Suspicion.id)
        .limit(SIZE)
        .offset((page - 1) * SIZE)
    )
    return cut([_row(*one) for one in rows], total, page)


def _rows() -> Select[Suspicion, Retiree]:
    return select(Suspicion, Retiree).join(Retiree, Retiree.id == Suspicion.retiree_id)


def _row(one: Suspicion, who: Retiree) -> SuspicionRow:
    return SuspicionRow(
        one.id,
        who.id,
        who.name,
        person.place(who),
        one.reason,
        one.detail or "",
        one.found_on,
        (clock.today() - one.found_on).days,
        one.decision or "",
        one.decided_on,
    )


def suspicion(session: Session, suspicion_id: str) -> Evidence:
    """Everything to decide it by, side by side."""
    found = session.execute(_rows().where(Suspicion.id == suspicion_id)).first()
    if found is None:
        raise Refusal("这条异常已经不在了，请刷新")
    one, who = found
    task, family = cert_task.open_task(session, who.id), person.family(session, who.id)
    return Evidence(
        _row(one, who),
        codes.table("SEX").name(who.sex),
        who.birth_on,
        who.id_no,
        codes.table("RETIREE_KIND").name(who.retiree_kind),
        who.employer_name or "",
        person.phone(who),
        who.last_certified_on,
        task.due_on if task else None,
        task.period_from if task else None,
        tuple(task.attempts or ()) if task else (),
        tuple((o.name, person.kin(o.relation), o.phone or "") for o in family),
        _certifications(session, who.id),
        _visits(session, who.id),
        _surveys(session, who.id),
        one.decided_note or "",
        codes.table("MANAGE_STATE").name(who.manage_state),
        choices(session, one),
        _way_back(session, one) or _way_off(one, who),
        bool(_way_back(session, one)),
        one.reason == TWICE and bool(person.twin(session, who)),
    )


def _last(session: Session, noun: Any, day: Any, retiree_id: str) -> Sequence[Any]:
    """Of a noun about the person the three with the latest days."""
    kept = select(noun).where(noun.retiree_id == retiree_id, noun.is_void.is_(False))
    return session.scalars(kept.order_by(day.desc()).limit(3)).all()


def _certifications(session: Session, retiree_id: str) -> tuple[tuple[date, str, str], ...]:
    rows = _last(session, Certification, Certification.certified_on, retiree_id)
    method, result = codes.table("CERT_METHOD"), codes.table("CERT_RESULT")
    back = {REFUSED: "（区中心退回）"}
    return tuple(
        (
            one.certified_on,
            method.name(one.method),
            result.name(one.result) + back.get(one.report_state, ""),
        )
        for one in rows
    )


def _visits(session: Session, retiree_id: str) -> tuple[tuple[date, str, str], ...]:
    rows = _last(session, Visit, Visit.visited_on, retiree_id)
    way = codes.table("VISIT_WAY")
    return tuple((one.visited_on, way.name(one.way), one.living_note or "") for one in rows)


def _surveys(session: Session, retiree_id: str) -> tuple[tuple[date, str, str], ...]:
    rows = _last(session, Survey, Survey.surveyed_on, retiree_id)
    way, alive = codes.table("SURVEY_WAY"), codes.table("ALIVE_STATE")
    return tuple(
        (one.surveyed_on, way.name(one.survey_way), alive.name(one.alive_state)) for one in rows
    )


def alive_after(session: Session, retiree_id: str, on: date) -> date | None:
    """The last day after this one on which the person was written down as alive."""
    seen = _alive_after(session, retiree_id, on)
    return seen[0] if seen else None


def _alive_after(session: Session, retiree_id: str, on: date) -> tuple[date, str] | None:
    """The same, and how."""
    alive = Survey.alive_state == SEEN_ALIVE, Survey.is_void.is_(False)
    kept = (
        (CERTIFIED, Certification, Certification.certified_on, holding()),
        (SEEN, Survey, Survey.surveyed_on, alive),
    )
    days = [
        (
            session.scalar(
                select(func.max(day)).where(noun.retiree_id == retiree_id, *said, day > on)
            ),
            how,
        )
        for how, noun, day, said in kept
    ]
    return max(((day, how) for day, how in days if day), default=None)
