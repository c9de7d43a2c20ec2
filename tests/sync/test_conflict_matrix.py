"""What two sides did to one record before they met: nothing, an edit, an edit of another field,
void, edit and void, each against each, as the conflict matrices of sync engines list it (sync.md
5.2, P8).

Whoever arrives first, both sides end with the same; every change has its verdict; a value that
lost is kept with its conflict; and what only one side touched is as that side left it.
"""

from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.employer import Employer
from models.exchange import Conflict
from sync.merge import Result
from tests.sync.parts import Node, World
from tests.sync.people import propose
from tests.sync.views import held, pictures, same

FIELD = "contact"
VALUES = ("edits it", "edits and voids it")
ACTS = ("nothing", "edits it", "edits another field", "voids it", "edits and voids it")


def act(session: Session, key: str, what: str, who: str) -> None:
    one = session.get_one(Employer, key)
    if what in VALUES:
        one.contact = who
    if what == "edits another field":
        one.phone = "0898-00000000" if who == "甲" else "0898-00000001"
    if what.endswith("voids it"):
        session.flush()
        one.is_void, one.void_reason = True, f"{who}作废"


def shared(here: World) -> tuple[Node, Node, str]:
    """Two stations and the centre know one employer."""
    one, two = here.station("460203198001"), here.station("460203198002")
    key = one.do(propose)
    for station in (one, two):
        here.sync(station)
    return one, two, key


def settle(here: World, *stations: Node) -> None:
    for station in (*stations, *stations):
        here.sync(station)


def agree(here: World, *stations: Node) -> Any:
    """All sides show the same one; returns it as the centre has it."""
    for station in stations:
        assert None not in station.outcomes()
        same(pictures(station, select(Employer)), pictures(here.node, select(Employer)))
    return here.node.get(lambda session: session.scalars(select(Employer)).all()[-1])


@dataclass(frozen=True)
class Expected:
    """What stands after ``theirs`` came first and ``mine`` second, neither knowing of the other: an
    edit beats a voiding, whichever was first."""

    mine: str
    theirs: str

    @property
    def is_left_outside(self) -> bool:
        """A voiding that had not seen an edit waits for a person, its whole action with it."""
        return self.mine.endswith("voids it") and "edit" in self.theirs

    @property
    def comes_back(self) -> bool:
        return (
            self.theirs.endswith("voids it")
            and self.mine.startswith("edits")
            and not self.mine.endswith("voids it")
        )

    @property
    def is_void(self) -> bool:
        gone = [what.endswith("voids it") for what in (self.mine, self.theirs)]
        return (
            gone[1] and not self.comes_back
            if self.is_left_outside
            else (any(gone) and not self.comes_back)
        )

    @property
    def said(self) -> list[str]:
        """Whose values met."""
        mine = ["甲"] if self.mine in VALUES and not self.is_left_outside else []
        return mine + (["乙"] if self.theirs in VALUES else [])

    @property
    def disputes(self) -> list[str]:
        over_it = [FIELD] if len(self.said) == 2 else []
        over_it += ["phone"] if self.mine == self.theirs == "edits another field" else []
        return sorted(over_it + (["is_void"] if self.is_left_outside or self.comes_back else []))


@pytest.mark.parametrize(("mine", "theirs"), list(product(ACTS, ACTS)))
def test_two_stations_did_something_to_what_they_share(here: World, mine: str, theirs: str) -> None:
    one, two, key = shared(here)
    one.do(act, key, mine, "甲")
    two.do(act, key, theirs, "乙")
    settle(here, two, one)
    stands, expected = agree(here, one, two), Expected(mine, theirs)
    assert stands.contact in expected.said if expected.said else stands.contact is None
    assert stands.is_void is expected.is_void
    assert stands.is_void is (stands.void_reason is not None)
    cases = here.node.get(lambda session: list(session.scalars(select(Conflict))))
    assert sorted(one.field for one in cases) == expected.disputes
    assert all(one.needs_person for one in cases if one.field == "is_void")
    lost = {one for station in (one, two) for one in station.outcomes()} - {Result.APPLIED}
    assert lost <= {Result.CONFLICT, Result.SUPERSEDED, Result.CASE}
    assert (Result.CASE in lost) is expected.is_left_outside


@pytest.mark.parametrize("first", ["one", "two"])
def test_one_name_inserted_on_both_sides_is_two_records(here: World, first: str) -> None:
    one, two = here.station("460203198001"), here.station("460203198002")
    keys = {one.do(propose), two.do(propose)}
    settle(here, *((one, two) if first == "one" else (two, one)))
    agree(here, one, two)
    assert len(keys) == 2
    assert set(here.node.get(lambda session: list(session.scalars(select(Employer.id))))) == keys


@pytest.mark.parametrize("first", ["one", "two"])
def test_a_field_said_twice_in_one_action_waits_for_nothing(here: World, first: str) -> None:
    """Its second word rests on its first, which the other side's stands over."""
    one, two, key = shared(here)
    one.do(act_twice, key, "甲")
    two.do(act_twice, key, "乙")
    settle(here, *((one, two) if first == "one" else (two, one)))
    assert agree(here, one, two).contact == "乙二"
    assert not held(here.node)
    assert None not in {*one.outcomes(), *two.outcomes()}


def act_twice(session: Session, key: str, who: str) -> None:
    for word in ("一", "二"):
        session.get_one(Employer, key).contact = f"{who}{word}"
        session.flush()
