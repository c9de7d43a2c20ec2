"""Registering and editing a person, family, tags, movements: what the person at the desk sees."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app import draft, retiree, undo
from models.kit import clock, codes
from models.retiree import DEAD, LOST, SUSPECTED_DEAD
from tests.conftest import NOW
from tests.ui.clipped import clipped, primaries
from tests.ui.station import Filled, Station, filled, number, station
from ui.kit.ask import prepared
from ui.kit.editors import Several
from ui.kit.tokens import scale
from ui.pages import family, movement, register

FACTORIES: dict[str, Callable[..., QWidget]] = {
    "register": register.dialog,
    "edit": register.edit,
    "family": family.dialog,
    "tags": family.tags,
    "movement": movement.dialog,
    "person": lambda _context, **_arguments: QWidget(),
}
NEW = {
    "name": "符大海",
    "id_no": number("19420518", "1", 77),
    "mobile": "13800007788",
    "employer_name": "市棉纺织厂",
    "live_address": "桂苑三区5栋301",
}


@pytest.fixture(scope="module")
def like(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    with clock.freeze(NOW):
        return filled(tmp_path_factory.mktemp("like") / "station.db")


@pytest.fixture
def place(qtbot: QtBot, stopped_clock: Any, tmp_path: Path, like: Filled) -> Iterator[Station]:
    with station(tmp_path / "station.db", FACTORIES, like=like) as made:
        made.window.resize(1366, 688)
        made.window.show()
        yield made


def opened(place: Station, name: str, **arguments: Any) -> Any:
    made = place.open(name, **arguments)
    place.settle()
    return made


def type_in(qtbot: QtBot, box: Any, text: str) -> None:
    """QTest has no keys for Chinese; an input method commits it in one go as well."""
    if text.isascii():
        qtbot.keyClicks(box, text)
    else:
        box.insert(text)


def fill(qtbot: QtBot, place: Station, form: Any, values: dict[str, str]) -> None:
    """As fingers do: type, Enter."""
    for name, text in values.items():
        form.go_to(name)
        widget = form.editors[name].widget
        widget.selectAll()
        type_in(qtbot, widget, text)
        qtbot.keyClick(widget, Qt.Key.Key_Return)
    qtbot.wait(300)
    place.settle()


def save(qtbot: QtBot, place: Station, dialog: Any) -> None:
    qtbot.waitUntil(dialog.isActiveWindow)
    qtbot.keyClick(dialog, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    place.settle()


def find(place: Station, name: str) -> list[retiree.Found]:
    return [one for one in place.look(retiree.find, name) if one.name == name]


def test_a_person_is_registered_with_the_keyboard_alone(qtbot: QtBot, place: Station) -> None:
    dialog = opened(place, "register")
    assert dialog.form.current() == "name"
    fill(qtbot, place, dialog.form, NEW)
    assert dialog.form.fields["name"].text.text() == "未与在册人员重名重号"
    assert dialog.form.editors["sex"].value() == "1"
    save(qtbot, place, dialog)
    assert not dialog.isVisible()
    assert place.said[-1] == "已登记 符大海"
    assert find(place, "符大海")[0].address == "桂苑三区 5栋 301"


def test_errors_are_told_in_words_at_their_field(qtbot: QtBot, place: Station) -> None:
    dialog = opened(place, "register")
    assert dialog.above.isHidden()
    wrong = number("19461123", "2", 13)
    other = wrong[:-1] + ("3" if wrong[-1] != "3" else "4")
    fill(qtbot, place, dialog.form, {**NEW, "id_no": other, "mobile": "1380000261"})
    save(qtbot, place, dialog)
    fields = dialog.form.fields
    assert dialog.isVisible()
    assert dialog.banner.title.text() == "还有 2 处需要改正"
    bar = dialog.scroller.verticalScrollBar()
    bar.setValue(bar.maximum())
    assert not dialog.banner.visibleRegion().isEmpty(), "it stays in sight"
    assert fields["id_no"].text.text().startswith("有数字抄错了：按前 17 位推算")
    assert fields["mobile"].text.text() == "手机号应为 11 位，现在是 10 位；没有手机请填固定电话"
    assert dialog.form.current() == "id_no"


def test_all_that_is_missing_is_told_at_once(qtbot: QtBot, place: Station) -> None:
    dialog = opened(place, "register")
    save(qtbot, place, dialog)
    missing = {"name", "id_no", "mobile", "employer_name", "live_address"}
    assert missing == set(dialog.form.errors())


def test_a_number_the_card_really_shows_is_kept_and_marked(qtbot: QtBot, place: Station) -> None:
    dialog = opened(place, "register")
    right = number("19461123", "2", 13)
    odd = right[:-1] + ("3" if right[-1] != "3" else "4")
    fill(qtbot, place, dialog.form, {**NEW, "id_no": odd})
    assert "证件上就是这样" in dialog.form.fields["id_no"].fix.text()
    dialog.form.fields["id_no"].fix.linkActivated.emit("as_it_is")
    place.settle()
    assert "证号待公安核实" in dialog.form.fields["id_no"].text.text()
    save(qtbot, place, dialog)
    who = find(place, "符大海")[0]
    assert place.look(retiree.for_edit, who.id)["id_doubtful"] is True


def test_a_number_that_is_there_already_leads_to_its_owner(qtbot: QtBot, place: Station) -> None:
    dialog = opened(place, "register")
    known = place.look(retiree.for_edit, place.ids["王秀英"])["id_no"]
    fill(qtbot, place, dialog.form, {**NEW, "id_no": known})
    assert dialog.form.fields["id_no"].text.text().startswith("这个号码已登记为 王秀英")
    dialog.form.fields["id_no"].fix.linkActivated.emit("open")
    place.settle()
    assert place.opened[-1] == ("person", {"retiree_id": place.ids["王秀英"]})


def test_the_number_is_counted_while_it_is_typed(qtbot: QtBot, place: Station) -> None:
    dialog = opened(place, "register")
    dialog.form.go_to("id_no")
    qtbot.keyClicks(dialog.form.editors["id_no"].widget, "5199021946112302")
    assert dialog.form.fields["id_no"].text.text() == "已输入 16 位，还差 2 位"


def test_a_neighbour_behind_the_same_door_is_mentioned(qtbot: QtBot, place: Station) -> None:
    dialog = opened(place, "register")
    fill(qtbot, place, dialog.form, {**NEW, "live_address": "桂苑一区3栋502"})
    assert "这一户已登记 1 人：王秀英" in dialog.form.fields["live_address"].text.text()


def test_what_was_typed_survives_escape(qtbot: QtBot, place: Station) -> None:
    dialog = opened(place, "register")
    fill(qtbot, place, dialog.form, {"name": "符大海"})
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    place.settle()
    kept = place.look(draft.find, "retiree")
    assert kept.values["name"] == "符大海"
    assert find(place, "符大海") == []


def test_ctrl_enter_saves_and_opens_the_next(qtbot: QtBot, place: Station) -> None:
    dialog = opened(place, "register")
    fill(qtbot, place, dialog.form, NEW)
    qtbot.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    place.settle()
    assert [name for name, _ in place.opened] == ["register", "register"]
    assert len(find(place, "符大海")) == 1


def test_editing_sends_only_what_was_changed_and_can_be_undone(
    qtbot: QtBot, place: Station
) -> None:
    who = place.ids["王秀英"]
    dialog = opened(place, "edit", retiree_id=who, group="retired")
    assert dialog.form.current() == "employer_name"
    fill(qtbot, place, dialog.form, {"last_post": "挡车工"})
    assert dialog.values() == {"last_post": "挡车工"}
    save(qtbot, place, dialog)
    assert place.look(retiree.for_edit, who)["last_post"] == "挡车工"
    place.run(undo.undo)
    assert place.look(retiree.for_edit, who)["last_post"] is None


def test_a_draft_of_an_edit_takes_nothing_back_that_others_wrote_meanwhile(
    qtbot: QtBot, place: Station
) -> None:
    who = place.ids["王秀英"]
    place.run(retiree.edit, who, {"last_post": "挡车工"})
    dialog = opened(place, "edit", retiree_id=who)
    fill(qtbot, place, dialog.form, {"live_address": "桂苑三区5栋301"})
    dialog.form.go_to("last_post")
    post = dialog.form.editors["last_post"].widget
    post.selectAll()
    qtbot.keyClick(post, Qt.Key.Key_Delete)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    place.settle()
    place.run(retiree.edit, who, {"mobile": "13800001111"})
    again = opened(place, "edit", retiree_id=who)
    again.take_draft(place.look(draft.find, "retiree", who))
    place.settle()
    save(qtbot, place, again)
    now = place.look(retiree.for_edit, who)
    assert (now["mobile"], now["live_address"]) == ("13800001111", "桂苑三区5栋301")
    assert now["last_post"] is None
    assert place.look(draft.find, "retiree", who) is None


def test_the_toast_takes_back_this_saving_and_nothing_else(qtbot: QtBot, place: Station) -> None:
    who = place.ids["王秀英"]
    place.run(retiree.edit, who, {"mobile": "13800001111"})
    made = opened(place, "edit", retiree_id=who)
    made.save()
    place.settle()
    assert place.said[-1] == "王秀英 的资料没有改动"
    assert not place.window.toast.can_undo()
    made = opened(place, "edit", retiree_id=who)
    made.form.editors["door_note"].put("铁门")
    made.form.touched.add("door_note")
    made.save()
    place.settle()
    assert place.said[-1] == "已保存 王秀英 的资料"
    place.run(retiree.edit, who, {"mobile": "13800002222"})
    place.window.toast.press()
    place.settle()
    now = place.look(retiree.for_edit, who)
    assert (now["door_note"], now["mobile"]) == (None, "13800002222")


def test_a_form_begins_with_what_is_there_selected(qtbot: QtBot, place: Station) -> None:
    dialog = opened(place, "edit", retiree_id=place.ids["王秀英"])
    qtbot.waitUntil(lambda: dialog.form.editors["name"].widget.selectedText() == "王秀英")


def test_family_keeps_a_telephone_that_was_not_touched(qtbot: QtBot, place: Station) -> None:
    who = place.ids["王秀英"]
    dialog = opened(place, "family", retiree_id=who)
    fill(qtbot, place, dialog.members[0].form, {"work_unit_post": "市一中教师"})
    dialog.add_member()
    place.settle()
    new = dialog.members[1].form
    new.editors["name"].widget.setText("陈志芳")
    save(qtbot, place, dialog)
    assert dialog.isVisible()
    assert new.fields["relation"].level == "err"
    new.editors["relation"].put("30")
    save(qtbot, place, dialog)
    rows = place.look(retiree.person, who).family
    assert [(one.name, one.phone, one.work) for one in rows] == [
        ("陈志明", "139****6208", "市一中教师"),
        ("陈志芳", "", ""),
    ]


def test_a_tag_is_put_on_and_taken_off(qtbot: QtBot, place: Station) -> None:
    who = place.ids["王秀英"]
    dialog = opened(place, "tags", retiree_id=who)
    assert dialog.chips["T03"].isChecked()
    dialog.chips["T03"].click()
    dialog.chips["T05"].click()
    save(qtbot, place, dialog)
    assert [one.code for one in place.look(retiree.person, who).tags] == ["T05"]


def without(table: str, retired: str) -> None:
    """The centre publishes a table in which a code may no longer be chosen."""
    said = [
        f"{one.code},{one.name},{one.parent},{int(one.active and one.code != retired)},,x"
        for one in codes.table(table)
    ]
    codes.publish(table, "\n".join((",".join(codes.COLUMNS), *said)))


def test_whoever_has_a_code_that_was_retired_keeps_it(qtbot: QtBot, place: Station) -> None:
    who = place.ids["王秀英"]
    try:
        without("TAG", "T03")
        dialog = opened(place, "tags", retiree_id=who)
        assert dialog.chips["T03"].text() == "独居（已停用）"
        dialog.chips["T05"].click()
        save(qtbot, place, dialog)
        assert {one.code for one in place.look(retiree.person, who).tags} == {"T03", "T05"}
        relation = place.look(retiree.person, who).family[0].relation
        without("KINSHIP", relation)
        family = opened(place, "family", retiree_id=who)
        save(qtbot, place, family)
        assert not family.isVisible()
        assert place.look(retiree.person, who).family[0].relation == relation
    finally:
        codes.forget()


def test_of_several_codes_one_that_was_retired_stays(qtbot: QtBot) -> None:
    some = Several((("1", "甲"), ("2", "乙")))
    qtbot.addWidget(some.widget)
    some.put(["1", "9"])
    some.chips["2"].click()
    assert some.value() == ["1", "2", "9"]
    some.put(None)
    assert some.value() == []


def test_a_death_is_believed_only_with_the_name_typed(qtbot: QtBot, place: Station) -> None:
    who = place.ids["王秀英"]
    dialog = opened(place, "movement", retiree_id=who, verb="suspect_death")
    fill(qtbot, place, dialog.form, {"changed_on": "20261120", "source_way": "儿子电话告知"})
    type_in(qtbot, dialog.typed, "王秀")
    assert dialog.typed_field.text.text() == "还差 1 个字"
    save(qtbot, place, dialog)
    assert dialog.isVisible()
    type_in(qtbot, dialog.typed, "英")
    assert dialog.save_button.isEnabled()
    save(qtbot, place, dialog)
    assert not dialog.isVisible()
    assert place.look(retiree.person, who).manage_state == SUSPECTED_DEAD != DEAD


def test_what_was_refused_stays_to_be_read_until_it_is_mended(qtbot: QtBot, place: Station) -> None:
    dialog = opened(place, "movement", retiree_id=place.ids["王秀英"], verb="suspect_death")
    fill(qtbot, place, dialog.form, {"changed_on": "20271120", "source_way": "儿子电话告知"})
    type_in(qtbot, dialog.typed, "王秀英")
    save(qtbot, place, dialog)
    day = dialog.form.fields["changed_on"]
    assert "晚于今天" in day.text.text()
    dialog.check()  # as when another field was left meanwhile
    assert "晚于今天" in day.text.text()
    fill(qtbot, place, dialog.form, {"changed_on": "20261120"})
    dialog.check()
    assert day.level != "err"


def test_somebody_lost_needs_no_name_typed(qtbot: QtBot, place: Station) -> None:
    who = place.ids["张德明"]
    dialog = opened(place, "movement", retiree_id=who, verb="lose")
    dialog.form.editors["basis"].put("电话打不通，邻居三个月没见")
    save(qtbot, place, dialog)
    assert place.look(retiree.person, who).manage_state == LOST


def test_a_warning_is_saved_only_with_a_reason(qtbot: QtBot, place: Station) -> None:
    dialog = opened(place, "register")
    fill(qtbot, place, dialog.form, {**NEW, "retired_on": "1970-05"})
    save(qtbot, place, dialog)
    assert dialog.banner.title.text() == "有 1 处请您再看一眼"
    with prepared("病退，有审批表"):
        dialog.save_anyway()
        place.settle()
    who = find(place, "符大海")[0]
    assert "病退，有审批表" in place.look(retiree.for_edit, who.id)["remark"]


@pytest.mark.parametrize("size", [(1366, 688, 1.0), (1366, 688, 1.5), (1920, 1000, 1.25)])
def test_no_dialog_cuts_its_words(place: Station, size: tuple[int, int, float]) -> None:
    wide, tall, text = size
    who = place.ids["王秀英"]
    with scale.at(text):
        place.window.resize(wide, tall)
        for name, arguments in (
            ("register", {}), ("edit", {"retiree_id": who}), ("family", {"retiree_id": who}),
            ("tags", {"retiree_id": who}), ("movement", {"retiree_id": who, "verb": "move_out"}),
            ("movement", {"retiree_id": who, "verb": "suspect_death"}),
        ):  # fmt: skip
            dialog = opened(place, name, **arguments)
            assert clipped(dialog) == []
            assert len(primaries(dialog)) <= 1
            dialog.reject()
            place.settle()
