"""What a district and its city say to have read of each other: a district that lies puts only
itself to trouble, and a district believes its city only under its own signature."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from models.exchange import RawBatch
from models.relay import City, District
from sync import pack, relayed
from sync.centre.relay import contact
from sync.fault import Fault
from tests.sync.city_parts import Above, above, differences, next_part
from tests.sync.parts import World, copy_of, edit, swap
from tests.sync.test_city_faults import write_some
from tests.sync.views import epoch_of


@pytest.fixture
def here(tmp_path: Path) -> Above:
    made = above(tmp_path)
    for code in ("460203198001", "460203198002"):
        made.district().station(code)
    return made


def further(city: City) -> None:
    city.seq += 3


def later(city: City) -> None:
    city.epoch += 7


def out_of_its_mind(city: City) -> None:
    city.epoch = 2**40


@pytest.mark.parametrize("lie", [further, later, out_of_its_mind], ids=lambda one: one.__name__)
def test_a_district_that_lies_is_the_only_one_to_say_all_again(
    here: Above, lie: Callable[[City], None]
) -> None:
    liar, other = here.districts
    for district in (liar, other):
        write_some(district, 1)
        here.relay(district)
    with liar.centre.store.apply() as session:
        lie(session.scalars(select(City)).one())
    here.city.centre.accept(next_part(liar))
    assert epoch_of(here.city.node) == 1
    assert here.relay(other).sent == 0
    assert other.node.get(lambda s: s.scalars(select(City.epoch)).one()) == 1
    if lie is not out_of_its_mind:
        here.relay(liar)
        assert differences(here, liar) == []


def test_a_city_put_back_again_and_again_is_told_all_by_each_district(here: Above) -> None:
    for district in here.districts:
        write_some(district, 1)
    old = copy_of(here.city.node)
    here.city.centre.store = here.city.node.store
    for _ in range(3):
        for district in here.districts:
            here.relay(district)
        swap(here.city.node, old)
        here.city.centre.store = here.city.node.store
    for district in here.districts:
        here.relay(district)
        assert differences(here, district) == []
        assert here.relay(district).sent == 0


def signed(data: bytes) -> bytes:
    packet = pack.read(data)
    return packet.signed + packet.signature


def nothing(_here: Above, _district: World, _true: bytes) -> bytes:
    return b""


def what_it_really_said(_here: Above, _district: World, true: bytes) -> bytes:
    return true


def another_number_under_its_signature(here: Above, _district: World, true: bytes) -> bytes:
    packet = pack.apart(true)
    lie = msgspec.structs.replace(packet.header, last=packet.header.last + 5)
    made = pack.read(pack.close(here.city.node.keys, lie, b""))
    return made.signed + packet.signature


def under_the_citys_own(here: Above, _district: World, true: bytes) -> bytes:
    header = pack.apart(true).header
    lie = msgspec.structs.replace(header, last=header.last + 5)
    return signed(pack.close(here.city.node.keys, lie, b""))


SHOWN = [nothing, what_it_really_said, another_number_under_its_signature, under_the_citys_own]


@pytest.mark.parametrize("show", SHOWN, ids=lambda one: one.__name__)
def test_a_district_begins_nothing_anew_because_its_city_says_so(
    here: Above, show: Callable[[Above, World, bytes], bytes]
) -> None:
    district = here.districts[0]
    write_some(district, 1)
    here.relay(district)
    with here.city.centre.store.apply() as session:
        mine = District.office_id == district.node.desk.office_id
        found = session.scalars(select(District).where(mine)).one()
        found.read_by = show(here, district, found.read_by or b"")
        found.seq, found.head = found.seq + 5, b"\x07" * 32
    with pytest.raises(Fault) as fault:
        here.relay(district)
    assert fault.value.kind == "unproved"
    assert "没有采信" in fault.value.message
    assert epoch_of(district.node) == 1
    assert not district.sync(district.stations[0]).begun


def test_only_where_a_district_may_have_forgotten_its_word_goes_along(here: Above) -> None:
    district = here.districts[0]
    write_some(district, 1)
    data = next_part(district)
    answer = here.city.centre.accept(data).data
    assert told(district, answer) == b""
    again = here.city.centre.accept(data).data  # as if its answer had been lost
    assert told(district, again) == b""
    contact.hear(district.centre, answer)
    district.node.do(edit, write_some(district, 1), remark="之后写的")
    here.relay(district)
    late = here.city.centre.accept(data).data
    (last,) = here.city.node.get(
        lambda s: s.scalars(
            select(RawBatch.body).order_by(RawBatch.received_at.desc()).limit(1)
        ).all()
    )
    assert told(district, late) == signed(last)


def told(district: World, answer: bytes) -> bytes:
    said: relayed.Told = relayed.decode(pack.read(answer), district.centre.keys, relayed.Told)
    return said.proof
