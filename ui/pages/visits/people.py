"""重点人群: whom to look after most, when they were seen last and are to be seen next."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

from app import printed, retiree, roles, visit
from app.kit.listing import Page
from app.kit.run import Acted, Session, acted
from app.printed import Item
from app.printing import visit_record, visit_route
from app.retiree import People, PersonRow
from models.kit import clock, codes
from ui.kit.buttons import Button
from ui.kit.cells import Cell, Link, Person, Stat, Tags, TagWord, Text
from ui.kit.context import Context
from ui.kit.date_box import DateBox
from ui.kit.dialog import Dialog
from ui.kit.empty import EmptyState
from ui.kit.field import Field
from ui.kit.format import day, month_day
from ui.kit.list_page import ListPage
from ui.kit.list_screen import ListScreen
from ui.kit.paged_table import RowSource
from ui.kit.table import Column
from ui.kit.view import Asked, Filter, View

VIEW = View(
    columns=(
        Column("name", "姓名", 150, stretch=2, sortable=True),
        Column("tags", "标签", 190, stretch=2, drop=1),
        Column("address", "住址", 170, stretch=2, sortable=True),
        Column("phone", "联系电话", 130, drop=2),
        Column("last", "最近走访", 110),
        Column("visit", "下次走访", 130, sortable=True),
        Column("enter", "", 92),
    ),
    search="姓名、拼音首字母、证号后四位、楼栋",
    chips=(
        ("aged", "高龄 80+"), ("alone", "独居"), ("immobile", "行动不便"),
        ("visit_overdue", "走访逾期"), ("birthday", "本月生日"), ("managed", "全部在册"),
    ),
    filters=(
        Filter("tags", "标签", "many", choices=codes.table("TAG").items, wide=True),
        Filter("building", "楼栋"),
    ),
    sort="address",
    keys="↑↓ 移动   Enter 打开档案   F2 登记走访   空格 勾选   Ctrl+P 打印路线单",
)  # fmt: skip


class PeopleTab(ListScreen):
    """Ticks make a trip: route sheet, record sheets, a day."""

    tables = frozenset({"retiree", "tag", "visit", "visit_plan"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        acts: tuple[tuple[str, str, Callable[[], object], str, str], ...] = (
            ("安排走访", "calendar-plus", self.plan, "visit_plan", "write"),
            ("打印路线单", "route", self.print_route, "print", "print"),
            ("走访记录表", "printer", self.print_records, "print", "print"),
        )
        may = roles.may(context.desk, "visit", "write")
        made = ListPage(
            context,
            VIEW,
            RowSource(people_page, lambda row: cells(row, may=may), ids=people_ids),
            counts=retiree.chips,
            sources={"building": retiree.buildings},
            batch=tuple(
                Button(words, sz="s", icon=icon, does=does)
                for words, icon, does, noun, verb in acts
                if roles.may(context.desk, noun, verb)
            ),
            no_hit=self._nothing,
        )
        self.show_list(made, margins=(0, 0, 0, 0))
        self.on_keys({"Ctrl+P": self.print_route, "F2": self._visit_current})
        self.list.opened.connect(self._open)
        self.list.list.linked.connect(lambda row, _column: self._visit(row))
        self.list.start(Asked(chip="aged"))

    def _open(self, row: PersonRow) -> None:
        self.context.open("person", retiree_id=row.id, tab="visits")

    def _visit(self, row: PersonRow) -> None:
        self.context.open("visit", retiree_id=row.id)

    def _visit_current(self) -> None:
        row = self.list.list.row()
        if row is not None:
            self._visit(row)

    def _nothing(self, asked: Asked, page: ListPage) -> EmptyState:
        if asked.text or asked.filters:
            return page.no_hits(asked)
        return EmptyState("users", "这一类现在没有人", tone="ok")

    # acts -------------------------------------------------------------------------------

    def plan(self) -> None:
        """One day for all that are ticked."""
        made = day_dialog(self.context, self.list.list.ticked())
        made.accepted.connect(self.list.list.clear_ticks)
        made.open()

    def print_route(self) -> None:
        work = self.context.work

        def show(paper: bytes) -> None:
            journal = partial(work.do, printed.printed, visit_route.TITLE, [Item(None)], "上门走访")
            self.context.open("print_pdf", title=visit_route.TITLE, data=paper, on_printed=journal)

        work.ask(
            visit.route_data, self.list.list.chosen(),
            done=lambda data: work.call(visit_route.draw, data, done=show),
        )  # fmt: skip

    def print_records(self) -> None:
        """Record sheets have numbers: allotting them is an act."""
        work = self.context.work

        def show(paper: bytes) -> None:
            self.context.open("print_pdf", title="走访记录表", data=paper)

        work.do(
            visit.visit_record_data, self.list.list.ticked(),
            done=lambda data: work.call(visit_record.draw, data, done=show),
        )  # fmt: skip


def wanted(asked: Asked) -> People:
    """The chip, the filters and the words as the verbs want them."""
    return People(
        chip=asked.chip,
        text=asked.text,
        tags=tuple(asked.get("tags") or ()),
        building=asked.get("building") or "",
        sort=asked.sort or "address",
        descending=asked.descending,
    )


def people_page(session: Session, asked: Asked, number: int) -> Page[PersonRow]:
    """One page of the list."""
    return retiree.people(session, wanted(asked), number)


def people_ids(session: Session, asked: Asked) -> list[str]:
    """Everybody of the filter."""
    return retiree.people_ids(session, wanted(asked))


def cells(row: PersonRow, *, may: bool = True) -> tuple[Cell, ...]:
    """One person with last and next visit."""
    sex = row.sex if row.age is None else f"{row.sex} {row.age}岁"
    if row.visit_overdue_days:
        due = Stat(f"逾期 {row.visit_overdue_days} 天", "bad", "circle-alert")
    elif row.visit_next_on is None:
        due = Stat("没有安排", "neu", "minus")
    else:
        soon = (row.visit_next_on - clock.today()).days <= 7
        due = Stat(day(row.visit_next_on), "warn" if soon else "neu", "clock")
    return (
        Person(row.name, sex),
        Tags(tuple(TagWord(mark.text, mark.tone) for mark in row.tags[:3])),
        Text(row.address),
        Text(row.phone),
        Text(day(row.last_visit_on) or "还没去过", "" if row.last_visit_on else "t3"),
        due,
        Link("登记走访") if may else Text(""),
    )


def day_dialog(context: Context, retiree_ids: Sequence[str]) -> "DayDialog":
    """Visits of many on one day."""
    return DayDialog(context, tuple(retiree_ids))


class DayDialog(Dialog):
    """On which day."""

    def __init__(self, context: Context, retiree_ids: Sequence[str]) -> None:
        super().__init__(context.window(), "安排走访", subtitle=f"{len(retiree_ids)} 人")
        self.context, self.retiree_ids = context, retiree_ids
        self.box = DateBox(clock.today().isoformat())
        self.field = Field("走访日期", self.box, required=True)
        self.add(self.field)
        self.cancel_button()
        self.button("安排", "primary", does=self.take)
        self.box.returnPressed.connect(self.take)
        self.box.setFocus()

    def take(self) -> None:
        on = self.box.day()
        if on is None:
            self.field.say("err", "请填写日期，如 2026-11-30")
            return
        self.context.work.do(
            acted, visit.reschedule, self.retiree_ids, on,
            done=lambda result: self._done(result, on),
            refused=lambda refusal: self.field.say("err", refusal.message),
        )  # fmt: skip

    def _done(self, result: Acted[int], on: date) -> None:
        self.accept()
        words = f"已把 {len(self.retiree_ids)} 人的走访安排在 {month_day(on)}"
        self.context.toast(words, result.tx)
