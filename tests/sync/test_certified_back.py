"""Random histories of certification at a centre whose database is put back, with what is kept
beside it or with nothing: with it no word of the centre on a certification that a station had read
is taken back; either way the due lists are sound and all agree (sync.md 4.9)."""

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import invariant, rule
from sqlalchemy import Connection, select

from models.certification import CONFIRMED, REFUSED, Certification
from models.exchange import Change
from models.kit.stream import read_head
from models.ruling import NOW, OTHER, Ruling
from tests.sync.test_certified import Certified, disputed_people
from tests.sync.test_moving import WHERE, rows_of, written_down
from tests.sync.test_moving_forgotten import Forgotten
from tests.sync.test_moving_recalled import PutBack

ANSWERED = select(Certification.id, Certification.stamps).where(
    Certification.report_state.in_([CONFIRMED, REFUSED])
)


class Answered(Certified):
    """Where the centre's word on somebody's certification is often read."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: set[tuple[str, str]] = set()

    @rule(where=WHERE, key=Certified.people, good=some.booleans())
    def somebody_is_certified_and_it_is_answered(
        self,
        where: int,
        key: str,
        good: bool,  # noqa: FBT001
    ) -> None:
        self.somebody_is_certified(where, key, 0)
        self.sync(where)
        self.the_centre_answers_a_certification(key, good)
        self.sync(where)

    @rule(key=Certified.people, choice=some.sampled_from([NOW, OTHER]))
    def two_desks_disagree_and_it_is_ruled(self, key: str, choice: str) -> None:
        self.somebody_is_said_to_be_dead(0, key, 0)
        self.somebody_is_lost_or_found(2, key, "lost")
        self.sync(0)
        self.sync(2)
        self.the_centre_rules(key, choice)
        self.sync(0)

    @invariant()
    def a_word_of_the_centre_is_remembered(self) -> None:
        for station in self.stations:
            self.heard |= station.known("answered", answered)


class CertifiedBack(Answered, PutBack):
    """What is kept beside the database is there."""

    def agree(self) -> None:
        super().agree()
        stands, behind = dict(self.here.node.read(answered)), self.here.node.read(said_over)
        for key, change in self.heard:
            at = stands.get(key, "")
            while at not in ("", change):
                at = behind.get(at, "")
            assert at == change, "what a station had read was taken back"


class CertifiedForgotten(Answered, Forgotten):
    """The stations alone know that the centre was put back."""

    def come_to_rest(self) -> None:
        self.heal()
        super().come_to_rest()


def answered(rows: Connection) -> set[tuple[str, str]]:
    """Certifications that the centre has spoken about, each with the change that says so."""
    return {(one.id, one.stamps["report_state"]) for one in rows.execute(ANSWERED)}


def said_over(rows: Connection) -> dict[str, str]:
    """Of each word on a certification, the one it was said over."""
    said = select(Change.head).where(Change.entity == Certification.__tablename__)
    heads: Any = map(read_head, rows.scalars(said))
    return {one.change_id: one.bases.get("report_state", "") for one in heads}


for one in (CertifiedBack, CertifiedForgotten):
    one.TestCase.settings = settings(max_examples=1, stateful_step_count=20)
TestCertifiedBack = pytest.mark.timeout(300)(CertifiedBack.TestCase)
TestCertifiedForgotten = pytest.mark.timeout(300)(CertifiedForgotten.TestCase)


@pytest.mark.parametrize("choice", [NOW, OTHER])
def test_a_ruling_that_the_centre_forgot_is_asked_for_once_more_and_stands_nowhere(
    choice: str,
) -> None:
    """Its station had read it."""
    with written_down(CertifiedForgotten) as story:
        key: Any = story.somebody_is_due(where=0)
        copy = story.a_copy_of_the_centre_is_made()
        story.two_desks_disagree_and_it_is_ruled(key=key, choice=choice)
        story.the_centre_forgets(copy=copy)
        story.heal()
        sides = (story.here.node, story.stations[0])
        assert [one.get(rows_of(Ruling.id)) for one in sides] == [[], []]
        assert story.here.node.read(disputed_people) == [key]
