from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from app import (
    acts,
    attachment,
    certification,
    imports,
    parameter,
    person,
    retiree,
    roster_fields,
    roster_rules,
    seed,
)
from app.attachment import New
from app.certification import DueFilter
from app.daily import daily
from app.kit import importing
from app.kit.importing import Analysis
from app.kit.pictures import take_in
from app.kit.refusal import Refusal
from app.kit.sheet import Cell, Sheet
from models.cert_task import CertTask
from models.employer import Employer
from models.exchange import Change
from models.family import Family
from models.kit import clock
from models.kit.base import facts
from models.movement import Movement
from models.retiree import Retiree
from models.staff import PROGRAM
from models.tag import Tag
from tests.app.kit.test_pictures import halves, saved
from tests.make import Station, a_day, a_retiree, a_visit, an_id_number, back_again


def rows(count: int) -> list[dict[str, Any]]:
    """People as a checked roster brings them."""
    return seed.people(count, 7)


def take(station: Station, some: list[Any]) -> imports.Imported:
    done: imports.Imported = station.do(imports.import_rows, some, "花名册.xlsx", "市棉纺织厂")
    return done


def test_a_roster_brings_people_contacts_tags_employers_and_tasks(station: Station) -> None:
    some = rows(40)
    some[0]["tags"] = ["T03"]
    done = take(station, some)
    assert (done.new, done.skipped, done.tasks) == (40, 0, 40)
    with station.store.look() as session:
        assert session.query(Retiree).count() == 40
        assert session.query(Family).count() == sum("contact1_name" in one for one in some)
        assert session.query(Tag).count() >= 1
        assert session.query(Movement).count() == 40
        names = {one["employer_name"] for one in some}
        assert {one.name for one in session.query(Employer)} == names
        who = session.query(Retiree).filter_by(id_no=some[0]["id_no"]).one()
        assert who.import_id == done.import_id
        assert who.address_key
    assert station.ask(retiree.find, str(some[0]["id_no"]))[0].name == some[0]["name"]


def test_everything_of_an_import_is_in_the_stream_as_one_action(station: Station) -> None:
    take(station, rows(5))
    with station.store.look() as session:
        seqs = [one.seq for one in session.query(Change).order_by(Change.seq)]
    assert seqs == list(range(1, len(seqs) + 1))


def test_the_last_acts_name_a_roster_after_its_employer(station: Station) -> None:
    program = Station(station.store, replace(station.desk, account=PROGRAM, name="系统"))
    for count in (5, 60):
        imported = take(station, seed.people(count, count))
        program.do(daily)
        (act,) = station.ask(acts.recent, 1)
        assert (act.subject, act.words, act.who) == ("市棉纺织厂", "导入名册", "刘桂兰")
        station.do(imports.undo_import, imported.import_id)
        (act,) = station.ask(acts.recent, 1)
        assert (act.subject, act.words) == ("市棉纺织厂", "撤销导入")


def test_the_column_of_the_last_certification_makes_the_day_known(station: Station) -> None:
    one = {**rows(1)[0], "last_certified_on": a_day("2025-12-05")}
    take(station, [one])
    assert station.ask(certification.due_rows, DueFilter())[0].due_on == a_day("2026-11-30")


def test_nobody_comes_twice(station: Station) -> None:
    some = rows(3)
    assert take(station, [*some, some[0]]).skipped == 1
    again = take(station, some)
    assert (again.new, again.skipped) == (0, 3)
    with station.store.look() as session:
        assert session.query(Retiree).count() == 3


def test_the_employer_of_the_roster_fills_the_gaps(station: Station) -> None:
    one = {name: value for name, value in rows(1)[0].items() if name != "employer_name"}
    take(station, [one])
    with station.store.look() as session:
        assert session.query(Retiree).one().employer_name == "市棉纺织厂"


def test_a_whole_import_is_taken_back(station: Station) -> None:
    done = take(station, rows(30))
    undone = station.do(imports.undo_import, done.import_id)
    assert (undone.voided, undone.kept) == (30, ())
    assert station.ask(retiree.chips)["managed"] == 0
    assert station.ask(certification.due_total, DueFilter()) == 0
    with station.store.look() as session:
        for entity in (Retiree, Family, Tag, Movement, CertTask):
            assert all(one.is_void for one in session.query(entity)), entity
    assert take(station, rows(30)).new == 30
    with pytest.raises(Refusal, match="已经撤销过"):
        station.do(imports.undo_import, done.import_id)


