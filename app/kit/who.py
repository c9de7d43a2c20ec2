"""Who is at the desk."""

from dataclasses import dataclass

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Desk:
    """The person who acts, and where. ``account`` is what the log names; ``roles`` are codes."""

    account: str
    name: str
    office_id: str
    roles: frozenset[str] = frozenset()


def at_desk(session: Session) -> Desk:
    """The desk a verb runs at; raises KeyError outside ``run``."""
    desk: Desk = session.info["desk"]
    return desk
