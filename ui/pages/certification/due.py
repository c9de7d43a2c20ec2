"""待认证: who is due, by building; ticks for forms, slips and lists; the centre's results."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from app import certification, printed, roles
from app.certification import DueRow, papers
from app.kit.run import Session
from app.printed import Item
from app.printing import due_list, home_appointment, reminder_notice
from ui.kit.buttons import Button
from ui.kit.cells import Cell
from ui.kit.context import Context
from ui.kit.date_box import DateBox
from ui.kit.dialog import Dialog
from ui.kit.empty import EmptyState
from ui.kit.field import Field
from ui.kit.label import Label, show_if
from ui.kit.list_page import ListPage
from ui.kit.list_screen import ListScreen
from ui.kit.paged_table import RowSource
from ui.kit.table import Column
from ui.kit.view import Asked, Filter, View
from ui.pages.certification import rows

VIEW = View(
    columns=(
        Column("place", "楼栋住址", 220, stretch=3, sortable=True),
        Column("name", "姓名", 130, stretch=2, sortable=True),
        Column("left", "还剩", 128),
        Column("due", "到期日", 132, stretch=1, sortable=True),
        Column("way", "适合的方式", 136, stretch=1, drop=2),
        Column("note", "联系经过", 160, stretch=2, drop=1),
        Column("call", "", 58),
        Column("certify", "", 58),
    ),
    search="姓名、拼音首字母、证号后四位、楼栋",
    chips=(
        ("all", "全部"), ("month", "本月应办"), ("unknown", "到期日待核"), ("overdue", "逾期"),
        ("phone", "可用手机"), ("station", "到站办"), ("home", "需上门"),
        ("elsewhere", "异地"), ("abroad", "境外"),
    ),
    filters=(
        Filter("building", "楼栋"),
        Filter("group", "自管小组"),
        Filter("printed", "认证表", choices=(("yes", "已打印"), ("no", "还没打印"))),
        Filter("by", "名单排列", choices=(("building", "按楼栋"), ("group", "按自管小组"))),
    ),
    sort="place",
    keys="↑↓ 移动   Enter 档案   F2 认证   F4 联系   空格 勾选   Ctrl+P 打印表",
)  # fmt: skip


class DueTab(ListScreen):
    """A list with ticks; what is done with the ticked stands above it."""

    tables = frozenset({"cert_task", "certification", "retiree", "suspicion"})

    def __init__(self, context: Context, chip: str = "") -> None:
        super().__init__(context)
        self.before: dict[str, DueRow] = {}
        self.list_button = Button("打印名单", icon="printer", does=self.print_list)
        self.load = Button(
            "导入认证结果", icon="file-spreadsheet", does=lambda: context.open("results")
        )
        show_if(self.list_button, roles.may(context.desk, "print", "print"))
        show_if(self.load, roles.may(context.desk, "certification", "write"))
        made = ListPage(
            context,
            VIEW,
            RowSource(rows.due_page, self._cells, ids=rows.due_ids, id_of=lambda row: row.task_id),
            counts=rows.counts,
            sources={"building": rows.groups, "group": rows.leaders},
            actions=(self.list_button, self.load),
            batch=self._batch(),
            no_hit=self._nothing,
        )
        self.show_list(made, margins=(0, 0, 0, 0))
        self.list.opened.connect(self._open)
        self.list.list.linked.connect(self._link)
        self.on_keys(
            {
                "F2": lambda: self._on_row("certify"),
                "F4": lambda: self._on_row("call"),
                "Ctrl+P": self.print_forms,
            }
        )
        self.list.start(Asked(chip=chip or "all"))

    def _batch(self) -> tuple[Button, ...]:
        acts: tuple[tuple[str, str, Callable[[], object], str, str], ...] = (
            ("打印认证表", "printer", self.print_forms, "print", "print"),
            ("通知单", "", self.print_notices, "print", "print"),
            ("预约单", "", self.print_slips, "print", "print"),
            ("安排上门", "", self.plan_home, "cert_task", "write"),
            ("填到期日", "", self.fill_due, "cert_task", "write"),
        )
        return tuple(
            Button(words, sz="s", icon=icon, does=does)
            for words, icon, does, noun, verb in acts
            if roles.may(self.context.desk, noun, verb)
        )

    # rows -------------------------------------------------------------------------------

    def _cells(self, row: DueRow) -> Sequence[Cell]:
        shown = self.list.list.rows
        at = next((n for n, one in enumerate(shown) if one.task_id == row.task_id), 0)
        may = roles.may(self.context.desk, "certification", "write")
        return rows.cells(row, shown[at - 1] if at else None, may=may)

    def _open(self, row: DueRow) -> None:
        self.context.open("person", retiree_id=row.retiree_id, tab="certification")

    def _on_row(self, column: str) -> None:
        row = self.list.list.row()
        if row is not None:
            self._link(row, column)

    def _link(self, row: DueRow, column: str) -> None:
        if column == "call":
            rows.call(self.context, row)
        else:
            self.context.open("certify", retiree_id=row.retiree_id, task_id=row.task_id)

    def _nothing(self, asked: Asked, page: ListPage) -> EmptyState:
        if not asked.text and not asked.filters:
            words = {"unknown": "没有到期日待核的人", "overdue": "没有人逾期"}
            title = words.get(asked.chip, "现在没有人要认证")
            return EmptyState("circle-check", title, "快到期的会自动列进来", tone="ok")
        return page.no_hits(asked)

    # papers -----------------------------------------------------------------------------

    def _wanted(self) -> certification.DueFilter:
        return rows.asked_filter(self.list.asked)

    def print_forms(self) -> None:
        ticked = set(self.list.list.chosen())
        self.context.work.ask(rows.due_ids, self.list.asked, done=partial(self._forms, ticked))

    def _forms(self, ticked: set[str], ids: list[str]) -> None:
        known = [one for one in ids if one in ticked]
        self.context.open("print_forms", task_ids=tuple(known or ticked))

    def print_list(self) -> None:
        """到期人员名单 of the filter, or of the ticked ones."""
        ticked = self.list.list.ticked()
        self._paper(papers.due_list, due_list.draw, papers.DUE_LIST, ticked)

    def print_notices(self) -> None:
        ticked = self.list.list.ticked()
        self._paper(papers.notices, reminder_notice.draw, papers.NOTICE, ticked)

    def print_slips(self) -> None:
        ticked = self.list.list.ticked()
        self._paper(papers.appointments, home_appointment.draw, papers.SLIP, ticked)

    def _paper(
        self,
        data: Callable[..., Any],
        draw: Callable[[Any], bytes],
        title: str,
        ticked: Sequence[str],
    ) -> None:
        work = self.context.work

        def show(paper: bytes) -> None:
            journal = partial(work.do, printed.printed, title, [Item(None)], "资格认证")
            self.context.open("print_pdf", title=title, data=paper, on_printed=journal)

        work.ask(data, self._wanted(), ticked, done=lambda one: work.call(draw, one, done=show))

    # acts -------------------------------------------------------------------------------

    def plan_home(self) -> None:
        ticked = self.list.list.ticked()
        said = f"已安排 {len(ticked)} 人上门核验"
        self.context.work.do(plan_all, ticked, done=lambda _n: self._done(said))

    def fill_due(self) -> None:
        """到期日待核: one day for all that are ticked."""
        ticked = self.list.list.ticked()
        dialog = DueDayDialog(self.context, len(ticked))
        dialog.accepted.connect(lambda: self._set_due(ticked, dialog))
        dialog.open()

    def _set_due(self, ticked: Sequence[str], dialog: "DueDayDialog") -> None:
        self.context.work.do(
            certification.set_due_in_bulk, ticked, dialog.box.day(),
            done=lambda count: self._done(due_words(count, len(ticked))),
        )  # fmt: skip

    def _done(self, words: str) -> None:
        self.list.list.clear_ticks()
        self.context.toast(words)


def plan_all(session: Session, task_ids: Sequence[str]) -> int:
    """Somebody is to go to all of these."""
    for one in task_ids:
        certification.plan_home(session, one)
    return len(task_ids)


def due_words(count: int, ticked: int) -> str:
    """How many got their day; the others had one already."""
    rest = ticked - count
    return f"已填 {count} 人的到期日" + (f"，{rest} 人原来就有，没有改" if rest else "")


class DueDayDialog(Dialog):
    """One day for many whose day is unknown."""

    def __init__(self, context: Context, count: int) -> None:
        super().__init__(context.window(), "统一填到期日", subtitle=f"{count} 人")
        text = "上次认证不详的人先统一填一个到期日；区中心下发名单后会自动改成准确的日子。"
        self.box = DateBox(hint="如 2026-12-31")
        self.field = Field("到期日", self.box, required=True)
        self.add(Label(text, "body", "t2", wrap=True), self.field)
        self.cancel_button()
        self.button("填入", "primary", does=self.take)
        self.box.returnPressed.connect(self.take)
        self.box.setFocus()

    def take(self) -> None:
        if self.box.day() is None:
            self.field.say("err", "请填写到期日，如 2026-12-31")
        else:
            self.accept()
