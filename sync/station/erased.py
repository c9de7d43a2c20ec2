"""People whose data were erased (sync.md 4.5), as the exchange meets them: nothing that is said of
them later, by whomever, comes back into the records."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from models import emptying
from models.entities import WHOSE
from models.exchange import Replica
from sync.message import Erase, Gone, Item, State, Whole


@dataclass(slots=True)
class Known:
    """Those of the ids at hand that are an erased person's, and of those people."""

    people: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, session: Session, me: Replica, ids: Iterable[str]) -> "Known":
        """Asks nothing where nobody was ever erased."""
        if not me.erased:
            return cls()
        return cls(set(emptying.people(session)), set(emptying.known(session, set(ids))))

    def is_about(self, item: Item) -> bool:
        """Does an item of the downlink speak of one of them?"""
        if isinstance(item, Gone):
            return item.person_id in self.people
        if not isinstance(item, State | Whole) or not self.people:
            return False
        return item.entity_id in self.ids or any(
            item.values.get(name) in self.people for name in WHOSE
        )


def ids_in(items: Collection[Item]) -> set[str]:
    """Records that these items are about."""
    return {one.entity_id for one in items if isinstance(one, State | Whole)}


def erase(session: Session, item: Erase, known: Known) -> bool:
    """Let go of a person. Was anything of them here?"""
    known.people.add(item.person_id)
    return emptying.erase(session, item.person_id, item.ids)
