"""备份: the second place, a copy now, every copy with its state, going back to one."""

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from app import roles
from app.kit.refusal import Refusal
from ui.kit.banner import Banner
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.cells import Cell, Link, Stat, Text
from ui.kit.context import Context
from ui.kit.label import Elided, Icon, Label
from ui.kit.layout import HBox, VBox
from ui.kit.table import Column, DataTable, Row, RowsModel
from ui.kit.tokens import HEADER, ROW_ONE, Room, px, scale
from ui.pages.settings import doing
from ui.pages.settings.doing import Backups, Kept
from ui.pages.settings.rehearsing import RehearsalCard
from ui.pages.settings.tab import Tab

COLUMNS = (
    Column("at", "备份时间", 170, 1),
    Column("reason", "来由", 120, 1),
    Column("people", "人数", 90, right=True),
    Column("size", "大小", 100, right=True, drop=1),
    Column("place", "存在哪里", 170, 1, drop=2),
    Column("state", "状态", 150),
    Column("back", "", 90),
)
FILES = "备份 (*.backup);;所有文件 (*)"
RULE = "每天 12:00、17:30 自动备份，导入和升级前也各备一份，保留 {} 天。备份是加密的"
WHY = "电脑坏了、丢了，只有另一处的备份能救回来。请选另一块硬盘、U盘或网络文件夹"
SHOWN = 12


