"""S5: visits (走访) and home services."""

from app.visit.papers import (
    Sheet,
    Stop,
    plan_route,
    returned_sheet,
    route_data,
    visit_record_data,
)
from app.visit.plan import (
    Every,
    VisitDue,
    every,
    month_progress,
    next_visit,
    overdue,
    overdue_count,
    plan_visits,
    reschedule,
    spread,
    week,
)
from app.visit.record import VisitRow, record_visit, visits, void_visit

__all__ = [
    "Every",
    "Sheet",
    "Stop",
    "VisitDue",
    "VisitRow",
    "every",
    "month_progress",
    "next_visit",
    "overdue",
    "overdue_count",
    "plan_route",
    "plan_visits",
    "record_visit",
    "reschedule",
    "returned_sheet",
    "route_data",
    "spread",
    "visit_record_data",
    "visits",
    "void_visit",
    "week",
]
