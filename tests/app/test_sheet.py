"""Files as offices send them."""

import contextlib
import io
import struct
import tempfile
import zipfile
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.kit import office_lock, sheet
from app.kit.office_lock import Locked
from app.kit.refusal import Refusal

COLUMNS = ("姓名", "身份证号")
ROWS = [("王𬭎", "51990219461123002X"), ("买买提·吐尔逊", "519902195001010019")]


def xlsx(cells: dict[tuple[int, int], object], merges: tuple[tuple[int, ...], ...] = ()) -> bytes:
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True})
    grid = book.add_worksheet("名册")
    for area in merges:
        grid.merge_range(*area, "合并")
    for (row, column), value in cells.items():
        grid.write(row, column, value)
    book.close()
    return data.getvalue()


def xls(rows: list[tuple[str, ...]]) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    grid = book.add_sheet("名册")
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            grid.write(at, column, value)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def refusal_of(path: Path) -> str:
    with pytest.raises(Refusal) as caught:
        sheet.read(path)
    return caught.value.message


def test_what_we_write_we_read(tmp_path: Path) -> None:
    file = tmp_path / "名册.xlsx"
    file.write_bytes(sheet.write_xlsx(COLUMNS, ROWS, title="花名册", marks={(0, 1)}))
    (found,) = sheet.read(file)
    assert [row[:2] for row in found.rows] == [["花名册", ""], list(COLUMNS), *map(list, ROWS)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("parting", [",", "\t", ";"])
def test_a_csv_reads_in_any_encoding(tmp_path: Path, encoding: str, parting: str) -> None:
    file = tmp_path / "名册.csv"
    lines = [parting.join(one) for one in (COLUMNS, *ROWS)]
    file.write_bytes("\r\n".join(lines).encode(encoding))
    assert sheet.read(file)[0].rows == [list(one) for one in (COLUMNS, *ROWS)]


def test_a_csv_of_old_gb18030_has_the_new_characters(tmp_path: Path) -> None:
    file = tmp_path / "名册.csv"
    file.write_bytes("姓名,证号\n李".encode("gb18030") + bytes.fromhex("FE59") + b",1\n")
    assert sheet.read(file)[0].rows[1] == ["李\u9fb4", "1"]


def test_numbers_protected_from_excel_lose_the_protection(tmp_path: Path) -> None:
    file = tmp_path / "名册.csv"
    file.write_text('姓名,证号,旧号\n王芳,="51990219461123002X",\t519902461123002\n', "utf-8")
    assert sheet.read(file)[0].rows[1] == ["王芳", "51990219461123002X", "519902461123002"]


def test_a_float_in_a_csv_is_the_whole_number_it_was(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("电话,年月\n10000001234.0,1952.3\n", "utf-8")
    assert sheet.read(tmp_path / "a.csv")[0].rows[1] == ["10000001234", "1952.3"]


def test_rows_keep_their_place_and_merges_are_known(tmp_path: Path) -> None:
    file = tmp_path / "名册.xlsx"
    file.write_bytes(xlsx({(4, 2): "王芳", (5, 3): 1952.3}, ((1, 1, 2, 3),)))
    (found,) = sheet.read(file)
    assert found.rows[4][2] == "王芳"
    assert found.rows[5][3] == 1952.3
    assert found.merged == ((1, 1, 2, 3),)


def test_an_xls_under_a_wrong_name_is_read_by_its_content(tmp_path: Path) -> None:
    for name in ("名册.xls", "名册.xlsx", "名册.et", "名册.csv"):
        file = tmp_path / name
        file.write_bytes(xls([COLUMNS, *ROWS]))
        assert [list(row) for row in sheet.read(file)[0].rows] == [
            list(one) for one in (COLUMNS, *ROWS)
        ]


def test_dates_arrive_as_dates(tmp_path: Path) -> None:
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True})
    grid = book.add_worksheet()
    grid.write_datetime(0, 0, date(1952, 3, 1), book.add_format({"num_format": "yyyy-mm"}))
    book.close()
    (tmp_path / "a.xlsx").write_bytes(data.getvalue())
    assert sheet.read(tmp_path / "a.xlsx")[0].rows == [[date(1952, 3, 1)]]


