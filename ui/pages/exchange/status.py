"""The card on top: safe, running, or what is wrong and what to do."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QProgressBar, QWidget

from app.kit.moments import near, oldest
from sync.station.run import Standing
from ui.kit import format as words
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.label import Icon, Label
from ui.kit.layout import HBox, VBox
from ui.kit.tag import Tag
from ui.kit.tokens import Room
from ui.pages.exchange.doing import Facts

STEPS = 4


class Look(NamedTuple):
    """How a standing is shown; `ways` are keys of buttons, the first is the primary one."""

    icon: str
    tone: str
    title: str
    text: str
    ways: tuple[str, ...]


# from left to right: the one that is primary comes last
WAYS = {
    "answer": ("存出回复文件", "file-check"),
    "usb": ("用U盘交换", "usb"),
    "approve": ("读入批准文件", "folder-open"),
    "retry": ("再试一次", "refresh-cw"),
    "sync": ("立即联网上报", "cloud-upload"),
}


def look_of(facts: Facts, problem: str = "") -> Look:
    """What to say about this standing."""
    standing, waits = facts.standing, facts.queue.total
    carry = ("sync", "usb") if facts.has_address else ("usb",)
    if not standing.approved:
        text = (
            f"请把回复文件交给{facts.centre}，拿回批准文件读入后就能上报。"
            f"在那以前照常工作，{waits} 条都存在本机"
        )
        return Look("key-round", "warn", "还没有得到区中心批准", text, ("approve", "answer"))
    if problem:
        again = ("retry", "usb") if facts.has_address else ("usb",)
        return Look("triangle-alert", "bad", "这次没有交换成", f"{problem}", again)
    if facts.carried is not None and facts.carried.is_late:
        text = (
            f"{near(facts.carried.at)} 写的U盘，回执还没有读回来，有 {waits} 条不知道送到了没有。"
            f"请到{facts.centre}取回执，插回本机读入；U盘找不到了，就重新写一份"
        )
        return Look("clock", "warn", "U盘的回执还没有回来", text, tuple(reversed(carry)))
    if facts.bottom.offline and waits:
        text = f"连不上{facts.centre}，资料已存在本机，连上后会自动续传。也可以用U盘交换"
        return Look("cloud-off", "warn", "离线中", text, ("retry", "usb"))
    if waits:
        text = f"还有 {waits} 条没有上报区中心{oldest(standing.oldest_pending_at)}。"
        if standing.arrived:
            text = f"还有 {waits} 条区中心没有办结{oldest(standing.oldest_pending_at)}，"
            text += f"其中 {standing.arrived} 条已送到，在等前面的资料。"
        text += "不联网也能照常工作，联网或用U盘时再上报。"
        text += f"{standing.upgrade}。" if standing.upgrade else ""
        return Look("shield-check", "ok", "数据安全", text, carry)
    if facts.agreed is not None and facts.agreed.left:
        text = (
            f"和{facts.centre}核对有 {facts.agreed.left} 条记录补了两次还不一致，程序不再自动补，"
            "本机录入的都在。请打电话给区中心"
        )
        return Look("triangle-alert", "warn", "核对有出入", text, carry)
    if facts.agreed is not None and facts.agreed.differs:
        text = (
            f"和{facts.centre}核对有 {facts.agreed.differs} 处不一致，已补传补取，没有丢失。"
            "再上报一次会重新核对；还不一致，请打电话给区中心"
        )
        return Look("triangle-alert", "warn", "核对有出入", text, carry)
    text = f"本机的资料区中心都有了{_at_city(standing)}。"
    if facts.bottom.offline:
        carry = ("retry", "usb")
        text += f"现在连不上{facts.centre}，新录入的先存在本机，连上后会自动上报。"
    elif facts.has_address:
        text += "新录入的会自动上报。"
    if standing.upgrade:
        return Look("shield-check", "ok", "数据安全", f"{text}{standing.upgrade}。", carry)
    return Look("shield-check", "ok", "数据安全", text + _agreed(facts), carry)


def _at_city(standing: Standing) -> str:
    """Only what the city itself has acknowledged."""
    if standing.at_city is None:
        return ""
    if standing.at_city >= standing.total:
        return "，也都已到市级"
    return f"，其中已到市级 {standing.at_city} 条"


def _agreed(facts: Facts) -> str:
    """The figures both sides count alike."""
    said = facts.agreed
    if said is None:
        return ""
    return (
        f"{near(said.at)} 已与区中心核对一致：在册 {said.people} 人，"
        f"本月认证 {said.certified} 人次、走访 {said.visited} 次。"
    )


class StatusCard(Card):
    """``peer`` is whom one reports to."""

    wanted = Signal(str)
    stopped = Signal()

    def __init__(self, ways: Mapping[str, tuple[str, str]] = WAYS, *, peer: str = "区中心") -> None:
        super().__init__(margins=(20, 14, 20, 14), gap=8)
        self.ways, self.peer = ways, peer
        self.icon = Icon("shield-check", "ok", 26, square=52)
        self.title, self.text = Label("数据安全", "title"), Label("", "body", "t2", wrap=True)
        self.proof = "本机已保存"
        self.spot: QWidget | None = None
        self.saved = Tag(self.proof, "ok", "circle-check")
        self.buttons: dict[str, Button] = {}
        self.line, self.whole = HBox(gap=16), HBox(gap=16)
        self.side = HBox(gap=12)
        self.bar, self.step, self.left = QProgressBar(), Label("", "body", "t2"), Label("")
        self._arrange()
        self.show_running(False)

    def _arrange(self) -> None:
        head = HBox(gap=10)
        head.add(self.title)
        head.addWidget(self.saved, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addStretch(1)
        told = VBox(gap=4)
        told.addStretch(1)
        told.addLayout(head)
        told.addWidget(self.text)
        told.addStretch(1)
        self.line.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        self.line.addLayout(told, 1)
        self.side.addStretch(1)
        self.whole.addLayout(self.line, 1)
        self.whole.addLayout(self.side)
        self.bar.setTextVisible(False)
        self.bar.setRange(0, STEPS)
        self.body.addLayout(self.whole)
        self.body.addWidget(self.bar)
        self.body.addWidget(self.step)
        self.stop = self._button("停止", "default", "pause", self.stopped.emit)
        self.side.addWidget(self.stop)
        for key, (text, icon) in self.ways.items():
            self.buttons[key] = self._button(text, "default", icon, self._says(key))
            self.side.addWidget(self.buttons[key])
            self.buttons[key].hide()

    def fit(self, room: Room) -> None:
        """The buttons go under the words where both do not fit on a line."""
        down, right = HBox.Direction.TopToBottom, HBox.Direction.LeftToRight
        self.whole.setDirection(down if room == "small" else right)

    @staticmethod
    def _button(text: str, kind: str, icon: str, does: Callable[[], object]) -> Button:
        return Button(text, kind, "l", icon=icon, does=does)

    def _says(self, key: str) -> Callable[[], None]:
        return lambda: self.wanted.emit(key)

    def show_facts(self, facts: Facts, problem: str = "", *, may: bool = True) -> None:
        saved = words.moment(facts.bottom.saved_at)
        self.show_look(look_of(facts, problem), f"本机已保存 {saved}".strip(), may=may)

    def show_look(self, look: Look, proof: str, *, may: bool = True) -> None:
        """``proof`` stands in the green tag. The keys stay with what is to be done next."""
        had, spot = self._holder(), self.window().focusWidget()
        was_ours = self.spot is not None and spot is self.spot
        self.spot = None
        self.proof = proof
        self.icon.change(look.icon, look.tone)
        self.title.setText(look.title)
        self.text.setText(look.text)
        self.saved.change(proof, "ok", "circle-check")
        for key, button in self.buttons.items():
            button.setVisible(key in look.ways and may)
            kind = "primary" if key in look.ways[:1] else "default"
            if button.property("kind") != kind:
                button.setProperty("kind", kind)
                button.style().unpolish(button)
                button.style().polish(button)
                button.set_icon(button.icon_name)
        self.show_running(False)
        if (was_ours or (had is not None and had.isHidden())) and look.ways and may:
            self.buttons[look.ways[0]].setFocus(Qt.FocusReason.OtherFocusReason)

    def _holder(self) -> QWidget | None:
        """What of ours has the keys."""
        return next((one for one in (self.stop, *self.buttons.values()) if one.hasFocus()), None)

    def show_running(self, running: bool, waits: int = 0) -> None:
        for part in (self.bar, self.step, self.stop):
            part.setVisible(running)
        self.saved.setVisible(not running and bool(self.proof))
        if not running:
            return
        had = self._holder()
        for button in self.buttons.values():
            button.hide()
        # where the keys wander meanwhile they come back from, unless somebody moved them on
        self.spot = self.window().focusWidget() if had is not None else None
        self.stop.setEnabled(True)
        self.icon.change("cloud-upload", "info")
        self.title.setText(f"正在上报 {waits} 条" if waits else f"正在与{self.peer}核对")
        self.text.setText("可以继续做别的事，完成后会在这里提示")
        self.show_step(0, f"正在连接{self.peer}")

    def show_step(self, number: int, text: str) -> None:
        self.bar.setValue(number)
        self.step.setText(f"第 {max(1, number)} / {STEPS} 步：{text}")
        self.bar.setAccessibleName(self.step.text())

    def show_stopping(self) -> None:
        self.stop.setEnabled(False)
        self.step.setText("正在停下，已发的不会丢")
