"""From an empty screen to somebody at the desk: signing in, the first start, every fault's page.

The sign-in page is painted before anything heavy is loaded; all work is done beside it.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.kit import faults, keyfile
from app.kit.paths import Home
from app.kit.refusal import Refusal
from models.kit import clock
from ui.kit.ask import ask
from ui.kit.layout import VBox
from ui.kit.waiting import Progress
from ui.shell import porch
from ui.shell.entrance import Entrance
from ui.shell.errand import Errand
from ui.shell.login import LoginPage

if TYPE_CHECKING:
    from app import station as installation
    from sync.enrol import Invited
    from ui.shell.first_run import FirstRun
    from ui.shell.recovery import RecoverDialog, RestoreDialog

BACKUPS = "备份 (*.backup);;所有文件 (*)"
UNSEEN_MS = 500
BACK_TO_CARD = "恢复口令卡还没有打印。可以先去工作，下次登录时会再请您打印一张新卡，这一张就作废了"


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


class Door(QObject):
    """`opened(station, then)`: somebody is in; `then` is the page to begin with. `left()`: the
    person closed the window."""

    opened = Signal(object, str)
    left = Signal()

    def __init__(self, home: Home, *, version: str = "", url: str | None = None) -> None:
        super().__init__()
        self.home, self.version = home, version
        self.url = url if home.side == "centre" else None
        self.porch = porch.look(home)
        self.entrance = _Entrance(self.porch.station)
        self.entrance.closed.connect(self.left)
        self.waking = QTimer(self, singleShot=True, interval=UNSEEN_MS)
        self.waking.timeout.connect(self._wake)
        self.entrance.painted.connect(self._seen)
        self.errand = Errand(self)
        self.page: QWidget | None = None
        self.made: installation.Station | None = None
        self.invited: Invited | None = None
        self.code = ""

    # beginning --------------------------------------------------------------------------

    def begin(self) -> None:
        """Paint first; what that needs is a small file. All else waits until it is painted, or for
        a while where nobody can see it."""
        people = self.people()
        if people and not self.home.restoring.exists():
            self.show_login(people)
        else:
            self._show(_waiting("正在打开…"))
        self.entrance.resize(1366, 688)
        self.entrance.showMaximized()
        self.waking.start()

    def _seen(self) -> None:
        if self.waking.isActive():
            self.waking.start(0)

    def again(self) -> None:
        """After somebody has left: who is next?"""
        self.porch = porch.look(self.home)
        self.entrance.showMaximized()
        self._wake()

    def people(self) -> list[tuple[str, str]]:
        """Who may sign in; nobody where that cannot be read."""
        try:
            return [(one.id, one.shown) for one in keyfile.names(self.home)]
        except faults.Fault:
            return []

    def _wake(self) -> None:
        self.errand.run(partial(_state, self.home), self._awake, self.show_problem)

    def _awake(self, state: str) -> None:
        if state == "new":
            self.show_first_run()
        elif not isinstance(self.page, LoginPage):
            self.show_login(self.people())

    def _show(self, page: QWidget) -> None:
        self.page = page
        self.entrance.show_page(page)

    # signing in -------------------------------------------------------------------------

    def show_login(self, people: list[tuple[str, str]]) -> None:
        page = LoginPage(people, station=self.porch.station, version=self.version)
        if self.porch.last in dict(people) and hasattr(page.name, "set_value"):
            page.name.set_value(self.porch.last)
        page.submitted.connect(self.sign_in)
        page.forgotten.connect(self.recover)
        self._show(page)

    def sign_in(self, key: str, password: str) -> None:
        job = partial(_open, self.home, key, password, self.url)
        self.errand.run(job, partial(self._in, key), self._not_in)

    def _in(self, key: str, station: "installation.Station") -> None:
        office = station.office
        support = office.centre_phone or self.porch.support
        self.porch = porch.Porch(office.name, key, support)
        porch.remember(self.home, self.porch)
        self.errand.run(partial(_step, station), partial(self._go_on, station), self.show_problem)

    def _go_on(self, station: "installation.Station", step: int) -> None:
        if step == 2:
            self.made = station
            page = self.show_first_run(step)
            new_card = station.vault.new_code
            self.errand.run(new_card, partial(self._card_made, page), self.show_problem)
        else:
            self.let_in(station, "first" if step == 3 else "")

    def let_in(self, station: "installation.Station", then: str) -> None:
        self.made = None
        self.opened.emit(station, then)
        self.entrance.hide()
        self._show(_waiting(""))

    def _not_in(self, error: Exception) -> None:
        page = self.page
        if not isinstance(page, LoginPage):
            self.show_problem(error)
        elif isinstance(error, faults.LockedOut):
            page.wait(error.message)
            QTimer.singleShot(max(1, error.minutes) * 60_000, page, page.welcome_back)
        elif isinstance(error, faults.WrongPassword | faults.NoSuchAccount):
            page.refuse(error.message)
        else:
            self.show_problem(error)

    # a forgotten password ---------------------------------------------------------------

    def recover(self) -> None:
        from ui.shell.recovery import RecoverDialog  # noqa: PLC0415 - after the first paint

        page = self.page
        chosen = page.name.value() if isinstance(page, LoginPage) else ""  # type: ignore[union-attr]
        dialog = RecoverDialog(self.entrance, self.people(), chosen or self.porch.last)
        dialog.submitted.connect(partial(self._recover, dialog))
        dialog.open()

    def _recover(self, dialog: "RecoverDialog", code: str, key: str, password: str) -> None:
        def done(fresh: str) -> None:
            dialog.accept()
            self._show_card(fresh, key, password)

        def failed(error: Exception) -> None:
            if isinstance(error, Refusal):
                dialog.refuse(error.field, error.message)
            else:
                dialog.reject()
                self.show_problem(error)

        self.errand.run(partial(_recovered, self.home, code, key, password), done, failed)

    def _show_card(self, code: str, key: str, password: str) -> None:
        from ui.shell.recovery import CardDialog  # noqa: PLC0415 - after the first paint

        dialog = CardDialog(self.entrance, code, self.porch.station, clock.today())
        dialog.print_wanted.connect(partial(self.print_card, dialog, code))
        dialog.save_wanted.connect(partial(self._ask_and_save, dialog, code))
        dialog.accepted.connect(partial(self.sign_in, key, password))
        dialog.open()

    # the card ---------------------------------------------------------------------------

    def print_card(self, parent: QWidget, code: str) -> None:
        self.errand.run(self._drawn(code), partial(_preview, parent), self._say_problem)

    def _ask_and_save(self, parent: QWidget, code: str) -> None:
        filters, name = "PDF (*.pdf)", "恢复口令卡.pdf"
        path = ask.save_file(parent, "存到U盘", filters=filters, start=name)
        if path is not None:
            self.save_card(code, path)

    def save_card(self, code: str, path: Path) -> None:
        def saved(data: bytes) -> None:
            self.errand.run(partial(_save, path, data), self._saved, self._say_problem)

        self.errand.run(self._drawn(code), saved, self._say_problem)

    def _saved(self, _nothing: Any) -> None:
        ask.tell(self.entrance, "恢复口令卡已存好", "请打印出来锁进柜子，再把U盘里的文件删掉")

    def _drawn(self, code: str) -> Callable[[], bytes]:
        made = self.made
        office = made.office if made is not None else None
        return partial(
            _draw,
            code,
            station=office.name if office else self.porch.station,
            office_code=office.code if office else "",
            by=made.desk.name if made is not None else "",
            phone=office.phone if office else "",
        )

    # the first start --------------------------------------------------------------------

    def show_first_run(self, step: int = 0) -> "FirstRun":
        from ui.shell.first_run import FirstRun  # noqa: PLC0415 - after the first paint

        page = FirstRun(step)
        page.invitation_chosen.connect(partial(self.invite, page))
        page.secured.connect(partial(self.create, page))
        page.print_wanted.connect(lambda: self.print_card(self.entrance, self.code))
        page.save_wanted.connect(lambda path: self.save_card(self.code, path))
        page.finished.connect(self._first_run_over)
        page.postponed.connect(partial(self._postponed, page))
        self._show(page)
        if step == 0:
            self.errand.run(partial(_kept, self.home), partial(self._invited, page), _silent)
        return page

    def invite(self, page: "FirstRun", path: Path) -> None:
        def refused(error: Exception) -> None:
            said = error.message if isinstance(error, Refusal) else "请换一个文件再试"
            page.refuse_invitation("这个邀请文件不能用", said)

        job = partial(_invitation, self.home, path)
        self.errand.run(job, partial(self._invited, page), refused)

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

    def create(self, page: "FirstRun", name: str, password: str) -> None:
        if self.invited is None:
            page.go(0)
            return
        page.next.setEnabled(False)

        def refused(error: Exception) -> None:
            page.next.setEnabled(True)
            if isinstance(error, Refusal) and not isinstance(error, faults.Fault):
                page.refuse_password(error.message)
            else:
                self.show_problem(error)

        job = partial(_join, self.home, self.invited, name, password)
        self.errand.run(job, partial(self._created, page), refused)

    def _created(self, page: "FirstRun", joined: Any) -> None:
        self.made = joined.station
        office = joined.station.office
        support = office.centre_phone or (self.invited.centre.phone if self.invited else "")
        self.porch = porch.Porch(office.name, joined.station.desk.account, support)
        porch.remember(self.home, self.porch)
        self._card_made(page, joined.recovery_code)

    def _card_made(self, page: "FirstRun", code: str) -> None:
        self.code = code
        whose = self.made.office.name if self.made is not None else self.porch.station
        page.next.setEnabled(True)
        page.show_card(code, f"{whose} · {clock.today():%Y-%m-%d} 生成")
        page.next.clicked.connect(partial(self._card_kept, page))

    def _card_kept(self, page: "FirstRun", _checked: bool = False) -> None:
        """The card is in the safe; the roster is next."""
        if page is self.page and page.step == 3 and self.made is not None:
            self.errand.run(partial(_reach, self.made, 3), _silent, self.show_problem)

    def _first_run_over(self, choice: str) -> None:
        station = self.made
        if station is not None:
            job = partial(_reach, station, 4)
            then = f"first {choice}"
            self.errand.run(job, lambda _: self.let_in(station, then), self.show_problem)

    def _postponed(self, page: "FirstRun", step: int) -> None:
        if step < 2:
            self.entrance.close()
        elif self.made is not None:
            ask.tell(page, "稍后再打印", BACK_TO_CARD)
            self.let_in(self.made, "")

    # faults -----------------------------------------------------------------------------

    def show_problem(self, error: Exception) -> None:
        """A fault has its page; a refusal is told; anything else is a bug."""
        if not isinstance(error, faults.Fault):
            self._say_problem(error)
            if isinstance(self.page, LoginPage):
                self.page.welcome_back()
            return
        if isinstance(error, faults.NotSetUp):
            self.show_first_run()
            return
        from ui.shell import faults as looks  # noqa: PLC0415 - heavy, wanted only here
        from ui.shell.fault import FaultPage  # noqa: PLC0415

        page = FaultPage(looks.page_of(error, self.home, self.porch.support))
        page.taken.connect(self._take)
        self.entrance.show()
        self._show(page)

    def _say_problem(self, error: Exception) -> None:
        if isinstance(error, Refusal):
            ask.tell(self.entrance, "没有做成", error.message, tone="warn")
        else:
            import sys  # noqa: PLC0415

            sys.excepthook(type(error), error, error.__traceback__)

    def _take(self, way: str, chosen: str) -> None:
        does: dict[str, Callable[[], object]] = {
            "retry": self._retry,
            "close": self.entrance.close,
            "support": self._call,
            "recover": self.recover,
            "set_up": self.show_first_run,
            "restore": partial(self.restore, Path(chosen)),
            "choose_backup": self._choose_backup,
        }
        does[way]()

    def _retry(self) -> None:
        people = self.people()
        self._show(_waiting("正在打开…"))
        if people:
            self.show_login(people)
        else:
            self._wake()

    def _call(self) -> None:
        number = self.porch.support or "（邀请文件里没有留号码，请查通讯录）"
        text = f"请拨打区中心技术支持 {number}，报出错编号。不要移动或删除任何文件"
        ask.tell(self.entrance, "联系技术支持", text)

    def _choose_backup(self) -> None:
        path = ask.open_file(self.entrance, "选备份文件", filters=BACKUPS)
        if path is not None:
            self.restore(path)

    def restore(self, path: Path) -> None:
        """Of a backup that reads well; the rest is asked in the dialog."""
        job = partial(_backup, path)
        self.errand.run(job, partial(self._ask_restore, path), self._say_problem)

    def _ask_restore(self, path: Path, about: tuple[str, str]) -> None:
        from ui.shell.recovery import RestoreDialog  # noqa: PLC0415 - after the first paint

        shown, missing = about
        dialog = RestoreDialog(self.entrance, shown, missing, self.people(), self.porch.last)
        dialog.submitted.connect(partial(self._restore, dialog, path))
        dialog.open()

    def _restore(self, dialog: "RestoreDialog", path: Path, name: str, password: str) -> None:
        def failed(error: Exception) -> None:
            said = error.message if isinstance(error, Refusal) else ""
            dialog.refuse(said or "没有恢复成，资料和以前一样。请再试一次")
            if not said:
                self._say_problem(error)

        def done(result: Any) -> None:
            dialog.accept()
            at = clock.local(result.made_at)
            text = (
                f"资料回到了 {at:%Y-%m-%d %H:%M} 的样子，原来的另存在 {result.replaced.name}。"
                f"有 {result.result} 条会重新上报，不会重复"
            )
            ask.tell(self.entrance, "已恢复备份", text, tone="ok")
            self._retry()

        self.errand.run(partial(_restored, self.home, path, name, password), done, failed)

    def close(self) -> None:
        self.waking.stop()
        self.errand.close()
        if self.made is not None:
            self.made.close()
        self.entrance.closed.disconnect(self.left)
        self.entrance.close()
        self.entrance.deleteLater()


def _waiting(words: str) -> QWidget:
    page = QWidget()
    page.setObjectName("page")
    box = VBox(page, margins=(48, 0, 48, 0))
    box.addStretch(1)
    if words:
        box.addWidget(Progress(words))
    box.addStretch(1)
    return page


def _silent(_answer: Any) -> None:
    pass


# beside the page: everything heavy is loaded here, after the first paint ----------------------


def _state(home: Home) -> str:
    from app import station  # noqa: PLC0415
    from ui.shell import first_run, session  # noqa: F401, PLC0415 - ready when wanted

    state = station.state(home)
    if state == "ready":
        station.names(home)
    return state


def _open(home: Home, key: str, password: str, url: str | None) -> "installation.Station":
    from app import station  # noqa: PLC0415
    from sync.inbox import after_upgrade  # noqa: PLC0415

    opened = station.open_station(home, key, password, url=url)
    if home.side == "station":
        after_upgrade(opened.store)
    return opened


def _recovered(home: Home, code: str, key: str, password: str) -> str:
    from app import station  # noqa: PLC0415

    return station.recover(home, code, key, password)


def _restored(home: Home, path: Path, name: str, password: str) -> Any:
    from app import station  # noqa: PLC0415

    return station.restore_station(home, path, name or None, password)


def _backup(path: Path) -> tuple[str, str]:
    from app.kit import backup  # noqa: PLC0415
    from ui.shell.faults import missing  # noqa: PLC0415

    try:
        copy = backup.read(path)
    except FileNotFoundError:
        raise Refusal("找不到这份备份，可能被移走了") from None
    return copy.shown, missing(copy)


def _step(station: "installation.Station") -> int:
    from app import first_run  # noqa: PLC0415
    from app.kit.run import look  # noqa: PLC0415

    return look(station.store, station.desk, first_run.step)


def _reach(station: "installation.Station", at: int) -> None:
    from app import first_run  # noqa: PLC0415
    from app.kit.run import run  # noqa: PLC0415

    run(station.store, station.desk, first_run.reach, at)


def _kept(home: Home) -> "Invited | None":
    from ui.shell import joining  # noqa: PLC0415

    return joining.kept_invitation(home)


def _invitation(home: Home, path: Path) -> "Invited":
    from ui.shell import joining  # noqa: PLC0415

    return joining.keep_invitation(home, path)


def _join(home: Home, invited: "Invited", name: str, password: str) -> Any:
    from ui.shell import joining  # noqa: PLC0415

    joined = joining.join(home, invited, name, password)
    _reach(joined.station, 2)
    return joined


def _draw(code: str, **facts: str) -> bytes:
    from ui.shell import card  # noqa: PLC0415

    return card.draw(code, **facts)


def _save(path: Path, data: bytes) -> None:
    from ui.shell import card  # noqa: PLC0415

    card.save(path, data)


def _preview(parent: QWidget, data: bytes) -> None:
    from ui.kit import preview  # noqa: PLC0415

    preview.PreviewDialog(parent, "恢复口令卡", data).open()
