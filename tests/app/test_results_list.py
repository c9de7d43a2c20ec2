"""The agency's list of who is certified, from the file to what is told of it."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import xlsxwriter

from app import certification, results_list
from app.certification import Results
from app.kit.refusal import Refusal
from models.certification import Certification
from models.retiree import Retiree
from tests.make import Station, a_day, a_retiree, an_id_number

WANG, LI = an_id_number(), an_id_number("1950-01-02", 31)
HEAD = ["姓名", "身份证号", "认证日期"]
Sheets = dict[str, Sequence[Sequence[object]]]


def book(folder: Path, sheets: Sheets, *hidden: str) -> Path:
    """A workbook as an office sends it."""
    path = folder / "认证结果.xlsx"
    with xlsxwriter.Workbook(path) as made:
        for name, rows in sheets.items():
            grid = made.add_worksheet(name)
            for at, row in enumerate(rows):
                grid.write_row(at, 0, row)
            if name in hidden:
                grid.hide()
    return path


def take(station: Station, path: Path) -> Results:
    done: Results = station.do(certification.import_results, results_list.rows(path))
    return done


@pytest.fixture
def two(station: Station) -> tuple[str, str]:
    """王秀英 and 李建国."""
    other = station.do(a_retiree, name="李建国", id_no=LI)
    return station.do(a_retiree), other


def test_a_row_without_a_match_is_named_by_the_number_that_excel_shows(
    station: Station, tmp_path: Path, two: tuple[str, str]
) -> None:
    rows = [["王秀英", WANG, "2026-11-10"], ["别人", LI, "2026-11-10"]]
    path = book(tmp_path, {"1": [["2026 年认证通过名单"], HEAD, *rows]})
    assert [(one.line, one.name) for one in take(station, path).unmatched] == [(4, "别人")]


def test_every_sheet_of_a_list_is_taken_in_but_a_hidden_one(
    station: Station, tmp_path: Path, two: tuple[str, str]
) -> None:
    sheets: Sheets = {
        "十月": [HEAD, ["王秀英", WANG, "2026-10-10"]],
        "十一月": [HEAD, ["李建国", LI, "2026-11-10"], ["别人", WANG, "2026-11-10"]],
        "草稿": [HEAD, ["李建国", LI, "2026-11-11"]],
        "说明": [["本表由系统导出"]],
    }
    done = take(station, book(tmp_path, sheets, "草稿"))
    assert done.matched == 2
    assert [(one.sheet, one.line) for one in done.unmatched] == [("十一月", 3)]
    days = [station.get(Retiree, key).last_certified_on for key in two]
    assert days == [a_day("2026-10-10"), a_day("2026-11-10")]


def test_who_did_not_pass_is_not_certified_by_the_list(
    station: Station, tmp_path: Path, two: tuple[str, str]
) -> None:
    rows = [
        [*HEAD, "认证结果"],
        ["王秀英", WANG, "2026-11-10", "未通过"],
        ["李建国", LI, "2026-11-10", "通过"],
    ]
    done = take(station, book(tmp_path, {"1": rows}))
    assert (done.matched, done.closed) == (1, 1)
    assert [(one.line, one.reason) for one in done.unmatched] == [
        (2, "名单上的认证结果是“未通过”，没有记作已认证")
    ]
    with station.store.look() as session:
        assert [one.retiree_id for one in session.query(Certification)] == [two[1]]


def test_no_word_for_a_failure_counts_as_certified(
    station: Station, tmp_path: Path, two: tuple[str, str]
) -> None:
    failed = [
        "不符合",
        "认证失败",
        "待核实（疑点）",
        "丧失资格",
        "联系不上",
        "拒绝",
        "否",
        "3",
        "死亡",
    ]
    rows = [["王秀英", WANG, f"2026-11-{day}", word] for day, word in enumerate(failed, 10)]
    done = take(station, book(tmp_path, {"1": [[*HEAD, "认证状态"], *rows]}))
    assert (done.matched, len(done.unmatched)) == (0, len(failed))


def test_any_word_for_having_passed_counts(
    station: Station, tmp_path: Path, two: tuple[str, str]
) -> None:
    passed = ["符合（健在）", "已认证", "合格", "成功", "是", "1", "正常", ""]
    rows = [["王秀英", WANG, f"2026-11-{day}", word] for day, word in enumerate(passed, 10)]
    assert take(station, book(tmp_path, {"1": [[*HEAD, "认证状态"], *rows]})).matched == len(passed)


def test_a_state_is_no_day(tmp_path: Path) -> None:
    rows = [["姓名", "身份证号", "认证结果"], ["王秀英", WANG, "通过"]]
    with pytest.raises(Refusal, match="缺少这几列：认证日期"):
        results_list.rows(book(tmp_path, {"1": rows}))


def test_a_number_that_excel_damaged_is_called_that(
    station: Station, tmp_path: Path, two: tuple[str, str]
) -> None:
    path = book(
        tmp_path,
        {"1": [HEAD, ["王秀英", float(WANG), "2026-11-10"], ["李建国", LI[:17], "2026-11-10"]]},
    )
    damaged, short = (one.reason for one in take(station, path).unmatched)
    assert "后几位已经丢失" in damaged
    assert "现在是 17 位" in short
