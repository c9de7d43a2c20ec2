"""What the tabs of the settings have in common."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from ui.kit.context import Context
from ui.kit.screen import Screen


class Tab(Screen):
    """Loads itself when it is first seen. `first` gets the focus."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.stale = True
        self.first: QWidget | None = None

    def focus_first(self) -> None:
        if self.first is not None:
            self.first.setFocus(Qt.FocusReason.OtherFocusReason)
