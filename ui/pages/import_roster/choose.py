"""Step one: which file. And what was imported before."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QWidget

from app.imports import ImportRow
from ui.kit import format as words
from ui.kit.banner import Banner
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.inputs import PasswordBox
from ui.kit.label import Elided, Icon, Label, restyle
from ui.kit.layout import HBox, VBox, clear, holder
from ui.kit.waiting import Progress

ENDINGS = {".xlsx", ".xls", ".csv", ".et", ".xlsm"}
SHOWN = 6


class Drop(QFrame):
    """A place to drop a file on; the button does the same."""

    dropped = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("well")
        self.setAcceptDrops(True)
        self.setAccessibleName("把名册文件拖到这里")
        self.box = VBox(self, gap=10, margins=(24, 24, 24, 24))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._file(event) is not None:
            event.acceptProposedAction()
            self.setProperty("st", "chosen")
            restyle(self)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self._calm()

    def dropEvent(self, event: QDropEvent) -> None:
        self._calm()
        path = self._file(event)
        if path is not None:
            event.acceptProposedAction()
            self.dropped.emit(path)

    def _calm(self) -> None:
        self.setProperty("st", "")
        restyle(self)

    @staticmethod
    def _file(event: QDropEvent) -> Path | None:
        urls = [one for one in event.mimeData().urls() if one.isLocalFile()]
        paths = [Path(one.toLocalFile()) for one in urls]
        return next((one for one in paths if one.suffix.lower() in ENDINGS), None)


class ChoosePage(QWidget):
    """`chosen(Path)`, `unlocked(str)`, `sample_wanted()`, `undo_wanted(ImportRow)`,
    `go_on_wanted()`."""

    chosen = Signal(object)
    unlocked = Signal(str)
    pick_wanted = Signal()
    sample_wanted = Signal()
    undo_wanted = Signal(object)
    go_on_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.drop, self.before = Drop(), Card("以前的导入", gap=6)
        self.trouble = Banner("bad", "")
        self.trouble.hide()
        self.begun = Banner("info", "")
        self.begun.hide()
        self.reading = Progress("正在读取")
        self.reading.hide()
        self.drop.dropped.connect(self.chosen)
        main = Card(margins=(28, 20, 28, 20), gap=14)
        main.body.addWidget(self.begun)
        main.body.addWidget(self.trouble)
        main.body.addWidget(self._lock())
        main.body.addWidget(self._drop(), 1)
        line = HBox(self, gap=14)
        line.addWidget(main, 5)
        line.addWidget(self.before, 3)

    def _lock(self) -> QWidget:
        """The password of the file that was chosen, where it asks for one."""
        self.password = PasswordBox(hint="打开密码")
        self.password.setAccessibleName("文件的打开密码")
        self.password.returnPressed.connect(self._unlock)
        line = HBox(gap=10)
        line.add(self.password, Button("打开", "soft", does=self._unlock))
        line.addStretch(1)
        self.lock = holder(line)
        self.lock.hide()
        return self.lock

    def _unlock(self) -> None:
        given = self.password.text()
        if given:
            self.unlocked.emit(given)

    def _drop(self) -> Drop:
        centre = Qt.AlignmentFlag.AlignHCenter
        box = self.drop.box
        box.addStretch(1)
        box.addWidget(Icon("file-spreadsheet", "pri", 34, square=68, radius=16), 0, centre)
        title = Label("把单位移交的名册放进来", "title", wrap=True)
        title.setAlignment(centre)
        box.addWidget(title)
        told = Label(
            "xls、xlsx、csv 都可以，列名不同也能对应。先检查、再写入，有问题的行不会进来。",
            "body", "t2", wrap=True,
        )  # fmt: skip
        told.setAlignment(centre)
        box.addWidget(told)
        self.pick = Button("选名册文件…", "primary", "l", icon="folder-open",
                           does=self.pick_wanted.emit)  # fmt: skip
        self.sample = Button("下载样表", "text", icon="download", does=self.sample_wanted.emit)
        buttons = HBox(gap=10)
        buttons.addStretch(1)
        buttons.add(self.pick, self.sample)
        buttons.addStretch(1)
        box.addLayout(buttons)
        hint = Label("也可以把文件拖到这里。文件设了打开密码的，选好以后再输入密码。",
                     "small", "t3", wrap=True)  # fmt: skip
        hint.setAlignment(centre)
        box.addWidget(hint)
        box.addWidget(self.reading)
        box.addStretch(1)
        return self.drop

    def show_busy(self, text: str = "") -> None:
        self.reading.setVisible(bool(text))
        self.reading.text.setText(text)
        self.pick.setEnabled(not text)
        if text:
            self.trouble.hide()
            self.lock.hide()

    def offer(self, name: str) -> None:
        """One that was left half way."""
        title = f"{name} 检查到一半，还没有导入"
        go_on = Button("接着检查", "soft", "s", does=self.go_on_wanted.emit)
        self.begun.say("info", title, "改过的都还在；检查另一份时才不留", actions=(go_on,))
        self.begun.show()

    def first(self) -> Button:
        """Where the page begins."""
        begun = self.begun.findChildren(Button) if not self.begun.isHidden() else []
        return begun[0] if begun else self.pick

    def refuse(self, sentence: str) -> None:
        self.show_busy()
        self.password.clear()
        self.trouble.say("bad", "这个文件读不了", sentence)
        self.trouble.show()
        self.pick.setFocus()

    def ask_password(self, name: str, sentence: str, *, wrong: bool) -> None:
        """The file is fine and locked."""
        self.show_busy()
        self.password.clear()
        self.trouble.say("bad" if wrong else "info", f"{name} 要密码才能打开", sentence)
        self.trouble.show()
        self.lock.show()
        self.password.setFocus()

    def show_imports(self, rows: Sequence[ImportRow]) -> None:
        clear(self.before.body)
        if not rows:
            text = "还没有导入过。导错了可以整批撤销。"
            self.before.add(Label(text, "body", "t2", wrap=True))
        for one in rows[:SHOWN]:
            self.before.add(self._line(one))
        self.before.body.addStretch(1)

    def _line(self, one: ImportRow) -> QWidget:
        told = VBox(gap=0)
        told.addWidget(Elided(one.employer or one.file_name))
        state = "，已撤销" if one.undone_at else ""
        left = f"，{one.n_left} 行未导入" if one.n_left else ""
        at = words.moment(one.imported_at)
        told.addWidget(Elided("", f"{at} · {one.n_good} 人{left}{state}", "small", "t2"))
        line = HBox(gap=10)
        icon = ("undo-2", "neu") if one.undone_at else ("file-spreadsheet", "pri")
        line.addWidget(Icon(*icon, 20, square=36), 0, Qt.AlignmentFlag.AlignVCenter)
        line.addLayout(told, 1)
        if one.can_undo:
            button = Button("撤销", "text", "s", does=self._undoes(one))
            button.setAccessibleName(f"撤销导入 {one.file_name}")
            line.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        return holder(line)

    def _undoes(self, one: ImportRow) -> Callable[[], None]:
        return lambda: self.undo_wanted.emit(one)
