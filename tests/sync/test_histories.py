"""Random histories of two stations and a centre: files lost, doubled, late and out of order, clocks
decades wrong, databases put back, streams begun again.

Whatever happened, after one full exchange the centre has every change once, each has exactly one
verdict, no edit has lost to what its author had on screen, and all sides show the same.
"""

import shutil
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from app.exchange import start_anew
from models.employer import Employer
from models.exchange import Change, Conflict, Stream, new_epoch
from models.kit import clock
from models.kit.stream import read_head
from models.retiree import Retiree
from sync import pack
from sync.centre.receiving.files import Answer
from sync.centre.telling import paging
from sync.fault import Fault
from sync.merge import OUTSIDE, Result
from sync.message import ANSWER, RECEIVED
from sync.station import inbox, outbox
from sync.station import run as talk
from tests.sync.parts import (
    DirectLink,
    Node,
    World,
    copy_of,
    edit,
    put_back,
    register,
    steady_ids,
    world,
)
from tests.sync.people import propose, rename, shared_numbers, state_and_phone, turn
from tests.sync.rest import begun, until_quiet
from tests.sync.views import epoch_of, force, held, pictures, same, verdicts

WORDS = ("mobile", "door_note", "manage_state")
FIELDS = some.sampled_from(WORDS)
VALUES = some.sampled_from(["4", "5", "6", "7"])
WHERE = some.integers(0, 1)
NUMBER = some.none() | some.integers(1, 3)
RIGHT = timedelta(0)
OFF = [RIGHT, timedelta(days=40 * 365), timedelta(days=-20 * 365)]
SKEWS = some.permutations(OFF)
# bytes of a file, where 1 makes each entry its own: gaps, halves; items of an answer
SIZES = some.tuples(some.sampled_from([1, 1, 1, 800, 2**20]), some.sampled_from([2, 2, 5, 200]))
NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
DECIDED = select(Change.head).where(Change.outcome.is_not(None))
UNDECIDED = select(Change.change_id).where(Change.outcome.is_(None))
SHOWN = select(Retiree.id, Retiree.stamps, Retiree.mobile, Retiree.door_note, Retiree.manage_state)
HEARD = select(Change.head)
NUMBERS = select(Change.incarnation, Change.seq).where(Change.hash != b"").order_by(Change.seq)
Key = tuple[str, str]


@dataclass
class CentreTime(DirectLink):
    """The centre's clock is right, whoever calls."""

    moment: datetime = NOON
    answers: list[bytes] = field(default_factory=list)

    def exchange(self, data: bytes) -> bytes:
        with clock.freeze(self.moment):
            self.answers.append(super().exchange(data))
        return self.answers[-1]


