"""While rows are written: how far, how long still, and a stop that takes everything back."""

from threading import Event

from PySide6.QtCore import QElapsedTimer
from PySide6.QtWidgets import QProgressBar

from ui.kit.context import Context
from ui.kit.dialog import Dialog
from ui.kit.format import time_left
from ui.kit.label import Label
from ui.kit.layout import HBox


class WritingDialog(Dialog):
    def __init__(self, context: Context, file_name: str, total: int) -> None:
        super().__init__(context.window(), "正在导入", subtitle=file_name, width=560)
        self.halt, self.over = Event(), False
        self.bar, self.text, self.left = QProgressBar(), Label("正在备份"), Label("", "body", "t2")
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 0)
        self.since = QElapsedTimer()
        self.since.start()
        line = HBox(gap=8)
        line.add(self.text)
        line.addStretch(1)
        line.add(self.left)
        self.body.addWidget(self.bar)
        self.body.addLayout(line)
        hint = f"共 {total} 行。可以随时停止：已写入的会自动撤回，名册保持导入前的样子"
        self.add(Label(hint, "small", "t2", wrap=True))
        self.stop = self.button("停止并撤回", does=self.reject)

    def show_step(self, done: int, total: int, text: str) -> None:
        if self.halt.is_set():
            return
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.text.setText(text)
        if done and total:
            self.left.setText(time_left(self.since.elapsed(), done / total) or "快好了")

    def reject(self) -> None:
        """Esc, × and the button mean the same; closing waits until all is back."""
        if self.over:
            super().reject()
            return
        self.halt.set()
        self.stop.setEnabled(False)
        self.text.setText("正在停止并撤回…")
        self.left.setText("")

    def finish(self) -> None:
        self.over = True
        self.accept()
