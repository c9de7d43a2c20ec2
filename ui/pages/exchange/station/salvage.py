"""找回资料: what an old file, a backup or a stick holds that never reached the centre."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt

from app.kit import restore
from app.kit.refusal import Refusal
from app.station import Station
from sync.salvage import Salvage, lines
from ui.exchange.sentence import sentence_or_raise
from ui.kit.banner import Banner
from ui.kit.buttons import Button
from ui.kit.context import Context
from ui.kit.dialog import Dialog
from ui.kit.field import Field
from ui.kit.inputs import PasswordBox
from ui.kit.label import Label
from ui.kit.layout import holder, row
from ui.pages.exchange.station import doing

FILES = "资料文件和备份 (*.db *.backup);;所有文件 (*)"
INTRO = (
    "从旧资料文件、备份或以前写过的U盘里，找出这台电脑上没有的录入，重新上报给区中心。"
    "原来的文件只读不改；已经报过的不会重复。"
)


def dialog(context: Context) -> "SalvageDialog":
    return SalvageDialog(context)


class SalvageDialog(Dialog):
    """Choose, look, then decide."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.window(), "找回资料", width=640)
        self.context = context
        self.source: Path | None = None
        self.found: Salvage | None = None
        self.file = Button("选资料文件或备份…", "soft", icon="folder-open", does=self.pick_file)
        self.stick = Button("选U盘文件夹…", "soft", icon="usb", does=self.pick_folder)
        self.password = PasswordBox()
        self.password.returnPressed.connect(self.look)
        hint = "这份资料用的是另一把钥匙，请输入您那时的口令，再按回车"
        self.field = Field("那时的口令", self.password, required=True, hint=hint)
        self.field.hide()
        self.told = Banner("info", "还没有选文件", "")
        self.add(Label(INTRO, "body", "t2", wrap=True), holder(row(self.file, self.stick, None)))
        self.add(self.field, self.told)
        self.body.addStretch(1)
        self.cancel_button()
        self.go = self.button("找回并上报", "primary", does=self.take)
        self.go.setEnabled(False)
        self.file.setFocus(Qt.FocusReason.OtherFocusReason)

    def pick_file(self) -> None:
        """What a restore has set aside lies where nobody would find it: there one begins."""
        start = str(restore.set_aside(self.context.station.home) or "")
        title = "选旧资料文件或备份"
        self._chosen(self.context.ask.open_file(self, title, filters=FILES, start=start))

    def pick_folder(self) -> None:
        self._chosen(self.context.ask.folder(self, "选U盘文件夹"))

    def _chosen(self, path: Path | None) -> None:
        if path is not None:
            self.source = path
            self.field.hide()
            self.password.clear()
            self.look()

    def look(self) -> None:
        """Beside the work of others; a copy of the file is opened, never the file."""
        if self.source is None:
            return
        self.found = None
        self.go.setEnabled(False)
        self._say("info", f"正在看 {self.source.name} …", "")
        self.context.work.call(
            partial(find, self.context.station, self.source, self.password.text()),
            done=self._found,
            failed=self._not_found,
        )

    def _found(self, found: Salvage) -> None:
        self.found = found
        first, *rest = lines(found)
        self._say("warn" if found.is_any else "ok", first, "\n".join(rest))
        self.go.setEnabled(found.is_any)
        if found.is_any:
            self.go.setFocus(Qt.FocusReason.OtherFocusReason)

    def _not_found(self, error: Exception) -> None:
        words = sentence_or_raise(error)
        if isinstance(error, Refusal) and error.field == "password":
            asked = self.field.isVisible()
            self.field.show()
            self.field.say(*(("err", words) if asked and self.password.text() else ()))
            self.password.setFocus(Qt.FocusReason.OtherFocusReason)
            self._say("info", "要那时的口令", "")
        else:
            self._say("bad", "没有读入", words)

    def _say(self, tone: str, title: str, text: str) -> None:
        self.told.say(tone, title, text)
        self.fit()

    def take(self) -> None:
        if self.found is not None:
            self.go.setEnabled(False)
            self.context.work.call(
                partial(take_back, self.context.station, self.found),
                done=self._taken,
                failed=self._not_found,
            )

    def _taken(self, changed: frozenset[str]) -> None:
        if self.found is None:
            return
        self.context.work.tell_changed(changed | {"change"})
        self.context.toast(f"已找回 {amount(self.found)}，下次交换时上报")
        self.accept()


def amount(found: Salvage) -> str:
    """3 条和 2 份附件内容."""
    said = f"{len(found.entries)} 条" if found.lacking else ""
    more = f"{len(found.contents)} 份附件内容" if found.contents else ""
    return "和".join(one for one in (said, more) if one)


def find(station: Station, source: Path, password: str) -> Salvage:
    """Raises what may be told."""
    way = doing.exchange_of(station)
    if source.is_dir():
        return way.in_folder(source)
    name = station.desk.name if password else None
    return way.in_file(station.vault, source, name=name, password=password or None)


def take_back(station: Station, found: Salvage) -> frozenset[str]:
    """In one transaction."""
    return doing.exchange_of(station).take_back(found)
