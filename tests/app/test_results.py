from datetime import datetime, timedelta
from typing import Any

import pytest

from app import certification, movement, overview, retiree, suspicion, trouble, voided
from app.kit.refusal import Refusal
from models.cert_task import CertTask
from models.certification import Certification
from models.kit import clock
from models.kit.ids import new_id
from models.retiree import Retiree
from tests.make import Station, a_day, a_retiree, an_id_number, back_again


def from_centre(station: Station, retiree_id: str, **changes: Any) -> str:
    """A certification as the exchange puts it here."""
    values = {
        "id": new_id(),
        "office_id": station.desk.office_id,
        "created_at": clock.now(),
        "retiree_id": retiree_id,
        "certified_on": a_day("2026-11-18"),
        "method": "01",
        "result": "1",
        "source": "2",
        "report_state": "2",
        "row_version": 1,
        "stamps": {},
    }
    with station.store.apply() as session:
        session.add(Certification(**{**values, **changes}))
    return str({**values, **changes}["id"])


def task_of(station: Station, retiree_id: str) -> CertTask:
    with station.store.look() as session:
        return session.query(CertTask).filter_by(retiree_id=retiree_id).one()


def test_what_the_centre_knows_closes_the_task_once(station: Station) -> None:
    key = station.do(a_retiree, last_certified_on=a_day("2025-12-05"))
    made = from_centre(station, key)
    assert station.do(certification.close_from_centre) == certification.Closed(1, 0)
    assert station.do(certification.close_from_centre) == certification.Closed(0, 0)
    assert (task_of(station, key).state, task_of(station, key).closed_by) == ("done", made)
    assert station.get(Retiree, key).last_certified_on == a_day("2026-11-18")


def test_a_refused_certification_reopens_its_task_with_the_reason(station: Station) -> None:
    key = station.do(a_retiree, last_certified_on=a_day("2025-12-05"))
    saved = station.do(certification.certify, key, {"docs_checked": ["1"]})
    with station.store.apply() as session:
        one = session.get_one(Certification, saved.id)
        one.report_state, one.remark = "3", "照片模糊，请重新核对"
    assert station.do(certification.close_from_centre).reopened == 1
    assert station.do(certification.close_from_centre).reopened == 0
    task = task_of(station, key)
    assert (task.state, task.refused_reason) == ("due", "照片模糊，请重新核对")
    assert station.get(Retiree, key).last_certified_on == a_day("2025-12-05")
    assert station.ask(retiree.person, key).task.refused_reason == "照片模糊，请重新核对"


def sent_back(station: Station, made: str, why: str = "照片模糊") -> None:
    """The centre's word, as the exchange puts it here, and what the program makes of it."""
    with station.store.apply() as session:
        one = session.get_one(Certification, made)
        one.report_state, one.void_reason = "3", why
    station.do(certification.close_from_centre)


def test_who_was_sent_back_is_certified_again_on_the_same_day(station: Station) -> None:
    key = station.do(a_retiree, last_certified_on=a_day("2025-12-05"))
    saved = station.do(certification.certify, key, {"docs_checked": ["1"]})
    sent_back(station, saved.id)
    again = station.do(certification.certify, key, {"docs_checked": ["1"]})
    assert (task_of(station, key).state, task_of(station, key).closed_by) == ("done", again.id)
    with pytest.raises(Refusal, match="已登记过认证"):
        station.do(certification.certify, key, {"docs_checked": ["1"]})


def test_the_agency_knows_of_a_day_that_the_centre_had_sent_back(station: Station) -> None:
    key = station.do(a_retiree, last_certified_on=a_day("2025-12-05"))
    saved = station.do(certification.certify, key, {"docs_checked": ["1"]})
    sent_back(station, saved.id)
    row = {"id_no": an_id_number(), "name": "王秀英", "certified_on": clock.today()}
    done = station.do(certification.import_results, [row])
    assert (done.matched, done.closed, done.already) == (1, 1, 0)
    assert station.do(certification.import_results, [row]).already == 1
    assert station.do(certification.close_from_centre) == certification.Closed(0, 0)
    assert task_of(station, key).state == "done"


def test_a_task_stays_done_where_another_certification_answers_it(station: Station) -> None:
    key = station.do(a_retiree, last_certified_on=a_day("2025-12-05"))
    day = {"docs_checked": ["1"], "certified_on": a_day("2026-11-17")}
    saved = station.do(certification.certify, key, day)
    by_phone = from_centre(station, key)
    station.do(certification.close_from_centre)
    sent_back(station, saved.id)
    task = task_of(station, key)
    assert (task.state, task.closed_by, task.refused_reason) == ("done", by_phone, None)
    assert station.get(Retiree, key).last_certified_on == a_day("2026-11-18")


