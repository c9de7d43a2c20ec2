"""走访健康: the week's board by keyboard, what is overdue, records, whom to look after most."""

from datetime import date, datetime, timedelta

import pypdfium2  # type: ignore[import-untyped]
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app import certification, visit
from app.certification import DueFilter
from models.kit import clock
from tests.ui.clipped import clipped, primaries
from tests.ui.conftest import Opener
from tests.ui.station import Station
from ui.kit.ask import prepared
from ui.kit.cells import Link
from ui.kit.tokens import SCALES, room, scale
from ui.kit.view import Asked
from ui.pages import visits
from ui.pages.visits.board import Board, Planned
from ui.pages.visits.people import DayDialog, PeopleTab
from ui.pages.visits.plan import PlanTab
from ui.pages.visits.records import RecordsTab, cells

ALT = Qt.KeyboardModifier.AltModifier


def shown(place: Station, tab: str = "") -> visits.VisitsPage:
    page = visits.page(place.context, tab)
    place.show(page, 1178, 688)
    page.fit("full")
    place.settle()
    return page


def plan(place: Station) -> PlanTab:
    tab = shown(place).tab
    assert isinstance(tab, PlanTab)
    return tab


def days(tab: PlanTab) -> dict[str, list[str]]:
    return {
        column.head.text(): [card.one.name for card in column.cards]
        for column in tab.board.days
        if not column.isHidden()
    }


def text_of(paper: bytes) -> str:
    document = pypdfium2.PdfDocument(paper)
    words = "".join(document[at].get_textpage().get_text_range() for at in range(len(document)))
    document.close()
    return words.replace("\n", "")


def test_the_week_stands_in_five_columns(at_work: Opener) -> None:
    tab = plan(at_work())
    assert days(tab) == {
        "周一 23": ["陈玉兰"],
        "周二 24": ["罗素琴", "潘惠芬"],
        "周三 25": ["蔡振邦"],
        "周四 26": ["冯玉珠", "曾庆云", "何美珍"],
        "周五 27": [],
    }
    assert tab.side.title.text() == "逾期 4"
    assert [tab.model.cell(row, 1).text for row in range(4)] == ["41 天", "18 天", "9 天", "6 天"]


def test_a_day_of_very_many_says_how_many_more(qtbot: QtBot, stopped_clock: object) -> None:
    board, day = Board(), clock.today()
    qtbot.addWidget(board)
    board.show_week(day, [Planned(f"{at:032}", "王秀英", "上门", "pri", day) for at in range(130)])
    today = board.days[0]
    assert (len(today.cards), today.note.text()) == (100, "今天")
    assert "还有 30 件，走访单上都有" in [one.text() for one in today.findChildren(QLabel)]


def test_alt_and_an_arrow_move_a_visit_a_day(qtbot: QtBot, at_work: Opener) -> None:
    place = at_work()
    tab = plan(place)
    card = next(one for one in tab.board.cards() if one.one.name == "蔡振邦")
    card.setFocus()
    qtbot.keyClick(card, Qt.Key.Key_Right, ALT)
    place.settle()
    assert "蔡振邦" in days(tab)["周四 26"]
    assert place.said[-1] == "已改到 11月26日"
    moved = next(one for one in tab.board.cards() if one.one.name == "蔡振邦")
    assert moved.hasFocus()
    place.window.toast.press()
    place.settle()
    assert "蔡振邦" in days(tab)["周三 25"]


def test_a_visit_does_not_go_back_in_time(qtbot: QtBot, at_work: Opener) -> None:
    place = at_work()
    tab = plan(place)
    card = next(one for one in tab.board.cards() if one.one.name == "陈玉兰")
    card.setFocus()
    qtbot.keyClick(card, Qt.Key.Key_Left, ALT)
    place.settle()
    assert "已经过去" in place.said[-1]
    assert days(tab)["周一 23"] == ["陈玉兰"]


def test_a_card_can_be_dropped_on_another_day(at_work: Opener) -> None:
    place = at_work()
    tab = plan(place)
    tab.board.days[4].dropped.emit(place.ids["蔡振邦"], date(2026, 11, 27))
    place.settle()
    assert days(tab)["周五 27"] == ["蔡振邦"]


def test_arrows_walk_the_board_and_enter_opens(qtbot: QtBot, at_work: Opener) -> None:
    place = at_work()
    task = place.look(certification.due_ids, DueFilter(text="陈玉兰"))[0]
    place.run(certification.plan_home, task)
    tab = plan(place)
    tab.focus_first()
    first = next(one for one in tab.board.cards() if one.hasFocus())
    assert (first.one.name, first.one.matter) == ("陈玉兰", "上门核验")
    qtbot.keyClick(first, Qt.Key.Key_Right)
    second = next(one for one in tab.board.cards() if one.hasFocus())
    assert second.one.name == "罗素琴"
    qtbot.keyClick(second, Qt.Key.Key_Down)
    assert tab.board.focused() == place.ids["潘惠芬"]
    qtbot.keyClick(first, Qt.Key.Key_Return)
    wanted = {"retiree_id": place.ids["陈玉兰"], "also_certify": True}
    assert place.opened[-1] == ("visit", wanted)


def test_on_a_weekend_the_plan_is_that_of_the_next_week(at_work: Opener) -> None:
    place = at_work()
    with clock.freeze(datetime(2026, 11, 29, 9, tzinfo=clock.SHANGHAI)):
        tab = plan(place)
        assert tab.card.title.text() == "下周走访计划"
        assert tab.fill.text() == "排进下周"
        tab.turn(-7)
        place.settle()
        assert tab.card.title.text() == "11月23日—11月27日 走访计划"
        tab.turn(280)
        place.settle()
        assert tab.card.subtitle.text() == "这一周还没有安排走访"


