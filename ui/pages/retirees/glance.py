"""The column beside the list: who this is and the one thing to do next."""

from typing import Any, NamedTuple

from PySide6.QtCore import Qt, QTimer

from app import attachment, retiree, roles
from app import person as person_of
from app.kit.run import Session
from ui.kit.avatar import Photo
from ui.kit.banner import Banner
from ui.kit.buttons import Button
from ui.kit.card import FactList
from ui.kit.context import Context
from ui.kit.format import day
from ui.kit.label import Elided, Label
from ui.kit.layout import Flow, HBox, VBox, holder, row, rule
from ui.kit.secret import Secret
from ui.kit.side_panel import SidePanel
from ui.kit.tag import Tag
from ui.kit.work import Ticket

SETTLE_MS = 90
TAGS = 3
BESIDE = 5  # longer names have lines of their own


class Glance(NamedTuple):
    """What the panel shows."""

    person: retiree.Person
    events: tuple[retiree.Event, ...]


def glance(session: Session, retiree_id: str) -> Glance:
    found = retiree.timeline(session, retiree_id)
    return Glance(retiree.person(session, retiree_id), tuple(found.page.rows[:3]))


class PersonPanel(SidePanel):
    """Follows the row under the cursor, a moment behind it."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context, self.wanted = context, ""
        self.ticket: Ticket | None = None
        self.timer = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self.timer.timeout.connect(self.load)

    def follow(self, retiree_id: str) -> None:
        self.wanted = retiree_id
        self.timer.start()

    def load(self) -> None:
        if self.ticket is not None:
            self.ticket.drop()
        if self.wanted:
            work = self.context.work
            gone = self.reset
            self.ticket = work.ask(
                glance, self.wanted, done=self.show_person, refused=lambda _no: gone()
            )

    def show_person(self, found: Glance) -> None:
        self.reset()
        who = found.person
        self.head.addLayout(self._head(who))
        if who.banner is not None:
            self.add(Banner(who.banner.tone, who.banner.title, who.banner.text))
        elif who.readonly:
            self.add(Banner("info", who.readonly))
        self.add(self._facts(who))
        self.add(rule(), Label("最近记录", "strong"))
        for event in found.events:
            line = HBox(gap=10)
            line.add(Label(day(event.on), "body", "t2"))
            line.addWidget(Elided("", _said(event)), 1)
            self.body.addLayout(line)
        if not found.events:
            self.add(Label("还没有记录", "body", "t3"))
        self.body.addStretch(1)
        self._feet(who)

    def _head(self, who: retiree.Person) -> HBox:
        years = f"{who.age}岁" if who.age is not None else ""
        said = Label(" · ".join(p for p in (who.sex, years) if p), "body", "t2")
        line: HBox | VBox = VBox(gap=2)
        if len(who.name) > BESIDE:
            line.add(Label(who.name, "title", wrap=True), said)
        else:
            line = row(Label(who.name, "title"), said, gap=8)
            line.addStretch(1)
        tags = Flow(gap=6, lines=4)
        shown = [mark for mark in who.marks if mark.code != who.state.code or who.readonly]
        tags.add(*(Tag(mark.text, mark.tone) for mark in _worth(shown)))
        words = VBox(gap=5)
        words.addLayout(line)
        words.addWidget(holder(tags))
        if who.birthday:
            words.addWidget(Label(who.birthday, "body", "warn"))
        words.addStretch(1)
        head = HBox(gap=12)
        photo = Photo(66, 84)
        self.context.work.ask(attachment.face, who.id, 240, done=photo.set_bytes)
        head.addWidget(photo, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        return head

    def _facts(self, who: retiree.Person) -> FactList:
        values = who.values
        secret = Secret(str(values.get("id_no") or "待补"), self._reveal(who.id), "身份证号")
        facts = FactList(label_width=70)
        facts.set_facts(
            [
                ("身份证号", secret),
                ("联系电话", str(values.get("mobile") or values.get("phone") or _no_phone(who))),
                ("住址", who.address or "待补"),
                ("退休单位", _employer(who)),
                ("紧急联系", _contact(who)),
            ]
        )
        return facts

    def _reveal(self, retiree_id: str) -> Any:
        work = self.context.work
        return lambda done: work.do(retiree.reveal, retiree_id, "id_no", done=done)

    def _feet(self, who: retiree.Person) -> None:
        openly = self.context.open
        if not who.readonly and roles.may(self.context.desk, "visit", "write"):
            visit = Button("登记走访", "soft", icon="footprints",
                           does=lambda: openly("visit", retiree_id=who.id))  # fmt: skip
            line = HBox(gap=8)
            line.addWidget(visit, 1)
            if who.task is not None:
                tasks = (who.task.id,)
                paper = Button("打印认证表", icon="printer",
                               does=lambda: openly("print_forms", task_ids=tasks))  # fmt: skip
                line.addWidget(paper, 1)
            self.foot.addLayout(line)
        more = Button("打开完整档案（Enter）", "text", icon="arrow-right",
                      does=lambda: openly("person", retiree_id=who.id))  # fmt: skip
        self.foot.addWidget(more, 0, Qt.AlignmentFlag.AlignHCenter)


def _worth(marks: list[retiree.Mark]) -> list[retiree.Mark]:
    """What the banner does not say anyhow."""
    said = {"due", "visit_overdue", "overdue", "contacted", "home_visit", "unknown"}
    return [mark for mark in marks if mark.code not in said][:TAGS] or marks[:1]


def _said(event: retiree.Event) -> str:
    return " · ".join(part for part in (event.title, event.detail) if part)


def _no_phone(who: retiree.Person) -> str:
    return "无电话" if who.values.get("no_phone") else "待补"


def _employer(who: retiree.Person) -> str:
    name, on = who.values.get("employer_name") or "待补", str(who.values.get("retired_on") or "")
    return f"{name}（{on[:4]}年退休）" if on else str(name)


def _contact(who: retiree.Person) -> str:
    first = next((one for one in who.family if one.phone), None)
    if first is None:
        return "未登记"
    return f"{person_of.kin(first.relation)} {first.name} {first.phone}"
