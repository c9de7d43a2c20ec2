"""Every screen and dialog with invented people, as pictures: for the eye, the manual, the review.

A station of its own in a folder that is thrown away; the clock stands still. The names begin with
the number of the drawn screen.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6.QtCore import (
    QMessageLogContext,
    QPoint,
    QThread,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QWidget

from app import attachment, retiree, seed_pictures, suspicion, visit
from app.account import accounts
from app.attachment import New
from app.kit import backup
from app.printing.kit import codes
from app.seed_roster import roster
from app.station import Station
from models.attachment import Blob, digest_of
from models.kit import clock
from ui.kit import dialog as kit
from ui.kit import scan as gun
from ui.kit.pictures import Source
from ui.kit.tokens import scale
from ui.kit.view import Asked
from ui.shell import fault, faults, scene
from ui.shell import first_run as start
from ui.shell.crash import QUIET, CrashDialog
from ui.shell.entrance import Entrance
from ui.shell.first_run import FirstRun
from ui.shell.login import LoginPage
from ui.shell.recovery import CardDialog, RecoverDialog, RestoreDialog
from ui.shell.scene import Scene
from ui.shell.screens import DIALOGS, PAGES
from ui.shell.session import Sitting

SIZES = ((1366, 688), (1920, 1000))
SOON = 500
CARD = "K7Q2-9F4M-TX3C-8WPA-6HND"
Say = Callable[[str], object]
Settle = Callable[[], object]
# a centre with its stations, which this side of the fence cannot make
Centre = Callable[[Path, datetime], AbstractContextManager[Station]]
# the city above that centre
City = Callable[[Station, Path, datetime], AbstractContextManager[Station]]


@dataclass
class Album:
    """Where the pictures go, in which sizes; `made` are their names, `outgrown` those of pages
    that need a larger window, `left` the names of screens that are not part of this program."""

    folder: Path
    sizes: Sequence[tuple[int, int]] = SIZES
    texts: Sequence[float] = (1.0,)
    say: Say = str
    centre: Centre | None = None
    city: City | None = None
    made: list[str] = field(default_factory=list)
    outgrown: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    hears: Any = None

    def shoot(self, name: str, window: QMainWindow, settle: Settle) -> None:
        """One scene in every size."""
        for size in self.sizes:
            self._shoot(name, window, settle, size)
        resize(window, self.sizes[0], settle)
        self.say(name)

    def _shoot(self, name: str, window: QMainWindow, settle: Settle, size: tuple[int, int]) -> None:
        resize(window, size, settle)
        for other in QApplication.topLevelWidgets():
            if isinstance(other, kit.Dialog) and other.isVisible():
                other.fit()
        settle()
        letters = "" if scale.value == 1.0 else f"-font{round(scale.value * 100)}"
        file = f"{name}-{size[0]}{letters}.png"
        shot = picture(window)
        if (window.width(), window.height()) != size:
            self.outgrown.append(file)
        taken = shot.save(str(self.folder / file))
        if self.errors:
            raise self.errors[0]
        if not taken:
            raise OSError(f"cannot write {file}")
        self.made.append(file)

    @contextmanager
    def strict(self) -> Iterator[None]:
        """What fails beside the main line, in a slot or a job, fails the pictures too."""
        before, mute = sys.excepthook, gun.muted
        sys.excepthook, gun.muted = self._failed, True
        self.hears = qInstallMessageHandler(self._hear)
        try:
            yield
        finally:
            sys.excepthook, gun.muted = before, mute
            qInstallMessageHandler(self.hears)
            scale.set(1.0)

    def _hear(self, kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        """What a platform without a screen cannot do is no news."""
        if any(part in message for part in QUIET):
            return
        if self.hears is not None:
            self.hears(kind, context, message)
        else:
            sys.stderr.write(f"{message}\n")

    def _failed(
        self, _kind: type[BaseException], error: BaseException, _trace: TracebackType | None
    ) -> None:
        self.errors.append(error)


def resize(window: QMainWindow, size: tuple[int, int], settle: Settle) -> None:
    """A page laid out for a wide window gives way step by step."""
    for _ in range(4):
        window.resize(*size)
        settle()
        if (window.width(), window.height()) == size:
            return


def picture(window: QMainWindow) -> QPixmap:
    """The window with its open dialogs on it, as a person sees it."""
    made = window.grab()
    painter = QPainter(made)
    for other in QApplication.topLevelWidgets():
        if other.isVisible() and other is not window and other.window().parentWidget() is not None:
            painter.drawPixmap(other.pos() - window.mapToGlobal(QPoint(0, 0)), other.grab())
    painter.end()
    return made


def take(album: Album) -> Album:
    """Everything in every text size, each from the beginning; needs an application."""
    album.folder.mkdir(parents=True, exist_ok=True)
    with album.strict():
        for text in album.texts:
            scale.set(text)
            _take(album)
    album.made.sort()
    album.left = sorted(set(album.left))
    return album


def _take(album: Album) -> None:
    temporary = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    with temporary as name:
        folder = Path(name)
        with scene.worked(folder / "home") as made, clock.freeze(scene.NOW):
            with seated(album, made.station) as tour:
                _pages(tour, made)
                _dialogs(tour, made)
                _imports(tour, folder)
                _voided(tour, made, made.person("王秀英"))
            _entrance(album, made.station)
        with (
            scene.empty(folder / "new") as fresh,
            clock.freeze(scene.NOW),
            seated(album, fresh) as tour,
        ):
            _first_day(tour)
        if album.centre is None:
            return
        with (
            album.centre(folder / "district", scene.NOW) as central,
            clock.freeze(scene.NOW),
            seated(album, central) as tour,
        ):
            _centre(tour)
            if album.city is not None:
                with (
                    album.city(central, folder, scene.NOW) as above,
                    seated(album, above) as higher,
                ):
                    _city(higher)


# at the desk --------------------------------------------------------------------------------


class Tour:
    """Walks through pages and dialogs of a station at work."""

    def __init__(self, album: Album, opened: Station) -> None:
        self.album, self.opened = album, opened
        self.sitting = Sitting(opened)
        self.window = self.sitting.window
        self.window.resize(*album.sizes[0])
        self.window.show()
        self.sitting.rounds.tell()

    def settle(self) -> None:
        """Until every answer is here and drawn, also what waits for a pause in typing."""
        self._answers()
        while self._soon():
            QThread.msleep(10)
            self._answers()

    def _answers(self) -> None:
        for _ in range(3):
            QApplication.processEvents()
            self.sitting.work.wait(60)
        QApplication.processEvents()

    def _soon(self) -> bool:
        timers = self.sitting.findChildren(QTimer) + self.window.findChildren(QTimer)
        return any(
            one.isActive() and one.isSingleShot() and one.interval() <= SOON for one in timers
        )

    def there(self, name: str, shot: str) -> bool:
        """Is this screen part of the program?"""
        if name not in PAGES and name not in DIALOGS:
            self.album.left.append(shot)
            return False
        return True

    def shoot(self, shot: str) -> None:
        self.album.shoot(shot, self.window, self.settle)

    def open(self, name: str, **arguments: Any) -> Any:
        shown = self.sitting.open(name, **arguments)
        self.settle()
        return shown

    def page(
        self, shot: str, name: str, then: Callable[[Any], object] | None = None, **arguments: Any
    ) -> Any:
        """`then` brings the page to what the picture is to show."""
        if not self.there(name, shot):
            return None
        shown = self.open(name, **arguments)
        if then is not None:
            then(shown)
            self.settle()
        self.shoot(shot)
        return shown

    def dialog(self, shot: str, name: str, **arguments: Any) -> None:
        if not self.there(name, shot):
            return
        shown = self.open(name, **arguments)
        self.shoot(shot)
        self.put_away(shown)

    def put_away(self, shown: QWidget | None) -> None:
        if isinstance(shown, QDialog):
            shown.done(0)
            shown.deleteLater()
        self.settle()


@contextmanager
def seated(album: Album, opened: Station) -> Iterator[Tour]:
    """Somebody at the desk."""
    tour = Tour(album, opened)
    tour.settle()
    try:
        yield tour
    finally:
        tour.settle()
        tour.sitting.close()


def _pages(tour: Tour, made: Scene) -> None:
    tour.page("01-workbench", "workbench")
    _list(tour)
    key = made.person("王秀英")
    _pictured(made, key)
    tabs = ("basic", "certification", "visits", "family", "timeline")
    for number, tab in enumerate(tabs, 1):
        tour.open("retirees")
        tour.page(f"03-detail-{number}-{tab}", "person", retiree_id=key, tab=tab)
    tour.open("retirees")
    tour.page("03-detail-away", "person", retiree_id=made.person("周桂芳"))
    _certification(tour, made)
    tour.page("06-exchange", "exchange")
    for tab in ("plan", "records", "people"):
        tour.page(f"11-visits-{tab}", "visits", _tab(tab))
    _handovers(tour, made)
    for number, tab in enumerate(("station", "people", "devices", "rules", "backup", "size"), 1):
        tour.open("workbench")
        tour.page(f"13-settings-{number}-{tab}", "settings", tab=tab)
    for name in ("journal", "notices"):
        tour.open("workbench")
        tour.page(f"13-{name}", name)


def _voided(tour: Tour, made: Scene, key: str) -> None:
    """A visit, a relative and a picture that do not count; where one looks for them, and all."""
    person = made.ask(retiree.person, key)
    made.do(visit.void_visit, person.visits[0].id, "登记成了同楼的罗玉梅")
    made.do(retiree.set_family, key, [])
    made.do(attachment.remove_portrait, key)
    tour.page("16-voided-person", "person", retiree_id=key, tab="family")
    tour.page("16-voided", "voided")


def _handovers(tour: Tour, made: Scene) -> None:
    """Who comes, what was written too late, who goes; how it shows on the first page and the
    person's."""
    scene.handed(made)
    tour.page("15-workbench-handover", "workbench")
    for chip in ("offers", "late", "sent"):
        tour.open("workbench")
        tour.page(f"15-handover-{chip}", "handovers", chip=chip)
    tour.page("15-handover-list", "retirees")
    tour.page("15-handover-person", "person", retiree_id=made.person("潘惠芬"))
    tour.dialog("15-handover-stay", "movement", retiree_id=made.person("潘惠芬"), verb="stay")


