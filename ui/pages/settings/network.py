"""联网: where this centre, or city, is reached, and who knows it by now."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from app import roles
from ui.exchange.reached import Shown, shown
from ui.exchange.sentence import sentence_or_raise
from ui.kit.banner import Banner
from ui.kit.buttons import Button
from ui.kit.card import Card, FactList
from ui.kit.context import Context
from ui.kit.label import Label, show_if
from ui.kit.layout import VBox
from ui.pages.settings import doing
from ui.pages.settings.tab import Tab

HOW = (
    "换地址以前先在这里改：新地址写进给{peers}的每一份回执，联网和U盘都带得到，别处给的不算。"
    "原来的地址请尽量多开几天，等大家都知道了再关。"
)
STICK = "没有得知就搬了的，带U盘来交换一次，新地址自动记下；也可以把换地址文件带去。"
CERTIFICATE = "{peers}只认这里的证书。快到期时自动做一张新的，先写进回执，都知道后才启用。"
RENEW = "换新证书"
WAYS = (
    ("renew", "平稳更换：先告知，都知道后自动启用"),
    ("replace", "立即更换：证书的钥匙丢了或被人拿走时才用，没得知的要带U盘来一次"),
)
NEW = "新的地址"
ASKED = "保存后就写进回执。请先确认新地址上的接收服务能用，或者很快就能用。"
FILES = "换地址文件 (*.sangyu)"


class NetworkTab(Tab):
    tables = frozenset({"exchange", "office"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.shown: Shown | None = None
        self.peers = "各区中心" if roles.is_city(context.desk) else "各站"
        self.behind = Banner("warn", "")
        self.behind.hide()
        self.change = Button("改地址…", "primary", icon="pencil", does=self.move_away)
        self.file = Button("写换地址文件…", icon="usb", does=self.write)
        may = roles.may(context.desk, "setting", "manage")
        show_if(self.change, may)
        self.place = FactList(label_width=84)
        card = Card("联网地址", actions=(self.file, self.change))
        card.add(self.place, Label(HOW.format(peers=self.peers), "small", "t2", wrap=True))
        card.add(Label(STICK, "small", "t2", wrap=True))
        self.renew = Button("换新证书…", icon="key-round", does=self.ask_to_renew)
        show_if(self.renew, may)
        self.shows = FactList(label_width=84)
        second = Card("证书", actions=(self.renew,))
        second.add(self.shows)
        second.add(Label(CERTIFICATE.format(peers=self.peers), "small", "t2", wrap=True))
        box = VBox(self, gap=12)
        box.addWidget(self.behind)
        box.addWidget(card)
        box.addWidget(second)
        box.addStretch(1)
        self.first = self.change

    def reload(self) -> None:
        self.context.work.call(shown, self.context.station, done=self._show)

    def _show(self, now: Shown) -> None:
        self.shown = now
        self.place.set_facts([("现在的地址", now.url), (f"{self.peers}知道吗", now.knowing)])
        self.shows.set_facts([("现在的证书", now.certificate)])
        self.behind.setVisible(now.behind)
        self.behind.say("warn", "地址可能是恢复回来的旧的", now.warning)
        self.file.setEnabled(now.told)

    def move_away(self) -> None:
        now = self.shown.url if self.shown else ""
        url = self.context.ask.text(self, "改联网地址", NEW, text=ASKED, value=now, act="保存")
        if url is not None:
            self._do(doing.move, url, done=self._moved)

    def _moved(self, _none: None) -> None:
        self.context.toast("新地址已写进给各处的回执")
        self.reload()

    def ask_to_renew(self) -> None:
        how = self.context.ask.choose(self, RENEW, WAYS, act="更换")
        if how is not None:
            serving = self.context.serving(self.context.station)
            self._do(doing.renew, serving, how, done=self._renewed)

    def _renewed(self, _none: None) -> None:
        self.context.toast("新证书已写进给各处的回执")
        self.reload()

    def write(self) -> None:
        name = f"{self.context.office.name}-换地址.sangyu"
        path = self.context.ask.save_file(self, "存换地址文件", filters=FILES, start=name)
        if path is not None:
            self._do(doing.write_card, path, done=self._written)

    def _written(self, path: Path) -> None:
        self.context.toast(f"已存好 {path.name}，请带给站点读入")

    def _do(self, act: Callable[..., Any], *given: Any, done: Callable[[Any], object]) -> None:
        self.context.work.call(act, self.context.station, *given, done=done, failed=self._failed)

    def _failed(self, error: Exception) -> None:
        self.context.ask.tell(self, "没有做成", sentence_or_raise(error), tone="warn")
