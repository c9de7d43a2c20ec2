"""The lock: a page over the whole window that only this person's password takes away."""

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QWidget

from ui.kit.layout import VBox
from ui.shell.login import LoginPage


class LockScreen(QDialog):
    """Covers the window and every dialog over it; forms below stay as they are."""

    def __init__(self, window: QWidget, key: str, name: str, station: str) -> None:
        super().__init__(window)
        self.under = window
        self.setWindowFlags(Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setWindowModality(Qt.WindowModality.ApplicationModal)
        self.setWindowTitle("已锁定")
        hint = "正在填写的内容都还在，解锁后接着填"
        self.page = LoginPage([(key, name)], station=station, hint=hint, locked=key)
        VBox(self).addWidget(self.page)

    def cover(self) -> None:
        self.under.installEventFilter(self)
        self._fit()
        self.show()
        self.raise_()
        self.page.start()

    def uncover(self) -> None:
        self.under.removeEventFilter(self)
        self.hide()
        self.deleteLater()

    def _fit(self) -> None:
        corner = self.under.mapToGlobal(QPoint(0, 0))
        self.setGeometry(corner.x(), corner.y(), self.under.width(), self.under.height())

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in {QEvent.Type.Resize, QEvent.Type.Move}:
            self._fit()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc does not open it."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)

    def reject(self) -> None:
        """Only the password opens it."""
