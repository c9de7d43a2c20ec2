"""Mistakes put in on purpose between a district and its city: each must be seen by one of the
stories (sync_model_scope.py: relayed, visible, citydefault)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from models.exchange import Replica, Stream
from models.relay import Known
from sync.centre.relay import (
    agreeing,
    answered,
    city,
    cityward,
    contents,
    forward,
    laying,
    needs,
    unsigned,
    visible,
)
from sync.centre.telling import downlink
from tests.sync import test_city as stories
from tests.sync import test_city_contents as pictures
from tests.sync import test_city_faults as faults
from tests.sync import test_city_hostile as lies
from tests.sync import test_city_proof as proofs
from tests.sync import test_erasure_city as erasures
from tests.sync import test_levels as levels
from tests.sync.city_parts import Above, above
from tests.sync.mistakes import Patch, seen

pytestmark = [pytest.mark.mistake, pytest.mark.timeout(300)]
Story = Callable[[Above], None]


def everything_is_shown_to_the_city(patch: Patch) -> None:
    patch.setattr(visible, "open_part", lambda payload: payload)
    patch.setattr(visible, "closed_in", lambda head, said: set())
    patch.setattr(city, "_seen", lambda one: one)


def the_city_takes_what_is_not_for_it(patch: Patch) -> None:
    patch.setattr(city, "open_part", lambda payload: payload)
    patch.setattr(city, "closed_in", lambda head, said: set())


def a_payload_need_not_belong_to_its_head(patch: Patch) -> None:
    patch.setattr(city, "matches", lambda *told, **rest: True)


def a_signature_is_not_looked_at(patch: Patch) -> None:
    patch.setattr(city, "is_signed", lambda *told: True)


def the_districts_account_counts(patch: Patch) -> None:
    patch.setattr(laying, "_proof", lambda *told: None)


def items_do_not_wait_for_words(patch: Patch) -> None:
    patch.setattr(laying, "is_there", lambda *told: True)


def records_do_not_name_their_words(patch: Patch) -> None:
    patch.setattr(needs, "of_items", lambda *told: [[] for _ in told[-1]])


def forgotten(here: Above) -> None:
    faults.test_a_city_that_forgot_words_it_said_it_has_lays_no_record_without_them(
        here, is_known=True
    )


def a_move_is_not_told(patch: Patch) -> None:
    patch.setattr(cityward, "_moved", lambda *told: None)


def a_decided_conflict_is_told_as_it_was_said(patch: Patch) -> None:
    def mutant(self: Any, noun: str, key: str) -> None:
        return None

    patch.setattr(cityward._Saying, "stands", mutant)


def what_nobody_signed_is_not_accounted_for(patch: Patch) -> None:
    patch.setattr(unsigned, "account", lambda *told: [])


def an_old_answer_counts(patch: Patch) -> None:
    reached = answered._reached

    def mutant(session: Any, me: Any, said: Any) -> Any:
        at = session.get(Known, (said.office_id, said.incarnation))
        if at is not None:
            at.seq = 0
        return reached(session, me, said)

    patch.setattr(answered, "_reached", mutant)


def what_was_sent_counts_as_known(patch: Patch) -> None:
    parts = forward.parts

    def mutant(session: Any, *told: Any, **rest: Any) -> Any:
        for one in session.scalars(select(Stream)).all():
            at = Known(office_id=one.office_id, incarnation=one.incarnation)
            at.seq = one.contiguous
            session.merge(at)
        return parts(session, *told, **rest)

    patch.setattr(forward, "parts", mutant)


def rules_of_a_district_become_the_citys(patch: Patch) -> None:
    patch.setattr(laying, "NOT_LAID", frozenset())


def of_somebody_erased_nobody_did_anything(patch: Patch) -> None:
    patch.setattr(cityward._Saying, "_stay", lambda self, person_id: None)


def who_did_what_is_emptied_again(patch: Patch) -> None:
    patch.setattr(downlink, "_names_somebody", lambda item: True)


def what_was_said_meanwhile_counts_as_a_difference(patch: Patch) -> None:
    patch.setattr(agreeing, "_said_since", lambda *_: set())


def by_stick(here: Above) -> None:
    stick = here.folder / "stick"
    stick.mkdir()
    levels.test_what_was_said_while_the_stick_was_under_way_is_left_out(here, stick)


def contents_need_not_be_what_they_are_called(patch: Patch) -> None:
    patch.setattr(contents, "is_right", lambda *_: True)


def a_district_believes_its_city_without_a_signature(patch: Patch) -> None:
    patch.setattr(answered, "is_signed", lambda *told: True)


def claimed(here: Above) -> None:
    shown = proofs.another_number_under_its_signature
    proofs.test_a_district_begins_nothing_anew_because_its_city_says_so(here, shown)


def a_lying_district_makes_all_say_all_again(patch: Patch) -> None:
    def mutant(me: Replica, *_: Any, lacks: bool) -> None:
        me.centre_epoch += lacks

    patch.setattr(city, "_renew", mutant)


def told_too_much(here: Above) -> None:
    proofs.test_a_district_that_lies_is_the_only_one_to_say_all_again(here, proofs.further)


def two_districts(folder: Path) -> Above:
    made = empty(folder)
    made.district().station("460203198002")
    return made


def lie(one: lies.Lie) -> Story:
    """The city must see through this one."""
    return lambda here: lies.test_a_district_that_lies_is_not_believed(here, one)


def in_any_order(here: Above) -> None:
    faults.test_parts_come_in_any_order_and_twice(here, 4)


def empty(folder: Path) -> Above:
    made = above(folder)
    made.district().station("460203198001")
    return made


SEEN: list[tuple[Callable[[Patch], None], Callable[[Path], Above], Story]] = [
    (everything_is_shown_to_the_city, above, stories.test_what_stations_write_comes_to_the_city),
    (the_city_takes_what_is_not_for_it, lies.told_to, lie(lies.with_what_is_not_for_the_city)),
    (a_payload_need_not_belong_to_its_head, lies.told_to, lie(lies.another_value)),
    (a_signature_is_not_looked_at, lies.told_to, lie(lies.no_signature)),
    (the_districts_account_counts, lies.told_to, lie(lies.other_words_in_a_record)),
    (items_do_not_wait_for_words, empty, in_any_order),
    (records_do_not_name_their_words, empty, forgotten),
    (a_move_is_not_told, above, stories.test_a_person_who_moves_is_at_the_new_station),
    (a_decided_conflict_is_told_as_it_was_said, above, stories.test_where_two_sides_differ),
    (an_old_answer_counts, empty, faults.test_an_old_answer_takes_nothing_back),
    (what_was_sent_counts_as_known, above, stories.test_what_stations_write_comes_to_the_city),
    (
        what_nobody_signed_is_not_accounted_for,
        empty,
        faults.test_what_no_file_proves_goes_up_as_the_districts_account,
    ),
    (
        of_somebody_erased_nobody_did_anything,
        erasures.that_may_erase,
        erasures.test_who_did_what_comes_up_of_somebody_the_city_had_not_heard_of,
    ),
    (
        who_did_what_is_emptied_again,
        erasures.that_may_erase,
        erasures.test_it_comes_up_too_where_more_of_them_was_heard_before_the_city_read_it,
    ),
    (what_was_said_meanwhile_counts_as_a_difference, levels.some, by_stick),
    (
        contents_need_not_be_what_they_are_called,
        empty,
        pictures.test_the_city_takes_only_what_it_lacks_and_what_is_what_it_is_called,
    ),
    (a_district_believes_its_city_without_a_signature, empty, claimed),
    (a_lying_district_makes_all_say_all_again, two_districts, told_too_much),
    (rules_of_a_district_become_the_citys, above, stories.test_two_districts_do_not_mix),
]


@pytest.mark.parametrize(("mistake", "made", "story"), SEEN, ids=lambda one: one.__name__)
def test_the_story_sees(
    mistake: Callable[[Patch], None],
    made: Callable[[Path], Above],
    story: Story,
    monkeypatch: Patch,
    tmp_path: Path,
) -> None:
    here = made(tmp_path)
    mistake(monkeypatch)
    with seen():
        story(here)
