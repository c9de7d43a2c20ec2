"""What goes wrong between a district and its city: lost, late, doubled and mixed-up files, and
either of them put back to an older copy."""

from pathlib import Path
from random import Random

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import revocation, stations
from models.exchange import RawBatch, Replica, new_epoch
from models.kit import clock
from models.relay import City, District, Known, Vouched
from sync.centre import sticks
from sync.centre.keeping.journal import Journal
from sync.centre.recall import recall
from sync.centre.relay import city, contact
from sync.fault import Fault, forged, revoked, too_big, too_new, unknown_station
from tests.sync.city_parts import Above, above, all_parts, at_desk, differences, next_part
from tests.sync.parts import DirectLink, World, copy_of, edit, register, swap
from tests.sync.test_moving_forgotten import an_office


@pytest.fixture
def here(tmp_path: Path) -> Above:
    made = above(tmp_path)
    made.district()
    made.districts[0].station("460203198001")
    return made


def write_some(district: World, number: int = 3) -> str:
    """A few people, sent to the centre one by one, so that the stretches are short."""
    station = district.stations[0]
    key = ""
    for _ in range(number):
        key = station.do(register, mobile="13800000001")
        station.do(edit, key, mobile="13800000002")
        district.sync(station)
    district.node.do(edit, key, remark="区里写的")
    return key


@pytest.mark.parametrize("what", ["lose_files", "lose_answers"])
def test_what_is_lost_on_the_way_is_sent_again(here: Above, what: str) -> None:
    (district,) = here.districts
    write_some(district)
    link = DirectLink(here.city.centre)
    getattr(link, what).add(0)
    with pytest.raises(Fault):
        here.relay(link=link)
    here.relay()
    assert differences(here, district) == []
    assert here.relay().sent == 0


@pytest.mark.parametrize("seed", range(6))
def test_parts_come_in_any_order_and_twice(here: Above, seed: int) -> None:
    (district,) = here.districts
    write_some(district, 6)
    parts = all_parts(district, 600)
    assert len(parts) > 6
    dice = Random(seed)  # noqa: S311  nothing here is a secret
    mixed = [*parts, *dice.choices(parts, k=4)]
    dice.shuffle(mixed)
    for data in mixed:
        here.city.centre.accept(data)
    answers = [here.city.centre.accept(data).data for data in parts]  # the stick is read once more
    contact.hear(district.centre, answers[-1])
    assert here.relay().sent == 0
    assert differences(here, district) == []


def test_what_no_file_proves_goes_up_as_the_districts_account(here: Above) -> None:
    """The files a station sent are gone; the others are told of as ever, and nothing is stuck."""
    (district,) = here.districts
    other = district.station("460203198002")
    write_some(district)
    with district.centre.store.apply() as session:
        session.execute(delete(RawBatch))
    key = other.do(register, name="符阿妹", id_no="519902195003081232")
    district.sync(other)
    done = here.relay()
    assert done.unproved == 1
    assert "1 组" in done.found("")[0]
    assert here.city.node.person(key) is not None
    assert differences(here, district) == []
    assert here.relay().sent == 0
    write_some(district)
    assert here.relay().unproved == 0
    assert differences(here, district) == []


def test_an_old_answer_takes_nothing_back(here: Above) -> None:
    (district,) = here.districts
    write_some(district)
    early = here.city.centre.accept(next_part(district)).data
    write_some(district)
    here.relay()
    before = positions(district)
    contact.hear(district.centre, early)
    assert positions(district) == before


def positions(district: World) -> list[object]:
    def read(session):  # type: ignore[no-untyped-def]
        known = session.execute(select(Known.office_id, Known.incarnation, Known.seq)).all()
        return [session.scalar(select(City.seq)), sorted(map(tuple, known))]

    return district.node.get(read)  # type: ignore[no-any-return]


def test_a_city_that_was_put_back_is_told_again(here: Above) -> None:
    (district,) = here.districts
    write_some(district)
    here.relay()
    old = copy_of(here.city.node)
    here.city.centre.store = here.city.node.store
    write_some(district)
    here.relay()
    swap(here.city.node, old)
    here.city.centre.store = here.city.node.store
    write_some(district, 1)
    here.relay()
    assert differences(here, district) == []
    assert here.relay().sent == 0


@pytest.mark.parametrize("is_known", [True, False])
def test_a_city_that_forgot_words_it_said_it_has_lays_no_record_without_them(
    here: Above, *, is_known: bool
) -> None:
    """Put back, by the program or not, after the first file of a stick, whose answer is read."""
    (district,) = here.districts
    key = write_some(district)
    district.stations[0].do(edit, key, remark="站里写的", door_note="敲门")
    district.node.do(edit, key, remark="区里后写的")
    here.relay()
    old = copy_of(here.city.node)
    here.city.centre.store = here.city.node.store
    district.sync(district.stations[0])
    words, items = all_parts(district, 1)
    answer = here.city.centre.accept(words).data
    swap(here.city.node, old)
    here.city.centre.store = here.city.node.store
    if is_known:
        with here.city.centre.store.apply() as session:
            new_epoch(session)
    contact.hear(district.centre, answer)
    here.city.centre.accept(items)
    here.relay()
    assert here.city.node.person(key).door_note == "敲门"  # type: ignore[union-attr]
    assert differences(here, district) == []
    assert here.relay().sent == 0


