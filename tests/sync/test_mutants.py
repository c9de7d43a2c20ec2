"""Each known mistake of such systems, put into our engine on purpose: the histories must see it
(sync.md 4.14, the broken variants). A mistake that passes would be a hole in the histories."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, delete, false, select, true, update

from app import erasure
from app.handover import late
from app.ruling import aside
from models import emptying, exchange
from models.audit import Audit
from models.exchange import Change, Replica
from models.handover import Handover
from models.kit import changes, db
from models.kit.fields import Merge
from models.kit.ids import new_id
from models.kit.stream import link
from models.retiree import Retiree
from models.ruling import NOW
from sync import digests, later, merge
from sync.centre import hearing
from sync.centre.deciding import (
    apply,
    decide,
    laid_again,
    rows,
    stored,
    taken_back,
    tenure,
    verdicts,
    voids,
)
from sync.centre.keeping import erasing
from sync.centre.receiving import epoch, streams
from sync.centre.telling import downlink, handing, moves, paging
from sync.merge import Fate, Result
from sync.message import Gone
from sync.records import Write
from sync.station import agree, baseline, damage, given_back, inbox, outbox, scope
from tests.sync import (
    test_assigned,
    test_centre_proof,
    test_damaged_station,
    test_emptied,
    test_erasure,
    test_exchange,
    test_forks,
    test_mended,
    test_moves,
    test_moving_forgotten,
    test_offline_entities,
    test_restore,
    test_row_rules,
    test_voids,
    test_voids_taken_back,
    test_whole_cases,
)
from tests.sync import test_centre_restored as restored
from tests.sync import test_versions as scenes
from tests.sync.mistakes import Patch, play, seen
from tests.sync.move_parts import two_stations
from tests.sync.parts import World, world
from tests.sync.test_copied import two_pcs_send
from tests.sync.test_erasing import Erasing
from tests.sync.test_histories import Histories
from tests.sync.test_moving import Moving

pytestmark = [pytest.mark.mistake, pytest.mark.timeout(600)]


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
        entry = msgspec.structs.replace(said.entry, head=blind)
        return merge(self, msgspec.structs.replace(said, entry=entry), stage)

    patch.setattr(decide.Batch, "_merge", mutant)


def the_highest_number_counts_as_all_received(patch: Patch) -> None:
    take_in = streams.take_in

    def mutant(session: Any, stream: Any, header: Any, entries: Any, **rest: Any) -> Any:
        if entries and header.first > stream.contiguous + 1:
            stream.contiguous, stream.head = header.first - 1, bytes.fromhex(header.before)
        return take_in(session, stream, header, entries, **rest)

    patch.setattr(hearing, "take_in", mutant)


def what_is_offered_again_is_decided_again(patch: Patch) -> None:
    patch.setattr(stored.Stored, "_prefetch_known", lambda self, ids: None)


def what_is_in_dispute_stays_outside_alone(patch: Patch) -> None:
    split = decide._result
    patch.setattr(
        decide, "_result", lambda fates: Result.CONFLICT if Fate.CASE in fates else split(fates)
    )


def what_rests_on_a_dispute_is_in_dispute_with_all(patch: Patch) -> None:
    patch.setattr(stored.Stored, "through", lambda self, base, name, row: base)


def what_has_effect_in_law_goes_by_the_clock(patch: Patch) -> None:
    by_policy = merge.decide

    def mutant(policy: Any, *rest: Any, **also: Any) -> Any:
        return by_policy(Merge.LWW if policy is Merge.MANUAL else policy, *rest, **also)

    patch.setattr(decide, "decide", mutant)


def a_voiding_takes_what_it_does_not_name(patch: Patch) -> None:
    patch.setattr(voids, "_unseen", lambda *told: "")


def a_voiding_names_only_its_own_base(patch: Patch) -> None:
    patch.setattr(changes, "sights", lambda session, entity, stamps: dict.fromkeys(stamps, ()))


def edits_do_not_say_whether_they_saw_a_voiding(patch: Patch) -> None:
    patch.setattr(voids, "bring_back", lambda *told: ())


def what_was_voided_along_stays_away(patch: Patch) -> None:
    patch.setattr(voids, "belongings", lambda entity: ())


def what_was_taken_back_is_asked_all_the_same(patch: Patch) -> None:
    patch.setattr(taken_back, "close", lambda *told: False)


def half_of_it_taken_back_closes_the_question(patch: Patch) -> None:
    patch.setattr(taken_back, "_is_taken_back", lambda *told: True)


def what_nobody_waits_for_stays_outside_for_good(patch: Patch) -> None:
    patch.setattr(hearing, "MAY_ENTER", exchange.BREACHES)


def what_two_computers_offered_is_answered_to_one(patch: Patch) -> None:
    patch.setattr(apply, "_beside", lambda *told: ())


def whom_others_have_is_kept_where_made_anew(patch: Patch) -> None:
    patch.setattr(agree, "makes_anew", lambda head: False)


def what_comes_in_late_was_said_last(patch: Patch) -> None:
    patch.setattr(stored.Stored, "saw", lambda *told: False)


def what_holds_across_records_is_not_looked_at(patch: Patch) -> None:
    patch.setattr(rows, "broken", lambda *told: "")


def all_of_a_person_waits_behind_what_was_set_aside(patch: Patch) -> None:
    merge_one = decide.Batch._merge

    def mutant(self: Any, said: Any, stage: Any) -> Any:
        aside = select(Change.seq).where(Change.outcome == Result.QUARANTINED)
        if said.entity is Retiree and self.session.scalar(aside.limit(1)):
            raise decide.Waits(said.entry.head.entity_id)
        return merge_one(self, said, stage)

    patch.setattr(decide.Batch, "_merge", mutant)


def what_was_set_aside_is_forgotten(patch: Patch) -> None:
    patch.setattr(hearing, "try_again", lambda *told: [])


def what_is_taken_of_a_dispute_is_another_record(patch: Patch) -> None:
    whole = aside.action_of

    def mutant(session: Any, change_id: str) -> Any:
        return [
            replace(part, head=msgspec.structs.replace(part.head, entity_id=new_id()))
            if part.head.op == "insert"
            else part
            for part in whole(session, change_id)
        ]

    patch.setattr(aside, "action_of", mutant)


def written_counts_as_delivered(patch: Patch) -> None:
    parts = outbox.parts

    def mutant(session: Any, *rest: Any) -> Any:
        made = parts(session, *rest)
        session.connection().exec_driver_sql("UPDATE replica SET acked_seq = seq")
        session.commit()
        return made

    patch.setattr(outbox, "parts", mutant)


def half_an_action_is_applied(patch: Patch) -> None:
    patch.setattr(decide, "is_whole", lambda action: True)


def losers_are_not_told(patch: Patch) -> None:
    patch.setattr(verdicts, "present", lambda *asked, **also: [])


def a_new_stream_starts_empty(patch: Patch) -> None:
    patch.setattr(exchange, "_open_actions", lambda session, ours: iter(()))


def what_a_restore_took_away_is_not_sent_back(patch: Patch) -> None:
    patch.setattr(given_back, "lost", lambda session, me, own: ({}, frozenset()))


def what_the_centre_forgot_still_counts_as_decided(patch: Patch) -> None:
    patch.setattr(baseline, "update", lambda table: update(table).where(false()))


def whoever_says_it_knows_more_is_believed(patch: Patch) -> None:
    def mutant(session: Any, _keys: Any, found: Any, header: Any, _proof: Any) -> None:
        if epoch.is_ahead(session, found, header):
            exchange.new_epoch(session, header.epoch)
            found.at = None

    patch.setattr(epoch, "follow", mutant)


def under_what_signature_is_not_asked(patch: Patch) -> None:
    patch.setattr(epoch, "is_signed", lambda *given: True)


def any_word_of_the_centre_proves_anything(patch: Patch) -> None:
    patch.setattr(epoch, "_is_forgotten", lambda *given: True)


def what_hangs_on_a_lost_record_is_written(patch: Patch) -> None:
    patch.setattr(damage, "pass_over", lambda *given: None)


def the_centre_says_no_verdict_again(patch: Patch) -> None:
    patch.setattr(downlink, "_verdicts", lambda session, office_id: iter(()))


def the_new_snapshot_does_not_replace(patch: Patch) -> None:
    patch.setattr(Write, "is_so", lambda one, there: one.whole and bool(there))


def what_is_not_understood_is_dropped(patch: Patch) -> None:
    patch.setattr(later, "keep", lambda *all: None)


def what_was_kept_covers_what_came_later(patch: Patch) -> None:
    patch.setattr(later, "base_of", lambda stamps, name: "")


def a_record_is_told_without_what_is_kept_of_it(patch: Patch) -> None:
    patch.setattr(later, "beside", lambda values, stamps, words: (dict(values), dict(stamps)))
    patch.setattr(later, "waiting", lambda session, office_id: {})


def a_newer_word_is_merged_without_what_is_kept(patch: Patch) -> None:
    patch.setattr(later, "words_of", lambda session, ids: {})


def an_upgrade_replays_nothing(patch: Patch) -> None:
    patch.setattr(later, "replay", lambda session, schema: {})


def what_waits_with_the_same_number_is_the_same(patch: Patch) -> None:
    patch.setattr(streams, "_said_otherwise", lambda parked, entries: None)


def what_waits_is_set_free_after_whatever_came(patch: Patch) -> None:
    unpark = streams._unpark

    def mutant(session: Any, stream: Any) -> Any:
        session.execute(update(exchange.Parked).values(hash=None))
        return unpark(session, stream)

    patch.setattr(streams, "_unpark", mutant)


def an_entry_that_came_again_need_not_be_the_same(patch: Patch) -> None:
    def mutant(_session: Any, stream: Any, _header: Any, entries: Any) -> Any:
        fresh = [one for one in entries if one.seq > stream.contiguous]
        if fresh:
            stream.contiguous, stream.head = fresh[-1].seq, fresh[-1].hash
        return fresh

    patch.setattr(streams, "_follow", mutant)


def what_never_came_is_not_waited_for(patch: Patch) -> None:
    def mutant(batch: Any, head: Any, name: str, row: Any) -> Any:
        return batch.known.through(head.bases.get(name, ""), name, row)

    patch.setattr(decide.Batch, "_base", mutant)


def what_is_decided_is_thrown_away(patch: Patch) -> None:
    acknowledge = inbox._acknowledge

    def mutant(session: Any, me: Any, header: Any, got: Any) -> None:
        acknowledge(session, me, header, got)
        session.execute(delete(Change).where(Change.outcome.is_not(None)))

    patch.setattr(inbox, "_acknowledge", mutant)


MISTAKES: list[Callable[[Patch], None]] = [
    own_words_are_overlaid_by_the_centres,
    received_counts_as_decided,
    the_later_clock_wins_whatever_was_on_screen,
    the_highest_number_counts_as_all_received,
    what_is_offered_again_is_decided_again,
    half_an_action_is_applied,
    losers_are_not_told,
    a_new_stream_starts_empty,
    the_centre_says_no_verdict_again,
]


def liar_begins_nothing(folder: Path) -> None:
    test_centre_proof.test_a_liar_makes_the_centre_begin_nothing_whatever_it_shows(
        world(folder), test_centre_proof.more_was_read
    )


def two_pcs(order: str, forked_at: int, known: int) -> Callable[[Path], None]:
    def play(folder: Path) -> None:
        with test_forks.two_pcs(folder) as twins:
            test_forks.test_two_that_write_one_stream_are_found_out_whatever_waits(
                twins, order, forked_at, known
            )

    return play


def an_edit_waits(folder: Path) -> None:
    here = world(folder)
    test_offline_entities.test_an_edit_of_what_the_centre_does_not_know_waits_until(
        here, here.station("460203198001"), "it comes after all", "二", []
    )


# seen by histories only with luck: a mistake, and the story that must see it
SEEN_BY_ONE: dict[Callable[[Patch], None], Callable[[Path], None]] = {
    written_counts_as_delivered: lambda folder: (
        test_exchange.test_a_lost_stick_costs_nothing_but_time(world(folder), folder)
    ),
    what_a_restore_took_away_is_not_sent_back: lambda folder: (
        test_restore.test_what_was_reported_after_the_copy_comes_back_from_the_centre(world(folder))
    ),
    what_the_centre_forgot_still_counts_as_decided: lambda folder: (
        restored.test_entries_of_an_earlier_stream_come_back_too(world(folder))
    ),
    what_hangs_on_a_lost_record_is_written: lambda folder: (
        test_damaged_station.test_what_another_computer_wrote_about_a_lost_person_stops_no_contact(
            world(folder), folder, is_by_stick=False
        )
    ),
    whoever_says_it_knows_more_is_believed: liar_begins_nothing,
    under_what_signature_is_not_asked: liar_begins_nothing,
    any_word_of_the_centre_proves_anything: liar_begins_nothing,
    what_waits_with_the_same_number_is_the_same: two_pcs("a7 b7", 7, 5),
    what_waits_is_set_free_after_whatever_came: two_pcs("b9 b10 a6 a7 a8", 9, 8),
    an_entry_that_came_again_need_not_be_the_same: two_pcs("a6 b6", 6, 6),
    what_is_decided_is_thrown_away: lambda folder: (
        restored.test_a_station_gives_back_what_the_centre_has_forgotten(world(folder))
    ),
    what_never_came_is_not_waited_for: an_edit_waits,
}


def the_policy_of_an_unknown_field_is_not_heard(patch: Patch) -> None:
    patch.setattr(decide, "rule", lambda head, entity, name, *, is_known: Merge.LWW)


def a_whole_record_leaves_what_was_kept(patch: Patch) -> None:
    put = later.put

    def mutant(session: Any, office_id: str, noun: str, batch: Any) -> None:
        in_parts = {key: msgspec.structs.replace(one, whole=False) for key, one in batch.items()}
        put(session, office_id, noun, in_parts)

    patch.setattr(later, "put", mutant)


def what_one_side_does_not_know_counts_as_different(patch: Patch) -> None:
    patch.setattr(digests, "younger", lambda entity, schema: frozenset())


def what_is_kept_of_somebody_who_left_stays(patch: Patch) -> None:
    hand = later.hand_over

    def mutant(session: Any, ids: Any, office_id: str | None) -> None:
        if office_id is not None:
            hand(session, ids, office_id)

    patch.setattr(later, "hand_over", mutant)


SCENES: tuple[Callable[[World], None], ...] = (
    restored.test_what_the_lost_centre_had_said_gives_way_to_what_stands,
    scenes.test_an_older_centre_takes_what_it_knows_and_the_rest_after_its_upgrade,
    scenes.test_an_older_station_keeps_a_newer_centres_words_until_its_upgrade,
    scenes.test_an_older_word_that_was_kept_covers_no_newer_value,
    scenes.test_a_record_edited_after_the_upgrade_is_not_covered_by_what_was_kept,
    scenes.test_a_centre_put_back_takes_from_no_station_what_it_only_keeps,
    scenes.test_what_the_lost_centre_had_said_to_an_older_station_is_no_longer_kept,
    scenes.test_a_station_put_back_under_an_older_program_keeps_what_it_had_written,
    scenes.test_what_a_newer_program_wrote_twice_is_decided_as_if_it_were_known,
    scenes.test_what_an_older_station_only_keeps_of_somebody_goes_with_them,
    partial(
        scenes.test_programs_of_different_age_agree_on_what_both_know, station_is=2, centre_is=1
    ),
)

SEEN_IN_SCENES: list[Callable[[Patch], None]] = [
    what_is_not_understood_is_dropped,
    what_was_kept_covers_what_came_later,
    a_record_is_told_without_what_is_kept_of_it,
    a_newer_word_is_merged_without_what_is_kept,
    an_upgrade_replays_nothing,
    the_policy_of_an_unknown_field_is_not_heard,
    a_whole_record_leaves_what_was_kept,
    the_new_snapshot_does_not_replace,
    what_one_side_does_not_know_counts_as_different,
    what_is_kept_of_somebody_who_left_stays,
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: one.__name__)
def test_the_histories_see(mistake: Callable[[Patch], None], monkeypatch: Patch) -> None:
    mistake(monkeypatch)
    with seen():
        play(Histories)


@pytest.mark.parametrize("mistake", SEEN_BY_ONE, ids=lambda one: one.__name__)
def test_one_story_sees(
    mistake: Callable[[Patch], None], monkeypatch: Patch, tmp_path: Path
) -> None:
    mistake(monkeypatch)
    with seen():
        SEEN_BY_ONE[mistake](tmp_path)


@pytest.mark.parametrize("mistake", SEEN_IN_SCENES, ids=lambda one: one.__name__)
def test_the_scenes_see(
    mistake: Callable[[Patch], None], monkeypatch: Patch, tmp_path: Path
) -> None:
    mistake(monkeypatch)
    with seen():
        _play(tmp_path)


def _play(folder: Path) -> None:
    for number, scene in enumerate(SCENES):
        (folder / f"{number}").mkdir()
        scene(world(folder / f"{number}"))


# people who move (sync_model_scope.py) ----------------------------------------------------------


def late_changes_are_merged_as_usual(patch: Patch) -> None:
    patch.setattr(tenure, "is_other", lambda *told: False)


def late_is_judged_by_office_not_by_tenure(patch: Patch) -> None:
    judge = tenure.is_other
    patch.setattr(
        tenure, "is_other", lambda entity, office, title, *rest: judge(entity, office, "", *rest)
    )


def late_changes_are_put_before_nobody(patch: Patch) -> None:
    patch.setattr(handing, "put_before", lambda *told: None)


def the_author_of_a_late_change_never_hears(patch: Patch) -> None:
    patch.setattr(handing, "_answer", lambda *told: None)


def the_old_station_is_told_nothing(patch: Patch) -> None:
    tell = downlink.tell

    def mutant(session: Any, office_id: str, items: Any) -> None:
        tell(session, office_id, [one for one in items if not isinstance(one, Gone)])

    patch.setattr(downlink, "tell", mutant)


def a_stub_follows_the_present_name(patch: Patch) -> None:
    gone = moves.gone_from

    def mutant(session: Any, office_id: str) -> Any:
        for one in gone(session, office_id):
            name = session.scalar(select(Retiree.name).where(Retiree.id == one.person_id))
            yield msgspec.structs.replace(one, values={**one.values, "name": name})

    patch.setattr(moves, "gone_from", mutant)


def the_old_station_keeps_its_words(patch: Patch) -> None:
    patch.setattr(scope, "tidy", lambda *told: None)


def whoever_was_late_is_told_what_stands(patch: Patch) -> None:
    patch.setattr(verdicts, "is_shared", lambda entity: True)


def a_visit_that_was_taken_is_another_visit(patch: Patch) -> None:
    put = late._put

    def mutant(session: Any, one: Any) -> None:
        if one.is_new:
            one.record_id = new_id()
        put(session, one)

    patch.setattr(late, "_put", mutant)


def a_new_station_gets_only_the_person(patch: Patch) -> None:
    comes = moves.comes_to
    patch.setattr(moves, "comes_to", lambda session, key: list(comes(session, key))[:1])


def what_waits_keeps_the_values_of_who_left(patch: Patch) -> None:
    patch.setattr(emptying, "empty_told", lambda *told: None)


def own_words_about_who_left_are_given_back(patch: Patch) -> None:
    patch.setattr(paging, "OWN", paging._entries(true()))


def papers_read_anew_find_no_person(patch: Patch) -> None:
    patch.setattr(scope, "make_room", lambda *told: None)


def a_task_out_of_sight_keeps_the_next_from_being_made(patch: Patch) -> None:
    patch.setattr(scope, "NAMED_AFTER", frozenset())


def an_offer_that_came_to_nothing_keeps_its_name(patch: Patch) -> None:
    patch.setattr(moves, "nobody", lambda offer, _change: moves.whole(Handover, offer))


def death_leaves_an_offer_open(patch: Patch) -> None:
    patch.setattr(handing, "_end", lambda one: "")


def a_station_takes_back_what_the_centre_assigned(patch: Patch) -> None:
    patch.setattr(tenure, "ASSIGNED", "")


def the_log_of_the_centre_mends_nothing(patch: Patch) -> None:
    patch.setattr(laid_again, "lay", lambda *held: 0)


def what_is_older_than_the_log_is_told_as_it_is(patch: Patch) -> None:
    patch.setattr(laid_again._Log, "behind", lambda *held: None)


def what_lost_a_dispute_counts_as_newer(patch: Patch) -> None:
    find = laid_again._Log.of

    def mutant(*given: Any) -> Any:
        log = find(*given)
        log.over.clear()
        return log

    patch.setattr(laid_again._Log, "of", mutant)


def mending_is_tried_for_ever(patch: Patch) -> None:
    patch.setattr(agree, "TRIES", 1_000)


MOVES = [the_old_station_is_told_nothing]


# a mistake, and the story that must see it
def made_anew_twice(there: int, back: int) -> Callable[[World], None]:
    story = test_moving_forgotten.test_of_two_stations_that_make_somebody_anew_one_keeps_them
    return lambda _: story(there, back)


STORIES: dict[Callable[[Patch], None], Callable[[World], None]] = {
    a_stub_follows_the_present_name: test_moves.left_with_the_name_of_that_day,
    what_is_in_dispute_stays_outside_alone: (
        test_whole_cases.test_nothing_of_the_action_enters_and_the_station_shows_what_stands
    ),
    what_is_taken_of_a_dispute_is_another_record: test_whole_cases.test_it_is_taken_whole,
    a_task_out_of_sight_keeps_the_next_from_being_made: lambda here: (
        test_whole_cases.test_whoever_is_found_again_is_due_again(here, NOW, is_ruled_first=False)
    ),
    what_holds_across_records_is_not_looked_at: (
        test_row_rules.test_whoever_is_dead_is_not_certified_alive_and_a_person_sees_it
    ),
    all_of_a_person_waits_behind_what_was_set_aside: (
        test_row_rules.test_other_fields_of_the_person_flow_on
    ),
    what_was_set_aside_is_forgotten: (
        test_row_rules.test_it_enters_by_itself_once_the_state_was_put_right
    ),
    a_voiding_takes_what_it_does_not_name: (
        test_voids.test_a_voiding_that_had_not_seen_an_edit_waits_for_a_person
    ),
    a_voiding_names_only_its_own_base: (
        test_voids.test_a_record_that_hangs_on_the_person_counts_like_an_edit
    ),
    edits_do_not_say_whether_they_saw_a_voiding: (
        test_voids.test_an_edit_that_had_not_seen_the_voiding_brings_all_back
    ),
    what_was_voided_along_stays_away: (
        test_voids.test_an_edit_that_had_not_seen_the_voiding_brings_all_back
    ),
    what_nobody_waits_for_stays_outside_for_good: (
        test_offline_entities.comes_after_all_and_brings_it_in
    ),
    what_two_computers_offered_is_answered_to_one: made_anew_twice(1, 2),
    whom_others_have_is_kept_where_made_anew: made_anew_twice(0, 1),
    what_comes_in_late_was_said_last: test_offline_entities.undoes_nothing_said_since,
    what_was_taken_back_is_asked_all_the_same: (
        test_voids_taken_back.test_a_registration_taken_back_before_the_contact_is_no_question
    ),
    half_of_it_taken_back_closes_the_question: (
        test_voids_taken_back.test_what_was_not_taken_back_is_still_asked
    ),
    what_rests_on_a_dispute_is_in_dispute_with_all: (
        test_whole_cases.test_what_the_author_said_later_is_not_taken_back_with_it
    ),
    what_has_effect_in_law_goes_by_the_clock: (
        test_whole_cases.test_nothing_of_the_action_enters_and_the_station_shows_what_stands
    ),
    late_changes_are_merged_as_usual: (
        test_moves.test_what_the_old_station_wrote_before_it_knew_is_put_before_the_new_one
    ),
    what_waits_keeps_the_values_of_who_left: (
        test_emptied.test_what_waits_unread_about_who_left_is_emptied
    ),
    late_changes_are_put_before_nobody: (
        test_moves.test_what_the_old_station_wrote_before_it_knew_is_put_before_the_new_one
    ),
    late_is_judged_by_office_not_by_tenure: (
        test_moves.test_what_was_written_in_an_earlier_tenure_is_late_even_after_the_person_came_back
    ),
    the_author_of_a_late_change_never_hears: (
        test_moves.test_a_late_change_that_is_left_changes_nothing_and_its_author_hears_why
    ),
    the_old_station_keeps_its_words: (
        test_moves.test_own_words_about_who_left_are_emptied_and_the_chain_still_proves_itself
    ),
    whoever_was_late_is_told_what_stands: (
        test_moves.test_what_the_old_station_wrote_before_it_knew_is_put_before_the_new_one
    ),
    a_visit_that_was_taken_is_another_visit: (
        test_moves.test_what_the_old_station_wrote_before_it_knew_is_put_before_the_new_one
    ),
    an_offer_that_came_to_nothing_keeps_its_name: test_assigned.a_death_leaves_no_name,
    death_leaves_an_offer_open: test_assigned.a_death_closes_what_is_open,
    a_station_takes_back_what_the_centre_assigned: (
        test_assigned.test_a_station_neither_takes_back_nor_invents_what_the_centre_assigns
    ),
    own_words_about_who_left_are_given_back: (
        test_emptied.test_a_station_put_back_is_given_its_own_words_but_for_those_about_who_left
    ),
    papers_read_anew_find_no_person: (
        test_emptied.test_read_anew_by_single_items_no_paper_waits_for_its_person
    ),
    a_new_station_gets_only_the_person: (
        test_moves.test_whoever_takes_a_person_over_gets_the_whole_record_and_the_other_keeps_a_stub
    ),
}


COPIES: dict[Callable[[Patch], None], list[int]] = {
    what_waits_with_the_same_number_is_the_same: [0, 2, 1, 3],
    what_waits_is_set_free_after_whatever_came: [0, 1],
}


@pytest.mark.parametrize("mistake", COPIES, ids=lambda one: one.__name__)
def test_the_rules_of_copies_see(mistake: Callable[[Patch], None], monkeypatch: Patch) -> None:
    mistake(monkeypatch)
    with seen():
        two_pcs_send(COPIES[mistake])


@pytest.mark.parametrize("mistake", MOVES, ids=lambda one: one.__name__)
def test_the_histories_of_moves_see(mistake: Callable[[Patch], None], monkeypatch: Patch) -> None:
    mistake(monkeypatch)
    with seen():
        play(Moving)


@pytest.mark.parametrize("mistake", STORIES, ids=lambda one: one.__name__)
def test_its_story_sees(
    mistake: Callable[[Patch], None], monkeypatch: Patch, tmp_path: Path
) -> None:
    told = test_assigned.with_a_head(two_stations(tmp_path))
    mistake(monkeypatch)
    with seen():
        STORIES[mistake](told)


# rows that a centre lost (sync.md 4.13) ---------------------------------------------------------


MENDED: dict[Callable[[Patch], None], Callable[[World], None]] = {
    the_log_of_the_centre_mends_nothing: (
        test_mended.test_a_person_and_their_visit_come_back_together
    ),
    what_is_older_than_the_log_is_told_as_it_is: (
        test_mended.test_a_row_older_than_the_log_is_brought_up_to_it
    ),
    what_lost_a_dispute_counts_as_newer: (
        test_mended.test_a_row_that_shows_what_lost_shows_what_stood
    ),
    mending_is_tried_for_ever: (
        test_mended.test_what_cannot_be_mended_is_left_to_people_and_nothing_grows
    ),
}


@pytest.mark.parametrize("mistake", MENDED, ids=lambda one: one.__name__)
def test_who_mends_it_sees(
    mistake: Callable[[Patch], None], monkeypatch: Patch, tmp_path: Path
) -> None:
    here = world(tmp_path)
    mistake(monkeypatch)
    with seen():
        MENDED[mistake](here)


# people who are erased (sync_model_scope.py) ----------------------------------------------------


def the_erasure_is_told_to_the_first_who_asks_only(patch: Patch) -> None:
    said, told = downlink._erased, set[str]()

    def mutant(session: Any, office_id: str, person_id: str) -> Any:
        if person_id in told:
            return []
        told.add(person_id)
        return said(session, office_id, person_id)

    patch.setattr(downlink, "_erased", mutant)


def the_erasure_is_told_to_nobody(patch: Patch) -> None:
    patch.setattr(downlink, "_erased", lambda *told: [])


def who_was_erased_stands_in_the_database_only(patch: Patch) -> None:
    patch.setattr(erasure, "erase_again", lambda store, people: None)


def a_centre_put_back_forgets_who_was_erased(patch: Patch) -> None:
    patch.setattr(erasing, "erase_again", lambda session, journal: None)


def what_comes_late_of_an_erased_person_is_read(patch: Patch) -> None:
    patch.setattr(erasing, "hear", lambda *told: b"")


def the_files_received_before_are_kept(patch: Patch) -> None:
    patch.setattr(erasing, "empty_files", lambda *told: None)


def what_was_told_is_kept(patch: Patch) -> None:
    patch.setattr(emptying, "empty_told", lambda *told: None)


def what_was_told_of_who_did_what_is_kept(patch: Patch) -> None:
    empty = emptying.empty_told

    def mutant(session: Any, ids: Any, *whose: str) -> None:
        acts = set(session.scalars(select(Audit.id).where(Audit.id.in_(ids))))
        empty(session, set(ids) - acts, *whose)

    patch.setattr(emptying, "empty_told", mutant)


def an_emptied_item_leaves_a_hole_in_the_chain(patch: Patch) -> None:
    patch.setattr(inbox, "follow", link)


def the_own_log_keeps_its_words_of_an_erased_person(patch: Patch) -> None:
    patch.setattr(emptying, "_written", lambda session, matter: [])


def what_waits_for_an_upgrade_survives_an_erasure(patch: Patch) -> None:
    drop = emptying._drop

    def mutant(session: Any, table: Any, *where: Any) -> int:
        return 0 if table.name == "deferred" else drop(session, table, *where)

    patch.setattr(emptying, "_drop", mutant)


def what_an_erasure_left_is_judged_anew(patch: Patch) -> None:
    patch.setattr(erasing, "left", lambda outcome, reason: b"")


def the_places_that_went_free_are_not_swept(patch: Patch) -> None:
    patch.setattr(db.Store, "scrub", lambda self: None)
    run = Connection.exec_driver_sql

    def mutant(self: Any, line: str, *given: Any) -> Any:
        return run(self, line.replace("secure_delete = ON", "secure_delete = OFF"), *given)

    patch.setattr(Connection, "exec_driver_sql", mutant)


ALL_OF_IT = test_erasure.test_nothing_is_left_of_an_erased_person_wherever_they_were_held
ERASURES: dict[Callable[[Patch], None], Callable[[World], None]] = {
    the_erasure_is_told_to_the_first_who_asks_only: ALL_OF_IT,
    who_was_erased_stands_in_the_database_only: (
        test_erasure.test_a_station_put_back_asks_for_nothing_and_offers_nothing_of_them
    ),
    a_centre_put_back_forgets_who_was_erased: (
        test_erasure.test_a_centre_without_its_files_still_knows_who_was_erased
    ),
    what_comes_late_of_an_erased_person_is_read: (
        test_erasure.test_a_stick_that_comes_a_year_late_is_emptied_as_it_is_heard
    ),
    the_files_received_before_are_kept: ALL_OF_IT,
    what_was_told_is_kept: ALL_OF_IT,
    what_was_told_of_who_did_what_is_kept: (
        test_erasure.test_who_did_what_names_nobody_where_all_was_said_anew_before
    ),
    an_emptied_item_leaves_a_hole_in_the_chain: (
        test_erasure.test_whoever_had_not_read_all_of_it_reads_on_without_a_gap
    ),
    the_own_log_keeps_its_words_of_an_erased_person: ALL_OF_IT,
    what_waits_for_an_upgrade_survives_an_erasure: (
        test_erasure.test_what_waits_for_an_upgrade_goes_too
    ),
    what_an_erasure_left_is_judged_anew: test_erasure.test_the_centre_put_back_brings_nobody_back,
    the_places_that_went_free_are_not_swept: ALL_OF_IT,
}


@pytest.mark.parametrize("mistake", ERASURES, ids=lambda one: one.__name__)
def test_its_erasure_sees(
    mistake: Callable[[Patch], None], monkeypatch: Patch, tmp_path: Path
) -> None:
    here = test_erasure.three_stations(tmp_path)
    mistake(monkeypatch)
    with seen():
        ERASURES[mistake](here)


ERASED = [
    the_erasure_is_told_to_nobody,
    what_comes_late_of_an_erased_person_is_read,
]


@pytest.mark.parametrize("mistake", ERASED, ids=lambda one: one.__name__)
def test_the_histories_of_erasures_see(
    mistake: Callable[[Patch], None], monkeypatch: Patch
) -> None:
    mistake(monkeypatch)
    with seen():
        play(Erasing)
