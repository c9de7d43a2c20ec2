"""What the program does by itself, beside the person's work: the daily round, backups, rehearsals
of recovery, the exchange every quarter of an hour and at five, and the two facts at the bottom of
the side bar."""

from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app import exchange, overview, retiree
from app.clock_doubt import clock_doubt
from app.daily import daily
from app.drill import CHANGED, Drilled, drill_if_due
from app.kit.log import number
from app.kit.refusal import Refusal
from app.kit.run import Outcome, Session, look, run
from app.station import Station
from models.kit import clock
from sync.fault import Fault
from sync.station import again
from ui.kit.work import Work
from ui.pages.exchange.station.doing import sync_quietly
from ui.shell.crash import LOG

EVERY = timedelta(minutes=15)
EVENING = time(17, 0)
BACKUP_EVERY = timedelta(minutes=3)
WARN_EVERY = timedelta(hours=1)
DRILL_AFTER = timedelta(minutes=10)
LONG_AGO = datetime(2000, 1, 1, tzinfo=clock.SHANGHAI)
BEAT = 30_000
BY_DAY = frozenset({"cert_task", "visit_plan", "suspicion"})
"""The tables whose lists count days."""
SOON = 400
NO_BACKUP = "资料没有影响，请在“设置”的“备份”里点“立即备份”；还不行就联系技术支持"


