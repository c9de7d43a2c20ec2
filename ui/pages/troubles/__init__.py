"""待办: what else waits for a person at the centre, one kind at a time, with what to do."""

from collections.abc import Callable
from dataclasses import replace

from app import certification, roles, trouble
from app.kit.listing import Page
from app.kit.run import Acted, Session, acted
from app.trouble import TroubleRow
from models.kit import clock
from ui.kit.banner import Banner
from ui.kit.buttons import Button
from ui.kit.card import FactList
from ui.kit.cells import Cell, Text, Two
from ui.kit.context import Context
from ui.kit.empty import EmptyState
from ui.kit.format import moment
from ui.kit.label import Label, show_if
from ui.kit.layout import HBox
from ui.kit.list_page import ListPage
from ui.kit.list_screen import ListScreen
from ui.kit.paged_table import RowSource
from ui.kit.side_panel import SidePanel
from ui.kit.table import Column
from ui.kit.view import Asked, View

VIEW = View(
    columns=(
        Column("title", "是什么", 230, stretch=3),
        Column("reason", "情况", 230, stretch=3),
        Column("since", "时间", 110),
    ),
    chips=trouble.CHIPS,
    unit="项",
    keys="↑↓ 选一项   Enter 看怎么办   空格 勾选",
)
SEEN = "seen"
SHORT = 12  # of a file's digest, as the log of the service has it
SEEN_TO = frozenset({trouble.ASIDE, trouble.FILES, trouble.TWICE, trouble.ACROSS})
NOTHING = {
    trouble.ASIDE: "各站送来的都收下了",
    trouble.HELD: "没有在等的资料",
    trouble.FILES: "没有退回的数据包",
    trouble.STUCK: "没有程序办不了的数据包",
    trouble.TWICE: "没有重复登记的人",
    trouble.CERTS: "没有等着确认的认证",
    trouble.ACROSS: "没有两个区都登记了的人",
}


def view(context: Context) -> View:
    """At a city most of it is the districts' to do."""
    return replace(VIEW, chips=trouble.CITY_CHIPS) if roles.is_city(context.desk) else VIEW


def page(context: Context, *, chip: str = "") -> "TroublesPage":
    made = TroublesPage(context)
    if chip:
        made.list.start(Asked(chip=chip))
    return made


