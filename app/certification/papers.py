"""What the papers of a certification month show (W1.4, W1.7, W1.8): lists, slips, the summary."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app import acts, suspicion
from app import printed as journal
from app.certification.card import kin_of
from app.certification.due_list import DueFilter, DueRow, due_rows, last_day
from app.certification.figures import done_in, first_day, left_in, losses
from app.certification.scan import period_words
from app.kit.who import at_desk
from app.printing import certification_month as month_paper
from app.printing import due_list as list_paper
from app.printing import home_appointment as slip_paper
from app.printing import reminder_notice as notice_paper
from app.printing import suspicion_check as check_paper
from models.cert_task import CertTask
from models.certification import AT_HOME, Certification
from models.kit import clock, codes
from models.retiree import Retiree
from models.suspicion import Suspicion

DUE_LIST, NOTICE, SLIP = "到期人员名单", "温馨提示通知单", "上门认证预约单"
CHECK, MONTH = "疑点人员核查表", "认证情况月汇总表"


def chosen(session: Session, wanted: DueFilter, task_ids: Collection[str] = ()) -> list[DueRow]:
    """The people of the filter, or only the ticked ones, in the order of the list."""
    rows = due_rows(session, wanted)
    ticked = set(task_ids)
    return [one for one in rows if one.task_id in ticked] if ticked else rows


def due_list(
    session: Session, wanted: DueFilter, task_ids: Collection[str] = ()
) -> list_paper.DueList:
    """By building, or a sheet for each group leader, with the telephone for whoever has to call."""
    by_group = wanted.group_by == "group"
    rows = tuple(
        list_paper.DueRow(
            group=(one.group if by_group else one.building) or "住址不详",
            name=one.name,
            sex=one.sex,
            age=one.age,
            id_no=one.id_no,
            address=one.address,
            phone=one.phone,
            last_certified_on=one.last_certified_on,
            due_on=one.due_on,
            note=one.note,
        )
        for one in chosen(session, wanted, task_ids)
    )
    imprint = journal.imprint(session, "资格认证")
    by = "自管小组" if by_group else "楼栋"
    return list_paper.DueList(
        imprint, wanted.month or "", rows, by, show_phone=True, apart=by_group
    )


def notices(
    session: Session, wanted: DueFilter, task_ids: Collection[str] = ()
) -> notice_paper.Notices:
    """A slip in large print for each."""
    people = tuple(
        notice_paper.Notice(one.name, address=one.address, due_on=one.due_on)
        for one in chosen(session, wanted, task_ids)
    )
    return notice_paper.Notices(journal.imprint(session, "资格认证"), people)


def appointments(
    session: Session,
    wanted: DueFilter,
    task_ids: Collection[str] = (),
    on: date | None = None,
) -> slip_paper.Appointments:
    """One for the station and one for the household, each."""
    people = tuple(_slip(session, one, on) for one in chosen(session, wanted, task_ids))
    return slip_paper.Appointments(journal.imprint(session, "上门认证"), people)


def _slip(session: Session, one: DueRow, on: date | None) -> slip_paper.Appointment:
    kin = next(iter(kin_of(session, one.retiree_id)), None)
    return slip_paper.Appointment(
        name=one.name,
        sex=one.sex,
        age=one.age,
        address=one.address,
        phone=one.phone,
        reason="高龄" if one.age is not None and one.age >= 80 else "",
        appointed_on=on,
        kin_name=kin.name if kin else "",
        kin_phone=(kin.phone or "") if kin else "",
    )


def checks(session: Session, suspicion_ids: Sequence[str]) -> check_paper.Checks:
    """A sheet to look into each doubt with."""
    people = tuple(_check(session, one) for one in suspicion_ids)
    return check_paper.Checks(journal.imprint(session, "异常核查"), people)


def _check(session: Session, suspicion_id: str) -> check_paper.Check:
    said = suspicion.suspicion(session, suspicion_id)
    raised = session.scalar(select(Suspicion.created_by).where(Suspicion.id == suspicion_id))
    way, outcome = codes.table("ATTEMPT_WAY"), codes.table("ATTEMPT_OUTCOME")
    attempts = tuple(
        check_paper.Attempt(
            datetime.fromisoformat(one["at"]),
            way.name(one["way"]),
            outcome.name(one["outcome"]),
            one.get("by", ""),
        )
        for one in said.attempts
    )
    return check_paper.Check(
        name=said.row.name,
        sex=said.sex,
        born_on=said.born_on,
        id_no=said.id_no,
        kind=said.kind,
        employer=said.employer,
        address=said.row.address,
        phone=said.phone,
        period=_period(session, said.row.retiree_id),
        due_on=said.due_on,
        reason="，".join(
            filter(None, (codes.table("SUSPICION_REASON").name(said.row.reason), said.row.detail))
        ),
        raised_on=said.row.found_on,
        raised_by=acts.names(session).get(raised or "", ""),
        attempts=attempts,
        contacts=tuple(check_paper.Contact(*one) for one in said.contacts),
    )


def _period(session: Session, retiree_id: str) -> str:
    task = session.scalars(
        select(CertTask)
        .where(CertTask.retiree_id == retiree_id, CertTask.is_void.is_(False))
        .order_by(CertTask.due_on.desc())
        .limit(1)
    ).first()
    return period_words(task) if task is not None else ""


def month_summary(session: Session, month: str) -> month_paper.Month:
    """One line a building: what was to be done in the month, with what was overdue before it, and
    what became of it."""
    lines = {name: Counter[str]() for name in _buildings(session, month)}
    for name, key, count in _figures(session, month):
        lines.setdefault(name, Counter())[key] += count
    rows = tuple(month_paper.MonthRow(name or "住址不详", **line) for name, line in lines.items())
    methods = tuple(_methods(session, month))
    imprint = journal.imprint(session, "资格认证")
    return month_paper.Month(imprint, month, rows, methods=methods)


def _buildings(session: Session, month: str) -> list[str]:
    rows = session.execute(
        _due(session, month, Retiree.building_text, func.min(Retiree.address_key))
        .group_by(Retiree.building_text)
        .order_by(func.min(Retiree.address_key))
    )
    return [name or "" for name, _ in rows]


def _methods(session: Session, month: str) -> Iterator[tuple[str, int]]:
    first, end = first_day(month), last_day(month)
    name = codes.table("CERT_METHOD").name
    rows = session.execute(
        _due(session, month, Certification.method, func.count())
        .where(done_in(first, end))
        .group_by(Certification.method)
        .order_by(Certification.method)
    )
    return ((name(method), count) for method, count in rows)


def _due(session: Session, month: str, *columns: Any) -> Any:
    first, end = first_day(month), last_day(month)
    return (
        select(*columns)
        .select_from(CertTask)
        .join(Retiree, Retiree.id == CertTask.retiree_id)
        .outerjoin(Certification, Certification.id == CertTask.closed_by)
        .where(
            CertTask.office_id == at_desk(session).office_id,
            or_(done_in(first, end), left_in(first, end)),
        )
    )


def _figures(session: Session, month: str) -> list[tuple[str, str, int]]:
    found: list[tuple[str, str, int]] = []
    is_done = done_in(first_day(month), last_day(month))
    by = (Retiree.building_text, is_done, CertTask.due_on, Certification.method)
    rows = session.execute(_due(session, month, *by, func.count()).group_by(*by))
    for name, done, due_on, method, count in rows:
        found.append((name or "", "due", count))
        if done:
            found.append((name or "", "done", count))
            found.append((name or "", "home", count * (method == AT_HOME)))
        elif due_on < clock.today():
            found.append((name or "", "overdue", count))
    return found + _beside(session, month)


def _beside(session: Session, month: str) -> list[tuple[str, str, int]]:
    """Doubts, deaths and lost people of the month, by where they live."""
    first, last = first_day(month), last_day(month)
    doubts = session.execute(
        select(Retiree.building_text, func.count())
        .select_from(Suspicion)
        .join(Retiree, Retiree.id == Suspicion.retiree_id)
        .where(Suspicion.found_on.between(first, last), Suspicion.is_void.is_(False))
        .group_by(Retiree.building_text)
    )
    found = [(name or "", "suspicion", count) for name, count in doubts]
    return found + [(name, kind, 1) for _month, kind, name in losses(session, first, last)]
