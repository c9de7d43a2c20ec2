"""What became of a scan, in words and with the next step."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from app.certification import Returned
from app.certification.card import Card as TaskCard
from ui.kit.avatar import Photo
from ui.kit.buttons import Button
from ui.kit.format import day
from ui.kit.label import Icon, Label, restyle
from ui.kit.layout import HBox, VBox, clear, column, holder, row

TONES = {"ok": ("ok", "circle-check"), "changed": ("info", "pencil"),
         "already": ("info", "info"), "undone": ("info", "undo-2"),
         "receipt": ("warn", "triangle-alert")}  # fmt: skip
SHIFT, KEYPAD = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.KeypadModifier
PROBLEM = ("bad", "circle-x")
UNDO, CORRECT = ("undo", "撤销（Ctrl+Z）", "undo-2"), ("correct", "有更正，去录入", "pencil")
NOBODY = "都不是（Esc）"
PERSON, NEXT = ("person", "打开档案", "user"), ("next", "继续扫下一张", "")
ACTS = {
    "ok": (UNDO, CORRECT),
    "changed": (UNDO, CORRECT),
    "already": (PERSON, NEXT),
    "period": (("reprint", "重打本期的表", "printer"), NEXT),
    "gone": (("doubt", "列入异常", "file-warning"), PERSON),
    "undone": (NEXT,),
}


class ResultCard(QFrame):
    """Green goes with the next scan; red stays until it is handled or the next one comes.
    `face_wanted(person, photo)`: the portrait beside the words is to be filled. `typed(key)`: who
    goes on typing means the box, and must not press a button with the Enter after it."""

    acted = Signal(str, object)
    face_wanted = Signal(str, object)
    typed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("banner")
        self.said: Returned | None = None
        self.box = HBox(self, gap=12, margins=(12, 10, 12, 10))
        self.buttons: list[Button] = []
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.hide()

    def focus_first(self) -> None:
        """Enter in the empty box."""
        if self.buttons and self.isVisible():
            self.buttons[0].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def event(self, event: QEvent) -> bool:
        """Esc on one of the buttons goes back to the box, not off the page."""
        mine = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if event.type() == QEvent.Type.ShortcutOverride and mine:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.acted.emit("next", self.said)
            return
        plain = event.modifiers() in {Qt.KeyboardModifier.NoModifier, SHIFT, KEYPAD}
        if plain and (sign := event.text().strip()) and sign.isprintable():
            self.typed.emit(event)
            return
        super().keyPressEvent(event)

    def show_returned(self, said: Returned) -> None:
        self._show(said, said.kind, said.title, said.line, said.detail)

    def show_undone(self, said: Returned) -> None:
        self._show(said, "undone", f"已撤销 {said.name} 的认证登记", said.line, "表可以再扫")

    def _show(self, said: Returned, kind: str, title: str, line: str, detail: str) -> None:
        self._begin(*TONES.get(kind, PROBLEM))
        self.said = said
        if kind in {"ok", "changed"}:
            photo = Photo(52, 66)
            self.box.insertWidget(0, photo, 0, Qt.AlignmentFlag.AlignTop)
            self.face_wanted.emit(said.retiree_id, photo)
        words = VBox(gap=3)
        head = HBox(gap=8)
        head.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(Label(title, "h2" if len(title) < 24 else "strong", wrap=True), 1)
        words.add(head)
        for text, tone in ((line, "t2"), (detail, "")):
            if text:
                words.add(Label(text, "body", tone, wrap=True))
        words.addStretch(1)
        self.box.addLayout(words, 1)
        acts = ACTS.get(kind, (PERSON, NEXT) if said.retiree_id else (NEXT,))
        self.box.addWidget(self._acts(acts, said), 0, Qt.AlignmentFlag.AlignVCenter)
        self._end(title, detail)

    def _acts(self, acts: Sequence[tuple[str, str, str]], said: Any) -> QWidget:
        for key, words, icon in acts:
            kind = "text" if key == "next" else "default"
            button = Button(words, kind, "s", icon=icon)
            button.clicked.connect(lambda _checked=False, act=key: self.acted.emit(act, said))
            self.buttons.append(button)
        upright = all(button.icon_name for button in self.buttons)
        return holder((column if upright else row)(*self.buttons, gap=8))

    def show_people(self, found: Sequence[TaskCard]) -> None:
        """Found by name: choose whose form it is."""
        self._begin("info", "user-search")
        self.said = None
        words = VBox(gap=6)
        none = Button(NOBODY, "text", "s", does=lambda: self.acted.emit("next", None))
        head = HBox(gap=8)
        head.addWidget(Label("是哪一位的认证表？", "strong"), 1)
        head.add(none)
        words.add(head, *[self._person(one) for one in found])
        self.buttons.append(none)
        self.box.addLayout(words, 1)
        self._end("是哪一位的认证表", "、".join(one.name for one in found))

    def show_nobody(self, words: str) -> None:
        """Looked for by name, and nobody due is called so."""
        self._begin("info", "user-search")
        self.said = None
        title = f"待认证的人里没有“{words}”"
        detail = "已经认证的不在这里找。请核对名字，或输入表右上方的编号"
        told = VBox(gap=3)
        told.add(Label(title, "strong", wrap=True), Label(detail, "body", "t2", wrap=True))
        self.box.addLayout(told, 1)
        self.box.addWidget(self._acts((NEXT,), None), 0, Qt.AlignmentFlag.AlignVCenter)
        self._end(title, detail)

    def _person(self, one: TaskCard) -> QWidget:
        due = f"{day(one.due_on)} 到期" if one.due_on else "到期日待核"
        where = " · ".join(part for part in (one.line, due, one.form_no) if part)
        button = Button("收到这张表" if one.form_no else "没打过表，登记认证", sz="s")
        button.clicked.connect(lambda _checked=False: self.acted.emit("take", one))
        self.buttons.append(button)
        line = HBox(gap=10)
        line.add(Label(one.name, "strong"))
        line.addWidget(Label(where, "body", "t2", wrap=True), 1)
        line.add(button)
        return holder(line)

    def _begin(self, tone: str, icon: str) -> None:
        clear(self.box)
        self.buttons = []
        self.setProperty("tone", tone)
        restyle(self)
        self.mark = Icon(icon, tone, 20)

    def _end(self, title: str, detail: str) -> None:
        self.setAccessibleName(f"{title}。{detail}")
        self.show()
        self.updateGeometry()
