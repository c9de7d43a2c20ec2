"""What a move between two stations looks like at either desk: nothing is told twice, nothing goes
from sight or says what is no longer so (sync.md 4.11)."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import acts, certification, daily, handover, movement, retiree, undo, visit, workbench
from app.certification import papers
from app.handover import LateAction, Offer, offering
from app.kit.refusal import Refusal
from app.kit.run import acted
from models.cert_task import DONE, CertTask
from models.handover import OFFERED, TAKEN, WITHDRAWN, Handover
from models.kit import clock
from models.kit.ids import named_id, new_id
from models.retiree import MANAGED, MOVING_OUT, SUSPECTED_DEAD
from models.tag import Tag
from models.visit import Visit
from models.visit_plan import VisitPlan
from tests.make import a_retiree, a_visit
from tests.sync.move_parts import ON, first_offer, held_of, offered, take, two_stations, whole
from tests.sync.parts import Node, World, register
from tests.sync.people import seat

THIRD = "460203198003"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    made = two_stations(tmp_path)
    yield made
    made.centre.store.close()


def offer_to(session: Session, key: str, station: Node, made: str, by: str | None = None) -> None:
    """As another computer of the office does it at the same time, or the centre."""
    whom = {"person_id": key, "name": "王秀英", "moved_on": ON, "basis": "辖区调整"}
    to = {"to_office_id": station.desk.office_id, "assigned_by": by}
    session.add(Handover(id=made, **whom, **to))


def sent(node: Node) -> list[Offer]:
    found: list[Offer] = node.do(handover.handovers, handover.SENT).rows
    return found


@pytest.mark.parametrize("by", [None, "陈主任"], ids=["ours", "the_centres"])
def test_whoever_stays_is_offered_by_us_to_nobody_of_two(here: World, by: str | None) -> None:
    old, new = here.stations
    third, before = here.station(THIRD), new_id()
    here.sync(old)
    key: str = old.do(whole)
    old.do(movement.moved_out, key, ON, f"{new.code}社区", "子女同住")
    old.do(offer_to, key, third, before, by)
    old.do(movement.stayed, key, "不搬了")
    states = {one.other: one.state for one in sent(old)}
    assert states[f"{new.code}社区"] == WITHDRAWN
    assert states.get(f"{THIRD}社区") == (OFFERED if by else WITHDRAWN)


def test_of_two_offers_the_page_names_the_station_that_took_the_person(here: World) -> None:
    """The other one was withdrawn, and nobody answered it."""
    old, new = here.stations
    third = here.station(THIRD)
    here.sync(old)
    key = offered(here, old, new)
    old.do(offer_to, key, third, new_id())
    here.sync(old)
    take(here, new)
    here.sync(old)
    assert {one.other: (one.state, one.stays) for one in sent(old)} == {
        f"{new.code}社区": (TAKEN, False), f"{THIRD}社区": (WITHDRAWN, False),
    }  # fmt: skip
    assert f"已由 {new.code}社区 接收" in old.do(retiree.person, key).readonly


def test_a_no_of_last_time_is_not_told_of_whoever_leaves_for_elsewhere(here: World) -> None:
    old, new = here.stations
    key = offered(here, old, new)
    new.do(handover.decline, new.get(first_offer), "查无此住址")
    for node in (new, old):
        here.sync(node)
    assert old.do(retiree.person, key).banner.text == "查无此住址"
    assert [one.is_leaving for one in sent(old)] == [True]
    old.do(movement.stayed, key, "不搬了")
    assert [(one.stays, one.is_leaving) for one in sent(old)] == [(True, False)]
    old.do(movement.moved_out, key, ON, "海口市", "随子女")
    assert old.do(retiree.person, key).banner is None


def test_a_form_printed_before_the_move_is_taken_by_the_new_station(here: World) -> None:
    old, new = here.stations
    key: str = old.do(due_lately)
    old.do(daily.daily)
    (task,) = old.get(lambda s: s.scalars(select(CertTask.id)).all())
    old.do(certification.assign_form_numbers, [task])
    code = old.do(certification.form_data, [task])[0].payload
    old.do(certification.printed, [task])
    old.do(movement.moved_out, key, ON, f"{new.code}社区", "子女同住")
    for node in (old, new):
        here.sync(node)
    take(here, new)
    here.sync(old)
    told = old.do(certification.returned, code)
    assert (told.kind, told.name) == ("other", "王秀英")
    assert f"已由 {new.code}社区 接收" in told.title
    new.do(daily.daily)
    done = new.do(certification.returned, code)
    assert done.recorded
    here.sync(new)
    assert set(new.outcomes()) == {"applied"}


def due_lately(session: Session) -> str:
    """Somebody whose certification is overdue."""
    long_ago = clock.today() - timedelta(days=400)
    return register(session, pension_scheme="1", last_certified_on=long_ago)


def late_rows(here: World, old: Node, new: Node) -> list[LateAction]:
    """What the old station wrote before it knew, before the new one."""
    for node in (old, new):
        here.sync(node)
    found: list[LateAction] = new.do(handover.handovers, handover.LATE).rows
    return found


def moved_unheard(here: World, old: Node, new: Node) -> str:
    """Somebody overdue whom the new station has, and the old one does not know."""
    key: str = old.do(due_lately)
    old.do(daily.daily)
    here.sync(old)
    seat(here.node, "centre_head")
    here.node.do(handover.assign, [key], new.desk.office_id, ON, "辖区调整")
    here.sync(new)
    take(here, new)
    here.sync(new)
    return key


def certified(session: Session, key: str, days_ago: int) -> None:
    on = clock.today() - timedelta(days=days_ago)
    said = {"method": "04", "docs_checked": ["1"], "certified_on": on}
    certification.certify(session, key, said)


def test_no_number_of_the_programs_own_is_shown_of_what_came_late(here: World) -> None:
    old, new = here.stations
    key = moved_unheard(here, old, new)
    old.do(certified, key, 3)
    (row,) = late_rows(here, old, new)
    assert "新的认证记录" in row.labels
    assert not [one for one in row.fields if re.fullmatch("[0-9a-f]{32,}", one.late)]


def test_a_late_tag_of_a_closed_circle_is_for_those_who_see_the_circle(here: World) -> None:
    old, new = here.stations
    key = moved_unheard(here, old, new)
    old.do(tagged, key, "T17")
    (row,) = late_rows(here, old, new)
    assert "精神疾病" in {one.late for one in row.fields}
    seat(new, "clerk")
    (row,) = new.do(handover.handovers, handover.LATE).rows
    assert {one.late for one in row.fields} == {"不在您的查看范围"}
    with pytest.raises(Refusal, match="没有权限"):
        new.do(handover.adopt, row.id)
    seat(new, "health")
    new.do(handover.adopt, row.id)
    assert new.get(lambda s: s.scalars(select(Tag.code)).all()) == ["T17"]


def tagged(session: Session, key: str, code: str) -> None:
    session.add(Tag(retiree_id=key, code=code, since_on=ON, evidence="诊断书"))


def test_a_late_certification_is_not_adopted_beside_the_one_of_the_new_station(here: World) -> None:
    """The centre keeps one a task, so the whole answer stayed outside, and the day went back."""
    old, new = here.stations
    key = moved_unheard(here, old, new)
    old.do(certified, key, 3)
    new.do(certified, key, 0)
    (row,) = late_rows(here, old, new)
    with pytest.raises(Refusal, match="已登记这一期的认证"):
        new.do(handover.adopt, row.id)
    new.do(handover.leave, row.id, "已在本站认证")
    here.sync(new)
    assert set(new.outcomes()) == {"applied"}


def test_a_late_certification_where_there_is_none_answers_the_task(here: World) -> None:
    old, new = here.stations
    key = moved_unheard(here, old, new)
    old.do(certified, key, 3)
    (row,) = late_rows(here, old, new)
    new.do(handover.adopt, row.id)
    here.sync(new)
    assert set(new.outcomes()) == {"applied"}
    assert new.get(lambda s: s.scalars(select(CertTask.state)).all()) == [DONE]
    assert new.person(key).last_certified_on == clock.today() - timedelta(days=3)  # type: ignore[union-attr]


def test_a_late_call_stands_beside_ours_and_opens_no_task_that_was_answered(here: World) -> None:
    old, new = here.stations
    key = moved_unheard(here, old, new)
    (task,) = old.get(lambda s: s.scalars(select(CertTask.id)).all())
    old.do(certification.record_contact, task, "1", "1", "那边打的")
    new.do(certification.record_contact, task, "1", "1", "这边打的")
    new.do(certified, key, 0)
    (row,) = late_rows(here, old, new)
    new.do(handover.adopt, row.id)
    (now,) = new.get(lambda s: s.scalars(select(CertTask)).all())
    assert now.state == DONE
    assert {one["note"] for one in now.attempts} == {"那边打的", "这边打的"}


def test_a_late_visit_does_not_put_the_plan_back(here: World) -> None:
    old, new = here.stations
    key = moved_unheard(here, old, new)
    old.do(visited, key, 9)
    new.do(visited, key, 1)
    plans = select(VisitPlan.last_on, VisitPlan.next_on)
    (before,) = new.get(lambda s: s.execute(plans).all())
    (row,) = late_rows(here, old, new)
    new.do(handover.adopt, row.id)
    assert new.get(lambda s: s.execute(plans).all()) == [before]
    assert len(new.get(lambda s: s.scalars(select(Visit.id)).all())) == 2


def visited(session: Session, key: str, days_ago: int, **more: Any) -> None:
    on = clock.today() - timedelta(days=days_ago)
    said = {"retiree_id": key, "visited_on": on, "met_in_person": True, "spirit": "1"}
    said |= more
    visit.record_visit(session, said)


def test_a_corrected_death_of_somebody_on_the_way_leaves_the_offer_open(here: World) -> None:
    old, new = here.stations
    key = offered(here, old, new)
    old.do(movement.suspected_death, key, ON, "邻居说")
    old.do(movement.correct, key, "本人在家")
    assert old.person(key).manage_state == MOVING_OUT  # type: ignore[union-attr]
    assert [one.state for one in sent(old)] == [OFFERED]
    old.do(movement.correct, key, "不搬")
    assert old.person(key).manage_state == MANAGED  # type: ignore[union-attr]
    assert [one.state for one in sent(old)] == [WITHDRAWN]


def test_whoever_was_taken_over_is_not_on_the_way_again_by_a_correction(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The id of the movement by which they came is a hash, and may sort before all others."""
    low = next(key for key in iter(new_id, "") if named_id(key, "in") < "01")
    monkeypatch.setattr(offering, "new_id", lambda: low)
    old, new = here.stations
    key = offered(here, old, new)
    old.do(movement.suspected_death, key, ON, "邻居说")
    here.sync(old)
    take(here, new)
    here.sync(new)
    assert new.person(key).manage_state == SUSPECTED_DEAD  # type: ignore[union-attr]
    new.do(movement.correct, key, "本人在家")
    assert new.person(key).manage_state == MANAGED  # type: ignore[union-attr]


