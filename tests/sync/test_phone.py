"""电话回执: what the centre reads out is a place in the station's own stream."""

from pathlib import Path

import pytest

from app import stations
from app.exchange import phone
from app.exchange.phone import Heard
from models.kit import clock
from models.kit.stream import SPOKEN
from tests.sync.parts import Node, World, copy_of, edit, put_back, register, world
from tests.sync.people import seat, seen


@pytest.fixture
def here(tmp_path: Path, stopped_clock: object) -> World:
    made = world(tmp_path)
    seat(made.node, "centre_head")
    made.station("460203198001")
    return made


def read_out(here: World) -> str:
    (row,) = here.node.get(seen(here.node, stations.every))
    return str(row.spoken)


def heard(station: Node, digits: str) -> Heard | None:
    return station.get(lambda session: phone.heard(session, digits))  # type: ignore[no-any-return]


def test_the_station_hears_how_far_the_centre_has_it(here: World) -> None:
    (station,) = here.stations
    assert read_out(here) == ""
    key = station.do(register)
    here.sync(station)
    digits = read_out(here)
    assert len(digits) == SPOKEN
    assert heard(station, digits) == Heard(clock.now(), 0)
    station.do(edit, key, mobile="13800000002")
    assert heard(station, digits) == Heard(clock.now(), 1)
    here.sync(station)
    assert heard(station, digits) == Heard(clock.now(), 1), "an older place is none of now"
    assert heard(station, read_out(here)) == Heard(clock.now(), 0)


def test_digits_of_another_place_are_nowhere(here: World) -> None:
    (station,) = here.stations
    other = here.station("460203198002")
    for one in (station, other):
        one.do(register)
        here.sync(one)
    found = {row.code: row.spoken for row in here.node.get(seen(here.node, stations.every))}
    assert heard(station, found["460203198001"]) is not None
    assert heard(station, found["460203198002"]) is None


def test_a_station_put_back_finds_what_it_still_has(here: World) -> None:
    (station,) = here.stations
    key = station.do(register)
    here.sync(station)
    before = read_out(here)
    copy = copy_of(station)
    station.do(edit, key, mobile="13800000002")
    here.sync(station)
    put_back(station, copy)
    assert heard(station, read_out(here)) is None
    assert heard(station, before) == Heard(clock.now(), 0)
    here.sync(station)
    station.do(edit, key, mobile="13800000003")
    here.sync(station)
    assert heard(station, read_out(here)) == Heard(clock.now(), 0)


def test_digits_are_taken_however_they_are_typed() -> None:
    assert phone.digits_of(" １２34－56 7八8") == "12345678"
