"""走访健康: the week's plan, what was visited, whom to look after most."""

from collections.abc import Callable

from app import roles
from ui.kit.buttons import Button
from ui.kit.context import Context
from ui.kit.label import show_if
from ui.kit.layout import HBox, VBox
from ui.kit.screen import Screen
from ui.kit.tabbed import TabbedScreen
from ui.pages.visits.people import PeopleTab
from ui.pages.visits.plan import PlanTab
from ui.pages.visits.records import RecordsTab

TABS = (("plan", "走访计划"), ("records", "走访记录"), ("people", "重点人群"))
MAKERS: dict[str, Callable[[Context], Screen]] = {
    "plan": PlanTab,
    "records": RecordsTab,
    "people": PeopleTab,
}


def page(context: Context, tab: str = "") -> "VisitsPage":
    """Opens with the plan."""
    return VisitsPage(context, tab or "plan")


class VisitsPage(TabbedScreen):
    title = "走访健康"
    nav = "visits"
    has_search = True

    def __init__(self, context: Context, tab: str) -> None:
        super().__init__(context, TABS)
        self.enter = Button("登记走访", "primary", icon="footprints", does=self.open_visit)
        show_if(self.enter, roles.may(context.desk, "visit", "write"))
        head = HBox(gap=12)
        head.addWidget(self.tabs, 1)
        head.addWidget(self.enter)
        whole = VBox(self, gap=12, margins=(24, 10, 12, 14))
        whole.addLayout(head)
        whole.addLayout(self.place, 1)
        self.show_tab(tab)

    def make(self, key: str) -> Screen:
        return MAKERS[key](self.context)

    def open_visit(self) -> None:
        """It asks whom."""
        self.context.open("visit")
