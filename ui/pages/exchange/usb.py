"""用U盘交换数据: four steps in the real world; it is done only when the receipt comes back."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QProgressBar, QWidget

from app import exchange, printed, settings
from app.exchange import Carried
from app.kit.moments import near
from sync.centre_card import CentreCard, centre_card
from sync.stick import Stick
from ui.kit.banner import Banner
from ui.kit.buttons import Button
from ui.kit.context import Context
from ui.kit.dialog import Dialog
from ui.kit.exchange import told_words
from ui.kit.label import Icon, Label
from ui.kit.layout import HBox, VBox
from ui.kit.steps import Steps
from ui.pages.exchange import doing
from ui.pages.exchange.sticks import plugged

NAMES = ("插入U盘", "写入数据包", "带到区中心", "带回回执")
SAFE = "写完前请不要拔出U盘"


def dialog(context: Context) -> "UsbDialog":
    return UsbDialog(context)


class Line(QWidget):
    """One step: disc, what, how, and what can be done there."""

    def __init__(self, icon: str, title: str, text: str) -> None:
        super().__init__()
        self.icon = Icon(icon, "neu", 18, square=40, radius=20)
        self.title = Label(title, "strong", wrap=True)
        self.text = Label(text, "body", "t2", wrap=True)
        self.bar, self.tools = QProgressBar(), HBox(gap=8)
        self.bar.setTextVisible(False)
        self.bar.hide()
        words = VBox(gap=3)
        words.add(self.title, self.text, self.bar)
        words.addLayout(self.tools)
        self.tools.addStretch(1)
        line = HBox(self, gap=14)
        line.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)

    def say(self, title: str, text: str, icon: str = "", tone: str = "neu") -> None:
        self.title.setText(title)
        self.text.setText(text)
        self.text.setVisible(bool(text))
        if icon:
            self.icon.change(icon, tone)

    def work(self, busy: bool) -> None:
        self.bar.setRange(0, 0 if busy else 1)
        self.bar.setVisible(busy)


class UsbDialog(Dialog):
    def __init__(self, context: Context) -> None:
        super().__init__(context.window(), "用U盘交换数据", width=760)
        self.context, self.busy, self.packed = context, False, Stick()
        self.folder: Path | None = None
        self.counts: list[tuple[str, int]] = []
        self.steps = Steps(NAMES)
        self.stick = Line("usb", "插入U盘", "什么U盘都行，里面原有的文件不会动。")
        self.pack = Line("package", "写入加密数据包", "内容已加密，U盘丢了别人也打不开。")
        self.carry = Line("building-2", "带到区中心，在前台电脑上读入", "请他们把回执写回这个U盘。")
        after = "读到回执才算上报完成；没读到前本机一直保留。"
        self.back = Line("undo-2", "带回U盘，插入本机读回执", after)
        self.trouble = Banner("bad", "")
        self.trouble.hide()
        self.add(self.steps, self.trouble, self.stick, self.pack, self.carry, self.back)
        self.body.addStretch(1)
        self._buttons()
        self._go(0)
        context.work.ask(exchange.counts, done=self._counted)
        context.work.ask(exchange.carried, done=self._carried)
        context.work.ask(centre_card, done=self._centre)

    def _buttons(self) -> None:
        self.choose = Button("选U盘…", "soft", "s", icon="folder-open", does=self.pick)
        self.stick.tools.insertWidget(0, self.choose)
        self.slip = Button("打印交接单", "soft", "s", icon="printer", does=self.print_slip)
        self.carry.tools.insertWidget(0, self.slip)
        self.read = Button("读U盘里的回执", "soft", "s", icon="download", does=self.read_back)
        self.back.tools.insertWidget(0, self.read)
        self.close_it = self.button("关闭（Esc）", does=self.reject)
        self.next = self.button("选U盘…", "primary", does=self._next)

    # what is known ----------------------------------------------------------------------

    def _counted(self, counts: list[tuple[str, int]]) -> None:
        self.counts = counts
        waits = sum(n for _, n in counts)
        if waits and self.step == 0:
            text = f"有 {waits} 条要上报。内容已加密，U盘丢了别人也打不开。"
            self.pack.say("写入加密数据包", text)
        self.fit_again()

    def _centre(self, card: CentreCard) -> None:
        text = f"{card.name} {card.phone}".strip()
        self.carry.say(f"带到{card.name}，在前台电脑上读入", f"{text}。请他们把回执写回这个U盘。")
        self.fit_again()

    def _carried(self, one: Carried | None) -> None:
        """A stick is under way: what is missing is its receipt."""
        if one is None or self.busy or self.step:
            return
        name = one.files[0] if one.files else ""
        self.stick.say("U盘已经写过", f"{near(one.at)} 写入 {name}", "check", "ok")
        self._go(3)
        text = "区中心在U盘里写回执以后，插上它读一次。U盘丢了就重新写一份，不会重复。"
        self.back.say("等区中心的回执", text, "clock", "warn")
        self.choose.set_text("重新写一份…")
        self.fit_again()

    # steps ------------------------------------------------------------------------------

    def _go(self, step: int) -> None:
        self.step = step
        self.steps.go(step)
        self.choose.setVisible(step == 3)  # in the first step the footer has it
        self.slip.setVisible(step == 2 and bool(self.packed.files))
        self.read.setVisible(False)
        words = {0: "选U盘…", 1: "正在写入", 2: "完成", 3: "读U盘里的回执"}
        self.next.set_text(words[step])
        self.next.setEnabled(step != 1)
        self.close_it.setEnabled(step != 1)
        self.close_button.setEnabled(step != 1)
        self.say(SAFE if step == 1 else "", "circle-alert")
        self.next.setFocus(Qt.FocusReason.OtherFocusReason)

    def _next(self) -> None:
        does = {0: self.pick, 2: self.accept, 3: self.read_back}
        does[self.step]()

    def fit_again(self) -> None:
        if self.isVisible():
            self.fit()

    def reject(self) -> None:
        """Not while bytes are on their way to the stick."""
        if not self.busy:
            super().reject()

    def _ask_folder(self) -> Path | None:
        """One stick that is in is taken at once after asking; else a folder is chosen."""
        sticks = plugged()
        if sticks:
            choices = [(str(one.folder), one.words) for one in sticks]
            chosen = self.context.ask.choose(
                self, "选U盘", [*choices, ("", "选别的文件夹…")], act="用这个U盘"
            )
            if chosen is None or chosen:
                return Path(chosen) if chosen else None
        last = settings.machine(self.context.station.home).get("stick_folder")
        return self.context.ask.folder(self, "选U盘", start=last)

    # writing ----------------------------------------------------------------------------

    def pick(self) -> None:
        folder = self._ask_folder()
        if folder is not None:
            self.write(folder)

    def write(self, folder: Path) -> None:
        """Reads what the centre left there, then writes all that waits."""
        self.folder, self.busy = folder, True
        self.trouble.hide()
        self.stick.say(f"已识别U盘：{folder.name or folder}", "", "check", "ok")
        self.pack.say("正在写入加密数据包…", "内容已加密，U盘丢了别人也打不开", "package", "pri")
        self.pack.work(True)
        self._go(1)
        self.fit_again()
        self.context.work.call(
            doing.write_stick, self.context.station, folder,
            done=self._written, failed=self._not_written,
        )  # fmt: skip

    def _written(self, both: tuple[Stick, Stick]) -> None:
        came, self.packed = both
        self.busy = False
        self.pack.work(False)
        self._tell_came(came)
        names = "、".join(path.name for path in self.packed.files)
        sent = self.packed.exchanged.sent
        text = f"{names}，内容 {sent} 条，已加密，丢失也打不开"
        self.pack.say("已写入加密数据包，可以拔出U盘", text, "check", "ok")
        self.carry.icon.change("building-2", "pri")
        self._go(2)
        after = f"读到回执后，这 {sent} 条才算上报完成；没读到前本机一直保留。"
        self.back.say("带回U盘，插入本机读回执", after)
        self.context.work.tell_changed(frozenset({"contact", "packed", *came.exchanged.changed}))
        self.fit_again()

    def _tell_came(self, came: Stick) -> None:
        name = f"已识别U盘：{self.folder.name if self.folder else ''}"
        count = len(came.files)
        text = f"U盘里有 {count} 个区中心回执，已读入" if count else "U盘里没有新的区中心回执"
        told = told_words(came.exchanged)
        text += f"；{told}" if told else ""
        if came.refused:
            text += f"；{came.refused[0][0]}：{came.refused[0][1]}"
        self.stick.say(name, text, "check", "ok")

    def _not_written(self, error: Exception) -> None:
        self.busy = False
        self.pack.work(False)
        self.pack.say("没有写成", "本机资料没有影响", "circle-x", "bad")
        self._go(0)
        self._trouble("U盘没有写成", error)

    def _trouble(self, title: str, error: Exception) -> None:
        words = doing.said(error)
        self.trouble.say("bad", title, words or "请换一个U盘再试")
        self.trouble.show()
        self.fit_again()
        if not words:
            raise error

    # coming back ------------------------------------------------------------------------

    def read_back(self) -> None:
        folder = self._ask_folder()
        if folder is not None:
            self.take_in(folder)

    def take_in(self, folder: Path) -> None:
        self.folder, self.busy = folder, True
        self.trouble.hide()
        self.back.say("正在读回执…", "", "download", "pri")
        self.back.work(True)
        self.next.setEnabled(False)
        self.close_it.setEnabled(False)
        self.fit_again()
        self.context.work.call(
            doing.read_stick, self.context.station, folder, done=self._read, failed=self._not_read
        )

    def _read(self, done: Stick) -> None:
        self._came_back()
        self.context.work.tell_changed(frozenset({"contact", "packed", *done.exchanged.changed}))
        if not done.files:
            reason = "；".join(f"{name}：{why}" for name, why in done.refused)
            text = reason or "请看是不是拿错了U盘，或区中心还没有写回执"
            self.back.say("U盘里没有给本站的新回执", text, "circle-alert", "warn")
        else:
            got = done.exchanged
            left = f"，还有 {got.pending} 条等下次" if got.pending else ""
            text = f"{got.decided} 条有了结论，收到 {got.received} 条{left}。回执 {got.receipt}"
            told = told_words(got)
            if told and got.pending:
                self.back.say("请再写一次U盘", told, "circle-alert", "warn")
            elif told:
                self.back.say("上报完成，区中心已确认", told, "check", "ok")
            else:
                self.back.say("上报完成，区中心已确认", text, "check", "ok")
            self.steps.go(len(NAMES))
            self.next.set_text("完成")
            self.step = 2
        self.fit_again()

    def _came_back(self) -> None:
        self.busy = False
        self.back.work(False)
        self._go(3)

    def _not_read(self, error: Exception) -> None:
        self._came_back()
        self.back.say("没有读成", "本机资料没有影响", "circle-x", "bad")
        self._trouble("回执没有读成", error)

    # paper ------------------------------------------------------------------------------

    def print_slip(self) -> None:
        """数据交接单, two copies on a sheet; journalled when it was printed."""
        if self.folder is None:
            return
        job = partial(doing.slip, self.context.station, self.packed, self.folder, self.counts)
        self.context.work.call(job, done=self._show_slip, failed=partial(self._trouble, "交接单"))

    def _show_slip(self, data: bytes) -> None:
        self.context.open("print_pdf", title="数据交接单", data=data, on_printed=self._slip_printed)

    def _slip_printed(self) -> None:
        self.context.work.do(printed.printed, "数据交接单", [printed.Item(None)], "U盘交接")


__all__ = ["UsbDialog", "dialog"]
