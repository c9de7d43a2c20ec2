from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app import certification, movement, retiree, survey, visit, voided
from app.kit.refusal import Refusal, Refusals
from app.printing import visit_record, visit_route
from app.printing.kit import codes
from models.cert_task import CertTask
from models.certification import Certification
from models.kit import clock
from models.kit.changes import insert_many
from models.kit.ids import new_id
from models.retiree import Retiree
from models.survey import Survey
from models.visit import Visit
from models.visit_plan import VisitPlan
from tests.make import Station, a_day, a_retiree, a_visit, an_id_number, visit_values


def test_one_entry_writes_visit_survey_and_certification(station: Station) -> None:
    key = station.do(a_retiree, last_certified_on=a_day("2025-12-05"), tags=["T03"])
    values = visit_values(key, mobility="2")
    saved = station.do(visit.record_visit, values, also_certify=True)
    with station.store.look() as session:
        assert session.query(Visit).one().place == "桂苑一区 3栋 502"
        look = session.query(Survey).one()
        assert (look.alive_state, look.survey_way, look.residing_state) == ("1", "1", "1")
        assert (look.visit_id, look.surveyor) == (saved.id, "刘桂兰、蔡文静")
        done = session.query(Certification).one()
        assert (done.method, done.health_state, done.handler) == ("05", "4", "刘桂兰、蔡文静")
        assert session.query(CertTask).one().state == "done"
    assert station.ask(retiree.person, key).plan.next_on == a_day("2026-12-23")
    assert "待区中心确认" in saved.notes[0]


def test_it_is_one_action_for_undo_and_for_the_centre(station: Station) -> None:
    key = station.do(a_retiree)
    certified = {"certified_on": clock.today(), "docs_checked": ["1"]}
    station.do(certification.certify, key, certified)
    with pytest.raises(Refusal, match="已登记过认证"):
        station.do(visit.record_visit, visit_values(key), also_certify=True)
    with station.store.look() as session:
        assert session.query(Visit).count() == 0


def test_who_was_not_seen_is_not_certified(station: Station) -> None:
    key = station.do(a_retiree)
    for changes in ({"met_in_person": False}, {"way": "3"}):
        with pytest.raises(Refusal):
            station.do(visit.record_visit, visit_values(key, **changes), also_certify=True)
    station.do(a_visit, key, met_in_person=False)
    with station.store.look() as session:
        assert session.query(Survey).count() == 0


def test_what_is_required_is_named(station: Station) -> None:
    key = station.do(a_retiree)
    with pytest.raises(Refusals) as refused:
        station.do(visit.record_visit, visit_values(key, met_in_person=None))
    assert set(refused.value.problems) == {"met_in_person"}
    with pytest.raises(Refusal, match="晚于今天"):
        station.do(a_visit, key, visited_on=clock.today() + timedelta(days=1))
    with pytest.raises(Refusal, match="要晚于这次走访"):
        station.do(a_visit, key, next_on=clock.today())


def test_money_needs_a_source_and_a_receiver(station: Station) -> None:
    key = station.do(a_retiree)
    with pytest.raises(Refusal, match="经费来源"):
        station.do(a_visit, key, cash_fen=20000)
    with pytest.raises(Refusal, match="领取人"):
        station.do(a_visit, key, cash_fen=20000, fund_source="1")
    values = visit_values(
        key, cash_fen=20000, fund_source="1", receiver="王秀英", visitors="刘桂兰"
    )
    assert "两人同行" in station.do(visit.record_visit, values).warnings[0]


@pytest.mark.parametrize(
    ("born", "tags", "day", "reason"),
    [
        ("1946-11-23", ["T03"], "2026-12-23", "独居，每月一次"),
        ("1946-11-23", [], "2027-02-23", "高龄，每季度一次"),
        ("1960-11-23", ["T07"], "2026-12-23", "失能或半失能，每月一次"),
        ("1960-11-23", [], "2027-11-23", "每年一次"),
    ],
)
def test_the_next_visit_follows_from_age_and_tags(
    station: Station, born: str, tags: list[str], day: str, reason: str
) -> None:
    key = station.do(a_retiree, id_no=an_id_number(born), tags=tags)
    assert station.ask(visit.next_visit, key, clock.today()) == (a_day(day), reason)


