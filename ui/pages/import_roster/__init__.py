"""导入名册: choose a file, match its columns, check its rows, see what came in."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer

from app import imports
from app.imports import Imported, ImportRow, Undone
from app.kit.importing import Analysis
from app.kit.office_lock import Locked
from app.kit.refusal import Refusal
from app.kit.run import Outcome
from models.kit import clock
from ui.kit import format as words
from ui.kit.card import Card
from ui.kit.context import Context
from ui.kit.layout import VBox
from ui.kit.screen import Screen
from ui.kit.steps import Steps
from ui.kit.tokens import Room
from ui.pages.import_roster import doing
from ui.pages.import_roster.check import CheckPage
from ui.pages.import_roster.choose import ChoosePage
from ui.pages.import_roster.columns import ColumnsPage
from ui.pages.import_roster.doing import Begun, Laid, Opened, Order, Stopped
from ui.pages.import_roster.foot import Foot
from ui.pages.import_roster.result import ResultPage
from ui.pages.import_roster.undoing import take_back, undone_words
from ui.pages.import_roster.writing import WritingDialog

NAMES = ("选文件", "对应列", "检查数据", "导入结果")
FILES = "名册 (*.xlsx *.xls *.csv *.et *.xlsm);;所有文件 (*)"
EXCEL = "Excel (*.xlsx)"
CHOOSE, COLUMNS, CHECK, RESULT = range(4)


def page(context: Context, *, sample: bool = False) -> "ImportPage":
    """With ``sample``, the person first wants a roster to fill in."""
    made = ImportPage(context)
    if sample:
        QTimer.singleShot(0, made, made.save_sample)
    return made


class ImportPage(Screen):
    title, nav, back = "导入名册", "retirees", "返回名单"
    has_search = True
    tables = frozenset({"import"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.stale, self.step = True, CHOOSE
        self.path: Path | None = None
        self.opened: Opened | None = None
        self.laid: Laid | None = None
        self.analysis: Analysis | None = None
        self.imported: Imported | None = None
        self.writing: WritingDialog | None = None
        self.choose, self.columns = ChoosePage(), ColumnsPage()
        self.check, self.result = CheckPage(context), ResultPage()
        self.steps = Steps(NAMES)
        self.pages = (self.choose, self.columns, self.check, self.result)
        self._arrange()
        self._listen()
        if begun := doing.begun(context.work):
            self.choose.offer(begun.opened.path.name)
        self.go(CHOOSE)

    # frame ------------------------------------------------------------------------------

    def _arrange(self) -> None:
        strip = Card(margins=(22, 8, 22, 8))
        strip.add(self.steps)
        self.foot = Foot(self.go_before, self.go_on)
        column = VBox(self, gap=12, margins=(24, 14, 12, 14))
        column.addWidget(strip)
        for each in self.pages:
            column.addWidget(each, 1)
        column.addWidget(self.foot)

    def _listen(self) -> None:
        self.choose.pick_wanted.connect(self.pick)
        self.choose.chosen.connect(self.read)
        self.choose.unlocked.connect(self.unlock)
        self.choose.sample_wanted.connect(self.save_sample)
        self.choose.undo_wanted.connect(self._undo_earlier)
        self.choose.go_on_wanted.connect(self.go_on_checking)
        self.columns.sheet_wanted.connect(self._other_sheet)
        self.columns.header_wanted.connect(self._other_header)
        self.columns.changed.connect(self._foot)
        self.check.changed.connect(self._foot)
        self.check.export_wanted.connect(self.export)
        self.result.export_wanted.connect(self.export)
        self.result.list_wanted.connect(lambda: self.context.open("retirees"))
        self.result.undo_wanted.connect(self.undo)

    def reload(self) -> None:
        self.context.work.ask(imports.imports, done=self.choose.show_imports)

    def fit(self, room: Room) -> None:
        self.columns.fit(room)
        self.check.fit(room)

    def start(self) -> None:
        if self.step == CHOOSE:
            self.choose.first().setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            on = self.foot.next if self.foot.next.isEnabled() else self.check.table
            on.setFocus(Qt.FocusReason.OtherFocusReason)

    def go(self, step: int) -> None:
        self.step = step
        self.steps.go(step)
        for at, each in enumerate(self.pages):  # a stack would be as tall as its tallest page
            each.setVisible(at == step)
        self._foot()
        self.start()

    def _foot(self) -> None:
        self.foot.setVisible(self.step != CHOOSE)
        if self.step == COLUMNS and self.laid is not None and self.opened is not None:
            columns = self.columns.columns
            ready = columns is not None and not columns.missing
            self.foot.show_columns(self.opened.path.name, self.laid.table, ready=ready)
        elif self.step == CHECK and self.analysis is not None:
            may = doing.desk_may(self.context.desk)
            self.foot.show_check(self.analysis.counts, may_write=may)
        elif self.step == RESULT:
            self.foot.show_result()

    def go_before(self) -> None:
        if self.step == RESULT:
            self.analysis = self.laid = self.opened = None
            self.go(CHOOSE)
        else:
            self.go(self.step - 1)

    def go_on(self) -> None:
        does = {COLUMNS: self.check_rows, CHECK: self.write, RESULT: self.finish}
        does[self.step]()

    def finish(self) -> None:
        self.context.open("retirees")

    def undo_here(self) -> bool:
        """Ctrl+Z takes corrections back, none of what was saved before."""
        return self.step == CHECK and self.check.take_back()

    # one: the file ----------------------------------------------------------------------

    def pick(self) -> None:
        path = self.context.ask.open_file(self, "选名册文件", filters=FILES)
        if path is not None:
            self.read(path)

    def read(self, path: Path, password: str = "") -> None:
        self.path = path
        self.choose.show_busy(f"正在读取 {path.name}")
        self.context.work.call(
            doing.read, path, password, done=self._opened, failed=self._unreadable
        )

    def unlock(self, password: str) -> None:
        """The same file again, with the password typed; it is kept nowhere."""
        if self.path is not None:
            self.read(self.path, password)

    def _opened(self, opened: Opened) -> None:
        self.opened = opened
        self.choose.password.clear()
        self._lay(partial(doing.lay, self.context.work, opened.tables[0]))

    def _lay(self, job: partial[Laid]) -> None:
        self.context.work.call(job, done=self._laid, failed=self._unreadable)

    def _laid(self, laid: Laid) -> None:
        self.choose.show_busy()
        self.laid = laid
        if self.opened is not None:
            self.columns.show_laid(self.opened, laid)
        self.go(COLUMNS)

    def _unreadable(self, error: Exception) -> None:
        self.choose.show_busy()
        if not isinstance(error, Refusal):
            raise error
        if isinstance(error, Locked) and self.path is not None:
            self.choose.ask_password(self.path.name, error.message, wrong=error.wrong)
        elif self.step == CHOOSE:
            self.choose.refuse(error.message)
        else:
            self.context.ask.tell(self, "没有做成", error.message, tone="warn")

    def save_sample(self) -> None:
        self._save("存样表", "名册样表.xlsx", doing.sample)

    # two: the columns -------------------------------------------------------------------

    def _other_sheet(self, name: str) -> None:
        if self.opened is not None:
            table = next(one for one in self.opened.tables if one.sheet == name)
            self._lay(partial(doing.lay, self.context.work, table))

    def _other_header(self) -> None:
        if self.opened is None or self.laid is None:
            return
        row = self.context.ask.text(
            self, "表头在别的行", "表头在第几行（Excel 左边的行号，没有表头填 0）",
            value=str(self.laid.table.header_row), act="重新识别",
        )  # fmt: skip
        if row is not None and row.strip().isdigit():
            name = self.laid.table.sheet
            work, opened = self.context.work, self.opened
            self._lay(partial(doing.lay_again, work, opened, name, int(row)))

    def check_rows(self) -> None:
        columns = self.columns.columns
        if self.laid is None or columns is None:
            return
        employer = self.columns.employer.text().strip()
        begun = doing.begun(self.context.work)
        if begun is not None and begun.is_of(self.laid.table, columns.confirm(), employer):
            self._show_check(begun.analysis)
            return
        self.foot.next.setEnabled(False)
        told = self.context.work.on_main(self._checking)
        self.context.work.call(
            doing.check, self.context.work, self.laid, columns.confirm(), employer, told,
            done=self._checked, failed=self._not_checked,
        )  # fmt: skip

    def _checking(self, done: int, total: int) -> None:
        self.foot.say(f"正在检查第 {done} / {total} 行")

    def _checked(self, analysis: Analysis) -> None:
        if self.opened is not None and self.laid is not None:
            employer = self.columns.employer.text().strip()
            laid = replace(self.laid, columns=analysis.mapping, employer=employer)
            doing.keep(self.context.work, Begun(self.opened, laid, analysis))
        self._show_check(analysis)

    def _show_check(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.choose.begun.hide()
        self.go(CHECK)
        self.check.show_analysis(analysis)
        self.start()

    def go_on_checking(self) -> None:
        """The one that was left half way, with everything that was put right in it."""
        begun = doing.begun(self.context.work)
        if begun is not None:
            self.path, self.opened, self.laid = begun.opened.path, begun.opened, begun.laid
            self.columns.show_laid(begun.opened, begun.laid)
            self._show_check(begun.analysis)

    def _not_checked(self, error: Exception) -> None:
        self._foot()
        self._unreadable(error)

    # three: writing ---------------------------------------------------------------------

    def write(self) -> None:
        if self.analysis is None or self.opened is None:
            return
        columns = self.columns.columns if self.columns.remember.isChecked() else None
        employer = self.columns.employer.text().strip()
        order = Order(self.analysis, self.opened.path.name, employer, columns)
        self.writing = WritingDialog(
            self.context, self.opened.path.name, len(self.analysis.importable())
        )
        told = self.context.work.on_main(self.writing.show_step)
        self.writing.open()
        self.context.work.call(
            doing.take_in, self.context.work, self.context.station, order, self.writing.halt,
            told, done=self._written, failed=self._not_written,
        )  # fmt: skip

    def _written(self, outcome: Outcome[Imported]) -> None:
        self._writing_over()
        doing.keep(self.context.work, None)
        self.imported = outcome.result
        left = len(self.analysis.left()) if self.analysis else 0
        self.context.work.tell_changed(outcome.changed)
        self.result.show_result(outcome.result, left)
        name = self.opened.path.name if self.opened else ""
        at, who = words.moment(clock.now()), self.context.desk.name
        self.foot.say(f"{name} · {at} · {who}")
        self.go(RESULT)

    def _not_written(self, error: Exception) -> None:
        self._writing_over()
        if isinstance(error, Stopped):
            self.context.toast("已停止并撤回，名册和导入前一样")
        elif isinstance(error, Refusal):
            self.context.ask.tell(self, "没有导入", error.message, tone="warn")
        else:
            raise error

    def _writing_over(self) -> None:
        if self.writing is not None:
            self.writing.finish()
            self.writing = None

    def export(self) -> None:
        analysis = self.analysis
        if analysis is not None and self.opened is not None:
            name = f"{self.opened.path.stem}-未导入的行.xlsx"
            self._save("导出错误行", name, partial(doing.bad_rows, analysis))

    def _save(self, title: str, name: str, make: Callable[[], bytes]) -> None:
        path = self.context.ask.save_file(self, title, filters=EXCEL, start=name)
        if path is not None:
            self.context.work.call(
                lambda: doing.save(path, make()),
                done=lambda saved: self.context.toast(f"已存到 {saved.name}"),
                failed=self._unreadable,
            )

    # four: taking back ------------------------------------------------------------------

    def undo(self) -> None:
        if self.imported is not None and self.opened is not None:
            key, name = self.imported.import_id, self.opened.path.name
            take_back(self.context, self, key, name, self._undone)

    def _undo_earlier(self, one: ImportRow) -> None:
        take_back(self.context, self, one.id, one.file_name, self._undone_earlier)

    def _undone(self, done: Undone) -> None:
        self.result.show_undone(done)

    def _undone_earlier(self, done: Undone) -> None:
        self.context.toast(undone_words(done))
