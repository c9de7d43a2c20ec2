from datetime import datetime, timedelta
from typing import Any

import pytest

from app import certification, movement, overview, retiree, suspicion, visit
from app.certification import DueFilter, forms, papers
from app.daily import daily
from app.kit.refusal import Refusal
from app.printing import due_list
from models.cert_task import CertTask
from models.certification import Certification
from models.kit import clock
from models.kit.ids import named_id, new_id
from models.parameter import Parameter
from models.retiree import Retiree
from tests.app.printing.reading import whole
from tests.make import Station, a_day, a_retiree, a_visit, an_id_number

KEYS = ("due", "done", "overdue", "home")


def the_task(station: Station, retiree_id: str) -> CertTask:
    with station.store.look() as session:
        return session.query(CertTask).filter_by(retiree_id=retiree_id).one()


def due_soon(station: Station, **changes: object) -> str:
    """王秀英, due on 30 November."""
    return str(station.do(a_retiree, **{"last_certified_on": a_day("2025-12-05"), **changes}))


# ---- tasks ----------------------------------------------------------------------------------


def test_a_task_opens_sixty_days_before_the_day(station: Station) -> None:
    near = station.do(a_retiree, last_certified_on=a_day("2026-01-31"))
    task = the_task(station, near)
    assert (task.due_on, task.period_from) == (a_day("2026-12-31"), a_day("2026-01-31"))
    assert task.id == named_id(near, "2026-12-31")
    far = station.do(
        a_retiree, id_no=an_id_number("1950-01-02", 31), last_certified_on=a_day("2026-03-01")
    )
    with station.store.look() as session:
        assert session.query(CertTask).filter_by(retiree_id=far).count() == 0


def test_an_unknown_last_time_makes_a_task_without_a_day_that_is_never_overdue(
    station: Station,
) -> None:
    key = station.do(a_retiree)
    task = the_task(station, key)
    assert (task.due_on, task.state, task.id) == (None, "due", named_id(key, "first"))
    assert station.do(certification.refresh_states) == 0
    row = station.ask(certification.due, DueFilter(month="2026-11")).rows[0]
    assert (row.due_on, row.days_left) == (None, None)


def test_opening_tasks_again_makes_none(station: Station) -> None:
    due_soon(station)
    assert station.do(certification.open_tasks) == 0


def test_somebody_newly_retired_is_first_due_a_year_later(station: Station) -> None:
    key = station.do(a_retiree, pension_start="2026-01", retired_on="2026-01")
    assert station.ask(retiree.person, key).next_due_on == a_day("2027-01-31")
    assert station.ask(certification.due_total, DueFilter()) == 0


def test_who_is_due_soon_is_as_the_rule_has_it(station: Station) -> None:
    due_soon(station)
    station.do(
        a_retiree, id_no=an_id_number("1950-01-02", 31), last_certified_on=a_day("2026-01-05")
    )
    station.do(a_retiree, id_no=an_id_number("1951-01-02", 31))

    def near() -> dict[str, bool]:
        rows = station.ask(certification.due, DueFilter()).rows
        return {f"{row.due_on or '待核'}": row.is_near for row in rows}

    assert near() == {"2026-11-30": True, "2026-12-31": False, "待核": False}
    station.do(lambda session: session.add(Parameter(key="remind_days_late", value=40)))
    assert near() == {"2026-11-30": True, "2026-12-31": True, "待核": False}


def test_residents_are_due_after_half_a_year(station: Station) -> None:
    key = station.do(a_retiree, pension_scheme="3", last_certified_on=a_day("2026-06-15"))
    assert the_task(station, key).due_on == a_day("2026-12-15")


def test_the_rule_of_the_centre_takes_over_from_its_day(station: Station) -> None:
    def publish(session: object) -> None:
        rule = Parameter(
            id=new_id(), key="cycle_months", value=6, effective_from_on=a_day("2026-11-01")
        )
        session.add(rule)  # type: ignore[attr-defined]

    station.do(publish)
    key = station.do(a_retiree, last_certified_on=a_day("2026-07-05"))
    assert the_task(station, key).due_on == a_day("2026-12-31")


