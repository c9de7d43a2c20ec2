"""A district reports to its city: the stations' own signed words, without what the city may not
see, and what stands of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import districts, handover, movement, overview, stations
from models.exchange import Change, RawBatch, Stream
from models.kit import clock
from models.kit.db import Store
from models.parameter import Parameter
from models.retiree import Retiree
from models.tag import Tag
from models.visit import Visit
from tests.sync.city_parts import (
    Above,
    above,
    at_desk,
    closed_values,
    decrypted,
    differences,
    with_head,
)
from tests.sync.parts import edit, register

BANK = "6217000012345678901"


@pytest.fixture
def here(centre_store: Store | None, tmp_path: Path) -> Iterator[Above]:
    yield above(tmp_path, centre_store)
    if centre_store is not None:
        centre_store.close()


def test_what_stations_write_comes_to_the_city(here: Above) -> None:
    district = here.district()
    one, other = district.station("460203198001"), district.station("460203198002")
    key = one.do(register, mobile="13800002617", bank_account=BANK, politics="01")
    also = other.do(register, name="符阿妹", id_no="519902195003081232")
    for station in (one, other):
        district.sync(station)
    here.relay()
    person = here.city.node.person(key)
    assert person is not None
    assert (person.name, person.mobile, person.office_id) == (
        "王秀英",
        "13800002617",
        one.desk.office_id,
    )
    assert (person.bank_account, person.politics) == (None, None)
    assert here.city.node.person(also) is not None
    assert differences(here, district) == []
    one.do(edit, key, mobile="13800006208", bank_account="6217000012345678902")
    district.node.do(edit, key, address_now="榆亚路 1 号")
    district.sync(one)
    here.relay()
    assert here.city.node.person(key).mobile == "13800006208"  # type: ignore[union-attr]
    assert differences(here, district) == []
    for data in decrypted(here):
        assert not any(value.encode() in data for value in district.node.get(closed_values))


def test_a_second_contact_carries_nothing(here: Above) -> None:
    district = here.district()
    station = district.station("460203198001")
    station.do(register)
    district.sync(station)
    assert here.relay().sent > 0
    here.relay()
    kept = here.city.node.get(stored)
    again = here.relay()
    assert (again.sent, again.files) == (0, 1)
    assert here.city.node.get(stored) == kept


def stored(session: Session) -> list[str]:
    """What a node keeps of the files it was sent."""
    return list(session.scalars(select(RawBatch.sha256).order_by(RawBatch.sha256)))


def test_where_two_sides_differ(here: Above) -> None:
    district = here.district()
    station = district.station("460203198001")
    key = station.do(register, mobile="13800000001")
    district.sync(station)
    district.sync(station)
    here.relay()
    station.do(edit, key, mobile="13800000003", door_note="敲门")
    district.node.do(edit, key, mobile="13800000002", remark="区里写的")
    district.sync(station)
    here.relay()
    assert differences(here, district) == []
    shown = here.city.node.person(key)
    held = district.node.person(key)
    assert shown is not None
    assert held is not None
    assert (shown.mobile, shown.door_note, shown.remark) == (held.mobile, "敲门", "区里写的")
    assert held.mobile == "13800000002", "the later one wins"


def test_a_district_that_joins_late_tells_all_that_stands(here: Above, tmp_path: Path) -> None:
    district = here.district()
    station = district.station("460203198001")
    for number in range(20):
        key = station.do(register, mobile=f"1380000{number:04d}", bank_account=BANK)
        station.do(edit, key, mobile=f"1390000{number:04d}")
        station.do(visited, key)
    last = station.do(register, bank_account=BANK)
    district.sync(station)
    district.node.do(edit, last, remark="区里写的")
    here.relay()
    assert differences(here, district) == []
    streams = here.city.node.get(lambda s: s.scalar(select(func.count()).select_from(Stream)))
    assert streams == 2


def visited(session: Session, key: str) -> None:
    """With money, which the city does not see."""
    session.add(
        Visit(
            retiree_id=key,
            visited_on=clock.today(),
            visit_type="01",
            way="01",
            visitors="刘桂兰",
            cash_fen=50_000,
        )
    )


def test_heads_at_the_city_are_those_of_the_stations(here: Above) -> None:
    district = here.district()
    station = district.station("460203198001")
    station.do(register, bank_account=BANK)
    district.sync(station)
    here.relay()
    ours = station.get(lambda s: s.execute(select(Change.seq, Change.hash, Change.head)).all())
    of_station = select(Change.seq, Change.hash, Change.head).where(
        Change.office_id == station.desk.office_id
    )
    assert here.city.node.get(lambda s: s.execute(of_station).all()) == ours
    assert here.city.node.get(lambda s: s.scalar(select(func.count()).select_from(Retiree))) == 1


def test_a_sensitive_tag_is_a_tag_of_nothing_at_the_city(here: Above) -> None:
    district = here.district()
    station = district.station("460203198001")
    key = station.do(register)
    for code in ("T17", "T02"):
        station.do(lambda s, code=code: s.add(Tag(retiree_id=key, code=code, evidence="诊断书")))
    district.sync(station)
    here.relay()
    found = here.city.node.get(lambda s: list(s.scalars(select(Tag).order_by(Tag.code))))
    assert sorted((one.code or "", one.evidence or "") for one in found) == [
        ("", ""),
        ("T02", "诊断书"),
    ]
    assert differences(here, district) == []


def test_a_person_who_moves_is_at_the_new_station(here: Above) -> None:
    district = here.district()
    one, two = (with_head(district.station(f"46020319800{n}")) for n in (1, 2))
    key = one.do(register, bank_account=BANK)
    one.do(visited, key)
    for station in (one, two):
        district.sync(station)
    here.relay()
    one.do(movement.moved_out, key, clock.today(), "460203198002社区", "子女同住")
    district.sync(one)
    district.sync(two)
    (offer,) = two.do(handover.handovers).rows
    two.do(handover.take, offer.id)
    one.do(edit, key, bank_account="6217000012345678902")  # late: put before the new station
    district.sync(two)
    district.sync(one)
    here.relay()
    assert here.city.node.person(key).office_id == two.desk.office_id  # type: ignore[union-attr]
    assert differences(here, district) == []
    hidden = {BANK, "6217000012345678902"}
    for data in decrypted(here):
        assert not any(value.encode() in data for value in hidden)


def test_two_districts_do_not_mix(here: Above) -> None:
    first, second = here.district(), here.district()
    for district in (first, second):
        station = district.station("460203198001")
        station.do(register)
        district.node.do(rule, "password_tries", 7)
        district.sync(station)
        here.relay(district)
    for district in (first, second):
        assert differences(here, district) == []
        assert here.relay(district).sent == 0
    count = here.city.node.get(lambda s: s.scalar(select(func.count()).select_from(Parameter)))
    assert count == 0, "a district's rules are not the city's"
    head = at_desk(here.city, "city_head")
    rows = {one.office_id: one for one in head.do(stations.every)}
    for district in (first, second):
        report = rows[district.node.desk.office_id].report
        assert [(one.people, one.received) for one in report.stations] == [(1, 1)]
        assert report.agreed
    shown = head.do(overview.overview)
    assert [(one.stations, one.people) for one in shown.offices] == [(1, 1), (1, 1)]
    head.do(districts.confirm, first.stations[0].desk.office_id)
    assert head.do(overview.overview).strangers == 1


def rule(session: Session, key: str, value: int) -> None:
    session.add(Parameter(key=key, value=value))


def test_a_record_that_an_edit_brings_back_is_back_at_the_city(here: Above) -> None:
    district = here.district()
    station = district.station("460203198001")
    key = station.do(register)
    station.do(visited, key)
    district.sync(station)
    district.node.do(edit, key, is_void=True, void_reason="重复登记")
    here.relay()
    assert here.city.node.person(key).is_void  # type: ignore[union-attr]
    station.do(edit, key, mobile="13800000009")
    district.sync(station)
    assert not district.node.person(key).is_void  # type: ignore[union-attr]
    here.relay()
    assert differences(here, district) == []
