"""已到市级: a station hears what the city itself has acknowledged, and nothing earlier."""

from pathlib import Path

import pytest
from sqlalchemy import select

from models.exchange import Downlink
from sync import run as talk
from sync.centre import relaying
from sync.message import Reported, decode_item
from tests.sync.city_parts import Above, above, all_parts
from tests.sync.parts import Node, World, copy_of, edit, put_back, register


@pytest.fixture
def here(tmp_path: Path) -> Above:
    made = above(tmp_path)
    made.district().station("460203198001")
    return made


def at_city(station: Node) -> int | None:
    return station.get(talk.standing).at_city  # type: ignore[no-any-return]


def test_an_entry_is_at_the_city_once_the_city_has_said_so(here: Above) -> None:
    (district,) = here.districts
    (station,) = district.stations
    key = station.do(register)
    district.sync(station)
    assert at_city(station) is None
    here.relay()
    assert at_city(station) is None
    district.sync(station)
    assert at_city(station) == 1
    station.do(edit, key, mobile="13800000002")
    district.sync(station)
    assert at_city(station) == 1
    here.relay()
    district.sync(station)
    assert at_city(station) == 2


def test_what_the_city_never_acknowledged_is_not_there(here: Above) -> None:
    """A stick on its way is no proof."""
    (district,) = here.districts
    (station,) = district.stations
    station.do(register)
    district.sync(station)
    answers = [here.city.centre.accept(data).data for data in all_parts(district, 2**20)]
    district.sync(station)
    assert at_city(station) is None
    relaying.hear(district.centre, answers[-1])
    relaying.tell_stations(district.centre)
    district.sync(station)
    assert at_city(station) == 1


def test_one_word_a_contact_and_stream(here: Above) -> None:
    (district,) = here.districts
    (station,) = district.stations
    for _ in range(5):
        station.do(register)
        district.sync(station)
    here.relay()
    here.relay()
    assert told(district, station) == [5]


def told(district: World, station: Node) -> list[int]:
    words = select(Downlink.body).where(Downlink.office_id == station.desk.office_id)
    items = map(decode_item, district.node.get(lambda s: list(s.scalars(words))))
    return [one.last for one in items if isinstance(one, Reported)]


def test_a_station_put_back_hears_it_of_its_new_stream(here: Above) -> None:
    (district,) = here.districts
    (station,) = district.stations
    old = copy_of(station)
    station.do(register)
    district.sync(station)
    here.relay()
    district.sync(station)
    put_back(station, old)
    station.do(register, name="符阿妹", id_no="519902195003081232")
    district.sync(station)
    assert at_city(station) == 0
    here.relay()
    district.sync(station)
    assert at_city(station) == station.get(talk.standing).total