def test_a_task_past_its_day_becomes_overdue_and_a_planned_home_visit_stays(
    station: Station,
) -> None:
    key = due_soon(station)
    other = station.do(
        a_retiree, id_no=an_id_number("1950-01-02", 31), last_certified_on=a_day("2025-12-06")
    )
    station.do(certification.plan_home, the_task(station, other).id)
    with clock.freeze(clock.now() + timedelta(days=8)):
        assert station.do(certification.refresh_states) == 1
        assert station.do(certification.refresh_states) == 0
    assert the_task(station, key).state == "overdue"
    assert the_task(station, other).state == "home_visit"


def test_the_unknown_day_is_filled_in_bulk(station: Station) -> None:
    key = station.do(a_retiree)
    task = the_task(station, key)
    assert station.do(certification.set_due_in_bulk, [task.id], a_day("2026-11-30")) == 1
    assert station.do(certification.set_due_in_bulk, [task.id], a_day("2026-12-31")) == 0
    after = the_task(station, key)
    assert (after.due_on, after.period_from) == (a_day("2026-11-30"), a_day("2025-12-01"))


def test_the_internally_retired_draw_no_pension_and_have_no_task(station: Station) -> None:
    station.do(a_retiree, retiree_kind="4")
    assert station.ask(certification.due_total, DueFilter()) == 0


# ---- lists ----------------------------------------------------------------------------------


def neighbours(station: Station) -> dict[str, str]:
    people: dict[str, dict[str, Any]] = {
        "home": {"name": "甲老", "live_address": "桂苑一区3栋201"},
        "phone": {"name": "乙明", "smartphone": True, "live_address": "桂苑一区3栋502"},
        "station": {"name": "丙站", "live_address": "桂苑一区10栋101"},
        "elsewhere": {"name": "丁外", "live_scope": "4", "live_address": "桂苑一区2栋101"},
        "abroad": {"name": "戊洋", "live_scope": "6", "live_address": "桂苑一区2栋102"},
        "tagged": {"name": "己病", "tags": ["T06"], "live_address": "桂苑一区2栋103"},
    }
    found = {}
    for at, (way, changes) in enumerate(people.items()):
        born = "1940-01-01" if way == "home" else "1955-01-01"
        number = an_id_number(born, 11 + 2 * at)
        last = a_day("2025-12-05") if way != "abroad" else None
        found[way] = station.do(a_retiree, id_no=number, last_certified_on=last, **changes)
    return found


def test_everybody_is_sorted_to_the_way_that_fits(station: Station) -> None:
    neighbours(station)
    ways = {row.name: row.way for row in station.ask(certification.due_rows, DueFilter())}
    assert ways == {
        "甲老": "home",
        "己病": "home",
        "乙明": "phone",
        "丙站": "station",
        "丁外": "elsewhere",
        "戊洋": "abroad",
    }
    counts = station.ask(certification.due_counts)
    assert (counts["all"], counts["unknown"], counts["month"]) == (6, 1, 5)
    assert (counts["home"], counts["phone"], counts["abroad"]) == (2, 1, 1)
    for way, _ in certification.WAYS:
        assert station.ask(certification.due, DueFilter(way=way)).total == counts[way]


def test_the_list_runs_as_people_walk_and_groups_are_counted(station: Station) -> None:
    neighbours(station)
    rows = station.ask(certification.due_rows, DueFilter(month="2026-11"))
    assert [row.name for row in rows] == ["丁外", "戊洋", "己病", "甲老", "乙明", "丙站"]
    assert station.ask(certification.due_groups, DueFilter()) == [
        ("桂苑一区2栋", 3),
        ("桂苑一区3栋", 2),
        ("桂苑一区10栋", 1),
    ]
    known = station.ask(certification.due_rows, DueFilter(month="2026-11", unknown=False))
    assert "戊洋" not in [row.name for row in known]
    assert station.ask(certification.due_total, DueFilter(unknown=True)) == 1
    assert station.ask(certification.due_total, DueFilter(month="2026-10", unknown=False)) == 0
    first = station.ask(certification.due_rows, DueFilter(sort="due"))[0]
    assert first.name == "戊洋"


def test_the_list_can_be_searched(station: Station) -> None:
    neighbours(station)
    rows = station.ask(certification.due, DueFilter(text="ym")).rows
    assert [row.name for row in rows] == ["乙明"]


# ---- contacts -------------------------------------------------------------------------------