def test_a_plan_that_nobody_kept_is_overdue(station: Station) -> None:
    key = station.do(a_retiree, tags=["T03"])
    station.do(a_visit, key)
    with clock.freeze(clock.now() + timedelta(days=48)):
        row = station.ask(visit.overdue).rows[0]
        assert (row.retiree_id, row.days_late, row.reason) == (key, 18, "独居，每月一次")
        assert station.ask(retiree.people, retiree.People(chip="visit_overdue")).total == 1
        assert station.ask(retiree.person, key).banner.title == "走访逾期 18 天"
        station.do(a_visit, key)
        assert station.ask(visit.overdue).total == 0


def test_who_was_not_met_is_still_to_be_visited_as_planned(station: Station) -> None:
    key = station.do(a_retiree, tags=["T03"])
    station.do(a_visit, key)
    with clock.freeze(clock.now() + timedelta(days=48)):
        station.do(a_visit, key, met_in_person=False)
        assert station.ask(visit.overdue).rows[0].days_late == 18
        plan = station.ask(retiree.person, key).plan
        assert (plan.last_on, plan.next_on) == (clock.today(), a_day("2026-12-23"))
        station.do(a_visit, key, met_in_person=False, next_on=a_day("2027-01-12"))
        assert station.ask(visit.overdue).total == 0


def test_everybody_in_care_has_a_plan_once(station: Station) -> None:
    station.do(a_retiree, id_no=an_id_number("1960-12-24"))
    assert station.do(visit.plan_visits) == 0
    with station.store.look() as session:
        assert session.query(VisitPlan).one().next_on == a_day("2026-12-24")


def test_overdue_visits_are_spread_by_address_over_the_week(station: Station) -> None:
    doors = ("桂苑一区3栋502", "桂苑一区10栋101", "桂苑一区3栋201", "桂苑一区2栋101")
    keys = [
        station.do(a_retiree, live_address=door, id_no=an_id_number("1950-01-02", at * 2 + 1))
        for at, door in enumerate(doors)
    ]
    days = [a_day("2026-11-23"), a_day("2026-11-24")]
    station.do(visit.spread, keys, days)
    week = station.ask(visit.week, a_day("2026-11-23"))
    assert [(one.address, str(one.next_on)[8:]) for one in week] == [
        ("桂苑一区 2栋 101", "23"),
        ("桂苑一区 3栋 201", "23"),
        ("桂苑一区 3栋 502", "24"),
        ("桂苑一区 10栋 101", "24"),
    ]
    with pytest.raises(Refusal, match="已经过去"):
        station.do(visit.reschedule, keys, a_day("2026-11-22"))


def test_the_route_runs_from_door_to_door_with_what_one_must_know(station: Station) -> None:
    far = station.do(
        a_retiree, name="远", live_address="桂苑一区10栋101", id_no=an_id_number("1950-01-02")
    )
    key = station.do(
        a_retiree,
        tags=["T03", "T17"],
        contacts=[{"name": "陈志明", "relation": "22", "phone": "13900006208"}],
        door_note="听力下降，敲门请用力",
    )
    station.do(a_visit, key)
    stops = station.ask(visit.plan_route, [far, key])
    assert [one.name for one in stops] == ["王秀英", "远"]
    assert stops[0].emergency == "长子 陈志明 13900006208"
    assert stops[0].matter == "认证、走访、生日问候"
    assert stops[0].tags == ("独居", "精神疾病")
    assert station.sits("clerk").ask(visit.plan_route, [key])[0].tags == ("独居",)
    data = station.ask(visit.route_data, [far, key], clock.today(), "刘桂兰、蔡文静")
    assert data.stops[0].last_visit_note == "一切正常；听力下降，敲门请用力"
    assert visit_route.draw(data).startswith(b"%PDF")


