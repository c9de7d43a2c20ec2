"""What goes wrong while the desk is open: a full disk, a clock that leaps, a computer asleep."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from sqlalchemy import func, select

from app import draft
from app.kit.run import look
from models.cert_task import OVERDUE, CertTask
from models.kit import clock
from models.suspicion import Suspicion
from sync.centre import sticks
from tests import disks
from tests.conftest import NOW
from tests.ui import homes
from tests.ui.homes import Place, rest, words
from tests.ui.test_exchange import WANG, open_usb, page_of, register
from ui.kit.ask import prepared
from ui.pages.exchange.station import stick
from ui.pages.register import PersonForm
from ui.shell import locking
from ui.shell.session import Sitting

FULL = "硬盘快满了（剩 0 MB），请清理后再继续；已存的资料没有影响"


@pytest.fixture
def place(tmp_path: Path, qapp: QApplication) -> Iterator[Place]:
    with homes.place(tmp_path) as made:
        yield made


@pytest.fixture
def desk(place: Place) -> Iterator[Sitting]:
    with homes.sitting(place.made(approved=True).station) as made:
        yield made


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """The data folder's own disk."""
    with disks.small(tmp_path / "home", 40) as made:
        yield made


def fill(small: Path) -> Path:
    """To the last byte."""
    junk = small / "junk"
    with junk.open("wb", buffering=0) as out:
        for size in (2**20, 4096, 1):
            try:
                while out.write(bytes(size)):
                    pass
            except OSError:
                continue
    return junk


def typing(desk: Sitting) -> PersonForm:
    dialog = homes.page(desk, PersonForm, "register")
    QTest.keyClicks(dialog.form.editors["name"].widget, "wang")
    return dialog


def kept(desk: Sitting) -> Any:
    return look(desk.station.store, desk.station.desk, draft.find, "retiree", "")


def test_what_is_typed_without_a_rest_is_kept_meanwhile(desk: Sitting) -> None:
    dialog = homes.page(desk, PersonForm, "register")
    dialog.drafts.timer.setInterval(60)
    for letter in "wangxiuying":
        QTest.keyClicks(dialog.form.editors["name"].widget, letter)
        QTest.qWait(20)
    desk.work.wait()
    dialog.drafts.timer.stop()
    assert kept(desk) is not None


def test_what_is_typed_while_the_draft_is_being_kept_is_kept_too(desk: Sitting) -> None:
    dialog = typing(desk)
    dialog.drafts.keep()
    QTest.keyClicks(dialog.form.editors["name"].widget, "xiu")
    rest(desk)
    dialog.reject()
    rest(desk)
    assert kept(desk).values["name"] == "wangxiu"


def test_a_draft_for_which_there_is_no_room_is_told_in_the_form_and_not_lost_with_it(
    small: Path, desk: Sitting
) -> None:
    junk, dialog = None, typing(desk)
    junk = fill(small)
    with prepared(homes.NO, homes.YES) as seen:
        dialog.drafts.keep()
        rest(desk)
        assert seen.asked == []  # nothing comes between the hands and the form
        assert words(dialog.banner) == f"草稿没有存下\n{FULL}。填的内容还在这里，请先不要关掉"
        dialog.reject()
        rest(desk)
        assert dialog.isVisible()
        assert dialog.form.values()["name"] == "wang"
        dialog.reject()
        rest(desk)
        assert not dialog.isVisible()
    assert [one.title for one in seen.asked] == ["草稿没有存下"] * 2
    dialog.open()
    junk.unlink()
    dialog.drafts.keep()
    rest(desk)
    assert not dialog.banner.isVisible()
    assert kept(desk).values["name"] == "wang"


def test_a_form_for_which_there_is_no_room_has_nothing_to_be_corrected(
    small: Path, desk: Sitting
) -> None:
    dialog = typing(desk)
    junk = fill(small)
    dialog.write(WANG, {}, dialog._saved, dialog._refused)
    rest(desk)
    assert words(dialog.banner) == f"没有做成\n{FULL}；填的内容还在这里，不用重填"
    junk.unlink()
    dialog.write(WANG, {}, dialog._saved, dialog._refused)
    rest(desk)
    assert not dialog.isVisible()


def test_receipts_that_find_no_room_here_are_not_said_to_be_missing_from_the_stick(
    small: Path, place: Place, desk: Sitting
) -> None:
    register(desk)
    stick.write_stick(desk.station, place.stick)
    sticks.unpack_stick(place.world.centre, place.stick)
    sticks.pack_stick(place.world.centre, place.stick)
    dialog = open_usb(desk)
    junk = fill(small)
    dialog.take_in(place.stick)
    rest(desk)
    assert dialog.back.title.text() == "没有读到给本站的新回执"
    assert "U盘上的文件没有动，清理硬盘后再读" in dialog.back.text.text()
    junk.unlink()
    dialog.take_in(place.stick)
    rest(desk)
    assert "上报完成" in dialog.back.title.text()


def test_an_exchange_for_which_there_is_no_room_lets_go_of_the_line(
    small: Path, place: Place
) -> None:
    with homes.served(place), homes.sitting(place.made(approved=True).station) as desk:
        register(desk)
        page = page_of(desk)
        junk = fill(small)
        page.sync()
        rest(desk)
        assert "硬盘快满了" in page.status.text.text()
        junk.unlink()
        page.sync()
        rest(desk, 8)
        assert page.status.title.text() == "数据安全"


def dated(desk: Sitting) -> tuple[int, int]:
    """People said to be overdue, and doubts."""
    with desk.station.store.look() as session:
        late = select(func.count(CertTask.id)).where(CertTask.state == OVERDUE)
        return session.scalar(late) or 0, session.scalar(select(func.count(Suspicion.id))) or 0


def test_a_clock_that_leaps_while_the_desk_is_open_dates_nothing_before_it_is_looked_at(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.freeze(NOW), homes.sitting(place.made(approved=True).station) as desk:
        register(desk, last_certified_on=NOW.date() - timedelta(days=30))
        rounds = desk.rounds
        told: list[Any] = []
        rounds.start()
        rounds.timer.stop()
        rest(desk)
        before = dated(desk)
        with clock.freeze(NOW.replace(year=2066)):
            monkeypatch.setattr("ui.kit.ask.ask.answer", told.append)
            monkeypatch.setattr(rounds, "go_on", lambda: None)  # somebody puts it right first
            for _ in range(3):
                rounds.tick()
                rest(desk)
        monkeypatch.undo()
        rounds.go_on()
        rest(desk)
        assert [one.title for one in told] == ["请核对这台电脑的日期"]
        assert "现在是 2066-" in told[0].text
        assert dated(desk) == before
        assert rounds.day == clock.today()
        with clock.freeze(NOW + timedelta(days=9)), prepared() as seen:  # asleep over the holidays
            rounds.tick()
            rest(desk)
            assert seen.asked == []
            assert rounds.day == clock.today()


def test_the_hand_that_wakes_a_computer_after_days_finds_it_locked(
    desk: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, now = page_of(desk), locking.elapsed()
    desk.window.activateWindow()
    desk._watch_hands(desk.window.windowHandle())
    QTest.keyClick(desk.window.windowHandle(), Qt.Key.Key_Tab)
    assert desk.locking.screen is None
    monkeypatch.setattr(locking, "elapsed", lambda: now + 3 * 24 * 3600_000)
    QTest.keyClick(desk.window.windowHandle(), Qt.Key.Key_Space)
    assert desk.locking.screen is not None
    assert desk.locking.screen.isVisible()
    assert not page.running
