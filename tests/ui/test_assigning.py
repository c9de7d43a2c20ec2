"""人员转接 at the centre: people are chosen, assigned, and followed; and what the stations see."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from sqlalchemy.orm import Session

from app import handover
from app.kit.who import Desk
from models.kit import clock
from tests.sync.parts import Node, edit, register
from tests.ui import centre
from tests.ui.centre import Place
from tests.ui.clipped import clipped
from tests.ui.homes import page, rest, sitting, words
from tests.ui.test_handovers import place as place  # noqa: PLC0414 - a fixture
from ui.kit.ask import prepared
from ui.kit.buttons import Button
from ui.pages.handovers.assign import AssignDialog
from ui.pages.handovers.centre import TransfersPage
from ui.shell.session import Sitting

WHY = "辖区调整"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with centre.place(tmp_path) as made:
        yield made


@pytest.fixture
def desk(qtbot: QtBot, here: Place) -> Iterator[Sitting]:
    with sitting(here.opened) as made:
        yield made


def two_stations(here: Place) -> tuple[Node, Node, str]:
    """And somebody of the first."""
    one, two = (here.world.station(f"51990200100{n}") for n in (1, 2))
    for node in (one, two):
        old = node.desk
        node.desk = Desk(old.account, old.name, old.office_id, frozenset({"head"}))
    key = str(one.do(register, name="王秀英", birth_on=date(1946, 11, 23)))
    for node in (one, two):
        here.world.sync(node)
    return one, two, key


def press(desk: Sitting, within: Any, text: str) -> None:
    (button,) = (b for b in within.findChildren(Button) if b.isVisible() and b.text() == text)
    button.click()
    rest(desk)


def test_people_are_ticked_assigned_and_followed_until_the_answer(
    desk: Sitting, here: Place
) -> None:
    one, two, key = two_stations(here)
    desk.window.resize(1366, 688)
    shown = page(desk, TransfersPage, "transfers")
    (row,) = shown.people.list.rows
    assert (row.name, row.office, row.state) == ("王秀英", "519902001001社区", "在管")
    QTest.keyClick(shown.people.list.table, Qt.Key.Key_Return)  # nobody is ticked
    rest(desk)
    entered = next(one for one in desk.window.findChildren(AssignDialog) if one.isVisible())
    assert entered.people == [key]
    entered.close()
    rest(desk)
    shown.people.list.model.tick(0)
    rest(desk)
    press(desk, shown, "转给别的站点…")
    dialog = next(one for one in desk.window.findChildren(AssignDialog) if one.isVisible())
    assert dialog.people == [key]
    assert "接收站点接收以前" in words(dialog)
    dialog.save()
    rest(desk)
    assert dialog.isVisible(), "where to and on whose word are asked for"
    values = {"to_office_id": two.desk.office_id, "moved_on": clock.today(), "basis": WHY}
    dialog.form.put(values)
    dialog.save()
    rest(desk)
    assert not dialog.isVisible()
    assert shown.people.list.ticked() == []

    listed = shown.people.list
    first = listed.source.cells(listed.rows[0])
    assert "转接中" in [cell.text for cell in first if hasattr(cell, "text")]
    shown.choose("between")
    rest(desk)
    (followed,) = shown.between.list.rows
    said = words(shown.panel)
    for word in ("等 519902001002社区 答复", "区中心指定", WHY, "陈主任"):
        assert word in said
    assert clipped(desk.window) == []
    for node in (one, two):
        here.world.sync(node)
    two.do(handover.decline, followed.id, "查无此住址")
    here.world.sync(two)
    shown.reload()
    rest(desk)
    shown.between.start(shown.between.asked.but(chip="refused"))
    rest(desk)
    assert "519902001002社区 没有接收" in words(shown.panel)
    assert "查无此住址" in words(shown.panel)


def test_what_the_old_station_wrote_too_late_is_seen_until_it_is_answered(
    desk: Sitting, here: Place
) -> None:
    old, new, key = two_stations(here)
    here.world.node.do(assigned, key, new)
    here.world.sync(new)
    (offer,) = new.do(handover.handovers, handover.OFFERS).rows
    new.do(handover.take, offer.id)
    here.world.sync(new)
    old.do(edit, key, door_note="敲三下")  # it has not heard yet
    here.world.sync(old)
    shown = page(desk, TransfersPage, "transfers", chip=handover.LATE)
    (row,) = shown.between.list.rows
    said = words(shown.panel)
    for word in ("等 519902001002社区 答复", "519902001001社区", "上门须知", "敲三下"):
        assert word in said
    assert not [b for b in shown.panel.findChildren(Button) if b.text() in {"采用", "不采用…"}]
    assert clipped(desk.window) == []
    here.world.sync(new)
    new.do(handover.adopt, row.id)
    here.world.sync(new)
    shown.reload()
    rest(desk)
    assert shown.between.list.total == 0


def assigned(session: Session, key: str, to: Node) -> None:
    handover.assign(session, [key], to.desk.office_id, clock.today(), WHY)


def test_what_nobody_has_answered_is_taken_back_with_a_reason(desk: Sitting, here: Place) -> None:
    _, two, key = two_stations(here)
    here.world.node.do(handover.assign, [key], two.desk.office_id, clock.today(), WHY)
    shown = page(desk, TransfersPage, "transfers", chip="open")
    with prepared("弄错了人"):
        press(desk, shown.panel, "撤回…")
    shown.between.start(shown.between.asked.but(chip="over"))
    rest(desk)
    assert "已撤回" in words(shown.panel)
    assert "弄错了人" in words(shown.panel)
    assert not [
        b for b in shown.panel.findChildren(Button) if b.text() == "撤回…" and b.isVisible()
    ]
