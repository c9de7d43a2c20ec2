"""Papers read back: as text and as what a scanner sees."""

from datetime import UTC, datetime

import pypdfium2 as pdfium  # type: ignore[import-untyped]
import zxingcpp

from app.printing.kit.page import Imprint

IMPRINT = Imprint(
    station="桂苑社区居民委员会",
    printed_at=datetime(2026, 11, 23, 6, 32, tzinfo=UTC),
    printed_by="刘桂兰",
    phone="0876-0000-218",
)
Box = tuple[float, float, float, float]


def bare(text: str) -> str:
    """Without spaces and line breaks, which depend on where a line ends."""
    return "".join(text.split())


def pages(pdf: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pdfium.PdfDocument(pdf)]


def whole(pdf: bytes) -> str:
    return bare("".join(pages(pdf)))


def scanned(pdf: bytes, dpi: int, page: int = 0) -> set[str]:
    picture = pdfium.PdfDocument(pdf)[page].render(scale=dpi / 72, grayscale=True).to_pil()
    return {found.text for found in zxingcpp.read_barcodes(picture)}


def sizes(pdf: bytes) -> list[tuple[float, float]]:
    """Width and height of each page in whole millimetres."""
    found = [page.get_size() for page in pdfium.PdfDocument(pdf)]
    return [(round(w / 72 * 25.4), round(h / 72 * 25.4)) for w, h in found]


def runs(pdf: bytes, page: int) -> list[Box]:
    """Left, bottom, right, top of each piece of text."""
    text = pdfium.PdfDocument(pdf)[page].get_textpage()
    return [text.get_rect(number) for number in range(text.count_rects())]


def overlapping(boxes: list[Box], slack: float = 1.0) -> list[tuple[Box, Box]]:
    """Pairs of text that stand on each other."""
    found = []
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            wide = min(one[2], other[2]) - max(one[0], other[0])
            high = min(one[3], other[3]) - max(one[1], other[1])
            if wide > slack and high > slack:
                found.append((one, other))
    return found
