"""人员与账号: who may sign in here and as what; and the recovery card."""

from functools import partial

from PySide6.QtWidgets import QWidget

from app import account, roles
from app.account import Row as AccountRow
from app.kit.refusal import Refusal
from ui.kit import format as words
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.cells import Cell, Person, Stat, Text
from ui.kit.context import Context
from ui.kit.label import Elided, Icon, Label
from ui.kit.layout import HBox, VBox, holder
from ui.kit.table import Column, DataTable, Row, RowsModel
from ui.kit.tokens import HEADER, ROW_TWO, Room, px, scale
from ui.pages.settings.accounts import NewDialog, PasswordDialog, RolesDialog
from ui.pages.settings.card import ask_for_card
from ui.pages.settings.tab import Tab

COLUMNS = (
    Column("name", "姓名", 200, 2),
    Column("roles", "角色", 260, 3),
    Column("phone", "电话", 150, 1, drop=1),
    Column("state", "状态", 130),
)
TITLE = "人员与账号"
RULE = "每人用自己的账号；停用后口令打不开程序，做过的事仍记在他名下"


class PeopleTab(Tab):
    tables = frozenset({"account", "staff"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.rows: list[AccountRow] = []
        self.may = roles.may(context.desk, "account", "write")
        self.model, self.table = RowsModel(COLUMNS), DataTable(COLUMNS)
        self.table.setModel(self.model)
        self.table.setAccessibleName(TITLE)
        self.new = Button("新增人员", "primary", icon="user-plus", does=self.add_person)
        self.change = Button("改角色", icon="pencil", does=self.change_roles)
        self.reset = Button("重置口令", icon="key-round", does=self.reset_password)
        self.switch = Button("停用", icon="lock", does=self.turn)
        self.chosen = Elided()
        box = VBox(self, gap=12)
        box.addWidget(self._list())
        self.safe = self._safe()
        box.addWidget(self.safe)
        box.addStretch(1)
        self.first = self.table
        self.table.moved.connect(self._tell)
        self.table.opened.connect(lambda _row: self.change_roles())
        scale.scaleChanged.connect(self._fit_height)

    def _list(self) -> QWidget:
        card = Card(TITLE, RULE, actions=(self.new,), margins=(18, 10, 18, 12))
        acts = HBox(gap=8)
        acts.addWidget(self.chosen, 1)
        acts.add(self.change, self.reset, self.switch)
        self.acts = holder(acts)
        card.add(self.table, self.acts)
        for each in (self.new, self.acts):
            each.setVisible(self.may)
        return card

    def _safe(self) -> QWidget:
        card = Card(margins=(18, 10, 18, 10))
        told = VBox(gap=0)
        self.made = Label("恢复口令卡", "strong", wrap=True)
        why = "所有人都忘了口令，或电脑坏了要用备份时，靠这张卡打开。放在保险柜里"
        told.add(self.made, Label(why, "small", "t2", wrap=True))
        self.renew = Button("换一张新卡…", icon="key-round", does=self.renew_card)
        line = HBox(gap=12)
        line.addWidget(Icon("key-round", "pri", 20, square=40))
        line.addLayout(told, 1)
        line.addWidget(self.renew)
        card.body.addLayout(line)
        self.renew.setVisible(roles.may(self.context.desk, "account", "manage"))
        return card

    def fit(self, room: Room) -> None:
        self.table.drop_columns(0 if room in {"wide", "full"} else 1)

    # showing ----------------------------------------------------------------------------

    def reload(self) -> None:
        self.context.work.ask(account.accounts, self.context.station.vault, done=self._show)
        self.context.work.call(self.context.station.vault.code_made_on, done=self._show_card)

    def _show_card(self, made_on: str) -> None:
        self.made.setText(f"恢复口令卡：现在有效的是 {made_on} 生成的那张")

    def _show(self, rows: list[AccountRow]) -> None:
        here = self.row()
        kept = here.id if here else ""
        self.rows = rows
        self.model.set_rows([Row(one.id, cells(one)) for one in rows])
        place = next((n for n, one in enumerate(rows) if one.id == kept), 0)
        self._fit_height()
        self.table.go_to(place)
        self._tell(place)

    def _fit_height(self, _value: float = 1.0) -> None:
        lines = min(8, max(2, len(self.rows)))
        self.table.setFixedHeight(px(HEADER) + lines * px(ROW_TWO) + 4)

    def row(self) -> AccountRow | None:
        """Who is under the cursor."""
        place = self.table.row()
        return self.rows[place] if 0 <= place < len(self.rows) else None

    def _tell(self, _place: int) -> None:
        one = self.row()
        for each in (self.change, self.reset, self.switch):
            each.setEnabled(one is not None)
        if one is None:
            return
        self.chosen.show_words(one.called, one.role_names)
        self.switch.set_text("启用" if one.disabled else "停用")
        self.switch.set_icon("lock-open" if one.disabled else "lock")
        self.change.setEnabled(not one.disabled)
        self.reset.setEnabled(not one.disabled)
        self.switch.setEnabled(one.id != self.context.desk.account)

    # acts -------------------------------------------------------------------------------

    def add_person(self) -> None:
        NewDialog(self.context, done=self._added).open()

    def _added(self, one: AccountRow) -> None:
        self.context.toast(f"已新增 {one.name}（{one.role_names}），现在就可以登录")

    def change_roles(self) -> None:
        one = self.row()
        if one is None or one.disabled or not self.may:
            return
        RolesDialog(self.context, one, done=self._roles_changed).open()

    def _roles_changed(self, one: AccountRow) -> None:
        self.context.toast(f"{one.called} 的角色改为 {one.role_names}，下次登录起生效")

    def reset_password(self) -> None:
        one = self.row()
        if one is not None:
            PasswordDialog(self.context, one, account.reset, done=self._reset).open()

    def _reset(self, one: AccountRow) -> None:
        self.context.toast(f"{one.called} 在这台电脑的口令已重置，请当面告诉本人，登录后自己再改")

    def turn(self) -> None:
        """停用 or 启用."""
        one = self.row()
        if one is None:
            return
        if one.disabled:
            PasswordDialog(self.context, one, account.enable, done=self._enabled).open()
            return
        vault = self.context.station.vault
        self.context.work.do(
            account.disable, vault, one.id, done=self._disabled, refused=self._refused
        )

    def _enabled(self, one: AccountRow) -> None:
        self.context.toast(f"已启用 {one.called} 的账号")

    def _disabled(self, one: AccountRow) -> None:
        then = "要再用，点“启用”设一个新口令" if one.login else "他用的那台电脑交换以后就登录不了"
        self.context.toast(f"已停用 {one.called} 的账号；{then}")

    def _refused(self, refusal: Refusal) -> None:
        self.context.ask.tell(self, "没有停用", refusal.message, tone="warn")

    def renew_card(self) -> None:
        ask_for_card(self.context, self, done=partial(self.reload))


def cells(one: AccountRow) -> tuple[Cell, ...]:
    """One account."""
    phone = Text(one.phone or words.NOTHING)
    return Person(one.called, one.post), Text(one.role_names), phone, _state(one)


def _state(one: AccountRow) -> Stat:
    if one.disabled:
        return Stat("已停用", "neu", "lock")
    here = Stat("在用", "ok", "circle-check")
    return here if one.login else Stat("在别的电脑", "neu", "monitor")