class Histories(RuleBasedStateMachine):
    """Two stations, a centre, and everything that was ever written on a stick."""

    files: Bundle[Any] = Bundle("files")
    answers: Bundle[Any] = Bundle("answers")
    people: Bundle[Any] = Bundle("people")
    employers: Bundle[Any] = Bundle("employers")
    copies: Bundle[Any] = Bundle("copies")
    centre_copies: Bundle[Any] = Bundle("centre_copies")
    may_fork = False

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        steady_ids(self.patch)
        self.folder = Path(mkdtemp())
        self.moment = NOON
        self.epoch = 1
        self.numbers = shared_numbers()
        self.contacts: list[talk.Exchanged] = []
        with clock.freeze(NOON):
            self.worlds = begun(type(self), self.folder, self.open)
        self.here = self.worlds[0]
        self.stations = [*self.here.stations]

    def open(self) -> list[World]:
        """Two stations and their centre."""
        here = world(self.folder)
        for number in range(2):
            here.station(f"46020319800{number}")
        return [here]

    @initialize(skews=SKEWS)
    def clocks_are_wrong(self, skews: list[timedelta]) -> None:
        self.skews = skews[:2]

    @rule(where=WHERE, skew=some.sampled_from([RIGHT, *OFF]))
    def a_clock_goes_wrong_or_is_put_right(self, where: int, skew: timedelta) -> None:
        self.skews[where] = skew

    @initialize(sizes=SIZES)
    def files_and_answers_are_large_or_small(self, sizes: tuple[int, int]) -> None:
        sized(self.patch, *sizes)

    @contextmanager
    def at(self, where: int | None) -> Iterator[None]:
        """A minute later, by the clock of a station or of the centre."""
        self.moment += timedelta(minutes=1)
        skew = timedelta(0) if where is None else self.skews[where]
        with clock.freeze(self.moment + skew):
            yield

    def sync(self, where: int, file: int | None = None, answer: int | None = None) -> list[bytes]:
        """An exchange, in which a file or an answer may be lost; between its steps the screen is
        looked at. Returns the answers about changes."""
        station = self.stations[where]
        before = own_words(station)

        def look(_number: int, _words: str, _share: float = 0) -> bool:
            stays_on_screen(station, before)
            return False

        done = talk.Exchanged()
        with self.at(where):
            link = CentreTime(self.here.centre, {file or -1}, {answer or -1}, moment=self.moment)
            try:
                talk.sync_now(station.store, station.keys, link, station.code, look, done)
            finally:
                self.contacts.append(done)
                if done.forked:
                    self.begin_anew(where)
                    self.sync(where)
        return [one for one in link.answers if pack.read(one).header.kind in (ANSWER, RECEIVED)]

    def begin_anew(self, where: int) -> None:
        """Where the centre says that two wrote one stream."""
        raise AssertionError

    # what people do -----------------------------------------------------------------------------

    @rule(target=people, where=WHERE, value=some.none() | VALUES)
    def someone_is_registered(self, where: int, value: str | None) -> tuple[int, str]:
        def both(session: Session) -> str:
            key = register(session, id_no=next(self.numbers))
            if value is not None:  # two changes, one action
                session.flush()
                edit(session, key, mobile=value)
            return key

        with self.at(where):
            return where, self.stations[where].do(both)

    @rule(person=people, name=FIELDS, value=VALUES)
    def the_station_edits(self, person: tuple[int, str], name: str, value: str) -> None:
        where, key = person
        station = self.stations[where]
        if station.person(key) is None:
            return  # gone with a restore until the next exchange
        with self.at(where):
            station.do(edit, key, **{name: value})
        assert getattr(station.person(key), name) == value

    @rule(person=people, name=FIELDS, value=VALUES)
    def the_centre_edits(self, person: tuple[int, str], name: str, value: str) -> None:
        if self.here.node.person(person[1]) is not None:
            with self.at(None):
                self.here.node.do(edit, person[1], **{name: value})

    @rule(person=people, name=FIELDS, values=some.tuples(VALUES, VALUES))
    def both_sides_edit(self, person: tuple[int, str], name: str, values: tuple[str, str]) -> None:
        self.the_centre_edits(person, name, values[0])
        self.the_station_edits(person, name, values[1])

    @rule(person=people, values=some.tuples(VALUES, VALUES))
    def the_station_says_two_things_at_once(
        self, person: tuple[int, str], values: tuple[str, str]
    ) -> None:
        """Two changes, one action, of which the first has effect in law."""
        where, key = person
        if values[0] != values[1]:
            self.the_centre_edits(person, "manage_state", values[1])
        if self.stations[where].person(key) is not None:
            with self.at(where):
                self.stations[where].do(state_and_phone, key, *values)

    @rule(person=people, at_centre=some.integers(0, 2))
    def somebody_is_voided_or_taken_back(self, person: tuple[int, str], at_centre: int) -> None:
        where, key = (None, person[1]) if at_centre == 0 else person
        node = self.here.node if where is None else self.stations[where]
        if node.person(key) is not None:
            with self.at(where):
                node.do(turn, key)

    @rule(person=people, value=VALUES)
    def somebody_is_voided_and_edited_at_once(self, person: tuple[int, str], value: str) -> None:
        self.somebody_is_voided_or_taken_back(person, 1)
        self.the_centre_edits(person, "door_note", value)

    @rule(target=employers, where=WHERE)
    def an_employer_is_proposed(self, where: int) -> str:
        with self.at(where):
            return self.stations[where].do(propose)  # type: ignore[no-any-return]

    @rule(key=employers, where=WHERE, value=VALUES)
    def what_all_share_is_edited(self, key: str, where: int, value: str) -> None:
        with self.at(where):
            self.stations[where].do(rename, key, value)

    @rule(person=people, name=FIELDS, value=VALUES)
    def what_was_on_screen_never_wins(self, person: tuple[int, str], name: str, value: str) -> None:
        where, key = person
        self.sync(where)
        if self.stations[where].person(key) is None or held(self.here.node):
            return  # what a put back centre has forgotten of its own a person must decide
        self.the_station_edits(person, name, value)
        self.sync(where)
        assert getattr(self.here.node.person(key), name) == value

    # what happens on the way --------------------------------------------------------------------

    @rule(target=files, where=WHERE)
    def a_stick_is_written(self, where: int) -> MultipleResults[tuple[int, bytes]]:
        return multiple(*self.written(where))

    def written(self, where: int) -> list[tuple[int, bytes]]:
        station = self.stations[where]
        with self.at(where), station.store.look() as session:
            parts = outbox.parts(session, station.keys, self.here.card, station.code)
        return [(where, part.data) for part in parts]

    @rule(target=answers, file=files)
    def a_stick_reaches_the_centre(self, file: tuple[int, bytes]) -> tuple[int, bytes]:
        with self.at(None):
            return file[0], self.here.centre.accept(file[1]).data

    @rule(target=answers, file=files)
    def a_busy_centre_only_stores_a_file(self, file: tuple[int, bytes]) -> tuple[int, bytes]:
        with self.at(None):
            (done,) = self.here.centre.take_all([file[1]], later=True)
        assert isinstance(done, Answer)
        return file[0], done.data

    @rule()
    def the_centre_decides_one_that_waits(self) -> None:
        with self.at(None):
            self.here.centre.decide_some(self.here.centre.waiting()[:1])

    @rule(where=WHERE)
    def the_last_part_reaches_the_centre_first(self, where: int) -> None:
        self.someone_is_registered(where, "4")
        for file in reversed(self.written(where)):
            self.a_stick_reaches_the_centre(file)

    @rule(where=WHERE)
    def half_an_action_reaches_the_centre(self, where: int) -> None:
        self.sync(where)
        self.someone_is_registered(where, "4")
        self.a_stick_reaches_the_centre(self.written(where)[0])

    @rule(answer=answers)
    def an_answer_is_read(self, answer: tuple[int, bytes]) -> None:
        station = self.stations[answer[0]]
        before, got = own_words(station), inbox.Received()
        with self.at(answer[0]), station.store.apply() as session:
            try:
                got = inbox.receive(session, station.keys, self.here.card, answer[1])
            except Fault as fault:
                assert fault.kind == "gap"  # noqa: PT017 - an earlier answer was lost
        if got.forked:
            self.begin_anew(answer[0])
        stays_on_screen(station, before)

    @rule(where=WHERE, file=NUMBER, answer=NUMBER)
    def a_station_goes_online(self, where: int, file: int | None, answer: int | None) -> None:
        with suppress(Fault):
            self.sync(where, file, answer)

    # what happens to a database -----------------------------------------------------------------

    @rule(where=WHERE)
    def a_stream_is_begun_again(self, where: int) -> None:
        with self.at(where):
            self.stations[where].do(start_anew)

    @rule(person=people, name=FIELDS, values=some.tuples(VALUES, VALUES))
    def a_stream_is_begun_again_unheard(
        self, person: tuple[int, str], name: str, values: tuple[str, str]
    ) -> None:
        """All of it had arrived, no answer had; meanwhile the centre went on from there."""
        self.the_station_edits(person, name, values[0])
        for file in self.written(person[0]):
            self.a_stick_reaches_the_centre(file)
        self.the_centre_edits(person, name, values[1])
        self.a_stream_is_begun_again(person[0])

    @rule(target=copies, where=WHERE)
    def a_copy_is_made(self, where: int) -> tuple[int, bytes]:
        return where, copy_of(self.stations[where])

    @rule(copy=copies)
    def a_copy_is_put_back(self, copy: tuple[int, bytes]) -> None:
        with self.at(copy[0]):
            put_back(self.stations[copy[0]], copy[1])

    @rule(copy=copies)
    def a_copy_is_put_back_and_reads_old_answers(self, copy: tuple[int, bytes]) -> None:
        answers = self.sync(copy[0])
        self.a_copy_is_put_back(copy)
        for answer in answers:
            self.an_answer_is_read((copy[0], answer))

    @rule(target=centre_copies)
    def a_copy_of_the_centre_is_made(self) -> bytes:
        return copy_of(self.here.node)

    @rule(copy=centre_copies)
    def the_centre_is_put_back(self, copy: bytes) -> None:
        """All it heard and said since is gone; only the number of its epochs is kept elsewhere."""
        with self.at(None):
            put_back(self.here.node, copy)
            self.here.centre.store = self.here.node.store
            with self.here.node.store.apply() as session:
                self.epoch = new_epoch(session, self.epoch)

    @rule(copy=centre_copies, where=WHERE)
    def the_centre_is_put_back_and_hears(self, copy: bytes, where: int) -> None:
        self.sync(where)
        self.the_centre_is_put_back(copy)
        self.sync(where)

    @invariant()
    def streams_have_no_gap(self) -> None:
        for station in self.stations:
            for numbers in station.known("numbers", numbers_of).values():
                assert numbers == list(range(1, len(numbers) + 1))

    @invariant()
    def nothing_is_said_to_be_decided_before_it_is(self) -> None:
        for station in self.stations:
            if epoch_of(station) < self.epoch:
                continue  # it has not heard yet that the centre was put back
            there = verdicts(self.here.node, station.desk.office_id)
            assert verdicts(station).items() <= there.items()

    @invariant()
    def actions_are_decided_whole(self) -> None:
        assert self.here.node.known("whole", are_decided_whole)

    def teardown(self) -> None:
        try:
            if hasattr(self, "skews"):
                self.come_to_rest()
                self.agree()
        finally:
            self.patch.undo()
            for node in (*self.stations, self.here.node):
                node.store.close()
            shutil.rmtree(self.folder)

    def come_to_rest(self) -> None:
        """Everybody speaks until all is decided and heard."""
        everybody = range(len(self.stations))
        until_quiet(self.contacts_of, everybody, rounds=2)
        if self.epoch > 1 and held(self.here.node):
            force(self.here.node)
            until_quiet(self.contacts_of, everybody, rounds=2)

    def contacts_of(self, where: int) -> list[talk.Exchanged]:
        """An exchange in which nothing is lost."""
        before = len(self.contacts)
        self.sync(where)
        return self.contacts[before:]

    def said(self) -> set[str]:
        """The records of which somebody still has the entry that made them. Where both the centre
        and the author were put back, others keep what they heard of it, also where they have
        written over it since."""
        nodes = (*self.stations, self.here.node)
        heads = [
            read_head(one) for node in nodes for one in node.read(lambda s: [*s.scalars(HEARD)])
        ]
        return {head.entity_id for head in heads if head.op == "insert"}

    def knows(self, ours: dict[str, str | None], theirs: dict[str, str | None]) -> None:
        """What a station has of the verdicts on its office's changes."""
        assert ours == theirs

    def agree(self) -> None:
        centre = self.here.node
        if not self.may_fork:
            assert not any(centre.read(lambda s: s.scalars(select(Stream.forked_at)).all()))
        for station in self.stations:
            assert None not in station.outcomes(), station.outcomes()
            self.knows(verdicts(station), verdicts(centre, station.desk.office_id))
            there = select(Retiree).where(Retiree.office_id == station.desk.office_id)
            same(pictures(station, select(Retiree)), pictures(centre, there))
            alive = select(Employer).where(Employer.id.in_(self.said()))
            same(pictures(station, alive), pictures(centre, select(Employer)))
        no_edit_lost_to_its_own_ancestor(centre)
        actions_enter_whole(centre)
        nothing_went_unseen(centre)


