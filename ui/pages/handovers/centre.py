"""人员转接 at the centre: people are assigned to another station; what became of it."""

from functools import partial
from typing import Any

from PySide6.QtWidgets import QStackedWidget, QWidget

from app import handover, roles
from app.handover import Assignable, Between, LateAction
from app.kit.listing import Page
from app.kit.run import Session
from models.handover import DECLINED, OFFERED, TAKEN
from models.kit import codes
from ui.kit.banner import Banner
from ui.kit.buttons import Button, Tabs
from ui.kit.cells import Cell, Person, Text, Two
from ui.kit.context import Context
from ui.kit.empty import EmptyState
from ui.kit.form_dialog import FormDialog
from ui.kit.format import moment
from ui.kit.label import Label, show_if
from ui.kit.layout import VBox
from ui.kit.list_page import ListPage
from ui.kit.paged_table import RowSource
from ui.kit.screen import Screen
from ui.kit.side_panel import SidePanel
from ui.kit.table import Column
from ui.kit.tokens import Room
from ui.kit.view import Asked, Filter, View
from ui.pages.handovers.shared import grounds, late_fields, written_by

TABS = (("people", "选人转接"), ("between", "转接情况"))
PEOPLE = View(
    columns=(
        Column("who", "人员", 210, stretch=2),
        Column("number", "身份证号", 180, drop=2),
        Column("where", "现在的站点", 190, stretch=2),
        Column("place", "住址", 200, stretch=3, drop=1),
        Column("state", "情况", 160, stretch=1),
    ),
    search="姓名 / 拼音 / 证号后四位 / 楼栋",
    filters=(Filter("office", "站点"),),
    keys="↑↓ 移动   空格 勾选   Enter 转给别的站点",
)
BETWEEN = View(
    columns=(
        Column("who", "人员", 160, stretch=2),
        Column("from", "迁出站点", 140, stretch=2),
        Column("to", "接收站点", 140, stretch=2),
        Column("state", "情况", 140, stretch=3),
        Column("when", "日期", 110),
    ),
    chips=handover.OVERSEEN,
    unit="项",
    keys="↑↓ 选一项   Enter 看内容",
)
NOTHING = {
    "open": ("circle-check", "没有等着答复的转接", "ok"),
    "refused": ("circle-check", "没有被退回的转接", "ok"),
    "late": ("circle-check", "没有等着答复的迟到修改", "ok"),
    "over": ("inbox", "还没有办完的转接", "neu"),
}


def page(context: Context, *, chip: str = "", tab: str = "") -> "TransfersPage":
    """`chip`: what another page wants to see of the hand-overs that go on."""
    made = TransfersPage(context)
    if chip or tab:
        made.choose("between" if chip else tab)
    if chip:
        made.between.start(Asked(chip=chip))
    return made


