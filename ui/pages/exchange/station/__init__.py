"""数据交换: how the station stands with its centre, and everything one can do about it."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from threading import Event
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QWidget

from app import roles
from models.kit import clock
from sync.station.run import Exchanged
from ui.exchange import files
from ui.exchange.sentence import sentence_of, sentence_or_raise
from ui.exchange.with_centre import told_title, told_words
from ui.kit.buttons import Button
from ui.kit.context import Context
from ui.kit.format import moment
from ui.kit.layout import HBox, VBox
from ui.kit.screen import Screen
from ui.kit.tokens import Room
from ui.pages.exchange.history import FEW, MANY, HistoryCard, workbook
from ui.pages.exchange.station import doing
from ui.pages.exchange.station.cards import BackupCard, KeptCard, QueueCard
from ui.pages.exchange.station.doing import Backups, Facts
from ui.pages.exchange.station.kept import KeptDialog
from ui.pages.exchange.station.standing import PEER, WAYS, look_of
from ui.pages.exchange.status import StatusCard

OTHER = "other"
APPROVALS = "批准文件 (*.sangyu);;所有文件 (*)"
BACKUPS = "备份 (*.backup);;所有文件 (*)"


def page(context: Context, tab: str = "") -> "ExchangePage":
    """`tab`: kept, history or backup puts the focus there."""
    return ExchangePage(context, tab)


class ExchangePage(Screen):
    title = "数据交换"
    nav = "exchange"
    has_search = True

    def __init__(self, context: Context, tab: str = "") -> None:
        super().__init__(context)
        self.tab, self.facts, self.running, self.problem = tab, None, False, ""
        self.failed_at = clock.now()
        self.halt = Event()
        self.soon = QTimer(self, singleShot=True, interval=0)
        self.soon.timeout.connect(self.reload)
        self.stale, self.starts = True, False
        self.may = roles.may(context.desk, "exchange", "manage")
        self.status = StatusCard(WAYS, peer=PEER)
        self.queue, self.kept = QueueCard(), KeptCard()
        asks = partial(context.open, "phone")
        self.phone = Button("电话回执…", "text", "s", icon="phone", does=asks)
        self.history, self.backup = HistoryCard(PEER, also=[self.phone]), BackupCard()
        self._arrange()
        self._listen()

    facts: Facts | None

    def _arrange(self) -> None:
        self.pair = HBox(gap=12)
        self.pair.add(self.queue, self.kept, stretch=1)
        column = VBox(self, gap=12, margins=(24, 14, 12, 14))
        column.addWidget(self.status)
        column.addLayout(self.pair)
        column.addWidget(self.history)
        column.addWidget(self.backup)
        column.addStretch(1)

    def _listen(self) -> None:
        self.status.wanted.connect(self._do)
        self.status.stopped.connect(self._stop)
        self.kept.opened.connect(self._compare)
        self.history.export_wanted.connect(self._export)
        self.backup.now_wanted.connect(self.back_up)
        self.backup.restore_wanted.connect(self.choose_backup)
        may = roles.may(self.context.desk, "backup", "manage")
        self.backup.now.setVisible(may)
        self.backup.back.setVisible(may)
        self.backup.salvage_wanted.connect(partial(self.context.open, "salvage"))
        self.backup.salvage.setVisible(may)

    def _changed(self, _tables: frozenset[str]) -> None:
        """Every change of anything waits to be sent: all tables are ours."""
        self.stale = True
        if self.isVisible():
            self.soon.start()

    def fit(self, room: Room) -> None:
        narrow = room == "small"
        way = HBox.Direction.TopToBottom if narrow else HBox.Direction.LeftToRight
        self.pair.setDirection(way)
        self.status.fit(room)
        self.history.set_limit(MANY if room == "wide" else FEW)
        self.history.table.drop_columns(1 if room in {"rail", "small"} else 0)

    def start(self) -> None:
        ways = [self.status.stop, *self.status.buttons.values()]
        shown = [one for one in ways if one.isVisible()]
        first = next((one for one in shown if one.property("kind") == "primary"), None)
        for one in (first, *shown):
            if one is not None:
                one.setFocus(Qt.FocusReason.OtherFocusReason)
                return
        self.starts = True  # nothing is known yet

    def leave(self) -> None:
        self.soon.stop()

    # reading ----------------------------------------------------------------------------

    def reload(self) -> None:
        self.context.work.ask(doing.facts, done=self._show)
        self._look_at_copies()

    def _look_at_copies(self) -> None:
        self.context.work.call(doing.backups, self.context.station, done=self._show_backups)

    def _show(self, facts: Facts) -> None:
        self.facts = facts
        if facts.is_past(self.failed_at):
            self.problem = ""
        if not self.running:
            proof = f"本机已保存 {moment(facts.bottom.saved_at)}".strip()
            self.status.show_look(look_of(facts, self.problem), proof, may=self.may)
        self.queue.show_queue(facts.queue)
        self.kept.show_kept(facts.kept)
        self._order()
        self.history.show_rows(facts.history, facts.standing.last_confirmed_at)
        self.phone.setVisible(facts.standing.approved)
        if self.starts and self.isVisible() and not self.tab:
            self.starts = False
            self.start()
        self._to_tab()

    def _order(self) -> None:
        """What needs a look is made anew each time, and stands before what was carried."""
        stops = [self.queue.all, *self.kept.findChildren(Button), self.history.more]
        for one, after in pairwise([*self.status.buttons.values(), *stops]):
            self.setTabOrder(one, after)

    def _to_tab(self) -> None:
        tab, self.tab = self.tab, ""
        place: dict[str, QWidget] = {
            "kept": self.kept,
            "history": self.history.table,
            "backup": self.backup.now,
        }
        if tab in place:
            place[tab].setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_backups(self, copies: Backups) -> None:
        self.backup.show_newest(copies.newest, copies.keep_days)

    # over the network -------------------------------------------------------------------

    def _do(self, way: str) -> None:
        does: dict[str, Callable[[], object]] = {
            "sync": self.sync,
            "retry": self.sync,
            "usb": partial(self.context.open, "usb"),
            "answer": partial(self.context.open, "answer"),
            "approve": self.approve,
        }
        does[way]()

    def sync(self) -> None:
        """Sends and receives beside the person's work."""
        if self.running:
            return
        self.running, self.problem = True, ""
        self.halt.clear()
        self.status.show_running(True, self.facts.queue.total if self.facts else 0)
        show = self.context.work.on_main(self.status.show_step)

        def step(number: int, words: str, share: float = 0) -> bool:
            show(number, words, share)
            return self.halt.is_set()

        self.context.work.call(
            doing.sync, self.context.station, step, done=self._synced, failed=self._not_synced
        )

    def _stop(self) -> None:
        self.halt.set()
        self.status.show_stopping()

    def _synced(self, done: Exchanged) -> None:
        self.running = False
        self.context.work.tell_changed(frozenset(done.changed) | {"contact"})
        told = told_words(done)
        if told:
            self.context.ask.tell(self, told_title(done), told)
        if done.stopped:
            self.context.toast("已停止上报，没发完的都在本机，下次接着发")
            return
        receipt = f"，区中心回执 {done.receipt}" if done.receipt else ""
        contents = f"、附件内容 {done.contents} 份" if done.contents else ""
        sent = f"已上报 {done.sent} 条{contents}"
        if done.waiting:
            self.context.toast(f"{sent}{receipt}。区中心已收好，还没有办，审核结果稍后自动取回")
        elif done.sent or contents or done.received or done.fetched:
            self.context.toast(f"{sent}，收到 {done.received} 条{receipt}")
        else:
            self.context.toast(f"已和区中心联系，两边都没有新的资料{receipt}")

    def _not_synced(self, error: Exception) -> None:
        self.running = False
        self.problem, self.failed_at = sentence_of(error), clock.now()
        news: frozenset[str] = getattr(error, "changed", frozenset())
        self.context.work.tell_changed(frozenset({"contact"}) | news)
        if not self.problem:
            raise error

    # joining ----------------------------------------------------------------------------

    def approve(self) -> None:
        ask = self.context.ask
        path = ask.open_file(self, "读入批准文件", filters=APPROVALS)
        if path is not None:
            self.context.work.call(
                doing.approve, self.context.station, path,
                done=self._approved, failed=self._refused,
            )  # fmt: skip

    def _approved(self, centre: str) -> None:
        self.context.work.tell_changed(frozenset({"replica"}))
        self.context.toast(f"{centre}已批准本站，可以上报了")

    def _refused(self, error: Exception) -> None:
        words = sentence_or_raise(error)
        self.context.ask.tell(self, "没有做成", words, tone="warn")

    # what needs a look ------------------------------------------------------------------

    def _compare(self, place: int) -> None:
        if self.facts is not None:
            KeptDialog(self.context, self.facts.kept, place).open()

    # papers and backups -----------------------------------------------------------------

    def _export(self) -> None:
        if self.facts is None:
            return
        path = self.context.ask.save_file(
            self, "导出交换记录", filters="Excel (*.xlsx)", start="交换记录.xlsx"
        )
        if path is not None:
            rows = self.facts.history
            self.context.work.call(
                lambda: files.save(path, workbook(rows, PEER)),
                done=lambda saved: self.context.toast(f"已存到 {saved.name}"),
                failed=self._refused,
            )

    def back_up(self) -> None:
        self.backup.now.setEnabled(False)
        self.context.work.call(
            self.context.station.backup, done=self._backed_up, failed=self._no_backup
        )

    def _backed_up(self, copy: Any) -> None:
        self.backup.now.setEnabled(True)
        self._look_at_copies()
        self.context.toast(f"已备份并核对过：{copy.shown}")
        if copy.second_problem:
            self.context.ask.tell(self, "备份只存了一份", copy.second_problem, tone="warn")

    def _no_backup(self, error: Exception) -> None:
        self.backup.now.setEnabled(True)
        self._refused(error)

    def choose_backup(self) -> None:
        self.context.work.call(doing.backups, self.context.station, done=self._choose)

    def _choose(self, copies: Backups) -> None:
        ask = self.context.ask
        chosen = ask.choose(
            self,
            "恢复备份",
            [*copies.choices, (OTHER, "选别处的备份文件…")],
            text="恢复前要先退出登录。选好以后会再次说明后果，并请您输入口令。",
            act="下一步",
        )
        if chosen == OTHER:
            path = ask.open_file(self, "选备份文件", filters=BACKUPS)
            chosen = str(path) if path else None
        if chosen:
            self.context.open("restore", file=chosen)
