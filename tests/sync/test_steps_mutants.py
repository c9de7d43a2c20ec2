"""Known mistakes in reading an older schema, put in on purpose; the stories must see each."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sync import later
from sync.centre.deciding import said
from sync.centre.relay import cityward, laying
from sync.station import inbox
from tests.sync import test_steps as steps
from tests.sync import test_steps_city as city
from tests.sync.city_parts import above
from tests.sync.mistakes import Patch, seen
from tests.sync.parts import world
from tests.sync.test_steps import _steps  # noqa: F401 - the steps of these stories

pytestmark = pytest.mark.mistake


def what_was_kept_is_put_in_as_it_came(patch: Patch) -> None:
    patch.setattr(later, "lift", lambda noun, words, to: dict(words))


def records_are_not_said_anew(patch: Patch) -> None:
    patch.setattr(later, "rise", lambda session, schema: None)


def an_older_centres_words_are_read_as_they_come(patch: Patch) -> None:
    patch.setattr(inbox, "lifted", lambda item: item)


def what_was_on_screen_is_not_known_of_what_is_made(patch: Patch) -> None:
    patch.setattr(said, "heard", lambda head, to=None: head)


def the_city_is_not_told_after_the_upgrade(patch: Patch) -> None:
    plain = cityward.stands
    patch.setattr(
        cityward,
        "stands",
        lambda s, wanted, **how: iter(()) if how else plain(s, wanted),
    )


def what_no_word_proves_is_empty(patch: Patch) -> None:
    patch.setattr(laying, "_held", lambda *_: {})


def same(folder: Path) -> None:
    steps.test_whenever_the_centre_learns_of_it_its_records_are_the_same(world(folder), 1)


def direct(folder: Path) -> None:
    steps.test_whenever_the_centre_learns_of_it_its_records_are_the_same(world(folder), 3)


def deferred(folder: Path) -> None:
    steps.test_what_is_deferred_at_one_schema_is_read_two_later(world(folder))


def newer(folder: Path) -> None:
    steps.test_a_newer_station_reads_an_older_centres_words_as_its_own(world(folder))


def older_district(folder: Path) -> None:
    city.test_a_district_older_than_its_stations(above(folder), 1)


MISTAKES: list[tuple[Callable[[Patch], None], Callable[[Path], None]]] = [
    (what_was_kept_is_put_in_as_it_came, deferred),
    (records_are_not_said_anew, same),
    (an_older_centres_words_are_read_as_they_come, newer),
    (what_was_on_screen_is_not_known_of_what_is_made, direct),
    (the_city_is_not_told_after_the_upgrade, older_district),
    (what_no_word_proves_is_empty, older_district),
]


@pytest.mark.parametrize(
    ("mistake", "story"), MISTAKES, ids=lambda one: getattr(one, "__name__", "")
)
def test_a_story_sees(mistake: Any, story: Any, monkeypatch: Patch, tmp_path: Path) -> None:
    mistake(monkeypatch)
    with seen():
        story(tmp_path)
