"""The figures of the certification page: this month's share, by month, by period."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session

from app import cert_task, person
from app.certification.due_list import last_day, months_back
from app.kit import listing
from app.kit.who import at_desk
from app.movement import CORRECTED, DIED, MAYBE_DEAD, VANISHED
from app.outside import outside
from models.cert_task import DONE, VOID, CertTask
from models.certification import AT_HOME, Certification, holding
from models.kit import clock, codes
from models.kit.base import another
from models.movement import Movement
from models.retiree import Retiree
from models.suspicion import Suspicion

PARTS = (
    ("paper", "表格回收"),
    ("self", "手机自助"),
    ("home", "上门核验"),
    ("data", "数据比对"),
)
_LOSSES = {DIED: "dead", MAYBE_DEAD: "dead", VANISHED: "lost"}
_PART_OF = {"01": "data", "02": "self", "03": "self", "07": "self", "11": "self", AT_HOME: "home"}


@dataclass(frozen=True, slots=True)
class Part:
    """One colour of the bar."""

    key: str
    words: str
    count: int


@dataclass(frozen=True, slots=True)
class Strip:
    """本月应认证: due this month and overdue; ``unknown`` ones stand apart (到期日待核)."""

    month: str
    total: int
    done: int
    parts: tuple[Part, ...]
    overdue: int
    unknown: int
    home: int
    deadline: date
    days_left: int

    @property
    def left(self) -> int:
        """Still to be done this month."""
        return self.total - self.done

    @property
    def percent(self) -> float:
        """Done of what is due, to one decimal, and never all while somebody is left; nothing due is
        all done."""
        return min(round(100 * self.done / self.total, 1), 99.9) if self.left else 100.0


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """One month that was due, as the monthly summary shows it."""

    month: str
    due: int = 0
    done: int = 0
    home: int = 0
    suspicion: int = 0
    dead: int = 0
    lost: int = 0
    overdue: int = 0
    methods: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class CertRow:
    """One line of a person's history. ``outside``: what to say of one that did not enter at the
    centre."""

    id: str
    certified_on: date
    cycle: str
    method: str
    result: str
    handler: str
    form_no: str
    source: str
    report_state: str
    due_on: date | None
    is_void: bool
    reason: str
    outside: str


@dataclass(slots=True)
class _Tally:
    figures: Counter[str] = field(default_factory=Counter)
    methods: Counter[str] = field(default_factory=Counter)


def strip(session: Session) -> Strip:
    """This month's bar."""
    today = clock.today()
    month = person.month_of(today)
    end = last_day(month)
    here = CertTask.office_id == at_desk(session).office_id
    counts = listing.counts(
        session,
        {
            "left": (CertTask, and_(here, cert_task.listed(), CertTask.due_on <= end)),
            "overdue": (CertTask, and_(here, cert_task.listed(), CertTask.due_on < today)),
            "unknown": (CertTask, and_(here, cert_task.listed(), CertTask.due_on.is_(None))),
            "home": (CertTask, and_(here, CertTask.state == "home_visit")),
        },
    )
    done = _done(session, today.replace(day=1), end)
    parts = tuple(Part(key, words, done[key]) for key, words in PARTS)
    total = sum(done.values())
    return Strip(
        month,
        counts["left"] + total,
        total,
        parts,
        counts["overdue"],
        counts["unknown"],
        counts["home"],
        end,
        (end - today).days,
    )


def done_in(first: date, end: date) -> ColumnElement[bool]:
    """Done for this month: what was due in it, and what was overdue or unknown and done in it. Of
    tasks with the certification that closed them."""
    return and_(
        CertTask.state == DONE,
        CertTask.is_void.is_(False),
        or_(
            CertTask.due_on.between(first, end),
            and_(
                or_(CertTask.due_on.is_(None), CertTask.due_on < first),
                Certification.certified_on.between(first, end),
            ),
        ),
    )


def left_in(first: date, end: date) -> ColumnElement[bool]:
    """Left over at the end of this month: open still, or done since though overdue before it."""
    late = and_(
        CertTask.state == DONE,
        CertTask.is_void.is_(False),
        CertTask.due_on < first,
        Certification.certified_on > end,
    )
    return or_(and_(cert_task.listed(), CertTask.due_on <= end), late)


def _done(session: Session, first: date, end: date) -> Counter[str]:
    rows = session.execute(
        select(Certification.method, func.count())
        .select_from(CertTask)
        .join(Certification, Certification.id == CertTask.closed_by)
        .where(CertTask.office_id == at_desk(session).office_id, done_in(first, end))
        .group_by(Certification.method)
    )
    found: Counter[str] = Counter()
    for method, count in rows:
        found[part_of(method)] += count
    return found


