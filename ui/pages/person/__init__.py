"""One person: header card, tabs, everything one can do for them (design 8.3)."""

from functools import partial
from itertools import pairwise
from typing import Any, cast

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QStackedWidget

from app import audit, retiree, roles
from app.kit.refusal import Refusal, Voided
from app.kit.run import Session
from app.printing import list_sheet
from ui.kit.buttons import Button, Tabs
from ui.kit.context import Context
from ui.kit.empty import EmptyState
from ui.kit.layout import Scroll, VBox
from ui.kit.screen import Screen
from ui.kit.tokens import Room, px
from ui.pages.person import paper
from ui.pages.person.basic import Basic
from ui.pages.person.certification import Certification
from ui.pages.person.erase import erase
from ui.pages.person.family import Family
from ui.pages.person.head import Head
from ui.pages.person.tab import Tab, may_write
from ui.pages.person.timeline import History
from ui.pages.person.visits import Visits

TABS: tuple[tuple[str, str, type[Tab]], ...] = (
    ("basic", "基本信息", Basic),
    ("certification", "资格认证", Certification),
    ("visits", "走访", Visits),
    ("family", "家属", Family),
    ("timeline", "时间线", History),
)
LOW = 600  # under this height the header gives way
SCROLLED = 40


def page(context: Context, *, retiree_id: str, tab: str = "") -> "PersonPage":
    """The page of one retiree, at a tab."""
    return PersonPage(context, retiree_id, tab)


