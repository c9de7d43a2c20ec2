"""Random histories of two stations and a centre: files lost, doubled, late and out of order.

Whatever happened, after one full exchange the centre has every change once, each has exactly one
verdict, and both sides show the same.
"""

import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from sqlalchemy import select

from models.exchange import Change
from models.kit.base import SYSTEM
from models.retiree import Retiree
from sync import inbox, outbox
from sync.fault import Fault
from tests.sync.parts import Node, edit, register, world

FIELDS = some.sampled_from(["mobile", "door_note", "manage_state"])
VALUES = some.sampled_from(["4", "5", "6", "7"])
WHERE = some.integers(0, 1)


class Histories(RuleBasedStateMachine):
    """Two stations, a centre, and everything that was ever written on a stick."""

    files: Bundle[Any] = Bundle("files")
    answers: Bundle[Any] = Bundle("answers")
    people: Bundle[Any] = Bundle("people")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp())
        self.here = world(self.folder)
        self.stations = [self.here.station(f"46020319800{number}") for number in range(2)]

    @rule(target=people, where=WHERE)
    def someone_is_registered(self, where: int) -> tuple[int, str]:
        return where, self.stations[where].do(register)

    @rule(person=people, name=FIELDS, value=VALUES)
    def the_station_edits(self, person: tuple[int, str], name: str, value: str) -> None:
        where, key = person
        station = self.stations[where]
        station.do(edit, key, **{name: value})
        shown = station.person(key)
        assert getattr(shown, name) == value

    @rule(person=people, name=FIELDS, value=VALUES)
    def the_centre_edits(self, person: tuple[int, str], name: str, value: str) -> None:
        if self.here.node.person(person[1]) is not None:
            self.here.node.do(edit, person[1], **{name: value})

    @rule(target=files, where=WHERE)
    def a_stick_is_written(self, where: int) -> tuple[int, bytes]:
        station = self.stations[where]
        with station.store.look() as session:
            part = outbox.parts(session, station.keys, self.here.card, station.code)[0]
        return where, part.data

    @rule(target=answers, file=files)
    def a_stick_reaches_the_centre(self, file: tuple[int, bytes]) -> tuple[int, bytes]:
        return file[0], self.here.centre.accept(file[1]).data

    @rule(answer=answers)
    def an_answer_reaches_the_station(self, answer: tuple[int, bytes]) -> None:
        station = self.stations[answer[0]]
        before = own_words(station)
        with station.store.apply() as session:
            try:
                inbox.receive(session, station.keys, self.here.card, answer[1])
            except Fault as fault:
                assert fault.kind == "gap"  # noqa: PT017 - an earlier answer was lost
        undecided = undecided_of(station)
        still = {place: said for place, said in before.items() if said[0] in undecided}
        assert still.items() <= own_words(station).items()

    @rule(where=WHERE)
    def a_station_goes_online(self, where: int) -> None:
        self.here.sync(self.stations[where])

    @invariant()
    def streams_have_no_gap(self) -> None:
        for station in self.stations:
            numbers = station.get(lambda s: list(s.scalars(select(Change.seq).order_by("seq"))))
            assert numbers == list(range(1, len(numbers) + 1))

    def teardown(self) -> None:
        for station in self.stations:
            self.here.sync(station)
            self.here.sync(station)
            self.agree(station)
        for node in (*self.stations, self.here.node):
            node.store.close()
        shutil.rmtree(self.folder)

    def agree(self, station: Node) -> None:
        outcomes = station.outcomes()
        assert None not in outcomes, outcomes
        mine = station.get(lambda s: sorted(s.scalars(select(Change.change_id))))
        office = station.desk.office_id
        chosen = select(Change.change_id).where(Change.office_id == office)
        assert mine == self.here.node.get(lambda s: sorted(s.scalars(chosen)))
        there = select(Retiree).where(Retiree.office_id == office)
        assert pictures(station, select(Retiree)) == pictures(self.here.node, there)


def undecided_of(station: Node) -> set[str]:
    """Own changes without a verdict."""
    chosen = select(Change.change_id).where(Change.outcome.is_(None))
    return station.get(lambda s: set(s.scalars(chosen)))  # type: ignore[no-any-return]


def own_words(station: Node) -> dict[tuple[str, str], Any]:
    """What is on screen by an own change without a verdict: (person, field) -> (change, value)."""
    undecided = undecided_of(station)

    def look(session: Any) -> dict[tuple[str, str], Any]:
        found = {}
        for person in session.scalars(select(Retiree)):
            for name in ("mobile", "door_note", "manage_state"):
                change = person.stamps.get(name, person.stamps["*"])
                if change in undecided:
                    found[person.id, name] = (change, getattr(person, name))
        return found

    return station.get(look)  # type: ignore[no-any-return]


def pictures(node: Node, chosen: Any) -> dict[str, Any]:
    """Every record with the changes behind its values."""

    def look(session: Any) -> dict[str, Any]:
        names = [c.name for c in Retiree.__table__.columns if c.name not in SYSTEM]
        return {
            one.id: [(n, getattr(one, n), one.stamps.get(n) or one.stamps["*"]) for n in names]
            for one in session.scalars(chosen)
        }

    return node.get(look)  # type: ignore[no-any-return]


Histories.TestCase.settings = settings(max_examples=12, stateful_step_count=25, deadline=None)
TestHistories = Histories.TestCase
