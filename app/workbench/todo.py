"""What is to be done, by how pressing it is or by the way through the buildings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from app import cert_task, circles, drill, handover, notice, person, roles, suspicion
from app.kit.who import at_desk
from app.retiree.marks import tag_marks
from app.visit.plan import planned
from app.workbench.people import SOON, birthdays
from models.cert_task import HOME, CertTask
from models.kit import clock, codes
from models.kit.among import among
from models.kit.fields import Circle
from models.retiree import Retiree
from models.suspicion import Suspicion
from models.visit_plan import VisitPlan

NOTICE = "notice"
FIRST = ("drill", NOTICE)
FAR = date(9999, 12, 31)
SEGMENTS = (("all", "全部"), ("overdue", "逾期"), ("today", "今天"), ("week", "本周"))
KINDS = (
    "visit", "home", "unreturned", "suspicion", "offers", "late", "sent", "drill", NOTICE,
    "forms", "birthday",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TodoRow:
    """One thing to do: ``kind`` is one of ``KINDS``; ``target`` is the record the button opens, for
    forms the building whose forms are to be printed."""

    kind: str
    icon: str
    retiree_id: str
    target: str
    title: str
    matter: str
    detail: str
    due_on: date | None
    days_late: int
    days_left: int | None
    button: str
    address: str


@dataclass(frozen=True, slots=True)
class Todo:
    """The rows asked for, how many there are behind each segment, and every open doubt about one
    of their people, in whichever segment that is."""

    rows: tuple[TodoRow, ...]
    counts: dict[str, int]
    doubts: tuple[TodoRow, ...]


def todo(session: Session, segment: str = "all", order: str = "urgency", limit: int = 11) -> Todo:
    """The first things to do, one row per person and kind."""
    near = _wishes(session)
    sources: tuple[Callable[..., list[TodoRow]], ...] = (
        _visits, _homes, _unreturned, _doubts, _handed, _drills, _forms,
    )  # fmt: skip
    found = [row for source in sources for row in source(session, segment, order, limit)]
    found += [row for row in near if _inside(row, segment)]
    key = _by_building if order == "building" else _by_urgency
    rows = tuple(sorted(found, key=key)[:limit])
    about = among(Suspicion.retiree_id, sorted({row.retiree_id for row in rows} - {""}))
    doubts = _doubts_of(session, _open_doubts().where(about))
    return Todo(rows, _counts(session, near), tuple(doubts))


def _by_urgency(row: TodoRow) -> tuple[Any, ...]:
    """Nothing is as pressing as a backup that would not bring anything back; a notice is read with
    one click, and would never be seen behind what is overdue."""
    rank = KINDS.index(row.kind)
    return (row.kind not in FIRST, -row.days_late, row.due_on or FAR, rank, row.address, row.title)


def _by_building(row: TodoRow) -> tuple[Any, ...]:
    return (row.kind not in FIRST, row.address or "\uffff", row.due_on or FAR, row.title)


def _span(column: Any, segment: str) -> Any:
    """The days a segment covers."""
    today = clock.today()
    if segment == "overdue":
        return column < today
    if segment == "today":
        return column == today
    last = today + timedelta(days=6 - today.weekday() if segment == "week" else SOON)
    return column <= last if segment == "all" else column.between(today, last)


def _order(order: str, day: Any) -> tuple[Any, ...]:
    return (Retiree.address_key, day) if order == "building" else (day, Retiree.address_key)


def _visits(session: Session, segment: str, order: str, limit: int) -> list[TodoRow]:
    query = planned(select(VisitPlan, Retiree)).where(_span(VisitPlan.next_on, segment))
    rows = session.execute(query.order_by(*_order(order, VisitPlan.next_on)).limit(limit)).all()
    details = _details(session, [who for _, who in rows])
    return [
        _row("visit", "footprints", who, who.id, "走访", details[who.id], plan.next_on, "登记走访")
        for plan, who in rows
    ]


def _details(session: Session, people: Sequence[Retiree]) -> dict[str, str]:
    """80岁 · 高龄独居 for each."""
    tags = person.tags(session, [who.id for who in people])
    hidden, party = circles.hidden_tags(session), circles.sees(session, Circle.PARTY)
    found = {}
    for who in people:
        years = person.age(who.birth_on)
        marks = tag_marks(tags[who.id], years, who.politics if party else None, hidden)
        parts = [f"{years}岁" if years is not None else "", *(mark.text for mark in marks[:3])]
        found[who.id] = " · ".join(part for part in parts if part)
    return found


def _row(
    kind: str,
    icon: str,
    who: Retiree,
    target: str,
    matter: str,
    detail: str,
    due_on: date | None,
    button: str,
) -> TodoRow:
    left = (due_on - clock.today()).days if due_on else None
    late = max(0, -left) if left is not None else 0
    return TodoRow(
        kind, icon, who.id, target, who.name, matter, detail, due_on, late, left, button,
        who.address_key or "",
    )  # fmt: skip


def _homes(session: Session, segment: str, order: str, limit: int) -> list[TodoRow]:
    where = [cert_task.listed(), CertTask.state == HOME, Retiree.is_void.is_(False)]
    if segment != "all":
        where.append(_span(CertTask.due_on, segment))
    rows = session.execute(
        select(CertTask, Retiree)
        .join(Retiree, Retiree.id == CertTask.retiree_id)
        .where(*where)
        .order_by(CertTask.due_on.is_(None), *_order(order, CertTask.due_on))
        .limit(limit)
    ).all()
    details = _details(session, [who for _, who in rows])
    return [
        _row(
            "home",
            "house",
            who,
            task.id,
            "上门核验",
            details[who.id] + (" · 认证表已打印" if task.printed_at else ""),
            task.due_on,
            "填写结果",
        )
        for task, who in rows
    ]


def _unreturned(session: Session, segment: str, order: str, limit: int) -> list[TodoRow]:
    """Forms that did not come back in time, and what the centre sent back: somebody has to ask."""
    if segment not in ("all", "overdue"):
        return []
    rows = session.execute(
        _to_ask(select(CertTask, Retiree), segment)
        .order_by(*_order(order, CertTask.due_on))
        .limit(limit)
    ).all()
    details = _details(session, [who for _, who in rows])
    return [
        _row(
            "unreturned", "phone", who, task.id,
            "认证被区中心退回" if task.refused_reason else "认证表没有交回",
            " · ".join(filter(None, (details[who.id], _asked(task)))), task.due_on, "登记联系",
        )
        for task, who in rows
    ]  # fmt: skip


def _to_ask(query: Any, segment: str) -> Any:
    late = and_(CertTask.printed_at.is_not(None), CertTask.due_on < clock.today())
    back = CertTask.refused_reason.is_not(None)
    return _by_form(query, or_(late, back) if segment == "all" else late)


def _by_form(query: Any, *where: ColumnElement[bool]) -> Any:
    """Of the tasks that go by a form, not by a trip."""
    return (
        query.select_from(CertTask)
        .join(Retiree, Retiree.id == CertTask.retiree_id)
        .where(cert_task.listed(), CertTask.state != HOME, Retiree.is_void.is_(False), *where)
    )


def _asked(task: CertTask) -> str:
    asked = f"联系过 {len(task.attempts)} 次" if task.attempts else "没有联系过"
    return task.refused_reason or asked


def _doubts(session: Session, segment: str, order: str, limit: int) -> list[TodoRow]:
    """A doubt is for today from the day it was found; it is never overdue."""
    if segment == "overdue":
        return []
    near = (Retiree.address_key,) if order == "building" else ()
    return _doubts_of(session, _open_doubts(*near).limit(limit))


def _open_doubts(*near: Any) -> Any:
    """The oldest first, where nothing is nearer."""
    return (
        select(Suspicion, Retiree)
        .join(Retiree, Retiree.id == Suspicion.retiree_id)
        .where(*suspicion.is_open(), Retiree.is_void.is_(False))
        .order_by(*near or (Suspicion.found_on,), Suspicion.id)
    )


def _doubts_of(session: Session, query: Any) -> list[TodoRow]:
    table, today = codes.table("SUSPICION_REASON"), clock.today()
    return [
        _row(
            "suspicion",
            "file-warning",
            who,
            one.id,
            "认证异常",
            "，".join(filter(None, (table.name(one.reason), one.detail))),
            today,
            "去核对",
        )
        for one, who in session.execute(query)
    ]


def _handed(session: Session, segment: str, _order: str, _limit: int) -> list[TodoRow]:
    """People other stations hand over to us, what was written of ours elsewhere, whom of ours
    nobody took, and what the centre tells all, a row each."""
    if segment == "overdue":
        return []
    words = {
        handover.OFFERS: ("转入待接收", "人", "核对以后接收，或说明原因退回", "去接收"),
        handover.LATE: ("迟到的修改", "项", "迁出站知道以前改的，请看要不要采用", "去处理"),
        handover.SENT: ("迁出没有接收", "人", "撤回迁出，或撤回后转给别的站点", "去处理"),
        NOTICE: ("区中心通知", "条", "还没有看过", "看通知"),
    }
    rows = []
    for kind, count in _between(session).items():
        title, unit, detail, button = words[kind]
        if count:
            icon = "bell" if kind == NOTICE else "arrow-right-left"
            said = (kind, icon, "", kind, title, f"{count} {unit}", detail)
            rows.append(TodoRow(*said, clock.today(), 0, 0, button, ""))
    return rows


def _between(session: Session) -> dict[str, int]:
    told = {handover.SENT: handover.refused(session), NOTICE: len(notice.unread(session))}
    return {**handover.waiting(session), **told}


def _drills(session: Session, segment: str, *_: Any) -> list[TodoRow]:
    """Recovery was rehearsed and did not work, and has not worked since."""
    last = drill.last(session) if roles.may(at_desk(session), "backup", "manage") else None
    if segment == "overdue" or last is None or last.passed:
        return []
    return [
        TodoRow(
            "drill", "hard-drive-download", "", "backup", drill.ACT, "没有通过", last.words,
            clock.today(), 0, 0, "去备份", "",
        )
    ]  # fmt: skip


def _forms(session: Session, segment: str, order: str, limit: int) -> list[TodoRow]:
    """Forms still to be handed out, one row per building."""
    first = func.min(CertTask.due_on)
    key = func.min(Retiree.address_key)
    query = (
        _unprinted(select(Retiree.building_text, func.count(), first, key))
        .where(_span(CertTask.due_on, segment))
        .group_by(Retiree.building_text)
        .order_by(*((key, first) if order == "building" else (first, key)))
        .limit(limit)
    )
    return [_form_row(*row) for row in session.execute(query)]


def form_tasks(session: Session, building: str, segment: str = "all") -> list[str]:
    """The forms behind the row of a building, the empty one for unknown addresses, from door to
    door."""
    query = _unprinted(select(CertTask.id)).where(_span(CertTask.due_on, segment))
    there = func.coalesce(Retiree.building_text, "") == building
    return list(session.scalars(query.where(there).order_by(Retiree.address_key, CertTask.id)))


def _unprinted(query: Any) -> Any:
    return _by_form(query, CertTask.printed_at.is_(None), CertTask.due_on.is_not(None))


def _form_row(building: str | None, count: int, due_on: date | None, key: str | None) -> TodoRow:
    left = (due_on - clock.today()).days if due_on else None
    return TodoRow(
        "forms",
        "badge-check",
        "",
        building or "",
        building or "住址不详",
        f"发放认证表 {count} 份",
        "按楼栋已排好，可整批打印",
        due_on,
        max(0, -(left or 0)),
        left,
        "去打印",
        key or "",
    )


def _wishes(session: Session) -> list[TodoRow]:
    """Birthdays of the week, so that somebody says something."""
    return [
        TodoRow(
            "birthday",
            "cake",
            one.retiree_id,
            one.retiree_id,
            one.name,
            "生日问候",
            f"{one.on.month}月{one.on.day}日 满 {one.turning} 岁",
            one.on,
            0,
            one.days,
            "记问候",
            "",
        )
        for one in birthdays(session, SOON, 50)
        if one.is_milestone or one.days == 0
    ]


def _inside(row: TodoRow, segment: str) -> bool:
    days = {"today": 0, "week": 6 - clock.today().weekday(), "overdue": -1}.get(segment, SOON)
    return row.days_left is not None and row.days_left <= days


def _counts(session: Session, near: Sequence[TodoRow]) -> dict[str, int]:
    """How many rows each segment has, without fetching them."""
    keys = [key for key, _ in SEGMENTS]
    queries = (
        planned(select(*_sums(VisitPlan.next_on))).where(_span(VisitPlan.next_on, "all")),
        select(*_sums(CertTask.due_on, unknown=True))
        .select_from(CertTask)
        .join(Retiree, Retiree.id == CertTask.retiree_id)
        .where(cert_task.listed(), CertTask.state == HOME, Retiree.is_void.is_(False)),
        _unprinted(select(*_buildings())).where(_span(CertTask.due_on, "all")),
    )
    rows = [session.execute(query).one() for query in queries]
    found = {key: sum(int(row[at] or 0) for row in rows) for at, key in enumerate(keys)}
    doubts = suspicion.open_count(session) + sum(map(bool, _between(session).values()))
    doubts += len(_drills(session, "today"))
    for key in keys:
        if key in ("all", "overdue"):
            found[key] += session.scalar(_to_ask(select(func.count()), key)) or 0
        found[key] += sum(_inside(row, key) for row in near)
        found[key] += 0 if key == "overdue" else doubts
    return found


def _buildings() -> list[Any]:
    """In how many buildings forms are to be handed out, by segment."""
    where = func.coalesce(Retiree.building_text, "")
    return [
        func.count(case((_span(CertTask.due_on, key), where)).distinct()) for key, _ in SEGMENTS
    ]


def _sums(column: Any, *, unknown: bool = False) -> list[Any]:
    sums = []
    for segment, _ in SEGMENTS:
        inside = _span(column, segment)
        if unknown and segment == "all":
            inside = or_(inside, column.is_(None), column > clock.today())
        sums.append(func.coalesce(func.sum(case((inside, 1), else_=0)), 0))
    return sums
