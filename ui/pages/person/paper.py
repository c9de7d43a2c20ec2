"""打印档案: what is known of a person, on paper, with who printed it and why."""

from app import printed, retiree
from app.kit.run import Session
from app.printing.kit.table import Column
from app.printing.list_sheet import ListSheet
from models.kit.base import facts
from models.retiree import Retiree
from ui.pages.person.basic import GROUPS

PAPER = "退休人员档案"


def data(session: Session, retiree_id: str, purpose: str) -> ListSheet:
    """Two facts a line; private values in full are for official forms, so they stay hidden here."""
    person = retiree.person(session, retiree_id)
    columns = (
        Column("项目", 34), Column("内容", 60), Column("项目", 34), Column("内容", 60),
    )  # fmt: skip
    pairs = [
        (facts(Retiree)[name].label, _shown(person, name))
        for _title, _key, names in GROUPS
        for name in names
        if name in person.values
    ]
    kin = facts(Retiree)["name"].label
    pairs += [(f"家属{kin}", f"{one.name} {one.phone}".strip()) for one in person.family]
    halves = zip(pairs[::2], [*pairs[1::2], ("", "")], strict=False)
    rows = tuple((*left, *right) for left, right in halves)
    made = printed.imprint(session, purpose)
    subtitle = f"{person.name}　{person.state.text}"
    return ListSheet(made, PAPER, columns, rows, subtitle, unit="", landscape=False, numbered=False)


def _shown(person: retiree.Person, name: str) -> str:
    fact, value = facts(Retiree)[name], person.values.get(name)
    if value in (None, "", []):
        return ""
    return str(value) if fact.mask is not None else fact.kind.show(value)
