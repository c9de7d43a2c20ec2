"""工作台: what is to be done today, four figures, and what happened lately."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QWidget

from app import roles
from app import workbench as verbs
from models.kit import clock
from ui.kit.buttons import Button
from ui.kit.card import StatCard
from ui.kit.context import Context
from ui.kit.format import full_day
from ui.kit.label import Label, show_if
from ui.kit.layout import Grid, HBox, VBox, column, holder
from ui.kit.screen import Screen
from ui.kit.tokens import Room, px, scale
from ui.pages.workbench.ring import RingCard
from ui.pages.workbench.side import Birthdays, Notices, Progress, Recent, Safety
from ui.pages.workbench.todo import TodoCard

EVERY = 60_000
FEW, MANY = 6, 11
ABOVE, ROW = 346, 57  # design pixels over the rows, and of one row
TALL, ROOMY = 900, 1700
CARDS = (
    ("due", "badge-check", "pri", "待认证"),
    ("visit", "footprints", "bad", "走访逾期"),
    ("suspicion", "file-warning", "warn", "异常待核"),
    ("outbox", "arrow-right-left", "info", "待上报区中心"),
)


def page(context: Context) -> "WorkbenchPage":
    """The first page after login."""
    return WorkbenchPage(context)


class WorkbenchPage(Screen):
    title = "工作台"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.room: Room = "full"
        self.stale, self.new, self.tall = True, False, 0
        self.read: verbs.Workbench | None = None
        self.greeting, self.sentence = Label(greeting(context), "title"), Label("", "body", "t2")
        self.scan = Button("扫码回收认证表", "primary", icon="scan-qr-code")
        self.register = Button("登记退休人员", icon="user-plus", does=self._opener("register"))
        self.scan.clicked.connect(self._opener("certification", tab="scan"))
        show_if(self.register, roles.may(context.desk, "retiree", "write"))
        show_if(self.scan, roles.may(context.desk, "certification", "write"))
        self.cards = {key: StatCard(icon, tone, words) for key, icon, tone, words in CARDS}
        self.todo, self.ring = TodoCard(context), RingCard(context)
        self.birthdays, self.recent = Birthdays(context), Recent(context)
        self.safety, self.notices, self.progress = Safety(context), Notices(context), Progress()
        self._arrange()
        self._listen()

    # building ---------------------------------------------------------------------------

    def _arrange(self) -> None:
        top = HBox(gap=8)
        top.addLayout(column(self.greeting, self.sentence, gap=2), 1)
        top.add(self.register, self.scan)
        self.stats, self.columns = Grid(gap=(14, 14)), HBox(gap=14)
        self.middle, self.right = VBox(gap=12), VBox(gap=12)
        self.middle_side, self.right_side = holder(self.middle), holder(self.right)
        self.columns.addWidget(self.todo, 1)
        self.columns.addWidget(self.middle_side)
        self.columns.addWidget(self.right_side)
        whole = VBox(self, gap=14, margins=(24, 14, 12, 14))
        whole.add(top, self.stats)
        whole.add(self.columns, stretch=1)
        self.fit("full")

    def _listen(self) -> None:
        opens = {
            "due": self._opener("certification", tab="due", filter="month"),
            "visit": self._opener("visits", tab="plan"),
            "suspicion": self._opener("certification", tab="suspicion"),
            "outbox": self._opener("exchange"),
        }
        for key, card in self.cards.items():
            card.clicked.connect(opens[key])
        self.todo.counted.connect(self._say_counts)
        self.timer = QTimer(self, interval=EVERY)
        self.timer.timeout.connect(self.tick)
        self.timer.start()
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.applicationStateChanged.connect(self._state_changed)

    def _opener(self, name: str, **arguments: str) -> Callable[..., object]:
        return lambda _checked=False: self.context.open(name, **arguments)

    # room -------------------------------------------------------------------------------

    def fit(self, room: Room) -> None:
        """Three columns, two, or one; figures in a row or two by two."""
        before, self.room = self.room, room
        across = 2 if room == "small" else 4
        for place, card in enumerate(self.cards.values()):
            self.stats.addWidget(card, *divmod(place, across))
        for place in range(4):
            self.stats.setColumnStretch(place, 1 if place < across else 0)
        down, right = HBox.Direction.TopToBottom, HBox.Direction.LeftToRight
        self.columns.setDirection(down if room == "small" else right)
        self._place_side()
        self._count_rows()
        if self.read is not None and room != before:
            self._show(self.read)

    def _place_side(self) -> None:
        wide = self.room == "wide"
        for box in (self.middle, self.right):
            while box.count():
                box.takeAt(0)
        only_wide: list[QWidget] = [self.safety, self.notices, self.progress]
        for each in only_wide:
            each.setVisible(wide)
        self.middle.add(self.ring, self.birthdays, self.progress if wide else self.recent)
        self.middle.addStretch(1)
        self.right.add(self.safety, self.notices, *([self.recent] if wide else []))
        self.right.addStretch(1)
        self.right_side.setVisible(wide)
        self._side_width()

    def _side_width(self) -> None:
        roomy = self.window().width() / scale.value >= ROOMY
        wide = px(372 if self.room == "wide" and roomy else 344)
        for side in (self.middle_side, self.right_side):
            if self.room == "small":
                side.setMinimumWidth(0)
                side.setMaximumWidth(16_777_215)
            else:
                side.setFixedWidth(wide)

    def _count_rows(self) -> None:
        if not self.isVisible() and self.tall:
            return
        tall = round(self.window().height() / scale.value) if self.isVisible() else 688
        if tall == self.tall:
            return
        self.tall = tall
        much = tall >= TALL
        self.birthdays.limit = 5 if much else 2
        self.recent.limit = (11 if self.room == "wide" else 6) if much else 2
        self.todo.limit = max(FEW, min(MANY, (tall - ABOVE) // ROW))
        if self.isVisible():
            self.reload()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.isVisible():
            self._count_rows()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._count_rows()

    # reading ----------------------------------------------------------------------------

    def start(self) -> None:
        """The focus goes to the first task as soon as there is one."""
        self.todo.focus_first()

    focus_first = start

    def reload(self) -> None:
        self.context.work.ask(verbs.workbench, done=self._show)
        self.todo.reload()

    def _changed(self, _tables: frozenset[str]) -> None:
        """Every change of anything waits to be sent, and each exchange of that: all are ours."""
        self._overtaken()

    def tick(self) -> None:
        """Every minute and when the window comes to the front; nothing moves under the pointer."""
        if self.isVisible():
            self.context.work.ask(verbs.workbench, done=self._show)
            if not self.todo.underMouse():
                self.todo.reload()

    def _state_changed(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive:
            self.tick()

    def _show(self, read: verbs.Workbench) -> None:
        self.read = read
        self.greeting.setText(greeting(self.context))
        short = self.room in {"rail", "small"}
        for one in read.cards:
            note = shorter(one.note) if short else one.note
            self.cards[one.key].show_number(f"{one.count:,}", one.unit, note, one.note_tone)
        self.new = read.people == 0
        self.todo.say_new(new=self.new)
        self.ring.show_strip(read.ring)
        self.birthdays.show_people(read.birthdays)
        self.recent.show_acts(read.acts)
        self.notices.show_notices(read.notices)
        self.progress.show_month(read.visits_month, (read.ring.done, read.ring.total))
        self.safety.show_waiting(read.cards[3].count, read.cards[3].note)

    def _say_counts(self, counts: dict[str, int]) -> None:
        self.sentence.setText(sentence(counts, new=self.new))


def greeting(context: Context) -> str:
    """下午好，刘站长."""
    hour = clock.local(clock.now()).hour
    when = "早上好" if hour < 9 else "上午好" if hour < 12 else "下午好" if hour < 18 else "晚上好"
    name = context.desk.name
    return f"{when}，{name[:1]}站长" if "head" in context.desk.roles else f"{when}，{name}"


def sentence(counts: dict[str, int], *, new: bool = False) -> str:
    """11月23日 星期一，今天有 15 件事要办，其中 12 件已逾期."""
    day = full_day(clock.today())
    if new:
        return f"{day}，先把人员名册导进来"
    late, now = counts.get("overdue", 0), counts.get("today", 0)
    if not late + now:
        return f"{day}，今天没有到期的事"
    much = f"今天有 {late + now} 件事要办"
    return f"{day}，{much}，其中 {late} 件已逾期" if late else f"{day}，{much}"


def shorter(note: str) -> str:
    """Notes of the figures where there is little room."""
    tail = note.partition("，")[2] or note
    words = tail.replace("还剩", "剩").replace("最久已", "最久").replace("需本人", "需")
    return words.replace("没有上报过", "未上报").replace("还未", "未")
