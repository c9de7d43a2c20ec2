"""The network line to a centre that may have moved: where it told last that it is, and where nobody
of it is there, once where it was before."""

from datetime import timedelta

import msgspec

from sync.centre_card import CentreCard, Way
from sync.fault import UNREACHABLE, Fault
from sync.http_link import HttpLink


class Line:
    """``way`` is the one that is open. Raises Fault where the card names no place to go to."""

    def __init__(self, card: CentreCard) -> None:
        self._card, self.way = card, card.way
        self._before = card.before
        self._link = HttpLink(card)
        self.is_up = False

    @property
    def ahead(self) -> timedelta | None:
        """By how much the centre's clock was before ours."""
        return self._link.ahead

    def exchange(self, data: bytes) -> bytes:
        """Raises Fault."""
        try:
            answer = self._link.exchange(data)
        except Fault as fault:
            if fault.kind != UNREACHABLE or self.is_up or self._before is None:
                self.is_up = self.is_up or fault.kind != UNREACHABLE
                raise
            answer = self._go_back(self._before).exchange(data)
        self.is_up = True
        return answer

    def _go_back(self, way: Way) -> HttpLink:
        self._link.close()
        self._before, self.way = None, way
        self._link = HttpLink(msgspec.structs.replace(self._card, **msgspec.structs.asdict(way)))
        return self._link

    def close(self) -> None:
        """Hang up."""
        self._link.close()
