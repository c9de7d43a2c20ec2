"""Random histories of photos: they hang on people who go between stations and come back, are taken
away, travel in parts of their own that are lost, late and doubled, and any database is put back. At
the end a content that anybody still has is at the centre and with whoever has the person, nothing
waits, and nobody keeps a photo of somebody who is not theirs."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import Bundle, MultipleResults, multiple, rule
from sqlalchemy import select

from app import attachment, erasure
from app.attachment import New
from app.certification import record
from app.kit.pictures import Picture
from models import attachment as contents
from models.attachment import Attachment, Blob
from models.certification import Certification
from models.handover import WAITING, LateEdit
from models.movement import Movement
from sync import blobs
from sync.centre.keeping.journal import Journal
from sync.centre.recall import recall
from sync.fault import Fault
from sync.station import outbox
from tests.sync.parts import Node, swap
from tests.sync.people import picture
from tests.sync.rest import until_quiet
from tests.sync.test_certified import SEEN
from tests.sync.test_moving import ON, WHERE, Moving, rows_of, written_down
from tests.sync.test_moving_forgotten import Forgotten

SIZE = 120
NAMES = select(Attachment.id, Attachment.sha256, Attachment.office_id).where(
    Attachment.is_void.is_(False)
)


class Photos(Forgotten):
    """Three computers of two offices, a centre that may forget, and photos."""

    people, files, copies = Moving.people, Moving.files, Moving.copies
    centre_copies = Forgotten.centre_copies
    told: Bundle[Any] = Bundle("told")

    def __init__(self) -> None:
        super().__init__()
        self.number = count()
        self.here.centre.journal = self.journal()
        self.lost: set[str] = set()
        self.fit: set[bytes] = set()
        self.patch.setattr(blobs, "ON_LINE", 2 * SIZE)
        self.patch.setattr(blobs, "ON_STICK", 3 * SIZE)

    # what people do -----------------------------------------------------------------------------

    @rule(target=people, where=WHERE, many=some.integers(1, 3), answer=some.integers(-1, 3))
    def somebody_new_has_photos(self, where: int, many: int, answer: int) -> str:
        """An answer about them may be lost."""
        key: Any = self.someone_is_registered(where)
        self.photos_are_hung(where, key, many)
        self.they_talk(where, answer)
        return key  # type: ignore[no-any-return]

    @rule(where=WHERE, key=people, many=some.integers(1, 3))
    def photos_are_hung(self, where: int, key: str, many: int) -> None:
        if self.has(where, key):
            made = [New(self.photo(key), "02") for _ in range(many)]
            with self.at(where):
                self.stations[where].do(attachment.attach, key, made)

    def photo(self, _key: str) -> Picture:
        return picture(next(self.number), SIZE)

    @rule(key=people, answer=some.integers(0, 3), adopted=some.booleans())
    def photos_are_on_their_way_when_somebody_leaves(
        self,
        key: str,
        answer: int,
        adopted: bool,  # noqa: FBT001
    ) -> None:
        """The station hears that they left before it has delivered, or hangs them too late."""
        for where in range(len(self.stations)):
            if self.has(where, key):
                break
        else:
            return
        self.photos_are_hung(where, key, 2)
        self.they_talk(where, answer)
        there = self.opposite(where)
        self.the_centre_assigns(key, there)
        self.they_talk(there, -1)
        self.an_offer_is_answered(there, taken=True)
        self.they_talk(there, -1)
        self.photos_are_hung(where, key, 1)
        self.they_talk(where, answer)
        self.they_talk(there, -1)
        self.a_late_change_is_answered(there, adopted)

    @rule(where=WHERE, key=people, is_beside=some.booleans())
    def the_centre_is_put_back_after_photos_came_alone(
        self,
        where: int,
        key: str,
        is_beside: bool,  # noqa: FBT001
    ) -> None:
        """Nothing of them is in its raw files."""
        self.photos_are_hung(where, key, 1)
        self.they_talk(where, 1)
        copy = self.a_copy_of_the_centre_is_made()
        self.they_talk(where, -1)
        if is_beside:
            self.the_centre_is_put_back_with_what_is_beside_it(copy)
        else:
            self.the_centre_forgets(copy)

    @rule(target=people, where=WHERE)
    def photos_go_there_and_back_and_are_forgotten(self, where: int) -> str:
        """By the centre and by who gave them away and has them again."""
        before, empty = self.a_copy_of_the_centre_is_made(), self.a_copy_is_made(where)
        key: Any = self.somebody_new_has_photos(where, 2, -1)
        for one in (where, self.opposite(where)):
            self.somebody_moves_at_once(one, key)
        self.the_centre_is_put_back_with_what_is_beside_it(before)
        self.a_copy_is_put_back(empty)
        return key  # type: ignore[no-any-return]

    @rule(where=WHERE, key=people)
    def one_is_taken_away(self, where: int, key: str) -> None:
        if self.has(where, key):
            for one in self.stations[where].get(rows_of_live(key))[:1]:
                with self.at(where):
                    self.stations[where].do(attachment.remove, one, "拍重了")

    # what happens on the way --------------------------------------------------------------------

    @rule(target=files, where=WHERE)
    def contents_are_written_on_a_stick(self, where: int) -> MultipleResults[bytes]:
        station = self.stations[where]
        with self.at(where), station.store.look() as session:
            made = blobs.parts(session, self.speaks(station))
            return multiple(*(data for _, data in made))

    @rule(target=told, where=WHERE, file=files)
    def of_contents_the_answer_is_late(self, where: int, file: bytes) -> tuple[int, bytes]:
        with self.at(None):
            return where, self.here.centre.accept(file).data

    @rule(answer=told)
    def an_answer_about_contents_is_read(self, answer: tuple[int, bytes]) -> None:
        where, data = answer
        station = self.stations[where]
        with self.at(where), suppress(Fault), station.store.apply() as session:
            blobs.receive(session, station.keys, self.here.card, data)

    def speaks(self, station: Node) -> blobs.Station:
        return blobs.Station(station.keys, self.here.card, station.code)

    @rule(copy=copies)
    def a_copy_is_put_back(self, copy: tuple[int, bytes]) -> None:
        with self.losing():
            super().a_copy_is_put_back(copy)

    @rule(copy=centre_copies)
    def the_centre_forgets(self, copy: bytes) -> None:
        """Along with what was kept beside it, which the program would have played."""
        with self.losing():
            super().the_centre_forgets(copy)
        self.here.centre.journal, self.fit = self.journal(), {copy}

    @rule(target=centre_copies)
    def a_copy_of_the_centre_is_made(self) -> bytes:
        copy: Any = super().a_copy_of_the_centre_is_made()
        self.fit.add(copy)
        return copy  # type: ignore[no-any-return]

    def journal(self) -> Journal:
        """An empty one."""
        return Journal(self.folder / f"raw-{next(self.number)}")

    @contextmanager
    def losing(self) -> Iterator[None]:
        """What only this database had is lost, if no stick brings it."""
        before = self.somewhere()
        yield
        self.lost |= before - self.somewhere()

    def somewhere(self) -> set[str]:
        """Contents that anybody has."""
        sides = (*self.stations, self.here.node)
        return {name for one in sides for (name,) in one.get(rows_of(Blob.sha256))}

    @rule(copy=centre_copies)
    def the_centre_is_put_back_with_what_is_beside_it(self, copy: bytes) -> None:
        """Unless the copy is older than that."""
        if copy not in self.fit:
            return
        with self.losing(), self.at(None):
            self.here.centre.keep()
            swap(self.here.node, copy)
            self.here.centre.store = self.here.node.store
            recall(self.here.centre)

    # the oracle ---------------------------------------------------------------------------------

    def heal(self) -> None:
        """What the comparison finds the centre to lack comes with the next contact."""
        super().heal()
        self.moment += timedelta(days=1)
        for where in range(len(self.stations)):
            self.is_the_same(where)
        until_quiet(self.contacts_of, range(len(self.stations)), rounds=2)

    def agree(self) -> None:
        super().agree()
        there = self.somewhere()
        wanted = self.here.node.get(lambda s: [tuple(one) for one in s.execute(NAMES)])
        for _, name, office in wanted:
            sides = [one for one in self.stations if one.desk.office_id == office]
            for side in (*sides, self.here.node) if name in there else ():
                assert name in has_of(side, office), "a content stays behind"
            assert name in there | self.lost, "a content is lost"
        for station in self.stations:
            office = station.desk.office_id
            assert station.get(contents.owed_count) == 0
            named = {name for _, name, whose in wanted if whose == office}
            kept = self.removed(station) | in_the_tray(station)
            assert has_of(station, office) <= named | kept
            assert station.get(rows_of(Blob.office_id)) == [(office,)] * len(
                has_of(station, office)
            )

    def removed(self, station: Node) -> set[str]:
        """Taken away, and kept for as long as that can be undone."""
        gone = select(Attachment.sha256).where(Attachment.is_void.is_(True))
        return station.get(lambda s: set(s.scalars(gone)))  # type: ignore[no-any-return]


def rows_of_live(key: str) -> Any:
    live = select(Attachment.id).where(Attachment.retiree_id == key, Attachment.is_void.is_(False))
    return lambda session: list(session.scalars(live.order_by(Attachment.id)))


def in_the_tray(station: Node) -> set[str]:
    """Hung too late on people who are theirs, and still to be adopted or left."""
    late = select(LateEdit.said).where(
        LateEdit.entity == Attachment.__tablename__, LateEdit.is_new, LateEdit.state == WAITING
    )
    return station.get(lambda s: {said["sha256"] for said in s.scalars(late)})  # type: ignore[no-any-return]


def has_of(node: Node, office: str) -> set[str]:
    kept = select(Blob.sha256).where(Blob.office_id == office)
    return node.get(lambda s: set(s.scalars(kept)))  # type: ignore[no-any-return]


Photos.TestCase.settings = settings(max_examples=5, stateful_step_count=20)
TestPhotos = pytest.mark.timeout(300)(Photos.TestCase)


def test_a_photo_that_was_on_its_way_when_its_person_left_arrives_where_they_are() -> None:
    """The line broke behind the changes, and by the next contact they had gone."""
    with written_down(Photos) as story:
        key = story.someone_is_registered(where=1)
        story.sync(1)
        story.photos_are_hung(where=1, key=key, many=2)
        with suppress(Fault):
            story.sync(1, answer=1)
        story.goes_over(key)


def test_a_late_photo_that_is_adopted_comes_with_its_content() -> None:
    """Hung where the person was no longer."""
    with written_down(Photos) as story:
        key = story.someone_is_registered(where=1)
        story.sync(1)
        story.goes_over(key)
        story.photos_are_hung(where=1, key=key, many=1)
        story.sync(1)
        story.sync(0)
        story.a_late_change_is_answered(0, adopted=True)


def test_of_others_what_was_taken_away_stays_as_long_as_it_can_be_undone() -> None:
    with written_down(Photos) as story:
        first, second = (story.someone_is_registered(where=1) for _ in range(2))
        story.photos_are_hung(where=1, key=second, many=1)
        story.one_is_taken_away(where=1, key=second)
        story.somebody_moves_at_once(where=1, key=first)
        story.sync(1)
        assert len(story.removed(story.stations[1])) == 1
        assert has_of(story.stations[1], story.stations[1].desk.office_id)


def test_a_photo_taken_away_too_late_is_there_where_that_does_not_hold() -> None:
    """The old station had neither delivered it nor heard that the person had left."""
    with written_down(Photos) as story:
        key: Any = story.someone_is_registered(where=1)
        story.sync(1)
        story.photos_are_hung(where=1, key=key, many=1)
        with suppress(Fault):
            story.sync(1, answer=1)
        story.goes_over(key)
        story.one_is_taken_away(where=1, key=key)


def test_of_whoever_is_erased_after_leaving_nothing_waits_to_be_delivered() -> None:
    with written_down(Photos) as story:
        key: Any = story.someone_is_registered(where=1)
        story.sync(1)
        story.photos_are_hung(where=1, key=key, many=1)
        with suppress(Fault):
            story.sync(1, answer=1)
        story.goes_over(key)
        old = story.stations[1]
        while story.has(1, key):
            story.an_answer_is_read(answer=story.an_answer_is_late(where=1))
        assert old.get(contents.owed_count) == 1
        assert old.get(outbox.waiting) == 1
        with story.at(None):
            story.here.node.do(erasure.erase, key, "王秀英", "本人书面申请")
        while old.get(contents.owed_count):
            story.an_answer_is_read(answer=story.an_answer_is_late(where=1))
        assert old.get(rows_of(Blob.sha256)) == []


@pytest.mark.parametrize("is_beside", [True, False])
def test_what_came_alone_before_the_centre_was_put_back_is_delivered_again(
    is_beside: bool,  # noqa: FBT001
) -> None:
    """Nothing of it is in its raw files, and nothing else shows that it went."""
    with written_down(Photos) as story:
        key: Any = story.someone_is_registered(where=1)
        story.sync(1)
        story.the_centre_is_put_back_after_photos_came_alone(where=1, key=key, is_beside=is_beside)


def test_who_waits_for_a_content_hears_all_the_same_that_the_centre_forgot_the_move() -> None:
    """The new station had adopted a late photo, and nothing of all that is at the centre."""
    with written_down(Photos) as story:
        copy = story.a_copy_of_the_centre_is_made()
        key: Any = story.somebody_new_has_photos(where=0, many=2, answer=0)
        story.photos_are_on_their_way_when_somebody_leaves(key=key, answer=1, adopted=True)
        story.the_centre_forgets(copy=copy)


def test_photos_that_only_the_station_between_still_has_reach_whoever_has_the_person_again() -> (
    None
):
    """It had given them back, and both the centre and who took the photos are put back."""
    with written_down(Photos) as story:
        story.photos_go_there_and_back_and_are_forgotten(where=0)
        assert len(story.somewhere()) == 2
    assert not story.lost


def forgotten_by_who_hung_them(story: Any) -> tuple[bytes, str]:
    """Photos of somebody who went over, which the new station alone has now; and the copy of before
    to which the centre was put back."""
    before, empty = story.a_copy_of_the_centre_is_made(), story.a_copy_is_made(where=2)
    key = story.somebody_new_has_photos(where=2, many=2, answer=-1)
    story.somebody_moves_at_once(where=2, key=key)
    story.the_centre_is_put_back_with_what_is_beside_it(copy=before)
    story.a_copy_is_put_back(copy=empty)
    return before, key


def test_photos_on_a_stick_that_was_written_before_their_person_left_reach_who_has_them() -> None:
    """They are not of the station that brings them, and it hears that they have come together with
    that the person has left."""
    with written_down(Photos) as story:
        _, key = forgotten_by_who_hung_them(story)
        story.an_answer_is_read(answer=story.an_answer_is_late(where=1))
        stick: Any = story.contents_are_written_on_a_stick(where=1)
        story.goes_over(key)
        told = [story.of_contents_the_answer_is_late(where=1, file=one) for one in stick.values]
        while story.has(1, key):
            story.an_answer_is_read(answer=story.an_answer_is_late(where=1))
        for one in told:
            story.an_answer_about_contents_is_read(answer=one)
        assert story.stations[1].get(rows_of(Blob.sha256)) == []
    assert not story.lost


def test_photos_reach_who_has_the_person_by_a_move_that_the_centre_forgot_to_have_assigned() -> (
    None
):
    """Only the station before still has them, which says whose they are: nothing else tells the
    centre that it had that person."""
    with written_down(Photos) as story:
        before, key = forgotten_by_who_hung_them(story)
        story.goes_over(key)
        story.they_talk(where=1, answer=1)
        story.the_centre_forgets(copy=before)
    assert not story.lost


def test_photos_the_centre_lost_after_it_had_them_go_along_with_whoever_leaves() -> None:
    """It was put back, and nobody had compared since: the station asks once more before it lets
    go."""
    with written_down(Photos) as story:
        key: Any = story.somebody_new_has_photos(where=0, many=2, answer=1)
        story.the_centre_is_put_back_after_photos_came_alone(where=0, key=key, is_beside=False)
        story.goes_over(key, to=1)
        story.sync(0)
    assert not story.lost


@pytest.mark.parametrize("adopted", [True, False])
def test_what_was_made_too_late_of_somebody_who_is_back_stands_before_their_own_office(
    adopted: bool,  # noqa: FBT001
) -> None:
    """Its second desk had heard as far as that they were leaving, and never that they had left: the
    centre had begun to count anew."""
    with written_down(Photos, (1, 2)) as story:
        key: Any = story.photos_go_there_and_back_and_are_forgotten(where=0)
        story.they_talk(answer=1, where=2)
        story.somebody_stays(key=key, where=2)
        with story.at(2):
            seen, photo = {**SEEN, "certified_on": ON}, [New(story.photo(key), "02")]
            story.stations[2].do(record.certify, key, seen, pictures=photo)
        story.sync(2)
        story.sync(2)
        story.a_late_change_is_answered(where=2, adopted=adopted)
        story.a_late_change_is_answered(where=2, adopted=adopted)
        story.heal()
        desk, centre = story.stations[2], story.here.node
        for made in map(rows_of, (Certification.id, Movement.id, Attachment.id)):
            assert sorted(desk.get(made)) == sorted(centre.get(made))
        assert len(centre.get(rows_of(Certification.id))) == adopted


def test_no_value_stands_under_a_change_that_did_not_say_it() -> None:
    """A station put back hears of what it made once more, and that it was taken away stands under
    the same change as before."""
    with written_down(Photos, (1, 2)) as story:
        story.skews[0] = timedelta(days=-7300)
        key: Any = story.photos_go_there_and_back_and_are_forgotten(where=1)
        story.one_is_taken_away(key=key, where=0)
        story.photos_are_on_their_way_when_somebody_leaves(key=key, answer=1, adopted=False)
        story.photos_go_there_and_back_and_are_forgotten(where=0)


def test_what_was_hung_too_late_on_somebody_who_has_come_back_does_not_stand() -> None:
    """Their station heard of neither move before the centre began anew, and nobody adopted it."""
    with written_down(Photos, (1, 2)) as story:
        key: Any = story.somebody_new_has_photos(where=2, many=3, answer=0)
        copy = story.a_copy_of_the_centre_is_made()
        story.photos_are_on_their_way_when_somebody_leaves(key=key, answer=3, adopted=False)
        story.photos_are_on_their_way_when_somebody_leaves(key=key, answer=2, adopted=True)
        story.the_centre_is_put_back_with_what_is_beside_it(copy=copy)
