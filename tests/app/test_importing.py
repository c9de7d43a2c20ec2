"""A sheet laid out, matched and checked."""

import csv
import io
from collections.abc import Callable
from datetime import date
from functools import cache

import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import roster_fields, roster_rules, seed_roster
from app.kit import importing, sheet
from app.kit.importing import Analysis, Known, Mapping, State, Table
from app.kit.refusal import Refusal
from app.kit.sheet import Cell, Sheet
from models.kit import id_number, plain

TODAY = date(2026, 11, 23)
FIELDS = roster_fields.fields()
HEAD: list[Cell] = ["序号", "姓名", "身份证号", "退休时间", "居住地址", "联系电话"]


def right(first17: str) -> str:
    return first17 + id_number.check_digit(first17)


WANG = right("51990219461123002")
LI = right("51990219500101001")
CHEN = right("51990219520304002")


def person(serial: int, name: str, number: str, retired: Cell = "2001-11") -> list[Cell]:
    return [serial, name, number, retired, "桂苑一区3-502", "10000001234"]


def laid_out(*rows: list[Cell], header: int | None = None) -> Table:
    return importing.table(Sheet("名册", [list(row) for row in rows]), FIELDS, header)


def checked(
    *rows: list[Cell],
    known: dict[str, Known] | None = None,
    defaults: dict[str, object] | None = None,
) -> Analysis:
    found = laid_out(HEAD, *rows)
    mapping = importing.match(found, FIELDS)
    return importing.check(
        found,
        mapping,
        FIELDS,
        known,
        today=TODAY,
        rules=roster_rules.RULES,
        defaults=defaults,
    )


def words(analysis: Analysis, number: int) -> list[str]:
    return [one.message for one in analysis.row(number).findings]


# -- where the table is ---------------------------------------------------------------------------


def test_the_header_is_found_under_titles() -> None:
    found = laid_out(
        ["市棉纺织厂2026年移交退休人员花名册"],
        ["移交单位：市棉纺织厂", "", "", "2026年1月"],
        [],
        HEAD,
        person(1, "王秀英", WANG),
    )
    assert (found.header_row, found.header_rows, len(found.rows)) == (4, 1, 1)
    assert roster_rules.guess_employer(found) == "市棉纺织厂"


def test_a_header_of_two_rows_is_one_with_or_without_merges() -> None:
    top: list[Cell] = ["序号", "姓名", "身份证号", "联系方式", "", "家属", ""]
    low: list[Cell] = ["", "", "", "手机", "固话", "姓名", "电话"]
    row: list[Cell] = [1, "王秀英", WANG, "10000001234", "", "李卫东", "10000005678"]
    merged = ((0, 0, 1, 0), (0, 1, 1, 1), (0, 2, 1, 2), (0, 3, 0, 4), (0, 5, 0, 6))
    for merges in (merged, ()):
        found = importing.table(Sheet("名册", [top, low, row], merges), FIELDS)
        mapping = importing.match(found, FIELDS)
        assert (found.header_row, found.header_rows, len(found.rows)) == (1, 2, 1)
        assert [one.field for one in mapping.columns] == [
            None, "name", "id_no", "mobile", "phone", "contact1_name", "contact1_phone",
        ]  # fmt: skip


def test_the_right_sheet_comes_first() -> None:
    sheets = [
        Sheet("填表说明", [["姓名要和身份证一致"], ["身份证号18位"]]),
        Sheet("旧", [HEAD, person(1, "王秀英", WANG)], hidden=True),
        Sheet("名册", [HEAD, person(1, "王秀英", WANG), person(2, "李建国", LI)]),
    ]
    assert [one.sheet for one in importing.tables(sheets, FIELDS)][:2] == ["名册", "旧"]


