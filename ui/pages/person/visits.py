"""走访: what is planned, and every visit so far."""

from datetime import date
from typing import Any

from app import retiree, visit
from app.attachment import VISIT
from app.printing import visit_record
from models.kit import codes
from ui.kit.banner import Banner
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.cells import Tags, TagWord, Text
from ui.kit.date_box import tidy
from ui.kit.format import month_day
from ui.kit.label import Label
from ui.kit.table import Column, Row
from ui.pages.person.attachments import Attachments
from ui.pages.person.tab import PlainTable, Tab, do, may_write

COLUMNS = (
    Column("on", "日期", 116),
    Column("way", "方式", 118),
    Column("note", "情况摘要", 260, stretch=1),
    Column("by", "走访人", 150),
    Column("next", "下次计划", 124),
)
TONES = {"1": "pri", "2": "warn", "3": "neu", "4": "info", "5": "neu"}


class Visits(Tab):
    voids = "visit"

    def build(self, person: retiree.Person, /) -> None:
        if person.plan is not None and not person.readonly:
            self.box.addWidget(self._plan(person))
        self.box.addWidget(self._list(person))
        self.box.addWidget(self._pictures(person))

    def _pictures(self, person: retiree.Person) -> Attachments:
        """Those of all visits; a new one hangs on the last visit unless another is chosen."""
        owners = [
            ("visit_id", one.id, f"{one.visited_on} {codes.table('VISIT_WAY').name(one.way)}")
            for one in person.visits
        ]
        return Attachments(
            self.context, person, "走访照片", lambda row: row.visit_id is not None,
            kind=VISIT, owners=owners, nothing="还没有走访照片",
        )  # fmt: skip

    def _plan(self, person: retiree.Person) -> Banner:
        plan = person.plan
        late = plan.days_late if plan else 0
        on = plan.next_on if plan else None
        when = month_day(on) if on else "还没有排"
        title = f"按计划应在 {when} 前走访，已逾期 {late} 天" if late else f"下次走访 {when}"
        text = "。".join(part for part in (plan.reason if plan else "", person.birthday) if part)
        acts = (
            Button("登记走访", "soft", "s", icon="footprints",
                   does=self.opener("visit", retiree_id=person.id)),
            Button("调整计划", sz="s", does=self._reschedule),
        )  # fmt: skip
        shown = acts if may_write(self.context, person) else ()
        return Banner("bad" if late else "info", title, text, actions=shown)

    def _list(self, person: retiree.Person) -> Card:
        paper = Button("打印走访记录表", "text", "s", icon="printer", does=self.print_record)
        said = f"今年 {person.visits_this_year} 次，共 {person.visits_total} 次"
        card = Card("走访记录", said, actions=(paper,) if may_write(self.context, person) else ())
        if not person.visits:
            card.add(Label("还没有走访记录", "body", "t3"))
            return card
        table = PlainTable(COLUMNS, [_row(one) for one in person.visits])
        table.opened.connect(lambda row: self._tell(person.visits[row]))
        card.add(table)
        if person.visits_total > len(person.visits):
            card.add(Label(f"这里是最近 {len(person.visits)} 次", "small", "t3"))
        return card

    def _tell(self, one: visit.VisitRow) -> None:
        met = {True: "见到本人", False: "没有见到本人"}.get(one.met_in_person, "")  # type: ignore[arg-type]
        points = [part for part in (
            codes.table("VISIT_TYPE").name(one.visit_type), met, one.note,
            f"诉求：{one.requests}" if one.requests else "",
            f"转办：{one.referred_to}" if one.referred_to else "",
            f"走访人：{one.visitors}" if one.visitors else "",
        ) if part]  # fmt: skip
        title = f"{one.visited_on} {codes.table('VISIT_WAY').name(one.way)}"
        self.context.ask.tell(self, title, "走访记录", points=points)

    def _reschedule(self) -> None:
        person = self.person
        if person is None:
            return
        now = person.plan.next_on.isoformat() if person.plan and person.plan.next_on else ""
        said = self.context.ask.text(self, "调整走访计划", "下次走访日期", value=now, act="调整")
        if said is None:
            return
        try:
            on = date.fromisoformat(tidy(said))
        except ValueError:
            text = f"“{said}”不是日期，请按 2026-12-05 这样填"
            self.context.ask.tell(self, "没有调整", text, tone="warn")
            return
        do(self.context, f"下次走访改为 {on}", visit.reschedule, [person.id], on)

    def print_record(self) -> None:
        if self.person is not None:
            work = self.context.work
            work.do(visit.visit_record_data, [self.person.id], done=self._draw)

    def _draw(self, data: Any) -> None:
        self.context.work.call(visit_record.draw, data, done=self._preview)

    def _preview(self, paper: bytes) -> None:
        self.context.open("print_pdf", title="走访记录表", data=paper)


def _row(one: visit.VisitRow) -> Row:
    way = codes.table("VISIT_WAY").name(one.way)
    note = "；".join(part for part in (one.outside, one.note, one.requests) if part)
    cells = (
        Text(one.visited_on.isoformat()), Tags((TagWord(way, TONES.get(one.way, "neu")),)),
        Text(note or "—"), Text(one.visitors or "—"),
        Text(one.next_on.isoformat() if one.next_on else "—"),
    )  # fmt: skip
    return Row(one.id, cells)
