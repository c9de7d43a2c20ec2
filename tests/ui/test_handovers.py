"""人员转接: who comes, what was written too late, who went; nothing is decided without a word."""

from datetime import date
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel

from app import handover, movement, retiree, workbench
from models.handover import DECLINED, TAKEN, Handover, LateEdit
from models.kit import clock
from models.kit.ids import new_id
from models.office import Office
from models.retiree import Retiree
from tests.ui.clipped import clipped
from tests.ui.conftest import Opener
from tests.ui.station import Station
from ui.kit.ask import prepared
from ui.kit.buttons import Button
from ui.pages import handovers as page
from ui.pages import movement as movement_page
from ui.pages import person as person_page
from ui.pages import retirees as list_page
from ui.pages import workbench as desk_page
from ui.pages.handovers import HandoversPage
from ui.pages.movement import MovementDialog

NEXT_DOOR = "望江社区服务站"
WHO = "王秀英"
YES, NO = (True,), (False,)


@pytest.fixture
def place(at_work: Opener) -> Station:
    made = at_work(
        handovers=page.page,
        movement=movement_page.dialog,
        person=person_page.page,
        retirees=list_page.page,
        workbench=desk_page.page,
    )
    made.window.resize(1366, 688)
    made.window.show()
    return made


def neighbour(place: Station) -> str:
    key = new_id()
    with place.store.apply() as session:
        session.add(Office(id=key, office_id=key, code="519902001002", name=NEXT_DOOR, level="3"))
    return key


def arriving(place: Station, id_no: str = "519902194905177002") -> None:
    there = neighbour(place)
    with place.store.apply() as session:
        session.add(
            Handover(
                id=new_id(), office_id=there, person_id=new_id(), name="梁凤英", sex="2",
                to_office_id=place.desk.office_id, id_no=id_no,
                birth_on=date(1949, 5, 17), moved_on=date(2026, 11, 18), basis="与女儿同住",
                brings="全部资料、走访记录 12 条", offered_by="何晓燕",
            )
        )  # fmt: skip


def late(place: Station) -> str:
    there, key, action = neighbour(place), place.ids[WHO], new_id()
    with place.store.apply() as session:
        for entity, record, said, is_new in (
            ("retiree", key, {"mobile": "13900007712"}, False),
            ("visit", new_id(), {"retiree_id": key, "visited_on": "2026-11-20",
             "visit_type": "12", "way": "1", "visitors": "何晓燕"}, True),
        ):  # fmt: skip
            session.add(
                LateEdit(
                    id=new_id(), office_id=place.desk.office_id, retiree_id=key,
                    change_id=new_id(), action=action, entity=entity, record_id=record, said=said,
                    is_new=is_new, from_office_id=there, said_by="何晓燕", said_at=clock.now(),
                )
            )  # fmt: skip
    return action


def shown(place: Station, chip: str = "") -> HandoversPage:
    made = place.open("handovers", chip=chip)
    place.settle()
    assert isinstance(made, HandoversPage)
    return made


def words(widget: Any) -> str:
    return "\n".join(one.text() for one in widget.findChildren(QLabel) if one.isVisible())


def press(place: Station, within: Any, text: str) -> None:
    (button,) = (b for b in within.findChildren(Button) if b.isVisible() and b.text() == text)
    button.click()
    place.settle()


def test_an_offer_says_who_from_where_and_what_comes_along(place: Station) -> None:
    arriving(place)
    made = shown(place)
    said = words(made.panel)
    for word in (
        "梁凤英",
        "77岁",
        "519902********7002",
        NEXT_DOOR,
        "与女儿同住",
        "12 条",
        "何晓燕",
    ):
        assert word in said
    assert clipped(place.window) == []


def test_taking_over_asks_first_and_then_it_is_done(place: Station) -> None:
    arriving(place)
    made = shown(place)
    with prepared(*NO):
        press(place, made.panel, "接收…")
    assert place.look(handover.waiting)["offers"] == 1
    with prepared(*YES) as seen:
        press(place, made.panel, "接收…")
    assert any(NEXT_DOOR in point for point in seen.asked[0].points)
    assert place.look(handover.waiting)["offers"] == 0
    assert "已接收 梁凤英" in place.said[-1]
    with place.store.look() as session:
        assert session.query(Handover).one().state == TAKEN


