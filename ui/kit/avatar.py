"""A person's face on screen: the surname on a calm disc, or the photo where there is one."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPixmap

from ui.kit import icons
from ui.kit.fonts import font
from ui.kit.painted import Painted
from ui.kit.pictures import pixmap_of
from ui.kit.tokens import AVATARS, colour, px


def shade_of(name: str) -> tuple[str, str]:
    return AVATARS[sum(map(ord, name)) % len(AVATARS)]


def paint_avatar(painter: QPainter, area: QRectF, name: str) -> None:
    fill, text = shade_of(name)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(fill))
    painter.drawEllipse(area)
    letters = font("strong")
    letters.setPixelSize(max(px(13), round(area.height() * 0.44)))
    painter.setFont(letters)
    painter.setPen(QColor(text))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, name[:1])


class Avatar(Painted):
    def __init__(self, name: str, size: int = 30) -> None:
        super().__init__()
        self.name, self.design = name, size

    def sizeHint(self) -> QSize:
        return QSize(px(self.design), px(self.design))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_avatar(painter, QRectF(self.rect()), self.name)
        painter.end()


class Photo(Painted):
    """A portrait, 78 × 98 in the header card; a calm silhouette where there is none, with `words`
    under it that say why."""

    def __init__(self, width: int = 78, height: int = 98) -> None:
        super().__init__()
        self.design, self.picture, self.words = (width, height), QPixmap(), ""
        self.setAccessibleName("照片")

    def set_picture(self, picture: QPixmap | None) -> None:
        self.picture = picture or QPixmap()
        self.update()

    def set_bytes(self, data: bytes | None) -> None:
        """A JPEG of ours."""
        self.set_picture(pixmap_of(data))

    def sizeHint(self) -> QSize:
        return QSize(px(self.design[0]), px(self.design[1]))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        path, area = QPainterPath(), QRectF(self.rect())
        path.addRoundedRect(area, px(6), px(6))
        painter.fillPath(path, QColor(colour.pris))
        painter.setClipPath(path)
        self._paint_face(painter, area)
        painter.end()

    def _paint_face(self, painter: QPainter, area: QRectF) -> None:
        if self.picture.isNull():
            inset = area.width() * 0.22
            icons.paint(painter, area.adjusted(inset, 0, -inset, 0), "user", colour.ctl)
            painter.setFont(font("caption"))
            painter.setPen(QColor(colour.t2))
            low = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom
            painter.drawText(area.adjusted(0, 0, 0, -px(4)), low, self.words)
            return
        grown = self.picture.scaled(
            area.size().toSize(), Qt.AspectRatioMode.KeepAspectRatioByExpanding,
            Qt.TransformationMode.SmoothTransformation,
        )  # fmt: skip
        painter.drawPixmap(area.topLeft(), grown)