def test_empty_sheets_are_left_out_and_hidden_ones_come_last(tmp_path: Path) -> None:
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True})
    for name, text in (("藏", "a"), ("空", ""), ("名册", "b")):
        grid = book.add_worksheet(name)
        grid.write(0, 0, text)
        if name == "藏":
            grid.hide()
        if name == "名册":
            grid.set_first_sheet()
            grid.activate()
    book.close()
    (tmp_path / "a.xlsx").write_bytes(data.getvalue())
    found = sheet.read(tmp_path / "a.xlsx")
    assert [(one.name, one.hidden) for one in found] == [("名册", False), ("藏", True)]


def ole(*streams: str) -> bytes:
    names = b"".join(one.encode("utf-16-le").ljust(64, b"\x00") for one in streams)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + names + bytes(1000)


TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def packed(*names: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as pack:
        for one in names:
            pack.writestr(one, TYPES + " " * 5000 if one.startswith("[") else "x")
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "空的"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "图片"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "图片"),
        (b"%PDF-1.7", "PDF"),
        (ole("EncryptionInfo", "EncryptedPackage"), "损坏"),
        (ole("WordDocument"), "Word"),
        (ole("Catalog"), "不是 Excel"),
        (ole("Workbook"), "损坏"),
        (packed("word/document.xml"), "Word"),
        (packed("名册.xlsx"), "压缩包"),
        (packed("content.xml"), "ODS"),
        (packed("xl/workbook.bin"), "xlsb"),
        (packed("xl/workbook.xml"), "损坏"),
        (b"PK\x03\x04broken", "损坏"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "网页"),
        (b"abc\x00\x01\x02", "不是名册"),
        (b"\xff\xff\xff\xff,", "认不出"),
        (b" \r\n,,\r\n", "没有内容"),
    ],
)
def test_what_is_no_roster_is_refused_in_a_sentence(
    tmp_path: Path, data: bytes, words: str
) -> None:
    file = tmp_path / "名册.xlsx"
    file.write_bytes(data)
    message = refusal_of(file)
    assert words in message
    assert not message.endswith("。")


def test_an_xls_that_only_says_it_is_protected_is_damaged(tmp_path: Path) -> None:
    plain = xls([COLUMNS])
    at = plain.index(struct.pack("<HH", 0x005C, 112))  # WRITEACCESS in place of FILEPASS
    file = tmp_path / "名册.xls"
    file.write_bytes(plain[:at] + struct.pack("<HH", 0x002F, 112) + plain[at + 4 :])
    assert "损坏" in refusal_of(file) or "加密方式" in refusal_of(file)


KEY = "桑榆Abc1"
# saved by LibreOffice 7.4 as "Excel 97-2003" with the password
LOCKED_XLS = (Path(__file__).parent / "locked.xls").read_bytes()
LOCKED = {"xls": LOCKED_XLS, "xlsx": office_lock.locked(sheet.write_xlsx(COLUMNS, ROWS), KEY)}


@pytest.mark.parametrize("kind", sorted(LOCKED))
def test_a_locked_file_opens_with_its_password_and_with_no_other(kind: str) -> None:
    with pytest.raises(Locked, match="打开密码") as asked:
        sheet.read_bytes(LOCKED[kind])
    assert not asked.value.wrong
    with pytest.raises(Locked, match="密码不对") as asked:
        sheet.read_bytes(LOCKED[kind], KEY.lower())
    assert asked.value.wrong
    (found,) = sheet.read_bytes(LOCKED[kind], KEY)
    assert found.name == "名册"
    assert found.rows[0][:2] == list(COLUMNS)
    assert found.rows[2][1] == ROWS[1][1]


def test_a_workbook_whose_structure_is_protected_opens_unasked() -> None:
    plain = sheet.write_xlsx(COLUMNS, ROWS)
    (found,) = sheet.read_bytes(office_lock.locked(plain, office_lock.OF_EXCEL))
    assert found.rows[0] == list(COLUMNS)


