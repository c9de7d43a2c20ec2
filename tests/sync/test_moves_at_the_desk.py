"""What a move between two stations looks like at either desk: nothing is told twice, nothing goes
from sight or says what is no longer so (sync.md 4.11)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app import handover, movement
from app.handover import Offer
from models.handover import OFFERED, WITHDRAWN, Handover
from models.kit.ids import new_id
from tests.sync.move_parts import ON, two_stations, whole
from tests.sync.parts import Node, World

THIRD = "460203198003"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[World]:
    made = two_stations(tmp_path)
    yield made
    made.centre.store.close()


def offer_to(session: Session, key: str, station: Node, made: str, by: str | None = None) -> None:
    """As another computer of the office does it at the same time, or the centre."""
    whom = {"person_id": key, "name": "王秀英", "moved_on": ON, "basis": "辖区调整"}
    to = {"to_office_id": station.desk.office_id, "assigned_by": by}
    session.add(Handover(id=made, **whom, **to))


def sent(node: Node) -> list[Offer]:
    found: list[Offer] = node.do(handover.handovers, handover.SENT).rows
    return found


@pytest.mark.parametrize("by", [None, "陈主任"], ids=["ours", "the_centres"])
def test_whoever_stays_is_offered_by_us_to_nobody_of_two(here: World, by: str | None) -> None:
    old, new = here.stations
    third, before = here.station(THIRD), new_id()
    here.sync(old)
    key: str = old.do(whole)
    old.do(movement.moved_out, key, ON, f"{new.code}社区", "子女同住")
    old.do(offer_to, key, third, before, by)
    old.do(movement.stayed, key, "不搬了")
    states = {one.other: one.state for one in sent(old)}
    assert states[f"{new.code}社区"] == WITHDRAWN
    assert states.get(f"{THIRD}社区") == (OFFERED if by else WITHDRAWN)
