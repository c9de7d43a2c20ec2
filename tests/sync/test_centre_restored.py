"""A centre put back to an older copy of its database: the stations prove it, bring back what it has
forgotten, and read all that stands in place of what they had heard."""

import pytest
from sqlalchemy import select

from app.exchange import start_anew
from models.employer import Employer
from models.exchange import Change, new_epoch
from sync.centre.telling import paging
from sync.station import inbox, outbox
from tests.sync.parts import World, copy_of, edit, put_back, register, swap
from tests.sync.people import propose, rename
from tests.sync.views import agree, epoch_of


def centre_put_back(here: World, data: bytes) -> None:
    """Behind the program's back, with nothing beside it that remembers."""
    swap(here.node, data)
    here.centre.store = here.node.store


def test_a_station_gives_back_what_the_centre_has_forgotten(here: World) -> None:
    station = here.station("460203198001")
    old = station.do(register, name="甲")
    here.sync(station)
    data = copy_of(here.node)
    station.do(edit, old, mobile="13800000001")
    new = station.do(register, name="乙")
    here.sync(station)
    centre_put_back(here, data)
    assert here.node.person(new) is None
    done = here.sync(station)
    assert (done.begun, done.pending, done.sent) == (True, 0, 2)
    assert here.node.person(new).name == "乙"  # type: ignore[union-attr]
    assert here.node.person(old).mobile == "13800000001"  # type: ignore[union-attr]
    assert epoch_of(here.node) == epoch_of(station) == 2
    agree(here)
    again = here.sync(station)
    assert (again.begun, again.sent, again.received) == (False, 0, 0)


def test_put_back_twice_to_one_copy_every_time_is_noticed(here: World) -> None:
    station = here.station("460203198001")
    key = station.do(register)
    data = copy_of(here.node)
    for number in range(3):
        station.do(edit, key, door_note=f"第 {number} 次")
        here.sync(station)
        centre_put_back(here, data)
    here.sync(station)
    assert epoch_of(here.node) == epoch_of(station) == 4
    assert here.node.person(key).door_note == "第 2 次"  # type: ignore[union-attr]
    agree(here)


def test_what_the_lost_centre_had_said_gives_way_to_what_stands(here: World) -> None:
    station = here.station("460203198001")
    key = station.do(register, mobile="13800000001")
    here.sync(station)
    data = copy_of(here.node)
    here.node.do(edit, key, mobile="13800000002", door_note="三楼")
    here.sync(station)
    assert station.person(key).door_note == "三楼"  # type: ignore[union-attr]
    centre_put_back(here, data)
    assert here.sync(station).begun
    assert station.person(key).mobile == "13800000001"  # type: ignore[union-attr]
    assert station.person(key).door_note is None  # type: ignore[union-attr]
    agree(here)


def test_what_waits_at_a_station_stays_on_screen_and_is_decided(here: World) -> None:
    station = here.station("460203198001")
    key = station.do(register, mobile="13800000001")
    here.sync(station)
    data = copy_of(here.node)
    here.node.do(edit, key, door_note="三楼")
    here.sync(station)
    station.do(edit, key, door_note="五楼")
    centre_put_back(here, data)
    here.sync(station)
    assert station.person(key).door_note == "五楼"  # type: ignore[union-attr]
    agree_but_held = station.outcomes()
    assert agree_but_held.count(None) <= 1


def test_where_an_entry_comes_back_nothing_stays_that_was_said_over_it(here: World) -> None:
    station = here.station("460203198001")
    data = copy_of(here.node)
    key = station.do(register, mobile="13800000001")
    here.sync(station)
    here.node.do(edit, key, mobile="13800000002")
    here.sync(station)
    assert station.person(key).mobile == "13800000002"  # type: ignore[union-attr]
    centre_put_back(here, data)
    here.sync(station)
    assert station.person(key).mobile == "13800000001"  # type: ignore[union-attr]
    agree(here)


def test_entries_of_an_earlier_stream_come_back_too(here: World) -> None:
    station = here.station("460203198001")
    data = copy_of(here.node)
    first = station.do(register, name="甲")
    here.sync(station)
    put_back(station, copy_of(station))  # another incarnation; all of the old one was decided
    second = station.do(register, name="乙")
    here.sync(station)
    centre_put_back(here, data)
    here.sync(station)
    for key in (first, second):
        assert here.node.person(key) is not None
    ids = here.node.get(lambda s: list(s.scalars(select(Change.change_id))))
    assert set(station.get(lambda s: list(s.scalars(select(Change.change_id))))) <= set(ids)
    agree(here)


