"""Random histories of people who move, at a centre whose database is put back with nothing beside
it that remembers: a move that both sides have forgotten is undone, but whoever has somebody brings
them back, and all agree on who has whom."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import Bundle, rule
from sqlalchemy import not_, select
from sqlalchemy.orm import Session

from app import notice, parameter
from app.handover import handovers
from models.code_table import CodeTable
from models.entities import GOES_ALONG, key_of
from models.exchange import CASE, Change, Conflict
from models.handover import OFFERED, Handover
from models.kit import clock
from models.kit.ids import new_id
from models.notice import Notice
from models.office import Office
from models.parameter import Parameter
from models.retiree import Retiree
from models.revocation import Revocation
from models.suspicion import Suspicion
from models.visit import Visit
from sync.station import anew
from tests.sync.parts import Node, copy_of, put_back, swap
from tests.sync.rest import until_quiet
from tests.sync.test_moving import TwoDesks, pictured, rows_of, written_down
from tests.sync.views import agree_now, force, held, same

TOLD = (Office, Notice, Parameter, CodeTable, Revocation)


def a_code_table(session: Session) -> None:
    """In force nowhere, as the tests share one process."""
    session.add(CodeTable(key="SEX", rows="code,name,parent,active,synonyms,source\n"))


def an_office(session: Session) -> None:
    """In place of the one before it."""
    before = session.scalars(select(Office).order_by(Office.id.desc())).first()
    made = Office(id=new_id(), code="460203198009", name="丹州社区", level="4")
    session.add(made)
    session.flush()
    assert before
    before.successor_id = made.id


def a_revocation(session: Session) -> None:
    """Of a computer that is not there any more."""
    last = session.scalars(select(Office.id).order_by(Office.id.desc())).first()
    assert last
    made = Revocation(replica_id=new_id(), station_id=last, reason="坏了", revoked_at=clock.now())
    session.add(made)


PUBLISHED: dict[str, Callable[[Session], Any]] = {
    "notice": partial(notice.publish, title="下周一开会"),
    "parameter": partial(parameter.publish, key="cycle_months", value=6, doc_no="会议纪要"),
    "codes": a_code_table,
    "office": an_office,
    "revocation": a_revocation,
}


class Forgotten(TwoDesks):
    """The stations alone know that the centre was put back."""

    centre_copies: Bundle[Any] = Bundle("centre_copies")

    @rule(target=centre_copies)
    def a_copy_of_the_centre_is_made(self) -> bytes:
        return copy_of(self.here.node)

    @rule(copy=centre_copies)
    def the_centre_forgets(self, copy: bytes) -> None:
        with self.at(None):
            swap(self.here.node, copy)
            self.here.centre.store = self.here.node.store

    @rule(what=some.sampled_from(["notice", "parameter", "codes", "office", "revocation"]))
    def the_centre_publishes(self, what: str) -> None:
        with self.at(None):
            self.here.node.do(PUBLISHED[what])

    def is_the_same(self, where: int) -> bool:
        """Did the comparison find nothing to mend?"""
        with self.at(where):
            found = agree_now(self.here, self.stations[where])
        return found is not None and found.compared and not found.differing

    def heal(self) -> None:
        """What waits for what nobody has is decided without it, and all compare; so is what they
        offer again for that."""
        everybody = range(len(self.stations))
        until_quiet(self.contacts_of, everybody, rounds=1)
        self.wait_no_longer()
        for _ in range(2):
            alike = [self.is_the_same(where) for where in everybody]
            if not all(alike):
                until_quiet(self.contacts_of, everybody, rounds=1)
        self.wait_no_longer()

    def wait_no_longer(self) -> None:
        if held(self.here.node):
            with self.at(None):
                force(self.here.node)
            until_quiet(self.contacts_of, range(len(self.stations)), rounds=1)

    def agree(self) -> None:
        """Whoever the centre has in an office's care is there whole, and nowhere else."""
        self.heal()
        owners = dict(self.here.node.get(rows_of(Retiree.id, Retiree.office_id)))
        for station in self.stations:
            office = station.desk.office_id
            mine = {key for key, whose in owners.items() if whose == office}
            self.holds_what_is_its_own(station, mine)
            self.holds_nothing_else(station, mine)
            self.nothing_waits_of_others(station, mine)
            theirs = set(dict(station.get(rows_of(Retiree.id, Retiree.office_id))).items())
            assert {key for key, whose in theirs if whose == office} == mine
            assert None not in station.outcomes()

    def holds_what_is_its_own(self, station: Node, mine: set[str]) -> None:
        """Who had offered whom is forgotten, but for whoever may still come; what a station made in
        an action that is in dispute is out of sight there, and nowhere else."""
        comes = Handover.to_office_id == station.desk.office_id, Handover.state == OFFERED
        disputed = select(Change.entity_id).where(Change.outcome == CASE)
        held: list[Any] = [
            select(one).where(
                getattr(one, key_of(one)).in_(mine), not_(one.is_void & one.id.in_(disputed))
            )
            for one in GOES_ALONG
        ]
        for whose in (*held, *map(select, TOLD), select(Handover).where(*comes)):
            same(pictured(station, whose), pictured(self.here.node, whose))


