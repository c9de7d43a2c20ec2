"""时间线: everything that happened to a person, newest first, and who did it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import acts, circles, delivery, movement, office, person
from app.clock_off import ClockOff, clock_off
from app.due import birthday_in
from app.kit.listing import Page, cut
from app.kit.who import at_desk
from app.outside import outside
from models.certification import REFUSED, Certification
from models.exchange import Change
from models.kit import clock, codes, masks
from models.kit.base import Record, facts
from models.kit.changes import base_of
from models.kit.stream import read_head
from models.movement import Movement
from models.printed import Print
from models.retiree import MOVING_OUT, Retiree
from models.survey import Survey
from models.visit import Visit

KINDS = (("certification", "认证"), ("visit", "走访"), ("edit", "资料修改"))
SIZE = 30
PRINTED = "printer"
FOLLOWS = frozenset(facts(Retiree)[name].label for name in ("manage_state", "last_certified_on"))
"""What a movement or a certification says of the person by the way."""
_METHOD_ICON = {"01": "database", "02": "user-check", "03": "user-check", "05": "house"}
_WAY_ICON = {"1": "footprints", "2": "hospital", "3": "phone"}


@dataclass(frozen=True, slots=True)
class Event:
    """``on`` is the day it is filed under, ``at`` the moment it was entered, ``state`` how far
    that has come, which ``change`` tells; ``clock`` what was measured of the clock that gave the
    day, where it was none that people wrote."""

    on: date
    at: datetime
    kind: str
    icon: str
    title: str
    detail: str
    who: str
    record_id: str = ""
    change: str = ""
    state: str = ""
    clock: ClockOff | None = None

    @property
    def by_clock(self) -> bool:
        """Did a clock give the day? Of a paper it did, and of an edit of the person's own data."""
        return self.icon == PRINTED or not self.record_id


@dataclass(frozen=True, slots=True)
class Timeline:
    """One page, how many events each chip has, and how far all of them have come, in words."""

    page: Page[Event]
    counts: dict[str, int]
    delivered: str = ""


def timeline(session: Session, retiree_id: str, kind: str = "", page: int = 1) -> Timeline:
    """One person's events are few enough to be sorted here."""
    who = person.get(session, retiree_id)
    names = acts.names(session)
    found = [
        *_certifications(session, who, names),
        *_prints(session, who, names),
        *_visits(session, who, names),
        *_surveys(session, who, names),
        *_movements(session, who, names),
        *_edits(session, who),
    ]
    found.sort(key=lambda one: (one.on, one.at), reverse=True)
    counts = Counter(one.kind for one in found)
    states = delivery.states(session, [one.change for one in found])
    sticks = delivery.on_sticks(
        session, [change for change, said in states.items() if said == delivery.WAITS]
    )
    found = [replace(one, state=_state(one, states, sticks)) for one in found]
    shown = [one for one in found if not kind or one.kind == kind]
    first = (page - 1) * SIZE
    rows = _with_clocks(session, shown[first : first + SIZE])
    pages = cut(rows, len(shown), page, SIZE)
    many = {"": len(found), **{key: counts[key] for key, _ in KINDS}}
    return Timeline(pages, many, delivery.counted(states.get(one.change, "") for one in found))


def _with_clocks(session: Session, rows: list[Event]) -> list[Event]:
    told = {one.change: one.at if one.icon == PRINTED else None for one in rows if one.by_clock}
    off = clock_off(session, told)
    return [replace(one, clock=off.get(one.change) if one.by_clock else None) for one in rows]


def _state(one: Event, states: Mapping[str, str], sticks: Mapping[str, str]) -> str:
    said = (states.get(one.change, ""), sticks.get(one.change, ""))
    return "，".join(filter(None, said))


def _certifications(session: Session, who: Retiree, names: dict[str, str]) -> list[Event]:
    method, result = codes.table("CERT_METHOD"), codes.table("CERT_RESULT")
    rows = session.scalars(select(Certification).where(Certification.retiree_id == who.id)).all()
    kept_out = outside(session, rows)
    return [
        Event(
            one.certified_on,
            one.created_at,
            "certification",
            _METHOD_ICON.get(one.method, "badge-check"),
            f"资格认证：{result.name(one.result)}" + _standing(one, kept_out),
            "，".join(
                filter(
                    None,
                    (
                        method.name(one.method),
                        one.form_no and f"编号 {one.form_no}",
                        one.void_reason,
                    ),
                )
            ),
            one.handler or names.get(one.created_by or "", "区中心"),
            one.id,
            base_of(one.stamps, "id"),
        )
        for one in rows
    ]


def _standing(one: Certification, kept_out: Mapping[str, str]) -> str:
    if one.is_void and one.void_reason:
        return "（已作废）"
    return "（区中心退回）" if one.report_state == REFUSED else _out(one, kept_out)


def _out(one: Record, kept_out: Mapping[str, str]) -> str:
    """（待区中心核定）, where its making did not enter at the centre."""
    return f"（{kept_out[one.id]}）" if one.id in kept_out else ""


def _prints(session: Session, who: Retiree, names: dict[str, str]) -> list[Event]:
    rows = session.scalars(
        select(Print).where(Print.retiree_id == who.id, Print.is_void.is_(False))
    )
    return [
        Event(
            clock.local(one.printed_at).date(),
            one.printed_at,
            "certification" if one.paper.endswith("认证表") else "visit",
            PRINTED,
            f"打印{one.paper}",
            f"编号 {one.number}" + (f"，第 {one.times} 次" if one.times > 1 else ""),
            names.get(one.created_by or "", ""),
            one.id,
            base_of(one.stamps, "id"),
        )
        for one in rows
    ]