def test_record_sheets_have_numbers_that_scan(station: Station) -> None:
    keys = [station.do(a_retiree), station.do(a_retiree, id_no=an_id_number("1950-01-02"))]
    data = station.do(visit.visit_record_data, keys)
    scans = [codes.read(one.payload) for one in data.people]
    assert [one.kind for one in scans] == ["ZF1", "ZF1"]
    assert len({one.number for one in scans}) == 2
    back = [station.ask(visit.returned_sheet, one.payload) for one in data.people]
    assert {one.retiree_id for one in back} == set(keys)
    strange = codes.payload("ZF1", "519902001002", "ZF26-ABC-00001-0", "ABCD1234")
    with pytest.raises(Refusal, match="不是本站打印的"):
        station.ask(visit.returned_sheet, strange)
    assert visit_record.draw(data).startswith(b"%PDF")


def test_a_record_sheet_that_is_scanned_twice_is_one_visit(station: Station) -> None:
    key = station.do(a_retiree)
    (paper,) = station.do(visit.visit_record_data, [key]).people
    back = station.ask(visit.returned_sheet, paper.payload)
    one = station.do(a_visit, key, visit_no=back.number)
    with pytest.raises(Refusal, match="已经登记过了，是 2026-11-23 的走访"):
        station.ask(visit.returned_sheet, paper.payload)
    with pytest.raises(Refusal, match="已经登记过了"):
        station.do(a_visit, key, visit_no=back.number)
    station.do(visit.void_visit, one, "抄错了")
    assert station.ask(visit.returned_sheet, paper.payload) == back


@pytest.mark.parametrize(
    "act",
    [
        lambda session, key: visit.reschedule(session, [key], clock.today()),
        lambda session, key: visit.spread(session, [key], [clock.today()]),
        lambda session, key: visit.route_data(session, [key]),
        lambda session, key: visit.visit_record_data(session, [key]),
    ],
    ids=["reschedule", "spread", "route", "records"],
)
def test_who_only_looks_neither_plans_nor_prints(station: Station, act: Any) -> None:
    key = station.do(a_retiree)
    before = station.ask(retiree.person, key).plan
    with pytest.raises(Refusal, match="的权限，请找站长"):
        station.sits("auditor").do(act, key)
    assert station.ask(retiree.person, key).plan == before


def test_visits_are_found_by_the_name_of_the_person(station: Station) -> None:
    key = station.do(a_retiree)
    one = station.do(a_visit, key)
    station.do(a_visit, key, way="3", visited_on=a_day("2026-10-06"))
    assert station.ask(visit.visits, text="wxy").rows[0].id == one
    assert station.ask(visit.visits, text="ljg").total == 0
    assert station.ask(visit.visits, way="3").total == 1
    page = station.ask(retiree.person, key)
    assert (page.visits_total, page.visits_this_year) == (2, 2)


def test_a_voided_visit_takes_its_survey_along(station: Station) -> None:
    key = station.do(a_retiree)
    one = station.do(a_visit, key)
    station.do(visit.void_visit, one, "登记错人")
    assert station.ask(visit.visits).total == 0
    assert station.ask(survey.surveys, key).total == 0


def test_who_voids_a_visit_hears_that_its_certification_stands(station: Station) -> None:
    key = station.do(a_retiree, last_certified_on=a_day("2025-12-05"))
    one = station.do(visit.record_visit, visit_values(key), also_certify=True).id
    assert "同一天的上门核验还算数" in station.do(visit.void_visit, one, "登记错人")
    plain = station.do(a_visit, key, visited_on=a_day("2026-11-20"))
    assert station.do(visit.void_visit, plain, "登记错人") == ""


def test_who_voids_the_visit_that_found_a_lost_person_hears_that_they_are_back(
    station: Station,
) -> None:
    key = station.do(a_retiree)
    station.do(movement.lost, key, a_day("2026-11-01"), "电话停机")
    said = station.do(visit.void_visit, station.do(a_visit, key), "登记错人")
    assert said == "失联时因这次见到本人改回了在册，见的不是本人的，请重新登记失联"


