"""Random histories of photos with a city above the centre: people go between stations, some are
erased, and station, centre and city are put back. At the end the city has of every open photo what
the centre has, nothing closed, and nothing in any storage of whoever was erased."""

from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import rule

from models import emptying
from models.attachment import Attachment, Blob
from models.audit import Audit
from models.exchange import Erased
from sync.centre.keeping.journal import Journal
from sync.centre.recall import recall
from sync.fault import Fault
from sync.station import run as talk
from tests.sync import leaks
from tests.sync.city_parts import differences
from tests.sync.parts import swap
from tests.sync.test_city_histories import SECRETS, Upward, hang
from tests.sync.test_erased_photos import ErasedPhotos
from tests.sync.test_erasing import secret
from tests.sync.test_moving import WHERE, rows_of


class RelayedPhotos(Upward, ErasedPhotos):
    """Three computers of two offices, a centre, a city."""

    people, files, answers, copies = (
        ErasedPhotos.people,
        ErasedPhotos.files,
        ErasedPhotos.answers,
        ErasedPhotos.copies,
    )
    centre_copies, told = ErasedPhotos.centre_copies, ErasedPhotos.told
    city_files, city_answers = Upward.city_files, Upward.city_answers
    city_copies = Upward.city_copies

    def __init__(self) -> None:
        super().__init__()
        self.begin()
        self.above.city.centre.journal = Journal(self.folder / "city" / "raw")
        self.late_above: list[bytes] = []

    @rule(where=WHERE, key=people, number=SECRETS)
    def a_closed_photo_is_hung(self, where: int, key: str, number: str) -> None:
        """And an open one beside it."""
        if self.has(where, key):
            closed = f"{secret(key)} {number}"
            self.secrets.add(closed)
            with self.at(where):
                self.stations[where].do(hang, key, closed)

    @rule(target=city_answers, file=city_files)
    def a_file_reaches_the_city(self, file: bytes) -> Any:
        self.late_above.append(file)
        return super().a_file_reaches_the_city(file)

    @rule(answer=city_answers)
    def an_answer_of_the_city_is_read(self, answer: bytes) -> None:
        """Of more than a centre that was put back remembers one that comes late has no proof."""
        try:
            super().an_answer_of_the_city_is_read(answer)
        except Fault as fault:
            assert fault.kind == "unproved"  # noqa: PT017 - the next one has

    @rule(copy=city_copies)
    def the_city_is_put_back_with_what_is_beside_it(self, copy: bytes) -> None:
        city = self.above.city
        with self.at(None):
            city.centre.keep()
            swap(city.node, copy)
            city.centre.store = city.node.store
            recall(city.centre)

    def the_centre_forgets(self, copy: bytes) -> None:
        """But no erasure of which the city alone was told: people are to say that again."""
        told = {one for station in self.stations for one in station.get(emptying.people)}
        if self.erased <= told:
            super().the_centre_forgets(copy)
        else:
            self.the_centre_is_put_back_with_what_is_beside_it(copy)

    # the oracle ---------------------------------------------------------------------------------

    def late_ones_come(self) -> bool:
        with self.at(None):
            for file in self.late_above:
                self.above.city.centre.accept(file)
        return super().late_ones_come() or bool(self.late_above)

    def agree(self) -> None:
        super().agree()
        self.look_above()
        self.look_at_pictures()
        wrong, lost = differences(self.above, self.here), self.acts_of_erased()
        assert [one for one in wrong if one[0] not in lost or one[2] is not None] == []
        with self.at(None):
            self.above.city.centre.keep()
        named = set(self.here.node.get(rows_of(Attachment.sha256)))
        assert set(self.above.city.node.get(rows_of(Blob.sha256))) <= named
        words = [secret(key) for key in self.erased]
        assert leaks.found(leaks.of_centre(self.above.city), words) == []
        for where, station in enumerate(self.stations):
            self.sync(where)
            standing = station.get(talk.standing)
            assert (standing.at_city or 0) == standing.total

    def acts_of_erased(self) -> set[tuple[str, str]]:
        """Who did what of them: a centre that is put back plays files that do not say it any more,
        while a city that had read it keeps it."""
        gone = set(self.here.node.get(rows_of(Erased.id)))
        acts = self.above.city.node.get(rows_of(Audit.id, Audit.entity_id))
        return {(Audit.__tablename__, key) for key, whose in acts if (whose,) in gone}

    def teardown(self) -> None:
        super().teardown()
        self.finish()


RelayedPhotos.TestCase.settings = settings(max_examples=1, stateful_step_count=15)
TestRelayedPhotos = pytest.mark.timeout(300)(RelayedPhotos.TestCase)
