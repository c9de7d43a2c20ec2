"""Certification tasks (认证任务): who has to be certified by when."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from app import parameter, person
from app.due import Rule, Rules, due_on, first_due, period, shortest
from app.kit.refusal import Refusal
from models.cert_task import (
    CONTACTED,
    DONE,
    DUE,
    HOME,
    LOST,
    OPEN,
    OVERDUE,
    SUSPENDED,
    TASK_STATES,
    VOID,
    CertTask,
)
from models.certification import LOST_RIGHT, REFUSED, Certification
from models.kit import clock, codes
from models.kit.among import among
from models.kit.changes import insert_many
from models.kit.ids import named_id
from models.kit.states import move
from models.retiree import CERTIFIABLE, Retiree
from models.retiree import LOST as MISSING
from models.suspicion import Suspicion

LISTED = (DUE, CONTACTED, HOME, OVERDUE, SUSPENDED)
INTERNAL_RETIREMENT = "4"
FIRST = "first"
SCHEMES = "PENSION_SCHEME"
LOSSES = {"4": "08", "5": "07", "6": "09", "9": "99"}
"""How somebody's right may be lost who stays on the books -> the doubt it opens."""
PASSED = "1"  # of a doubt


def due_rules(session: Session) -> Rules:
    """The rule of each pension scheme in force; read once for an action."""
    known: Rules | None = session.info.get(parameter.DUE_RULES)
    if known is None:
        known = {scheme: _rule(session, scheme) for scheme, _ in codes.table(SCHEMES).items}
        session.info[parameter.DUE_RULES] = known
    return known


def _rule(session: Session, scheme: str) -> Rule:
    kind = str(parameter.in_force(session, f"due_rule.{scheme}").value)
    months = int(parameter.in_force(session, f"cycle_months.{scheme}").value)
    return Rule(kind, months, int(parameter.in_force(session, "first_due_months").value))


def next_due(session: Session, retiree: Retiree) -> date | None:
    """By when the person has to be certified next; None while nobody knows."""
    known = due_rules(session)
    return _due(
        retiree.last_certified_on,
        retiree.pension_scheme,
        retiree.pension_start or retiree.retired_on,
        known,
    )


def _due(last: date | None, scheme: str | None, start: str | None, known: Rules) -> date | None:
    if last is not None:
        return due_on(last, scheme, known)
    first = first_due(start, scheme, known)
    return first if first is not None and first >= clock.today() else None


def open_tasks(session: Session, only: Collection[str] | None = None) -> int:
    """Make the tasks that are missing; doing it again makes none. Returns how many it made or
    opened again."""
    session.flush()
    known, horizon = due_rules(session), _horizon(session)
    wanted = {}
    for row in session.execute(_without_task(session, known, only)):
        due = _due(row.last_certified_on, row.pension_scheme, row.start or row.retired_on, known)
        if due is None or due <= horizon:
            task = _task(row, due, known)
            wanted[task["id"]] = task
    there = _existing(session, list(wanted))
    insert_many(session, CertTask, [one for key, one in wanted.items() if key not in there])
    opened = [_reopen(one) for one in there.values() if one.state == VOID]
    return len(wanted) - len(there) + len(opened)


def _horizon(session: Session) -> date:
    return clock.today() + timedelta(days=int(parameter.in_force(session, "remind_days").value))


def _without_task(session: Session, known: Rules, only: Collection[str] | None) -> Any:
    days = shortest(known) - int(parameter.in_force(session, "remind_days").value)
    latest = clock.today() - timedelta(days=max(0, days))
    has_one = exists().where(
        CertTask.retiree_id == Retiree.id, CertTask.state.in_(OPEN), CertTask.is_void.is_(False)
    )
    query = select(
        Retiree.id,
        Retiree.office_id,
        Retiree.pension_scheme,
        Retiree.last_certified_on,
        Retiree.pension_start.label("start"),
        Retiree.retired_on,
    ).where(
        Retiree.is_void.is_(False),
        Retiree.manage_state.in_(CERTIFIABLE),
        or_(Retiree.retiree_kind.is_(None), Retiree.retiree_kind != INTERNAL_RETIREMENT),
        or_(Retiree.last_certified_on.is_(None), Retiree.last_certified_on <= latest),
        ~has_one,
        ~_lost_right(),
    )
    return query if only is None else query.where(among(Retiree.id, only))


