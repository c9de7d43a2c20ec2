"""Which circles and sensitive tags the person at the desk may see; what one may not see, one does
not write. A roster is the exception: it comes in as the employer wrote it."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.kit.refusal import Refusal
from app.kit.who import at_desk
from models.kit import codes
from models.kit.base import Record, facts
from models.kit.fields import Circle
from models.tag import SENSITIVE_TAGS

_SEEN = {
    "head": frozenset(Circle),
    "centre_head": frozenset(Circle),
    "health": frozenset({Circle.GENERAL, Circle.HEALTH}),
    "party": frozenset({Circle.GENERAL, Circle.PARTY}),
    "money": frozenset({Circle.GENERAL, Circle.MONEY}),
    "admin": frozenset[Circle](),
}


def seen(session: Session) -> frozenset[Circle]:
    """The circles of all roles together; everybody but an administrator sees the general one."""
    return of_roles(at_desk(session).roles)


def of_roles(roles: frozenset[str]) -> frozenset[Circle]:
    """The same before anything is asked, for what a window offers."""
    found = [_SEEN.get(role, frozenset({Circle.GENERAL})) for role in roles]
    return frozenset().union(*found) if found else frozenset({Circle.GENERAL})


def sees(session: Session, circle: Circle) -> bool:
    """May the person at the desk see facts of this circle?"""
    return circle in seen(session)


def hidden_fields(session: Session, entity: type[Record]) -> frozenset[str]:
    """The entity's fields outside the circles of the person at the desk."""
    allowed = seen(session)
    return frozenset(
        name
        for name, fact in facts(entity).items()
        if (fact.circle or entity.circle) not in allowed
    )


def hidden_in(
    session: Session, entity: type[Record], row: Mapping[str, Any] | None
) -> frozenset[str]:
    """The same of one record, known as far as ``row`` goes: all of it where a closed circle has the
    whole; None: nothing is known of it."""
    if entity.closing is not None:
        name, closed = entity.closing
        value = row.get(name) if row is not None else None
        circle = Circle(value) if value in set(Circle) else Circle.HEALTH  # tags are of health
        if (row is None or value in closed) and not sees(session, circle):
            return frozenset(facts(entity))
    return hidden_fields(session, entity)


def hidden_tags(session: Session) -> frozenset[str]:
    """Tags that only the head and the health role may see."""
    return tags_outside(seen(session))


def tags_outside(seen: Collection[Circle]) -> frozenset[str]:
    """The same before anything is asked."""
    return frozenset() if Circle.HEALTH in seen else SENSITIVE_TAGS


def allow_fields(session: Session, entity: type[Record], names: Iterable[str]) -> None:
    """Nothing, or the refusal: these fields are of a circle the person at the desk is not in. Who
    may write at all is decided where the action is stored."""
    allowed = seen(session) | {Circle.GENERAL}
    for name in names:
        fact = facts(entity).get(name)
        if fact is not None and (fact.circle or entity.circle) not in allowed:
            raise Refusal(f"您没有登记“{fact.label}”的权限，请找站长或管这一项的人", name)


def allow_tags(session: Session, given: Iterable[str]) -> None:
    """The same for sensitive tags."""
    for code in sorted(hidden_tags(session).intersection(given)):
        name = codes.table("TAG").name(code)
        raise Refusal(f"您没有设置“{name}”标签的权限，请找站长或健康管理员", "tags")
