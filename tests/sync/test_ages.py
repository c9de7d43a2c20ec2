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
from tests.sync.programs import FIELDS, program
from tests.sync.test_histories import Histories

YOUNG = frozenset[str]().union(*FIELDS.values())
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
        return self.age_of(where) == NEW or name not in YOUNG

    def begin(self, where: int | None) -> None:
        with self.at(where):
            if where is None:
                upgrade.after_upgrade(self.centre)
            else:
                inbox.after_upgrade(self.stations[where].store)

    @rule(where=some.none() | some.integers(0, 1))
    def a_program_is_upgraded(self, where: int | None) -> None:
        if where is None:
            self.centre.age = NEW
        else:
            self.ages[where] = NEW
        self.begin(where)

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
