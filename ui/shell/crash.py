"""What nobody expected: written down without anybody's data, and told in words with a number.

Only kinds of errors and places in the program are logged: a message may quote a name or a number.
"""

import logging
import sys
import threading
from collections.abc import Callable
from types import TracebackType

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    Qt,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
)
from PySide6.QtWidgets import QApplication, QWidget

from app.kit import faults, log
from app.kit.log import number, places
from ui.kit.ask import active_window
from ui.kit.banner import Banner
from ui.kit.dialog import Dialog
from ui.kit.label import Label

LOG = logging.getLogger("sangyu")
QUIET = ("propagateSizeHints", "does not support", "QFont::")


class Crash(QObject):
    """Catches what falls through, from every thread; shows one dialog at a time."""

    _fell = Signal(object)

    def __init__(self, support: Callable[[], str] = str) -> None:
        super().__init__()
        self.support, self.shown = support, None
        self._fell.connect(self._show, Qt.ConnectionType.QueuedConnection)

    shown: Dialog | None

    def install(self) -> None:
        sys.excepthook = self.caught
        threading.excepthook = self._in_thread
        qInstallMessageHandler(_qt_said)

    def uninstall(self) -> None:
        sys.excepthook, threading.excepthook = sys.__excepthook__, threading.__excepthook__
        qInstallMessageHandler(None)

    def caught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        log.note(LOG, error)
        self._fell.emit(error)

    def _in_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self.caught(args.exc_type, args.exc_value, args.exc_traceback)

    def _show(self, error: BaseException) -> None:
        if self.shown is not None or QApplication.instance() is None:
            return
        try:
            parent = active_window()
        except LookupError:
            return
        self.shown = CrashDialog(parent, error, self.support())
        self.shown.finished.connect(self._closed)
        self.shown.open()

    def _closed(self, _result: int) -> None:
        self.shown = None


class CrashDialog(Dialog):
    """What happened in words, the number to tell, the details to copy."""

    def __init__(self, parent: QWidget, error: BaseException, support: str = "") -> None:
        super().__init__(parent, "出了意外", width=560)
        self.details = "\n".join([number(error), *places(error)])
        expected = faults.known(error)
        if expected is None:
            text = "其他资料不受影响。可以关掉这个提示接着做"
            self.add(Banner("bad", "刚才这一步没有做成", text))
        else:
            self.add(Banner("bad", expected.title, f"刚才这一步没有做成。{expected.message}"))
        self.add(Label(f"出错编号 {number(error)}", "strong"))
        if support:
            self.add(
                Label(f"联系技术支持 {support}，打电话时请报这个编号", "body", "t2", wrap=True)
            )
        self.copy = self.button("复制详细信息", icon="copy", does=self._copy)
        self.button("关闭", "primary", does=self.accept).setFocus()

    def _copy(self) -> None:
        QApplication.clipboard().setText(self.details)
        self.copy.set_text("已复制")


def _qt_said(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    """Qt's own complaints go to the log; they name widgets, never people."""
    if kind is QtMsgType.QtDebugMsg or any(one in message for one in QUIET):
        return
    LOG.warning("qt %s", message)
