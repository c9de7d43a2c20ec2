"""What each side could see is written down while two stations and a centre live through a random
history with lost files and answers, wrong clocks and late sticks; afterwards the log is checked.

For each field of each record: an edit is seen by its author until something later stands (read your
writes); what was seen once is never followed by something older (monotonic reads); an edit made in
sight of another stands above it for everybody (writes follow reads, and one's own in order).
Hypothesis prints the history of a failure and how to repeat it.
"""

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
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
from sync import inbox, outbox
from sync.fault import Fault
from tests.sync.parts import Node, world
from tests.sync.test_histories import NOON, CentreTime, propose, rename

Place = tuple[str, str]  # a record and a field of it
OURS = ("contact", "name")
CENTRE = 2


@dataclass(frozen=True)
class Event:
    """Somebody wrote a change in sight of another, or saw the change behind a field."""

    who: int
    place: Place
    change: str
    sight_of: str | None = None  # of a write


@dataclass
class Log:
    """Everything that was seen and written, in the order in which it happened."""

    events: list[Event] = field(default_factory=list)

    def problems(self) -> list[str]:
        """Every breach of the three promises, in words."""
        return list(self._breaches())

    def _breaches(self) -> Iterator[str]:
        is_older = self._order()
        wrote = {(one.who, one.change) for one in self.events if one.sight_of}
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

    def _order(self) -> Callable[[str, str], bool]:
        """Is the one older than the other: made before it in its author's sight, or standing at the
        centre before it?"""
        above = self._above()
        at_centre = dict.fromkeys(one.change for one in self.events if one.who == CENTRE)
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


class Watched:
    """Two stations and a centre around the employers that all of them share."""

    def __init__(self) -> None:
        self.folder, self.moment, self.log = Path(mkdtemp()), NOON, Log()
        with clock.freeze(NOON):
            self.here = world(self.folder)
            stations = [self.here.station(f"46020319800{number}") for number in range(2)]
            self.nodes: list[Node] = [*stations, self.here.node]
            self.key: str = stations[0].do(propose)
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

    def stamps(self, where: int) -> dict[str, str]:
        found = self.nodes[where].get(lambda session: session.get(Employer, self.key))
        return {name: found.stamps.get(name, found.stamps["*"]) for name in OURS} if found else {}

    def looks(self) -> None:
        """All three look at the screen."""
        for where in range(3):
            for name, change in self.stamps(where).items():
                self.log.events.append(Event(where, (self.key, name), change))

    # what happens ---------------------------------------------------------------------------

    def edits(self, where: int, n: int) -> None:
        before = self.stamps(where)
        if before:
            with self.at(where):
                self.nodes[where].do(rename, self.key, str(n))
        for name, change in self.stamps(where).items():
            if change != before.get(name):
                self.log.events.append(Event(where, (self.key, name), change, before[name]))

    def talks(self, where: int, n: int) -> None:
        """Over the network; every fourth time a file or an answer is lost."""
        node = self.nodes[where % 2]
        files, answers = {1: ({0}, set[int]()), 2: (set[int](), {0})}.get(n % 4, (set(), set()))
        link = CentreTime(self.here.centre, files, answers, moment=self.moment)
        with self.at(where % 2), suppress(Fault):
            self.here.sync(node, link)

    def writes_a_stick(self, where: int, n: int) -> None:
        node = self.nodes[where % 2]
        with self.at(where % 2), node.store.look() as session:
            parts = outbox.parts(session, node.keys, self.here.card, node.code)
        self.sticks += [part.data for part in parts]

    def reads_a_stick(self, where: int, n: int) -> None:
        """The centre; any stick, perhaps again."""
        if self.sticks:
            data = self.sticks[n % len(self.sticks)]
            with self.at(2):
                answer = self.here.centre.accept(data)
            sender = answer.header.sender
            node = next(one for one in self.nodes[:2] if self.is_of(one, sender))
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


def live(history: list[tuple[Step, int, int]]) -> list[str]:
    """Live through it, then settle; returns all that was wrong."""
    watched = Watched()
    try:
        watched.looks()
        for step, where, n in history:
            step(watched, where, n)
            watched.looks()
        for where in (0, 1, 0, 1):
            watched.talks(where, 0)
            watched.looks()
        found = watched.log.problems()
        for name, change in watched.stamps(2).items():
            found += watched.log.stands((watched.key, name), change)
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
