"""已到市级: a station hears what the city itself has acknowledged, and nothing earlier."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app import delivery, retiree, stations
from app.delivery import AT_CENTRE, AT_CITY, NOT_AT_CITY, WAITS
from app.kit.moments import near
from app.kit.run import look
from models.exchange import Downlink
from models.kit import clock
from sync.centre import sticks
from sync.centre.relay import contact
from sync.message import Reported, decode_item
from sync.station import run as talk
from tests.sync.carried import put_on, take_off
from tests.sync.city_parts import Above, above, all_parts
from tests.sync.parts import Node, World, copy_of, edit, put_back, register, world


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


def ask(node: Node, role: str, query: Callable[..., Any], *args: Any) -> Any:
    return look(node.store, replace(node.desk, roles=frozenset({role})), query, *args)


def said(node: Node, key: str, role: str = "head") -> tuple[list[str], str]:
    """What a person's page says of each entry, newest first, and of all."""
    found = ask(node, role, retiree.timeline, key)
    return [one.state for one in found.page.rows], found.delivered


def test_an_entry_says_on_which_stick_it_lies_until_the_receipt_is_read(
    tmp_path: Path, stopped_clock: object
) -> None:
    here, stick = world(tmp_path), tmp_path / "红色U盘"
    station = here.station("460203198001")
    stick.mkdir()
    key = station.do(register)
    put_on(station, stick)
    written = f"{WAITS}，{near(clock.now())} 已写U盘 红色U盘"
    assert said(station, key) == ([written], "待上报 1 条")
    station.do(edit, key, mobile="13800000002")
    assert said(station, key)[0] == [WAITS, written]
    sticks.unpack_stick(here.centre, stick)
    sticks.pack_stick(here.centre, stick)
    take_off(station, stick)
    assert said(station, key)[0] == [WAITS, AT_CENTRE]


def test_every_entry_of_a_person_says_how_far_it_has_come(here: Above) -> None:
    (district,) = here.districts
    (station,) = district.stations
    key = station.do(register)
    assert said(station, key) == ([WAITS], "待上报 1 条")
    district.sync(station)
    assert said(station, key) == ([AT_CENTRE], "已到区中心 1 条")
    assert said(district.node, key, "centre_head")[0] == [NOT_AT_CITY]
    district.node.do(edit, key, mobile="13800000002")
    here.relay()
    assert said(district.node, key, "centre_head") == ([AT_CITY, AT_CITY], "已到市级 2 条")
    assert said(here.city.node, key, "city_head")[1] == ""
    assert said(station, key)[0] == [AT_CENTRE]
    district.sync(station)
    assert said(station, key)[0] == [AT_CITY]  # the centre's edit is the centre's to tell of
    station.do(edit, key, mobile="13800000003")
    assert said(station, key) == ([WAITS, AT_CITY], "已到市级 1 条 · 待上报 1 条")
    before = ask(district.node, "centre_head", delivery.relayed)
    assert (before.waiting, before.differed) == (0, 0)
    district.sync(station)
    assert ask(district.node, "centre_head", delivery.relayed).waiting == 1
    assert ask(here.city.node, "city_head", delivery.relayed) is None
    here.relay()
    (row,) = ask(district.node, "centre_head", stations.every)
    assert (row.received, row.at_city) == (2, 2)


def test_where_there_is_no_city_nothing_is_said_of_one(tmp_path: Path) -> None:
    alone = world(tmp_path)
    station = alone.station("460203198001")
    key = station.do(register)
    alone.sync(station)
    assert said(station, key) == ([AT_CENTRE], "已到区中心 1 条")
    assert said(alone.node, key, "centre_head") == ([""], "")
    (row,) = ask(alone.node, "centre_head", stations.every)
    assert row.at_city is None


def test_what_the_city_never_acknowledged_is_not_there(here: Above) -> None:
    """A stick on its way is no proof."""
    (district,) = here.districts
    (station,) = district.stations
    station.do(register)
    district.sync(station)
    answers = [here.city.centre.accept(data).data for data in all_parts(district, 2**20)]
    district.sync(station)
    assert at_city(station) is None
    contact.hear(district.centre, answers[-1])
    contact.tell_stations(district.centre)
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
