import errno
import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copytree, rmtree
from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete, isValid
from sqlalchemy.orm import Session

from app import audit, drill, exchange, first_run, retiree, station
from app.kit import log, recovery_code
from app.kit.run import look, run
from app.printing.kit import codes
from models.account import Account
from models.kit import clock
from models.retiree import Retiree
from sync.station import again
from tests.conftest import NOW
from tests.ui import homes
from tests.ui.homes import Place, settle, sign_in
from tests.ui.test_exchange import WANG
from ui import main
from ui.kit.ask import Question, ask, prepared
from ui.kit.dialog import Dialog
from ui.kit.inputs import SearchBox
from ui.kit.tokens import scale
from ui.main import Program
from ui.pages.certification import CertificationPage
from ui.pages.certification.scan import ScanTab
from ui.pages.exchange.station import ExchangePage
from ui.pages.exchange.station.salvage import SalvageDialog
from ui.pages.retirees import Retirees
from ui.pages.workbench import WorkbenchPage
from ui.shell import remembered
from ui.shell.catalogue import SIDES, entries
from ui.shell.crash import LOG, CrashDialog
from ui.shell.fault_page import FaultPage
from ui.shell.first_run import FirstRun
from ui.shell.login import LoginPage
from ui.shell.recovery import CardDialog, RecoverDialog, RestoreDialog
from ui.shell.rounds import EVENING, LONG_AGO, crossed
from ui.shell.screens import DIALOGS, PAGES, TABS
from ui.shell.session import Sitting
from ui.shell.shortcuts import shortcuts


@pytest.fixture
def place(tmp_path: Path, qapp: QApplication) -> Iterator[Place]:
    with homes.place(tmp_path) as made:
        yield made


@pytest.fixture
def program(place: Place) -> Iterator[Program]:
    made = Program(place.home)
    yield made
    made.close()


def first_run_page(program: Program) -> FirstRun:
    assert isinstance(program.startup.page, FirstRun)
    return program.startup.page


def begin(program: Program) -> None:
    program.begin()
    settle(program)


def invited(program: Program, place: Place) -> FirstRun:
    """The invitation is read in."""
    begin(program)
    page = first_run_page(program)
    with prepared(place.invite()):
        page.pick.click()
        settle(program)
    return page


def signed_up(program: Program, place: Place) -> FirstRun:
    """Name and password are typed, and nothing is made yet."""
    page = invited(program, place)
    page.next.click()
    page.own_name.setText(homes.NAME)
    page.one.setText(homes.PASSWORD)
    page.two.setText(homes.PASSWORD)
    return page


def fill_in(program: Program, place: Place) -> FirstRun:
    """As far as the recovery card."""
    page = signed_up(program, place)
    page.next.click()
    settle(program)
    return page


def restore(program: Program) -> None:
    """In the dialog that is open at the door, and in by the password of the backup."""
    dialog = homes.dialogs(program.startup.entrance)[-1]
    assert isinstance(dialog, RestoreDialog)
    dialog.password.setText(homes.PASSWORD)
    with prepared() as seen:
        dialog.submit()
        settle(program)
    assert seen.asked[-1].title == "已恢复备份"
    assert "还没有上报的，登录后在“数据交换”的“找回资料”里选原来的" in seen.asked[-1].text
    sign_in(program)
    assert program.sitting is not None


def test_an_empty_folder_leads_through_the_first_start(program: Program, place: Place) -> None:
    page = fill_in(program, place)
    assert page.step == 2
    assert not page.next.isEnabled()
    page.kept.setChecked(True)
    page.next.click()
    settle(program)
    page.finished.emit("later")
    settle(program)
    sitting = program.sitting
    assert sitting is not None
    assert sitting.window.isVisible()
    assert homes.OFFICE in sitting.window.windowTitle()
    station = sitting.station
    assert look(station.store, station.desk, first_run.step) == first_run.DONE
    assert [one.name for one in place.home.outbox.iterdir()] == [f"{homes.CODE}-answer.sangyu"]


def test_a_wrong_file_is_no_invitation(program: Program, place: Place) -> None:
    begin(program)
    page = first_run_page(program)
    wrong = place.stick / "wrong.sangyu"
    wrong.write_bytes(b"PK\x03\x04")
    with prepared(wrong):
        page.pick.click()
        settle(program)
    assert page.invitation_trouble.isVisible()
    assert "没有读入" in page.invitation_trouble.text.text()
    assert not page.next.isEnabled()