def _lost_right() -> ColumnElement[bool]:
    """Was somebody's right found lost since they were last certified, for a reason that leaves them
    on the books, and has nobody cleared it up?"""
    passed = exists().where(
        Suspicion.retiree_id == Retiree.id,
        Suspicion.reason.in_(LOSSES.values()),
        Suspicion.decision == PASSED,
        Suspicion.decided_on >= Certification.certified_on,
        Suspicion.is_void.is_(False),
    )
    last = Retiree.last_certified_on
    return exists().where(
        Certification.retiree_id == Retiree.id,
        Certification.result == LOST_RIGHT,
        Certification.loss_event.in_(LOSSES),
        Certification.report_state != REFUSED,
        Certification.is_void.is_(False),
        or_(last.is_(None), Certification.certified_on > last),
        ~passed,
    )


def _task(row: Any, due: date | None, known: Rules) -> dict[str, Any]:
    return {
        "id": named_id(row.id, due.isoformat() if due else FIRST),
        "office_id": row.office_id,
        "retiree_id": row.id,
        "due_on": due,
        "period_from": period(row.last_certified_on, due, row.pension_scheme, known),
        "period_to": due,
        "state": OVERDUE if due is not None and due < clock.today() else DUE,
    }


def with_people(session: Session, task_ids: Collection[str]) -> dict[str, tuple[CertTask, Retiree]]:
    """These tasks and whose they are, in no order."""
    query = select(CertTask, Retiree).join(Retiree, Retiree.id == CertTask.retiree_id)
    rows = session.execute(query.where(among(CertTask.id, task_ids)))
    return {task.id: (task, who) for task, who in rows}


def open_of(session: Session, retiree_ids: Collection[str]) -> dict[str, CertTask]:
    """The open task of each of these people who has one."""
    rows = session.scalars(
        select(CertTask).where(
            among(CertTask.retiree_id, retiree_ids),
            CertTask.state.in_(OPEN),
            CertTask.is_void.is_(False),
        )
    )
    return {one.retiree_id: one for one in rows}


def _existing(session: Session, ids: Sequence[str]) -> dict[str, CertTask]:
    return {one.id: one for one in session.scalars(select(CertTask).where(among(CertTask.id, ids)))}


def _reopen(task: CertTask) -> CertTask:
    task.state = move(TASK_STATES, task.state, "reopen")
    if task.due_on is not None and task.due_on < clock.today():
        task.state = move(TASK_STATES, task.state, "expire")
    task.is_void, task.void_reason, task.closed_by = False, None, None
    return task


def reopen(task: CertTask, reason: str | None = None) -> CertTask:
    """A task that was closed is to be done after all."""
    task.refused_reason = reason
    return _reopen(task)


def refresh_states(session: Session) -> int:
    """Tasks past their day become overdue; a planned home visit stays one."""
    late = session.scalars(
        select(CertTask).where(
            CertTask.state.in_((DUE, CONTACTED)),
            CertTask.due_on < clock.today(),
            CertTask.is_void.is_(False),
        )
    ).all()
    for task in late:
        task.state = move(TASK_STATES, task.state, "expire")
    return len(late)


def get(session: Session, task_id: str) -> CertTask:
    """The task, or a refusal when there is none."""
    task = session.get(CertTask, task_id)
    if task is None or task.is_void:
        raise Refusal("这项认证任务已经不在了，请刷新名单")
    return task


def open_task(session: Session, retiree_id: str) -> CertTask | None:
    """The person's one open task."""
    return session.scalars(
        select(CertTask).where(
            CertTask.retiree_id == retiree_id,
            CertTask.state.in_(OPEN),
            CertTask.is_void.is_(False),
        )
    ).first()


def listed() -> ColumnElement[bool]:
    """Tasks on the due lists: open, and nobody lost."""
    return and_(CertTask.state.in_(LISTED), CertTask.is_void.is_(False))


