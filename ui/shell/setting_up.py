"""The first start: invitation, password, recovery card, and on to the roster. It can be left at any
step and is taken up again there."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.kit import faults
from app.kit.refusal import Refusal
from models.kit import clock
from ui.kit.ask import ask
from ui.shell.card_out import CardOut
from ui.shell.startup_host import StartupHost

if TYPE_CHECKING:
    from app.station import Station
    from sync.enrol import Invited
    from ui.exchange.joining import Joined
    from ui.shell.first_run import FirstRun

BACK_TO_CARD = "恢复口令卡还没有打印。可以先去工作，下次登录时会再请您打印一张新卡，这一张就作废了"


class SettingUp(QObject):
    """`ready(station, then)`: set up as far as its head wants today; `failed(error)`: it cannot go
    on. ``made`` is the station while it is open here."""

    ready = Signal(object, str)
    failed = Signal(object)

    def __init__(self, host: StartupHost) -> None:
        super().__init__(host)
        self.host = host
        self.made: Station | None = None
        self.invited: Invited | None = None
        self.code = ""

    def begin(self) -> None:
        """With the invitation of an earlier try, if there was one."""
        page = self._show(0)
        self.host.beside(lambda jobs: jobs.kept_invitation(), partial(self._invited, page), _silent)

    def resume(self, station: "Station") -> None:
        """Where the card was not printed: there is a new one."""
        self.made = station
        page = self._show(2)
        self.host.beside(
            lambda _: station.vault.new_code(), partial(self._card_made, page), self.failed.emit
        )

    def _show(self, at: int) -> "FirstRun":
        from ui.shell.first_run import FirstRun  # noqa: PLC0415 - after the first paint

        page = FirstRun(at)
        page.invitation_chosen.connect(partial(self.invite, page))
        page.secured.connect(partial(self.create, page))
        page.print_wanted.connect(self._print)
        page.save_wanted.connect(self._save)
        page.finished.connect(self._over)
        page.postponed.connect(partial(self._postponed, page))
        self.host.show_page(page)
        return page

    # the invitation ---------------------------------------------------------------------

    def invite(self, page: "FirstRun", path: Path) -> None:
        def refused(error: Exception) -> None:
            said = error.message if isinstance(error, Refusal) else "请换一个文件再试"
            page.refuse_invitation("这个邀请文件不能用", said)

        self.host.beside(
            lambda jobs: jobs.keep_invitation(path), partial(self._invited, page), refused
        )

    def _invited(self, page: "FirstRun", invited: "Invited | None") -> None:
        if invited is None:
            return
        from ui.shell.first_run import Station  # noqa: PLC0415 - after the first paint

        self.invited = invited
        office, centre = invited.office, invited.centre
        said = Station(office["name"], office["code"], centre.name, centre.phone)
        page.show_station(said)
        page.facts.set_facts([
            ("站点", said.name),
            ("站点代码", said.code),
            ("区中心", said.centre),
            *([("技术支持", said.support)] if said.support else []),
            ("核对码", f"{centre.fingerprint}（打电话给区中心，对得上再往下走）"),
        ])  # fmt: skip

    # the station ------------------------------------------------------------------------

    def create(self, page: "FirstRun", name: str, password: str) -> None:
        invited = self.invited
        if invited is None:
            page.go(0)
            return
        page.next.setEnabled(False)

        def refused(error: Exception) -> None:
            page.next.setEnabled(True)
            if isinstance(error, Refusal) and not isinstance(error, faults.Fault):
                page.refuse_password(error.message)
            else:
                self.failed.emit(error)

        self.host.beside(
            lambda jobs: jobs.join(invited, name, password),
            partial(self._created, page),
            refused,
        )

    def _created(self, page: "FirstRun", joined: "Joined") -> None:
        self.made = joined.station
        office = joined.station.office
        support = office.centre_phone or (self.invited.centre.phone if self.invited else "")
        self.host.remember(office.name, joined.station.desk.account, support)
        self._card_made(page, joined.recovery_code)

    # its card ---------------------------------------------------------------------------

    @property
    def _card(self) -> CardOut:
        return CardOut(self.host, self.code, self.made)

    def _print(self) -> None:
        self._card.print(self.host.entrance)

    def _save(self, path: Path) -> None:
        self._card.save(path)

    def _card_made(self, page: "FirstRun", code: str) -> None:
        self.code = code
        whose = self.made.office.name if self.made is not None else self.host.remembered.station
        page.next.setEnabled(True)
        page.show_card(code, f"{whose} · {clock.today():%Y-%m-%d} 生成")
        page.next.clicked.connect(partial(self._card_kept, page))

    def _card_kept(self, page: "FirstRun", _checked: bool = False) -> None:
        """The card is in the safe; the roster is next."""
        station = self.made
        if page is self.host.page and page.step == 3 and station is not None:
            self.host.beside(lambda jobs: jobs.reach(station, 3), _silent, self.failed.emit)

    # the end ----------------------------------------------------------------------------

    def _over(self, choice: str) -> None:
        station = self.made
        if station is not None:
            self.host.beside(
                lambda jobs: jobs.reach(station, 4),
                lambda _: self._hand_on(station, f"first {choice}"),
                self.failed.emit,
            )

    def _postponed(self, page: "FirstRun", at: int) -> None:
        if at < 2:
            self.host.entrance.close()
        elif self.made is not None:
            ask.tell(page, "稍后再打印", BACK_TO_CARD)
            self._hand_on(self.made, "")

    def _hand_on(self, station: "Station", then: str) -> None:
        self.made = None
        self.ready.emit(station, then)

    def close(self) -> None:
        if self.made is not None:
            self.made.close()


def _silent(_answer: object) -> None:
    pass
