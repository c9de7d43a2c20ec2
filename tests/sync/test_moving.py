"""Random histories of people who go between stations, against a plain oracle that knows no titles,
stubs or queues: who has whom, by counting; who holds what, by one SELECT (sync.md 4.11).

Files and answers are lost, doubled, late and out of order, and stations are put back. At the end
each person is in the care of exactly one station, which holds the whole record; every change was
applied or stands before somebody; nobody keeps what is not theirs.
"""

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    multiple,
    rule,
)
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from app import handover, movement, person
from app.kit.refusal import Refusal
from models.entities import GOES_ALONG, key_of
from models.exchange import Change, Downlink
from models.handover import CLOSED, OFFERED, TAKEN, Handover, LateEdit
from models.kit import clock
from models.kit.ids import new_id
from models.kit.stream import read_head
from models.retiree import DEAD, MOVED_OUT, Retiree
from models.visit import Visit
from sync.centre.telling.moves import UNNAMED
from sync.fault import Fault
from sync.message import State, Whole, decode_item
from sync.station import inbox, outbox
from sync.station import run as talk
from tests.sync.parts import Node, World, copy_of, edit, put_back, register, steady_ids, world
from tests.sync.people import seat, shared_numbers
from tests.sync.rest import as_after, begun, until_quiet
from tests.sync.test_histories import NOON, SIZES, SKEWS, CentreTime, sized
from tests.sync.views import same

ON = date(2026, 11, 20)
WHERE = some.runner().flatmap(lambda one: some.integers(0, len(one.stations) - 1))
VALUES = some.sampled_from(["13800000001", "13800000002", "13800000003"])
PERSONAL = {one.__tablename__ for one in GOES_ALONG}
M = TypeVar("M", bound="Moving")


