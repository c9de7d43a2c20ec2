"""Dated rules, roles, settings, drafts and the log: small tables everything else asks."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from app import audit, cert_task, draft, office, retiree, roles, settings, station
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.kit.run import look, run
from app.kit.who import Desk
from app.station import Station
from models.exchange import Change
from models.kit import clock, codes
from models.kit.ids import new_id
from models.parameter import Audit, LocalNote, Parameter
from resources import path
from tests.app.life import PASSWORD, a_retiree, made_station, quick_vault, station_home
from tests.conftest import NOW

__all__ = ["made_station", "quick_vault", "station_home"]


@pytest.fixture
def here(station_home: Home) -> Iterator[Station]:
    with station.open_station(station_home, None, PASSWORD) as opened:
        yield opened


def say(here: Station, key: str, value: object, since: date | None = None, **more: object) -> None:
    """The centre publishes a rule."""
    row = Parameter(id=new_id(), key=key, value=value, effective_from_on=since, stamps={})
    row.office_id = str(more.pop("office_id", "c" * 32))
    for name, one in more.items():
        setattr(row, name, one)
    with here.store.apply() as session:
        session.add(row)


def rule(here: Station, key: str, on: date | None = None) -> office.Value:
    return look(here.store, here.desk, office.parameter, key, on)


# ---- rules ---------------------------------------------------------------------------------


def test_bundled_rules_hold_until_the_centre_speaks(here: Station) -> None:
    assert rule(here, "due_rule").value == "month_inclusive"
    assert "2022年" in rule(here, "due_rule").doc_no
    assert rule(here, "cycle_months") == (12, rule(here, "cycle_months").doc_no)
    assert rule(here, "cycle_months.1").value == 12
    assert rule(here, "cycle_months.3").value == 6
    with pytest.raises(KeyError):
        rule(here, "nobody_knows")


def test_a_published_rule_holds_within_its_dates(here: Station) -> None:
    say(here, "remind_days", 45, date(2026, 1, 1), effective_to_on=date(2026, 12, 31), doc_no="甲")
    say(here, "remind_days", 50, date(2027, 1, 1), doc_no="乙")
    say(here, "remind_days", 1, date(2027, 1, 1), is_void=True)
    assert rule(here, "remind_days", date(2025, 12, 31)).value == 60
    assert rule(here, "remind_days", date(2026, 1, 1)) == (45, "甲")
    assert rule(here, "remind_days", date(2026, 12, 31)).value == 45
    assert rule(here, "remind_days", date(2030, 1, 1)) == (50, "乙")


def test_a_rule_for_this_office_goes_before_the_rule_for_all(here: Station) -> None:
    say(here, "contact_tries", 5, date(2026, 6, 1))
    say(here, "contact_tries", 4, date(2026, 1, 1), office_id=here.office.id)
    assert rule(here, "contact_tries", date(2026, 7, 1)).value == 4


def test_a_rule_of_a_scheme_goes_before_the_general_one(here: Station) -> None:
    say(here, "cycle_months", 24, date(2026, 1, 1))
    assert rule(here, "cycle_months.1", date(2026, 7, 1)).value == 24
    assert rule(here, "cycle_months.3", date(2026, 7, 1)).value == 6
    say(here, "cycle_months.3", 12, date(2026, 1, 1))
    assert rule(here, "cycle_months.3", date(2026, 7, 1)).value == 12


def test_a_rule_set_in_an_action_holds_for_the_rest_of_it(here: Station) -> None:
    def set_and_ask(session: Session) -> tuple[list[int], list[int]]:
        tries, months = [], []
        for _ in range(2):
            tries.append(office.parameter(session, "contact_tries").value)
            months.append(cert_task.due_rules(session)["1"].months)
            office.publish_rule(session, "contact_tries", tries[-1] + 2, doc_no="甲")
            office.publish_rule(session, "cycle_months", months[-1] + 6, doc_no="甲")
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
    say(here, "remind_days", 45, date(2026, 1, 1), doc_no="甲")
    shown = look(here.store, here.desk, office.rules)
    assert len(shown) == len(office.bundled())
    (mine,) = [one for one in shown if one.key == "remind_days"]
    assert (mine.value, mine.label, mine.unit, mine.bundled) == (45, "到期提醒", "天", False)


def test_a_rule_that_this_program_does_not_read_is_not_shown(here: Station) -> None:
    say(here, "audit_keep_months", 24, date(2026, 1, 1), doc_no="甲")
    shown = look(here.store, here.desk, office.rules)
    assert {one.key for one in shown} == {one.key for one in office.bundled()}


def test_a_number_has_its_bounds(here: Station) -> None:
    centre = replace(here.desk, guard=None)
    for value, said in ((0, "至少是 1"), (10_000, "最多是 9999")):
        with pytest.raises(Refusal, match=said):
            run(here.store, centre, office.publish_rule, "remind_days", value, doc_no="甲")


def test_wrong_tries_follow_the_centres_rule_from_the_next_login(
    here: Station, station_home: Home
) -> None:
    say(here, "password_tries", 3)
    here.close()
    station.open_station(station_home, None, PASSWORD).close()
    with pytest.raises(Refusal, match="还可以再试 2 次"):
        station.open_station(station_home, None, "Wrong-pass-1")


# ---- roles ---------------------------------------------------------------------------------


def desk_of(*given: str) -> Desk:
    return Desk("x", "某人", "a" * 32, frozenset(given))


def test_every_role_and_every_noun_is_in_the_table() -> None:
    known = {entry.code for entry in codes.table("ROLE")}
    assert set(roles.TABLE) == known
    for row in roles.TABLE.values():
        assert set(row) <= set(roles.NOUNS)
        assert set().union(*row.values()) <= set(roles.VERBS)


@pytest.mark.parametrize(
    ("role", "noun", "verb", "allowed"),
    [
        ("head", "retiree", "confirm", True),
        ("clerk", "visit", "write", True),
        ("clerk", "account", "write", False),
        ("clerk", "movement", "confirm", False),
        ("admin", "retiree", "see", False),
        ("admin", "backup", "manage", True),
        ("admin", "account", "write", False),
        ("auditor", "audit", "export", True),
        ("auditor", "retiree", "see", True),
        ("auditor", "retiree", "write", False),
        ("auditor", "retiree", "print", False),
        ("head", "parameter", "write", False),
        ("centre_head", "parameter", "write", True),
    ],
)
def test_who_may_do_what(role: str, noun: str, verb: str, *, allowed: bool) -> None:
    assert roles.may(desk_of(role), noun, verb) is allowed


def test_a_refusal_says_who_may_and_unknown_words_are_bugs() -> None:
    with pytest.raises(Refusal, match="某人 没有“登记和修改走访记录”的权限，请找站长、经办人"):
        roles.allow(desk_of("auditor"), "visit", "write")
    roles.allow(desk_of("auditor", "clerk"), "visit", "write")
    with pytest.raises(KeyError):
        roles.may(desk_of("head"), "visit", "explode")
    assert roles.title(["clerk", "head"]) == "站长"


# ---- settings ------------------------------------------------------------------------------


def test_every_setting_has_words_and_a_fitting_default() -> None:
    assert len(settings.BY_NAME) == len(settings.SETTINGS)
    for one in settings.SETTINGS:
        assert one.label
        assert one.help
        assert settings.check(one, one.default) == one.default


def test_settings_of_this_pc_work_before_login_and_survive_a_bad_file(tmp_path: Path) -> None:
    home = Home(tmp_path / "s")
    pc = settings.machine(home)
    assert pc.get("text_size") == 100
    pc.set("text_size", 125)
    assert settings.machine(home).get("text_size") == 125
    with pytest.raises(Refusal, match="“文字大小”不能是 110"):
        pc.set("text_size", 110)
    with pytest.raises(Refusal, match="应在 30 到 1000 之间"):
        pc.set("scanner_idle_ms", 5)
    for bad in ("{", "[]", '{"text_size": "big"}'):
        home.settings.write_text(bad)
        assert pc.get("text_size") == 100
    with pytest.raises(KeyError):
        pc.get("sync_auto")


def test_settings_of_the_station_are_kept_and_never_travel(here: Station) -> None:
    assert look(here.store, here.desk, settings.read, "sync_auto") is True
    run(here.store, here.desk, settings.write, "slip_note", "周三下午学习，不办公")
    run(here.store, here.desk, settings.write, "slip_note", "周四下午学习")
    assert look(here.store, here.desk, settings.read, "slip_note") == "周四下午学习"
    with here.store.look() as session:
        assert "local_note" not in {one.entity for one in session.query(Change)}


def test_settings_of_the_centre_are_its_rules_within_bounds(here: Station) -> None:
    assert look(here.store, here.desk, settings.read, "lock_minutes") == 10
    say(here, "lock_minutes", 90)
    assert look(here.store, here.desk, settings.read, "lock_minutes") == 30
    with pytest.raises(Refusal, match="由区中心统一规定"):
        run(here.store, here.desk, settings.write, "lock_minutes", 20)


# ---- drafts --------------------------------------------------------------------------------


def test_a_draft_is_kept_found_renewed_and_dropped(here: Station) -> None:
    with clock.freeze(NOW):
        run(here.store, here.desk, draft.save, "visit", "r1", {"living_note": "在"}, "王秀英 走访")
        run(
            here.store, here.desk, draft.save, "visit", "r1", {"living_note": "在家"}, "王秀英 走访"
        )
        run(here.store, here.desk, draft.save, "register", "", {"name": "新人"})
    found = look(here.store, here.desk, draft.find, "visit", "r1")
    assert found is not None
    assert (found.values["living_note"], found.title) == ("在家", "王秀英 走访")
    assert f"{clock.local(found.saved_at):%H:%M}" == "14:32"
    assert len(look(here.store, here.desk, draft.waiting)) == 2
    run(here.store, here.desk, draft.drop, "visit", "r1")
    assert look(here.store, here.desk, draft.find, "visit", "r1") is None


def test_a_draft_is_ones_own_and_never_in_the_stream(here: Station) -> None:
    other = Desk("b" * 32, "陈敏", here.office.id, frozenset({"clerk"}))
    run(here.store, here.desk, draft.save, "visit", "r1", {"a": 1})
    assert look(here.store, other, draft.find, "visit", "r1") is None
    run(here.store, other, draft.save, "visit", "r1", {"a": 2})
    mine = look(here.store, here.desk, draft.find, "visit", "r1")
    assert mine is not None
    assert mine.values == {"a": 1}
    with here.store.look() as session:
        assert {one.entity for one in session.query(Change)} == {"staff", "account", "audit"}


# ---- the log -------------------------------------------------------------------------------


def test_an_entry_is_in_the_transaction_of_what_it_tells(here: Station) -> None:
    def fails(session: Session) -> None:
        audit.note(session, "查看证号", "retiree", "x")
        raise Refusal("nein")

    with pytest.raises(Refusal):
        run(here.store, here.desk, fails)
    with here.store.look() as session:
        assert session.query(Audit).count() == 1


def test_an_untouched_log_is_whole(here: Station) -> None:
    run(here.store, here.desk, audit.note, "查看证号", "retiree", "x", "因打印")
    run(here.store, here.desk, audit.note, "导出", succeeded=False)
    run(here.store, here.desk, audit.local_note, "sync", {"sent": 3})
    run(here.store, here.desk, lambda session: session.add(a_retiree()))
    assert look(here.store, here.desk, audit.altered) == []


@pytest.mark.parametrize(
    "line",
    [
        "UPDATE audit SET who = '别人' WHERE act = '查看证号'",
        "DELETE FROM audit WHERE act = '查看证号'",
        "UPDATE audit SET is_void = 1 WHERE act = '查看证号'",
        "UPDATE change SET payload = x'00' WHERE entity = 'audit'",
    ],
)
def test_an_entry_changed_behind_the_program_is_found(here: Station, line: str) -> None:
    run(here.store, here.desk, audit.note, "查看证号", "retiree", "x")
    with here.store.apply() as session:
        session.execute(text(line))
    assert look(here.store, here.desk, audit.altered)


def test_a_local_entry_taken_out_of_the_middle_is_found(here: Station) -> None:
    for number in range(3):
        run(here.store, here.desk, audit.local_note, "sync", {"number": number})
    with here.store.apply() as session:
        rows = session.query(LocalNote).filter(LocalNote.key == "sync").all()
        session.execute(text("DELETE FROM local_note WHERE id = :id"), {"id": rows[1].id})
    assert look(here.store, here.desk, audit.altered)


def test_a_day_before_the_first_rule_takes_the_first(here: Station) -> None:
    """A PC without a battery wakes in 1980; the daily round must not break."""
    with here.store.look() as session:
        for one in office.bundled():
            assert office.parameter(session, one.key, date(1980, 1, 1)).value is not None
