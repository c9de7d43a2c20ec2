"""Somebody who is registered twice: it is said on their page, and the two become one there."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from sqlalchemy.orm import Session

from app import retiree, suspicion
from models.kit.ids import new_id
from models.retiree import Retiree
from tests.ui.clipped import clipped, primaries
from tests.ui.conftest import Opener
from tests.ui.station import Station
from ui.kit.tokens import SCALES, scale
from ui.pages import joining, person
from ui.pages import suspicion as doubts
from ui.pages.joining import SECOND, JoiningDialog

WHO = "王秀英"


def again(session: Session, key: str) -> str:
    """The same person as another computer wrote them down."""
    first = session.get_one(Retiree, key)
    made = Retiree(
        id=new_id(), name=first.name, id_no=first.id_no, sex=first.sex, birth_on=first.birth_on,
        mobile="13900008814", live_address="凤凰路 12 号", door_note="耳背，多敲几下",
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made.id


@pytest.fixture
def place(at_work: Opener) -> Station:
    made = at_work(joining=joining.dialog, person=person.page, suspicion=doubts.dialog)
    made.window.resize(1366, 688)
    made.window.show()
    made.ids["另一份"] = made.run(again, made.ids[WHO])
    return made


def opened(place: Station) -> JoiningDialog:
    made = place.open("joining", retiree_id=place.ids[WHO])
    place.settle()
    assert isinstance(made, JoiningDialog)
    return made


def button(inside: Any, text: str) -> QPushButton:
    (found,) = (one for one in inside.findChildren(QPushButton) if one.text() == text)
    return found  # type: ignore[no-any-return]


def test_the_page_of_either_says_so_and_leads_there(place: Station) -> None:
    for key in (place.ids[WHO], place.ids["另一份"]):
        shown: Any = place.open("person", retiree_id=key)
        place.settle()
        assert "两份登记" in shown.head.strip.title.text()
        assert "合并重复登记…" in [one.text for one in shown.head.menu_acts() if one]


def test_by_keys_alone_the_two_become_one(place: Station) -> None:
    kept, other = place.ids[WHO], place.ids["另一份"]
    dialog = opened(place)
    assert dialog.chosen.keys() == {"mobile", "live_address"}
    QTest.keyClick(dialog.chosen["mobile"].chips[SECOND], Qt.Key.Key_Space)
    QTest.keyClick(dialog, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    place.settle()
    now = place.look(retiree.for_edit, kept)
    assert (now["mobile"], now["door_note"]) == ("13900008814", "耳背，多敲几下")
    assert now["live_address"] != "凤凰路 12 号"
    assert place.look(lambda session: session.get_one(Retiree, other).is_void)


def test_joined_on_the_page_of_the_later_one_the_first_is_opened(place: Station) -> None:
    dialog: Any = place.open("joining", retiree_id=place.ids["另一份"])
    place.settle()
    dialog.save()
    place.settle()
    assert place.opened[-1] == ("person", {"retiree_id": place.ids[WHO]})


def test_what_cannot_be_joined_any_more_is_said_in_the_dialog(place: Station) -> None:
    dialog = opened(place)
    place.run(retiree.void_registration, place.ids["另一份"], "登记错人")
    dialog.save()
    place.settle()
    assert dialog.problem.isVisible()
    assert "登记已作废" in dialog.problem.text.text()


def test_the_doubt_about_the_number_leads_there_too(place: Station) -> None:
    key = place.run(
        suspicion.open_suspicion, place.ids[WHO], suspicion.TWICE, "身份证号与 1 人相同"
    )
    shown: Any = place.open("suspicion", suspicion_id=key)
    place.settle()
    go = button(shown, "合并重复登记…")
    assert go.hasFocus() or shown.focusWidget() is go
    go.click()
    place.settle()
    place.dialog(JoiningDialog).save()
    place.settle()
    assert place.look(suspicion.open_count) == 0


@pytest.mark.parametrize("value", SCALES)
def test_nothing_is_cut_off(place: Station, value: float) -> None:
    with scale.at(value):
        dialog = opened(place)
        assert clipped(dialog) == []
        assert primaries(dialog) == ["合并（Ctrl+S）"]