class Rounds(QObject):
    """`bottom(exchange.Bottom)` and `badges(dict)` whenever they may have changed; `warned(str)`
    where a backup could not be made; `doubted(str)` where the date leapt ahead while the desk was
    open: nothing is done by itself until `go_on`."""

    bottom = Signal(object)
    badges = Signal(object)
    warned = Signal(str)
    doubted = Signal(str)

    def __init__(self, station: Station, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.station, self.work = station, work
        self.central = station.home.side == "centre"
        self.day: date | None = None
        self.last_sync = self.last_backup = self.last_look = self.last_warning = LONG_AGO
        self.last_drill, self.drill_after = LONG_AGO, DRILL_AFTER
        self.syncing = self.doubting = False
        self.again: datetime | None = None
        self.timer = QTimer(self, interval=BEAT)
        self.timer.timeout.connect(self.tick)
        self.soon = QTimer(self, singleShot=True, interval=SOON)
        self.soon.timeout.connect(self.tell)
        work.changed.connect(lambda _tables: self.soon.start())

    def start(self) -> None:
        self.last_sync = self.last_drill = clock.now()
        self.timer.start()
        if not self.central:
            self._look_again()
        self.tick()
        self.tell()

    def stop(self) -> None:
        self.timer.stop()
        self.soon.stop()

    def tick(self) -> None:
        """Everything that is due now; nothing of it is waited for."""
        if self.doubting:
            return
        if not self.central and self.day is not None and self.day < clock.today():
            self.doubting = True
            job = partial(look, self.station.store, self.station.program, clock_doubt)
            self.work.call(job, done=self._looked_at_clock, failed=self._not_looked)
            return
        self.go_on()

    def _looked_at_clock(self, doubt: str) -> None:
        """A new day begins like a sign-in: nothing is dated before a person has looked."""
        if doubt:
            self.doubted.emit(doubt)
        else:
            self.go_on()

    def _not_looked(self, error: Exception) -> None:
        LOG.error("clock %s %s", number(error), type(error).__name__)
        self.go_on()

    def go_on(self) -> None:
        """The date was looked at."""
        self.doubting = False
        now = clock.now()
        before, self.last_look = self.last_look, now
        if not self.central and self.day != clock.today():
            if self.day is not None:  # what is due and overdue is another since midnight
                self.work.tell_changed(BY_DAY)
            self.day = clock.today()
            self.daily()
        if passed(self.last_backup, now, BACKUP_EVERY):
            self.last_backup = now
            self.work.call(self.station.backup_if_due, failed=self._no_backup)
        if not self.central and passed(self.last_drill, now, self.drill_after):
            self.last_drill = now
            job = partial(drill_if_due, self.station)
            self.work.call(job, done=self._drilled, failed=self._not_drilled)
        if self.central:
            # the service beside us takes files in at any time
            self.work.tell_changed(frozenset({"exchange"}))
        elif self.is_due(before, now):
            self.sync_quietly()

    def is_due(self, before: datetime, now: datetime) -> bool:
        """Every quarter of an hour and at five; the centre may ask for another moment."""
        if self.again is not None:
            return again.is_time(self.again)
        return passed(self.last_sync, now, EVERY) or crossed(EVENING, before, now)

    def daily(self) -> None:
        """Tasks opened and closed, states and plans brought up to today."""
        job = partial(run, self.station.store, self.station.program, daily)
        self.work.call(job, done=self._day_done, failed=self._day_failed)

    def _day_done(self, done: Outcome[Any]) -> None:
        self.work.tell_changed(done.changed)

    def _day_failed(self, error: Exception) -> None:
        """Nobody asked for it, so nobody is told; the next look tries again."""
        LOG.error("daily %s %s", number(error), type(error).__name__)
        self.day = None

    def sync_quietly(self) -> None:
        """Where the centre has an address; failing is no error."""
        self.last_sync = clock.now()
        if self.syncing:
            return
        self.syncing = True
        job = partial(sync_quietly, self.station)
        self.work.call(job, done=self._synced, failed=self._not_synced)

    def _synced(self, changed: frozenset[str] | None) -> None:
        self.syncing = False
        if changed is not None:
            self.work.tell_changed(changed | {"contact"})
        self._look_again()

    def _look_again(self) -> None:
        """When the exchange is to be tried again, as it is stored."""
        self.work.ask(again.when, done=self._keep_again)

    def _keep_again(self, at: datetime | None) -> None:
        self.again = at

    def _not_synced(self, error: Exception) -> None:
        self.syncing = False
        if not isinstance(error, Fault | Refusal):
            LOG.error("exchange %s", type(error).__name__)
        self.work.tell_changed(frozenset({"contact"}) | getattr(error, "changed", frozenset()))
        self._look_again()

    def _no_backup(self, error: Exception) -> None:
        LOG.error("backup %s", type(error).__name__)
        if passed(self.last_warning, clock.now(), WARN_EVERY):
            self.last_warning = clock.now()
            why = error.message if isinstance(error, Refusal) else NO_BACKUP
            self.warned.emit(f"自动备份没有做成：{why}")

    def _drilled(self, done: Drilled | None) -> None:
        """One that failed stands among the things to do."""
        if done is not None:
            self.work.tell_changed(frozenset({"audit", CHANGED}))

    def _not_drilled(self, error: Exception) -> None:
        """Nothing can be said of the backup: in an hour there may be another."""
        self.drill_after = WARN_EVERY
        LOG.error("drill %s %s", number(error), type(error).__name__)

    def tell(self) -> None:
        """The facts of this moment."""
        if self.central:
            self.work.ask(overview.bottom, done=self.bottom.emit)
            self.work.ask(overview.waiting, done=self.badges.emit)
            return
        self.work.ask(exchange.bottom, done=self.bottom.emit)
        self.work.ask(waiting, done=self.badges.emit)


def waiting(session: Session) -> dict[str, int]:
    """The figures of things waiting, by badge."""
    chips = retiree.chips(session)
    return {"due": chips.get("due", 0), "visits": chips.get("visit_overdue", 0)}


def passed(since: datetime, now: datetime, span: timedelta) -> bool:
    """Is it so long ago? Also where the clock was put back meanwhile, and nobody can say."""
    return not timedelta() <= now - since < span


def crossed(at: time, before: datetime, now: datetime) -> bool:
    """Did the clock on the wall pass this time in between?"""
    here = clock.local(now)
    moment = here.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return before < moment <= now
