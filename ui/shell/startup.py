"""From an empty screen to somebody at the desk.

The sign-in page is painted before anything heavy is loaded. Who cannot sign in is set up
(`SettingUp`) or helped (`Rescue`).
"""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal

from app.kit import faults
from app.kit.paths import Home
from ui.shell import remembered
from ui.shell.login import LoginPage
from ui.shell.rescue import Rescue
from ui.shell.setting_up import SettingUp
from ui.shell.startup_host import StartupHost

if TYPE_CHECKING:
    from app.station import Station

UNSEEN_MS = 500


class Startup(StartupHost):
    """`opened(station, then)`: somebody is in; `then` is the page to begin with. `left()`: the
    person closed the window."""

    opened = Signal(object, str)
    left = Signal()

    def __init__(self, home: Home, *, version: str = "", url: str | None = None) -> None:
        super().__init__(home, url)
        self.version = version
        self.entrance.closed.connect(self.left)
        self.waking = QTimer(self, singleShot=True, interval=UNSEEN_MS)
        self.waking.timeout.connect(self._wake)
        self.entrance.painted.connect(self._seen)
        self.setting_up, self.rescue = SettingUp(self), Rescue(self)
        self.setting_up.ready.connect(self.let_in)
        self.setting_up.failed.connect(self.show_problem)
        self.rescue.renewed.connect(self.sign_in)
        self.rescue.again.connect(self._retry)
        self.rescue.anew.connect(self.setting_up.begin)
        self.rescue.failed.connect(self.show_problem)

    # beginning --------------------------------------------------------------------------

    def begin(self) -> None:
        """Paint first; what that needs is a small file. All else waits until it is painted, or for
        a while where nobody can see it."""
        people = self.people()
        if people and not self.home.restoring.exists():
            self.show_login(people)
        else:
            self.show_waiting("正在打开…")
        self.entrance.resize(1366, 688)
        self.entrance.showMaximized()
        self.waking.start()

    def _seen(self) -> None:
        if self.waking.isActive():
            self.waking.start(0)

    def again(self) -> None:
        """After somebody has left: who is next?"""
        self.remembered = remembered.look(self.home)
        self.entrance.showMaximized()
        self._wake()

    def _wake(self) -> None:
        self.beside(lambda jobs: jobs.state(), self._awake, self.show_problem)

    def _awake(self, state: str) -> None:
        if state == "new":
            self.setting_up.begin()
        elif not isinstance(self.page, LoginPage):
            self.show_login(self.people())

    def _retry(self) -> None:
        self.show_waiting("正在打开…")
        self._wake()

    # signing in -------------------------------------------------------------------------

    def show_login(self, people: list[tuple[str, str]]) -> None:
        page = LoginPage(people, station=self.remembered.station, version=self.version)
        page.choose(self.remembered.last)
        page.submitted.connect(self.sign_in)
        page.forgotten.connect(self.recover)
        self.show_page(page)

    def sign_in(self, account: str, password: str) -> None:
        self.beside(
            lambda jobs: jobs.open(account, password),
            partial(self._in, account),
            self._not_in,
        )

    def _in(self, account: str, station: "Station") -> None:
        office = station.office
        self.remember(office.name, account, office.centre_phone or self.remembered.support)
        self.beside(
            lambda jobs: jobs.step(station), partial(self._go_on, station), self.show_problem
        )

    def _go_on(self, station: "Station", step: int) -> None:
        if step == 2:
            self.setting_up.resume(station)
        else:
            self.let_in(station, "first" if step == 3 else "")

    def let_in(self, station: "Station", then: str) -> None:
        self.opened.emit(station, then)
        self.entrance.hide()
        self.show_waiting()

    def _not_in(self, error: Exception) -> None:
        page = self.page
        if not isinstance(page, LoginPage):
            self.show_problem(error)
        elif isinstance(error, faults.LockedOut):
            page.wait(error.message)
            QTimer.singleShot(max(1, error.minutes) * 60_000, page, page.wait_over)
        elif isinstance(error, faults.WrongPassword | faults.NoSuchAccount):
            page.refuse(error.message)
        else:
            self.show_problem(error)

    def recover(self) -> None:
        """Whoever is chosen on the page has forgotten the password."""
        self.rescue.recover(self.page.key if isinstance(self.page, LoginPage) else "")

    # what goes wrong --------------------------------------------------------------------

    def show_problem(self, error: Exception) -> None:
        """A fault has its page; a refusal is told; anything else is a bug."""
        if isinstance(error, faults.NotSetUp):
            self.setting_up.begin()
        elif isinstance(error, faults.Fault):
            self.rescue.show_fault(error)
        else:
            self.say_problem(error)
            if isinstance(self.page, LoginPage):
                self.page.welcome_back()

    def close(self) -> None:
        self.waking.stop()
        self.errand.close()
        self.setting_up.close()
        self.entrance.closed.disconnect(self.left)
        self.entrance.close()
        self.entrance.deleteLater()
