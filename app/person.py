"""One retiree as every other noun needs them: found, named, and in a state that allows the act."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.kit.refusal import Overtaken, Refusal, Voided
from models.entities import personal
from models.family import Family
from models.kit import clock, codes, id_number
from models.kit.among import among
from models.kit.changes import recorder
from models.kit.stream import Draft
from models.retiree import CERTIFIABLE, DEAD, MOVED_OUT, Retiree
from models.tag import Tag

AGED = 80
JOINED = "重复登记，已并入另一份"
"""Why a registration was voided whose records went to another of the same person."""
_SAID = {"20": "儿子", "30": "女儿"}


def get(session: Session, retiree_id: str) -> Retiree:
    """The person, or a refusal when the record is gone."""
    found = session.get(Retiree, retiree_id)
    if found is not None and found.is_void and found.void_reason:
        now = in_use(session, found)
        if now is not None:
            words = f"{found.name} 的这份登记已作废（{found.void_reason}），现在用的是另一份"
            raise Voided(words, instead=now.id)
        raise Voided(f"{found.name} 的登记已作废（{found.void_reason}），在“已作废”里可以恢复")
    if found is None or found.is_void:
        raise Overtaken("这个人的资料已经不在了，请刷新名单")
    return found


def one_by_one(session: Session) -> None:
    """What is done here for many people is an action of each at the centre: a dispute about one
    keeps nobody else waiting. For us it stays one, to be told and taken back as a whole."""
    log = recorder(session)
    if log is not None:
        log.split = _by_person


def _by_person(session: Session, drafts: Sequence[Draft]) -> list[list[Draft]]:
    """First what is nobody's, each record by itself: the rest may hang on it."""
    whose: dict[str, str] = {}
    for entity, column in personal():
        ids = {one.entity_id for one in drafts if one.entity == entity.__tablename__}
        if ids:
            query = select(entity.id, getattr(entity, column)).where(among(entity.id, ids))
            whose |= {key: owner for key, owner in session.execute(query) if owner}
    apart: dict[tuple[bool, str], list[Draft]] = defaultdict(list)
    for one in drafts:
        owner = whose.get(one.entity_id)
        apart[owner is not None, owner or one.entity_id].append(one)
    return [apart[key] for key in sorted(apart, key=lambda key: key[0])]


def registered(session: Session, number: str, but: str | None = None) -> Retiree | None:
    """The living person here who has this number."""
    query = select(Retiree).where(
        Retiree.id_no == number, Retiree.is_void.is_(False), Retiree.manage_state != DEAD
    )
    if but is not None:
        query = query.where(Retiree.id != but)
    return session.scalars(query.order_by(Retiree.id).limit(1)).first()


def in_use(session: Session, gone: Retiree) -> Retiree | None:
    """The registration at the same office that stands for one that was voided: of the living before
    one of the dead."""
    query = select(Retiree).where(
        Retiree.id_no == gone.id_no,
        Retiree.id != gone.id,
        Retiree.office_id == gone.office_id,
        Retiree.is_void.is_(False),
    )
    return session.scalars(
        query.order_by(Retiree.manage_state == DEAD, Retiree.id).limit(1)
    ).first()


def twin(session: Session, who: Retiree) -> str:
    """The other registration of this person at the same office; empty where there is none."""
    query = select(Retiree.id).where(
        Retiree.id_no == who.id_no,
        Retiree.id != who.id,
        Retiree.office_id == who.office_id,
        Retiree.is_void.is_(False),
    )
    return session.scalars(query.order_by(Retiree.id).limit(1)).first() or ""