def sized(patch: pytest.MonkeyPatch, part: int, page: int) -> None:
    """How much goes into one file, and into one answer."""
    patch.setattr(outbox, "PART_BYTES", part)
    patch.setattr(paging, "PAGE_ITEMS", page)


def numbers_of(rows: Connection) -> dict[str, list[int]]:
    """Of each stream, but for what was fetched back after a restore."""
    found: dict[str, list[int]] = defaultdict(list)
    for incarnation, seq in rows.execute(NUMBERS):
        found[incarnation].append(seq)
    return found


def are_decided_whole(rows: Connection) -> bool:
    known: dict[str, set[int]] = defaultdict(set)
    heads = [read_head(one) for one in rows.scalars(DECIDED)]
    for head in heads:
        known[head.tx].add(head.part)
    return all(len(known[head.tx]) == head.parts for head in heads)


def stays_on_screen(station: Node, before: dict[Key, Any]) -> None:
    """What was typed neither blinks nor vanishes until its verdict has been read. What was typed
    there later and put aside may come back over it, where the centre has forgotten that verdict."""
    if not before:
        return
    undecided, words = station.known("screen", on_screen)
    still = {
        place: said
        for place, said in before.items()
        if said[0] in undecided and words.get(place, said)[0] <= said[0]  # ids are in order of time
    }
    assert still.items() <= words.items()


