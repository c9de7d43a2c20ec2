"""Spreadsheets in and out: xls, xlsx and csv as offices send them, also as WPS writes them.

What cannot be read is refused in one sentence that says what to do about it.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from struct import unpack_from
from typing import TYPE_CHECKING, Any

from app.kit import office_lock
from app.kit.office_lock import Locked
from app.kit.refusal import Refusal
from models.kit import person_name

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook, SheetMetadata

Cell = str | int | float | bool | date | datetime | time | timedelta | None
Area = tuple[int, int, int, int]

MOST_BYTES = 50_000_000
MOST_UNPACKED = 600_000_000
# One stray value in the last corner of a sheet would otherwise ask for half a terabyte.
MOST_CELLS = 5_000_000
# as wide as Excel can be
MOST_COLUMNS = 16_384
WIDEST = 40

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BOOK_START = re.compile(rb"\x09\x08[\x08\x10]\x00\x00[\x05\x06]\x05\x00")
_FILE_PASS = 0x002F
_CELL = re.compile(rb'<c [^>]*?r="([A-Z]{1,3})([0-9]{1,7})"[^>/]*>')
_SHEET_XML = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_FLOAT = re.compile(r"[0-9]{4,}\.0")
_FORMULA_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_RESAVE = "请用 Excel 或 WPS 打开，另存为 xlsx 再导入"
_PICTURES = (
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"BM", "图片"),
    (b"II*\x00", "图片"),
    (b"MM\x00*", "图片"),
    (b"RIFF", "图片或录音"),
    (b"%PDF", "PDF 文件"),
    (b"Rar!", "压缩包"),
    (b"7z\xbc\xaf", "压缩包"),
    (b"\x1f\x8b", "压缩包"),
    (b"{\\rtf", "文字文档"),
    (b"MZ", "程序"),
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet; row 0 is row 1 of the file. ``merged`` holds (top, left, bottom, right)."""

    name: str
    rows: list[list[Cell]] = field(repr=False)
    merged: tuple[Area, ...] = ()
    hidden: bool = False


def read(path: Path | str, password: str = "") -> list[Sheet]:
    """Every sheet that holds anything, visible ones first; raises Locked where the file asks for
    a password."""
    data = _bytes(Path(path))
    found = [one for one in _sheets(data, password) if any(any(_full(row)) for row in one.rows)]
    if not found:
        raise Refusal("这个文件里没有内容，请检查是不是选错了文件")
    return sorted(found, key=lambda one: one.hidden)


def read_bytes(data: bytes, password: str = "") -> list[Sheet]:
    """As read, of a file that is already in memory."""
    _refuse_size(len(data))
    return _sheets(data, password)


def _full(row: Sequence[Cell]) -> Iterable[bool]:
    return (one is not None and one != "" for one in row)


# -- what kind of file it is ----------------------------------------------------------------------


def _bytes(path: Path) -> bytes:
    if path.name.startswith("~$"):
        raise Refusal("这是 Excel 打开名册时留下的临时文件，请选名册本身")
    try:
        if path.is_dir():
            raise Refusal("这是一个文件夹，请选里面的名册文件（xls、xlsx 或 csv）")
        _refuse_size(path.stat().st_size)
        return path.read_bytes()
    except FileNotFoundError:
        raise Refusal(f"找不到文件“{path.name}”，可能被移走或改了名，请重新选择") from None
    except PermissionError:
        raise Refusal("文件正被别的程序打开，请先在 Excel 或 WPS 里关掉它再试") from None
    except OSError:
        words = f"文件“{path.name}”读不出来，U盘可能松了或坏了，请换一份再试"
        raise Refusal(words) from None


def _refuse_size(size: int) -> None:
    if size == 0:
        raise Refusal("这个文件是空的，请检查是不是选错了文件")
    if size > MOST_BYTES:
        words = f"文件太大（{size // 1_000_000} MB，最多 {MOST_BYTES // 1_000_000} MB）"
        raise Refusal(f"{words}，请删去图片和用不着的表，或拆成几份再导入")


