"""The columns of a roster and what a whole row can tell."""

from datetime import date

import pytest

from app import roster_fields, roster_rules
from app.kit import importing
from app.kit.importing import Level
from app.kit.sheet import Cell, Sheet
from models.retiree import Retiree

TODAY = date(2026, 11, 23)
FIELDS = {one.id: one for one in roster_fields.fields()}
NOT_COLUMNS = {"is_party_member", "tags", "employer_kind", "employer_state"}


def test_every_field_is_one_of_the_register() -> None:
    columns = set(Retiree.__table__.columns.keys())
    own = {one for one in FIELDS if not one.startswith("contact")}
    assert own - NOT_COLUMNS <= columns


def test_no_header_means_two_things() -> None:
    seen: dict[str, str] = {}
    for one in roster_fields.fields():
        for word in one.synonyms:
            assert seen.setdefault(word, one.id) == one.id, word


@pytest.mark.parametrize(
    ("field", "cell", "value"),
    [
        ("nation", "黎", "19"),
        ("nation", "黎族", "19"),
        ("sex", "女", "2"),
        ("politics", "党员", "01"),
        ("education", "初中", "70"),
        ("retire_type", "正常退休", "1"),
        ("monthly_pension_fen", "3,456.78", 345_678),
        ("monthly_pension_fen", "3456.7元", 345_670),
        ("monthly_pension_fen", 3456.78, 345_678),
        ("monthly_pension_fen", "￥3456", 345_600),
        ("pension_start", "2001年11月", "2001-11"),
        ("last_certified_on", "2025-03-15", date(2025, 3, 15)),
        ("last_certified_on", "2025年3月", date(2025, 3, 1)),
        ("tags", "独居、残疾", ["T03", "T05"]),
        ("contrib_months", "31年5个月", 377),
        ("contrib_months", 377.0, 377),
        ("postcode", 572000.0, "572000"),
        ("employer_name", " 市棉纺织厂 ", "市棉纺织厂"),
        ("remark", "无", None),
    ],
)
def test_cells_become_values(field: str, cell: Cell, value: object) -> None:
    said = FIELDS[field].read(cell, TODAY)
    assert (said.value, said.problem, said.warnings) == (value, None, ())


@pytest.mark.parametrize(
    ("cell", "more"),
    [
        ("是", {"politics": "01"}),
        ("√", {"politics": "01"}),
        ("中共党员", {"politics": "01"}),
        ("预备党员", {"politics": "02"}),
        ("群众", {"politics": "13"}),
        ("否", {}),
        ("", {}),
        ("非党员", {}),
    ],
)
def test_being_a_member_or_not(cell: str, more: dict[str, str]) -> None:
    assert FIELDS["is_party_member"].read(cell, TODAY).more == more


def test_an_unknown_code_is_asked_about_and_left_out() -> None:
    said = FIELDS["nation"].read("火星族", TODAY)
    assert said.value is None
    assert said.warnings == ("民族“火星族”不在可选的里面，这一格先不导入",)


def test_money_that_is_none_is_said() -> None:
    problem = FIELDS["monthly_pension_fen"].read("三千多", TODAY).problem
    assert problem is not None
    assert problem.message == "看不懂月养老金“三千多”，请填数字，如 3456.78"


BORN = date(1946, 11, 23)


@pytest.mark.parametrize(
    ("values", "level", "message"),
    [
        (
            {"sex": "2", "sex_by_id": "1"},
            Level.CONFIRM,
            "身份证显示为男，与所填“女”不一致，请核对",
        ),
        (
            {"birth_on": BORN, "birth_on_archive": "1945-11"},
            Level.CONFIRM,
            "出生日期与身份证不同：名册 1945-11，身份证 1946-11-23；确认后记作档案认定的出生日期",
        ),
        (
            {"work_start": "1970-01", "retired_on": "1969-12"},
            Level.ERROR,
            "退休时间 1969-12 早于参加工作时间 1970-01，请核对",
        ),
        (
            {"birth_on": BORN, "retired_on": "1980-05"},
            Level.CONFIRM,
            "按身份证退休时 33 岁，不在 45–70 岁之间，请核对",
        ),
        (
            {"birth_on": date(1995, 1, 1)},
            Level.CONFIRM,
            "按身份证现在才 31 岁，请核对",
        ),
    ],
)
def test_a_row_is_checked_against_itself(
    values: dict[str, object], level: Level, message: str
) -> None:
    (finding,) = roster_rules.check_row(values, TODAY)
    assert (finding.level, finding.message) == (level, message)


