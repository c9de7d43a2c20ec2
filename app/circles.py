"""Which circles and sensitive tags the person at the desk may see."""

from sqlalchemy.orm import Session

from app.kit.who import at_desk
from models.kit.base import Record, facts
from models.kit.fields import Circle

SENSITIVE_TAGS = frozenset({"T17", "T20"})
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


def hidden_tags(session: Session) -> frozenset[str]:
    """Tags that only the head and the health role may see."""
    return frozenset() if sees(session, Circle.HEALTH) else SENSITIVE_TAGS
