"""站点信息: who we are, whose station we are, which installation this is. The centre keeps it."""

from PySide6.QtWidgets import QWidget

from app import roles, settings
from ui.exchange.address_change import change_address
from ui.kit.banner import Banner
from ui.kit.buttons import Button
from ui.kit.card import Card, FactList
from ui.kit.context import Context
from ui.kit.label import Label, show_if
from ui.kit.layout import HBox, VBox, holder, row
from ui.kit.tag import Tag
from ui.kit.tokens import Room
from ui.pages.settings import doing
from ui.pages.settings.doing import Facts
from ui.pages.settings.tab import Tab

NONE = "未填"
WHO = "名称、代码、地址和电话由区中心维护"
MARK = "印在每张表的编号里（如 {sample}）。恢复备份以后会换成新的三个字符，编号不会重复"
FINGERPRINT = "与区中心打电话核对时，双方念这 20 个数字；一样才是真的区中心"


class StationTab(Tab):
    tables = frozenset({"office", "replica", "local_note"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.facts: Facts | None = None
        self.office = FactList(label_width=84)
        self.centre = FactList(label_width=84)
        self.machine = FactList(label_width=84)
        self.who = Banner("info", WHO, "有不对的，请告诉区中心，改好后随下次接收更新到本站")
        self.pair = HBox(gap=12)
        self.change = Button("改网络地址…", "text", "s", does=self.change_address)
        show_if(self.change, roles.may(context.desk, "setting", "manage"))
        left, right = Card("本站"), Card("区中心", actions=(self.change,))
        left.add(self.office)
        left.body.addStretch(1)
        right.add(self.centre)
        right.body.addStretch(1)
        self.pair.add(left, right, stretch=1)
        last = Card("这台电脑")
        last.add(self.machine)
        box = VBox(self, gap=12)
        box.addWidget(self.who)
        box.addLayout(self.pair)
        box.addWidget(last)
        box.addStretch(1)

    def fit(self, room: Room) -> None:
        down, right = HBox.Direction.TopToBottom, HBox.Direction.LeftToRight
        self.pair.setDirection(down if room == "small" else right)

    def reload(self) -> None:
        self.context.work.ask(doing.facts, done=self._show)

    def _show(self, facts: Facts) -> None:
        self.facts = facts
        call = f"，电话 {facts.centre_phone}" if facts.centre_phone else ""
        self.who.say("info", WHO, f"有不对的请告诉{facts.centre}{call}，改好后随下次接收更新到本站")
        self.office.set_facts(
            [("名称", facts.name), ("代码", facts.code), ("地址", facts.address or NONE),
             ("电话", facts.phone or NONE), ("办公时间", facts.hours or NONE)]
        )  # fmt: skip
        self.centre.set_facts(
            [("名称", facts.centre), ("电话", facts.centre_phone or NONE),
             ("网络地址", self._address(facts)),
             ("核对码", told(facts.fingerprint, FINGERPRINT)),
             ("接入", self._approval(facts))]
        )  # fmt: skip
        self.machine.set_facts(
            [("编号标记", told(facts.mark, MARK.format(sample=facts.sample))),
             ("程序版本", f"桑榆 {facts.version}"), ("数据位置", self._place())]
        )  # fmt: skip

    def _address(self, facts: Facts) -> str | QWidget:
        url = facts.centre_url or "没有，用U盘交换"
        return told(url, facts.centre_way) if facts.centre_way else url

    def change_address(self) -> None:
        url = self.facts.centre_url if self.facts else ""
        change_address(self.context, self, url, settings.network, done=self.reload)

    def _approval(self, facts: Facts) -> QWidget:
        self.first = None
        if facts.approved:
            return holder(row(Tag("已批准", "ok", "circle-check"), None))
        self.first = Button("去数据交换", "text", "s", does=self._exchange)
        return holder(row(Tag("等区中心批准", "warn", "clock"), self.first, None))

    def _exchange(self) -> None:
        self.context.open("exchange")

    def _place(self) -> str:
        return f"{self.context.station.home.dir}（已加密）"


def told(value: str, why: str) -> QWidget:
    """A value and what it is for."""
    box = VBox(gap=1)
    box.add(Label(value, "strong"), Label(why, "small", "t2", wrap=True))
    return holder(box)
