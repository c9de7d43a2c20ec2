"""The week as columns of cards: moved by dragging or with Alt+← and Alt+→."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import QMimeData, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDrag,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
)  # fmt: skip
from PySide6.QtWidgets import QApplication, QFrame, QSizePolicy, QWidget

from models.kit import clock
from ui.kit.label import Elided, Label, restyle
from ui.kit.layout import HBox, Scroll, VBox, clear
from ui.kit.tokens import RADIUS_CONTROL, colour, px, tint

DAYS = "一二三四五六日"
MOST = 100
"""Cards of a day; nobody works through more, and each costs time to draw."""
MIME = "application/x-sangyu-visit"


@dataclass(frozen=True)
class Planned:
    """One visit of the week; `tone` is the colour of its bar."""

    retiree_id: str
    name: str
    matter: str
    tone: str
    day: date


class PlanCard(QFrame):
    """Click, Enter and Space open it; it is dragged, or pushed with Alt+←/→."""

    opened = Signal(str)
    stepped = Signal(str, int)
    walked = Signal(object, int, int)

    def __init__(self, one: Planned) -> None:
        super().__init__()
        self.one = one
        self.pressed_at: QPoint | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{one.name} {one.matter}，{one.day}，按 Alt 加左右键改日期")
        box = VBox(self, gap=0, margins=(14, 6, 8, 6))
        box.add(Elided(one.name), Elided("", one.matter, "small", "t2"))

    def sizeHint(self) -> QSize:
        return QSize(px(110), px(56))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area, path = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), QPainterPath()
        path.addRoundedRect(area, px(RADIUS_CONTROL), px(RADIUS_CONTROL))
        painter.fillPath(path, QColor(colour.surface))
        painter.setClipPath(path)
        painter.fillRect(QRectF(0, 0, px(4), self.height()), QColor(tint(self.one.tone).icon))
        painter.setClipping(False)
        painter.setPen(QColor(colour.line))
        painter.drawPath(path)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, alt = event.key(), event.modifiers() & Qt.KeyboardModifier.AltModifier
        across: dict[int, int] = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        along: dict[int, int] = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        if key in across and alt:
            self.stepped.emit(self.one.retiree_id, across[key])
        elif key in across or key in along:
            self.walked.emit(self, across.get(key, 0), along.get(key, 0))
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.opened.emit(self.one.retiree_id)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed_at = event.position().toPoint()
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.pressed_at is None:
            return
        far = (event.position().toPoint() - self.pressed_at).manhattanLength()
        if far >= QApplication.startDragDistance():
            self.pressed_at = None
            self._drag()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.pressed_at is not None and self.rect().contains(event.position().toPoint()):
            self.opened.emit(self.one.retiree_id)
        self.pressed_at = None

    def _drag(self) -> None:
        carried, drag = QMimeData(), QDrag(self)
        carried.setData(MIME, self.one.retiree_id.encode())
        drag.setMimeData(carried)
        drag.setPixmap(self.grab())
        drag.exec(Qt.DropAction.MoveAction)


class DayColumn(QFrame):
    """One day; takes cards that are dropped on it."""

    dropped = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self.day = clock.today()
        self.cards: list[PlanCard] = []
        self.setObjectName("well")
        self.setAcceptDrops(True)
        self.head, self.note = Label("", "strong"), Label("", "small", "t2")
        top = HBox(gap=6, margins=(0, 0, 8, 0))
        top.add(self.head)
        top.addStretch(1)
        top.add(self.note)
        self.list = VBox(gap=8)
        self.list.addStretch(1)
        box = VBox(self, gap=8, margins=(8, 8, 2, 8))
        box.addLayout(top)
        box.addWidget(Scroll(self.list, gutter=6), 1)
        self.setMinimumWidth(px(96))

    def show_day(self, day: date, planned: Sequence[Planned], *, weekend: bool = False) -> None:
        today = day == clock.today()
        self.day = day
        word = "周末" if weekend else f"周{DAYS[day.weekday()]}"
        self.head.setText(f"{word} {day.day}")
        self.head.set_tone("prit" if today else "")
        self.note.setText("今天" if today else f"{len(planned)} 件" if planned else "")
        self.note.set_tone("prit" if today else "t2")
        self.setObjectName("batch" if today else "well")
        restyle(self)
        clear(self.list)
        self.cards = [PlanCard(one) for one in planned[:MOST]]
        self.list.add(*self.cards)
        if len(planned) > MOST:
            self.list.add(
                Label(f"还有 {len(planned) - MOST} 件，走访单上都有", "small", "t2", wrap=True)
            )
        self.list.addStretch(1)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(MIME) and self.day >= clock.today():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        carried = bytes(event.mimeData().data(MIME).data()).decode()
        event.acceptProposedAction()
        self.dropped.emit(carried, self.day)


class Board(QWidget):
    """Five days, and the weekend where something is planned there."""

    opened = Signal(str)
    moved = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self.days = [DayColumn() for _ in range(6)]
        line = HBox(self, gap=8)
        self.setMinimumHeight(px(240))
        for column in self.days:
            line.addWidget(column, 1)
            column.dropped.connect(self.moved)

    def show_week(self, monday: date, planned: Sequence[Planned]) -> None:
        """The focus stays with the person it was on."""
        kept = self.focused()
        for at, column in enumerate(self.days):
            day = date.fromordinal(monday.toordinal() + at)
            weekend = at == 5
            here = [one for one in planned if one.day == day or (weekend and one.day > day)]
            column.show_day(day, here, weekend=weekend)
            column.setVisible(not weekend or bool(here))
            for card in column.cards:
                card.opened.connect(self.opened)
                card.stepped.connect(self._step)
                card.walked.connect(self._walk)
        self.focus_on(kept)

    def fit(self, *, tight: bool) -> None:
        """Without the counts where the columns are narrow."""
        for column in self.days:
            column.note.setVisible(not tight)

    def cards(self) -> list[PlanCard]:
        """All of the week."""
        return [card for column in self.days for card in column.cards]

    def focused(self) -> str:
        """Whose card has the focus."""
        return next((one.one.retiree_id for one in self.cards() if one.hasFocus()), "")

    def focus_on(self, retiree_id: str) -> None:
        for card in self.cards():
            if retiree_id and card.one.retiree_id == retiree_id:
                card.setFocus(Qt.FocusReason.TabFocusReason)

    def focus_first(self) -> None:
        """Today's first card, else the first of all."""
        today = [card for card in self.cards() if card.one.day == clock.today()]
        for card in (today or self.cards())[:1]:
            card.setFocus(Qt.FocusReason.TabFocusReason)

    def _step(self, retiree_id: str, by: int) -> None:
        """Friday's next day is Monday."""
        one = next(card.one for card in self.cards() if card.one.retiree_id == retiree_id)
        day = date.fromordinal(one.day.toordinal() + by)
        while day.weekday() > 4:
            day = date.fromordinal(day.toordinal() + by)
        self.moved.emit(retiree_id, day)

    def _walk(self, card: PlanCard, across: int, along: int) -> None:
        filled = [column for column in self.days if column.cards]
        at = next(n for n, column in enumerate(filled) if card in column.cards)
        row = filled[at].cards.index(card) + along
        to = filled[max(0, min(at + across, len(filled) - 1))].cards
        to[max(0, min(row, len(to) - 1))].setFocus(Qt.FocusReason.TabFocusReason)