def test_a_person_may_say_where_the_header_is() -> None:
    rows: list[list[Cell]] = [HEAD, ["甲", "乙"], person(1, "王秀英", WANG)]
    found = laid_out(*rows, header=2)
    assert (found.header_row, found.headers[:2], len(found.rows)) == (2, ("甲", "乙"), 1)
    assert len(laid_out(*rows, header=0).rows) == 3


def test_rows_that_are_nobody_are_passed_over_with_a_reason() -> None:
    found = laid_out(
        HEAD,
        person(1, "王秀英", WANG),
        ["", "", "", "", "", ""],
        ["本页合计", "", "1人"],
        HEAD,
        ["二、细纱车间"],
        person(2, "李建国", LI),
        [3],
        ["合 计", "", "2 人"],
        ["制表人：符玉兰", "", "审核：", ""],
        ["", "移交单位（盖章）：", "", "2026年1月5日"],
    )
    assert [row.number for row in found.rows] == [2, 7]
    assert [(one.number, one.reason) for one in found.skipped] == [
        (4, "合计行"),
        (5, "重复的表头"),
        (6, "分段标题"),
        (8, "只有序号"),
        (9, "合计行"),
        (10, "签字或说明"),
        (11, "签字或说明"),
    ]


def test_a_row_with_only_a_name_is_somebody() -> None:
    analysis = checked(["", "王秀英"])
    assert words(analysis, 2) == ["身份证号没有填"]


def test_a_value_merged_over_people_belongs_to_each() -> None:
    head: list[Cell] = ["姓名", "身份证号", "单位"]
    rows: list[list[Cell]] = [head, ["王秀英", WANG, "市棉纺织厂"], ["李建国", LI, ""]]
    found = importing.table(Sheet("名册", rows, ((1, 2, 2, 2),)), FIELDS)
    assert [row.cells[2] for row in found.rows] == ["市棉纺织厂", "市棉纺织厂"]


def test_a_sheet_without_a_header_is_matched_by_its_values() -> None:
    found = laid_out(["王秀英", WANG], ["李建国", LI], ["陈玉兰", CHEN])
    mapping = importing.match(found, FIELDS)
    assert found.header_row == 0
    assert [(one.field, one.match) for one in mapping.columns] == [
        ("name", "confirm"),
        ("id_no", "confirm"),
    ]


# -- which column is which ------------------------------------------------------------------------


def mapping_of(*headers: str, remembered: str | None = None) -> Mapping:
    table = laid_out(list(headers), [WANG if "身份" in one else "王秀英" for one in headers])
    return importing.match(table, FIELDS, remembered)


def test_columns_are_recognised_to_be_confirmed_or_not_imported() -> None:
    mapping = mapping_of("姓名", "公民身份号码", "退休年月", "现住址", "是否党员", "备注", "备注2")
    assert [(one.field, str(one.match)) for one in mapping.columns] == [
        ("name", "recognised"),
        ("id_no", "recognised"),
        ("retired_on", "recognised"),
        ("live_address", "confirm"),
        ("is_party_member", "recognised"),
        ("remark", "recognised"),
        (None, "ignored"),
    ]


def test_samples_hide_private_numbers() -> None:
    mapping = mapping_of("姓名", "身份证号码（18位）")
    assert mapping.columns[1].samples == f"519902********{WANG[-4:]}"


def test_what_was_chosen_is_remembered_for_the_next_sheet() -> None:
    headers = ("姓名", "身份证号", "办结", "备注")
    chosen = mapping_of(*headers).choose(2, "retired_on").choose(3, None)
    again = mapping_of(*headers, remembered=chosen.remember())
    assert [one.field for one in again.columns] == ["name", "id_no", "retired_on", None]
    assert mapping_of(*headers, remembered="broken").columns[2].field is None


def test_a_required_column_that_is_missing_stops_the_check() -> None:
    table = laid_out(["姓名", "退休时间"], ["王秀英", "2001-11"])
    mapping = importing.match(table, FIELDS)
    assert mapping.missing == ("id_no",)
    with pytest.raises(Refusal, match="没有找到“身份证号”这一列"):
        importing.check(table, mapping, FIELDS, today=TODAY)


