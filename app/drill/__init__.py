"""恢复演练: the newest backup is taken out, opened and compared with today's data, every few months
as the centre's rule says. What came of it is an entry of the log that travels, so the centre knows
of every station whether recovery works there."""

from app.drill.rehearse import Drilled, drill, drill_if_due
from app.drill.standing import (
    ACT,
    CHANGED,
    Last,
    by_replica,
    is_due,
    is_late,
    last,
    months,
    ruled_on,
    told,
)

__all__ = [
    "ACT", "CHANGED", "Drilled", "Last", "by_replica", "drill", "drill_if_due", "is_due",
    "is_late", "last", "months", "ruled_on", "told",
]  # fmt: skip
