"""The bare window before anybody is in: signing in, the first start, a fault, the lock."""

from PySide6.QtWidgets import QMainWindow, QWidget

from ui.kit.brand import LINE, NAME
from ui.kit.focus_ring import FocusRing


class Entrance(QMainWindow):
    def __init__(self, station: str = "") -> None:
        super().__init__()
        named = f" — {station}" if station else ""
        self.setWindowTitle(f"{NAME} {LINE}{named}")
        self.ring = FocusRing(self)

    def show_page(self, page: QWidget) -> None:
        """Takes the place of the page before, which is deleted."""
        self.setCentralWidget(page)
        start = getattr(page, "start", None)
        if callable(start):
            start()