Forgotten.TestCase.settings = settings(max_examples=5, stateful_step_count=20)
TestForgotten = pytest.mark.timeout(300)(Forgotten.TestCase)


@pytest.mark.parametrize("sizes", [(800, 200), (1, 2)])
def test_who_took_somebody_over_that_the_centre_forgot_has_them_again(
    sizes: tuple[int, int],
) -> None:
    """The new station speaks first, and has noted something of them since."""
    with written_down(Forgotten, sizes) as story:
        copy = story.a_copy_of_the_centre_is_made()
        key = story.someone_is_registered(where=2)
        story.somebody_moves_at_once(key=key, where=2)
        story.the_station_visits(key=key, where=1)
        story.the_centre_forgets(copy=copy)


def test_taking_over_and_what_was_noted_since_come_in_one_file() -> None:
    """The old station speaks first: the person changes hands before the rest of the file."""
    with written_down(Forgotten) as story:
        copy = story.a_copy_of_the_centre_is_made()
        key = story.someone_is_registered(where=2)
        story.somebody_moves_at_once(key=key, where=2)
        story.the_station_visits(key=key, where=1)
        story.the_station_edits(key=key, value="13800000003", where=1)
        story.the_centre_forgets(copy=copy)
        story.sync(2)
        story.sync(2)


@pytest.mark.parametrize("edited", [False, True])
def test_whom_the_station_before_has_let_go_of_the_new_one_brings_back(edited: bool) -> None:  # noqa: FBT001
    """Nobody but the new station has any of it, and it has made none of it."""
    with written_down(Forgotten) as story:
        copy = story.a_copy_of_the_centre_is_made()
        key: Any = story.someone_is_registered(where=2)
        story.somebody_moves_at_once(key=key, where=2)
        story.everybody_talks()
        if edited:
            story.the_station_edits(key=key, value="13800000003", where=1)
            story.the_station_visits(key=key, where=1)
        story.the_centre_forgets(copy=copy)
        story.heal()
        person, there = story.here.node.person(key), story.stations[1].person(key)
        assert person
        assert there
        assert (person.office_id, person.mobile) == (story.stations[1].desk.office_id, there.mobile)
        assert there.mobile == ("13800000003" if edited else "13800000000")


def test_a_move_that_only_the_new_station_remembers_is_undone_there() -> None:
    """The centre had given them to it, and the old station never heard of that."""
    with written_down(Forgotten) as story:
        copy = story.a_copy_of_the_centre_is_made()
        key: Any = story.someone_is_registered(where=2)
        story.sync(2)
        story.the_centre_assigns(key=key, to=1)
        story.sync(1)
        story.an_offer_is_answered(1, taken=True)
        story.sync(1)
        story.the_centre_forgets(copy=copy)
        story.heal()
        sides = (story.here.node, *story.stations)
        found = {
            person for one in sides for person in one.get(rows_of(Retiree.id, Retiree.office_id))
        }
        assert found == {(key, story.stations[2].desk.office_id)}


@pytest.mark.parametrize(("there", "back"), [(1, 2), (0, 1)])
def test_of_two_stations_that_make_somebody_anew_one_keeps_them(there: int, back: int) -> None:
    """They had gone there and back, and the station between had not been told. Where that has two
    computers, both offer the answer it gave, and each hears what became of it."""
    with written_down(Forgotten) as story:
        key = story.someone_is_registered(where=there)
        copy = story.a_copy_of_the_centre_is_made()
        story.somebody_moves_at_once(key=key, where=there)
        story.somebody_moves_at_once(key=key, where=back)
        story.the_centre_forgets(copy=copy)


