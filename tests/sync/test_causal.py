"""What each side could see is written down while two stations and a centre live through a random
history with lost files and answers, wrong clocks and late sticks; afterwards the log is checked.

For each field of each record: an edit is seen by its author until something later stands (read your
writes); what was seen once is never followed by something older (monotonic reads). Over all fields
and records: whoever sees an edit sees no older than what its author had written before (monotonic
writes) and had on screen (writes follow reads).
Hypothesis prints the history of a failure and how to repeat it.
"""

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as some
from sqlalchemy import select

from models.employer import Employer
from models.exchange import Replica
from models.kit import clock
from models.kit.base import Record
from sync.fault import Fault
from sync.station import inbox, outbox
from tests.sync.parts import Node, world
from tests.sync.people import propose, rename
from tests.sync.test_histories import NOON, CentreTime

Place = tuple[str, str]  # a record and a field of it
Order = Callable[[str, str], bool]
OURS = ("contact", "name")
CENTRE = 2


@dataclass(frozen=True)
class Event:
    """Somebody wrote a change in sight of another and of ``saw``, or saw the change behind a field
    at one ``look``."""

    who: int
    place: Place
    change: str
    sight_of: str | None = None  # of a write
    saw: tuple[tuple[Place, str], ...] = ()
    look: int = 0


@dataclass
class Log:
    """Everything that was seen and written, in the order in which it happened; ``centre`` is who
    saw it there."""

    events: list[Event] = field(default_factory=list)
    centre: int = CENTRE

    def problems(self) -> list[str]:
        """Every breach of the four promises, in words."""
        is_older = self._order()
        wrote = {(one.who, one.change) for one in self.events if one.sight_of}
        return [*self._backwards(is_older, wrote), *self._without(is_older, wrote)]

    def _without(self, is_older: Order, wrote: set[tuple[int, str]]) -> Iterator[str]:
        """An edit is seen, and beside it something older than its author had seen."""
        writes = {one.change: one for one in self.events if one.sight_of}
        looks: dict[tuple[int, int], dict[Place, str]] = defaultdict(dict)
        for one in self.events:
            if one.look:
                looks[one.who, one.look][one.place] = one.change
        for (who, _), seen in looks.items():
            for change in set(seen.values()) & writes.keys():
                for place, before in writes[change].saw:
                    if place in seen and is_older(seen[place], before):
                        is_own = (writes[change].who, before) in wrote
                        kind = "had written" if is_own else "had seen"
                        yield f"{who} sees {change[-4:]} and not what its author {kind} before"

    def _backwards(self, is_older: Order, wrote: set[tuple[int, str]]) -> Iterator[str]:
        last: dict[tuple[int, Place], Event] = {}
        for one in self.events:
            before = last.get((one.who, one.place))
            if before and not one.sight_of and is_older(one.change, before.change):
                is_own = (one.who, before.change) in wrote
                kind = "its own edit" if is_own else "what it had seen"
                yield f"{one.who} sees {one.change[-4:]} again under {kind}"
            last[one.who, one.place] = one

    def stands(self, place: Place, change: str) -> list[str]:
        """What stands in the end is no ancestor of anything anybody wrote."""
        above = self._above()
        wrote = [
            one.change for one in self.events if one.place == place and one.sight_of is not None
        ]
        return [one for one in wrote if change in above[one]]

    def _order(self) -> Order:
        """Is the one older than the other: made before it in its author's sight, or standing at the
        centre before it?"""
        above = self._above()
        at_centre = dict.fromkeys(one.change for one in self.events if one.who == self.centre)
        number = {change: at for at, change in enumerate(at_centre)}

        def is_older(one: str, other: str) -> bool:
            known = one in number and other in number
            return one in above[other] or (known and number[one] < number[other])

        return is_older

    def _above(self) -> dict[str, set[str]]:
        """change -> all that its author had in sight, directly or through others."""
        above: dict[str, set[str]] = defaultdict(set)
        for one in self.events:
            if one.sight_of:
                above[one.change] = {one.sight_of, *above[one.sight_of]} - {one.change}
        return above


