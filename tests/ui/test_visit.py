"""登记走访 — one entry by keyboard writes visit, survey and certification."""

from datetime import date
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app import attachment, certification, draft, seed_pictures, survey, visit
from app.certification import DueFilter
from models.certification import AT_HOME
from models.local_note import LocalNote
from models.visit import Visit
from tests.ui.clipped import clipped, primaries
from tests.ui.conftest import Opener
from tests.ui.station import Station, task_of
from ui.kit.pictures import Source
from ui.kit.tokens import SCALES, scale
from ui.pages import certification as certification_page
from ui.pages import visit as visit_of
from ui.pages.certification.trips import TripsTab
from ui.pages.visit.choose import ChooseDialog
from ui.pages.visit.editors import Met, Talk, Way

CTRL = Qt.KeyboardModifier.ControlModifier


def opened(place: Station, name: str = "王秀英", **arguments: Any) -> visit_of.VisitDialog:
    if not place.window.isVisible():
        place.show(QWidget(), 1366, 688)
    place.context.open("visit", retiree_id=place.ids[name], **arguments)
    place.settle()
    return place.dialog(visit_of.VisitDialog)


def visits_of(place: Station, name: str) -> tuple[visit.VisitRow, ...]:
    return tuple(place.look(visit.visits, retiree_id=place.ids[name]).rows)


def test_a_home_trip_is_written_by_keyboard_in_one_entry(qtbot: QtBot, at_work: Opener) -> None:
    place = at_work(visit=visit_of.dialog)
    task = task_of(place.store, place.desk, "陈玉兰")
    place.run(certification.plan_home, task.task_id)
    page = certification_page.page(place.context, "home", "home_visit")
    place.show(page, 1178, 688)
    page.start()
    tab = page.tab
    assert isinstance(tab, TripsTab)
    qtbot.keyClick(tab.list.list.table, Qt.Key.Key_Return)  # the one planned
    place.settle()
    dialog = place.dialog(visit_of.VisitDialog)
    assert dialog.subtitle.text() == "陈玉兰 · 女 73岁 · 桂苑二区 1栋 101"
    assert dialog.also.isChecked()
    talk = dialog.form.editors["living_note"]
    assert isinstance(talk, Talk)
    talk.box.setFocus()
    qtbot.keyClicks(talk.box, "jingshen hao")
    qtbot.keyClick(talk.box, Qt.Key.Key_S, CTRL)
    place.settle()

    written = visits_of(place, "陈玉兰")
    assert [(one.visit_type, one.met_in_person, one.note) for one in written] == [
        ("15", True, "jingshen hao")
    ]
    looked = place.look(survey.surveys, place.ids["陈玉兰"]).rows
    assert [one.values["survey_way"] for one in looked] == ["1"]
    certified = place.look(certification.history, place.ids["陈玉兰"])
    assert [(one.method, one.result) for one in certified] == [(AT_HOME, "1")]
    assert place.look(certification.due_ids, DueFilter(text="陈玉兰")) == []
    assert place.said[-1].startswith("已保存 陈玉兰 的走访记录和上门核验")
    assert tab.list.list.rows == ()
    chip = tab.list.chips.buttons["home_visit"]  # the list is empty, and says of what
    assert chip.isVisible()
    assert page.window().focusWidget() is chip


def test_one_undo_takes_all_three_back(at_work: Opener) -> None:
    place = at_work(visit=visit_of.dialog)
    dialog = opened(place, also_certify=True)
    dialog.save()
    place.settle()
    assert place.look(certification.due_ids, DueFilter(text="王秀英")) == []
    place.window.toast.press()
    place.settle()
    assert visits_of(place, "王秀英") == ()
    assert all(one.is_void for one in place.look(certification.history, place.ids["王秀英"]))
    assert task_of(place.store, place.desk, "王秀英").state == "due"


def test_without_the_tick_nothing_is_certified(at_work: Opener) -> None:
    place = at_work(visit=visit_of.dialog)
    dialog = opened(place)
    assert not dialog.form.fields["docs_checked"].isVisible()
    met = dialog.form.editors["met_in_person"]
    assert isinstance(met, Met)
    met.chips["1"].click()
    dialog.save()
    place.settle()
    assert visits_of(place, "王秀英")[0].visit_type == "14"
    assert place.look(certification.history, place.ids["王秀英"]) == []