def test_a_loss_is_counted_by_the_station_that_noted_it(here: World) -> None:
    old, new = here.stations
    key: str = old.do(whole)
    today = clock.today()
    old.do(movement.lost, key, today, "敲门没有人")
    old.do(movement.found, key, today, "在女儿家")
    old.do(movement.moved_out, key, today, f"{new.code}社区", "子女同住")
    for node in (old, new):
        here.sync(node)
    take(here, new)
    for node in (new, old):
        here.sync(node)
    lost = {node.code: node.do(certification.past_periods, 1)[0].lost for node in (old, new)}
    assert lost == {old.code: 1, new.code: 0}
    month = f"{today:%Y-%m}"
    paper = {node.code: node.do(papers.month_summary, month).rows for node in (old, new)}
    assert {at: sum(row.lost for row in rows) for at, rows in paper.items()} == lost


def known_of_offers(node: Node) -> list[tuple[str, str | None, bool]]:
    query = select(Handover.name, Handover.id_no, Handover.is_void)
    return [tuple(row) for row in node.get(lambda s: s.execute(query).all())]


def test_of_an_offer_that_was_undone_the_other_station_keeps_neither_name_nor_number(
    here: World,
) -> None:
    old, new = here.stations
    offered(here, old, new)
    assert known_of_offers(new)[0][0] == "王秀英"
    old.do(undo.undo)
    for node in (old, new):
        here.sync(node)
    assert known_of_offers(new) == [("未转来的人", None, True)]
    assert new.do(handover.waiting)["offers"] == 0


