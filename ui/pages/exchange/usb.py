"""用U盘交换数据: four steps in the real world; it is done only when the receipt comes back."""

from functools import partial
from pathlib import Path
from threading import Event

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QProgressBar, QWidget

from app import printed
from ui.exchange.sentence import sentence_of
from ui.kit.banner import Banner
from ui.kit.buttons import Button
from ui.kit.context import Context
from ui.kit.dialog import Dialog
from ui.kit.label import Icon, Label
from ui.kit.layout import HBox, VBox
from ui.kit.steps import Steps
from ui.pages.exchange.courier import Brought, Courier, Loaded, Waits
from ui.pages.exchange.sticks import ask_folder, told

FEW = 3
SAFE = "写完前请不要拔出U盘"
CLOSE, HALT = "关闭（Esc）", "停止（Esc）"


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

    def work(self, busy: bool, share: float = 0) -> None:
        """``share`` of it is done; endless until some is."""
        self.bar.setRange(0, 0 if busy and not share else 100)
        self.bar.setValue(round(100 * share))
        self.bar.setVisible(busy)


class UsbDialog(Dialog):
    def __init__(self, context: Context, courier: Courier) -> None:
        super().__init__(context.window(), courier.title, width=760)
        self.context, self.courier, self.busy = context, courier, False
        self.halt = Event()
        self.peer, self.packed, self.known = courier.peer, Loaded(), Waits(0, courier.peer, "")
        self.folder: Path | None = None
        self.names = ("插入U盘", "写入数据包", f"带到{self.peer}", "带回回执")
        self.steps = Steps(self.names)
        self.stick = Line("usb", "插入U盘", "什么U盘都行，里面原有的文件不会动。")
        self.pack = Line("package", "写入加密数据包", "内容已加密，U盘丢了别人也打不开。")
        carry = f"带到{self.peer}，在前台电脑上读入"
        self.carry = Line("building-2", carry, "请他们把回执写回这个U盘。")
        after = "读到回执才算上报完成；没读到前本机一直保留。"
        self.back = Line("undo-2", "带回U盘，插入本机读回执", after)
        self.trouble = Banner("bad", "")
        self.trouble.hide()
        self.add(self.steps, self.trouble, self.stick, self.pack, self.carry, self.back)
        self.body.addStretch(1)
        self._buttons()
        self._go(0)
        context.work.ask(courier.waits, done=self._show)

    def _buttons(self) -> None:
        self.choose = Button("选U盘…", "soft", "s", icon="folder-open", does=self.pick)
        self.stick.tools.insertWidget(0, self.choose)
        self.slip = Button("打印交接单", "soft", "s", icon="printer", does=self.print_slip)
        self.carry.tools.insertWidget(0, self.slip)
        self.read = Button("读U盘里的回执", "soft", "s", icon="download", does=self.read_back)
        self.back.tools.insertWidget(0, self.read)
        self.close_it = self.button(CLOSE, does=self.reject)
        self.next = self.button("选U盘…", "primary", does=self._next)

    # what is known ----------------------------------------------------------------------

    def _show(self, waits: Waits) -> None:
        self.known = waits
        if waits.count and self.step == 0:
            text = f"有 {waits.count} 条要上报。内容已加密，U盘丢了别人也打不开。"
            self.pack.say("写入加密数据包", text)
        text = f"{waits.name} {waits.phone}".strip()
        title = f"带到{waits.name}，在前台电脑上读入"
        self.carry.say(title, f"{text}。请他们把回执写回这个U盘。")
        if waits.carried and not self.busy and not self.step:
            self._wait(waits.carried)
        self.fit_again()

    def _wait(self, carried: str) -> None:
        """A stick is under way: what is missing is its receipt."""
        self.stick.say("U盘已经写过", carried, "check", "ok")
        self.pack.say("已写入加密数据包", "内容已加密，U盘丢了别人也打不开。", "check", "ok")
        self._go(3)
        text = f"{self.peer}在U盘里写回执以后，插上它读一次。U盘丢了就重新写一份，不会重复。"
        self.back.say(f"等{self.peer}的回执", text, "clock", "warn")
        self.choose.set_text("重新写一份…")

    # steps ------------------------------------------------------------------------------

    def _go(self, step: int) -> None:
        self.step = step
        self.steps.go(step)
        self.choose.setVisible(step == 3)  # in the first step the footer has it
        has_slip = self.courier.slip is not None and bool(self.packed.files)
        self.slip.setVisible(step == 2 and has_slip)
        self.read.setVisible(False)
        words = {0: "选U盘…", 1: "正在写入", 2: "完成", 3: "读U盘里的回执"}
        self.next.set_text(words[step])
        self.next.setEnabled(step != 1)
        self.close_it.setEnabled(True)
        self.close_it.set_text(HALT if step == 1 else CLOSE)
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
        """While bytes are on their way to the stick the file at hand is still finished."""
        if not self.busy:
            super().reject()
        elif self.step == 1 and not self.halt.is_set():
            self.halt.set()
            self.close_it.setEnabled(False)
            self.pack.say("正在停止，等手上这个文件写完…", "", "package", "pri")

    # writing ----------------------------------------------------------------------------

    def pick(self) -> None:
        folder = ask_folder(self.context, self)
        if folder is not None:
            self.write(folder)

    def write(self, folder: Path) -> None:
        """Reads what the other side left there, then writes all that waits."""
        self.folder, self.busy = folder, True
        self.trouble.hide()
        self.stick.say(f"已识别U盘：{told(folder)}", "", "check", "ok")
        self.pack.say("正在写入加密数据包…", "内容已加密，U盘丢了别人也打不开", "package", "pri")
        self.pack.work(True)
        self._go(1)
        self.fit_again()
        self.halt.clear()
        show = self.context.work.on_main(self._written_so_far)

        def step(_number: int, words: str, share: float = 0) -> bool:
            show(words, share)
            return self.halt.is_set()

        self.context.work.call(
            self.courier.write, folder, step, done=self._written, failed=self._not_written
        )

    def _written_so_far(self, words: str, share: float) -> None:
        if self.busy and not self.halt.is_set():
            self.pack.say("正在写入加密数据包…", f"已{words}", "package", "pri")
            self.pack.work(True, share)

    def _written(self, done: Loaded) -> None:
        self.packed, self.busy = done, False
        self.pack.work(False)
        if self.folder is not None:
            self.stick.say(f"已识别U盘：{told(self.folder)}", done.came, "check", "ok")
        names = "、".join(path.name for path in done.files[:FEW])
        names += f" 等 {len(done.files)} 个文件" if len(done.files) > FEW else ""
        text = f"{names}，内容 {done.count} 条，已加密，丢失也打不开"
        if done.stopped:
            self._stopped(done, text)
            return
        self.pack.say("已写入加密数据包，可以拔出U盘", text, "check", "ok")
        self.carry.icon.change("building-2", "pri")
        self._go(2)
        after = f"读到回执后，这 {done.count} 条才算上报完成；没读到前本机一直保留。"
        if not done.count:
            after = f"没有新的资料要报，读到回执就知道与{self.peer}一致。"
        self.back.say("带回U盘，插入本机读回执", after)
        self.context.work.tell_changed(done.changed)
        self.fit_again()

    def _stopped(self, done: Loaded, text: str) -> None:
        """What is there is whole and may be carried; the rest is in the next one."""
        if done.files:
            text += f"。这些可以照常带到{self.peer}，其余的下次写U盘时再写"
        else:
            text = "一个文件也没有写，资料都在本机"
        self.pack.say("已停止写入，可以拔出U盘", text, "pause", "warn")
        self._go(2 if done.files else 0)
        self.context.work.tell_changed(done.changed)
        self.fit_again()

    def _not_written(self, error: Exception) -> None:
        """What it had brought was read before."""
        self.busy = False
        self.context.work.tell_all()
        self.pack.work(False)
        self.pack.say("没有写成", "本机资料没有影响", "circle-x", "bad")
        self._go(0)
        self._trouble("U盘没有写成", error)

    def _trouble(self, title: str, error: Exception) -> None:
        words = sentence_of(error)
        self.trouble.say("bad", title, words or "请换一个U盘再试")
        self.trouble.show()
        self.fit_again()
        if not words:
            raise error

    # coming back ------------------------------------------------------------------------

    def read_back(self) -> None:
        folder = ask_folder(self.context, self)
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
        show = self.context.work.on_main(self._read_so_far)

        def step(_number: int, words: str, share: float = 0) -> bool:
            show(words, share)
            return False

        self.context.work.call(
            self.courier.read, folder, step, done=self._read, failed=self._not_read
        )

    def _read_so_far(self, words: str, share: float) -> None:
        if self.busy:
            self.back.say("正在读回执…", f"已{words}", "download", "pri")
            self.back.work(True, share)

    def _read(self, done: Brought) -> None:
        self._came_back()
        self.context.work.tell_changed(done.changed)
        self.back.say(done.title, done.text, done.icon, done.tone)
        if done.is_over:
            self.carry.icon.change("check", "ok")
            self.choose.hide()
            self.steps.go(len(self.names))
            self.next.set_text("完成")
            self.step = 2
        self.fit_again()

    def _came_back(self) -> None:
        self.busy = False
        self.back.work(False)
        self._go(3)

    def _not_read(self, error: Exception) -> None:
        self._came_back()
        self.context.work.tell_all()
        self.back.say("没有读成", "本机资料没有影响", "circle-x", "bad")
        self._trouble("回执没有读成", error)

    # paper ------------------------------------------------------------------------------

    def print_slip(self) -> None:
        """数据交接单, two copies on a sheet; journalled when it was printed."""
        if self.folder is None or self.courier.slip is None:
            return
        job = partial(self.courier.slip, self.packed, self.folder, self.known)
        self.context.work.call(job, done=self._show_slip, failed=partial(self._trouble, "交接单"))

    def _show_slip(self, data: bytes) -> None:
        self.context.open("print_pdf", title="数据交接单", data=data, on_printed=self._slip_printed)

    def _slip_printed(self) -> None:
        self.context.work.do(printed.printed, "数据交接单", [printed.Item(None)], "U盘交接")
