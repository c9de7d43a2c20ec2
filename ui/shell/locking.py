"""When the desk is left alone, or whoever sits there may no longer: covered after a while or at
once, and opened by this person's password alone."""

import time

from PySide6.QtCore import QObject, QTimer, Signal

from app.kit import faults
from app.kit.refusal import Refusal
from app.station import Station
from ui.kit.ask import ask
from ui.kit.work import Work
from ui.shell.lock import LockScreen
from ui.shell.window import Window

LOOK_EVERY = 10_000


def elapsed() -> float:
    """Milliseconds that a computer asleep counts too, which Linux has in a clock of its own."""
    asleep_too = getattr(time, "CLOCK_BOOTTIME", None)
    return 1000 * (time.monotonic() if asleep_too is None else time.clock_gettime(asleep_too))


class Locking(QObject):
    """`screen` while it is locked. `other_wanted()`: somebody else is to sign in instead."""

    other_wanted = Signal()

    def __init__(self, station: Station, work: Work, window: Window, parent: QObject) -> None:
        super().__init__(parent)
        self.station, self.work, self.window = station, work, window
        self.screen: LockScreen | None = None
        self.after = 10 * 60_000
        self.moved_at = elapsed()
        self.watch = QTimer(self, interval=LOOK_EVERY)
        self.watch.timeout.connect(self.look_at_clock)
        work.changed.connect(self._changed)

    def begin(self) -> None:
        self.moved_at = elapsed()
        self.watch.start()

    def close(self) -> None:
        self.watch.stop()
        if self.screen is not None:
            self.screen.uncover()

    def wait_minutes(self, minutes: int) -> None:
        """How long the hands may rest."""
        self.after = minutes * 60_000

    def hands_moved(self) -> None:
        """The hand that wakes a computer after days may be anybody's."""
        self.look_at_clock()
        self.moved_at = elapsed()

    def look_at_clock(self) -> None:
        if elapsed() - self.moved_at >= self.after:
            self.lock_now()

    def lock_now(self) -> None:
        """Covers everything; what is being filled in stays as it is."""
        if self.screen is not None:
            return
        desk, office = self.station.desk, self.station.office
        self.screen = LockScreen(self.window, desk.account, desk.name, office.name)
        self.screen.page.submitted.connect(self._unlock)
        self.screen.page.forgotten.connect(self._forgotten)
        self.screen.page.other_wanted.connect(self._other)
        self.screen.cover()

    def _changed(self, tables: frozenset[str]) -> None:
        """An answer may have brought what the other computer did to this person's account."""
        if "account" in tables:
            self.work.call(self.station.stays, failed=self._no_longer)

    def _no_longer(self, error: Exception) -> None:
        if not isinstance(error, faults.Fault):  # else the next sign-in sees it
            self.lock_now()
            self._still_locked(error)

    def _unlock(self, _key: str, password: str) -> None:
        self.work.call(
            self.station.again,
            password,
            done=self._unlocked,
            failed=self._still_locked,
        )

    def _unlocked(self, _nothing: object) -> None:
        if self.screen is not None:
            self.screen.uncover()
            self.screen = None
        self.moved_at = elapsed()

    def _still_locked(self, error: Exception) -> None:
        if self.screen is None:
            return
        page = self.screen.page
        if isinstance(error, faults.LockedOut):
            page.wait(error.message)
            QTimer.singleShot(max(1, error.minutes) * 60_000, page, page.wait_over)
        else:
            said = error.message if isinstance(error, Refusal) else "没有解开，请再试一次"
            page.refuse(said)

    def _forgotten(self) -> None:
        if self.screen is not None:
            text = "请点“换人登录”，在登录页用恢复口令卡重设口令。没有保存的表单有草稿，不会丢"
            ask.tell(self.screen, "忘记口令", text)

    def _other(self) -> None:
        text = "没有保存的表单留有草稿，下次打开可以继续填写。"
        parent = self.screen or self.window
        if ask.confirm(parent, "换人登录", text, act="换人登录", danger=False):
            self.other_wanted.emit()