def _sheets(data: bytes, password: str) -> list[Sheet]:
    data = _unlocked(data, password)
    for start, kind in _PICTURES:
        if data.startswith(start):
            raise Refusal(f"这其实是{kind}，只是名字改成了表格，请向单位要原来的 Excel 名册")
    if data.startswith(b"PK"):
        _inspect_zip(data)
        return _workbook(data)
    if data.startswith(_OLE):
        _inspect_ole(data)
        return _workbook(data)
    start = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<?xml", b"<meta", b"mime-version")):
        raise Refusal(f"这是网页格式的表格，{_RESAVE}")
    return [Sheet("csv", _table(_text(data)))]


def _unlocked(data: bytes, password: str) -> bytes:
    """What is locked goes through every check again once it is open."""
    if not data.startswith(_OLE):
        return data
    if not (_stream_named(data, "EncryptedPackage") or _has_file_pass(data)):
        return data
    try:
        plain_data = office_lock.opened(data, password)
    except office_lock.Unopenable as trouble:
        raise _damaged() from trouble
    _refuse_size(len(plain_data))
    return plain_data


def _inspect_zip(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as pack:
            names = {one.filename.lower(): one for one in pack.infolist()}
            if sum(one.file_size for one in names.values()) > MOST_UNPACKED:
                raise Refusal("文件展开后太大，请删去图片和用不着的表，或拆成几份再导入")
            _refuse_other_packs(set(names))
            for name, entry in names.items():
                if _SHEET_XML.fullmatch(name):
                    _refuse_stray(pack.read(entry))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as trouble:
        raise _damaged() from trouble


def _refuse_other_packs(names: set[str]) -> None:
    if "xl/workbook.bin" in names:
        raise Refusal(f"这是二进制格式的表格（xlsb），{_RESAVE}")
    if "xl/workbook.xml" in names:
        return
    if any(one.startswith("word/") for one in names):
        raise Refusal("这是 Word 文档，请把里面的表格复制到 Excel，存为 xlsx 再导入")
    if "content.xml" in names:
        raise Refusal(f"这是 ODS 格式的表格，{_RESAVE}")
    raise Refusal("这是压缩包，不是 Excel 名册，请先解压，再选里面的名册")


def _refuse_stray(xml: bytes) -> None:
    last_row = last_column = 0
    where = ""
    for cell in _CELL.finditer(xml):
        letters, digits = cell.groups()
        row, column = int(digits), _column(letters)
        if row * column > last_row * last_column:
            where = f"{letters.decode()}{row}"
        last_row, last_column = max(last_row, row), max(last_column, column)
    if last_row * last_column > MOST_CELLS:
        words = f"表格太大，一直到 {where} 格还有内容"
        raise Refusal(f"{words}；多半是误填，请在 Excel 里删去远处的行和列再导入")


@cache
def _column(letters: bytes) -> int:
    number = 0
    for one in letters:
        number = number * 26 + one - 64
    return number


def _inspect_ole(data: bytes) -> None:
    if _stream_named(data, "WordDocument"):
        raise Refusal("这是 Word 文档，请把里面的表格复制到 Excel，存为 xlsx 再导入")
    if not (_stream_named(data, "Workbook") or _stream_named(data, "Book")):
        raise Refusal("这不是 Excel 表格，请向单位要 xls、xlsx 或 csv 的名册")


def _has_file_pass(data: bytes) -> bool:
    """The FILEPASS record of a protected xls stands among the first of its workbook stream."""
    for start in _BOOK_START.finditer(data):
        at = start.start()
        for _ in range(6):
            kind, size = unpack_from("<HH", data, at) if at + 4 <= len(data) else (0, 0)
            if kind == _FILE_PASS:
                return True
            at += 4 + size
    return False


def _stream_named(data: bytes, name: str) -> bool:
    return name.encode("utf-16-le") in data


def _damaged() -> Refusal:
    return Refusal("文件损坏了，读不出来；请用 Excel 或 WPS 打开看看，能打开就另存一份再导入")


# -- reading --------------------------------------------------------------------------------------


def _workbook(data: bytes) -> list[Sheet]:
    import python_calamine as calamine  # noqa: PLC0415  only when a file is opened

    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            return [
                _sheet(book, meta, hidden=meta.visible != calamine.SheetVisibleEnum.Visible)
                for meta in book.sheets_metadata
                if meta.typ == calamine.SheetTypeEnum.WorkSheet
            ]
    except calamine.PasswordError:
        raise Locked from None
    except calamine.CalamineError as trouble:
        if "password" in str(trouble).lower():
            raise Locked from None
        raise _damaged() from trouble
    except BaseException as trouble:
        # What the reader's native part trips over is no Exception for Python.
        if type(trouble).__name__ == "PanicException" or isinstance(trouble, ValueError):
            raise _damaged() from trouble
        raise


def _sheet(book: "CalamineWorkbook", meta: "SheetMetadata", *, hidden: bool) -> Sheet:
    grid = book.get_sheet_by_name(meta.name)
    areas = tuple(
        (top, left, bottom, right) for (top, left), (bottom, right) in grid.merged_cell_ranges or ()
    )
    rows: list[list[Cell]] = [list(row) for row in grid.to_python(skip_empty_area=False)]
    return Sheet(meta.name, rows, areas, hidden)


def _text(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decoded(data, "utf-16")
    if b"\x00" in data:
        raise Refusal("这不是名册，请选 xls、xlsx 或 csv 文件")
    if data.startswith(b"\xef\xbb\xbf"):
        return _decoded(data, "utf-8-sig")
    try:
        return data.decode("utf-8", errors="strict")
    except UnicodeDecodeError:
        return person_name.mend(_decoded(data, "gb18030"))


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding, errors="strict")
    except UnicodeDecodeError:
        raise Refusal(f"文件里的字认不出来，{_RESAVE}") from None


def _table(text: str) -> list[list[Cell]]:
    lines = csv.reader(io.StringIO(text.replace("\x00", ""), newline=""), delimiter=_parting(text))
    rows: list[list[Cell]] = []
    try:
        for row in lines:
            if len(row) > MOST_COLUMNS:
                raise Refusal("表格太宽，不像名册；请检查是不是选错了文件")
            rows.append([_plain_cell(one) for one in row])
    except csv.Error as trouble:
        raise _damaged() from trouble
    if len(rows) * max(map(len, rows), default=0) > MOST_CELLS:
        raise Refusal("表格太大，请拆成几份再导入")
    return rows


def _parting(text: str) -> str:
    """The sign between cells: the one that stands in most of the first lines."""
    lines = [line for line in text.splitlines()[:30] if line.strip()]
    signs = "\t,;|"
    seen = {sign: sum(sign in line for line in lines) for sign in signs}
    return max(signs, key=lambda sign: seen[sign]) if any(seen.values()) else ","


def _plain_cell(text: str) -> str:
    formula = _FORMULA_TEXT.fullmatch(text.strip())
    bare = formula[1].replace('""', '"') if formula else text.strip("\t\r\n ")
    # Programs that keep numbers as floats write 10000001234.0.
    return bare[:-2] if _FLOAT.fullmatch(bare) else bare


# -- writing --------------------------------------------------------------------------------------


def write_xlsx(
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    title: str = "",
    marks: Collection[tuple[int, int]] = (),
    name: str = "名册",
) -> bytes:
    """A workbook with frozen header; text stays text, so that no number is damaged.

    ``marks`` are (row, column) of the data, painted as wrong.
    """
    import xlsxwriter  # noqa: PLC0415  only when a file is written

    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True, "strings_to_formulas": False})
    grid = book.add_worksheet(name)
    head = book.add_format({"bold": True, "bg_color": "#E4EFF2", "border": 1, "text_wrap": True})
    wrong = {"num_format": "@", "bg_color": "#FDECEC"}
    formats = (book.add_format({"num_format": "@"}), book.add_format(wrong))
    top = 1 if title else 0
    if title:
        grid.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
    grid.write_row(top, 0, columns, head)
    widths = [_width(one) for one in columns]
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            _write(grid, top + 1 + at, column, cell, formats[(at, column) in marks])
            if column < len(widths):
                widths[column] = max(widths[column], _width(cell))
    for column, width in enumerate(widths):
        grid.set_column(column, column, min(width, WIDEST) + 2)
    grid.freeze_panes(top + 1, 0)
    book.close()
    return data.getvalue()


def _write(grid: Any, row: int, column: int, cell: Cell, style: object) -> None:
    if cell is None or cell == "":
        grid.write_blank(row, column, None, style)
    elif isinstance(cell, bool):
        grid.write_string(row, column, "是" if cell else "否", style)
    elif isinstance(cell, int | float):
        grid.write_number(row, column, cell)
    else:
        grid.write_string(row, column, str(cell), style)


def _width(cell: Cell) -> int:
    return sum(2 if ord(one) > 0x2E7F else 1 for one in str(cell or ""))
