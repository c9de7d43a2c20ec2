"""Every screen and dialog with invented people, as pictures: for the eye, the manual, the review.

A station of its own in a folder that is thrown away; the clock stands still.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QWidget

from app import certification, imports, retiree, seed, suspicion, visit
from app.certification import DueFilter
from app.daily import daily
from app.kit.paths import Home
from app.kit.run import look, run
from app.retiree import People
from app.seed_roster import roster
from app.station import Station
from models.kit import clock
from models.kit.ids import new_id
from sync.centre_card import CentreCard
from sync.enrol import Invited
from sync.keys import Keys
from ui.kit import dialog as kit
from ui.kit.tokens import scale
from ui.shell import fault, joining
from ui.shell import first_run as start
from ui.shell.crash import CrashDialog
from ui.shell.entrance import Entrance
from ui.shell.first_run import FirstRun
from ui.shell.login import LoginPage
from ui.shell.recovery import CardDialog, RecoverDialog, RestoreDialog
from ui.shell.screens import TABS
from ui.shell.session import Sitting

AT = datetime(2026, 11, 23, 14, 32, tzinfo=clock.SHANGHAI)
SIZES = ((1366, 688), (1920, 1000))
NAME, PASSWORD, OFFICE, CODE = "刘桂兰", "Guiyuan-2026", "桂苑社区服务站", "519902001001"
PHONE = "0876-0000-100"
Say = Callable[[str], object]


@dataclass
class Album:
    """Where the pictures go, in which sizes; `made` are their names."""

    folder: Path
    sizes: Sequence[tuple[int, int]] = SIZES
    texts: Sequence[float] = (1.0,)
    say: Say = str
    made: list[str] = field(default_factory=list)
    count: int = 0

    def shoot(self, name: str, window: QMainWindow, settle: Callable[[], object]) -> None:
        """One scene in every size."""
        self.count += 1
        for wide, tall in self.sizes:
            for text in self.texts:
                scale.set(text)
                window.resize(wide, tall)
                settle()
                for other in QApplication.topLevelWidgets():
                    if isinstance(other, kit.Dialog) and other.isVisible():
                        other.fit()
                settle()
                size = "" if text == 1.0 else f"-{round(text * 100)}"
                file = f"{self.count:02}-{name}-{wide}{size}.png"
                picture(window).save(str(self.folder / file))
                self.made.append(file)
        scale.set(1.0)
        self.say(f"{name}")


def picture(window: QMainWindow) -> QPixmap:
    """The window with its open dialogs on it, as a person sees it."""
    made = window.grab()
    painter = QPainter(made)
    for other in QApplication.topLevelWidgets():
        if other.isVisible() and other is not window and other.window().parentWidget() is not None:
            painter.drawPixmap(other.pos() - window.mapToGlobal(QPoint(0, 0)), other.grab())
    painter.end()
    return made


def take(album: Album) -> list[str]:
    """Everything, one after the other; needs an application."""
    album.folder.mkdir(parents=True, exist_ok=True)
    temporary = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    with temporary as folder, clock.freeze(AT), station(Path(folder)) as opened:
        _entrance(album)
        _inside(album, opened, Path(folder))
    return album.made


# a station ----------------------------------------------------------------------------------


@contextmanager
def station(folder: Path) -> Iterator[Station]:
    """Made of an invented invitation, with a year's work in it."""
    keys = Keys.new()
    card = CentreCard(
        id=new_id(), name="棠湖市区中心", sign=keys.public, recipient=keys.recipient,
        recovery=keys.recipient, url="https://127.0.0.1:9", certificate="", phone=PHONE,
    )  # fmt: skip
    office = {"id": new_id(), "code": CODE, "name": OFFICE, "level": "3", "phone": "0876-0000-218"}
    home = Home(folder / "home")
    made = joining.join(home, Invited(new_id(), office, card), NAME, PASSWORD).station
    try:
        _people(made)
        _work(made)
        yield made
    finally:
        made.close()