class TransfersPage(Screen):
    title, nav, has_search = "人员转接", "transfers", True
    tables = frozenset({"handover", "late_edit", "retiree", "office", "exchange"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.tabs, self.stack = Tabs(TABS), QStackedWidget()
        self.give = Button(
            "转给别的站点…", "primary", "s", icon="arrow-right-left", does=self.assign
        )
        may = roles.may(context.desk, "handover", "write")
        show_if(self.give, may)
        self.people = ListPage(
            context,
            PEOPLE,
            RowSource(_people, people_cells, ids=_ids),
            batch=(self.give,),
            sources={"office": handover.stations},
            no_hit=_nobody,
        )
        self.panel = BetweenPanel(self.take_back)
        self.between = ListPage(
            context,
            BETWEEN,
            RowSource(_between, between_cells),
            panel=self.panel,
            counts=handover.overseen_counts,
            no_hit=_nothing,
        )
        if may:
            self.people.opened.connect(lambda _row: self.assign())
        self.between.moved.connect(self._moved)
        self.between.opened.connect(self._opened)
        for one in (self.people, self.between):
            self.stack.addWidget(one)
            one.start()
        box = VBox(self, gap=10, margins=(24, 8, 12, 14))
        box.add(self.tabs)
        box.addWidget(self.stack, 1)
        self.tabs.chosen.connect(self.choose)

    def choose(self, tab: str) -> None:
        self.tabs.choose(tab)
        self.stack.setCurrentWidget(self.people if tab == "people" else self.between)

    def _moved(self, row: Between | LateAction | None) -> None:
        if row is not None:
            self.panel.follow(row)

    def _opened(self, row: Between | LateAction) -> None:
        self.between.show_panel()
        self.panel.follow(row)

    # what the window asks for -----------------------------------------------------------

    def _shown(self) -> ListPage:
        return self.people if self.tabs.current() == "people" else self.between

    def reload(self) -> None:
        self.people.reload()
        self.between.reload()

    def start(self) -> None:
        self.focus_first()

    def focus_first(self) -> None:
        self._shown().focus_first()

    def search(self) -> None:
        self.choose("people")
        self.people.focus_first()
        self.people.search.selectAll()

    def fit(self, room: Room) -> None:
        for one in (self.people, self.between):
            one.fit(room)

    def escape(self) -> bool:
        return self._shown().close_panel()

    # acts -------------------------------------------------------------------------------

    def assign(self) -> None:
        """Those who are ticked, else the one at the cursor."""
        chosen = self.people.list.chosen()
        made = self.context.open("assign", people=chosen) if chosen else None
        if isinstance(made, FormDialog):
            made.saved.connect(lambda _words: self.people.list.clear_ticks())

    def take_back(self, row: Between) -> None:
        text = f"{row.offer.name} 仍由 {row.giver} 管理，两边的站点都会看到原因"
        reason = self.context.ask.text(self, "撤回转接", "撤回的原因", text=text, act="撤回")
        if reason is not None:
            self.context.work.do(handover.take_back, row.id, reason, done=self.context.toast)


class BetweenPanel(SidePanel):
    """Everything about one hand-over, and the way back; or what was written too late."""

    def __init__(self, take_back: Any) -> None:
        super().__init__()
        self.take_back = take_back

    def follow(self, row: Between | LateAction) -> None:
        self.reset()
        if isinstance(row, LateAction):
            self._late(row)
        else:
            self._offer(row)

    def _late(self, row: LateAction) -> None:
        self.head.add(Label(row.name, "title", wrap=True))
        self.head.add(Label(written_by(row), "body", "t2", wrap=True))
        said = f"人已转到 {row.to}，由那边采用或不采用，两边都会看到结果；久不答复请打电话"
        self.add(Banner("info", f"等 {row.to} 答复", said), *late_fields(row))
        self.body.addStretch(1)

    def _offer(self, row: Between) -> None:
        offer = row.offer
        self.head.add(Label(offer.name, "title", wrap=True))
        self.head.add(Label(" · ".join(p for p in (offer.words, offer.id_no) if p), "body", "t2"))
        self.head.add(Label(f"{row.giver} → {offer.other}", "body", "t2", wrap=True))
        self.add(_standing(row), grounds(offer))
        self.body.addStretch(1)
        if row.can_take_back:
            act = Button("撤回…", icon="undo-2", does=partial(self.take_back, row))
            self.foot.addWidget(act)


def _standing(row: Between) -> Banner:
    offer = row.offer
    if offer.state == TAKEN:
        said = f"{offer.answered}，{row.giver} 只留姓名和打印、变动记录"
        return Banner("ok", f"{offer.other} 已接收", said)
    if offer.state == DECLINED:
        stays = f"人仍由 {row.giver} 管理" if offer.stays else ""
        said = "。".join(filter(None, (f"{offer.answered}：{offer.reason}", stays)))
        return Banner("bad", f"{offer.other} 没有接收", said)
    if offer.state == OFFERED:
        whose = "区中心指定" if offer.is_assigned else f"{row.giver} 登记迁出"
        return Banner("info", f"等 {offer.other} 答复", f"{whose}，答复以前仍由 {row.giver} 管理")
    stays = f"人由 {row.giver} 管理" if offer.stays else ""
    return Banner("neu", "已撤回", "。".join(p for p in (offer.reason, stays) if p))


def people_cells(row: Assignable) -> tuple[Cell, ...]:
    return (
        Person(row.name, row.words),
        Text(row.id_no),
        Text(row.office or "—"),
        Text(row.place or "—"),
        Two("转接中", f"等 {row.to} 答复") if row.to else Text(row.state),
    )


def between_cells(row: Between | LateAction) -> tuple[Cell, ...]:
    if isinstance(row, LateAction):
        at = moment(row.at) if row.at else ""
        return (
            Text(row.name), Text(row.office), Text(row.to), Two("迟到的修改", row.labels), Text(at),
        )  # fmt: skip
    offer = row.offer
    state = codes.table("HANDOVER_STATE").name(offer.state)
    said = offer.reason or ("区中心指定" if offer.is_assigned else "站点登记迁出")
    return (
        Person(offer.name, offer.words),
        Text(row.giver),
        Text(offer.other),
        Two(state, said),
        Text(f"{offer.moved_on or ''}"),
    )


def _people(session: Session, asked: Asked, number: int) -> Page[Assignable]:
    return handover.assignable(session, asked.get("office") or "", asked.text, number)


def _ids(session: Session, asked: Asked) -> list[str]:
    return handover.assignable_ids(session, asked.get("office") or "", asked.text)


def _between(session: Session, asked: Asked, number: int) -> Page[Between | LateAction]:
    return handover.overseen(session, asked.chip, number)


def _nobody(asked: Asked, where: ListPage) -> QWidget:
    if asked.text or asked.filters:
        return where.no_hits(asked)
    return EmptyState("users", "各站还没有报来人员", tone="neu")


def _nothing(asked: Asked, _where: ListPage) -> EmptyState:
    icon, title, tone = NOTHING[asked.chip]
    return EmptyState(icon, title, tone=tone)
