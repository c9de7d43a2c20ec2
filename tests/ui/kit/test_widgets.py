import re
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QDate, QEvent, QFileInfo, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QEnterEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QFileIconProvider,
    QLabel,
    QMenu,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from models.kit import clock
from tests.ui import gallery
from tests.ui.clipped import clipped
from ui.kit.ask import ask, prepared
from ui.kit.banner import Banner
from ui.kit.batch_bar import BatchBar
from ui.kit.buttons import Button, Chip, Segmented
from ui.kit.card import StatCard
from ui.kit.cells import CELL, Check, Link, Text
from ui.kit.charts import percent
from ui.kit.date_box import DateBox, tidy
from ui.kit.dialog import Dialog, Veil
from ui.kit.editors import OneOf, Several
from ui.kit.field import Field
from ui.kit.inputs import Combo, PasswordBox, SearchBox, TextBox
from ui.kit.label import Label
from ui.kit.layout import VBox
from ui.kit.side_panel import SidePanel
from ui.kit.table import Column, DataTable, Row, RowsModel
from ui.kit.toast import Toast
from ui.kit.tokens import scale
from ui.shell.pictures.album import rests

COLUMNS = (Column("tick", "", 44), Column("name", "姓名", 120, 1, sortable=True),
           Column("do", "", 80, drop=1))  # fmt: skip


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    VBox(made)
    made.resize(1000, 600)
    qtbot.addWidget(made)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


@pytest.fixture
def table(window: QWidget) -> DataTable:
    rows = [Row(str(n), (Check(on=False), Text(f"王{n}"), Link("忽略"))) for n in range(3)]
    model = RowsModel(COLUMNS, rows)
    made = DataTable(COLUMNS)
    model.setParent(made)
    made.setModel(model)
    made.setParent(window)
    made.setGeometry(0, 0, 600, 300)
    made.show()
    return made


def model_of(table: DataTable) -> RowsModel:
    model = table.model()
    assert isinstance(model, RowsModel)
    return model


def click(table: DataTable, row: int, column: int) -> None:
    spot = table.visualRect(table.model().index(row, column)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=spot)


# field --------------------------------------------------------------------------------------


def test_a_message_replaces_the_hint_and_gives_it_back(qtbot: QtBot) -> None:
    field = Field("手机", TextBox(), hint="11 位")
    qtbot.addWidget(field)
    field.say("err", "手机号应为 11 位，现在是 10 位")
    assert field.text.text().startswith("手机号应为")
    assert field.editor.property("st") == "err"
    assert field.editor.accessibleDescription().startswith("手机号应为")
    field.say()
    assert field.text.text() == "11 位"
    assert field.editor.property("st") == ""


def test_a_one_click_correction_says_which(qtbot: QtBot) -> None:
    field = Field("身份证号", TextBox())
    qtbot.addWidget(field)
    field.say("err", "最后一位是字母 O，应为数字 0", link="改为 0", key="zero")
    with qtbot.waitSignal(field.linked) as heard:
        field.fix.linkActivated.emit("zero")
    assert heard.args == ["zero"]


def test_a_read_only_editor_stays_grey_whatever_is_said(qtbot: QtBot) -> None:
    box = TextBox("女")
    box.set_read_only()
    field = Field("性别", box, required=True)
    qtbot.addWidget(field)
    field.say("err", "与证号不一致")
    assert box.property("st") == "ro"
    assert box.accessibleName() == "性别（必填）"


# inputs -------------------------------------------------------------------------------------


def test_searching_waits_for_the_last_key(qtbot: QtBot) -> None:
    box = SearchBox(delay=10)
    qtbot.addWidget(box)
    with qtbot.waitSignal(box.searched) as heard:
        QTest.keyClicks(box, "wxy")
    assert heard.args == ["wxy"]


def test_escape_empties_the_search_first(window: QWidget) -> None:
    box = SearchBox()
    window.layout().addWidget(box)  # type: ignore[union-attr]
    box.setText("wxy")
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert box.text() == ""


def test_a_password_can_be_looked_at(qtbot: QtBot) -> None:
    box = PasswordBox()
    qtbot.addWidget(box)
    box.press()
    assert box.echoMode() == PasswordBox.EchoMode.Normal
    assert box.inner.accessibleName() == "隐藏口令"


