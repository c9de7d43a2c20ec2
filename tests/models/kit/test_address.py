"""Addresses taken apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kit import address


@pytest.mark.parametrize(
    ("text", "estate", "building", "unit", "room"),
    [
        ("临春一区3-502", "临春一区", "3栋", "", "502"),
        ("桂苑一区３－５０２", "桂苑一区", "3栋", "", "502"),
        ("8号楼2单元301", "", "8栋", "2单元", "301"),
        ("桂苑一区 3栋 502", "桂苑一区", "3栋", "", "502"),
        ("滨江路18号602", "滨江路18号", "", "", "602"),
        ("滨江路 6号 802", "滨江路6号", "", "", "802"),
        ("3-2-502", "", "3栋", "2单元", "502"),
        ("3#502", "", "3栋", "", "502"),
        ("棉纺厂宿舍B座3单元201室", "棉纺厂宿舍", "B栋", "3单元", "201"),
        ("临春一区十二栋三单元502房", "临春一区", "12栋", "3单元", "502"),
        ("金鸡岭路20号院3号楼2单元4楼1号", "金鸡岭路20号院", "3栋", "2单元", "401"),
        ("学院路1号海棠花园12号楼1单元1802", "学院路1号海棠花园", "12栋", "1单元", "1802"),
        ("三亚市天涯区桂苑社区桂苑一区3幢2单元502室", "桂苑一区", "3栋", "2单元", "502"),
        ("吉阳区落笔村第3村民小组15号", "落笔村", "3组", "", "15号"),
        ("落笔村委会三组12号", "", "3组", "", "12号"),
        ("南田农场十队", "南田农场", "10组", "", ""),
        ("海南省三亚市河西区解放四路12号", "解放四路12号", "", "", ""),
        ("某小区501室", "某小区", "", "", "501"),
        ("红旗街", "红旗街", "", "", ""),
        ("", "", "", "", ""),
        ("不详", "", "", "", ""),
    ],
)
def test_an_address_is_taken_apart(
    text: str, estate: str, building: str, unit: str, room: str
) -> None:
    said = address.parse(text)
    assert (said.estate, said.building, said.unit, said.room) == (estate, building, unit, room)


def test_the_community_is_told_from_the_estate() -> None:
    assert address.parse("天涯区桂苑社区桂苑一区3栋502").community == "桂苑社区"
    assert address.parse("落笔村委会三组12号").community == "落笔村委会"


def test_addresses_sort_as_people_walk() -> None:
    walk = [
        "临春一区2栋302",
        "临春一区2栋1201",
        "临春一区10栋1单元101",
        "临春一区10栋2单元101",
        "临春二区1-101",
        "临春十区1-101",
    ]
    keys = [address.parse(one).sort_key for one in walk]
    assert keys == sorted(keys)


def test_one_building_is_one_however_it_is_written() -> None:
    ways = (
        "桂苑一区3栋502",
        "桂苑一区3幢502",
        "桂苑一区3号楼502",
        "桂苑一区 3#502",
        "桂苑一区3-502",
    )
    assert {address.parse(one).building_text for one in ways} == {"桂苑一区3栋"}


@given(st.one_of(st.text(), st.text("桂苑一二三区村组队栋号楼单元室房-# 0123456789A", max_size=40)))
def test_no_text_breaks_the_parts(text: str) -> None:
    said = address.parse(text)
    assert len(said.sort_key) <= 120
    assert address.parse(said.text) == said
