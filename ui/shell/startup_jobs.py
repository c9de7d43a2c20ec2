"""What is done beside the page before anybody is in: the file opened, a station set up, a copy put
back.

Everything heavy is loaded by this module, so only errands import it, after the first paint; with it
come the pages that are wanted next.
"""

from pathlib import Path

from app import first_run, station
from app.kit import backup, start
from app.kit.paths import Home
from app.kit.refusal import Refusal
from app.kit.run import look, run
from app.station import Station
from models.kit import clock
from sync.enrol import Invited
from sync.station.inbox import after_upgrade
from ui.exchange import files, joining
from ui.exchange.joining import Joined
from ui.shell import card
from ui.shell.fault_look import missing
from ui.shell.first_run import FirstRun
from ui.shell.session import Sitting

NEXT = (FirstRun, Sitting)  # ready when wanted


class StartupJobs:
    """The installation of one folder, for somebody who is not in yet."""

    def __init__(self, home: Home, url: str | None = None) -> None:
        self.home, self.url = home, url

    def state(self) -> str:
        """``new`` or ``ready``, and then with its list of people in order. Raises `SecondInstance`
        where somebody is in at another window: nobody types a password for nothing."""
        found = station.state(self.home)
        if found == "ready":
            start.claim(self.home).release()
            station.names(self.home)
        return found

    def open(self, account: str, password: str) -> Station:
        """Raises `Fault` for every reason why not."""
        opened = station.open_station(self.home, account, password, url=self.url)
        if self.home.side == "station":
            after_upgrade(opened.store)
        return opened

    def recover(self, code: str, account: str, password: str) -> str:
        """The code of the new card."""
        return station.recover(self.home, code, account, password)

    def about(self, path: Path) -> tuple[str, str]:
        """Of which moment a backup is, and what is missing after it is put back."""
        try:
            copy = backup.read(path)
        except FileNotFoundError:
            raise Refusal("找不到这份备份，可能被移走了") from None
        return copy.shown, missing(copy)

    def restore(self, path: Path, account: str, password: str) -> str:
        """A backup in the place of the database; what is to be said of it."""
        done = station.restore_station(self.home, path, account or None, password)
        back = f"资料回到了 {clock.local(done.made_at):%Y-%m-%d %H:%M} 的样子"
        kept = f"原来的另存在 {done.replaced.name}"
        return "。".join([f"{back}，{kept}", *station.after_restoring(self.home, done)])

    # the first start ------------------------------------------------------------------------

    def kept_invitation(self) -> Invited | None:
        """The invitation of an earlier, unfinished start."""
        return joining.kept_invitation(self.home)

    def keep_invitation(self, path: Path) -> Invited:
        """Read it and remember it for the next start."""
        return joining.keep_invitation(self.home, path)

    def join(self, invited: Invited, name: str, password: str) -> Joined:
        """Make the station; what comes next is its card."""
        joined = joining.join(self.home, invited, name, password)
        self.reach(joined.station, 2)
        return joined

    def step(self, made: Station) -> int:
        """How far the first start of this station has come."""
        return look(made.store, made.desk, first_run.step)

    def reach(self, made: Station, step: int) -> None:
        """Note that it has come so far."""
        run(made.store, made.desk, first_run.reach, step)

    # the card -------------------------------------------------------------------------------

    def draw_card(self, code: str, made: Station | None, station_name: str) -> bytes:
        """The card's PDF; ``station_name`` where the station is not open."""
        if made is None:
            return card.draw(code, station=station_name, office_code="", by="", phone="")
        office = made.office
        return card.draw(
            code,
            station=office.name,
            office_code=office.code,
            by=made.desk.name,
            phone=office.phone,
        )

    def save_card(self, path: Path, data: bytes) -> None:
        """Raises `Refusal` with what to do."""
        files.save(path, data)