def test_a_field_moves_to_the_column_a_person_names() -> None:
    mapping = mapping_of("姓名", "身份证号", "现住址", "户口本地址").choose(3, "live_address")
    assert [one.field for one in mapping.columns] == ["name", "id_no", None, "live_address"]


# -- what is wrong with a row ---------------------------------------------------------------------


def test_good_rows_carry_values_ready_to_be_written() -> None:
    analysis = checked(
        person(1, "王 秀 英", WANG.lower()), defaults={"employer_name": "市棉纺织厂"}
    )
    (row,) = analysis.importable()
    assert row.values == {
        "name": "王秀英",
        "id_no": WANG,
        "birth_on": date(1946, 11, 23),
        "sex": "2",
        "retired_on": "2001-11",
        "live_address": "桂苑一区3-502",
        "estate": "桂苑一区",
        "building": "3栋",
        "room": "502",
        "building_text": "桂苑一区3栋",
        "address_key": "桂苑00001区|00003栋||00502",
        "mobile": "10000001234",
        "employer_name": "市棉纺织厂",
    }


def test_a_suggestion_is_one_click_and_the_row_is_checked_again() -> None:
    analysis = checked(person(1, "王秀英", WANG, "2061-05"), person(2, "李建国", LI))
    (finding,) = analysis.row(2).findings
    assert (finding.message, finding.button) == ("退休时间晚于今天，可能是 2016-05", "改为 2016-05")
    assert analysis.counts.must_fix == 1
    analysis.fix(2, "retired_on")
    assert analysis.row(2).values["retired_on"] == "2016-05"
    assert analysis.counts.good == 2


def test_only_sure_corrections_are_taken_by_the_dozen() -> None:
    wrong = WANG[:17] + ("1" if WANG[17] != "1" else "2")
    analysis = checked(person(1, "王秀英", wrong), person(2, "李建国", LI, "2061-05"))
    assert analysis.fix_all() == 1
    assert [row.state for row in analysis.rows] == [State.MUST_FIX, State.GOOD]
    analysis.fix(2, "id_no")
    assert analysis.counts.good == 2


def test_a_number_that_the_card_really_shows_is_kept_and_marked() -> None:
    wrong = WANG[:17] + ("1" if WANG[17] != "1" else "2")
    analysis = checked(person(1, "王秀英", wrong))
    analysis.doubt(2)
    values = analysis.row(2).values
    assert analysis.row(2).state is State.GOOD
    assert (values["id_no"], values["id_doubtful"], values["sex"]) == (wrong, True, "2")
    analysis.edit(2, "id_no", WANG)
    assert "id_doubtful" not in analysis.row(2).values


def test_a_long_check_tells_how_far_it_is_and_can_be_stopped() -> None:
    table = laid_out(HEAD, *(person(at, "王秀英", WANG) for at in range(1200)))
    mapping = importing.match(table, FIELDS)
    told: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        told.append((done, total))
        if done:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        importing.check(table, mapping, FIELDS, today=TODAY, progress=progress)
    assert told == [(0, 1200), (500, 1200)]


def test_an_unclear_cell_may_wait_where_it_is_not_required() -> None:
    analysis = checked(person(1, "王秀英", WANG, "55.11"))
    assert words(analysis, 2) == ["看不懂“55.11”，请按 2005-11 这样填"]
    analysis.postpone(2, "id_no")
    assert analysis.counts.good == 0
    analysis.postpone(2, "retired_on")
    assert analysis.counts.good == 1
    assert "retired_on" not in analysis.row(2).values


def test_a_warning_waits_for_a_word() -> None:
    old = WANG[:6] + WANG[8:17]
    analysis = checked(person(1, "王秀英", old))
    assert analysis.row(2).state is State.CONFIRM
    analysis.accept(2)
    assert analysis.row(2).state is State.GOOD
    assert analysis.row(2).values["id_no"] == WANG


