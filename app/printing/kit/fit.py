"""How text fits: nothing is cut off, numbers are not broken."""

import re
from collections.abc import Iterator

from app.printing.kit import fonts

MM = 72 / 25.4
BODY = 10.5
SMALL = 9.0
SMALLEST = 2.0  # nobody reads it without a glass, but it hides nothing around it

_HAN = "[\u3400-\u9fff\U00020000-\U0003ffff]{1,10}"
_PIECE = re.compile(
    rf"{_HAN}·|(?<=·){_HAN}"  # a part of a minority's name
    r"|\d[\d-]*(?: \d[\d-]*)+(?::\d+)*"  # a phone number in groups, a day with its time
    r"|[0-9A-Za-z.,:@/_*()\-]+"
    r"|[^0-9A-Za-z]",
    re.DOTALL,
)
_CHAR = re.compile(r".·?", re.DOTALL)
_GROUPS = re.compile(r"[^- ]*[- ]+|[^- ]+")
_NOT_FIRST = "，。、；：？！）》〉」』】〕”’…·%％℃)"
_NOT_LAST = "（《〈「『【〔“‘￥("


def _pieces(text: str) -> list[str]:
    """What a line break may not cut: numbers, Latin words, a sign with its neighbour."""
    glued: list[str] = []
    for piece in _PIECE.findall(text):
        if glued and (piece in _NOT_FIRST or glued[-1][-1] in _NOT_LAST):
            glued[-1] += piece
        else:
            glued.append(piece)
    return glued


def wrap(text: str, w: float, size: float, *, heavy: bool = False, hang: float = 0) -> list[str]:
    """Lines no wider than `w` mm (later ones less `hang`). Newlines are kept, nothing is lost."""
    lines: list[str] = []
    for part in text.split("\n"):
        line, used = "", 0.0
        for piece, wide in _measured(part, w - hang, size, heavy=heavy):
            room = (w - (hang if lines else 0)) * MM + 0.01
            if line and used + wide > room and piece != " ":
                lines.append(line)
                line, used = "", 0.0
            line += piece
            used += wide
        lines.append(line)
    return lines


def _measured(text: str, w: float, size: float, *, heavy: bool) -> Iterator[tuple[str, float]]:
    """Pieces with their widths; a piece longer than a whole line is cut after all, between
    its groups if it has any."""
    for whole in _pieces(text):
        is_long = fonts.width(whole, size, heavy=heavy) > w * MM
        for piece in _GROUPS.findall(whole) if is_long else (whole,):
            wide = fonts.width(piece, size, heavy=heavy)
            if wide <= w * MM:
                yield piece, wide
            else:
                chars = _CHAR.findall(piece)
                yield from ((char, fonts.width(char, size, heavy=heavy)) for char in chars)


def fit(
    text: str, w: float, h: float, size: float = BODY, *, heavy: bool = False
) -> tuple[float, list[str]]:
    """The size and lines that fit into a cell."""
    room = w * MM + 0.01
    one_line = "\n" not in text
    wide = fonts.width(text, size, heavy=heavy) if one_line else room * 9
    if wide <= room:
        return size, [text]
    if one_line and wide * min(SMALL, size) / size <= room:
        return size * room / wide, [text]
    small = min(SMALL, size)
    while True:
        lines = wrap(text, w, small, heavy=heavy)
        if len(lines) * small * 1.25 <= h * MM or small <= SMALLEST:
            return small, lines
        small -= 0.5
