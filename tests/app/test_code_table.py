"""Code tables: taken out, changed, checked, put in place."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app import code_table, undo
from app.kit import sheet
from app.kit.refusal import Refusal
from models.kit import codes
from tests.make import Station

KEY = "CONSENT_KIND"


@pytest.fixture
def desk(station: Station) -> Iterator[Station]:
    yield station.sits("centre_head")
    codes.forget()


def changed(tmp_path: Path, *rows: tuple[sheet.Cell, ...], but: str = "") -> Path:
    """The table as it is taken out, without the row ``but``, with these instead or besides."""
    head, *now = sheet.read_bytes(code_table.exported(KEY))[0].rows
    new = {row[0]: row for row in rows}
    kept = [new.pop(str(row[0]), row) for row in now if row[0] != but]
    made = tmp_path / "代码表.xlsx"
    made.write_bytes(sheet.write_xlsx([str(one) for one in head], [*kept, *new.values()]))
    return made


def test_a_table_is_taken_out_changed_and_put_in_place(desk: Station, tmp_path: Path) -> None:
    before = next(one for one in desk.ask(code_table.tables) if one.key == KEY)
    assert (before.title, before.since) == ("事项（告知与同意）", None)
    path = changed(
        tmp_path,
        ("8", "照片上宣传栏", "4", "是", "", "区里定"),
        ("5", "参加文体、公益活动", "", "是", "", ""),
        ("6", "兴趣特长登记", "", "否", "", ""),
    )
    made = code_table.newer(KEY, path)
    assert made.changes == (
        "新增：8 照片上宣传栏", "改名：5 参加文体、公益活动", "停用：6 兴趣特长登记",
    )  # fmt: skip
    said = desk.do(code_table.publish_codes, made)
    assert said == "代码表“事项（告知与同意）”已下发，各站下次联系时收到"
    after = next(one for one in desk.ask(code_table.tables) if one.key == KEY)
    assert after.count == before.count + 1
    assert after.since is not None
    assert codes.table(KEY).name("6") == "兴趣特长登记"
    assert "6" not in dict(codes.table(KEY).items)
    codes.forget()
    desk.ask(code_table.use_published_codes)
    assert codes.table(KEY).name("8") == "照片上宣传栏"
    with pytest.raises(Refusal, match="一样"):
        code_table.newer(KEY, path)
    with pytest.raises(Refusal, match="代码表”里改"):
        desk.do(undo.undo)


@pytest.mark.parametrize(
    ("row", "but", "why"),
    [
        ((), "4", "少了 4 照片用于宣传。资料里可能用着"),
        (("8", "", "", "是", "", ""), "", "缺代码或名称"),
        (("8", "别的", "77", "是", "", ""), "", "上级代码 77 不在表里"),
        (("8", "别的", "", "停", "", ""), "", "请填“是”或“否”"),
        ((), "", "一样"),
    ],
)
def test_what_would_leave_records_without_a_word_is_refused(
    desk: Station, tmp_path: Path, row: tuple[str, ...], but: str, why: str
) -> None:
    with pytest.raises(Refusal, match=why):
        code_table.newer(KEY, changed(tmp_path, *((row,) if row else ()), but=but))


def test_a_code_typed_as_a_number_has_no_decimals(desk: Station, tmp_path: Path) -> None:
    made = code_table.newer(KEY, changed(tmp_path, (81, "照片上宣传栏", 4, "是", "", "")))
    assert made.changes == ("新增：81 照片上宣传栏",)
    desk.do(code_table.publish_codes, made)
    assert codes.table(KEY).parent("81") == "4"


def test_another_sheet_is_no_code_table(desk: Station, tmp_path: Path) -> None:
    other = tmp_path / "别的.xlsx"
    other.write_bytes(sheet.write_xlsx(["姓名"], [["王秀英"]]))
    with pytest.raises(Refusal, match="请先“导出”一份"):
        code_table.newer(KEY, other)


def test_every_table_can_be_taken_out_and_read_back(desk: Station, tmp_path: Path) -> None:
    path = tmp_path / "代码表.xlsx"
    for key in sorted(codes.keys()):
        path.write_bytes(code_table.exported(key))
        with pytest.raises(Refusal, match="一样"):
            code_table.newer(key, path)