def test_a_locked_file_leaves_nothing_readable_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    file = tmp_path / "名册.xlsx"
    file.write_bytes(LOCKED["xlsx"])
    sheet.read(file, KEY)
    assert list(tmp_path.iterdir()) == [file]
    assert file.read_bytes() == LOCKED["xlsx"]


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        (xlsx({(0, 0): "姓名", (1_048_575, 16_383): "x"}), "XFD1048576"),
        (packed("[Content_Types].xml", "word/document.xml"), "Word"),
    ],
)
def test_what_was_locked_is_examined_like_any_other(inside: bytes, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        sheet.read_bytes(office_lock.locked(inside, KEY), KEY)


def test_a_locked_file_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MOST_UNPACKED", 1000)
    with pytest.raises(Refusal, match="展开后太大"):
        sheet.read_bytes(LOCKED["xlsx"], KEY)


def test_what_cannot_be_opened_again_was_not_locked() -> None:
    small = io.BytesIO()
    with zipfile.ZipFile(small, "w") as pack:  # the library places packages this small wrongly
        pack.writestr("[Content_Types].xml", TYPES)
    with pytest.raises(Refusal, match="没能再打开"):
        office_lock.locked(small.getvalue(), KEY)


@pytest.mark.parametrize(("password", "words"), [("12345", "6 位"), ("x" * 256, "255")])
def test_a_password_that_protects_nothing_is_refused(password: str, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        office_lock.locked(sheet.write_xlsx(COLUMNS, ROWS), password)


def test_a_value_in_the_last_corner_is_named_and_does_not_eat_the_memory(tmp_path: Path) -> None:
    file = tmp_path / "名册.xlsx"
    file.write_bytes(xlsx({(0, 0): "姓名", (1_048_575, 16_383): "x"}))
    assert "XFD1048576" in refusal_of(file)


def test_a_folder_a_missing_a_locked_and_a_leftover_file_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "文件夹" in refusal_of(tmp_path)
    assert "找不到" in refusal_of(tmp_path / "没有.xlsx")
    assert "临时文件" in refusal_of(tmp_path / "~$名册.xlsx")
    assert "读不出来" in refusal_of(tmp_path / ("名" * 300))
    file = tmp_path / "名册.xlsx"
    file.write_bytes(b"x")
    for trouble, words in ((PermissionError, "关掉"), (OSError, "读不出来")):

        def fail(_: Path, trouble: type[OSError] = trouble) -> bytes:
            raise trouble

        monkeypatch.setattr(Path, "read_bytes", fail)
        assert words in refusal_of(file)


def test_a_flipped_bit_in_a_packed_sheet_is_damage(tmp_path: Path) -> None:
    """zlib's own error is neither an OSError nor a ValueError."""
    data = xlsx({(row, 0): f"王芳{row}" for row in range(40)})
    with zipfile.ZipFile(io.BytesIO(data)) as pack:
        start = pack.getinfo("xl/worksheets/sheet1.xml").header_offset + 60
    for at in range(start, start + 40):
        broken = bytearray(data)
        broken[at] ^= 0x06
        with contextlib.suppress(Refusal):
            sheet.read_bytes(bytes(broken))


def test_a_csv_wider_than_excel_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"1," * 20_000)
    assert "太宽" in refusal_of(tmp_path / "a.csv")


def test_too_big_a_file_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MOST_BYTES", 10)
    (tmp_path / "a.csv").write_bytes(b"0123456789a")
    assert "太大" in refusal_of(tmp_path / "a.csv")


SOUND = {
    "xlsx": xlsx({(0, 0): "姓名", (1, 0): "王芳"}),
    "xls": xls([COLUMNS, *ROWS]),
    "locked xlsx": LOCKED["xlsx"],
    "locked xls": LOCKED["xls"],
}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(SOUND)), st.floats(0, 1), st.binary(max_size=40), st.floats(0.05, 1))
def test_a_damaged_file_is_refused_or_read_but_never_breaks(
    kind: str, where: float, what: bytes, kept: float
) -> None:
    data = SOUND[kind]
    at = int(where * len(data))
    broken = (data[:at] + what + data[at + len(what) :])[: int(kept * len(data))]
    with contextlib.suppress(Refusal):
        sheet.read_bytes(broken, KEY)
