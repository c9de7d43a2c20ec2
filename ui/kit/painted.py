"""What draws itself: its size follows the text size."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.kit.tokens import scale


class Painted(QWidget):
    """Give it a `sizeHint`, below which it does not go, and a `paintEvent`."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        scale.scaleChanged.connect(self._rescale)

    def _rescale(self, _value: float = 1.0) -> None:
        self.updateGeometry()
        self.update()

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()