def test_what_the_centre_undid_and_did_again_is_offered_again_with_the_name(here: World) -> None:
    old, new = here.stations
    key: str = old.do(whole)
    here.sync(old)
    seat(here.node, "centre_head")
    here.node.do(handover.assign, [key], new.desk.office_id, ON, "辖区调整")
    here.sync(new)
    here.node.do(undo.undo)
    here.sync(new)
    assert known_of_offers(new) == [("未转来的人", None, True)]
    here.node.do(undo.redo)
    for node in (new, old):
        here.sync(node)
    assert [row.name for row in new.do(handover.handovers).rows] == ["王秀英"]
    assert [row.state for row in sent(old)] == [OFFERED]
    take(here, new)
    assert held_of(new, key)["visit"] == 1


def test_whoever_came_is_told_by_where_they_came_from(here: World) -> None:
    old, new = here.stations
    key = offered(here, old, new)
    take(here, new)
    here.sync(new)
    (came,) = (one for one in new.do(movement.movements, key) if one.change_type == "2")
    assert came.other == f"{old.code}社区"
    events = new.do(retiree.timeline, key).page.rows
    (told,) = (one for one in events if one.title == "变动：迁入")
    assert told.detail == f"{old.code}社区，子女同住"


def test_whoever_was_not_taken_is_to_be_done_until_somebody_says_what_now(here: World) -> None:
    old, new = here.stations
    key = offered(here, old, new)
    new.do(handover.decline, new.get(first_offer), "查无此住址")
    for node in (new, old):
        here.sync(node)

    def told() -> list[tuple[str, str]]:
        return [
            (row.title, row.matter) for row in old.do(workbench.todo).rows if row.kind == "sent"
        ]

    assert told() == [("迁出没有接收", "1 人")]
    assert old.do(workbench.todo).counts["all"] == 1
    old.do(movement.stayed, key, "不搬了")
    assert told() == []
    old.do(movement.moved_out, key, ON, "海口市", "随子女")
    assert told() == []


