"""The centre at its desktop: sticks at the counter, the way up, and what must be there before."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.exchange import Installation
from models.office import Office
from models.relay import District
from sync import own_card
from sync.centre import sticks
from sync.centre.recall import recall
from sync.centre.relay.way import Way
from sync.centre.service import Centre
from sync.centre.serving import renewal
from sync.centre.upgrade import after_upgrade
from sync.desktop import Answered, Collected, FromOne, How, Step
from sync.uplink import Came


@dataclass
class Served:
    """The desktop may lack what a command would have brought up first; ``settled`` looks after the
    centre's own place."""

    centre: Centre
    settled: Callable[[], None] = lambda: None

    def ready(self) -> str:
        """Raises Fault."""
        done = recall(self.centre)
        after_upgrade(self.centre)
        self.settled()
        return done.sentence if done else ""

    def renew(self, session: Session, secrets: own_card.Secrets, how: How, name: str) -> None:
        """In the caller's transaction."""
        own = own_card.of(secrets)
        if own is not None:
            renewal.renew(session, self.centre.keys, secrets, own, how, name)

    def city(self) -> Way:
        """Raises Fault."""
        self.ready()
        return Way(self.centre)

    def fetch(self, folder: Path, step: Step | None = None) -> Came:
        """Raises Fault where the stick cannot be read at all."""
        self.ready()
        done = sticks.unpack_stick(self.centre, folder, step)
        count = len(done.files) - (done.relayed is not None)
        return Came(done.relayed, count, done.entries, tuple(done.refused))

    def collect(self, folder: Path, step: Step | None = None) -> Collected:
        """Raises Fault where the stick cannot be read at all."""
        self.ready()
        done = sticks.unpack_stick(self.centre, folder, step)
        with self.centre.store.look() as session:
            for one in done.senders.values():
                one.name = _name(session, one)
        self.centre.keep()
        return Collected(
            [*done.senders.values()],
            done.others,
            done.strange,
            done.relayed,
            done.unwritten,
            done.stopped,
        )

    def reply(self, folder: Path, whose: Collection[str], step: Step | None = None) -> Answered:
        """Raises Fault where the stick takes no more."""
        done = sticks.pack_stick(self.centre, folder, whose, step)
        return Answered(len(done.senders), len(done.files), done.stopped)


def _name(session: Session, one: FromOne) -> str:
    """As we know the office; a district that reported nothing yet as it called itself."""
    office = select(Office.name).join(Installation, Installation.office_id == Office.id)
    found = session.scalar(office.where(Installation.id == one.replica))
    found = found or session.scalar(select(District.name).where(District.id == one.replica))
    return found or one.name
