"""Each known mistake of such systems, put into our engine on purpose: the histories must see it
(sync.md 4.14, the broken variants). A mistake that passes would be a hole in the histories."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import false, update

from models import exchange
from models.exchange import Change, Replica
from sync import baseline, inbox, outbox
from sync.centre import decide, downlink, service, streams, verdicts
from tests.sync.test_histories import Histories

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]
Patch = pytest.MonkeyPatch

# no shrinking: that it fails is all we ask
QUICK = settings(
    max_examples=40,
    stateful_step_count=30,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def own_words_are_overlaid_by_the_centres(patch: Patch) -> None:
    patch.setattr(inbox, "_pending", lambda session, items: [])


def received_counts_as_decided(patch: Patch) -> None:
    acknowledge = inbox._acknowledge

    def mutant(session: Any, me: Replica, header: Any, got: Any) -> None:
        acknowledge(session, me, header, got)
        session.execute(
            update(Change)
            .where(Change.seq <= me.acked_seq, Change.outcome.is_(None))
            .values(outcome="applied")
            .execution_options(synchronize_session=False)
        )

    patch.setattr(inbox, "_acknowledge", mutant)


def the_later_clock_wins_whatever_was_on_screen(patch: Patch) -> None:
    merge = decide.Batch._merge

    def mutant(self: Any, said: Any, stage: Any) -> Any:
        blind = msgspec.structs.replace(said.entry.head, bases={})
        return merge(self, replace(said, entry=replace(said.entry, head=blind)), stage)

    patch.setattr(decide.Batch, "_merge", mutant)


def the_highest_number_counts_as_all_received(patch: Patch) -> None:
    take_in = streams.take_in

    def mutant(session: Any, stream: Any, header: Any, entries: Any, **rest: Any) -> Any:
        if entries and header.first > stream.contiguous + 1:
            stream.contiguous, stream.head = header.first - 1, bytes.fromhex(header.before)
        return take_in(session, stream, header, entries, **rest)

    patch.setattr(service, "take_in", mutant)


def what_is_offered_again_is_decided_again(patch: Patch) -> None:
    patch.setattr(decide.Batch, "_prefetch_known", lambda self, ids: None)


def written_counts_as_delivered(patch: Patch) -> None:
    parts = outbox.parts

    def mutant(session: Any, *rest: Any) -> Any:
        made = parts(session, *rest)
        session.connection().exec_driver_sql("UPDATE replica SET acked_seq = seq")
        session.commit()
        return made

    patch.setattr(outbox, "parts", mutant)


def half_an_action_is_applied(patch: Patch) -> None:
    patch.setattr(decide, "_is_whole", lambda action: True)


def losers_are_not_told(patch: Patch) -> None:
    patch.setattr(verdicts, "present", lambda stands, one, names: [])


def a_new_stream_starts_empty(patch: Patch) -> None:
    patch.setattr(exchange, "_open_actions", lambda session, ours: iter(()))


def what_a_restore_took_away_is_not_sent_back(patch: Patch) -> None:
    patch.setattr(inbox, "_lost", lambda session, me, own: {})


def what_the_centre_forgot_still_counts_as_decided(patch: Patch) -> None:
    patch.setattr(baseline, "update", lambda table: update(table).where(false()))


def the_centre_says_no_verdict_again(patch: Patch) -> None:
    patch.setattr(downlink, "_verdicts", lambda session, office_id: iter(()))


def the_new_snapshot_does_not_replace(patch: Patch) -> None:
    patch.setattr(inbox, "_is_so", lambda one, there: one.whole and there is not None)


MISTAKES: list[Callable[[Patch], None]] = [
    own_words_are_overlaid_by_the_centres,
    received_counts_as_decided,
    the_later_clock_wins_whatever_was_on_screen,
    the_highest_number_counts_as_all_received,
    what_is_offered_again_is_decided_again,
    written_counts_as_delivered,
    half_an_action_is_applied,
    losers_are_not_told,
    a_new_stream_starts_empty,
    what_a_restore_took_away_is_not_sent_back,
    what_the_centre_forgot_still_counts_as_decided,
    the_centre_says_no_verdict_again,
    the_new_snapshot_does_not_replace,
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: one.__name__)
def test_the_histories_see(mistake: Callable[[Patch], None], monkeypatch: Patch) -> None:
    mistake(monkeypatch)
    with pytest.raises(BaseException):  # noqa: B017, PT011 - any failure of the machine will do
        run_state_machine_as_test(Histories, settings=QUICK)
