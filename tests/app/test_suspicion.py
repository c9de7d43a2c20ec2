from datetime import timedelta

import pytest

from app import acts, certification, cross_check, movement, retiree, suspicion, undo
from app.certification import DueFilter, papers
from app.kit.refusal import Refusal
from app.kit.who import Desk
from models.kit import clock
from models.kit.changes import insert_many
from models.kit.ids import new_id
from models.retiree import Retiree
from tests.make import Station, a_day, a_retiree, a_visit, an_id_number


def test_the_same_doubt_twice_is_one(station: Station) -> None:
    key = station.do(a_retiree)
    one = station.do(suspicion.open_suspicion, key, "04", "照片不符")
    assert station.do(suspicion.open_suspicion, key, "04", "签名也不符") == one
    rows = station.ask(suspicion.suspicions).rows
    assert [(row.id, row.detail) for row in rows] == [(one, "签名也不符")]
    assert station.ask(retiree.chips)["suspicion"] == 1
    assert station.ask(retiree.person, key).cert.text == "异常待核"


def test_the_sheet_names_who_raised_the_doubt_whoever_prints_it(station: Station) -> None:
    key = station.do(a_retiree)
    one = station.do(suspicion.open_suspicion, key, "04", "照片不符")
    raised = station.desk
    station.desk = Desk(new_id(), "符秀英", raised.office_id, raised.roles)
    (sheet,) = station.ask(papers.checks, [one]).people
    assert sheet.raised_by != "符秀英"
    station.desk = raised
    (sheet,) = station.ask(papers.checks, [one]).people
    assert sheet.raised_by == raised.name


def test_passing_clears_it_and_needs_no_words(station: Station) -> None:
    key = station.do(a_retiree)
    one = station.do(suspicion.open_suspicion, key, "04")
    station.do(suspicion.decide, one, "1")
    assert station.ask(suspicion.open_count) == 0
    with pytest.raises(Refusal, match="已处理：通过"):
        station.do(suspicion.decide, one, "2", "x")


def test_a_decision_taken_back_is_told_as_that(station: Station) -> None:
    key = station.do(a_retiree)
    one = station.do(suspicion.open_suspicion, key, "04")
    station.do(suspicion.decide, one, "1")
    assert station.ask(acts.recent, 1)[0].words == "处理异常"
    station.do(undo.undo)
    assert station.ask(acts.recent, 1)[0].words == "撤销处理异常"
    assert station.ask(suspicion.open_count) == 1


def test_sending_back_wants_the_findings(station: Station) -> None:
    key = station.do(a_retiree)
    one = station.do(suspicion.open_suspicion, key, "04")
    with pytest.raises(Refusal, match="核查经过"):
        station.do(suspicion.decide, one, "2")
    assert station.ask(suspicion.open_count) == 1


def test_deciding_on_a_visit_plans_one(station: Station) -> None:
    key = station.do(a_retiree)
    one = station.do(suspicion.open_suspicion, key, "02")
    station.do(suspicion.decide, one, "3")
    assert station.ask(certification.due_rows, DueFilter())[0].state == "home_visit"


def test_whoever_is_said_to_be_dead_or_lost_does_not_go_on_as_if_nothing_were(
    station: Station,
) -> None:
    """The doubt would be gone and the person off every list for good."""
    key = station.do(a_retiree)
    station.do(movement.suspected_death, key, a_day("2026-11-20"), "儿子电话告知")
    doubt = station.ask(suspicion.suspicions).rows[0].id
    said = station.ask(suspicion.suspicion, doubt)
    assert (said.state, said.choices, said.way) == ("疑似死亡", ("4",), "correct")
    with pytest.raises(Refusal, match="不在到期名单里。人在的，请站长在档案里更正状态"):
        station.do(suspicion.decide, doubt, "1")
    with pytest.raises(Refusal, match="排不进上门核验"):
        station.do(suspicion.decide, doubt, "3")
    station.do(movement.correct, key, "本人在外地女儿家")
    assert station.ask(suspicion.open_count) == 0
    assert [row.retiree_id for row in station.ask(certification.due_rows, DueFilter())] == [key]
    station.do(movement.lost, key, a_day("2026-11-21"), "敲门没人")
    doubt = station.ask(suspicion.suspicions).rows[0].id
    assert station.ask(suspicion.suspicion, doubt).way == "find"
    with pytest.raises(Refusal, match="请在档案里登记找回"):
        station.do(suspicion.decide, doubt, "2", "重新认证")
    station.do(movement.found, key, a_day("2026-11-22"), "本人来站")
    assert station.ask(suspicion.open_count) == 0


@pytest.mark.parametrize("way", ["dead", "lost"])
def test_a_certification_that_does_not_count_puts_nobody_back_on_the_list_who_is_off_it(
    station: Station, way: str
) -> None:
    key = station.do(a_retiree, last_certified_on=a_day("2025-12-05"))
    made = station.do(certification.certify, key, {"docs_checked": ["1"]})
    if way == "dead":
        station.do(movement.suspected_death, key, a_day("2026-11-23"), "儿子电话告知")
    else:
        station.do(movement.lost, key, a_day("2026-11-23"), "敲门没人")
    station.do(certification.void_certification, made.id, "登记到了别人名下")
    assert station.ask(certification.due_rows, DueFilter()) == []
    if way == "dead":
        station.do(movement.correct, key, "本人在外地女儿家")
    else:
        station.do(movement.found, key, a_day("2026-11-23"), "本人来站")
    (row,) = station.ask(certification.due_rows, DueFilter())
    assert (row.retiree_id, row.due_on) == (key, a_day("2026-11-30"))


