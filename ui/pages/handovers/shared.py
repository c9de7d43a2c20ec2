"""What is said of a hand-over on both sides of it."""

from collections.abc import Sequence

from app.handover import Offer
from ui.kit.card import FactList


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