def names(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """The names of those that are on record, by id and in the order asked."""
    wanted = list(dict.fromkeys(ids))
    rows = session.execute(select(Retiree.id, Retiree.name).where(Retiree.id.in_(wanted)))
    found = {row.id: row.name for row in rows}
    return {one: found[one] for one in wanted if one in found}


def cared_for(session: Session, retiree_id: str, act: str) -> Retiree:
    """The person, refused when they are dead or gone."""
    found = get(session, retiree_id)
    if found.manage_state in (DEAD, MOVED_OUT):
        raise Refusal(
            f"{found.name} 已登记{state_word(found)}，不能{act}。如登记有误，请站长先更正"
        )
    return found


def state_word(retiree: Retiree) -> str:
    """The state as a sentence needs it: 去世, 迁出 …"""
    words = {DEAD: "去世", MOVED_OUT: "迁出"}
    return words.get(retiree.manage_state) or codes.table("MANAGE_STATE").name(retiree.manage_state)


def age(born: date | None, on: date | None = None) -> int | None:
    """Full years, None where the birth date is unknown."""
    return None if born is None else id_number.age(born, on or clock.today())


def place(retiree: Retiree) -> str:
    """The address as lists show it."""
    return where(retiree.estate, retiree.building, retiree.unit, retiree.room, retiree.live_address)


def where(
    estate: str | None,
    building: str | None,
    unit: str | None,
    room: str | None,
    whole: str | None,
) -> str:
    """桂苑一区 3栋 502 where the address could be parted, else as it was written."""
    if not (building or room):
        return whole or ""
    near = " ".join(part for part in ((building or "") + (unit or ""), room) if part)
    return f"{estate or ''} {near}".strip()


def label(retiree: Retiree) -> str:
    """李建国（桂苑二区 7栋 301）."""
    at = place(retiree)
    return f"{retiree.name}（{at}）" if at else retiree.name


def brief(retiree: Retiree) -> str:
    """男 82岁 · 519902********0571: who of that name is meant."""
    return " · ".join(filter(None, (sex_and_age(retiree), id_number.mask(retiree.id_no or ""))))


def sex_and_age(retiree: Retiree) -> str:
    """男 82岁"""
    sex, years = codes.table("SEX").name(retiree.sex), age(retiree.birth_on)
    return (sex if years is None else f"{sex} {years}岁").strip()


def phone(retiree: Retiree) -> str:
    """The number to call first."""
    return retiree.mobile or retiree.phone or ""


def kin(relation: str | None) -> str:
    """儿子 and 女儿, as people say it: the standard's words are 子 and 女."""
    if not relation:
        return ""
    return _SAID.get(relation) or codes.table("KINSHIP").name(relation)


def family(session: Session, retiree_id: str) -> list[Family]:
    """The family, whom to call first in front."""
    return families(session, [retiree_id])[retiree_id]


def families(session: Session, ids: Collection[str]) -> dict[str, list[Family]]:
    """The families of these people, whom to call first in front."""
    found: dict[str, list[Family]] = {one: [] for one in ids}
    query = select(Family).where(among(Family.retiree_id, ids), Family.is_void.is_(False))
    order = (Family.contact_order.is_(None), Family.contact_order, Family.id)
    for one in session.scalars(query.order_by(*order)):
        found[one.retiree_id].append(one)
    return found


def tags(session: Session, ids: Collection[str]) -> dict[str, list[str]]:
    """The codes of today's tags of these people."""
    found: dict[str, list[str]] = {one: [] for one in ids}
    query = select(Tag.retiree_id, Tag.code).where(among(Tag.retiree_id, ids), *live_tag())
    for retiree_id, code in session.execute(query.order_by(Tag.code)):
        if code not in found[retiree_id]:
            found[retiree_id].append(code)
    return found


def live_tag() -> tuple[ColumnElement[bool], ...]:
    """Conditions of a tag that holds today."""
    today = clock.today()
    return (Tag.is_void.is_(False), Tag.until_on.is_(None) | (Tag.until_on > today))


def aged_since() -> date:
    """Whoever was born until then is eighty."""
    return years_ago(AGED)


def years_ago(years: int) -> date:
    """Whoever was born until then is at least so old today."""
    today = clock.today()
    try:
        return today.replace(year=today.year - years)
    except ValueError:
        return date(today.year - years, 2, 28)


def is_managed(retiree: Retiree) -> bool:
    """Is the person in the care of the station, and to be certified?"""
    return retiree.manage_state in CERTIFIABLE


def not_later(day: date, label: str, field: str, born: date | None = None) -> date:
    """Refuses days that have not come and days before birth."""
    if day > clock.today():
        raise Refusal(f"{label} {day} 晚于今天，请核对", field)
    if born is not None and day < born:
        raise Refusal(f"{label} {day} 早于出生日期 {born}，请核对", field)
    return day


def month_of(day: date | datetime) -> str:
    """YYYY-MM."""
    return f"{day:%Y-%m}"
