"""A form that came back is scanned (扫码回收)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import cert_task, handover, person
from app import printed as journal
from app.certification import forms, record
from app.kit.refusal import Refusal
from app.printing.kit import codes as numbers
from models.cert_task import DONE, OPEN, CertTask
from models.certification import PRESENT_AT_DESK, Certification
from models.handover import TAKEN, Handover
from models.kit import clock, codes
from models.office import Office
from models.printed import Print
from models.retiree import CERTIFIABLE, LOST, Retiree

OK, CHANGED, ALREADY, PERIOD = "ok", "changed", "already", "period"
OTHER, UNKNOWN, GONE, RECEIPT = "other", "unknown", "gone", "receipt"
CHECK = "请核对：照片是本人、已签名按印、电话无更正"


@dataclass(frozen=True, slots=True)
class Returned:
    """What became of a scan. ``ok`` and ``changed`` were recorded, nothing else was;
    ``new_task_id`` is the task whose form can be printed on the spot."""

    kind: str
    title: str
    detail: str = ""
    retiree_id: str = ""
    name: str = ""
    line: str = ""
    number: str = ""
    task_id: str = ""
    certification_id: str = ""
    new_task_id: str = ""

    @property
    def recorded(self) -> bool:
        """Did the scan write a certification?"""
        return self.kind in (OK, CHANGED)


def returned(
    session: Session, code_text: str, correction: Mapping[str, Any] | None = None
) -> Returned:
    """Record the certification a form stands for, or say why not. ``correction`` holds what
    differs from the usual: another day, method, an agent."""
    try:
        scan = numbers.read(code_text)
    except Refusal as refusal:
        return Returned(UNKNOWN, refusal.message)
    here = journal.office(session)
    if scan.office_code and scan.office_code != here.code and not _came_along(session, scan):
        return _other(session, scan)
    if scan.kind != forms.KIND:
        return Returned(UNKNOWN, "这不是认证表的码，请扫认证表右上角的二维码", number=scan.number)
    if scan.receipt:
        return Returned(RECEIPT, "这是回执联，请扫上半张认证表右上角的二维码", number=scan.number)
    return _ours(session, scan, correction or {})


def _other(session: Session, scan: numbers.Scan) -> Returned:
    name = session.scalar(
        select(Office.name).where(Office.code == scan.office_code, Office.is_void.is_(False))
    )
    whose = (name or f"别的社区（代码 {scan.office_code}）").removesuffix("服务站")
    title = f"这张表是 {whose} 的，请退给本人或转交该社区"
    return Returned(OTHER, title, number=scan.number)


def _ours(session: Session, scan: numbers.Scan, correction: Mapping[str, Any]) -> Returned:
    task = _task(session, scan)
    who = session.get_one(Retiree, task.retiree_id) if task is not None else None
    if task is None and (taken := _taken_over(session, scan)):
        return taken
    if task is None or who is None or (task.is_void and not who.is_void):
        detail = "可能是在别的电脑上打印的，或者那次打印已经撤销"
        return Returned(UNKNOWN, f"本机没有编号 {scan.number} 的认证表", detail, number=scan.number)
    if who.is_void:
        task, who = _in_use(session, task, who)
    if who.is_void or who.manage_state not in (*CERTIFIABLE, LOST):
        return _gone(task, who)
    if task.state not in OPEN or task.retiree_id != who.id:
        return _closed(session, task, who)
    return _record(session, scan, task, who, correction)


def _task(session: Session, scan: numbers.Scan) -> CertTask | None:
    """The task of the form."""
    return session.scalars(
        select(CertTask).where(CertTask.form_no == scan.number).order_by(CertTask.is_void)
    ).first()


def _came_along(session: Session, scan: numbers.Scan) -> bool:
    """Was the form printed by the station from which we took the person over, with their task?
    Numbers of two stations may be the same once in a while."""
    query = (
        select(CertTask.id)
        .join(Handover, Handover.person_id == CertTask.retiree_id)
        .join(Office, Office.id == Handover.office_id)
        .where(
            CertTask.form_no == scan.number,
            Office.code == scan.office_code,
            Handover.state == TAKEN,
            Handover.is_void.is_(False),
        )
    )
    return session.scalars(query.limit(1)).first() is not None


def _taken_over(session: Session, scan: numbers.Scan) -> Returned | None:
    """We printed it, and its task has gone with the person to another station."""
    printed = select(Print.retiree_id).where(Print.number == scan.number).limit(1)
    who = session.get(Retiree, session.scalar(printed) or "")
    went = handover.where_to(session, who) if who and handover.has_left(session, who) else None
    if who is None or went is None:
        return None
    title = f"{who.name} 已由 {went.other} 接收，这张表请退给本人或转交那边"
    return Returned(OTHER, title, "", who.id, who.name, number=scan.number)


def _in_use(session: Session, task: CertTask, who: Retiree) -> tuple[CertTask, Retiree]:
    """Of somebody who was registered twice: the registration that is in use, and its task, unless
    the form is of the past."""
    now = person.in_use(session, who) or person.registered(session, who.id_no, who.id)
    if now is None:
        return task, who
    if task.state not in OPEN or _is_past(session, task, now):
        return task, now
    theirs = (CertTask.retiree_id == now.id, CertTask.is_void.is_(False))
    last = select(CertTask).where(*theirs).order_by(CertTask.due_on.desc()).limit(1)
    found = cert_task.open_task(session, now.id) or session.scalars(last).first()
    return (found, now) if found is not None else (task, who)


def _is_past(session: Session, task: CertTask, who: Retiree) -> bool:
    """Was the form taken already, or printed before they were last certified?"""
    last, printed = who.last_certified_on, task.printed_at
    late = last is not None and printed is not None and clock.local(printed).date() <= last
    return late or _taken(session, task, who) is not None


def _taken(session: Session, task: CertTask, who: Retiree) -> Certification | None:
    """The certification for which the form of a task was taken."""
    mine = (Certification.retiree_id == who.id, Certification.is_void.is_(False))
    by_form = select(Certification).where(*mine, Certification.form_no == task.form_no)
    return session.scalars(by_form.limit(1)).first()


def _gone(task: CertTask, who: Retiree) -> Returned:
    state = "作废" if who.is_void else person.state_word(who)
    title = f"{who.name} 已登记{state}，这张表没有登记"
    first = "先在“已作废”里恢复" if who.is_void else "请站长先更正人员状态"
    detail = f"如登记有误，{first}；如有人代交，请列入异常核查"
    return _about(GONE, title, detail, task, who)


def _closed(session: Session, task: CertTask, who: Retiree) -> Returned:
    """The form's task is done: by this very form, in another way, or long ago."""
    newer = cert_task.open_task(session, who.id)
    if newer is not None and newer.id != task.id:
        title = f"这张表是上一周期（{period_words(task)}）的，不能用于本次认证"
        detail = f"表上编号 {task.form_no}，{who.name}。没有新表可现场重打一份"
        return _about(PERIOD, title, detail, task, who, new_task_id=newer.id)
    done = session.get(Certification, task.closed_by) if task.closed_by else None
    if task.retiree_id != who.id:
        done = _taken(session, task, who)
    if done is None:
        return _about(ALREADY, f"{who.name} 的这项认证已经结束", "不用再登记", task, who)
    if done.form_no == task.form_no:
        title = f"{who.name} 的这张表 {_when(done)} 已经收过了"
        return _about(ALREADY, title, "没有重复登记", task, who, done.id)
    method = codes.table("CERT_METHOD").name(done.method)
    title = f"{who.name} {done.certified_on} 已经认证过了（{method}）"
    return _about(ALREADY, title, "这张表不用再登记，可以存档", task, who, done.id)


