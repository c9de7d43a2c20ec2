"""A page of tabs over one place, each made when it is first seen."""

from collections.abc import Sequence

from PySide6.QtCore import Qt

from ui.kit.buttons import Tabs
from ui.kit.context import Context
from ui.kit.layout import VBox
from ui.kit.list_screen import ListScreen
from ui.kit.screen import Screen
from ui.kit.tokens import Room


class TabbedScreen(Screen):
    """A page puts `tabs` and `place` where it wants them, says in `make` what each tab is, and ends
    with `show_tab`."""

    def __init__(self, context: Context, tabs: Sequence[tuple[str, str]]) -> None:
        super().__init__(context)
        self.room: Room = "full"
        self.tabs = Tabs(tabs)
        self.tabs.chosen.connect(self.show_tab)
        self.made: dict[str, Screen] = {}
        self.place = VBox()

    def make(self, key: str) -> Screen:
        """The tab of this key."""
        raise NotImplementedError

    def show_tab(self, key: str) -> None:
        """Turn to this tab."""
        self.tabs.choose(key)
        if key not in self.made:
            self.made[key] = self.make(key)
            self.place.addWidget(self.made[key], 1)
            self.made[key].fit(self.room)
        for name, tab in self.made.items():
            tab.setVisible(name == key)
        if self.isVisible():
            self.start()

    @property
    def tab(self) -> Screen:
        """The one shown."""
        return self.made[self.tabs.current()]

    # what the window asks for -----------------------------------------------------------

    def fit(self, room: Room) -> None:
        self.room = room
        for tab in self.made.values():
            tab.fit(room)

    def start(self) -> None:
        self.focus_first()

    def focus_first(self) -> None:
        """Where the tab begins; the keys of one that has no such place stay with its name."""
        self.tab.focus_first()
        spot = self.window().focusWidget()
        if spot is None or not self.isAncestorOf(spot) or not spot.isVisible():
            name = self.tabs.buttons[self.tabs.current()]
            name.setFocus(Qt.FocusReason.OtherFocusReason)

    def search(self) -> None:
        """Ctrl+F; a tab without a list takes the keys itself."""
        tab = self.tab
        if isinstance(tab, ListScreen):
            tab.search()
        else:
            self.focus_first()

    def refresh(self) -> None:
        self.tab.reload()
