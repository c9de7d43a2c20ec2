"""The random histories once more, with files that somebody copied to a second computer, which works
on, or swapped for older ones, without the program noticing.

Each such computer goes on under its own name as soon as it hears that two wrote one stream. In the
end everybody shows the same, every change has its one verdict, and what was on a stick or in a file
that is still there is at the centre.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import invariant, rule
from sqlalchemy import Connection, select

from app.exchange import start_anew
from models.exchange import Change, Queued, RawBatch, Stream
from sync import files, pack, salvage
from tests.sync.parts import Node, copy_of, second_pc, swap
from tests.sync.test_histories import OFF, RIGHT, VALUES, WHERE, Histories

SAID = select(Change.change_id)
FORKED = select(Stream.incarnation).where(Stream.forked_at.is_not(None))
PARKED = ([0, 2, 1, 3], [0, 1])
UNHEARD = select(Queued.incarnation)
ORDER = some.lists(some.integers(0, 3), unique=True, min_size=1)


class Copied(Histories):
    """Two stations, of which each may come to two computers of one name, and a centre."""

    may_fork = True

    def __init__(self) -> None:
        super().__init__()
        self.spare: dict[int, Node] = {}
        self.sticks = 0

    def begin_anew(self, where: int) -> None:
        with self.at(where):
            self.stations[where].do(start_anew)

    def written(self, where: int) -> list[tuple[int, bytes]]:
        made = super().written(where)
        for _, data in made:
            self.sticks += 1
            files.put(self.stick(where), f"{self.sticks}.sangyu", data)
        return made

    def stick(self, where: int) -> Path:
        folder = self.folder / f"stick{where}"
        folder.mkdir(exist_ok=True)
        return folder

    @rule(where=WHERE)
    def the_file_is_copied_to_a_second_pc(self, where: int) -> None:
        if where not in self.spare:
            self.spare[where] = second_pc(self.stations[where])

    @rule(where=WHERE)
    def somebody_sits_down_at_the_other_pc(self, where: int) -> None:
        if where in self.spare:
            self.stations[where], self.spare[where] = self.spare[where], self.stations[where]

    @rule(where=WHERE, value=VALUES, order=ORDER, then_other=some.booleans())
    def both_pcs_write_and_send(
        self,
        where: int,
        value: str,
        order: list[int],
        then_other: bool,  # noqa: FBT001
    ) -> None:
        """Of the last parts of both some come, in any order, and then all of one; where both said
        something else under one number, it is known as soon as it is heard."""
        self.the_file_is_copied_to_a_second_pc(where)
        brought = []
        for _ in range(2):
            self.someone_is_registered(where, value)
            self.someone_is_registered(where, value)
            brought += self.written(where)[-2:]
            self.somebody_sits_down_at_the_other_pc(where)
        come = [brought[at] for at in order if at < len(brought)]
        said: dict[tuple[str, int], set[str]] = defaultdict(set)
        for file in come:
            self.a_stick_reaches_the_centre(file)
            header = pack.read(file[1]).header
            said[header.incarnation, header.last].add(header.after)
        torn = {stream for (stream, _), ends in said.items() if len(ends) > 1}
        known = self.here.node.read(lambda s: {*s.scalars(FORKED), *s.scalars(UNHEARD)})
        assert torn <= known
        if then_other:
            self.somebody_sits_down_at_the_other_pc(where)
        for file in self.written(where):
            self.a_stick_reaches_the_centre(file)
        self.somebody_signed_where_each_stream_ends()

    @rule(copy=Histories.copies)
    def the_file_is_swapped_for_an_older_one_unnoticed(self, copy: tuple[int, bytes]) -> None:
        swap(self.stations[copy[0]], copy[1])

    @rule(where=WHERE, value=some.sampled_from(["4", "5"]))
    def it_is_swapped_after_a_stick_was_written(self, where: int, value: str) -> None:
        before = copy_of(self.stations[where])
        self.someone_is_registered(where, value)
        late = self.written(where)
        swap(self.stations[where], before)
        self.someone_is_registered(where, value)
        self.sync(where)
        for file in late[-1:]:
            self.a_stick_reaches_the_centre(file)

    @invariant()
    def somebody_signed_where_each_stream_ends(self) -> None:
        assert self.here.node.known("signed", is_signed)

    def teardown(self) -> None:
        self.stations += self.spare.values()
        if hasattr(self, "skews"):
            self.skews += [RIGHT] * len(self.spare)
        super().teardown()

    def come_to_rest(self) -> None:
        super().come_to_rest()
        offered = [self.offers_what_is_on_its_stick(where) for where in (0, 1)]
        if any(offered):
            super().come_to_rest()

    def offers_what_is_on_its_stick(self, where: int) -> bool:
        """Does it hold anything the centre does not have?"""
        station = self.stations[where]
        came = salvage.of_folder(station.store, station.keys, self.stick(where))
        with self.at(where), station.store.apply() as session:
            lacking = salvage.compare(session, *came)
            salvage.offer(session, lacking)
        return bool(lacking.entries)

    def knows(self, ours: dict[str, str | None], theirs: dict[str, str | None]) -> None:
        """An entry of its twin's in the place of an own one it shows and does not keep."""
        assert ours.items() <= theirs.items()

    def agree(self) -> None:
        super().agree()
        there = self.here.node.read(lambda s: set(s.scalars(SAID)))
        for station in self.stations:
            assert station.read(lambda s: set(s.scalars(SAID))) <= there


@pytest.mark.parametrize("order", PARKED)
def test_what_waits_of_two_pcs_is_never_taken_for_one(order: list[int]) -> None:
    two_pcs_send(order)