def test_what_is_made_anew_is_no_later_word_than_it_was() -> None:
    """One computer of the new station makes them anew; the other had written over what it says."""
    with written_down(Forgotten) as story:
        copy = story.a_copy_of_the_centre_is_made()
        key: Any = story.someone_is_registered(where=1)
        story.somebody_moves_at_once(key=key, where=1)
        story.everybody_talks()
        story.the_station_edits(key=key, value="13800000002", where=2)
        story.the_centre_forgets(copy=copy)
        story.sync(1)
        story.sync(0)
        with story.at(None):
            force(story.here.node)
        for _ in range(2):
            story.sync(0)
            with story.at(0):
                agree_now(story.here, story.stations[0])
        story.everybody_talks()
        story.everybody_talks()
        sides = (story.here.node, story.stations[0], story.stations[2])
        numbers = [person.mobile for one in sides if (person := one.person(key))]
        assert numbers == ["13800000002"] * 3
        assert not held(story.here.node)
        assert story.here.node.get(rows_of(Conflict.id)) == []


def test_a_doubt_that_the_centre_forgot_and_opens_once_more_is_one() -> None:
    """The station that has it makes it anew, and meanwhile the other comes back with the number."""
    with written_down(Forgotten) as story:
        story.someone_is_registered(where=1)
        story.sync(1)
        copy = story.a_copy_of_the_centre_is_made()
        story.someone_is_registered(where=0)
        story.sync(0)
        story.sync(1)
        story.the_centre_forgets(copy=copy)
        story.sync(1)
        assert not story.is_the_same(1)
        story.sync(0)
        story.sync(1)
        assert not held(story.here.node)
        sides = (story.here.node, story.stations[1])
        whose = Suspicion.retiree_id == story.stations[1].get(rows_of(Retiree.id))[0][0]
        here, there = (pictured(one, select(Suspicion).where(whose)) for one in sides)
        assert len(there) == 1
        same(here, there)


def test_whom_the_centre_forgot_to_have_assigned_their_station_may_hand_over_itself() -> None:
    """It had heard of it, and could not have taken it back."""
    with written_down(Forgotten) as story:
        key: Any = story.someone_is_registered(where=1)
        story.sync(1)
        copy = story.a_copy_of_the_centre_is_made()
        story.the_centre_assigns(key=key, to=0)
        story.sync(1)
        story.the_centre_forgets(copy=copy)
        story.heal()
        story.somebody_moves_away(where=1, key=key)
        assert story.stations[1].get(rows_of(Handover.assigned_by)) == [(None,)]


def test_an_offer_that_the_centre_forgot_leaves_whoever_it_was_made_to() -> None:
    """The station it was assigned from had never heard of it, so nobody else can take it back."""
    with written_down(Forgotten) as story:
        key: Any = story.someone_is_registered(where=1)
        story.sync(1)
        copy = story.a_copy_of_the_centre_is_made()
        story.the_centre_assigns(key=key, to=0)
        story.sync(0)
        assert len(story.stations[0].do(handovers).rows) == 1
        story.the_centre_forgets(copy=copy)
        story.heal()
        assert not story.stations[0].do(handovers).rows


def test_an_offer_of_a_station_that_the_centre_forgot_is_made_once_more() -> None:
    """The station it was made to speaks first."""
    with written_down(Forgotten) as story:
        key: Any = story.someone_is_registered(where=1)
        story.sync(1)
        copy = story.a_copy_of_the_centre_is_made()
        story.somebody_moves_away(where=1, key=key)
        story.sync(1)
        story.sync(0)
        story.the_centre_forgets(copy=copy)
        story.sync(0)
        story.is_the_same(0)
        story.heal()
        assert len(story.stations[0].do(handovers).rows) == 1


@pytest.mark.parametrize("what", PUBLISHED)
def test_what_the_centre_told_all_and_forgot_stands_nowhere(what: str) -> None:
    """Whatever refers to it, it is to be said once more by its people."""
    with written_down(Forgotten) as story:
        copy = story.a_copy_of_the_centre_is_made()
        story.the_centre_publishes(what="office")
        story.the_centre_publishes(what=what)
        story.everybody_talks()
        story.the_centre_forgets(copy=copy)
        story.heal()
        offices = [len(one.get(rows_of(Office.id))) for one in (story.here.node, *story.stations)]
        assert offices == [2] * 4


