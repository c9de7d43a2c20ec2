"""上门核验: who is to be visited at home; route sheet, record sheets, appointment slips (W2)."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from app import printed, roles, visit
from app.certification import DueRow, papers
from app.printed import Item
from app.printing import home_appointment, visit_record, visit_route
from ui.kit.buttons import Button
from ui.kit.cells import Cell, Link, Text, Two
from ui.kit.context import Context
from ui.kit.empty import EmptyState
from ui.kit.label import show_if
from ui.kit.list_page import ListPage
from ui.kit.list_screen import ListScreen
from ui.kit.paged_table import RowSource
from ui.kit.table import Column
from ui.kit.view import Asked, View
from ui.pages.certification import rows

VIEW = View(
    columns=(
        Column("place", "楼栋住址", 220, stretch=3, sortable=True),
        Column("name", "姓名", 140, stretch=2, sortable=True),
        Column("left", "还剩", 128),
        Column("state", "安排", 172),
        Column("note", "联系经过", 150, stretch=2, drop=1),
        Column("call", "", 58),
        Column("result", "", 90),
    ),
    search="姓名、拼音首字母、证号后四位、楼栋",
    chips=(("home", "需上门"), ("home_visit", "已安排")),
    sort="place",
    keys="↑↓ 移动   Enter 填写结果   F4 联系   空格 勾选   Ctrl+P 打印路线单",
)


class TripsTab(ListScreen):
    """Enter writes the result of the visit: one entry, three records."""

    tables = frozenset({"cert_task", "certification", "visit", "retiree", "suspicion"})

    def __init__(self, context: Context, chip: str = "") -> None:
        super().__init__(context)
        self.may = roles.may(context.desk, "visit", "write")
        route = Button("打印路线单", icon="route", does=self.print_route)
        show_if(route, roles.may(context.desk, "print", "print"))
        made = ListPage(
            context,
            VIEW,
            RowSource(rows.due_page, self._cells, ids=rows.due_ids, id_of=lambda row: row.task_id),
            counts=rows.counts,
            actions=(route,),
            batch=self._batch(),
            no_hit=self._nothing,
        )
        self.show_list(made, margins=(0, 0, 0, 0))
        self.list.opened.connect(self._result)
        self.list.list.linked.connect(self._link)
        self.on_keys({"F4": self._call, "Ctrl+P": self.print_route})
        self.list.start(Asked(chip=chip or "home"))

    def _batch(self) -> tuple[Button, ...]:
        acts: tuple[tuple[str, str, Callable[[], object]], ...] = (
            ("打印路线单", "route", self.print_route),
            ("走访记录表", "", self.print_records),
            ("预约单", "", self.print_slips),
            ("打印认证表", "", self.print_forms),
        )
        prints = roles.may(self.context.desk, "print", "print")
        made = (Button(words, sz="s", icon=icon, does=does) for words, icon, does in acts)
        return tuple(made) if prints else ()

    def focus_first(self) -> None:
        self.list.list.table.setFocus()

    def _cells(self, row: DueRow) -> Sequence[Cell]:
        shown = self.list.list.rows
        at = next((n for n, one in enumerate(shown) if one.task_id == row.task_id), 0)
        before = shown[at - 1] if at else None
        place, person, left, _due, way, note, call, _certify = rows.cells(row, before, may=self.may)
        state = way.sub if isinstance(way, Two) else ""
        return (
            place,
            person,
            left,
            Text(state),
            note,
            call,
            Link("填写结果") if self.may else Text(""),
        )

    def _result(self, row: DueRow) -> None:
        self.context.open("visit", retiree_id=row.retiree_id, also_certify=True)

    def _call(self) -> None:
        row = self.list.list.row()
        if row is not None:
            self._link(row, "call")

    def _link(self, row: DueRow, column: str) -> None:
        if column == "call":
            rows.call(self.context, row)
        else:
            self._result(row)

    def _nothing(self, asked: Asked, page: ListPage) -> EmptyState:
        if asked.text:
            return page.no_hits(asked)
        return EmptyState("house", "现在没有要上门核验的人", "高龄、行动不便的，快到期时列进来")

    # papers -----------------------------------------------------------------------------

    def _chosen(self, then: Callable[[list[DueRow]], object]) -> None:
        """The ticked ones, or all of the filter, in walking order."""
        wanted, ticked = rows.asked_filter(self.list.asked), self.list.list.ticked()
        self.context.work.ask(papers.chosen, wanted, ticked, done=then)

    def print_forms(self) -> None:
        self._chosen(
            lambda found: self.context.open(
                "print_forms", task_ids=tuple(one.task_id for one in found)
            )
        )

    def print_route(self) -> None:
        def make(found: list[DueRow]) -> None:
            people = [one.retiree_id for one in found]
            self._show(visit_route.TITLE, visit_route.draw, ask=(visit.route_data, people))

        self._chosen(make)

    def print_records(self) -> None:
        """Record sheets have numbers: allotting them is an act."""

        def make(found: list[DueRow]) -> None:
            people = [one.retiree_id for one in found]
            work = self.context.work
            show = partial(self._preview, "走访记录表", None)
            work.do(
                visit.visit_record_data, people,
                done=lambda data: work.call(visit_record.draw, data, done=show),
            )  # fmt: skip

        self._chosen(make)

    def print_slips(self) -> None:
        wanted, ticked = rows.asked_filter(self.list.asked), self.list.list.ticked()
        self._show(papers.SLIP, home_appointment.draw, ask=(papers.appointments, wanted, ticked))

    def _show(self, title: str, draw: Callable[[Any], bytes], *, ask: tuple[Any, ...]) -> None:
        work = self.context.work
        journal = partial(work.do, printed.printed, title, [Item(None)], "上门认证")
        show = partial(self._preview, title, journal)
        work.ask(*ask, done=lambda data: work.call(draw, data, done=show))

    def _preview(self, title: str, journal: Callable[[], object] | None, paper: bytes) -> None:
        self.context.open("print_pdf", title=title, data=paper, on_printed=journal)
