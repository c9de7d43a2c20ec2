"""资料待补: what a person's file still lacks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from app import circles, person
from app.kit.listing import SIZE, Page, cut
from app.kit.who import at_desk
from models.kit.base import facts
from models.kit.validate import is_empty
from models.retiree import ON_BOOKS, Retiree

PHONE = "联系电话"
REQUIRED = ("live_address", "employer_name")


@dataclass(frozen=True, slots=True)
class MissingRow:
    """A person and the labels of what is missing."""

    id: str
    name: str
    address: str
    employer: str
    fields: tuple[str, ...]


def wanted_fields() -> tuple[str, ...]:
    """Every field that counts, required ones first: rosters may leave those out as well."""
    return (*REQUIRED, *(name for name, fact in facts(Retiree).items() if fact.wanted))


def lacking(values: Mapping[str, Any], hidden: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The labels of what is missing."""
    found = [
        facts(Retiree)[name].label
        for name in wanted_fields()
        if name not in hidden and is_empty(values.get(name))
    ]
    if not (values.get("mobile") or values.get("phone") or values.get("no_phone")):
        found.insert(0, PHONE)
    return tuple(found)


def is_incomplete() -> ColumnElement[bool]:
    """Does a row lack anything?"""
    columns = [getattr(Retiree, name) for name in wanted_fields()]
    no_phone = and_(Retiree.mobile.is_(None), Retiree.phone.is_(None), Retiree.no_phone.is_(False))
    return or_(no_phone, *(column.is_(None) for column in columns))


def missing(session: Session, page: int = 1, field: str = "") -> Page[MissingRow]:
    """Who lacks what; with a field only those who lack that one."""
    where = [
        Retiree.office_id == at_desk(session).office_id,
        Retiree.is_void.is_(False),
        Retiree.manage_state.in_(ON_BOOKS),
        getattr(Retiree, field).is_(None) if field else is_incomplete(),
    ]
    total = session.scalar(select(func.count()).select_from(Retiree).where(*where)) or 0
    rows = session.scalars(
        select(Retiree)
        .where(*where)
        .order_by(Retiree.address_key.is_(None), Retiree.address_key, Retiree.id)
        .limit(SIZE)
        .offset((page - 1) * SIZE)
    )
    hidden = circles.hidden_fields(session, Retiree)
    return cut([_row(who, hidden) for who in rows], total, page)


def missing_count(session: Session) -> int:
    """How many people lack something."""
    where = (
        Retiree.office_id == at_desk(session).office_id,
        Retiree.is_void.is_(False),
        Retiree.manage_state.in_(ON_BOOKS),
        is_incomplete(),
    )
    return session.scalar(select(func.count()).select_from(Retiree).where(*where)) or 0


def _row(who: Retiree, hidden: frozenset[str]) -> MissingRow:
    values = {name: getattr(who, name) for name in facts(Retiree)}
    return MissingRow(
        who.id, who.name, person.place(who), who.employer_name or "", lacking(values, hidden)
    )
