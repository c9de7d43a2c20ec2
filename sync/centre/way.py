"""A district's way to its city, for the command, the timer and the screen alike."""

from contextlib import closing
from pathlib import Path

from sync.centre import relaying, sticks
from sync.centre.service import Centre
from sync.fault import Fault
from sync.http_link import HttpLink
from sync.run import Step
from sync.uplink import LINE, Came, Relayed, Written, remember


class Way:
    """Whatever is carried or goes wrong is remembered."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre

    def report(self, step: Step | None = None) -> Relayed:
        """Over the network: all that the city lacks. Raises Fault."""
        with self.centre.store.look() as session:
            card, _ = relaying.let_in(session)
        if not card.url:
            raise Fault("no_address", "市级没有提供联网地址，请用U盘上报")
        try:
            with closing(HttpLink(card)) as link:
                done = relaying.over(self.centre, link, step)
        except Fault as fault:
            told = relaying.worded(fault)
            self._remember(Relayed(), "failed", told.message)
            raise told from None
        self._remember(done, "stopped" if done.stopped else "done")
        return done

    def _remember(self, done: Relayed, result: str, message: str = "") -> None:
        with self.centre.store.apply() as session:
            remember(session, LINE, done, result, message)

    def write(self, folder: Path) -> Written:
        """The same onto a stick. Raises Fault."""
        return relaying.pack_stick(self.centre, folder)

    def read(self, folder: Path) -> Came:
        """What is for us on a stick. Raises Fault."""
        done = sticks.unpack_stick(self.centre, folder)
        count = len(done.files) - (done.relayed is not None)
        return Came(done.relayed, count, done.entries, tuple(done.refused))
