from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.kit import faults
from app.kit.paths import Home
from tests.ui.clipped import clipped, primaries
from ui.kit.ask import prepared
from ui.kit.inputs import Combo
from ui.kit.tokens import SCALES, scale
from ui.shell.entrance import Entrance
from ui.shell.fault_look import look_of
from ui.shell.fault_page import Backup, FaultPage, Look, Way
from ui.shell.first_run import FirstRun, Station
from ui.shell.login import LoginPage

PEOPLE = [("a", "刘桂兰（站长）"), ("b", "周小林（专干）")]
STATION = Station("桂苑社区服务站", "519902001001", "棠湖市区中心", "0876-0000-100")


def login(locked: str = "") -> LoginPage:
    return LoginPage(PEOPLE, station="桂苑社区服务站", version="1.0.0", locked=locked)


def card_step() -> FirstRun:
    page = FirstRun()
    page.show_card("K7Q2-9F4M-TX3C-8WPA-6HND", "桂苑社区服务站 · 2026-11-23 生成")
    return page


def station_step() -> FirstRun:
    page = FirstRun()
    page.show_station(STATION)
    return page


def look(kind: type[faults.Fault]) -> Look:
    return look_of(kind(kind.usual or LONG), Home(Path("nowhere")), "0876-0000-100")


def damaged() -> FaultPage:
    backups = (Backup("noon", "今天 12:00", "最多缺 6 条操作"), Backup("eve", "昨天 17:30"))
    shown = look(faults.DatabaseDamaged)
    ways = (Way("restore", "从选中的备份恢复"), *shown.ways)
    return FaultPage(replace(shown, backups=backups, ways=ways))


LONG = (
    "可能是上次断电时没有写完，或者硬盘有坏道。文件原样留着，没有改动。"
    "今天 12:00 的备份是完好的，恢复后缺的是那以后录入的内容"
)
FAULTS = faults.Fault.__subclasses__()
PAGES: dict[str, Callable[[], QWidget]] = {
    "login": login,
    "lock": lambda: login("a"),
    "station": station_step,
    "password": lambda: FirstRun(1),
    "card": card_step,
    "roster": lambda: FirstRun(3),
    "damaged": damaged,
    **{kind.__name__: partial(FaultPage, look(kind)) for kind in FAULTS},
}  # fmt: skip


@pytest.fixture
def entrance(qtbot: QtBot) -> Iterator[Entrance]:
    made = Entrance("桂苑社区服务站")
    qtbot.addWidget(made)
    made.resize(1366, 688)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    yield made
    scale.set(1.0)


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_clipped_before_anybody_is_in(entrance: Entrance, name: str) -> None:
    for value in SCALES:
        scale.set(value)
        page = PAGES[name]()
        entrance.show_page(page)
        entrance.resize(1366, 688)
        QApplication.processEvents()
        assert clipped(page) == []
        assert (entrance.width(), entrance.height()) == (1366, 688)
        assert len(primaries(page)) <= 1


# signing in ---------------------------------------------------------------------------------


def test_a_name_and_a_password_go_in_with_enter(qtbot: QtBot, entrance: Entrance) -> None:
    page = login()
    entrance.show_page(page)
    QTest.keyClicks(page.password, "Guiyuan2026")
    with qtbot.waitSignal(page.submitted) as heard:
        QTest.keyClick(page.password, Qt.Key.Key_Return)
    assert heard.args == ["a", "Guiyuan2026"]


def test_an_empty_password_is_not_sent(qtbot: QtBot, entrance: Entrance) -> None:
    page = login()
    entrance.show_page(page)
    with qtbot.assertNotEmitted(page.submitted):
        page.enter.click()
    assert page.field.text.text() == "请输入口令"


def test_a_refused_password_is_emptied_and_explained(entrance: Entrance) -> None:
    page = login()
    entrance.show_page(page)
    page.password.setText("falsch")
    page.submit()
    page.refuse("口令不对，还可以再试 3 次")
    assert page.password.text() == ""
    assert page.field.text.text() == "口令不对，还可以再试 3 次"
    assert page.enter.isEnabled()


def test_waiting_half_an_hour_leaves_nothing_to_try(entrance: Entrance) -> None:
    page = login()
    entrance.show_page(page)
    page.wait("口令错了 5 次，请 30 分钟后再试")
    assert not page.password.isEnabled()
    page.welcome_back()
    assert page.password.isEnabled()


