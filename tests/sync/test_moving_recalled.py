"""Random histories of people who move, at a centre whose database is put back: what is kept beside
it makes it as if it had never been, to the byte (sync.md 4.9, P5)."""

from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import Bundle, rule
from sqlalchemy import select

from models.entities import ENTITIES
from models.exchange import Change, Conflict, Deferred, Held, RawBatch, Replica, Stream
from models.handover import TAKEN, WITHDRAWN, Handover
from models.kit.base import SYSTEM
from models.movement import Movement
from sync.centre.keeping.journal import Journal
from sync.centre.recall import recall
from sync.centre.telling.handing import MOVED_IN
from tests.sync.parts import Node, copy_of, swap
from tests.sync.test_moving import TwoDesks, rows_of, written_down

BESIDE: tuple[Any, ...] = (Change, Conflict, Deferred, Held, RawBatch, Stream)


class PutBack(TwoDesks):
    """What is kept beside the database is there."""

    centre_copies: Bundle[Any] = Bundle("centre_copies")

    def __init__(self) -> None:
        super().__init__()
        self.here.centre.journal = Journal(self.folder / "raw")

    @rule(target=centre_copies)
    def a_copy_of_the_centre_is_made(self) -> bytes:
        return copy_of(self.here.node)

    @rule(copy=centre_copies)
    def the_centre_is_put_back(self, copy: bytes) -> None:
        before = projection(self.here.node)
        with self.at(None):
            self.here.centre.keep()
            swap(self.here.node, copy)
            self.here.centre.store = self.here.node.store
            recall(self.here.centre)
        assert projection(self.here.node) == before

    @rule(copy=centre_copies)
    def the_centre_is_put_back_and_people_move(self, copy: bytes) -> None:
        self.the_centre_is_put_back(copy)
        self.everybody_talks()


def projection(node: Node) -> dict[str, Any]:
    """Every record with the changes behind it, every entry with its verdict, to the byte. What an
    edit found is remembered where it was made alone, and not beside the database."""
    found: dict[str, Any] = {}
    with node.store.look() as session:
        me = session.scalars(select(Replica)).one()
        found["own"] = (me.incarnation, me.seq, me.head)
        for entity in (*ENTITIES, *BESIDE):
            table = entity.__table__
            system = SYSTEM - {"id", "office_id", "stamps", "is_void"}
            hidden = system if entity in ENTITIES else {"former"}
            columns = [one for one in table.c if one.name not in hidden]
            rows = [repr(tuple(row)) for row in session.execute(select(*columns))]
            found[table.name] = sorted(rows)
    return found


PutBack.TestCase.settings = settings(max_examples=5, stateful_step_count=20)
TestPutBack = pytest.mark.timeout(300)(PutBack.TestCase)


def test_who_left_stays_a_stub_where_own_words_are_shown_again() -> None:
    """One computer of the old station wrote of them before it knew, and the centre was put back."""
    with written_down(PutBack) as story:
        key = story.someone_is_registered(where=0)
        copy = story.a_copy_of_the_centre_is_made()
        story.the_centre_is_put_back_and_people_move(copy=copy)
        story.the_centre_assigns(key=key, to=1)
        story.somebody_moves_away(key=key, where=2)
        _, late = story.a_stick_is_written(where=2).values
        story.somebody_dies(key=key, where=2)
        story.the_centre_is_put_back(copy=copy)
        story.a_stick_reaches_the_centre(file=late)
        story.somebody_moves_at_once(key=key, where=0)


def test_two_computers_of_an_office_that_withdraw_one_offer_say_the_same() -> None:
    """The second had not heard of the first; nothing it said in that action is refused."""
    with written_down(PutBack, (1, 2)) as story:
        key = story.someone_is_registered(where=2)
        story.somebody_moves_away(key=key, where=2)
        story.an_answer_is_late(where=2)
        story.somebody_stays(key=key, where=2)
        story.they_talk(answer=-1, where=2)
        story.they_talk(answer=1, where=0)
        story.somebody_stays(key=key, where=0)


@pytest.mark.parametrize("taken", [True, False])
@pytest.mark.parametrize("is_one_file", [True, False])
def test_whom_two_computers_offered_comes_once_whatever_is_answered_to_the_second_offer(
    *, taken: bool, is_one_file: bool
) -> None:
    """The register there says once that somebody came."""
    with written_down(PutBack, (2**20, 200)) as story:
        key: Any = story.someone_is_registered(where=0)
        story.everybody_talks()
        for where in (2, 0):
            story.somebody_moves_away(where=where, key=key)
        for where in (2, 0, 1):
            story.sync(where)
        story.an_offer_is_answered(where=1, taken=True)
        if not is_one_file:
            story.they_talk(where=1, answer=0)
        story.an_offer_is_answered(where=1, taken=taken)
        story.come_to_rest()
        centre = story.here.node
        assert [one for (one,) in centre.get(rows_of(Handover.state))] == [TAKEN, WITHDRAWN]
        assert centre.get(rows_of(Movement.change_type)).count((MOVED_IN,)) == 1