class BackupsTab(Tab):
    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.copies: tuple[Kept, ...] = ()
        self.now = Button("立即备份", "primary", icon="hard-drive-download", does=self.back_up)
        self.other = Button("选别处的备份…", icon="folder-open", does=self.choose_file)
        self.choose = Button("选文件夹…", icon="folder-open", does=self.choose_folder)
        self.drop = Button("不用了", "text", does=self.forget_folder)
        self.mark = Icon("usb", "warn", 20, square=40)
        self.second, self.told = Elided(), Label("", "small", "t2", wrap=True)
        self.model, self.table = RowsModel(COLUMNS), DataTable(COLUMNS, two_lines=False)
        self.table.setModel(self.model)
        self.table.setAccessibleName("备份")
        self.table.linked.connect(lambda place, _column: self.restore(place))
        self.table.opened.connect(self.restore)
        self.trouble = Banner("warn", "")
        self.trouble.hide()
        box = VBox(self, gap=12)
        box.addWidget(self.trouble)
        box.addWidget(self._place())
        self.rehearsal: RehearsalCard | None = None
        if not roles.is_central(context.desk):
            self.rehearsal = RehearsalCard(context)
            box.addWidget(self.rehearsal)
        box.addWidget(self._list())
        box.addStretch(1)
        self.first = self.now
        scale.scaleChanged.connect(self._fit_height)

    def _place(self) -> QWidget:
        card = Card(margins=(18, 10, 18, 10))
        words = VBox(gap=0)
        words.add(self.second, self.told)
        line = HBox(gap=12)
        line.addWidget(self.mark)
        line.addLayout(words, 1)
        line.add(self.drop, self.choose)
        card.body.addLayout(line)
        return card

    def _list(self) -> QWidget:
        card = Card("本机的备份", actions=(self.other, self.now), margins=(18, 10, 18, 12))
        self.rule = Label("", "small", "t2", wrap=True)
        self.empty = Label("还没有备份过。点“立即备份”做第一份", "body", "t2", wrap=True)
        card.add(self.rule, self.table, self.empty)
        return card

    def fit(self, room: Room) -> None:
        self.table.drop_columns({"wide": 0, "full": 0, "rail": 1, "small": 2}[room])

    # showing ----------------------------------------------------------------------------

    def reload(self) -> None:
        self.context.work.call(doing.backups, self.context.station, done=self._show)
        if self.rehearsal is not None:
            self.rehearsal.load()

    def _show(self, found: Backups) -> None:
        self.copies = found.copies[:SHOWN]
        self.rule.setText(RULE.format(found.keep_days))
        self.model.set_rows([Row(str(one.path), cells(one)) for one in self.copies])
        self.table.setVisible(bool(self.copies))
        self.empty.setVisible(not self.copies)
        self._fit_height()
        self._show_second(found)

    def _show_second(self, found: Backups) -> None:
        self.drop.setVisible(bool(found.second))
        self.choose.set_text("换文件夹…" if found.second else "选文件夹…")
        if not found.second:
            self.mark.change("usb", "warn")
            self.second.show_words("备份的第二个位置：还没有选")
            self.told.setText(WHY)
        elif found.second_there:
            self.mark.change("usb", "ok")
            self.second.show_words("备份的第二个位置", found.second)
            self.told.setText("每次备份都会在这里再存一份")
        else:
            self.mark.change("usb", "bad")
            self.second.show_words("备份的第二个位置（现在找不到）", found.second)
            self.told.setText("U盘没插，或网络不通。备份先只存在本机，接上后点“立即备份”补一份")

    def _fit_height(self, _value: float = 1.0) -> None:
        self.table.setFixedHeight(px(HEADER) + max(1, len(self.copies)) * px(ROW_ONE) + 4)

    # acts -------------------------------------------------------------------------------

    def back_up(self) -> None:
        self.now.setEnabled(False)
        self.now.set_text("正在备份…")
        self.context.work.call(
            self.context.station.backup, done=self._backed_up, failed=self._failed
        )

    def _backed_up(self, copy: Any) -> None:
        self._ready()
        self.trouble.setVisible(bool(copy.second_problem))
        if copy.second_problem:
            self.trouble.say("warn", "备份只存了一份", copy.second_problem)
        self.context.toast(f"已备份并核对过：{copy.shown}")
        self.reload()

    def _failed(self, error: Exception) -> None:
        self._ready()
        if not isinstance(error, Refusal):
            raise error
        self.trouble.say("bad", "备份没有做成", error.message)
        self.trouble.show()

    def _ready(self) -> None:
        self.now.setEnabled(True)
        self.now.set_text("立即备份")

    def choose_folder(self) -> None:
        path = self.context.ask.folder(self, "备份的第二个位置")
        if path is not None:
            self._keep(str(path))

    def forget_folder(self) -> None:
        self._keep("")

    def _keep(self, folder: str) -> None:
        self.context.work.call(
            doing.prefer, self.context.station, "backup_folder", folder,
            done=lambda _none: self.reload(),
        )  # fmt: skip

    # going back -------------------------------------------------------------------------

    def restore(self, place: int) -> None:
        """What will happen, and the password, are asked where nobody is signed in."""
        if not 0 <= place < len(self.copies):
            return
        one = self.copies[place]
        if not one.whole:
            self.context.ask.tell(
                self, "这份备份已经损坏", "读出来和存的时候不一样，不能用来恢复。请选别的一份",
                tone="warn",
            )  # fmt: skip
            return
        self._leave(one.path, f"恢复到 {one.shown} 的备份")

    def choose_file(self) -> None:
        path = self.context.ask.open_file(self, "选备份文件", filters=FILES)
        if path is not None:
            self._leave(path, f"用 {path.name} 恢复")

    def _leave(self, path: Path, title: str) -> None:
        text = "要先退出登录，接着会说明缺什么，并请您输入口令；现在的资料原样另存，不会删除。"
        if self.context.ask.confirm(self, title, text, act="退出登录，去恢复"):
            self.context.open("restore", file=str(path))


def cells(one: Kept) -> tuple[Cell, ...]:
    """One copy."""
    good = Stat("完好", "ok", "circle-check") if one.whole else Stat("已损坏", "bad", "circle-x")
    place = "本机和第二个位置" if one.second else "本机"
    return (
        Text(one.shown, bold=True),
        Text(one.reason),
        Text(f"{one.people} 人"),
        Text(size_words(one.size), "t2"),
        Text(place, "t2"),
        good,
        Link("恢复…") if one.whole else Text(""),
    )


def size_words(size: int) -> str:
    """In megabytes."""
    return f"{size / 1024 / 1024:.1f} MB"
