"""Known mistakes of a program that follows its centre to another address, put in on purpose: the
stories of `test_told_card` and `test_certificate_ends` must see each."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy.orm import Session

from sync import told_card
from sync.centre.serving import renewal
from sync.centre_card import KIND, CentreCard, centre_card, rewrite
from sync.http_link import HttpLink
from sync.pack import Packet
from tests.sync import test_certificate_ends as ends
from tests.sync import test_told_card as told
from tests.sync.address_parts import Moving, Safe, keep_own
from tests.sync.mistakes import Patch, seen
from tests.sync.parts import world

pytestmark = [pytest.mark.mistake, pytest.mark.timeout(300)]


def anybody_says_where_the_centre_is(patch: Patch) -> None:
    patch.setattr(Packet, "check", lambda *_, **__: None)


def the_word_read_last_counts(patch: Patch) -> None:
    def mutant(session: Session, data: bytes, kind: str = KIND) -> bool:
        card = centre_card(session)
        said = told_card.read(card, data)
        place = {"url": said.url, "certificate": said.certificate}
        told_card._move(session, card, kind, number=said.number, token=said.token, **place)
        return True

    patch.setattr(told_card, "take", mutant)


def the_way_back_is_the_one_told_before(patch: Patch) -> None:
    def mutant(session: Session, card: CentreCard, kind: str, **said: Any) -> None:
        rewrite(session, msgspec.structs.replace(card, before=card.way, **said), kind)

    patch.setattr(told_card, "_move", mutant)


def whoever_answers_is_the_centre(patch: Patch) -> None:
    begin = HttpLink.__init__

    def mutant(self: HttpLink, card: CentreCard) -> None:
        begin(self, card)
        context: ssl.SSLContext = self._line._context  # type: ignore[attr-defined]
        context.verify_mode = ssl.CERT_NONE

    patch.setattr(HttpLink, "__init__", mutant)


def what_somebody_says_to_know_is_believed(patch: Patch) -> None:
    patch.setattr(told_card, "proved", lambda _keys, mark: told_card.number_in(mark))


def a_certificate_is_shown_before_all_know_it(patch: Patch) -> None:
    is_due = renewal.is_due
    patch.setattr(renewal, "is_due", lambda s, own: own.next is not None or is_due(s, own))


STORIES: dict[Callable[[Patch], None], Callable[[Moving, Path], None]] = {
    anybody_says_where_the_centre_is: told.test_only_the_centre_can_say_where_it_is,
    the_word_read_last_counts: (
        lambda here, _: told.test_an_older_answer_read_late_does_not_bring_the_old_address_back(
            here
        )
    ),
    the_way_back_is_the_one_told_before: (
        lambda here, _: told.test_a_station_follows_to_another_port_with_another_certificate(here)
    ),
    whoever_answers_is_the_centre: (
        lambda here, _: told.test_whoever_took_over_the_old_address_is_not_believed(here)
    ),
    what_somebody_says_to_know_is_believed: (
        lambda here, _: told.test_who_claims_to_know_a_later_word_proves_it_or_is_told(here)
    ),
    a_certificate_is_shown_before_all_know_it: (
        lambda here, _: ends.test_who_has_not_come_by_then_does_not_hold_it_up_for_ever(here)
    ),
}


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Moving]:
    made = keep_own(world(tmp_path), Safe())
    yield made
    made.here.node.store.close()


@pytest.mark.parametrize("mistake", STORIES, ids=lambda one: one.__name__)
def test_a_story_sees(
    mistake: Callable[[Patch], None], here: Moving, tmp_path: Path, monkeypatch: Patch
) -> None:
    mistake(monkeypatch)
    with seen():
        STORIES[mistake](here, tmp_path)
