"""When nobody gets in: a fault's page and its ways out, a forgotten password, a backup put back."""

from collections.abc import Callable
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
    from ui.shell.recovery import RecoverDialog, RestoreDialog

BACKUPS = "备份 (*.backup);;所有文件 (*)"


class Rescue(QObject):
    """`renewed(account, password)`: with a new password; `again()`: try once more; `anew()`: there
    is nothing yet, set up; `failed(error)`: it cannot go on."""

    renewed = Signal(str, str)
    again = Signal()
    anew = Signal()
    failed = Signal(object)

    def __init__(self, host: StartupHost) -> None:
        super().__init__(host)
        self.host = host

    # a fault ----------------------------------------------------------------------------

    def show_fault(self, error: faults.Fault) -> None:
        from ui.shell.fault_look import look_of  # noqa: PLC0415 - heavy, wanted only here
        from ui.shell.fault_page import FaultPage  # noqa: PLC0415 - as above

        page = FaultPage(look_of(error, self.host.home, self.host.remembered.support))
        page.taken.connect(self._take)
        self.host.entrance.show()
        self.host.show_page(page)

    def _take(self, way: str, chosen: str) -> None:
        does: dict[str, Callable[[], object]] = {
            "retry": self.again.emit,
            "close": self.host.entrance.close,
            "support": self._call,
            "recover": self.recover,
            "set_up": self.anew.emit,
            "restore": partial(self.restore, Path(chosen)),
            "choose_backup": self._choose_backup,
        }
        does[way]()

    def _call(self) -> None:
        number = self.host.remembered.support or "（邀请文件里没有留号码，请查通讯录）"
        text = f"请拨打区中心技术支持 {number}，报出错编号。不要移动或删除任何文件"
        ask.tell(self.host.entrance, "联系技术支持", text)

    # a forgotten password ---------------------------------------------------------------

    def recover(self, chosen: str = "") -> None:
        """``chosen`` is the account that was about to sign in."""
        from ui.shell.recovery import RecoverDialog  # noqa: PLC0415 - after the first paint

        last = chosen or self.host.remembered.last
        dialog = RecoverDialog(self.host.entrance, self.host.people(), last)
        dialog.submitted.connect(partial(self._recover, dialog))
        dialog.open()

    def _recover(self, dialog: "RecoverDialog", code: str, account: str, password: str) -> None:
        def done(fresh: str) -> None:
            dialog.accept()
            self._show_card(fresh, account, password)

        def failed(error: Exception) -> None:
            if isinstance(error, Refusal):
                dialog.refuse(error.field, error.message)
            else:
                dialog.reject()
                self.failed.emit(error)

        self.host.beside(lambda jobs: jobs.recover(code, account, password), done, failed)

    def _show_card(self, code: str, account: str, password: str) -> None:
        from ui.shell.recovery import CardDialog  # noqa: PLC0415 - after the first paint

        card = CardOut(self.host, code)
        dialog = CardDialog(self.host.entrance, code, self.host.remembered.station, clock.today())
        dialog.print_wanted.connect(partial(card.print, dialog))
        dialog.save_wanted.connect(partial(card.ask_and_save, dialog))
        dialog.accepted.connect(partial(self.renewed.emit, account, password))
        dialog.open()

    # a backup ---------------------------------------------------------------------------

    def _choose_backup(self) -> None:
        path = ask.open_file(self.host.entrance, "选备份文件", filters=BACKUPS)
        if path is not None:
            self.restore(path)

    def restore(self, path: Path) -> None:
        """Of a backup that reads well; the rest is asked in the dialog."""
        self.host.beside(lambda jobs: jobs.about(path), partial(self._ask_restore, path))

    def _ask_restore(self, path: Path, about: tuple[str, str]) -> None:
        from ui.shell.recovery import RestoreDialog  # noqa: PLC0415 - after the first paint

        host = self.host
        people, last = host.people(), host.remembered.last
        central = host.home.side == "centre"
        dialog = RestoreDialog(host.entrance, *about, people, last, central=central)
        dialog.submitted.connect(partial(self._restore, dialog, path))
        dialog.open()

    def _restore(self, dialog: "RestoreDialog", path: Path, account: str, password: str) -> None:
        def failed(error: Exception) -> None:
            said = error.message if isinstance(error, Refusal) else ""
            dialog.refuse(said or "没有恢复成，资料和以前一样。请再试一次")
            if not said:
                self.host.say_problem(error)

        def done(text: str) -> None:
            dialog.accept()
            ask.tell(self.host.entrance, "已恢复备份", text, tone="ok")
            self.again.emit()

        self.host.beside(lambda jobs: jobs.restore(path, account, password), done, failed)
