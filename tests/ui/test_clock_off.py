"""Where a clock was off, its time is not shown alone: on the centre's pages and the station's."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app import handover
from app.clock_off import ClockOff
from app.retiree import Event
from models.kit import clock
from sync.station.run import sync_now
from tests.sync.parts import Node, edit, register
from tests.sync.test_clock_off import SOURCE, Line
from tests.ui import centre, homes
from tests.ui.centre import HERS, OTHERS, THIRD, Place
from tests.ui.clipped import clipped
from tests.ui.homes import page, rest, sitting, words
from tests.ui.test_assigning import assigned, two_stations
from tests.ui.test_exchange import dispute
from tests.ui.test_exchange import place as place  # noqa: PLC0414 - a fixture
from ui.kit.cells import Text
from ui.kit.timeline import Timeline
from ui.pages.disputes.slip import SlipDialog
from ui.pages.exchange.station.kept import KeptDialog
from ui.pages.handovers.centre import TransfersPage
from ui.pages.journal import JournalPage, cells
from ui.pages.person.timeline import moment_of
from ui.shell.session import Sitting

FAST = timedelta(hours=2)
SAID = "当时电脑时钟快约 2 小时，实际约 "
OFF = ClockOff(f"{SAID}14:20", SOURCE)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with centre.place(tmp_path) as made:
        yield made


@pytest.fixture
def desk(qtbot: QtBot, here: Place) -> Iterator[Sitting]:
    with sitting(here.opened) as made:
        yield made


def says_fast(here: Place, node: Node, key: str, **values: str) -> None:
    """By a clock two hours fast, then over the network."""
    now = clock.now()
    with clock.at(now + FAST):
        node.do(edit, key, **values)
        sync_now(node.store, node.keys, Line(here.world.centre, at=now), node.code)


def test_a_dispute_tells_it_beside_the_value_that_was_written_then(
    desk: Sitting, here: Place
) -> None:
    station = here.world.station("519902001001")
    key = str(station.do(register, id_no=HERS))
    here.world.sync(station)
    here.world.node.do(edit, key, id_no=OTHERS)
    says_fast(here, station, key, id_no=THIRD)
    dialog = desk.open("dispute", about=key)
    rest(desk)
    assert isinstance(dialog, SlipDialog)
    told = [line for line in words(dialog).splitlines() if line.startswith(SAID)]
    assert len(told) == 1
    assert told[0].endswith("与区中心联系时的差推算）")
    assert "那边的钟可能不准" not in words(dialog), "it is measured, and told once"
    assert clipped(dialog) == []
    shown = page(desk, JournalPage, "journal", retiree_id=key, person="王秀英")
    assert shown.list is not None
    (edited, *others) = [one for one in shown.list.list.rows if one.act == "修改资料"]
    at, _, _, detail, *_ = cells(edited)
    assert isinstance(at, Text)
    assert isinstance(detail, Text)
    assert (at.tone, detail.text.startswith(SAID), at.hint) == ("warn", True, edited.clock.source)
    assert [one.clock for one in others] == [None]


def test_what_came_too_late_is_told_with_it_at_the_centre(desk: Sitting, here: Place) -> None:
    old, new, key = two_stations(here)
    here.world.node.do(assigned, key, new)
    here.world.sync(new)
    (offer,) = new.do(handover.handovers, handover.OFFERS).rows
    new.do(handover.take, offer.id)
    here.world.sync(new)
    says_fast(here, old, key, door_note="敲三下")
    shown = page(desk, TransfersPage, "transfers", chip=handover.LATE)
    assert SAID in words(shown.panel)
    assert clipped(desk.window) == []


def test_the_station_reads_it_under_what_it_wrote_itself(
    place: homes.Place,
) -> None:
    with homes.served(place), sitting(place.made(approved=True).station) as desk:
        shown, _ = dispute(desk, place, "13900006208", "13700001111")
        assert shown.facts is not None
        (one,) = shown.facts.kept
        dialog = KeptDialog(shown.context, [replace(one, clock=OFF)])
        dialog.show()
        rest(desk)
        assert str(OFF) in words(dialog).splitlines()
        assert clipped(dialog) == []
        dialog.reject()


def test_a_persons_history_says_it_first_and_how_it_is_known_under_the_mouse(
    qtbot: QtBot,
) -> None:
    event = Event(
        clock.today(), clock.now(), "edit", "pencil", "修改资料", "手机改为 138****2617", "刘桂兰",
        clock=OFF,
    )  # fmt: skip
    line = Timeline([moment_of(event), moment_of(replace(event, clock=None))])
    qtbot.addWidget(line)
    marked, plain = (line.model().index(row, 0) for row in range(2))
    assert moment_of(event).detail == f"{OFF.words}；手机改为 138****2617"
    assert marked.data(Qt.ItemDataRole.ToolTipRole) == SOURCE
    assert plain.data(Qt.ItemDataRole.ToolTipRole) is None