def test_the_next_visit_is_worked_out_and_may_be_changed(at_work: Opener) -> None:
    place = at_work(visit=visit_of.dialog)
    dialog = opened(place)
    assert dialog.form.values()["next_on"] == date(2026, 12, 23)
    assert "每月一次，已自动推算" in dialog.form.fields["next_on"].text.text()
    dialog.form.editors["next_on"].widget.setText("2026-12-01")  # type: ignore[attr-defined]
    dialog.form.editors["visited_on"].put(date(2026, 11, 20))
    dialog.form.editors["visited_on"].left.emit()
    place.settle()
    assert dialog.form.values()["next_on"] == date(2026, 12, 1)


def test_who_was_not_met_keeps_the_day_that_was_planned(at_work: Opener) -> None:
    place = at_work(visit=visit_of.dialog)
    dialog = opened(place)
    met, field = dialog.form.editors["met_in_person"], dialog.form.fields["next_on"]
    assert isinstance(met, Met)
    met.chips["0"].click()
    place.settle()
    assert dialog.form.values()["next_on"] is None
    assert field.text.text() == "没有见到本人，空着就还按原计划"
    met.chips["1"].click()
    place.settle()
    assert dialog.form.values()["next_on"] == date(2026, 12, 23)
    met.chips["0"].click()
    place.settle()
    dialog.save()
    place.settle()
    assert visits_of(place, "王秀英")[0].next_on is None


def test_what_must_be_said_is_asked_for_in_its_place(at_work: Opener) -> None:
    place = at_work(visit=visit_of.dialog)
    dialog = opened(place)
    dialog.form.editors["visitors"].put("")
    dialog.save()
    place.settle()
    assert dialog.banner.title.text() == "还有 2 处需要改正"
    assert dialog.form.errors() == ["visitors", "met_in_person"]
    assert dialog.isVisible()


def test_somebody_not_met_cannot_be_certified_on_the_way(at_work: Opener) -> None:
    place = at_work(visit=visit_of.dialog)
    dialog = opened(place, also_certify=True)
    met = dialog.form.editors["met_in_person"]
    assert isinstance(met, Met)
    met.chips["0"].click()
    assert not dialog.also.isEnabled()
    assert not dialog.also.isChecked()
    assert not dialog.form.fields["mobility"].isVisible()
    dialog.save()
    place.settle()
    assert visits_of(place, "王秀英")[0].met_in_person is False
    assert place.look(survey.surveys, place.ids["王秀英"]).total == 0


def test_by_telephone_the_voice_counts(at_work: Opener) -> None:
    place = at_work(visit=visit_of.dialog)
    dialog = opened(place)
    way, met = dialog.form.editors["way"], dialog.form.editors["met_in_person"]
    assert isinstance(way, Way)
    assert isinstance(met, Met)
    way.chips["3"].click()
    assert met.chips["1"].text() == "本人接听，健在"
    assert not dialog.also.isVisible()
    met.chips["1"].click()
    dialog.save()
    place.settle()
    looked = place.look(survey.surveys, place.ids["王秀英"]).rows
    assert [one.values["survey_way"] for one in looked] == ["2"]


def test_gifts_are_asked_for_on_birthdays_and_need_their_fund(at_work: Opener) -> None:
    place = at_work(visit=visit_of.dialog)
    dialog = opened(place, visit_type="08")
    assert dialog.form.fields["cash_fen"].isVisible()
    dialog.form.editors["cash_fen"].put(20000)
    met = dialog.form.editors["met_in_person"]
    met.put(value=True)
    dialog.save()
    place.settle()
    assert dialog.form.fields["fund_source"].level == "err"
    dialog.form.editors["fund_source"].put("1")
    dialog.form.editors["receiver"].put("王秀英")
    dialog.form.editors["goods"].put([{"name": "大米 10 斤"}])
    dialog.save()
    place.settle()
    assert visits_of(place, "王秀英")[0].visit_type == "08"
    assert "建议两人同行" in place.said[-1]


def test_usual_words_are_a_click_and_stay_once(at_work: Opener) -> None:
    place = at_work(visit=visit_of.dialog)
    dialog = opened(place)
    talk = dialog.form.editors["living_note"]
    assert isinstance(talk, Talk)
    button = next(
        b for b in talk.holder.findChildren(QWidget) if b.accessibleName() == "+ 一切正常"
    )
    for _ in range(2):
        button.click()  # type: ignore[attr-defined]
    assert talk.value() == "身体和生活一切正常。"