@contextmanager
def written_down(sizes: tuple[int, int]) -> Iterator[Copied]:
    """A history step by step, clocks being right; everybody agrees at its end."""
    story = Copied()
    try:
        story.clocks_are_wrong(skews=[RIGHT] * 3)
        story.files_and_answers_are_large_or_small(sizes=sizes)
        yield story
    finally:
        story.teardown()


def two_pcs_send(order: list[int]) -> None:
    """All entries in files of their own, of which the last come first."""
    with written_down((1, 2)) as story:
        story.both_pcs_write_and_send(where=0, value="4", order=order, then_other=True)


def is_signed(rows: Connection) -> bool:
    begun = rows.scalars(select(Stream.head).where(Stream.contiguous > 0)).all()
    signed = "".join(rows.scalars(select(RawBatch.header)))
    return all(head.hex() in signed for head in begun)


def test_of_what_is_offered_behind_a_later_word_the_office_sees_what_stands() -> None:
    """Three words on one field, of which the centre knows the last by another computer's file and
    meets it first."""
    with written_down((800, 200)) as story:
        person = story.someone_is_registered(value="5", where=1)
        story.the_last_part_reaches_the_centre_first(where=0)
        beside = story.someone_is_registered(value="5", where=1)
        story.somebody_is_voided_or_taken_back(at_centre=1, person=person)
        before = story.a_copy_of_the_centre_is_made()
        story.somebody_is_voided_or_taken_back(at_centre=2, person=person)
        story.it_is_swapped_after_a_stick_was_written(value="5", where=1)
        story.what_was_on_screen_never_wins(person=beside, name="door_note", value="5")
        story.somebody_is_voided_and_edited_at_once(person=person, value="5")
        story.the_centre_is_put_back_and_hears(copy=before, where=0)
        story.the_file_is_copied_to_a_second_pc(where=1)


def test_a_verdict_on_what_a_twin_wrote_in_the_same_place_is_none_on_ours() -> None:
    """The centre was put back to where it knew the twin's word only, and ours would count as
    applied."""
    with written_down((1, 200)) as story:
        story.the_file_is_copied_to_a_second_pc(where=1)
        empty = story.a_copy_of_the_centre_is_made()
        story.an_employer_is_proposed(where=1)
        story.a_station_goes_online(answer=1, file=2, where=1)
        with_twin = story.a_copy_of_the_centre_is_made()
        story.somebody_sits_down_at_the_other_pc(where=1)
        story.the_centre_is_put_back_and_hears(copy=empty, where=0)
        story.it_is_swapped_after_a_stick_was_written(value="4", where=1)
        story.it_is_swapped_after_a_stick_was_written(value="5", where=1)
        story.the_centre_is_put_back_and_hears(copy=with_twin, where=0)


def test_an_edit_stays_on_screen_where_the_clock_was_put_right_before_it() -> None:
    """What it had gone on from, by way of a word the centre has forgotten, seems to be of decades
    later."""
    with written_down((1, 2)) as story:
        story.a_clock_goes_wrong_or_is_put_right(skew=OFF[1], where=1)
        person = story.someone_is_registered(value="7", where=1)
        before = story.a_copy_of_the_centre_is_made()
        story.a_clock_goes_wrong_or_is_put_right(skew=RIGHT, where=1)
        story.a_station_goes_online(answer=2, file=2, where=1)
        story.the_centre_edits(name="mobile", person=person, value="4")
        story.half_an_action_reaches_the_centre(where=1)
        story.the_centre_is_put_back(copy=before)
        story.a_stream_is_begun_again_unheard(name="mobile", person=person, values=("5", "4"))


def test_an_action_of_which_half_the_verdict_was_read_is_offered_again_whole() -> None:
    """And once more, of a centre that was put back twice."""
    with written_down((800, 5)) as story:
        empty = story.a_copy_of_the_centre_is_made()
        story.a_station_goes_online(answer=1, file=None, where=1)
        person = story.someone_is_registered(value="4", where=1)
        story.a_stream_is_begun_again_unheard(name="manage_state", person=person, values=("7", "5"))
        story.somebody_is_voided_and_edited_at_once(person=person, value="7")
        story.a_station_goes_online(answer=1, file=None, where=1)
        story.the_centre_is_put_back(copy=empty)
        story.a_stream_is_begun_again_unheard(name="mobile", person=person, values=("4", "5"))
        story.a_station_goes_online(answer=3, file=None, where=1)
        again = story.a_copy_of_the_centre_is_made()
        story.the_centre_is_put_back(copy=again)


def test_what_was_put_aside_is_shown_again_where_the_centre_has_forgotten_that() -> None:
    """It was typed over a word that the centre has kept, and two wrote one stream meanwhile."""
    with written_down((1, 200)) as story:
        story.a_clock_goes_wrong_or_is_put_right(skew=OFF[2], where=0)
        story.half_an_action_reaches_the_centre(where=0)
        person = story.someone_is_registered(value="7", where=0)
        story.a_stream_is_begun_again_unheard(name="door_note", person=person, values=("5", "4"))
        story.the_station_says_two_things_at_once(person=person, values=("5", "6"))
        before = story.a_copy_of_the_centre_is_made()
        story.what_was_on_screen_never_wins(name="manage_state", person=person, value="4")
        story.the_centre_is_put_back_and_hears(copy=before, where=1)
        story.both_pcs_write_and_send(order=[3, 0, 1, 2], then_other=True, value="7", where=0)


Copied.TestCase.settings = settings(max_examples=4, stateful_step_count=15)
TestCopied = pytest.mark.timeout(300)(Copied.TestCase)
