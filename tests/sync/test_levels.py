"""After a report both sides compare what they show, of the fields that both may see; what the city
lacks or shows otherwise is told again."""

from pathlib import Path

import pytest
from sqlalchemy import Delete, Update, delete, update

from models.kit.base import table_of
from models.retiree import Retiree, Tag
from tests.sync.city_parts import Above, above, differences
from tests.sync.parts import World, edit, register


@pytest.fixture
def here(tmp_path: Path) -> Above:
    made = above(tmp_path)
    district = made.district()
    station = district.station("460203198001")
    for number in range(20):
        key = station.do(register, mobile=f"1380000{number:04d}", politics="01")
        station.do(edit, key, bank_account="6217000012345678901")
    station.do(lambda s: s.add(Tag(retiree_id=key, code="T17", evidence="诊断书")))
    district.sync(station)
    made.relay()
    return made


def again(here: Above) -> tuple[int, int]:
    """Something happens, so that both compare once more."""
    (district,) = here.districts
    district.node.do(edit, someone(here), remark=district.node.code)
    done = here.mend()
    return done.differed, done.more


def someone(here: Above) -> str:
    found = here.districts[0].node.get(lambda s: s.query(Retiree.id).order_by(Retiree.id).first())
    return str(found[0])


def test_where_nothing_is_wrong_nothing_is_told_again(here: Above) -> None:
    assert again(here) == (0, 0)
    assert here.relay().files == 1


def test_a_record_the_city_has_lost_is_told_again(here: Above) -> None:
    (district,) = here.districts
    key = someone(here)
    spoil(here.city, delete(table_of(Retiree)).where(table_of(Retiree).c.id == key))
    assert differences(here, district)
    assert again(here) == (1, 0)
    assert differences(here, district) == []


def test_a_word_the_city_has_not_heard_is_told_again(here: Above) -> None:
    (district,) = here.districts
    key = someone(here)
    old = {"*": "00" * 16}
    people = table_of(Retiree)
    spoil(here.city, update(people).where(people.c.id == key).values(stamps=old, mobile="1"))
    district.node.do(edit, key, door_note="敲门")
    done = here.mend()
    assert (done.differed, done.more) == (1, 0)
    assert differences(here, district) == []


def test_what_only_the_city_has_is_counted_and_stays(here: Above) -> None:
    (district,) = here.districts
    key = someone(here)
    spoil(district, delete(table_of(Tag)))
    spoil(district, delete(table_of(Retiree)).where(table_of(Retiree).c.id == key))
    (station,) = district.stations
    station.do(register, name="符阿妹", id_no="519902195003081232")
    district.sync(station)
    done = here.mend()
    assert (done.differed, done.more) == (0, 2)
    assert here.city.node.person(key) is not None


def spoil(node: World, change: Delete | Update) -> None:
    """Behind the program's back."""
    with node.centre.store.apply() as session:
        session.connection().execute(change)