class Moving(RuleBasedStateMachine):
    """Two stations, a centre, people who come and go."""

    people: Bundle[Any] = Bundle("people")
    files: Bundle[Any] = Bundle("files")
    answers: Bundle[Any] = Bundle("answers")
    copies: Bundle[Any] = Bundle("copies")

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        steady_ids(self.patch)
        self.folder, self.moment = Path(mkdtemp()), NOON
        self.contacts: list[talk.Exchanged] = []
        self.numbers = shared_numbers()
        with clock.freeze(NOON):
            self.worlds = begun(type(self), self.folder, self.open)
        self.here = self.worlds[0]
        self.stations = [*self.here.stations]

    def open(self) -> list[World]:
        """The stations and their centre, with the heads of each at the desks."""
        here = world(self.folder)
        self.let_in(here)
        for station in here.stations:
            seat(station, "head")
        seat(here.node, "centre_head")
        return [here]

    def let_in(self, here: World) -> None:
        for number in range(2):
            here.station(f"46020319800{number}")

    @initialize(skews=SKEWS)
    def clocks_are_wrong(self, skews: list[timedelta]) -> None:
        self.skews = skews
        key = (type(self), *skews)
        with pytest.MonkeyPatch.context() as patch:
            sized(patch, 2**20, 200)
            as_after(key, self.folder, self.worlds, self.everybody_talks)
        self.moment = NOON + timedelta(minutes=len(self.stations))

    @initialize(sizes=SIZES)
    def files_and_answers_are_large_or_small(self, sizes: tuple[int, int]) -> None:
        sized(self.patch, *sizes)

    def everybody_talks(self) -> None:
        for where in range(len(self.stations)):
            self.sync(where)

    def opposite(self, where: int) -> int:
        """A computer of the other office."""
        here = self.stations[where].desk.office_id
        return next(n for n, one in enumerate(self.stations) if one.desk.office_id != here)

    @contextmanager
    def at(self, where: int | None) -> Iterator[None]:
        self.moment += timedelta(minutes=1)
        skew = timedelta(0) if where is None else self.skews[where]
        with clock.freeze(self.moment + skew):
            yield

    def sync(self, where: int, answer: int = -1) -> None:
        """An exchange in which an answer may be lost."""
        station = self.stations[where]
        with self.at(where):
            link = CentreTime(self.here.centre, set(), {answer}, moment=self.moment)
            self.contacts.append(done := talk.Exchanged())
            talk.sync_now(station.store, station.keys, link, station.code, done=done)

    def come_to_rest(self) -> None:
        """Everybody speaks until all is decided and heard."""
        until_quiet(self.contacts_of, range(len(self.stations)), rounds=3)

    def contacts_of(self, where: int) -> list[talk.Exchanged]:
        """An exchange in which nothing is lost."""
        before = len(self.contacts)
        self.sync(where)
        return self.contacts[before:]

    # what people do -----------------------------------------------------------------------------

    @rule(target=people, where=WHERE)
    def someone_is_registered(self, where: int) -> str:
        def both(session: Session) -> str:
            key = register(session, mobile="13800000000", id_no=next(self.numbers))
            session.add(walk(key, new_id()))
            return key

        with self.at(where):
            return self.stations[where].do(both)  # type: ignore[no-any-return]

    @rule(where=WHERE, key=people, value=VALUES)
    def the_station_edits(self, where: int, key: str, value: str) -> None:
        if self.has(where, key):
            with self.at(where):
                self.stations[where].do(edit, key, mobile=value)

    @rule(where=WHERE, key=people, other=people, value=VALUES)
    def the_station_edits_two_at_once(self, where: int, key: str, other: str, value: str) -> None:
        def both(session: Session) -> None:
            person.one_by_one(session)
            for one in (key, other):
                edit(session, one, mobile=value)
                session.add(walk(one, new_id()))

        if self.has(where, key) and self.has(where, other):
            with self.at(where):
                self.stations[where].do(both)

    @rule(where=WHERE, key=people)
    def the_station_visits(self, where: int, key: str) -> None:
        if self.has(where, key):
            with self.at(where):
                self.stations[where].do(go, key)

    @rule(key=people, value=VALUES)
    def the_centre_edits(self, key: str, value: str) -> None:
        if self.here.node.person(key) is not None:
            with self.at(None):
                self.here.node.do(edit, key, mobile=value)

    @rule(where=WHERE, key=people)
    def somebody_moves_away(self, where: int, key: str) -> None:
        to = f"{self.stations[self.opposite(where)].code}社区"
        if self.has(where, key):
            with self.at(where), suppress(Refusal):
                self.stations[where].do(movement.moved_out, key, ON, to, "子女同住")

    @rule(where=WHERE, key=people)
    def somebody_stays(self, where: int, key: str) -> None:
        if self.has(where, key):
            with self.at(where), suppress(Refusal):
                self.stations[where].do(movement.stayed, key, "不搬了")

    @rule(where=WHERE, taken=some.sampled_from([True, True, True, False]))
    def an_offer_is_answered(self, where: int, taken: bool) -> None:  # noqa: FBT001
        station = self.stations[where]
        for one in station.do(handover.handovers).rows[:1]:
            with self.at(where):
                if taken:
                    station.do(handover.take, one.id)
                else:
                    station.do(handover.decline, one.id, "查无此人")

    @rule(where=WHERE, key=people)
    def somebody_moves_at_once(self, where: int, key: str) -> None:
        """Offered, taken, and the old station does not know yet."""
        self.sync(where)
        self.somebody_moves_away(where, key)
        self.sync(where)
        there = self.opposite(where)
        self.sync(there)
        self.an_offer_is_answered(there, taken=True)
        self.sync(there)

    @rule(where=WHERE, adopted=some.booleans())
    def a_late_change_is_answered(self, where: int, adopted: bool) -> None:  # noqa: FBT001
        station = self.stations[where]
        for one in station.do(handover.handovers, handover.LATE).rows[:1]:
            with self.at(where):
                station.do(handover.adopt if adopted else handover.leave, one.id)

    def has(self, where: int, key: str) -> bool:
        """Is the person in this station's care, as far as it knows?"""
        station = self.stations[where]
        found = station.person(key)
        return found is not None and found.office_id == station.desk.office_id

    # what happens on the way --------------------------------------------------------------------

    @rule(target=files, where=WHERE)
    def a_stick_is_written(self, where: int) -> MultipleResults[bytes]:
        station = self.stations[where]
        with self.at(where), station.store.look() as session:
            parts = outbox.parts(session, station.keys, self.here.card, station.code)
        return multiple(*(part.data for part in parts))

    @rule(file=files)
    def a_stick_reaches_the_centre(self, file: bytes) -> None:
        with self.at(None):
            self.here.centre.accept(file)

    @rule(target=answers, where=WHERE)
    def an_answer_is_late(self, where: int) -> tuple[int, bytes]:
        station = self.stations[where]
        with self.at(where), station.store.look() as session:
            part = outbox.parts(session, station.keys, self.here.card, station.code)[0]
        with self.at(None):
            return where, self.here.centre.accept(part.data).data

    @rule(answer=answers)
    def an_answer_is_read(self, answer: tuple[int, bytes]) -> None:
        where, data = answer
        station = self.stations[where]
        with self.at(where), suppress(Fault), station.store.apply() as session:
            inbox.receive(session, station.keys, self.here.card, data)

    @rule(where=WHERE, answer=some.integers(-1, 2))
    def they_talk(self, where: int, answer: int) -> None:
        with suppress(Fault):
            self.sync(where, answer)

    @rule(target=copies, where=WHERE)
    def a_copy_is_made(self, where: int) -> tuple[int, bytes]:
        return where, copy_of(self.stations[where])

    @rule(copy=copies)
    def a_copy_is_put_back(self, copy: tuple[int, bytes]) -> None:
        with self.at(copy[0]):
            put_back(self.stations[copy[0]], copy[1])

    # the oracle ---------------------------------------------------------------------------------

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

    def agree(self) -> None:
        owners = carers(self.here.node)
        assert owners == dict(self.here.node.read(rows_of(Retiree.id, Retiree.office_id)))
        for station in self.stations:
            mine = {key for key, office in owners.items() if office == station.desk.office_id}
            self.holds_what_is_its_own(station, mine)
            self.holds_nothing_else(station, mine)
            self.knows_nobody_who_did_not_come(station)
            self.nothing_waits_of_others(station, mine)
            assert None not in station.outcomes()
        self.nothing_late_is_lost(owners)
        self.nobody_dead_is_offered()

    def nobody_dead_is_offered(self) -> None:
        dead = select(Retiree.id).where(Retiree.manage_state == DEAD)
        still = select(Handover.id).where(Handover.state == OFFERED, Handover.person_id.in_(dead))
        for node in (*self.stations, self.here.node):
            assert node.read(lambda s: list(s.scalars(still))) == []

    def holds_what_is_its_own(self, station: Node, mine: set[str]) -> None:
        office = station.desk.office_id
        stands = Handover.state.not_in(CLOSED)
        offers = (Handover.office_id == office) | ((Handover.to_office_id == office) & stands)
        held: list[Any] = [
            select(one).where(getattr(one, key_of(one)).in_(mine)) for one in GOES_ALONG
        ]
        for whose in (*held, select(Handover).where(offers)):
            same(self.at_the(station, whose), pictured(self.here.node, whose))

    def at_the(self, station: Node, whose: Any) -> dict[str, Any]:
        return pictured(station, whose)

    def holds_nothing_else(self, station: Node, mine: set[str]) -> None:
        for entity in GOES_ALONG:
            others: Any = select(entity).where(getattr(entity, key_of(entity)).not_in(mine))
            with station.store.look() as session:
                left: list[Any] = list(session.scalars(others))
            if entity is not Retiree:
                assert left == []
            for stub in left:
                assert (stub.mobile, stub.manage_state) == (None, MOVED_OUT)
        said = select(Change.entity, Change.entity_id).where(
            Change.payload.is_not(None), Change.entity == Retiree.__tablename__
        )
        assert {row.entity_id for row in station.read(lambda s: s.execute(said).all())} <= mine

    def knows_nobody_who_did_not_come(self, station: Node) -> None:
        nothing = Handover.state.in_(CLOSED) & (Handover.office_id != station.desk.office_id)
        kept = select(Handover.name, Handover.id_no).where(nothing)
        for name, number in station.read(lambda s: s.execute(kept).all()):
            assert (name, number) == (UNNAMED, None)

    def nothing_waits_of_others(self, station: Node, mine: set[str]) -> None:
        """In what an office is told, read or not, no value of somebody who has left it."""
        centre = self.here.node
        whose = {
            (one.__tablename__, record): person
            for one in GOES_ALONG
            for record, person in centre.read(rows_of(one.id, getattr(one, key_of(one))))
        }
        told = select(Downlink.body).where(Downlink.office_id == station.desk.office_id)
        for item in map(decode_item, centre.read(lambda s: list(s.scalars(told)))):
            if isinstance(item, State | Whole) and item.entity in PERSONAL:
                assert whose[item.entity, item.entity_id] in mine

    def nothing_late_is_lost(self, owners: dict[str, str]) -> None:
        """Every change of a person that was late stands before whoever has the person."""
        centre = self.here.node
        late = select(Change.change_id, Change.entity).where(Change.outcome == "late")
        told = centre.read(lambda s: {row.change_id for row in s.execute(late)
                                     if row.entity in PERSONAL | {"movement"}})  # fmt: skip
        trays = {
            one.change_id: one for one in centre.get(lambda s: list(s.scalars(select(LateEdit))))
        }
        assert told <= trays.keys()
        assert all(one.office_id == owners[one.retiree_id] for one in trays.values())
        answered = select(Change.change_id, Change.reason).where(Change.outcome == "late")
        for station in self.stations:
            for change, reason in station.read(lambda s: list(s.execute(answered))):
                if change in trays and trays[change].state != "1":
                    assert "采用" in reason


