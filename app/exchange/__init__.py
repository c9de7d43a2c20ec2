"""How the exchange (数据交换) stands, in words: what waits, what was decided otherwise, what has
been carried. Read from the stream and its verdicts; carrying is `sync`'s affair."""

from app.exchange.carrying import Carried, ContactRow, carried, history, start_anew
from app.exchange.otherwise import Field, Kept, insist, kept, kept_count, read, settle
from app.exchange.waiting import (
    UNREACHABLE,
    Bottom,
    Group,
    Queue,
    bottom,
    counts,
    last_saved,
    offline,
    queue,
    waiting,
)

__all__ = [
    "UNREACHABLE",
    "Bottom", "Carried", "ContactRow", "Field", "Group", "Kept", "Queue", "bottom", "carried",
    "counts", "history", "insist", "kept", "kept_count", "last_saved", "offline", "queue", "read",
    "settle", "start_anew", "waiting",
]  # fmt: skip