def test_three_attempts_in_vain_make_a_doubt(station: Station) -> None:
    key = due_soon(station)
    task = the_task(station, key)
    for _ in range(2):
        assert not station.do(certification.record_contact, task.id, "1", "6").suspicion_id
    third = station.do(certification.record_contact, task.id, "2", "7", "号码停机")
    assert third.in_vain == 3
    row = station.ask(suspicion.suspicions).rows[0]
    assert (row.id, row.reason, row.detail) == (
        third.suspicion_id,
        "02",
        "联系 3 次都没有联系上",
    )
    row_due = station.ask(certification.due, DueFilter()).rows[0]
    assert (row_due.attempts, row_due.note) == (3, "11-23 号码有误：号码停机")


def test_whoever_is_certified_after_all_was_reached_until_that_does_not_count(
    station: Station,
) -> None:
    key = due_soon(station)
    task = the_task(station, key)
    for _ in range(3):
        station.do(certification.record_contact, task.id, "1", "6")
    saved = station.do(certification.certify, key, {"docs_checked": ["1"]})
    (row,) = station.ask(suspicion.suspicions, open_only=False).rows
    assert (row.decision, row.decided_on) == (suspicion.PASSED, a_day("2026-11-23"))
    assert station.ask(suspicion.suspicion, row.id).decided_note == "2026-11-23 已认证"
    station.do(certification.void_certification, saved.id, "登记错人")
    assert [one.id for one in station.ask(suspicion.suspicions).rows] == [row.id]


def test_whoever_was_seen_all_the_same_is_not_out_of_reach(station: Station) -> None:
    key = due_soon(station)
    doubt = station.do(suspicion.open_suspicion, key, suspicion.UNREACHED, "电话停机")
    saved = station.do(certification.certify, key, {"docs_checked": ["1"]})
    seen = station.do(a_visit, key)
    station.do(certification.void_certification, saved.id, "登记错人")
    assert station.ask(suspicion.open_count) == 0
    assert station.ask(suspicion.suspicion, doubt).decided_note == "2026-11-23 生存调查见到本人"
    station.do(visit.void_visit, seen, "登记错人")
    assert [one.id for one in station.ask(suspicion.suspicions).rows] == [doubt]


def test_a_doubt_that_was_noted_once_more_is_not_there_twice(station: Station) -> None:
    key = due_soon(station)
    station.do(suspicion.open_suspicion, key, suspicion.UNREACHED, "电话停机")
    saved = station.do(certification.certify, key, {"docs_checked": ["1"]})
    again = station.do(suspicion.open_suspicion, key, suspicion.UNREACHED, "又停机")
    station.do(certification.void_certification, saved.id, "登记错人")
    assert [one.id for one in station.ask(suspicion.suspicions).rows] == [again]


def test_a_certification_before_the_doubt_does_not_answer_it(station: Station) -> None:
    key = due_soon(station)
    task = the_task(station, key)
    for _ in range(3):
        station.do(certification.record_contact, task.id, "1", "6")
    early = {"docs_checked": ["1"], "certified_on": a_day("2026-11-20")}
    station.do(certification.certify, key, early)
    assert station.ask(suspicion.open_count) == 1


def test_somebody_reached_in_between_starts_the_count_again(station: Station) -> None:
    task = the_task(station, due_soon(station))
    for outcome in ("6", "6", "2", "6"):
        station.do(certification.record_contact, task.id, "1", outcome)
    done = station.do(certification.record_contact, task.id, "1", "6")
    assert (done.in_vain, done.suspicion_id, done.state) == (2, None, "contacted")


def test_an_appointment_at_home_plans_one(station: Station) -> None:
    task = the_task(station, due_soon(station))
    assert station.do(certification.record_contact, task.id, "1", "3").state == "home_visit"


def test_a_family_that_says_dead_makes_a_doubt_not_a_death(station: Station) -> None:
    key = due_soon(station)
    station.do(certification.record_contact, the_task(station, key).id, "2", "10")
    assert station.get(Retiree, key).manage_state == "1"
    assert station.ask(suspicion.suspicions).rows[0].reason == "01"


# ---- one certification ----------------------------------------------------------------------


