"""The random histories once more, with a city above the centre: whatever was lost, doubled, late or
put back, in the end the city shows of every record what the centre shows, and never held a byte
that is not for it."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import Bundle, MultipleResults, multiple, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import attachment as blobs
from models.attachment import Attachment, Blob
from models.exchange import Replica, new_epoch
from models.kit.fields import Circle
from models.office import Office
from sync.centre.relay import contact, contents
from sync.fault import Fault
from sync.station import run as talk
from tests.sync.city_parts import (
    Above,
    all_parts,
    closed_values,
    decrypted,
    differences,
    own_office,
)
from tests.sync.parts import World, copy_of, edit, put_back, world
from tests.sync.test_histories import CentreTime, Histories
from tests.sync.test_moving import Moving

SMALL = some.sampled_from([200, 1000, 2**20])
NUMBER = some.integers(-1, 2)
SECRETS = some.integers(1, 9).map(lambda n: f"621700001234567890{n}")


class Upward:
    """What a city adds to a history."""

    city_files: Bundle[Any] = Bundle("city_files")
    city_answers: Bundle[Any] = Bundle("city_answers")
    city_copies: Bundle[Any] = Bundle("city_copies")
    secrets: set[str]

    def open(self: Any) -> list[World]:
        """With a city above them."""
        (here,) = super().open()  # type: ignore[misc]
        (self.folder / "city").mkdir()
        above = Above(self.folder, world(self.folder / "city"))
        here.node.do(own_office, "2")
        above.let_in(here)
        return [here, above.city]

    def begin(self: Any) -> None:
        self.above = Above(self.folder, self.worlds[1])
        self.secrets, self.city_epoch = set(), 1

    @rule(file=NUMBER, answer=NUMBER)
    def the_district_reports(self: Any, file: int, answer: int) -> None:
        with self.at(None), suppress(Fault):
            link = CentreTime(self.above.city.centre, {file}, {answer}, moment=self.moment)
            assert contact.over(self.here.centre, link).differed == 0

    @rule(target=city_files, limit=SMALL)
    def a_stick_for_the_city_is_written(self: Any, limit: int) -> MultipleResults[bytes]:
        with self.at(None):
            return multiple(*all_parts(self.here, limit))

    @rule(target=city_answers, file=city_files)
    def a_file_reaches_the_city(self: Any, file: bytes) -> bytes:
        with self.at(None):
            return self.above.city.centre.accept(file).data  # type: ignore[no-any-return]

    @rule(answer=city_answers)
    def an_answer_of_the_city_is_read(self: Any, answer: bytes) -> None:
        with self.at(None):
            done = contact.read_answer(self.here.centre, answer)
            assert (done.differed, done.more) == (0, 0)

    @rule(target=city_copies)
    def a_copy_of_the_city_is_made(self: Any) -> bytes:
        made = copy_of(self.above.city.node)
        self.above.city.centre.store = self.above.city.node.store
        return made

    @rule(copy=city_copies)
    def the_city_is_put_back(self: Any, copy: bytes) -> None:
        with self.at(None):
            put_back(self.above.city.node, copy)
            self.above.city.centre.store = self.above.city.node.store
            with self.above.city.node.store.apply() as session:
                self.city_epoch = new_epoch(session, self.city_epoch)

    def look_above(self: Any) -> None:
        with self.at(None):
            for _ in range(4):
                done = contact.over(self.here.centre, CentreTime(self.above.city.centre))
                assert done.differed == 0
                if not (done.sent or done.contents):
                    break
            else:
                pytest.fail("the district does not come to an end")
        hidden = {*self.secrets, *self.here.node.get(closed_values)}
        for data in decrypted(self.above):
            assert [value for value in hidden if value.encode() in data] == []

    def look_at_pictures(self: Any) -> None:
        """What the district has of open ones the city has, and nothing else."""
        here, city = self.here.node, self.above.city.node
        offices = here.get(lambda s: set(s.scalars(select(Office.id))))
        lacks = [one.hex() for one in city.get(lambda s: contents.lacking(s, offices))]
        assert here.get(lambda s: contents.ready(s, lacks)) == {}
        closed = {one.encode() for one in self.secrets}
        came = city.get(lambda s: set(s.scalars(select(Blob.data))))
        assert not came & closed, "a closed one came along"

    def finish(self: Any) -> None:
        self.above.city.node.store.close()


def hang(session: Session, key: str, secret: str) -> None:
    """An open picture and one of a closed circle."""
    office_id = session.scalars(select(Replica.office_id)).one()
    for data, circle in ((b"open" + key.encode(), None), (secret.encode(), Circle.HEALTH.value)):
        name = blobs.keep(session, office_id, data)
        session.add(
            Attachment(
                retiree_id=key, kind="02", data_circle=circle, sha256=name,
                media_type="image/jpeg", size=len(data),
            )
        )  # fmt: skip


class Relayed(Upward, Histories):
    """Two stations, a centre, a city."""

    def __init__(self) -> None:
        super().__init__()
        self.begin()

    @rule(person=Histories.people, secret=SECRETS)
    def the_station_writes_a_secret(self, person: tuple[int, str], secret: str) -> None:
        where, key = person
        if self.stations[where].person(key) is not None:
            self.secrets.add(secret)
            with self.at(where):
                self.stations[where].do(edit, key, bank_account=secret)
                self.stations[where].do(hang, key, secret)

    def agree(self) -> None:
        super().agree()
        self.look_above()
        self.look_at_pictures()
        wrong = differences(self.above, self.here)
        for where, station in enumerate(self.stations):
            self.sync(where)
            standing = station.get(talk.standing)
            assert (standing.at_city or 0) == standing.total
        if self.epoch > 1:  # what the centre and its author have both lost is known here alone
            wrong = [one for one in wrong if one[2] is not None]
        assert wrong == []

    def teardown(self) -> None:
        super().teardown()
        self.finish()


class RelayedMoves(Upward, Moving):
    """… with people who come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.begin()

    @rule(where=some.integers(0, 1), key=Moving.people, secret=SECRETS)
    def the_station_writes_a_secret(self, where: int, key: str, secret: str) -> None:
        if self.has(where, key):
            self.secrets.add(secret)
            with self.at(where):
                self.stations[where].do(edit, key, bank_account=secret)

    def agree(self) -> None:
        super().agree()
        self.look_above()
        assert differences(self.above, self.here) == []

    def teardown(self) -> None:
        super().teardown()
        self.finish()


Relayed.TestCase.settings = settings(max_examples=5, stateful_step_count=15)
RelayedMoves.TestCase.settings = settings(max_examples=4, stateful_step_count=20)
TestRelayed = pytest.mark.timeout(300)(Relayed.TestCase)
TestRelayedMoves = pytest.mark.timeout(300)(RelayedMoves.TestCase)