def test_an_old_certification_taken_back_leaves_nothing_to_do_where_a_later_one_counts(
    station: Station,
) -> None:
    key = station.do(a_retiree, last_certified_on=a_day("2025-12-05"))
    first = station.do(certification.certify, key, {"docs_checked": ["1"]})
    with clock.freeze(clock.now() + timedelta(days=340)):
        station.do(certification.open_tasks)
        later = station.do(certification.certify, key, {"docs_checked": ["1"]})
        station.do(certification.void_certification, first.id, "去年的登记错人")
        with station.store.look() as session:
            states = {one.closed_by: one.state for one in session.query(CertTask)}
        assert states == {later.id: "done", None: "void"}
        assert station.ask(certification.due_total, certification.DueFilter()) == 0


def test_only_the_task_that_is_open_again_is_left_to_do(station: Station) -> None:
    key = station.do(a_retiree, last_certified_on=a_day("2025-12-05"))
    first = station.do(certification.certify, key, {"docs_checked": ["1"]})
    with clock.freeze(clock.now() + timedelta(days=310)):
        station.do(certification.open_tasks)
        station.do(certification.void_certification, first.id, "登记错人")
        (row,) = station.ask(certification.due, certification.DueFilter()).rows
        assert row.due_on == a_day("2026-11-30")
        station.do(voided.restore, "certification", first.id)
        station.do(certification.open_tasks)
        (row,) = station.ask(certification.due, certification.DueFilter()).rows
        assert row.due_on == a_day("2027-10-31")


def test_beside_a_doubt_stands_that_a_certification_was_sent_back(station: Station) -> None:
    key = station.do(a_retiree, last_certified_on=a_day("2025-12-05"))
    saved = station.do(certification.certify, key, {"docs_checked": ["1"]})
    sent_back(station, saved.id)
    doubt = station.do(suspicion.open_suspicion, key, "04", "照片不像")
    ((_, _, result),) = station.ask(suspicion.suspicion, doubt).certifications
    assert result == "符合（健在）（区中心退回）"


def test_whoever_confirms_reads_what_is_not_that_somebody_is_alive(station: Station) -> None:
    for number, name in ((26, "王一鸣"), (28, "王一鹭")):
        key = station.do(a_retiree, name=name, id_no=an_id_number(sequence=number))
        absent = {"kin_name": "王小明"} if number == 28 else {}
        station.do(certification.certify, key, {"docs_checked": ["1"], **absent})
    rows = station.sits("centre_head").ask(trouble.troubles, trouble.CERTS).rows
    assert {one.title: one.reason for one in rows} == {
        "王一鸣": "2026-11-23 经办机构或社区窗口现场",
        "王一鹭": "2026-11-23 经办机构或社区窗口现场，待核实（疑点）",
    }


def test_a_result_of_the_agency_waits_for_nobody_to_confirm_it(station: Station) -> None:
    key = station.do(a_retiree, last_certified_on=a_day("2025-12-05"))
    from_centre(station, key, report_state="0")
    centre = station.sits("centre_head")
    assert centre.ask(trouble.chips)[trouble.CERTS] == 0
    assert centre.ask(certification.waiting) == []
    station.do(certification.certify, key, {"docs_checked": ["1"]})
    assert centre.ask(trouble.chips)[trouble.CERTS] == len(centre.ask(certification.waiting)) == 1


def test_what_was_sent_back_is_in_no_figure(station: Station) -> None:
    key = station.do(a_retiree, last_certified_on=a_day("2025-12-05"))

    def counted() -> tuple[int, int]:
        (office,) = station.ask(overview.offices)
        return station.ask(certification.by_month)[-1][1], office.certified

    saved = station.do(certification.certify, key, {"docs_checked": ["1"]})
    assert counted() == (1, 1)
    sent_back(station, saved.id)
    assert counted() == (0, 0)
    station.do(certification.certify, key, {"docs_checked": ["1"]})
    assert counted() == (1, 1)


def test_who_was_certified_twice_in_a_month_is_one_in_every_figure(station: Station) -> None:
    """As two computers do it that know nothing of each other."""
    key = station.do(a_retiree, last_certified_on=a_day("2025-12-05"))
    for day in ("2026-11-03", "2026-11-20"):
        station.do(certification.certify, key, {"docs_checked": ["1"], "certified_on": a_day(day)})
    (office,) = station.ask(overview.offices)
    assert station.ask(certification.by_month)[-1] == ("2026-11", 1)
    assert office.certified == 1


