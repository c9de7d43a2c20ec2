"""Invented people: many, plausible, nobody real, and always the same."""

import re
from datetime import date

import pytest

from app import roster_fields, seed, seed_roster
from models.kit import address, id_number, partial_date


@pytest.fixture(scope="module")
def people() -> list[dict[str, object]]:
    return seed.people(3000, 11)


def test_the_same_seed_is_the_same_people() -> None:
    assert seed.people(50, 3) == seed.people(50, 3)
    assert seed.people(50, 3) != seed.people(50, 4)
    assert seed.people(10, 3) == seed.people(50, 3)[:10]
    assert seed_roster.roster(50, 3).truth == seed_roster.roster(50, 3).truth


def test_numbers_are_valid_different_and_of_the_empty_area(
    people: list[dict[str, object]],
) -> None:
    numbers = [str(one["id_no"]) for one in people]
    assert len(set(numbers)) == len(numbers)
    for one, number in zip(people, numbers, strict=True):
        assert id_number.check(number).problem is None
        assert number.startswith("519902")
        assert id_number.sex(number) == one["sex"]
        born = id_number.birth_on(number)
        assert born is not None
        assert 50 <= id_number.age(born, date(2026, 1, 1)) <= 101


def test_nobody_can_be_called(people: list[dict[str, object]]) -> None:
    for one in people:
        for key in ("mobile", "contact1_phone"):
            assert re.fullmatch(r"1[3-8]\d0000\d{4}|", str(one.get(key, "")))
        assert re.fullmatch(r"0898-0000\d{4}|", str(one.get("phone", "")))
    assert any("phone" in one for one in people)


def test_lives_are_in_order(people: list[dict[str, object]]) -> None:
    for one in people:
        started, retired = str(one["work_start"]), str(one["retired_on"])
        assert partial_date.last_day(started) < partial_date.first_day(retired) < seed.AS_OF


def test_names_have_rare_characters_and_dots(people: list[dict[str, object]]) -> None:
    names = [str(one["name"]) for one in people]
    assert any("·" in name for name in names)
    assert any(set(name) & set("𬭎䶮㛃𠮷𫖯") for name in names)
    assert any(name.startswith(("尉迟", "欧阳")) for name in names)


def test_addresses_can_be_taken_apart(people: list[dict[str, object]]) -> None:
    parts = [address.parse(str(one["live_address"])) for one in people]
    assert all(one.estate and one.room for one in parts)


def test_people_carry_the_names_of_the_register(people: list[dict[str, object]]) -> None:
    known = {one.id for one in roster_fields.fields()} | {"birth_on", "no_phone"}
    assert all(set(one) <= known for one in people)


def test_a_roster_has_every_kind_of_mess() -> None:
    truth = seed_roster.roster(200, 5).truth
    assert set(truth.mess.values()) == {
        "damaged", "check_digit", "length", "letter", "birth", "no_name", "lost", "future",
        "unclear", "mobile", "old_number", "sex", "aside", "shared", "twice",
    }  # fmt: skip
    assert truth.count("good") > 160
    assert len(truth.good_numbers) == truth.count("good")
