"""What takes a person off the lists and back; family and tags: what is said, stored, undone."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app import certification, movement, retiree, suspicion, visit
from app.certification import DueFilter
from models.kit import clock
from models.office import Office
from models.retiree import LOST, MANAGED, MOVED_OUT, MOVING_OUT, SUSPECTED_DEAD
from tests.make import visit_values
from tests.ui.clipped import clipped, primaries
from tests.ui.conftest import Opener
from tests.ui.station import Station
from ui.kit.tokens import SCALES, scale
from ui.pages import family as family_page
from ui.pages import movement as page
from ui.pages import person
from ui.pages.family import FamilyDialog, TagsDialog
from ui.pages.movement import KINDS, VOID, MovementDialog

WHO, THERE = "王秀英", "519902001002"
BOTH = {"T17", "T20"}
FACTORIES: dict[str, Any] = {
    "movement": page.dialog, "family": family_page.dialog, "tags": family_page.tags,
}  # fmt: skip
FILLED: dict[str, dict[str, Any]] = {
    "suspect_death": {"changed_on": date(2026, 11, 20), "source_way": "儿子电话告知"},
    "move_out": {"to_office": "海口市龙华区", "basis": "随子女居住"},
    "lose": {"basis": "电话三次无人接"},
}
STATES = {"suspect_death": SUSPECTED_DEAD, "move_out": MOVING_OUT, "lose": LOST}


@pytest.fixture
def place(at_work: Opener) -> Station:
    made = at_work(**FACTORIES)
    made.window.resize(1366, 688)
    made.window.show()
    return made


def seated(place: Station, role: str) -> None:
    """Somebody else is at the desk."""
    place.desk = replace(place.desk, roles=frozenset({role}))
    place.work.desk = place.desk
    place.context = replace(place.context, station=replace(place.context.station, desk=place.desk))


def opened(place: Station, verb: str, who: str = WHO) -> MovementDialog:
    made = place.open("movement", retiree_id=place.ids[who], verb=verb)
    place.settle()
    assert isinstance(made, MovementDialog)
    return made


def fill(dialog: MovementDialog, verb: str) -> None:
    dialog.form.put({**dialog.form.values(), **FILLED[verb]})
    dialog.typed.setText(WHO)


def save(place: Station, dialog: Any) -> None:
    dialog.save()
    place.settle()


def words(dialog: Any) -> str:
    return "\n".join(one.text() for one in dialog.findChildren(QLabel) if one.isVisible())


def state(place: Station, who: str = WHO) -> str:
    return str(place.look(retiree.person, place.ids[who]).manage_state)


def is_due(place: Station, who: str = WHO) -> bool:
    return bool(place.look(certification.due_ids, DueFilter(text=who)))


# movements ------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", FILLED)
def test_it_says_what_will_happen_and_that_happens(place: Station, verb: str) -> None:
    assert is_due(place)
    dialog = opened(place, verb)
    said = words(dialog)
    assert "保存后将同时发生" in said
    assert "认证任务冻结" in said
    assert "退出到期名单" in said
    assert "区中心" in said
    fill(dialog, verb)
    save(place, dialog)
    assert not dialog.isVisible()
    assert state(place) == STATES[verb]
    assert not is_due(place)


@pytest.mark.parametrize("verb", FILLED)
def test_the_toast_takes_it_back_whatever_was_done_since(place: Station, verb: str) -> None:
    dialog = opened(place, verb)
    fill(dialog, verb)
    save(place, dialog)
    assert place.said[-1].startswith(f"{WHO}：")
    place.run(visit.record_visit, visit_values(place.ids["许春梅"]))
    place.window.toast.press()
    place.settle()
    assert state(place) == MANAGED
    assert is_due(place)
    assert place.look(visit.visits, retiree_id=place.ids["许春梅"]).total == 1


@pytest.mark.parametrize("verb", KINDS)
def test_nobody_here_stops_a_pension(verb: str) -> None:
    said = "".join(KINDS[verb].points)
    assert "停发" not in said or "由经办机构决定" in said
    assert "火化" not in said


def test_a_death_becomes_a_doubt_with_its_source(place: Station) -> None:
    before = place.look(suspicion.open_count)
    dialog = opened(place, "suspect_death")
    fill(dialog, "suspect_death")
    save(place, dialog)
    assert place.look(suspicion.open_count) == before + 1
    doubt = place.look(retiree.person, place.ids[WHO]).doubts[0]
    assert doubt.detail == "2026-11-20 去世（儿子电话告知）"
    assert place.said[-1] == f"{WHO}：疑似死亡已登记。已移出到期名单，随下次上报送区中心核实"


def test_the_death_button_waits_for_the_name(place: Station) -> None:
    dialog = opened(place, "suspect_death")
    assert primaries(dialog) == []
    assert not dialog.save_button.isEnabled()
    dialog.save()  # Ctrl+S
    assert dialog.typed_field.text.text() == f"请输入“{WHO}”，才能确认登记"
    dialog.typed.setText("王秀")
    assert dialog.typed_field.text.text() == "还差 1 个字"
    dialog.typed.setText("王玉英")
    assert "不一致" in dialog.typed_field.text.text()
    assert not dialog.save_button.isEnabled()
    dialog.typed.setText(WHO)
    assert dialog.save_button.isEnabled()
    assert dialog.save_button.property("kind") == "danger"


def test_what_is_missing_is_said_at_its_field(place: Station) -> None:
    dialog = opened(place, "suspect_death")
    dialog.typed.setText(WHO)
    save(place, dialog)
    assert dialog.isVisible()
    assert [dialog.form.fields[n].level for n in ("changed_on", "source_way", "basis")] == [
        "err", "err", "",
    ]  # fmt: skip
    assert state(place) == MANAGED


def test_a_day_to_come_is_refused_at_the_date(place: Station) -> None:
    dialog = opened(place, "lose")
    dialog.form.put({"changed_on": date(2026, 12, 24), "basis": "电话三次无人接"})
    save(place, dialog)
    assert dialog.isVisible()
    assert dialog.form.fields["changed_on"].level == "err"


def test_who_was_lost_is_found_in_the_state_from_before(place: Station) -> None:
    place.run(movement.lost, place.ids[WHO], clock.today(), "三次没有人接")
    dialog = opened(place, "find")
    dialog.form.put({"changed_on": clock.today(), "basis": "女儿来电，在外地住院"})
    save(place, dialog)
    assert state(place) == MANAGED
    assert is_due(place)
    assert place.said == [f"{WHO}：找回已登记"]


def test_moving_away_takes_two_steps(place: Station) -> None:
    for verb, after in (("move_out", MOVING_OUT), ("moved", MOVED_OUT)):
        dialog = opened(place, verb)
        dialog.form.put({"changed_on": clock.today(), **FILLED["move_out"]})
        save(place, dialog)
        assert state(place) == after
    assert place.look(retiree.person, place.ids[WHO]).readonly
    dialog = opened(place, "come_back")
    dialog.form.put({"from_office": "海口市龙华区", "basis": "本人来站"})
    save(place, dialog)
    assert state(place) == MANAGED
    assert not place.look(retiree.person, place.ids[WHO]).readonly


@pytest.mark.parametrize(("typed", "found"), [("lc", 1), ("lin", 1), ("春", 1), ("", 1), ("hk", 0)])
def test_a_station_of_the_district_is_offered_as_it_is_typed(
    place: Station, typed: str, found: int
) -> None:
    place.run(lambda session: session.add(Office(code=THERE, name="临春社区", level="3")))
    editor: Any = opened(place, "move_out").form.editors["to_office"]
    offered: list[Any] = []
    editor.suggest.source(typed, offered.extend)
    place.settle()
    assert [one.text for one in offered] == ["临春社区"] * found


def test_the_head_puts_it_right_with_a_reason(place: Station) -> None:
    who = place.ids[WHO]
    place.run(movement.suspected_death, who, clock.today(), "邻居说的")
    dialog = opened(place, "correct")
    save(place, dialog)
    assert dialog.form.fields["basis"].level == "err"
    dialog.form.put({"basis": "本人来站，登记有误"})
    save(place, dialog)
    assert state(place) == MANAGED
    kept = {one.change_type: one.basis for one in place.look(movement.movements, who)}
    assert kept["8"] == "本人来站，登记有误"
    assert kept["9"] == "邻居说的"


def test_a_clerk_who_puts_it_right_is_told_who_may(place: Station) -> None:
    place.run(movement.suspected_death, place.ids[WHO], clock.today(), "邻居说的")
    seated(place, "clerk")
    dialog = opened(place, "correct")
    dialog.form.put({"basis": "登记有误"})
    save(place, dialog)
    assert "只有站长可以更正人员状态" in words(dialog)
    assert state(place) == SUSPECTED_DEAD


# family ---------------------------------------------------------------------------------------


def family(place: Station) -> FamilyDialog:
    made = place.open("family", retiree_id=place.ids[WHO])
    place.settle()
    assert isinstance(made, FamilyDialog)
    return made


def contacts(place: Station) -> list[tuple[str, int | None]]:
    rows = place.look(retiree.person, place.ids[WHO]).family
    return [(one.name, one.contact_order) for one in rows]


def three(place: Station) -> None:
    rows = [
        {"name": name, "relation": "20", "phone": f"1390000620{at}", "contact_order": at}
        for at, name in enumerate(("陈志明", "陈志强", "陈志远"), 1)
    ]
    place.run(retiree.set_family, place.ids[WHO], rows)


def test_who_stands_first_is_called_first(place: Station) -> None:
    three(place)
    dialog = family(place)
    assert not dialog.members[0].up.isEnabled()
    assert not dialog.members[2].down.isEnabled()
    dialog.members[2].up.click()
    dialog.members[1].up.click()
    dialog.members[1].called.setChecked(False)
    save(place, dialog)
    assert contacts(place) == [("陈志远", 1), ("陈志强", 2), ("陈志明", None)]
    place.window.toast.press()
    place.settle()
    assert contacts(place) == [("陈志明", 1), ("陈志强", 2), ("陈志远", 3)]


def test_a_wrong_telephone_is_said_at_the_field(place: Station) -> None:
    dialog = family(place)
    form = dialog.members[0].form
    form.editors["phone"].put("1390000620")
    save(place, dialog)
    assert dialog.isVisible()
    assert form.fields["phone"].level == "err"
    assert "11 位" in form.fields["phone"].text.text()


def test_saving_what_is_the_same_says_nothing(place: Station) -> None:
    dialog = family(place)
    save(place, dialog)
    assert not dialog.isVisible()
    assert place.said == []


def test_who_is_taken_off_the_list_is_kept_on_record(place: Station) -> None:
    three(place)
    dialog = family(place)
    dialog.members[0].removed.emit()
    save(place, dialog)
    assert [name for name, _order in contacts(place)] == ["陈志强", "陈志远"]


# tags -----------------------------------------------------------------------------------------


def tags(place: Station) -> TagsDialog:
    made = place.open("tags", retiree_id=place.ids[WHO])
    place.settle()
    assert isinstance(made, TagsDialog)
    return made


def test_a_tag_has_its_days_and_its_ground(place: Station) -> None:
    dialog = tags(place)
    dialog.chips["T05"].click()
    values = {
        "since_on": date(2026, 1, 5), "until_on": date(2027, 1, 4), "evidence": "残疾证 2 级",
    }  # fmt: skip
    dialog.details["T05"].put(values)
    save(place, dialog)
    one = next(t for t in place.look(retiree.person, place.ids[WHO]).tags if t.code == "T05")
    assert (one.since_on, one.until_on, one.evidence) == tuple(values.values())
    again = tags(place)
    assert again.details["T05"].values() == values
    again.details["T05"].put({**values, "until_on": None})
    save(place, again)
    one = next(t for t in place.look(retiree.person, place.ids[WHO]).tags if t.code == "T05")
    assert one.until_on is None


def test_an_end_before_the_beginning_is_refused(place: Station) -> None:
    dialog = tags(place)
    dialog.details["T03"].put({"since_on": date(2026, 5, 1), "until_on": date(2026, 4, 1)})
    save(place, dialog)
    assert dialog.isVisible()
    assert "早于" in dialog.details["T03"].fields["until_on"].text.text()


@pytest.mark.parametrize(("role", "shown"), [("head", BOTH), ("health", BOTH), ("clerk", set())])
def test_two_tags_are_for_the_head_and_health_only(
    place: Station, role: str, shown: set[str]
) -> None:
    place.run(retiree.set_tags, place.ids[WHO], ("T03", "T17"))
    seated(place, role)
    dialog = tags(place)
    assert BOTH & set(dialog.chips) == shown
    assert "T01" not in dialog.chips
    dialog.chips["T05"].click()
    save(place, dialog)
    seated(place, "head")
    found = {one.code for one in place.look(retiree.person, place.ids[WHO]).tags}
    assert found == {"T03", "T05", "T17"}


# room -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", SCALES)
@pytest.mark.parametrize("size", [(1366, 688), (1920, 1000)])
def test_nothing_is_cut_off(
    qtbot: QtBot, place: Station, size: tuple[int, int], value: float
) -> None:
    place.window.resize(*size)
    with scale.at(value):
        for verb in KINDS:
            dialog = opened(place, verb)
            assert clipped(dialog) == [], verb
            assert len(primaries(dialog)) <= 1
            dialog.reject()
        for opener in (family, tags):
            made = opener(place)
            assert clipped(made) == []
            assert primaries(made) == ["保存（Ctrl+S）"]
            made.reject()


# void -----------------------------------------------------------------------------------------


def test_a_registration_by_mistake_is_voided_with_its_name_typed_and_taken_back(
    qtbot: QtBot, place: Station
) -> None:
    trip = place.run(visit.record_visit, visit_values(place.ids[WHO])).id
    dialog = opened(place, VOID)
    assert not dialog.save_button.isEnabled()
    reason = dialog.form.editors["basis"].widget
    reason.setFocus()
    qtbot.keyClick(reason, Qt.Key.Key_Tab)
    assert dialog.focusWidget() is dialog.typed
    dialog.typed.setText(WHO)
    save(place, dialog)
    assert dialog.form.fields["basis"].level == "err"
    dialog.form.put({"basis": "和桂苑二区登记重了"})
    save(place, dialog)
    assert not dialog.isVisible()
    assert place.opened[-1][0] == "retirees"
    assert place.said == [f"{WHO} 的登记已作废"]
    assert not is_due(place)
    gone = person.page(place.context, retiree_id=place.ids[WHO])
    place.show(gone)
    assert f"{WHO} 的登记已作废" in words(gone)
    next(one for one in gone.findChildren(QPushButton) if one.text() == "查看已作废").click()
    assert place.opened[-1] == ("voided", {"group": "retiree"})
    assert trip not in [row.id for row in place.look(visit.visits).rows]
    place.window.toast.press()
    place.settle()
    assert is_due(place)
    assert trip in [row.id for row in place.look(visit.visits).rows]
