"""The same random histories between programs of different age, each upgraded at some moment: when
all are new, everything is as if it always had been."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import initialize, rule

from sync import inbox, later
from sync.centre import upgrade
from sync.centre.service import Answer, Centre
from tests.sync import programs
from tests.sync.programs import program
from tests.sync.test_histories import FIELDS, VALUES, WHERE, Histories

YOUNG = frozenset[str]().union(*programs.FIELDS.values())
OLD, NEW = 1, 2
AGES = some.tuples(*[some.sampled_from((OLD, NEW))] * 3)


@dataclass
class Aged(Centre):
    """A centre whose program is of some schema."""

    age: int = NEW

    def accept(self, data: bytes) -> Answer:
        with program(self.age):
            return Centre.accept(self, data)


class Ages(Histories):
    """Two stations and a centre, each with an older or a newer program."""

    def __init__(self) -> None:
        super().__init__()
        plain = self.here.centre
        self.here.centre = self.centre = Aged(plain.store, plain.keys, plain.office_id)
        self.ages = [NEW, NEW]

    @initialize(ages=AGES)
    def programs_are_of_different_age(self, ages: tuple[int, int, int]) -> None:
        self.centre.age, *self.ages = ages
        self.begin(None)

    def age_of(self, where: int | None) -> int:
        return self.centre.age if where is None else self.ages[where]

    @contextmanager
    def at(self, where: int | None) -> Iterator[None]:
        with super().at(where), program(self.age_of(where)):
            yield

    def is_known(self, where: int | None, name: str) -> bool:
        """Has the program there this field?"""
        return self.age_of(where) == NEW or name not in YOUNG

    def begin(self, where: int | None) -> None:
        """The program there is started."""
        with self.at(where):
            if where is None:
                upgrade.after_upgrade(self.centre)
            else:
                inbox.after_upgrade(self.stations[where].store)

    @rule(where=some.none() | WHERE)
    def a_program_is_upgraded(self, where: int | None) -> None:
        if where is None:
            self.centre.age = NEW
        else:
            self.ages[where] = NEW
        self.begin(where)

    # an older program edits no field it does not know; what is put back is started again

    @rule(person=Histories.people, name=FIELDS, value=VALUES)
    def the_station_edits(self, person: tuple[int, str], name: str, value: str) -> None:
        if self.is_known(person[0], name):
            super().the_station_edits(person, name, value)

    @rule(person=Histories.people, name=FIELDS, value=VALUES)
    def the_centre_edits(self, person: tuple[int, str], name: str, value: str) -> None:
        if self.is_known(None, name):
            super().the_centre_edits(person, name, value)

    @rule(key=Histories.employers, where=WHERE, value=VALUES)
    def what_all_share_is_edited(self, key: str, where: int, value: str) -> None:
        if self.is_known(where, "contact"):
            super().what_all_share_is_edited(key, where, value)

    @rule(person=Histories.people, name=FIELDS, value=VALUES)
    def what_was_on_screen_never_wins(self, person: tuple[int, str], name: str, value: str) -> None:
        if self.is_known(person[0], name) and self.is_known(None, name):
            super().what_was_on_screen_never_wins(person, name, value)

    @rule(copy=Histories.copies)
    def a_copy_is_put_back(self, copy: tuple[int, bytes]) -> None:
        super().a_copy_is_put_back(copy)
        self.begin(copy[0])

    @rule(copy=Histories.centre_copies)
    def the_centre_is_put_back(self, copy: bytes) -> None:
        super().the_centre_is_put_back(copy)
        self.begin(None)

    def agree(self) -> None:
        for where in (None, 0, 1):
            self.a_program_is_upgraded(where)
        for where in (0, 1, 0, 1):
            self.sync(where)
        super().agree()
        for node in (*self.stations, self.here.node):
            assert not node.get(later.is_any)
            assert not node.get(later.is_unread)


Ages.TestCase.settings = settings(max_examples=5, stateful_step_count=15)
TestAges = pytest.mark.timeout(300)(Ages.TestCase)