def freeze(session: Session, retiree_id: str) -> None:
    """The person left: nothing is due any more."""
    _each(session, retiree_id, "freeze")


def lose(session: Session, retiree_id: str) -> None:
    """The person cannot be found: off the lists, but not closed."""
    _each(session, retiree_id, "lose")


def thaw(session: Session, retiree_id: str) -> None:
    """The person is back: lost tasks go on, frozen ones open again if they are still due."""
    task = open_task(session, retiree_id)
    if task is not None and task.state == LOST:
        task.state = move(TASK_STATES, task.state, "contact")
    open_tasks(session, only=[retiree_id])


def _each(session: Session, retiree_id: str, verb: str) -> None:
    task = open_task(session, retiree_id)
    if task is not None and verb in TASK_STATES[task.state]:
        task.state = move(TASK_STATES, task.state, verb)


def set_due(session: Session, task_ids: Iterable[str], due: date) -> int:
    """Fill in the day where the last certification is unknown; returns how many were set."""
    if due.year < 2000:
        raise Refusal(f"到期日 {due} 太早，请核对", "due_on")
    known, done = due_rules(session), 0
    for task in _existing(session, list(task_ids)).values():
        if task.due_on is None and task.state in OPEN:
            retiree = session.get_one(Retiree, task.retiree_id)
            put_due(task, None, due, retiree.pension_scheme, known)
            done += 1
    return done


def put_due(task: CertTask, last: date | None, due: date, scheme: str | None, known: Rules) -> None:
    """Give a task its day and period, and the state that follows."""
    task.due_on = task.period_to = due
    task.period_from = period(last, due, scheme, known)
    if due < clock.today() and task.state in (DUE, CONTACTED):
        task.state = move(TASK_STATES, task.state, "expire")


def settle(
    session: Session, retiree: Retiree, certified_on: date, closed_by: str | None
) -> CertTask | None:
    """A valid certification counts at once: the next day moves, the task it answers is closed.
    One from an earlier period only tells when the task is due."""
    known = due_rules(session)
    fresh = due_on(certified_on, retiree.pension_scheme, known)
    if retiree.last_certified_on is None or certified_on > retiree.last_certified_on:
        retiree.last_certified_on = certified_on
    task = open_task(session, retiree.id)
    if task is None:
        return None
    if answers(task, fresh):
        task.state = move(TASK_STATES, task.state, "certify")
        task.closed_by, task.refused_reason = closed_by, None
        return task
    if task.due_on is None:
        put_due(task, certified_on, fresh, retiree.pension_scheme, known)
    return None


def answers(task: CertTask, fresh: date) -> bool:
    """Does a certification whose next day is ``fresh`` answer the task?"""
    return fresh >= clock.today() if task.due_on is None else fresh > task.due_on


def undo_settle(
    session: Session,
    task: CertTask,
    last: date | None,
    reason: str | None,
    by: str | None = None,
) -> None:
    """The certification that closed a task does not count after all; the task of somebody who is
    off the lists stays off them. ``by``: the certification of the last day, which may answer it."""
    retiree = session.get_one(Retiree, task.retiree_id)
    known = due_rules(session)
    before = task.period_from
    if by and last and answers(task, due_on(last, retiree.pension_scheme, known)):
        retiree.last_certified_on = last
        _hand_on(session, task, by)
        return
    if last is None and before is not None and task.due_on is not None:
        last = before if due_on(before, retiree.pension_scheme, known) == task.due_on else None
    retiree.last_certified_on = last
    if task.state == DONE:
        freeze(session, retiree.id)  # the next one, which came of the day that does not count
        reopen(task, reason)
        if not person.is_managed(retiree):
            _each(session, retiree.id, "lose" if retiree.manage_state == MISSING else "freeze")


def _hand_on(session: Session, task: CertTask, by: str) -> None:
    """Another certification has answered it; one that closed a later task closes no second."""
    later = select(CertTask.id).where(CertTask.closed_by == by, CertTask.id != task.id)
    if session.scalars(later.limit(1)).first() is None:
        task.closed_by = by
    else:
        task.state = move(TASK_STATES, reopen(task).state, "freeze")
