"""Who is at the desk."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Desk:
    """The person who acts, and where. ``account`` is what the log names; ``roles`` are codes;
    ``guard`` refuses the nouns this person may not write."""

    account: str
    name: str
    office_id: str
    roles: frozenset[str] = frozenset()
    guard: "Callable[[Desk, str], None] | None" = field(default=None, compare=False, repr=False)


def at_desk(session: Session) -> Desk:
    """The desk a verb runs at; raises KeyError outside ``run``."""
    desk: Desk = session.info["desk"]
    return desk