def test_the_invitation_is_remembered_when_one_stops(program: Program, place: Place) -> None:
    invited(program, place)
    again = Program(place.home)
    begin(again)
    station = first_run_page(again).station
    assert station is not None
    assert station.name == homes.OFFICE
    again.close()


def test_a_weak_password_is_told_beside_its_field(program: Program, place: Place) -> None:
    page = invited(program, place)
    page.next.click()
    page.own_name.setText(homes.NAME)
    page.one.setText("12345678")
    page.two.setText("12345678")
    page.next.click()
    settle(program)
    assert page.step == 1
    assert page.one_field.level == "err"
    assert not place.home.database.exists()


def test_a_card_that_was_not_printed_comes_again_as_a_new_one(
    program: Program, place: Place
) -> None:
    page = fill_in(program, place)
    first = page.words.text()
    with prepared():
        page.later.click()
        settle(program)
    assert program.sitting is not None
    program.close()
    again = Program(place.home)
    begin(again)
    sign_in(again)
    page = first_run_page(again)
    assert page.step == 2
    assert page.words.text() not in ("", first)
    again.close()
    program.startup = Program(place.home).startup


def test_a_wrong_password_says_how_many_tries_are_left(program: Program, place: Place) -> None:
    place.made().station.close()
    begin(program)
    sign_in(program, "Wrong-2026")
    page = program.startup.page
    assert isinstance(page, LoginPage)
    assert "还可以再试 4 次" in page.field.text.text()
    for _ in range(4):
        sign_in(program, "Wrong-2026")
    assert "请等 30 分钟" in page.field.text.text()
    assert not page.enter.isEnabled()


def test_the_right_password_opens_the_window(program: Program, place: Place) -> None:
    place.made().station.close()
    begin(program)
    sign_in(program)
    assert program.sitting is not None
    assert program.sitting.window.isVisible()
    assert not program.startup.entrance.isVisible()
    assert program.sitting.window.nav.safe.saved.startswith("已存本机 ")


def twice(box: QWidget) -> None:
    """A key that bounces, or a hand that is in a hurry."""
    for _ in range(2):
        QTest.keyClick(box, Qt.Key.Key_Return)


def test_enter_pressed_twice_is_one_wrong_try(program: Program, place: Place) -> None:
    place.made().station.close()
    begin(program)
    page = program.startup.page
    assert isinstance(page, LoginPage)
    page.password.setText("Wrong-2026")
    twice(page.password)
    settle(program)
    assert "还可以再试 4 次" in page.field.text.text()


def test_enter_pressed_twice_opens_one_window(program: Program, place: Place) -> None:
    place.made().station.close()
    begin(program)
    page = program.startup.page
    assert isinstance(page, LoginPage)
    page.password.setText(homes.PASSWORD)
    with prepared() as asked:
        twice(page.password)
        settle(program)
    assert (asked.asked, program.sitting is not None) == ([], True)


def test_enter_pressed_twice_sets_one_station_up(program: Program, place: Place) -> None:
    page = signed_up(program, place)
    with prepared() as asked:
        twice(page.two)
        settle(program)
    assert (asked.asked, program.startup.page, page.step) == ([], page, 2)


def test_a_backup_is_brought_back_once_however_often_enter_is_pressed(
    program: Program, place: Place
) -> None:
    joined = place.made()
    joined.station.backup()
    copy = joined.station.backup()
    joined.station.close()
    begin(program)
    program.startup.rescue.restore(copy.path)
    settle(program)
    dialog = homes.dialogs(program.startup.entrance)[-1]
    assert isinstance(dialog, RestoreDialog)
    dialog.password.setText(homes.PASSWORD)
    with prepared(None, None) as seen:
        twice(dialog.password)
        settle(program)
    assert [one.title for one in seen.asked] == ["已恢复备份"]


def test_a_forgotten_password_is_mended_with_the_card(program: Program, place: Place) -> None:
    joined = place.made()
    joined.station.close()
    begin(program)
    program.startup.recover()
    dialog = homes.dialogs(program.startup.entrance)[-1]
    assert isinstance(dialog, RecoverDialog)
    dialog.code.setText(joined.recovery_code)
    dialog.one.setText(homes.NEW)
    dialog.two.setText(homes.NEW)
    dialog.submit()
    settle(program)
    card = homes.dialogs(program.startup.entrance)[-1]
    assert isinstance(card, CardDialog)
    assert card.code != joined.recovery_code
    card.reject()
    assert card.isVisible()
    card.kept.setChecked(True)
    card.accept()
    settle(program)
    assert program.sitting is not None


