"""An offer that its station undid and did again, or restored from what was voided, is an offer like
any other: the centre takes it, and whoever it is made to has name and number (sync.md 4.11)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app import handover, movement, undo, voided
from models.exchange import Change
from models.handover import OFFERED, TAKEN, Handover
from models.movement import Movement
from models.retiree import DEAD
from tests.sync.move_parts import ON, held_of, offered, take, two_stations, whole
from tests.sync.parts import Node, World, edit


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    made = two_stations(tmp_path)
    yield made
    made.centre.store.close()


def refused(node: Node) -> int:
    said = node.get(lambda s: list(s.scalars(select(Change.outcome))))
    return sum(one == "refused" for one in said)


def exchanged(here: World) -> None:
    for node in here.stations:
        here.sync(node)


@pytest.mark.parametrize("heard", [False, True], ids=["in_one_file", "reported_between"])
def test_an_offer_undone_and_done_again_is_made_with_the_name(here: World, *, heard: bool) -> None:
    old, new = here.stations
    key = offered(here, old, new)
    old.do(undo.undo)
    if heard:
        exchanged(here)
        assert new.get(lambda s: s.scalars(select(Handover.name)).one()) == "未转来的人"
    old.do(undo.redo)
    exchanged(here)
    here.sync(old)
    assert refused(old) == 0
    assert [row.name for row in new.do(handover.handovers).rows] == ["王秀英"]
    assert [row.state for row in old.do(handover.handovers, handover.SENT).rows] == [OFFERED]
    take(here, new)
    here.sync(old)
    assert held_of(new, key)["visit"] == 1
    assert [row.state for row in old.do(handover.handovers, handover.SENT).rows] == [TAKEN]


def test_a_move_that_was_voided_and_is_restored_is_offered_again(here: World) -> None:
    old, new = here.stations
    offered(here, old, new)
    old.do(undo.undo)
    exchanged(here)
    made = old.get(lambda s: s.scalars(select(Movement.id).where(Movement.is_void)).one())
    old.do(voided.restore, "movement", made)
    exchanged(here)
    here.sync(old)
    assert refused(old) == 0
    assert [row.name for row in new.do(handover.handovers).rows] == ["王秀英"]


def test_whoever_died_meanwhile_is_not_offered_again(here: World) -> None:
    old, new = here.stations
    key = offered(here, old, new)
    old.do(undo.undo)
    exchanged(here)
    old.do(undo.redo)
    here.node.do(edit, key, manage_state=DEAD)
    exchanged(here)
    here.sync(old)
    assert not new.do(handover.handovers).rows


@pytest.mark.parametrize("said", ["460203198002", " 460203198002社区服务站 ", "460203198002居委会"])
def test_a_station_is_meant_also_where_its_name_is_not_the_official_one(
    here: World, said: str
) -> None:
    """Who moves within the district is handed over, and not lost to a place of that name."""
    old, new = here.stations
    key: str = old.do(whole)
    saved = old.do(movement.moved_out, key, ON, said, "子女同住")
    assert saved.notes == (f"随下次上报转给 {new.code}社区，对方接收以前仍由本站管理",)
    assert old.do(movement.movements, key)[0].other == f"{new.code}社区"
    exchanged(here)
    assert [row.name for row in new.do(handover.handovers).rows] == ["王秀英"]


@pytest.mark.parametrize("said", ["海口市460203198002社区", "社区", "460203198009"])
def test_a_place_that_only_sounds_like_a_station_is_a_place(here: World, said: str) -> None:
    old, _ = here.stations
    key: str = old.do(whole)
    assert old.do(movement.moved_out, key, ON, said, "子女同住").notes == ()
    assert old.do(movement.movements, key)[0].other == said


def test_before_the_first_contact_it_makes_no_difference(here: World) -> None:
    old, new = here.stations
    key: str = old.do(whole)
    old.do(movement.moved_out, key, ON, f"{new.code}社区", "子女同住")
    old.do(undo.undo)
    old.do(undo.redo)
    exchanged(here)
    here.sync(old)
    assert refused(old) == 0
    assert [row.name for row in new.do(handover.handovers).rows] == ["王秀英"]
