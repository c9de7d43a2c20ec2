"""Rows of a form between the margins of a portrait sheet."""

from collections.abc import Sequence

from app.printing.kit.fit import BODY
from app.printing.kit.page import Paper

LEFT, RIGHT = 20.0, 190.0
LABEL = 22.0
ROW = 9.6
LINE = 8.7  # between two dotted lines
INSET = 2.6  # from the left line of a cell to its first tick box


class Form:
    """Draws rows downwards; `y` is the top of the next one."""

    left, right = LEFT, RIGHT

    def __init__(self, paper: Paper, top: float) -> None:
        self.paper = paper
        self.top = self.y = top

    def pairs(self, cells: Sequence[tuple[str, str, float]], height: float = ROW) -> float:
        """Label and value side by side; the third number shares out the width. Gives the top."""
        share = (self.right - self.left) / sum(width for _, _, width in cells)
        x = self.left
        for title, text, width in cells:
            self.paper.label(x, self.y, LABEL, height, title)
            room = width * share - LABEL
            self.paper.box(x + LABEL, self.y, room, height)
            self.paper.cell(x + LABEL, self.y, room, height, text)
            x += width * share
        return self.down(height)

    def ticks(
        self,
        title: str,
        options: Sequence[str],
        height: float = ROW,
        *,
        gap: float = 5.5,
        ticked: Sequence[str] = (),
    ) -> float:
        """A row of boxes to tick; gives the x where they end."""
        self.area(title, height)
        middle = self.y - height / 2
        return self.paper.ticks(self.value + INSET, middle, options, gap=gap, ticked=ticked)

    def area(self, title: str, height: float) -> float:
        """An empty cell to write in; gives its top."""
        self.paper.label(self.left, self.y, LABEL, height, title)
        self.paper.box(self.value, self.y, self.right - self.value, height)
        return self.down(height)

    def lines(self, title: str, hint: str, count: int) -> float:
        """A cell with dotted lines to write on and a grey hint above them."""
        top = self.area(title, 8.5 + count * LINE)
        self.paper.text(self.value + 2.8, top + 5.2, hint, 9, grey=0.5)
        for number in range(count):
            self.paper.dots(self.value + 2.8, top + 5 + LINE * (number + 1), self.right - 2.8)
        return top

    def signatures(self, titles: Sequence[str], height: float = 18) -> float:
        """Empty cells side by side for signatures."""
        return self.pairs([(title, "", 1.0) for title in titles], height)

    def frame(self) -> None:
        """The thicker line around everything drawn so far."""
        self.paper.box(self.left, self.top, self.right - self.left, self.y - self.top, 0.8)

    @property
    def value(self) -> float:
        return self.left + LABEL

    def down(self, height: float) -> float:
        top = self.y
        self.y += height
        return top


def hand_date(paper: Paper, x: float, y: float) -> None:
    """年 月 日 with room to write before each."""
    for shift, unit in ((12.0, "年"), (21.5, "月"), (31.0, "日")):
        paper.text(x + shift, y, unit, BODY)