def test_gifts_of_a_late_visit_are_told_in_words(here: World) -> None:
    old, new = here.stations
    key = moved_unheard(here, old, new)
    old.do(visited, key, 9, goods=[{"name": "大米"}, {"name": "花生油"}], receiver="本人")
    (row,) = late_rows(here, old, new)
    assert "大米、花生油" in {one.late for one in row.fields if one.label == "慰问品"}


@pytest.mark.parametrize("told", [False, True], ids=["before_it_goes_up", "told"])
@pytest.mark.parametrize("answer", ["take", "decline", "stay"])
def test_an_answer_that_others_act_on_is_not_offered_to_be_taken_back(
    here: World, answer: str, *, told: bool
) -> None:
    """It was done here and put back by the next answer of the centre."""
    old, new = here.stations
    key = offered(here, old, new)
    said: dict[str, tuple[Node, Any]] = {
        "take": (new, lambda s: handover.take(s, first_offer(s))),
        "decline": (new, lambda s: handover.decline(s, first_offer(s), "没有这个人")),
        "stay": (old, lambda s: movement.stayed(s, key, "不搬了")),
    }
    node, verb = said[answer]
    tx = node.do(acted, verb).tx
    if told:
        here.sync(node)
    offer = node.do(undo.last)
    assert offer is None or offer.tx != tx
    with pytest.raises(Refusal, match="不能撤销"):
        node.do(undo.undo, tx)


