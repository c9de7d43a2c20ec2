"""ID numbers as rosters hold them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kit import id_number

TODAY = date(2026, 11, 23)

RIGHT = [
    ("460200194001010011", "1", date(1940, 1, 1)),
    ("460200194308150027", "2", date(1943, 8, 15)),
    ("460200195206301212", "1", date(1952, 6, 30)),
    ("440101195005050039", "1", date(1950, 5, 5)),
    ("46020319610131888X", "2", date(1961, 1, 31)),
    ("46020019451018006X", "2", date(1945, 10, 18)),
]


@pytest.mark.parametrize(("number", "sex", "born"), RIGHT)
def test_a_right_number_tells_sex_and_birth(number: str, sex: str, born: date) -> None:
    said = id_number.check(number, TODAY)
    assert (said.value, said.problem, said.warnings) == (number, None, ())
    assert (said.sex, said.birth_on) == (sex, born)


@pytest.mark.parametrize(
    "typed",
    [
        "46020319610131888x",
        " 460203 19610131 888X ",
        "'46020319610131888X",
        "460203-19610131-888x",
        "４６０２０３１９６１０１３１８８８ｘ",
        "46020319610131888×",
        "\t46020319610131888X\ufeff",
        "“46020319610131888X”",
    ],
)
def test_width_blanks_hyphens_and_the_apostrophe_do_not_matter(typed: str) -> None:
    said = id_number.check(typed, TODAY)
    assert (said.value, said.problem) == ("46020319610131888X", None)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("460200380115001", "460200193801150018"),
        ("460200430815002", "460200194308150027"),
        (460200430815002.0, "460200194308150027"),
    ],
)
def test_an_old_number_is_converted_and_shown_for_a_look(old: object, new: str) -> None:
    said = id_number.check(old, TODAY)
    assert (said.value, said.problem) == (new, None)
    assert said.warnings == (f"这是 15 位旧证号，系统已换算成 18 位：{new}，请核对",)


def test_the_sequences_of_the_very_old_belong_to_the_century_before() -> None:
    assert id_number.to18("460200980115996")[6:10] == "1898"


@pytest.mark.parametrize(
    ("typed", "kind", "message"),
    [
        (
            "460200194001010012",
            "check_digit",
            "有数字抄错了：按前 17 位推算，末位应是 1，现在是 2。请对照身份证逐位核对",
        ),
        ("460200193802290012", "birth", "出生日期 1938年2月29日 不存在，请核对第 7–14 位"),
        ("519902195202300123", "birth", "出生日期 2月30日 不存在，请核对第 7–14 位"),
        ("519902195213010123", "birth", "出生日期 19521301 不存在，请核对第 7–14 位"),
        ("5199021950061202", "length", "身份证号应为 18 位，现在是 16 位，少 2 位"),
        ("199021950061202X", "length", "身份证号应为 18 位，现在是 16 位，少 2 位"),
        ("1234x", "length", "身份证号应为 18 位，现在是 5 位，少 13 位"),
        ("5199021950061202012", "length", "身份证号应为 18 位，现在是 19 位，多 1 位"),
        ("519902202701010123", "future", "出生日期 2027-01-01 晚于今天，请核对第 7–14 位"),
        ("519902190601010123", "", ""),
        ("519902190501010123", "too_old", "出生日期 1905-01-01，已 121 岁，请核对第 7–14 位"),
        ("", "empty", "身份证号没有填"),
        ("无", "empty", "身份证号没有填"),
        (None, "empty", "身份证号没有填"),
        ("519902********0269", "masked", "号码被 * 遮住了，请填完整的 18 位身份证号"),
        ("51990219X402003012", "letter", "第 9 位是 X，只有最后一位可以是 X，请核对"),
        ("5199021940203王012", "letter", "第 14 位“王”不是数字，请核对"),
        ("519902380229001", "birth", ""),
    ],
)
def test_a_wrong_number_is_explained(typed: object, kind: str, message: str) -> None:
    problem = id_number.check(typed, TODAY).problem
    if kind:
        assert problem is not None
        assert problem.kind == kind
        assert not message or problem.message == message
    else:
        assert problem is None or problem.kind == "check_digit"


def test_the_right_check_digit_is_named_but_never_taken_by_the_dozen() -> None:
    problem = id_number.check("460200194001010012", TODAY).problem
    assert problem is not None
    assert problem.suggestion == "460200194001010011"
    assert not problem.sure


def test_a_letter_o_at_the_end_becomes_zero_with_one_click() -> None:
    first17 = next(
        f"5199021941120200{n}"
        for n in range(10)
        if id_number.check_digit(f"5199021941120200{n}") == "0"
    )
    problem = id_number.check(first17 + "O", TODAY).problem
    assert problem is not None
    assert problem.message == "最后一位是字母 O，应为数字 0"
    assert (problem.suggestion, problem.button, problem.sure) == (first17 + "0", "改为 0", True)


def test_a_letter_is_not_mended_where_the_number_stays_wrong() -> None:
    problem = id_number.check("46020O194001010012", TODAY).problem
    assert problem is not None
    assert problem.message.startswith("第 6 位是字母 O，应为数字 0；有数字抄错了")
    assert problem.suggestion is None


@pytest.mark.parametrize(
    "cell", [4.6020319610131888e17, "4.60E+17", "4.60203E+17", 519902194612233000]
)
def test_a_number_damaged_by_excel_is_said_to_be_lost(cell: object) -> None:
    problem = id_number.check(cell, TODAY).problem
    assert problem is not None
    assert problem.kind == "damaged"
    assert "Excel" in problem.message


def test_text_ending_in_zeros_is_damaged_only_where_the_check_digit_says_so() -> None:
    lost = id_number.check("519902194612233000", TODAY)
    assert lost.problem is not None
    assert lost.problem.kind == "damaged"
    tail = next(f"{n}00" for n in range(10) if id_number.check_digit(f"51990219461223{n}00") == "0")
    assert id_number.check(f"51990219461223{tail}0", TODAY).problem is None


def test_a_strange_division_is_only_a_warning() -> None:
    first17 = "00990219461223301"
    said = id_number.check(first17 + id_number.check_digit(first17), TODAY)
    assert said.problem is None
    assert said.warnings == ("号码开头 00 不是现有的省级代码，请核对",)


def test_a_masked_number_keeps_six_and_four() -> None:
    assert id_number.mask("460200194001010011") == "460200********0011"
    assert id_number.mask("4602") == "4602"


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = id_number.normalise(text)
    assert id_number.normalise(once) == once


@given(
    st.one_of(
        st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.dates(),
        st.text("0123456789xXOl*E+. '", min_size=14, max_size=20),
    )
)  # fmt: skip
def test_no_cell_ever_breaks_the_check(cell: object) -> None:
    said = id_number.check(cell, TODAY)
    assert said.problem is not None or id_number.check(said.text, TODAY).problem is None