def test_who_has_to_wait_does_not_keep_out_a_colleague(qtbot: QtBot, entrance: Entrance) -> None:
    page = login()
    entrance.show_page(page)
    page.wait("口令错了 5 次，请 30 分钟后再试")
    assert isinstance(page.name, Combo)
    page.name.set_value("b")
    page.name.picked.emit("b")
    QTest.keyClicks(page.password, "Guiyuan2026")
    page.wait_over()  # half an hour later, while somebody types
    with qtbot.waitSignal(page.submitted) as heard:
        QTest.keyClick(page.password, Qt.Key.Key_Return)
    assert heard.args == ["b", "Guiyuan2026"]


def test_a_capital_without_shift_gives_a_hint(entrance: Entrance) -> None:
    page = login()
    entrance.show_page(page)
    QTest.keyClicks(page.password, "A", Qt.KeyboardModifier.ShiftModifier)
    assert page.field.text.text() == page.hint
    QTest.keyClicks(page.password, "B")
    assert page.field.text.text() == "大写键已打开"
    QTest.keyClicks(page.password, "c")
    assert page.field.text.text() == page.hint


def test_the_lock_knows_only_one_name(qtbot: QtBot, entrance: Entrance) -> None:
    page = login("b")
    entrance.show_page(page)
    page.password.setText("Guiyuan2026")
    with qtbot.waitSignal(page.submitted) as heard:
        page.submit()
    assert heard.args == ["b", "Guiyuan2026"]
    with qtbot.waitSignal(page.other_wanted):
        page.other.click()


# the first start ------------------------------------------------------------------------------


def test_four_steps_from_the_invitation_to_the_roster(qtbot: QtBot, entrance: Entrance) -> None:
    page = FirstRun()
    entrance.show_page(page)
    assert not page.next.isEnabled()
    with prepared(Path("U/桂苑.json")), qtbot.waitSignal(page.invitation_chosen) as chosen:
        page.pick.click()
    assert chosen.args == [Path("U/桂苑.json")]
    page.show_station(STATION)
    page.next.click()
    assert page.own_name.hasFocus()
    with qtbot.assertNotEmitted(page.secured):
        page.next.click()
    assert page.own_name.hasFocus()
    assert page.one_field.text.text() == "请设置口令：8 位以上，大写、小写、数字、符号至少三种"
    page.own_name.setText("刘桂兰")
    page.one.setText("Guiyuan2026")
    page.two.setText("Guiyuan2026")
    with qtbot.waitSignal(page.secured) as secured:
        page.next.click()
    assert secured.args == ["刘桂兰", "Guiyuan2026"]
    page.show_card("K7Q2-9F4M-TX3C-8WPA-6HND", "桂苑社区服务站")
    assert not page.next.isEnabled()
    page.kept.setChecked(True)
    page.next.click()
    with qtbot.waitSignal(page.finished) as finished:
        page.import_button.click()
    assert finished.args == ["import"]


def test_an_invitation_of_another_station_is_refused_in_words(entrance: Entrance) -> None:
    page = FirstRun()
    entrance.show_page(page)
    page.show_station(STATION)
    page.refuse_invitation("这个邀请文件已经过期", "请向区中心要一份新的")
    assert not page.invitation_trouble.isHidden()
    assert not page.next.isEnabled()


def test_two_different_passwords_are_noticed(qtbot: QtBot, entrance: Entrance) -> None:
    page = FirstRun(1)
    entrance.show_page(page)
    page.own_name.setText("刘桂兰")
    page.one.setText("Guiyuan2026")
    page.two.setText("Guiyuan2027")
    with qtbot.assertNotEmitted(page.secured):
        page.next.click()
    assert page.two_field.text.text() == "两次输入不一样，请重新输入"
    assert page.two.hasFocus()


def test_it_can_be_left_and_taken_up_again(qtbot: QtBot, entrance: Entrance) -> None:
    page = FirstRun(1)
    entrance.show_page(page)
    with qtbot.waitSignal(page.postponed) as heard:
        page.later.click()
    assert heard.args == [1]


# faults -----------------------------------------------------------------------------------------


def test_the_best_backup_is_chosen_already(qtbot: QtBot, entrance: Entrance) -> None:
    page = damaged()
    entrance.show_page(page)
    with qtbot.waitSignal(page.taken) as heard:
        page.buttons["restore"].click()
    assert heard.args == ["restore", "noon"]
    page.choices["eve"].setChecked(True)
    assert page.chosen() == "eve"


def test_the_code_for_the_phone_call_can_be_copied(entrance: Entrance) -> None:
    page = damaged()
    entrance.show_page(page)
    page.copy_details()
    assert QApplication.clipboard().text().startswith("DB-1107 ")
