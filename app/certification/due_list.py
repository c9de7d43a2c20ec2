"""Who is due (待认证): by month and overdue, by building or group, by the way that fits the person
(W1.2-W1.4). Unknown days come first and are never overdue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, literal, select
from sqlalchemy.orm import Session

from app import cert_task, parameter, person, suspicion
from app.due import add_months, month_end
from app.kit.listing import SIZE, Page, cut, ordering
from app.kit.who import at_desk
from models.cert_task import HOME, CertTask
from models.kit import clock, codes, search
from models.retiree import Retiree
from models.tag import Tag

ABROAD, ELSEWHERE = ("5", "6"), ("3", "4")
WAYS = (
    ("phone", "手机自助"),
    ("station", "到站办理"),
    ("home", "上门核验"),
    ("elsewhere", "异地居住"),
    ("abroad", "境外居住"),
)


@dataclass(frozen=True, slots=True)
class DueFilter:
    """``month`` (YYYY-MM) takes that month and everything overdue; ``unknown`` None takes those
    without a day as well, True only those; ``printed`` asks for forms out or not."""

    month: str | None = None
    way: str = ""
    group_by: str = "building"
    text: str = ""
    state: str = ""
    unknown: bool | None = None
    overdue: bool = False
    building: str = ""
    group: str = ""
    printed: bool | None = None
    sort: str = ""


@dataclass(frozen=True, slots=True)
class DueRow:
    """One person due. Numbers and phones are full: papers need them, screens mask them. ``doubt``
    is what has to be looked into before anybody calls: they may be dead or lost; ``sent_back``: the
    ``note`` is why the centre did not take the last certification."""

    task_id: str
    retiree_id: str
    name: str
    sex: str
    age: int | None
    id_no: str
    address: str
    building: str
    group: str
    phone: str
    last_certified_on: date | None
    due_on: date | None
    state: str
    way: str
    form_no: str
    printed_at: datetime | None
    attempts: int
    note: str
    sent_back: bool
    days_left: int | None
    is_near: bool
    doubt: str


def due(session: Session, wanted: DueFilter, page: int = 1) -> Page[DueRow]:
    """One page of people due."""
    total = due_total(session, wanted)
    page = max(1, min(page, -(-total // SIZE) or 1))
    rows = session.execute(_rows(session, wanted).limit(SIZE).offset((page - 1) * SIZE)).all()
    return cut(_read(session, rows), total, page)


def due_rows(session: Session, wanted: DueFilter) -> list[DueRow]:
    """Everybody of the filter: for papers, not for screens."""
    return _read(session, session.execute(_rows(session, wanted)).all())


def due_ids(session: Session, wanted: DueFilter) -> list[str]:
    """The task ids of the filter, in the order of the list."""
    query = _joined(select(CertTask.id)).where(*_where(session, wanted))
    return list(session.scalars(query.order_by(*_order(wanted))))


def due_total(session: Session, wanted: DueFilter) -> int:
    """How many the filter finds."""
    query = _joined(select(func.count())).where(*_where(session, wanted))
    return session.scalar(query) or 0


def due_groups(session: Session, wanted: DueFilter) -> list[tuple[str, int]]:
    """(building or group, people) in the order of the list."""
    by = Retiree.group_name if wanted.group_by == "group" else Retiree.building_text
    first: Any = by if wanted.group_by == "group" else func.min(Retiree.address_key)
    rows = session.execute(
        _joined(select(by, func.count()))
        .where(*_where(session, wanted))
        .group_by(by)
        .order_by(by.is_(None), first, by)
    )
    return [(name or "", count) for name, count in rows]


def due_counts(session: Session, month: str | None = None) -> dict[str, int]:
    """The numbers on the chips of the list, in one statement."""
    month_last = last_day(month or person.month_of(clock.today()))
    way = _way(session)
    wanted: dict[str, ColumnElement[bool]] = {
        "all": literal(value=True),
        "unknown": CertTask.due_on.is_(None),
        "month": CertTask.due_on <= month_last,
        "overdue": CertTask.due_on < clock.today(),
        "home_visit": CertTask.state == HOME,
        **{key: way == key for key, _ in WAYS},
    }
    sums = [func.coalesce(func.sum(case((one, 1), else_=0)), 0) for one in wanted.values()]
    row = session.execute(_joined(select(*sums)).where(*_base(session))).one()
    return dict(zip(wanted, (int(one) for one in row), strict=True))


def last_day(month: str) -> date:
    """The last day of YYYY-MM."""
    return month_end(date.fromisoformat(f"{month}-01"))


def _joined(query: Any) -> Any:
    return query.select_from(CertTask).join(Retiree, Retiree.id == CertTask.retiree_id)


def _base(session: Session) -> list[ColumnElement[bool]]:
    return [
        CertTask.office_id == at_desk(session).office_id,
        cert_task.listed(),
        Retiree.is_void.is_(False),
    ]


def _where(session: Session, wanted: DueFilter) -> list[ColumnElement[bool]]:
    found = [*_base(session), *_by_day(wanted)]
    if wanted.way:
        found.append(_way(session) == wanted.way)
    if wanted.state:
        found.append(CertTask.state == wanted.state)
    if wanted.building:
        found.append(Retiree.building_text == wanted.building)
    if wanted.group:
        found.append(Retiree.group_name == wanted.group)
    if wanted.printed is not None:
        blank = CertTask.printed_at.is_(None)
        found.append(~blank if wanted.printed else blank)
    if wanted.text.strip():
        found.append(Retiree.id.in_(search.found(wanted.text)))
    return found


def _by_day(wanted: DueFilter) -> list[ColumnElement[bool]]:
    unknown = CertTask.due_on.is_(None)
    if wanted.unknown:
        return [unknown]
    if wanted.overdue:
        return [CertTask.due_on < clock.today()]
    if wanted.month:
        inside = CertTask.due_on <= last_day(wanted.month)
        return [inside if wanted.unknown is False else inside | unknown]
    return [] if wanted.unknown is None else [~unknown]


def _way(session: Session) -> ColumnElement[str]:
    """The way that fits: where they live first, then age and tags, then the telephone."""
    tags = list(parameter.in_force(session, "home_visit_tags").value)
    old = person.years_ago(int(parameter.in_force(session, "home_visit_age").value))
    tagged = exists().where(Tag.retiree_id == Retiree.id, Tag.code.in_(tags), *person.live_tag())
    return case(
        (Retiree.live_scope.in_(ABROAD), "abroad"),
        (Retiree.live_scope.in_(ELSEWHERE), "elsewhere"),
        (CertTask.state == HOME, "home"),
        (Retiree.birth_on <= old, "home"),
        (tagged, "home"),
        (Retiree.smartphone.is_(True), "phone"),
        else_="station",
    )


def _order(wanted: DueFilter) -> list[ColumnElement[Any]]:
    if wanted.sort == "due":
        unknown_first = CertTask.due_on.is_not(None).asc(), CertTask.due_on.asc()
        return [*unknown_first, Retiree.address_key.asc(), CertTask.id.asc()]
    if wanted.sort == "name":
        return ordering(((Retiree.name, False),), CertTask.id)
    if wanted.group_by == "group":
        pair = ((Retiree.group_name, False), (Retiree.address_key, False))
        return ordering(pair, CertTask.id)
    return ordering(((Retiree.address_key, False),), CertTask.id)


def _rows(session: Session, wanted: DueFilter) -> Any:
    query = select(CertTask, Retiree, _way(session)).join(
        Retiree, Retiree.id == CertTask.retiree_id
    )
    return query.where(*_where(session, wanted)).order_by(*_order(wanted))


def _near(session: Session) -> date:
    """Whoever is due by then is due soon."""
    days = int(parameter.in_force(session, "remind_days_late").value)
    return clock.today() + timedelta(days=days)


def _read(session: Session, rows: Sequence[Any]) -> list[DueRow]:
    near, doubts = _near(session), suspicion.gone(session, [who.id for _, who, _ in rows])
    return [_row(one, near, doubts) for one in rows]


def _row(one: Any, near: date, doubts: Mapping[str, str]) -> DueRow:
    task, who, way = one
    return DueRow(
        task.id,
        who.id,
        who.name,
        codes.table("SEX").name(who.sex),
        person.age(who.birth_on),
        who.id_no,
        person.place(who),
        who.building_text or "",
        who.group_name or "",
        person.phone(who),
        who.last_certified_on,
        task.due_on,
        task.state,
        way,
        task.form_no or "",
        task.printed_at,
        len(task.attempts or ()),
        _note(task),
        bool(task.refused_reason),
        (task.due_on - clock.today()).days if task.due_on else None,
        task.due_on is not None and task.due_on <= near,
        doubts.get(who.id, ""),
    )


def _note(task: CertTask) -> str:
    """Why it came back from the centre, else what calling led to."""
    if task.refused_reason:
        return f"区中心退回：{task.refused_reason}"
    return last_attempt(task.attempts or ())


def last_attempt(attempts: Sequence[dict[str, Any]]) -> str:
    """11-20 无人接听."""
    if not attempts:
        return ""
    last = attempts[-1]
    on = clock.local(datetime.fromisoformat(last["at"]))
    words = codes.table("ATTEMPT_OUTCOME").name(last["outcome"])
    return f"{on:%m-%d} {words}" + (f"：{last['note']}" if last.get("note") else "")


def months_back(month: str, count: int) -> list[str]:
    """The last so many months, the given one last."""
    first = date.fromisoformat(f"{month}-01")
    return [person.month_of(add_months(first, -at)) for at in range(count - 1, -1, -1)]