def _pictured(made: Scene, key: str) -> None:
    """A face, papers, and photos of the last visit, one of which has not arrived."""
    made.do(attachment.set_portrait, key, seed_pictures.portrait())
    papers = [
        New(seed_pictures.paper(), "11", caption="正面"),
        New(seed_pictures.paper(pages=3), "23", caption="委托儿子代办"),
    ]
    made.do(attachment.attach, key, papers)
    trip = made.ask(retiree.person, key).visits[0].id
    photos = [New(seed_pictures.doorway(hour), "02") for hour in (9, 20)]
    made.do(attachment.attach, key, photos, visit_id=trip)
    with made.station.store.apply() as session:
        session.query(Blob).filter_by(sha256=digest_of(photos[0].picture.data)).delete()


def _attachments(tour: Tour, made: Scene, key: str) -> None:
    rows = made.ask(attachment.attachments, key)
    photos = sorted((one for one in rows if one.visit_id), key=lambda one: not one.arrived)
    (paper,) = (one for one in rows if one.pages > 1)
    shots = {"photo": photos[0], "absent": photos[-1], "pdf": paper}
    for words, one in shots.items():
        among = [row.id for row in rows]
        tour.dialog(
            f"03-attachment-{words}",
            "attachment",
            attachment_id=one.id,
            among=among,
            whose="王秀英",
        )
    tour.dialog("03-attachment-words", "describe", row=paper)
    scan = Source("身份证.jpg", None, seed_pictures.paper(seed_pictures.BLUISH).data)
    letter = Source("合同.docx", None, b"PK")
    tour.dialog("03-attachment-add", "attach", retiree_id=key, sources=[scan, letter])


