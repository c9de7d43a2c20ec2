"""The square code of a paper."""

import segno

from app.printing.kit.page import Bar, Paper

MASK = 3  # any of the eight is valid; trying them all costs five times the drawing


def qr(paper: Paper, x: float, y: float, size: float, payload: str) -> None:
    """`size` mm wide; leave four modules white around it."""
    matrix = segno.make_qr(payload, error="q", boost_error=False, mask=MASK).matrix
    paper.bars(x, y, size / len(matrix), merged(matrix))


def merged(matrix: tuple[bytearray, ...]) -> list[Bar]:
    """Black modules as few rectangles: no hairlines between neighbours, a small file."""
    done: list[Bar] = []
    growing: dict[tuple[int, int], int] = {}
    for y, row in enumerate((*matrix, bytearray(len(matrix)))):
        runs = _runs(row)
        done += [(x, top, w, y - top) for (x, w), top in growing.items() if (x, w) not in runs]
        growing = {run: growing.get(run, y) for run in runs}
    return done


def _runs(row: bytearray) -> dict[tuple[int, int], None]:
    found: dict[tuple[int, int], None] = {}
    start = row.find(1)
    while start >= 0:
        end = row.find(0, start)
        end = len(row) if end < 0 else end
        found[(start, end - start)] = None
        start = row.find(1, end)
    return found