def test_the_same_person_twice_goes_in_once() -> None:
    analysis = checked(person(1, "王秀英", WANG), person(2, "王 秀英", WANG.lower()))
    assert words(analysis, 3) == ["与第 2 行是同一个人，只导入第 2 行"]
    assert [row.state for row in analysis.rows] == [State.GOOD, State.DUPLICATE]
    analysis.ignore(2)
    assert analysis.row(3).state is State.GOOD
    analysis.ignore(2, ignored=False)
    assert analysis.row(3).state is State.DUPLICATE


def test_a_list_of_results_may_name_a_person_twice() -> None:
    table = laid_out(HEAD, person(1, "王秀英", WANG), person(2, "王秀英", WANG))
    mapping = importing.match(table, FIELDS)
    assert importing.check(table, mapping, FIELDS, today=TODAY, unique=False).counts.good == 2


def test_two_people_with_one_number_are_both_named() -> None:
    analysis = checked(
        person(1, "王秀英", WANG), person(2, "李建国", WANG), person(3, "陈玉兰", CHEN)
    )
    assert words(analysis, 2) == ["与第 3 行（李建国）的身份证号相同，请核对是谁的"]
    assert words(analysis, 3) == ["与第 2 行（王秀英）的身份证号相同，请核对是谁的"]
    touched = analysis.edit(3, "id_no", LI)
    assert [row.number for row in touched] == [2, 3]
    assert analysis.counts.good == 3


@pytest.mark.parametrize(
    ("known", "words_"),
    [
        (
            Known("1", "王秀英", "dead", since="2024-05-01"),
            "王秀英 已登记去世（2024-05-01），不能导入",
        ),
        (
            Known("1", "王秀英", "elsewhere", place="望江社区"),
            "王秀英 已在望江社区登记，请先办转移",
        ),
        (
            Known("1", "李建国", place="桂苑二区 7栋 301"),
            "这个号码已登记为 李建国（桂苑二区 7栋 301）",
        ),
        (Known("1", "王秀英"), "王秀英 已在册"),
    ],
)
def test_people_known_already_are_not_imported_again(known: Known, words_: str) -> None:
    analysis = checked(person(1, "王秀英", WANG), known={WANG: known})
    assert analysis.row(2).state is State.DUPLICATE
    assert words(analysis, 2) == [words_]


def test_a_known_person_is_updated_only_where_something_is_new() -> None:
    full = dict(checked(person(1, "王秀英", WANG)).row(2).values)
    same = checked(person(1, "王秀英", WANG), known={WANG: Known("1", "王秀英", values=full)})
    assert words(same, 2) == ["王秀英 已在册，没有新内容"]
    lacking = full | {"retired_on": None}
    more = checked(person(1, "王秀英", WANG), known={WANG: Known("1", "王秀英", values=lacking)})
    assert (more.row(2).state, more.row(2).action) == (State.GOOD, "update")
    assert more.row(2).changes == ("retired_on",)
    other = full | {"mobile": "10000005678"}
    ask = checked(person(1, "王秀英", WANG), known={WANG: Known("1", "王秀英", values=other)})
    assert words(ask, 2) == ["手机与在册的不同：在册 100****5678，名册 100****1234"]
    assert ask.row(2).state is State.CONFIRM


def test_known_people_are_looked_up_at_once() -> None:
    asked: list[int] = []

    def lookup(numbers: object) -> dict[str, Known]:
        asked.append(len(list(numbers)))  # type: ignore[call-overload]
        return {}

    table = laid_out(HEAD, person(1, "王秀英", WANG), person(2, "李建国", LI))
    importing.check(table, importing.match(table, FIELDS), FIELDS, lookup, today=TODAY)
    assert asked == [2]