def test_a_certification_counts_at_once_and_waits_for_the_centre(station: Station) -> None:
    key = due_soon(station)
    saved = station.do(certification.certify, key, {"docs_checked": ["1"], "health_state": "2"})
    assert saved.notes == ("下次认证截止 2027-10-31，待区中心确认",)
    one = station.get(Certification, saved.id)
    assert (one.method, one.result, one.handler) == ("04", "1", "刘桂兰")
    assert (one.cycle_label, one.subject_type, one.report_state) == ("2025-12/2026-11", "1", "0")
    task = the_task(station, key)
    assert (task.state, task.closed_by) == ("done", saved.id)
    who = station.get(Retiree, key)
    assert (who.last_certified_on, who.health_state) == (a_day("2026-11-23"), "2")
    page = station.ask(retiree.person, key)
    assert (page.cert.text, page.unconfirmed) == ("已认证", True)


def test_face_to_face_asks_for_the_papers_and_nothing_more(station: Station) -> None:
    key = due_soon(station)
    with pytest.raises(Refusal) as refused:
        station.do(certification.certify, key, {"method": "04"})
    assert refused.value.field == "docs_checked"
    assert station.do(certification.certify, key, {"method": "02"})


def test_certified_days_lie_between_birth_and_today(station: Station) -> None:
    key = due_soon(station)
    for day in ("2026-11-24", "1946-11-22"):
        values = {"certified_on": a_day(day), "docs_checked": ["1"]}
        with pytest.raises(Refusal) as refused:
            station.do(certification.certify, key, values)
        assert refused.value.field == "certified_on"


def test_the_same_day_twice_is_one(station: Station) -> None:
    key = due_soon(station)
    station.do(certification.certify, key, {"docs_checked": ["1"]})
    with pytest.raises(Refusal, match="2026-11-23 已登记过认证"):
        station.do(certification.certify, key, {"docs_checked": ["1"]})


def test_an_agent_without_the_person_leads_to_their_door(station: Station) -> None:
    key = due_soon(station)
    values = {"docs_checked": ["1"], "kin_name": "陈志明", "kin_relation": "22"}
    saved = station.do(certification.certify, key, values)
    assert station.get(Certification, saved.id).result == "2"
    task = the_task(station, key)
    assert (task.state, task.closed_by) == ("home_visit", None)
    assert station.get(Retiree, key).last_certified_on == a_day("2025-12-05")


def test_at_home_the_place_is_the_address(station: Station) -> None:
    key = due_soon(station)
    saved = station.do(certification.home_certify, key, {"certified_on": a_day("2026-11-20")})
    one = station.get(Certification, saved.id)
    assert (one.method, one.visit_place, one.docs_checked) == ("05", "桂苑一区 3栋 502", ["1"])


def test_a_certification_of_an_earlier_period_tells_when_the_unknown_task_is_due(
    station: Station,
) -> None:
    key = station.do(a_retiree)
    station.do(certification.certify, key, {"certified_on": a_day("2025-03-10"), "method": "02"})
    task = the_task(station, key)
    assert (task.due_on, task.state) == (a_day("2026-02-28"), "overdue")


def test_voiding_puts_everything_back(station: Station) -> None:
    key = due_soon(station)
    saved = station.do(certification.certify, key, {"docs_checked": ["1"]})
    station.do(certification.void_certification, saved.id, "登记错人")
    task = the_task(station, key)
    assert (task.state, task.closed_by) == ("due", None)
    assert station.get(Retiree, key).last_certified_on == a_day("2025-12-05")
    line = station.ask(certification.history, key)[0]
    assert (line.is_void, line.reason) == (True, "登记错人")


def test_voiding_the_first_known_one_leaves_the_day_unknown(station: Station) -> None:
    key = station.do(a_retiree)
    saved = station.do(certification.certify, key, {"docs_checked": ["1"]})
    station.do(certification.void_certification, saved.id, "登记错人")
    task = the_task(station, key)
    assert (task.state, task.due_on) == ("due", None)
    assert station.get(Retiree, key).last_certified_on is None


def test_an_amendment_keeps_the_old_version(station: Station) -> None:
    key = due_soon(station)
    saved = station.do(certification.certify, key, {"docs_checked": ["1"]})
    change = {"certified_on": a_day("2026-11-20"), "method": "05"}
    after = station.do(certification.amend, saved.id, change, "当天是上门")
    lines = station.ask(certification.history, key)
    assert [(one.id, one.is_void) for one in lines] == [(saved.id, True), (after.id, False)]
    assert the_task(station, key).closed_by == after.id
    assert station.get(Retiree, key).last_certified_on == a_day("2026-11-20")