def test_what_was_typed_is_kept_as_a_draft(at_work: Opener) -> None:
    place = at_work(visit=visit_of.dialog)
    dialog = opened(place)
    talk = dialog.form.editors["living_note"]
    assert isinstance(talk, Talk)
    talk.box.setPlainText("膝盖仍疼")
    dialog.reject()
    place.settle()
    kept = place.look(draft.find, "visit", place.ids["王秀英"])
    assert kept.title == "王秀英 的走访记录"
    again = opened(place)
    assert "上次有一份没填完的" in again.banner.title.text()
    again.banner.buttons.itemAt(0).widget().click()  # type: ignore[union-attr]
    assert again.form.values()["living_note"] == "膝盖仍疼"
    again.form.editors["met_in_person"].put(value=True)
    again.save()
    place.settle()
    assert place.look(draft.find, "visit", place.ids["王秀英"]) is None


def test_pictures_waiting_beside_the_form_are_in_its_draft(at_work: Opener) -> None:
    place = at_work(visit=visit_of.dialog)
    dialog = opened(place)
    made = [seed_pictures.doorway(hour) for hour in (9, 20)]
    dialog.also.setChecked(True)
    dialog.pictures.take([Source(f"{n}.jpg", data=one.data) for n, one in enumerate(made)])
    place.settle()
    before = [one.picture for one in dialog.pictures.made]
    dialog.drafts.timer.timeout.emit()  # three seconds later; then the power goes
    place.settle()
    again = opened(place)
    assert again is not dialog
    find_button(again.banner, "继续填写").click()
    place.settle()
    assert [one.picture for one in again.pictures.made] == before
    assert again.also.isChecked()
    again.pictures.strip.removed.emit("0")
    again.drafts.keep()
    place.settle()
    kept = place.look(draft.find, "visit", place.ids["王秀英"])
    assert [name for name, _ in kept.pictures] == ["1.jpg"]
    assert len(place.look(draft.waiting)) == 1
    again.save()
    place.settle()
    assert place.look(draft.find, "visit", place.ids["王秀英"]) is None
    with place.store.look() as session:
        assert not session.query(LocalNote).filter_by(kind=draft.KIND).count()
    assert [row.visit_id for row in place.look(attachment.attachments, place.ids["王秀英"])] == [
        visits_of(place, "王秀英")[0].id
    ]


def find_button(where: QWidget, words: str) -> QPushButton:
    (found,) = [one for one in where.findChildren(QPushButton) if one.text() == words]
    return found


def test_a_visit_from_a_sheet_has_its_number_also_out_of_a_draft(at_work: Opener) -> None:
    place = at_work(visit=visit_of.dialog)
    dialog = opened(place, visit_no="ZF26-7KQ-00412-X")
    dialog.form.put({"met_in_person": True, "living_note": "精神好"})
    dialog.drafts.dirty = True
    dialog.keep_and_close()
    place.settle()
    dialog = opened(place)
    dialog.take_draft(place.look(draft.find, "visit", place.ids["王秀英"]))
    dialog.save()
    place.settle()
    with place.store.look() as session:
        assert session.query(Visit).one().visit_no == "ZF26-7KQ-00412-X"


def test_without_a_person_it_asks_whom(qtbot: QtBot, at_work: Opener) -> None:
    place = at_work(visit=visit_of.dialog)
    place.show(QWidget(), 1366, 688)
    place.context.open("visit", retiree_id="")
    asks = place.dialog(ChooseDialog)
    qtbot.keyClicks(asks.box, "wxy")
    asks.box._ask()
    place.settle()
    qtbot.keyClick(asks.box, Qt.Key.Key_Return)
    place.settle()
    assert place.opened[-1] == ("visit", {"retiree_id": place.ids["王秀英"]})


def test_nobody_visits_the_dead(at_work: Opener) -> None:
    from app import movement  # noqa: PLC0415 - one test

    place = at_work(visit=visit_of.dialog)
    on = date(2026, 11, 20)
    place.run(movement.moved_out, place.ids["王秀英"], on, "海口", "儿子接走", confirmed=True)
    dialog = opened(place)
    dialog.form.editors["met_in_person"].put(value=True)
    dialog.save()
    place.settle()
    assert "不能登记走访" in dialog.banner.text.text()


@pytest.mark.parametrize("value", SCALES)
@pytest.mark.parametrize("arguments", [{}, {"also_certify": True}, {"visit_type": "08"}])
def test_nothing_is_cut_off(at_work: Opener, arguments: dict[str, Any], value: float) -> None:
    place = at_work(visit=visit_of.dialog)
    with scale.at(value):
        dialog = opened(place, **arguments)
        assert clipped(dialog) == []
        assert primaries(dialog) == ["保存（Ctrl+S）"]
        assert dialog.height() <= place.window.height() + 20