def test_the_same_again_means_the_cell_above() -> None:
    head: list[Cell] = ["姓名", "身份证号", "单位"]
    table = laid_out(
        head, ["王秀英", WANG, "市棉纺织厂"], ["李建国", LI, "同上"], ["陈玉兰", CHEN, "〃"]
    )
    analysis = importing.check(table, importing.match(table, FIELDS), FIELDS, today=TODAY)
    assert [row.values["employer_name"] for row in analysis.rows] == ["市棉纺织厂"] * 3


def test_months_that_excel_made_days_are_months_again() -> None:
    cells: list[Cell] = [date(2001, 11, 1), 36_951, date(2003, 4, 1)]
    people = zip(("王秀英", "李建国", "陈玉兰"), (WANG, LI, CHEN), cells, strict=True)
    analysis = checked(*(person(1, *one) for one in people))
    assert [row.values["retired_on"] for row in analysis.rows] == ["2001-11", "2001-03", "2003-04"]


def test_what_stays_behind_is_reported_with_reasons_and_comes_back_later() -> None:
    wrong = person(1, "王秀英", WANG[:16])
    analysis = checked(wrong, person(2, "李建国", LI))
    columns, rows, marks = analysis.report()
    assert columns == ["原行号", *map(str, HEAD), "问题和怎么改"]
    assert rows[0][0] == 2
    assert rows[0][-1] == "身份证号应为 18 位，现在是 16 位，少 2 位"
    assert marks == {(0, 3)}
    rows[0][3] = WANG
    (back,) = sheet.read_bytes(sheet.write_xlsx(columns, rows, marks=marks))
    table = importing.tables([back], FIELDS)[0]
    again = importing.check(table, importing.match(table, FIELDS), FIELDS, today=TODAY)
    assert [row.values["name"] for row in again.importable()] == ["王秀英"]


# -- whole rosters --------------------------------------------------------------------------------


@cache
def roster(n: int, seed: int) -> tuple[seed_roster.Roster, Analysis]:
    made = seed_roster.roster(n, seed)
    table = importing.tables(sheet.read_bytes(made.data), FIELDS)[0]
    mapping = importing.match(table, FIELDS)
    rules = roster_rules.RULES
    return made, importing.check(table, mapping, FIELDS, today=TODAY, rules=rules)


@pytest.mark.parametrize(("n", "seed"), [(7, 3), (60, 1), (300, 2), (700, 4)])
def test_every_row_of_a_messy_roster_ends_where_it_belongs(n: int, seed: int) -> None:
    made, analysis = roster(n, seed)
    found = {row.number: str(row.state) for row in analysis.rows}
    assert found == made.truth.states
    assert sorted(one.number for one in analysis.skipped) == sorted(made.truth.skipped)
    assert {row.key for row in analysis.importable()} == made.truth.good_numbers


