"""人员转接: who is offered to this station, what the old station wrote too late, who went away."""

from functools import partial

from app import handover, roles
from app.handover import LateAction, Offer
from app.kit.listing import Page
from app.kit.run import Session
from models.handover import DECLINED, OFFERED, TAKEN
from models.kit import codes
from ui.kit.banner import Banner
from ui.kit.buttons import Button
from ui.kit.cells import Cell, Person, Text, Two
from ui.kit.context import Context
from ui.kit.empty import EmptyState
from ui.kit.format import moment
from ui.kit.label import Label
from ui.kit.layout import HBox
from ui.kit.list_page import ListPage
from ui.kit.list_screen import ListScreen
from ui.kit.paged_table import RowSource
from ui.kit.side_panel import SidePanel
from ui.kit.table import Column
from ui.kit.view import Asked, View
from ui.pages.handovers.shared import grounds, late_fields, written_by

VIEW = View(
    columns=(
        Column("who", "人员", 190, stretch=2),
        Column("where", "对方站点", 170, stretch=2),
        Column("what", "内容", 210, stretch=3),
        Column("when", "日期", 110),
    ),
    chips=handover.CHIPS,
    unit="项",
    keys="↑↓ 选一项   Enter 看内容",
)
NOTHING = {
    handover.OFFERS: ("没有等着接收的人", "别的站点把人转来本站时，会出现在这里"),
    handover.LATE: ("没有迟到的修改", "迁出站在知道以前改过的资料，会出现在这里"),
    handover.SENT: ("没有转到别的站点的人", "在人员档案的“更多操作”里登记迁出"),
}
TONES = {OFFERED: "warn", TAKEN: "ok", DECLINED: "bad"}


def page(context: Context, *, chip: str = "") -> "HandoversPage":
    """Opened from what is to be done."""
    made = HandoversPage(context)
    if chip:
        made.list.start(Asked(chip=chip))
    return made


class HandoversPage(ListScreen):
    title, nav = "人员转接", "retirees"
    tables = frozenset({"handover", "late_edit", "retiree", "exchange"})

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.panel = HandoverPanel(context, self)
        self.show_list(
            ListPage(
                context,
                VIEW,
                RowSource(_page, cells),
                counts=handover.chips,
                panel=self.panel,
                no_hit=_nothing,
            )
        )
        self.list.start_where_any()

    def follow(self, row: Offer | LateAction) -> None:
        self.panel.follow(row)

    # acts -------------------------------------------------------------------------------

    def take(self, row: Offer) -> None:
        points = (
            "这个人和全部资料归本站管理，养老金认证、走访从此由本站办",
            f"{row.other} 只留姓名和打印、变动记录，健康、党务、钱款资料在那边删除",
            "资料在下一次上报时从区中心取回",
            *((f"本站已登记的 {row.twin} 还在，同一个身份证号就有了两份",) if row.twin else ()),
        )
        sure = self.context.ask.confirm(
            self, f"接收 {row.name}", "接收后", act="接收", points=points
        )
        if sure:
            self.context.work.do(handover.take, row.id, done=self.context.toast)

    def decline(self, row: Offer) -> None:
        text = f"{row.name} 仍归 {row.other} 管理，那边会看到原因"
        reason = self.context.ask.text(self, "不接收", "不接收的原因", text=text, act="不接收")
        if reason is not None:
            self.context.work.do(handover.decline, row.id, reason, done=self.context.toast)

    def adopt(self, row: LateAction) -> None:
        self.context.work.do(handover.adopt, row.id, done=self.context.toast)

    def set_aside(self, row: LateAction) -> None:
        text = f"{row.name} 的资料不变，{row.office} 会看到原因"
        reason = self.context.ask.text(self, "不采用", "不采用的原因", text=text, act="不采用")
        if reason is not None:
            self.context.work.do(handover.leave, row.id, reason, done=self.context.toast)


