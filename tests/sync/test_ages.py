"""The same random histories between programs of different age, each upgraded at some moment over
one schema or two: when all are new, everything is as if it always had been."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import Bundle, MultipleResults, initialize, multiple, rule
from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Session

from models import schema
from models.kit import stream
from models.kit.changes import recorder
from models.retiree import Retiree
from models.visit import Visit
from sync import later
from sync.centre import upgrade
from sync.centre.receiving.files import Answer
from sync.centre.service import Centre
from sync.station import inbox
from tests.sync import programs
from tests.sync.people import turn
from tests.sync.programs import number, program, visit
from tests.sync.test_histories import FIELDS, VALUES, WHERE, Histories
from tests.sync.views import pictures, same

NEW = 3
AGE = some.integers(1, NEW)
AGES = some.tuples(AGE, AGE, AGE)
MADE = {"mobile": "phone", "door_note": "skills"}
"""What a program of schema 3 calls by another name, and still writes under the old one."""


def says_both(session: Session, *_: object) -> None:
    """A program of schema 3 writes what it renamed under both names."""
    if number(NEW) > stream.SCHEMA or recorder(session) is None:
        return
    for one in (*session.new, *session.dirty):
        if isinstance(one, Retiree):
            for old, new in MADE.items():
                if inspect(one).attrs[old].history.has_changes():
                    setattr(one, new, getattr(one, old))


@dataclass
class Aged(Centre):
    """A centre whose program is of some schema."""

    age: int = NEW

    def accept(self, data: bytes, ahead: timedelta | None = None) -> Answer:
        with program(self.age):
            return Centre.accept(self, data, ahead)


class Ages(Histories):
    """Two stations and a centre, each with an older or a newer program; the oldest knows no
    visits."""

    visits: Bundle[Any] = Bundle("visits")

    def __init__(self) -> None:
        super().__init__()
        plain = self.here.centre
        self.here.centre = self.centre = Aged(plain.store, plain.keys, plain.office_id)
        self.ages = [NEW, NEW]
        young = {**programs.FIELDS["retiree"], **dict.fromkeys(MADE.values(), NEW)}
        self.patch.setitem(programs.FIELDS, "retiree", young)
        for old, new in MADE.items():
            step = schema.Step(made={new: lambda value: value})
            self.patch.setitem(schema.STEPS, ("retiree", old, number(NEW - 1)), step)
        event.listen(Session, "before_flush", says_both, insert=True)

    def teardown(self) -> None:
        event.remove(Session, "before_flush", says_both)
        super().teardown()

    @initialize(ages=AGES)
    def programs_are_of_different_age(self, ages: tuple[int, int, int]) -> None:
        self.centre.age, *self.ages = ages
        self.begin(None)
        for age, station in zip(self.ages, self.stations, strict=True):
            with program(age):
                inbox.after_upgrade(station.store)

    def age_of(self, where: int | None) -> int:
        return self.centre.age if where is None else self.ages[where]

    @contextmanager
    def at(self, where: int | None) -> Iterator[None]:
        with super().at(where), program(self.age_of(where)):
            yield

    def is_known(self, where: int | None, name: str) -> bool:
        """Has the program there this field?"""
        young = {**programs.FIELDS["retiree"], **programs.FIELDS["employer"]}
        return self.age_of(where) >= young.get(name, 1)

    def knows_visits(self, where: int | None, of: type[Retiree | Visit], key: str) -> bool:
        """Can somebody be visited there, or a visit be found?"""
        node = self.here.node if where is None else self.stations[where]
        return self.age_of(where) > 1 and node.get(lambda s: s.get(of, key)) is not None

    def begin(self, where: int | None) -> None:
        """The program there is started."""
        with self.at(where):
            if where is None:
                upgrade.after_upgrade(self.centre)
            else:
                inbox.after_upgrade(self.stations[where].store)

    @rule(where=some.none() | WHERE, age=AGE)
    def a_program_is_upgraded(self, where: int | None, age: int) -> None:
        """Over one schema or two; never back."""
        if where is None:
            self.centre.age = max(self.centre.age, age)
        else:
            self.ages[where] = max(self.ages[where], age)
        self.begin(where)

    @rule(target=visits, person=Histories.people)
    def somebody_is_visited(self, person: tuple[int, str]) -> MultipleResults[tuple[int, str]]:
        where, key = person
        if not self.knows_visits(where, Retiree, key):
            return multiple()
        with self.at(where):
            return multiple((where, self.stations[where].do(visit, key)))

    @rule(one=visits, value=VALUES, at_centre=some.booleans())
    def a_visit_is_noted(self, one: tuple[int, str], value: str, at_centre: bool) -> None:  # noqa: FBT001
        where, node = (None, self.here.node) if at_centre else (one[0], self.stations[one[0]])
        if self.knows_visits(where, Visit, one[1]):
            with self.at(where):
                node.do(note, one[1], value)

    @rule(one=visits, with_person=some.booleans())
    def a_visit_is_voided_or_taken_back(self, one: tuple[int, str], with_person: bool) -> None:  # noqa: FBT001
        where, key = one
        if self.knows_visits(where, Visit, key):
            with self.at(where):
                self.stations[where].do(turn_visit, key, with_person=with_person)

    # an older program edits no field it does not know, nor takes from sight what it does not show;
    # what is put back is started again

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

    @rule(person=Histories.people, at_centre=some.integers(0, 2))
    def somebody_is_voided_or_taken_back(self, person: tuple[int, str], at_centre: int) -> None:
        """At the centre nobody of whom it does not show all (`app.ruling.aside`)."""
        kept = self.here.node.get(lambda s: later.words_of(s, [person[1]]))
        if at_centre != 0 or not kept:
            super().somebody_is_voided_or_taken_back(person, at_centre)

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
            self.a_program_is_upgraded(where, NEW)
        for where in (0, 1, 0, 1):
            self.sync(where)
        super().agree()
        for station in self.stations:
            there = select(Visit).where(Visit.office_id == station.desk.office_id)
            same(pictures(station, select(Visit)), pictures(self.here.node, there))
        for node in (*self.stations, self.here.node):
            assert not node.get(later.is_any)
            assert not node.get(later.is_unread)
            for one in node.get(lambda s: s.scalars(select(Retiree)).all()):
                assert {getattr(one, name) == getattr(one, MADE[name]) for name in MADE} == {True}


def note(session: Session, key: str, value: str) -> None:
    session.get_one(Visit, key).remark = value


def turn_visit(session: Session, key: str, *, with_person: bool) -> None:
    """Void it, or take the voiding back; and the person in the same action."""
    one = session.get_one(Visit, key)
    one.is_void = not one.is_void
    one.void_reason = "登错了" if one.is_void else None
    if with_person:
        turn(session, one.retiree_id)


Ages.TestCase.settings = settings(max_examples=5, stateful_step_count=15)
TestAges = pytest.mark.timeout(300)(Ages.TestCase)