@contextmanager
def written_down(family: type[M], sizes: tuple[int, int] = (800, 200)) -> Iterator[M]:
    """One history step by step, clocks being right; whatever happens in it everybody agrees at its
    end."""
    story = family()
    story.clocks_are_wrong(skews=[timedelta()] * 3)
    story.files_and_answers_are_large_or_small(sizes=sizes)
    try:
        yield story
    finally:
        story.teardown()


def walk(key: str, visit_id: str) -> Visit:
    return Visit(
        id=visit_id, retiree_id=key, visited_on=ON, visit_type="01", way="1", visitors="刘桂兰"
    )


def go(session: Session, key: str) -> None:
    session.add(walk(key, new_id()))


def rows_of(*columns: Any) -> Any:
    return lambda session: [tuple(row) for row in session.execute(select(*columns))]


def carers(centre: Node) -> dict[str, str]:
    """Who has whom, by counting: registered here is one, each one that came is one more, each that
    went one less."""
    count: Counter[tuple[str, str]] = Counter()
    entries = select(Change.office_id, Change.head, Change.outcome).where(
        Change.entity == Retiree.__tablename__, Change.outcome != "late"
    )
    seen = set()
    for row in centre.read(lambda s: list(s.execute(entries))):
        head = read_head(row.head)
        if head.op == "insert" and head.change_id not in seen:
            seen.add(head.change_id)
            count[head.entity_id, row.office_id] += 1
    taken = select(Handover).where(Handover.state == TAKEN)
    for one in centre.get(lambda s: list(s.scalars(taken))):
        count[one.person_id, one.to_office_id] += 1
        count[one.person_id, one.office_id] -= 1
    has = {at: number for at, number in count.items() if number}
    assert set(has.values()) <= {1}, "in two scopes or none"
    assert len({key for key, _ in has}) == len(has)
    return dict(has.keys())


