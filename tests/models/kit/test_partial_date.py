"""Dates as old files and Excel write them."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kit import partial_date
from models.kit.reading import Reading

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2016-05", "2016-05"),
        ("1952.3", "1952-03"),
        ("1952.10", "1952-10"),
        (1952.3, "1952-03"),
        (1952.11, "1952-11"),
        (1952.12, "1952-12"),
        (1952.001, "1952"),
        ("52年3月", "1952-03"),
        ("52年", "1952"),
        ("1952年3月", "1952-03"),
        ("1952年03月08日", "1952-03-08"),
        ("1952 年 3 月 8 号", "1952-03-08"),
        ("19461123", "1946-11-23"),
        (19461123.0, "1946-11-23"),
        (194611, "1946-11"),
        ("194611", "1946-11"),
        ("1946.11.23", "1946-11-23"),
        ("1946/11/23", "1946-11-23"),
        ("1946-11-23 00:00:00", "1946-11-23"),
        ("1946－11－23", "1946-11-23"),
        ("1946、11、23", "1946-11-23"),
        ("１９４６．１１．２３", "1946-11-23"),
        ("１９５２年３月", "1952-03"),
        ("一九五二年三月", "1952-03"),
        ("一九五二年十二月二十三日", "1952-12-23"),
        ("二〇〇五年十月", "2005-10"),
        ("五二年三月", "1952-03"),
        ("1952年十一月", "1952-11"),
        ("46.11.23", "1946-11-23"),
        (1952, "1952"),
        ("1952年", "1952"),
        ("'1952-03", "1952-03"),
        ("1952.03.", "1952-03"),
        ("19520300", "1952-03"),
        ("195200", "1952"),
        (date(1952, 3, 1), "1952-03-01"),
        (datetime(1952, 3, 1, 8, 30), "1952-03-01"),  # noqa: DTZ001
        ("Mar-1952", "1952-03"),
        (38321, "2004-11-30"),
        (9284, "1925-06-01"),
        ("38321", "2004-11-30"),
        (38321.5, "2004-11-30"),
    ],
)
def test_a_date_is_read_however_it_is_written(cell: object, value: str) -> None:
    said = partial_date.parse(cell, TODAY)
    assert (said.value, said.problem, said.warnings) == (value, None, ())


@pytest.mark.parametrize("cell", ["", None, "无", "不详", " - ", "/", "暂无"])
def test_nothing_is_nothing_and_no_problem(cell: object) -> None:
    assert partial_date.parse(cell, TODAY) == Reading()


@pytest.mark.parametrize(
    ("cell", "value", "note"),
    [
        ("1968年冬", "1968", "参加工作时间“1968年冬”只记到 1968 年"),
        ("1968年底", "1968", "参加工作时间“1968年底”只记到 1968 年"),
        ("1968冬季", "1968", "参加工作时间“1968冬季”只记到 1968 年"),
        ("68年秋", "1968", "参加工作时间“68年秋”只记到 1968 年"),
        ("约1968年", "1968", "参加工作时间“约1968年”只记到 1968 年"),
        ("1968年3月底", "1968-03", "参加工作时间“1968年3月底”只记到 1968-03"),
        ("一九六八年冬", "1968", "参加工作时间“一九六八年冬”只记到 1968 年"),
    ],
)
def test_a_season_is_kept_as_the_year_and_said(cell: str, value: str, note: str) -> None:
    said = partial_date.parse(cell, TODAY, label="参加工作时间")
    assert (said.value, said.problem, said.notes) == (value, None, (note,))


@pytest.mark.parametrize(
    ("cell", "message", "suggestion"),
    [
        ("2061-05", "退休时间晚于今天，可能是 2016-05", "2016-05"),
        ("2026-12", "退休时间晚于今天，请核对", None),
        ("55.11", "看不懂“55.11”，请按 2005-11 这样填", None),
        (55.11, "看不懂“55.11”，请按 2005-11 这样填", None),
        ("1995-13", "退休时间里没有 13 月这个月份，请核对", None),
        ("1995-02-30", "退休时间 1995年2月30日 不存在，请核对", None),
        ("1903-05", "退休时间 1903-05 早于 1950 年，请核对", None),
        ("解放前", "看不懂“解放前”，请按 2005-11 这样填", None),
        ("1995.5-2003.2", "看不懂“1995.5-2003.2”，请按 2005-11 这样填", None),
        ("五月", "看不懂“五月”，请按 2005-11 这样填", None),
        ("60岁", "看不懂“60岁”，请按 2005-11 这样填", None),
    ],
)
def test_a_wrong_date_is_explained(cell: object, message: str, suggestion: str | None) -> None:
    problem = partial_date.parse(cell, TODAY, label="退休时间", earliest=1950).problem
    assert problem is not None
    assert (problem.message, problem.suggestion) == (message, suggestion)


def test_a_short_year_follows_what_is_possible() -> None:
    assert partial_date.parse("05年3月", TODAY, earliest=1950).value == "2005-03"
    assert partial_date.parse("25年6月", TODAY, earliest=1950).value == "2025-06"
    problem = partial_date.parse("25年6月", TODAY, earliest=1900).problem
    assert problem is not None
    assert problem.kind == "ambiguous"


def test_a_decimal_of_one_may_have_been_october() -> None:
    said = partial_date.parse(1952.1, TODAY)
    assert said.value == "1952-01"
    assert said.warnings == ("日期 1952.1 在 Excel 里可能是 1 月，也可能是 10 月，请核对",)


def test_serials_follow_excel_and_its_false_leap_day() -> None:
    assert partial_date.serial_day(1) == date(1900, 1, 1)
    assert partial_date.serial_day(59) == date(1900, 2, 28)
    assert partial_date.serial_day(60) is None
    assert partial_date.serial_day(61) == date(1900, 3, 1)
    assert partial_date.serial_day(45_658) == date(2025, 1, 1)


def test_the_span_of_a_partial_date() -> None:
    assert partial_date.first_day("1952") == date(1952, 1, 1)
    assert partial_date.first_day("1952-02") == date(1952, 2, 1)
    assert partial_date.last_day("1952-02") == date(1952, 2, 29)
    assert partial_date.last_day("1952") == date(1952, 12, 31)
    assert partial_date.as_day("1952-02") is None
    assert partial_date.as_day("1952-02-03") == date(1952, 2, 3)


@given(
    st.one_of(
        st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.dates(),
        st.datetimes(), st.text("0123456789年月日春冬底.-/ 一二十〇", max_size=14),
    )
)  # fmt: skip
def test_no_cell_ever_breaks_the_reading(cell: object) -> None:
    said = partial_date.parse(cell, TODAY)
    if said.value is not None:
        assert partial_date.first_day(said.text) <= TODAY


@given(st.dates(date(1901, 1, 1), TODAY))
def test_what_we_write_we_read(day: date) -> None:
    for text in (day.isoformat(), day.isoformat()[:7], day.isoformat()[:4]):
        assert partial_date.parse(text, TODAY).value == text
    serial = (day - date(1899, 12, 30)).days
    if serial > 2150:
        assert partial_date.parse(serial, TODAY).value == day.isoformat()


@given(st.dates(date(1950, 1, 1), TODAY - timedelta(days=1)))
def test_reading_twice_is_reading_once(day: date) -> None:
    once = partial_date.parse(day, TODAY).value
    assert partial_date.parse(once, TODAY).value == once
