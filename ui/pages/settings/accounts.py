"""The dialogs of 人员与账号: somebody new, other roles, a new password."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt

from app import account, roles
from app.account import Row
from app.kit.refusal import Refusal
from app.kit.who import Desk
from ui.kit.banner import Banner
from ui.kit.context import Context
from ui.kit.dialog import Dialog
from ui.kit.field import Field
from ui.kit.inputs import CheckBox, PasswordBox, TextBox
from ui.kit.label import Label
from ui.kit.layout import Grid, VBox, holder

RULE = "8 位以上，大写、小写、数字、符号至少三种"
MAY: Mapping[str, str] = {
    "head": "全部事务，管账号、备份和设置",
    "clerk": "登记、认证、走访、导入、上报",
    "health": "走访、认证，看健康资料",
    "party": "走访、认证，看党务资料",
    "money": "走访、认证，看经费资料",
    "admin": "管备份和打印机，看不到人员资料",
    "auditor": "只看不改，可查操作日志",
}
MAY_AT_CENTRE: Mapping[str, str] = {
    "centre_head": "全部事务，管账号、备份、参数和停用电脑",
    "centre_clerk": "审核认证，处理待办，裁定争议",
}
MAY_AT_CITY: Mapping[str, str] = {
    "city_head": "看各区报来的全部，管区中心的邀请和停用、账号、备份",
    "city_clerk": "看各区报来的全部，做备份",
}
Done = Callable[[Row], object]


class RolePicker(Grid):
    """The roles of this side, each with what it may do; at least one."""

    def __init__(self, desk: Desk, chosen: tuple[str, ...] = ()) -> None:
        super().__init__(gap=(18, 6))
        self.ticks: dict[str, CheckBox] = {}
        for place, (key, words) in enumerate(_may(desk).items()):
            tick = CheckBox(roles.name_of(key), checked=key in chosen)
            self.ticks[key] = tick
            box = VBox(gap=0)
            box.add(tick, Label(words, "small", "t2", wrap=True))
            self.addWidget(holder(box), place // 2, place % 2)
        self.setColumnStretch(0, 1)
        self.setColumnStretch(1, 1)

    def chosen(self) -> list[str]:
        return [key for key, tick in self.ticks.items() if tick.isChecked()]


def _may(desk: Desk) -> Mapping[str, str]:
    """What each role of this side may do; the first is the head's."""
    if roles.is_city(desk):
        return MAY_AT_CITY
    return MAY_AT_CENTRE if roles.is_central(desk) else MAY


class _Asking(Dialog):
    """A dialog whose act is a verb of accounts; refusals go to the field they are about."""

    def __init__(self, context: Context, title: str, act: str, *, width: int = 560) -> None:
        super().__init__(context.window(), title, width=width)
        self.context = context
        self.fields: dict[str, Field] = {}
        self.trouble = Banner("warn", "")
        self.trouble.hide()
        self.add(self.trouble)
        self.cancel_button()
        self.go = self.button(f"{act}（Ctrl+S）", "primary", does=self.submit, shortcut="Ctrl+S")

    def field(self, name: str, field: Field) -> Field:
        self.fields[name] = field
        return field

    def submit(self) -> None:
        """Check what can be known here, then do it."""

    def run(self, verb: Callable[..., Row], *args: Any, done: Done, **kwargs: Any) -> None:
        for each in self.fields.values():
            each.say()
        self.trouble.hide()
        self.go.setEnabled(False)

        def succeeded(row: Row) -> None:
            self.accept()
            done(row)

        vault = self.context.station.vault
        self.context.work.do(verb, vault, *args, done=succeeded, refused=self.refuse, **kwargs)

    def refuse(self, refusal: Refusal) -> None:
        """The sentence beside what it is about, else on top."""
        self.go.setEnabled(True)
        field = self.fields.get({"new_password": "password"}.get(refusal.field or "",
                                                                 refusal.field or ""))  # fmt: skip
        if field is None:
            self.trouble.say("warn", refusal.message)
            self.trouble.show()
        else:
            field.say("err", refusal.message)
            field.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        self.fit()


