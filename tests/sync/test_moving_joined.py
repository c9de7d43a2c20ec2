"""Random histories of people whom two stations had, who meet at one of them and are joined there,
parted again and joined on another computer, while they move, are voided and brought back."""

from contextlib import suppress
from itertools import chain
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import Bundle, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import person, retiree
from app.kit.refusal import Refusal
from app.retiree import joining
from app.voided import entered_as
from models.exchange import Conflict
from models.retiree import Retiree
from models.ruling import NOW, OTHER, Ruling
from models.visit import Visit
from tests.sync.parts import Node
from tests.sync.test_moving import WHERE
from tests.sync.test_moving_voided import Voided


class Joined(Voided):
    """Somebody is often registered twice, here and where they come from, or at two computers."""

    twins: Bundle[Any] = Bundle("twins")

    @rule(target=twins, where=WHERE)
    def somebody_is_registered_twice(self, where: int) -> tuple[str, str]:
        """At two computers of a station, or at one that was put back."""
        return self.register_here_and(where, where)

    @rule(target=twins, where=WHERE)
    def somebody_comes_to_where_they_are(self, where: int) -> tuple[str, str]:
        here, came = self.register_here_and(where, self.opposite(where))
        self.sync(self.opposite(where))
        self.goes_over(came, where)
        return here, came

    def register_here_and(self, here: int, there: int) -> tuple[str, str]:
        number = next(self.numbers)
        self.numbers = chain([number, number], self.numbers)
        one, other = (str(self.someone_is_registered(where)) for where in (here, there))
        return one, other

    @rule(target=Voided.people, two=twins, first=some.booleans())
    def one_of_them_goes_on(self, two: tuple[str, str], first: bool) -> str:  # noqa: FBT001
        return two[0 if first else 1]

    @rule(where=WHERE, two=twins, first=some.booleans())
    def two_become_one(self, where: int, two: tuple[str, str], first: bool) -> None:  # noqa: FBT001
        one, other = two if first else two[::-1]
        if self.has(where, one) and self.has(where, other):
            with self.at(where), suppress(Refusal):
                self.stations[where].do(retiree.join, one, other)

    @rule(where=WHERE, two=twins, first=some.booleans())
    def they_become_two_again(self, where: int, two: tuple[str, str], first: bool) -> None:  # noqa: FBT001
        self.somebody_comes_back(where, two[0 if first else 1])

    @rule(where=WHERE)
    def a_day_begins(self, where: int) -> None:
        with self.at(where):
            self.stations[where].do(joining.follow)

    def come_to_rest(self) -> None:
        super().come_to_rest()
        for where in range(len(self.stations)):
            self.a_day_begins(where)
        super().come_to_rest()
        if any(None in one.outcomes() for one in self.stations):
            self.the_centre_rules_on_all()
            super().come_to_rest()

    def the_centre_rules_on_all(self) -> None:
        """What was said of a record that a joining in dispute has made waits for that."""
        asked = select(Conflict.about).where(
            Conflict.needs_person, Conflict.id.not_in(select(Ruling.conflict_id))
        )
        for key in sorted({*self.here.node.read(lambda s: list(s.scalars(asked)))}):
            self.the_centre_rules(key, OTHER if int(key, 16) % 2 else NOW)

    def at_the(self, station: Node, whose: Any) -> dict[str, Any]:
        """Without what was entered in a joining that is put aside, which its author keeps, out of
        sight and without a reason."""
        aside = ("void_reason", "None"), ("is_void", "True")
        found = super().at_the(station, whose)
        return {
            key: one
            for key, one in found.items()
            if not {*aside} <= {(name, value) for name, value, _ in one}
        }

    def agree(self) -> None:
        super().agree()
        assert [one.get(left_behind) for one in self.stations] == [[]] * len(self.stations)


def left_behind(session: Session) -> list[str]:
    """Visits of a registration that was joined which neither stand in sight nor were entered where
    the person is in use."""
    gone = select(Retiree).where(Retiree.is_void.is_(True), Retiree.void_reason == person.JOINED)
    found: list[str] = []
    for one in session.scalars(gone):
        used = session.scalars(
            select(Retiree.id).where(
                Retiree.id_no == one.id_no,
                Retiree.office_id == one.office_id,
                Retiree.is_void.is_(False),
            )
        ).all()
        theirs = Visit.retiree_id == one.id
        seen = session.scalars(select(Visit.id).where(theirs, Visit.is_void.is_(False))).all()
        went = select(Visit.id).where(theirs, Visit.void_reason == person.JOINED)
        lost = [
            key
            for key in session.scalars(went)
            if not any(entered_as(session, Visit, kept, key)[1] for kept in used)
        ]
        found += [*lost, *seen] if used else []
    return found


Joined.TestCase.settings = settings(max_examples=5, stateful_step_count=20)
TestJoined = pytest.mark.timeout(300)(Joined.TestCase)
