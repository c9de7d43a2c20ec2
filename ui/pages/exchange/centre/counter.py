"""用U盘交换 at a centre, or a city: what a stick brought is read, and the receipts go onto the same
one, in one go. Several sticks may be handed in one after the other."""

from functools import partial
from pathlib import Path
from threading import Event

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app import roles, settings
from sync.desktop import Answered, Collected, FromOne, Serving, Step
from ui.exchange.sentence import sentence_of
from ui.kit.banner import Banner
from ui.kit.context import Context
from ui.kit.dialog import Dialog
from ui.kit.label import Icon, Label
from ui.kit.layout import HBox, VBox, clear, holder, rule
from ui.kit.steps import Steps
from ui.pages.exchange.sticks import ask_folder
from ui.pages.exchange.usb import SAFE, Line

NAMES = ("插入U盘", "读入数据包", "写回执", "拔出U盘")
PLUG, READ, WRITE, OVER = range(4)
DONE = "可以拔出U盘了"
NOTHING = "U盘里没有给本中心的数据包"


def dialog(context: Context) -> "CounterDialog":
    return CounterDialog(context)


class CounterDialog(Dialog):
    """`shown` is by computer what this stick has brought; `owed` are those without a receipt yet,
    which may go onto another stick."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.window(), "用U盘交换数据", width=760)
        self.context, self.busy, self.halt = context, False, Event()
        self.is_city = roles.is_city(context.desk)
        self.whom = "区中心" if self.is_city else "站点"
        self.folder: Path | None = None
        self.shown: dict[str, FromOne] = {}
        self.owed: set[str] = set()
        self.steps, self.trouble = Steps(NAMES), Banner("bad", "")
        self.stick, self.read = Line("usb", "", ""), Line("download", "", "")
        self.write, self.out = Line("package", "", ""), Line("undo-2", "", "")
        self.rows = VBox(gap=8)
        self.list = holder(self.rows)
        self.add(self.steps, self.trouble, self.stick, self.read, self.write, self.out, self.list)
        self.body.addStretch(1)
        self.close_it = self.button("关闭（Esc）", does=self.reject)
        self.other = self.button("换U盘…", does=self.pick)
        self.stop = self.button("停止", does=self._stop)
        self.next = self.button("选U盘…", "primary", does=self._next)
        self.begin()

    def begin(self) -> None:
        text = f"一个U盘里有几个{self.whom}的也行。别的文件不会动。"
        self.stick.say(f"插入{self.whom}的U盘", text, "usb", "neu")
        text = "以前读过的不会重复。"
        self.read.say(f"读入各{self._places}的数据包", text, "download", "neu")
        text = f"{self.whom}带回去读了回执，上报才算完成。"
        self.write.say("把回执写回这个U盘", text, "package", "neu")
        self.out.say(f"拔出U盘，交还{self.whom}", f"看到“{DONE}”再拔。", "undo-2", "neu")
        self.trouble.hide()
        self.list.hide()
        self._go(PLUG, "选U盘…")

    @property
    def _places(self) -> str:
        return "区" if self.is_city else "站"

    # steps ------------------------------------------------------------------------------

    def _go(self, step: int, words: str, *, other: str = "") -> None:
        """`words` are on the button of what comes next, `other` on that for another stick."""
        self.step = step
        self.steps.go(len(NAMES) if step == OVER else step)
        self.next.set_text(words)
        self.next.setEnabled(not self.busy)
        self.stop.setVisible(self.busy)
        self.stop.setEnabled(True)
        self.stop.set_text("停止")
        self.other.setVisible(bool(other))
        self.other.set_text(other or "换U盘…")
        self.close_it.setVisible(not self.busy)
        self.close_button.setEnabled(not self.busy)
        self.say(SAFE if self.busy else "", "circle-alert")
        # not on the button to stop, which a key pressed twice would hit
        (self if self.busy else self.next).setFocus(Qt.FocusReason.OtherFocusReason)
        if self.isVisible():
            self.fit()

    def _next(self) -> None:
        if self.step == OVER:
            self.accept()
        elif self.folder is not None:
            self.exchange(self.folder)
        else:
            self.pick()

    def _stop(self) -> None:
        self.halt.set()
        self.stop.setEnabled(False)
        self.stop.set_text("正在停止…")

    def reject(self) -> None:
        """Not while bytes are on their way to the stick."""
        if not self.busy:
            super().reject()

    def pick(self) -> None:
        folder = ask_folder(self.context, self)
        if folder is None or self.busy:
            return
        if not self.owed:
            self.shown.clear()
        self.begin()
        self.exchange(folder)

    # reading ----------------------------------------------------------------------------

    def exchange(self, folder: Path) -> None:
        """Read, then write; pressed again meanwhile, it stays one."""
        if self.busy:
            return
        self.show_reading(folder)
        job = partial(collect, self.context, folder, self._steps_of(self.read))
        self.context.work.call(job, done=partial(self._collected, folder), failed=self._not_read)

    def show_reading(self, folder: Path) -> None:
        self.folder, self.busy = folder, True
        self.halt.clear()
        self.trouble.hide()
        self.stick.say(f"已识别U盘：{folder.name or folder}", "", "check", "ok")
        self.read.say("正在读入…", "", "download", "pri")
        self.read.work(True)
        self._go(READ, "正在读入")

    def _steps_of(self, line: Line) -> Step:
        """For the job: shows where it is, and hears whether to stop."""
        show = self.context.work.on_main(partial(show_step, line))

        def step(number: int, total: int, name: str) -> bool:
            if number % max(1, total // 100) == 0 or number == 1:
                show(number, total, name)
            return self.halt.is_set()

        return step

    def _collected(self, folder: Path, came: Collected) -> None:
        self.show_came(came)
        self.context.work.tell_all()
        if came.stopped:
            self._stopped("读过的都收好了，还没有写回执。接着读不会重复", READ)
        elif self.owed:
            self._reply(folder, came)
        elif came.answer is not None:
            self.show_over(Answered())
        else:
            self.busy, self.folder = False, None
            self._go(PLUG, "选U盘…")

    def show_came(self, came: Collected) -> None:
        self.read.work(False)
        for one in came.stations:
            self._add_up(one)
        self._show_rows()
        self.owed |= {one.replica for one in came.stations}
        ok = bool(came.stations or came.answer)
        self.read.say(*self._told(came), *(("check", "ok") if ok else ("circle-alert", "warn")))

    def _add_up(self, one: FromOne) -> None:
        """A stick is read again after it was stopped or pulled: what it brought before counts."""
        before = self.shown.get(one.replica)
        if before is not None:
            one.entries += before.entries
        self.shown[one.replica] = one

    def _told(self, came: Collected) -> tuple[str, str]:
        said = []
        if came.answer is not None:
            said.append("市级的回执也读入了")
        if came.others:
            text = f"{came.others} 个数据包是给别处的，没有读，也没有动"
            said.append(text if came.stations else f"{text}。请看是不是拿错了U盘")
        if came.strange:
            name, why = came.strange[0]
            more = f" 等 {len(came.strange)} 个文件" if len(came.strange) > 1 else ""
            said.append(f"{name}{more}：{why}")
        if not came.stations and not came.answer:
            return NOTHING, "；".join(said) or f"请看是不是拿错了U盘，或{self.whom}还没有写"
        total = sum(one.entries for one in self.shown.values())
        many = len(self.shown)
        stored = sum(one.stored for one in self.shown.values())
        new = [f"新收 {total:,} 条"] if total or not stored else []
        new += [_stored(stored)] if stored else []
        title = f"已读 {many} 个{self.whom}，{'，'.join(new)}" if many else "已读市级的回执"
        return title, "；".join(said)

    def _show_rows(self) -> None:
        """What needs an eye first."""
        clear(self.rows)
        self.rows.add(rule())
        found = sorted(
            self.shown.values(),
            key=lambda one: (not one.refused, not one.stuck, not (one.waiting or one.stored)),
        )
        for one in found:
            self.rows.add(_row(one, is_city=self.is_city))
        self.rows.addStretch(1)
        self.list.setVisible(bool(found))

    # writing ----------------------------------------------------------------------------

    def _reply(self, folder: Path, came: Collected) -> None:
        self.write.say("正在写回执…", "", "package", "pri")
        self.write.work(True)
        self._go(WRITE, "正在写入")
        step = self._steps_of(self.write)
        job = partial(reply, self.context, folder, frozenset(self.owed), step)
        done = partial(self._replied, came)
        self.context.work.call(job, done=done, failed=self.show_unwritten)

    def _replied(self, came: Collected, done: Answered) -> None:
        self.write.work(False)
        if done.stopped:
            self._stopped("读到的都收好了，回执没有写完", WRITE)
        elif came.unwritten is not None:
            self.show_unwritten(came.unwritten)
        else:
            self.show_over(done)
        self.context.work.tell_all()

    def show_over(self, done: Answered) -> None:
        self.busy = False
        self.owed.clear()
        if done.stations:
            text = f"{self.whom}带回去读了，上报才算完成。"
            self.write.say(f"已写好 {done.stations} 个{self.whom}的回执", text, "check", "ok")
        else:
            text = f"没有收下的，请看下面的原因，告诉{self.whom}。" if self.shown else ""
            self.write.say("没有要写的回执", text, "info", "neu")
        self.out.say(DONE, f"请交还{self.whom}。", "check", "ok")
        self._go(OVER, "完成", other="再读一个U盘…")

    # what goes wrong ----------------------------------------------------------------------

    def _stopped(self, words: str, step: int) -> None:
        self.busy = False
        self.trouble.say("warn", "已停止，可以拔出U盘", f"{words}。")
        self.trouble.show()
        self._write_later()
        self._go(step, "接着做", other="换U盘…")

    def _write_later(self) -> None:
        self.write.say("回执没有写成", "收下的资料没有影响，再写一次就行。", "circle-alert", "warn")

    def _not_read(self, error: Exception) -> None:
        self.busy = False
        self.read.work(False)
        self.read.say("没有读成", "本中心的资料没有影响", "circle-x", "bad")
        self._trouble("U盘没有读成", error, READ)

    def show_unwritten(self, error: Exception) -> None:
        self.busy = False
        self.write.work(False)
        self._write_later()
        self._trouble("读到的都收好了，回执没有写成", error, WRITE)

    def _trouble(self, title: str, error: Exception, step: int) -> None:
        words = sentence_of(error)
        self.trouble.say("bad", title, words or "请换一个U盘再试")
        self.trouble.show()
        self._go(step, "重试", other="换U盘…")
        if not words:
            raise error


def collect(context: Context, folder: Path, step: Step) -> Collected:
    """Raises Fault and Refusal."""
    serving = _serving(context)
    settings.machine(context.station.home).remember("stick_folder", str(folder))
    return serving.collect(folder, step)


def reply(context: Context, folder: Path, whose: frozenset[str], step: Step) -> Answered:
    """Raises Fault and Refusal."""
    return _serving(context).reply(folder, whose, step)


def _serving(context: Context) -> Serving:
    roles.allow(context.desk, "exchange", "manage")
    return context.serving(context.station)


def show_step(line: Line, number: int, total: int, name: str) -> None:
    line.bar.setRange(0, total)
    line.bar.setValue(number - 1)
    line.text.setText(f"第 {number} 个，共 {total} 个  {name}")
    line.text.show()


def _row(one: FromOne, *, is_city: bool) -> QWidget:
    icon, tone = ("clock", "warn") if one.waiting or one.stored else ("check", "ok")
    if one.refused:
        icon, tone = "circle-x", "bad"
    line = HBox(gap=10)
    mark = VBox(margins=(0, 4, 0, 0))
    mark.add(Icon(icon, tone, 16))
    mark.addStretch(1)
    line.addLayout(mark)
    line.addWidget(Label(one.name, "strong"), 0, Qt.AlignmentFlag.AlignTop)
    line.addWidget(Label(words_of(one, is_city=is_city), "body", "t2", wrap=True), 1)
    return holder(line)


def _stored(count: int) -> str:
    return f"{count:,} 条已收好，还没有办"


def words_of(one: FromOne, *, is_city: bool = False) -> str:
    """新收 12 条，都已有结果；…"""
    said = []
    if one.entries:
        known = "" if is_city or one.waiting or one.stored else "，都已有结果"
        said.append(f"新收 {one.entries:,} 条{known}")
    elif one.files > one.contents and not one.stored:
        said.append("没有新的，以前都收过")
    if one.contents:
        said.append(f"照片和附件 {one.contents} 包")
    if one.waiting:
        said.append(f"{one.waiting:,} 条等前面的资料先到，到了会自己办完")
    if one.stored:
        why = "：有数据包程序办不了，怎么办请看“待办”" if one.stuck else ""
        said.append(f"{_stored(one.stored)}{why}")
    if one.refused:
        many = len(one.refused)
        said.append(one.refused[0] + (f"（共 {many} 个文件没有收）" if many > 1 else ""))
    return "；".join(said)
