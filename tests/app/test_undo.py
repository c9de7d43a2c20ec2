"""Taking back and doing again: whole actions, in words, and never over somebody else's word."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import account, acts, audit, certification, movement, undo
from app.daily import daily
from app.kit.refusal import Refusal
from app.kit.run import look, run
from app.kit.who import Desk
from app.station import Station
from models.cert_task import CertTask
from models.certification import Certification
from models.exchange import Change
from models.kit import clock
from models.kit.base import table_of
from models.kit.ids import new_id
from models.retiree import Retiree
from models.visit import Visit
from models.visit_plan import VisitPlan
from tests.app.life import a_retiree, here, made_station, quick_vault, station_home

__all__ = ["here", "made_station", "quick_vault", "station_home"]


def register(session: Session, name: str = "王秀英") -> str:
    one = a_retiree(name)
    session.add(one)
    return one.id


def edit(session: Session, /, key: str, **values: object) -> None:
    one = session.get_one(Retiree, key)
    for name, value in values.items():
        setattr(one, name, value)


def value(here: Station, key: str, name: str) -> object:
    with here.store.look() as session:
        return getattr(session.get_one(Retiree, key), name)


def take_back(here: Station) -> str:
    return run(here.store, here.desk, undo.undo).result


def again(here: Station) -> str:
    return run(here.store, here.desk, undo.redo).result


def test_a_registration_is_taken_back_by_voiding_and_done_again(here: Station) -> None:
    key = run(here.store, here.desk, register).result
    step = look(here.store, here.desk, undo.last)
    assert step is not None
    assert step.sentence == "王秀英 的人员资料"
    assert take_back(here) == "已撤销 王秀英 的人员资料"
    assert (value(here, key, "is_void"), value(here, key, "void_reason")) == (True, "撤销")
    assert again(here) == "已重做 王秀英 的人员资料"
    assert (value(here, key, "is_void"), value(here, key, "void_reason")) == (False, None)


def test_an_edit_gets_its_former_values_back_of_every_kind(here: Station) -> None:
    key = run(here.store, here.desk, register).result
    first = {"phone": "0898-0000002", "birth_on": date(1952, 3, 14), "smartphone": True}
    run(here.store, here.desk, edit, key, **first)
    run(here.store, here.desk, edit, key, phone=None, birth_on=date(1953, 1, 1), smartphone=False)
    take_back(here)
    assert {name: value(here, key, name) for name in first} == first
    take_back(here)
    assert {name: value(here, key, name) for name in first} == dict.fromkeys(first)


def test_undo_goes_back_step_by_step_and_redo_forward(here: Station) -> None:
    key = run(here.store, here.desk, register).result
    for place in ("甲", "乙", "丙"):
        run(here.store, here.desk, edit, key, native_place=place)
    seen = []
    for _ in range(3):
        take_back(here)
        seen.append(value(here, key, "native_place"))
    assert seen == ["乙", "甲", None]
    take_back(here)
    assert value(here, key, "is_void") is True
    for expected in (None, "甲", "乙", "丙"):
        again(here)
        assert value(here, key, "native_place") == expected
    with pytest.raises(Refusal, match="没有可以重做的操作"):
        again(here)
    take_back(here)
    assert value(here, key, "native_place") == "乙"
    again(here)
    take_back(here)
    take_back(here)
    assert value(here, key, "native_place") == "甲"


def test_something_new_ends_the_redoing(here: Station) -> None:
    key = run(here.store, here.desk, register).result
    run(here.store, here.desk, edit, key, native_place="甲")
    take_back(here)
    assert look(here.store, here.desk, undo.next_redo) is not None
    run(here.store, here.desk, edit, key, hobbies="象棋")
    assert look(here.store, here.desk, undo.next_redo) is None
    with pytest.raises(Refusal):
        again(here)


def test_a_field_somebody_changed_since_is_not_overruled(here: Station) -> None:
    key = run(here.store, here.desk, register).result
    run(here.store, here.desk, edit, key, native_place="甲", hobbies="象棋")
    step = look(here.store, here.desk, undo.last)
    assert step is not None
    other = Desk("b" * 32, "陈敏", here.office.id, frozenset({"clerk"}))
    run(here.store, other, edit, key, native_place="乙")
    with pytest.raises(Refusal, match="王秀英的人员资料后来又改过"):
        run(here.store, here.desk, undo.undo, step.tx)
    assert value(here, key, "hobbies") == "象棋"
    other_field = run(here.store, here.desk, edit, key, skills="书法")
    assert other_field.changed == {"retiree"}
    take_back(here)
    assert value(here, key, "skills") is None


def test_only_ones_own_actions_are_offered(here: Station) -> None:
    other = Desk("b" * 32, "陈敏", here.office.id, frozenset({"clerk"}))
    run(here.store, other, register, "李建国")
    run(here.store, here.program, register, "张三")
    assert look(here.store, here.desk, undo.last) is None
    run(here.store, here.desk, register)
    assert take_back(here) == "已撤销 王秀英 的人员资料"
    with pytest.raises(Refusal, match="没有可以撤销的操作"):
        take_back(here)


def trip(session: Session, key: str) -> None:
    """One home trip writes several records at once."""
    today = clock.today()
    task = session.query(CertTask).one()
    task.state = "done"
    certification = Certification(
        id=new_id(), retiree_id=key, task_id=task.id, certified_on=today, method="05", result="1"
    )
    session.add(certification)
    visit = Visit(id=new_id(), retiree_id=key, visited_on=today, visit_type="15", way="1")
    visit.visitors = "刘桂兰"
    session.add(visit)
    session.query(VisitPlan).one().next_on = today + timedelta(days=90)
    audit.note(session, "登记", "visit", visit.id)


def planned(session: Session, key: str) -> None:
    session.add(CertTask(id=new_id(), retiree_id=key, state="due"))
    session.add(VisitPlan(id=new_id(), retiree_id=key, next_on=date(2026, 11, 30)))


def test_an_action_of_several_records_goes_back_as_a_whole(here: Station) -> None:
    key = run(here.store, here.desk, register).result
    run(here.store, here.program, planned, key)
    run(here.store, here.desk, trip, key)
    with here.store.look() as session:
        assert session.query(CertTask).one().state == "done"
    assert take_back(here).startswith("已撤销 王秀英 的")
    with here.store.look() as session:
        assert session.query(CertTask).one().state == "due"
        assert session.query(Visit).one().is_void
        assert session.query(Certification).one().is_void
        assert session.query(VisitPlan).one().next_on == date(2026, 11, 30)
    again(here)
    with here.store.look() as session:
        assert not session.query(Visit).one().is_void
        assert session.query(CertTask).one().state == "done"


def test_a_plan_the_program_has_renewed_does_not_hold_the_trip(here: Station) -> None:
    key = run(here.store, here.desk, register).result
    run(here.store, here.program, planned, key)
    run(here.store, here.desk, trip, key)

    def renew(session: Session) -> None:
        session.query(VisitPlan).one().next_on = date(2027, 1, 1)

    run(here.store, here.program, renew)
    take_back(here)
    with here.store.look() as session:
        assert session.query(VisitPlan).one().next_on == date(2027, 1, 1)
        assert session.query(Visit).one().is_void


def test_a_person_others_have_visited_is_not_voided(here: Station) -> None:
    key = run(here.store, here.desk, register).result
    step = look(here.store, here.desk, undo.last)
    assert step is not None
    run(here.store, here.program, planned, key)
    run(here.store, here.desk, trip, key)
    with pytest.raises(Refusal, match="王秀英的人员资料后面已经有认证记录"):
        run(here.store, here.desk, undo.undo, step.tx)


def test_accounts_and_prints_are_not_undone_here(here: Station) -> None:
    run(here.store, here.desk, register)
    run(here.store, here.desk, account.create, here.vault, "陈敏", "Chen-min-26", ["clerk"])
    assert look(here.store, here.desk, undo.last) is None
    with pytest.raises(Refusal, match="人员与账号"):
        take_back(here)


def test_printing_forms_is_no_step_though_it_allots_numbers(here: Station) -> None:
    key = run(here.store, here.desk, register).result
    run(here.store, here.program, daily)
    task = look(here.store, here.desk, lambda s: s.scalars(select(CertTask.id)).one())
    run(here.store, here.desk, certification.assign_form_numbers, [task])
    run(here.store, here.desk, certification.printed, [task], "发放")
    step = look(here.store, here.desk, undo.last)
    assert step is not None
    assert step.sentence == "王秀英 的人员资料"
    number = look(here.store, here.desk, lambda s: s.get_one(CertTask, task).form_no)
    run(here.store, here.desk, edit, key, hobbies="象棋")
    take_back(here)
    assert look(here.store, here.desk, lambda s: s.get_one(CertTask, task).form_no) == number


def test_a_step_is_named_as_the_list_of_what_was_done_names_it(here: Station) -> None:
    key = run(here.store, here.desk, register).result
    run(here.store, here.desk, movement.lost, key, clock.today(), "多次上门没有人")
    (act, *_) = look(here.store, here.desk, acts.recent)
    assert (act.subject, act.entity) == ("王秀英", "movement")
    assert take_back(here) == "已撤销 王秀英 的增减变动"


def test_looking_at_a_number_is_no_step(here: Station) -> None:
    run(here.store, here.desk, register)
    run(here.store, here.desk, audit.note, "查看证号", "retiree", "x")
    assert take_back(here) == "已撤销 王秀英 的人员资料"


def test_what_is_a_day_old_is_corrected_not_undone(here: Station) -> None:
    run(here.store, here.desk, register)
    with clock.freeze(clock.now() + timedelta(hours=25)):
        assert look(here.store, here.desk, undo.last) is None


def said_by_the_centre(here: Station) -> str:
    key = run(here.store, here.desk, register).result
    with here.store.apply() as session:
        one = session.get_one(Retiree, key)
        one.native_place = "区中心的值"
        one.stamps = {**one.stamps, "native_place": "f" * 32}
    run(here.store, here.desk, edit, key, native_place="甲", hobbies="象棋")
    return key


def both(here: Station, key: str) -> tuple[object, object]:
    return value(here, key, "native_place"), value(here, key, "hobbies")


def test_a_value_that_came_from_the_centre_is_brought_back_as_well(here: Station) -> None:
    key = said_by_the_centre(here)
    assert take_back(here) == "已撤销 王秀英 的人员资料"
    assert both(here, key) == ("区中心的值", None)
    assert again(here) == "已重做 王秀英 的人员资料"
    assert both(here, key) == ("甲", "象棋")


def test_of_an_edit_that_kept_nothing_the_centres_value_is_not_brought_back_nor_half(
    here: Station,
) -> None:
    """An older program wrote it."""
    key = said_by_the_centre(here)
    with here.store.apply() as session:
        session.connection().execute(update(table_of(Change)).values(former=None))
    with pytest.raises(Refusal, match="区中心给的"):
        take_back(here)
    assert both(here, key) == ("甲", "象棋")


def test_an_action_is_undone_once(here: Station) -> None:
    run(here.store, here.desk, register)
    step = look(here.store, here.desk, undo.last)
    assert step is not None
    run(here.store, here.desk, undo.undo, step.tx)
    with pytest.raises(Refusal, match="已经撤销过了"):
        run(here.store, here.desk, undo.undo, step.tx)
