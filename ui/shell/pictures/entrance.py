"""What is seen before anybody is in: signing in, the first start, every fault."""

from functools import partial

from PySide6.QtWidgets import QApplication, QWidget

from app.account import accounts
from app.kit import faults
from app.kit.paths import Home
from app.kit.start import damaged, offers
from app.station import Station
from models.kit import clock
from ui.kit import dialog as kit
from ui.shell import first_run as start
from ui.shell.crash import CrashDialog
from ui.shell.entrance import Entrance
from ui.shell.fault_look import look_of
from ui.shell.fault_page import FaultPage
from ui.shell.first_run import FirstRun
from ui.shell.login import LoginPage
from ui.shell.pictures import scene
from ui.shell.pictures.album import Album
from ui.shell.recovery import CardDialog, RecoverDialog, RestoreDialog

CARD = "K7Q2-9F4M-TX3C-8WPA-6HND"


def entrance(album: Album, opened: Station) -> None:
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
    for shot, error in _faults(opened.home).items():
        look = look_of(error, opened.home, scene.CENTRE_PHONE)
        show(shot, FaultPage(look))
    window.show_page(login())
    _dialogs(album, window, people)
    window.close()
    window.deleteLater()


def _dialogs(album: Album, window: Entrance, people: list[tuple[str, str]]) -> None:
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


def _faults(home: Home) -> dict[str, faults.Fault]:
    return {
        "08-error-database": damaged(home, None, ""),
        "08-error-wrong-key": faults.WrongKey(actions=offers(home)),
        "08-error-newer": faults.NewerSchema(),
        "08-error-disk-full": faults.DiskFull(faults.no_room(None)),
        "08-error-locked": faults.of(PermissionError(), home.dir),
        "08-error-second": faults.SecondInstance(),
        "08-error-read-only": faults.ReadOnly(),
        "08-error-bad-disk": faults.BadDisk(),
    }