def test_somebody_on_our_books_with_that_number_is_named_before_taking_over(
    place: Station,
) -> None:
    with place.store.look() as session:
        ours = session.get_one(Retiree, place.ids[WHO])
        name, number = ours.name, ours.id_no
    arriving(place, str(number))
    made = shown(place)
    assert f"本站已登记 {name}，身份证号相同" in words(made.panel)
    with prepared(*NO) as seen:
        press(place, made.panel, "接收…")
    assert any(name in point and "两份" in point for point in seen.asked[0].points)
    assert clipped(place.window) == []


def test_declining_wants_a_reason(place: Station) -> None:
    arriving(place)
    made = shown(place)
    with prepared("查无此住址"):
        press(place, made.panel, "不接收…")
    with place.store.look() as session:
        found = session.query(Handover).one()
    assert (found.state, found.reason) == (DECLINED, "查无此住址")


def test_a_late_change_shows_both_values_and_is_taken_as_a_whole(place: Station) -> None:
    late(place)
    made = shown(place, handover.LATE)
    said = words(made.panel)
    for word in ("138****2617", "139****7712", "何晓燕", NEXT_DOOR, "新登记的走访记录"):
        assert word in said
    press(place, made.panel, "采用")
    assert place.look(retiree.person, place.ids[WHO]).values["mobile"] == "139****7712"
    assert len(place.look(retiree.person, place.ids[WHO]).visits) == 1
    assert place.look(handover.waiting)["late"] == 0


def test_a_late_change_that_is_left_changes_nothing(place: Station) -> None:
    late(place)
    made = shown(place, handover.LATE)
    with prepared("已停机"):
        press(place, made.panel, "不采用…")
    assert place.look(retiree.person, place.ids[WHO]).values["mobile"] == "138****2617"
    assert place.look(handover.waiting)["late"] == 0


def test_the_first_page_and_the_list_lead_there(place: Station) -> None:
    arriving(place)
    rows = [row for row in place.look(workbench.todo, limit=200).rows if row.kind == "offers"]
    assert [(row.title, row.matter, row.button) for row in rows] == [
        ("转入待接收", "1 人", "去接收")
    ]
    made: Any = place.open("retirees")
    place.settle()
    assert made.handed.text() == "人员转接，待办 1"
    made.handed.click()
    assert place.opened[-1][0] == "handovers"


def test_moving_to_a_station_of_the_district_waits_for_its_answer(place: Station) -> None:
    neighbour(place)
    dialog = place.open("movement", retiree_id=place.ids[WHO], verb="move_out")
    place.settle()
    assert isinstance(dialog, MovementDialog)
    dialog.form.put({**dialog.form.values(), "to_office": NEXT_DOOR, "basis": "与女儿同住"})
    dialog.save()
    place.settle()
    (sent,) = place.look(handover.handovers, handover.SENT).rows
    assert (sent.name, sent.other, sent.state) == (WHO, NEXT_DOOR, "1")
    made = shown(place, handover.SENT)
    assert f"等 {NEXT_DOOR} 答复" in words(made.panel)
    head: Any = place.open("person", retiree_id=place.ids[WHO])
    place.settle()
    assert "转接中" in words(head)

    back = place.open("movement", retiree_id=place.ids[WHO], verb="stay")
    place.settle()
    assert isinstance(back, MovementDialog)
    back.form.put({**back.form.values(), "basis": "不搬了"})
    back.save()
    place.settle()
    assert place.said[-1] == f"{WHO} 的迁出已撤回"
    assert place.look(handover.handovers, handover.SENT).rows[0].state == "4"
    assert "move_out" in place.look(movement.allowed, place.ids[WHO])


def test_of_whoever_was_not_taken_the_first_page_leads_to_the_reason(place: Station) -> None:
    there, key = neighbour(place), place.ids[WHO]
    place.run(movement.moved_out, key, clock.today(), NEXT_DOOR, "与女儿同住")
    with place.store.apply() as session:
        offer = session.query(Handover).one()
        offer.state, offer.reason, offer.to_office_id = DECLINED, "查无此住址", there
    made: Any = place.open("workbench")
    place.settle()
    made.todo._all()  # the whole list
    place.settle()
    (row,) = (one for one in made.todo.rows if one.task.name == "迁出没有接收")
    row.button.click()
    place.settle()
    assert place.opened[-1] == ("handovers", {"chip": "sent"})
    assert "查无此住址" in words(shown(place, "sent").panel)
