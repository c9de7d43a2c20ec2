"""上报市级: how a district stands with its city, and everything one can do about it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app import roles, settings
from sync.enrol import Invited
from sync.link import Step
from sync.uplink import Relayed
from ui.exchange.address_change import change_address
from ui.exchange.sentence import sentence_or_raise
from ui.kit.buttons import Button
from ui.kit.card import Card, FactList
from ui.kit.context import Context
from ui.kit.label import show_if
from ui.kit.layout import VBox
from ui.kit.screen import Screen
from ui.kit.steps import Steps, what_to_do
from ui.kit.tokens import Room
from ui.pages.exchange.centre import city
from ui.pages.exchange.centre.city import NOT_SEEN, WAYS, Facts
from ui.pages.exchange.history import COLUMNS, FEW, MANY, HistoryCard
from ui.pages.exchange.status import StatusCard

FILES = "桑榆文件 (*.sangyu);;所有文件 (*)"
SHOWN = tuple(one for one in COLUMNS if one.key not in {"received", "receipt"})
NAMES = ("读入邀请文件", "交回复文件", "读入批准文件", "开始上报")
STEPS = (
    ("folder-open", "读入市级给的邀请文件", "会显示核对码，请打电话与市级对一遍。"),
    ("file-check", "把回复文件交给市级", "里面只有本区中心的公开钥匙，没有人员资料。"),
    ("key-round", "读入市级给的批准文件", "读入以后，各站报来的资料就接着上报市级。"),
)


def page(context: Context) -> "UplinkPage":
    return UplinkPage(context)


class UplinkPage(Screen):
    title, nav = "上报市级", "uplink"
    has_search = True
    tables = frozenset({"exchange", "contact"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.facts, self.running, self.halt = None, False, Event()
        # where the keys were when something began; if still there, they go to what comes next
        self.spot: QWidget | None = None
        self.goes_on = True
        self.may = roles.may(context.desk, "exchange", "manage")
        self.may_join = roles.may(context.desk, "setting", "manage")
        self.status = StatusCard(WAYS, peer="市级")
        self.steps, self.how = Steps(NAMES), Card("怎样加入", margins=(18, 12, 18, 14))
        self.how.add(self.steps, *(what_to_do(*one) for one in STEPS))
        self.list = FactList(columns=2, label_width=108)
        self.place = Button("改市级的网络地址…", "text", "s", does=self.change_address)
        show_if(self.place, self.may_join)
        actions = (self.place,)
        self.figures = Card("上报情况", NOT_SEEN, actions=actions, margins=(18, 12, 18, 14))
        self.figures.add(self.list)
        self.history = HistoryCard("市级", SHOWN, has_export=False)
        column = VBox(self, gap=12, margins=(24, 14, 12, 14))
        for each in (self.status, self.how, self.figures, self.history):
            column.addWidget(each)
            each.setVisible(each is self.status)
        column.addStretch(1)
        self.status.wanted.connect(self._do)
        self.status.stopped.connect(self._stop)
        self.reload()

    facts: Facts | None

    def fit(self, room: Room) -> None:
        self.status.fit(room)
        self.history.set_limit(MANY if room == "wide" else FEW)
        self.list.columns = 1 if room == "small" else 2
        self._fill()

    def focus_first(self) -> None:
        ways = [self.status.stop, *self.status.buttons.values()]
        shown = [one for one in ways if one.isVisible()]
        first = next((one for one in shown if one.property("kind") == "primary"), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    start = focus_first

    # reading ----------------------------------------------------------------------------

    def reload(self) -> None:
        self.context.work.ask(city.facts, done=self._show)

    def _show(self, facts: Facts) -> None:
        self.facts = facts
        if not self.running:
            may = self.may if facts.is_joined else self.may_join
            self.status.show_look(city.look_of(facts, may_join=self.may_join), "", may=may)
        self.how.setVisible(not facts.is_joined)
        self.steps.go(0 if facts.city is None else 1)
        self.figures.setVisible(facts.is_joined)
        self.history.setVisible(facts.is_joined)
        self.history.show_rows(facts.history, facts.stands.heard_at if facts.stands else None)
        self._fill()
        if self.goes_on and self.isVisible() and not self.running:
            self.goes_on = False
            self.focus_first()

    def _fill(self) -> None:
        if self.facts is not None and self.facts.city is not None and self.facts.stands is not None:
            self.list.set_facts(city.rows(self.facts.city, self.facts.stands))

    def _do(self, way: str) -> None:
        does: dict[str, Callable[[], object]] = {
            "another": self.join,
            "invitation": self.join,
            "answer": self.answer_again,
            "approve": self.approve,
            "usb": partial(self.context.open, "usb_to_city"),
            "retry": self.report,
            "report": self.report,
        }
        does[way]()
        self.spot = self.window().focusWidget()

    # over the network -------------------------------------------------------------------

    def report(self) -> None:
        """Goes on beside the person's work; pressed again meanwhile, it stays one."""
        if self.running:
            return
        self.running = True
        self.halt.clear()
        stands = self.facts.stands if self.facts else None
        self.status.show_running(True, stands.waiting if stands else 0)
        show = self.context.work.on_main(self.status.show_step)

        def step(number: int, words: str, share: float = 0) -> bool:
            show(number, words, share)
            return self.halt.is_set()

        self.context.work.call(
            _report, self.context, step, done=self._reported, failed=self._not_reported
        )

    def _stop(self) -> None:
        self.halt.set()
        self.status.show_stopping()

    def _reported(self, done: Relayed) -> None:
        self._over()
        if done.stopped:
            self.context.toast("已停止上报，没报完的都在本机，下次接着报")
            return
        also = f"、照片和扫描件 {done.contents} 份" if done.contents else ""
        said = "".join(done.found("已重新报送")).rstrip("。")
        self.context.toast(f"已上报市级 {done.entries:,} 条{also}" + (f"。{said}" if said else ""))

    def _not_reported(self, error: Exception) -> None:
        self._over()
        self.context.toast(sentence_or_raise(error))

    def _over(self) -> None:
        self.running = False
        self.goes_on = self.window().focusWidget() is self.spot
        self._told_changed()

    def _told_changed(self) -> None:
        self.context.work.tell_changed(frozenset({"contact", "exchange"}))

    # joining ----------------------------------------------------------------------------

    def join(self) -> None:
        """Read, compare on the telephone, then the answer is written."""
        path = self.context.ask.open_file(self, "选市级给的邀请文件", filters=FILES)
        if path is not None:
            self.context.work.call(
                city.read_invitation, path, done=self._invited, failed=self._refused
            )

    def _invited(self, invited: Invited) -> None:
        card = invited.centre
        points = (
            f"核对码：{card.fingerprint}",
            "打电话与市级对一遍，一样才继续",
            f"各站报来的资料会接着上报{card.name}；{NOT_SEEN}",
        )
        sure = self.context.ask.confirm(
            self, f"加入{card.name}", "写回复文件以前，请先核对", act="核对过了，写回复文件",
            points=points, danger=False,
        )  # fmt: skip
        path = self._where() if sure else None
        if path is not None:
            self._write(partial(city.join, self.context.station, invited, path))

    def answer_again(self) -> None:
        path = self._where()
        if path is not None:
            self._write(partial(city.answer_again, self.context.station, path))

    def _where(self) -> Path | None:
        start = city.NAME.format(office=self.context.office.name)
        return self.context.ask.save_file(self, "存回复文件", filters=FILES, start=start)

    def _write(self, job: Callable[[], Path]) -> None:
        self.context.work.call(job, done=self._answered, failed=self._refused)

    def _answered(self, path: Path) -> None:
        self._over()
        self.context.toast(f"回复文件已存好：{path.name}，请交给市级")

    def change_address(self) -> None:
        url = self.facts.city.url if self.facts and self.facts.city else ""
        change_address(
            self.context, self, url, settings.network, done=self._told_changed, of_city=True
        )

    def approve(self) -> None:
        path = self.context.ask.open_file(self, "选市级给的批准文件", filters=FILES)
        if path is not None:
            self.context.work.call(
                city.approve, self.context.station, path,
                done=self._approved, failed=self._refused,
            )  # fmt: skip

    def _approved(self, name: str) -> None:
        self._over()
        self.context.toast(f"{name}已批准本区中心，可以上报了")

    def _refused(self, error: Exception) -> None:
        self._over()
        words = sentence_or_raise(error)
        self.context.ask.tell(self, "没有做成", words, tone="warn")


def _report(context: Context, step: Step) -> Relayed:
    return context.serving(context.station).city().report(step)
