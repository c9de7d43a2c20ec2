"""A clock that was years off and is put right (sync.md 4.2): what is said afterwards is told and
ranked by the time it was said, not by the wrong one for ever."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.exchange import start_anew
from models.exchange import Change, Replica, new_epoch
from models.kit import clock
from models.kit.stream import heard, moment_of, read_head
from models.retiree import Retiree
from sync import salvage
from sync.order import said_at
from sync.station import outbox
from tests.sync.parts import (
    Node,
    World,
    copy_of,
    edit,
    found_in,
    old_file,
    put_back,
    register,
    swap,
    world,
)

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
WRONG = NOON.replace(year=2066)
HOUR = timedelta(hours=1)


@pytest.fixture
def here(tmp_path: Path) -> World:
    with clock.freeze(NOON):
        return world(tmp_path)


def known(here: World) -> tuple[Node, str]:
    """A station and a person whom both sides know."""
    with clock.freeze(NOON):
        station = here.station("519902001001")
        key = str(station.do(register, mobile="13800002617"))
        here.sync(station)
    return station, key


def made_by_a_wrong_clock(here: World) -> tuple[Node, str]:
    with clock.freeze(NOON):
        station = here.station("519902001001")
    with clock.freeze(WRONG):
        return station, str(station.do(register))


def says(node: Node, key: str, at: datetime, mobile: str) -> None:
    with clock.freeze(at):
        node.do(edit, key, mobile=mobile)


def meet(here: World, station: Node, at: datetime) -> None:
    with clock.freeze(at):
        here.sync(station)


def last_said(node: Node) -> datetime:
    """When the newest own word was said, as screens tell it."""

    def look(session: Session) -> int:
        me = session.scalars(select(Replica)).one()
        own = (Change.office_id == me.office_id, Change.incarnation == me.incarnation)
        newest = select(Change.hlc).where(*own).order_by(Change.seq.desc()).limit(1)
        return session.scalars(newest).one()

    return moment_of(node.get(look))


def test_a_centre_put_right_wins_no_later_edit_of_a_station(here: World) -> None:
    station, key = known(here)
    says(here.node, key, WRONG, "13800000001")
    meet(here, station, NOON + HOUR)
    says(station, key, NOON + 2 * HOUR, "13800000002")
    meet(here, station, NOON + 2 * HOUR)
    says(here.node, key, NOON + 3 * HOUR, "13800000003")
    assert last_said(here.node) == NOON + 3 * HOUR
    says(station, key, NOON + 4 * HOUR, "13800000004")
    meet(here, station, NOON + 5 * HOUR)
    for node in (here.node, station):
        assert node.person(key).mobile == "13800000004"  # type: ignore[union-attr]


def test_a_station_put_right_wins_no_later_edit_of_the_centre(here: World) -> None:
    """Both sides have followed the wrong clock for a day, and no longer."""
    station, key = known(here)
    says(station, key, WRONG, "13800000001")
    meet(here, station, NOON + HOUR)
    later = NOON + timedelta(days=1, hours=2)
    says(here.node, key, later, "13800000002")
    meet(here, station, later)
    says(station, key, later + HOUR, "13800000003")
    assert last_said(station) == later + HOUR
    says(here.node, key, later + 2 * HOUR, "13800000004")
    meet(here, station, later + 3 * HOUR)
    for node in (here.node, station):
        assert node.person(key).mobile == "13800000004"  # type: ignore[union-attr]


def test_where_a_clock_came_back_what_was_typed_last_is_shown_of_a_put_back_centre(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PART_BYTES", 1)  # the making of her is heard alone
    station, key = made_by_a_wrong_clock(here)
    copy = copy_of(here.node)
    meet(here, station, NOON + HOUR)
    says(station, key, NOON + 2 * HOUR, "13800000002")
    meet(here, station, NOON + 3 * HOUR)
    swap(here.node, copy)
    here.centre.store = here.node.store
    meet(here, station, NOON + 4 * HOUR)
    for node in (here.node, station):
        assert node.person(key).mobile == "13800000002"  # type: ignore[union-attr]


def test_where_a_clock_came_back_what_is_offered_again_follows_what_it_was_written_over(
    here: World,
) -> None:
    station, key = made_by_a_wrong_clock(here)
    meet(here, station, NOON + HOUR)
    for hours, value in ((2, "13800000002"), (3, "13800000003")):
        says(station, key, NOON + hours * HOUR, value)
    mine = station.get(
        lambda s: [
            salvage.Entry(
                one.incarnation, one.seq, read_head(one.head), one.head, one.payload or b""
            )
            for one in s.scalars(select(Change).order_by(Change.seq))
        ]
    )
    assert salvage.whole_actions(reversed(mine)).entries == mine


def test_where_a_clock_came_back_streams_follow_one_another_as_they_were_written(
    here: World,
) -> None:
    """The centre has forgotten all, also its own word between the two."""
    station, key = made_by_a_wrong_clock(here)
    copy = copy_of(here.node)
    says(station, key, WRONG, "13800000001")
    meet(here, station, NOON + HOUR)
    says(here.node, key, NOON + 2 * HOUR, "13800000002")
    station.do(start_anew)
    meet(here, station, NOON + 3 * HOUR)
    says(station, key, NOON + 4 * HOUR, "13800000003")
    put_back(here.node, copy)
    here.centre.store = here.node.store
    with here.node.store.apply() as session:
        new_epoch(session)
    for hours in (5, 6):
        meet(here, station, NOON + hours * HOUR)
        assert station.person(key).mobile == "13800000003"  # type: ignore[union-attr]


def test_what_is_found_again_keeps_its_place_before_what_was_written_since(
    here: World, tmp_path: Path
) -> None:
    station, key = known(here)
    backup = copy_of(station)
    says(station, key, WRONG, "13800000001")
    lost = copy_of(station)
    with clock.freeze(NOON + HOUR):
        put_back(station, backup)
    says(station, key, NOON + 2 * HOUR, "13800000002")
    found = found_in(station, old_file(tmp_path, lost))
    (before,) = (one.head.change_id for one in found.entries if one.head.entity == "retiree")
    with station.store.apply() as session:
        salvage.offer(session, found)
        newest = session.get_one(Retiree, key).stamps["mobile"]
    at = station.get(lambda s: said_at(s, Change.entity_id == key))
    assert at[before] < at[newest]


def test_a_clock_that_has_stopped_goes_on_from_the_last_time_it_knew(here: World) -> None:
    station, key = known(here)
    says(station, key, NOON, "13800000001")
    for _ in range(2):  # the battery is empty, and the centre's time does not agree with ours
        meet(here, station, NOON.replace(year=2009))
        says(station, key, NOON.replace(year=2009), "13800000002")
    assert last_said(station) >= NOON


def test_the_clock_follows_a_day_and_comes_back_only_where_another_agrees() -> None:
    def at(moment: datetime) -> int:
        return int(moment.timestamp() * 1000) << 16

    now = at(NOON) >> 16
    assert heard(at(NOON), at(WRONG), now) == at(NOON + timedelta(days=1))
    assert heard(at(WRONG), at(NOON - HOUR), now) == at(NOON)
    assert heard(at(WRONG), at(NOON - timedelta(days=3)), now) == at(WRONG)
    assert heard(at(NOON + 5 * HOUR), at(NOON), now) == at(NOON + 5 * HOUR)