def part_of(method: str) -> str:
    """Which colour of the bar a method belongs to."""
    return _PART_OF.get(method, "paper")


def by_month(session: Session, months: int = 8) -> list[tuple[str, int]]:
    """People certified in each of the last months, this one last; once a month, however often."""
    wanted = months_back(person.month_of(clock.today()), months)
    people = [
        select(func.count(Certification.retiree_id.distinct()))
        .where(Certification.certified_on.between(first_day(month), last_day(month)), *holding())
        .scalar_subquery()
        .label(month)
        for month in wanted
    ]
    return list(zip(wanted, session.execute(select(*people)).one(), strict=True))


def first_day(month: str) -> date:
    """The first day of YYYY-MM."""
    return date.fromisoformat(f"{month}-01")


def past_periods(session: Session, months: int = 12) -> list[MonthFigures]:
    """历次: each month that was due, this one first. Whoever is lost was due and is
    not overdue."""
    wanted = months_back(person.month_of(clock.today()), months)
    tallies = {month: _Tally() for month in wanted}
    first, end = first_day(wanted[0]), last_day(wanted[-1])
    for due_on, state, method, count in _by_day(session, first, end):
        tally = tallies[person.month_of(due_on)]
        tally.figures["due"] += count
        if state == DONE:
            tally.figures["done"] += count
            tally.figures["home"] += count * (method == AT_HOME)
            tally.methods[method or ""] += count
        elif due_on < clock.today() and state in cert_task.LISTED:
            tally.figures["overdue"] += count
    for on, count in _doubts(session, first, end):
        tallies[person.month_of(on)].figures["suspicion"] += count
    for month, kind, _building in losses(session, first, end):
        tallies[month].figures[kind] += 1
    return [_month(month, tallies[month]) for month in reversed(wanted)]


def _by_day(session: Session, first: date, end: date) -> Iterable[Any]:
    return session.execute(
        select(CertTask.due_on, CertTask.state, Certification.method, func.count())
        .outerjoin(Certification, Certification.id == CertTask.closed_by)
        .where(
            CertTask.office_id == at_desk(session).office_id,
            CertTask.due_on.between(first, end),
            CertTask.state != VOID,
            CertTask.is_void.is_(False),
        )
        .group_by(CertTask.due_on, CertTask.state, Certification.method)
    )


def _doubts(session: Session, first: date, end: date) -> Iterable[Any]:
    return session.execute(
        select(Suspicion.found_on, func.count())
        .where(Suspicion.found_on.between(first, end), Suspicion.is_void.is_(False))
        .group_by(Suspicion.found_on)
    )


def losses(session: Session, first: date, end: date) -> list[tuple[str, str, str]]:
    """(month, dead or lost, building) of everybody who is said to have died or be lost, once a
    month: not of whom that was put right, nor who died while another office had them."""
    later = another(Movement)
    put_right = exists().where(
        later.retiree_id == Movement.retiree_id,
        later.change_type == CORRECTED,
        later.from_state == Movement.to_state,
        tuple_(later.created_at, later.id) > tuple_(Movement.created_at, Movement.id),
        later.is_void.is_(False),
    )
    rows = session.execute(
        select(
            Movement.changed_on, Movement.change_type, Movement.retiree_id, Retiree.building_text
        )
        .join(Retiree, Retiree.id == Movement.retiree_id)
        .where(
            Movement.office_id == at_desk(session).office_id,
            Movement.changed_on.between(first, end),
            Movement.change_type.in_(_LOSSES),
            Movement.is_void.is_(False),
            ~put_right,
        )
    )
    found = {
        (person.month_of(on), _LOSSES[kind], who): building or ""
        for on, kind, who, building in rows
    }
    return [(month, kind, building) for (month, kind, _who), building in found.items()]


def _month(month: str, tally: _Tally) -> MonthFigures:
    table = codes.table("CERT_METHOD")
    methods = tuple((table.name(code), count) for code, count in sorted(tally.methods.items()))
    return MonthFigures(month, **tally.figures, methods=methods)


def history(session: Session, retiree_id: str) -> list[CertRow]:
    """Everything on record about the person's certification, newest first."""
    rows = session.scalars(
        select(Certification)
        .where(Certification.retiree_id == retiree_id)
        .order_by(Certification.certified_on.desc(), Certification.id.desc())
    ).all()
    kept_out = outside(session, rows)
    return [_row(one, kept_out.get(one.id, "")) for one in rows]


def _row(one: Certification, kept_out: str) -> CertRow:
    return CertRow(
        one.id,
        one.certified_on,
        one.cycle_label or "",
        one.method,
        one.result,
        one.handler or "",
        one.form_no or "",
        one.source,
        one.report_state,
        one.due_on,
        one.is_void,
        one.void_reason or "",
        kept_out,
    )
