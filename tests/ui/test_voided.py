"""已作废: found where one looks for it, and 恢复."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app import retiree, visit
from tests.make import visit_values
from tests.ui.clipped import clipped
from tests.ui.conftest import Opener
from tests.ui.station import Station
from ui.kit.buttons import Button
from ui.pages import person, retirees, voided

WHY = "登记成了同楼的人"


@pytest.fixture
def place(at_work: Opener) -> Station:
    made = at_work(voided=voided.page, person=person.page, retirees=retirees.page)
    who = made.ids["王秀英"]
    trip = made.run(visit.record_visit, visit_values(who)).id
    made.run(visit.void_visit, trip, WHY)
    made.run(retiree.set_family, who, [])
    return made


def listed(place: Station) -> voided.VoidedPage:
    assert place.opened[-1][0] == "voided"
    page = voided.page(place.context, **place.opened[-1][1])
    place.show(page)
    place.settle()
    return page


def link(shown: person.PersonPage, tab: str) -> Button:
    (found,) = [one for one in shown.bodies[tab].findChildren(Button) if "已作废" in one.text()]
    return found


def test_the_person_shows_what_does_not_count_and_it_comes_back(
    qtbot: QtBot, place: Station
) -> None:
    shown = place.context.open("person", retiree_id=place.ids["王秀英"], tab="visits")
    assert isinstance(shown, person.PersonPage)
    place.settle()
    assert link(shown, "visits").text() == "已作废 1 条，查看或恢复"
    link(shown, "visits").click()
    place.settle()
    page = listed(place)
    (row,) = page.list.list.rows
    assert (row.name, row.label, row.reason) == ("王秀英", "走访记录", WHY)
    qtbot.keyClick(page.list.list.table, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    place.settle()
    assert place.said[-1] == "已恢复 王秀英 的走访记录"
    assert page.list.list.rows == ()


def test_the_list_of_people_leads_to_all_of_the_station(place: Station) -> None:
    shown = place.context.open("retirees")
    assert isinstance(shown, retirees.Retirees)
    place.settle()
    assert not shown.voided.isHidden()
    shown.voided.click()
    place.settle()
    page = listed(place)
    assert {row.noun for row in page.list.list.rows} == {"visit", "family"}
    texts = [one.text() for one in page.list.chips.findChildren(QPushButton)]
    assert texts[:3] == ["全部 2", "人员 0", "家属和标签 1"]
    assert not clipped(page)
