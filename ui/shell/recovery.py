"""When a password is lost or data must be brought back: three dialogs of the entrance."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from ui.kit.banner import Banner
from ui.kit.buttons import Button
from ui.kit.dialog import Dialog
from ui.kit.field import Field
from ui.kit.inputs import CheckBox, Combo, PasswordBox, TextBox
from ui.kit.label import Label
from ui.kit.layout import holder, row

RULE = "8 位以上，大写、小写、数字、符号至少三种"
CENTRAL = "③ 之后收到和录入的，下次打开时从原始数据存底补齐"
People = Sequence[tuple[str, str]]


class RecoverDialog(Dialog):
    """The card's code gives a new password and a new card."""

    submitted = Signal(str, str, str)  # code, account, new password

    def __init__(self, parent: QWidget, people: People, chosen: str = "") -> None:
        super().__init__(parent, "用恢复口令卡重设口令", width=560)
        self.code, self.name = TextBox(hint="XXXX-XXXX-XXXX-XXXX-XXXX"), Combo(people, empty=False)
        self.one, self.two = PasswordBox(), PasswordBox()
        if chosen:
            self.name.set_value(chosen)
        hint = "卡在站内保险柜里；不分大小写，横线可以不输"
        self.code_field = Field("恢复口令（卡上的 20 个字符）", self.code, required=True, hint=hint)
        self.name_field = Field("给谁重设", self.name)
        self.one_field = Field("新口令", self.one, required=True, hint=RULE)
        self.two_field = Field("再输一次新口令", self.two, required=True)
        words = "重设后旧卡作废，会马上打印一张新卡，请换进保险柜。"
        self.add(Label(words, "body", "t2", wrap=True), self.code_field, self.name_field)
        self.add(self.one_field, self.two_field)
        self.cancel_button()
        self.go = self.button("重设口令", "primary", does=self.submit)
        self.two.returnPressed.connect(self.go.click)
        self.code.setFocus(Qt.FocusReason.OtherFocusReason)

    def submit(self) -> None:
        code, one, two = self.code.text().strip(), self.one.text(), self.two.text()
        self.code_field.say(*(() if code else ("err", "请输入卡上的恢复口令")))
        self.one_field.say(*(() if one else ("err", "请设置新口令")))
        self.two_field.say(*(() if one == two else ("err", "两次输入不一样，请重新输入")))
        if code and one and one == two:
            self.go.setEnabled(False)
            self.submitted.emit(code, self.name.value() or "", one)

    def refuse(self, field: str | None, sentence: str) -> None:
        """The sentence beside what it is about."""
        self.go.setEnabled(True)
        places = {"new_password": self.one_field, "name": self.name_field}
        places.get(field or "", self.code_field).say("err", sentence)
        self.fit()


class CardDialog(Dialog):
    """A fresh code: print it or save it, say that it is in the safe, then go on."""

    print_wanted = Signal()
    save_wanted = Signal()

    def __init__(self, parent: QWidget, code: str, whose: str, made_on: date) -> None:
        super().__init__(parent, "恢复口令卡", width=560)
        self.code = code
        text = "请现在打印，锁进柜子。关掉这个窗口以后，程序里再也看不到这组字符；以前的卡已经作废"
        self.add(Banner("warn", "这张卡只显示这一次", text))
        self.words = Label(code, "title", wrap=True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.add(self.words, Label(f"{whose} · {made_on:%Y-%m-%d} 生成", "small", "t2", wrap=True))
        show = Button("打印恢复口令卡", "soft", icon="printer", does=self.print_wanted.emit)
        save = Button("存到U盘", icon="usb", does=self.save_wanted.emit)
        self.add(holder(row(show, save, None)))
        self.kept = CheckBox("我已打印并放在安全的地方")
        self.add(self.kept)
        self.done_button = self.button("完成", "primary", does=self.accept)
        self.done_button.setEnabled(False)
        self.kept.toggled.connect(self.done_button.setEnabled)
        self.close_button.hide()

    def reject(self) -> None:
        """Esc does not lose the card."""
        if self.kept.isChecked():
            super().reject()


class RestoreDialog(Dialog):
    """Bring a backup back: what will happen, whose password, the danger button."""

    submitted = Signal(str, str)  # account or name, password

    def __init__(
        self,
        parent: QWidget,
        backup: str,
        missing: str,
        people: People,
        chosen: str = "",
        *,
        central: bool = False,
    ) -> None:
        super().__init__(parent, "恢复备份", width=560)
        kept = "② 现在的资料原样另存，不会删除"
        points = (
            f"① 资料回到{backup} 的样子（{missing}）",
            kept if central else f"{kept}；备份以后还没有上报的，可以再从它找回",
            CENTRAL if central else "③ 区中心还没有定论的，会重新上报，不会重复",
        )
        self.add(Banner("warn", "恢复后将同时发生", "\n".join(points)))
        self.name: Combo | TextBox = Combo(people, empty=False) if people else TextBox()
        if chosen and isinstance(self.name, Combo):
            self.name.set_value(chosen)
        self.password = PasswordBox()
        self.name_field = Field("姓名", self.name, required=not people)
        hint = "换过口令的：本机有钥匙时用现在的口令，换了电脑用备份当时的口令"
        self.field = Field("口令", self.password, required=True, hint=hint)
        self.add(self.name_field, self.field)
        self.cancel_button().setFocus()
        self.go = self.button("恢复这份备份", "danger", does=self.submit)
        self.password.returnPressed.connect(self.go.click)

    def submit(self) -> None:
        name = self.name.value() if isinstance(self.name, Combo) else self.name.text().strip()
        if not self.password.text():
            self.field.say("err", "请输入口令")
            return
        self.go.setEnabled(False)
        self.field.say("hint", "正在恢复，请稍等…")
        self.submitted.emit(name or "", self.password.text())

    def refuse(self, sentence: str) -> None:
        self.go.setEnabled(True)
        self.password.clear()
        self.field.say("err", sentence)
        self.fit()
