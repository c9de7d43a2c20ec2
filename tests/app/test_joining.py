"""Two registrations of one person at one station become one, with all that was noted (R47)."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import (
    acts,
    attachment,
    cert_task,
    certification,
    cross_check,
    daily,
    draft,
    movement,
    person,
    retiree,
    suspicion,
    undo,
    visit,
    voided,
)
from app.kit.refusal import Refusal, Voided
from app.retiree.joining import FOLLOWING
from models.cert_task import CertTask
from models.certification import Certification
from models.entities import GOES_ALONG
from models.handover import LateEdit
from models.kit import clock
from models.kit.ids import named_id, new_id
from models.retiree import DEAD, Retiree
from models.ruling import Ruling
from models.suspicion import Suspicion
from models.visit import Visit
from models.visit_plan import VisitPlan
from tests.app.test_attachment import photo
from tests.make import Station, a_retiree, a_visit, an_id_number, visit_values

SON = {"name": "王一鸣", "relation": "20", "phone": "13800000001"}
DAUGHTER = {"name": "王一鹭", "relation": "30", "phone": "13800000002"}
PAPERS = {"docs_checked": ["1"]}


def registered_again(session: Session, **values: Any) -> str:
    """As it comes from another computer that did not know: with the same number."""
    first = session.scalars(select(Retiree)).first()
    assert first is not None
    given = {"name": first.name, "id_no": first.id_no, "manage_state": "1", **values}
    made = Retiree(id=new_id(), **given)
    session.add(made)
    session.flush()
    cert_task.open_tasks(session, only=[made.id])
    return made.id


def register_as_another(session: Session, **values: Any) -> str:
    """With all that a registration brings, under a number of its own that is put right later."""
    made = a_retiree(session, **{"id_no": an_id_number("1946-11-23", 28), **values})
    session.get_one(Retiree, made).id_no = an_id_number()
    return made


@pytest.fixture
def two(station: Station) -> tuple[str, str]:
    kept = station.do(a_retiree, contacts=[SON])
    other = station.do(registered_again, live_address="凤凰路 9 号", door_note="敲三下")
    return kept, other


def test_whatever_goes_along_with_a_person_follows() -> None:
    """But for tasks and plans, which the program makes by itself, and what was decided of the
    registration as such."""
    by_itself = {Retiree, CertTask, VisitPlan, Ruling, LateEdit}
    assert {*FOLLOWING} | by_itself == set(GOES_ALONG)


def test_what_was_noted_under_either_is_under_the_one(
    station: Station, two: tuple[str, str]
) -> None:
    kept, other = two
    station.do(a_visit, kept)
    theirs = station.do(a_visit, other)
    station.do(attachment.attach, other, [attachment.New(photo(), "11")], visit_id=theirs)
    station.do(retiree.set_family, other, [SON, DAUGHTER])
    station.do(retiree.set_tags, other, ["T04"])
    said = station.do(retiree.join, kept, other)
    now = station.ask(retiree.person, kept)
    assert said.startswith("王秀英 的两份登记已合并")
    assert now.visits_total == 2
    assert sorted(one.name for one in now.family) == ["王一鸣", "王一鹭"]
    assert [one.code for one in now.tags] == ["T04"]
    assert now.values["door_note"] == "敲三下"
    (picture,) = station.ask(attachment.attachments, kept)
    assert picture.visit_id in {one.id for one in now.visits} - {theirs}
    assert (now.twin, len(station.ask(retiree.people, retiree.People()).rows)) == ("", 1)


def test_the_same_picture_stays_with_each_visit_it_was_taken_at(
    station: Station, two: tuple[str, str]
) -> None:
    kept, other = two
    for key in two:
        pictures = [attachment.New(photo(), "02")]
        station.do(visit.record_visit, visit_values(key), pictures=pictures)
        station.do(attachment.attach, key, pictures)
    for _ in range(2):
        station.do(retiree.join, kept, other)
        visits = {one.id for one in station.ask(retiree.person, kept).visits}
        hung = [one.visit_id for one in station.ask(attachment.attachments, kept)]
        assert (len(visits), set(hung), len(hung)) == (2, {*visits, None}, 3)
        station.do(undo.undo)


def test_one_chooses_where_both_say_something(station: Station, two: tuple[str, str]) -> None:
    kept, other = two
    seen = station.ask(retiree.to_join, kept)
    assert {one.field: one.second for one in seen.differences} == {"live_address": "凤凰路 9 号"}
    station.do(retiree.join, kept, other, ["live_address"])
    now = station.ask(retiree.person, kept)
    assert now.values["live_address"] == "凤凰路 9 号"
    assert now.values["mobile"]


def test_the_employer_goes_by_its_name(station: Station) -> None:
    kept = station.do(a_retiree)
    other = station.do(register_as_another, employer_name="市糖厂")
    seen = station.ask(retiree.to_join, kept)
    assert {one.field: one.second for one in seen.differences} == {"employer_name": "市糖厂"}
    theirs = station.get(Retiree, other).employer_id
    station.do(retiree.join, kept, other, ["employer_name"])
    assert station.get(Retiree, kept).employer_id == theirs


def test_a_certification_of_the_other_answers_the_task_of_the_one(
    station: Station, two: tuple[str, str]
) -> None:
    kept, other = two
    assert station.ask(retiree.person, kept).task is not None
    station.do(certification.certify, other, PAPERS)
    station.do(retiree.join, kept, other)
    now = station.ask(retiree.person, kept)
    assert [one.certified_on for one in now.history] == [clock.today()]
    assert now.task is None
    assert now.next_due_on is not None


def test_what_was_tried_for_either_stands_in_the_one_task(
    station: Station, two: tuple[str, str]
) -> None:
    for who, note in zip(two, ("没人接", "儿子接的"), strict=True):
        task = station.ask(retiree.person, who).task
        assert task is not None
        station.do(certification.record_contact, task.id, "1", "6", note)
    station.do(retiree.join, *two)
    task = station.ask(retiree.person, two[0]).task
    assert task is not None
    assert [one["note"] for one in task.attempts] == ["没人接", "儿子接的"]


def test_joined_and_taken_back_both_are_as_they_were(
    station: Station, two: tuple[str, str]
) -> None:
    kept, other = two
    station.do(a_visit, other)
    before = [station.ask(retiree.person, one) for one in two]
    station.do(retiree.join, kept, other, ["live_address"])
    assert "已撤销" in station.do(undo.undo)
    assert [station.ask(retiree.person, one).values for one in two] == [
        one.values for one in before
    ]
    assert [station.ask(retiree.person, one).visits_total for one in two] == [0, 1]
    station.do(retiree.join, kept, other)  # and joined once more nothing is there twice
    assert station.ask(retiree.person, kept).visits_total == 1


def test_weeks_later_they_are_parted_among_what_was_voided(
    station: Station, two: tuple[str, str]
) -> None:
    kept, other = two
    station.do(a_visit, other)
    station.do(retiree.join, kept, other)
    with clock.freeze(clock.now() + timedelta(days=40)):
        (row,) = station.ask(voided.voided, group="retiree").rows
        assert row.reason == "重复登记，已并入另一份"
        assert "已恢复" in station.do(voided.restore, "retiree", other)
        assert [station.ask(retiree.person, one).visits_total for one in two] == [0, 1]


def test_parted_again_what_was_changed_since_stays_where_it_is(
    station: Station, two: tuple[str, str]
) -> None:
    kept, other = two
    station.do(a_visit, other)
    station.do(a_visit, other, visit_type="01")
    station.do(retiree.join, kept, other)
    one, _ = station.ask(retiree.person, kept).visits
    station.do(lambda session: setattr(session.get_one(Visit, one.id), "outcome", "已送医"))
    assert "现在是两份" in station.do(voided.restore, "retiree", other)
    assert [station.ask(retiree.person, one).visits_total for one in two] == [1, 2]


def test_joined_once_more_what_was_corrected_under_the_one_stays_corrected(
    station: Station, two: tuple[str, str]
) -> None:
    kept, other = two
    station.do(a_visit, other)
    station.do(retiree.join, kept, other)
    (one,) = station.ask(retiree.person, kept).visits
    station.do(lambda session: setattr(session.get_one(Visit, one.id), "outcome", "已送医"))
    station.do(voided.restore, "retiree", other)
    station.do(retiree.join, kept, other)
    assert station.get(Visit, one.id).outcome == "已送医"
    assert station.ask(retiree.person, kept).visits_total == 1


def test_the_other_id_leads_to_the_one_that_is_kept(station: Station, two: tuple[str, str]) -> None:
    kept, other = two
    station.do(retiree.join, kept, other)
    with pytest.raises(Voided, match="现在用的是另一份") as told:
        station.ask(retiree.person, other)
    assert told.value.instead == kept


def test_the_form_printed_for_the_other_is_taken_for_the_one(
    station: Station, two: tuple[str, str]
) -> None:
    kept, other = two
    task = station.ask(retiree.person, other).task
    assert task is not None
    (number,) = station.do(certification.assign_form_numbers, [task.id]).values()
    station.do(retiree.join, kept, other)
    returned = station.do(certification.returned, number)
    assert (returned.kind, returned.retiree_id) == ("ok", kept)
    again = station.do(certification.returned, number)
    assert (again.kind, again.retiree_id) == ("already", kept)


def test_the_record_sheet_printed_for_the_other_is_of_a_visit_to_the_one(
    station: Station, two: tuple[str, str]
) -> None:
    kept, other = two
    (paper,) = station.do(visit.visit_record_data, [other]).people
    station.do(retiree.join, kept, other)
    assert station.ask(visit.returned_sheet, paper.payload).retiree_id == kept


@pytest.mark.parametrize("joined_here", [True, False])
def test_a_visit_half_typed_for_the_other_is_found_at_the_one(
    station: Station,
    two: tuple[str, str],
    joined_here: bool,  # noqa: FBT001
) -> None:
    kept, other = two
    if not joined_here:
        station.do(retiree.join, kept, other)
    beside = [("门口.jpg", photo())]
    station.do(draft.save, "visit", other, {"living_note": "膝盖疼"}, "王秀英", beside)
    if joined_here:
        station.do(retiree.join, kept, other)
    else:  # on another computer, and the day's round follows
        station.do(daily.daily)
    found = station.ask(draft.find, "visit", kept)
    assert (found.values, found.pictures) == ({"living_note": "膝盖疼"}, tuple(beside))
    assert [one.subject for one in station.ask(draft.waiting)] == [kept]


def test_where_the_one_that_was_kept_has_died_the_other_leads_there(
    station: Station, two: tuple[str, str]
) -> None:
    kept, other = two
    task = station.ask(retiree.person, other).task
    (number,) = station.do(certification.assign_form_numbers, [task.id]).values()
    station.do(retiree.join, kept, other)
    station.do(lambda session: setattr(session.get_one(Retiree, kept), "manage_state", DEAD))
    returned = station.do(certification.returned, number)
    assert (returned.kind, returned.retiree_id) == ("gone", kept)
    assert "已登记去世" in returned.title
    with pytest.raises(Voided) as told:
        station.ask(retiree.person, other)
    assert told.value.instead == kept


def test_the_doubt_about_the_number_ends_with_it(station: Station, two: tuple[str, str]) -> None:
    assert station.do(cross_check.cross_check) == 2
    station.do(told_by_the_centre, *two)  # before the move
    station.do(retiree.join, *two)
    assert station.ask(suspicion.open_count) == 0


def told_by_the_centre(session: Session, of: str, about: str) -> None:
    made = {"retiree_id": of, "reason": suspicion.TWICE, "found_on": clock.today()}
    session.add(Suspicion(id=named_id(of, about), **made))


def test_a_doubt_about_another_station_stays(station: Station, two: tuple[str, str]) -> None:
    station.do(cross_check.cross_check)
    elsewhere = new_id()
    station.do(told_by_the_centre, two[0], elsewhere)
    station.do(retiree.join, *two)
    (left,) = station.ask(suspicion.suspicions).rows
    assert left.id == named_id(two[0], elsewhere)


def test_a_relative_both_know_keeps_what_either_says_of_them(
    station: Station, two: tuple[str, str]
) -> None:
    kept, other = two
    station.do(retiree.set_family, kept, [{"name": "王一鸣", "relation": "20"}, DAUGHTER])
    station.do(retiree.set_family, other, [SON, {**DAUGHTER, "phone": "13800000003"}])
    station.do(retiree.join, kept, other)
    with station.store.look() as session:
        known = {(one.name, one.phone) for one in person.family(session, kept)}
    assert known == {
        ("王一鸣", "13800000001"),
        ("王一鹭", "13800000002"),
        ("王一鹭", "13800000003"),
    }


def counts_once(station: Station, key: str, number: str) -> None:
    """In the next period the form of this one is not taken again."""
    with clock.freeze(clock.now() + timedelta(days=350)):
        station.do(daily.daily)
        assert station.ask(retiree.person, key).task is not None
        assert station.do(certification.returned, number).kind == "period"
        assert len(station.ask(retiree.person, key).history) == 1


def test_a_form_of_the_other_that_was_taken_once_is_not_taken_for_a_later_period(
    station: Station, two: tuple[str, str]
) -> None:
    kept, other = two
    task = station.ask(retiree.person, other).task
    (number,) = station.do(certification.assign_form_numbers, [task.id]).values()
    assert station.do(certification.returned, number).kind == "ok"
    station.do(retiree.join, kept, other)
    counts_once(station, kept, number)


def test_a_form_of_the_other_that_was_taken_for_the_one_counts_once(
    station: Station, two: tuple[str, str]
) -> None:
    kept, other = two
    task = station.ask(retiree.person, other).task
    (number,) = station.do(certification.assign_form_numbers, [task.id]).values()
    station.do(retiree.join, kept, other)
    assert station.do(certification.returned, number).kind == "ok"
    counts_once(station, kept, number)


def test_whoever_was_visited_under_either_is_not_late(
    station: Station, two: tuple[str, str]
) -> None:
    kept, other = two
    with clock.freeze(clock.now() + timedelta(days=400)):
        station.do(daily.daily)
        assert station.ask(retiree.person, kept).plan.days_late
        station.do(a_visit, other)
        station.do(retiree.join, kept, other)
        plan = station.ask(retiree.person, kept).plan
        assert (plan.last_on, plan.days_late) == (clock.today(), 0)
        station.do(undo.undo)
        assert station.ask(retiree.person, kept).plan.days_late


def test_a_home_visit_planned_for_the_other_is_planned_for_the_one(
    station: Station, two: tuple[str, str]
) -> None:
    kept, other = two
    station.do(certification.plan_home, station.ask(retiree.person, other).task.id)
    station.do(retiree.join, kept, other)
    assert station.ask(retiree.person, kept).task.state == "home_visit"


def test_a_certification_that_was_voided_does_not_count_when_joined_again(
    station: Station, two: tuple[str, str]
) -> None:
    kept, other = two
    station.do(certification.certify, other, PAPERS)
    station.do(retiree.join, kept, other)
    (one,) = station.ask(retiree.person, kept).history
    station.do(certification.void_certification, one.id, "认错人了")
    station.do(voided.restore, "retiree", other)
    station.do(retiree.join, kept, other)
    now = station.ask(retiree.person, kept)
    assert [one.is_void for one in now.history] == [True]
    assert now.task is not None
    assert station.get(Retiree, kept).last_certified_on is None


def sent_back(session: Session, certification_id: str) -> None:
    """As the centre says it."""
    one = session.get_one(Certification, certification_id)
    one.report_state, one.void_reason = "3", "照片不清"


def test_why_a_certification_was_sent_back_goes_along(
    station: Station, two: tuple[str, str]
) -> None:
    kept, other = two
    made = station.do(certification.certify, other, PAPERS).id
    station.do(sent_back, made)
    station.do(retiree.join, kept, other)
    with station.store.look() as session:
        (now,) = session.scalars(
            select(Certification).where(
                Certification.retiree_id == kept, Certification.is_void.is_(False)
            )
        )
        assert (now.report_state, now.void_reason) == ("3", "照片不清")


def test_one_that_was_sent_back_does_not_stand_for_one_that_was_not(
    station: Station, two: tuple[str, str]
) -> None:
    kept, other = two
    station.do(sent_back, station.do(certification.certify, kept, PAPERS).id)
    station.do(daily.daily)
    station.do(certification.certify, other, PAPERS)
    station.do(retiree.join, kept, other)
    now = station.ask(retiree.person, kept)
    assert sorted(one.report_state for one in now.history) == ["0", "3"]
    assert now.task is None


def test_when_they_were_last_certified_is_known_of_either(station: Station) -> None:
    kept = station.do(a_retiree)
    task = station.ask(retiree.person, kept).task
    assert task is not None
    assert task.due_on is None
    lately = clock.today() - timedelta(days=60)
    other = station.do(register_as_another, last_certified_on=lately)
    station.do(retiree.join, kept, other)
    now = station.ask(retiree.person, kept)
    assert now.task is None
    assert now.next_due_on > clock.today() + timedelta(days=270)
    station.do(undo.undo)
    assert station.ask(retiree.person, kept).task == task


def test_when_they_are_due_is_known_of_either(station: Station) -> None:
    kept = station.do(a_retiree)
    long_ago = clock.today() - timedelta(days=400)
    other = station.do(register_as_another, last_certified_on=long_ago)
    due = station.ask(retiree.person, other).task.due_on
    station.do(retiree.join, kept, other)
    task = station.ask(retiree.person, kept).task
    assert (task.due_on, task.state) == (due, "overdue")


def test_a_tag_of_both_is_there_once_with_the_evidence_of_either(
    station: Station, two: tuple[str, str]
) -> None:
    kept, other = two
    station.do(retiree.set_tags, kept, ["T04"])
    until = clock.today() + timedelta(days=400)
    theirs = {"code": "T04", "evidence": "残疾证 12 号", "until_on": until}
    station.do(retiree.set_tags, other, [theirs])
    station.do(retiree.join, kept, other)
    (tag,) = station.ask(retiree.person, kept).tags
    assert (tag.code, tag.evidence, tag.until_on) == ("T04", "残疾证 12 号", None)


def test_whoever_has_a_telephone_under_either_is_not_without(station: Station) -> None:
    kept = station.do(a_retiree, mobile=None, no_phone=True)
    other = station.do(register_as_another)
    assert not station.ask(retiree.to_join, kept).differences
    station.do(retiree.join, kept, other)
    now = station.get(Retiree, kept)
    assert (now.mobile, now.no_phone) == ("13800002617", False)


def corrected(session: Session, visit_id: str) -> None:
    """Since then not all of a joining can be taken back as a whole."""
    session.get_one(Visit, visit_id).outcome = "已送医"


def test_parted_from_one_that_has_died_nothing_is_told_twice(
    station: Station, two: tuple[str, str]
) -> None:
    kept, other = two
    for kind in ("12", "01"):
        station.do(a_visit, other, visit_type=kind)
    station.do(retiree.join, kept, other)
    station.do(corrected, station.ask(retiree.person, kept).visits[0].id)
    station.do(lambda session: setattr(session.get_one(Retiree, kept), "manage_state", DEAD))
    station.do(voided.restore, "retiree", other)
    assert [station.ask(retiree.person, one).visits_total for one in two] == [1, 2]


def test_joined_twice_and_parted_only_what_was_corrected_is_there_twice(
    station: Station, two: tuple[str, str]
) -> None:
    kept, other = two
    for kind in ("12", "01"):
        station.do(a_visit, other, visit_type=kind)
    station.do(retiree.join, kept, other)
    station.do(undo.undo)
    station.do(retiree.join, kept, other)
    station.do(corrected, station.ask(retiree.person, kept).visits[0].id)
    station.do(voided.restore, "retiree", other)
    assert [station.ask(retiree.person, one).visits_total for one in two] == [1, 2]


def test_of_three_two_are_joined_and_parted_whichever_they_are(station: Station) -> None:
    first = station.do(a_retiree)
    second, third = (station.do(registered_again) for _ in range(2))
    for kind in ("12", "01"):
        station.do(a_visit, third, visit_type=kind)
    station.do(retiree.join, second, third)
    station.do(corrected, station.ask(retiree.person, second).visits[0].id)
    station.do(voided.restore, "retiree", third)
    visits = [station.ask(retiree.person, one).visits_total for one in (first, second, third)]
    assert visits == [0, 1, 2]


def test_among_the_last_acts_it_is_called_what_it_was(
    station: Station, two: tuple[str, str]
) -> None:
    station.do(retiree.join, *two)
    assert "重复登记已合并" in [one.words for one in station.ask(acts.recent)]


@pytest.mark.parametrize("doubted", [0, 1])
def test_whoever_was_seen_under_either_is_not_out_of_reach(
    station: Station, two: tuple[str, str], doubted: int
) -> None:
    station.do(suspicion.open_suspicion, two[doubted], suspicion.UNREACHED, "电话停机")
    station.do(a_visit, two[1 - doubted])
    station.do(suspicion.open_suspicion, two[1], suspicion.OTHER, "有人代领")
    station.do(retiree.join, *two)
    waiting = [one.reason for one in station.ask(retiree.person, two[0]).doubts if not one.decision]
    assert waiting == [suspicion.OTHER]


def test_states_that_differ_are_put_right_first(station: Station, two: tuple[str, str]) -> None:
    kept, other = two
    station.do(movement.suspected_death, other, clock.today(), "邻居告知")
    with pytest.raises(Refusal, match="管理状态不同"):
        station.do(retiree.join, kept, other)
    assert station.ask(retiree.person, other).twin == kept


def test_two_different_people_are_not_joined(station: Station) -> None:
    one = station.do(a_retiree)
    other = station.do(a_retiree, name="李建国", id_no=an_id_number("1950-01-02", 31))
    with pytest.raises(Refusal, match="同一身份证号"):
        station.do(retiree.join, one, other)
    with pytest.raises(Refusal, match="同一身份证号"):
        station.ask(retiree.to_join, one)
