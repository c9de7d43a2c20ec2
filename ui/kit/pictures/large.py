"""One picture looked at large: fitted, zoomed, turned."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import (
    QPixmap,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QLabel, QWidget

from ui.kit.layout import HBox, Scroll, VBox, holder
from ui.kit.tokens import px

ZOOMS = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)


class Large(QWidget):
    """One picture as large as one likes, turned as one likes."""

    zoomed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.picture, self.zoom, self.angle = QPixmap(), 0.0, 0
        self.sheet = QLabel()
        self.sheet.setAlignment(Qt.AlignmentFlag.AlignCenter)
        box = HBox()
        box.addWidget(self.sheet)
        self.scroller = Scroll(holder(box))
        self.scroller.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        VBox(self).addWidget(self.scroller, 1)

    def show_picture(self, picture: QPixmap, name: str) -> None:
        self.picture, self.zoom, self.angle = picture, 0.0, 0
        self.sheet.setAccessibleName(name)
        self.draw()

    def step(self, by: int) -> None:
        now = self.zoom or self._fitting()
        after = [one for one in ZOOMS if (one - now) * by > 0.01]
        if after:
            self.zoom = after[0] if by > 0 else after[-1]
            self.draw()

    def whole(self) -> None:
        self.zoom = 0.0
        self.draw()

    def turn(self) -> None:
        self.angle = (self.angle + 90) % 360
        self.draw()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.step(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)

    def _fitting(self) -> float:
        turned = self._turned()
        room = self.scroller.viewport().size() - QSize(px(8), px(8))
        wide = room.width() / max(1, turned.width())
        return min(1.0, max(0.05, wide), max(0.05, room.height() / max(1, turned.height())))

    def _turned(self) -> QPixmap:
        turn = QTransform().rotate(self.angle)
        return self.picture.transformed(turn) if self.angle else self.picture

    def draw(self) -> None:
        if self.picture.isNull():
            self.sheet.clear()
            return
        share, turned = self.zoom or self._fitting(), self._turned()
        self.sheet.setPixmap(
            turned.scaled(turned.size() * share, Qt.AspectRatioMode.KeepAspectRatio,
                          Qt.TransformationMode.SmoothTransformation)
        )  # fmt: skip
        self.zoomed.emit(f"{share:.0%}")