def _people(made: Station) -> None:
    rows = seed.people(180, seed=11)
    today = clock.today()
    for place, one in enumerate(rows):
        if place % 9:
            one["last_certified_on"] = today - timedelta(days=30 + place * 37 % 345)
    run(made.store, made.desk, imports.import_rows, rows, "市棉纺织厂2026年移交名册.xlsx",
        "市棉纺织厂", 6)  # fmt: skip
    run(made.store, made.program, daily)


def _work(made: Station) -> None:
    """A few of everything: returned forms, visits, calls without an answer, a doubt."""
    due = look(made.store, made.desk, certification.due_rows, DueFilter())
    tasks = [one.task_id for one in due[:20]]
    numbers = run(made.store, made.desk, certification.assign_form_numbers, tasks).result
    run(made.store, made.desk, certification.printed, tasks, "批量打印")
    for task in tasks[:8]:
        run(made.store, made.desk, certification.returned, numbers[task])
    for one in due[20:24]:
        run(made.store, made.desk, certification.plan_home, one.task_id)
    for place, one in enumerate(due[24:30]):
        values = {
            "retiree_id": one.retiree_id,
            "visited_on": clock.today() - timedelta(days=place * 9),
            "visit_type": "01",
            "way": "1",
            "visitors": NAME,
            "met_in_person": True,
            "living_note": "身体还好，药按时吃；子女周末回来。",
        }
        _quietly(partial(run, made.store, made.desk, visit.record_visit, values))
    doubted = due[31].retiree_id
    why = ("02", "三次没有接电话")
    _quietly(partial(run, made.store, made.desk, suspicion.open_suspicion, doubted, *why))


def _quietly(job: Callable[[], object]) -> None:
    """An invented person may be refused what another may do."""
    from app.kit.refusal import Refusal  # noqa: PLC0415

    try:
        job()
    except Refusal:
        return


# before anybody is in -----------------------------------------------------------------------


def _entrance(album: Album) -> None:
    window = Entrance(OFFICE)
    window.show()
    settle = QApplication.processEvents
    people = [("a", f"{NAME}（站长）"), ("b", "周小林（经办人）")]

    def show(name: str, page: QWidget) -> None:
        window.show_page(page)
        album.shoot(name, window, settle)

    login = partial(LoginPage, people, station=OFFICE, version="桑榆 0.1")
    show("login", login())
    wrong = login()
    show("login-wrong", wrong)
    wrong.refuse("口令不对，还可以再试 3 次。")
    album.shoot("login-refused", window, settle)
    show("lock", login(locked="a"))
    for step in range(4):
        show(f"first-run-{step + 1}", _first_run(step))
    for key in ("DAMAGED", "WRONG_KEY", "NEWER", "DISK_FULL", "SECOND"):
        show(f"fault-{key.lower().replace('_', '-')}", fault.FaultPage(_fault(key)))
    window.show_page(login())
    whose = f"{OFFICE} · 2026-11-23"
    dialogs: tuple[tuple[str, Dialog], ...] = (
        ("recover", RecoverDialog(window, people)),
        ("card", CardDialog(window, "K7Q2-9F4M-TX3C-8WPA-6HND", whose, clock.today())),
        ("restore", RestoreDialog(window, "今天 12:00", "缺 12:00 以后录入的", people)),
        ("crash", CrashDialog(window, ValueError(), PHONE)),
    )
    for name, dialog in dialogs:
        dialog.open()
        album.shoot(name, window, settle)
        dialog.hide()
    window.close()
    window.deleteLater()


Dialog = RecoverDialog | CardDialog | RestoreDialog | CrashDialog


def _first_run(step: int) -> FirstRun:
    page = FirstRun()
    page.show_station(start.Station(OFFICE, CODE, "棠湖市区中心", PHONE))
    if step == 2:
        page.show_card("K7Q2-9F4M-TX3C-8WPA-6HND", f"{OFFICE} · 2026-11-23 生成")
    else:
        page.go(step)
    return page