def _list(tour: Tour) -> None:
    """The list: its side panel, ticks, those to complete, nobody found, a toast over it."""
    tour.page("02-retirees", "retirees")
    tour.page("02-retirees-batch-select", "retirees", _tick)
    tour.open("retirees").list.list.clear_ticks()
    tour.page("02-retirees-search-pinyin", "retirees", _search("wxy"))
    tour.page("08-no-result", "retirees", _search("wangxy 0629"))
    tour.open("retirees").list.clear_all()
    for tab in ("gone", "missing"):
        tour.page(f"02-retirees-{tab}", "retirees", partial(_choose, tab))
    tour.open("retirees").choose("list")
    tour.window.say("已保存 王秀英 的走访记录", lambda: None)
    tour.shoot("08-toast-undo")
    tour.window.toast.hide()
    tour.dialog("02-find-ctrl-k", "find", text="wxy")


def _search(text: str) -> Callable[[Any], object]:
    return lambda page: page.list.start(Asked(chip="managed", text=text))


def _choose(tab: str, page: Any) -> None:
    page.choose(tab)


def _tab(key: str) -> Callable[[Any], object]:
    return lambda page: page.show_tab(key)


def _tick(page: Any) -> None:
    for row in range(3):
        page.list.list.model.tick(row)


def _tick_people(page: Any) -> None:
    for row in range(9, 12):
        page.people.list.model.tick(row)


