"""D1-D8: what the centre's people do from the command line: offices, figures, people (区中心)."""

from typing import Any

from sqlalchemy import func, or_, select, true
from sqlalchemy.orm import Session

from app import audit, roles
from app.kit.refusal import Refusal, Refusals
from app.kit.who import at_desk
from models.certification import Certification
from models.kit import clock, id_number, validate
from models.kit.base import table_of
from models.office import Office
from models.relay import District
from models.retiree import ON_BOOKS, Retiree
from models.visit import Visit

CITY, DISTRICT, STATION = "1", "2", "3"  # levels of an office


def office_for(session: Session, words: str, code: str | None = None) -> dict[str, Any]:
    """The station of this name or code; made where there is none yet."""
    found = find_office(session, words)
    if found is not None and found.level != STATION:
        raise Refusal(f"{found.name} 不是站点，请写站点的名称", "name")
    if found is None:
        if wrong := validate.problems(Office, {"name": words}, only={"name"}):
            raise Refusals(wrong)
        code = code or (words if words.isdigit() else None) or _free_code(session)
        if len(code) != 12 or not code.isdigit():
            raise Refusal("机构代码应为 12 位数字", "code")
        found = Office(
            code=code,
            name=words,
            level=STATION,
            parent_id=at_desk(session).office_id,
            valid_from=clock.today(),
        )
        session.add(found)
        session.flush()
    return {
        "id": found.id,
        "code": found.code,
        "name": found.name,
        "address": found.address,
        "phone": found.phone,
        "hours": found.hours,
        "level": found.level,
        "parent_id": found.parent_id,
        "office_id": found.office_id,
    }


def is_city(session: Session) -> bool:
    """Is this a city, whose districts report to it, or a district's centre?"""
    own = session.get(Office, at_desk(session).office_id)
    return own is not None and own.level == CITY


def _district(session: Session, words: str) -> dict[str, Any]:
    """A district has an id and a code of its own long before its city invites it; until it answers
    it is known under ours."""
    own = session.get_one(Office, at_desk(session).office_id)
    return {"id": own.id, "code": own.code, "name": words, "level": DISTRICT}


def invited(session: Session, *, words: str, code: str | None = None) -> dict[str, Any]:
    """The office an invitation is for, at a city a district; noted."""
    roles.allow(at_desk(session), "exchange", "manage")
    found = _district(session, words) if is_city(session) else office_for(session, words, code)
    audit.note(session, "邀请站点", "office", found["id"], found["name"])
    return found


def approved(session: Session, office_id: str) -> str:
    """The name of the office whose computer was approved; noted."""
    roles.allow(at_desk(session), "exchange", "manage")
    name = office_name(session, office_id) or district_name(session, office_id)
    audit.note(session, "批准站点", "office", office_id, name)
    return name


def joins(session: Session) -> None:
    """May whoever is at the desk let this district report to a city? Raises Refusal."""
    if is_city(session):
        raise Refusal("这里已经是市级，不用再加入市级")
    roles.allow(at_desk(session), "setting", "manage")


def reports(session: Session, name: str) -> None:
    """This district reports to a city from now on; noted."""
    joins(session)
    audit.note(session, "加入市级", "office", at_desk(session).office_id, name)


def put_back(session: Session, sentence: str) -> None:
    """The database was an older copy and was brought up; noted for the head."""
    audit.note(session, "补齐资料", detail=sentence)


def find_office(session: Session, words: str) -> Office | None:
    """By code or name."""
    return session.scalars(
        select(Office).where(or_(Office.code == words, Office.name == words))
    ).first()


def office_id(session: Session, words: str | None) -> str:
    """The id of the office meant; empty without words. Raises Refusal where there is none."""
    if not words:
        return ""
    found = find_office(session, words)
    if found is None:
        raise Refusal(f"没有叫“{words}”的站点", "office")
    return found.id


def _free_code(session: Session) -> str:
    """A committee without a code gets the district's 6 digits + 198 + 9xx."""
    district = session.get_one(Office, at_desk(session).office_id).code[:6]
    taken = set(
        session.scalars(select(Office.code).where(Office.code.startswith(f"{district}1989")))
    )
    for number in range(1, 100):
        code = f"{district}1989{number:02d}"
        if code not in taken:
            return code
    raise Refusal("临时机构代码已用完，请写上正式的 12 位代码", "code")


def office_name(session: Session, office_id: str) -> str:
    """The office's name, empty when unknown."""
    return session.scalar(select(Office.name).where(Office.id == office_id)) or ""


def district_name(session: Session, office_id: str) -> str:
    """How a district called itself when it joined; a city knows no more until it reports."""
    return session.scalar(select(District.name).where(District.office_id == office_id)) or "区中心"


def figures(session: Session) -> dict[str, int]:
    """What the centre holds, in numbers; ``people`` are those on the books, as its first page
    counts them."""
    found = {}
    for key, entity, wanted in (
        ("people", Retiree, Retiree.manage_state.in_(ON_BOOKS)),
        ("certifications", Certification, true()),
        ("visits", Visit, true()),
    ):
        table = table_of(entity)
        chosen = select(func.count()).select_from(table).where(table.c.is_void.is_(False), wanted)
        found[key] = session.scalar(chosen) or 0
    return found


def people(
    session: Session, office: str | None = None, *, full: bool = False
) -> list[dict[str, Any]]:
    """Everybody not voided, in the order of office and name."""
    chosen = (
        select(Retiree.id, Retiree.name, Retiree.id_no, Retiree.manage_state, Office.name)
        .join(Office, Office.id == Retiree.office_id, isouter=True)
        .where(Retiree.is_void.is_(False))
        .order_by(Office.code, Retiree.name, Retiree.id)
    )
    if office is not None:
        chosen = chosen.where(Retiree.office_id == office_id(session, office))
    return [
        {
            "id": key,
            "name": name,
            "id_no": number if full else id_number.mask(number),
            "state": state,
            "office": at or "",
        }
        for key, name, number, state, at in session.execute(chosen)
    ]