def test_a_choice_is_kept_by_key_when_the_choices_change(qtbot: QtBot) -> None:
    combo = Combo([("1", "桂苑一区"), ("2", "桂苑二区")])
    qtbot.addWidget(combo)
    assert combo.value() == ""
    combo.set_value("2")
    combo.set_choices([("2", "桂苑二区"), ("3", "滨江路")])
    assert combo.value() == "2"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("19461123", "1946-11-23"), ("1946.11.3", "1946-11-03"), ("1946年11月23日", "1946-11-23"),
     ("1946/11", "1946-11"), ("194611", "1946-11"), ("1946", "1946"), ("不详", "不详"),
     ("１９４６１１２３", "1946-11-23"), ("１９４６．１１．３", "1946-11-03"),
     ("1946。11。3", "1946-11-03"), ("1946—11—3", "1946-11-03"), ("11-3", "11-3")],
)  # fmt: skip
def test_days_are_read_the_way_people_write_them(typed: str, kept: str) -> None:
    assert tidy(typed) == kept


def test_a_date_box_gives_a_day_or_nothing(qtbot: QtBot) -> None:
    box = DateBox()
    qtbot.addWidget(box)
    box.setText("19461123")
    assert box.day() == date(1946, 11, 23)
    box.setText("1946-02-30")
    assert box.day() is None


@pytest.mark.parametrize("typed", ["12-5", "12.5", "12月5日", "１２－５", "12。5"])
def test_a_day_without_a_year_is_of_this_year(
    qtbot: QtBot, stopped_clock: object, typed: str
) -> None:
    box = DateBox()
    qtbot.addWidget(box)
    box.setText(typed)
    assert box.day() == date(clock.today().year, 12, 5)
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert box.text() == f"{clock.today().year}-12-05"


def test_a_date_that_may_be_a_month_alone_gets_no_year_by_guess(qtbot: QtBot) -> None:
    box = DateBox(whole=False)
    qtbot.addWidget(box)
    QTest.keyClicks(box, "55.11")
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert box.text() == "55.11"


def opened_calendar(qtbot: QtBot, text: str) -> DateBox:
    box = DateBox(text)
    qtbot.addWidget(box)
    box.show()
    QTest.keyClick(box, Qt.Key.Key_F4)
    assert box.popup is not None
    return box


@pytest.mark.qt_log_ignore("does not support grabbing the", extend=True)
def test_the_calendar_puts_the_day_into_the_box(qtbot: QtBot) -> None:
    box = opened_calendar(qtbot, "1996-11-01")
    with qtbot.waitSignal(box.picked):
        box._take(QDate(1996, 12, 2))
    assert box.text() == "1996-12-02"


@pytest.mark.qt_log_ignore("does not support grabbing the", extend=True)
def test_the_calendar_is_worked_with_arrows_and_enter(qtbot: QtBot) -> None:
    box = opened_calendar(qtbot, "1996-11-01")
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not box)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Return):
        days = QApplication.focusWidget()
        assert days is not None
        QTest.keyClick(days, key)
    assert box.popup is None
    assert box.text() == "1996-11-09"


# buttons and cards --------------------------------------------------------------------------


def test_a_removable_chip_says_so_and_stays_chosen(qtbot: QtBot) -> None:
    chip = Chip("桂苑一区", removable=True)
    qtbot.addWidget(chip)
    with qtbot.waitSignal(chip.removed):
        chip.click()
    assert chip.isChecked()


def test_choosing_a_segment_by_program_is_silent(qtbot: QtBot) -> None:
    segments = Segmented([("m", "本月"), ("y", "本年")])
    qtbot.addWidget(segments)
    heard: list[str] = []
    segments.chosen.connect(heard.append)
    segments.choose("y")
    assert (segments.current(), heard) == ("y", [])
    segments.step(1)
    assert (segments.current(), heard) == ("m", ["m"])


def test_a_number_card_is_one_button_that_speaks(qtbot: QtBot) -> None:
    card = StatCard("badge-check", "pri", "待认证", "86", "人", "30 日截止", "warn")
    qtbot.addWidget(card)
    assert card.accessibleName() == "待认证 86 人，30 日截止，按回车打开"
    with qtbot.waitSignal(card.clicked):
        QTest.keyClick(card, Qt.Key.Key_Return)
    with qtbot.waitSignal(card.clicked):
        QTest.mouseClick(card, Qt.MouseButton.LeftButton)


