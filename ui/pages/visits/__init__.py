"""走访健康: the week's plan, what was visited, whom to look after most."""

from collections.abc import Callable

from ui.kit.buttons import Button, Tabs
from ui.kit.context import Context
from ui.kit.layout import HBox, VBox
from ui.kit.list_screen import ListScreen
from ui.kit.screen import Screen
from ui.kit.tokens import Room
from ui.pages.visits.people import PeopleTab
from ui.pages.visits.plan import PlanTab
from ui.pages.visits.records import RecordsTab

TABS = (("plan", "走访计划"), ("records", "走访记录"), ("people", "重点人群"))
Tab = PlanTab | RecordsTab | PeopleTab


def page(context: Context, tab: str = "") -> "VisitsPage":
    """Opens with the plan."""
    return VisitsPage(context, tab or "plan")


class VisitsPage(Screen):
    title = "走访健康"
    nav = "visits"
    has_search = True

    def __init__(self, context: Context, tab: str) -> None:
        super().__init__(context)
        self.room: Room = "full"
        self.tabs = Tabs(TABS)
        self.tabs.chosen.connect(self.show_tab)
        self.enter = Button("登记走访", "primary", icon="footprints", does=self.open_visit)
        self.made: dict[str, Tab] = {}
        self.place = VBox()
        head = HBox(gap=12)
        head.addWidget(self.tabs, 1)
        head.addWidget(self.enter)
        whole = VBox(self, gap=12, margins=(24, 10, 12, 14))
        whole.addLayout(head)
        whole.addLayout(self.place, 1)
        self.show_tab(tab)

    def show_tab(self, key: str) -> None:
        """Tabs are made when they are first seen."""
        self.tabs.choose(key)
        if key not in self.made:
            makers: dict[str, Callable[[Context], Tab]] = {
                "plan": PlanTab,
                "records": RecordsTab,
                "people": PeopleTab,
            }
            self.made[key] = makers[key](self.context)
            self.place.addWidget(self.made[key], 1)
            self.made[key].fit(self.room)
        for name, tab in self.made.items():
            tab.setVisible(name == key)
        if self.isVisible():
            self.start()

    @property
    def tab(self) -> Tab:
        """The one shown."""
        return self.made[self.tabs.current()]

    def fit(self, room: Room) -> None:
        self.room = room
        for tab in self.made.values():
            tab.fit(room)

    def start(self) -> None:
        self.tab.focus_first()

    focus_first = start

    def search(self) -> None:
        """Ctrl+F."""
        tab = self.tab
        if isinstance(tab, ListScreen):
            tab.search()
        else:
            tab.focus_first()

    def refresh(self) -> None:
        self.tab.reload()

    def open_visit(self) -> None:
        """It asks whom."""
        self.context.open("visit")
