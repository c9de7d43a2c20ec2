"""修改口令: one's own, knowing the old one."""

from PySide6.QtCore import Qt

from app import account
from app.kit.refusal import Refusal
from ui.kit.context import Context
from ui.kit.dialog import Dialog
from ui.kit.field import Field
from ui.kit.inputs import PasswordBox

RULE = "8 位以上，大写、小写、数字、符号至少三种"


def dialog(context: Context) -> "ChangePasswordDialog":
    return ChangePasswordDialog(context)


class ChangePasswordDialog(Dialog):
    """Enter goes to the next field, at the end it changes."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.window(), "修改口令", subtitle=context.desk.name)
        self.context = context
        self.old, self.one, self.two = PasswordBox(), PasswordBox(), PasswordBox()
        self.fields = {
            "password": Field("现在的口令", self.old, required=True),
            "new_password": Field("新口令", self.one, required=True, hint=RULE),
            "again": Field("再输一次新口令", self.two, required=True),
        }
        self.add(*self.fields.values())
        self.say("恢复口令卡不变，仍然有效")
        self.cancel_button()
        self.go = self.button("修改口令（Ctrl+S）", "primary", does=self.submit, shortcut="Ctrl+S")
        self.old.returnPressed.connect(self.one.setFocus)
        self.one.returnPressed.connect(self.two.setFocus)
        self.two.returnPressed.connect(self.go.click)
        self.old.setFocus(Qt.FocusReason.OtherFocusReason)

    def submit(self) -> None:
        for each in self.fields.values():
            each.say()
        if not self.old.text():
            self.refuse(Refusal("请输入现在的口令", "password"))
        elif not self.one.text():
            self.refuse(Refusal("请输入新口令", "new_password"))
        elif self.one.text() != self.two.text():
            self.refuse(Refusal("两次输入不一样，请重新输入", "again"))
        else:
            self.go.setEnabled(False)
            self.context.work.do(
                account.change_password, self.context.station.vault,
                self.old.text(), self.one.text(), done=self._done, refused=self.refuse,
            )  # fmt: skip

    def _done(self, _nothing: object) -> None:
        self.accept()
        self.context.toast("口令已修改，下次登录用新口令")

    def refuse(self, refusal: Refusal) -> None:
        """Beside what it is about."""
        self.go.setEnabled(True)
        field = self.fields.get(refusal.field or "", self.fields["password"])
        field.say("err", refusal.message)
        field.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        self.fit()
