"""One entry after a trip writes visit, survey and certification (W2.3)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app import attachment, movement, person, survey
from app.certification import record as certification
from app.kit.listing import SIZE, Page, cut
from app.kit.refusal import Refusal, Refusals
from app.kit.saved import Saved
from app.kit.who import at_desk
from app.outside import outside
from app.visit.papers import not_entered
from app.visit.plan import next_visit, put_plan, replan
from models.certification import AT_HOME as AT_HOME_CERTIFIED
from models.certification import Certification, holding
from models.kit import clock, search, validate
from models.kit.ids import new_id
from models.movement import Movement
from models.retiree import Retiree
from models.visit import HOME_CERTIFICATION, Visit

AT_HOME, IN_HOSPITAL, BY_PHONE, GATHERING, AT_STATION = "1", "2", "3", "4", "5"
DOORS = (AT_HOME, IN_HOSPITAL)
_SURVEY_WAY = {BY_PHONE: "2"}
_HEALTH_OF = {"2": "4", "3": "5"}
GIVEN = (
    "retiree_id",
    "visit_no",
    "visited_on",
    "time_span",
    "visit_type",
    "way",
    "place",
    "visitors",
    "escorts",
    "met_in_person",
    "spirit",
    "mobility",
    "home_safety",
    "living_note",
    "requests",
    "referred_to",
    "cash_fen",
    "goods",
    "fund_source",
    "receiver",
    "outcome",
    "next_on",
    "remark",
)


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One visit in a list. ``outside``: what to say of one that did not enter at the centre."""

    id: str
    retiree_id: str
    name: str
    address: str
    visited_on: date
    visit_type: str
    way: str
    met_in_person: bool | None
    note: str
    requests: str
    referred_to: str
    visitors: str
    next_on: date | None
    void_reason: str = ""
    outside: str = ""


def record_visit(
    session: Session,
    values: Mapping[str, Any],
    *,
    also_certify: bool = False,
    certification_values: Mapping[str, Any] | None = None,
    pictures: Sequence[attachment.New] = (),
) -> Saved:
    """Refused for the dead. Met in person, it is a survey as well; with ``also_certify`` it is the
    home certification too, all in one action. Who was not met is still to be visited as planned,
    unless another day is given."""
    validate.only_known(Visit, values, GIVEN)
    who = person.cared_for(session, str(values["retiree_id"]), "登记走访")
    full = _complete(session, who, values, also_certify=also_certify)
    _check(who, full, also_certify=also_certify)
    if full.get("visit_no"):
        not_entered(session, full["visit_no"])
    usual, reason = next_visit(session, who.id, full["visited_on"])
    if full["met_in_person"]:
        full.setdefault("next_on", usual)
    next_on = full.get("next_on")
    session.add(Visit(**full))
    put_plan(session, who.id, last_on=full["visited_on"], next_on=next_on, reason=reason)
    session.flush()
    notes = _survey(session, who, full)
    if also_certify:
        notes += _certify(session, who, full, certification_values or {})
    if pictures:
        notes += attachment.attach(session, who.id, pictures, visit_id=full["id"]).notes
    return Saved(full["id"], warnings=tuple(_warnings(full)), notes=tuple(notes))


def _complete(
    session: Session, who: Retiree, values: Mapping[str, Any], *, also_certify: bool
) -> dict[str, Any]:
    said = {name: value for name, value in values.items() if not validate.is_empty(value)}
    usual = {
        "visited_on": clock.today(),
        "way": AT_HOME,
        "visitors": at_desk(session).name,
        "visit_type": HOME_CERTIFICATION if also_certify else "14",
    }
    full = {**usual, **said, "id": new_id(), "retiree_id": who.id}
    if full["way"] == AT_HOME:
        full.setdefault("place", person.place(who) or None)
    return full


def _check(who: Retiree, full: Mapping[str, Any], *, also_certify: bool) -> None:
    found = validate.problems(Visit, full)
    if found:
        raise Refusals(found)
    person.not_later(full["visited_on"], "走访日期", "visited_on", who.birth_on)
    if full.get("next_on") and full["next_on"] <= full["visited_on"]:
        raise Refusal("下次走访要晚于这次走访", "next_on")
    if full.get("cash_fen") and not full.get("fund_source"):
        raise Refusal("发了慰问金，请选择经费来源", "fund_source")
    if full.get("cash_fen") and not full.get("receiver"):
        raise Refusal("发了慰问金，请填写领取人", "receiver")
    if also_certify and full["way"] not in DOORS:
        raise Refusal("只有上门或医院探视才能同时完成上门核验", "way")
    if also_certify and not full["met_in_person"]:
        raise Refusal("没有见到本人，不能同时完成上门核验", "met_in_person")


