"""What waits, what needs a look, and the backups."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.exchange import Group, Kept, Queue
from app.kit.moments import near
from models.exchange import CASE
from sync.link import size_words
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.label import Elided, Icon, Label
from ui.kit.layout import HBox, VBox, clear, holder
from ui.kit.tag import Tag

FEW, SHOWN = 3, 4
BACKUPS = "本机自动备份：每天 12:00、17:30"


def line(icon: str, tone: str, first: str, second: str, *right: QWidget) -> QWidget:
    """Icon square, two lines of words, something at the right."""
    told = VBox(gap=0)
    told.addWidget(Elided(first, ""))
    told.addWidget(Elided("", second, "small", "t2"))
    row = HBox(gap=12)
    row.addWidget(Icon(icon, tone, 20, square=36), 0, Qt.AlignmentFlag.AlignVCenter)
    row.addLayout(told, 1)
    for each in right:
        row.addWidget(each, 0, Qt.AlignmentFlag.AlignVCenter)
    return holder(row)


class QueueCard(Card):
    """待上报, in human words, grouped."""

    def __init__(self) -> None:
        self.all = Button("全部查看", "text", "s", does=self._toggle)
        super().__init__("待上报", actions=[self.all], margins=(18, 12, 18, 14), gap=8)
        self.queue, self.whole = Queue(0, ()), False

    def show_queue(self, queue: Queue) -> None:
        self.queue = queue
        self.set_title(f"待上报 {queue.total} 条" if queue.total else "没有待上报")
        self._fill()

    def _toggle(self) -> None:
        self.whole = not self.whole
        self._fill()

    def _fill(self) -> None:
        groups = self.queue.groups
        self.all.setVisible(len(groups) > FEW)
        self.all.set_text("收起" if self.whole else "全部查看")
        clear(self.body)
        if not groups:
            self.add(Label("录入的资料会先存在本机，再自动上报区中心。", "body", "t2", wrap=True))
        for one in groups if self.whole else groups[:FEW]:
            self.add(self._line(one))
        self.body.addStretch(1)

    @staticmethod
    def _line(one: Group) -> QWidget:
        size = Label(size_words(one.size), "body", "t2")
        return line(one.icon, one.tone, one.title, near(one.at), size)


class KeptCard(Card):
    """需要您确认: own entries that the centre decided otherwise."""

    opened = Signal(int)

    def __init__(self) -> None:
        self.mark = Tag("区中心与本机不一致", "warn", "git-compare")
        super().__init__("需要您确认", actions=[self.mark], margins=(18, 12, 18, 14), gap=8)

    def show_kept(self, kept: Sequence[Kept]) -> None:
        self.set_title(f"需要您确认 {len(kept)} 处" if kept else "需要您确认")
        self.mark.setVisible(bool(kept))
        clear(self.body)
        if not kept:
            text = "没有不一致的地方。区中心改了本站也改过的资料时，会列在这里请您看。"
            self.add(Label(text, "body", "t2", wrap=True))
        for place, one in enumerate(kept[:SHOWN]):
            self.add(self._line(place, one))
        if len(kept) > SHOWN:
            self.add(Label(f"还有 {len(kept) - SHOWN} 处，看完这几处就会出来", "small", "t2"))
        self.body.addStretch(1)

    def _line(self, place: int, one: Kept) -> QWidget:
        words = "对比" if one.has_sides else "查看"
        button = Button(words, "soft", "s", does=self._opens(place))
        button.setAccessibleName(f"{words} {one.name}")
        icon, tone = ("git-compare", "warn") if words == "对比" else ("package-x", "bad")
        return line(icon, tone, heading(one), summary(one), button)

    def _opens(self, place: int) -> Callable[[], None]:
        return lambda: self.opened.emit(place)


def heading(one: Kept) -> str:
    labels = "、".join(each.label for each in one.fields[:2]) or one.noun
    return f"{one.name} · {labels}" if one.name else labels


def summary(one: Kept) -> str:
    if not one.has_sides:
        return f"区中心没有收下：{one.reason or '没有说明'}"
    first = one.fields[0] if one.fields else None
    said = f"本机 {first.mine}，区中心 {first.now}" if first else one.reason
    if first and len(one.fields) > 1:
        said = f"{first.label} {said}，等 {len(one.fields)} 项"
    if one.ruling or one.withdrawn:
        return one.ruling or one.withdrawn
    return f"等裁定：{said}" if one.result == CASE else said


class BackupCard(Card):
    """One line: when, how often, and what can be done."""

    now_wanted = Signal()
    restore_wanted = Signal()
    salvage_wanted = Signal()

    def __init__(self) -> None:
        super().__init__(margins=(18, 8, 18, 8), gap=0)
        self.words = Label(f"{BACKUPS}。", "body", "t2", wrap=True)
        self.mark = Icon("hard-drive-download", "ok", 22)
        self.now = Button("立即备份", sz="s", does=self.now_wanted.emit)
        self.back = Button("恢复备份…", "text", "s", does=self.restore_wanted.emit)
        self.salvage = Button("找回资料…", "text", "s", does=self.salvage_wanted.emit)
        row = HBox(gap=12)
        row.add(self.mark)
        row.addWidget(self.words, 1)
        row.add(self.now, self.back, self.salvage)
        self.body.addLayout(row)

    def show_newest(self, newest: Any, keep_days: int) -> None:
        last = f"最近 {near(newest)} 成功" if newest else "还没有备份过"
        self.words.setText(f"{BACKUPS}，保留 {keep_days} 天。{last}")
        self.mark.change("hard-drive-download", "ok" if newest else "warn")