def _visits(session: Session, who: Retiree, names: dict[str, str]) -> list[Event]:
    way, kind = codes.table("VISIT_WAY"), codes.table("VISIT_TYPE")
    rows = session.scalars(
        select(Visit).where(Visit.retiree_id == who.id, Visit.is_void.is_(False))
    ).all()
    kept_out = outside(session, rows)
    return [
        Event(
            one.visited_on,
            one.created_at,
            "visit",
            _WAY_ICON.get(one.way, "footprints"),
            f"{way.name(one.way)} · {kind.name(one.visit_type)}" + _out(one, kept_out),
            one.living_note or one.outcome or "",
            one.visitors or names.get(one.created_by or "", ""),
            one.id,
            base_of(one.stamps, "id"),
        )
        for one in rows
    ]


def _surveys(session: Session, who: Retiree, names: dict[str, str]) -> list[Event]:
    alive, way = codes.table("ALIVE_STATE"), codes.table("SURVEY_WAY")
    rows = session.scalars(
        select(Survey).where(
            Survey.retiree_id == who.id, Survey.is_void.is_(False), Survey.visit_id.is_(None)
        )
    ).all()
    kept_out = outside(session, rows)
    return [
        Event(
            one.surveyed_on,
            one.created_at,
            "visit",
            "heart-pulse",
            f"生存状况调查：{alive.name(one.alive_state)}" + _out(one, kept_out),
            "，".join(filter(None, (way.name(one.survey_way), one.change_note))),
            one.surveyor or names.get(one.created_by or "", ""),
            one.id,
            base_of(one.stamps, "id"),
        )
        for one in rows
    ]


def _movements(session: Session, who: Retiree, names: dict[str, str]) -> list[Event]:
    """Those of another office under its name, where nobody here knows who wrote them."""
    here = at_desk(session).office_id
    offices = {**office.names(session), here: ""}
    rows = session.scalars(
        select(Movement).where(Movement.retiree_id == who.id, Movement.is_void.is_(False))
    ).all()
    kept_out = outside(session, rows)
    return [
        Event(
            one.changed_on,
            one.created_at,
            "edit",
            "user-check" if one.change_type in ("1", "2", "6") else "log-out",
            f"变动：{_moved(one)}" + _out(one, kept_out),
            "，".join(
                dict.fromkeys(filter(None, (_place(one), one.source_way, _basis(one, here))))
            ),
            names.get(one.created_by or "") or offices.get(one.office_id, ""),
            one.id,
            base_of(one.stamps, "id"),
        )
        for one in rows
    ]


def _moved(one: Movement) -> str:
    """Who is on the way has not left yet: that they did is told apart."""
    on_the_way = one.change_type == movement.LEFT and one.to_state == MOVING_OUT
    return "办理迁出" if on_the_way else codes.table("CHANGE_TYPE").name(one.change_type)


def _basis(one: Movement, here: str) -> str | None:
    """本站 is another one elsewhere."""
    is_elsewhere = one.office_id != here and one.basis == movement.AT_THE_DESK
    return "站点登记" if is_elsewhere else one.basis


def _place(one: Movement) -> str | None:
    """Where to; of somebody who moved in, where from."""
    return movement.other(one) if one.change_type == movement.MOVED_IN else one.to_office


def _edits(session: Session, who: Retiree) -> list[Event]:
    hidden = circles.hidden_fields(session, Retiree)
    private = {
        fact.label: fact.mask for name, fact in facts(Retiree).items() if fact.mask is not None
    }
    found, told = [], _told_by_their_own(session, who)
    for one in acts.edits(session, who.id, hidden):
        said = [field for field in one.fields if one.tx not in told or field[0] not in FOLLOWS]
        if one.op == "insert":
            title, detail = "登记入册", ""
        elif not said and not one.turned:
            continue
        else:
            title = one.turned or "修改资料"
            news = (
                f"{label}改为 {masks.masked(private.get(label), value)}" for label, value in said
            )
            detail = "；".join(filter(None, (one.reason, *news)))
        icon = "user-plus" if one.op == "insert" else "pencil"
        on = clock.local(one.at).date()
        event = Event(on, one.at, "edit", icon, title, detail, one.who, change=one.change)
        found.append(event)
    return found


def _told_by_their_own(session: Session, who: Retiree) -> set[str]:
    """The actions that certified or moved the person, or took that back: what follows from it for
    the person's own data was told with it."""
    theirs = [select(one.id).where(one.retiree_id == who.id) for one in (Certification, Movement)]
    heads = session.scalars(
        select(Change.head).where(or_(*(Change.entity_id.in_(ids) for ids in theirs)))
    )
    return {read_head(one).tx for one in heads}


def birthday_note(born: date | None) -> str:
    """今天 80 岁生日, 3 天后 67 岁生日; empty when it is further off than a week."""
    if born is None:
        return ""
    today = clock.today()
    for year in (today.year, today.year + 1):
        left = (birthday_in(born, year) - today).days
        if 0 <= left <= 7:
            when = "今天" if left == 0 else f"{left} 天后"
            return f"{when} {year - born.year} 岁生日"
    return ""