def test_nobody_is_noted_as_gone_to_a_station_that_was_never_asked(here: World) -> None:
    """They would have been in nobody's care."""
    old, new = here.stations
    here.sync(old)
    key: str = old.do(whole)
    old.do(movement.moved_out, key, ON, "海口市龙华区", "子女同住")
    with pytest.raises(Refusal, match=r"是本区的站点.*先撤回迁出") as refused:
        old.do(movement.moved_out, key, ON, f"{new.code}社区", "子女同住", confirmed=True)
    assert refused.value.field == "to"


def test_whoever_stays_after_a_no_is_no_longer_among_those_nobody_took(here: World) -> None:
    """The list at the centre only grew."""
    old, new = here.stations
    key = offered(here, old, new)
    new.do(handover.decline, new.get(first_offer), "查无此住址")
    here.sync(new)
    seat(here.node, "centre_head")
    assert here.node.do(handover.overseen_counts)["refused"] == 1
    here.sync(old)
    old.do(movement.stayed, key, "不搬了")
    here.sync(old)
    counts = here.node.do(handover.overseen_counts)
    assert (counts["refused"], counts["over"]) == (0, 1)
    assert not here.node.do(handover.overseen, "refused").rows
    (told,) = here.node.do(handover.overseen, "over").rows
    assert told.offer.reason == "查无此住址"


def test_the_last_acts_about_whoever_left_are_told_in_whole_words(here: World) -> None:
    """What we wrote of them is emptied: neither whom it was about nor how it was done is known."""
    old, new = here.stations
    here.sync(old)
    key: str = old.do(a_retiree)
    old.do(a_visit, key)
    old.do(certification.certify, key, {"docs_checked": ["1"]})
    old.do(movement.moved_out, key, ON, f"{new.code}社区", "子女同住")
    for node in (old, new):
        here.sync(node)
    take(here, new)
    here.sync(old)
    assert [(one.subject, one.words) for one in old.do(acts.recent)] == [
        ("王秀英", "登记迁出"),
        (acts.GONE, "登记资格认证"),
        (acts.GONE, "登记走访"),
        ("王秀英", "新登记"),
    ]
    assert [(one.subject, one.words) for one in new.do(acts.recent)] == [("王秀英", "办理人员转接")]


def test_a_move_is_told_once_at_either_station_and_says_whose_word_it_is(here: World) -> None:
    old, new = here.stations
    here.sync(old)
    key: str = old.do(a_retiree)
    old.do(movement.moved_out, key, ON, f"{new.code}社区", "子女同住")
    for node in (old, new):
        here.sync(node)
    take(here, new)
    here.sync(old)

    def told(node: Node) -> list[tuple[str, str, str]]:
        rows = node.do(retiree.timeline, key).page.rows
        moves = [one for one in rows if one.title.startswith("变动：")]
        return sorted((one.title.removeprefix("变动："), one.detail, one.who) for one in moves)

    to, since = f"{new.code}社区，子女同住", f"{old.code}社区，子女同住"
    name = old.desk.name
    assert told(old) == [("办理迁出", to, name), ("接收", "本站登记", name), ("迁出", to, "")]
    there = f"{old.code}社区"
    assert told(new) == [("办理迁出", to, there), ("接收", "站点登记", there), ("迁入", since, "")]
