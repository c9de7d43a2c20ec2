"""A page or a part of one that shows what is stored, and reads again when that has changed."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from ui.kit.context import Context


class Live(QWidget):
    """`tables` names what it shows. Hidden, it only notes that it is stale."""

    tables: frozenset[str] = frozenset()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context, self.stale = context, True
        self.soon = QTimer(self, singleShot=True, interval=0)
        self.soon.timeout.connect(self._read)
        context.work.changed.connect(self._changed)

    def reload(self) -> None:
        """Ask for everything shown; to be overridden."""

    def refresh(self) -> None:
        """F5."""
        self._read()

    def arrive(self) -> None:
        """Shown again after another page."""
        if self.stale:
            self._read()

    def _read(self) -> None:
        self.stale = False
        self.reload()

    def _changed(self, tables: frozenset[str]) -> None:
        if not tables & self.tables:
            return
        self.stale = True
        if self.isVisible():
            self.soon.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.stale:
            self._read()
