"""Step four: what came in, what did not, and how to take it back."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.imports import Imported, Undone
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.label import Icon, Label
from ui.kit.layout import HBox, VBox


class ResultPage(QWidget):
    list_wanted = Signal()
    export_wanted = Signal()
    undo_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.icon = Icon("circle-check", "ok", 32, square=64, radius=32)
        self.title, self.text = Label("", "display", wrap=True), Label("", "body", "t2", wrap=True)
        self.note = Label("", "small", "t2", wrap=True)
        self.people = Button("查看名单", "soft", icon="users", does=self.list_wanted.emit)
        self.rest = Button("", icon="file-spreadsheet", does=self.export_wanted.emit)
        self.undo = Button("撤销这次导入", icon="undo-2", does=self.undo_wanted.emit)
        self._arrange()

    def _arrange(self) -> None:
        card = Card()
        centre = Qt.AlignmentFlag.AlignHCenter
        for label in (self.title, self.text, self.note):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        line = HBox(gap=8)
        line.addStretch(1)
        line.add(self.people, self.rest, self.undo)
        line.addStretch(1)
        card.body.addStretch(1)
        card.body.addWidget(self.icon, 0, centre)
        for part in (self.title, self.text):
            card.body.addWidget(part)
        card.body.addLayout(line)
        card.body.addWidget(self.note)
        card.body.addStretch(1)
        VBox(self).addWidget(card)

    def show_result(self, done: Imported, left: int) -> None:
        self.icon.change("circle-check", "ok")
        self.title.setText(f"已导入 {done.new + done.updated} 人")
        parts = [f"新增 {done.new} 人", f"更新 {done.updated} 人"]
        if done.skipped:
            parts.append(f"{done.skipped} 人刚刚已登记，没有再写")
        if done.overtaken:
            parts.append(f"{done.overtaken} 人检查后资料有改动，没有覆盖")
        rest = f"；其余 {left} 行未导入" if left else ""
        self.text.setText("，".join(parts) + rest)
        self.rest.set_text(f"导出未导入的 {left} 行")
        self.rest.setVisible(bool(left))
        self.undo.show()
        self.people.show()
        self.note.setText(f"{done.days} 天内可以整批撤销；以后改过的人会留下并列出来")

    def show_undone(self, done: Undone) -> None:
        self.icon.change("undo-2", "neu")
        self.title.setText(f"已撤销，{done.voided + done.returned} 人退回导入前的样子")
        parts = [f"另有 {len(done.kept)} 人导入后办过事，没有动"] if done.kept else []
        if done.stays:
            parts.append(f"更新过的 {done.stays} 人是另一台电脑导入的，资料没有退回，请逐人核对")
        self.text.setText("；".join(parts) or "名册和导入前一样")
        self.undo.hide()
        self.people.hide()
        self.note.setText("")