def own_words(station: Node) -> dict[Key, Any]:
    """What is on screen by an own change without a verdict: (person, field) -> (change, value)."""
    return station.known("screen", on_screen)[1]  # type: ignore[no-any-return]


def on_screen(rows: Connection) -> tuple[set[str], dict[Key, Any]]:
    """Own changes without a verdict, and what is on screen by them. Asked for all the time."""
    undecided = set(rows.scalars(UNDECIDED))
    found = {}
    for person in rows.execute(SHOWN) if undecided else ():
        for name in WORDS:
            change, value = person.stamps.get(name, person.stamps["*"]), getattr(person, name)
            typed = name in person.stamps or value is not None
            if typed and change in undecided:
                found[person.id, name] = (change, value)
    return undecided, found


def no_edit_lost_to_its_own_ancestor(centre: Node) -> None:
    """What an author had on screen neither stands in place of the edit, nor is it a conflict."""
    bases, outside = _bases(centre), set(_outside(centre))
    for person in centre.read(lambda s: s.execute(select(Retiree)).all()):
        for name in WORDS:
            stands = person.stamps.get(name) or person.stamps["*"]
            for change in bases[person.id, name].keys() - outside:
                assert stands not in _ancestors(bases[person.id, name], change)
    for case in centre.read(lambda s: s.execute(select(Conflict)).all()):
        line = bases[case.entity_id, case.field]
        assert case.kept_change not in _ancestors(line, case.other_change)
        assert case.other_change not in _ancestors(line, case.kept_change)