def pictured(node: Node, chosen: Any) -> dict[str, Any]:
    """Every field of every record with the change behind it."""

    def look(rows: Connection) -> dict[str, Any]:
        found = {}
        for one in rows.execute(chosen).mappings():
            stamps = one["stamps"]
            found[one["id"]] = [
                (name, repr(value), stamps.get(name) or stamps["*"])
                for name, value in one.items()
                if name not in ("stamps", "updated_at", "updated_by", "row_version")
            ]
        return found

    return node.read(look)  # type: ignore[no-any-return]


class Assigning(Moving):
    """Where the centre hands over in a station's place, and people die."""

    @rule(key=Moving.people, to=WHERE)
    def the_centre_assigns(self, key: str, to: int) -> None:
        if self.here.node.person(key) is not None:
            there = self.stations[to].desk.office_id
            with self.at(None), suppress(Refusal):
                self.here.node.do(handover.assign, [key], there, ON, "辖区调整")

    @rule()
    def the_centre_takes_back(self) -> None:
        for one in self.here.node.do(handover.overseen).rows[:1]:
            with self.at(None), suppress(Refusal):
                self.here.node.do(handover.take_back, one.id, "弄错了")

    def goes_over(self, key: Any, to: int = 0) -> None:
        """To another office, and their own does not know yet."""
        self.the_centre_assigns(key, to)
        self.sync(to)
        self.an_offer_is_answered(to, taken=True)
        self.sync(to)

    @rule(where=WHERE, key=Moving.people)
    def somebody_dies(self, where: int, key: str) -> None:
        if self.has(where, key):
            with self.at(where):
                self.stations[where].do(edit, key, manage_state=DEAD)


class TwoDesks(Assigning):
    """One of the offices has two computers, both at work."""

    def let_in(self, here: World) -> None:
        super().let_in(here)
        here.new_pc(here.stations[0])


Moving.TestCase.settings = settings(max_examples=5, stateful_step_count=20)
Assigning.TestCase.settings = TwoDesks.TestCase.settings = Moving.TestCase.settings
TestMoving = pytest.mark.timeout(300)(Moving.TestCase)
TestAssigning = pytest.mark.timeout(300)(Assigning.TestCase)
TestTwoDesks = pytest.mark.timeout(300)(TwoDesks.TestCase)


def test_a_due_date_refused_of_somebody_dead_does_not_stay_at_a_station_put_back() -> None:
    """It had forgotten that it said so, and took back that they move away."""
    with written_down(Assigning) as story:
        key: Any = story.someone_is_registered(where=0)
        story.sync(0)
        copy = story.a_copy_is_made(where=0)
        story.somebody_dies(key=key, where=0)
        story.sync(0)
        story.a_copy_is_put_back(copy=copy)
        story.somebody_moves_away(key=key, where=0)
        story.somebody_stays(key=key, where=0)
