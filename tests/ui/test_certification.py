"""资格认证 by keyboard — forms scanned, lists, contacts, doubts, papers, results."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app import certification, movement, printed, suspicion, visit
from app.certification import DueFilter, papers
from app.kit import sheet
from app.printing.kit import codes as numbers
from models.certification import AT_HOME
from models.kit import clock
from tests.conftest import NOW
from tests.ui.clipped import clipped, primaries
from tests.ui.conftest import Opener
from tests.ui.station import Station, doubt, task_of
from ui.kit.ask import prepared
from ui.kit.cells import Link, Text
from ui.kit.charts import Chart, DataButton, DataDialog
from ui.kit.dialog import Dialog
from ui.kit.fonts import advance
from ui.kit.preview import printer_called
from ui.kit.tokens import SCALES, px, room, scale
from ui.pages import certification as page_of
from ui.pages import certify, contact, print_forms
from ui.pages import movement as movement_of
from ui.pages import results as results_of
from ui.pages import suspicion as suspicion_of
from ui.pages.certification.due import DueDayDialog, DueTab
from ui.pages.certification.months import MonthsTab
from ui.pages.certification.rows import contact_words
from ui.pages.certification.scan import ScanTab
from ui.pages.certification.trips import VIEW as TRIPS
from ui.pages.certification.trips import TripsTab


def shown(place: Station, tab: str = "", chip: str = "") -> page_of.CertificationPage:
    page = page_of.page(place.context, tab, chip)
    place.show(page, 1178, 688)
    page.fit("full")
    place.settle()
    return page


def text_of(paper: bytes) -> str:
    document = pypdfium2.PdfDocument(paper)
    words = "".join(document[at].get_textpage().get_text_range() for at in range(len(document)))
    document.close()
    return words


@dataclass
class Forms:
    """Forms that are out, by the name on them."""

    place: Station
    payloads: dict[str, str]
    numbers: dict[str, str]


def hand_out(place: Station, *names: str) -> Forms:
    """Print the forms of these people."""
    ids = [task_of(place.store, place.desk, name).task_id for name in names]
    place.run(certification.assign_form_numbers, ids)
    place.run(certification.printed, ids)
    people = place.look(certification.form_data, ids)
    return Forms(
        place,
        {one.name: one.payload for one in people},
        {one.name: one.number for one in people},
    )


def scan_tab(place: Station) -> ScanTab:
    tab = shown(place).made["scan"]
    assert isinstance(tab, ScanTab)
    return tab


def scan(qtbot: QtBot, place: Station, tab: ScanTab, text: str) -> None:
    """What the gun does: it types, and presses Enter."""
    assert tab.box.hasFocus() or tab.box.isVisible()
    tab.box.setFocus()
    qtbot.keyClicks(tab.box, text)
    qtbot.keyClick(tab.box, Qt.Key.Key_Return)
    place.settle()


def words_on(widget: QWidget) -> set[str]:
    return {label.text() for label in widget.findChildren(QLabel) if label.isVisible()}


def result_words(tab: ScanTab) -> str:
    return tab.result.accessibleName()


# the counter ----------------------------------------------------------------------------------


def test_three_forms_come_back_by_keyboard_alone(qtbot: QtBot, at_work: Opener) -> None:
    place = at_work()
    forms = hand_out(place, "王秀英", "谢金水", "罗素琴")
    page = shown(place)
    tab = page.made["scan"]
    assert isinstance(tab, ScanTab)
    before = place.look(certification.strip)
    for name, code in forms.payloads.items():
        scan(qtbot, place, tab, code.lower())
        assert f"已收到 {name} 的认证表" in result_words(tab)
        assert tab.box.text() == ""
        assert tab.box.hasFocus()
    after = place.look(certification.strip)
    assert (after.done - before.done, after.parts[0].count) == (3, 3)
    assert tab.session.title.text() == "本次已扫 3 张"
    assert tab.session.subtitle.text() == "3 张成功"
    history = place.look(certification.history, place.ids["王秀英"])
    assert (history[0].method, history[0].certified_on.isoformat()) == ("04", "2026-11-23")
    assert page.strip.count.text() == f"{after.done} / {after.total} 人"


def test_the_same_form_twice_changes_nothing(qtbot: QtBot, at_work: Opener) -> None:
    place = at_work()
    forms = hand_out(place, "王秀英")
    tab = scan_tab(place)
    scan(qtbot, place, tab, forms.payloads["王秀英"])
    scan(qtbot, place, tab, forms.payloads["王秀英"])
    assert result_words(tab).startswith("王秀英 的这张表 14:32 已经收过了")
    assert len(place.look(certification.history, place.ids["王秀英"])) == 1
    assert tab.session.subtitle.text() == "1 张成功，1 张以前收过"


def test_undo_takes_the_form_back_and_it_can_be_scanned_again(
    qtbot: QtBot, at_work: Opener
) -> None:
    place = at_work()
    forms = hand_out(place, "王秀英")
    tab = scan_tab(place)
    scan(qtbot, place, tab, forms.payloads["王秀英"])
    qtbot.keyClick(tab.box, Qt.Key.Key_Return)  # Enter in the empty box
    assert tab.result.buttons[0].hasFocus()
    qtbot.keyClick(tab.result.buttons[0], Qt.Key.Key_Space)
    place.settle()
    assert "已撤销 王秀英 的认证登记" in result_words(tab)
    assert tab.session.subtitle.text() == "0 张成功，1 张已撤销"
    assert task_of(place.store, place.desk, "王秀英").state == "due"
    scan(qtbot, place, tab, forms.payloads["王秀英"])
    assert "已收到 王秀英 的认证表" in result_words(tab)


def test_a_form_of_the_last_period_is_refused_and_a_new_one_offered(
    qtbot: QtBot, at_work: Opener
) -> None:
    place = at_work()
    forms = hand_out(place, "许春梅")
    with clock.freeze(NOW):
        place.run(certification.certify, place.ids["许春梅"], {"method": "02"})
    a_year_on = NOW + timedelta(days=340)
    with clock.freeze(a_year_on):
        place.run(certification.open_tasks)
        tab = scan_tab(place)
        scan(qtbot, place, tab, forms.payloads["许春梅"])
        words = "这张表是上一周期（2025年11月—2026年10月）的，不能用于本次认证"
        assert words in result_words(tab)
        tab.result.buttons[0].click()
        newer = task_of(place.store, place.desk, "许春梅").task_id
        assert place.opened[-1] == ("print_forms", {"task_ids": (newer,)})


def test_a_form_is_not_needed_after_another_way(qtbot: QtBot, at_work: Opener) -> None:
    place = at_work()
    forms = hand_out(place, "许春梅")
    place.run(certification.certify, place.ids["许春梅"], {"method": "02"})
    tab = scan_tab(place)
    scan(qtbot, place, tab, forms.payloads["许春梅"])
    assert "已经认证过了（手机或网络人脸自助）" in result_words(tab)


def test_forms_of_others_and_scribbles_are_told_apart(qtbot: QtBot, at_work: Opener) -> None:
    place = at_work()
    forms = hand_out(place, "王秀英")
    number = forms.numbers["王秀英"]
    tab = scan_tab(place)
    other = numbers.payload("RZ1", "519902001002", number, "ABCD1234")
    scan(qtbot, place, tab, other)
    assert "请退给本人或转交该社区" in result_words(tab)
    receipt = numbers.payload("RZ1", "519902001001", number, "ABCD1234", receipt=True)
    scan(qtbot, place, tab, receipt)
    assert "回执联" in result_words(tab)
    wrong = number[:-1] + ("A" if number[-1] != "A" else "B")
    scan(qtbot, place, tab, wrong)
    assert "编号有一位不对" in result_words(tab)
    assert place.look(certification.history, place.ids["王秀英"]) == []
    assert tab.result.property("tone") == "bad"


def test_without_a_gun_the_number_or_initials_do(qtbot: QtBot, at_work: Opener) -> None:
    place = at_work()
    forms = hand_out(place, "王秀英", "谢金水")
    tab = scan_tab(place)
    scan(qtbot, place, tab, forms.numbers["谢金水"].replace("-", ""))
    assert "已收到 谢金水 的认证表" in result_words(tab)
    scan(qtbot, place, tab, "wxy")
    assert result_words(tab) == "是哪一位的认证表。王秀英"
    qtbot.waitUntil(tab.result.buttons[0].hasFocus)
    qtbot.keyClick(tab.result.buttons[0], Qt.Key.Key_Space)
    place.settle()
    assert "已收到 王秀英 的认证表" in result_words(tab)
    scan(qtbot, place, tab, "wxy")
    assert result_words(tab).startswith("待认证的人里没有“WXY”。已经认证的不在这里找")
    assert tab.session.subtitle.text() == "2 张成功"
    qtbot.keyClick(tab.box, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    place.settle()
    assert place.opened[-1][0] == "print_forms"


def test_who_is_none_of_those_found_by_name_goes_back_to_the_box(
    qtbot: QtBot, at_work: Opener
) -> None:
    place = at_work()
    hand_out(place, "王秀英")
    tab = scan_tab(place)
    for _ in range(2):
        scan(qtbot, place, tab, "wxy")
        qtbot.waitUntil(tab.result.buttons[0].hasFocus)
        qtbot.keyClick(tab.result.buttons[0], Qt.Key.Key_Escape)
        assert not tab.result.isVisible()
        assert tab.box.hasFocus()
    scan(qtbot, place, tab, "wxy")
    assert [one.text() for one in tab.result.buttons] == ["收到这张表", "都不是（Esc）"]
    tab.result.buttons[1].click()
    assert tab.box.hasFocus()
    scan(qtbot, place, tab, "wxy")  # whoever goes on with another name presses nothing
    qtbot.waitUntil(tab.result.buttons[0].hasFocus)
    qtbot.keyClicks(tab.result.buttons[0], "z")
    assert tab.box.hasFocus()
    qtbot.keyClicks(tab.box, "zz")
    qtbot.keyClick(tab.box, Qt.Key.Key_Return)
    place.settle()
    assert "没有“ZZZ”" in result_words(tab)
    assert place.look(certification.history, place.ids["王秀英"]) == []


def test_data_changed_since_printing_is_pointed_out(qtbot: QtBot, at_work: Opener) -> None:
    from app import retiree  # noqa: PLC0415 - one test

    place = at_work()
    forms = hand_out(place, "王秀英")
    place.run(retiree.edit, place.ids["王秀英"], {"mobile": "13900007777"})
    tab = scan_tab(place)
    scan(qtbot, place, tab, forms.payloads["王秀英"])
    assert "打印后资料有改动" in result_words(tab)
    assert tab.result.property("tone") == "info"


def test_a_correction_keeps_the_old_entry(qtbot: QtBot, at_work: Opener) -> None:
    place = at_work(certify=certify.dialog)
    forms = hand_out(place, "王秀英")
    tab = scan_tab(place)
    scan(qtbot, place, tab, forms.payloads["王秀英"])
    tab.result.buttons[1].click()
    place.settle()
    dialog = place.dialog(certify.CertifyDialog)
    dialog.form.editors["certified_on"].put("2026-11-20")
    dialog.form.editors["remark"].put("表上写的是 20 日")
    dialog.save()
    place.settle()
    rows = place.look(certification.history, place.ids["王秀英"])
    assert [(one.certified_on.day, one.is_void) for one in rows] == [(23, True), (20, False)]


# who is due -----------------------------------------------------------------------------------


def test_unknown_days_come_with_their_chip_and_are_set_together(at_work: Opener) -> None:
    place = at_work()
    page = shown(place, "due", "unknown")
    tab = page.tab
    assert isinstance(tab, DueTab)
    assert {row.name for row in tab.list.list.rows} == {"冯玉珠", "潘惠芬"}
    tab.list.list.tick_filter()
    place.settle()
    tab.fill_due()
    dialog = place.dialog(DueDayDialog)
    dialog.box.setText("2026-12-31")
    dialog.take()
    place.settle()
    assert place.said[-1] == "已填 2 人的到期日"
    assert tab.list.list.rows == ()
    assert str(task_of(place.store, place.desk, "冯玉珠").due_on) == "2026-12-31"


def test_the_list_reads_building_by_building(at_work: Opener) -> None:
    place = at_work()
    tab = shown(place, "due").tab
    assert isinstance(tab, DueTab)
    rows = [tab.list.list.model.cell(row, 1) for row in range(len(tab.list.list.rows))]
    assert all(isinstance(one, Text) for one in rows)
    heads = [one.text.rsplit(" ", 1)[0] for one in rows if isinstance(one, Text) and one.bold]
    assert heads[0] == "桂苑一区 3栋"
    assert len(heads) == len({one.text.rsplit(" ", 1)[0] for one in rows})


def test_a_code_from_another_page_is_taken_as_if_scanned_here(at_work: Opener) -> None:
    place = at_work()
    forms = hand_out(place, "王秀英")
    page = page_of.page(place.context, "scan", code=forms.payloads["王秀英"])
    place.show(page, 1178, 688)
    place.settle()
    assert isinstance(page.tab, ScanTab)
    assert "已收到 王秀英 的认证表" in result_words(page.tab)
    assert len(place.look(certification.history, place.ids["王秀英"])) == 1


def test_a_record_sheet_opens_its_visit_as_its_note_promises(qtbot: QtBot, at_work: Opener) -> None:
    place = at_work()
    data = place.run(visit.visit_record_data, [place.ids["王秀英"]])
    tab = scan_tab(place)
    scan(qtbot, place, tab, data.people[0].payload)
    number = data.people[0].number
    given = {"retiree_id": place.ids["王秀英"], "visit_no": number}
    assert place.opened[-1] == ("visit", given)
    assert place.look(certification.history, place.ids["王秀英"]) == []


def test_every_chart_can_be_read_as_a_table(qtbot: QtBot, at_work: Opener) -> None:
    place = at_work()
    page = shown(place, "months")
    charts = [one for one in page.findChildren(Chart) if one.isVisible()]
    words = [one for one in page.findChildren(DataButton) if one.isVisible()]
    assert {one.chart for one in words} == set(charts)
    assert len(charts) == 2
    for word in words:
        word.setFocus()
        qtbot.keyClick(word, Qt.Key.Key_Space)
        dialog = next(one for one in place.window.findChildren(DataDialog) if one.isVisible())
        assert dialog.focusWidget() is dialog.table
        assert clipped(dialog) == []
        model = dialog.table.model()
        read = [model.index(row, 0).data() for row in range(model.rowCount())]
        assert read == [part.text for part in word.chart.parts]
        assert model.index(0, 1).data() == f"{word.chart.parts[0].number} 人"
        dialog.reject()
        dialog.deleteLater()
        place.settle()


def test_papers_of_the_month_name_everybody(at_work: Opener) -> None:
    place = at_work()
    tab = shown(place, "due", "month").tab
    assert isinstance(tab, DueTab)
    people = [row.name for row in tab.list.list.rows]
    for print_it in (tab.print_list, tab.print_notices, tab.print_slips):
        print_it()
        place.settle()
        place.settle()
        name, arguments = place.opened[-1]
        assert name == "print_pdf"
        words = text_of(arguments["data"]).replace("\n", "")
        assert all(one in words for one in people)
        arguments["on_printed"]()
        place.settle()


def test_the_list_is_worked_without_the_mouse(qtbot: QtBot, at_work: Opener) -> None:
    place = at_work()
    page = shown(place, "scan")
    qtbot.keyClick(page, Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier)
    place.settle()
    tab = page.tab
    assert isinstance(tab, DueTab)
    qtbot.keyClick(tab.list.search, Qt.Key.Key_Down)
    table = tab.list.list.table
    assert page.window().focusWidget() is table
    row = tab.list.list.row()
    assert row is not None
    for keys, name, arguments in (
        (Qt.Key.Key_F4, "contact", {"task_id": row.task_id}),
        (Qt.Key.Key_F2, "certify", {"retiree_id": row.retiree_id, "task_id": row.task_id}),
        (Qt.Key.Key_Return, "person", {"retiree_id": row.retiree_id, "tab": "certification"}),
    ):
        qtbot.keyClick(table, keys)
        assert place.opened[-1] == (name, arguments)
    qtbot.keyClick(table, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    place.settle()
    assert place.opened[-1] == ("print_forms", {"task_ids": (row.task_id,)})


def test_whoever_may_be_dead_or_lost_is_looked_into_from_the_list_and_not_called(
    qtbot: QtBot, at_work: Opener
) -> None:
    place = at_work()
    row = task_of(place.store, place.desk, "许春梅")
    tab = shown(place, "due").tab
    assert isinstance(tab, DueTab)
    tab.list.list.go_to(row.task_id)
    place.settle()
    table = tab.list.list.table
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_F4)
    assert place.opened[-1] == ("contact", {"task_id": row.task_id})
    place.work.do(suspicion.open_suspicion, row.retiree_id, "01", "女儿说的")
    place.work.do(suspicion.open_suspicion, place.ids["王秀英"], "04", "照片不像")
    place.settle()
    (one,) = place.look(suspicion.gone, [row.retiree_id, place.ids["王秀英"]]).values()
    qtbot.keyClick(table, Qt.Key.Key_F4)
    assert place.opened[-1] == ("suspicion", {"suspicion_id": one})
    calls = {each.name: words for each in tab.list.list.rows for words in _links(tab, each)}
    assert (calls["许春梅"], set(calls.values())) == ("核对", {"核对", "联系"})


def _links(tab: DueTab, row: certification.DueRow) -> list[str]:
    """What the row offers in place of a call."""
    return [cell.text for cell in tab._cells(row)[-2:-1] if isinstance(cell, Link)]


def test_the_search_key_leads_from_the_trips_into_the_search_box(at_work: Opener) -> None:
    page = shown(at_work(), "home")
    tab = page.tab
    assert isinstance(tab, TripsTab)
    page.start()
    assert page.window().focusWidget() is tab.list.list.table
    page.search()
    assert page.window().focusWidget() is tab.list.search


def test_three_calls_in_vain_make_a_doubt(qtbot: QtBot, at_work: Opener) -> None:
    place = at_work(contact=contact.dialog, suspicion=suspicion_of.dialog)
    page = shown(place, "due")
    task = task_of(place.store, place.desk, "许春梅").task_id
    for _ in range(3):
        place.context.open("contact", task_id=task)
        place.settle()
        dialog = place.dialog(contact.ContactDialog)
        dialog.outcome.chips["6"].click()
        qtbot.keyClick(dialog, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
        place.settle()
    assert "许春梅 已联系 3 次都没有联系上" in place.said[-1]
    assert page.tabs.buttons["suspicion"].text() == "异常 1"
    row = task_of(place.store, place.desk, "许春梅")
    assert contact_words(row).endswith("无人接听 3 次")


def test_a_contact_is_noted_once_however_often_enter_is_pressed(
    at_work: Opener, qtbot: QtBot
) -> None:
    place = at_work(contact=contact.dialog)
    shown(place, "due")
    task = task_of(place.store, place.desk, "许春梅").task_id
    place.context.open("contact", task_id=task)
    place.settle()
    dialog = place.dialog(contact.ContactDialog)
    dialog.outcome.chips["6"].click()
    qtbot.keyClick(dialog.words, Qt.Key.Key_Return)
    qtbot.keyClick(dialog.words, Qt.Key.Key_Return)
    place.settle()
    row = task_of(place.store, place.desk, "许春梅")
    assert (row.attempts, contact_words(row).endswith("无人接听 3 次")) == (1, False)


def test_a_contact_needs_an_outcome_and_hides_numbers(at_work: Opener) -> None:
    place = at_work(contact=contact.dialog)
    shown(place, "due")
    place.context.open("contact", task_id=task_of(place.store, place.desk, "王秀英").task_id)
    place.settle()
    dialog = place.dialog(contact.ContactDialog)
    dialog.save()
    assert dialog.outcome_field.text.text() == "请选择结果"
    assert {"本人", "138****2617", "儿子 陈志明", "139****6208"} <= words_on(dialog)
    dialog.show_numbers()
    place.settle()
    assert {"13800002617", "13900006208"} <= words_on(dialog)


def test_an_agent_alone_leads_to_a_home_visit(at_work: Opener) -> None:
    place = at_work(certify=certify.dialog)
    shown(place, "due")
    task = task_of(place.store, place.desk, "谢金水")
    place.context.open("certify", retiree_id=task.retiree_id, task_id=task.task_id)
    place.settle()
    dialog = place.dialog(certify.CertifyDialog)
    who = dialog.form.editors["present_in_person"]
    assert isinstance(who, certify.Who)
    who.chips[certify.AGENT].click()
    dialog.save()
    place.settle()
    assert dialog.form.fields["kin_name"].level == "err"
    dialog.form.editors["kin_name"].put("谢小明")
    dialog.save()
    place.settle()
    assert "上门核验" in place.said[-1]
    assert task_of(place.store, place.desk, "谢金水").state == "home_visit"
    assert place.look(certification.history, task.retiree_id)[0].result == "2"


def test_at_the_counter_a_tick_less_form_is_saved_at_once(qtbot: QtBot, at_work: Opener) -> None:
    place = at_work(certify=certify.dialog)
    shown(place, "due")
    task = task_of(place.store, place.desk, "谢金水")
    place.context.open("certify", retiree_id=task.retiree_id, task_id=task.task_id)
    place.settle()
    dialog = place.dialog(certify.CertifyDialog)
    qtbot.keyClick(dialog, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    place.settle()
    assert place.said[-1].startswith("已登记 谢金水 的认证。下次认证截止 2027-10-31")
    place.window.toast.press()
    place.settle()
    assert task_of(place.store, place.desk, "谢金水").state == "due"


def test_a_list_of_results_closes_tasks_and_names_the_rest(at_work: Opener, tmp_path: Path) -> None:
    place = at_work(results=results_of.dialog)
    rows = place.look(certification.due_rows, DueFilter())
    one = next(row for row in rows if row.name == "周桂芳")
    path = tmp_path / "结果.xlsx"
    heads = ["身份证号", "姓名", "认证日期", "认证方式"]
    body: list[Sequence[Any]] = [
        [one.id_no, one.name, "2026-11-10", "手机自助"],
        ["51990219500101003X", "无此人", "2026-11-10", "手机自助"],
    ]
    path.write_bytes(sheet.write_xlsx(heads, body))
    tab = shown(place, "due").tab
    assert isinstance(tab, DueTab)
    tab.load.click()
    dialog = place.dialog(results_of.ResultsDialog)
    with prepared(path):
        dialog.choose.click()
        place.settle()
        place.settle()
    said = words_on(dialog)
    assert "已导入，1 行没有对上" in said
    assert any("无此人" in one for one in said)
    dialog.close()
    assert "周桂芳" not in [row.name for row in place.look(certification.due_rows, DueFilter())]


@pytest.mark.parametrize("name", ["due", "home"])
def test_the_door_is_not_cut_off_the_address(at_work: Opener, name: str) -> None:
    tab: Any = shown(at_work(), name).tab
    table = tab.list.list.table
    assert table.columnWidth(1) >= advance("棉纺厂宿舍 2栋2单元 403", "strong") + px(20)


def test_what_is_arranged_for_a_trip_is_read_in_full(at_work: Opener) -> None:
    tab: Any = shown(at_work(), "home").tab
    table = tab.list.list.table
    at = [one.key for one in TRIPS.columns].index("state") + 1  # beside the ticks
    assert table.columnWidth(at) >= advance("待上门核验，表已打印", "body") + px(20)


# doubts ---------------------------------------------------------------------------------------


def test_a_doubt_is_decided_with_both_sides_in_sight(qtbot: QtBot, at_work: Opener) -> None:
    place = at_work(suspicion=suspicion_of.dialog)
    one = doubt(place.store, place.desk, place.ids["吴国华"], "04", "回收表照片与档案不符")
    page = shown(place, "suspicion")
    place.context.open("suspicion", suspicion_id=one)
    place.settle()
    dialog = place.dialog(suspicion_of.SuspicionDialog)
    said = [label.text() for label in dialog.findChildren(QLabel)]
    employer = place.look(suspicion.suspicion, one).employer
    assert said[said.index("退休单位") + 1] == (employer or "未填")
    assert employer not in said[said.index("人员类别") + 1]
    dialog.save()
    assert dialog.decision_field.text.text() == "请选择处理结果"
    dialog.decision.chips["2"].click()
    dialog.save()
    place.settle()
    assert dialog.account_field.text.text() == "请写明核查经过"
    dialog.decision.chips["3"].click()
    qtbot.keyClick(dialog, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    place.settle()
    assert place.look(suspicion.open_count) == 0
    assert place.said[-1] == "吴国华 的异常已处理：上门核验"
    assert page.tabs.buttons["suspicion"].text() == "异常"
    assert task_of(place.store, place.desk, "吴国华").state == "home_visit"


def test_who_is_said_to_be_dead_comes_back_by_the_movement_which_the_doubt_offers(
    at_work: Opener,
) -> None:
    place = at_work(suspicion=suspicion_of.dialog, movement=movement_of.dialog)
    who = place.ids["吴国华"]
    place.run(movement.suspected_death, who, clock.today(), "邻居说的")
    shown(place, "suspicion")
    (row,) = [one for one in place.look(suspicion.suspicions).rows if one.retiree_id == who]
    place.context.open("suspicion", suspicion_id=row.id)
    place.settle()
    dialog = place.dialog(suspicion_of.SuspicionDialog)
    seen = [key for key, chip in dialog.decision.chips.items() if chip.isVisible()]
    assert seen == ["4"]
    assert clipped(dialog) == []
    (back,) = [one for one in dialog.findChildren(QPushButton) if one.text() == "更正状态…"]
    back.click()
    place.settle()
    assert not dialog.isVisible()
    assert place.dialog(movement_of.MovementDialog).verb == "correct"


def test_the_sheet_to_look_into_a_doubt_says_what_is_known(at_work: Opener) -> None:
    place = at_work(suspicion=suspicion_of.dialog)
    one = doubt(place.store, place.desk, place.ids["吴国华"], "02", "联系 3 次都没有联系上")
    shown(place, "suspicion")
    place.context.open("suspicion", suspicion_id=one)
    place.settle()
    place.dialog(suspicion_of.SuspicionDialog).print_check()
    place.settle()
    place.settle()
    words = text_of(place.opened[-1][1]["data"]).replace("\n", "")
    assert "吴国华" in words
    assert "联系 3 次都没有联系上" in words


# printing -------------------------------------------------------------------------------------


def batch(place: Station, *names: str) -> print_forms.PrintFormsDialog:
    ids = tuple(task_of(place.store, place.desk, name).task_id for name in names)
    place.context.open("print_forms", task_ids=ids)
    for _ in range(3):
        place.settle()
    return place.dialog(print_forms.PrintFormsDialog)


def to_file(path: Path) -> Callable[[str], QPrinter]:
    def make(_name: str) -> QPrinter:
        made = printer_called("")
        made.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        made.setOutputFileName(str(path))
        return made

    return make


def test_a_batch_is_in_delivery_order_and_says_its_pages(at_work: Opener) -> None:
    place = at_work(print_forms=print_forms.dialog)
    shown(place)
    dialog = batch(place, "王秀英", "许春梅", "谢金水")
    assert [one.name for one in dialog.sheets] == ["许春梅", "谢金水", "王秀英"]
    assert dialog.subtitle.text() == "桂苑一区3栋 · 3 份"
    dialog.copies.set_value("1")
    dialog._recount()
    place.settle()
    assert dialog.go.text() == "打印 4 页"
    dialog.model.tick(1)
    place.settle()
    assert dialog.go.text() == "打印 3 页"
    dialog.with_list.setChecked(False)
    place.settle()
    assert dialog.go.text() == "打印 2 页"


@pytest.mark.parametrize("value", SCALES)
def test_a_room_of_a_tower_is_read_in_full_before_printing(at_work: Opener, value: float) -> None:
    with scale.at(value):
        place = at_work(print_forms=print_forms.dialog)
        shown(place)
        dialog = batch(place, "王秀英")
        assert dialog.table.columnWidth(2) >= advance("1504", "body") + px(20)


def test_what_is_saved_is_what_was_shown_and_counts_as_printed(
    at_work: Opener, tmp_path: Path
) -> None:
    place = at_work(print_forms=print_forms.dialog)
    shown(place)
    dialog = batch(place, "王秀英", "许春梅")
    dialog.copies.set_value("1")
    with prepared(tmp_path / "forms.pdf"):
        dialog.save()
        place.settle()
        place.settle()
    words = text_of((tmp_path / "forms.pdf").read_bytes())
    row = task_of(place.store, place.desk, "王秀英")
    assert row.form_no in words
    assert "发放清单" in words
    assert row.printed_at is not None
    assert [one.times for one in place.look(printed.prints, row.form_no)] == [1]


def three_printed(
    place: Station, make: Callable[[print_forms.PrintFormsDialog, int], QPrinter]
) -> print_forms.PrintFormsDialog:
    """A batch of three after its sheets were sent; ``make`` is asked for a printer for each."""
    shown(place)
    dialog = batch(place, "王秀英", "许春梅", "谢金水")
    dialog.copies.set_value("1")
    sheets = count(1)
    dialog.make = lambda _name: make(dialog, next(sheets))
    dialog.go.setEnabled(True)
    dialog.print_now()
    for _ in range(4):
        place.settle()
    return dialog


@pytest.mark.qt_log_ignore("QPainter::begin")
def test_after_a_jam_it_goes_on_where_it_stopped(at_work: Opener, tmp_path: Path) -> None:
    place = at_work(print_forms=print_forms.dialog)

    def jams(_dialog: print_forms.PrintFormsDialog, at: int) -> QPrinter:
        return to_file(tmp_path / ("none/x.pdf" if at == 2 else f"{at}.pdf"))("")

    dialog = three_printed(place, jams)
    assert "已打 1 张，还差 3 张" in dialog.jam.text.text()
    assert task_of(place.store, place.desk, "许春梅").printed_at is not None
    assert task_of(place.store, place.desk, "谢金水").printed_at is None
    dialog.print_now()
    for _ in range(4):
        place.settle()
    assert place.said[-1] == "已打印 3 份认证表，共 4 页"
    assert all(task_of(place.store, place.desk, n).printed_at for n in ("王秀英", "谢金水"))


def test_escape_while_sheets_are_printed_stops_them_and_tells_how_many_have_left(
    at_work: Opener, qtbot: QtBot, tmp_path: Path
) -> None:
    place = at_work(print_forms=print_forms.dialog)

    def hurried(dialog: print_forms.PrintFormsDialog, at: int) -> QPrinter:
        if at == 2:
            qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        return to_file(tmp_path / f"{at}.pdf")("")

    dialog = three_printed(place, hurried)
    assert dialog.isVisible()
    assert "已打 2 张，还差 2 张" in dialog.jam.text.text()
    printed_of = [task_of(place.store, place.desk, one.name).printed_at for one in dialog.sheets]
    assert [one is not None for one in printed_of] == [True, True, False]
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_pressed_twice_a_batch_is_printed_once_and_nobody_is_unticked_meanwhile(
    at_work: Opener, tmp_path: Path
) -> None:
    place = at_work(print_forms=print_forms.dialog)
    shown(place)
    dialog = batch(place, "王秀英", "许春梅")
    dialog.copies.set_value("1")
    dialog.with_list.setChecked(False)
    place.settle()
    sent: list[str] = []

    def hasty(name: str) -> QPrinter:
        sent.append(name)
        dialog.print_now()
        return to_file(tmp_path / f"{len(sent)}.pdf")(name)

    dialog.make = hasty
    dialog.go.setEnabled(True)
    dialog.print_now()
    dialog._recount()
    assert not dialog.table.isEnabled()
    for _ in range(5):
        place.settle()
    assert len(sent) == 2
    numbers = [one.form.number for one in dialog.sheets]
    assert [[p.times for p in place.look(printed.prints, n)] for n in numbers] == [[1], [1]]


def test_a_batch_that_is_given_up_while_it_is_drawn_is_not_printed(
    at_work: Opener, qtbot: QtBot, tmp_path: Path
) -> None:
    place = at_work(print_forms=print_forms.dialog)
    shown(place)
    dialog = batch(place, "王秀英", "许春梅")
    sent: list[str] = []

    def make(name: str) -> QPrinter:
        sent.append(name)
        return to_file(tmp_path / f"{len(sent)}.pdf")(name)

    dialog.make = make
    dialog.go.setEnabled(True)
    dialog.print_now()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    for _ in range(5):
        place.settle()
    assert (sent, task_of(place.store, place.desk, "王秀英").printed_at) == ([], None)


def test_a_reprint_keeps_the_number_and_counts(at_work: Opener) -> None:
    place = at_work(print_forms=print_forms.dialog)
    forms = hand_out(place, "王秀英")
    shown(place)
    dialog = batch(place, "王秀英")
    assert dialog.sheets[0].form.number == forms.numbers["王秀英"]
    assert dialog.sheets[0].form.print_count == 2
    assert dialog.model.rows[0].cells[1].text == "王秀英（第 2 次）"


def test_names_no_font_can_print_are_named_first(at_work: Opener) -> None:
    from app import retiree  # noqa: PLC0415 - one test

    place = at_work(print_forms=print_forms.dialog)
    place.run(retiree.edit, place.ids["王秀英"], {"live_address": "桂苑一区 3栋 502 \U000323b0号"})
    shown(place)
    dialog = batch(place, "许春梅", "王秀英")
    assert not dialog.odd.isHidden()
    assert "打不出的字" in dialog.odd.title.text()
    assert dialog.sheets[0].name == "王秀英"


def test_the_month_has_its_summary(at_work: Opener) -> None:
    place = at_work()
    page = shown(place, "periods")
    place.settle()
    tab = page.tab
    assert isinstance(tab, MonthsTab)
    tab.print_month()
    place.settle()
    place.settle()
    name, arguments = place.opened[-1]
    assert (name, arguments["title"]) == ("print_pdf", f"{papers.MONTH} 2026-11")
    assert "桂苑一区3栋" in text_of(arguments["data"])


def test_who_is_due_in_the_month_is_not_called_all_there_is_to_certify(at_work: Opener) -> None:
    """本月应认证 counts who is overdue too."""
    tab = shown(at_work(), "months").tab
    assert isinstance(tab, MonthsTab)
    one = tab.found[0]
    tab._show_ways(replace(one, due=4, done=3))
    assert tab.words.text() == "2026年11月到期 4 人，其中已认证 3 人，认证率 75.0%"
    tab._show_ways(replace(one, due=0, done=0))
    assert tab.words.text() == "2026年11月没有人到期"


@pytest.mark.parametrize("value", SCALES)
@pytest.mark.parametrize("tab", [key for key, _ in page_of.TABS])
def test_nothing_is_cut_off(qtbot: QtBot, at_work: Opener, tab: str, value: float) -> None:
    place = at_work()
    forms = hand_out(place, "王秀英")
    doubt(place.store, place.desk, place.ids["吴国华"], "04", "回收表照片与档案不符")
    with scale.at(value):
        wide = room(1366) in {"wide", "full"}
        page = page_of.page(place.context, tab)
        place.show(page, 1366 - round((188 if wide else 84) * value), 688)
        page.fit(room(1366))
        if isinstance(page.tab, ScanTab):
            scan(qtbot, place, page.tab, forms.payloads["王秀英"])
        place.settle()
        assert clipped(place.window) == []
        assert len(primaries(place.window)) <= 1


@pytest.mark.parametrize("value", SCALES)
def test_no_dialog_is_cut_off(at_work: Opener, value: float) -> None:
    place = at_work(
        contact=contact.dialog, certify=certify.dialog,
        suspicion=suspicion_of.dialog, print_forms=print_forms.dialog,
        results=results_of.dialog,
    )  # fmt: skip
    one = doubt(place.store, place.desk, place.ids["吴国华"], "04", "回收表照片与档案不符")
    task = task_of(place.store, place.desk, "王秀英")
    asked: Sequence[tuple[str, dict[str, Any]]] = (
        ("contact", {"task_id": task.task_id}),
        ("certify", {"retiree_id": task.retiree_id, "task_id": task.task_id}),
        ("suspicion", {"suspicion_id": one}),
        ("print_forms", {"task_ids": (task.task_id,)}),
        ("results", {}),
    )
    with scale.at(value):
        shown(place)
        place.window.resize(1366, 688)
        for name, arguments in asked:
            place.context.open(name, **arguments)
            for _ in range(3):
                place.settle()
            dialog = place.dialog(Dialog)
            assert clipped(dialog) == []
            assert len(primaries(dialog)) == 1
            dialog.reject()
            place.settle()


def test_home_certifications_count_as_such(at_work: Opener) -> None:
    place = at_work()
    page = shown(place)
    page.context.work.do(certification.home_certify, place.ids["王秀英"], {})
    place.settle()
    parts = {part.key: part.count for part in place.look(certification.strip).parts}
    assert parts["home"] == 1
    assert place.look(certification.history, place.ids["王秀英"])[0].method == AT_HOME
