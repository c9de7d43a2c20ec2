"""Phone cells of rosters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kit import phone

MOBILE = {"mobile": "10000001234"}
LANDLINE = {"phone": "0898-88000001"}


@pytest.mark.parametrize(
    ("cell", "more"),
    [
        ("10000001234", MOBILE),
        (10000001234.0, MOBILE),
        ("100 0000 1234", MOBILE),
        ("100-0000-1234", MOBILE),
        ("+86 10000001234", MOBILE),
        ("１００００００１２３４", MOBILE),
        ("0898-88000001", LANDLINE),
        ("0898—88000001", LANDLINE),
        ("(0898)88000001", LANDLINE),
        ("089888000001", LANDLINE),
        ("88000001", LANDLINE),
        (89888000001.0, LANDLINE),
        ("010-62000000", {"phone": "010-62000000"}),
        ("0898-88000001转802", {"phone": "0898-88000001-802"}),
        ("10000001234/0898-88000001", MOBILE | LANDLINE),
        ("手机10000001234、座机88000001", MOBILE | LANDLINE),
        ("无电话", {"no_phone": True}),
        ("无", {"no_phone": True}),
        ("（没有手机）", {"no_phone": True}),
        ("", {}),
        (None, {}),
    ],
)
def test_numbers_are_told_apart(cell: object, more: dict[str, object]) -> None:
    said = phone.parse(cell)
    assert (dict(said.more), said.problem) == (more, None)


def test_whose_number_it_is_and_what_was_left_is_said() -> None:
    assert phone.parse("10000001234(女儿)").notes == ("10000001234 注明是“女儿”的电话",)
    assert phone.parse("10000001234 10000005678").notes == ("还有一个号码 10000005678 没有存",)


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("1000000123", "手机号应为 11 位，现在是 10 位；没有手机请填固定电话"),
        ("12345", "固定电话“12345”位数不对，请连区号一起填，如 0898-88000000"),
        ("13a", "看不懂电话“13a”；没有手机请填固定电话"),
    ],
)
def test_a_wrong_number_is_explained(cell: str, message: str) -> None:
    problem = phone.parse(cell).problem
    assert problem is not None
    assert problem.message == message


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.dates()))
def test_no_cell_ever_breaks_the_reading(cell: object) -> None:
    said = phone.parse(cell)
    for number in (said.more.get("mobile"), said.more.get("phone")):
        assert number is None or phone.parse(number).value == number
