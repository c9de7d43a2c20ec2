"""A new recovery card: the old one dies, the new one is shown this once and has to leave on paper
or on a stick."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app import settings
from ui.kit.context import Context
from ui.kit.preview import PreviewDialog, write_pdf
from ui.pages.settings import doing

TITLE = "恢复口令卡"
POINTS = (
    "保险柜里的旧卡立即作废，不能再用",
    "新卡只显示这一次，请马上打印",
    "已经做好的备份，仍要用备份当时的卡打开",
)
LOST = "新卡还没有打印，也没有存到U盘。关掉以后看不到这组字符，只能再换一张。"
NOTE = "只显示这一次；打印后锁进保险柜"


def ask_for_card(context: Context, parent: QWidget, *, done: Callable[[], object]) -> None:
    """Confirmed first (7.5): the old card is worth nothing afterwards."""
    if not context.ask.confirm(
        parent, "换一张恢复口令卡", "换卡后将同时发生", act="作废旧卡，生成新卡", points=POINTS
    ):
        return

    def made(data: bytes) -> None:
        context.work.tell_changed(frozenset({"audit"}))
        done()
        show_card(context, data)

    context.work.call(doing.new_card, context.station, done=made)


def show_card(context: Context, data: bytes) -> None:
    """On the screen, with the printer of this PC."""
    printer = settings.machine(context.station.home).get("printer")
    CardPreview(context, data, printer).open()


class CardPreview(PreviewDialog):
    """Does not close lightly before the card has left."""

    def __init__(self, context: Context, data: bytes, printer: str = "") -> None:
        super().__init__(context.window(), TITLE, data, printer=printer, note=NOTE)
        self.context, self.left = context, False
        self.sheet_printed.connect(self._printed)

    def _printed(self, _page: int) -> None:
        self.left = True

    def save(self) -> None:
        path: Path | None = self.context.ask.save_file(
            self, "存到U盘", filters="PDF (*.pdf)", start=f"{TITLE}.pdf"
        )
        if path is not None and write_pdf(self, path, self.data):
            self.left = True
            self.context.toast(f"已存到 {path.name}，打印后请把这个文件删掉")

    def reject(self) -> None:
        if self.left or self.context.ask.confirm(
            self, "新卡还没有打印", LOST, act="不打印，关掉", danger=True
        ):
            super().reject()
