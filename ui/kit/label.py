"""Text with a role from the type scale, and icons standing alone."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ui.kit import icons
from ui.kit.fonts import advance, font
from ui.kit.painted import Painted
from ui.kit.tokens import colour, px, tint


class Label(QLabel):
    """role: see tokens.TYPE; tone: t2, t3, prit, or a tone of tokens.tint."""

    def __init__(
        self, text: str = "", role: str = "body", tone: str = "", *, wrap: bool = False
    ) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setProperty("tone", tone)
        if wrap:
            self.wrap(on=True)

    def wrap(self, *, on: bool) -> None:
        """Over as many lines as it needs. Said once more it changes nothing, or whoever says so
        while things are laid out would have them laid out again without end."""
        if on == self.wordWrap():
            return
        self.setWordWrap(on)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(on)
        self.setSizePolicy(policy)

    def set_tone(self, tone: str) -> None:
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            restyle(self)


class LinkLabel(Label):
    """One word that is a link. Enter and the space bar follow it and Tab leaves it, both ways: with
    Qt's own keys for links Shift+Tab never does."""

    def __init__(self, role: str = "body") -> None:
        super().__init__("", role, "prit")
        self.link = ""
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.LinksAccessibleByMouse)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_link(self, words: str, link: str = "#") -> None:
        self.link = link if words else ""
        style = ' style="text-decoration:none"' if link == "#" else ""
        self.setText(f'<a href="{link}"{style}>{words}</a>' if words else "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.link and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.linkActivated.emit(self.link)
        else:
            super().keyPressEvent(event)


def restyle(widget: QWidget) -> None:
    """After a dynamic property changed: the sheet is read again for this one widget."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.updateGeometry()
    widget.update()


def show_if(widget: QWidget, wanted: bool) -> None:
    """Like setVisible, but a widget without a place yet does not flash as a window of its own."""
    if not wanted:
        widget.hide()
    elif widget.parent() is not None:
        widget.show()
    else:
        widget.setAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide, False)


class Icon(Painted):
    """An icon, or with `square` an icon on a soft square of its tone."""

    def __init__(
        self, name: str, tone: str = "t2", size: int = 18, *, square: int = 0, radius: int = 8
    ) -> None:
        super().__init__()
        self.name, self.tone, self.design, self.square, self.radius = (
            name, tone, size, square, radius
        )  # fmt: skip

    def change(self, name: str, tone: str) -> None:
        self.name, self.tone = name, tone
        self.update()

    def sizeHint(self) -> QSize:
        side = px(self.square or self.design)
        return QSize(side, side)

    def _ink(self) -> str:
        plain = self.tone != "pri" and hasattr(colour, self.tone)
        return str(getattr(colour, self.tone)) if plain else tint(self.tone).text

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        if self.square:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tint(self.tone).fill))
            painter.drawRoundedRect(area, px(self.radius), px(self.radius))
        gap = (area.width() - px(self.design)) / 2
        icons.paint(painter, area.adjusted(gap, gap, -gap, -gap), self.name, self._ink())
        painter.end()


class Elided(Painted):
    """One line that gives way: bold words first, plain words after, then an ellipsis. Bold words
    leave the plain ones two fifths of the line, if they need it."""

    def __init__(self, bold: str = "", text: str = "", role: str = "body", tone: str = "") -> None:
        super().__init__()
        self.bold, self.text, self.role, self.tone = bold, text, role, tone
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_words(bold, text)

    def show_words(self, bold: str = "", text: str = "") -> None:
        self.bold, self.text = bold, text
        self.setAccessibleName(f"{bold} {text}".strip())
        self._rescale()

    def _bold_width(self) -> int:
        return advance(self.bold, "strong") + px(8) if self.bold else 0

    def sizeHint(self) -> QSize:
        tall = QFontMetrics(font(self.role)).height()
        return QSize(self._bold_width() + advance(self.text, self.role) + 2, max(tall, px(20)))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(60), self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        kept = min(advance(self.text, self.role) + px(8), self.width() * 2 // 5) if self.text else 0
        left = self._words(painter, 0, self.bold, "strong", "t1", kept)
        left += px(8) if self.bold else 0
        self._words(painter, left, self.text, self.role, self.tone or "t1")
        painter.end()

    def _words(
        self, painter: QPainter, left: int, words: str, role: str, tone: str, kept: int = 0
    ) -> int:
        letters, room = font(role), max(0, self.width() - left - kept)
        metrics = QFontMetrics(letters)
        shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room)
        painter.setFont(letters)
        plain = hasattr(colour, tone) and tone != "pri"
        painter.setPen(QColor(getattr(colour, tone) if plain else tint(tone).text))
        area = QRectF(left, 0, room, self.height())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, shown)
        return left + metrics.horizontalAdvance(shown)
