"""C3: looks at somebody's living status (生存状况调查): light, frequent, feeding
certification only where the local rule says so."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import movement, parameter, person, suspicion
from app.due import add_months
from app.kit.listing import SIZE, Page, Row, page
from app.kit.listing import Listing as Listed
from app.kit.refusal import Refusals
from app.kit.saved import Saved
from app.kit.who import at_desk
from models.kit import clock, validate
from models.kit.ids import new_id
from models.retiree import CERTIFIABLE, LOST, Retiree
from models.survey import Survey

ALIVE, DEAD, MISSING, PRISON, UNREACHED, ABROAD = "1", "2", "3", "4", "5", "6"
GIVEN = (
    "retiree_id",
    "surveyed_on",
    "survey_way",
    "alive_state",
    "residing_state",
    "change_note",
    "next_on",
    "surveyor",
    "visit_id",
    "remark",
)
KEY_TAGS = frozenset({"T02", "T03"})
SEEN = suspicion.SEEN


def record_survey(session: Session, values: Mapping[str, Any]) -> Saved:
    """Write it down; a death, a lost person or a doubt follows at once."""
    validate.only_known(Survey, values, GIVEN)
    who = person.cared_for(session, str(values["retiree_id"]), "登记生存状况调查")
    full = {
        "surveyed_on": clock.today(),
        "survey_way": "1",
        "alive_state": ALIVE,
        "residing_state": residing(who),
        "surveyor": at_desk(session).name,
        **{name: value for name, value in values.items() if not validate.is_empty(value)},
        "id": new_id(),
    }
    found = validate.problems(Survey, full)
    if found:
        raise Refusals(found)
    on = person.not_later(full["surveyed_on"], "调查日期", "surveyed_on", who.birth_on)
    full.setdefault("next_on", next_on(session, who, on))
    session.add(Survey(**full))
    session.flush()
    return Saved(full["id"], notes=tuple(_follow(session, who, full["alive_state"], on)))


def residing(who: Retiree) -> str:
    """常住本社区 unless the file says otherwise."""
    return {"2": "2", "3": "3", "4": "4", "5": "5", "6": "6"}.get(who.live_scope or "", "1")


def next_on(session: Session, who: Retiree, on: date) -> date:
    """Alone or eighty: a month on; everybody else half a year."""
    tags = set(person.tags(session, [who.id])[who.id])
    years = person.age(who.birth_on, on)
    key = bool(tags & KEY_TAGS) or (years is not None and years >= person.AGED)
    rule = parameter.in_force(session, "survey_months_key" if key else "survey_months")
    return add_months(on, int(rule.value))


def _follow(session: Session, who: Retiree, state: str, on: date) -> list[str]:
    if state == ALIVE:
        if who.manage_state == LOST:
            movement.found(session, who.id, on, SEEN)
        suspicion.reached(session, who.id, on, SEEN)
        return []
    if state == DEAD and who.manage_state in (*CERTIFIABLE, LOST):
        movement.suspected_death(session, who.id, on, "生存状况调查")
        return [f"{who.name} 已登记疑似死亡并移出到期名单，待核实"]
    if state == MISSING and who.manage_state in CERTIFIABLE:
        movement.lost(session, who.id, on, "生存状况调查：失踪")
        return [f"{who.name} 已登记失联并移出到期名单"]
    reasons = {PRISON: "08", UNREACHED: suspicion.UNREACHED, ABROAD: "09"}
    if state in reasons:
        suspicion.open_suspicion(session, who.id, reasons[state], "生存状况调查发现")
        return ["已列入异常，待核查"]
    return []


def surveys(session: Session, retiree_id: str, number: int = 1) -> Page[Row]:
    """The person's surveys, newest first."""
    columns = (
        Survey.surveyed_on,
        Survey.survey_way,
        Survey.alive_state,
        Survey.residing_state,
        Survey.change_note,
        Survey.surveyor,
    )
    wanted = Listed(
        Survey,
        columns,
        (Survey.retiree_id == retiree_id,),
        sort=((Survey.surveyed_on, True),),
        size=SIZE,
    )
    return page(session, wanted, number)


def void_of_visit(session: Session, visit_id: str, reason: str) -> None:
    """The visit was a mistake, so was what it said."""
    rows = session.scalars(
        select(Survey).where(Survey.visit_id == visit_id, Survey.is_void.is_(False))
    )
    for one in rows:
        one.is_void, one.void_reason = True, reason[:200]
        suspicion.not_reached(session, one.retiree_id, one.surveyed_on, SEEN)
