"""Family, emergency contacts and tags of a person: lists that are saved whole."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import circles, person
from app.kit.refusal import Refusal
from app.visit.plan import next_visit, put_plan
from models.family import Family
from models.kit import clock, codes, masks, person_name, phone, validate
from models.kit.base import facts
from models.kit.ids import named_id, new_id
from models.retiree import Retiree
from models.tag import Tag
from models.visit_plan import VisitPlan

AUTOMATIC = "T01"
OURS = frozenset({"id", "retiree_id", "office_id", "created_at", "created_by", "is_void"})
TAG_FIELDS = ("since_on", "until_on", "evidence")


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """A member of the family; the telephone is masked."""

    id: str
    relation: str
    name: str
    sex: str
    birth: str
    phone: str
    address: str
    work: str
    living_together: bool | None
    is_dependant: bool | None
    contact_order: int | None
    remark: str


@dataclass(frozen=True, slots=True)
class TagRow:
    """A tag with its days and evidence."""

    id: str
    code: str
    name: str
    since_on: date | None
    until_on: date | None
    evidence: str


def family_rows(session: Session, retiree_id: str) -> tuple[FamilyRow, ...]:
    """The family, whom to call first in front."""
    return tuple(
        FamilyRow(
            one.id,
            one.relation or "",
            one.name,
            one.sex or "",
            one.birth or "",
            masks.masked_field(Family, "phone", one.phone),
            one.address or "",
            one.work_unit_post or "",
            one.living_together,
            one.is_dependant,
            one.contact_order,
            one.remark or "",
        )
        for one in person.family(session, retiree_id)
    )


def set_family(session: Session, retiree_id: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """The whole list: rows with an id are edited, without one added, missing ones voided."""
    who = person.cared_for(session, retiree_id, "修改家属")
    kept = {str(row["id"]) for row in rows if row.get("id")}
    for one in person.family(session, who.id):
        if one.id not in kept:
            one.is_void, one.void_reason = True, "从家属名单中去掉"
    put_family(session, who.id, rows)


def put_family(session: Session, retiree_id: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add or edit these, leave the rest."""
    there = {one.id: one for one in person.family(session, retiree_id)}
    for at, row in enumerate(rows):
        values = {"contact_order": at + 1, **_member(row, at)}
        known = there.get(str(row.get("id") or ""))
        if known is None:
            session.add(Family(id=new_id(), retiree_id=retiree_id, **values))
        else:
            for name, value in values.items():
                setattr(known, name, value)
    session.flush()


def _member(row: Mapping[str, Any], at: int) -> dict[str, Any]:
    validate.only_known(Family, row, facts(Family).keys() | {"id"})
    said = {name: value for name, value in row.items() if name not in OURS}
    values = {
        name: (value or None) if isinstance(value, str) else value for name, value in said.items()
    }
    name = person_name.check(values.get("name"), label="家属姓名")
    if name.problem is not None:
        raise Refusal(name.problem.message, f"family.{at}.name")
    values["name"] = name.text
    if values.get("phone"):
        read = phone.parse(values["phone"])
        if read.problem is not None:
            raise Refusal(f"{name.text}的电话：{read.problem.message}", f"family.{at}.phone")
        values["phone"] = read.text or None
    if values.get("relation") not in codes.table("KINSHIP"):
        raise Refusal(f"请选择{name.text}与本人的关系", f"family.{at}.relation")
    for field, problem in validate.problems(Family, values, set(values)).items():
        raise Refusal(problem.message, f"family.{at}.{field}")
    return values


def set_tags(session: Session, retiree_id: str, tags: Iterable[str | Mapping[str, Any]]) -> None:
    """The whole set: what is missing ends today, what is new begins, the visiting plan follows."""
    who = person.cared_for(session, retiree_id, "修改标签")
    wanted = {one["code"]: one for one in map(_tag, tags)}
    wanted.pop(AUTOMATIC, None)
    circles.allow_tags(session, wanted)
    unseen = circles.hidden_tags(session)
    for one in live_tags(session, who.id):
        if one.code in unseen:  # what one cannot see, one does not end
            continue
        if one.code not in wanted:
            _end(one)
        else:
            _change(one, wanted.pop(one.code))
    add_tags(session, who.id, wanted.values())
    _replan(session, who)


def add_tags(session: Session, retiree_id: str, tags: Iterable[str | Mapping[str, Any]]) -> None:
    """More tags, from today unless they say otherwise."""
    given = [*map(_tag, tags)]
    circles.allow_tags(session, [one["code"] for one in given])
    for one in given:
        if one["code"] == AUTOMATIC:  # follows from the birth date
            continue
        values = {name: one.get(name) for name in TAG_FIELDS}
        values["since_on"] = values["since_on"] or clock.today()
        session.add(Tag(id=new_id(), retiree_id=retiree_id, code=one["code"], **values))
    session.flush()


def live_tags(session: Session, retiree_id: str) -> Sequence[Tag]:
    """The tags that hold today."""
    query = select(Tag).where(Tag.retiree_id == retiree_id, *person.live_tag())
    return session.scalars(query.order_by(Tag.code)).all()


def tag_rows(session: Session, retiree_id: str) -> tuple[TagRow, ...]:
    """The tags that hold, as far as the desk may see them."""
    hidden, table = circles.hidden_tags(session), codes.table("TAG")
    return tuple(
        TagRow(
            one.id, one.code, table.name(one.code), one.since_on, one.until_on, one.evidence or ""
        )
        for one in live_tags(session, retiree_id)
        if one.code not in hidden
    )


def _tag(said: str | Mapping[str, Any]) -> dict[str, Any]:
    one: dict[str, Any] = {"code": said} if isinstance(said, str) else dict(said)
    if one.get("code") not in codes.table("TAG"):
        raise Refusal(f"没有“{one.get('code')}”这个标签，请重新选择", "tags")
    return one


def _change(one: Tag, said: Mapping[str, Any]) -> None:
    for name in TAG_FIELDS:
        if name in said:
            setattr(one, name, said[name])


def _end(one: Tag) -> None:
    today = clock.today()
    if one.since_on == today:  # put on by mistake today
        one.is_void, one.void_reason = True, "当天去掉"
    else:
        one.until_on = max(today, one.since_on or date.min)


def _replan(session: Session, who: Retiree) -> None:
    """A visit is never put off by a tag, only brought nearer."""
    plan = session.get(VisitPlan, named_id(who.id, "visit plan"))
    if plan is None:
        return
    usual, reason = next_visit(session, who.id, plan.last_on or clock.today())
    sooner = min(usual, plan.next_on) if plan.next_on else usual
    put_plan(session, who.id, last_on=None, next_on=sooner, reason=reason)
