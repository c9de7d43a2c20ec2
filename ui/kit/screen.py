"""What pages have in common: they reload when their tables change, at once or when seen again."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QWidget

from ui.kit.context import Context
from ui.kit.tokens import Room


class Screen(QWidget):
    """`tables`: names of the tables it shows. Override `reload()`."""

    title = ""
    tables: frozenset[str] = frozenset()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context, self.stale = context, False
        context.work.changed.connect(self._changed)
        context.work.overtaken.connect(self._overtaken)

    def on_keys(self, keys: Mapping[str, Callable[[], object]]) -> None:
        """These keys do this wherever the focus is on the page."""
        for sequence, does in keys.items():
            shortcut = QShortcut(QKeySequence(sequence), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(does)

    def reload(self) -> None:
        """Ask again for everything that is shown."""

    def fit(self, room: Room) -> None:
        """Narrow or wide."""

    def focus_first(self) -> None:
        """The keys go to what is used first."""

    def refresh(self) -> None:
        self.reload()

    def arrive(self) -> None:
        if self.stale:
            self._freshen()

    def _changed(self, tables: frozenset[str]) -> None:
        if self.tables & tables:
            self._overtaken()

    def _overtaken(self) -> None:
        if self.isVisible():
            self.reload()
        else:
            self.stale = True

    def _freshen(self) -> None:
        self.stale = False
        self.reload()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.stale:
            self._freshen()