def _certification(tour: Tour, made: Scene) -> None:
    tour.page("04-certification-scan", "certification")
    payload = next(iter(made.numbers.values()), "")
    tour.page("04-certification-scan-ok", "certification", _scan(payload))
    number = codes.form_no("0" * 32, 77, 2026)
    foreign = codes.payload("RZ1", scene.OTHER_CODE, number, "0011AABB")
    tour.page("04-certification-scan-other", "certification", _scan(foreign))
    for tab in ("due", "home", "suspicion", "months", "periods"):
        tour.page(f"04-certification-{tab}", "certification", _tab(tab))


def _scan(text: str) -> Callable[[Any], object]:
    return lambda page: page.tab.take(text)


def _dialogs(tour: Tour, made: Scene) -> None:
    key, due = made.person("王秀英"), made.due()
    tour.open("retirees")
    tasks = tuple(one.task_id for one in due[:8])
    tour.dialog("04-certification-print-preview", "print_forms", task_ids=tasks)
    tour.dialog("04-contact", "contact", task_id=due[0].task_id)
    doubt = made.ask(suspicion.suspicions).rows[0]
    tour.dialog("04-suspicion", "suspicion", suspicion_id=doubt.id)
    _attachments(tour, made, key)
    tour.dialog("05-form-register", "register")
    tour.dialog("05-form-edit", "edit", retiree_id=key)
    tour.dialog("05-form-visit", "visit", retiree_id=key)
    tour.dialog("05-form-visit-certify", "visit", retiree_id=key, also_certify=True)
    tour.dialog("05-form-certify", "certify", retiree_id=key)
    tour.dialog("05-form-family", "family", retiree_id=key)
    tour.dialog("05-form-tags", "tags", retiree_id=key)
    for verb, words in (("suspect_death", "death"), ("move_out", "away"), ("lose", "lost")):
        tour.dialog(f"05-form-{words}", "movement", retiree_id=key, verb=verb)
    tour.open("exchange")
    tour.dialog("06-exchange-usb", "usb")
    tour.dialog("06-exchange-answer", "answer")
    tour.dialog("06-exchange-salvage", "salvage")
    _settings(tour)
    tour.window.show_shortcuts()
    tour.settle()
    tour.shoot("13-shortcuts")
    tour.put_away(QApplication.activeModalWidget())
    tour.sitting.lock_now()
    tour.settle()
    tour.shoot("08-lock")
    if tour.sitting.lock is not None:
        tour.sitting.lock.uncover()
        tour.sitting.lock = None


def _settings(tour: Tour) -> None:
    tour.open("workbench")
    page = tour.open("settings", tab="people")
    for shot, act in (
        ("new", "add_person"),
        ("roles", "change_roles"),
        ("reset", "reset_password"),
    ):
        getattr(page.tab, act)()
        tour.settle()
        tour.shoot(f"13-account-{shot}")
        tour.put_away(QApplication.activeModalWidget())
    tour.dialog("13-change-password", "change_password")


def _imports(tour: Tour, folder: Path) -> None:
    """The four steps; the last one really writes."""
    tour.open("retirees")
    page = tour.page("07-import-1-file", "import_roster")
    if page is None:
        return
    path = folder / "市棉纺织厂2026年第二批移交名册.xlsx"
    path.write_bytes(roster(160, 3).data)
    page.read(path)
    tour.settle()
    tour.shoot("07-import-2-mapping")
    page.go_on()
    tour.settle()
    tour.shoot("07-import-3-check")
    page.write()
    tour.settle()
    tour.shoot("07-import-4-result")


def _first_day(tour: Tour) -> None:
    """Nobody is registered yet."""
    tour.page("08-empty-workbench", "workbench")
    tour.page("08-empty-list", "retirees")
    tour.page("08-empty-certification", "certification", _tab("due"))
    tour.page("08-empty-exchange", "exchange")


