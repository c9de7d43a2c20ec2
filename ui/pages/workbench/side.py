"""The cards beside the list: birthdays, last acts; on wide screens safety, notices, the month."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app import printed, roles
from app import workbench as verbs
from app.acts import Act
from app.kit import backup
from app.kit.run import Session
from app.printed import Item
from app.printing import list_sheet
from app.printing.kit.table import Column
from models.kit import clock
from ui.kit.avatar import Avatar
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.charts import Part, SegBar
from ui.kit.context import Context
from ui.kit.format import day, moment, near_day
from ui.kit.label import Elided, Icon, Label
from ui.kit.layout import Grid, HBox, VBox, clear, holder
from ui.kit.tokens import px

SLIM = (18, 10, 6, 12)


class Rows(Card):
    """A card with one line a thing, or one calm sentence."""

    def __init__(self, title: str, nothing: str, *, gap: int = 8, actions: Sequence[QWidget] = ()):
        super().__init__(title, actions=actions, margins=SLIM, gap=6)
        self.nothing, self.limit = nothing, 2
        self.lines = VBox(gap=gap, margins=(0, 0, 12, 0))
        self.body.addLayout(self.lines)

    def show_lines(self, lines: Sequence[QWidget]) -> None:
        clear(self.lines)
        self.lines.add(*(lines or [Label(self.nothing, "body", "t2")]))


class Birthdays(Rows):
    """近期生日: seven days, 80, 90 and 100 first."""

    def __init__(self, context: Context) -> None:
        self.print = Button("打印慰问名单", "text", "s", does=self.open_paper)
        super().__init__("近期生日", "七天内没有人过生日", actions=(self.print,))
        self.context = context

    def show_people(self, people: Sequence[verbs.Birthday]) -> None:
        self.print.setVisible(bool(people) and roles.may(self.context.desk, "print", "print"))
        self.show_lines([self._line(one) for one in people[: self.limit]])

    def _line(self, one: verbs.Birthday) -> QWidget:
        near = near_day(one.on) if one.days < 2 else f"{one.on:%m-%d}"
        line = HBox(gap=10)
        line.add(Avatar(one.name), Elided(one.name, f"满 {one.turning} 岁"))
        line.add(Label(near, "body", "warn" if one.days == 0 else "t2"))
        return holder(line)

    def open_paper(self) -> None:
        self.context.work.ask(birthday_sheet, done=self._draw)

    def _draw(self, data: list_sheet.ListSheet) -> None:
        self.context.work.call(list_sheet.draw, data, done=self._preview)

    def _preview(self, paper: bytes) -> None:
        what, do = "生日慰问名单", self.context.work.do
        journal = partial(do, printed.printed, what, [Item(None)], "生日慰问")
        self.context.open("print_pdf", title=what, data=paper, on_printed=journal)


def birthday_sheet(session: Session) -> list_sheet.ListSheet:
    """Everybody whose birthday is within seven days, with room for a signature."""
    people = sorted(verbs.birthdays(session, limit=None), key=lambda one: one.on)
    columns = (
        Column("生日", 22, "center"), Column("姓名", 26), Column("满岁", 16, "center"),
        Column("逢十", 16, "center"), Column("慰问方式", 40), Column("签收", 40),
    )  # fmt: skip
    rows = tuple(
        (f"{one.on:%m-%d}", one.name, str(one.turning), "是" if one.is_milestone else "", "", "")
        for one in people
    )
    imprint = printed.imprint(session, "生日慰问")
    return list_sheet.ListSheet(imprint, "近期生日慰问名单", columns, rows, landscape=False)


class Recent(Rows):
    """最近操作, newest first."""

    def __init__(self, context: Context) -> None:
        whole = Button("全部", "text", "s", does=lambda: context.open("journal"))
        super().__init__("最近操作", "还没有操作", gap=8, actions=(whole,))
        self.context = context

    def show_acts(self, acts: Sequence[Act]) -> None:
        self.show_lines([self._line(one) for one in acts[: self.limit]])

    def _line(self, one: Act) -> QWidget:
        line = HBox(gap=8)
        line.add(Label(when(one.at), "small", "t2"), Icon(one.icon, "t2", 18))
        line.addWidget(Elided(one.subject, one.words, "small", "t2"), 1)
        return holder(line)


def when(at: datetime) -> str:
    """14:28 today, 昨天, else 11-20."""
    local = clock.local(at).date()
    return moment(at) if local == clock.today() else near_day(local)


class Safety(Card):
    """数据安全: kept here, backed up, waiting for the centre."""

    def __init__(self, context: Context) -> None:
        super().__init__("数据安全", gap=10)
        self.context = context
        self.kept, self.backup = Label("", "strong"), Label("", "small", "t2")
        self.waiting, self.sent = Label("", "strong"), Label("", "small", "t2")
        self.send = Button("去上报", sz="s", does=lambda: context.open("exchange"))
        self.add(self._line("hard-drive-download", "ok", self.kept, self.backup))
        self.add(self._line("cloud-upload", "info", self.waiting, self.sent, self.send))

    def _line(self, icon: str, tone: str, *things: QWidget) -> QWidget:
        words = VBox(gap=0)
        words.add(*things[:2])
        line = HBox(gap=10)
        line.addWidget(Icon(icon, tone, 20, square=36), 0, Qt.AlignmentFlag.AlignVCenter)
        line.addLayout(words, 1)
        line.add(*things[2:])
        return holder(line)

    def show_waiting(self, count: int, note: str) -> None:
        self.kept.setText(f"已存本机 {clock.local(clock.now()):%H:%M}")
        self.waiting.setText(f"待上报 {count} 条" if count else "没有待上报")
        self.sent.setText(note)
        self.context.work.call(backup.copies, self.context.station.home, done=self._show_copies)

    def _show_copies(self, copies: Sequence[Any]) -> None:
        words = f"最近备份 {moment(copies[0].made_at)}" if copies else "还没有备份"
        self.backup.setText(words)
        self.backup.set_tone("t2" if copies else "warn")


class Notices(Rows):
    """区中心通知."""

    def __init__(self, context: Context) -> None:
        whole = Button("全部", "text", "s", does=lambda: context.open("notices"))
        super().__init__("区中心通知", "没有新通知", actions=(whole,))

    def show_notices(self, notices: Sequence[tuple[str, str, date | None]]) -> None:
        self.show_lines([self._line(title, on) for _, title, on in notices[:3]])

    def _line(self, title: str, on: date | None) -> QWidget:
        line = HBox(gap=8)
        line.add(Icon("bell", "prit", 18))
        line.addWidget(Elided("", title), 1)
        line.add(Label(day(on), "small", "t2"))
        return holder(line)


class Progress(Card):
    """本月进展: a bar each."""

    def __init__(self) -> None:
        super().__init__("本月进展", gap=10)
        self.grid = Grid(gap=(10, 10))
        self.bars: dict[str, tuple[SegBar, Label]] = {}
        for line, words in enumerate(("走访", "认证")):
            bar, count = SegBar(), Label("")
            self.bars[words] = (bar, count)
            self.grid.addWidget(Label(words, "body", "t2"), line, 0)
            self.grid.addWidget(bar, line, 1)
            self.grid.addWidget(count, line, 2, Qt.AlignmentFlag.AlignRight)
        self.grid.setColumnStretch(1, 1)
        self.grid.setColumnMinimumWidth(2, px(60))
        self.body.addLayout(self.grid)

    def show_month(self, visits: tuple[int, int], certified: tuple[int, int]) -> None:
        for words, (done, total) in (("走访", visits), ("认证", certified)):
            bar, count = self.bars[words]
            bar.set_parts([Part("已办", done, "chart1"), Part("未办", total - done, "chart0")])
            count.setText(f"{done}/{total}")