def test_what_a_record_still_refers_to_does_not_go_before_it() -> None:
    """It may hear of the one later than of the other."""
    with written_down(Forgotten) as story:
        story.the_centre_publishes(what="office")
        story.everybody_talks()
        station = story.stations[0]
        [made] = filter(None, station.get(lambda s: list(s.scalars(select(Office.successor_id)))))
        with station.store.apply() as session:
            anew.let_go(session, [made])
        assert station.get(rows_of(Office.id)) == story.here.node.get(rows_of(Office.id))


@pytest.mark.parametrize("order", [(0, 2), (2, 0)])
def test_a_desk_that_let_go_of_somebody_does_not_speak_for_the_one_that_has_them(
    order: tuple[int, int],
) -> None:
    """It had offered them again and emptied that when they left; the other has not heard they did.
    The centre, which forgot all of it, hears of the emptied word first."""
    with written_down(Forgotten, (1, 2)) as story:
        copy = story.a_copy_of_the_centre_is_made()
        key: Any = story.someone_is_registered(where=2)
        for where in (2, 0):
            story.sync(where)
        story.the_centre_forgets(copy=copy)
        for _ in range(3):
            story.sync(0)
        story.somebody_moves_at_once(key=key, where=0)
        story.sync(0)
        story.the_centre_forgets(copy=copy)
        for where in order:
            story.sync(where)
            story.sync(where)
        story.heal()
        assert story.here.node.person(key)


def test_what_is_offered_again_of_somebody_who_left_is_not_on_screen() -> None:
    """The centre has it already from the other computer, so there is no more to be said of it."""
    with written_down(Forgotten) as story:
        key: Any = story.someone_is_registered(where=2)
        story.sync(2)
        copy = story.a_copy_of_the_centre_is_made()
        story.the_station_visits(key=key, where=2)
        for where in (2, 0):
            story.sync(where)
        put_back(story.stations[2], copy_of(story.stations[2]))
        story.somebody_moves_at_once(key=key, where=0)
        story.the_centre_forgets(copy=copy)
        for where in (0, 1, 0, 1, 2, 2):
            story.sync(where)
        assert story.stations[2].get(rows_of(Visit.id)) == []


def test_an_offer_whose_answer_came_to_nothing_is_told_again_without_it() -> None:
    """Nobody waited for the offer any longer, and then it came after all."""
    with written_down(Forgotten) as story:
        key: Any = story.someone_is_registered(where=2)
        story.sync(2)
        copy = story.a_copy_of_the_centre_is_made()
        story.somebody_moves_at_once(key=key, where=2)
        story.the_centre_forgets(copy=copy)
        story.sync(1)
        with story.at(None):
            force(story.here.node)
        story.sync(1)
        story.sync(2)
        story.sync(1)
        offers = select(Handover).where(Handover.person_id == key)
        same(*(pictured(one, offers) for one in (story.stations[1], story.here.node)))


@pytest.mark.parametrize("adopted", [True, False])
def test_what_is_late_since_the_centre_forgot_that_it_was_not_waits_for_an_answer(
    adopted: bool,  # noqa: FBT001
) -> None:
    """It came with the person once, and stands at the new station."""
    with written_down(Forgotten) as story:
        key: Any = story.someone_is_registered(where=2)
        story.sync(2)
        copy = story.a_copy_of_the_centre_is_made()
        story.the_station_visits(key=key, where=2)
        story.sync(2)
        for _ in range(2):
            story.the_centre_assigns(key=key, to=1)
            story.sync(1)
            story.an_offer_is_answered(1, taken=True)
            story.sync(1)
            if copy:
                assert len(story.stations[1].get(rows_of(Visit.id))) == 2
                story.the_centre_forgets(copy=copy)
                copy = b""
        story.sync(2)
        story.sync(1)
        assert len(story.stations[1].get(rows_of(Visit.id))) == 1
        story.a_late_change_is_answered(1, adopted)
        story.sync(1)
        for node in (story.stations[1], story.here.node):
            assert len(node.get(rows_of(Visit.id))) == 1 + adopted