def _centre(tour: Tour) -> None:
    """The other role: what waits, the stations, the disputes, what came to nothing."""
    tour.page("14-centre-overview", "overview")
    for chip in ("all", "needs", "invited", "revoked"):
        tour.page(f"14-centre-stations-{chip}", "stations", _chip(chip))
    everybody = tour.page("14-centre-people", "people")
    if everybody is not None:
        tour.page("14-centre-person", "person", retiree_id=everybody.list.list.rows[0].id)
    tour.page("14-centre-notices", "notices")
    tour.dialog("14-centre-results", "results")
    for tab in ("people", "rules", "backup"):
        tour.page(f"14-centre-settings-{tab}", "settings", tab=tab)
        tour.open("overview")
    tour.page("14-centre-disputes", "disputes")
    for place, name in enumerate(("number", "state")):
        row = tour.sitting.window.page().list.list.rows[place]  # type: ignore[union-attr]
        dialog = tour.open("dispute", about=row.id)
        if place:
            dialog.parts[0].sides[1][0].setChecked(True)
            dialog.ground.setPlainText("女儿来站说明，医院的证明随后补来")
        tour.shoot(f"14-centre-dispute-{name}")
        tour.put_away(dialog)
    for chip in ("aside", "held", "files", "twice", "certs"):
        tour.page(f"14-centre-troubles-{chip}", "troubles", _chip(chip))
    shown = tour.page("14-centre-transfers-people", "transfers", _tick_people)
    if shown is not None:
        tour.dialog("14-centre-assign", "assign", people=shown.people.list.ticked())
    for chip in ("open", "refused", "over"):
        tour.page(f"14-centre-transfers-{chip}", "transfers", chip=chip)


def _city(tour: Tour) -> None:
    """The same program above the districts: they are what reports."""
    tour.page("16-city-overview", "overview")
    for chip in ("all", "needs", "invited"):
        tour.page(f"16-city-stations-{chip}", "stations", _chip(chip))
    everybody = tour.page("16-city-people", "people")
    if everybody is not None:
        key = everybody.list.list.rows[0].id
        for tab in ("basic", "timeline"):
            tour.page(f"16-city-person-{tab}", "person", retiree_id=key, tab=tab)
    tour.page("16-city-troubles", "troubles")
    for tab in ("people", "rules"):
        tour.page(f"16-city-settings-{tab}", "settings", tab=tab)
        tour.open("overview")


def _chip(key: str) -> Callable[[Any], object]:
    return lambda page: page.list.start(Asked(chip=key))


# before anybody is in -----------------------------------------------------------------------


def _entrance(album: Album, opened: Station) -> None:
    window = Entrance(scene.OFFICE)
    window.resize(*album.sizes[0])
    window.show()
    settle = QApplication.processEvents
    with opened.store.look() as session:
        people = [(one.id, f"{one.name}（{one.role_names}）") for one in accounts(session)]

    def show(shot: str, page: QWidget) -> None:
        window.show_page(page)
        album.shoot(shot, window, settle)

    login = partial(LoginPage, people, station=scene.OFFICE, version="桑榆 0.1")
    show("08-login", login())
    wrong = login()
    window.show_page(wrong)
    wrong.refuse("口令不对，还可以再试 3 次。注意大写键已打开")
    album.shoot("08-login-error", window, settle)
    for step, words in enumerate(("station", "password", "card", "roster")):
        show(f"08-first-run-{step + 1}-{words}", _first_run(step))
    copies = tuple(
        fault.Backup(str(one.path), one.shown, faults.missing(one))
        for one in backup.copies(opened.home)[:3]
    )
    show("08-error-database", fault.FaultPage(_fault("DAMAGED", copies)))
    for key in ("WRONG_KEY", "NEWER", "DISK_FULL", "LOCKED", "SECOND"):
        show(f"08-error-{key.lower().replace('_', '-')}", fault.FaultPage(_fault(key)))
    window.show_page(login())
    _entrance_dialogs(album, window, people)
    window.close()
    window.deleteLater()


def _entrance_dialogs(album: Album, window: Entrance, people: list[tuple[str, str]]) -> None:
    shown: tuple[tuple[str, kit.Dialog], ...] = (
        ("08-recover", RecoverDialog(window, people)),
        ("08-card", CardDialog(window, CARD, scene.OFFICE, clock.today())),
        ("08-restore", RestoreDialog(window, "今天 12:00", "缺 12:00 以后录入的", people)),
        ("08-crash", CrashDialog(window, ValueError(), scene.CENTRE_PHONE)),
    )
    for shot, dialog in shown:
        dialog.open()
        album.shoot(shot, window, QApplication.processEvents)
        dialog.hide()
        dialog.deleteLater()


def _first_run(step: int) -> FirstRun:
    page = FirstRun()
    page.show_station(start.Station(scene.OFFICE, scene.CODE, scene.CENTRE, scene.CENTRE_PHONE))
    if step == 2:
        page.show_card(CARD, f"{scene.OFFICE} · 2026-11-23 生成")
    else:
        page.go(step)
    return page


def _fault(key: str, copies: tuple[fault.Backup, ...] = ()) -> fault.Fault:
    found: fault.Fault = getattr(fault, key)
    return fault.with_facts(found, details="x", backups=copies, support=scene.CENTRE_PHONE)
