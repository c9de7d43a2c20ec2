"""One thing that waits for a person, of whatever kind."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, SQLColumnExpression, select

from models.local_note import LocalNote

ASIDE, HELD, FILES, TWICE, CERTS = "aside", "held", "files", "twice", "certs"
ACROSS, STUCK = "across", "stuck"
LOOKED = "trouble"


@dataclass(frozen=True, slots=True)
class TroubleRow:
    """One thing that waits. ``can_force`` for what has been held long enough."""

    key: str
    kind: str
    title: str
    office: str
    since: datetime
    reason: str
    todo: str
    count: int = 1
    can_force: bool = False
    forced: bool = False
    retiree_id: str = ""

    @property
    def id(self) -> str:
        """The key of the list."""
        return self.key


def unseen(key: SQLColumnExpression[str]) -> ColumnElement[bool]:
    """Nobody has seen to it yet."""
    return key.not_in(
        select(LocalNote.key).where(LocalNote.kind == LOOKED, LocalNote.key.is_not(None))
    )