def test_a_list_of_results_is_matched_by_number(station: Station) -> None:
    key = station.do(a_retiree)
    rows = [
        {
            "id_no": f"'{an_id_number()}",
            "name": "王秀英",
            "certified_on": "2026-11-10",
            "method": "人脸识别",
        },
        {"id_no": an_id_number("1950-01-02", 31), "name": "别人", "certified_on": "2026-11-10"},
        {"id_no": an_id_number(), "name": "王秀兰", "certified_on": "2026-11-11"},
        {"id_no": an_id_number(), "name": "王秀英", "certified_on": "2027-01-01"},
    ]
    done = station.do(certification.import_results, rows)
    assert (done.matched, done.closed) == (1, 1)
    assert [(one.line, one.reason) for one in done.unmatched] == [
        (2, "本站没有这个身份证号"),
        (3, "姓名不符：名单是 王秀兰，本站是 王秀英"),
        (4, "认证日期 2027-01-01 晚于今天"),
    ]
    assert task_of(station, key).state == "done"
    assert station.ask(certification.history, key)[0].method == "02"
    again = station.do(certification.import_results, rows[:1])
    assert (again.matched, again.already) == (0, 1)


def test_at_the_centre_a_row_without_a_match_speaks_of_the_stations(station: Station) -> None:
    station.do(a_retiree)
    rows = [
        {"id_no": an_id_number("1950-01-02", 31), "name": "别人", "certified_on": "2026-11-10"},
        {"id_no": an_id_number(), "name": "王秀兰", "certified_on": "2026-11-11"},
        {"id_no": an_id_number(), "name": "王秀英", "certified_on": "某日"},
    ]
    done = station.sits("centre_head").do(certification.import_results, rows)
    assert [one.reason for one in done.unmatched] == [
        "各站都没有这个身份证号",
        "姓名不符：名单是 王秀兰，登记的是 王秀英",
        "认证日期没有填，或看不懂",
    ]


def test_a_certification_of_the_dead_is_a_doubt(station: Station) -> None:
    key = station.do(a_retiree)
    with station.store.apply() as session:
        session.get_one(Retiree, key).manage_state = "5"
    rows = [{"id_no": an_id_number(), "name": "王秀英", "certified_on": a_day("2026-11-10")}]
    station.do(certification.import_results, rows)
    assert station.ask(suspicion.suspicions).rows[0].reason == "11"
    station.do(movement.correct, key, "同名同姓，登错了人")
    assert station.ask(suspicion.open_count) == 0


def test_what_came_down_is_not_voided_here(station: Station) -> None:
    key = station.do(a_retiree)
    made = from_centre(station, key)
    with pytest.raises(Refusal, match="区中心下发"):
        station.do(certification.void_certification, made, "不对")


def test_somebody_moved_away_keeps_their_closed_task(station: Station) -> None:
    key = station.do(a_retiree)
    station.do(movement.moved_out, key, a_day("2026-11-20"), "海口市", "本人告知")
    from_centre(station, key)
    assert station.do(certification.close_from_centre).closed == 0
    assert task_of(station, key).state == "void"


def test_a_list_may_tell_the_hour_of_a_certification(station: Station) -> None:
    key = station.do(a_retiree)
    at = datetime.fromisoformat("2026-11-10T10:22:11")
    row = {"id_no": an_id_number(), "name": "王秀英", "certified_on": at}
    done = station.do(certification.import_results, [row])
    assert (done.matched, done.closed, done.unmatched) == (1, 1, ())
    assert station.get(Retiree, key).last_certified_on == a_day("2026-11-10")
    assert station.do(certification.import_results, [row]).already == 1


def test_the_agency_knows_of_a_day_on_which_the_desk_had_a_doubt(station: Station) -> None:
    """That somebody sent by a relative stayed in doubt does not stand for what the agency knows."""
    key = station.do(a_retiree, last_certified_on=a_day("2025-12-05"))
    sent = {"docs_checked": ["1"], "kin_name": "王小明"}
    station.do(certification.certify, key, sent)
    row = {"id_no": an_id_number(), "name": "王秀英", "certified_on": clock.today()}
    done = station.do(certification.import_results, [row])
    assert (done.matched, done.closed, done.already) == (1, 1, 0)
    assert task_of(station, key).state == "done"


def test_of_two_registrations_the_one_that_is_cared_for_counts(station: Station) -> None:
    """Who moved away and came back is registered twice; the agency means the one here."""
    key = back_again(station)
    row = {"id_no": an_id_number(), "name": "王秀英", "certified_on": a_day("2026-11-10")}
    assert station.do(certification.import_results, [row]).closed == 1
    assert task_of(station, key).state == "done"
