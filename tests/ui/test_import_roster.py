from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from app import imports, retiree
from app.kit import office_lock, sheet
from app.kit.importing import State
from app.kit.run import look
from app.retiree import People
from app.seed_roster import Roster, roster
from models.kit.id_number import check_digit
from tests.ui import homes
from tests.ui.homes import rest
from ui.kit.ask import prepared
from ui.kit.inputs import TextBox
from ui.pages.import_roster import CHECK, CHOOSE, COLUMNS, RESULT, ImportPage
from ui.pages.import_roster.grid import FIX, PROBLEM, SKIP
from ui.shell.session import Sitting


def number(born: str, place: int) -> str:
    first = f"519902{born}{place:03d}"
    return first + check_digit(first)


HEAD = ("姓名", "公民身份号码", "单位", "退休年月", "现住址", "手机号码")
GOOD = number("19500102", 21)
LETTER = "O".join(GOOD.rsplit("0", 1))
ROWS = (
    ("王秀英", "519902194611230269", "市棉纺织厂", "1996-11", "桂苑一区3栋502", "13800002617"),
    ("蔡振邦", number("19411202", 15)[:17] + "9", "市棉纺织厂", "2001-12", "桂苑一区2栋401", ""),
    ("", number("19551111", 17), "市棉纺织厂", "2015-09", "桂苑三区2栋501", ""),
    ("罗素琴", number("19610203", 18), "市棉纺织厂", "2061-05", "桂苑二区3栋203", ""),
    ("吴国华", LETTER, "市棉纺织厂", "2012-01", "桂苑二区7栋302", ""),
)


@pytest.fixture
def desk(tmp_path: Path, qapp: QApplication) -> Iterator[Sitting]:
    with homes.place(tmp_path) as place, homes.sitting(place.made().station) as made:
        yield made


