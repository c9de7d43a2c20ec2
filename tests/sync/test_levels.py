"""After a report both sides compare what they show, of the fields that both may see; what the city
lacks or shows otherwise is told again."""

from pathlib import Path

import pytest
from sqlalchemy import Delete, Update, delete, select, update

from app import erasure
from models.kit.base import table_of
from models.relay import District
from models.retiree import Retiree
from models.tag import Tag
from sync import uplink
from sync.centre import sticks
from sync.centre.relay import contact
from tests.sync.city_parts import Above, above, at_desk, differences, next_part
from tests.sync.parts import World, edit, register


@pytest.fixture
def here(tmp_path: Path) -> Above:
    return some(tmp_path)


def some(tmp_path: Path) -> Above:
    """Twenty people the city knows of."""
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


def someone(here: Above, place: int = 0) -> str:
    people = select(Retiree.id).order_by(Retiree.id).offset(place)
    return str(here.districts[0].node.get(lambda s: s.scalars(people).first()))


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


def by_stick(here: Above, folder: Path) -> uplink.Relayed:
    """There and back."""
    to_the_city(here, folder)
    return back(here, folder)


def to_the_city(here: Above, folder: Path) -> None:
    contact.pack_stick(here.districts[0].centre, folder)
    sticks.unpack_stick(here.city.centre, folder)
    sticks.pack_stick(here.city.centre, folder)


def back(here: Above, folder: Path) -> uplink.Relayed:
    done = sticks.unpack_stick(here.districts[0].centre, folder)
    assert done.refused == []
    assert done.relayed is not None
    return done.relayed


def found(done: uplink.Relayed) -> tuple[bool, int, int]:
    return done.compared, done.differed, done.more


def agreed(here: Above) -> bool:
    return bool(here.city.node.get(lambda s: s.scalars(select(District.agreed)).one()))


def test_both_compare_by_stick_and_mend(here: Above, stick: Path) -> None:
    (district,) = here.districts
    key = someone(here)
    district.node.do(edit, key, remark="一")
    assert found(by_stick(here, stick)) == (True, 0, 0)
    assert agreed(here)
    spoil(here.city, delete(table_of(Retiree)).where(table_of(Retiree).c.id == key))
    other = str(district.stations[0].do(register))
    district.sync(district.stations[0])
    assert found(by_stick(here, stick)) == (True, 1, 0)
    assert not agreed(here)
    assert found(back(here, stick)) == (True, 0, 0)  # read again: it is being told already
    assert differences(here, district)
    assert found(by_stick(here, stick)) == (True, 0, 0)
    assert agreed(here)
    assert here.city.node.person(other) is not None
    assert differences(here, district) == []


def test_what_was_said_while_the_stick_was_under_way_is_left_out(here: Above, stick: Path) -> None:
    (district,) = here.districts
    one, other = two(here)
    gone = table_of(Retiree).c.id.in_([one, other])
    spoil(here.city, delete(table_of(Retiree)).where(gone))
    district.node.do(edit, someone(here, 2), remark="一")
    to_the_city(here, stick)
    district.node.do(edit, one, remark="二")
    assert found(back(here, stick)) == (True, 1, 0)  # the other; the city could not know of one
    assert found(by_stick(here, stick)) == (True, 1, 0)
    assert found(by_stick(here, stick)) == (True, 0, 0)
    assert differences(here, district) == []


def two(here: Above) -> tuple[str, str]:
    return someone(here), someone(here, 1)


def test_a_claim_holds_for_what_had_been_read_by_then(here: Above, stick: Path) -> None:
    (district,) = here.districts
    district.node.do(edit, someone(here), remark="一")
    by_stick(here, stick)
    district.node.do(edit, someone(here), remark="二")
    here.city.centre.accept(next_part(district))
    sticks.pack_stick(here.city.centre, stick)
    assert found(back(here, stick)) == (False, 0, 0)


def test_somebody_erased_meanwhile_makes_it_stale(here: Above, stick: Path) -> None:
    (district,) = here.districts
    key = someone(here)
    district.node.do(edit, key, remark="一")
    to_the_city(here, stick)
    district.node.do(edit, key, remark="二")
    at_desk(district, "centre_head").do(erasure.erase, key, "王秀英", "本人书面要求")
    district.centre.keep()
    assert found(back(here, stick)) == (False, 0, 0)
    assert found(by_stick(here, stick)) == (True, 0, 0)


def spoil(node: World, change: Delete | Update) -> None:
    """Behind the program's back."""
    with node.centre.store.apply() as session:
        session.connection().execute(change)
