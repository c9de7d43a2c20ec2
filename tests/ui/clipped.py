"""What the eye would find: cut-off words, buttons too small to hit, two primary buttons."""

from typing import TypeVar

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QAbstractButton, QLabel, QPushButton, QWidget

SMALLEST = 24
W = TypeVar("W", bound=QWidget)


def clipped(widget: QWidget) -> list[str]:
    """One sentence per visible thing that does not show all of its words."""
    found = [fault for label in _shown(widget, QLabel) if (fault := _label(label))]
    buttons = _shown(widget, QAbstractButton)
    return found + [fault for button in buttons if (fault := _button(button))]


def primaries(widget: QWidget) -> list[str]:
    """The filled buttons one can see; more than one is one too many."""
    return [b.text() for b in _shown(widget, QPushButton) if b.property("kind") == "primary"]


def _shown(widget: QWidget, kind: type[W]) -> list[W]:
    return [each for each in widget.findChildren(kind) if each.isVisible()]


def _label(label: QLabel) -> str:
    if not label.text() or not label.pixmap().isNull() or label.text().startswith("<"):
        return ""
    metrics = QFontMetrics(label.font())
    if label.wordWrap():
        wanted = label.heightForWidth(label.width())
        short = label.height() < wanted - 3
        return f"“{label.text()}” needs {wanted} px, has {label.height()}" if short else ""
    wide = max(metrics.horizontalAdvance(line) for line in label.text().splitlines())
    if label.width() < wide:
        return f"“{label.text()}” is {wide} px wide, has {label.width()}"
    low = label.height() < metrics.height() - 4
    return f"“{label.text()}” is cut at the bottom" if low else ""


def _button(button: QAbstractButton) -> str:
    name = button.text() or button.accessibleName() or type(button).__name__
    if button.width() < SMALLEST or button.height() < SMALLEST:
        return f"“{name}” is only {button.width()}×{button.height()} px"
    wide = QFontMetrics(button.font()).horizontalAdvance(button.text().replace("&&", "&"))
    return f"“{name}” needs {wide} px, has {button.width()}" if button.width() < wide else ""
