import pytest
from sqlalchemy.orm import Session

from app import employer, retiree, suspicion
from app.kit.refusal import Refusal, Refusals
from models.audit import Audit
from models.cert_task import CertTask
from models.employer import Employer
from models.family import Family
from models.handover import TAKEN, Handover
from models.kit.ids import new_id
from models.movement import Movement
from models.retiree import MOVED_OUT, Retiree
from models.tag import Tag
from models.visit_plan import VisitPlan
from tests.make import Station, a_day, a_retiree, an_id_number, retiree_values


def test_sex_birth_and_address_follow_from_what_was_typed(station: Station) -> None:
    who = station.get(Retiree, station.do(a_retiree))
    assert (who.sex, who.birth_on) == ("2", a_day("1946-11-23"))
    assert (who.estate, who.building, who.room) == ("桂苑一区", "3栋", "502")
    assert who.building_text == "桂苑一区3栋"
    assert who.received_on == a_day("2026-11-23")


def test_a_wrong_check_digit_names_the_right_one(station: Station) -> None:
    wrong = an_id_number()[:17] + "3"
    with pytest.raises(Refusal) as refused:
        station.do(a_retiree, id_no=wrong)
    assert refused.value.field == "id_no"
    assert "末位应是 9，现在是 3" in refused.value.message


def test_a_card_that_really_says_so_is_kept_and_doubted(station: Station) -> None:
    wrong = an_id_number()[:17] + "3"
    saved = station.do(retiree.register, retiree_values(id_no=wrong), keep_odd_number=True)
    assert station.get(Retiree, saved.id).id_doubtful
    rows = station.ask(suspicion.suspicions).rows
    assert [(one.retiree_id, one.reason) for one in rows] == [(saved.id, "05")]


def test_a_second_living_person_with_one_number_is_refused_by_name(station: Station) -> None:
    station.do(a_retiree, name="李建国", live_address="桂苑二区7栋301")
    with pytest.raises(Refusal) as refused:
        station.do(a_retiree)
    assert refused.value.message == "这个号码已登记为 李建国（桂苑二区 7栋 301）"


def test_all_mistakes_are_told_at_once(station: Station) -> None:
    with pytest.raises(Refusals) as refused:
        station.do(a_retiree, id_no="5199021946112302", mobile="1380000261", employer_name=None)
    assert refused.value.message.startswith("还有 3 处需要改正：")
    assert set(refused.value.problems) == {"id_no", "mobile", "employer_name"}
    assert "手机号应为 11 位，现在是 10 位" in refused.value.problems["mobile"].message
    assert "现在是 16 位，少 2 位" in refused.value.problems["id_no"].message


def test_somebody_without_a_telephone_says_so(station: Station) -> None:
    with pytest.raises(Refusal, match="无电话"):
        station.do(a_retiree, mobile=None)
    assert station.do(a_retiree, mobile=None, no_phone=True)


def test_a_landline_in_the_wrong_box_goes_to_its_own(station: Station) -> None:
    who = station.get(Retiree, station.do(a_retiree, mobile="0898-88000000"))
    assert (who.mobile, who.phone) == (None, "0898-88000000")


def test_an_old_number_is_converted_with_a_warning(station: Station) -> None:
    checked = station.ask(retiree.check, {"id_no": "519902461123026"})
    assert checked.values["id_no"] == an_id_number()
    assert checked.warnings["id_no"].startswith("这是 15 位旧证号")


def test_a_sex_that_the_card_contradicts_warns_and_is_kept(station: Station) -> None:
    checked = station.ask(retiree.check, retiree_values(sex="1"))
    assert checked.warnings["sex"] == "身份证显示为女，与所选“男”不一致，请核对"
    assert not checked.errors


def test_retirement_before_work_is_refused_and_after_today_corrected(station: Station) -> None:
    wrong = station.ask(retiree.check, retiree_values(retired_on="1960-01"))
    assert "早于参加工作时间 1964-09" in wrong.errors["retired_on"].message
    late = station.ask(retiree.check, retiree_values(retired_on="2061-05"))
    assert late.errors["retired_on"].suggestion == "2016-05"


def test_an_archive_birth_date_of_its_own_warns_and_both_stay(station: Station) -> None:
    checked = station.ask(retiree.check, retiree_values(birth_on_archive="1946-10"))
    assert "两者都保留" in checked.warnings["birth_on_archive"]


def test_the_household_is_mentioned(station: Station) -> None:
    station.do(a_retiree, name="陈永福", id_no=an_id_number("1944-05-01", 11))
    checked = station.ask(retiree.check, retiree_values())
    assert checked.notes["live_address"] == "这一户已登记 1 人：陈永福。如为同住配偶请继续"


def test_an_unknown_employer_becomes_one_proposal(station: Station) -> None:
    one = station.get(Retiree, station.do(a_retiree))
    two = station.get(Retiree, station.do(a_retiree, id_no=an_id_number("1950-01-02", 31)))
    assert one.employer_id == two.employer_id
    assert station.get(Employer, one.employer_id).is_confirmed is False
    for words in ("棉纺", "smfz", "MianFang", "纺织 厂"):
        rows = station.ask(employer.employers, words)
        assert [(row.name, row.people) for row in rows] == [("市棉纺织厂", 2)], words
    assert station.ask(employer.employers, "smz") == []


def test_whoever_another_station_took_over_is_found_only_where_everybody_is_meant(
    station: Station,
) -> None:
    key = station.do(a_retiree)

    def taken_over(session: Session) -> None:
        gone = session.get_one(Retiree, key)
        gone.office_id, gone.manage_state = new_id(), MOVED_OUT
        session.add(
            Handover(
                id=new_id(), office_id=station.desk.office_id, to_office_id=gone.office_id,
                person_id=key, name=gone.name, state=TAKEN,
            )
        )  # fmt: skip

    station.do(taken_over)
    assert station.ask(retiree.find, "wxy") == []
    (found,) = station.ask(retiree.find, "wxy", ever=True)
    assert (found.id, found.address) == (key, "已迁出")


