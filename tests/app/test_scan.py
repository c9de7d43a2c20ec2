from datetime import timedelta

import pytest

from app import certification, movement, printed, retiree
from app.certification import DueFilter
from app.printing.kit import codes
from models.cert_task import CertTask
from models.certification import Certification
from models.kit import clock
from models.kit.ids import new_id
from models.office import Office
from models.printed import Print
from tests.make import Station, a_day, a_retiree, an_id_number


def a_form(station: Station, **changes: object) -> tuple[str, str, str]:
    """(person, task, text of the code) of a form that was printed."""
    changes.setdefault("last_certified_on", a_day("2025-12-05"))
    key = station.do(a_retiree, **changes)
    task = next(
        row.task_id
        for row in station.ask(certification.due_rows, DueFilter())
        if row.retiree_id == key
    )
    station.do(certification.assign_form_numbers, [task])
    payload = station.ask(certification.form_data, [task])[0].payload
    station.do(certification.printed, [task])
    return key, task, payload


def test_a_form_carries_the_data_of_the_person(station: Station) -> None:
    _, task, payload = a_form(
        station, contacts=[{"name": "陈志明", "relation": "22", "phone": "13900006208"}]
    )
    form = station.ask(certification.form_data, [task])[0]
    assert (form.name, form.sex, form.id_no) == ("王秀英", "女", an_id_number())
    assert (form.period_from, form.period_to) == ("2025-12", "2026-11")
    assert (form.emergency_name, form.emergency_kin) == ("陈志明", "长子")
    assert (form.kind, form.print_count) == ("企业退休", 2)
    assert form.number.startswith("RZ26-")
    assert codes.read(payload).number == form.number
    assert "519902194611230269" not in payload


def test_numbers_never_repeat_and_a_reprint_keeps_its_own(station: Station) -> None:
    _, one, _ = a_form(station)
    _, two, _ = a_form(station, id_no=an_id_number("1950-01-02", 31))
    first = station.do(certification.assign_form_numbers, [one, two])
    assert len(set(first.values())) == 2
    assert station.do(certification.assign_form_numbers, [two, one]) == first


def test_each_print_is_an_event_with_its_digest(station: Station) -> None:
    _, task, _ = a_form(station)
    station.do(certification.printed, [task], "打印机卡纸重打")
    number = station.ask(certification.form_data, [task])[0].number
    rows = station.ask(printed.prints, number)
    assert sorted(row.times for row in rows) == [1, 2]
    with station.store.look() as session:
        assert len({one.digest for one in session.query(Print)}) == 1


def test_a_scanned_form_is_a_certification(station: Station) -> None:
    key, task, payload = a_form(station, health_state="3")
    done = station.do(certification.returned, payload)
    assert (done.kind, done.title, done.task_id) == ("ok", "已收到 王秀英 的认证表", task)
    assert done.line.startswith("女 80岁 · 桂苑一区 3栋 502 · RZ26-")
    one = station.get(Certification, done.certification_id)
    assert (one.method, one.present_in_person, one.result) == ("04", True, "1")
    assert (one.docs_checked, one.health_state) == (["1"], "3")
    assert one.form_no == done.number
    assert station.ask(retiree.person, key).cert.text == "已认证"


def test_the_same_form_twice_says_when_it_came(station: Station) -> None:
    _, _, payload = a_form(station)
    first = station.do(certification.returned, payload)
    again = station.do(certification.returned, payload)
    assert (again.kind, again.title) == ("already", "王秀英 的这张表 14:32 已经收过了")
    assert again.certification_id == first.certification_id
    with clock.freeze(clock.now() + timedelta(days=1)):
        assert "11-23 14:32" in station.do(certification.returned, payload).title


def test_the_number_typed_by_hand_is_as_good(station: Station) -> None:
    _, task, _ = a_form(station)
    number = station.ask(certification.form_data, [task])[0].number
    assert station.do(certification.returned, number.lower()).kind == "ok"