def test_what_all_share_comes_back_from_whoever_wrote_it(
    here: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PAGE_ITEMS", 2)
    one, two = here.station("460203198001"), here.station("460203198002")
    data = copy_of(here.node)
    key = one.do(propose)
    for each in (one, two, one):
        here.sync(each)
    two.do(rename, key, "7")
    for each in (two, one):
        here.sync(each)
    centre_put_back(here, data)
    for each in (two, one, two, one, two):
        here.sync(each)
    assert here.node.get(lambda s: s.get(Employer, key)).contact == "7"
    agree(here)


def test_a_stick_from_before_is_read_after_and_doubles_nothing(here: World) -> None:
    station = here.station("460203198001")
    key = station.do(register)
    data = copy_of(here.node)
    here.sync(station)
    station.do(edit, key, mobile="13800000001")
    with station.store.look() as session:
        parts = outbox.parts(session, station.keys, here.card, station.code)
    old = [here.centre.accept(part.data).data for part in parts]
    centre_put_back(here, data)
    here.sync(station)
    for part in parts:
        here.centre.accept(part.data)
    with station.store.apply() as session:
        got = [inbox.receive(session, station.keys, here.card, one) for one in old]
    assert [one.stale for one in got] == [True]
    agree(here)


def test_a_lost_file_or_a_station_put_back_begins_nothing(here: World) -> None:
    station = here.station("460203198001")
    key = station.do(register)
    here.sync(station)
    data = copy_of(station)
    for number in range(2):
        station.do(edit, key, door_note=f"{number}")
        here.sync(station)
    put_back(station, data)
    assert not here.sync(station).begun
    assert epoch_of(here.node) == 1


def test_a_voiding_the_lost_centre_had_undone_stands_again_on_both_sides(here: World) -> None:
    """It had brought the person back for an edit of its own that is forgotten with it."""
    station = here.station("460203198001")
    data = copy_of(here.node)
    key = station.do(register)
    here.sync(station)
    station.do(edit, key, is_void=True, void_reason="重复登记")
    here.node.do(edit, key, door_note="敲门")
    here.sync(station)
    assert not station.person(key).is_void  # type: ignore[union-attr]
    centre_put_back(here, data)
    here.sync(station)
    assert station.person(key).is_void  # type: ignore[union-attr]
    agree(here)


@pytest.mark.parametrize("page", range(1, 8))
def test_what_is_decided_while_all_is_read_anew_is_shown(
    here: World, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PAGE_ITEMS", page)
    station = here.station("460203198001")
    key = station.do(register)
    here.sync(station)
    data = copy_of(here.node)
    here.node.do(edit, key, manage_state="5")
    station.do(edit, key, manage_state="7")
    here.sync(station)
    assert station.person(key).manage_state == "5"  # type: ignore[union-attr]
    centre_put_back(here, data)
    here.sync(station)
    assert station.person(key).manage_state == "7"  # type: ignore[union-attr]
    agree(here)


def test_what_is_offered_again_does_not_hide_what_was_typed_since(here: World) -> None:
    """It stands behind it in the stream."""
    station = here.station("460203198001")
    data = copy_of(here.node)
    key = station.do(register)
    here.sync(station)
    station.do(start_anew)
    station.do(edit, key, door_note="敲门")
    centre_put_back(here, data)
    here.sync(station)
    assert station.person(key).door_note == "敲门"  # type: ignore[union-attr]
    here.sync(station)
    agree(here)


@pytest.mark.parametrize("page", range(1, 8))
def test_what_was_typed_since_stays_on_screen_where_only_the_making_still_waits(
    here: World, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The centre knows both; the station's own word on the later one comes a page earlier."""
    monkeypatch.setattr(paging, "PAGE_ITEMS", page)
    station = here.station("460203198001")
    empty = copy_of(here.node)
    key = station.do(register)
    here.sync(station)
    station.do(start_anew)
    station.do(edit, key, door_note="敲门")
    before = copy_of(station)
    centre_put_back(here, empty)
    here.sync(station)
    put_back(station, before)
    centre_put_back(here, copy_of(here.node))
    here.sync(station)
    assert station.person(key).door_note == "敲门"  # type: ignore[union-attr]
    here.sync(station)
    agree(here)


@pytest.mark.parametrize("page", range(1, 8))
def test_what_the_centre_filled_in_is_not_emptied_by_the_making_offered_again(
    here: World, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PAGE_ITEMS", page)
    station = here.station("460203198001")
    key = station.do(register)
    before = copy_of(station)
    here.sync(station)
    here.node.do(edit, key, door_note="三楼")
    put_back(station, before)
    with here.node.store.apply() as session:
        new_epoch(session, 1)
    for _ in range(2):
        here.sync(station)
    assert station.person(key).door_note == "三楼"  # type: ignore[union-attr]
    agree(here)