def test_a_week_leaves_nobody_out(station: Station) -> None:
    def crowd(session: Session) -> None:
        like = session.get_one(Retiree, first)
        copied = {name: getattr(like, name) for name in ("office_id", "name", "manage_state")}
        people = [{**copied, "id": new_id(), "id_no": f"{at:018}"} for at in range(520)]
        insert_many(session, Retiree, people)
        day = {"office_id": like.office_id, "next_on": clock.today()}
        plans = [{**day, "id": new_id(), "retiree_id": one["id"]} for one in people]
        insert_many(session, VisitPlan, plans)

    first = station.do(a_retiree)
    station.do(crowd)
    assert len(station.ask(visit.week, clock.today())) == 520


def test_whom_nobody_met_was_not_visited_this_month(station: Station) -> None:
    key = station.do(a_retiree, tags=["T03"])
    station.do(visit.reschedule, [key], clock.today())
    station.do(a_visit, key, met_in_person=False)
    assert station.ask(visit.month_progress) == (0, 1)
    station.do(a_visit, key)
    assert station.ask(visit.month_progress) == (1, 1)


def test_a_voided_visit_is_no_visit_to_the_plan(station: Station) -> None:
    first, second = (
        station.do(a_retiree, tags=["T03"]),
        station.do(a_retiree, name="李建国", tags=["T03"], id_no=an_id_number("1951-07-15", 27)),
    )
    station.do(a_visit, second, visited_on=a_day("2026-10-20"))
    wrong = [station.do(a_visit, key) for key in (first, second)]
    assert station.ask(visit.month_progress) == (2, 2)
    for one in wrong:
        station.do(visit.void_visit, one, "登记错人")
    assert station.ask(visit.month_progress) == (0, 2)
    plans = [station.ask(retiree.person, key).plan for key in (first, second)]
    assert [(one.last_on, one.next_on) for one in plans] == [
        (None, clock.today()),
        (a_day("2026-10-20"), a_day("2026-11-20")),
    ]
    station.do(visit.reschedule, [first], a_day("2026-11-25"))
    for one in wrong:
        station.do(voided.restore, "visit", one)
    assert station.ask(visit.month_progress) == (2, 2)
    assert station.ask(retiree.person, second).plan.next_on == a_day("2026-12-23")


def test_a_visit_entered_late_makes_nobody_overdue_who_was_visited_since(station: Station) -> None:
    key = station.do(a_retiree, tags=["T03"])
    station.do(a_visit, key)
    station.do(a_visit, key, visited_on=a_day("2026-10-06"))
    assert station.ask(visit.overdue).total == 0
    assert station.ask(retiree.person, key).plan.next_on == a_day("2026-12-23")


def test_a_day_that_was_chosen_since_outlives_the_visit(station: Station) -> None:
    key = station.do(a_retiree, tags=["T03"])
    wrong = station.do(a_visit, key)
    station.do(visit.reschedule, [key], a_day("2026-11-30"))
    station.do(visit.void_visit, wrong, "登记错人")
    plan = station.ask(retiree.person, key).plan
    assert (plan.last_on, plan.next_on) == (None, a_day("2026-11-30"))


def test_a_survey_that_finds_death_is_a_suspected_death(station: Station) -> None:
    key = station.do(a_retiree)
    values = {"retiree_id": key, "survey_way": "4", "alive_state": "2"}
    notes = station.do(survey.record_survey, values).notes
    assert "疑似死亡" in notes[0]
    assert station.get(Retiree, key).manage_state == "8"


def test_the_next_look_is_nearer_for_those_alone(station: Station) -> None:
    alone = station.do(a_retiree, tags=["T03"], id_no=an_id_number("1960-01-02"))
    other = station.do(a_retiree, id_no=an_id_number("1960-01-04"))
    for key, day in ((alone, "2026-12-23"), (other, "2027-05-23")):
        saved = station.do(survey.record_survey, {"retiree_id": key})
        assert station.get(Survey, saved.id).next_on == a_day(day)
    assert station.ask(survey.surveys, other).rows[0].values["alive_state"] == "1"