def test_a_mistyped_number_is_not_recognised(station: Station) -> None:
    a_form(station)
    assert station.do(certification.returned, "RZ26-ABC-00001-0").kind == "unknown"
    done = station.do(certification.returned, "王秀英")
    assert done.title == "没认出这个码，请再扫一次；还不行就输入表右上方的编号"


def test_the_form_of_another_community_is_named(station: Station) -> None:
    other = new_id()
    with station.store.apply() as session:
        session.add(
            Office(
                id=other,
                office_id=other,
                code="519902001002",
                name="望江社区服务站",
                level="3",
                created_at=clock.now(),
            )
        )
    foreign = codes.payload("RZ1", "519902001002", "RZ26-ABC-00001-9", "0" * 8)
    done = station.do(certification.returned, foreign)
    assert (done.kind, done.title) == (
        "other",
        "这张表是 望江社区 的，请退给本人或转交该社区",
    )


def test_a_form_of_the_last_period_is_refused_with_the_new_one_at_hand(station: Station) -> None:
    key, _, payload = a_form(station)
    station.do(certification.certify, key, {"method": "02"})
    with clock.freeze(clock.now() + timedelta(days=330)):
        station.do(certification.open_tasks)
        done = station.do(certification.returned, payload)
    assert done.kind == "period"
    assert done.title == "这张表是上一周期（2025年12月—2026年11月）的，不能用于本次认证"
    assert "没有新表可现场重打一份" in done.detail
    assert done.new_task_id


def test_somebody_certified_by_telephone_meanwhile_needs_no_form(station: Station) -> None:
    key, _, payload = a_form(station)
    station.do(certification.certify, key, {"method": "02"})
    done = station.do(certification.returned, payload)
    assert done.kind == "already"
    assert "已经认证过了（手机或网络人脸自助）" in done.title


def test_data_changed_since_printing_is_said_and_still_counts(station: Station) -> None:
    key, _, payload = a_form(station)
    station.do(retiree.edit, key, {"mobile": "13900000846"})
    done = station.do(certification.returned, payload)
    assert (done.kind, done.recorded) == ("changed", True)
    assert "打印后资料有改动" in done.title


def test_the_form_of_somebody_gone_is_not_recorded(station: Station) -> None:
    key, _, payload = a_form(station)
    station.do(movement.suspected_death, key, a_day("2026-11-02"), "邻居告知")
    done = station.do(certification.returned, payload)
    assert (done.kind, done.recorded) == ("gone", False)
    assert done.title == "王秀英 已登记疑似死亡，这张表没有登记"


def test_the_form_of_a_registration_that_was_voided_says_so(station: Station) -> None:
    key, _, payload = a_form(station)
    station.do(retiree.void_registration, key, "登记重了")
    done = station.do(certification.returned, payload)
    assert done.title == "王秀英 已登记作废，这张表没有登记"
    assert "先在“已作废”里恢复" in done.detail


def test_the_receipt_is_not_the_form(station: Station) -> None:
    _, task, _ = a_form(station)
    form = station.ask(certification.form_data, [task])[0]
    assert station.do(certification.returned, form.receipt_payload).kind == "receipt"


@pytest.mark.parametrize("kin", [{}, {"kin_name": "陈志明", "kin_relation": "22"}])
def test_a_correction_goes_with_the_scan(station: Station, kin: dict[str, str]) -> None:
    key, task, payload = a_form(station)
    values = {"certified_on": a_day("2026-11-20"), **kin}
    done = station.do(certification.returned, payload, values)
    one = station.get(Certification, done.certification_id)
    assert one.certified_on == a_day("2026-11-20")
    state = "home_visit" if kin else "done"
    assert station.get(CertTask, task).state == state
    assert station.ask(retiree.person, key).id == key


def test_undoing_a_scan_lets_the_form_be_scanned_again(station: Station) -> None:
    _, _, payload = a_form(station)
    done = station.do(certification.returned, payload)
    station.do(certification.void_certification, done.certification_id, "扫错了")
    assert station.do(certification.returned, payload).kind == "ok"