@pytest.mark.parametrize("remark", ["已于2025年3月去世", "病故", "2024.5死亡，骨灰在乡下"])
def test_whoever_a_remark_calls_dead_is_asked_about(remark: str) -> None:
    (finding,) = roster_rules.check_row({"remark": remark}, TODAY)
    assert (finding.level, finding.field) == (Level.CONFIRM, "remark")
    assert finding.message == f"备注写着“{remark}”，像是已经去世，请核对；去世了的点“忽略”"


@pytest.mark.parametrize("remark", ["配偶已去世", "老伴2019年病故，独居", "遗属待遇已办", "耳背"])
def test_a_remark_about_somebody_else_says_nothing_of_the_person(remark: str) -> None:
    assert not list(roster_rules.check_row({"remark": remark}, TODAY))


def test_the_same_as_above_is_no_employer() -> None:
    """Most rows of a roster written by hand say 同上."""
    rows: list[list[Cell]] = [
        ["姓名", "身份证号", "单位"],
        ["王秀英", "519902194611230269", "市棉纺织厂"],
        ["李建国", "519902195107150379", "同上"],
        ["陈玉兰", "519902195309300420", " 同 上"],
        ["罗素琴", "519902195806090427", "〃"],
    ]
    found = importing.table(Sheet("名册", rows), roster_fields.fields())
    assert roster_rules.guess_employer(found) == "市棉纺织厂"
    mapping = importing.match(found, roster_fields.fields())
    checked = importing.check(found, mapping, roster_fields.fields(), today=TODAY)
    assert {row.values["employer_name"] for row in checked.rows} == {"市棉纺织厂"}


@pytest.mark.parametrize("said", ["1946-11-23", "1946-11", "1946", "1946-11-01"])
def test_the_day_of_the_card_is_not_kept_twice(said: str) -> None:
    values: dict[str, object] = {"birth_on": BORN, "birth_on_archive": said}
    assert not list(roster_rules.check_row(values, TODAY))
    assert "birth_on_archive" not in values


def test_words_that_are_no_tag_go_into_the_remark() -> None:
    said = FIELDS["tags"].read("独居 养猫", TODAY)
    values: dict[str, object] = {"tags": said.value, "remark": "三楼", **said.more}
    assert not list(roster_rules.check_row(values, TODAY))
    assert values == {"tags": ["T03"], "remark": "三楼；养猫"}


@pytest.mark.parametrize(
    "name",
    ["三亚市棉纺织厂", "市棉纺织厂", "棉纺织厂", "三亚市 棉纺织厂", "海南省三亚市棉纺织厂有限公司"],
)
def test_an_employer_is_one_however_it_is_written(name: str) -> None:
    assert roster_rules.employer_key(name) == "棉纺织厂"


def test_a_telephone_without_a_name_is_still_somebody_to_call() -> None:
    values: dict[str, object] = {"contact1_phone": "13900006208", "contact2_relation": "30"}
    (note,) = roster_rules.check_row(values, TODAY)
    assert (note.level, note.field) == (Level.NOTE, "contact1_phone")
    assert "记作“联系人”" in note.message
    assert values["contact1_name"] == "联系人"
    assert "contact2_name" not in values


def test_years_of_contributions_are_not_taken_for_months() -> None:
    """缴费年限 30 is how offices write thirty years."""
    said = FIELDS["contrib_months"].read(30, TODAY)
    assert (said.value, said.problem) == (360, None)
    assert said.warnings == ("缴费月数“30”像是年数，按 30 年（360 个月）记，请核对",)
    assert FIELDS["contrib_months"].read("360", TODAY).warnings == ()
