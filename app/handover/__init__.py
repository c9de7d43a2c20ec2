"""Handing people over between stations (人员转接): offered by the one that has them or assigned by
the centre, taken over or declined by the other; what the old one wrote too late is taken or left by
the new (sync.md 4.11)."""

from app.handover.answering import decline, take
from app.handover.assigning import Assignable, assign, assignable, assignable_ids, take_back
from app.handover.ending import end
from app.handover.late import Changed, LateAction, adopt, leave
from app.handover.lists import (
    CHIPS,
    LATE,
    OFFERS,
    SENT,
    Offer,
    chips,
    handovers,
    refused,
    waiting,
    where_to,
)
from app.handover.offering import (
    has_left,
    offer,
    open_offer,
    station_called,
    stations,
    withdraw,
)
from app.handover.overseen import OVERSEEN, Between, overseen, overseen_counts

__all__ = [
    "CHIPS", "LATE", "OFFERS", "OVERSEEN", "SENT", "Assignable", "Between", "Changed", "LateAction",
    "Offer", "adopt", "assign", "assignable", "assignable_ids", "chips", "decline", "end",
    "handovers", "has_left", "leave", "offer", "open_offer", "overseen", "overseen_counts",
    "refused", "station_called", "stations", "take", "take_back", "waiting", "where_to", "withdraw",
]  # fmt: skip
