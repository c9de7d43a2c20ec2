"""扫码回收: the scan box, what became of the form, everything scanned in this session."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app import attachment, certification, suspicion, visit
from app.certification import Returned
from app.certification.card import Card as TaskCard
from app.certification.card import of_person, standing
from app.kit.run import Acted, Session, acted
from app.printing.kit.codes import is_visit, normal
from app.retiree import find
from app.suspicion import SuspicionRow
from app.undo import undo
from models.kit import codes
from ui.kit.avatar import Photo
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.charts import ColumnChart, DataButton
from ui.kit.context import Context
from ui.kit.label import Elided, Icon, Label
from ui.kit.layout import HBox, VBox, clear, holder
from ui.kit.scan import ScanBox, sound
from ui.kit.screen import Screen
from ui.kit.tokens import Room, px
from ui.pages.certification.result import ResultCard
from ui.pages.certification.session import SessionCard

A_CODE = re.compile(r"[A-Z]{2}\d")
SIDE, FACE = 340, 200


class ScanTab(Screen):
    """One form after the other; the box is empty again and keeps the focus."""

    tables = frozenset({"certification", "suspicion", "cert_task"})

    def __init__(self, context: Context, go: Callable[[str], object]) -> None:
        super().__init__(context)
        self.stale, self.go = True, go
        self.box = ScanBox("把光标放在这里，用扫码枪扫认证表右上角二维码")
        self.result = ResultCard()
        self.result.face_wanted.connect(self._show_face)
        self.session = SessionCard(context)
        self.chart, self.doubts = ColumnChart(height=124, unit="人"), VBox(gap=8)
        self._arrange()
        self.box.scanned.connect(self.take)
        self.box.empty.connect(self.result.focus_first)
        self.result.acted.connect(self._act)
        self.result.typed.connect(self._go_on_typing)
        self.session.acted.connect(self._act_on)

    def _arrange(self) -> None:
        hint = Label("没有扫码枪？输编号或姓名首字母，按回车", "body", "t2")
        top = Card("扫码回收", actions=(hint,))
        top.add(self.box, self.result)
        left = VBox(gap=12)
        left.add(top)
        left.addWidget(self.session, 1)
        data = DataButton("按月完成", self.chart)
        months = Card("按月完成", actions=(data,), margins=(18, 8, 6, 8), gap=4)
        months.add(self.chart)
        self.doubt_card = Card(
            "异常待核", actions=(Button("全部", "text", "s", does=lambda: self.go("suspicion")),),
            margins=(18, 8, 6, 12), gap=4,
        )  # fmt: skip
        self.doubt_card.body.addLayout(self.doubts)
        right = VBox(gap=12)
        right.add(months, self.doubt_card)
        right.addStretch(1)
        self.side = holder(right)
        self.columns = HBox(self, gap=12)
        self.columns.addLayout(left, 1)
        self.columns.addWidget(self.side)

    def fit(self, room: Room) -> None:
        small = room == "small"
        down, right = HBox.Direction.TopToBottom, HBox.Direction.LeftToRight
        self.columns.setDirection(down if small else right)
        self.side.setMinimumWidth(0 if small else px(SIDE))
        self.side.setMaximumWidth(16_777_215 if small else px(SIDE))

    def focus_first(self) -> None:
        self.box.setFocus()

    def _go_on_typing(self, key: QKeyEvent) -> None:
        self.focus_first()
        self.box.keyPressEvent(key)

    # scanning ---------------------------------------------------------------------------

    def take(self, text: str) -> None:
        """A code or a number is recorded; words look for the person."""
        if is_visit(text):
            open_sheet(self.context, text)
        elif A_CODE.match(normal(text)):
            self.receive(text)
        else:
            self.context.work.ask(meant, text, done=lambda found: self._offer(text, found))

    def receive(self, text: str) -> None:
        work = self.context.work
        work.do(acted, certification.returned, text, done=self._received)

    def _received(self, done: Acted[Returned]) -> None:
        said = done.result
        sound(said.recorded)
        self.result.show_returned(said)
        self.session.note(said, done.tx)
        self.focus_first()

    def _show_face(self, retiree_id: str, photo: Photo) -> None:
        self.context.work.ask(attachment.face, retiree_id, FACE, done=photo.set_bytes)

    def _offer(self, text: str, found: Sequence[TaskCard]) -> None:
        if found:
            self.result.show_people(found)
            QTimer.singleShot(0, self.result, self.result.focus_first)
        elif any(sign.isdigit() for sign in text):
            self.receive(text)
        else:
            sound(ok=False)
            self.result.show_nobody(text)

    # acting -----------------------------------------------------------------------------

    def _act(self, act: str, said: Any) -> None:
        acts: dict[str, Callable[[Any], object]] = {
            "undo": self.take_back,
            "correct": self._correct,
            "person": lambda one: self.context.open(
                "person", retiree_id=one.retiree_id, tab="certification"
            ),
            "reprint": lambda one: self.context.open("print_forms", task_ids=(one.new_task_id,)),
            "doubt": self._doubt,
            "next": lambda _one: self._next(),
            "take": self._take_person,
        }
        acts[act](said)

    def _act_on(self, act: str, said: Returned) -> None:
        self.take_back(said) if act == "undo" else self._act("person", said)

    def take_back(self, said: Returned) -> None:
        """撤销: as if the form had not been scanned."""
        tx = self.session.action_of(said.certification_id)
        if tx:
            self.context.work.do(undo, tx, done=lambda _words: self._taken_back(said))

    def _taken_back(self, said: Returned) -> None:
        self.session.mark_undone(said.certification_id)
        if self.result.said is said:
            self.result.show_undone(said)
        self.focus_first()

    def _correct(self, said: Returned) -> None:
        self.context.open(
            "certify",
            retiree_id=said.retiree_id,
            task_id=said.task_id,
            certification_id=said.certification_id,
        )

    def _doubt(self, said: Returned) -> None:
        reason = suspicion.AFTER_DEATH
        detail = f"登记离开后又交来认证表 {said.number}"
        self.context.work.do(
            suspicion.open_suspicion, said.retiree_id, reason, detail, said.task_id,
            done=lambda one: self.context.open("suspicion", suspicion_id=one),
        )  # fmt: skip

    def _take_person(self, one: TaskCard) -> None:
        """The form of somebody found by name: by its number, or filled in by hand."""
        if one.form_no:
            self.receive(one.form_no)
            self.focus_first()
        else:
            self.context.open("certify", retiree_id=one.retiree_id, task_id=one.task_id)

    def _next(self) -> None:
        self.result.hide()
        self.focus_first()

    # beside -----------------------------------------------------------------------------

    def reload(self) -> None:
        work = self.context.work
        work.ask(certification.by_month, done=self._show_months)
        work.ask(suspicion.suspicions, done=lambda page: self._show_doubts(page.rows, page.total))
        ids = self.session.recorded()
        if ids:
            work.ask(standing, ids, done=lambda live: self._show_standing(set(ids) - live))

    def _show_standing(self, gone: set[str]) -> None:
        """Taken back elsewhere: with Ctrl+Z, or on the person's page."""
        for one in gone.intersection(self.session.recorded()):
            self.session.mark_undone(one)
            if self.result.said is not None and self.result.said.certification_id == one:
                self.result.show_undone(self.result.said)

    def _show_months(self, months: Sequence[tuple[str, int]]) -> None:
        self.chart.set_points([(f"{int(month[5:])}月", count) for month, count in months])

    def _show_doubts(self, rows: Sequence[SuspicionRow], total: int) -> None:
        clear(self.doubts)
        self.doubt_card.set_title(f"异常待核 {total}" if total else "异常待核")
        self.doubts.add(*[self._doubt_line(one) for one in rows[:4]])
        if not rows:
            self.doubts.add(Label("没有待核的异常", "body", "t2"))

    def _doubt_line(self, one: SuspicionRow) -> QWidget:
        reason = codes.table("SUSPICION_REASON").name(one.reason)
        line = HBox(gap=8, margins=(0, 0, 8, 0))
        line.add(Icon("circle-alert", "bad", 18))
        line.addWidget(Elided(one.name, reason), 1)
        look = Button("核对", sz="s")
        look.clicked.connect(lambda: self.context.open("suspicion", suspicion_id=one.id))
        line.add(look)
        return holder(line)


def open_sheet(context: Context, text: str) -> None:
    """走访记录表: what its note promises, the visit it was printed for."""

    def there(found: visit.Sheet) -> None:
        context.open("visit", retiree_id=found.retiree_id, visit_no=found.number)

    context.work.ask(visit.returned_sheet, text, done=there)


def meant(session: Session, text: str) -> list[TaskCard]:
    """Whom the words may mean among those still due; a few at most."""
    found = [of_person(session, one.id) for one in find(session, text, limit=8)]
    return [one for one in found if one.task_id][:4]
