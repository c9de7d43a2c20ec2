"""家属: who belongs to the person, and who is to be called."""

from app import person as person_of
from app import retiree
from app.retiree.family import FamilyRow
from models.kit import codes
from ui.kit.banner import Banner
from ui.kit.buttons import Button
from ui.kit.card import Card
from ui.kit.cells import Person, Text
from ui.kit.label import Label
from ui.kit.table import Column, Row
from ui.pages.person.attachments import Attachments
from ui.pages.person.tab import PlainTable, Tab, may_write

COLUMNS = (
    Column("name", "姓名", 170), Column("relation", "关系", 110), Column("phone", "联系电话", 140),
    Column("address", "住址", 200, stretch=1), Column("note", "备注", 220, stretch=1),
)  # fmt: skip


class Family(Tab):
    voids = "family"

    def build(self, person: retiree.Person, /) -> None:
        add = Button("编辑家属", "text", "s", icon="pencil",
                     does=self.opener("family", retiree_id=person.id))  # fmt: skip
        card = Card("家属与紧急联系人", actions=(add,) if may_write(self.context, person) else ())
        if person.family:
            table = PlainTable(COLUMNS, [_row(one) for one in person.family], two=True)
            if may_write(self.context, person):
                table.opened.connect(lambda _row: add.click())
            card.add(table)
        else:
            card.add(Label("还没有登记家属。紧急时要打的电话，最好先登记一个", "body", "t3"))
        self.box.addWidget(card)
        owners = [
            ("family_id", one.id, f"{person_of.kin(one.relation)} {one.name}")
            for one in person.family
        ]
        self.box.addWidget(Attachments(
            self.context, person, "关系证明和家属材料", lambda row: row.family_id is not None,
            kind="22", owners=owners, nothing="还没有关系证明",
        ))  # fmt: skip
        self.box.addWidget(self._dependants(person))

    def _dependants(self, person: retiree.Person) -> Banner:
        names = [one.name for one in person.family if one.is_dependant]
        text = "本人去世后，遗属待遇按当地经办机构的规定申领，请家属保留好关系证明。"
        return Banner("info", f"供养直系亲属：{'、'.join(names) or '无'}", text)


def _row(one: FamilyRow) -> Row:
    sex = codes.table("SEX").name(one.sex) if one.sex else ""
    born = f"{one.birth[:4]}年生" if one.birth else ""
    notes = [f"紧急联系第 {one.contact_order}" if one.contact_order is not None else "",
             "同住" if one.living_together else "", "供养对象" if one.is_dependant else "",
             one.work, one.remark]  # fmt: skip
    cells = (
        Person(one.name, " · ".join(part for part in (sex, born) if part)),
        Text(person_of.kin(one.relation)), Text(one.phone or "—"),
        Text(one.address or "—"), Text("，".join(part for part in notes if part) or "—"),
    )  # fmt: skip
    return Row(one.id, cells)