class _WithPassword(_Asking):
    """Twice the same, typed by whoever sits here."""

    def make_passwords(self, label: str, hint: str = RULE) -> None:
        self.one, self.two = PasswordBox(), PasswordBox()
        self.add(self.field("password", Field(label, self.one, required=True, hint=hint)))
        self.add(self.field("again", Field("再输一次", self.two, required=True)))
        self.one.returnPressed.connect(self.two.setFocus)
        self.two.returnPressed.connect(self.go.click)

    def same(self) -> bool:
        """Is there a password, and twice the same?"""
        if not self.one.text():
            self.refuse(Refusal("请设置口令", "password"))
        elif self.one.text() != self.two.text():
            self.refuse(Refusal("两次输入不一样，请重新输入", "again"))
        else:
            return True
        return False


class NewDialog(_WithPassword):
    """新增人员: who, as what, and the first password."""

    def __init__(self, context: Context, *, done: Done) -> None:
        super().__init__(context, "新增人员", "新增", width=760)
        self.tell = done
        self.name, self.post, self.phone = TextBox(), TextBox(), TextBox()
        line = Grid(gap=(18, 10))
        places = (
            ("name", Field("姓名", self.name, required=True, hint="登录时选的名字")),
            ("post", Field("职务", self.post)),
            ("phone", Field("电话", self.phone)),
        )
        for at, (name, field) in enumerate(places):
            line.addWidget(self.field(name, field), 0, at)
            line.setColumnStretch(at, 1)
        self.body.addLayout(line)
        usual = [*_may(context.desk)][1]
        self.picker = RolePicker(context.desk, (usual,))
        self.add(
            self.field("roles", Field("角色（可以选几个）", holder(self.picker), required=True))
        )
        self.make_passwords("第一个口令", f"{RULE}。当面告诉本人，登录后在右上角“修改口令”里自己改")
        self.name.returnPressed.connect(self.post.setFocus)
        self.post.returnPressed.connect(self.phone.setFocus)
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def submit(self) -> None:
        name, chosen = self.name.text().strip(), self.picker.chosen()
        if not name:
            self.refuse(Refusal("请填姓名", "name"))
        elif not chosen:
            self.refuse(Refusal("请至少选一个角色", "roles"))
        elif self.same():
            self.run(
                account.create,
                name,
                self.one.text(),
                chosen,
                phone=self.phone.text().strip() or None,
                post=self.post.text().strip() or None,
                done=self.tell,
            )


class RolesDialog(_Asking):
    """改角色."""

    def __init__(self, context: Context, row: Row, *, done: Done) -> None:
        super().__init__(context, f"{row.called} 的角色", "保存", width=760)
        self.row, self.tell = row, done
        self.picker = RolePicker(context.desk, row.roles)
        self.add(self.field("roles", Field("角色（可以选几个）", holder(self.picker))))
        self.say("下次登录起生效")

    def submit(self) -> None:
        self.run(account.set_roles, self.row.id, self.picker.chosen(), done=self.tell)


class PasswordDialog(_WithPassword):
    """重置口令 and 启用: a new password for somebody else."""

    def __init__(self, context: Context, row: Row, verb: Callable[..., Row], *, done: Done) -> None:
        act = "启用" if row.disabled else "重置口令"
        super().__init__(context, f"{act}：{row.called}", act)
        self.row, self.verb, self.tell = row, verb, done
        self.make_passwords("新口令", f"{RULE}。请当面告诉本人，登录后自己再改")
        self.one.setFocus(Qt.FocusReason.OtherFocusReason)

    def submit(self) -> None:
        if self.same():
            self.run(self.verb, self.row.id, self.one.text(), done=self.tell)