def test_the_card_of_another_computer_opens_nothing_and_what_to_look_at_is_said_beside_it(
    program: Program, place: Place
) -> None:
    place.made().station.close()
    begin(program)
    program.startup.recover()
    dialog = homes.dialogs(program.startup.entrance)[-1]
    assert isinstance(dialog, RecoverDialog)
    said = []
    for _ in range(5):
        dialog.code.setText(recovery_code.make())
        dialog.one.setText(homes.NEW)
        dialog.two.setText(homes.NEW)
        dialog.submit()
        settle(program)
        said.append(dialog.code_field.text.text())
        assert dialog.one_field.level != "err"
    assert "这台电脑的、最新的一张卡" in said[0]
    assert "请等 30 分钟再试" in said[-1]
    dialog.reject()


def test_a_slip_in_the_code_is_named(program: Program, place: Place) -> None:
    joined = place.made()
    joined.station.close()
    begin(program)
    program.startup.recover()
    dialog = homes.dialogs(program.startup.entrance)[-1]
    assert isinstance(dialog, RecoverDialog)
    dialog.code.setText(joined.recovery_code[:-4])
    dialog.one.setText(homes.NEW)
    dialog.two.setText(homes.NEW)
    dialog.submit()
    settle(program)
    assert dialog.code_field.level == "err"
    assert dialog.go.isEnabled()
    dialog.reject()


def test_a_damaged_file_can_be_brought_back_from_a_backup(program: Program, place: Place) -> None:
    joined = place.made()
    joined.station.backup()
    joined.station.close()
    whole = place.home.database.read_bytes()
    place.home.database.write_bytes(whole[:4096] + b"\0" * (len(whole) - 4096))
    begin(program)
    sign_in(program)
    page = program.startup.page
    assert isinstance(page, FaultPage)
    assert page.fault.code == "DB-1107"
    page.buttons["restore"].click()
    settle(program)
    restore(program)


def test_a_second_start_is_told_about_the_first(program: Program, place: Place) -> None:
    """Before anybody types a password for nothing."""
    joined = place.made()
    begin(program)
    is_told_about_the_first(program, joined.station)


def test_a_second_door_is_told_who_went_in_by_the_first(program: Program, place: Place) -> None:
    place.made().station.close()
    begin(program)
    first = station.open_station(place.home, homes.NAME, homes.PASSWORD)
    sign_in(program)
    is_told_about_the_first(program, first)


def is_told_about_the_first(program: Program, first: station.Station) -> None:
    page = program.startup.page
    assert isinstance(page, FaultPage)
    assert "已经打开" in page.fault.title
    first.close()
    page.buttons["retry"].click()
    settle(program)
    sign_in(program)
    assert program.sitting is not None


def test_lost_keys_are_a_page_and_never_a_new_start(program: Program, place: Place) -> None:
    place.made().station.close()
    for path in place.home.dir.glob("keys.json*"):
        path.unlink()
    begin(program)
    page = program.startup.page
    assert isinstance(page, FaultPage)
    assert page.fault.code == "DB-1102"
    assert place.home.database.exists()


