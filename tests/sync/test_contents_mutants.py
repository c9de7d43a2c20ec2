"""Known mistakes about contents of attachments, put in on purpose: a story of photos and the random
histories must see each (sync.md 4.11)."""

from collections.abc import Callable
from functools import partial

import msgspec
import pytest
from sqlalchemy.orm import Session

from models import attachment as contents
from models import emptying
from sync.centre.keeping import blobs as at_centre
from sync.centre.telling import downlink
from sync.merge import Result
from sync.message import Verdict
from sync.station import agree, scope
from tests.sync import test_contents as told
from tests.sync import test_erased_photos as erased
from tests.sync.mistakes import Patch, play, seen

pytestmark = [pytest.mark.mistake, pytest.mark.timeout(600)]


def what_was_not_delivered_goes_with_its_person(patch: Patch) -> None:
    mark = contents.mark

    def mutant(session: object, office: str, names: object, **values: object) -> None:
        if "of_person" not in values:
            mark(session, office, names, **values)  # type: ignore[arg-type]

    patch.setattr(contents, "mark", mutant)


def a_content_is_kept_for_its_author_alone(patch: Patch) -> None:
    patch.setattr(at_centre, "_share", lambda _session, _names: None)


def a_content_is_not_kept_for_who_has_the_person_again(patch: Patch) -> None:
    patch.setattr(at_centre, "_gave_away", at_centre._hung)


def what_was_made_too_late_stays_at_its_desk(patch: Patch) -> None:
    hide = scope.hide

    def mutant(session: Session, item: Verdict) -> None:
        if item.result != Result.LATE:
            hide(session, item)

    patch.setattr(scope, "hide", mutant)


def whose_a_content_is_that_its_station_let_go_is_not_said(patch: Patch) -> None:
    patch.setattr(contents, "left", lambda _session, _names: [])


def what_is_delivered_of_whoever_left_stays(patch: Patch) -> None:
    patch.setattr(contents, "let_delivered_go", lambda _session: None)


def what_the_centre_says_to_lack_is_not_heard(patch: Patch) -> None:
    patch.setattr(contents, "doubt", lambda _session, _names: None)


def what_is_said_again_without_words_is_emptied_again(patch: Patch) -> None:
    about = downlink._about

    def mutant(item: msgspec.Struct) -> str | None:
        if isinstance(item, Verdict) and item.result == Result.LATE:
            return item.change_id
        return about(item)

    patch.setattr(downlink, "_about", mutant)


def what_came_before_its_words_outlives_their_person(patch: Patch) -> None:
    patch.setattr(emptying, "drop_unnamed", lambda _session: None)


def what_no_word_names_is_kept_where_somebody_was_erased(patch: Patch) -> None:
    patch.setattr(emptying, "named", lambda _session, names: set(names))


def an_order_to_erase_is_shown_to_nobody(patch: Patch) -> None:
    patch.setattr(agree, "_orders", lambda _session, _me: {})


ON_ITS_WAY = told.test_a_photo_that_was_on_its_way_when_its_person_left_arrives_where_they_are
ADOPTED = told.test_a_late_photo_that_is_adopted_comes_with_its_content
ALONE = told.test_what_came_alone_before_the_centre_was_put_back_is_delivered_again
MISTAKES: dict[Callable[[Patch], None], Callable[[], None]] = {
    what_was_not_delivered_goes_with_its_person: ON_ITS_WAY,
    a_content_is_kept_for_its_author_alone: ADOPTED,
    what_is_delivered_of_whoever_left_stays: ON_ITS_WAY,
    what_the_centre_says_to_lack_is_not_heard: partial(ALONE, is_beside=True),
}
LOST = erased.test_a_content_whose_record_was_lost_with_its_person_is_kept_by_nobody
OF_ERASED: dict[Callable[[Patch], None], Callable[[], None]] = {
    what_is_said_again_without_words_is_emptied_again: (
        erased.test_whoever_was_late_hears_it_though_more_of_somebody_erased_comes_meanwhile
    ),
    what_came_before_its_words_outlives_their_person: partial(LOST, is_late=False),
    what_no_word_names_is_kept_where_somebody_was_erased: partial(LOST, is_late=True),
    an_order_to_erase_is_shown_to_nobody: (
        erased.test_whom_the_centre_forgot_to_have_erased_is_erased_once_more
    ),
}
RARE: dict[Callable[[Patch], None], Callable[[], None]] = {
    a_content_is_not_kept_for_who_has_the_person_again: (
        told.test_photos_on_a_stick_that_was_written_before_their_person_left_reach_who_has_them
    ),
    what_was_made_too_late_stays_at_its_desk: partial(
        told.test_what_was_made_too_late_of_somebody_who_is_back_stands_before_their_own_office,
        adopted=True,
    ),
    whose_a_content_is_that_its_station_let_go_is_not_said: (
        told.test_photos_reach_who_has_the_person_by_a_move_that_the_centre_forgot_to_have_assigned
    ),
}
STORIES = {**MISTAKES, **OF_ERASED, **RARE}


@pytest.mark.parametrize("mistake", STORIES, ids=lambda one: one.__name__)
def test_its_story_sees(mistake: Callable[[Patch], None], monkeypatch: Patch) -> None:
    mistake(monkeypatch)
    with seen():
        STORIES[mistake]()


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: one.__name__)
def test_random_histories_see(mistake: Callable[[Patch], None], monkeypatch: Patch) -> None:
    mistake(monkeypatch)
    with seen():
        play(told.Photos)
