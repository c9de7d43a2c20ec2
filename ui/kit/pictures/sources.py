"""Pictures given by a person: chosen, dropped, pasted; read and made our own."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData
from PySide6.QtGui import (
    QGuiApplication,
    QImage,
    QImageWriter,
)
from PySide6.QtWidgets import QWidget

from app.kit.pictures import FILE_LIMIT, SUFFIXES, Picture, small, take_in
from app.kit.refusal import Refusal
from ui.kit.ask import ask
from ui.kit.pictures.thumbs import SHARP

FILTER = f"图片和 PDF ({' '.join(f'*{one}' for one in SUFFIXES)})"


@dataclass(frozen=True)
class Source:
    """Something a person gave: a file, or bytes from the clipboard."""

    name: str
    path: Path | None = None
    data: bytes = b""

    def read(self) -> bytes:
        """Not more than is taken in anyway; raises `Refusal`."""
        if self.path is None:
            return self.data
        try:
            with self.path.open("rb") as file:
                return file.read(FILE_LIMIT + 1)
        except OSError:
            raise Refusal("读不出来，请看文件还在不在、U盘有没有拔掉") from None


def sources_of(mime: QMimeData | None) -> list[Source]:
    """Files that were dropped or copied, else the picture itself."""
    if mime is None:  # an empty clipboard, on some systems
        return []
    paths = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
    files = [Source(one.name, one) for one in paths if one.is_file()]
    if files or not mime.hasImage():
        return files
    image = mime.imageData()
    if not isinstance(image, QImage) or image.isNull():
        return []
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return [Source("粘贴的图片", None, bytes(buffer.data().data()))]


def pasted() -> list[Source]:
    """What the clipboard holds."""
    return sources_of(QGuiApplication.clipboard().mimeData())


def pick(parent: QWidget, title: str) -> list[Source]:
    """Files by name, several at once."""
    return [Source(one.name, one) for one in ask.open_files(parent, title, filters=FILTER)]


@dataclass(frozen=True)
class Taken:
    """A source with what was made of it."""

    source: Source
    data: bytes
    picture: Picture
    thumb: bytes


def again(kept: Sequence[tuple[str, Picture]]) -> list[Taken]:
    """The same of pictures that were kept with a draft; for the background."""
    return [
        Taken(Source(name), one.data, one, small(one.data, one.media_type, SHARP))
        for name, one in kept
    ]


def taken(source: Source, *, paper: bool = False, portrait: bool = False) -> Taken:
    """For the background; raises `Refusal`."""
    data = source.read()
    picture = take_in(data, paper=paper, portrait=portrait)
    return Taken(source, data, picture, small(picture.data, picture.media_type, SHARP))
