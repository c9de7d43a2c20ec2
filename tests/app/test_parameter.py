"""Dated rules: the centre's over the bundled, within their dates."""

import csv
import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from app import cert_task, parameter, retiree, station
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.kit.run import look, run
from app.station import Station
from models.kit import clock
from resources import path
from tests.app.life import PASSWORD, here, made_station, quick_vault, say_rule, station_home

__all__ = ["here", "made_station", "quick_vault", "station_home"]

KEY = "remind_days"


def rule(here: Station, key: str, on: date | None = None) -> parameter.Value:
    return look(here.store, here.desk, parameter.in_force, key, on)


def test_bundled_rules_hold_until_the_centre_speaks(here: Station) -> None:
    assert rule(here, "due_rule").value == "month_inclusive"
    assert "2022年" in rule(here, "due_rule").doc_no
    assert rule(here, "cycle_months") == (12, rule(here, "cycle_months").doc_no)
    assert rule(here, "cycle_months.1").value == 12
    assert rule(here, "cycle_months.3").value == 6
    with pytest.raises(KeyError):
        rule(here, "nobody_knows")


def test_a_published_rule_holds_within_its_dates(here: Station) -> None:
    say_rule(
        here, "remind_days", 45, date(2026, 1, 1), effective_to_on=date(2026, 12, 31), doc_no="甲"
    )
    say_rule(here, "remind_days", 50, date(2027, 1, 1), doc_no="乙")
    say_rule(here, "remind_days", 1, date(2027, 1, 1), is_void=True)
    assert rule(here, "remind_days", date(2025, 12, 31)).value == 60
    assert rule(here, "remind_days", date(2026, 1, 1)) == (45, "甲")
    assert rule(here, "remind_days", date(2026, 12, 31)).value == 45
    assert rule(here, "remind_days", date(2030, 1, 1)) == (50, "乙")


def test_a_rule_for_this_office_goes_before_the_rule_for_all(here: Station) -> None:
    say_rule(here, "contact_tries", 5, date(2026, 6, 1))
    say_rule(here, "contact_tries", 4, date(2026, 1, 1), office_id=here.office.id)
    assert rule(here, "contact_tries", date(2026, 7, 1)).value == 4


def test_a_rule_of_a_scheme_goes_before_the_general_one(here: Station) -> None:
    say_rule(here, "cycle_months", 24, date(2026, 1, 1))
    assert rule(here, "cycle_months.1", date(2026, 7, 1)).value == 24
    assert rule(here, "cycle_months.3", date(2026, 7, 1)).value == 6
    say_rule(here, "cycle_months.3", 12, date(2026, 1, 1))
    assert rule(here, "cycle_months.3", date(2026, 7, 1)).value == 12


def test_a_rule_set_in_an_action_holds_for_the_rest_of_it(here: Station) -> None:
    def set_and_ask(session: Session) -> tuple[list[int], list[int]]:
        tries, months = [], []
        for _ in range(2):
            tries.append(parameter.in_force(session, "contact_tries").value)
            months.append(cert_task.due_rules(session)["1"].months)
            parameter.publish(session, "contact_tries", tries[-1] + 2, doc_no="甲")
            parameter.publish(session, "cycle_months", months[-1] + 6, doc_no="甲")
        return tries, months

    centre = replace(here.desk, guard=None)
    tries, months = run(here.store, centre, set_and_ask).result
    assert tries[1] == tries[0] + 2
    assert months == [12, 18]


def test_an_action_reads_the_rules_once(here: Station) -> None:
    asked: list[str] = []

    def note(_c: object, _cursor: object, said: str, *_more: object) -> None:
        asked.append(said)

    event.listen(here.store.engine, "before_cursor_execute", note)
    values = {"name": "王秀英", "id_no": "519902194611230269", "mobile": "13800002617"}
    values |= {"live_address": "桂苑一区 3栋 502", "employer_name": "市棉纺织厂"}
    run(here.store, here.desk, retiree.register, values, tags=["T01", "T03"])
    assert sum("FROM parameter" in one for one in asked) == 1


def test_every_bundled_rule_has_words_and_a_ground() -> None:
    with path("codes", "parameters.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["key"] for row in rows}) == len(rows)
    for row in rows:
        json.loads(row["value"])
        assert row["label"], row
        assert row["doc_no"], row


def test_the_settings_page_sees_every_rule_once_in_order(here: Station) -> None:
    say_rule(here, "remind_days", 45, date(2026, 1, 1), doc_no="甲")
    shown = look(here.store, here.desk, parameter.rules)
    assert len(shown) == len(parameter.bundled())
    (mine,) = [one for one in shown if one.key == "remind_days"]
    assert (mine.value, mine.label, mine.unit, mine.bundled) == (45, "到期提醒", "天", False)


def test_a_rule_that_this_program_does_not_read_is_not_shown(here: Station) -> None:
    say_rule(here, "audit_keep_months", 24, date(2026, 1, 1), doc_no="甲")
    shown = look(here.store, here.desk, parameter.rules)
    assert {one.key for one in shown} == {one.key for one in parameter.bundled()}


def test_a_rule_for_later_leaves_in_sight_what_holds_until_then(here: Station) -> None:
    def listed() -> list[tuple[object, date | None, date | None]]:
        found = [one for one in look(here.store, here.desk, parameter.rules) if one.key == KEY]
        return [(one.value, one.effective_from, one.effective_to) for one in found]

    ((shipped, begins, _),) = listed()
    centre, today = replace(here.desk, guard=None), clock.today()
    later = today + timedelta(days=30)
    run(here.store, centre, parameter.publish, KEY, 45, since=later, doc_no="甲")
    assert listed() == [(shipped, begins, later - timedelta(days=1)), (45, later, None)]
    assert rule(here, KEY).value == shipped


def test_a_rule_for_today_does_not_take_back_one_for_later(here: Station) -> None:
    centre, today = replace(here.desk, guard=None), clock.today()
    later = today + timedelta(days=30)
    run(here.store, centre, parameter.publish, KEY, 45, since=later, doc_no="甲")
    run(here.store, centre, parameter.publish, KEY, 40, since=today, doc_no="乙")
    run(here.store, centre, parameter.publish, KEY, 41, since=today, doc_no="丙")
    days = [today, later - timedelta(days=1), later, later + timedelta(days=999)]
    assert [rule(here, KEY, day).value for day in days] == [41, 41, 45, 45]
    run(here.store, centre, parameter.publish, KEY, 46, since=later, doc_no="丁")
    assert [rule(here, KEY, day).value for day in days] == [41, 41, 46, 46]


def test_a_number_has_its_bounds(here: Station) -> None:
    centre = replace(here.desk, guard=None)
    for value, said in ((0, "至少是 1"), (10_000, "最多是 9999")):
        with pytest.raises(Refusal, match=said):
            run(here.store, centre, parameter.publish, "remind_days", value, doc_no="甲")


def test_wrong_tries_follow_the_centres_rule_from_the_next_login(
    here: Station, station_home: Home
) -> None:
    say_rule(here, "password_tries", 3)
    here.close()
    station.open_station(station_home, None, PASSWORD).close()
    with pytest.raises(Refusal, match="还可以再试 2 次"):
        station.open_station(station_home, None, "Wrong-pass-1")


def test_a_day_before_the_first_rule_takes_the_first(here: Station) -> None:
    """A PC without a battery wakes in 1980; the daily round must not break."""
    with here.store.look() as session:
        for one in parameter.bundled():
            assert parameter.in_force(session, one.key, date(1980, 1, 1)).value is not None
