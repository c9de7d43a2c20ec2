"""退休人员: the list with its side panel, those who left, and files to complete (design 8.2)."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QWidget

from app import consent, handover, retiree, roles, voided
from app.kit.listing import Page
from app.kit.run import Session
from ui.kit.buttons import Button, Tabs
from ui.kit.context import Context
from ui.kit.empty import EmptyState
from ui.kit.label import show_if
from ui.kit.layout import HBox, VBox
from ui.kit.list_page import ListPage
from ui.kit.paged_table import PagedTable, RowSource
from ui.kit.screen import Screen
from ui.kit.tokens import Room
from ui.kit.view import Asked
from ui.pages.retirees import rows
from ui.pages.retirees.empty import Nobody, NoHit
from ui.pages.retirees.export import export
from ui.pages.retirees.glance import PersonPanel

TABS = (("list", "名单"), ("gone", "已去世 · 已迁出"), ("missing", "资料待补"))
GONE = "gone"


def page(context: Context, *, tab: str = "", chip: str = "", text: str = "") -> "Retirees":
    """`chip` and `text`: what another screen wants to see of the list."""
    made = Retirees(context)
    if tab in dict(TABS):
        made.choose(tab)
    if chip or text:
        made.list.start(Asked(chip=chip or "managed", text=text))
    return made


class Retirees(Screen):
    title, nav, has_search = "退休人员", "retirees", True
    called = "名单"  # 返回名单
    tables = frozenset({"retiree", "tag", "cert_task", "certification", "suspicion", "visit",
                        "visit_plan", "family", "handover", "late_edit"})  # fmt: skip

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.panel = PersonPanel(context)
        self.tabs, self.stack = Tabs(TABS), QStackedWidget()
        self.list = self._list()
        self.nobody = Nobody(context)
        self.others: dict[str, QWidget] = {}
        for each in (self.list, self.nobody):
            self.stack.addWidget(each)
        box = VBox(self, gap=10, margins=(24, 8, 12, 14))
        self.handed = Button("人员转接", "text", icon="arrow-right-left", does=self._handovers)
        top = HBox(gap=8)
        top.addWidget(self.tabs, 1)
        self.voided = Button("已作废", "text", icon="history", does=lambda: context.open("voided"))
        top.add(self.handed, self.voided)
        self.handed.hide()
        self.voided.hide()
        box.addLayout(top)
        box.addWidget(self.stack, 1)
        self._listen()
        self.list.start()
        self.tell_missing()
        self.tell_handed()
        self.tell_voided()

    # building ---------------------------------------------------------------------------

    def _list(self) -> ListPage:
        may = self.context.desk
        actions = [
            Button("导入名册", icon="file-spreadsheet",
                   does=lambda: self.context.open("import_roster")),
            Button("导出", icon="download", does=self.export_all),
            Button("登记退休人员", "primary", icon="user-plus", does=self.new),
        ]  # fmt: skip
        write, out = roles.may(may, "retiree", "write"), roles.may(may, "retiree", "export")
        for button, allowed in zip(actions, (write, out, write), strict=True):
            show_if(button, allowed)
        made = ListPage(
            self.context,
            rows.view(),
            RowSource(_people, self._cells, ids=_ids),
            counts=retiree.chips,
            sources=SOURCES,
            actions=actions,
            batch=self._batch(),
            panel=self.panel,
            no_hit=lambda asked, where: NoHit(self.context, asked, where),
        )
        made.opened.connect(self._open)
        made.moved.connect(self._moved)
        made.list.arrived.connect(self._arrived)
        return made

    def _batch(self) -> list[Button]:
        out = Button("导出所选", sz="s", icon="download", does=self.export_ticked)
        show_if(out, roles.may(self.context.desk, "retiree", "export"))
        told = Button("告知书", sz="s", icon="printer", does=self.print_notices)
        show_if(told, roles.may(self.context.desk, "print", "print"))
        forms = Button("打印认证表", sz="s", icon="printer", does=self.print_ticked)
        show_if(forms, roles.may(self.context.desk, "print", "print"))
        plan = Button("安排走访", sz="s", icon="calendar-plus", does=self.plan_ticked)
        show_if(plan, roles.may(self.context.desk, "visit_plan", "write"))
        return [forms, told, plan, out]

    def _listen(self) -> None:
        self.tabs.chosen.connect(self._show_tab)
        self.on_keys({"Ctrl+P": self.print_ticked, "F2": self.edit_current})

    def _cells(self, row: retiree.PersonRow) -> Any:
        return rows.cells(row, self.list.list.dropped if hasattr(self, "list") else 0)

    # tabs -------------------------------------------------------------------------------

    def choose(self, tab: str) -> None:
        self.tabs.choose(tab)
        self._show_tab(tab)

    def _show_tab(self, tab: str) -> None:
        if tab == "list":
            self.stack.setCurrentWidget(self.list)
            return
        if tab not in self.others:
            self.others[tab] = self._gone() if tab == GONE else self._missing()
            self.stack.addWidget(self.others[tab])
        self.stack.setCurrentWidget(self.others[tab])

    def _gone(self) -> ListPage:
        made = ListPage(
            self.context,
            rows.gone_view(),
            RowSource(_gone, rows.cells),
            no_hit=_nobody_gone,
            sources=SOURCES,
        )
        made.opened.connect(self._open)
        made.start()
        return made

    def _missing(self) -> PagedTable:
        made = PagedTable(
            self.context,
            rows.MISSING,
            RowSource(_missing, rows.missing_cells),
            empty=lambda _asked: EmptyState("circle-check", "资料都齐了", tone="ok"),
        )
        made.opened.connect(self._open)
        made.ask(Asked())
        return made

    def tell_missing(self) -> None:
        def tell(n: int) -> None:
            self.tabs.relabel("missing", f"资料待补 {n}" if n else "资料待补")

        self.context.work.ask(retiree.missing_count, done=tell)

    def tell_handed(self) -> None:
        """A word beside the tabs, only where there is anything to see."""

        def tell(counts: dict[str, int]) -> None:
            waits = counts[handover.OFFERS] + counts[handover.LATE]
            self.handed.set_text(f"人员转接，待办 {waits}" if waits else "人员转接")
            self.handed.setVisible(sum(counts.values()) > 0)

        self.context.work.ask(handover.chips, done=tell)

    def tell_voided(self) -> None:
        """The same of what was voided."""
        work = self.context.work
        work.ask(voided.counts, done=lambda counts: self.voided.setVisible(counts[""] > 0))

    def _handovers(self) -> None:
        self.context.open("handovers")

    # what the window asks for -----------------------------------------------------------

    def reload(self) -> None:
        self.list.reload()
        for each in self.others.values():
            if isinstance(each, ListPage | PagedTable):
                each.reload()
        self.tell_missing()
        self.tell_handed()
        self.tell_voided()

    def start(self) -> None:
        self.focus_first()

    def focus_first(self) -> None:
        self.list.focus_first()

    def search(self) -> None:
        self.choose("list")
        self.list.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.list.search.selectAll()

    def new(self) -> None:
        self.context.open("register")

    def fit(self, room: Room) -> None:
        self.list.fit(room)

    def escape(self) -> bool:
        return self.list.close_panel()

    def _moved(self, row: retiree.PersonRow | None) -> None:
        if row is None:
            return
        self.panel.follow(row.id)

    def _arrived(self, found: Any) -> None:
        """Nobody on the books at all is another page than no hit."""
        asked = self.list.asked
        nobody = (
            not found.total and not asked.text and not asked.filters and asked.chip == "managed"
        )
        if self.tabs.current() == "list":
            self.stack.setCurrentWidget(self.nobody if nobody else self.list)
        self.tabs.setVisible(not nobody)

    # acts -------------------------------------------------------------------------------

    def _open(self, row: Any) -> None:
        self.context.open("person", retiree_id=row.id)

    def edit_current(self) -> None:
        row = self.list.list.row()
        if row is not None:
            self.context.open("edit", retiree_id=row.id)

    def print_ticked(self) -> None:
        self.context.work.ask(_open_tasks, self.list.list.chosen(), done=self._print)

    def _print(self, found: tuple[list[str], int]) -> None:
        task_ids, without = found
        if task_ids:
            if without:
                self.context.toast(f"其中 {without} 人现在不用认证，没有列入")
            self.context.open("print_forms", task_ids=tuple(task_ids))
        else:
            self.context.toast("所选人员现在都不用认证")

    def print_notices(self) -> None:
        """For those who have not signed one."""
        chosen = self.list.list.chosen()
        self.context.work.ask(
            consent.unsigned, chosen, done=lambda ids: self._print_notices(ids, len(chosen))
        )

    def _print_notices(self, ids: list[str], chosen: int) -> None:
        if len(ids) < chosen:
            none = "，不用再打" if not ids else "，没有列入"
            self.context.toast(f"其中 {chosen - len(ids)} 人已经签过告知书{none}")
        if ids:
            self.context.open("print_notices", retiree_ids=tuple(ids))

    def plan_ticked(self) -> None:
        self.context.open("plan_visits", retiree_ids=tuple(self.list.list.chosen()))

    def export_ticked(self) -> None:
        export(self.context, self.list.list.ticked())

    def export_all(self) -> None:
        asked = self.list.asked
        self.context.work.ask(_ids, asked, done=lambda ids: export(self.context, ids))


# what is asked -----------------------------------------------------------------------------

SOURCES = {
    "estate": retiree.estates,
    "building": retiree.buildings,
    "employer": retiree.employers,
    "group": retiree.groups,
}


def _people(session: Session, asked: Asked, number: int) -> Page[retiree.PersonRow]:
    return retiree.people(session, rows.wanted(asked), number)


def _ids(session: Session, asked: Asked) -> list[str]:
    return retiree.people_ids(session, rows.wanted(asked))


def _gone(session: Session, asked: Asked, number: int) -> Page[retiree.PersonRow]:
    return retiree.people(session, rows.wanted(asked, GONE), number)


def _missing(session: Session, _asked: Asked, number: int) -> Page[retiree.MissingRow]:
    return retiree.missing(session, number)


def _open_tasks(session: Session, ids: list[str]) -> tuple[list[str], int]:
    """The tasks of those who are to be certified, and how many are not."""
    tasks = [row.task_id for row in retiree.rows_of(session, ids) if row.task_id]
    return tasks, len(ids) - len(tasks)


def _nobody_gone(asked: Asked, where: ListPage) -> QWidget:
    if asked.text or asked.filters:
        return where.no_hits(asked)
    return EmptyState("inbox", "没有已去世或已迁出的人员", tone="neu")
