"""Random histories of people who move and are erased: stations and the centre are put back, sticks
and answers come late, and at the end nothing of anybody erased is left in any storage."""

import hashlib
import shutil
from contextlib import suppress
from itertools import cycle
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import rule
from sqlalchemy.orm import Session

from app import erasure
from models import emptying
from models.exchange import STREAM
from models.kit.ids import new_id
from models.kit.stream import position
from models.retiree import Retiree
from models.suspicion import Suspicion
from sync.centre.keeping.journal import Journal
from sync.centre.recall import recall
from sync.fault import Fault
from tests.sync import leaks
from tests.sync.parts import Node, copy_of, edit, put_back, register, swap
from tests.sync.test_moving import VALUES, WHERE, Moving, carers, rows_of, walk, written_down


def secret(key: str) -> str:
    """Words that are this person's alone, and say nothing of the id."""
    return f"密{hashlib.sha256(key.encode()).hexdigest()[:12]}"


class Erasing(Moving):
    """The same people, some of whom are erased."""

    people, files, answers, copies = Moving.people, Moving.files, Moving.answers, Moving.copies

    def __init__(self) -> None:
        super().__init__()
        self.here.centre.journal = Journal(self.folder / "raw")
        self.marks: list[dict[str, str]] = [{} for _ in self.stations]
        self.erased: set[str] = set()
        self.late: list[bytes] = []
        self.backup: bytes | None = None

    # what people do -----------------------------------------------------------------------------

    @rule(target=people, where=WHERE)
    def someone_is_registered(self, where: int) -> str:
        def both(session: Session) -> str:
            key = new_id()
            number = next(self.numbers)
            register(session, id=key, name=secret(key), mobile="13800000000", id_no=number)
            session.add(walk(key, new_id()))
            return key

        with self.at(where):
            return self.stations[where].do(both)  # type: ignore[no-any-return]

    @rule(where=WHERE, key=people, value=VALUES)
    def the_station_edits(self, where: int, key: str, value: str) -> None:
        if self.has(where, key):
            with self.at(where):
                self.stations[where].do(edit, key, mobile=value, remark=f"{secret(key)} {value}")

    @rule(key=people, value=VALUES)
    def the_centre_edits(self, key: str, value: str) -> None:
        if self.here.node.person(key) is not None:
            with self.at(None):
                self.here.node.do(edit, key, mobile=value, door_note=f"{secret(key)} {value}")

    @rule(key=people, at_once=some.booleans())
    def somebody_is_erased(self, key: str, at_once: bool) -> None:  # noqa: FBT001
        if self.here.node.person(key) is None:
            return
        self.erased.add(key)
        with self.at(None):
            self.here.node.do(erasure.erase, key, secret(key), "本人书面申请")
            if at_once:
                self.here.centre.keep()

    # what happens on the way --------------------------------------------------------------------

    @rule(file=files)
    def a_stick_reaches_the_centre(self, file: bytes) -> None:
        self.late.append(file)
        super().a_stick_reaches_the_centre(file)

    def sync(self, where: int, answer: int = -1) -> None:
        try:
            super().sync(where, answer)
        finally:
            self.mark(where)

    @rule(answer=answers)
    def an_answer_is_read(self, answer: tuple[int, bytes]) -> None:
        super().an_answer_is_read(answer)
        if self.mark(answer[0]):
            self.stations[answer[0]].store.scrub(noted=True)

    def mark(self, where: int) -> set[str]:
        """As the program does beside each commit; who is new among the erased."""
        at: Any = self.stations[where].get(lambda s: position(s, STREAM))
        fresh = at.erased.keys() - self.marks[where].keys()
        self.marks[where] |= at.erased
        return fresh  # type: ignore[no-any-return]

    @rule(copy=copies)
    def a_copy_is_put_back(self, copy: tuple[int, bytes]) -> None:
        where, data = copy
        with self.at(where):
            put_back(self.stations[where], data)
            erasure.erase_again(self.stations[where].store, self.marks[where])
        self.is_without(self.stations[where], set(self.marks[where]))

    @rule()
    def the_centre_is_backed_up(self) -> None:
        self.backup = copy_of(self.here.node)
        self.here.centre.store = self.here.node.store

    @rule()
    def the_centre_is_put_back(self) -> None:
        if self.backup is None:
            return
        with self.at(None):
            self.here.centre.keep()
            swap(self.here.node, self.backup)
            self.here.centre.store = self.here.node.store
            recall(self.here.centre)

    # the oracle ---------------------------------------------------------------------------------

    def teardown(self) -> None:
        try:
            if hasattr(self, "skews"):
                self.settle()
                self.agree()
                if self.late_ones_come():
                    self.settle()
                    self.agree()
        finally:
            self.patch.undo()
            for node in (*self.stations, self.here.node):
                node.store.close()
            shutil.rmtree(self.folder)

    def late_ones_come(self) -> bool:
        """Sticks that are found a year later; were there any?"""
        for file in self.late:
            with self.at(None), suppress(Fault):
                self.here.centre.accept(file)
        return bool(self.late)

    def settle(self) -> None:
        self.come_to_rest()
        with self.at(None):
            self.here.centre.keep()

    def agree(self) -> None:
        centre = self.here.node
        owners = {key: office for key, office in carers(centre).items() if key not in self.erased}
        assert owners == dict(centre.get(rows_of(Retiree.id, Retiree.office_id)))
        for station in self.stations:
            mine = {key for key, office in owners.items() if office == station.desk.office_id}
            self.holds_what_is_its_own(station, mine)
            self.holds_nothing_else(station, mine)
            self.knows_nobody_who_did_not_come(station)
            assert None not in station.outcomes()
        self.nothing_is_left()

    def nothing_is_left(self) -> None:
        """Of anybody erased, anywhere."""
        assert set(self.here.node.get(emptying.people)) == self.erased
        for station in self.stations:
            self.is_without(station, self.erased)
        words = [secret(key) for key in self.erased]
        assert leaks.found(leaks.of_centre(self.here), words) == []

    @staticmethod
    def is_without(station: Node, people: set[str]) -> None:
        words = [secret(key) for key in people]
        assert leaks.found(leaks.of_node(station), words) == []


Erasing.TestCase.settings = settings(max_examples=5, stateful_step_count=20)
TestErasing = pytest.mark.timeout(300)(Erasing.TestCase)


def test_what_went_before_they_were_erased_and_named_them_is_not_in_free_places_either() -> None:
    """A station had somebody with the same number, was told who the other is, and let them go."""
    with written_down(Erasing) as story:
        story.numbers = cycle(["519902195203078888"])
        key: Any = story.someone_is_registered(where=1)
        story.sync(1)
        same: Any = story.someone_is_registered(where=0)
        story.sync(0)
        assert secret(key) in story.stations[0].get(rows_of(Suspicion.detail))[0][0]
        story.somebody_moves_at_once(key=same, where=0)
        story.sync(0)
        story.somebody_is_erased(key=key, at_once=True)
        story.sync(0)
        story.is_without(story.stations[0], {key})
