"""People due as rows of a list, on screen and for the tabs that share them."""

from app import certification
from app.certification import DueFilter, DueRow
from app.kit.listing import Page
from app.kit.run import Session
from models.cert_task import HOME
from models.kit import clock, codes, masks
from models.kit.fields import Mask
from ui.kit.cells import Cell, Link, Person, Stat, Text, Two
from ui.kit.context import Context
from ui.kit.view import Asked

WAYS = dict(certification.WAYS)


def due_cell(row: DueRow) -> Stat:
    """The day with what it means: overdue, today, soon, later, unknown."""
    if row.due_on is None or row.days_left is None:
        return Stat("到期日待核", "warn", "circle-help")
    if row.days_left < 0:
        return Stat(f"逾期 {-row.days_left} 天", "bad", "circle-alert")
    if row.days_left == 0:
        return Stat("今天到期", "warn", "clock")
    tone = "warn" if row.is_near else "neu"
    return Stat(f"还剩 {row.days_left} 天", tone, "clock")


def state_words(row: DueRow) -> str:
    """待认证 · 已打印."""
    state = codes.table("TASK_STATE").name(row.state)
    printed = "，表已打印" if row.printed_at else ""
    return ("待认证" if row.state in {"due", "overdue"} else state) + printed


def last_words(row: DueRow) -> str:
    """上次 2025-11-03."""
    return f"上次 {row.last_certified_on}" if row.last_certified_on else "上次认证不详"


def cells(row: DueRow, before: DueRow | None, *, may: bool = True) -> tuple[Cell, ...]:
    """The first row of a building is bold: the list reads as groups. ``may``: is anything to be
    entered?"""
    same = before is not None and before.building == row.building
    return (
        Text(row.address or "住址不详", "t2" if same else "", bold=not same),
        Person(row.name, who(row)),
        due_cell(row),
        Two(f"{row.due_on:%Y-%m-%d}" if row.due_on else "—", last_words(row)),
        Two(WAYS[row.way], state_words(row)),
        Two(contact_words(row), phone_words(row)),
        Link("核对" if row.doubt else "联系") if may or row.doubt else Text(""),
        Link("认证") if may else Text(""),
    )


def call(context: Context, row: DueRow) -> None:
    """The link 联系, or F4; of whoever may be dead or lost, 核对."""
    if row.doubt:
        context.open("suspicion", suspicion_id=row.doubt)
    else:
        context.open("contact", task_id=row.task_id)


def who(row: DueRow) -> str:
    """女 80岁."""
    return row.sex if row.age is None else f"{row.sex} {row.age}岁"


def contact_words(row: DueRow) -> str:
    """Why the centre sent it back; else the last attempt, and how many there were."""
    if row.sent_back or not row.attempts:
        return row.note or "没有联系过"
    return row.note + (f" {row.attempts} 次" if row.attempts > 1 else "")


def phone_words(row: DueRow) -> str:
    """Masked: calling is done from the contact dialog."""
    return masks.masked(Mask.PHONE, row.phone) or "无电话"


def asked_filter(asked: Asked) -> DueFilter:
    """The chip, the filters and the words as the verbs want them."""
    chip = asked.chip
    month = f"{clock.today():%Y-%m}" if chip == "month" else None
    return DueFilter(
        month=month,
        unknown=True if chip == "unknown" else False if chip == "month" else None,
        overdue=chip == "overdue",
        way=chip if chip in WAYS else "",
        state=HOME if chip == "home_visit" else "",
        text=asked.text,
        building=asked.get("building") or "",
        group=asked.get("group") or "",
        group_by=asked.get("by") or "building",
        printed={"yes": True, "no": False}.get(asked.get("printed") or ""),
        sort=asked.sort if asked.sort in {"due", "name"} else "",
    )


def due_page(session: Session, asked: Asked, number: int) -> Page[DueRow]:
    """One page of the list."""
    return certification.due(session, asked_filter(asked), number)


def due_ids(session: Session, asked: Asked) -> list[str]:
    """Everybody of the filter."""
    return certification.due_ids(session, asked_filter(asked))


def groups(session: Session) -> list[tuple[str, int]]:
    """Buildings with somebody due."""
    return certification.due_groups(session, DueFilter())


def leaders(session: Session) -> list[tuple[str, int]]:
    """Self-managed groups with somebody due."""
    return certification.due_groups(session, DueFilter(group_by="group"))


def counts(session: Session) -> dict[str, int]:
    """The numbers on the chips; ways nobody needs are left out."""
    found = certification.due_counts(session)
    return {key: count for key, count in found.items() if count or key not in WAYS}
