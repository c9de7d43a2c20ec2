"""A walk through the pages and dialogs of a program at work, with a picture at each stop."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from PySide6.QtCore import QThread, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from app.station import Station
from ui.kit.view import Asked
from ui.shell.pictures.album import Album
from ui.shell.screens import DIALOGS, PAGES
from ui.shell.session import Sitting

SOON = 500


class Tour:
    """Somebody at the desk, who opens one screen after the other."""

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
        """In this window, whoever else sits at another one."""
        self.window.activateWindow()
        self.settle()
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


def to_tab(key: str) -> Callable[[Any], object]:
    """What brings a page to its tab."""
    return lambda page: page.show_tab(key)


def to_chip(key: str) -> Callable[[Any], object]:
    """What asks a list for one chip."""
    return lambda page: page.list.start(Asked(chip=key))
