"""W3: pension-eligibility certification (资格认证): one file per act."""

from app.cert_task import open_tasks, refresh_states
from app.cert_task import set_due as set_due_in_bulk
from app.certification.centre import (
    Closed,
    Results,
    Unmatched,
    close_from_centre,
    import_results,
    unconfirmed,
)
from app.certification.confirming import Told, confirm, confirm_several, refuse, waiting
from app.certification.contact import Contacted, plan_home, record_contact
from app.certification.due_list import (
    WAYS,
    DueFilter,
    DueRow,
    due,
    due_counts,
    due_groups,
    due_ids,
    due_rows,
    due_total,
)
from app.certification.figures import (
    CertRow,
    MonthFigures,
    Part,
    Strip,
    by_month,
    history,
    past_periods,
    strip,
)
from app.certification.forms import assign_form_numbers, form_data, paper_of, printed
from app.certification.record import amend, certify, home_certify, void_certification
from app.certification.scan import Returned, returned

__all__ = [
    "WAYS",
    "CertRow",
    "Closed",
    "Contacted",
    "DueFilter",
    "DueRow",
    "MonthFigures",
    "Part",
    "Results",
    "Returned",
    "Strip",
    "Told",
    "Unmatched",
    "amend",
    "assign_form_numbers",
    "by_month",
    "certify",
    "close_from_centre",
    "confirm",
    "confirm_several",
    "due",
    "due_counts",
    "due_groups",
    "due_ids",
    "due_rows",
    "due_total",
    "form_data",
    "history",
    "home_certify",
    "import_results",
    "open_tasks",
    "paper_of",
    "past_periods",
    "plan_home",
    "printed",
    "record_contact",
    "refresh_states",
    "refuse",
    "returned",
    "set_due_in_bulk",
    "strip",
    "unconfirmed",
    "void_certification",
    "waiting",
]
