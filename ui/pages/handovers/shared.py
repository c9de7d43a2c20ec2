"""What is said of a hand-over on both sides of it."""

from collections.abc import Sequence
from itertools import groupby

from PySide6.QtWidgets import QWidget

from app.handover import LateAction, Offer
from ui.kit.card import FactList
from ui.kit.format import moment
from ui.kit.label import Label


def fact_list(rows: Sequence[tuple[str, str]]) -> FactList:
    """Those that have a value."""
    made = FactList(label_width=72)
    made.set_facts([(label, value) for label, value in rows if value])
    return made


def grounds(row: Offer) -> FactList:
    """Since when, on what grounds, and who says so."""
    return fact_list([
        ("起始日期" if row.is_assigned else "迁出日期", f"{row.moved_on or ''}"),
        ("依据", row.basis),
        ("随同转接", row.brings),
        ("指定人" if row.is_assigned else "经手人", row.by),
    ])  # fmt: skip


def written_by(row: LateAction) -> str:
    """某站 · 某人 · 11-20 09:12."""
    at, off = moment(row.at) if row.at else "", str(row.clock) if row.clock else ""
    return " · ".join(filter(None, (row.office, row.by, at, off)))


def late_fields(row: LateAction) -> list[QWidget]:
    """What was written too late beside what stands; a record that is new as a whole."""
    found: list[QWidget] = []
    for (_, is_new), group in groupby(row.fields, key=lambda one: (one.record, one.is_new)):
        fields = list(group)
        if is_new:
            found.append(Label(f"新登记的{fields[0].noun}", "strong"))
            found.append(fact_list([(one.label, one.late) for one in fields]))
            continue
        for one in fields:
            found.append(Label(f"{one.noun} · {one.label}", "strong"))
            found.append(fact_list([("现在", one.now), ("那边写的", one.late)]))
    if not found:
        said = "没有与现在不同的内容，采用或不采用都一样"
        found.append(Label(said, "body", "t2", wrap=True))
    return found
