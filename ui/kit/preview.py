"""A PDF on the screen and on the printer from the same pages: what is shown is what is printed.

Sheets are sent one by one, so that a batch goes on after a jam (`接着打`).
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
from PySide6.QtCore import QMarginsF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QIcon, QImage, QPageLayout, QPageSize, QPainter, QPixmap, QResizeEvent
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo
from PySide6.QtWidgets import QFrame, QLabel, QListWidget, QListWidgetItem, QSizePolicy, QWidget

from app.kit.files import write_whole
from app.kit.pdfium import one_at_a_time
from ui.kit.ask import ask
from ui.kit.banner import Banner
from ui.kit.buttons import Button, IconButton
from ui.kit.dialog import Dialog
from ui.kit.inputs import Combo
from ui.kit.label import Label, show_if
from ui.kit.layout import HBox, Scroll, VBox, column, holder
from ui.kit.tokens import px

DPI = 300
POINTS = 72
ZOOMS = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
IN_CLEAR = "文件没有加密，请妥善保管，用完删掉"


class Pdf:
    """The pages of a document as pictures."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        with one_at_a_time:
            self.document = pypdfium2.PdfDocument(data)

    def __len__(self) -> int:
        with one_at_a_time:
            return len(self.document)

    def size(self, page: int) -> tuple[float, float]:
        """Width and height in points."""
        with one_at_a_time:
            wide, tall = self.document[page].get_size()
        return float(wide), float(tall)

    def picture(self, page: int, dpi: float) -> QImage:
        """One page, rendered as it is printed."""
        with one_at_a_time:
            bitmap = self.document[page].render(scale=dpi / POINTS, rev_byteorder=True)
            buffer = bytes(bitmap.buffer)
        kinds = {3: QImage.Format.Format_RGB888, 4: QImage.Format.Format_RGBX8888}
        kind = kinds.get(bitmap.n_channels, QImage.Format.Format_Grayscale8)
        made = QImage(buffer, bitmap.width, bitmap.height, bitmap.stride, kind)
        return made.copy()  # the buffer goes, the picture stays

    def close(self) -> None:
        with one_at_a_time:
            self.document.close()


def printer_names() -> tuple[str, ...]:
    """Installed printers, the usual one first."""
    usual = QPrinterInfo.defaultPrinterName()
    names = list(QPrinterInfo.availablePrinterNames())
    return tuple(sorted(names, key=lambda name: name != usual))


class PrintJob:
    """Sheets sent one at a time; `done` is how many have left, so that it can go on there."""

    def __init__(self, pdf: Pdf, pages: Sequence[int]) -> None:
        self.pdf, self.pages, self.done = pdf, tuple(pages), 0
        self.stopped = False

    @property
    def left(self) -> int:
        return len(self.pages) - self.done

    def sheet(self, make: Callable[[], QPrinter | None]) -> bool:
        """The next one, a print job of its own; False when the printer does not take it."""
        printer = make()
        sent = printer is not None and self._sheet(printer, self.pages[self.done])
        self.done += sent
        return sent

    def _sheet(self, printer: QPrinter, page: int) -> bool:
        wide, tall = self.pdf.size(page)
        printer.setPageLayout(layout_of(wide, tall))
        painter = QPainter()
        if not painter.begin(printer):
            return False
        image = self.pdf.picture(page, DPI)
        painter.drawImage(QRectF(0, 0, wide / POINTS * DPI, tall / POINTS * DPI), image)
        return bool(painter.end()) and printer.printerState() != QPrinter.PrinterState.Error


def layout_of(wide: float, tall: float) -> QPageLayout:
    """The page as it is, without margins of the printer's own: our papers bring theirs."""
    lying = wide > tall
    size = QPageSize(QPageSize.PageSizeId.A4)
    turn = QPageLayout.Orientation.Landscape if lying else QPageLayout.Orientation.Portrait
    made = QPageLayout(size, turn, QMarginsF())
    made.setMode(QPageLayout.Mode.FullPageMode)
    return made


def printer_called(name: str) -> QPrinter:
    """300 dpi, edge to edge, one sheet."""
    made = QPrinter(QPrinter.PrinterMode.HighResolution)
    if name:
        made.setPrinterName(name)
    made.setResolution(DPI)
    made.setFullPage(True)
    return made


def still_there(name: str, make: Callable[[str], QPrinter]) -> QPrinter | None:
    """None of a printer that was taken away since: Qt would print on the usual one instead."""
    return make(name) if not name or name in printer_names() else None