def test_a_lost_right_goes_up_and_off_the_lists(station: Station) -> None:
    key = due_soon(station)
    with pytest.raises(Refusal, match="丧失资格的情形"):
        station.do(certification.certify, key, {"result": "3", "docs_checked": ["1"]})
    values = {
        "result": "3",
        "loss_event": "1",
        "loss_on": a_day("2026-11-02"),
        "docs_checked": ["6"],
    }
    saved = station.do(certification.certify, key, values)
    assert "由经办机构处理待遇" in saved.notes[0]
    assert station.get(Retiree, key).manage_state == "8"
    assert the_task(station, key).state == "void"


@pytest.mark.parametrize("ended", ["passed", "voided"])
def test_a_lost_right_stays_off_the_lists_until_it_is_cleared_up(
    station: Station, ended: str
) -> None:
    key = due_soon(station)
    values = {"result": "3", "loss_event": "4", "loss_on": a_day("2026-11-02")}
    saved = station.do(certification.certify, key, {**values, "docs_checked": ["6"]})
    station.do(daily)
    assert the_task(station, key).state == "void"
    (doubt,) = station.ask(suspicion.suspicions).rows
    assert doubt.reason == "08"
    if ended == "passed":
        station.do(suspicion.decide, doubt.id, "1")
    else:
        station.do(suspicion.decide, doubt.id, "4", "已上报")
        station.do(daily)
        assert the_task(station, key).state == "void"
        station.do(certification.void_certification, saved.id, "登记错人")
    station.do(daily)
    assert the_task(station, key).state == "due"


def test_whoever_is_alive_after_all_is_due_again_a_year_later(station: Station) -> None:
    key = due_soon(station)
    values = {"result": "3", "loss_event": "4", "loss_on": a_day("2026-11-02")}
    station.do(certification.certify, key, {**values, "docs_checked": ["6"]})
    with clock.freeze(clock.now() + timedelta(days=30)):
        station.do(certification.certify, key, {"docs_checked": ["1"]})
    with clock.freeze(clock.now() + timedelta(days=360)):
        station.do(daily)
        (row,) = station.ask(certification.due, DueFilter()).rows
        assert row.due_on == a_day("2027-11-30")


def test_nobody_suspected_dead_is_certified(station: Station) -> None:
    key = due_soon(station)
    station.do(movement.suspected_death, key, a_day("2026-11-02"), "儿子电话告知")
    with pytest.raises(Refusal, match="已登记疑似死亡"):
        station.do(certification.certify, key, {"docs_checked": ["1"]})


def test_a_lost_person_who_comes_is_found(station: Station) -> None:
    key = due_soon(station)
    station.do(movement.lost, key, a_day("2026-11-02"), "多次上门无人")
    station.do(certification.certify, key, {"docs_checked": ["1"]})
    assert station.get(Retiree, key).manage_state == "1"
    assert the_task(station, key).state == "done"
    assert station.ask(suspicion.open_count) == 0


# ---- figures --------------------------------------------------------------------------------


def test_whoever_is_lost_is_not_overdue_in_any_table(station: Station) -> None:
    key = due_soon(station, last_certified_on=a_day("2025-10-05"))

    def late() -> tuple[int, int]:
        periods = station.ask(certification.past_periods)
        return station.ask(certification.strip).overdue, sum(one.overdue for one in periods)

    assert late() == (1, 1)
    station.do(movement.lost, key, a_day("2026-11-20"), "多次上门无人")
    assert late() == (0, 0)
    station.do(movement.found, key, a_day("2026-11-21"), "回来了")
    assert late() == (1, 1)


def test_the_strip_counts_what_is_due_this_month_and_overdue(station: Station) -> None:
    people = neighbours(station)
    station.do(certification.certify, people["station"], {"docs_checked": ["1"]})
    station.do(certification.home_certify, people["home"], {})
    strip = station.ask(certification.strip)
    assert (strip.total, strip.done, strip.left, strip.unknown) == (5, 2, 3, 1)
    assert {part.key: part.count for part in strip.parts} == {
        "paper": 1,
        "self": 0,
        "home": 1,
        "data": 0,
    }
    assert sum(part.count for part in strip.parts) + strip.left == strip.total
    assert (strip.percent, strip.deadline, strip.days_left) == (40.0, a_day("2026-11-30"), 7)


