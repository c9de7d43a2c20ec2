"""资格认证: the period under way with what to do next, what follows from missing it, history."""

from collections.abc import Sequence

from app import certification, retiree, roles, voided
from app.attachment import CERTIFICATION
from app.certification.record import OURS
from app.printing.kit.words import period_words
from app.retiree.page import DoubtRow, TaskCard
from app.suspicion import GONE
from models.cert_task import LOST, SUSPENDED
from models.kit import codes
from models.retiree import CERTIFIABLE
from ui.kit.banner import Banner
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.cells import Link, Stat, Text
from ui.kit.format import day, month_day
from ui.kit.label import Label, show_if
from ui.kit.layout import Flow, HBox, holder
from ui.kit.table import Column, Row
from ui.kit.tag import Tag
from ui.pages.person.attachments import Attachments
from ui.pages.person.head import TAG_ICONS
from ui.pages.person.tab import PlainTable, Tab, do, may_write

COLUMNS = (
    Column("on", "认证日期", 120),
    Column("cycle", "周期", 200),
    Column("method", "方式", 160, stretch=1),
    Column("by", "经办人", 110),
    Column("paper", "凭证", 170, stretch=1),
    Column("result", "结果", 160),
    Column("again", "", 62),
)
BAD = ("bad", "circle-alert")
RESULT = {
    "1": ("ok", "circle-check"), "2": ("warn", "clock"), "3": BAD, "4": BAD, "5": BAD,
    "9": ("neu", "circle-x"),
}  # fmt: skip
AMEND, VOID = "amend", "void"
WRONG = ((AMEND, "更正：日期、方式、结果填错了"), (VOID, "作废：这次认证不该登记"))
STATE_STAYS = "人员状态不跟着变，登错的请站长另办“更正状态”。"
FROZEN = {LOST: "找到本人后先登记找回，再办认证。"}
OVERDUE = (
    "未按期认证、经办机构又无法确认的，由社会保险经办机构按有关规定暂停发放；补认证后按规定恢复。"
    "本站只负责提醒和协助，是否暂停由经办机构决定。"
)


class Certification(Tab):
    voids = "certification"

    def build(self, person: retiree.Person, /) -> None:
        for doubt in person.doubts:
            if not doubt.decision:
                self.box.addWidget(self._doubt(person, doubt))
        now, after = self._now(person), Card("逾期会怎样")
        after.add(Label(OVERDUE, "small", "t2", wrap=True))
        if self.room == "small":
            self.box.add(now, after)
        else:
            line = HBox(gap=12)
            line.addWidget(now, 3)
            line.addWidget(after, 1)
            self.box.addLayout(line)
        self.box.addWidget(self._history(person))
        self.box.addWidget(self._pictures(person))

    def _pictures(self, person: retiree.Person) -> Attachments:
        owners = [
            ("certification_id", one.id, f"{one.certified_on} {_method(one)}")
            for one in person.history
            if not one.is_void
        ]
        return Attachments(
            self.context, person, "认证照片和材料", lambda row: row.certification_id is not None,
            kind=CERTIFICATION, owners=owners, nothing="还没有认证照片和材料",
        )  # fmt: skip

    def _doubt(self, person: retiree.Person, doubt: DoubtRow) -> Banner:
        name = codes.table("SUSPICION_REASON").name(doubt.reason)
        look = Button("去核对", sz="s", does=self.opener("suspicion", suspicion_id=doubt.id))
        acts = (look,) if may_write(self.context, person) else ()
        return Banner("bad", f"异常待核：{name}", doubt.detail, actions=acts)

    def _now(self, person: retiree.Person) -> Card:
        task = person.task
        title = f"本次认证（{task.period}）" if task is not None and task.period else "本次认证"
        icon = TAG_ICONS.get(person.cert.code, "")
        card = Card(title, actions=(Tag(person.cert.text, person.cert.tone, icon),))
        card.add(Label(_sentence(person), "body", "t2", wrap=True))
        if task is not None and task.refused_reason:
            card.add(Label(f"区中心退回：{task.refused_reason}", "body", "bad", wrap=True))
        if task is not None and task.last_attempt:
            card.add(Label(f"最近联系：{task.last_attempt}", "body", "t2", wrap=True))
        buttons = self._buttons(person)
        if buttons:
            box = Flow(gap=8, lines=8)
            box.add(*buttons)
            card.add(holder(box))
        card.body.addStretch(1)
        return card

    def _buttons(self, person: retiree.Person) -> Sequence[Button]:
        task = person.task
        if not may_write(self.context, person) or person.manage_state not in CERTIFIABLE:
            return ()
        does = self.opener("certify", retiree_id=person.id, task_id=task.id if task else "")
        by_hand = Button("登记认证", icon="badge-check", does=does)
        if task is None:
            return (by_hand,)
        scan = Button("扫码回收", "soft", icon="scan-qr-code",
                      does=self.opener("certification", tab="scan"))  # fmt: skip
        home = Button("改为上门核验", icon="house", does=lambda: self._plan_home(task.id))
        show_if(home, task.state != "home_visit")
        again = "重打认证表" if task.printed_at else "打印认证表"
        paper = Button(again, icon="printer", does=self.opener("print_forms", task_ids=(task.id,)))
        call = Button("登记联系", icon="phone", does=self.opener("contact", task_id=task.id))
        show_if(call, not any(one.reason in GONE and not one.decision for one in person.doubts))
        return (scan, home, by_hand, call, paper)

    def _plan_home(self, task_id: str) -> None:
        do(self.context, "已列入上门核验", certification.plan_home, task_id)

    def _history(self, person: retiree.Person) -> Card:
        card = Card("历次认证", f"{len(person.history)} 次" if person.history else "")
        if not person.history:
            card.add(Label("本站还没有这个人的认证记录", "body", "t3"))
            return card
        write = may_write(self.context, person) and not roles.is_central(self.context.desk)
        rows = [_row(one, _link(one) if write else "") for one in person.history]
        table = PlainTable(COLUMNS, rows)
        card.add(table)
        if write:
            table.opened.connect(lambda row: self._put_right(person.history[row]))
            table.linked.connect(lambda row, _column: self._put_right(person.history[row]))
        return card

    def _put_right(self, one: certification.CertRow) -> None:
        """更正, 作废 or 恢复: what can be done about what was entered here."""
        work, person = self.context.work, self.person
        if person is None or not _link(one):
            return
        if one.is_void:
            work.do(voided.restore, "certification", one.id, done=self.context.toast)
            return
        title = f"{one.certified_on} {_method(one)}的认证"
        chosen = self.context.ask.choose(self, title, WRONG, act="下一步")
        if chosen == AMEND:
            self.context.open("certify", retiree_id=person.id, certification_id=one.id)
        elif chosen:
            self._void(person, one)

    def _void(self, person: retiree.Person, one: certification.CertRow) -> None:
        state = "" if person.manage_state in CERTIFIABLE else STATE_STAYS
        text = f"作废的留底，不再算数，下次到期日改回原来的。{state}"
        reason = self.context.ask.text(self, "作废认证记录", "原因", text=text, act="作废")
        if reason:
            said = f"已作废 {person.name} {one.certified_on} 的认证"
            do(self.context, said, certification.void_certification, one.id, reason)


