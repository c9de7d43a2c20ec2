"""Who is at the desk. Locked, it is the same page with the name fixed."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.kit.brand import LINE
from ui.kit.buttons import Button
from ui.kit.field import Field
from ui.kit.inputs import Combo, PasswordBox, TextBox
from ui.kit.label import Icon, Label
from ui.kit.layout import HBox, Scroll, VBox, holder
from ui.kit.sunset import Sunset
from ui.kit.tokens import px, scale

CAPS = "大写键已打开"


class LoginPage(QWidget):
    """people: (key, words) as shown; `submitted(key, password)`.

    locked: only this person may come back in; 换人登录 leads to the whole list.
    """

    submitted = Signal(str, str)
    forgotten = Signal()
    other_wanted = Signal()

    def __init__(
        self,
        people: Sequence[tuple[str, str]],
        *,
        station: str,
        version: str = "",
        hint: str = "口令用于打开加密数据；忘记了用恢复口令卡",
        locked: str = "",
    ) -> None:
        super().__init__()
        self.setObjectName("plain")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.locked, self.hint, self.waiting = locked, hint, False
        self.name: Combo | TextBox = self._name_box(people)
        self.password = _Watched()
        self.name_field = Field("姓名", self.name)
        self.field = Field("口令", self.password, hint=hint)
        self.enter = Button("解锁（Enter）" if locked else "登录（Enter）", "primary", "l")
        self.enter.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.picture = Sunset(f"{LINE} · {station}" if station else LINE)
        self.form = self._form(station, version)
        line = HBox(self)
        line.addWidget(self.picture, 1)
        line.addWidget(self.form)
        self._listen()
        self._rescale()

    def _name_box(self, people: Sequence[tuple[str, str]]) -> Combo | TextBox:
        self.people = dict(people)
        if not self.locked:
            return Combo(people, empty=False)
        box = TextBox(self.people.get(self.locked, self.locked))
        box.set_read_only()
        return box

    def _form(self, station: str, version: str) -> QWidget:
        inner = VBox(gap=10, margins=(56, 24, 44, 22))
        inner.addStretch(2)
        title = "已锁定" if self.locked else "登录"
        inner.add(Label(title, "display"), Label(station, "body", "t2", wrap=True))
        inner.addSpacing(px(8))
        inner.add(self.name_field, self.field)
        inner.addSpacing(px(4))
        inner.addWidget(self.enter)
        inner.addLayout(self._links())
        inner.addStretch(3)
        inner.addLayout(self._foot(version))
        return Scroll(holder(inner))

    def _links(self) -> HBox:
        line = HBox()
        line.add(Button("忘记口令", "text", does=self.forgotten.emit))
        line.addStretch(1)
        self.other = Button("换人登录", "text", does=self._other)
        line.add(self.other)
        return line

    def _foot(self, version: str) -> HBox:
        line = HBox(gap=6)
        line.addWidget(Icon("hard-drive-download", "ok", 16), 0, Qt.AlignmentFlag.AlignTop)
        words = Label("不联网也能登录和工作 · 数据加密存在本机", "caption", "t3", wrap=True)
        line.addWidget(words, 1)
        line.addWidget(Label(version, "caption", "t3"), 0, Qt.AlignmentFlag.AlignTop)
        return line

    def _listen(self) -> None:
        self.enter.clicked.connect(self.submit)
        self.password.returnPressed.connect(self.enter.click)
        self.password.caps_found.connect(self._caps)
        if isinstance(self.name, Combo):
            self.name.picked.connect(self._picked)
        scale.scaleChanged.connect(self._rescale)

    def start(self) -> None:
        self.password.setFocus(Qt.FocusReason.OtherFocusReason)

    def _picked(self, _key: str) -> None:
        """Who has to wait does not keep out the others."""
        self.wait_over()
        self.password.clear()
        self.field.say()
        self.start()

    def _other(self) -> None:
        if isinstance(self.name, Combo):
            self.name.setFocus(Qt.FocusReason.OtherFocusReason)
            self.name.showPopup()
        else:
            self.other_wanted.emit()

    @property
    def key(self) -> str:
        """Who is about to sign in."""
        return self.name.value() if isinstance(self.name, Combo) else self.locked

    def choose(self, key: str) -> None:
        """Somebody who is not among the people changes nothing."""
        if isinstance(self.name, Combo) and key in self.people:
            self.name.set_value(key)

    def submit(self) -> None:
        if not self.password.text():
            self.field.say("err", "请输入口令")
            self.start()
            return
        self.enter.setEnabled(False)
        self.submitted.emit(self.key, self.password.text())

    def refuse(self, sentence: str) -> None:
        """Not let in: the sentence says why and what to do; the password is typed again."""
        self.enter.setEnabled(True)
        self.password.clear()
        self.field.say("err", sentence)
        self.start()

    def wait(self, sentence: str) -> None:
        """Locked out for a while: nothing can be tried."""
        self.refuse(sentence)
        self.waiting = True
        self.enter.setEnabled(False)
        self.password.setEnabled(False)

    def wait_over(self) -> None:
        """Nothing where nobody waits any more."""
        if self.waiting:
            self.welcome_back()

    def welcome_back(self) -> None:
        """The page is shown again."""
        self.waiting = False
        self.enter.setEnabled(True)
        self.password.setEnabled(True)
        self.password.clear()
        self.field.say()
        self.start()

    def _caps(self, on: bool) -> None:
        if on:
            self.field.say("warn", CAPS)
        elif self.field.level == "warn":
            self.field.say()

    def _rescale(self, _value: float = 1.0) -> None:
        self.form.setFixedWidth(px(460))


class _Watched(PasswordBox):
    """Notices a capital typed without Shift: the lock key is on."""

    caps_found = Signal(bool)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        text = event.text()
        if text.isascii() and text.isalpha():
            shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.caps_found.emit(text.isupper() != shifted)
        elif event.key() == Qt.Key.Key_CapsLock:
            self.caps_found.emit(False)
        super().keyPressEvent(event)
