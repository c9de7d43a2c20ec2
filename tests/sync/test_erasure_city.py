"""Somebody is erased in a district: the city that had read of them has nothing left either, nor
has what waits for it."""

from pathlib import Path

import pytest
from sqlalchemy import delete, select

from app import erasure
from models.audit import Audit
from models.exchange import RawBatch
from models.relay import District
from sync.centre.keeping.erasing import FORGOTTEN
from sync.centre.keeping.journal import Journal
from sync.centre.recall import recall
from sync.centre.relay import city
from tests.sync import leaks
from tests.sync.city_parts import Above, above, all_parts, differences
from tests.sync.leaks import GROUND, NAME, NUMBER, OTHER, SECRETS, head, someone
from tests.sync.move_parts import visit
from tests.sync.parts import Node, World, copy_of, edit, register, swap
from tests.sync.test_erasure_forgotten import a_copy, forget, grounds

HERS = "519902195203140022"


@pytest.fixture
def here(tmp_path: Path) -> Above:
    return that_may_erase(tmp_path)


def that_may_erase(folder: Path) -> Above:
    """A city and a district, with files kept beside both."""
    made = above(folder)
    made.city.centre.journal = Journal(folder / "city" / "raw")
    district = made.district()
    district.centre.journal = Journal(district.folder / "raw")
    district.node.desk = head(district.node.desk, "centre_head")
    return made


def reported(here: Above) -> tuple[World, Node, str]:
    """A person the city knows, and another who stays."""
    district = here.districts[0]
    station = district.station("460203198001")
    key: str = station.do(someone)
    station.do(register, name=OTHER, id_no=HERS)
    district.sync(station)
    here.relay()
    assert leaks.found(leaks.of_centre(here.city), (NAME, NUMBER))
    return district, station, key


def erase(district: World, key: str) -> None:
    district.node.do(erasure.erase, key, NAME, GROUND)
    district.centre.keep()


def orders_for(here: Above, district: World) -> dict[str, bytes]:
    with here.city.centre.store.look() as session:
        return city._orders(session, session.get_one(District, district.node.desk.office_id))


def is_clean(*centres: World) -> None:
    for one in centres:
        assert leaks.found(leaks.of_centre(one), SECRETS) == []


def test_the_city_lets_go_of_whoever_a_district_erases(here: Above) -> None:
    district, station, key = reported(here)
    district.node.do(edit, key, remark=f"{NAME} 还没有报到市里")
    erase(district, key)
    is_clean(district)
    here.relay()
    here.city.centre.keep()
    is_clean(district, here.city)
    assert here.city.node.person(key) is None
    assert differences(here, district) == []
    district.sync(station)
    here.relay()
    assert differences(here, district) == []


def test_who_did_what_comes_up_of_somebody_the_city_had_not_heard_of(here: Above) -> None:
    district = here.districts[0]
    station = district.station("460203198001")
    key: str = station.do(someone)
    district.sync(station)
    erase(district, key)
    here.relay()  # in which nothing is found to differ
    here.city.centre.keep()
    acts = here.city.node.get(lambda s: s.execute(select(Audit.act, Audit.detail)).all())
    assert ("查看", None) in map(tuple, acts)
    assert differences(here, district) == []
    is_clean(district, here.city)


def test_it_comes_up_too_where_more_of_them_was_heard_before_the_city_read_it(here: Above) -> None:
    district = here.districts[0]
    station = district.station("460203198001")
    key: str = station.do(someone)
    district.sync(station)
    erase(district, key)
    all_parts(district, 2**20)  # what a stick takes is said by then
    station.do(lambda session: session.add(visit(key)))
    district.sync(station)
    here.relay()
    assert differences(here, district) == []


def test_a_stick_for_the_city_that_comes_late_is_emptied_as_it_is_heard(here: Above) -> None:
    district, station, key = reported(here)
    station.do(edit, key, remark=NAME, hobbies=NAME)
    district.sync(station)
    late = all_parts(district, 2**20)
    erase(district, key)
    here.relay()
    here.city.centre.keep()
    is_clean(here.city)
    for data in late:
        here.city.centre.accept(data)
    here.city.centre.keep()
    is_clean(here.city)
    here.relay()
    assert differences(here, district) == []


def test_what_the_district_alone_answers_for_goes_too(here: Above) -> None:
    """Of a stream whose files are gone."""
    district = here.districts[0]
    station = district.station("460203198001")
    key: str = station.do(someone)
    district.sync(station)
    with district.centre.store.apply() as session:
        session.execute(delete(RawBatch))
    assert here.mend().unproved == 1
    assert here.city.node.person(key) is not None
    assert leaks.found(leaks.of_centre(here.city), (NAME, NUMBER))
    erase(district, key)
    here.mend()
    here.city.centre.keep()
    is_clean(here.city)
    assert differences(here, district) == []


def test_a_city_put_back_brings_nobody_back(here: Above) -> None:
    district, _station, key = reported(here)
    copy = copy_of(here.city.node)
    here.city.centre.store = here.city.node.store
    erase(district, key)
    here.relay()
    here.city.centre.keep()
    swap(here.city.node, copy)
    here.city.centre.store = here.city.node.store
    assert here.city.node.person(key) is not None
    recall(here.city.centre)
    here.city.centre.keep()
    assert here.city.node.person(key) is None
    is_clean(here.city)
    for _ in range(2):
        here.relay()
    here.city.centre.keep()
    is_clean(here.city)
    assert differences(here, district) == []


def test_a_district_that_lost_all_hears_from_its_city_whom_it_had_erased(here: Above) -> None:
    """No station was told, and nothing was left beside the copy that was put back."""
    district, station, key = reported(here)
    copy = a_copy(district)
    erase(district, key)
    here.relay()
    forget(district, copy)
    assert district.node.person(key)
    here.mend()
    district.centre.keep()
    assert district.node.person(key) is None
    only_there = here.relay().more
    assert only_there == 1, "who ordered it then"
    district.sync(station)
    here.relay()
    here.city.centre.keep()
    assert station.person(key) is None
    is_clean(district, here.city)
    assert {at[0] for at, *_ in differences(here, district)} == {Audit.__tablename__}
    assert grounds(district) == [FORGOTTEN]


def test_a_city_shows_a_district_no_orders_but_its_own(here: Above) -> None:
    other = here.district()
    other.node.desk = head(other.node.desk, "centre_head")
    district, _station, key = reported(here)
    erase(district, key)
    here.relay(other)
    here.relay(district)
    shown = {one.node.desk.office_id: orders_for(here, one) for one in here.districts}
    assert [*map(len, shown.values())] == [1, 0]