class HandoverPanel(SidePanel):
    """Everything there is to know before answering."""

    def __init__(self, context: Context, page: HandoversPage) -> None:
        super().__init__()
        self.context, self.owner = context, page

    def follow(self, row: Offer | LateAction) -> None:
        self.reset()
        if isinstance(row, LateAction):
            self._late(row)
        else:
            self._offer(row)

    def _offer(self, row: Offer) -> None:
        self.head.add(Label(row.name, "title", wrap=True))
        self.head.add(Label(" · ".join(p for p in (row.words, row.id_no) if p), "body", "t2"))
        if row.can_answer and row.is_assigned:
            said = f"现在由 {row.other} 管理，接收以前仍归那边；不该由本站管的，写明原因不接收"
            self.add(Banner("info", "区中心指定由本站接收", said))
        elif row.can_answer:
            said = "请核对是不是搬到本站的人；答复以前仍由对方管理"
            self.add(Banner("info", f"{row.other} 把这个人转来本站", said))
        else:
            self.add(_standing(row))
        if row.twin:
            said = "接收后就有两份。是同一个人、已由本站管的，点“不接收”，写明本站已有登记"
            self.add(Banner("warn", f"本站已登记 {row.twin}，身份证号相同", said))
        self.add(grounds(row))
        self.body.addStretch(1)
        if row.can_answer:
            self._two(
                Button("不接收…", icon="x", does=partial(self.owner.decline, row)),
                Button("接收…", "primary", icon="check", does=partial(self.owner.take, row)),
            )
        else:
            self.foot.addWidget(self._person(row.person_id))

    def _late(self, row: LateAction) -> None:
        self.head.add(Label(row.name, "title", wrap=True))
        self.head.add(Label(written_by(row), "body", "t2", wrap=True))
        said = "写的时候那边还不知道人已转来。采用就写进资料，不采用资料不变"
        self.add(Banner("warn", "迁出站迟到的修改", said))
        self.add(*late_fields(row))
        self.body.addStretch(1)
        if roles.may(self.context.desk, "late_edit", "write"):
            self._two(
                Button("不采用…", icon="x", does=partial(self.owner.set_aside, row)),
                Button("采用", "primary", icon="check", does=partial(self.owner.adopt, row)),
            )

    def _person(self, key: str) -> Button:
        return Button(
            "看人员档案", icon="user", does=lambda: self.context.open("person", retiree_id=key)
        )

    def _two(self, *buttons: Button) -> None:
        line = HBox(gap=8)
        line.add(*buttons, stretch=1)
        self.foot.addLayout(line)


def _standing(row: Offer) -> Banner:
    if row.state == TAKEN:
        return Banner("ok", f"{row.other} 已接收", f"{row.answered}，本站只留姓名和打印、变动记录")
    if row.state == DECLINED:
        said = "。".join(filter(None, (f"{row.answered}：{row.reason}", _after_a_no(row))))
        return Banner("bad", f"{row.other} 没有接收", said)
    if row.is_assigned and row.state == OFFERED:
        said = "答复以前仍由本站管理；指定错了，请告诉区中心撤回"
        return Banner("info", f"区中心指定转往 {row.other}，等对方答复", said)
    if row.state == OFFERED:
        return Banner("info", f"等 {row.other} 答复", "答复以前仍由本站管理，也可以撤回迁出")
    stays = "人仍由本站管理" if row.stays else ""
    return Banner("neu", "已撤回", "。".join(p for p in (row.reason, stays) if p))


def _after_a_no(row: Offer) -> str:
    """What can be done; nothing where the person has stayed, or gone, since."""
    if row.is_assigned:
        return "人仍由本站管理，由区中心再定" if row.stays else ""
    return "可以撤回迁出，或撤回后转给别的站点" if row.is_leaving else ""


def _nothing(asked: Asked, _where: ListPage) -> EmptyState:
    return EmptyState("circle-check", *NOTHING[asked.chip], tone="ok")


def cells(row: Offer | LateAction) -> tuple[Cell, ...]:
    if isinstance(row, LateAction):
        at = moment(row.at) if row.at else ""
        return Person(row.name, row.by), Text(row.office), Text(row.labels or "没有不同"), Text(at)
    when = f"{row.moved_on or ''}"
    if row.can_answer:
        return Person(row.name, row.words), Text(row.other), Text(row.brings), Text(when)
    state = codes.table("HANDOVER_STATE").name(row.state)
    return (
        Person(row.name, row.words),
        Text(row.other),
        Two(state, row.reason) if row.reason else Text(state, TONES.get(row.state, "")),
        Text(when),
    )


def _page(session: Session, asked: Asked, number: int) -> Page[Offer | LateAction]:
    return handover.handovers(session, asked.chip, number)
