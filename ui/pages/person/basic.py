"""基本信息: what is known, by group, each with 编辑; contacts, notes, tags and consents
beside it."""

from app import person as person_of
from app import retiree, roles
from app.retiree.family import FamilyRow
from models.attachment import PORTRAIT
from models.retiree import ON_BOOKS
from ui.kit.buttons import Button
from ui.kit.card import Card, FactList
from ui.kit.format import NOTHING
from ui.kit.label import Label
from ui.kit.layout import Flow, HBox, VBox, holder
from ui.kit.tag import Tag
from ui.kit.timeline import Moment, Timeline
from ui.pages.person.attachments import Attachments
from ui.pages.person.consents import Consents
from ui.pages.person.tab import Tab, fill, may_write, values_of
from ui.pages.person.timeline import moment_of

IDENTITY = ("name", "former_name", "sex", "nation", "birth_on", "marriage", "id_no", "politics",
            "mobile", "phone", "hukou_address", "live_address", "live_scope", "education",
            "native_place", "group_name")  # fmt: skip
RETIRED = ("employer_name", "last_post", "work_start", "retired_on", "retiree_kind",
           "retire_type", "pension_scheme", "pension_place", "pay_state", "pay_way",
           "monthly_pension_fen", "bank_account", "archive_place", "party_place", "received_on",
           "manage_state")  # fmt: skip
OTHER = ("health_state", "skills", "hobbies", "honour_level", "sscard_no", "si_person_no",
         "smartphone", "birth_on_archive")  # fmt: skip
SHORT = {"employer_name": "退休单位", "work_start": "参加工作", "pension_scheme": "养老保险",
         "pension_place": "养老关系在", "pay_state": "待遇状态", "party_place": "组织关系在",
         "birth_on_archive": "档案生日", "si_person_no": "社保编号"}  # fmt: skip
GROUPS = (("身份与联系", "basic", IDENTITY), ("退休与待遇", "retired", RETIRED),
          ("其他", "other", OTHER))  # fmt: skip

NOTHING_YET = "身份证、户口簿、委托书等扫描件放在这里"
NOTHING_CAME = "没有报来照片和扫描件"


class Basic(Tab):
    voids = "attachment"

    def build(self, person: retiree.Person, /) -> None:
        left, right = VBox(gap=12), VBox(gap=12)
        for title, key, names in GROUPS:
            left.addWidget(self._group(person, title, key, names))
        left.addStretch(1)
        everything = Attachments(
            self.context, person, "照片与附件", lambda row: row.kind != PORTRAIT,
            nothing=NOTHING_CAME if roles.is_central(self.context.desk) else NOTHING_YET,
        )  # fmt: skip
        right.add(self._contacts(person), self._notes(person), everything, self._tags(person))
        right.addWidget(Consents(self.context, person))
        if person.missing and person.manage_state in ON_BOOKS:
            right.addWidget(self._missing(person))
        right.addStretch(1)
        self.recent = VBox()
        self._side_by_side(left, right)
        if self.room == "wide":
            fill(self.context, retiree.timeline, person.id, done=self._show_recent)

    def _side_by_side(self, left: VBox, right: VBox) -> None:
        if self.room == "small":
            self.box.addLayout(left)
            self.box.addLayout(right)
            return
        line = HBox(gap=12)
        line.addLayout(left, 2)
        line.addLayout(right, 1)
        if self.room == "wide":
            line.addLayout(self.recent, 1)
        self.box.addLayout(line)

    def _group(self, person: retiree.Person, title: str, key: str, names: tuple[str, ...]) -> Card:
        card = Card(title, actions=self.edit_button(person, "edit", group=key))
        facts = FactList(columns=2, label_width=88)
        facts.set_facts(values_of(self.context, person, names, SHORT))
        card.add(facts)
        return card

    def _contacts(self, person: retiree.Person) -> Card:
        card = Card("紧急联系人", actions=self.edit_button(person, "family"))
        called = [one for one in person.family if one.contact_order is not None]
        facts = FactList(label_width=56)
        facts.set_facts([(person_of.kin(one.relation), _contact(one)) for one in called])
        card.add(facts if called else Label("还没有登记", "body", "t3"))
        return card

    def _notes(self, person: retiree.Person) -> Card:
        card = Card("上门须知", actions=self.edit_button(person, "edit", group="other"))
        note = str(person.values.get("door_note") or "")
        hint = "敲门、钥匙、听力等上门要注意的事，写在这里"
        text = note or (hint if may_write(self.context, person) else "没有登记")
        card.add(Label(text, "body", "" if note else "t3", wrap=True))
        remark = str(person.values.get("remark") or "")
        if remark:
            card.add(Label(remark, "body", "t2", wrap=True))
        return card

    def _tags(self, person: retiree.Person) -> Card:
        card = Card("标签", actions=self.edit_button(person, "tags"))
        box = Flow(gap=6, lines=6)
        for one in person.tags:
            tag = Tag(one.name, "neu")
            tag.setToolTip("，".join(p for p in (str(one.since_on or ""), one.evidence) if p))
            box.add(tag)
        card.add(holder(box) if person.tags else Label("没有标签", "body", "t3"))
        return card

    def _missing(self, person: retiree.Person) -> Card:
        fill = Button("去补齐", "text", "s", icon="pencil",
                      does=self.opener("edit", retiree_id=person.id))  # fmt: skip
        acts = (fill,) if may_write(self.context, person) else ()
        card = Card("资料待补", f"{len(person.missing)} 项", actions=acts)
        card.add(Label("、".join(person.missing), "body", "warn", wrap=True))
        return card

    def _show_recent(self, found: retiree.Timeline) -> None:
        every = Button("全部时间线", "text", "s", does=lambda: self.tab_wanted.emit("timeline"))
        card = Card("最近动态", actions=(every,))
        moments: list[Moment] = [moment_of(event)._replace(who="") for event in found.page.rows[:8]]
        card.add(Timeline(moments) if moments else Label(NOTHING, "body", "t3"))
        self.recent.addWidget(card)
        self.recent.addStretch(1)


def _contact(one: FamilyRow) -> str:
    more = "，".join(part for part in (one.address, one.remark) if part)
    return f"{one.name} {one.phone}" + (f"（{more}）" if more else "")