def places(record: Record | None, names: tuple[str, ...]) -> dict[Place, str]:
    """The changes behind some fields of a record."""
    stamps = record.stamps if record else {}
    return {(record.id, name): stamps.get(name, stamps["*"]) for name in names} if record else {}


class Watched:
    """Two stations and a centre around the employers that all of them share."""

    def __init__(self) -> None:
        self.folder, self.moment, self.log = Path(mkdtemp()), NOON, Log()
        with clock.freeze(NOON):
            self.here = world(self.folder)
            stations = [self.here.station(f"46020319800{number}") for number in range(2)]
            self.nodes: list[Node] = [*stations, self.here.node]
            self.key: str = stations[0].do(propose)
        self.look = 0
        self.sticks: list[bytes] = []
        self.answers: list[tuple[int, bytes]] = []
        self.skews = [timedelta(days=40 * 365), timedelta(days=-20 * 365), timedelta(0)]
        for where in (0, 1):
            self.talks(where, 0)

    def close(self) -> None:
        for node in self.nodes:
            node.store.close()
        shutil.rmtree(self.folder)

    def at(self, where: int) -> Any:
        self.moment += timedelta(minutes=1)
        return clock.freeze(self.moment + self.skews[where])

    def seen(self, where: int) -> dict[Place, str]:
        """The changes behind what is on screen."""
        return self.nodes[where].get(lambda session: places(session.get(Employer, self.key), OURS))  # type: ignore[no-any-return]

    def looks(self) -> None:
        """All look at the screen."""
        self.look += 1
        for where in range(len(self.nodes)):
            for place, change in self.seen(where).items():
                self.log.events.append(Event(where, place, change, look=self.look))

    def set_aside(self) -> set[str]:
        """Edits that never entered, as their authors were told."""
        return set()

    # what happens ---------------------------------------------------------------------------

    def edits(self, where: int, n: int) -> None:
        before = self.seen(where)
        if before:
            with self.at(where):
                self.types(where, n)
        for place, change in self.seen(where).items():
            if change != before.get(place, change):
                saw = tuple(before.items())
                self.log.events.append(Event(where, place, change, before[place], saw))

    def types(self, where: int, n: int) -> None:
        self.nodes[where].do(rename, self.key, str(n))

    def talks(self, where: int, n: int) -> None:
        """Over the network; now and then a file or an answer is lost, or all after the first."""
        node = self.nodes[where % self.log.centre]
        lost = {1: ({0}, set[int]()), 2: (set[int](), {0}), 5: ({1}, set[int]())}
        files, answers = lost.get(n % 8, (set(), set()))
        link = CentreTime(self.here.centre, files, answers, moment=self.moment)
        with self.at(where % self.log.centre), suppress(Fault):
            self.here.sync(node, link)

    def writes_a_stick(self, where: int, n: int) -> None:
        node = self.nodes[where % self.log.centre]
        with self.at(where % self.log.centre), node.store.look() as session:
            parts = outbox.parts(session, node.keys, self.here.card, node.code)
        self.sticks += [part.data for part in parts]

    def reads_a_stick(self, where: int, n: int) -> None:
        """The centre; any stick, perhaps again."""
        if self.sticks:
            data = self.sticks[n % len(self.sticks)]
            with self.at(self.log.centre):
                answer = self.here.centre.accept(data)
            sender = answer.header.sender
            node = next(one for one in self.nodes[:-1] if self.is_of(one, sender))
            self.answers.append((self.nodes.index(node), answer.data))

    def is_of(self, node: Node, replica: str) -> bool:
        return bool(node.get(lambda session: session.scalars(select(Replica.id)).one()) == replica)

    def reads_an_answer(self, where: int, n: int) -> None:
        """A station; any answer, perhaps an old one."""
        if self.answers:
            whose, data = self.answers[n % len(self.answers)]
            node = self.nodes[whose]
            with self.at(whose), suppress(Fault), node.store.apply() as session:
                inbox.receive(session, node.keys, self.here.card, data)


