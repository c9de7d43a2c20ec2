"""Lists on paper: header on every page, rows that grow, totals of page and list."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from app.printing.kit import fonts, stamp
from app.printing.kit.fit import BODY, MM, SMALL, fit, wrap
from app.printing.kit.page import LABEL_GREY, Align, Imprint, Paper

ROW = 8.1
HEAD = 9.0
PAD = 1.6

Row = Sequence[str]


@dataclass(frozen=True)
class Column:
    """`width` is a share of the line, `total` adds the figures up."""

    title: str
    width: float = 1.0
    align: Align = "left"
    total: bool = False


@dataclass(frozen=True)
class Block:
    """A list with its own heading; it starts on a new page."""

    title: str
    rows: Sequence[Row]
    left: str = ""
    middle: str = ""
    right: str = ""
    sums: Callable[[Sequence[Row]], Row] | None = None  # where adding up is not enough


@dataclass(frozen=True)
class _Measured:
    """A row, or a part of one that is taller than a page: it counts where it ``ends``."""

    height: float
    cells: tuple[tuple[float, list[str]], ...]
    ends: bool = True


@dataclass(frozen=True)
class _Page:
    block: Block
    start: int
    measured: Sequence[_Measured]

    @property
    def end(self) -> int:
        return self.start + self.count

    @property
    def count(self) -> int:
        """How many rows end on it."""
        return sum(one.ends for one in self.measured)


class Grid:
    """Columns laid over a width; a row ``grows`` unless the sheet has no room for it."""

    def __init__(
        self,
        columns: Sequence[Column],
        x: float,
        w: float,
        *,
        row: float = ROW,
        size: float = 10,
        grows: bool = True,
    ) -> None:
        share = w / sum(column.width for column in columns)
        self.columns = columns
        self.widths = [column.width * share for column in columns]
        self.lefts = [x, *accumulate(self.widths, initial=x)][1:-1]
        self.x, self.w, self.row_height, self.size, self.grows = x, w, row, size, grows

    def measure(self, row: Row) -> _Measured:
        cells = tuple(
            self._fitted(text, width) for text, width in zip(row, self.widths, strict=True)
        )
        return self._tall(cells)

    def _tall(self, cells: tuple[tuple[float, list[str]], ...], *, ends: bool = True) -> _Measured:
        tallest = max(len(lines) * size * 1.25 / MM + 1.5 for size, lines in cells)
        return _Measured(max(self.row_height, tallest), cells, ends)

    def parts(self, row: Row, room: float) -> list[_Measured]:
        """The row, in as many parts as it takes pages."""
        left, found = self.measure(row), list[_Measured]()
        while left.height > room:
            fits = [int((room - 1.5) * MM / (size * 1.25)) for size, _lines in left.cells]
            both = list(zip(left.cells, fits, strict=True))
            part = tuple((size, lines[:most]) for (size, lines), most in both)
            found.append(self._tall(part, ends=False))
            left = self._tall(tuple((size, lines[most:]) for (size, lines), most in both))
        return [*found, left]

    def _fitted(self, text: str, width: float) -> tuple[float, list[str]]:
        room = width - 2 * PAD
        size, lines = fit(text, room, self.row_height - (0 if self.grows else 1.5), self.size)
        if size >= SMALL or not self.grows:
            return size, lines
        return SMALL, wrap(text, room, SMALL)

    def header(self, paper: Paper, y: float) -> float:
        paper.fill(self.x, y, self.w, HEAD, LABEL_GREY)
        paper.line(self.x, y, self.x + self.w, y)
        self._lines(paper, y, HEAD)
        for column, left, width in zip(self.columns, self.lefts, self.widths, strict=True):
            paper.cell(
                left, y, width, HEAD, column.title, BODY, heavy=True, align="center", pad=0.8
            )
        return y + HEAD

    def _lines(self, paper: Paper, y: float, height: float, first: int = 0) -> None:
        """Left, between and right from column `first` on, and below: each drawn once."""
        for left in (self.x, *self.lefts[max(first, 1) :], self.x + self.w):
            paper.line(left, y, left, y + height)
        paper.line(self.x, y + height, self.x + self.w, y + height)

    def row(self, paper: Paper, y: float, measured: _Measured) -> float:
        height = measured.height
        self._lines(paper, y, height)
        cells = zip(self.columns, self.lefts, self.widths, measured.cells, strict=True)
        for column, left, width, (size, lines) in cells:
            anchor = {"left": left + PAD, "center": left + width / 2, "right": left + width - PAD}
            leading = size * 1.25 / MM
            base = y + height / 2 + size * 0.37 / MM - leading * (len(lines) - 1) / 2
            for number, line in enumerate(lines):
                paper.text(
                    anchor[column.align], base + number * leading, line, size, align=column.align
                )
        return y + height

    def sums(self, rows: Sequence[Row]) -> list[str]:
        """The totals of the columns that add up; the others stay empty."""
        return [
            summed(row[number] for row in rows) if column.total else ""
            for number, column in enumerate(self.columns)
        ]

    def total(self, paper: Paper, y: float, title: str, sums: Row) -> float:
        """A grey line: its title up to the first sum, then the sums."""
        paper.fill(self.x, y, self.w, ROW, LABEL_GREY)
        paper.line(self.x, y, self.x + self.w, y)
        first = next((n for n, column in enumerate(self.columns) if column.total), 1)
        head = sum(self.widths[:first])
        self._lines(paper, y, ROW, first)
        paper.cell(self.x, y, head, ROW, title, self.size, heavy=True, align="center")
        for number in range(first, len(self.columns)):
            left, width = self.lefts[number], self.widths[number]
            align = self.columns[number].align
            paper.cell(left, y, width, ROW, sums[number], self.size, align=align, pad=PAD)
        return y + ROW


def summed(texts: Iterator[str]) -> str:
    """The sum of what is a number, written as the parts were: 1,234.00 stays with two places."""
    figures = [text.replace(",", "") for text in texts if text.strip()]
    places = max((len(f.partition(".")[2]) for f in figures), default=0)
    cents = 10**places
    whole = sum(round(float(f) * cents) for f in figures if _is_number(f))
    return f"{whole / cents:,.{places}f}"


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()


@dataclass(frozen=True)
class ListStyle:
    """What a list paper says around its rows."""

    form_name: str
    unit: str = "人"
    signatures: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    landscape: bool = True
    row: float = ROW
    size: float = 10
    footnote: str = stamp.PRIVATE


def draw_list(
    imprint: Imprint,
    style: ListStyle,
    columns: Sequence[Column],
    blocks: Sequence[Block],
    after: Callable[[Paper, float], None] | None = None,
    after_height: float = 0,
) -> bytes:
    """All blocks; `after` draws below the last row of the last page (it needs `after_height`)."""
    paper = Paper(blocks[0].title if blocks else style.form_name, landscape=style.landscape)
    margin = 15.0 if style.landscape else 20.0
    grid = Grid(columns, margin, paper.width - 2 * margin, row=style.row, size=style.size)
    room = _room(paper, style, columns)
    pages = [page for block in blocks for page in _paged(grid, block, room, after_height)]
    for number, page in enumerate(pages, 1):
        if number > 1:
            paper.next_page()
        y = _draw_page(paper, grid, style, page)
        if after and number == len(pages):
            after(paper, y)
        stamp.footer(paper, imprint, style.form_name, number, len(pages), style.footnote)
    return paper.finish()


def _room(paper: Paper, style: ListStyle, columns: Sequence[Column]) -> float:
    """Height for rows on one page."""
    below = 9 + (9 if style.signatures else 0) + 4.5 * len(style.notes) + 15
    sums = 2 * ROW if any(column.total for column in columns) else 0
    return paper.height - 31 - HEAD - sums - below


def _paged(grid: Grid, block: Block, room: float, tail: float) -> list[_Page]:
    pages: list[_Page] = []
    start, height = 0, 0.0
    measured: list[_Measured] = []
    for one in (part for row in block.rows for part in grid.parts(row, room)):
        if measured and height + one.height > room:
            pages.append(_Page(block, start, measured))
            start, height, measured = pages[-1].end, 0.0, []
        measured.append(one)
        height += one.height
    if tail and measured and height + tail > room and len(measured) > 1:
        pages.append(_Page(block, start, measured[:-1]))
        start, measured = pages[-1].end, measured[-1:]
    return [*pages, _Page(block, start, measured)]


def _draw_page(paper: Paper, grid: Grid, style: ListStyle, page: _Page) -> float:
    block = page.block
    right = grid.x + grid.w
    stamp.title(paper, 19.5, block.title, 18)
    part = grid.w / (3 if block.middle else 2) - 2
    paper.beside(right - part, 28, part, block.right, align="right")
    if block.middle:
        paper.beside((paper.width - part) / 2, 28, part, block.middle, align="center")
    else:
        part = grid.w - min(part, fonts.width(block.right, BODY) / MM) - 4
    paper.beside(grid.x, 28, part, block.left)
    y = grid.header(paper, 31)
    for measured in page.measured:
        y = grid.row(paper, y, measured)
    if not page.measured:
        paper.box(grid.x, y, grid.w, ROW)
        paper.cell(grid.x, y, grid.w, ROW, "（无）", align="center")
        y += ROW
    last = page.end == len(block.rows)
    y = _totals(paper, grid, page, y, last=last)
    y += 6.5 if style.unit else 1.5
    if style.unit:
        paper.text(grid.x, y, _count_words(page, style.unit), BODY)
    for note in style.notes:
        y += 4.8
        paper.text(grid.x, y, note, SMALL)
    if style.signatures:
        y += 9
        stamp.signatures(paper, grid.x, y, grid.w, style.signatures)
    return y


def _totals(paper: Paper, grid: Grid, page: _Page, y: float, *, last: bool) -> float:
    if not any(column.total for column in grid.columns):
        return y
    rows = page.block.rows
    sums = page.block.sums or grid.sums
    if page.start or not last:
        y = grid.total(paper, y, "本页小计", sums(rows[page.start : page.end]))
    return grid.total(paper, y, "合计", sums(rows)) if last else y


def _count_words(page: _Page, unit: str) -> str:
    return f"本页 {page.count} {unit}，合计 {len(page.block.rows)} {unit}"
