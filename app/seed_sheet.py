"""The paper of an invented roster: titles, two header rows, merged cells, pages with subtotals."""

from collections.abc import Iterator
from datetime import date, datetime
from random import Random
from typing import Any

from app import seed
from app.kit.sheet import Cell

Line = dict[str, Cell]

PAGE = 45
OWNER = "市棉纺织厂"
# (group, column, field); a column without a group is merged over both header rows.
COLUMNS = (
    ("", "序号", ""),
    ("", "姓名", "name"),
    ("", "性别", "sex"),
    ("", "公民身份号码", "id_no"),
    ("", "出生年月", "birth_on"),
    ("", "民族", "nation"),
    ("", "政治面貌", "politics"),
    ("工作情况", "参加工作时间", "work_start"),
    ("工作情况", "退休时间", "retired_on"),
    ("工作情况", "退休类别", "retire_type"),
    ("", "单位", "employer_name"),
    ("", "养老金(元/月)", "monthly_pension_fen"),
    ("", "户籍地址", "hukou_address"),
    ("", "现住址", "live_address"),
    ("联系方式", "手机", "mobile"),
    ("联系方式", "固话", "phone"),
    ("家属", "姓名", "contact1_name"),
    ("家属", "与本人关系", "contact1_relation"),
    ("家属", "联系电话", "contact1_phone"),
    ("", "特殊情况", "tags"),
    ("", "上次认证时间", "last_certified_on"),
    ("", "备注", "remark"),
)


class Paper:
    """The sheet being written, row after row."""

    def __init__(self, grid: Any, book: Any) -> None:
        self.grid = grid
        self.row = 0
        self.head = book.add_format({"bold": True, "align": "center", "border": 1})
        self.text = book.add_format({"num_format": "@"})
        self.month = book.add_format({"num_format": "yyyy-mm"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.employers: list[tuple[int, str]] = []

    def top(self) -> None:
        """Title, who sends it, header."""
        last = len(COLUMNS) - 1
        title = f"{OWNER}等单位{seed.AS_OF.year}年移交社会化管理退休人员花名册"
        self.grid.merge_range(0, 0, 0, last, title, self.head)
        self.grid.write(1, 0, f"移交单位：{OWNER}")
        self.grid.write(1, last - 3, "填报日期：2026年1月")
        self.row = 2
        self.header(merged=True)

    def header(self, *, merged: bool) -> None:
        """Two rows; the first page has them merged, the copies on later pages do not."""
        top = self.row
        for at, (group, name, _) in enumerate(COLUMNS):
            if not group:
                self._head_cell(top, at, top + 1, at, name, merged=merged)
                continue
            self.grid.write(top + 1, at, name, self.head)
            same = [i for i, one in enumerate(COLUMNS) if one[0] == group]
            if at == same[0]:
                self._head_cell(top, same[0], top, same[-1], group, merged=merged)
        self.row += 2

    def _head_cell(
        self, top: int, left: int, bottom: int, right: int, text: str, *, merged: bool
    ) -> None:
        if merged:
            self.grid.merge_range(top, left, bottom, right, text, self.head)
        else:
            self.grid.write(top, left, text, self.head)

    def person(self, serial: int, line: Line) -> int:
        """One line; gives the row number that Excel shows."""
        self.grid.write_number(self.row, 0, serial)
        for at, (_, _, key) in enumerate(COLUMNS):
            if key:
                self._write(at, line.get(key, ""))
        self.employers.append((self.row, str(line["employer_name"])))
        self.row += 1
        return self.row

    def _write(self, at: int, cell: Cell) -> None:
        if isinstance(cell, datetime):
            self.grid.write_datetime(self.row, at, cell, self.month)
        elif isinstance(cell, date):
            self.grid.write_datetime(self.row, at, cell, self.day)
        elif isinstance(cell, int | float):
            self.grid.write_number(self.row, at, cell)
        elif cell:
            self.grid.write_string(self.row, at, str(cell), self.text)

    def page_break(self, so_far: int) -> Iterator[int]:
        """A subtotal and the header again, as printed rosters have on every page."""
        self.grid.write(self.row, 1, "本页合计")
        self.grid.write(self.row, 3, f"{PAGE}人")
        self.row += 1
        yield self.row
        if so_far % (2 * PAGE) == 0:
            self.header(merged=False)
            yield from (self.row - 1, self.row)

    def bottom(self, n: int, dice: Random) -> Iterator[int]:
        """Total, signatures, and an empty row or two between."""
        self.grid.write(self.row, 0, "合 计")
        self.grid.write(self.row, 3, f"{n}人")
        self.row += 1
        yield self.row
        self.row += dice.randint(0, 2)
        self.grid.write(self.row, 1, "移交单位（盖章）：")
        self.grid.write(self.row, 8, "经办人：")
        self.grid.write(self.row, 14, "接收单位（盖章）：")
        self.row += 1
        yield self.row

    def merge_employers(self) -> None:
        """People of one employer in a row share one merged cell, now and then."""
        column = next(at for at, one in enumerate(COLUMNS) if one[2] == "employer_name")
        start = 0
        for at in range(1, len(self.employers) + 1):
            here, name = self.employers[at - 1]
            follows = at < len(self.employers) and self.employers[at] == (here + 1, name)
            if follows and at - start < 4:
                continue
            if at - start > 1 and start % 3 == 0:
                top = self.employers[start][0]
                self.grid.merge_range(top, column, here, column, name, self.text)
            start = at
