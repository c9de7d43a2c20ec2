"""Random histories of people who move, and whose registration is voided and taken back at the
desks meanwhile, which the centre rules on: nobody is asked of what was taken back."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import rule
from sqlalchemy import select

from app import retiree, voided
from app.kit.refusal import Refusal
from models.exchange import Change, Conflict
from models.kit.stream import read_head
from models.retiree import Retiree
from models.ruling import NOW, OTHER, Ruling
from sync.merge import ENTERED
from tests.sync.people import choose
from tests.sync.test_moving import WHERE, TwoDesks, rows_of, written_down


class Voided(TwoDesks):
    """Real verbs, which refuse what cannot be."""

    @rule(where=WHERE, key=TwoDesks.people)
    def somebody_is_voided(self, where: int, key: str) -> None:
        if self.has(where, key):
            with self.at(where), suppress(Refusal):
                self.stations[where].do(retiree.void_registration, key, "登记重了")

    @rule(where=WHERE, key=TwoDesks.people)
    def somebody_comes_back(self, where: int, key: str) -> None:
        if self.has(where, key):
            with self.at(where), suppress(Refusal):
                self.stations[where].do(voided.restore, "retiree", key)

    @rule(where=WHERE, key=TwoDesks.people)
    def somebody_is_voided_by_mistake(self, where: int, key: str) -> None:
        """And taken back at once."""
        self.the_centre_edits(key, "13800000003")
        self.somebody_is_voided(where, key)
        self.somebody_comes_back(where, key)

    @rule(key=TwoDesks.people, to=WHERE)
    def somebody_is_assigned_and_taken(self, key: str, to: int) -> None:
        self.goes_over(key, to)

    @rule(key=TwoDesks.people, choice=some.sampled_from([NOW, OTHER]))
    def the_centre_rules(self, key: str, choice: str) -> None:
        with self.at(None), suppress(Refusal):
            choose(self.here, key, choice)

    def agree(self) -> None:
        super().agree()
        self.nobody_is_asked_of_what_was_taken_back()

    def nobody_is_asked_of_what_was_taken_back(self) -> None:
        """By whoever had voided it."""
        centre = self.here.node
        entered = select(Change.head).where(
            Change.entity == Retiree.__tablename__, Change.outcome.in_(ENTERED)
        )
        heads = map(read_head, centre.read(lambda s: list(s.scalars(entered))))
        back = {one.bases["is_void"] for one in heads if "is_void" in one.bases}
        open_ = select(Conflict.other_change).where(
            Conflict.needs_person, Conflict.id.not_in(select(Ruling.conflict_id)),
            Conflict.entity == Retiree.__tablename__,
        )  # fmt: skip
        assert not back & set(centre.read(lambda s: list(s.scalars(open_))))


Voided.TestCase.settings = settings(max_examples=5, stateful_step_count=20)
TestVoided = pytest.mark.timeout(300)(Voided.TestCase)


def test_what_is_ruled_of_somebody_who_has_left_is_told_where_they_are() -> None:
    """Their old station had voided them; it keeps nothing of whoever is not its own."""
    with written_down(Voided) as story:
        key: Any = story.someone_is_registered(where=1)
        story.sync(1)
        story.the_centre_edits(key=key, value="13800000003")
        story.somebody_is_voided(where=1, key=key)
        story.sync(1)
        story.goes_over(key)
        story.the_centre_rules(key=key, choice=NOW)
        assert story.here.node.get(rows_of(Ruling.retiree_id))
