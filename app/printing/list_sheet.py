"""Any list on paper, from the columns and rows that the screen shows."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.printing.kit.page import Imprint
from app.printing.kit.table import Block, Column, ListStyle, draw_list


@dataclass(frozen=True)
class ListSheet:
    imprint: Imprint
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    subtitle: str = ""
    unit: str = "人"
    signatures: tuple[str, ...] = ("制表人", "审核人", "负责人")
    form_name: str = ""
    landscape: bool = True
    numbered: bool = True


def texts(data: ListSheet) -> Iterator[str]:
    for row in data.rows:
        yield from row


def draw(data: ListSheet) -> bytes:
    columns, rows = data.columns, data.rows
    if data.numbered:
        columns = (Column("序号", _number_width(columns), "center"), *columns)
        rows = tuple((str(n), *row) for n, row in enumerate(rows, 1))
    style = ListStyle(
        data.form_name or data.title, data.unit, data.signatures, landscape=data.landscape
    )
    block = Block(data.title, rows, left=data.imprint.station, right=data.subtitle)
    return draw_list(data.imprint, style, columns, [block])


def _number_width(columns: tuple[Column, ...]) -> float:
    """About 11 mm of the line."""
    return sum(column.width for column in columns) * 11 / 256
