"""What the papers of a trip show: route sheet and record sheets (W2.1, W2.5)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import cert_task, circles, person
from app import printed as journal
from app.due import birthday_in
from app.kit.refusal import Refusal
from app.printing import visit_record as sheet
from app.printing import visit_route as route
from app.printing.kit import codes as numbers
from models.cert_task import HOME, CertTask
from models.family import Family
from models.kit import clock, codes
from models.kit.among import among
from models.printed import Print
from models.retiree import Retiree
from models.visit import Visit

RECORD = "走访记录表"
KIND = "ZF1"


@dataclass(frozen=True, slots=True)
class Stop:
    """One door on the way."""

    retiree_id: str
    name: str
    sex: str
    age: int | None
    address: str
    building: str
    phone: str
    tags: tuple[str, ...]
    emergency: str
    matter: str
    last_visit_on: date | None
    last_visit_note: str
    door_note: str
    task_id: str


def plan_route(session: Session, retiree_ids: Sequence[str]) -> list[Stop]:
    """The doors in walking order."""
    people = session.scalars(
        select(Retiree)
        .where(among(Retiree.id, retiree_ids), Retiree.is_void.is_(False))
        .order_by(Retiree.address_key.is_(None), Retiree.address_key, Retiree.id)
    ).all()
    ids = [who.id for who in people]
    tags, tasks = person.tags(session, ids), cert_task.open_of(session, ids)
    family, last = person.families(session, ids), _last_visits(session, ids)
    hidden = circles.hidden_tags(session)
    return [
        _stop(
            who,
            tuple(one for one in tags[who.id] if one not in hidden),
            _contact(family[who.id]),
            tasks.get(who.id),
            last.get(who.id),
        )
        for who in people
    ]


def _stop(
    who: Retiree, tags: tuple[str, ...], contact: str, task: CertTask | None, last: Visit | None
) -> Stop:
    return Stop(
        who.id,
        who.name,
        codes.table("SEX").name(who.sex),
        person.age(who.birth_on),
        person.place(who),
        who.building_text or "",
        person.phone(who),
        tuple(codes.table("TAG").name(one) for one in tags),
        contact,
        _matter(who, task),
        last.visited_on if last else None,
        (last.living_note or "") if last else "",
        who.door_note or "",
        task.id if task else "",
    )


def _matter(who: Retiree, task: CertTask | None) -> str:
    """Why somebody goes there: 上门认证、走访, and a birthday near."""
    found = []
    if task is not None:
        found.append("上门认证" if task.state == HOME else "认证")
    found.append("走访")
    today = clock.today()
    if who.birth_on and birthday_in(who.birth_on, today.year) == today:
        found.append("生日问候")
    return "、".join(found)


def _contact(family: Sequence[Family]) -> str:
    said = (f"{person.kin(one.relation)} {one.name} {one.phone}" for one in family if one.phone)
    return next(said, "").strip()


def _last_visits(session: Session, ids: Sequence[str]) -> dict[str, Visit]:
    newest = (
        select(Visit.retiree_id, func.max(Visit.visited_on).label("on"))
        .where(among(Visit.retiree_id, ids), Visit.is_void.is_(False))
        .group_by(Visit.retiree_id)
        .subquery()
    )
    rows = session.scalars(
        select(Visit)
        .join(newest, (newest.c.retiree_id == Visit.retiree_id) & (newest.c.on == Visit.visited_on))
        .where(Visit.is_void.is_(False))
    )
    return {one.retiree_id: one for one in rows}


def route_data(
    session: Session,
    retiree_ids: Sequence[str],
    day: date | None = None,
    visitors: str = "",
) -> route.Route:
    """The route sheet."""
    stops = tuple(
        route.Stop(
            name=one.name,
            sex=one.sex,
            age=one.age,
            address=one.address,
            phone=one.phone,
            tags=one.tags,
            emergency=one.emergency,
            matter=one.matter,
            last_visit_on=one.last_visit_on,
            last_visit_note="；".join(filter(None, (one.last_visit_note, one.door_note))),
        )
        for one in plan_route(session, retiree_ids)
    )
    return route.Route(journal.imprint(session, "上门走访"), day, visitors, stops)


def visit_record_data(session: Session, retiree_ids: Sequence[str]) -> sheet.Records:
    """Record sheets in walking order, with fresh numbers: allotting them is an act, so a verb."""
    stops = plan_route(session, retiree_ids)
    fresh = journal.next_numbers(session, "ZF", len(stops))
    code = journal.office(session).code
    people, items = [], []
    for one, number in zip(stops, fresh, strict=True):
        bare = sheet.Record(
            number=number,
            name=one.name,
            sex=one.sex,
            age=one.age,
            category="、".join(one.tags) or "一般",
            address=one.address,
            phone=one.phone,
        )
        said = numbers.digest(sheet.fields(bare))
        people.append(replace(bare, payload=numbers.payload(KIND, code, number, said)))
        items.append(journal.Item(one.retiree_id, number, said))
    journal.printed(session, RECORD, items)
    return sheet.Records(journal.imprint(session, "上门走访"), tuple(people))


@dataclass(frozen=True, slots=True)
class Sheet:
    """A record sheet that came back."""

    number: str
    retiree_id: str


def returned_sheet(session: Session, text: str) -> Sheet:
    """The record sheet with this code and whom it was printed for, of registrations that were
    joined the one in use; raises Refusal, also where its visit was entered before."""
    number = numbers.read(text).number
    found = session.scalars(
        select(Print.retiree_id).where(Print.number == number, Print.paper == RECORD).limit(1)
    ).first()
    if found is None:
        raise Refusal("这张走访记录表不是本站打印的，请退给本人的社区", "code")
    not_entered(session, number)
    who = session.get(Retiree, found)
    now = person.in_use(session, who) if who is not None and who.is_void else who
    return Sheet(number, person.cared_for(session, now.id if now else found, "登记走访").id)


def not_entered(session: Session, number: str) -> None:
    """A sheet is one visit, however often it is scanned; raises Refusal."""
    on = session.scalars(
        select(Visit.visited_on).where(Visit.visit_no == number, Visit.is_void.is_(False)).limit(1)
    ).first()
    if on is not None:
        raise Refusal(f"走访记录表 {number} 已经登记过了，是 {on} 的走访", "code")