def as_csv(found: Sheet) -> bytes:
    """Saved by an office as csv: GB18030, without merges."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([plain.text(cell) for cell in row] for row in found.rows)
    return out.getvalue().encode("gb18030")


def as_xls(found: Sheet) -> bytes:
    """Saved by an old Excel or WPS: merges kept."""
    book = xlwt.Workbook()
    grid, month = book.add_sheet("名册"), xlwt.easyxf(num_format_str="YYYY-MM")
    areas = {area[:2]: area for area in found.merged}
    for at, row in enumerate(found.rows):
        for column, cell in enumerate(row):
            if (at, column) in areas:
                top, left, bottom, right = areas[at, column]
                grid.write_merge(top, bottom, left, right, cell)
            elif cell != "":
                style = month if isinstance(cell, date) else xlwt.Style.default_style
                grid.write(at, column, cell, style)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


@pytest.mark.parametrize("saved", [as_csv, as_xls])
def test_the_same_roster_is_the_same_in_every_kind_of_file(
    saved: Callable[[Sheet], bytes],
) -> None:
    made = seed_roster.roster(300, 9)
    found = next(one for one in sheet.read_bytes(made.data) if one.name == "名册")
    table = importing.tables(sheet.read_bytes(saved(found)), FIELDS)[0]
    mapping = importing.match(table, FIELDS)
    analysis = importing.check(table, mapping, FIELDS, today=TODAY, rules=roster_rules.RULES)
    assert {row.number: str(row.state) for row in analysis.rows} == made.truth.states


def test_a_second_import_of_the_same_roster_adds_nobody() -> None:
    made, analysis = roster(300, 2)
    written = analysis.importable()
    here = {row.key: Known("1", str(row.values["name"]), values=row.values) for row in written}
    table = importing.tables(sheet.read_bytes(made.data), FIELDS)[0]
    mapping = importing.match(table, FIELDS)
    again = importing.check(table, mapping, FIELDS, here, today=TODAY, rules=roster_rules.RULES)
    assert [row.number for row in again.importable()] == []


@pytest.mark.parametrize("sign", ["[", "(", "（"], ids=["square", "round", "wide"])
def test_a_page_of_brackets_in_one_cell_holds_nobody_up(sign: str) -> None:
    """Taking what stands in brackets out of a header grew with the square of the text."""
    found = laid_out([sign * 100_000], HEAD, person(1, "王秀英", WANG))
    assert found.header_row == 2
    assert len(found.rows) == 1


@pytest.mark.parametrize("said", ["1e999999999", "9" * 400, "Infinity", "-1e999999999"])
def test_a_pension_of_more_digits_than_memory_is_not_understood(said: str) -> None:
    read = next(one for one in FIELDS if one.id == "monthly_pension_fen").read
    problem = read(said, TODAY).problem
    assert problem is not None


ANY_CELL: st.SearchStrategy[Cell] = st.one_of(
    st.none(),
    st.just(""),
    st.text(max_size=20),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.sampled_from([*map(str, HEAD), WANG, "王秀英", "1952.3", "合计", "同上"]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.lists(ANY_CELL, max_size=8), max_size=8),
    st.lists(st.tuples(*[st.integers(0, 9)] * 4), max_size=3),
)
def test_no_sheet_ever_breaks_the_layout(
    rows: list[list[Cell]], areas: list[tuple[int, int, int, int]]
) -> None:
    merged = tuple((min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in areas)
    found = importing.table(Sheet("名册", rows, merged), FIELDS)
    importing.match(found, FIELDS)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(ANY_CELL, min_size=len(FIELDS), max_size=len(FIELDS)), max_size=3))
def test_no_cell_ever_breaks_the_check(rows: list[list[Cell]]) -> None:
    head: list[Cell] = [one.label for one in FIELDS]
    found = laid_out(head, *rows)
    mapping = importing.match(found, FIELDS)
    analysis = importing.check(found, mapping, FIELDS, today=TODAY, rules=roster_rules.RULES)
    analysis.fix_all()
    analysis.accept_all()
    analysis.report()


def test_a_day_before_the_one_that_is_registered_says_nothing_new() -> None:
    """A roster tells how somebody stood when it was written; certified since, they are."""
    head: list[Cell] = [*HEAD, "上次认证时间"]
    found = laid_out(
        head,
        [*person(1, "王秀英", WANG), "2025-03-01"],
        [*person(2, "李建国", LI), "2026-10-01"],
        [*person(3, "陈玉兰", CHEN), "2025-03-01"],
    )
    registered: dict[str, object] = {"retired_on": "2001-11", "last_certified_on": date(2026, 5, 1)}
    known = {
        WANG: Known("1", "王秀英", values=registered),
        LI: Known("2", "李建国", values=registered),
        CHEN: Known("3", "陈玉兰", values={**registered, "last_certified_on": None}),
    }
    done = importing.check(found, importing.match(found, FIELDS), FIELDS, known, today=TODAY)
    assert [(row.state, row.changes) for row in done.rows] == [
        (State.DUPLICATE, ()),
        (State.CONFIRM, ("last_certified_on",)),
        (State.GOOD, ("last_certified_on",)),
    ]