def test_the_lock_opens_with_ones_own_password_only(program: Program, place: Place) -> None:
    place.made().station.close()
    begin(program)
    sign_in(program)
    sitting = program.sitting
    assert sitting is not None
    QTest.keyClick(sitting.window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    lock = sitting.locking.screen
    assert lock is not None
    assert lock.isVisible()
    assert lock.size() == sitting.window.size()
    lock.reject()
    assert lock.isVisible()
    lock.page.password.setText("Wrong-2026")
    lock.page.submit()
    settle(program)
    assert "还可以再试" in lock.page.field.text.text()
    lock.page.password.setText(homes.PASSWORD)
    lock.page.submit()
    settle(program)
    assert sitting.locking.screen is None


@pytest.mark.parametrize("change", [{"roles": ["clerk"]}, {"is_disabled": True}])
@pytest.mark.parametrize("locked", [True, False], ids=["locked", "at work"])
def test_the_lock_stays_for_whom_the_other_computer_stopped_meanwhile(
    program: Program, place: Place, change: dict[str, Any], *, locked: bool
) -> None:
    place.made().station.close()
    begin(program)
    sign_in(program)
    sitting = program.sitting
    assert sitting is not None
    if locked:
        sitting.locking.lock_now()

    def answered(session: Session) -> None:
        mine = session.get_one(Account, sitting.station.desk.account)
        for name, value in change.items():
            setattr(mine, name, value)

    done = run(sitting.station.store, sitting.station.desk, answered)
    if not locked:
        sitting.work.tell_changed(done.changed)
        settle(program)
    lock = sitting.locking.screen
    assert lock is not None
    assert locked or "换人登录" in lock.page.field.text.text()
    lock.page.password.setText(homes.PASSWORD)
    lock.page.submit()
    settle(program)
    assert sitting.locking.screen is lock
    assert "换人登录" in lock.page.field.text.text()


def test_nobody_at_the_keys_for_long_locks_the_screen(program: Program, place: Place) -> None:
    place.made().station.close()
    begin(program)
    sign_in(program)
    sitting = program.sitting
    assert sitting is not None
    assert sitting.locking.after == 10 * 60_000
    sitting.locking.look_at_clock()
    assert sitting.locking.screen is None
    sitting.locking.after = 0
    sitting.locking.look_at_clock()
    assert sitting.locking.screen is not None


def test_another_person_can_take_over(program: Program, place: Place) -> None:
    joined = place.made()
    place.colleague(joined, "周小林", "clerk")
    joined.station.close()
    begin(program)
    sign_in(program)
    assert program.sitting is not None
    program.sitting.locking.lock_now()
    with prepared("yes"):
        assert program.sitting.locking.screen is not None
        program.sitting.locking.screen.page.other.click()
        settle(program)
    assert program.sitting is None
    page = program.startup.page
    assert isinstance(page, LoginPage)
    key = next(key for key, words in page.people.items() if "周小林" in words)
    page.name.set_value(key)
    sign_in(program)
    assert program.sitting is not None
    assert program.sitting.station.desk.name == "周小林"


FIRST_PAINT = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QEvent, QObject
from app.kit.paths import Home
from ui.kit import style
from ui.main import Program

class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            print(type(program.startup.page).__name__, *sys.modules, flush=True)
            os._exit(0)
        return False

app = style.application()
style.apply(app)
program = Program(Home(Path(sys.argv[1])))
watch = Watch()
program.startup.entrance.installEventFilter(watch)
program.begin()
app.exec()
"""
HEAVY = {
    "alembic", "app.kit.run", "app.station", "asyncio", "concurrent.futures", "cryptography",
    "http.client", "importlib.metadata", "logging.handlers", "models.entities", "models.kit.fields",
    "msgspec", "pypdfium2", "pypinyin", "pyrage", "python_calamine", "reportlab", "secrets",
    "segno", "sqlalchemy", "sqlcipher3", "sync", "ui.pages", "ui.shell.fault_page",
    "ui.shell.first_run", "ui.shell.recovery", "ui.shell.session", "xlsxwriter", "zstandard",
}  # fmt: skip


def test_the_first_paint_waits_for_no_model_and_no_verb(place: Place) -> None:
    place.made().station.close()
    command = [sys.executable, "-c", FIRST_PAINT, str(place.home.dir)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    page, *loaded = done.stdout.split()
    assert page == "LoginPage"
    assert HEAVY & set(loaded) == set()


def test_whoever_leaves_takes_every_window_and_the_open_station_along(
    program: Program, place: Place
) -> None:
    sitting = at_desk(program, place)
    for entry in sitting.window.entries:
        sitting.open(entry.key)
        settle(program)
    sitting.open("change_password")
    sitting.locking.lock_now()
    held = (sitting, sitting.window, sitting.work, sitting.station.store.engine)
    gone = [weakref.ref(one) for one in held]
    sitting.end("login")
    del sitting, held
    settle(program)
    QApplication.sendPostedEvents(None, int(QEvent.Type.DeferredDelete.value))
    gc.collect()
    alone = [one for one in QApplication.topLevelWidgets() if one.parentWidget() is None]
    assert alone == [program.startup.entrance]
    assert [one() for one in gone] == [None] * 4


def at_desk(program: Program, place: Place) -> Sitting:
    place.made().station.close()
    begin(program)
    sign_in(program)
    assert program.sitting is not None
    return program.sitting


def test_every_page_and_dialog_has_one_name() -> None:
    assert not set(PAGES) & set(DIALOGS)
    named = {entry.key for entry in entries(PAGES, {"general", "party", "health", "money"})}
    assert named <= set(PAGES)
    assert set(TABS) <= set(PAGES)


def test_the_menu_leads_somewhere(program: Program, place: Place) -> None:
    sitting = at_desk(program, place)
    sitting.window.menu_chosen.emit("station")
    settle(program)
    assert sitting.window.trail[-1].key == "settings"
    sitting.window.menu_chosen.emit("journal")
    settle(program)
    assert sitting.window.trail[-1].key == "journal"
    sitting.window.menu_chosen.emit("password")
    shown = [one.windowTitle() for one in QApplication.topLevelWidgets() if one.isVisible()]
    assert "修改口令" in shown


@pytest.mark.parametrize("page", ["workbench", "retirees"])
def test_the_last_act_is_taken_back_with_a_key(program: Program, place: Place, page: str) -> None:
    """Also where the keys are in a search box, in which nothing was typed that could be."""
    sitting = at_desk(program, place)
    sitting.window.open(page)
    settle(program)
    values = {"name": "王秀英", "id_no": "519902194611230269", "mobile": "13800002617",
              "live_address": "桂苑一区 3栋 502", "employer_name": "市棉纺织厂"}  # fmt: skip
    sitting.work.do(retiree.register, values)
    settle(program)
    now = sitting.window.focusWidget()
    assert isinstance(now, SearchBox) == (page == "retirees")
    QTest.keyClick(now, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settle(program)
    assert "已撤销 王秀英" in sitting.window.toast.text.text()
    station = sitting.station
    assert look(station.store, station.desk, retiree.chips)["managed"] == 0


def handle_of(widget: QWidget) -> QWindow:
    found = widget.windowHandle()
    assert found is not None
    return found


def press(window: QWindow, sign: str) -> None:
    QTest.keyClick(window, Qt.Key(ord(sign)))


def type_like_a_gun(sitting: Sitting, text: str, pause: int = 0) -> None:
    """Keys as the system sends them: to the window, which gives them to whoever has the focus."""
    window = handle_of(sitting.window)
    for sign in text:
        QTest.qWait(pause)
        press(window, sign)
    QTest.keyClick(window, Qt.Key.Key_Return)
    QApplication.processEvents()


def test_a_form_scanned_on_another_page_is_offered_to_the_scan_box(
    program: Program, place: Place
) -> None:
    sitting = at_desk(program, place)
    code = codes.payload("RZ1", "519902009009", codes.form_no("7ab", 412, 2026), "ABCD1234")
    toast = sitting.window.toast
    for page in ("workbench", "retirees"):  # the second has the cursor in a box to search with
        sitting.open(page)
        settle(program)
        type_like_a_gun(sitting, code)
        settle(program)
        assert toast.word.text() == "去扫码回收（F8）"
        assert not toast.can_undo()
        assert sitting.window.trail[-1].key == page
    shown = sitting.window.page()
    assert isinstance(shown, Retirees)
    assert shown.list.search.text() == ""
    QTest.keyClick(sitting.window, Qt.Key.Key_F8)
    settle(program)
    page_ = sitting.window.page()
    assert isinstance(page_, CertificationPage)
    tab = page_.tab
    assert isinstance(tab, ScanTab)
    assert "请退给本人或转交该社区" in tab.result.accessibleName()
    assert not toast.isVisible()
    tab.session.table.setFocus()  # here, beside the box, it counts at once
    type_like_a_gun(sitting, code)
    settle(program)
    assert len(tab.session.scans) == 2


def test_a_code_of_something_else_presses_no_button(program: Program, place: Place) -> None:
    sitting = at_desk(program, place)
    settle(program)
    shown = sitting.window.page()
    assert isinstance(shown, WorkbenchPage)
    shown.register.setFocus()
    type_like_a_gun(sitting, "6901234567892")
    settle(program)
    assert QApplication.activeModalWidget() is None
    assert "不是认证表的码" in sitting.window.toast.text.text()
    values = {"name": "王秀英", "id_no": "519902194611230269", "mobile": "13800002617",
              "live_address": "桂苑一区 3栋 502", "employer_name": "市棉纺织厂"}  # fmt: skip
    sitting.work.do(retiree.register, values)
    settle(program)
    sitting.open("certification", tab="scan")
    settle(program)
    page = sitting.window.page()
    assert isinstance(page, CertificationPage)
    tab = page.tab
    assert isinstance(tab, ScanTab)
    tab.take("wxy")
    settle(program)
    assert sitting.window.focusWidget() is tab.result.buttons[0]
    type_like_a_gun(sitting, "6901234567892")
    settle(program)
    assert QApplication.activeModalWidget() is None
    assert "没认出" in tab.result.accessibleName()


def test_hands_and_forms_being_filled_in_are_left_alone(program: Program, place: Place) -> None:
    sitting = at_desk(program, place)
    code = codes.payload("RZ1", "519902009009", codes.form_no("7ab", 412, 2026), "ABCD1234")
    sitting.open("retirees")
    settle(program)
    type_like_a_gun(sitting, code[:14], pause=100)
    assert not sitting.window.toast.isVisible()
    dialog = sitting.open("register")
    assert isinstance(dialog, Dialog)
    settle(program)
    for sign in code:
        press(handle_of(dialog), sign)
    QTest.keyClick(handle_of(dialog), Qt.Key.Key_Return)
    settle(program)
    assert not sitting.window.toast.isVisible()
    dialog.reject()


def test_an_answer_that_is_late_finds_no_window_and_no_harm(program: Program, place: Place) -> None:
    sitting = at_desk(program, place)
    settle(program)
    facts = look(sitting.station.store, sitting.station.desk, exchange.bottom)
    sitting.over = True
    delete(sitting.window.nav.safe)
    sitting.rounds.bottom.emit(facts)
    sitting.rounds.badges.emit({"due": 3})
    assert not isValid(sitting.window.nav.safe)


def test_nothing_to_take_back_is_said_calmly(program: Program, place: Place) -> None:
    sitting = at_desk(program, place)
    with prepared():
        sitting.window.undo_wanted.emit()
        settle(program)
    assert "没有可以撤销" in sitting.window.toast.text.text()
    assert sitting.window.toast.icon.name == "info"  # nothing was done


def test_the_text_size_is_kept_for_the_next_start(program: Program, place: Place) -> None:
    sitting = at_desk(program, place)
    try:
        sitting.window.larger()
        assert remembered.text_size(place.home) == 1.25
    finally:
        scale.set(1.0)
    assert remembered.text_size(place.home) == 1.0


def test_the_day_begins_anew_after_midnight(program: Program, place: Place) -> None:
    with clock.freeze(NOW):
        sitting = at_desk(program, place)
        rounds, days = sitting.rounds, []
        rounds.daily = lambda: days.append(clock.today())  # type: ignore[method-assign]
        rounds.tick()
        assert days == []
    with clock.freeze(NOW + timedelta(hours=10)):
        told: list[frozenset[str]] = []
        sitting.work.changed.connect(told.append)
        rounds.tick()
        settle(program)
        assert [one for one in told if "cert_task" in one]  # the lists count days
        told.clear()
        rounds.tick()
        assert not [one for one in told if "cert_task" in one]
        assert days == [clock.today()]


def test_backups_are_made_by_themselves_at_their_hour(program: Program, place: Place) -> None:
    with clock.freeze(NOW):
        at_desk(program, place)
        settle(program)
    assert [one.name.endswith("noon.backup") for one in place.home.backups.iterdir()] == [True]


def test_recovery_is_rehearsed_by_itself_but_not_while_somebody_signs_in(
    program: Program, place: Place
) -> None:
    def tried() -> drill.Last | None:
        settle(program)
        return look(sitting.station.store, sitting.station.program, drill.last)

    later = NOW + timedelta(days=8)
    with clock.freeze(NOW):
        sitting = at_desk(program, place)
        sitting.rounds.timer.stop()
        settle(program)
    with clock.freeze(later):
        sitting.rounds.start()
        sitting.rounds.timer.stop()
        assert tried() is None
    with clock.freeze(later + timedelta(minutes=9)):
        sitting.rounds.tick()
        assert tried() is None
    with clock.freeze(later + timedelta(minutes=10)):
        sitting.rounds.tick()
        last = tried()
        assert last is not None
        assert last.passed
        assert last.at == later + timedelta(minutes=10)


def test_it_reports_by_itself_every_quarter_and_at_five(program: Program, place: Place) -> None:
    with clock.freeze(NOW):
        rounds = at_desk(program, place).rounds
        tries: list[str] = []
        rounds.sync_quietly = lambda: tries.append("")  # type: ignore[method-assign]
    for minutes, expected in ((14, 0), (15, 1)):
        with clock.freeze(NOW + timedelta(minutes=minutes)):
            rounds.tick()
            assert len(tries) == expected
    for hour, minute, expected in ((16, 50, 2), (16, 59, 2), (17, 0, 3), (17, 1, 3)):
        with clock.freeze(NOW.replace(hour=hour, minute=minute)):
            rounds.tick()
            assert len(tries) == expected
            rounds.last_sync = NOW.replace(hour=16, minute=50)
    assert crossed(EVENING, NOW, NOW.replace(hour=17, minute=0))
    assert not crossed(EVENING, NOW.replace(hour=17, minute=1), NOW.replace(hour=18))


def test_a_busy_centre_says_when_it_reports_again(program: Program, place: Place) -> None:
    with clock.freeze(NOW):
        sitting = at_desk(program, place)
        with sitting.station.store.apply() as session:
            asked = again.put_off(session, 1200)
        rounds = sitting.rounds
        rounds.start()
        settle(program)
        tries: list[str] = []
        rounds.sync_quietly = lambda: tries.append("")  # type: ignore[method-assign]
    for moment, expected in ((NOW + timedelta(minutes=16), 0), (asked, 1)):
        with clock.freeze(moment):
            rounds.tick()
            assert len(tries) == expected


def test_what_was_put_off_by_a_clock_years_ahead_is_done_once_it_is_right(
    program: Program, place: Place
) -> None:
    with clock.freeze(NOW.replace(year=2066)):
        sitting = at_desk(program, place)
        with sitting.station.store.apply() as session:
            again.put_off(session, 1200)
        rounds = sitting.rounds
        rounds.start()
        settle(program)
    tries: list[str] = []
    rounds.sync_quietly = lambda: tries.append("")  # type: ignore[method-assign]
    with clock.freeze(NOW):
        rounds.tick()
        assert len(tries) == 1
        rounds.again, rounds.last_sync = None, NOW.replace(year=2066)
        settle(program)
        rounds.tick()
        assert len(tries) == 2
    copies = [one.name.rpartition("-")[2] for one in place.home.backups.iterdir()]
    assert len(copies) == 2


def test_a_backup_chosen_at_the_desk_is_restored_at_the_door(
    program: Program, place: Place
) -> None:
    sitting = at_desk(program, place)
    copy = sitting.station.backup()
    sitting.open("restore", file=str(copy.path))
    settle(program)
    assert program.sitting is None
    restore(program)


def test_what_was_entered_after_the_backup_is_found_in_the_file_it_replaced_and_sent(
    program: Program, place: Place
) -> None:
    with homes.served(place):
        place.made(approved=True).station.close()
        begin(program)
        sign_in(program)
        sitting = program.sitting
        assert sitting is not None
        copy = sitting.station.backup()
        entered = run(sitting.station.store, sitting.station.desk, retiree.register, WANG).result
        sitting.open("restore", file=str(copy.path))
        settle(program)
        restore(program)
        sitting = program.sitting
        assert sitting is not None
        (aside,) = place.home.replaced.iterdir()
        with sitting.station.store.look() as session:
            assert session.get(Retiree, entered.id) is None
        dialog = homes.page(sitting, SalvageDialog, "salvage")
        with prepared(aside / place.home.database.name) as seen:
            dialog.file.click()
            settle(program)
        assert seen.asked[0].start == str(aside)
        assert "王秀英" in dialog.told.text.text()
        dialog.go.click()
        settle(program)
        page = homes.page(sitting, ExchangePage, "exchange")
        page.sync()
        homes.rest(sitting, 8)
        with sitting.station.store.look() as session:
            assert session.get(Retiree, entered.id) is not None
        there = place.world.node.person(entered.id)
        assert there is not None
        assert there.name == "王秀英"


def test_a_bug_is_told_with_a_number_and_logged_without_anybodys_data(
    program: Program, place: Place
) -> None:
    sitting = at_desk(program, place)
    kept = log.keep(place.home)
    try:
        raise ValueError("王秀英 519902194611230269")
    except ValueError as error:
        program.crash.caught(type(error), error, error.__traceback__)
        QApplication.processEvents()
    dialog = program.crash.shown
    assert isinstance(dialog, CrashDialog)
    assert sitting.window.isVisible()
    assert dialog.details.startswith("UI-")
    assert "test_main.py" in dialog.details
    kept.flush()
    logged = (place.home.log / "sangyu.log").read_text("utf-8")
    assert "ValueError" in logged
    assert "王秀英" not in logged + dialog.details
    assert "519902" not in logged + dialog.details
    LOG.removeHandler(kept)
    kept.close()
    dialog.accept()


def test_a_backup_that_fails_for_whatever_reason_is_told_and_not_passed_over(
    program: Program, place: Place
) -> None:
    told: list[str] = []
    with clock.freeze(NOW):
        sitting = at_desk(program, place)
        sitting.rounds.warned.connect(told.append)
        rmtree(place.home.backups, ignore_errors=True)
        place.home.backups.write_text("a file where the folder should be")
        for _ in range(2):
            sitting.rounds.last_backup = LONG_AGO
            sitting.rounds.tick()
            settle(program)
    (said,) = told
    assert said.startswith("自动备份没有做成：")
    assert "立即备份" in said


def test_a_full_disk_is_told_as_such_wherever_it_is_met(program: Program, place: Place) -> None:
    at_desk(program, place)
    error = OSError(errno.ENOSPC, "No space left on device")
    program.crash.caught(type(error), error, None)
    QApplication.processEvents()
    dialog = program.crash.shown
    assert isinstance(dialog, CrashDialog)
    words = " ".join(one.text() for one in dialog.findChildren(QLabel))
    assert "请清理后再继续；已存的资料没有影响" in words
    dialog.accept()


def test_the_program_runs_until_its_window_is_closed(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.made().station.close()
    seen: list[str] = []

    def close_soon(program: Program) -> None:
        real_begin(program)
        QTimer.singleShot(300, program.startup.entrance.close)
        seen.append(type(program.startup.page).__name__)

    real_begin = Program.begin
    monkeypatch.setattr(Program, "begin", close_soon)
    assert main.main(place.home.dir) == 0
    assert seen == ["LoginPage"]


def test_a_file_that_was_put_back_is_told_when_the_desk_opens(
    program: Program, place: Place, tmp_path: Path
) -> None:
    made = place.made().station
    made.close()
    copytree(place.home.dir, tmp_path / "last month")
    station.open_station(place.home, None, homes.PASSWORD).close()
    with station.open_station(place.home, None, homes.PASSWORD) as here:
        run(here.store, here.desk, lambda session: audit.note(session, "查看"))
    rmtree(place.home.dir)
    copytree(tmp_path / "last month", place.home.dir)
    begin(program)
    with prepared() as seen:
        sign_in(program)
    assert [one.title for one in seen.asked] == ["资料文件变过了"]
    assert "少了后来录入的 1 条" in seen.asked[0].text


def test_a_clock_that_fell_back_years_is_told_at_each_sign_in_until_it_is_right(
    program: Program, place: Place
) -> None:
    made = place.made().station
    made.close()
    begin(program)
    with clock.freeze(datetime(2009, 1, 1, 8, tzinfo=clock.SHANGHAI)), prepared() as seen:
        sign_in(program)
    (told,) = seen.asked
    assert told.title == "请核对这台电脑的日期"
    assert "现在是 2009-01-01" in told.text


def test_a_clock_that_is_right_is_not_spoken_of(program: Program, place: Place) -> None:
    made = place.made().station
    made.close()
    begin(program)
    with clock.freeze(clock.now() + timedelta(days=80)), prepared() as seen:
        sign_in(program)
    assert seen.asked == []


def test_nothing_is_dated_by_a_clock_that_leapt_ahead_before_somebody_was_asked_once(
    program: Program, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.made().station.close()
    begin(program)
    told: list[tuple[str, str, object]] = []

    def answer(asked: Question) -> None:
        assert program.sitting is not None
        told.append((asked.title, asked.text, program.sitting.rounds.day))

    monkeypatch.setattr(ask, "answer", answer)
    with clock.freeze(clock.now() + timedelta(days=14610)):
        for _ in range(2):
            sign_in(program)
            assert program.sitting is not None
            assert program.sitting.rounds.day == clock.today()
            program.sitting.end("login")
            settle(program)
    ((title, text, day),) = told
    assert (title, day) == ("请核对这台电脑的日期", None)
    assert "隔了 14,610 天" in text


@pytest.mark.parametrize("side", ["station", "centre", "city"])
def test_the_sheet_of_keys_names_those_that_do_something_here(qtbot: QtBot, side: str) -> None:
    sheet = shortcuts(SIDES[side])
    qtbot.addWidget(sheet)
    told = [one.text() for one in sheet.findChildren(QLabel)]
    assert ("F8" in told) == (side == "station")
    assert "F4" in told
