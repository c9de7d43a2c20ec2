"""导入认证结果: the agency's list of who is certified already (W1.1), at station and centre."""

from functools import partial
from pathlib import Path
from typing import Any

from app import certification, results_list
from app.certification import Results
from app.kit.office_lock import Locked
from app.kit.refusal import Refusal
from ui.kit.banner import Banner
from ui.kit.context import Context
from ui.kit.dialog import Dialog
from ui.kit.label import Label
from ui.kit.layout import clear

FILES = "认证结果名单 (*.xlsx *.xls *.csv)"
WHAT = "社保经办机构发来的名单：数据比对、手机自助等已经认证的人。对上的人任务随即完成，不用再办。"
HEADS = "表头要有：身份证号、姓名、认证日期、方式，顺序不限"
MOST = 200


def dialog(context: Context) -> "ResultsDialog":
    return ResultsDialog(context)


class ResultsDialog(Dialog):
    """Stays open with what came of it, so that the rows without a match can be looked up."""

    def __init__(self, context: Context) -> None:
        super().__init__(context.window(), "导入认证结果", width=640)
        self.context = context
        self.add(Label(WHAT, wrap=True), Label(HEADS, "body", "t2", wrap=True))
        self.leave = self.cancel_button()
        self.choose = self.button("选文件…", "primary", icon="folder-open", does=self.choose_file)
        self.choose.setFocus()

    def choose_file(self) -> None:
        path = self.context.ask.open_file(self, "选择认证结果名单", filters=FILES)
        if path is not None:
            self.read(path)

    def read(self, path: Path, password: str = "") -> None:
        self.choose.setEnabled(False)
        self.context.work.call(
            results_list.rows, path, password,
            done=self._take, failed=partial(self._unreadable, path),
        )  # fmt: skip

    def _unreadable(self, path: Path, error: Exception) -> None:
        self.choose.setEnabled(True)
        if isinstance(error, Locked):
            password = self.context.ask.text(
                self, f"{path.name} 要密码才能打开", "打开密码",
                text=error.message, act="打开", secret=True,
            )  # fmt: skip
            if password:
                self.read(path, password)
            return
        if not isinstance(error, Refusal):
            raise error
        self._show(Banner("warn", "这个文件没有读入", error.message))

    def _take(self, rows: list[dict[str, Any]]) -> None:
        self.context.work.do(
            certification.import_results, rows, done=self._done, refused=self._refused
        )

    def _refused(self, refusal: Refusal) -> None:
        self.choose.setEnabled(True)
        self._show(Banner("warn", "没有导入", refusal.message))

    def _done(self, read: Results) -> None:
        already = f"，{read.already} 人以前已登记" if read.already else ""
        said = f"对上 {read.matched} 人，其中 {read.closed} 人的认证任务已完成{already}"
        self.choose.setEnabled(True)
        self.choose.set_text("再选一个文件…")
        self.leave.set_text("完成（Esc）")
        self.leave.setFocus()
        if not read.unmatched:
            self._show(Banner("ok", "已导入", said))
            return
        title = f"已导入，{len(read.unmatched)} 行没有对上"
        lines = [
            f"{one.sheet} 第 {one.line} 行 {one.name}：{one.reason}".lstrip()
            for one in read.unmatched[:MOST]
        ]
        rest = len(read.unmatched) - len(lines)
        lines += [f"还有 {rest} 行"] if rest else []
        self._show(Banner("warn", title, said), Label("\n".join(lines), wrap=True))

    def _show(self, *what: Banner | Label) -> None:
        clear(self.body)
        self.add(*what)
        self.fit()
