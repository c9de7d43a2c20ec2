"""Known mistakes of a queue that acknowledges before it decides, put in on purpose: a story of the
queue must see each (sync.md 4.7, 4.13)."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import update

from models.exchange import Change, Replica
from models.kit import clock
from sync.centre import service
from sync.centre.receiving import files, intake
from sync.centre.receiving.parties import parties as found
from sync.station import inbox
from tests.sync import test_intake as told
from tests.sync.mistakes import Patch, seen
from tests.sync.parts import World, world

pytestmark = [pytest.mark.mistake, pytest.mark.timeout(600)]
Story = Callable[[Path, Patch], None]


def a_receipt_counts_as_a_verdict(patch: Patch) -> None:
    stored = inbox._stored

    def mutant(session: Any, me: Replica, packet: Any) -> Any:
        got = stored(session, me, packet)
        session.execute(update(Change).where(Change.outcome.is_(None)).values(outcome="applied"))
        return got

    patch.setattr(inbox, "_stored", mutant)


def a_receipt_acknowledges_nothing(patch: Patch) -> None:
    def mutant(_session: Any, me: Replica, packet: Any) -> Any:
        unsent = me.seq - me.acked_seq
        return inbox.Received(waiting=True, receipt=packet.header.receipt, unsent=unsent)

    patch.setattr(inbox, "_stored", mutant)


def a_receipt_acknowledges_beyond_a_gap(patch: Patch) -> None:
    def mutant(_at: intake.Reach, header: Any, entries: Any) -> intake.Reach:
        return intake.Reach(header.last, entries[-1].hash)

    patch.setattr(intake.Reach, "with_file", mutant)


def a_file_counts_from_when_it_is_decided(patch: Patch) -> None:
    now = SimpleNamespace(now=clock.now, at=lambda _moment: nullcontext())
    patch.setattr(service, "clock", now)


def who_was_let_in_is_asked_again_when_it_is_decided(patch: Patch) -> None:
    parties = found

    def mutant(session: Any, header: Any, sha256: str, **_also: Any) -> Any:
        return parties(session, header, sha256)

    patch.setattr(files, "parties", mutant)


def what_was_asked_beforehand_is_never_asked_again(patch: Patch) -> None:
    settle = intake.settle

    def mutant(session: Any, office_id: str = "") -> None:
        shelf = session.info.get(intake._SHELF)
        settle(session, office_id)
        if shelf is not None:
            intake.expect(session, shelf.expected)

    patch.setattr(intake, "settle", mutant)


def when_it_was_decided_is_not_kept(patch: Patch) -> None:
    def mutant(self: service.Centre, names: Any, asked: Any = ()) -> Any:
        with self.writing() as (session, _kept):
            return self.decide_these(session, names, asked)

    patch.setattr(service.Centre, "decide_some", mutant)


def nothing_is_kept_until_it_is_decided(patch: Patch) -> None:
    take = service.Centre.take_all

    def mutant(self: service.Centre, files: Any, *, later: bool = False, **more: Any) -> Any:
        journal, self.journal = self.journal, None if later else self.journal
        try:
            return take(self, files, later=later, **more)
        finally:
            self.journal = journal

    patch.setattr(service.Centre, "take_all", mutant)


def plain(story: Callable[[World], None]) -> Story:
    return lambda folder, _patch: story(world(folder))


STORIES: dict[Callable[[Patch], None], Story] = {
    a_receipt_counts_as_a_verdict: plain(
        told.test_a_stored_file_is_acknowledged_and_its_verdicts_come_with_the_next_contact
    ),
    a_receipt_acknowledges_nothing: plain(
        told.test_what_was_stored_is_not_sent_again_and_what_follows_is
    ),
    a_receipt_acknowledges_beyond_a_gap: lambda folder, patch: (
        told.test_parts_in_the_wrong_order_are_acknowledged_only_as_far_as_nothing_lacks(
            world(folder), patch
        )
    ),
    a_file_counts_from_when_it_is_decided: plain(
        told.test_a_file_waits_as_long_as_it_must_but_counts_from_when_it_came
    ),
    who_was_let_in_is_asked_again_when_it_is_decided: plain(
        told.test_who_is_revoked_after_his_file_was_stored_has_still_said_it
    ),
    what_was_asked_beforehand_is_never_asked_again: lambda folder, patch: (
        told.test_files_that_are_stored_together_are_each_answered_as_if_they_had_come_alone(
            world(folder), patch
        )
    ),
    when_it_was_decided_is_not_kept: lambda folder, _patch: (
        told.test_an_older_copy_of_the_centre_is_brought_up_to_date_with_its_queue(folder, "stored")
    ),
    nothing_is_kept_until_it_is_decided: lambda folder, _patch: (
        told.test_an_older_copy_of_the_centre_is_brought_up_to_date_with_its_queue(folder, "before")
    ),
}


@pytest.mark.parametrize("mistake", STORIES, ids=lambda one: one.__name__)
def test_its_story_sees(
    mistake: Callable[[Patch], None], monkeypatch: Patch, tmp_path: Path
) -> None:
    mistake(monkeypatch)
    with seen():
        STORIES[mistake](tmp_path, monkeypatch)


@pytest.mark.parametrize("mistake", STORIES, ids=lambda one: one.__name__)
def test_without_it_its_story_is_told_to_the_end(
    mistake: Callable[[Patch], None], monkeypatch: Patch, tmp_path: Path
) -> None:
    STORIES[mistake](tmp_path, monkeypatch)
