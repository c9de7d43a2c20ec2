"""Random histories of people who move, at a centre whose database is put back with nothing beside
it that remembers: what two sides have both forgotten is gone, but all agree on who has whom."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import Bundle, rule
from sqlalchemy import select

from models.handover import GOES_ALONG, key_of
from models.retiree import Retiree
from tests.sync.parts import copy_of, swap
from tests.sync.test_moving import TwoDesks, pictured, rows_of
from tests.sync.views import force, held, same


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

    def agree(self) -> None:
        """Whoever the centre has in an office's care is there whole, and nowhere else."""
        if held(self.here.node):
            with self.at(None):
                force(self.here.node)
            for _ in range(3):
                self.everybody_talks()
        owners = dict(self.here.node.get(rows_of(Retiree.id, Retiree.office_id)))
        for station in self.stations:
            office = station.desk.office_id
            mine = {key for key, whose in owners.items() if whose == office}
            for one in GOES_ALONG:
                whose: Any = select(one).where(getattr(one, key_of(one)).in_(mine))
                same(pictured(station, whose), pictured(self.here.node, whose))
            theirs = set(dict(station.get(rows_of(Retiree.id, Retiree.office_id))).items())
            assert {key for key, whose in theirs if whose == office} == mine
            assert None not in station.outcomes()


class LongForgotten(Forgotten):
    """The same, for longer."""


Forgotten.TestCase.settings = settings(max_examples=5, stateful_step_count=20)
LongForgotten.TestCase.settings = settings(max_examples=25, stateful_step_count=40)
TestForgotten = pytest.mark.timeout(300)(Forgotten.TestCase)
TestLongForgotten = pytest.mark.slow(pytest.mark.timeout(1800)(LongForgotten.TestCase))


@pytest.mark.parametrize("sizes", [(800, 200), (1, 2)])
def test_who_took_somebody_over_that_the_centre_forgot_has_them_again(
    sizes: tuple[int, int],
) -> None:
    """The new station speaks first, and has noted something of them since."""
    story = Forgotten()
    story.clocks_are_wrong(skews=[timedelta()] * 3)
    story.files_and_answers_are_large_or_small(sizes=sizes)
    copy = story.a_copy_of_the_centre_is_made()
    key = story.someone_is_registered(where=2)
    story.somebody_moves_at_once(key=key, where=2)
    story.the_station_visits(key=key, where=1)
    story.the_centre_forgets(copy=copy)
    story.teardown()


def test_taking_over_and_what_was_noted_since_come_in_one_file() -> None:
    """The old station speaks first: the person changes hands before the rest of the file."""
    story = Forgotten()
    story.clocks_are_wrong(skews=[timedelta()] * 3)
    story.files_and_answers_are_large_or_small(sizes=(800, 200))
    copy = story.a_copy_of_the_centre_is_made()
    key = story.someone_is_registered(where=2)
    story.somebody_moves_at_once(key=key, where=2)
    story.the_station_visits(key=key, where=1)
    story.the_station_edits(key=key, value="13800000003", where=1)
    story.the_centre_forgets(copy=copy)
    story.sync(2)
    story.sync(2)
    story.teardown()
