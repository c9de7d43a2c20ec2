"""What stands around the contents: corner marks, title, copy, footer, signatures."""

from collections.abc import Sequence

from app.printing.kit import words
from app.printing.kit.fit import BODY
from app.printing.kit.page import CAPTION, Imprint, Paper

PRIVATE = "本表含个人信息，请妥善保管"


def corners(paper: Paper) -> None:
    """Four black squares by which a scanned sheet is set straight."""
    for x in (9.0, paper.width - 14):
        for y in (9.0, paper.height - 14):
            paper.fill(x, y, 5, 5, 0)


def title(paper: Paper, y: float, text: str, size: float = 20) -> None:
    paper.text(paper.width / 2, y, text, size, heavy=True, align="center")


def copy_mark(paper: Paper, text: str, x: float, y: float) -> None:
    """Which copy this is, downwards along the right edge."""
    for char in text:
        if char.strip():
            paper.text(x, y, char, 8, align="center")
        y += 8 * (1.15 if char.strip() else 0.6) / 72 * 25.4


def footer(
    paper: Paper, imprint: Imprint, form_name: str, page: int, pages: int, note: str = PRIVATE
) -> None:
    """Form, station, time, person and page on the last line of the sheet."""
    margin = 20.0 if paper.width < paper.height else 15.0
    y = paper.height - 8
    paper.text(paper.width - margin, y, f"第 {page} 页  共 {pages} 页", CAPTION, align="right")
    parts = [
        form_name,
        imprint.station,
        f"打印时间 {words.moment(imprint.printed_at)}",
        f"打印人 {imprint.printed_by}",
        f"用途 {imprint.purpose}" if imprint.purpose else "",
        note,
    ]
    left = "  ".join(part for part in parts if part)
    room = paper.width - 2 * margin - 26
    name = f"footer {form_name}"
    paper.fixed(name, lambda: paper.cell(margin, y - 4.45, room, 7, left, CAPTION, pad=0))


def signatures(paper: Paper, x: float, y: float, w: float, names: Sequence[str]) -> None:
    step = w / max(len(names), 1)
    for number, name in enumerate(names):
        paper.text(x + step * number, y, f"{name}：", BODY)


def cut_line(paper: Paper, y: float, text: str) -> None:
    """Where the sheet is cut, with what happens to the lower part."""
    middle = paper.width / 2
    half = paper.text(middle, y + 1.1, text, CAPTION + 0.5, align="center") / 2 + 8
    paper.dashes(20, y, middle - half)
    paper.dashes(middle + half, y, paper.width - 20)