class TroublesPage(ListScreen):
    title, nav = "待办", "troubles"
    tables = frozenset({"exchange", "local_note", "suspicion", "certification"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.panel = TroublePanel(
            context,
            {
                "looked": self.looked,
                "force": self.force,
                "confirm": self.confirm,
                "refuse": self.refuse,
            },
        )
        self.batch = {
            trouble.CERTS: Button("确认", sz="s", icon="check", does=self.confirm_ticked),
            SEEN: Button("已处理", sz="s", icon="check", does=self.look_at_ticked),
        }
        self.show_list(
            ListPage(
                context,
                view(context),
                RowSource(_page, cells, ids=_ids),
                batch=tuple(self.batch.values()),
                counts=trouble.chips,
                panel=self.panel,
                no_hit=lambda asked, _where: EmptyState(
                    "circle-check", NOTHING[asked.chip], tone="ok"
                ),
            )
        )
        self.list.list.ticksChanged.connect(self._offer)
        self.list.start_where_any()

    def _offer(self, _count: int, _of_filter: bool) -> None:
        """What may be done about several at once."""
        chip, desk = self.list.asked.chip, self.context.desk
        may = {
            trouble.CERTS: chip == trouble.CERTS and roles.may(desk, "certification", "confirm"),
            SEEN: chip in SEEN_TO and roles.may(desk, "exchange", "manage"),
        }
        for key, button in self.batch.items():
            show_if(button, may[key])

    def follow(self, row: TroubleRow) -> None:
        self.panel.follow(row)

    # acts -------------------------------------------------------------------------------

    def looked(self, row: TroubleRow) -> None:
        """Off the list; what came stays in the records."""
        self.context.work.do(trouble.looked, row.key, done=self._done)

    def force(self, row: TroubleRow) -> None:
        points = (
            "不再等前面的资料，收到下一个数据包时就办",
            "与现有资料有出入的，不会自动改，列入“争议”由您裁定",
            "连它登记的人都没有送到的，记为没有收下，站点会收到原因",
        )
        sure = self.context.ask.confirm(
            self, f"不再等，直接办：{row.title}", "直接办以后", act="直接办", points=points
        )
        if sure:
            self.context.work.do(trouble.force, row.key, done=self._done)

    def confirm_ticked(self) -> None:
        context = self.context

        def done(made: Acted[int]) -> None:
            context.work.tell_changed(frozenset({"exchange"}))
            context.toast(f"已确认 {made.result} 份认证", made.tx)

        context.work.do(acted, certification.confirm_several, self._ticked(), done=done)

    def look_at_ticked(self) -> None:
        self.context.work.do(trouble.looked_at_all, self._ticked(), done=self._done)

    def _ticked(self) -> list[str]:
        ticked = self.list.list.ticked()
        self.list.list.clear_ticks()
        return ticked

    def confirm(self, row: TroubleRow) -> None:
        def done(told: certification.Told) -> None:
            self._done(f"已确认 {told.name} {told.certified_on} 的认证")

        self.context.work.do(certification.confirm, row.key, done=done)

    def refuse(self, row: TroubleRow) -> None:
        text = f"{row.title} {row.reason}。站里收到原因以后，任务会重新打开"
        reason = self.context.ask.text(self, "退回认证", "退回的原因", text=text, act="退回")

        def done(told: certification.Told) -> None:
            self._done(f"已退回 {told.name} {told.certified_on} 的认证，下次联系时告诉站里")

        if reason is not None:
            self.context.work.do(certification.refuse, row.key, reason, done=done)

    def _done(self, sentence: str) -> None:
        self.context.work.tell_changed(frozenset({"exchange"}))
        self.context.toast(sentence)


class TroublePanel(SidePanel):
    """The whole reason and what to do."""

    def __init__(self, context: Context, acts: dict[str, Callable[[TroubleRow], object]]) -> None:
        super().__init__()
        self.context, self.acts = context, acts

    def follow(self, row: TroubleRow) -> None:
        self.reset()
        self.head.add(Label(row.title, "title", wrap=True))
        wrong = {trouble.ASIDE, trouble.FILES, trouble.STUCK}
        tone = "warn" if row.kind in wrong else "info"
        self.add(Banner(tone, row.reason, row.todo))
        facts = FactList(label_width=60)
        facts.set_facts([
            ("区中心" if roles.is_city(self.context.desk) else "站点", row.office or "不明"),
            ("时间", moment(row.since)),
            *([("条数", f"{row.count} 条")] if row.kind in {trouble.ASIDE, trouble.HELD} else []),
            *([("编号", row.key[:SHORT])] if row.kind == trouble.STUCK else []),
        ])  # fmt: skip
        self.add(facts)
        self.body.addStretch(1)
        if row.kind == trouble.CERTS:
            self._certification(row)
            return
        if not roles.may(self.context.desk, "exchange", "manage"):
            return
        if row.kind == trouble.HELD:
            act = Button("不再等，直接办…", icon="zap", does=lambda: self.acts["force"](row))
            act.setEnabled(row.can_force)
        elif row.kind in SEEN_TO:
            act = Button("已处理", "soft", icon="check", does=lambda: self.acts["looked"](row))
        else:
            return
        self.foot.addWidget(act)

    def _certification(self, row: TroubleRow) -> None:
        if not roles.may(self.context.desk, "certification", "confirm"):
            return
        line = HBox(gap=8)
        line.add(
            Button("退回…", icon="undo-2", does=lambda: self.acts["refuse"](row)),
            Button("确认", "soft", icon="check", does=lambda: self.acts["confirm"](row)),
            stretch=1,
        )
        self.foot.addLayout(line)


def cells(row: TroubleRow) -> tuple[Cell, ...]:
    days = max(0, (clock.now() - row.since).days)
    return (
        Two(row.title, row.office),
        Text(row.reason),
        Text(f"{days} 天前" if days else "今天", "warn" if days >= trouble.HOLD.days else ""),
    )


def _ids(session: Session, asked: Asked) -> list[str]:
    return trouble.ids(session, asked.chip)


def _page(session: Session, asked: Asked, number: int) -> Page[TroubleRow]:
    return trouble.troubles(session, asked.chip, number)