def test_the_centre_counts_as_due_whom_the_station_lists(station: Station) -> None:
    key = due_soon(station, last_certified_on=a_day("2025-03-05"))
    (office,) = station.ask(overview.offices)
    assert (office.due, office.overdue) == (1, 1)
    station.do(movement.lost, key, a_day("2026-11-20"), "多次上门无人")
    (office,) = station.ask(overview.offices)
    bar = station.ask(certification.strip)
    assert (office.due, office.overdue) == (bar.left, bar.overdue) == (0, 0)


def test_months_and_periods_add_up(station: Station) -> None:
    people = neighbours(station)
    station.do(certification.home_certify, people["home"], {})
    station.do(movement.lost, people["phone"], a_day("2026-11-20"), "无人")
    assert station.ask(certification.by_month)[-1] == ("2026-11", 1)
    november = station.ask(certification.past_periods)[0]
    assert (november.month, november.due, november.done, november.home) == ("2026-11", 5, 1, 1)
    assert (november.lost, november.suspicion) == (1, 1)
    assert november.methods == (("工作人员上门", 1),)
    october = station.ask(certification.past_periods)[1]
    assert (october.month, october.due) == ("2026-10", 0)


@pytest.mark.parametrize(
    "paper",
    [
        lambda session, key: papers.due_list(session, DueFilter(), [key]),
        lambda session, key: papers.notices(session, DueFilter(), [key]),
        lambda session, key: papers.appointments(session, DueFilter(), [key]),
        lambda session, key: forms.paper_of(session, [key]),
        lambda session, _key: papers.month_summary(session, "2026-11"),
    ],
    ids=["list", "notices", "slips", "forms", "month"],
)
def test_who_only_looks_prints_no_papers(station: Station, paper: Any) -> None:
    neighbours(station)
    task = station.ask(certification.due_rows, DueFilter())[0].task_id
    with pytest.raises(Refusal, match="的权限，请找站长"):
        station.sits("auditor").ask(paper, task)


def test_a_list_of_more_than_a_month_is_not_called_after_it(station: Station) -> None:
    neighbours(station)

    def title(wanted: DueFilter) -> str:
        return whole(due_list.draw(station.ask(papers.due_list, wanted)))

    assert "2026年11月资格认证到期人员名单" in title(DueFilter(month="2026-11"))
    of_all = title(DueFilter())
    assert "资格认证到期人员名单" in of_all
    assert "月资格认证到期人员名单" not in of_all


def test_a_death_that_was_put_right_is_none_of_the_month(station: Station) -> None:
    people = neighbours(station)
    for name in ("phone", "home"):
        station.do(movement.suspected_death, people[name], a_day("2026-11-20"), "邻居说的")
    station.do(movement.correct, people["phone"], "认错人了")

    def said() -> tuple[int, int]:
        rows = station.ask(papers.month_summary, "2026-11").rows
        return sum(one.dead for one in rows), station.ask(certification.past_periods)[0].dead

    assert said() == (1, 1)
    station.do(movement.suspected_death, people["phone"], a_day("2026-11-21"), "儿子说的")
    assert said() == (2, 2)


def test_the_monthly_summary_on_paper_says_what_the_screen_says(station: Station) -> None:
    people = neighbours(station)
    late = station.do(
        a_retiree, id_no=an_id_number("1948-01-02", 41), last_certified_on=a_day("2025-06-10")
    )
    station.do(certification.refresh_states)
    station.do(certification.home_certify, people["home"], {})
    strip = station.ask(certification.strip)

    def summed() -> tuple[int, int, int, int]:
        rows = station.ask(papers.month_summary, "2026-11").rows
        return tuple(sum(getattr(one, key) for one in rows) for key in KEYS)

    assert strip.overdue >= 1
    assert summed() == (strip.total, strip.done, strip.overdue, 1)
    assert sum(n for _, n in station.ask(papers.month_summary, "2026-11").methods) == strip.done
    station.do(certification.home_certify, late, {})
    assert summed() == (strip.total, strip.done + 1, strip.overdue - 1, 2)
    october = station.ask(papers.month_summary, "2026-10").rows
    assert [(one.due, one.done, one.overdue) for one in october if one.due] == [(1, 0, 1)]


def test_nothing_due_is_all_done(station: Station) -> None:
    strip = station.ask(certification.strip)
    assert (strip.total, strip.percent) == (0, 100.0)


def test_time_in_the_tests_stands_still(stopped_clock: datetime) -> None:
    assert clock.now() == stopped_clock
