from datetime import timedelta

import pytest

from app import certification, movement, retiree, suspicion, undo, visit
from app.certification import DueFilter
from app.kit.refusal import Refusal
from models.kit import clock
from models.movement import Movement
from models.retiree import Retiree
from tests.make import Station, a_day, a_retiree, an_id_number, visit_values

ON = a_day("2026-11-20")


def state(station: Station, key: str) -> str:
    return str(station.get(Retiree, key).manage_state)


def test_a_suspected_death_takes_the_person_off_the_lists_and_goes_up(station: Station) -> None:
    key = station.do(a_retiree)
    saved = station.do(movement.suspected_death, key, ON, "儿子电话告知")
    assert state(station, key) == "8"
    assert station.ask(certification.due_total, DueFilter()) == 0
    line = station.get(Movement, saved.id)
    assert (line.change_type, line.from_state, line.to_state) == ("9", "1", "8")
    assert (line.source_way, line.report_month) == ("儿子电话告知", "2026-11")
    doubt = station.ask(suspicion.suspicions).rows[0]
    assert (doubt.reason, doubt.detail) == ("01", "2026-11-20 去世（儿子电话告知）")
    assert station.ask(retiree.person, key).allowed == ("correct",)


def test_a_death_before_a_day_the_person_was_met_says_so(station: Station) -> None:
    key = station.do(a_retiree)
    station.do(visit.record_visit, visit_values(key, visited_on=a_day("2026-11-22")))
    saved = station.do(movement.suspected_death, key, ON, "邻居")
    assert saved.notes[-1] == "2026-11-22 还登记过本人健在，请核对去世日期"
    detail = station.ask(suspicion.suspicions).rows[0].detail
    assert detail == "2026-11-20 去世（邻居），但 2026-11-22 还登记过本人健在"
    other = station.do(a_retiree, id_no=an_id_number("1950-01-02", 31))
    shown = {"certified_on": a_day("2026-11-20"), "docs_checked": ["1"]}
    station.do(certification.certify, other, shown)
    assert len(station.do(movement.suspected_death, other, ON, "邻居").notes) == 1


def test_a_death_without_a_source_or_in_the_future_is_refused(station: Station) -> None:
    key = station.do(a_retiree)
    with pytest.raises(Refusal, match="消息来源"):
        station.do(movement.suspected_death, key, ON, "  ")
    with pytest.raises(Refusal, match="晚于今天"):
        station.do(movement.suspected_death, key, clock.today() + timedelta(days=1), "邻居")


def test_who_moves_away_is_on_the_way_until_the_other_side_says_so(station: Station) -> None:
    key = station.do(a_retiree)
    station.do(movement.moved_out, key, ON, "望江社区", "本人申请")
    assert state(station, key) == "9"
    assert station.ask(retiree.chips)["managed"] == 1
    station.do(movement.moved_out, key, ON, "望江社区", "对方回执", confirmed=True)
    assert state(station, key) == "4"
    assert station.ask(retiree.chips)["managed"] == 0
    assert station.ask(retiree.people, retiree.People(chip="gone")).total == 1
    assert station.ask(retiree.person, key).readonly == "已迁出 2026-11-20，资料只读"
    with pytest.raises(Refusal, match="资料只读"):
        station.do(retiree.edit, key, {"mobile": "13900000846"})


def test_who_had_moved_away_and_is_back_counts_again(station: Station) -> None:
    key = station.do(a_retiree, last_certified_on=a_day("2025-12-05"))
    station.do(movement.moved_out, key, ON, "海口市", "本人申请", confirmed=True)
    with pytest.raises(Refusal, match="不能早于"):
        station.do(movement.come_back, key, ON - timedelta(days=1), "海口市", "本人来站")
    with pytest.raises(Refusal, match="从哪里迁回"):
        station.do(movement.come_back, key, ON, " ", "本人来站")
    station.do(movement.come_back, key, ON, "海口市", "本人来站")
    assert state(station, key) == "1"
    assert station.ask(retiree.chips)["managed"] == 1
    told = {one.change_type: one.other for one in station.ask(movement.movements, key)}
    assert told[movement.MOVED_IN] == told[movement.LEFT] == "海口市"
    assert station.ask(certification.due_total, DueFilter()) == 1
    with pytest.raises(Refusal, match="不能登记迁回"):
        station.do(movement.come_back, key, ON, "海口市", "本人来站")
    station.do(undo.undo)
    assert state(station, key) == "4"


def test_a_lost_person_found_again_goes_on_where_they_were(station: Station) -> None:
    key = station.do(a_retiree, last_certified_on=a_day("2025-12-05"))
    with station.store.apply() as session:
        session.get_one(Retiree, key).manage_state = "2"
    station.do(movement.lost, key, ON, "三次上门无人")
    assert state(station, key) == "6"
    assert station.ask(certification.due_total, DueFilter()) == 0
    station.do(movement.found, key, ON, "本人来站")
    assert state(station, key) == "2"
    rows = station.ask(certification.due_rows, DueFilter())
    assert [(row.retiree_id, row.state) for row in rows] == [(key, "contacted")]
    assert station.ask(suspicion.open_count) == 0


def test_what_the_state_does_not_allow_is_refused_in_words(station: Station) -> None:
    key = station.do(a_retiree)
    with pytest.raises(Refusal) as refused:
        station.do(movement.found, key, ON, "来站")
    assert refused.value.message == "王秀英 现在是“在管”，不能登记找回"


def test_only_the_head_corrects_and_with_a_reason(station: Station) -> None:
    key = station.do(a_retiree)
    station.do(movement.suspected_death, key, ON, "邻居")
    with pytest.raises(Refusal, match="只有站长"):
        station.sits("clerk").do(movement.correct, key, "认错人")
    with pytest.raises(Refusal, match="原因"):
        station.do(movement.correct, key, " ")
    station.do(movement.correct, key, "认错人")
    assert state(station, key) == "1"
    assert station.ask(certification.due_total, DueFilter()) == 1
    assert station.ask(suspicion.open_count) == 0
    kinds = [one.change_type for one in station.ask(movement.movements, key)]
    assert sorted(kinds) == ["1", "8", "9"]


def test_nobody_visits_the_dead(station: Station) -> None:
    key = station.do(a_retiree)
    with station.store.apply() as session:
        session.get_one(Retiree, key).manage_state = "5"
    with pytest.raises(Refusal, match="王秀英 已登记去世，不能登记走访"):
        station.do(visit.record_visit, visit_values(key))


def test_who_does_not_move_after_all_goes_on_where_they_were(station: Station) -> None:
    key = station.do(a_retiree)
    station.do(movement.moved_out, key, ON, "望江社区", "本人申请")
    with pytest.raises(Refusal, match="原因"):
        station.do(movement.stayed, key, " ")
    station.do(movement.stayed, key, "子女改了主意")
    assert state(station, key) == "1"
    assert station.ask(movement.movements, key)[0].change_type == "8"
