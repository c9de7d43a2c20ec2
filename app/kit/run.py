"""One transaction per verb. The only commit outside ``sync``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Concatenate, Generic, ParamSpec, TypeVar

from sqlalchemy.orm import Session

from app.kit.faults import explained
from app.kit.who import Desk
from models.kit.changes import recorder
from models.kit.db import Store

# Session for whoever may not name the database itself: what pages ask is checked all the same
__all__ = ["Outcome", "Session", "Store", "look", "run"]

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[R]):
    """What a verb gave back, and the names of the tables it changed."""

    result: R
    changed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Acted(Generic[R]):
    """What a verb gave back, and the name of the action in the log: undo takes that one back."""

    result: R
    tx: str


def acted(
    session: Session,
    verb: Callable[Concatenate[Session, P], R],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> Acted[R]:
    """A verb whose action has to be known afterwards, for the toast's undo."""
    result = verb(session, *args, **kwargs)
    session.flush()
    log = recorder(session)
    return Acted(result, log.name(session) if log else "")


def run(
    store: Store,
    desk: Desk,
    verb: Callable[Concatenate[Session, P], R],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> Outcome[R]:
    """Do a verb: all of it is stored and in the stream, or nothing. Refusals pass through; a full
    disk or a held file comes out as a fault."""
    with explained(store.folder), store.begin(desk.account, desk.office_id) as session:
        session.info["desk"] = desk
        result = verb(session, *args, **kwargs)
        session.flush()
        log = recorder(session)
        changed = frozenset(log.changed) if log else frozenset()
        if desk.guard is not None:
            for noun in sorted(changed):
                desk.guard(desk, noun)
    return Outcome(result, changed)


def look(
    store: Store,
    desk: Desk,
    query: Callable[Concatenate[Session, P], R],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> R:
    """Ask a question of one consistent state; nothing is written."""
    with store.look() as session:
        session.info["desk"] = desk
        return query(session, *args, **kwargs)
