"""Every page and dialog by the name it is opened with. Explicit: nothing is discovered.

Loaded beside the sign-in page, so that nobody waits for it.
"""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtWidgets import QWidget

from ui.pages import (
    attachment,
    certification,
    certify,
    change_password,
    consent,
    contact,
    disputes,
    family,
    find,
    handovers,
    import_roster,
    joining,
    journal,
    movement,
    notices,
    overview,
    person,
    print_forms,
    print_notices,
    print_pdf,
    register,
    results,
    retirees,
    settings,
    stations,
    suspicion,
    troubles,
    visit,
    visits,
    voided,
    workbench,
)
from ui.pages.exchange import station as exchange
from ui.pages.exchange.centre import counter, uplink
from ui.pages.exchange.centre import stick as stick_to_city
from ui.pages.exchange.station import answer, phone, salvage, stick
from ui.pages.handovers import assign
from ui.pages.handovers import centre as transfers
from ui.pages.retirees import everywhere
from ui.pages.visits.people import day_dialog

# called as factory(context, **arguments)
Factory = Callable[..., QWidget]
# one that has to draw first shows itself later
Late = Callable[..., QWidget | None]

PAGES: Mapping[str, Factory] = {
    "workbench": workbench.page,
    "retirees": retirees.page,
    "person": person.page,
    "certification": certification.page,
    "visits": visits.page,
    "exchange": exchange.page,
    "import_roster": import_roster.page,
    "settings": settings.page,
    "notices": notices.page,
    "journal": journal.page,
    "overview": overview.page,
    "stations": stations.page,
    "people": everywhere.page,
    "disputes": disputes.page,
    "troubles": troubles.page,
    "handovers": handovers.page,
    "transfers": transfers.page,
    "voided": voided.page,
    "uplink": uplink.page,
}
DIALOGS: Mapping[str, Late] = {
    "register": register.dialog,
    "edit": register.edit,
    "family": family.dialog,
    "tags": family.tags,
    "consent": consent.dialog,
    "visit": visit.dialog,
    "plan_visits": day_dialog,
    "certify": certify.dialog,
    "movement": movement.dialog,
    "joining": joining.dialog,
    "attachment": attachment.dialog,
    "attach": attachment.add,
    "describe": attachment.describe,
    "contact": contact.dialog,
    "suspicion": suspicion.dialog,
    "print_forms": print_forms.dialog,
    "print_notices": print_notices.dialog,
    "print_pdf": print_pdf.dialog,
    "find": find.dialog,
    "usb": stick.dialog,
    "usb_to_city": stick_to_city.dialog,
    "usb_of_stations": counter.dialog,
    "answer": answer.dialog,
    "salvage": salvage.dialog,
    "phone": phone.dialog,
    "change_password": change_password.dialog,
    "dispute": disputes.dialog,
    "assign": assign.dialog,
    "results": results.dialog,
}
# what whoever only looks is refused at once, not after the form is filled
NEEDS: Mapping[str, tuple[str, str]] = {
    "register": ("retiree", "write"),
    "edit": ("retiree", "write"),
    "joining": ("retiree", "write"),
    "family": ("family", "write"),
    "tags": ("tag", "write"),
    "consent": ("consent", "write"),
    "visit": ("visit", "write"),
    "plan_visits": ("visit_plan", "write"),
    "certify": ("certification", "write"),
    "contact": ("cert_task", "write"),
    "movement": ("movement", "write"),
    "attach": ("attachment", "write"),
    "describe": ("attachment", "write"),
    "print_forms": ("print", "print"),
    "print_notices": ("print", "print"),
}
# the tabs of pages that have some, for whoever shows them all
TABS: Mapping[str, Sequence[str]] = {
    "person": [one[0] for one in person.TABS],
    "certification": [one[0] for one in certification.TABS],
    "visits": [one[0] for one in visits.TABS],
    "settings": [one[0] for one in settings.TABS],
    "transfers": [one[0] for one in transfers.TABS],
}
