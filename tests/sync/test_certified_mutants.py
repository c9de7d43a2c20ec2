"""Known mistakes about certification, what is ruled and who is offered, put in on purpose: a story
must see each (sync.md 4.4, 4.11)."""

from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import pytest

from app.certification import centre as from_centre
from app.ruling import deciding
from models.exchange import Conflict
from models.ruling import NOW, OTHER
from sync.centre.deciding.decide import Batch
from sync.centre.telling import downlink, handing
from sync.merge import Result
from sync.station import agree, anew
from tests.sync import test_batches_taken_apart as batches
from tests.sync import test_certified as certified
from tests.sync import test_certified_back as back
from tests.sync import test_moving_forgotten as forgotten
from tests.sync import test_moving_voided as voided
from tests.sync.mistakes import Patch, play, seen
from tests.sync.move_parts import two_stations
from tests.sync.people import seat

pytestmark = [pytest.mark.mistake, pytest.mark.timeout(600)]


def who_has_left_takes_the_whole_action(patch: Patch) -> None:
    def mutant(batch: Batch, action: object, _at: object, reason: str) -> object:
        return batch._outside(action, Result.LATE, reason)  # type: ignore[arg-type]

    patch.setattr(Batch, "_late", mutant)


def what_was_sent_back_counts(patch: Patch) -> None:
    patch.setattr(from_centre, "_reopen_refused", lambda _session: 0)


def a_ruling_is_told_to_those_who_disagreed(patch: Patch) -> None:
    def mutant(_session: object, case: Conflict, _us: str) -> list[str]:
        return [case.office_id]

    patch.setattr(deciding, "concerned", mutant)


def an_answer_is_told_before_its_offer(patch: Patch) -> None:
    silent = SimpleNamespace(**{**vars(downlink), "tell_own": lambda *_: None})
    patch.setattr(handing, "downlink", silent)


def a_ruling_that_the_centre_forgot_stays(patch: Patch) -> None:
    patch.setattr(anew, "let_go", lambda *_, **_more: None)


def an_offer_is_believed_as_long_as_nobody_takes_it_back(patch: Patch) -> None:
    patch.setattr(agree, "_offered", lambda *_: [])


def what_is_still_referred_to_ends_the_contact(patch: Patch) -> None:
    patch.setattr(anew, "suppress", lambda *_: nullcontext())


def of_a_batch() -> None:
    with TemporaryDirectory() as name:
        here = two_stations(Path(name))
        seat(here.node, "centre_head")
        batches.test_what_is_in_dispute_keeps_nobody_else_of_the_batch_out_of_sight(here, OTHER)


FORGOTTEN = back.test_a_ruling_that_the_centre_forgot_is_asked_for_once_more_and_stands_nowhere
RULED = voided.test_what_is_ruled_of_somebody_who_has_left_is_told_where_they_are
SENT_BACK = certified.test_a_certification_sent_back_does_not_count_though_it_closed_no_task
OFFER = forgotten.test_an_offer_that_the_centre_forgot_leaves_whoever_it_was_made_to
REFERRED = forgotten.test_what_a_record_still_refers_to_does_not_go_before_it
MISTAKES: dict[Callable[[Patch], None], Callable[[], None]] = {
    who_has_left_takes_the_whole_action: of_a_batch,
    what_was_sent_back_counts: SENT_BACK,
    a_ruling_is_told_to_those_who_disagreed: RULED,
    an_answer_is_told_before_its_offer: RULED,
    a_ruling_that_the_centre_forgot_stays: partial(FORGOTTEN, NOW),
    an_offer_is_believed_as_long_as_nobody_takes_it_back: OFFER,
    what_is_still_referred_to_ends_the_contact: REFERRED,
}


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: one.__name__)
def test_its_story_sees(mistake: Callable[[Patch], None], monkeypatch: Patch) -> None:
    mistake(monkeypatch)
    with seen():
        MISTAKES[mistake]()


def test_random_histories_see_an_answer_told_before_its_offer(monkeypatch: Patch) -> None:
    an_answer_is_told_before_its_offer(monkeypatch)
    with seen():
        play(voided.Voided)
