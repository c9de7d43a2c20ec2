"""Whose values are in dispute: one line a person, by chip."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, and_, exists, func, not_, select
from sqlalchemy.orm import Session

from app import nouns, office, person, roles
from app.kit.listing import SIZE, Page, cut
from app.kit.refusal import Refusal
from app.kit.who import at_desk
from app.ruling.aside import VOID
from models.entities import BY_NAME
from models.exchange import Conflict, Deferred
from models.kit import search
from models.kit.base import Record, fact_of, facts, policy
from models.kit.fields import Fact, Merge
from models.ruling import is_ruled

OPEN, AUTO, RULED = "open", "auto", "ruled"
CHIPS = ((OPEN, "待裁定"), (AUTO, "已按规则取舍"), (RULED, "已裁定"))


@dataclass(frozen=True, slots=True)
class SlipRow:
    """One person with disputed fields, as a line of the list."""

    id: str
    name: str
    office: str
    labels: tuple[str, ...]
    since: datetime
    legal: bool


def _is_understood() -> ColumnElement[bool]:
    """What only a newer program knows waits for it, and until then for nobody's answer."""
    waits = exists().where(
        Deferred.entity == Conflict.entity,
        Deferred.entity_id == Conflict.entity_id,
        Deferred.field.in_((Conflict.field, "*")),
    )
    return and_((Conflict.entity + "." + Conflict.field).in_(_fields()), not_(waits))


@cache
def _fields() -> list[str]:
    return [f"{name}.{field}" for name, one in BY_NAME.items() for field in (*facts(one), VOID)]


def of_chip(chip: str) -> ColumnElement[bool]:
    if chip == RULED:
        return is_ruled()
    undecided = not_(is_ruled())
    return and_(Conflict.needs_person.is_(chip == OPEN), undecided, _is_understood())


def chips(session: Session) -> dict[str, int]:
    """Persons by chip."""
    people = func.count(Conflict.about.distinct())
    return {key: session.scalar(select(people).where(of_chip(key))) or 0 for key, _ in CHIPS}


def slips(session: Session, chip: str = OPEN, text: str = "", number: int = 1) -> Page[SlipRow]:
    """Persons with disputed fields, who waits longest first."""
    roles.allow(at_desk(session), "ruling", "see")
    where = [of_chip(chip)]
    if text.strip():
        where.append(Conflict.about.in_(search.found(text)))
    grouped = (
        select(Conflict.about, func.min(Conflict.opened_at).label("since"))
        .where(*where)
        .group_by(Conflict.about)
    )
    count = session.scalar(select(func.count()).select_from(grouped.subquery())) or 0
    number = max(1, min(number, -(-count // SIZE) or 1))
    found = session.execute(
        grouped.order_by(func.min(Conflict.opened_at), Conflict.about)
        .limit(SIZE)
        .offset((number - 1) * SIZE)
    ).all()
    return cut(_rows(session, chip, [row.about for row in found]), count, number)


def _rows(session: Session, chip: str, wanted: Sequence[str]) -> list[SlipRow]:
    cases: dict[str, list[Conflict]] = {key: [] for key in wanted}
    for one in session.scalars(
        select(Conflict)
        .where(Conflict.about.in_(wanted), of_chip(chip))
        .order_by(Conflict.opened_at)
    ):
        cases[one.about].append(one)
    names, offices = person.names(session, wanted), office.names(session)
    return [
        SlipRow(
            key,
            names.get(key) or called(session, found[0]),
            offices.get(found[0].office_id, ""),
            tuple(dict.fromkeys(_label(one) for one in found)),
            found[0].opened_at,
            any(_is_legal(one.entity, one.field) for one in found),
        )
        for key, found in cases.items()
        if found
    ]


def called(session: Session, one: Conflict) -> str:
    """What a record is called that belongs to nobody."""
    entity = BY_NAME[one.entity]
    record = session.get(entity, one.entity_id)
    return str(getattr(record, "name", "") or nouns.of(one.entity).word)


def _label(one: Conflict) -> str:
    return known_fact(BY_NAME[one.entity], one.field).label


def known_fact(entity: type[Record], field: str) -> Fact:
    found = fact_of(entity, field)
    if found is None:
        raise Refusal("这一项是新版程序的内容，请先升级程序")
    return found


def _is_legal(entity: str, name: str) -> bool:
    return policy(BY_NAME[entity], name) is Merge.MANUAL
