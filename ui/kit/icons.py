"""Lucide icons, tinted and rendered sharp for the screen they land on."""

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

FOLDER = Path(__file__).resolve().parents[2] / "resources" / "icons"
RATIOS = (1.0, 1.25, 1.5, 2.0)


@lru_cache(maxsize=256)
def _drawing(name: str) -> str:
    return (FOLDER / f"{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=1024)
def pixmap(name: str, size: int, tint: str, ratio: float = 2.0) -> QPixmap:
    made = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    made.fill(Qt.GlobalColor.transparent)
    tinted = _drawing(name).replace("currentColor", tint)
    painter = QPainter(made)
    QSvgRenderer(QByteArray(tinted.encode())).render(painter)
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made


def _spaced(drawn: QPixmap, gap: int) -> QPixmap:
    if not gap:
        return drawn
    ratio = drawn.devicePixelRatio()
    made = QPixmap(drawn.width() + round(abs(gap) * ratio), drawn.height())
    made.fill(Qt.GlobalColor.transparent)
    made.setDevicePixelRatio(ratio)
    painter = QPainter(made)
    painter.drawPixmap(max(0, -gap), 0, drawn)
    painter.end()
    return made


@lru_cache(maxsize=512)
def icon(name: str, size: int, tint: str, off: str = "", gap: int = 0) -> QIcon:
    """gap: free room at the right (negative: left); a style sheet has no word for it."""
    made = QIcon()
    for ratio in RATIOS:
        made.addPixmap(_spaced(pixmap(name, size, tint, ratio), gap))
        if off:
            greyed = _spaced(pixmap(name, size, off, ratio), gap)
            made.addPixmap(greyed, QIcon.Mode.Disabled)
    return made


def paint(painter: QPainter, area: QRectF, name: str, tint: str) -> None:
    """Draw the icon in the middle of the area, as large as its shorter side."""
    size = int(min(area.width(), area.height()))
    if size <= 0:
        return
    corner = QPointF(area.center().x() - size / 2, area.center().y() - size / 2)
    ratio = painter.device().devicePixelRatio()
    painter.drawPixmap(corner.toPoint(), pixmap(name, size, tint, ratio))