def test_a_city_put_back_to_before_a_district_joined_still_knows_it(tmp_path: Path) -> None:
    made = above(tmp_path)
    made.city.centre.journal = Journal(tmp_path / "raw")
    made.city.centre.keep()
    old = copy_of(made.city.node)
    made.city.centre.store = made.city.node.store
    district = made.district()
    district.station("460203198001")
    made.city.centre.keep()
    key = write_some(district)
    made.relay()
    made.city.node.do(confirm_all)
    made.city.centre.keep()
    swap(made.city.node, old)
    made.city.centre.store = made.city.node.store
    assert recall(made.city.centre) is not None
    assert made.city.node.person(key) is not None
    (name,) = made.city.node.get(lambda s: s.scalars(select(District.name)).all())
    assert name == "中心"
    assert made.city.node.get(lambda s: s.scalars(select(Vouched.confirmed_by)).all()) == ["市级"]
    write_some(district)
    made.relay()
    assert differences(made, district) == []


def confirm_all(session: Session) -> None:
    for one in session.scalars(select(Vouched)):
        one.confirmed_at, one.confirmed_by = clock.now(), "市级"


@pytest.mark.parametrize("is_heard", [True, False])
def test_a_district_that_was_put_back_begins_anew(here: Above, *, is_heard: bool) -> None:
    (district,) = here.districts
    key = write_some(district)
    if is_heard:
        here.relay()
    old = copy_of(district.node)
    district.centre.store = district.node.store
    write_some(district)
    district.node.do(edit, key, remark="之后写的")
    here.relay()
    swap(district.node, old)
    district.centre.store = district.node.store
    district.node.do(edit, key, remark="恢复以后写的")
    here.relay()
    (station,) = district.stations
    for _ in range(3):
        district.sync(station)
    here.relay()
    assert here.relay().sent == 0
    assert differences(here, district) == []
    assert district.node.get(lambda s: s.scalars(select(Replica.centre_epoch)).one()) > 1
    assert here.city.node.person(key).remark == "恢复以后写的"  # type: ignore[union-attr]


def test_a_district_that_knows_it_was_put_back_numbers_anew(here: Above) -> None:
    """A station has proved it, or the restore itself began the epoch."""
    (district,) = here.districts
    key = write_some(district)
    here.relay()
    district.node.do(edit, key, remark="之后写的")
    here.relay()
    with district.centre.store.apply() as session:
        new_epoch(session)
    district.node.do(edit, key, remark="新一期写的")
    here.relay()
    assert differences(here, district) == []
    assert here.city.node.person(key).remark == "新一期写的"  # type: ignore[union-attr]


def test_each_file_may_be_the_last_of_a_contact(here: Above) -> None:
    """Small parts, one contact each: every one brings the city further."""
    (district,) = here.districts
    write_some(district, 4)
    for _ in range(100):
        data = next_part(district, 600)
        before = positions(district)
        contact.hear(district.centre, here.city.centre.accept(data).data)
        if positions(district) == before:
            break
    assert here.relay().sent == 0
    assert differences(here, district) == []


def test_offices_that_follow_each_other_go_up_in_one_file(here: Above) -> None:
    """However small the files are: the first names the second as its successor."""
    district = here.districts[0]
    for _ in range(3):
        district.node.do(an_office)
    for data in all_parts(district, 1):
        here.city.centre.accept(data)
    here.relay()
    assert differences(here, district) == []


@pytest.mark.parametrize(
    "fault", [forged(), unknown_station(), revoked(), too_new("区中心"), too_big()]
)
def test_a_district_hears_of_its_city_and_not_as_if_it_were_a_station(fault: Fault) -> None:
    said = contact.worded(fault)
    assert said.kind == fault.kind
    assert "市级" in said.message
    assert "站点" not in said.message


def test_a_district_that_never_reported_can_be_stopped(here: Above) -> None:
    (district,) = here.districts
    head = at_desk(here.city, "city_head")
    assert head.do(revocation.revoke, district.card.id, "电脑丢失").startswith("已停用 中心 ")
    (row,) = head.do(stations.every)
    assert row.revoked_at is not None
    write_some(district)
    with pytest.raises(Fault, match="已停用"):
        here.relay()


def test_a_city_hears_of_a_district_and_not_of_a_station(here: Above, tmp_path: Path) -> None:
    (district,) = here.districts
    write_some(district)
    at_desk(here.city, "city_head").do(revocation.revoke, district.card.id, "换了新电脑")
    (tmp_path / "stick").mkdir()
    contact.pack_stick(district.centre, tmp_path / "stick")
    found = sticks.unpack_stick(here.city.centre, tmp_path / "stick")
    assert {said for _, said in found.refused} == {city.WORDS["revoked"]}
    (one,) = found.senders.values()
    assert {*one.refused} == {city.WORDS["revoked"]}
