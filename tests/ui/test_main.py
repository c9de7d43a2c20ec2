import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app import first_run
from app.kit.run import look
from tests.ui import homes
from tests.ui.homes import Place, settle, sign_in
from ui.kit.ask import prepared
from ui.main import Program
from ui.shell.fault import FaultPage
from ui.shell.first_run import FirstRun
from ui.shell.login import LoginPage
from ui.shell.recovery import CardDialog, RecoverDialog, RestoreDialog


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
    assert isinstance(program.door.page, FirstRun)
    return program.door.page


def begin(program: Program) -> None:
    program.begin()
    settle(program)


def fill_in(program: Program, place: Place) -> FirstRun:
    """As far as the recovery card."""
    begin(program)
    page = first_run_page(program)
    with prepared(place.invite()):
        page.pick.click()
        settle(program)
    page.next.click()
    page.own_name.setText(homes.NAME)
    page.one.setText(homes.PASSWORD)
    page.two.setText(homes.PASSWORD)
    page.next.click()
    settle(program)
    return page


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
    begin(program)
    page = first_run_page(program)
    with prepared(place.invite()):
        page.pick.click()
        settle(program)
    again = Program(place.home)
    begin(again)
    station = first_run_page(again).station
    assert station is not None
    assert station.name == homes.OFFICE
    again.close()


def test_a_weak_password_is_told_beside_its_field(program: Program, place: Place) -> None:
    begin(program)
    page = first_run_page(program)
    with prepared(place.invite()):
        page.pick.click()
        settle(program)
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
    program.door = Program(place.home).door


def test_a_wrong_password_says_how_many_tries_are_left(program: Program, place: Place) -> None:
    place.made().station.close()
    begin(program)
    sign_in(program, "Wrong-2026")
    page = program.door.page
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
    assert not program.door.entrance.isVisible()
    assert program.sitting.window.nav.safe.saved.startswith("已存本机 ")


def test_a_forgotten_password_is_mended_with_the_card(program: Program, place: Place) -> None:
    joined = place.made()
    joined.station.close()
    begin(program)
    program.door.recover()
    dialog = homes.dialogs()[-1]
    assert isinstance(dialog, RecoverDialog)
    dialog.code.setText(joined.recovery_code)
    dialog.one.setText(homes.NEW)
    dialog.two.setText(homes.NEW)
    dialog.submit()
    settle(program)
    card = homes.dialogs()[-1]
    assert isinstance(card, CardDialog)
    assert card.code != joined.recovery_code
    card.reject()
    assert card.isVisible()
    card.kept.setChecked(True)
    card.accept()
    settle(program)
    assert program.sitting is not None


def test_a_slip_in_the_code_is_named(program: Program, place: Place) -> None:
    joined = place.made()
    joined.station.close()
    begin(program)
    program.door.recover()
    dialog = homes.dialogs()[-1]
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
    page = program.door.page
    assert isinstance(page, FaultPage)
    assert page.fault.code == "DB-1107"
    page.buttons["restore"].click()
    settle(program)
    dialog = homes.dialogs()[-1]
    assert isinstance(dialog, RestoreDialog)
    dialog.password.setText(homes.PASSWORD)
    with prepared() as seen:
        dialog.submit()
        settle(program)
    assert seen.asked[-1].title == "已恢复备份"
    sign_in(program)
    assert program.sitting is not None


def test_a_second_window_is_told_about_the_first(program: Program, place: Place) -> None:
    joined = place.made()
    begin(program)
    sign_in(program)
    page = program.door.page
    assert isinstance(page, FaultPage)
    assert "已经打开" in page.fault.title
    joined.station.close()
    page.buttons["retry"].click()
    settle(program)
    sign_in(program)
    assert program.sitting is not None


def test_lost_keys_are_a_page_and_never_a_new_start(program: Program, place: Place) -> None:
    place.made().station.close()
    for path in place.home.dir.glob("keys.json*"):
        path.unlink()
    begin(program)
    page = program.door.page
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
    lock = sitting.lock
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
    assert sitting.lock is None


def test_nobody_at_the_keys_for_long_locks_the_screen(program: Program, place: Place) -> None:
    place.made().station.close()
    begin(program)
    sign_in(program)
    sitting = program.sitting
    assert sitting is not None
    assert sitting.lock_after == 10 * 60_000
    sitting.look_at_clock()
    assert sitting.lock is None
    sitting.lock_after = 0
    sitting.look_at_clock()
    assert sitting.lock is not None


def test_another_person_can_take_over(program: Program, place: Place) -> None:
    joined = place.made()
    place.colleague(joined, "周小林", "clerk")
    joined.station.close()
    begin(program)
    sign_in(program)
    assert program.sitting is not None
    program.sitting.lock_now()
    with prepared("yes"):
        assert program.sitting.lock is not None
        program.sitting.lock.page.other.click()
        settle(program)
    assert program.sitting is None
    page = program.door.page
    assert isinstance(page, LoginPage)
    key = next(key for key, words in page.people.items() if "周小林" in words)
    page.name.set_value(key)
    sign_in(program)
    assert program.sitting is not None
    assert program.sitting.station.desk.name == "周小林"


def test_the_first_paint_waits_for_no_model_and_no_verb() -> None:
    code = "import sys, ui.main; print({'models', 'app.station', 'sync.run'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "station" not in done.stdout
    assert "sync" not in done.stdout