class PdfView(QWidget):
    """Page list at the left, the page at the right, zoom."""

    pageChanged = Signal(int)

    def __init__(self, data: bytes = b"", *, thumbnails: bool = True) -> None:
        super().__init__()
        self.pdf: Pdf | None = None
        self.page, self.zoom = 0, 0.0
        self.list = QListWidget()
        self.list.setFixedWidth(px(144))
        self.list.setIconSize(QSize(px(84), px(118)))
        self.list.setAccessibleName("页")
        self.list.setObjectName("choices")
        self.list.currentRowChanged.connect(self.show_page)
        show_if(self.list, thumbnails)
        self.sheet = QLabel()
        self.sheet.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.sheet.setAccessibleName("预览")
        self.scroller = Scroll(holder(column(self.sheet, None)))
        self.scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.fill = QTimer(self, singleShot=False, interval=0)
        self.fill.timeout.connect(self._next_thumbnail)
        well = QFrame()
        well.setObjectName("well")
        VBox(well, margins=(10, 10, 4, 10)).addWidget(self.scroller)
        line = HBox(gap=10)
        line.addWidget(self.list)
        line.addWidget(well, 1)
        box = VBox(self, gap=8)
        box.addLayout(self._tools())
        box.addLayout(line, 1)
        self.setMinimumHeight(px(320))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        if data:
            self.show_pdf(data)

    def _tools(self) -> HBox:
        self.place = Label("", "small", "t2")
        self.back = IconButton("chevron-left", "上一页", sz="s", does=lambda: self.turn(-1))
        self.forth = IconButton("chevron-right", "下一页", sz="s", does=lambda: self.turn(1))
        self.share = Label("", "small", "t2")
        tools = HBox(gap=6)
        tools.add(self.back, self.place, self.forth)
        tools.addStretch(1)
        tools.add(
            IconButton("minus", "缩小", sz="s", does=lambda: self.step_zoom(-1)),
            self.share,
            IconButton("plus", "放大", sz="s", does=lambda: self.step_zoom(1)),
            Button("整页", "text", "s", does=self.whole),
        )
        return tools

    def show_pdf(self, data: bytes) -> None:
        """Another document; the pages of the list come while there is nothing else to do."""
        self.close_pdf()
        self.pdf = Pdf(data)
        self.destroyed.connect(self.pdf.close)
        self.list.clear()
        for page in range(len(self.pdf)):
            item = QListWidgetItem(f"{page + 1}")
            item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
            self.list.addItem(item)
        self.pending = list(range(len(self.pdf)))
        if not self.list.isHidden():
            self.fill.start()
        self.list.setCurrentRow(0)

    def close_pdf(self) -> None:
        self.fill.stop()
        if self.pdf is not None:
            self.destroyed.disconnect(self.pdf.close)
            self.pdf.close()
            self.pdf = None

    def _next_thumbnail(self) -> None:
        if not self.pending or self.pdf is None:
            self.fill.stop()
            return
        page = self.pending.pop(0)
        picture, icon = QPixmap.fromImage(self.pdf.picture(page, 18)), QIcon()
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):  # chosen, it is still white paper
            icon.addPixmap(picture, mode)
        self.list.item(page).setIcon(icon)

    def turn(self, by: int) -> None:
        if self.pdf is not None and 0 <= self.page + by < len(self.pdf):
            self.list.setCurrentRow(self.page + by)

    def step_zoom(self, by: int) -> None:
        now = self.zoom or self._fitting()
        after = [z for z in ZOOMS if (z - now) * by > 0.01]
        if after:
            self.zoom = after[0] if by > 0 else after[-1]
            self._render()

    def whole(self) -> None:
        self.zoom = 0.0
        self._render()

    def show_page(self, page: int) -> None:
        if page < 0:
            return
        self.page = page
        self._render()
        self.pageChanged.emit(page)

    def _fitting(self) -> float:
        """So that the page is as wide as there is room; never blown up beyond its own size."""
        if self.pdf is None:
            return 1.0
        wide, _tall = self.pdf.size(self.page)
        return max(0.3, min(1.6, (self.scroller.viewport().width() - px(8)) / (wide / POINTS * 96)))

    def _render(self) -> None:
        if self.pdf is None:
            return
        share, ratio = self.zoom or self._fitting(), self.devicePixelRatioF()
        picture = QPixmap.fromImage(self.pdf.picture(self.page, 96 * share * ratio))
        picture.setDevicePixelRatio(ratio)
        self.sheet.setPixmap(picture)
        self.share.setText(f"{share:.0%}")
        self.place.setText(f"第 {self.page + 1} / {len(self.pdf)} 页")
        self.back.setEnabled(self.page > 0)
        self.forth.setEnabled(self.page + 1 < len(self.pdf))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self.zoom:
            QTimer.singleShot(0, self, self._render)