def test_people_of_a_self_managed_employer_are_not_ours(station: Station) -> None:
    def propose(session: object) -> None:
        session.add(Employer(id=new_id(), name="海军4802工厂", self_managed=True))  # type: ignore[attr-defined]

    station.do(propose)
    saved = station.do(retiree.register, retiree_values(employer_name="海军4802工厂"))
    assert "单位自管" in saved.warnings[0]
    assert station.get(Retiree, saved.id).manage_state == "7"
    assert station.ask(retiree.chips)["managed"] == 0


def test_registering_brings_contacts_tags_task_plan_and_a_line_in_the_register(
    station: Station,
) -> None:
    contact = {"name": "陈志明", "relation": "22", "phone": "139 0000 6208"}
    key = station.do(a_retiree, contacts=[contact], tags=["T03", "T01"])
    with station.store.look() as session:
        assert [one.phone for one in session.query(Family)] == ["13900006208"]
        assert [one.code for one in session.query(Tag)] == ["T03"]
        assert [one.state for one in session.query(CertTask)] == ["due"]
        assert [one.next_on for one in session.query(VisitPlan)] == [a_day("2026-12-23")]
        assert [one.change_type for one in session.query(Movement)] == ["1"]
    page = station.ask(retiree.person, key)
    assert page.family[0].phone == "139****6208"
    assert page.plan.reason == "独居，每月一次"


def test_editing_changes_only_what_was_given(station: Station) -> None:
    key = station.do(a_retiree)
    station.do(retiree.edit, key, {"mobile": "13900000846"})
    who = station.get(Retiree, key)
    assert (who.mobile, who.name, who.row_version) == ("13900000846", "王秀英", 2)


def test_the_state_is_never_edited(station: Station) -> None:
    key = station.do(a_retiree)
    with pytest.raises(Refusal, match="管理状态"):
        station.do(retiree.edit, key, {"manage_state": "5"})


def test_an_edit_moves_the_person_to_the_new_address(station: Station) -> None:
    key = station.do(a_retiree)
    station.do(retiree.edit, key, {"live_address": "临春一区3-502"})
    assert station.get(Retiree, key).building_text == "临春一区3栋"
    assert [one.id for one in station.ask(retiree.find, "临春一区3")] == [key]
    assert station.ask(retiree.find, "桂苑一区3栋") == []


def test_tags_end_and_begin_and_the_plan_follows(station: Station) -> None:
    key = station.do(a_retiree, tags=["T03"])
    station.do(retiree.set_tags, key, ["T06", {"code": "T05", "evidence": "残疾证"}])
    page = station.ask(retiree.person, key)
    assert [(one.code, one.evidence) for one in page.tags] == [("T05", "残疾证"), ("T06", "")]
    assert "重病" in page.plan.reason


def test_family_is_saved_whole(station: Station) -> None:
    son = {"name": "陈志明", "relation": "22", "phone": "13900006208"}
    key = station.do(a_retiree, contacts=[son])
    first = station.ask(retiree.person, key).family[0].id
    rows = [{"id": first, "name": "陈志明", "relation": "21"}, {"name": "罗玉梅", "relation": "99"}]
    station.do(retiree.set_family, key, rows)
    assert [one.relation for one in station.ask(retiree.person, key).family] == ["21", "99"]
    station.do(retiree.set_family, key, rows[:1])
    assert [one.name for one in station.ask(retiree.person, key).family] == ["陈志明"]


def test_a_family_member_without_relation_is_refused_in_place(station: Station) -> None:
    key = station.do(a_retiree)
    with pytest.raises(Refusal) as refused:
        station.do(retiree.set_family, key, [{"name": "陈志明"}])
    assert refused.value.field == "family.0.relation"


def test_the_page_masks_and_looking_is_logged(station: Station) -> None:
    key = station.do(a_retiree)
    assert station.ask(retiree.person, key).values["id_no"] == "519902********0269"
    assert station.do(retiree.reveal, key, "id_no") == an_id_number()
    with station.store.look() as session:
        entry = session.query(Audit).one()
    assert (entry.act, entry.entity_id, entry.detail) == ("查看", key, "查看 王秀英 的身份证号")


def test_party_and_money_are_for_their_roles(station: Station) -> None:
    key = station.do(a_retiree, politics="01", monthly_pension_fen=241210)
    clerk = station.sits("clerk")
    page = clerk.ask(retiree.person, key)
    assert "politics" not in page.values
    assert "monthly_pension_fen" not in page.values
    assert all(mark.code != "party" for mark in page.marks)
    assert "party" not in clerk.ask(retiree.chips)
    assert clerk.ask(retiree.people, retiree.People(chip="party")).total == 0
    with pytest.raises(Refusal, match="没有查看"):
        clerk.do(retiree.reveal, key, "monthly_pension_fen")
    assert station.ask(retiree.chips)["party"] == 1
    assert any(mark.code == "party" for mark in station.ask(retiree.person, key).marks)


def test_what_is_missing_is_listed_by_label(station: Station) -> None:
    station.do(a_retiree)
    row = station.ask(retiree.missing).rows[0]
    assert row.fields[:3] == ("民族", "政治面貌", "户籍地址")
    assert "政治面貌" not in station.sits("clerk").ask(retiree.missing).rows[0].fields
    assert station.ask(retiree.missing_count) == 1
