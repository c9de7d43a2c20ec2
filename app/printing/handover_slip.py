"""数据交接单: goes with the stick; one copy stays, one goes to the centre."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.printing.kit import stamp, words
from app.printing.kit.form import Form
from app.printing.kit.page import Imprint, Paper
from app.printing.kit.table import Column, Grid

TITLE = "数据交接单"
HALF = 148.5
COPIES = ("第一联 本站留存", "第二联 区中心留存")
ACROSS = 4  # counts in one row
SHORT = 16
COUNT_ROW, FILE_ROW = 6.4, 7.6


@dataclass(frozen=True)
class SlipFile:
    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class HandoverSlip:
    """`counts` by kind, as the export screen shows them: (("新增", 12), ("修改", 30), ...)."""

    imprint: Imprint
    batch: str
    receiver: str
    made_at: datetime
    change_from: int
    change_to: int
    counts: tuple[tuple[str, int], ...]
    files: tuple[SlipFile, ...]
    stick: str = ""


def short(sha256: str) -> str:
    """The first sixteen hex characters in fours: what two people compare by eye."""
    head = sha256[:SHORT].upper()
    return "-".join(head[start : start + 4] for start in range(0, len(head), 4))


def size_words(size: int) -> str:
    if size < 1024 * 1024:
        return f"{max(size, 1) / 1024:.1f} KB"
    return f"{size / 1024 / 1024:.1f} MB"


def texts(data: HandoverSlip) -> Iterator[str]:
    yield from (data.receiver, data.stick, data.imprint.station)


def draw(data: HandoverSlip) -> bytes:
    """Both copies on one sheet; more files than fit go on further sheets."""
    paper = Paper(TITLE)
    each = _capacity(data)
    chunks = [data.files[start : start + each] for start in range(0, len(data.files), each)] or [()]
    for number, files in enumerate(chunks, 1):
        if number > 1:
            paper.next_page()
        for half, copy in enumerate(COPIES):
            _half(paper, HALF * half, data, files, copy)
        stamp.cut_line(paper, HALF, "沿此线裁开")
        stamp.footer(paper, data.imprint, TITLE, number, len(chunks), "")
    return paper.finish()


def _capacity(data: HandoverSlip) -> int:
    """How many files one copy has room for, below the counts."""
    room = 51.0 - COUNT_ROW * -(-len(data.counts) // ACROSS)
    return max(1, int(room / FILE_ROW))


def _half(
    paper: Paper, top: float, data: HandoverSlip, files: tuple[SlipFile, ...], copy: str
) -> None:
    stamp.title(paper, top + 18, TITLE, 18)
    paper.text(20, top + 26, f"批次号：{data.batch}")
    paper.text(190, top + 26, copy, align="right")
    form = Form(paper, top + 29)
    form.pairs((("交出单位", data.imprint.station, 1), ("接收单位", data.receiver, 1)), 8.6)
    span = f"第 {data.change_from:,} 条至第 {data.change_to:,} 条"
    form.pairs((("生成时间", words.moment(data.made_at), 1), ("变更范围", span, 1)), 8.6)
    form.pairs((("U盘", data.stick, 1), ("打印人", data.imprint.printed_by, 1)), 8.6)
    _counts(form, data.counts)
    _files(form, files)
    form.signatures(("交出人签名\n及时间", "接收人签名\n及时间"), 17)
    form.frame()


def _counts(form: Form, counts: tuple[tuple[str, int], ...]) -> None:
    words_ = [f"{name} {count:,}" for name, count in counts]
    rows = [words_[start : start + ACROSS] for start in range(0, len(words_), ACROSS)]
    top = form.area("数据内容\n（条）", max(8.6, COUNT_ROW * len(rows) + 2))
    for line, row in enumerate(rows):
        for place, text in enumerate(row):
            x = form.value + 2 + place * 36.5
            form.paper.cell(x, top + 1 + COUNT_ROW * line, 35.5, COUNT_ROW, text, pad=0)


def _files(form: Form, files: tuple[SlipFile, ...]) -> None:
    columns = (
        Column("文件名", 98),
        Column("大小", 20, "right"),
        Column("校验短码", 52, "center"),
    )
    grid = Grid(columns, form.left, form.right - form.left, row=FILE_ROW, size=9)
    form.y = grid.header(form.paper, form.y)
    for file in files:
        row = (file.name, size_words(file.size), short(file.sha256))
        form.y = grid.row(form.paper, form.y, grid.measure(row))
