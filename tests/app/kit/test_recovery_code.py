"""The code on the card survives hands, eyes and keyboards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit import recovery_code
from app.kit.recovery_code import ALPHABET, grouped, make, read
from app.kit.refusal import Refusal


def test_a_code_is_five_groups_of_four_and_no_two_are_alike() -> None:
    codes = {make() for _ in range(200)}
    assert len(codes) == 200
    assert all([len(group) for group in code.split("-")] == [4] * 5 for code in codes)


def test_lower_case_blanks_full_width_and_lookalikes_are_read_as_meant() -> None:
    code = next(one for one in iter(make, "") if "0" in one and "1" in one)
    typed = code.lower().replace("0", "o").replace("1", "l").replace("-", " ")
    assert read(typed) == code
    assert read(code.replace("0", "O").replace("1", "i")) == code
    assert read("".join(chr(ord(one) + 0xFEE0) for one in code)) == code
    assert read(code.replace("-", "")) == code


@given(at=st.integers(0, 19), other=st.sampled_from(ALPHABET))
def test_one_slip_is_noticed_and_its_group_named(at: int, other: str) -> None:
    plain = make().replace("-", "")
    if other == plain[at]:
        assert read(plain) == grouped(plain)
        return
    with pytest.raises(Refusal, match=f"第 {at // 4 + 1} 组"):
        read(plain[:at] + other + plain[at + 1 :])


@given(at=st.integers(0, 18))
def test_two_neighbours_changed_about_are_noticed(at: int) -> None:
    plain = make().replace("-", "")
    if plain[at] != plain[at + 1]:
        with pytest.raises(Refusal, match="抄错"):
            read(plain[:at] + plain[at + 1] + plain[at] + plain[at + 2 :])


@given(st.integers(0, 19), st.integers(0, 19), st.sampled_from(ALPHABET), st.sampled_from(ALPHABET))
def test_two_slips_are_noticed(one: int, two: int, first: str, second: str) -> None:
    good = make().replace("-", "")
    bad = list(good)
    bad[one], bad[two] = first, second
    if "".join(bad) != good:
        with pytest.raises(Refusal):
            read("".join(bad))


def test_a_missing_character_and_a_strange_one_are_named() -> None:
    code = make()
    with pytest.raises(Refusal, match="应为 20 位，现在是 19 位"):
        read(code[:-1])
    with pytest.raises(Refusal, match="不会有“U”"):
        read("U" + code[1:])
    with pytest.raises(Refusal):
        read(code[:-1] + "²" if code[-1] != "2" else code[:-1] + "³")


def test_the_field_powers_are_all_different() -> None:
    assert sorted(recovery_code.POWER) == list(range(1, 32))