def test_what_is_overdue_goes_into_this_week_neighbours_together(at_work: Opener) -> None:
    place = at_work()
    tab = plan(place)
    tab.fill.click()
    place.settle()
    assert place.said[-1] == "已把 4 人排进本周"
    assert tab.side.title.text() == "逾期"
    where = {name: day for day, people in days(tab).items() for name in people}
    assert {"许春梅", "王秀英", "谢金水", "张德明"} <= set(where)
    order = list(days(tab))
    walk = [order.index(where[name]) for name in ("许春梅", "谢金水", "王秀英")]
    assert walk == sorted(walk)
    place.window.toast.press()
    place.settle()
    assert tab.side.title.text() == "逾期 4"


def test_the_week_goes_to_the_printer_a_sheet_a_day(at_work: Opener) -> None:
    place = at_work()
    tab = plan(place)
    tab.print_week()
    place.settle()
    place.settle()
    name, arguments = place.opened[-1]
    assert name == "print_pdf"
    document = pypdfium2.PdfDocument(arguments["data"])
    assert len(document) == 4
    document.close()
    words = text_of(arguments["data"])
    assert all(one in words for one in ("陈玉兰", "罗素琴", "蔡振邦", "何美珍"))


def test_who_leaves_the_plan_open_sees_the_new_week_on_monday(at_work: Opener) -> None:
    place = at_work()
    tab = plan(place)
    assert tab.card.title.text() == "本周走访计划"
    with clock.freeze(clock.now() + timedelta(days=7)):
        tab.reload()
        place.settle()
        assert (tab.monday, tab.card.title.text()) == (date(2026, 11, 30), "本周走访计划")
        tab.turn(-7)
        place.settle()
        assert (tab.monday, tab.card.title.text()) == (
            date(2026, 11, 23), "11月23日—11月27日 走访计划",
        )  # fmt: skip


def test_other_weeks_are_a_click_away(at_work: Opener) -> None:
    place = at_work()
    tab = plan(place)
    tab.turn(7)
    place.settle()
    assert tab.card.title.text() == "11月30日—12月4日 走访计划"


def test_a_visit_entered_by_mistake_is_voided_with_its_reason(
    qtbot: QtBot, at_work: Opener
) -> None:
    place = at_work()
    values = {"retiree_id": place.ids["李建国"], "met_in_person": True, "living_note": "精神好"}
    place.run(visit.record_visit, values)
    tab = shown(place, "records").tab
    assert isinstance(tab, RecordsTab)
    assert [row.name for row in tab.list.list.rows] == ["李建国"]
    tab.list.list.table.setFocus()
    with prepared("记错人了") as seen:
        qtbot.keyClick(tab.list.list.table, Qt.Key.Key_Delete)
        place.settle()
    assert "作废以后仍然留底" in seen.asked[0].text
    assert listed(tab) == []
    tab.list.start(Asked(chip="voided"))
    place.settle()
    assert listed(tab) == ["李建国"]
    row = tab.list.list.rows[0]
    assert [one.text for one in cells(row) if isinstance(one, Link)] == ["恢复"]
    tab.list.list.table.setFocus()
    with prepared() as seen:
        qtbot.keyClick(tab.list.list.table, Qt.Key.Key_Delete)
    assert seen.asked == []
    qtbot.keyClick(tab.list.list.table, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    place.settle()
    assert listed(tab) == []
    tab.list.start(Asked(chip="all"))
    place.settle()
    assert listed(tab) == ["李建国"]


def listed(tab: RecordsTab) -> list[str]:
    return [row.name for row in tab.list.list.rows]


def test_key_people_make_a_trip(qtbot: QtBot, at_work: Opener) -> None:
    place = at_work()
    tab = shown(place, "people").tab
    assert isinstance(tab, PeopleTab)
    tab.list.list.table.setFocus()
    qtbot.keyClick(tab.list.list.table, Qt.Key.Key_F2)
    assert place.opened[-1] == ("visit", {"retiree_id": tab.list.list.rows[0].id})
    assert {"曾庆云", "王秀英", "蔡振邦"} <= {row.name for row in tab.list.list.rows}
    tab.list.list.tick_filter()
    place.settle()
    tab.print_route()
    place.settle()
    place.settle()
    assert "王秀英" in text_of(place.opened[-1][1]["data"])
    tab.print_records()
    place.settle()
    place.settle()
    assert "走访记录表" in text_of(place.opened[-1][1]["data"])
    tab.plan()
    dialog = place.dialog(DayDialog)
    dialog.box.setText("2026-11-20")
    dialog.take()
    place.settle()
    assert "已经过去" in dialog.field.text.text()
    dialog.box.setText("2026-11-25")
    dialog.take()
    place.settle()
    on = {row.name: row.visit_next_on for row in tab.list.list.rows}
    assert on["王秀英"] == date(2026, 11, 25)


def test_the_button_asks_whom(at_work: Opener) -> None:
    place = at_work()
    shown(place, "people").enter.click()
    assert place.opened[-1] == ("visit", {})


@pytest.mark.parametrize("value", SCALES)
@pytest.mark.parametrize("tab", [key for key, _ in visits.TABS])
def test_nothing_is_cut_off(at_work: Opener, tab: str, value: float) -> None:
    place = at_work()
    place.run(visit.record_visit, {"retiree_id": place.ids["李建国"], "met_in_person": True})
    with scale.at(value):
        wide = room(1366) in {"wide", "full"}
        page = visits.page(place.context, tab)
        place.show(page, 1366 - round((188 if wide else 84) * value), 688)
        page.fit(room(1366))
        place.settle()
        assert clipped(place.window) == []
        assert primaries(place.window) == ["登记走访"]
