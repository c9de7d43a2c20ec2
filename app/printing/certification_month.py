"""认证情况月汇总表: what was due, done and left over in one month."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.printing.kit import words
from app.printing.kit.fit import BODY
from app.printing.kit.page import Imprint, Paper
from app.printing.kit.table import Block, Column, Grid, ListStyle, Row, draw_list

HEADS = ("应认证", "已认证", "认证率", "上门", "疑点", "死亡", "失联", "逾期")
METHOD_HEIGHT = 34.0


@dataclass(frozen=True)
class MonthRow:
    """Counts of one building or group; `overdue` is part of `due`."""

    name: str
    due: int = 0
    done: int = 0
    home: int = 0
    suspicion: int = 0
    dead: int = 0
    lost: int = 0
    overdue: int = 0


@dataclass(frozen=True)
class Month:
    """`methods` are the certified by way: (("窗口现场", 30), ("上门", 8), ...)."""

    imprint: Imprint
    month: str
    rows: tuple[MonthRow, ...]
    by: str = "楼栋"
    methods: tuple[tuple[str, int], ...] = ()


def texts(data: Month) -> Iterator[str]:
    for row in data.rows:
        yield row.name


def draw(data: Month) -> bytes:
    columns = (
        Column("序号", 12, "center"),
        Column(data.by, 44),
        *(Column(head, 20 if head == "认证率" else 16, "right", total=True) for head in HEADS),
    )
    style = ListStyle(
        "认证情况月汇总表",
        unit="",
        signatures=("制表人", "审核人", "站长（盖章）"),
        notes=(
            "应认证 = 本月到期 + 以前逾期未认证；认证率 = 已认证 ÷ 应认证。",
            "逾期、疑点名单随本表上报；是否暂停发放由社会保险经办机构决定。",
        ),
        landscape=False,
        footnote="",
    )
    block = Block(
        f"{words.month_words(data.month)}认证情况月汇总表",
        [(str(number), *_cells(row)) for number, row in enumerate(data.rows, 1)],
        left=data.imprint.station,
        right="单位：人",
        sums=_sums,
    )
    return draw_list(
        data.imprint,
        style,
        columns,
        [block],
        after=lambda paper, y: _methods(paper, y, data.methods),
        after_height=METHOD_HEIGHT if data.methods else 0,
    )


def _cells(row: MonthRow) -> tuple[str, ...]:
    rate = words.percent(row.done, row.due)
    counts = (row.home, row.suspicion, row.dead, row.lost, row.overdue)
    return (row.name, str(row.due), str(row.done), rate, *(str(count) for count in counts))


def _sums(rows: Sequence[Row]) -> Row:
    """The rate of the sums, not the sum of the rates."""
    due, done, home, suspicion, dead, lost, overdue = (
        sum(int(row[place]) for row in rows) for place in (2, 3, 5, 6, 7, 8, 9)
    )
    return ("", *_cells(MonthRow("", due, done, home, suspicion, dead, lost, overdue)))


def _methods(paper: Paper, y: float, methods: tuple[tuple[str, int], ...]) -> None:
    if not methods:
        return
    paper.text(20, y + 12, "按认证方式", BODY, heavy=True)
    grid = Grid([Column(name, 1, "center") for name, _ in methods], 20, 170)
    y = grid.header(paper, y + 15)
    grid.row(paper, y, grid.measure([str(count) for _, count in methods]))