def actions_enter_whole(centre: Node) -> None:
    """All of an action entered the record or none of it; what stays outside for a person's ruling
    is nowhere in the record and has an opponent its author did not know of; and what has effect in
    law was chosen by nobody but a person."""
    outside = _outside(centre)
    kinds: dict[str, set[str]] = defaultdict(set)
    for head in map(read_head, centre.read(lambda s: list(s.scalars(DECIDED)))):
        kinds[head.tx].add(outside.get(head.change_id, "in"))
    assert all(len(kind) == 1 for kind in kinds.values())
    people = centre.read(lambda s: s.execute(select(Retiree)).all())
    assert not {one for person in people for one in person.stamps.values()} & outside.keys()
    cases = centre.read(lambda s: s.execute(select(Conflict)).all())
    assert all(one.needs_person for one in cases if one.field == "manage_state")
    met = {one.other_change for one in cases if one.needs_person}
    actions: dict[str, set[str]] = defaultdict(set)
    for head in map(read_head, centre.read(lambda s: list(s.scalars(DECIDED)))):
        if outside.get(head.change_id) == Result.CASE:
            actions[head.tx].add(head.change_id)
    assert all(said & met for said in actions.values())


def nothing_went_unseen(centre: Node) -> None:
    """Of whoever is voided, each value was on the voider's screen or written by somebody who knew
    of the voiding."""
    heads = {
        one.change_id: one for one in map(read_head, centre.read(lambda s: list(s.scalars(HEARD))))
    }
    outside = _outside(centre)
    for person in centre.read(lambda s: s.execute(select(Retiree)).all()):
        voiding = heads.get(person.stamps.get("is_void", ""))
        if not person.is_void or voiding is None:
            continue
        seen, wanted = set[str](), list(voiding.seen)
        while wanted:
            seen.add(one := wanted.pop())
            if one in outside and one in heads:
                wanted += set(heads[one].bases.values()) - seen
        for name, change in person.stamps.items():
            known = change in seen or voiding.change_id in heads[change].seen
            assert known or name in ("is_void", "void_reason"), (name, change)


def _outside(centre: Node) -> dict[str, str]:
    """Changes that never entered the record, with their verdict."""
    return {one: said for one, said in verdicts(centre).items() if said in OUTSIDE}


def _bases(centre: Node) -> dict[Key, dict[str, str]]:
    """(record, field) -> change -> the change its author saw."""
    found: dict[Key, dict[str, str]] = defaultdict(dict)
    for head in map(read_head, centre.read(lambda s: list(s.scalars(HEARD)))):
        for name, base in head.bases.items():
            found[head.entity_id, name][head.change_id] = base
    return found


def _ancestors(line: dict[str, str], change: str) -> set[str]:
    found: set[str] = set()
    while change := line.get(change, ""):
        found.add(change)
    return found


Histories.TestCase.settings = settings(max_examples=5, stateful_step_count=15)
TestHistories = pytest.mark.timeout(300)(Histories.TestCase)
