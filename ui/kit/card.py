"""White cards: with a title, as a big number to click, and label–value lists."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from ui.kit.label import Elided, Icon, Label, restyle, show_if
from ui.kit.layout import Grid, HBox, Margins, VBox, clear
from ui.kit.tokens import px

CARD: Margins = (18, 14, 18, 14)


class Card(QFrame):
    """`body` takes the content; the title always stays on top."""

    def __init__(
        self,
        title: str = "",
        subtitle: str = "",
        *,
        actions: Sequence[QWidget] = (),
        margins: Margins = CARD,
        gap: int = 10,
    ) -> None:
        super().__init__()
        self.setObjectName("card")
        self.frame = VBox(self, gap=gap, margins=margins)
        self.head = QWidget(self)
        self.header = HBox(self.head, gap=8)
        self.title, self.subtitle = Label(title, "h2"), Label(subtitle, "small", "t2")
        show_if(self.subtitle, bool(subtitle))
        self.header.add(self.title, self.subtitle)
        self.header.addStretch(1)
        for each in actions:
            self.header.addWidget(each)
        self.head.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        show_if(self.head, bool(title or actions))
        self.frame.addWidget(self.head)
        self.body = VBox(gap=gap)
        self.frame.addLayout(self.body, 1)
        self.frame.addStretch(0)

    def add(self, *things: QWidget, stretch: int = 0) -> None:
        self.body.add(*things, stretch=stretch)

    def set_title(self, title: str, subtitle: str = "") -> None:
        self.head.show()
        self.title.setText(title)
        self.subtitle.setText(subtitle)
        show_if(self.subtitle, bool(subtitle))


class ClickCard(QFrame):
    """A card that is one button."""

    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def set_chosen(self, chosen: bool) -> None:
        self.setProperty("st", "chosen" if chosen else "")
        restyle(self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        inside = self.rect().contains(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and inside:
            self.clicked.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.clicked.emit()
        else:
            super().keyPressEvent(event)


class StatCard(ClickCard):
    """A number that opens the list behind it."""

    def __init__(
        self, icon: str, tone: str, label: str, number: str = "", unit: str = "", note: str = "",
        note_tone: str = "t3",
    ) -> None:  # fmt: skip
        super().__init__()
        self.label = Label(label, "body", "t2")
        self.number, self.unit = Label("", "num"), Label("", "small", "t2")
        self.note = Elided("", "", "small", note_tone)
        self.note.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        top = HBox(gap=8)
        top.add(self.label)
        top.addStretch(1)
        top.add(Icon("chevron-right", "t2", 18))
        low = HBox(gap=6)
        low.addWidget(self.number)
        low.addWidget(self.unit, 0, Qt.AlignmentFlag.AlignVCenter)
        low.addStretch(1)
        low.addWidget(self.note, 0, Qt.AlignmentFlag.AlignVCenter)
        words = VBox(gap=0)
        words.add(top, low)
        line = HBox(self, gap=12, margins=(14, 10, 12, 8))
        line.add(Icon(icon, tone, 20, square=40))
        line.add(words, stretch=1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_number(number, unit, note, note_tone)

    def show_number(self, number: str, unit: str, note: str = "", note_tone: str = "t3") -> None:
        self.number.setText(number)
        self.unit.setText(unit)
        self.note.tone = note_tone
        self.note.show_words(text=note)
        spoken = f"{self.label.text()} {number} {unit}"
        self.setAccessibleName("，".join(part for part in (spoken, note, "按回车打开") if part))


class CountCard(ClickCard):
    """Icon, number and words on one line; works as a filter (`set_chosen`)."""

    def __init__(self, icon: str, tone: str, number: str, words: str) -> None:
        super().__init__()
        self.number, self.words = Label(number, "title"), Label(words, "small", "t2")
        line = HBox(self, gap=8, margins=(14, 9, 14, 9))
        line.add(Icon(icon, tone, 22), self.number, self.words)
        line.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_number(number)

    def show_number(self, number: str) -> None:
        self.number.setText(number)
        self.setAccessibleName(f"{number} {self.words.text()}，按回车筛选")


class FactList(QWidget):
    """Label and value pairs in one or more columns."""

    def __init__(
        self, facts: Sequence[tuple[str, str]] = (), *, columns: int = 1, label_width: int = 96
    ) -> None:
        super().__init__()
        self.columns, self.label_width = columns, label_width
        self.grid = Grid(self, gap=(12, 8))
        self.set_facts(facts)

    def set_facts(self, facts: Sequence[tuple[str, str | QWidget]]) -> None:
        clear(self.grid)
        for place, (label, value) in enumerate(facts):
            line, column = divmod(place, self.columns)
            name = Label(label, "body", "t2")
            name.setMinimumWidth(px(self.label_width))
            shown = value if isinstance(value, QWidget) else Label(value, wrap=True)
            top = Qt.AlignmentFlag.AlignTop
            self.grid.addWidget(name, line, 2 * column, top)
            self.grid.addWidget(shown, line, 2 * column + 1, top)
        for column in range(self.columns):
            self.grid.setColumnStretch(2 * column + 1, 1)