def test_the_batch_bar_shows_itself_only_with_a_choice(qtbot: QtBot) -> None:
    bar = BatchBar()
    qtbot.addWidget(bar)
    bar.show_count(3)
    assert bar.count.text() == "已选 3 人"
    bar.show_count(86, of_filter=True)
    assert bar.count.text() == "已全选 86 人"
    bar.show_count(0)
    assert bar.isHidden()


def test_a_banner_is_as_tall_as_its_words(window: QWidget) -> None:
    banner = Banner("warn", "走访逾期 18 天", "今天上门可一并完成核验。" * 20)
    box = window.layout()
    assert isinstance(box, VBox)
    box.addWidget(banner)
    box.addStretch(1)
    QApplication.processEvents()
    assert banner.text.height() >= banner.text.heightForWidth(banner.text.width())


# table --------------------------------------------------------------------------------------


def test_space_ticks_the_current_row_and_enter_opens_it(qtbot: QtBot, table: DataTable) -> None:
    table.go_to(1)
    QTest.keyClick(table, Qt.Key.Key_Space)
    assert model_of(table).ticked == {"1"}
    with qtbot.waitSignal(table.opened) as heard:
        QTest.keyClick(table, Qt.Key.Key_Return)
    assert heard.args == [1]


def test_moving_tells_the_row(qtbot: QtBot, table: DataTable) -> None:
    table.go_to(0)
    with qtbot.waitSignal(table.moved) as heard:
        QTest.keyClick(table, Qt.Key.Key_Down)
    assert heard.args == [1]
    QTest.keyClick(table, Qt.Key.Key_End)
    assert table.row() == 2


def test_a_click_on_the_box_ticks_and_on_a_link_follows(qtbot: QtBot, table: DataTable) -> None:
    click(table, 2, 0)
    assert model_of(table).ticked == {"2"}
    with qtbot.waitSignal(table.linked) as heard:
        click(table, 0, 2)
    assert heard.args == [0, 2]


def menu_of(widget: QWidget) -> QMenu:
    found = next(iter(widget.findChildren(QMenu)))
    assert found.isVisible()
    return found


@pytest.mark.qt_log_ignore("grabbing the keyboard")
def test_what_a_link_does_is_also_in_the_menu_of_the_row(qtbot: QtBot, table: DataTable) -> None:
    followed: list[tuple[int, int]] = []
    table.linked.connect(lambda row, column: followed.append((row, column)))
    table.drop_columns(1)
    table.go_to(2)
    by_key = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0))
    QApplication.sendEvent(table.viewport(), by_key)
    menu = menu_of(table)
    assert [one.text() for one in menu.actions()] == ["忽略"]
    qtbot.keyClick(menu, Qt.Key.Key_Down)
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    assert followed == [(2, 2)]


def test_columns_fill_the_width_exactly_at_every_size(table: DataTable) -> None:
    for hidden in (0, 1):
        table.drop_columns(hidden)
        shown = [p for p in range(3) if not table.isColumnHidden(p)]
        assert len(shown) == 3 - hidden
        assert sum(table.columnWidth(p) for p in shown) == table.viewport().width()


def test_a_second_click_on_the_head_turns_the_order(qtbot: QtBot, table: DataTable) -> None:
    heard: list[tuple[str, bool]] = []
    table.sorted.connect(lambda key, up: heard.append((key, up)))
    for section in (1, 1, 0):
        table.horizontalHeader().sectionClicked.emit(section)
    assert heard == [("name", True), ("name", False)]


def test_a_cell_speaks_with_its_column(table: DataTable) -> None:
    index = table.model().index(0, 1)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "姓名：王0"
    assert isinstance(table.model().index(0, 0).data(CELL), Check)


def test_the_model_obeys_qt(qtmodeltester: object, table: DataTable) -> None:
    qtmodeltester.check(table.model(), force_py=True)  # type: ignore[attr-defined]


def test_ticking_all_and_none(table: DataTable) -> None:
    model_of(table).tick_all()
    assert len(model_of(table).ticked) == 3
    model_of(table).tick_all(on=False)
    assert model_of(table).ticked == set()


# dialog, toast, questions ---------------------------------------------------------------------


def test_a_dialog_is_never_taller_than_its_window(window: QWidget) -> None:
    dialog = Dialog(window, "登记退休人员", width=860)
    for number in range(40):
        dialog.add(Label(f"第 {number} 行"))
    dialog.cancel_button()
    dialog.open()
    QApplication.processEvents()
    assert dialog.panel.height() <= window.height() - 24
    assert window.findChild(Veil) is not None
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert not dialog.isVisible()


