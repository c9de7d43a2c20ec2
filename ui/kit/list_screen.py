"""A page that is one list, with the panel of the row under the cursor beside it."""

from typing import Any

from ui.kit.layout import VBox
from ui.kit.list_page import ListPage
from ui.kit.screen import Screen
from ui.kit.tokens import Room

PAGE = (24, 14, 12, 14)


class ListScreen(Screen):
    """A page builds its `ListPage` and hands it to `show_list`. One whose list has a panel
    overrides `follow`; Enter then opens the panel. One without connects `list.opened`."""

    has_search = True
    list: ListPage

    def show_list(self, made: ListPage, *, margins: tuple[int, int, int, int] = PAGE) -> None:
        """Put the list on the page; the caller starts it."""
        self.list = made
        VBox(self, margins=margins).addWidget(made)
        if made.panel is not None:
            made.moved.connect(self._moved)
            made.opened.connect(self.open_row)

    def follow(self, row: Any) -> None:
        """Show this row in the panel."""

    def _moved(self, row: Any) -> None:
        if row is not None:
            self.follow(row)

    def open_row(self, row: Any) -> None:
        """Enter, or a double click."""
        self.list.show_panel()
        self.follow(row)

    # what the window asks for -----------------------------------------------------------

    def reload(self) -> None:
        self.list.reload()

    def start(self) -> None:
        self.focus_first()

    def focus_first(self) -> None:
        self.list.focus_first()

    def search(self) -> None:
        """Ctrl+F; a list without a search box takes the keys itself."""
        self.list.focus_first()
        self.list.search.selectAll()

    def fit(self, room: Room) -> None:
        self.list.fit(room)

    def escape(self) -> bool:
        return self.list.close_panel()