def _link(one: certification.CertRow) -> str:
    """What the link says: nothing of what the centre sent, or keeps outside, or was put right."""
    if one.source != OURS or one.outside:
        return ""
    return "恢复" if one.is_void else "更正"


def _row(one: certification.CertRow, again: str) -> Row:
    tone, icon = RESULT["9" if one.is_void else one.result]
    word = "已作废" if one.is_void else codes.table("CERT_RESULT").name(one.result)
    if one.outside and not one.reason:
        tone, icon, word = "warn", "clock", one.outside
    method = _method(one)
    paper = one.reason or (f"编号 {one.form_no}" if one.form_no else "—")
    cells = (
        Text(one.certified_on.isoformat()), Text(_cycle(one.cycle)), Text(method),
        Text(one.handler or "区中心"), Text(paper), Stat(word.partition("（")[0], tone, icon),
        Link(again),
    )  # fmt: skip
    return Row(one.id, cells)


def _method(one: certification.CertRow) -> str:
    return codes.table("CERT_METHOD").name(one.method)


def _cycle(label: str) -> str:
    """2025年12月—2026年11月 for 2025-12/2026-11."""
    first, _, last = label.partition("/")
    return period_words(first, last, label or "—")


def _sentence(person: retiree.Person) -> str:
    task = person.task
    if task is None:
        return _no_task(person)
    if task.state in {LOST, SUSPENDED} or person.manage_state not in CERTIFIABLE:
        return f"{person.state.text}期间认证任务冻结，不在到期名单里。{FROZEN.get(task.state, '')}"
    if task.due_on is None:
        return "不知道上次认证的时间。可打印认证表请本人填写，或等区中心下发的名单补上到期日。"
    left = task.days_left or 0
    when = f"还剩 {left} 天" if left >= 0 else f"已逾期 {-left} 天"
    return f"{month_day(task.due_on)}截止，{when}。{_paper(task)}"


def _paper(task: TaskCard) -> str:
    if not task.form_no:
        return "认证表还没有打印。"
    printed = f"{day(task.printed_at.date())} 已打印，" if task.printed_at else ""
    return f"认证表 {printed}编号 {task.form_no}，尚未收回。"


def _no_task(person: retiree.Person) -> str:
    if person.readonly and person.manage_state not in CERTIFIABLE:
        return person.readonly
    waiting = "，待区中心确认" if person.unconfirmed else ""
    if person.next_due_on is not None:
        return f"现在不用认证{waiting}。下次到期日 {person.next_due_on}。"
    return f"现在不用认证{waiting}。"
