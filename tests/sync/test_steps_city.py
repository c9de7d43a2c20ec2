"""A district and its city upgrade at different times: what the one does not know yet is in the
other's records after the upgrade, as if both had been new at once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models import exchange
from sync import later, uplink
from sync.centre.relay import contact
from tests.sync.city_parts import Above, above, differences
from tests.sync.parts import Node, World, register
from tests.sync.programs import Between, kept, meet, program, start, visit
from tests.sync.test_steps import _steps, begins, says  # noqa: F401 - the steps of these tests


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Above]:
    made = above(tmp_path)
    yield made
    for one in (made.city, *made.districts):
        one.centre.store.close()


def relay(here: Above, *, district_is: int, city_is: int) -> uplink.Relayed:
    line: Any = Between(here.city, city_is)
    with program(district_is):
        return contact.over(here.districts[0].centre, line)


def peopled(station: Node, age: int) -> str:
    begins(station, age)
    with program(age):
        key = station.do(
            register, door_note="敲门", name_note="甲", former_name="甲", native_place="琼/崖",
            skills="琼州", hobbies="崖州", education="60",
        )  # fmt: skip
        station.do(visit, key)
    return str(key)


def is_same(here: Above, district: World) -> None:
    with program(3):
        assert differences(here, district) == []
        assert not here.city.node.get(later.is_any)
        assert not district.node.get(later.is_any)


@pytest.mark.parametrize("begun", ["words", "records"])
def test_a_city_older_than_its_district(here: Above, begun: str) -> None:
    """Whether it reads the words or, of a district that begins anew, only its records."""
    district = here.district()
    station = district.station("460203198001")
    key = peopled(station, 3)
    meet(district, station, station_is=3, centre_is=3)
    if begun == "records":
        with program(3), district.centre.store.apply() as session:
            exchange.new_epoch(session)
    relay(here, district_is=3, city_is=1)
    assert kept(here.city.node) > 2
    says(station, 3, key, door_note="按铃", native_place="陵/水", skills="陵州", hobbies="水州")
    meet(district, station, station_is=3, centre_is=3)
    relay(here, district_is=3, city_is=1)
    start(here.city, 3)
    is_same(here, district)
    assert relay(here, district_is=3, city_is=3).differed == 0
    is_same(here, district)


@pytest.mark.parametrize("city_is", [1, 3])
def test_a_district_older_than_its_stations(here: Above, city_is: int) -> None:
    """What it cannot judge goes up without its values, and with them after its upgrade; later
    accounts of the record do not take them away."""
    district = here.district()
    station = district.station("460203198001")
    key = peopled(station, 3)
    meet(district, station, station_is=3, centre_is=1)
    relay(here, district_is=1, city_is=city_is)
    says(station, 3, key, door_note="按铃")
    meet(district, station, station_is=3, centre_is=1)
    relay(here, district_is=1, city_is=city_is)
    start(district, 3)
    relay(here, district_is=3, city_is=city_is)
    says(district.node, 3, key, education="20")
    relay(here, district_is=3, city_is=city_is)
    with program(3), district.centre.store.apply() as session:
        exchange.new_epoch(session)
    relay(here, district_is=3, city_is=city_is)
    start(here.city, 3)
    is_same(here, district)
    assert relay(here, district_is=3, city_is=3).differed == 0


def test_a_city_newer_than_its_district_says_old_words_as_today(here: Above) -> None:
    district = here.district()
    station = district.station("460203198001")
    with program(1):
        key = station.do(register, education="90", name_note="甲", native_place="琼/崖")
    meet(district, station, station_is=1, centre_is=1)
    relay(here, district_is=1, city_is=3)
    says(district.node, 1, key, education="70", native_place="陵/水")
    relay(here, district_is=1, city_is=3)
    person = here.city.node.person(key)
    assert person is not None
    assert (person.education, person.former_name, person.skills) == ("60", "甲", "陵")
    start(district, 3)
    relay(here, district_is=3, city_is=3)
    is_same(here, district)
