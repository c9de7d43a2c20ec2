"""What all share who are not in yet: the window, one thing at a time beside it, whom to call.

The window is painted before anything heavy is loaded; all work is done beside it, by `StartupJobs`.
"""

import gc
import sys
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.kit import faults, keyfile
from app.kit.paths import Home
from app.kit.refusal import Refusal
from ui.kit.ask import ask
from ui.kit.layout import VBox
from ui.kit.waiting import Progress
from ui.shell import remembered
from ui.shell.entrance import Entrance
from ui.shell.errand import Errand

if TYPE_CHECKING:
    from ui.shell.startup_jobs import StartupJobs

T = TypeVar("T")


class _Entrance(Entrance):
    """`painted` is said whenever it was, before anything else is begun."""

    closed = Signal()
    painted = Signal()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.painted.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit()


class StartupHost(QObject):
    """`page` is what the window shows."""

    def __init__(self, home: Home, url: str | None = None) -> None:
        """``url``: the centre's database where it is on a server."""
        super().__init__()
        self.home = home
        self.url = url if home.side == "centre" else None
        self.remembered = remembered.look(home)
        self.entrance = _Entrance(self.remembered.station)
        self.errand = Errand(self)
        self.page: QWidget | None = None

    def show_page(self, page: QWidget) -> None:
        self.page = page
        self.entrance.show_page(page)

    def show_waiting(self, words: str = "") -> None:
        self.show_page(_waiting(words))

    def people(self) -> list[tuple[str, str]]:
        """Who may sign in; nobody where that cannot be read."""
        try:
            return [(one.id, one.shown) for one in keyfile.names(self.home)]
        except faults.Fault:
            return []

    def remember(self, station: str, account: str, support: str) -> None:
        """What the next start shows before anybody is in."""
        self.remembered = remembered.Remembered(station, account, support)
        remembered.remember(self.home, self.remembered)

    def beside(
        self,
        job: "Callable[[StartupJobs], T]",
        done: Callable[[T], object],
        failed: Callable[[Exception], object] | None = None,
    ) -> None:
        """Off the main thread; a failure is told unless ``failed`` takes it."""
        self.errand.run(lambda: job(self._jobs), done, failed or self.say_problem)

    @cached_property
    def _jobs(self) -> "StartupJobs":
        from ui.shell.startup_jobs import StartupJobs  # noqa: PLC0415 - heavy; loaded beside the page

        gc.freeze()  # what is loaded stays: a search for garbage there is a third of a second
        return StartupJobs(self.home, self.url)

    def say_problem(self, error: Exception) -> None:
        """A refusal is told; anything else is a bug."""
        if isinstance(error, Refusal):
            ask.tell(self.entrance, "没有做成", error.message, tone="warn")
        else:
            sys.excepthook(type(error), error, error.__traceback__)


def _waiting(words: str) -> QWidget:
    page = QWidget()
    page.setObjectName("page")
    box = VBox(page, margins=(48, 0, 48, 0))
    box.addStretch(1)
    if words:
        box.addWidget(Progress(words))
    box.addStretch(1)
    return page