def _record(
    session: Session,
    scan: numbers.Scan,
    task: CertTask,
    who: Retiree,
    correction: Mapping[str, Any],
) -> Returned:
    fresh = not scan.digest or scan.digest == forms.digest(session, task)
    usual = {"method": PRESENT_AT_DESK, "docs_checked": ["1"], "form_no": scan.number}
    saved = record.certify(session, who.id, {**usual, **correction}, task_id=task.id)
    if not fresh:
        detail = "打印以后资料改过，请对照表上内容核对"
        title = f"已收到 {who.name} 的认证表，打印后资料有改动"
        return _about(CHANGED, title, detail, task, who, saved.id)
    detail = CHECK if task.state == DONE else "；".join(saved.notes)
    return _about(OK, f"已收到 {who.name} 的认证表", detail, task, who, saved.id)


def _about(
    kind: str,
    title: str,
    detail: str,
    task: CertTask,
    who: Retiree,
    certification_id: str = "",
    new_task_id: str = "",
) -> Returned:
    parts = (person.sex_and_age(who), person.place(who), task.form_no or "")
    return Returned(
        kind,
        title,
        detail,
        who.id,
        who.name,
        " · ".join(part for part in parts if part.strip()),
        task.form_no or "",
        task.id,
        certification_id,
        new_task_id,
    )


def _when(done: Certification) -> str:
    at = clock.local(done.created_at)
    return f"{at:%H:%M}" if at.date() == clock.today() else f"{at:%m-%d %H:%M}"


def period_words(task: CertTask) -> str:
    """2025年12月—2026年11月."""
    if task.period_to is None:
        return "到期日待核"
    first = task.period_from or task.period_to
    return f"{first.year}年{first.month}月—{task.period_to.year}年{task.period_to.month}月"
