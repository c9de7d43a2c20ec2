"""参数: every rule that holds here, its value, its ground and its days. Only the centre changes
them, each with its ground and from a day on."""

from PySide6.QtCore import Qt

from app import parameter, roles
from app.parameter import Rule
from models.kit import clock
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.cells import Cell, Stat, Text
from ui.kit.context import Context
from ui.kit.empty import EmptyState
from ui.kit.inputs import SearchBox
from ui.kit.label import Elided, Label, show_if
from ui.kit.layout import HBox, VBox
from ui.kit.table import Column, DataTable, Row, RowsModel
from ui.kit.tokens import Room, px, scale
from ui.pages.settings.rule import RuleDialog
from ui.pages.settings.rule_words import value
from ui.pages.settings.tab import Tab

COLUMNS = (
    Column("label", "参数", 240, 2),
    Column("value", "值", 190, 1),
    Column("from", "生效", 110, drop=2),
    Column("to", "失效", 90, drop=2),
    Column("state", "来源", 130),
    Column("doc", "依据", 320, 3, drop=1),
)
OPEN = "—"
STATION = "由区中心维护，本站只看不改"
CITY = "参数由各区中心定，各区可以不同，请在区中心的“设置”里改；这里是程序自带的，市级不改"
CENTRE = "改了以后各站下次联系时收到；以前的值和依据留着"


class RulesTab(Tab):
    tables = frozenset({"parameter"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.rules: list[Rule] = []
        self.shown: list[Rule] = []
        self.search = SearchBox("找参数：名称或依据")
        self.search.searched.connect(self._fill)
        self.search.returnPressed.connect(self.focus_table)
        self.first = self.search
        self.model, self.table = RowsModel(COLUMNS), DataTable(COLUMNS)
        self.table.setModel(self.model)
        self.table.setAccessibleName("参数")
        self.table.moved.connect(self._tell)
        self.table.opened.connect(lambda _row: self.change_rule())
        self.may = roles.is_central(context.desk) and roles.may(context.desk, "parameter", "write")
        self.change = Button("改这一项", icon="pencil", does=self.change_rule)
        show_if(self.change, self.may)
        self.detail = Label("", "body", "t2", wrap=True)
        self.name = Label("", "strong", wrap=True)
        self.nothing = EmptyState("search-x", "没有这样的参数", tone="neu")
        self._arrange()
        scale.scaleChanged.connect(self._rescale)
        self._rescale()

    def _arrange(self) -> None:
        line = HBox(gap=12)
        line.addWidget(self.search)
        words = CITY if roles.is_city(self.context.desk) else CENTRE if self.may else STATION
        line.addWidget(Elided("", words, "body", "t2"), 1)
        line.addWidget(self.change)
        card = Card(margins=(1, 1, 1, 1))
        card.body.addWidget(self.table, 1)
        card.body.addWidget(self.nothing, 1)
        self.nothing.hide()
        self.about = Card(margins=(18, 10, 18, 12), gap=2)
        self.about.add(self.name, self.detail)
        box = VBox(self, gap=12)
        box.addLayout(line)
        box.addWidget(card, 1)
        box.addWidget(self.about)

    def focus_table(self) -> None:
        self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _rescale(self, _value: float = 1.0) -> None:
        self.search.setFixedWidth(px(300))

    def fit(self, room: Room) -> None:
        self.table.drop_columns({"wide": 0, "full": 0, "rail": 1, "small": 2}[room])

    def reload(self) -> None:
        self.context.work.ask(parameter.rules, done=self._show)

    def _show(self, rules: list[Rule]) -> None:
        self.rules = rules
        self._fill(self.search.text().strip())

    def _fill(self, text: str) -> None:
        words = text.split()
        self.shown = [
            one for one in self.rules if all(word in f"{one.label}{one.doc_no}" for word in words)
        ]
        self.model.set_rows([Row(str(n), cells(one)) for n, one in enumerate(self.shown)])
        self.table.setVisible(bool(self.shown))
        self.nothing.setVisible(not self.shown)
        self.table.go_to(0)
        self._tell(0)

    def change_rule(self) -> None:
        place = self.table.row()
        if self.may and 0 <= place < len(self.shown):
            RuleDialog(self.context, self.shown[place]).open()

    def _tell(self, place: int) -> None:
        """The ground in full: the table has one line for it."""
        if not 0 <= place < len(self.shown):
            self.about.setVisible(bool(self.shown))
            return
        one = self.shown[place]
        self.about.show()
        self.name.setText(f"{one.label}：{value(one)}")
        self.detail.setText(f"依据：{one.doc_no or '没有写明'}")


def cells(one: Rule) -> tuple[Cell, ...]:
    """One rule; what the program brought along holds until the centre has spoken."""
    return (
        Text(one.label, bold=True),
        Text(value(one)),
        Text(f"{one.effective_from or OPEN}"),
        Text(f"{one.effective_to or OPEN}"),
        state(one),
        Text(one.doc_no or OPEN, "t2"),
    )


def state(one: Rule) -> Stat:
    today, begins, ends = clock.today(), one.effective_from, one.effective_to
    if ends is not None and (ends < today or (begins is not None and ends < begins)):
        return Stat("已失效", "neu", "clock")
    if begins is not None and begins > today:
        return Stat("还没生效", "info", "calendar-clock")
    if one.bundled:
        return Stat("程序自带", "neu", "package")
    return Stat("区中心", "ok", "circle-check")
