"""Random histories of people whose photos are on their way when they are erased: contents come
alone, late and doubled, stations and the centre are put back, and at the end nobody who was erased
has left a photo in any storage, while everybody else's are where they belong."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import rule

from app.kit.pictures import Picture
from models import emptying
from sync.fault import Fault
from tests.sync.test_contents import Photos
from tests.sync.test_erasing import Erasing, secret
from tests.sync.test_moving import WHERE, written_down


class ErasedPhotos(Photos, Erasing):
    """Each photo shows a word that is its person's alone."""

    people, files, answers, copies = Erasing.people, Erasing.files, Erasing.answers, Erasing.copies
    centre_copies, told = Photos.centre_copies, Photos.told

    def __init__(self) -> None:
        super().__init__()
        self.forgotten: set[str] = set()

    def photo(self, key: str) -> Picture:
        made, word = super().photo(key), secret(key).encode()
        return replace(made, data=word + made.data[len(word) :])

    @rule(key=people, answer=some.integers(0, 3), at_once=some.booleans())
    def somebody_is_erased_whose_photos_are_on_their_way(
        self, key: str, answer: int, *, at_once: bool
    ) -> None:
        """Their station has delivered part of them, and hangs one more before it hears."""
        for where in range(len(self.stations)):
            if self.has(where, key):
                self.photos_are_hung(where, key, 2)
                self.they_talk(where, answer)
                self.somebody_is_erased(key, at_once)
                self.photos_are_hung(where, key, 1)

    @rule(copy=centre_copies)
    def the_centre_forgets(self, copy: bytes) -> None:
        """Who was erased, too: it hears it only from a station that had been told."""
        super().the_centre_forgets(copy)
        self.backup = None  # nothing is left beside it that goes on from there
        self.forgotten |= self.erased - set(self.here.node.get(emptying.people))

    @rule(target=told, where=WHERE, file=files)
    def of_contents_the_answer_is_late(self, where: int, file: bytes) -> Any:
        self.late.append(file)
        return super().of_contents_the_answer_is_late(where, file)

    @rule()
    def the_centre_is_put_back(self) -> None:
        with self.losing():
            super().the_centre_is_put_back()

    def agree(self) -> None:
        Photos.agree(self)
        with self.at(None):
            self.here.centre.keep()
        there = set(self.here.node.get(emptying.people))
        for station in self.stations:
            assert set(station.get(emptying.people)) <= there, "an order is forgotten"
        self.erased -= self.forgotten - there
        self.nothing_is_left()


ErasedPhotos.TestCase.settings = settings(max_examples=2, stateful_step_count=15)
TestErasedPhotos = pytest.mark.timeout(300)(ErasedPhotos.TestCase)


def test_whoever_was_late_hears_it_though_more_of_somebody_erased_comes_meanwhile() -> None:
    """In files of an entry each, answered by two items at a time."""
    with written_down(ErasedPhotos, (1, 2)) as story:
        key: Any = story.someone_is_registered(where=1)
        story.sync(1)
        story.goes_over(key)
        story.photos_are_hung(where=1, key=key, many=2)
        for file in story.a_stick_is_written(where=1).values:
            story.a_stick_reaches_the_centre(file=file)
        story.somebody_is_erased(key=key, at_once=False)
        story.photos_are_hung(where=1, key=key, many=2)


@pytest.mark.parametrize("is_late", [False, True])
def test_a_content_whose_record_was_lost_with_its_person_is_kept_by_nobody(
    is_late: bool,  # noqa: FBT001
) -> None:
    """It came alone on a stick, before the erasure or after; the station had heard of that before
    it could say whose it is."""
    with written_down(ErasedPhotos) as story:
        key: Any = story.someone_is_registered(where=1)
        story.sync(1)
        (before,) = story.a_stick_is_written(where=1).values
        story.photos_are_hung(where=1, key=key, many=1)
        (content,) = story.contents_are_written_on_a_stick(where=1).values
        if not is_late:
            story.a_stick_reaches_the_centre(file=content)
        story.somebody_is_erased(key=key, at_once=False)
        story.an_answer_is_read((1, story.here.centre.accept(before).data))
        assert not story.has(1, key)
        if is_late:
            story.a_stick_reaches_the_centre(file=content)


def test_what_a_station_put_back_hears_of_its_own_log_of_actions_names_nobody_erased() -> None:
    """It had taken them over, and does not hold that offer any more."""
    with written_down(ErasedPhotos, (2**20, 2)) as story:
        key: Any = story.photos_go_there_and_back_and_are_forgotten(where=0)
        with suppress(Fault):
            story.sync(0, answer=2)
        story.somebody_is_erased(key=key, at_once=True)


def test_whom_the_centre_forgot_to_have_erased_is_erased_once_more() -> None:
    """One computer of the other office had been told."""
    with written_down(ErasedPhotos) as story:
        key: Any = story.somebody_new_has_photos(where=1, many=1, answer=-1)
        copy = story.a_copy_of_the_centre_is_made()
        story.somebody_is_erased(key=key, at_once=True)
        story.sync(0)
        story.the_centre_forgets(copy=copy)
        assert story.here.node.person(key)


def test_a_log_of_actions_on_what_nobody_remembers_any_more_says_whose_it_was() -> None:
    """The offer was the centre's, which has forgotten it: that it was taken waits for ever, also
    with the other computer of the office."""
    with written_down(ErasedPhotos, (1, 5)) as story:
        copy = story.a_copy_of_the_centre_is_made()
        key: Any = story.somebody_new_has_photos(where=1, many=2, answer=1)
        other: Any = story.photos_go_there_and_back_and_are_forgotten(where=1)
        story.the_centre_assigns(key=key, to=0)
        story.the_centre_is_put_back_after_photos_came_alone(where=0, key=other, is_beside=False)
        story.the_centre_forgets(copy=copy)
        story.photos_are_on_their_way_when_somebody_leaves(key=key, answer=2, adopted=False)
        story.somebody_is_erased(key=key, at_once=True)
