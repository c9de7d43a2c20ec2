"""Former employers (原工作单位): linked by name; unknown ones are proposed to the centre."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from models.employer import Employer
from models.kit import pinyin, plain
from models.kit.among import among
from models.kit.ids import named_id
from models.retiree import Retiree

# One proposal for one name within an office, also when two people propose it.
LIMIT = 50


@dataclass(frozen=True, slots=True)
class EmployerRow:
    """An employer to choose from."""

    id: str
    name: str
    is_confirmed: bool
    self_managed: bool
    people: int


def tidy(name: str) -> str:
    """The name as it is stored and compared."""
    return plain.tight(name)[:80]


def known(session: Session, name: str) -> Employer | None:
    """The employer of that name, a confirmed one before a proposal."""
    return session.scalars(
        select(Employer)
        .where(Employer.name == tidy(name), Employer.is_void.is_(False))
        .order_by(Employer.is_confirmed.desc(), Employer.id)
        .limit(1)
    ).first()


def propose(session: Session, name: str) -> str:
    """A name nobody knows yet becomes a proposal that the centre confirms; one that was taken back
    is proposed again."""
    found = known(session, name)
    if found is not None:
        return found.id
    key = named_id(session.info["desk"].office_id, f"employer {tidy(name)}")
    made = session.get(Employer, key)
    if made is None:
        made = Employer(id=key, name=tidy(name))
        session.add(made)
    made.is_void, made.void_reason = False, None
    session.flush()
    return made.id


def employers(session: Session, text: str = "", limit: int = LIMIT) -> list[EmployerRow]:
    """Employers whose name holds the text, or is so spelled, those with most people first."""
    people = (
        select(Retiree.employer_id, func.count().label("n"))
        .where(Retiree.is_void.is_(False), Retiree.employer_id.is_not(None))
        .group_by(Retiree.employer_id)
        .subquery()
    )
    count = func.coalesce(people.c.n, 0)
    rows = session.execute(
        select(Employer.id, Employer.name, Employer.is_confirmed, Employer.self_managed, count)
        .outerjoin(people, people.c.employer_id == Employer.id)
        .where(Employer.is_void.is_(False), _called(session, tidy(text)))
        .order_by(count.desc(), Employer.name)
        .limit(limit)
    )
    return [EmployerRow(*row) for row in rows]


def _called(session: Session, text: str) -> ColumnElement[bool]:
    """Its name holds the text; or the text are letters, and it is read so: smfzc, mianfang."""
    holds = Employer.name.contains(text, autoescape=True)
    if not (text.isascii() and text.isalpha()):
        return holds
    every = session.execute(select(Employer.id, Employer.name).where(Employer.is_void.is_(False)))
    start = text.lower()
    read = [
        key for key, name in every if any(one.startswith(start) for one in pinyin.name_keys(name))
    ]
    return or_(holds, among(Employer.id, read))