class PersonPage(Screen):
    own_scroll = True
    tables = frozenset({"retiree", "family", "tag", "movement", "certification", "cert_task",
                        "suspicion", "visit", "visit_plan", "survey", "print",
                        "attachment", "consent"})  # fmt: skip

    def __init__(self, context: Context, retiree_id: str, tab: str = "") -> None:
        super().__init__(context)
        self.retiree_id = retiree_id
        self.nav = "people" if roles.is_central(context.desk) else "retirees"
        self.room: Room = "full"
        self.person: retiree.Person | None = None
        self.head = Head(context)
        self.tabs = Tabs([(key, text) for key, text, _ in TABS], tab)
        self.stack = QStackedWidget()
        self.bodies: dict[str, Tab] = {}
        self.scrolls: dict[str, Scroll] = {}
        self.shown: set[str] = set()
        self.collapsed = False
        self.instead: EmptyState | None = None
        self._arrange()
        self._listen()
        self.reload()

    def _arrange(self) -> None:
        top = VBox(gap=8, margins=(0, 0, 24, 0))
        top.add(self.head, self.tabs)
        box = VBox(self, gap=8, margins=(24, 12, 0, 0))
        box.addLayout(top)
        box.addWidget(self.stack, 1)
        for key, _text, made in TABS:
            self.bodies[key] = made(self.context)
            self.bodies[key].tab_wanted.connect(self.choose)
            self.scrolls[key] = Scroll(self.bodies[key])
            self.scrolls[key].verticalScrollBar().valueChanged.connect(self._scrolled)
            self.stack.addWidget(self.scrolls[key])
        self.stack.setCurrentWidget(self.scrolls[self.tabs.current()])

    def _listen(self) -> None:
        self.tabs.chosen.connect(self._show_tab)
        self.head.asked.connect(self._act)
        keys = {"F2": self.edit, "Ctrl+P": self.head.print_form}
        for sequence, does in keys.items():
            shortcut = QShortcut(QKeySequence(sequence), self)
            shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(does)

    # showing ----------------------------------------------------------------------------

    def reload(self) -> None:
        work = self.context.work
        work.ask(retiree.person, self.retiree_id, done=self._show, refused=self._gone)

    def _show(self, person: retiree.Person) -> None:
        self.person, self.title = person, person.name
        now = self.window().focusWidget()
        inside = now is not None and self.stack.isAncestorOf(now)
        self._stand(None)
        self.head.show_person(person)
        self._order()
        self.shown.clear()
        self._fill(self.tabs.current())
        if inside:  # what had the keys is laid anew
            self.focus_first()
        self._retitle()

    def _retitle(self) -> None:
        window = self.window()
        retitle = getattr(window, "retitle", None)
        if callable(retitle) and getattr(window, "page", lambda: None)() is self:
            retitle()

    def _order(self) -> None:
        """The header is made after the tabs, and stands before them."""
        for one, after in pairwise([*self.head.stops(), *self.tabs.buttons.values()]):
            self.setTabOrder(one, after)

    def _gone(self, refusal: Refusal) -> None:
        self.person = None
        self.shown.clear()  # a tab laid anew for another width would ask for who is gone
        ways = [Button("查看已作废", icon="history", does=self._look_among_voided)]
        if isinstance(refusal, Voided) and refusal.instead:
            now = partial(self.context.open, "person", retiree_id=refusal.instead)
            ways.append(Button("打开现在的登记", "primary", icon="user-check", does=now))
        elif not isinstance(refusal, Voided):
            ways.clear()
        words = refusal.message
        self._stand(EmptyState("user-x", "这份档案打不开", words, buttons=ways, tone="neu"))
        if ways and self._has_keys():
            ways[-1].setFocus(Qt.FocusReason.OtherFocusReason)
        self.title = self.title or "退休人员档案"
        self._retitle()

    def _has_keys(self) -> bool:
        now = self.window().focusWidget()
        return now is None or now is self or self.isAncestorOf(now)

    def _stand(self, instead: EmptyState | None) -> None:
        """This stands instead of everything about the person, or the person is there again."""
        before, self.instead = self.instead, instead
        if instead is not None:
            self.stack.addWidget(instead)
        if instead is not None or before is not None:
            self.stack.setCurrentWidget(instead or self.scrolls[self.tabs.current()])
        self.head.setVisible(instead is None)
        self.tabs.setVisible(instead is None)
        if before is not None:
            self.stack.removeWidget(before)
            before.deleteLater()

    def _look_among_voided(self) -> None:
        self.context.open("voided", group="retiree")

    def _fill(self, key: str) -> None:
        """Tabs are filled when they are looked at; the scroll stays where it was."""
        if self.person is None or key in self.shown:
            return
        self.shown.add(key)
        bar = self.scrolls[key].verticalScrollBar()
        kept = bar.value()
        self.bodies[key].fit(self.room)
        self.bodies[key].show_person(self.person)
        QTimer.singleShot(0, bar, lambda: bar.setValue(kept))

    def _show_tab(self, key: str) -> None:
        self._fill(key)
        self.stack.setCurrentWidget(self.scrolls[key])
        self._scrolled(self.scrolls[key].verticalScrollBar().value())

    def choose(self, key: str) -> None:
        self.tabs.choose(key)
        self._show_tab(key)

    def fit(self, room: Room) -> None:
        self.room = room
        self.head.fit(room)
        self._order()
        for key in self.shown:
            self.bodies[key].fit(room)

    def start(self) -> None:
        self.focus_first()

    def focus_first(self) -> None:
        self.tabs.buttons[self.tabs.current()].setFocus(Qt.FocusReason.OtherFocusReason)

    # a low window -----------------------------------------------------------------------

    def _scrolled(self, value: int) -> None:
        bar = self.scrolls[self.tabs.current()].verticalScrollBar()
        low = self.height() < px(LOW)
        if self.collapsed:
            self._collapse(low and value > 0)
        elif low and value > px(SCROLLED) and bar.maximum() > px(2 * SCROLLED) + self.head.height():
            self._collapse(True)

    def _collapse(self, small: bool) -> None:
        if small != self.collapsed:
            self.collapsed = small
            self.head.collapse(small)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.height() >= px(LOW):
            self._collapse(False)

    # acts -------------------------------------------------------------------------------

    def edit(self) -> None:
        if self.person is not None and may_write(self.context, self.person):
            self.context.open("edit", retiree_id=self.retiree_id)

    def _act(self, name: str, verb: str) -> None:
        if name == "movement":
            self.context.open("movement", retiree_id=self.retiree_id, verb=verb)
        elif name == "paper":
            self.print_paper()
        elif name == "notice":
            self.context.open("print_notices", retiree_ids=(self.retiree_id,))
        elif name == "record":
            self._visits().print_record()
        elif name == "erase" and self.person is not None:
            erase(self, self.context, self.person)
        elif name == "edits" and self.person and roles.may(self.context.desk, "audit", "see"):
            self.context.open("journal", retiree_id=self.retiree_id, person=self.person.name)
        elif name == "edits":
            self.choose("timeline")
            history = self.bodies["timeline"]
            if isinstance(history, History):
                history.show_kind("edit")
        else:
            self.context.open(name, retiree_id=self.retiree_id)

    def _visits(self) -> Visits:
        self._fill("visits")
        return cast("Visits", self.bodies["visits"])

    def print_paper(self) -> None:
        purpose = self.context.ask.text(
            self, "打印档案", "用途", text="会印在纸上，并记入操作日志", act="预览"
        )
        if purpose:
            self.context.work.do(_paper, self.retiree_id, purpose, done=self._draw)

    def _draw(self, data: Any) -> None:
        show = partial(self._preview, paper.PAPER)
        self.context.work.call(list_sheet.draw, data, done=show)

    def _preview(self, title: str, data: bytes) -> None:
        self.context.open("print_pdf", title=title, data=data)


def _paper(session: Session, retiree_id: str, purpose: str) -> list_sheet.ListSheet:
    made = paper.data(session, retiree_id, purpose)
    audit.note(session, "打印", "retiree", retiree_id, f"{paper.PAPER}，用途：{purpose}")
    return made