@pytest.fixture
def page(desk: Sitting) -> ImportPage:
    made = desk.open("import_roster")
    assert isinstance(made, ImportPage)
    rest(made_desk := desk)
    assert made_desk.window.isVisible()
    return made


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Five people, four of them with something wrong."""
    path = tmp_path / "市棉纺织厂2026年移交名册.xlsx"
    path.write_bytes(sheet.write_xlsx(HEAD, ROWS, title="市棉纺织厂退休人员移交花名册"))
    return path


def read(desk: Sitting, page: ImportPage, path: Path) -> None:
    with prepared(path):
        page.choose.pick.click()
        rest(desk, 6)


def checked(desk: Sitting, page: ImportPage, path: Path) -> None:
    read(desk, page, path)
    page.foot.next.click()
    rest(desk, 6)
    assert page.step == CHECK


def written(desk: Sitting, page: ImportPage, path: Path) -> None:
    checked(desk, page, path)
    page.foot.next.click()
    rest(desk, 6)
    assert page.step == RESULT


def there(desk: Sitting) -> int:
    opened = desk.station
    return int(look(opened.store, opened.desk, retiree.people, People(), 1).total)


def test_a_roster_is_read_matched_and_checked(desk: Sitting, page: ImportPage, small: Path) -> None:
    read(desk, page, small)
    assert page.step == COLUMNS
    assert page.columns.employer.text() == "市棉纺织厂"
    assert page.columns.boxes[0].value() == "name"
    page.foot.next.click()
    rest(desk)
    assert page.analysis is not None
    assert page.analysis.counts.good == 1
    assert page.check.state is State.MUST_FIX
    assert page.foot.next.text() == "导入 1 行"


def test_a_file_that_is_no_roster_is_explained(
    desk: Sitting, page: ImportPage, tmp_path: Path
) -> None:
    wrong = tmp_path / "照片.xlsx"
    wrong.write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 100)
    read(desk, page, wrong)
    assert page.step == CHOOSE
    assert "图片" in page.choose.trouble.text.text()
    assert page.choose.pick.hasFocus()


def test_a_dropped_file_is_read(desk: Sitting, page: ImportPage, small: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(small))])
    none = Qt.KeyboardModifier.NoModifier
    drop = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, none
    )
    page.choose.drop.dropEvent(drop)
    rest(desk, 6)
    assert page.step == COLUMNS


def test_a_column_that_is_missing_stops_here(desk: Sitting, page: ImportPage, small: Path) -> None:
    read(desk, page, small)
    page.columns.choose(1, "-")
    assert page.columns.missing.isVisible()
    assert "身份证号" in page.columns.missing.title.text()
    assert not page.foot.next.isEnabled()
    page.columns.choose(1, "id_no")
    assert page.foot.next.isEnabled()


def test_a_cell_is_put_right_in_place(desk: Sitting, page: ImportPage, small: Path) -> None:
    checked(desk, page, small)
    table, model = page.check.table, page.check.model
    before = len(model.rows)
    at = next(n for n, row in enumerate(model.rows) if row.cells["name"] == "")
    table.go_to(at)
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Return)
    box = table.findChild(TextBox)
    assert box is not None
    box.setText("陈玉兰")
    QTest.keyClick(box, Qt.Key.Key_Return)
    rest(desk)
    assert len(page.check.model.rows) == before - 1
    assert page.foot.next.text() == "导入 2 行"


def test_one_click_takes_the_suggestion(desk: Sitting, page: ImportPage, small: Path) -> None:
    checked(desk, page, small)
    model = page.check.model
    fix = next(n for n, one in enumerate(model.columns) if one.key == FIX)
    at = next(n for n, row in enumerate(model.rows) if row.cells["name"] == "吴国华")
    assert model.index(at, fix).data().startswith("改为")
    page.check.table.linked.emit(at, fix)
    rest(desk)
    assert "吴国华" not in [row.cells["name"] for row in page.check.model.rows]


def test_all_sure_suggestions_are_taken_at_once(
    desk: Sitting, page: ImportPage, small: Path
) -> None:
    checked(desk, page, small)
    assert page.check.fix_all.isVisible()
    sure = len(page.analysis.sure_fixes()) if page.analysis else 0
    assert page.check.fix_all.text() == f"一键采用 {sure} 处建议"
    page.check.fix_all.click()
    rest(desk)
    assert not page.check.fix_all.isVisible()


def test_a_row_is_set_aside_and_taken_back(desk: Sitting, page: ImportPage, small: Path) -> None:
    checked(desk, page, small)
    model = page.check.model
    skip = next(n for n, one in enumerate(model.columns) if one.key == SKIP)
    page.check.table.linked.emit(0, skip)
    rest(desk)
    assert page.check.ignored.text() == "已忽略 1 行"
    page.check.ignored.click()
    assert page.check.state is State.IGNORED
    assert model.index(0, skip).data() == "恢复"
    page.check.table.linked.emit(0, skip)
    assert page.analysis is not None
    assert page.analysis.counts.ignored == 0


@pytest.mark.qt_log_ignore("grabbing the keyboard")
def test_ctrl_z_takes_corrections_back_and_nothing_that_was_saved(
    desk: Sitting, page: ImportPage, small: Path
) -> None:
    written(desk, page, small)
    page.foot.before.click()
    checked(desk, page, small)
    analysis: Any = page.analysis
    before = analysis.counts
    assert desk.window.focusWidget() is page.check.table  # nothing can be imported as it is
    page.check.fix_all.click()
    rest(desk)
    QTest.keyClick(page.check.table, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    page.check.table.findChildren(QMenu)[0].actions()[-1].trigger()
    assert analysis.counts.ignored == 1
    for _ in range(3):
        desk.window.undo()
    assert analysis.counts == before
    assert desk.window.toast.text.text() == "没有可以撤回的改动"
    assert there(desk) == 1


def test_what_was_put_right_is_there_when_the_page_was_left(
    desk: Any, page: ImportPage, small: Path
) -> None:
    checked(desk, page, small)
    page.check.fix_all.click()
    rest(desk)
    desk.window.escape()
    again: Any = desk.open("import_roster")
    rest(desk)
    assert again.choose.first().hasFocus()
    again.choose.first().click()
    again.go_before()
    again.foot.next.click()
    assert (again.step, again.foot.next.text()) == (CHECK, "导入 3 行")
    again.foot.next.click()
    rest(desk, 6)
    assert there(desk) == 3
    assert desk.open("import_roster").choose.begun.isHidden()


def test_enter_opens_the_cell_that_is_wrong_also_where_its_column_is_not_shown(
    desk: Sitting, page: Any, small: Path
) -> None:
    checked(desk, page, small)
    model, table = page.check.model, page.check.table
    spoilt = ("retired_on", "live_address", "live_address", "retired_on", "mobile")
    for row, field in zip(page.analysis.rows, spoilt, strict=True):
        page.analysis.fix(row.number, "id_no")
        page.analysis.edit(row.number, field, "12" * 70)
    page.check.refill(0)
    assert "mobile" not in [one.key for one in model.columns]
    table.go_to(4)
    QTest.keyClick(table, Qt.Key.Key_Return)
    box = table.findChild(TextBox)
    assert (table.row(), box.accessibleName()) == (4, "改 手机")


def test_good_rows_come_in_and_the_whole_batch_goes_out_again(
    desk: Sitting, page: ImportPage, small: Path
) -> None:
    written(desk, page, small)
    assert there(desk) == 1
    assert page.result.title.text() == "已导入 1 人"
    assert "其余 4 行未导入" in page.result.text.text()
    assert [one.name.split("-")[-1] for one in desk.station.home.backups.iterdir()] == [
        "import.backup"
    ]
    with prepared("yes"):
        page.result.undo.click()
        rest(desk)
    assert there(desk) == 0
    assert page.result.title.text().startswith("已撤销")


def test_earlier_imports_are_listed_and_can_be_taken_back(
    desk: Sitting, page: ImportPage, small: Path
) -> None:
    written(desk, page, small)
    page.foot.before.click()
    rest(desk)
    assert page.step == CHOOSE
    opened = desk.station
    rows = look(opened.store, opened.desk, imports.imports)
    assert [one.can_undo for one in rows] == [True]
    with prepared("yes"):
        page.choose.undo_wanted.emit(rows[0])
        rest(desk)
    assert there(desk) == 0


def test_what_was_confirmed_is_remembered_for_the_employer(
    desk: Sitting, page: ImportPage, small: Path
) -> None:
    read(desk, page, small)
    page.columns.choose(5, "-")
    page.foot.next.click()
    rest(desk)
    page.foot.next.click()
    rest(desk, 6)
    assert page.step == RESULT
    page.foot.before.click()
    read(desk, page, small)
    assert page.laid is not None
    assert page.laid.remembered
    assert page.columns.boxes[5].value() == "-"


def test_stopping_takes_everything_back(desk: Sitting, page: ImportPage, small: Path) -> None:
    checked(desk, page, small)
    page.foot.next.click()
    assert page.writing is not None
    page.writing.stop.click()
    rest(desk, 6)
    assert page.step == CHECK
    assert page.writing is None
    assert there(desk) == 0
    opened = desk.station
    assert look(opened.store, opened.desk, imports.imports) == []


def test_bad_rows_go_into_a_sheet_with_their_reason(
    desk: Sitting, page: ImportPage, small: Path, tmp_path: Path
) -> None:
    checked(desk, page, small)
    out = tmp_path / "left.xlsx"
    with prepared(out):
        page.check.export.click()
        rest(desk)
    cells = [cell for row in sheet.read(out)[0].rows for cell in row]
    assert "问题和怎么改" in cells
    assert any("姓名" in str(cell) for cell in cells)


def test_the_sample_can_be_imported(desk: Sitting, page: ImportPage, tmp_path: Path) -> None:
    out = tmp_path / "sample.xlsx"
    with prepared(out):
        page.choose.sample.click()
        rest(desk)
    checked(desk, page, out)
    assert page.analysis is not None
    assert page.analysis.counts.good == 2


def test_an_empty_list_leads_to_the_sample(desk: Sitting, tmp_path: Path) -> None:
    out = tmp_path / "sample.xlsx"
    with prepared(out):
        desk.open("import_roster", sample=True)
        rest(desk)
    assert "身份证号" in sheet.read(out)[0].rows[0]


@pytest.mark.slow
def test_nothing_is_clipped_in_any_step(desk: Sitting, page: ImportPage, small: Path) -> None:
    homes.fits_at_every_size(desk, page)
    read(desk, page, small)
    homes.fits_at_every_size(desk, page)
    page.foot.next.click()
    rest(desk)
    homes.fits_at_every_size(desk, page)
    page.foot.next.click()
    rest(desk, 6)
    homes.fits_at_every_size(desk, page)


@pytest.fixture(scope="module")
def large() -> Roster:
    return roster(20_000, 3)


@pytest.mark.slow
def test_twenty_thousand_rows_are_checked_and_moved_through_at_once(
    desk: Sitting, page: ImportPage, large: Roster, tmp_path: Path
) -> None:
    import time  # noqa: PLC0415

    path = tmp_path / "large.xlsx"
    path.write_bytes(large.data)
    checked(desk, page, path)
    began = time.perf_counter()
    page.check.show_state(State.GOOD)
    QApplication.processEvents()
    assert time.perf_counter() - began < 1.0
    assert page.check.model.rowCount() > 18_000
    problem = next(n for n, c in enumerate(page.check.model.columns) if c.key == PROBLEM)
    assert page.check.model.index(15_000, problem).data() == "新增"


def test_a_locked_file_asks_for_its_password_in_place(
    desk: Sitting, page: ImportPage, small: Path
) -> None:
    small.write_bytes(office_lock.locked(small.read_bytes(), "Sangyu#1"))
    read(desk, page, small)
    assert page.step == CHOOSE
    assert page.choose.lock.isVisible()
    assert page.choose.password.hasFocus()
    QTest.keyClicks(page.choose.password, "sangyu#1")
    QTest.keyClick(page.choose.password, Qt.Key.Key_Return)
    rest(desk, 6)
    assert "密码不对" in page.choose.trouble.text.text()
    assert page.choose.password.text() == ""
    QTest.keyClicks(page.choose.password, "Sangyu#1")
    QTest.keyClick(page.choose.password, Qt.Key.Key_Return)
    rest(desk, 6)
    assert page.step == COLUMNS
    assert page.choose.password.text() == ""
    assert not page.choose.lock.isVisible()