def test_closing_a_dialog_gives_the_focus_back(qtbot: QtBot, window: QWidget) -> None:
    box = TextBox()
    window.layout().addWidget(box)  # type: ignore[union-attr]
    QApplication.processEvents()
    box.setFocus()
    dialog = Dialog(window, "编辑")
    other = TextBox()
    dialog.add(other)
    dialog.open()
    other.setFocus()
    dialog.reject()
    assert window.focusWidget() is box


def test_a_small_dialog_is_no_taller_than_its_words(window: QWidget) -> None:
    dialog = Dialog(window, "删除备份")
    dialog.add(Label("删除后不能恢复", wrap=True))
    dialog.cancel_button()
    dialog.open()
    QApplication.processEvents()
    assert dialog.scroller.verticalScrollBar().maximum() == 0
    assert dialog.height() < 260
    dialog.reject()


LONG = "三亚市天涯区凤凰镇槟榔村委会（含水蛟、过岭、妙山三个片区）退休人员社会化管理服务"


@pytest.mark.parametrize("title", ["编辑", "停用" + LONG], ids=["short", "long"])
def test_an_open_dialog_lets_the_computer_rest(qtbot: QtBot, window: QWidget, title: str) -> None:
    dialog = Dialog(window, title, subtitle=LONG)
    dialog.add(Field("手机", TextBox()))
    dialog.open()
    qtbot.wait(50)
    assert rests()
    dialog.reject()


@pytest.mark.parametrize("value", [1.0, 1.5])
def test_a_long_name_is_written_out_wherever_it_stands(window: QWidget, value: float) -> None:
    scale.set(value)
    try:
        dialog = Dialog(window, f"停用 {LONG} 的电脑 93D8", subtitle=LONG)
        dialog.add(Field(f"请输入“{LONG}”", TextBox(), required=True))
        dialog.open()
        toast = Toast(window)
        toast.say(f"已停用 {LONG} 的这台电脑，{LONG} 下次联系时会知道", undo=lambda: None)
        QApplication.processEvents()
        assert not clipped(dialog)
        assert not clipped(window)
        assert window.rect().contains(toast.geometry())
        dialog.reject()
        short = Dialog(window, "打印认证表", subtitle="8 份")
        short.open()
        QApplication.processEvents()
        assert short.subtitle.x() > short.title.x()
        short.reject()
    finally:
        scale.set(1.0)


def test_a_dialog_grows_with_a_message_and_does_not_shrink_again(window: QWidget) -> None:
    dialog, field = Dialog(window, "编辑"), Field("手机", TextBox())
    dialog.add(field)
    dialog.cancel_button()
    dialog.open()
    QApplication.processEvents()
    before = dialog.height()
    field.say("err", "手机号应为 11 位，现在是 10 位；没有手机请填固定电话" * 3)
    QApplication.processEvents()
    grown = dialog.height()
    assert grown > before
    assert clipped(dialog) == []
    field.say()
    QApplication.processEvents()
    assert dialog.height() == grown
    dialog.reject()


def test_a_toast_takes_it_back_once(window: QWidget) -> None:
    undone: list[str] = []
    toast = Toast(window)
    toast.say("已保存 王秀英 的走访记录", lambda: undone.append("走访"))
    assert toast.isVisible()
    assert toast.can_undo()
    toast.word.click()
    assert undone == ["走访"]
    assert not toast.isVisible()
    toast.press()
    assert undone == ["走访"]


def test_a_toast_without_a_way_back_offers_none(window: QWidget) -> None:
    toast = Toast(window)
    toast.say("已复制")
    assert not toast.word.isVisible()
    assert not toast.can_undo()
    assert toast.geometry().bottom() <= window.height()
    spot = QPointF(9, 9)
    QApplication.sendEvent(toast, QEnterEvent(spot, spot, spot))
    assert toast.timer.isActive(), "a pointer left there does not keep it"
    toast.say("已保存", lambda: None)
    QApplication.sendEvent(toast, QEnterEvent(spot, spot, spot))
    assert not toast.timer.isActive()


