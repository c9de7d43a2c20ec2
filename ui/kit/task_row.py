"""One thing to do for one person: who, what, why, when, and the button that does it."""

from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.kit.buttons import Button
from ui.kit.label import Elided, Icon, Label, show_if
from ui.kit.layout import HBox, VBox
from ui.kit.tokens import ROW_TASK, px


@dataclass(frozen=True)
class Task:
    id: str
    icon: str
    tone: str
    name: str
    what: str
    reason: str
    due: str = ""
    due_tone: str = "t2"
    due_icon: str = "clock"
    action: str = ""
    soft: bool = False


class TaskRow(QWidget):
    acted = Signal(str)

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.task = task
        words = VBox(gap=0)
        words.add(Elided(task.name, task.what), Elided("", task.reason, "small", "t2"))
        line = HBox(self, gap=8, margins=(0, 4, 0, 4))
        line.addWidget(Icon(task.icon, task.tone, 20, square=36), 0, Qt.AlignmentFlag.AlignVCenter)
        line.addLayout(words, 1)
        if task.due:
            line.add(Icon(task.due_icon, task.due_tone, 16), Label(task.due, "body", task.due_tone))
            line.addSpacing(px(8))
        self.button = _Action(task.action, "soft" if task.soft else "default", "s")
        show_if(self.button, bool(task.action))
        self.button.clicked.connect(self._act)
        line.add(self.button)
        spoken = f"{task.name} {task.what}，{task.due}，{task.action}"
        self.button.setAccessibleName(spoken)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _act(self) -> None:
        self.acted.emit(self.task.id)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), px(ROW_TASK))


class _Action(Button):
    """All actions of a list are equally wide."""

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(max(hint.width(), px(92)), hint.height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()
