"""打印认证表: a batch in delivery order, each sheet journalled, going on after a jam."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtPrintSupport import QPrinter

from app import settings
from app.certification import batch, printed
from app.certification.batch import Batch, Sheet
from ui.kit.banner import Banner
from ui.kit.buttons import Button, IconButton
from ui.kit.cells import Cell, Check, Err, Text
from ui.kit.context import Context
from ui.kit.dialog import Dialog
from ui.kit.field import Field
from ui.kit.inputs import CheckBox, Combo
from ui.kit.label import Label
from ui.kit.layout import HBox, Scroll, VBox, holder
from ui.kit.preview import (
    IN_CLEAR,
    Pdf,
    PdfView,
    PrintJob,
    ask_where,
    printer_called,
    printer_names,
    still_there,
    write_pdf,
)
from ui.kit.table import Column, DataTable, Row, RowsModel
from ui.kit.tokens import px
from ui.kit.waiting import Progress

LEFT, RIGHT = 256, 270
SECONDS_EACH = 4
COLUMNS = (Column("tick", "", 40), Column("name", "要打印的人", 90, stretch=1),
           Column("room", "室", 64, right=True))  # fmt: skip
NOTE = ("二维码里没有身份证号", "只有表格编号和校验码")
TITLE = "领取养老金资格认证表"


def dialog(context: Context, task_ids: Sequence[str] = ()) -> "PrintFormsDialog":
    """These tasks; numbers are allotted as it opens, so that what is shown is what is printed."""
    return PrintFormsDialog(context, tuple(task_ids))


class _WholePage(PdfView):
    """The page as a whole, until somebody wants it larger."""

    def _fitting(self) -> float:
        wide = super()._fitting()
        if self.pdf is None:
            return wide
        tall = self.pdf.size(self.page)[1] / 72 * 96
        return max(0.2, min(wide, (self.scroller.viewport().height() - px(8)) / tall))


class PrintFormsDialog(Dialog):
    """People at the left, the page in the middle, how to print at the right."""

    make: Callable[[str], QPrinter] = staticmethod(printer_called)

    def __init__(self, context: Context, task_ids: Sequence[str]) -> None:
        super().__init__(context.window(), "打印认证表", width=1060)
        self.context, self.task_ids = context, tuple(task_ids)
        self.batch: Batch | None = None
        self.sheets: list[Sheet] = []
        self.address: list[str] = []
        self.list_pages = 0
        self.printing: _Run | None = None
        self.model, self.table = RowsModel(COLUMNS), DataTable(COLUMNS, two_lines=False)
        self.table.setModel(self.model)
        self.view = _WholePage(thumbnails=False)
        self.place, self.odd = Label("", "body", "t2"), Banner("warn", "")
        self.jam = Banner("warn", "")
        self._options()
        self._arrange()
        self._listen()
        self.finished.connect(lambda _result: self.view.close_pdf())
        context.work.do(batch.prepare, self.task_ids, done=self._show)

    # building ---------------------------------------------------------------------------

    def _options(self) -> None:
        names = printer_names()
        self.printer = Combo([(name, name) for name in names], hint="没有打印机", empty=False)
        usual = settings.machine(self.context.station.home).get("printer")
        self.printer.set_value(usual or next(iter(names), ""))
        self.copies = Combo([("1", "每人 1 联"), ("2", "每人 2 联")], empty=False)
        self.order = Combo(batch.ORDERS, empty=False)
        self.with_list = CheckBox("同时打印发放清单", checked=True)
        self.receipt = CheckBox("含回执联", checked=True)
        self.copies.set_value("1")
        self.order.set_value("address")

    def _arrange(self) -> None:
        self.body.rescale()
        middle = VBox(gap=6)
        middle.addWidget(self.view, 1)
        middle.addLayout(self._turning())
        right = VBox(gap=10)
        right.add(Field("打印机", self.printer), Field("份数", self.copies))
        right.add(Field("排列顺序", self.order), self.with_list, self.receipt)
        right.add(Banner("info", *NOTE))
        right.addStretch(1)
        left, options = holder(VBox()), Scroll(holder(right))
        box = left.layout()
        if box is not None:
            box.addWidget(self.table)
        left.setFixedWidth(px(LEFT))
        options.setFixedWidth(px(RIGHT))
        line = HBox(gap=14)
        line.addWidget(left)
        line.addWidget(holder(middle), 1)
        line.addWidget(options)
        self.odd.hide()
        self.jam.hide()
        self.add(self.odd, self.jam)
        self.body.addLayout(line, 1)
        for each in (self.view.back, self.view.place, self.view.forth):
            each.hide()
        self._fit_view()
        self._buttons()

    def _fit_view(self, _value: float = 1.0) -> None:
        window = self.parentWidget()
        room = window.height() - px(226) if window is not None else px(430)
        self.view.setMinimumHeight(max(px(200), min(px(560), room)))

    def _rescale(self, value: float) -> None:
        self._fit_view()
        super()._rescale(value)

    def reject(self) -> None:
        """While sheets are on their way it stops first, and says how many have left."""
        if self.progress.isVisibleTo(self):
            self.stop()
        else:
            super().reject()

    def done(self, result: int) -> None:
        """The documents are let go of with the dialog."""
        self.view.close_pdf()
        if self.printing is not None:
            self.printing.pdf.close()
        super().done(result)

    def _turning(self) -> HBox:
        line = HBox(gap=8)
        line.addStretch(1)
        line.add(IconButton("chevron-left", "上一份", sz="s", does=lambda: self.step(-1)))
        line.add(self.place)
        line.add(IconButton("chevron-right", "下一份", sz="s", does=lambda: self.step(1)))
        line.addStretch(1)
        return line

    def _buttons(self) -> None:
        self.progress = Progress("", stop="停止")
        self.progress.stopped.connect(self.stop)
        self.progress.hide()
        self.footer.insertWidget(2, self.progress, 1)
        self.save_button = self.button("另存为 PDF", icon="download", does=self.save)
        self.close_button_ = self.cancel_button()
        self.go = self.button("打印", "primary", icon="printer", does=self.print_now)
        QShortcut(QKeySequence("Ctrl+P"), self).activated.connect(self.print_now)
        self.go.setEnabled(False)
        self.save_button.setEnabled(False)

    def _listen(self) -> None:
        self.table.moved.connect(self._show_page)
        self.model.ticksChanged.connect(lambda _count: self._recount())
        self.order.picked.connect(lambda _key: self._sort())
        self.copies.picked.connect(lambda _key: self._recount())
        self.with_list.toggled.connect(lambda _on: self._recount())
        self.receipt.toggled.connect(lambda _on: self._show_page(self.table.row()))

    # showing ----------------------------------------------------------------------------

    def _show(self, read: Batch) -> None:
        self.batch = read
        self.copies.set_value(str(read.copies))
        self.model.ticked = {one.task_id for one in read.sheets}
        self._say_odd()
        self.context.work.ask(batch.walking_order, self.task_ids, done=self._ordered)

    def _ordered(self, address: list[str]) -> None:
        self.address = address
        self._sort()
        self.table.setFocus()

    def _sort(self) -> None:
        """In the order they are handed out; whoever cannot be printed whole comes first."""
        if self.batch is None:
            return
        sheets = batch.in_order(self.batch.sheets, self.order.value(), self.address)
        self.sheets = sorted(sheets, key=lambda one: not one.odd)
        self.model.set_rows([Row(one.task_id, cells(one)) for one in self.sheets])
        self.table.go_to(0)
        self._recount()
        self._show_page(0)

    def _say_odd(self) -> None:
        odd = [one for one in self.batch.sheets if one.odd] if self.batch else []
        if odd:
            names = "；".join(f"{one.name}：{'、'.join(one.odd)}" for one in odd[:6])
            title = f"{len(odd)} 人的表里有这台电脑打不出的字，打印后请在方框里手写补上"
            self.odd.say("warn", title, names)
            self.odd.show()
            self.fit()

    def chosen(self) -> list[Sheet]:
        """The ticked ones, in order."""
        return [one for one in self.sheets if one.task_id in self.model.ticked]

    def pages(self) -> int:
        """Sheets of paper."""
        listed = self.list_pages if self.with_list.isChecked() else 0
        return len(self.chosen()) * int(self.copies.value() or 1) + listed

    def _recount(self) -> None:
        if self.batch is not None:
            self.context.work.call(
                batch.list_pages, self.batch.forms.imprint, self.chosen(), done=self._counted
            )

    def _counted(self, list_pages: int) -> None:
        self.list_pages = list_pages
        many, pages = len(self.chosen()), self.pages()
        words = f"同时打印发放清单（{list_pages} 页）" if list_pages else "同时打印发放清单"
        self.with_list.setText(words)
        self.with_list.updateGeometry()
        self.subtitle.setText(where(self.chosen()) + f"{many} 份")
        self.subtitle.show()
        minutes = max(1, round(pages * SECONDS_EACH / 60))
        self.say(f"共 {pages} 页，约 {minutes} 分钟" if many else "请勾选要打印的人", "printer")
        self.go.set_text(f"打印 {pages} 页" if many else "打印")
        ready = many > 0 and self.printing is None and self.content.isEnabled()
        self.go.setEnabled(ready and bool(self.printer.count()))
        self.save_button.setEnabled(ready)
        if not self.printer.count():
            self.say(f"共 {pages} 页。这台电脑没有装打印机，可以另存为 PDF 拿到别处打印", "info")

    def step(self, by: int) -> None:
        self.table.go_to(self.table.row() + by)

    def _show_page(self, row: int) -> None:
        """The form of the person under the cursor, as it will be printed."""
        if self.batch is None or not 0 <= row < len(self.sheets):
            return
        one = self.sheets[row]
        self.place.setText(f"第 {row + 1} / {len(self.sheets)} 份")
        self.context.work.call(
            batch.draw, self.batch.forms, [one], 1,
            receipt=self.receipt.isChecked(), with_list=False, done=self._preview,
        )  # fmt: skip

    def _preview(self, paper: bytes) -> None:
        if self.isVisible():
            self.view.show_pdf(paper)

    # printing ---------------------------------------------------------------------------

    def _draw(self, then: Callable[[bytes], object]) -> None:
        """Whose forms they are does not change until they have left; of a dialog closed, none."""
        if self.batch is None or not self.chosen():
            return
        for each in (self.content, self.go, self.save_button):
            each.setEnabled(False)
        self.context.work.call(
            batch.draw, self.batch.forms, self.chosen(), int(self.copies.value() or 1),
            receipt=self.receipt.isChecked(), with_list=self.with_list.isChecked(),
            done=lambda paper: self.isVisible() and then(paper), failed=self._not_drawn,
        )  # fmt: skip

    def _not_drawn(self, error: Exception) -> None:
        self._saved(well=False)
        raise error

    def save(self) -> None:
        """The same pages as a file; counts as a print of each form."""
        path = ask_where(self, "另存为 PDF", TITLE)
        if path is not None:
            self._draw(lambda paper: self._saved(write_pdf(self, path, paper)))

    def _saved(self, well: bool) -> None:
        self.content.setEnabled(True)
        self._recount()
        if well:
            ids = [one.task_id for one in self.chosen()]
            self.context.work.do(printed, ids, "存为 PDF")
            self.accept()
            self.context.toast(f"已存好 {len(ids)} 份认证表，{IN_CLEAR}")

    def print_now(self) -> None:
        """All of it, or from where the last attempt stopped; pressed again meanwhile it is one."""
        if self.progress.isVisibleTo(self):
            return
        self.jam.hide()
        if self.printing is not None:
            self._go_on()
        elif self.go.isEnabled():
            self._draw(self._begin)

    def _begin(self, paper: bytes) -> None:
        ids = [one.task_id for one in self.chosen() for _ in range(int(self.copies.value() or 1))]
        self.printing = _Run(paper, ids)
        self._go_on()

    def _go_on(self) -> None:
        if self.printing is None:
            return
        self.printing.stopped = False
        for each in (self.content, self.go, self.save_button, self.close_button_):
            each.setEnabled(False)
        self.note.hide()
        self.progress.show()
        QTimer.singleShot(0, self, self._sheet)

    def _sheet(self) -> None:
        """One sheet, then the screen may breathe."""
        run = self.printing
        if run is None:
            return
        name = self.printer.value()
        if run.stopped or (run.left and not run.sheet(lambda: still_there(name, self.make))):
            self._stuck(run)
            return
        if finished := run.finished():
            self.context.work.do(printed, [finished])
        text = f"正在打印第 {run.done} / {run.pages} 页"
        self.progress.show_step(run.done, run.pages, text)
        if run.left:
            QTimer.singleShot(0, self, self._sheet)
        else:
            self._printed(run)

    def stop(self) -> None:
        if self.printing is not None:
            self.printing.stopped = True

    def _stuck(self, run: "_Run") -> None:
        self.progress.hide()
        self.content.setEnabled(True)
        self.note.show()
        title = "已停止打印" if run.stopped else "打印机没有反应，请看是否开机、连着、有纸"
        on = Button("接着打", "soft", "s", does=self.print_now)
        self.jam.say("warn", title, f"已打 {run.done} 张，还差 {run.left} 张", actions=(on,))
        self.jam.show()
        self.close_button_.setEnabled(True)
        self.fit()
        on.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _printed(self, run: "_Run") -> None:
        many = len(set(run.task_ids))
        run.pdf.close()
        self.accept()
        self.context.toast(f"已打印 {many} 份认证表，共 {run.pages} 页")


class _Run:
    """A batch on its way through the printer; ``task_ids`` tells whose form each page is."""

    def __init__(self, paper: bytes, task_ids: Sequence[str]) -> None:
        self.pdf, self.task_ids = Pdf(paper), tuple(task_ids)
        self.pages, self.done, self.stopped = len(self.pdf), 0, False

    @property
    def left(self) -> int:
        return self.pages - self.done

    def sheet(self, make: Callable[[], QPrinter | None]) -> bool:
        """The next page; False when the printer does not take it."""
        sent = PrintJob(self.pdf, [self.done]).sheet(make)
        self.done += sent
        return sent

    def finished(self) -> str:
        """Whose form has just left with its last copy."""
        if not 0 < self.done <= len(self.task_ids):
            return ""
        whose = self.task_ids[self.done - 1]
        return whose if whose not in self.task_ids[self.done :] else ""


def cells(one: Sheet) -> tuple[Cell, ...]:
    """One person of the batch; a second print says so."""
    name: Cell = Err(one.name) if one.odd else Text(one.name)
    if one.again and not one.odd:
        name = Text(f"{one.name}（第 {one.form.print_count} 次）")
    return (Check(True), name, Text(one.room or "—", "t2"))


def where(sheets: Sequence[Sheet]) -> str:
    """桂苑一区3栋 · while all live in one building."""
    buildings = {one.building for one in sheets}
    only = next(iter(buildings)) if len(buildings) == 1 else ""
    return f"{only} · " if only else ""