class PreviewDialog(Dialog):
    """`sheet_printed(page)` after each sheet has left, `printed(pages)` of those that have once no
    more do, `saved(path)` once it is a file. ``saves``: whether it may be one; ``warning``: what
    to see to on the paper."""

    sheet_printed = Signal(int)
    printed = Signal(object)
    saved = Signal(object)

    def __init__(
        self,
        parent: QWidget,
        title: str,
        data: bytes,
        *,
        note: str = "",
        warning: tuple[str, str] | None = None,
        printer: str = "",
        make: Callable[[str], QPrinter] = printer_called,
        saves: bool = True,
    ) -> None:
        super().__init__(parent, title, width=860, note=note)
        self.data, self.make = data, make
        self.view = PdfView(data)
        pages = len(self.view.pdf) if self.view.pdf else 0
        self.job = PrintJob(self.view.pdf, range(pages)) if self.view.pdf else None
        self.printing, self.jam = False, Banner("warn", "")
        self.jam.hide()
        if warning is not None:
            self.add(Banner("warn", *warning))
        self.add(self.jam, self.view)
        self.view.setMinimumHeight(px(440))
        self.printers = Combo([(name, name) for name in printer_names()], hint="没有打印机",
                              empty=False)  # fmt: skip
        self.printers.set_value(printer or next(iter(printer_names()), ""))
        self.printers.setAccessibleName("打印机")
        self.footer.insertWidget(2, self.printers)
        self.cancel_button("关闭（Esc）")
        self.keep = self.button("另存为 PDF", icon="download", does=self.save)
        show_if(self.keep, saves)
        self.go = self.button(
            f"打印 {pages} 页（Ctrl+P）", "primary", icon="printer", does=self.print_now,
            shortcut="Ctrl+P",
        )  # fmt: skip
        self.finished.connect(lambda _result: self.view.close_pdf())
        self.go.setEnabled(bool(self.printers.count()))
        if not self.printers.count():
            more = "，可以另存为 PDF 拿到别处打印" if saves else ""
            self.say(f"这台电脑没有装打印机{more}", "info")
        (self.go if self.go.isEnabled() else self.keep).setFocus(Qt.FocusReason.OtherFocusReason)

    def save(self) -> None:
        path = ask_where(self, "另存为 PDF", self.windowTitle())
        if path is not None and write_pdf(self, path, self.data):
            self.saved.emit(path)

    def print_now(self) -> None:
        """From where the last attempt stopped."""
        if self.job is None or self.printing:
            return
        self.jam.hide()
        self.job.stopped = False
        self._busy(on=True)
        QTimer.singleShot(0, self, self._sheet)

    def _busy(self, *, on: bool) -> None:
        self.printing = on
        for each in (self.go, self.keep, self.printers):
            each.setEnabled(not on)

    def _sheet(self) -> None:
        """One, then the screen may breathe."""
        job, name = self.job, self.printers.value()
        if job is None:
            return
        if job.stopped or not job.sheet(lambda: still_there(name, self.make)):
            self._tell_jam(job)
            return
        self.sheet_printed.emit(job.pages[job.done - 1])
        if job.left:
            self.say(f"已打 {job.done} / {len(job.pages)} 张，Esc 停下", "printer")
            QTimer.singleShot(0, self, self._sheet)
        else:
            self._busy(on=False)
            self.accept()
            self.printed.emit(job.pages)

    def reject(self) -> None:
        """While sheets are on their way it stops first; those that have left were printed."""
        job = self.job
        if job is not None and self.printing:
            job.stopped = True
            return
        super().reject()
        if job is not None and job.done:
            self.printed.emit(job.pages[: job.done])

    def _tell_jam(self, job: PrintJob) -> None:
        self._busy(on=False)
        if job.done:
            self.say("")
            self.go.set_text(f"接着打 {job.left} 页（Ctrl+P）")
        on = Button("接着打", "soft", "s", does=self.print_now)
        title = "已停止打印" if job.stopped else "打印机没有反应"
        look = "" if job.stopped else "请看是否开机、连着、有纸。"
        self.jam.say("warn", title, f"{look}已打 {job.done} 张，还差 {job.left} 张", actions=(on,))
        self.jam.show()


def ask_where(parent: QWidget, act: str, name: str) -> Path | None:
    """Whoever takes a paper out as a file is told before that it is not encrypted."""
    title = f"{act}（{IN_CLEAR}）"
    return ask.save_file(parent, title, filters="PDF (*.pdf)", start=f"{name}.pdf")


def write_pdf(parent: QWidget, path: Path, data: bytes) -> bool:
    """The same bytes that are shown; all of them, or the file that was there before."""
    try:
        write_whole(path, data)
    except OSError as error:
        ask.tell(parent, "没有存成", f"{path.name} 写不进去：{_why(error)}", tone="warn")
        return False
    return True


def _why(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "文件正打开着，或这个文件夹不让写。请换个名字再存"
    return "请换个地方再存"