def test_a_death_heard_of_offers_to_be_registered(station: Station) -> None:
    key = station.do(a_retiree)
    one = station.do(suspicion.open_suspicion, key, "01", "女儿说的")
    said = station.ask(suspicion.suspicion, one)
    assert (said.way, said.is_off, said.choices) == ("suspect_death", False, ("1", "2", "3", "4"))
    station.do(movement.suspected_death, key, a_day("2026-11-20"), "女儿电话告知")
    assert station.ask(suspicion.open_count) == 1
    assert station.ask(suspicion.suspicion, one).is_off


def test_without_a_certification_to_do_none_is_sent_back_and_no_visit_planned(
    station: Station,
) -> None:
    key = station.do(a_retiree)
    station.do(certification.certify, key, {"docs_checked": ["1"]})
    one = station.do(suspicion.open_suspicion, key, "04")
    assert station.ask(suspicion.suspicion, one).choices == ("1", "4")
    with pytest.raises(Refusal, match="里把那次认证作废"):
        station.do(suspicion.decide, one, "2", "照片不是本人")
    with pytest.raises(Refusal, match="没有待办的认证，排不进上门核验"):
        station.do(suspicion.decide, one, "3")


def test_both_sides_lie_next_to_each_other(station: Station) -> None:
    contact = {"name": "陈志明", "relation": "22", "phone": "13900006208"}
    key = station.do(a_retiree, contacts=[contact])
    station.do(a_visit, key)
    one = station.do(suspicion.open_suspicion, key, "04", "照片不符")
    found = station.ask(suspicion.suspicion, one)
    assert found.row.reason == "04"
    assert found.contacts == (("陈志明", "长子", "13900006208"),)
    assert found.visits[0][1:] == ("上门", "一切正常")
    assert found.surveys[0][1:] == ("见面", "健在")


def test_one_number_twice_is_found(station: Station) -> None:
    station.do(a_retiree)

    def twin(session: object) -> None:
        row = {"name": "王秀兰", "id_no": an_id_number(), "manage_state": "1"}
        insert_many(session, Retiree, [row])  # type: ignore[arg-type]

    station.do(twin)
    assert station.do(cross_check.cross_check) == 2
    assert station.do(cross_check.cross_check) == 0
    assert {row.reason for row in station.ask(suspicion.suspicions).rows} == {"06"}


def test_nobody_heard_of_for_long_is_found_but_not_the_newly_registered(station: Station) -> None:
    seen, silent = station.do(a_retiree), station.do(a_retiree, id_no=an_id_number("1950-01-02"))
    assert station.do(cross_check.cross_check) == 0
    with clock.freeze(clock.now() + timedelta(days=600)):
        station.do(a_visit, seen)
        assert station.do(cross_check.cross_check) == 1
        assert station.ask(suspicion.suspicions).rows[0].retiree_id == silent


def test_what_was_decided_is_not_asked_again_the_next_day(station: Station) -> None:
    silent = station.do(a_retiree)
    with clock.freeze(clock.now() + timedelta(days=600)):
        assert station.do(cross_check.cross_check) == 1
        (row,) = station.ask(suspicion.suspicions).rows
        station.do(suspicion.decide, row.id, suspicion.PASSED, "住女儿家，电话里是本人")
    with clock.freeze(clock.now() + timedelta(days=601)):
        assert station.do(cross_check.cross_check) == 0
    with clock.freeze(clock.now() + timedelta(days=1300)):
        assert station.do(cross_check.cross_check) == 1
        assert station.ask(suspicion.suspicions).rows[0].retiree_id == silent


def test_one_number_twice_is_asked_again_only_where_a_third_has_it(station: Station) -> None:
    station.do(a_retiree)

    def twin(session: object, name: str) -> None:
        row = {"name": name, "id_no": an_id_number(), "manage_state": "1"}
        insert_many(session, Retiree, [row])  # type: ignore[arg-type]

    station.do(twin, "王秀兰")
    assert station.do(cross_check.cross_check) == 2
    for row in station.ask(suspicion.suspicions).rows:
        station.do(suspicion.decide, row.id, suspicion.REPORTED, "已请公安核对")
    assert station.do(cross_check.cross_check) == 0
    station.do(twin, "王秀梅")
    assert station.do(cross_check.cross_check) == 3


def test_what_somebody_wrote_of_a_doubt_stays(station: Station) -> None:
    silent = station.do(a_retiree)
    with clock.freeze(clock.now() + timedelta(days=600)):
        station.do(suspicion.open_suspicion, silent, suspicion.UNREACHED, "邻居说跟儿子走了")
        assert station.do(cross_check.cross_check) == 0
        assert station.ask(suspicion.suspicions).rows[0].detail == "邻居说跟儿子走了"
