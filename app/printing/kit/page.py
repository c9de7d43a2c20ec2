"""An A4 sheet measured in millimetres from its top left corner."""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Self

from reportlab import rl_config
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from app.printing.kit import fonts
from app.printing.kit.fit import BODY, MM, SMALL, fit, wrap

CAPTION = 7.5
LINE = 0.5
LABEL_GREY = 1 - 0.055
TICK = 3.2
DIGITS = 18  # of an ID number, each in a box of its own

Align = Literal["left", "center", "right"]
Bar = tuple[int, int, int, int]  # x, y, width, height

rl_config.useA85 = 0  # binary streams: a fifth smaller


@dataclass(frozen=True)
class Imprint:
    """Who prints, where and when: on every paper."""

    station: str
    printed_at: datetime
    printed_by: str
    phone: str = ""
    purpose: str = ""

    @property
    def call(self) -> str:
        """The telephone, or room to write it in by hand."""
        return self.phone or "_" * 14


class Drawn(bytes):
    """A finished paper that knows what is lacking on it."""

    def __new__(cls, data: bytes, _lacking: Mapping[str, int]) -> Self:
        return super().__new__(cls, data)

    def __init__(self, _data: bytes, lacking: Mapping[str, int]) -> None:
        self.lacking = lacking


def lacking(paper: bytes) -> Mapping[str, int]:
    """The characters of a paper that no font has, with the page where each is first."""
    return paper.lacking if isinstance(paper, Drawn) else {}


