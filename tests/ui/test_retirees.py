"""The list: search, chips, filters, ticks, pages, the side panel, export, the finder."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app import consent, retiree
from app.kit import sheet
from app.kit.office_lock import Locked
from app.kit.paths import Home
from app.printing.kit import codes
from models.audit import Audit
from models.kit import clock
from tests.conftest import NOW
from tests.ui.clipped import clipped, primaries
from tests.ui.station import Filled, Station, filled, fresh, head_of, installed, station
from ui.kit.ask import ask, prepared
from ui.kit.buttons import Button
from ui.kit.context import Context
from ui.kit.list_page import ListPage
from ui.kit.tokens import px, scale
from ui.kit.view import Asked
from ui.kit.work import Work
from ui.pages import find, retirees

FACTORIES: dict[str, Callable[..., QWidget]] = {"find": find.dialog}
MORE = 120


@pytest.fixture(scope="module")
def like(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    with clock.freeze(NOW):
        return filled(tmp_path_factory.mktemp("like") / "station.db", MORE)


@pytest.fixture
def place(qtbot: QtBot, stopped_clock: Any, tmp_path: Path, like: Filled) -> Iterator[Station]:
    with station(tmp_path / "station.db", FACTORIES, like=like) as made:
        yield made


@pytest.fixture
def page(place: Station) -> retirees.Retirees:
    made = retirees.page(place.context)
    place.show(made)
    place.settle()
    return made


def names(where: ListPage) -> list[str]:
    return [row.name for row in where.list.rows]


def texts(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]


def search(qtbot: QtBot, place: Station, page: retirees.Retirees, text: str) -> None:
    box = page.list.search
    box.clear()
    qtbot.keyClicks(box, text)
    qtbot.wait(250)
    place.settle()


def settle_panel(qtbot: QtBot, place: Station) -> None:
    qtbot.wait(150)
    place.settle()


def test_fifty_a_page_and_the_chips_count_everybody(page: retirees.Retirees) -> None:
    assert len(page.list.list.rows) == 50
    assert page.list.chips.buttons["managed"].text() == "在册 135"
    assert page.list.list.place.text() == "第 1 / 3 页"


def test_the_next_page_comes_below_the_last_row(
    qtbot: QtBot, place: Station, page: retirees.Retirees
) -> None:
    table = page.list.list.table
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_End)
    qtbot.keyClick(table, Qt.Key.Key_Down)
    place.settle()
    assert page.list.list.number == 2
    assert table.row() == 0
    qtbot.keyClick(table, Qt.Key.Key_Up)
    place.settle()
    assert (page.list.list.number, table.row()) == (1, 49)


def test_initials_find_and_enter_opens(
    qtbot: QtBot, place: Station, page: retirees.Retirees
) -> None:
    search(qtbot, place, page, "wxy")
    assert "王秀英" in names(page.list)
    qtbot.keyClick(page.list.search, Qt.Key.Key_Down)
    page.list.list.go_to(place.ids["王秀英"])
    qtbot.keyClick(page.list.list.table, Qt.Key.Key_Return)
    assert place.opened[-1] == ("person", {"retiree_id": place.ids["王秀英"]})


def test_the_panel_follows_the_row_and_stays_closed(
    qtbot: QtBot, place: Station, page: retirees.Retirees
) -> None:
    page.list.list.go_to(place.ids["王秀英"])
    page.list.start(Asked(chip="managed", text="王秀英"))
    place.settle()
    page.list.list.go_to(place.ids["王秀英"])
    settle_panel(qtbot, place)
    assert "待认证，且走访逾期 18 天" in texts(page.panel)
    assert "20" not in texts(page.panel)
    assert any(text.endswith("陈志明 139****6208") for text in texts(page.panel))
    assert page.escape()
    assert not page.panel.isVisible()
    page.reload()
    place.settle()
    assert not page.panel.isVisible()


def test_the_panel_gives_way_before_it_squeezes_a_column(
    place: Station, page: retirees.Retirees
) -> None:
    for width, beside in ((1142, True), (1080, False), (1142, True)):
        page.list.setFixedWidth(width)
        place.settle()
        assert page.panel.isVisible() == beside
        assert page.list.list.table.columnWidth(1) >= 134


def test_a_number_is_shown_in_full_only_when_asked_and_logged(
    qtbot: QtBot, place: Station, page: retirees.Retirees
) -> None:
    page.list.start(Asked(chip="managed", text="王秀英"))
    place.settle()
    page.list.list.go_to(place.ids["王秀英"])
    settle_panel(qtbot, place)
    whole = place.look(retiree.for_edit, place.ids["王秀英"])["id_no"]
    assert whole not in texts(page.panel)
    word = next(w for w in page.panel.findChildren(QLabel) if ">显示<" in w.text())
    word.linkActivated.emit("#")
    place.settle()
    assert whole in texts(page.panel)
    with place.store.look() as session:
        assert session.query(Audit).filter(Audit.act == "查看").count() == 1


def test_space_ticks_and_ctrl_a_takes_the_whole_filter(
    qtbot: QtBot, place: Station, page: retirees.Retirees
) -> None:
    table = page.list.list.table
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert page.list.bar.count.text() == "已选 1 人"
    assert not page.panel.isVisible()
    qtbot.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert page.list.bar.count.text() == "已选 2 人"
    qtbot.keyClick(table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    place.settle()
    assert page.list.bar.count.text() == "已全选 135 人"
    assert len(page.list.list.ticked()) == 135
    page.list.bar.cleared.emit()
    assert not page.list.bar.isVisible()


def test_ticks_of_another_chip_are_forgotten(place: Station, page: retirees.Retirees) -> None:
    page.list.list.model.tick(0)
    page.list.chips.buttons["aged"].click()
    place.settle()
    assert page.list.list.ticked() == []


def test_printing_leaves_out_who_needs_no_certification(
    place: Station, page: retirees.Retirees
) -> None:
    page.list.start(Asked(chip="managed", text="罗"))
    place.settle()
    page.list.list.tick_filter()
    place.settle()
    page.print_ticked()
    place.settle()
    name, arguments = place.opened[-1]
    assert name == "print_forms"
    assert len(arguments["task_ids"]) < page.list.list.total or not place.said


def test_a_notice_is_printed_for_those_of_the_ticked_who_have_not_signed_one(
    place: Station, page: retirees.Retirees
) -> None:
    one, two, three = (row.id for row in page.list.list.rows[:3])
    place.run(consent.record_consent, two, ["1"], clock.today())
    for at in range(3):
        page.list.list.model.tick(at)
    page.print_notices()
    place.settle()
    assert place.opened[-1] == ("print_notices", {"retiree_ids": (one, three)})
    assert place.said[-1] == "其中 1 人已经签过告知书，没有列入"


def test_a_filter_has_a_chip_that_takes_it_off(place: Station, page: retirees.Retirees) -> None:
    page.list.open_filters()
    place.settle()
    dialog = next(w for w in place.window.findChildren(QWidget) if w.windowTitle() == "更多筛选")
    dialog.editors["estate"].set_value("桂苑二区")  # type: ignore[attr-defined]
    dialog.editors["age"].low.setText("70")  # type: ignore[attr-defined]
    dialog.take()  # type: ignore[attr-defined]
    place.settle()
    assert page.list.more.text() == "更多筛选（2）"
    assert sorted(chip.text() for chip in page.list.chips.filters.values()) == [
        "年龄≥70岁",
        "桂苑二区",
    ]
    assert all(row.age >= 70 for row in page.list.list.rows)
    page.list.chips.filters["age"].click()
    place.settle()
    assert page.list.more.text() == "更多筛选（1）"


def test_no_hit_names_the_filters_and_offers_who_may_be_meant(
    qtbot: QtBot, place: Station, page: retirees.Retirees
) -> None:
    page.list.start(Asked(chip="immobile", text="王秀英", filters={"estate": "桂苑二区"}))
    place.settle()
    said = texts(page.list)
    assert "“行动不便”和“桂苑二区”里没有“王秀英”" in said
    assert any("可能是您要找的" in text for text in said)
    go = next(b for b in page.list.findChildren(Button) if b.text() == "打开" and b.isVisible())
    go.click()
    assert place.opened[-1][0] == "person"
    clear = [b for b in page.list.findChildren(Button) if b.text() == "清除全部筛选"]
    clear[-1].click()
    place.settle()
    assert page.list.list.total == 135


def test_the_same_row_is_there_after_something_was_saved(
    place: Station, page: retirees.Retirees
) -> None:
    table = page.list.list.table
    table.go_to(20)
    table.verticalScrollBar().setValue(500)
    here = page.list.list.row_id()
    place.work.do(retiree.edit, here, {"last_post": "会计"})
    place.settle()
    assert page.list.list.row_id() == here
    assert table.verticalScrollBar().value() == 500


def test_an_export_asks_why_hides_numbers_and_is_logged(
    place: Station, page: retirees.Retirees, tmp_path: Path
) -> None:
    path = tmp_path / "名单.xlsx"
    page.list.list.model.tick(0)
    with prepared("hidden", "报区中心核对", "", path):
        page.export_ticked()
        place.settle()
    rows = list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))
    assert rows[0][:4] == ("姓名", "性别", "年龄", "身份证号")
    assert "********" in str(rows[1][3])
    with place.store.look() as session:
        entry = session.query(Audit).filter(Audit.act == "导出").one()
    assert "用途：报区中心核对" in str(entry.detail)


def test_an_export_can_ask_for_a_password_to_be_opened(
    place: Station, page: retirees.Retirees, tmp_path: Path
) -> None:
    path = tmp_path / "名单.xlsx"
    page.list.list.model.tick(0)
    with prepared("whole", "报区中心核对", "12345", "Sangyu#1", path) as seen:
        page.export_ticked()
        place.settle()
    assert [one.secret for one in seen.asked].count(True) == 2
    assert "至少 6 位" in next(one.text for one in seen.asked if one.kind == "tell")
    with pytest.raises(Locked):
        sheet.read(path)
    (found,) = sheet.read(path, "Sangyu#1")
    assert found.rows[0][:4] == ["姓名", "性别", "年龄", "身份证号"]
    assert re.fullmatch(r"519902\d{11}[\dX]", str(found.rows[1][3]))


def test_missing_facts_have_a_list_of_their_own(place: Station, page: retirees.Retirees) -> None:
    page.choose("missing")
    place.settle()
    assert page.tabs.buttons["missing"].text() == "资料待补 135"


def test_the_first_day_offers_two_ways_to_start_and_a_roster_to_fill_in(
    qtbot: QtBot, stopped_clock: Any, tmp_path: Path
) -> None:
    store = fresh(tmp_path / "station.db")
    work = Work(store, head_of(store))
    opened: list[str] = []
    context = Context(
        work,
        ask,
        lambda *said, **more: opened.append(" ".join((*said, *more))),
        lambda *_said: None,
        installed(Home(tmp_path), store, work.desk),
    )
    made = retirees.page(context)
    qtbot.addWidget(made)
    made.resize(1200, 640)
    made.show()
    work.wait()
    assert "还没有退休人员" in texts(made)
    assert primaries(made) == ["导入 Excel 名册"]
    for one in made.findChildren(Button):
        if one.isVisible():
            one.click()
    assert opened == ["import_roster", "register", "import_roster sample"]
    work.close()
    store.close()


def test_the_finder_shows_pinyin_and_opens_with_enter(
    qtbot: QtBot, place: Station, page: retirees.Retirees
) -> None:
    popup: Any = place.open("find")
    place.settle()
    qtbot.keyClicks(popup.box, "zdm")
    qtbot.wait(200)
    place.settle()
    assert any(hit.name == "张德明" for hit in popup.hits.hits)
    assert find.spelled("王秀英") == "WangXiuYing"
    first = popup.hits.hits[0].id
    qtbot.keyClick(popup.box, Qt.Key.Key_Return)
    assert place.opened[-1] == ("person", {"retiree_id": first})
    assert not popup.isVisible()


def test_the_finder_does_not_call_a_part_of_them_all(
    place: Station, page: retirees.Retirees, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find, "MANY", 3)
    popup: Any = place.open("find")
    popup.ask("桂苑")
    place.settle()
    assert (len(popup.hits.hits), popup.count.text()[:7]) == (3, "不止 3 人，")
    popup.ask("wxy")
    place.settle()
    assert popup.count.text() == "退休人员 1 人"
    popup.reject()


def test_the_finder_is_as_tall_as_what_it_found(
    qtbot: QtBot, place: Station, page: retirees.Retirees
) -> None:
    popup: Any = place.open("find")
    for text, most in (("桂苑", find.MOST), ("zdm", 2), ("wxy", 1)):
        popup.box.setText(text)
        qtbot.wait(200)
        place.settle()
        hits = min(find.MOST, len(popup.hits.hits))
        assert 1 <= hits <= most
        assert popup.list.height() == px(find.ROW) * hits + 2
        assert popup.height() == popup.sizeHint().height()
        assert popup.count.height() <= popup.count.sizeHint().height()


def test_the_finder_closes_also_where_what_had_the_focus_is_gone(
    place: Station, page: retirees.Retirees
) -> None:
    popup: Any = place.open("find")
    popup.came_from = QWidget(page)
    shiboken6.delete(popup.came_from)
    popup.reject()
    assert not popup.isVisible()


def test_the_finder_takes_the_code_of_a_form(
    qtbot: QtBot, place: Station, page: retirees.Retirees
) -> None:
    popup: Any = place.open("find")
    code = codes.payload("RZ1", "519902001001", codes.form_no("7ab", 412, 2026), "ABCD1234")
    qtbot.keyClicks(popup.box, code)
    qtbot.keyClick(popup.box, Qt.Key.Key_Return)
    assert place.opened[-1] == ("certification", {"tab": "scan", "code": code})


@pytest.mark.parametrize(
    "size", [(1366, 688, 1.0), (1920, 1000, 1.0), (1366, 688, 1.25), (1366, 688, 1.5)]
)
def test_nothing_is_cut_and_one_button_is_primary(
    place: Station, size: tuple[int, int, float]
) -> None:
    wide, tall, text = size
    with scale.at(text):
        page = retirees.page(place.context)
        place.show(page, wide - 190, tall - 56)
        place.settle()
        assert clipped(page) == []
        assert primaries(page) == ["登记退休人员"]
        page.list.list.model.tick(0)
        place.settle()
        assert page.list.bar.isVisible()
        assert clipped(page) == []
