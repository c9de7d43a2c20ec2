"""R21: values that two sides changed at once, and what the centre's people decide (裁定). Nothing
is decided by time."""

from app.ruling.aside import VOID
from app.ruling.deciding import Choice, rule
from app.ruling.lists import AUTO, CHIPS, OPEN, RULED, SlipRow, chips, slips
from app.ruling.slip import HIDDEN, Item, Key, Paper, Ruled, Side, Slip, slip

__all__ = [
    "AUTO", "CHIPS", "HIDDEN", "OPEN", "RULED", "VOID", "Choice", "Item", "Key", "Paper", "Ruled",
    "Side", "Slip", "SlipRow", "chips", "rule", "slip", "slips",
]  # fmt: skip