Step = Callable[[Watched, int, int], None]
STEPS: list[Step] = [
    Watched.edits, Watched.edits, Watched.talks, Watched.writes_a_stick, Watched.reads_a_stick,
    Watched.reads_an_answer,
]  # fmt: skip
HISTORY = some.lists(
    some.tuples(some.sampled_from(STEPS), some.integers(0, 2), some.integers(0, 99)),
    min_size=5,
    max_size=40,
)


def live(history: Sequence[tuple[Any, int, int]], kind: type[Watched] = Watched) -> list[str]:
    """Live through it, then settle; returns all that was wrong."""
    watched = kind()
    try:
        watched.looks()
        for step, where, n in history:
            step(watched, where, n)
            watched.looks()
        for where in (*range(watched.log.centre), *range(watched.log.centre)):
            watched.talks(where, 0)
            watched.looks()
        found = watched.log.problems()
        for place, change in watched.seen(watched.log.centre).items():
            aside = watched.set_aside()
            found += [one for one in watched.log.stands(place, change) if one not in aside]
            for where in range(watched.log.centre):
                if watched.seen(where).get(place, change) != change:
                    found.append(f"{where} shows something else than the centre")
        return found
    finally:
        watched.close()


@pytest.mark.slow
@pytest.mark.timeout(300)
@settings(max_examples=6, phases=[Phase.generate])
@given(history=HISTORY)
def test_everybody_reads_his_own_writes_and_nobody_reads_backwards(
    history: list[tuple[Step, int, int]],
) -> None:
    assert live(history) == []


# ---- the checker itself -----------------------------------------------------------------------

P = ("r", "contact")
SEEN = [
    ([Event(0, P, "b", "a"), Event(0, P, "a")], "0 sees a again under its own edit"),
    (
        [Event(1, P, "b", "a"), Event(0, P, "b"), Event(0, P, "a")],
        "0 sees a again under what it had seen",
    ),
    (
        [Event(1, P, "b", "a"), Event(1, P, "c", "b"), Event(0, P, "c"), Event(0, P, "a")],
        "0 sees a again under what it had seen",
    ),
]


@pytest.mark.parametrize(("events", "words"), SEEN)
def test_the_checker_names_the_breach(events: list[Event], words: str) -> None:
    assert Log(events).problems() == [words]


def test_another_edit_made_without_knowing_is_no_breach() -> None:
    events = [Event(0, P, "b", "a"), Event(1, P, "c", "a"), Event(0, P, "c")]
    assert Log(events).problems() == []
    assert Log(events).stands(P, "c") == []
    assert Log(events).stands(P, "a") == ["b", "c"]


def test_what_the_centre_passed_over_does_not_come_back() -> None:
    events = [Event(CENTRE, P, "c", "a"), Event(CENTRE, P, "b"), Event(0, P, "b"), Event(0, P, "c")]
    assert Log(events).problems() == ["0 sees c again under what it had seen"]


def hears_late() -> list[tuple[Step, int, int]]:
    """The answer to a stick lies about while its reader goes on typing."""
    return [
        (Watched.edits, CENTRE, 1), (Watched.writes_a_stick, 0, 0), (Watched.reads_a_stick, 0, 0),
        (Watched.edits, 0, 2), (Watched.reads_an_answer, 0, 0),
    ]  # fmt: skip


def test_such_a_history_is_sound_with_us() -> None:
    assert live(hears_late()) == []


def test_it_is_not_where_the_centres_word_hides_what_it_has_not_decided(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inbox, "_pending", lambda session, items: [])
    assert any("its own edit" in one for one in live(hears_late()))
