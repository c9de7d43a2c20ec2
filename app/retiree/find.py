"""The finder (Ctrl+K): whoever a few letters or digits may mean."""

from dataclasses import dataclass

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from app import person, roles
from app.kit.who import at_desk
from app.retiree.filters import GONE, ever_here, here, on_books
from app.retiree.marks import state_mark
from app.retiree.places import offices
from models.kit import codes, masks, search
from models.kit.fields import Mask
from models.retiree import Retiree

FIRST = 500
"""Of whoever is found, as many are looked at: a finder answers while somebody types."""


@dataclass(frozen=True, slots=True)
class Found:
    """One hit of the finder; ``matched`` names the field that was found."""

    id: str
    name: str
    sex: str
    age: int | None
    id_no: str
    address: str
    phone: str
    state: str
    matched: str


def find(session: Session, text: str, limit: int = 20, *, ever: bool = False) -> list[Found]:
    """Whoever the text may mean, people on the books first, whole names before parts; ``ever``:
    also whom another station has taken over."""
    if not text.strip():
        return []
    rows = session.scalars(
        select(Retiree)
        .where(
            *(ever_here(session) if ever else here(session)),
            Retiree.id.in_(search.found(text, FIRST)),
        )
        .order_by(
            case((Retiree.name == text.strip(), 0), else_=1),
            case((on_books(), 0), else_=1),
            Retiree.address_key,
            Retiree.id,
        )
        .limit(limit)
    ).all()
    named = dict(offices(session)) if roles.is_central(at_desk(session)) else {}
    return [
        Found(
            one.id,
            one.name,
            codes.table("SEX").name(one.sex),
            person.age(one.birth_on),
            masks.masked(Mask.ID, one.id_no),
            " ".join(part for part in (named.get(one.office_id), _where(one)) if part),
            masks.masked(Mask.PHONE, person.phone(one)),
            one.manage_state,
            _matched(one, text),
        )
        for one in rows
    ]


def _where(one: Retiree) -> str:
    """The address, or that there is none to go to."""
    return state_mark(one.manage_state).text if one.manage_state in GONE else person.place(one)


def _matched(one: Retiree, text: str) -> str:
    """The field by which somebody was found."""
    ways = search.ways(Retiree, {name: getattr(one, name) for name in Retiree.search}, text)
    return "name" if "name" in ways or not ways else ways[-1]
