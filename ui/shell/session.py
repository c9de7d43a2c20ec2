"""Somebody is at the desk: the window with its pages, what happens by itself, the lock.

`ended(what)` says how it is over: quit, login (another person), restore.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from app import centre as verbs
from app import circles, roles, settings, undo
from app.exchange import Bottom
from app.kit.moments import days_since
from app.kit.refusal import Refusal
from app.printing.kit import codes
from app.station import Station
from sync.desktop import Serving
from sync.fault import Fault
from ui.kit import format as words
from ui.kit import scan
from ui.kit.ask import ask
from ui.kit.context import Context
from ui.kit.inputs import SearchBox
from ui.kit.pictures import cache as faces
from ui.kit.scan import GunEar, is_editor
from ui.kit.tokens import scale
from ui.kit.work import Work
from ui.pages.certification import CertificationPage
from ui.pages.certification.scan import open_sheet
from ui.shell import catalogue
from ui.shell.locking import Locking
from ui.shell.rounds import Rounds
from ui.shell.screens import DIALOGS, NEEDS, PAGES
from ui.shell.window import MENU, Window

MENU_TO: dict[str, tuple[str, dict[str, Any]]] = {
    "password": ("change_password", {}),
    "station": ("settings", {"tab": "station"}),
    "settings": ("settings", {"tab": ""}),
    "devices": ("settings", {"tab": "devices"}),
    "journal": ("journal", {}),
    "notices": ("notices", {}),
}
# what only one side has in its menu
STATION_ONLY, CENTRE_ONLY = frozenset({"station", "devices", "notices"}), frozenset({"settings"})
HANDS = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
    }
)
# what an open centre has done by server code, handed in from where that may be used
Reach = Callable[[Station], Serving]


class _Window(Window):
    closed = Signal()

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self.closed.emit()


class Sitting(QObject):
    """One person's time at the open station."""

    ended = Signal(str)
    restore_wanted = Signal(str)

    def __init__(self, station: Station, serving: Reach | None = None) -> None:
        super().__init__()
        self.station, self.over = station, False
        self.ear = GunEar()
        self.work = Work(station.store, station.desk, self)
        self.context = Context(self.work, ask, self.open, self.say, station)
        self.serving = serving
        if serving is not None:
            self.context = replace(self.context, serving=serving)
        self.window = self._window()
        self.locking = Locking(station, self.work, self.window, self)
        self.watched: QApplication | None = None
        self.rounds = Rounds(station, self.work, self)
        self.window.nav.show_safe(not self.central)
        self._listen()

    # the window -------------------------------------------------------------------------

    def _window(self) -> _Window:
        here = list(PAGES)
        seen = circles.of_roles(self.station.desk.roles)
        left = STATION_ONLY if self.central else CENTRE_ONLY
        return _Window(
            person=self.station.desk.name,
            station=self.station.office.name,
            entries=catalogue.entries(here, seen, self.side),
            pages={name: partial(self._page, name) for name in here},
            menu=[one for one in MENU if one[0] not in left],
        )

    @property
    def side(self) -> str:
        """Whose entries the menu has."""
        is_city = roles.is_city(self.station.desk)
        return "city" if is_city else self.station.home.side

    @property
    def central(self) -> bool:
        """Is this the centre's desk, which keeps no people of its own?"""
        return self.station.home.side == "centre"

    def _page(self, name: str, **arguments: Any) -> QWidget:
        return PAGES[name](self.context, **arguments)

    def _listen(self) -> None:
        window = self.window
        window.closed.connect(partial(self.end, "quit"))
        window.lock_wanted.connect(self.locking.lock_now)
        self.locking.other_wanted.connect(partial(self.end, "login"))
        window.quit_wanted.connect(window.close)
        window.undo_wanted.connect(self._undo)
        window.redo_wanted.connect(partial(self._take_back, undo.redo))
        window.new_wanted.connect(self._new)
        window.find_wanted.connect(self._find)
        if not self.central:
            window.scan_wanted.connect(self.scan)
        window.menu_chosen.connect(self._menu)
        self.rounds.bottom.connect(self._bottom)
        self.rounds.badges.connect(self._badges)
        self.rounds.warned.connect(self.say)
        self.rounds.doubted.connect(self._clock_leapt)
        scale.scaleChanged.connect(self._keep_size)

    def begin(self, then: str = "") -> None:
        """Show the first page this person has; `then`: what the first start asked for."""
        self.window.resize(1366, 688)
        self.window.showMaximized()
        if self.window.entries:
            self.window.open(self.window.entries[0].key)
        if self.station.clock_doubt:  # nothing is dated by itself before a person has looked
            self.rounds.tell()
            QTimer.singleShot(0, self, self._tell_clock)
        else:
            self.rounds.start()
        scan.muted = not settings.machine(self.station.home).get("scanner_sound")
        self.work.ask(settings.read, "lock_minutes", done=self.locking.wait_minutes)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusWindowChanged.connect(self._watch_hands)
            self.watched = app
        self._watch_hands(self.window.windowHandle())
        self.locking.begin()
        self._then(then)
        if self.station.renewed is not None:
            QTimer.singleShot(0, self, self._tell_renewed)
        if self.serving is not None and self.central:
            job = partial(_ready, self.serving, self.station)
            self.work.call(job, done=self._tell_ready, failed=self._not_ready)

    def _tell_ready(self, sentence: str) -> None:
        """An older copy of the centre's database was brought up from what is kept beside it. Once,
        to whoever opens first, and for the head in the log."""
        if sentence:
            self.work.tell_all()
            self.work.do(verbs.put_back, sentence)
            self.context.ask.tell(self.window, "资料库恢复过", f"{sentence}。", tone="warn")

    def _not_ready(self, error: Exception) -> None:
        if not isinstance(error, Fault):
            raise error
        self.context.ask.tell(self.window, "资料库没有核对成", error.message, tone="warn")

    def _tell_clock(self) -> None:
        self._doubt_clock(self.station.clock_doubt)
        if not self.over:
            self.rounds.start()

    def _clock_leapt(self, doubt: str) -> None:
        self._doubt_clock(doubt)
        if not self.over:
            self.rounds.go_on()

    def _doubt_clock(self, doubt: str) -> None:
        if not self.over:
            over = self.locking.screen or self.window
            self.context.ask.tell(over, "请核对这台电脑的日期", f"{doubt}。", tone="warn")

    def _tell_renewed(self) -> None:
        """Once, to whoever opens first: the file is not the one of last time."""
        if self.station.renewed is not None:
            text = self.station.renewed.sentence
            self.context.ask.tell(self.window, "资料文件变过了", text, tone="warn")

    def _then(self, then: str) -> None:
        """After the first start: the answer file, then what was chosen."""
        first, _, choice = then.partition(" ")
        if first != "first":
            return
        if choice == "import":
            self.open("import_roster")
        elif choice == "register":
            self.open("register")
        self.open("answer")

    # what pages ask for -----------------------------------------------------------------

    def open(self, name: str, /, **arguments: Any) -> QWidget | None:
        """A page or dialog by its name; raises KeyError for a name nobody gave."""
        if name == "restore":
            self.restore_wanted.emit(str(arguments.get("file", "")))
            return None
        if name in PAGES:
            return self.window.open(name, **arguments)
        if name in NEEDS:
            try:
                roles.allow(self.station.desk, *NEEDS[name])
            except Refusal as refusal:
                self._refused(refusal)
                return None
        made = DIALOGS[name](self.context, **arguments)
        if isinstance(made, QDialog):
            made.open()
        return made

    def say(self, text: str, tx: str = "") -> None:
        back = partial(self.work.do, undo.undo, tx, done=self.say)
        self.window.say(text, back if tx else None)

    def _undo(self) -> None:
        """A page may hold what is not saved yet, which is taken back first."""
        here = getattr(self.window.page(), "undo_here", None)
        if not (callable(here) and here()):
            self._take_back(undo.undo)

    def _take_back(self, verb: Callable[..., str]) -> None:
        self.work.do(verb, done=self.say, refused=self._refused)

    def _refused(self, refusal: Refusal) -> None:
        self.window.toast.refuse(refusal.message)

    def _find(self, text: str) -> None:
        self.open("find", **({"text": text} if text else {}))

    def _new(self) -> None:
        """A page may have its own new thing."""
        new = getattr(self.window.page(), "new", None)
        if callable(new):
            new()
        elif not self.central:
            self.open("register")

    def _menu(self, key: str) -> None:
        name, arguments = MENU_TO[key]
        turn = getattr(self.window.page(), "show_tab", None)
        if name == "settings" and getattr(self.window.page(), "nav", "") == name and turn:
            if arguments["tab"]:
                turn(arguments["tab"])
            return
        self.open(name, **arguments)

    # facts ------------------------------------------------------------------------------

    def _bottom(self, facts: Bottom) -> None:
        if self.over:  # asked before the end, answered after it: the window may be gone
            return
        saved = words.moment(facts.saved_at)
        days = days_since(facts.since) if facts.since else 0
        self.window.nav.safe.say(saved, facts.waiting, offline=facts.offline, days=days)
        self.window.nav.show_badge("waiting", facts.waiting + facts.kept)

    def _badges(self, counts: dict[str, int]) -> None:
        if self.over:
            return
        for key, count in counts.items():
            self.window.nav.show_badge(key, count)

    def _keep_size(self, value: float) -> None:
        settings.machine(self.station.home).remember("text_size", round(value * 100))

    # hands at the desk ------------------------------------------------------------------

    def _watch_hands(self, window: QWindow | None) -> None:
        """Windows get every key and click first, and little else: an application-wide filter
        would be asked about each repaint."""
        if window is not None:
            window.removeEventFilter(self)
            window.installEventFilter(self)
            self.locking.hands_moved()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in HANDS:
            before = self.locking.screen
            self.locking.hands_moved()
            if self.locking.screen is not before:  # a key that woke the computer presses nothing
                return True
        return isinstance(event, QKeyEvent) and self._is_stray(event)

    # a gun beside the scan box ----------------------------------------------------------

    def _is_stray(self, event: QKeyEvent) -> bool:
        """The key that ends what a gun said beside a box; it must not press a button."""
        if event.type() != QEvent.Type.KeyPress:
            return False
        code, spot = self.ear.code(event), self.window.focusWidget()
        elsewhere = QApplication.activeModalWidget() or QApplication.activePopupWidget()
        if not code or self.locking.screen or elsewhere or is_editor(spot):
            return False
        known = codes.is_form(code) or codes.is_visit(code)
        if not known and isinstance(spot, SearchBox):  # a number to look for
            return False
        if isinstance(spot, SearchBox):
            spot.setText(spot.text().removesuffix(code))
        self._offer_scan(code)
        return True

    def _offer_scan(self, code: str) -> None:
        page = self.window.page()
        if codes.is_visit(code):
            open_sheet(self.context, code)
        elif isinstance(page, CertificationPage) and page.tabs.current() == "scan":
            page.take_code(code)
        elif not codes.is_form(code):
            self.context.toast("扫到的不是认证表的码，什么都没有登记")
        elif any(entry.key == "certification" for entry in self.window.entries):
            go = partial(self.open, "certification", tab="scan", code=code)
            self.window.toast.offer("扫到一张认证表，还没有登记", "去扫码回收（F8）", go)

    def scan(self) -> None:
        """F8: to the scan box, with the code that was just scanned elsewhere."""
        if self.window.toast.offers():
            self.window.toast.press()
        elif isinstance(page := self.window.page(), CertificationPage):
            page.show_tab("scan")
        else:
            self.open("certification", tab="scan")

    # leaving ----------------------------------------------------------------------------

    def end(self, how: str) -> None:
        if not self.over:
            self.over = True
            self.ended.emit(how)

    def close(self) -> None:
        """Everything begun is finished, then the file is let go."""
        self.over = True
        faces.clear()
        self.rounds.stop()
        self.locking.close()
        if self.watched is not None:
            self.watched.focusWindowChanged.disconnect(self._watch_hands)
        for other in QApplication.topLevelWidgets():
            if isinstance(other, QDialog) and other.parentWidget() is self.window:
                other.hide()
        self.window.close()
        self.window.forget_pages()
        self.work.close()
        self.station.close()
        self.window.deleteLater()


def _ready(serving: Reach, station: Station) -> str:
    return serving(station).ready()
