"""Text in cells: smaller, then two lines, never cut off."""

from hypothesis import given
from hypothesis import strategies as st

from app.printing.kit import fonts
from app.printing.kit.fit import MM, fit, wrap

TEXT = st.text(alphabet="桂苑一区栋单元0123456789-AB，。（）《》、：", max_size=80)


def test_a_short_text_keeps_its_size() -> None:
    assert fit("桂苑一区 3栋 502", 60, 9.6) == (10.5, ["桂苑一区 3栋 502"])


def test_a_longer_text_shrinks_to_nine_points_before_it_breaks() -> None:
    size, lines = fit("桂苑一区三栋五百零二", 35, 9.6)
    assert 9 <= size < 10.5
    assert len(lines) == 1


def test_a_long_text_takes_two_lines_at_nine_points() -> None:
    size, lines = fit("桂苑一区三栋五百零二号原棉纺织厂家属区", 35, 9.6)
    assert (size, len(lines)) == (9, 2)


def test_a_number_is_not_broken() -> None:
    lines = wrap("身份证号 519902194611230269 号码", 40, 10.5)
    assert "519902194611230269" in [line.strip() for line in lines]


def test_a_phone_number_in_groups_stays_together() -> None:
    lines = wrap("陈志明（儿子） 139 0000 6208；陈志红 137 0000 4127", 40, 10.5)
    assert [line for line in lines if "139 0000 6208" in line]
    assert [line for line in lines if "137 0000 4127" in line]


def test_a_line_does_not_begin_with_a_space() -> None:
    assert not any(line.startswith(" ") for line in wrap("桂苑一区 3栋 " * 6, 20, 10.5))


@given(TEXT, st.floats(8, 80))
def test_nothing_is_lost(text: str, width: float) -> None:
    assert "".join(wrap(text, width, 9)) == text


@given(TEXT, st.floats(8, 80))
def test_a_line_begins_with_no_closing_mark_unless_it_has_no_room(text: str, width: float) -> None:
    for before, line in zip(lines := wrap(text, width, 9), lines[1:], strict=False):
        assert line[0] not in "，。）》、：" or fonts.width(before + line[0], 9) > width * MM


@given(TEXT, st.floats(8, 80))
def test_no_line_is_wider_than_its_room(text: str, width: float) -> None:
    for line in wrap(text, width, 9):
        assert fonts.width(line, 9) <= width * MM + 0.1