def _fault(key: str) -> fault.Fault:
    found: fault.Fault = getattr(fault, key)
    copies: tuple[fault.Backup, ...] = ()
    if key == "DAMAGED":
        copies = (
            fault.Backup("1", "今天 12:00", "自动备份 · 有 180 人 · 缺 11-23 12:00 以后录入的"),
            fault.Backup("2", "昨天 17:30", "自动备份 · 有 178 人 · 缺 11-22 17:30 以后录入的"),
        )
    return fault.with_facts(found, details="x", backups=copies, support=PHONE)


# at the desk --------------------------------------------------------------------------------


class Tour:
    """Walks through every page and dialog that is part of the program."""

    def __init__(self, album: Album, opened: Station, folder: Path) -> None:
        self.album, self.folder, self.opened = album, folder, opened
        self.sitting = Sitting(opened)
        self.window = self.sitting.window
        self.window.resize(*album.sizes[0])
        self.window.show()

    def settle(self) -> None:
        for _ in range(3):
            QApplication.processEvents()
            self.sitting.work.wait(60)
        QApplication.processEvents()

    def page(self, name: str, scene: str = "", **arguments: Any) -> QWidget | None:
        shown = self.sitting.open(name, **arguments)
        self.settle()
        self.album.shoot(scene or name, self.window, self.settle)
        return shown

    def dialog(self, name: str, scene: str = "", **arguments: Any) -> None:
        shown = self.sitting.open(name, **arguments)
        self.settle()
        self.album.shoot(f"dialog-{scene or name}", self.window, self.settle)
        if isinstance(shown, QDialog):
            shown.hide()
            shown.deleteLater()
        self.settle()

    def close(self) -> None:
        self.settle()
        self.sitting.close()


def _inside(album: Album, opened: Station, folder: Path) -> None:
    tour = Tour(album, opened, folder)
    tour.sitting.rounds.tell()
    tour.settle()
    _pages(tour)
    _imports(tour)
    _dialogs(tour)
    tour.close()


def _pages(tour: Tour) -> None:
    made = tour.opened
    somebody = look(made.store, made.desk, retiree.people, People(), 1).rows[0].id
    tour.page("workbench")
    tour.page("retirees")
    for tab in TABS["person"]:
        tour.page("person", f"person-{tab}", retiree_id=somebody, tab=tab)
    for name in ("certification", "visits", "settings"):
        for tab in TABS[name]:
            tour.page(name, f"{name}-{tab}", tab=tab)
    for name in ("exchange", "notices", "journal"):
        tour.page(name)


def _imports(tour: Tour) -> None:
    """The four steps of an import that is not written at the end."""
    page: Any = tour.page("import_roster", "import-1-file")
    path = tour.folder / "市棉纺织厂2026年移交名册.xlsx"
    path.write_bytes(roster(326, 3).data)
    page.read(path)
    tour.settle()
    tour.album.shoot("import-2-columns", tour.window, tour.settle)
    page.go_on()
    tour.settle()
    tour.album.shoot("import-3-check", tour.window, tour.settle)
    page.write()
    tour.settle()
    tour.album.shoot("import-4-result", tour.window, tour.settle)


def _dialogs(tour: Tour) -> None:
    made = tour.opened
    people = look(made.store, made.desk, retiree.people, People(), 1).rows
    somebody = people[1].id
    due = look(made.store, made.desk, certification.due_rows, DueFilter())
    doubts = look(made.store, made.desk, suspicion.suspicions).rows
    tour.sitting.open("retirees")
    tour.dialog("register")
    for name in ("edit", "family", "tags", "visit", "certify"):
        tour.dialog(name, retiree_id=somebody)
    for verb in ("suspect_death", "move_out", "lose"):
        tour.dialog("movement", f"movement-{verb}", retiree_id=somebody, verb=verb)
    tour.dialog("contact", task_id=due[0].task_id)
    if doubts:
        tour.dialog("suspicion", suspicion_id=doubts[0].id)
    tour.dialog("print_forms", task_ids=[one.task_id for one in due[:6]])
    tour.dialog("find", text="wang")
    for name in ("usb", "answer", "change_password"):
        tour.dialog(name)
    tour.window.show_shortcuts()
    tour.settle()
    tour.album.shoot("dialog-shortcuts", tour.window, tour.settle)