def test_what_a_toast_offers_is_no_undoing(window: QWidget) -> None:
    gone: list[str] = []
    toast = Toast(window)
    toast.offer("扫到一张认证表", "去扫码回收（F8）", lambda: gone.append("scan"))
    assert toast.offers()
    assert not toast.can_undo()
    assert toast.word.text() == "去扫码回收（F8）"
    toast.word.click()
    assert gone == ["scan"]
    toast.say("已保存", lambda: gone.append("undo"))
    assert toast.can_undo()
    assert not toast.offers()
    assert toast.word.text() == "撤销（Ctrl+Z）"


def test_the_share_of_nobody_is_a_dash() -> None:
    assert percent(93.3, 26) == "93.3%"
    assert percent(100.0, 0) == "—"


def test_prepared_answers_stand_for_the_person(window: QWidget) -> None:
    with prepared("yes", "U/名册.xlsx", None, "m") as seen:
        assert ask.confirm(window, "恢复备份", act="恢复")
        assert ask.open_file(window, "选名册") == Path("U/名册.xlsx")
        assert ask.folder(window, "选文件夹") is None
        assert ask.choose(window, "排序", [("m", "按楼栋")]) == "m"
        ask.tell(window, "打印机没有反应", "请看是否开机、有纸")
    assert [question.title for question in seen.asked][:2] == ["恢复备份", "选名册"]
    assert not seen.answers


def test_a_question_nobody_prepared_fails_the_test(window: QWidget) -> None:
    with prepared(), pytest.raises(AssertionError, match="恢复备份"):
        ask.confirm(window, "恢复备份", act="恢复")


def test_the_danger_waits_for_the_name(qtbot: QtBot, window: QWidget) -> None:
    seen: list[object] = []

    def person() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, Dialog)
        act = next(b for b in dialog.findChildren(QPushButton) if b.text() == "确认登记")
        box = dialog.findChild(TextBox)
        assert box is not None
        seen.append(act.isEnabled())
        seen.append(dialog.focusWidget().text())  # type: ignore[attr-defined]
        box.setText("王秀英")
        seen.append(act.isEnabled())
        act.click()

    QTimer.singleShot(0, person)
    agreed = ask.confirm(
        window, "死亡登记", act="确认登记", points=("停发养老金由经办机构办理",), type_this="王秀英"
    )
    assert agreed
    assert seen == [False, "取消（Esc）", True]


def test_a_choice_begins_at_its_first_and_enter_takes_what_is_chosen(window: QWidget) -> None:
    seen: list[object] = []

    def choose() -> None:
        front = QApplication.activeModalWidget()
        assert front is not None
        for key in (Qt.Key.Key_Down, Qt.Key.Key_Return):
            now = front.focusWidget()
            seen.append(now.accessibleName() if now is not None else None)
            QTest.keyClick(front if now is None else now, key)

    QTimer.singleShot(0, choose)
    two = (("1504", "今天 15:04"), ("1501", "今天 15:01"))
    assert ask.choose(window, "恢复备份", two, act="下一步") == "1501"
    assert seen == ["今天 15:04", "今天 15:01"]


def test_a_question_for_words_is_not_left_empty(window: QWidget, qtbot: QtBot) -> None:
    said: list[str] = []

    def person() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, Dialog)
        (box,) = dialog.findChildren(TextBox)
        qtbot.keyClick(box, Qt.Key.Key_Return)
        said.append(dialog.findChildren(Field)[0].text.text())
        qtbot.keyClicks(box, "abc")
        qtbot.keyClick(box, Qt.Key.Key_Return)

    QTimer.singleShot(0, person)
    assert ask.text(window, "作废走访记录", "原因", act="作废") == "abc"
    assert said == ["请填写原因"]


def test_escape_closes_the_side_panel(qtbot: QtBot, window: QWidget) -> None:
    panel = SidePanel()
    window.layout().addWidget(panel)  # type: ignore[union-attr]
    with qtbot.waitSignal(panel.closed):
        QTest.keyClick(panel, Qt.Key.Key_Escape)
    assert panel.isHidden()


def test_the_ring_shows_after_keys_and_not_after_the_mouse(qtbot: QtBot) -> None:
    window = gallery.a_window()
    qtbot.addWidget(window)
    window.resize(1366, 688)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    page = window.open("retirees")
    assert isinstance(page, gallery.People)
    page.table.setFocus()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_F6)
    page.new.setFocus()
    assert window.ring.isVisible()
    corner = page.new.mapTo(window, QPoint(0, 0))
    assert window.ring.geometry().contains(corner)
    QTest.mouseClick(window.windowHandle(), Qt.MouseButton.LeftButton, pos=QPoint(700, 30))
    page.table.setFocus()
    page.new.setFocus()
    assert not window.ring.isVisible()


