"""A district's way to its city, for the command, the timer and the screen alike."""

from contextlib import closing
from pathlib import Path

from sqlalchemy import select

from models.kit import clock
from models.relay import City
from sync import told_card
from sync.centre.relay import contact
from sync.centre_card import CITY, CentreCard
from sync.fault import UNREACHABLE, Fault
from sync.line import Line
from sync.link import LONG, Step, go_on
from sync.uplink import LINE, Relayed, Written, card_of, remember

LOST = (
    "已经 {days} 天连不上市级，它的联网地址可能换了。资料都在本区中心；"
    "请带U盘到市级交换一次，新地址会自动记下，不用重新加入"
)


class Way:
    """Whatever is carried or goes wrong is remembered."""

    def __init__(self, centre: contact.Service) -> None:
        self.centre = centre

    def report(self, step: Step | None = None) -> Relayed:
        """Over the network: all that the city lacks. Raises Fault."""
        with self.centre.store.look() as session:
            card, _ = contact.let_in(session)
        if not card.url:
            raise Fault("no_address", "市级没有提供联网地址，请用U盘上报")
        try:
            with closing(Line(card)) as line:
                done = contact.over(self.centre, line, step)
                done.moved = self._followed(card, line)
        except Fault as fault:
            told = contact.worded(fault)
            if told.kind == UNREACHABLE:
                told = Fault(UNREACHABLE, self._lost() or told.message)
            self._remember(Relayed(), "failed", told.message)
            raise told from None
        self._remember(done, "stopped" if done.stopped else "done")
        return done

    def _followed(self, card: CentreCard, line: Line) -> bool:
        """Note once by which way the city answered; did it tell another one?"""
        with self.centre.store.look() as session:
            is_there = card_of(session).way == card.way
        if is_there and line.way == card.way and not card.reached:
            with self.centre.store.apply() as session:
                told_card.reached(session, card.way, CITY)
        return not is_there

    def _lost(self) -> str:
        """What to do where nobody has answered for days; empty where it may be passing trouble."""
        with self.centre.store.look() as session:
            heard = session.scalar(select(City.heard_at))
        days = (clock.now() - heard).days if heard else 0
        return LOST.format(days=days) if days >= LONG else ""

    def _remember(self, done: Relayed, result: str, message: str = "") -> None:
        with self.centre.store.apply() as session:
            remember(session, LINE, done, result, message)

    def write(self, folder: Path, step: Step = go_on) -> Written:
        """The same onto a stick. Raises Fault."""
        return contact.pack_stick(self.centre, folder, step)