def test_whoever_was_touched_since_stays_and_is_named(station: Station) -> None:
    some = rows(4)
    done = take(station, some)
    keys = {row.id_no: row.id for row in station.ask(lambda session: session.query(Retiree).all())}
    visited, edited, tagged = (keys[str(one["id_no"])] for one in some[:3])
    station.do(a_visit, visited)
    station.do(retiree.edit, edited, {"group_name": "一组"})
    with clock.freeze(clock.now() + timedelta(minutes=5)):
        station.do(retiree.set_tags, tagged, ["T06"])
    undone = station.do(imports.undo_import, done.import_id)
    assert undone.voided == 1
    assert {key: reason for key, _, reason in undone.kept} == {
        visited: "有走访记录",
        edited: "资料改过",
        tagged: "标签改过",
    }


def written(record: Retiree, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(record, name, value)


def test_whoever_another_registration_was_joined_to_stays(station: Station) -> None:
    some = rows(1)
    done = take(station, some)
    with station.store.look() as session:
        kept = session.query(Retiree).one()
    other = station.do(a_retiree)
    same = {name: getattr(kept, name) for name in facts(Retiree) if name != "import_id"}
    station.do(lambda session: written(session.get_one(Retiree, other), same))
    station.do(retiree.join, kept.id, other)
    undone = station.do(imports.undo_import, done.import_id)
    assert (undone.voided, [key for key, _, _ in undone.kept]) == (0, [kept.id])


def test_after_thirty_days_it_is_too_late(station: Station) -> None:
    done = take(station, rows(1))
    with clock.freeze(clock.now() + timedelta(days=31)):
        assert station.ask(imports.imports)[0].can_undo is False
        with pytest.raises(Refusal, match="超过 30 天"):
            station.do(imports.undo_import, done.import_id)


def test_an_import_says_for_how_long_it_can_be_undone(station: Station) -> None:
    assert take(station, rows(1)).days == 30
    station.do(parameter.publish, "import_undo_days", 7, doc_no="2026年会议")
    assert take(station, seed.people(1, 8)).days == 7


def test_the_check_learns_who_is_here_and_who_is_gone(station: Station) -> None:
    here = station.do(a_retiree)
    gone = station.do(a_retiree, id_no=an_id_number("1950-01-02"), name="符大海")
    with station.store.apply() as session:
        session.get_one(Retiree, gone).manage_state = "5"
    known = station.ask(imports.known_people, {an_id_number(), an_id_number("1950-01-02"), ""})
    assert (known[an_id_number()].id, known[an_id_number()].state) == (here, "here")
    assert known[an_id_number("1950-01-02")].state == "dead"
    values = known[an_id_number()].values
    assert values is not None
    assert values["mobile"] == "13800002617"


def test_the_columns_of_an_employer_are_remembered(station: Station) -> None:
    assert station.ask(imports.remembered, "三亚市棉纺织厂有限公司") is None
    station.do(imports.remember_mapping, "三亚市棉纺织厂有限公司", '{"姓名": "name"}')
    station.do(imports.remember_mapping, "棉纺织厂", '{"名字": "name"}')
    assert station.ask(imports.remembered, "市棉纺织厂") == '{"名字": "name"}'


def test_changes_of_somebody_registered_are_taken_over(station: Station) -> None:
    key = station.do(a_retiree)

    row = SimpleNamespace(
        values={"id_no": an_id_number(), "group_name": "一组", "live_address": "临春一区3-502"},
        action="update",
        changes=("group_name", "live_address"),
        known=station.ask(imports.known_people, [an_id_number()])[an_id_number()],
    )
    assert take(station, [row]).updated == 1
    who = station.get(Retiree, key)
    assert (who.group_name, who.building_text) == ("一组", "临春一区3栋")


def test_progress_is_told_and_a_stop_leaves_no_trace(station: Station) -> None:
    told: list[tuple[int, int]] = []
    done = station.do(
        imports.import_rows, rows(3), "花名册.xlsx", step=lambda *said: told.append(said)
    )
    assert told == [(0, 3), (3, 3)]
    station.do(imports.undo_import, done.import_id)

    def stop(_written: int, _all: int) -> None:
        raise Refusal("已停止，没有导入任何人")

    with pytest.raises(Refusal, match="已停止"):
        station.do(imports.import_rows, rows(3), "花名册.xlsx", step=stop)
    assert len(station.ask(imports.imports)) == 1
    assert station.ask(retiree.chips)["managed"] == 0


def row_of(station: Station, **values: Any) -> SimpleNamespace:
    """What a check makes of a row about 王秀英, who is registered."""
    known = station.ask(imports.known_people, [an_id_number()])[an_id_number()]
    here = known.values
    changes = tuple(one for one in values if values[one] != here[one])
    said = {"id_no": an_id_number(), **values}
    return SimpleNamespace(values=said, action="update", changes=changes, known=known)


def test_a_day_of_certification_in_a_roster_answers_the_task(station: Station) -> None:
    key = station.do(a_retiree, last_certified_on=a_day("2025-12-05"))
    assert station.ask(certification.due_total, DueFilter()) == 1
    assert take(station, [row_of(station, last_certified_on=a_day("2026-11-10"))]).updated == 1
    assert station.get(Retiree, key).last_certified_on == a_day("2026-11-10")
    assert station.ask(certification.due_total, DueFilter()) == 0


def test_what_was_changed_after_the_check_is_not_overwritten(station: Station) -> None:
    """Between the check and the writing another desk, or the centre, may have said more."""
    key = station.do(a_retiree, mobile="13800002617", group_name="二组")
    row = row_of(station, mobile="13800000001", group_name="一组")
    station.do(retiree.edit, key, {"mobile": "13900000009"})
    done = take(station, [row])
    assert (done.updated, done.overtaken) == (0, 1)
    who = station.get(Retiree, key)
    assert (who.mobile, who.group_name) == ("13900000009", "二组")


def test_who_died_or_left_after_the_check_is_not_written_of(station: Station) -> None:
    key = station.do(a_retiree, mobile="13800002617")
    row = row_of(station, mobile="13800000001")
    with station.store.apply() as session:
        session.get_one(Retiree, key).manage_state = "4"
    done = take(station, [row])
    assert (done.updated, done.overtaken) == (0, 1)
    assert station.get(Retiree, key).mobile == "13800002617"


def test_what_an_import_changed_of_the_registered_is_as_it_was_once_it_is_undone(
    station: Station,
) -> None:
    key = station.do(a_retiree, mobile="13800002617", last_certified_on=a_day("2025-12-05"))
    row = row_of(station, mobile="13800000001", group_name="一组", live_address="临春一区3-502")
    row.values["last_certified_on"] = a_day("2026-11-10")
    row.changes = (*row.changes, "last_certified_on")
    done = take(station, [row, *rows(2)])
    before = station.ask(certification.due_total, DueFilter())
    undone = station.do(imports.undo_import, done.import_id)
    assert (undone.voided, undone.returned, undone.kept, undone.stays) == (2, 1, (), 0)
    who = station.get(Retiree, key)
    assert (who.mobile, who.group_name, who.building_text) == ("13800002617", None, "桂苑一区3栋")
    assert who.last_certified_on == a_day("2025-12-05")
    assert station.ask(certification.due_total, DueFilter()) == before - 2 + 1
    (task,) = station.ask(certification.due_rows, DueFilter())
    assert (task.retiree_id, task.due_on) == (key, a_day("2026-11-30"))


def test_a_later_task_that_an_import_opened_goes_with_it(station: Station) -> None:
    """Told of a day long past, the program closes one task and opens the next."""
    key = station.do(a_retiree, last_certified_on=a_day("2024-12-05"))
    done = take(station, [row_of(station, last_certified_on=a_day("2025-12-05"))])
    (task,) = station.ask(certification.due_rows, DueFilter())
    assert task.due_on == a_day("2026-11-30")
    station.do(imports.undo_import, done.import_id)
    station.do(daily)
    (task,) = station.ask(certification.due_rows, DueFilter())
    assert (task.retiree_id, task.due_on) == (key, a_day("2025-11-30"))


def test_whoever_of_the_registered_was_changed_since_stays_as_they_are(station: Station) -> None:
    key = station.do(a_retiree, mobile="13800002617")
    done = take(station, [row_of(station, mobile="13800000001", group_name="一组")])
    station.do(retiree.edit, key, {"mobile": "13900000009"})
    undone = station.do(imports.undo_import, done.import_id)
    assert (undone.returned, undone.kept) == (0, ((key, "王秀英", "资料改过"),))
    who = station.get(Retiree, key)
    assert (who.mobile, who.group_name) == ("13900000009", "一组")


def test_another_computer_says_whose_values_it_cannot_give_back(station: Station) -> None:
    """What an import changed is known where it was made."""
    station.do(a_retiree, mobile="13800002617")
    done = take(station, [row_of(station, mobile="13800000001")])
    with station.store.apply() as session:
        session.query(Change).delete()
    undone = station.do(imports.undo_import, done.import_id)
    assert (undone.voided, undone.returned, undone.kept, undone.stays) == (0, 0, (), 1)


def test_whoever_has_a_photo_stays(station: Station) -> None:
    done = take(station, rows(2))
    with station.store.look() as session:
        key = session.query(Retiree).all()[0].id
    station.do(attachment.attach, key, [New(take_in(saved(halves(90, 60), "JPEG")), "02")])
    undone = station.do(imports.undo_import, done.import_id)
    ((kept, _, reason),) = undone.kept
    assert (undone.voided, kept, reason) == (1, key, "有照片或附件")


def checked(station: Station, head: Sequence[Cell], row: Sequence[Cell]) -> Analysis:
    """One row about 王秀英 under the columns of an office's sheet."""
    fields = roster_fields.fields()
    rows: list[list[Cell]] = [["姓名", "身份证号", *head], ["王秀英", an_id_number(), *row]]
    table = importing.table(Sheet("名册", rows), fields)
    known = partial(station.ask, imports.known_people)
    return importing.check(
        table, importing.match(table, fields), fields, known, rules=roster_rules.RULES
    )


CONTACTS = ["联系人姓名", "联系人关系", "联系人电话", "特殊情况"]


def beside(station: Station, key: str) -> tuple[list[tuple[str, str | None]], list[str]]:
    """Whom to call, and the tags."""
    family = station.ask(person.family, key)
    return [(one.name, one.phone) for one in family], station.ask(person.tags, [key])[key]


def test_contacts_and_tags_of_somebody_registered_come_in_too(station: Station) -> None:
    key = station.do(a_retiree, tags=["T05"])
    analysis = checked(station, CONTACTS, ["王小明", "儿子", "13900006208", "独居、残疾"])
    assert analysis.counts.good == 1
    done = take(station, analysis.importable())
    assert (done.new, done.updated) == (0, 1)
    assert beside(station, key) == ([("王小明", "13900006208")], ["T03", "T05"])
    again = checked(station, CONTACTS, ["王小明", "儿子", "13900006208", "独居"])
    assert [one.kind for row in again.rows for one in row.findings] == ["same"]
    undone = station.do(imports.undo_import, done.import_id)
    assert (undone.returned, undone.kept) == (1, ())
    assert beside(station, key) == ([], ["T05"])


def test_another_telephone_of_a_known_contact_is_asked_about(station: Station) -> None:
    son = {"name": "王小明", "relation": "20", "phone": "13900006208"}
    key = station.do(a_retiree, contacts=[son])
    analysis = checked(station, CONTACTS, ["王小明", "儿子", "13700003319", ""])
    (row,) = analysis.rows
    assert [one.message for one in row.findings] == [
        "联系人电话与在册的不同：在册 139****6208，名册 137****3319"
    ]
    assert analysis.counts.confirm == 1
    analysis.accept_all()
    done = take(station, analysis.importable())
    assert beside(station, key)[0] == [("王小明", "13700003319")]
    station.do(imports.undo_import, done.import_id)
    assert beside(station, key)[0] == [("王小明", "13900006208")]


def test_a_contact_changed_since_the_import_stays_when_it_is_undone(station: Station) -> None:
    key = station.do(a_retiree)
    done = take(
        station, checked(station, CONTACTS, ["王小明", "儿子", "13900006208", ""]).importable()
    )
    (son,) = station.ask(person.family, key)
    row = {"id": son.id, "name": "王小明", "relation": "20", "phone": "13700003319"}
    station.do(retiree.set_family, key, [row])
    undone = station.do(imports.undo_import, done.import_id)
    assert (undone.returned, undone.kept) == (0, ((key, "王秀英", "资料改过"),))
    assert beside(station, key)[0] == [("王小明", "13700003319")]


def test_of_two_registrations_the_check_meets_the_one_that_is_cared_for(station: Station) -> None:
    key = back_again(station)
    known = station.ask(imports.known_people, [an_id_number()])[an_id_number()]
    assert (known.id, known.state) == (key, "here")


def test_the_check_tells_nobody_what_they_may_not_see(station: Station) -> None:
    """A roster comes in as it is; what is registered of a closed circle is not shown beside it."""
    key = station.do(a_retiree, monthly_pension_fen=300_000, politics="01", tags=["T17"])
    head, row = ["月养老金", "政治面貌", "特殊情况"], ["3,100.00", "群众", "独居"]
    clerk = station.sits("clerk")
    assert [one.message for one in checked(station, head, row).rows[0].findings] == [
        "月养老金与在册的不同：在册 3,000.00 元，名册 3,100.00 元",
        "政治面貌与在册的不同：在册 中共党员，名册 群众",
    ]
    analysis = checked(clerk, head, row)
    assert (analysis.rows[0].findings, analysis.rows[0].changes) == ((), ("tags",))
    take(clerk, analysis.importable())
    assert station.get(Retiree, key).monthly_pension_fen == 300_000
    seen = clerk.ask(imports.known_people, [an_id_number()])[an_id_number()].values
    assert seen is not None
    assert (seen["tags"], "monthly_pension_fen" in seen) == ({"T03"}, False)


def test_a_task_that_the_day_opened_again_is_none_of_the_import(station: Station) -> None:
    """An import makes every task that is missing, whoever's it is."""
    key = station.do(a_retiree, last_certified_on=a_day("2025-12-05"))
    with station.store.apply() as session:
        session.query(CertTask).one().state = "void"
    done = take(station, rows(1))
    undone = station.do(imports.undo_import, done.import_id)
    assert (undone.voided, undone.returned, undone.kept) == (1, 0, ())
    (task,) = station.ask(certification.due_rows, DueFilter())
    assert task.retiree_id == key
