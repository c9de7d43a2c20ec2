"""The recovery card on its way out: to the printer, or onto a stick."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from ui.kit.ask import ask
from ui.shell.startup_host import StartupHost

if TYPE_CHECKING:
    from app.station import Station
    from ui.shell.startup_jobs import StartupJobs

FILTER, NAME = "PDF (*.pdf)", "恢复口令卡.pdf"


class CardOut:
    """One card; ``station`` is whose, where that is open."""

    def __init__(self, host: StartupHost, code: str, station: "Station | None" = None) -> None:
        self.host, self.code, self.station = host, code, station

    def print(self, parent: QWidget) -> None:
        """As a preview over ``parent``."""
        self.host.beside(self._drawn, partial(_preview, parent))

    def ask_and_save(self, parent: QWidget) -> None:
        path = ask.save_file(parent, "存到U盘", filters=FILTER, start=NAME)
        if path is not None:
            self.save(path)

    def save(self, path: Path) -> None:
        def drawn(data: bytes) -> None:
            self.host.beside(lambda jobs: jobs.save_card(path, data), self._saved)

        self.host.beside(self._drawn, drawn)

    def _drawn(self, jobs: "StartupJobs") -> bytes:
        return jobs.draw_card(self.code, self.station, self.host.remembered.station)

    def _saved(self, _nothing: None) -> None:
        words = "请打印出来锁进柜子，再把U盘里的文件删掉"
        ask.tell(self.host.entrance, "恢复口令卡已存好", words)


def _preview(parent: QWidget, data: bytes) -> None:
    from ui.kit import preview  # noqa: PLC0415 - after the first paint

    preview.PreviewDialog(parent, "恢复口令卡", data, saves=False).open()