def test_a_double_click_presses_only_what_its_first_half_pressed(
    window: QWidget, qtbot: QtBot
) -> None:
    pressed: list[str] = []
    report = Button("立即联网上报", does=lambda: pressed.append("report"))
    stop = Button("停止", does=lambda: pressed.append("stop"))
    for button in (report, stop):
        window.layout().addWidget(button)  # type: ignore[union-attr]
        button.show()
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    spot = QPointF(5, 5)

    def second_half(button: Button) -> None:
        for kind in (QEvent.Type.MouseButtonDblClick, QEvent.Type.MouseButtonRelease):
            QApplication.sendEvent(button, QMouseEvent(kind, spot, spot, left, left, none))

    qtbot.mouseClick(report, left)
    second_half(stop)
    assert pressed == ["report"]
    second_half(report)
    assert pressed == ["report", "report"]
    qtbot.mouseClick(stop, left)
    assert pressed[-1] == "stop"


# a row of choices ------------------------------------------------------------------------------

WORDS = (("1", "上门"), ("3", "电话"), ("5", "来站"))


def focused_text() -> str:
    now = QApplication.focusWidget()
    return now.text() if isinstance(now, QPushButton) else type(now).__name__


def in_line(window: QWidget, several: Several) -> tuple[TextBox, TextBox]:
    before, after = TextBox(), TextBox()
    for each in (before, several.widget, after):
        window.layout().addWidget(each)  # type: ignore[union-attr]
        each.show()
    return before, after


def test_a_row_of_choices_is_one_stop_and_arrows_choose(window: QWidget, qtbot: QtBot) -> None:
    one = OneOf(WORDS)
    before, after = in_line(window, one)
    one.put("3")
    before.setFocus()
    qtbot.keyClick(before, Qt.Key.Key_Tab)
    assert focused_text() == "电话"  # what is chosen
    qtbot.keyClick(one.chips["3"], Qt.Key.Key_Right)
    assert (focused_text(), one.value()) == ("来站", "5")
    qtbot.keyClick(one.chips["5"], Qt.Key.Key_Down)
    assert (focused_text(), one.value()) == ("上门", "1")
    qtbot.keyClick(one.chips["1"], Qt.Key.Key_Space)
    assert one.value() == "1"
    qtbot.keyClick(one.chips["1"], Qt.Key.Key_Tab)
    assert after.hasFocus()
    qtbot.keyClick(after, Qt.Key.Key_Backtab)
    assert focused_text() == "上门"


def test_among_several_the_arrows_only_move(window: QWidget, qtbot: QtBot) -> None:
    several = Several(WORDS)
    before, after = in_line(window, several)
    before.setFocus()
    qtbot.keyClick(before, Qt.Key.Key_Tab)
    assert focused_text() == "上门"
    qtbot.keyClick(several.chips["1"], Qt.Key.Key_Left)
    qtbot.keyClick(several.chips["5"], Qt.Key.Key_Space)
    qtbot.keyClick(several.chips["5"], Qt.Key.Key_Left)
    qtbot.keyClick(several.chips["3"], Qt.Key.Key_Space)
    assert several.value() == ["3", "5"]
    qtbot.keyClick(several.chips["3"], Qt.Key.Key_Tab)
    assert after.hasFocus()


def test_what_is_chosen_later_is_where_the_tab_key_stops(window: QWidget, qtbot: QtBot) -> None:
    one = OneOf(WORDS)
    before, _after = in_line(window, one)
    one.chips["1"].setFocus()
    before.setFocus()
    one.put("5")
    qtbot.keyClick(before, Qt.Key.Key_Tab)
    assert focused_text() == "来站"


def test_the_file_dialog_that_qt_draws_itself_is_chinese(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    dialog = QFileDialog(None, "选名册", str(tmp_path))
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    qtbot.addWidget(dialog)
    dialog.show()
    words = [one.text() for one in dialog.findChildren(QLabel) if one.isVisible()]
    words += [one.text() for one in dialog.findChildren(QPushButton) if one.isVisible()]
    assert len(words) >= 5
    assert all(re.search(r"[\u4e00-\u9fff]", one) for one in words), words
    folder = QFileIconProvider().type(QFileInfo(str(tmp_path)))
    assert folder == "文件夹"