def _survey(session: Session, who: Retiree, full: Mapping[str, Any]) -> list[str]:
    """Nothing was learnt of somebody who was not met."""
    if not full["met_in_person"]:
        return []
    said = {
        "retiree_id": who.id,
        "surveyed_on": full["visited_on"],
        "survey_way": _SURVEY_WAY.get(full["way"], "1"),
        "residing_state": "8" if full["way"] == IN_HOSPITAL else survey.residing(who),
        "surveyor": str(full["visitors"])[:50],
        "visit_id": full["id"],
    }
    return list(survey.record_survey(session, said).notes)


def _certify(
    session: Session, who: Retiree, full: Mapping[str, Any], said: Mapping[str, Any]
) -> list[str]:
    usual = {
        "certified_on": full["visited_on"],
        "visit_place": full.get("place") or ("医院" if full["way"] == IN_HOSPITAL else None),
        "handler": str(full["visitors"])[:50],
        "health_state": _HEALTH_OF.get(str(full.get("mobility"))),
    }
    return list(certification.home_certify(session, who.id, {**usual, **said}).notes)


def _warnings(full: Mapping[str, Any]) -> list[str]:
    alone = "、" not in full["visitors"] and "，" not in full["visitors"]
    if (full.get("cash_fen") or full.get("goods")) and alone:
        return ["发放慰问金或慰问品建议两人同行，走访人只填了一位"]
    return []


def visits(
    session: Session,
    page: int = 1,
    *,
    text: str = "",
    way: str = "",
    retiree_id: str = "",
    voided: bool = False,
) -> Page[VisitRow]:
    """Visits, newest first; the text finds the person. ``voided``: those that do not count."""
    where: list[ColumnElement[bool]] = [Visit.is_void.is_(voided)]
    if voided:  # what waits for a ruling is out of sight without a reason
        where.append(Visit.void_reason.is_not(None))
    if text.strip():
        where.append(Visit.retiree_id.in_(search.found(text)))
    if way:
        where.append(Visit.way == way)
    if retiree_id:
        where.append(Visit.retiree_id == retiree_id)
    total = session.scalar(select(func.count()).select_from(Visit).where(*where)) or 0
    rows = session.execute(
        select(Visit, Retiree)
        .join(Retiree, Retiree.id == Visit.retiree_id)
        .where(*where)
        .order_by(Visit.visited_on.desc(), Visit.id.desc())
        .limit(SIZE)
        .offset((page - 1) * SIZE)
    ).all()
    kept_out = outside(session, [one for one, _ in rows])
    return cut([_row(one, who, kept_out.get(one.id, "")) for one, who in rows], total, page)


def _row(one: Visit, who: Retiree, kept_out: str) -> VisitRow:
    return VisitRow(
        one.id,
        who.id,
        who.name,
        person.place(who),
        one.visited_on,
        one.visit_type,
        one.way,
        one.met_in_person,
        one.living_note or one.outcome or "",
        one.requests or "",
        one.referred_to or "",
        one.visitors,
        one.next_on,
        one.void_reason or "",
        kept_out,
    )


def void_visit(session: Session, visit_id: str, reason: str) -> str:
    """A visit entered by mistake; its survey goes with it, and the plan no longer rests on it.
    Returns what is to be seen to besides: what followed from it and stands."""
    found = session.get(Visit, visit_id)
    if found is None or found.is_void:
        raise Refusal("这条走访记录已经不在了，请刷新")
    if not reason.strip():
        raise Refusal("请写明作废的原因", "reason")
    found.is_void, found.void_reason = True, reason[:200]
    survey.void_of_visit(session, found.id, reason)
    attachment.remove_of(session, "visit_id", found.id, reason)
    replan(session, found)
    return "；".join(_stands(session, found))


def _stands(session: Session, was: Visit) -> Iterator[str]:
    certified = select(Certification.id).where(
        Certification.retiree_id == was.retiree_id,
        Certification.certified_on == was.visited_on,
        Certification.method == AT_HOME_CERTIFIED,
        *holding(),
    )
    if session.scalar(certified.limit(1)) is not None:
        yield "同一天的上门核验还算数，也登记错了的，请到本人的认证记录里作废"
    back = select(Movement.id).where(
        Movement.retiree_id == was.retiree_id,
        Movement.changed_on == was.visited_on,
        Movement.change_type == movement.FOUND,
        Movement.basis == survey.SEEN,
        Movement.is_void.is_(False),
    )
    if session.scalar(back.limit(1)) is not None:
        yield "失联时因这次见到本人改回了在册，见的不是本人的，请重新登记失联"