class Paper:
    """A PDF being drawn. Same input, same bytes."""

    def __init__(self, title: str, *, landscape: bool = False) -> None:
        self.width, self.height = (297.0, 210.0) if landscape else (210.0, 297.0)
        self._file = io.BytesIO()
        size = (self.width * MM, self.height * MM)
        self._canvas = Canvas(self._file, pagesize=size, pageCompression=1, invariant=1)
        self._canvas.setTitle(title)
        self._canvas.setAuthor("桑榆")
        self._canvas.setLineWidth(LINE)
        self._scripts: dict[str, fonts.Script] = {}
        self._drawn: dict[str, str] = {}
        self._lacking: dict[str, int] = {}

    def next_page(self) -> None:
        self._canvas.showPage()
        self._canvas.setLineWidth(LINE)

    def finish(self) -> bytes:
        self._canvas.save()
        return Drawn(self._file.getvalue(), self._lacking)

    def fixed(self, name: str, draw: Callable[[], None]) -> None:
        """Draw the part that all pages share: recorded once, then only referred to."""
        if name not in self._drawn:
            self._drawn[name] = str(len(self._drawn))
            self._canvas.beginForm(self._drawn[name])
            self._canvas.setLineWidth(LINE)
            draw()
            self._canvas.endForm()
        self._canvas.doForm(self._drawn[name])

    # -- lines ------------------------------------------------------------------------------

    def line(self, x1: float, y1: float, x2: float, y2: float, width: float = LINE) -> None:
        bottom = self.height
        ends = f"{x1 * MM:.2f} {(bottom - y1) * MM:.2f} m {x2 * MM:.2f} {(bottom - y2) * MM:.2f} l"
        self._canvas.addLiteral(f"{width} w {ends} S")

    def dashes(self, x1: float, y: float, x2: float, on: float = 3, off: float = 2) -> None:
        self._canvas.addLiteral(f"[{on} {off}] 0 d")
        self.line(x1, y, x2, y)
        self._canvas.addLiteral("[] 0 d")

    def dots(self, x1: float, y: float, x2: float) -> None:
        """A line to write on."""
        self.dashes(x1, y, x2, on=0.8, off=2)

    def box(self, x: float, y: float, w: float, h: float, width: float = LINE) -> None:
        self._canvas.addLiteral(f"{width} w {self._rect(x, y, w, h)} S")

    def fill(self, x: float, y: float, w: float, h: float, grey: float) -> None:
        self._canvas.addLiteral(f"{grey:g} g {self._rect(x, y, w, h)} f 0 g")

    def _rect(self, x: float, y: float, w: float, h: float) -> str:
        bottom = (self.height - y - h) * MM
        return f"{x * MM:.2f} {bottom:.2f} {w * MM:.2f} {h * MM:.2f} re"

    def bars(
        self, x: float, y: float, unit: float, bars: Iterable[tuple[int, int, int, int]]
    ) -> None:
        """Black rectangles on a grid of `unit` mm whose origin is the top left corner."""
        step, left, top = unit * MM, x * MM, (self.height - y) * MM
        rects = " ".join(f"{bx} {by} {bw} {bh} re" for bx, by, bw, bh in bars)
        grid = f"q {step:.4f} 0 0 {-step:.4f} {left:.2f} {top:.2f} cm"
        self._canvas.addLiteral(f"{grid} {rects} f Q")

    def picture(self, x: float, y: float, w: float, h: float, data: bytes) -> None:
        """Fitted into the box, never distorted."""
        self._canvas.drawImage(
            ImageReader(io.BytesIO(data)),
            x * MM,
            (self.height - y - h) * MM,
            w * MM,
            h * MM,
            preserveAspectRatio=True,
        )

    # -- text -------------------------------------------------------------------------------

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = BODY,
        *,
        heavy: bool = False,
        align: Align = "left",
        grey: float = 0,
    ) -> float:
        """One line on the baseline `y`; gives its width in mm."""
        wide = fonts.width(text, size, heavy=heavy) / MM
        left = x - {"left": 0.0, "center": wide / 2, "right": wide}[align]
        if text.strip():
            self._write(left * MM, (self.height - y) * MM, text, size, heavy=heavy, grey=grey)
        return wide

    def _write(
        self, x: float, y: float, text: str, size: float, *, heavy: bool, grey: float
    ) -> None:
        shown: list[str] = []
        boxes: list[tuple[float, int]] = []
        start = 0.0
        for face, part in fonts.runs(text, heavy=heavy):
            if face is None:
                boxes.append((start, len(part)))
                for char in part:
                    self._lacking.setdefault(char, self._canvas.getPageNumber())
                start += size * len(part)
                shown.append(f"1 0 0 1 {x + start:.2f} {y:.2f} Tm")
                continue
            script = self._script(face)
            shown.append(f"/{script.name} {size:g} Tf")
            thicken = heavy and face is not fonts.bold()
            draw = f"<{script.encode(part)}> Tj"
            shown.append(f"2 Tr {size / 40:.2f} w {draw} 0 Tr" if thicken else draw)
            start += face.width(part) * size / 1000
        colour, back = (f"{grey:g} g ", " 0 g") if grey else ("", "")
        self._canvas.addLiteral(f"{colour}BT 1 0 0 1 {x:.2f} {y:.2f} Tm {' '.join(shown)} ET{back}")
        for offset, count in boxes:
            self._blanks(x + offset, y, size, count)

    def _blanks(self, x: float, y: float, size: float, count: int) -> None:
        inside = size * 0.9
        for number in range(count):
            left = x + size * (number + 0.05)
            self._canvas.addLiteral(
                f"{LINE} w {left:.2f} {y - size * 0.1:.2f} {inside:.2f} {inside:.2f} re S"
            )

    def _script(self, face: fonts.Face) -> fonts.Script:
        script = self._scripts.get(face.key)
        if script is None:
            script = self._scripts[face.key] = fonts.Script(f"S{face.key}", face)
            self._canvas._doc.delayedFonts.append(script)  # noqa: SLF001 - no public door
        return script

    def cell(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        text: str,
        size: float = BODY,
        *,
        heavy: bool = False,
        align: Align = "left",
        pad: float = 2.0,
    ) -> None:
        """Text inside a box: one line, smaller down to 9 pt, then two lines, then smaller still."""
        room = w - 2 * pad
        size, lines = fit(text, room, h, size, heavy=heavy)
        leading = size * 1.25 / MM
        middle = y + h / 2 + size * 0.37 / MM
        top = middle - leading * (len(lines) - 1) / 2
        anchor = {"left": x + pad, "center": x + w / 2, "right": x + w - pad}[align]
        for number, row in enumerate(lines):
            self.text(anchor, top + number * leading, row, size, heavy=heavy, align=align)

    def beside(
        self, x: float, y: float, w: float, text: str, size: float = BODY, *, align: Align = "left"
    ) -> None:
        """Text about the baseline `y` that keeps within `w` mm of what stands beside it."""
        self.cell(x, y - 4 - size * 0.37 / MM, w, 8, text, size, align=align, pad=0)

    def paragraph(
        self,
        x: float,
        y: float,
        w: float,
        text: str,
        size: float = BODY,
        *,
        leading: float = 1.5,
        heavy: bool = False,
        indent: int = 0,
        hang: float = 0,
    ) -> float:
        """Wrapped text from the baseline `y`; gives the baseline of the next line."""
        step = size * leading / MM
        for number, row in enumerate(wrap("　" * indent + text, w, size, heavy=heavy, hang=hang)):
            self.text(x + (hang if number else 0), y, row, size, heavy=heavy)
            y += step
        return y

    # -- parts of forms ---------------------------------------------------------------------

    def label(self, x: float, y: float, w: float, h: float, text: str, size: float = BODY) -> None:
        """A grey cell with its title; lines are parted by a newline."""
        self.fill(x, y, w, h, LABEL_GREY)
        self.box(x, y, w, h)
        rows = text.split("\n")
        leading = size * 1.55 / MM
        top = y + h / 2 + size * 0.37 / MM - leading * (len(rows) - 1) / 2
        for number, row in enumerate(rows):
            room = w - 1.6
            wide = fonts.width(row, size) / MM
            small = size if wide <= room else max(SMALL, size * room / wide)
            self.text(x + w / 2, top + number * leading, row, small, align="center")

    def tick(self, x: float, y: float, text: str, *, ticked: bool = False) -> float:
        """A box to tick and its words, centred on `y`; gives the x where it ends."""
        self.tick_box(x, y, ticked=ticked)
        wide = self.text(x + TICK + 1.2, y + BODY * 0.37 / MM, text, BODY)
        return x + TICK + 1.2 + wide

    def tick_width(self, text: str) -> float:
        return TICK + 1.2 + fonts.width(text, BODY) / MM

    def tick_box(self, x: float, y: float, *, ticked: bool = False) -> None:
        top = y - TICK / 2
        self.box(x, top, TICK, TICK)
        if ticked:
            self.tick_mark(x, y)

    def tick_mark(self, x: float, y: float) -> None:
        top = y - TICK / 2
        self.line(x + 0.5, top + 1.7, x + 1.3, top + 2.6, 1.2)
        self.line(x + 1.2, top + 2.6, x + 2.8, top + 0.5, 1.2)

    def ticks(
        self,
        x: float,
        y: float,
        words: Sequence[str],
        *,
        gap: float = 5.5,
        ticked: Sequence[str] = (),
    ) -> float:
        """Several boxes in a row; gives the x where the last one ends."""
        end = x
        for word in words:
            end = self.tick(x, y, word, ticked=word in ticked)
            x = end + gap
        return end

    def digits(self, x: float, y: float, w: float, h: float, text: str) -> None:
        """One box for each digit; only the digits, see `digit_lines` for the boxes."""
        step = w / DIGITS
        if len(text) > DIGITS:
            self.cell(x, y, w, h, text)
            return
        for number, char in enumerate(text):
            self.text(x + step * (number + 0.5), y + h / 2 + 1.65, char, 13, align="center")

    def digit_lines(self, x: float, y: float, w: float, h: float) -> None:
        step = w / DIGITS
        for number in range(1, DIGITS):
            self.line(x + step * number, y, x + step * number, y + h)
