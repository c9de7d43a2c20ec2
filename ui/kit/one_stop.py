"""Buttons that belong together are one stop of the Tab key, and arrows go through them: what is
chosen, else where one was last, else the first."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from ui.kit.inputs import ARROWS


class OneStop(QObject):
    """Lives as long as ``parent``. ``picks``: of these only one is chosen, so an arrow chooses."""

    def __init__(self, parent: QWidget, buttons: Sequence[QAbstractButton]) -> None:
        super().__init__(parent)
        self.buttons, self.picks = buttons, False
        for one in buttons:
            one.installEventFilter(self)
            one.toggled.connect(self._settle)
        self._settle()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """An arrow is ours, all else the button's."""
        if event.type() == QEvent.Type.FocusIn and isinstance(watched, QAbstractButton):
            self._stop_at(watched)
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        step = ARROWS.get(event.key())
        if step is None or not isinstance(watched, QAbstractButton):
            return False
        live = [one for one in self.buttons if one.isVisible() and one.isEnabled()]
        to = live[(live.index(watched) + step) % len(live)]
        to.setFocus(Qt.FocusReason.TabFocusReason)
        if self.picks and not to.isChecked():
            to.click()
        return True

    def _settle(self, _on: bool = False) -> None:
        inside = any(one.hasFocus() for one in self.buttons)
        chosen = next((one for one in self.buttons if one.isChecked()), None)
        if not inside and self.buttons:
            self._stop_at(chosen or self.buttons[0])

    def _stop_at(self, button: QAbstractButton) -> None:
        for one in self.buttons:
            by_tab = one is button
            one.setFocusPolicy(Qt.FocusPolicy.StrongFocus if by_tab else Qt.FocusPolicy.ClickFocus)
