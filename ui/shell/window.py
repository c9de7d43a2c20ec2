"""The window: side bar, top bar, a stack of pages, one toast, one ring. Knows no database."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QWidget
from shiboken6 import isValid

from ui.kit.brand import LINE, NAME, window_icon
from ui.kit.buttons import Tabs
from ui.kit.focus_ring import FocusRing, hand
from ui.kit.layout import HBox, Scroll, VBox
from ui.kit.toast import Toast
from ui.kit.tokens import GUTTER, Room, room, scale
from ui.shell.catalogue import Entry
from ui.shell.help import KEYS, HelpSheet, place_of, topic_of
from ui.shell.navbar import NavBar
from ui.shell.topbar import TopBar

MENU: tuple[tuple[str, str, str], ...] = (
    ("password", "修改口令", "key-round"),
    ("settings", "设置", "sliders-horizontal"),
    ("station", "站点信息", "building-2"),
    ("devices", "打印机与扫码枪", "printer"),
    ("notices", "区中心通知", "bell"),
    ("journal", "操作日志", "scroll-text"),
    ("help", "帮助（F1）", "info"),
    ("shortcuts", "键盘快捷键", "keyboard"),
    ("", "", ""),
    ("lock", "锁定（Ctrl+L）", "lock"),
    ("quit", "退出", "log-out"),
)


@dataclass
class Place:
    """One step of the way here. A page of the first level is kept, the others are not."""

    key: str
    page: QWidget
    frame: Scroll
    arguments: Mapping[str, Any] = field(default_factory=dict)
    focus: QWidget | None = None  # where the hands were when another page came over it


def in_frame(key: str, page: QWidget, arguments: Mapping[str, Any]) -> Place:
    """Every page may scroll when it is too tall; what scrolls itself gets no gutter from us."""
    gutter = 0 if getattr(page, "own_scroll", False) else GUTTER
    return Place(key, page, Scroll(page, gutter=gutter), arguments)


class _Stack(QStackedWidget):
    """As large as the page shown needs it; hidden ones have no say."""

    def __init__(self) -> None:
        super().__init__()
        self.currentChanged.connect(self._changed)

    def _changed(self, _place: int) -> None:
        self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        page = self.currentWidget()
        return page.minimumSizeHint() if page is not None else super().minimumSizeHint()


class Window(QMainWindow):
    """A page is any widget. What it may have, and the window uses:

    `title` (str), `nav` (key of the entry to light up), `back` (words of the way back),
    `has_search` (no find box on top), `own_scroll` (it scrolls by itself, up to our edge),
    `arrive()` (shown again), `refresh()` (F5), `fit(room)` (narrow or wide), `search()` (Ctrl+F),
    `leave()` (before it is taken down), `start()` (where the focus goes first),
    `escape() -> bool` (True: Esc was used up). `left` had the focus when it went elsewhere.
    """

    lock_wanted = Signal()
    quit_wanted = Signal()
    undo_wanted = Signal()
    redo_wanted = Signal()
    find_wanted = Signal(str)
    new_wanted = Signal()
    scan_wanted = Signal()
    menu_chosen = Signal(str)
    roomChanged = Signal(str)

    def __init__(
        self,
        *,
        person: str,
        station: str,
        entries: Sequence[Entry],
        pages: Mapping[str, Callable[..., QWidget]],
        menu: Sequence[tuple[str, str, str]] = MENU,
    ) -> None:
        super().__init__()
        self.entries, self.pages = tuple(entries), dict(pages)
        self.kept: dict[str, Place] = {}
        self.trail: list[Place] = []
        self.left: QWidget | None = None
        self.room: Room = "full"
        self.setWindowTitle(f"{NAME} {LINE} — {station}")
        self.setWindowIcon(window_icon())
        self.nav, self.top = NavBar(entries), TopBar(person, menu)
        self.stack = _Stack()
        self._arrange()
        self.toast, self.ring = Toast(self), FocusRing(self)
        self._listen()
        self._keys()

    # building ---------------------------------------------------------------------------

    def _arrange(self) -> None:
        ground = QWidget()
        ground.setObjectName("window")
        right = VBox()
        right.addWidget(self.top)
        right.addWidget(self.stack, 1)
        line = HBox(ground)
        line.addWidget(self.nav)
        line.addLayout(right, 1)
        self.setCentralWidget(ground)

    def _listen(self) -> None:
        self.nav.chosen.connect(self._nav_chosen)
        self.nav.safe_clicked.connect(self._open_exchange)
        self.top.back.connect(self.go_back)
        self.top.find_wanted.connect(self.find_wanted)
        self.top.chosen.connect(self._menu)
        scale.scaleChanged.connect(self._fit)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)

    def _keys(self) -> None:
        keys: dict[str, Callable[[], object]] = {
            "Esc": self.escape, "Alt+Left": self.go_back, "F5": self.refresh,
            "F1": self.show_help, "Ctrl+L": self.lock_wanted.emit,
            "Ctrl+=": self.larger, "Ctrl++": self.larger, "Ctrl+-": self.smaller,
            "Ctrl+K": self.find_person, "Ctrl+F": self.search, "Ctrl+Z": self.undo,
            "Ctrl+Y": self.redo_wanted.emit, "Ctrl+N": self.new_wanted.emit,
            "F8": self.scan_wanted.emit, "F6": self.cycle,
        }  # fmt: skip
        keys |= {f"Ctrl+{entry.number}": self._opener(entry.key) for entry in self.entries}
        self.shortcuts = {keys_: self._key(keys_, does) for keys_, does in keys.items()}

    def _key(self, keys: str, does: Callable[[], object]) -> QShortcut:
        made = QShortcut(QKeySequence(keys), self)
        made.activated.connect(does)
        return made

    def _opener(self, key: str) -> Callable[[], object]:
        return lambda: self._nav_chosen(key)

    # going ------------------------------------------------------------------------------

    def open(self, key: str, **arguments: Any) -> QWidget:
        """The page of this name; with arguments it is made anew and can be gone back from."""
        if key in self._first_level() and not arguments:
            return self._open_kept(key)
        before = self.trail[-1] if self.trail else None
        if before is not None:
            before.focus = self.focusWidget()
        place = in_frame(key, self.pages[key](**arguments), arguments)
        _call(place.page, "fit", self.room)  # before its needs can widen the window
        self.stack.addWidget(place.frame)
        self.trail.append(place)
        return self._show(self._back_words(place, before))

    def _open_kept(self, key: str) -> QWidget:
        fresh = key not in self.kept
        if fresh:
            self.kept[key] = in_frame(key, self.pages[key](), {})
            _call(self.kept[key].page, "fit", self.room)
            self.stack.addWidget(self.kept[key].frame)
        self._drop(self.trail)
        self.trail = [self.kept[key]]
        page = self._show("")
        if not fresh:
            _call(page, "arrive")
        return page

    def _show(self, back: str) -> QWidget:
        place = self.trail[-1]
        page = place.page
        self.stack.setCurrentWidget(place.frame)
        self.top.show_title(self._title_of(place), back if len(self.trail) > 1 else "")
        self.top.show_find(not getattr(page, "has_search", False))
        self.nav.show_current(getattr(page, "nav", "") or self._nav_key())
        _call(page, "fit", self.room)
        if not _call(page, "start"):
            _focus_first(page)
        return page

    def _back_words(self, place: Place, before: Place | None) -> str:
        """The page's own words, or what the page before is called from here (`called`)."""
        if before is None:
            return str(getattr(place.page, "back", ""))
        called = getattr(before.page, "called", "") or self._title_of(before)
        return str(getattr(place.page, "back", "") or f"返回{called}")

    def _title_of(self, place: Place | None) -> str:
        if place is None:
            return ""
        named = {entry.key: entry.text for entry in self.entries}
        return str(getattr(place.page, "title", "") or named.get(place.key, ""))

    def _nav_key(self) -> str:
        known = [place.key for place in self.trail if place.key in self._first_level()]
        return known[-1] if known else ""

    def _first_level(self) -> set[str]:
        return {entry.key for entry in self.entries}

    def retitle(self) -> None:
        """A page learned its own name."""
        if self.trail:
            self._show_again()

    def _show_again(self) -> None:
        place = self.trail[-1]
        before = self.trail[-2] if len(self.trail) > 1 else None
        self.top.show_title(self._title_of(place), self._back_words(place, before))

    def escape(self) -> None:
        """A page may use Esc itself first, for its side panel or its filter."""
        used = getattr(self.page(), "escape", None)
        if not (callable(used) and used()):
            self.go_back()

    def go_back(self) -> None:
        if len(self.trail) < 2:
            return
        self._drop([self.trail.pop()])
        page = self.trail[-1].page
        self.stack.setCurrentWidget(self.trail[-1].frame)
        self._show_again()
        self.top.show_find(not getattr(page, "has_search", False))
        self.nav.show_current(getattr(page, "nav", "") or self._nav_key())
        _call(page, "arrive")
        self._focus_again(self.trail[-1])

    def _focus_again(self, place: Place) -> None:
        """To the same row as before, else where the page begins."""
        spot, place.focus = place.focus, None
        there = spot is not None and isValid(spot) and place.frame.isAncestorOf(spot)
        if spot is not None and there and spot.isVisible():
            spot.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif not _call(place.page, "start"):
            _focus_first(place.page)

    def _focus_moved(self, old: QWidget | None, new: QWidget | None) -> None:
        if old is not None and old.window() is self:  # a dialog over it may be between
            self.left = old if self.stack.isAncestorOf(old) else None
        outside = new is not None and new.window() is self and not self.stack.isAncestorOf(new)
        if self.left is not None and new is not None and outside:
            QTimer.singleShot(0, self, partial(self._stay_inside, self.left, new))

    def _stay_inside(self, old: QWidget, new: QWidget) -> None:
        """What had the focus went with what was done: the hands do not fall to the side bar."""
        gone = not isValid(old) or not old.isVisible()
        page = self.page()
        if page is None or not gone or not isValid(new) or self.focusWidget() is not new:
            return
        if not _call(page, "start"):
            _focus_first(page)

    def _drop(self, places: Sequence[Place]) -> None:
        for place in places:
            if place not in self.kept.values():
                self._take_down(place)

    def _take_down(self, place: Place) -> None:
        _call(place.page, "leave")
        self.stack.removeWidget(place.frame)
        place.frame.deleteLater()

    def forget_pages(self) -> None:
        """Another person, other data: every page is made anew."""
        self._drop(self.trail)
        self.trail = []
        for place in self.kept.values():
            self._take_down(place)
        self.kept = {}

    def page(self) -> QWidget | None:
        return self.trail[-1].page if self.trail else None

    def _nav_chosen(self, key: str) -> None:
        hand.keys = hand.keys or self.focusWidget() is not None
        self.open(key)

    def _open_exchange(self) -> None:
        if "exchange" in self.pages:
            self.open("exchange")

    # keys -------------------------------------------------------------------------------

    def refresh(self) -> None:
        _call(self.page(), "refresh")

    def search(self) -> None:
        if not _call(self.page(), "search"):
            self.find_person()

    def find_person(self) -> None:
        """Ctrl+K, wherever we are; whoever closes it is there again."""
        self.find_wanted.emit(self.top.find_box.text().strip())

    def undo(self) -> None:
        if self.toast.can_undo():
            self.toast.press()
        else:
            self.undo_wanted.emit()

    def larger(self) -> None:
        scale.step(1)

    def smaller(self) -> None:
        scale.step(-1)

    def show_help(self) -> None:
        """F1: how this page is worked."""
        HelpSheet(self, self.entries, self._topic()).open()

    def explain(self, form: QWidget) -> None:
        """F1 in a form over a page: how that is worked, else the page."""
        HelpSheet(form, self.entries, topic_of(place_of(form)) or self._topic()).open()

    def _topic(self) -> str:
        key = self.trail[-1].key if self.trail else ""
        tabs = getattr(self.page(), "tabs", None)
        return topic_of(f"{key}.{tabs.current()}" if isinstance(tabs, Tabs) else key)

    def show_shortcuts(self) -> None:
        HelpSheet(self, self.entries, tab=KEYS).open()

    def cycle(self) -> None:
        """F6: content, side bar, top bar."""
        areas = [self.stack, self.nav, self.top]
        now = self.focusWidget()
        inside = [area.isAncestorOf(now) if now is not None else False for area in areas]
        start = inside.index(True) if True in inside else -1
        area = areas[(start + 1) % len(areas)]
        hand.keys = True
        _focus_first(area)

    def _menu(self, key: str) -> None:
        does: dict[str, Callable[[], object]] = {
            "help": self.show_help, "shortcuts": self.show_shortcuts,
            "lock": self.lock_wanted.emit, "quit": self.quit_wanted.emit,
        }  # fmt: skip
        does.get(key, lambda: self.menu_chosen.emit(key))()

    # size -------------------------------------------------------------------------------

    def say(self, text: str, undo: Callable[[], object] | None = None) -> None:
        """The toast: what was saved, and how to take it back."""
        self.toast.say(text, undo)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self, _value: float = 1.0) -> None:
        now = room(self.width())
        self.nav.fit(now)
        self.top.fit(now)
        changed, self.room = now != self.room, now
        for place in (*self.trail, *self.kept.values()):
            _call(place.page, "fit", now)  # hidden ones too: the stack is as wide as its widest
        if changed:
            self.roomChanged.emit(now)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._drop(self.trail)
        super().closeEvent(event)


def _call(page: QWidget | None, name: str, *arguments: object) -> bool:
    does = getattr(page, name, None)
    if callable(does):
        does(*arguments)
        return True
    return False


def _focus_first(area: QWidget) -> None:
    step = area.nextInFocusChain()
    while step is not None and step is not area:
        live = step.isEnabled() and step.isVisibleTo(area)
        wanted = bool(step.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if live and wanted and area.isAncestorOf(step):
            step.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return
        step = step.nextInFocusChain()
