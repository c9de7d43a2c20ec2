"""Names as rosters hold them."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kit import person_name
from resources import path


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("王 芳", "王芳"),
        (" 欧 阳 建　国 ", "欧阳建国"),
        ("买买提•吐尔逊", "买买提·吐尔逊"),
        ("买买提．吐尔逊", "买买提·吐尔逊"),
        ("买买提‧吐尔逊", "买买提·吐尔逊"),
        ("买买提.吐尔逊", "买买提·吐尔逊"),
        ("𠮷㛃䶮𬭎𫖯", "𠮷㛃䶮𬭎𫖯"),
        ("李\U0002ebf0", "李\U0002ebf0"),
        ("⽅⽂", "方文"),
        ("'王芳", "王芳"),
        ("王\u200b芳\ufeff", "王芳"),
        ("John  Smith", "John Smith"),
    ],
)
def test_a_name_is_stored_without_the_accidents_of_typing(cell: str, name: str) -> None:
    said = person_name.check(cell)
    assert (said.value, said.problem, said.warnings) == (name, None, ())


def test_the_private_use_table_is_the_published_one() -> None:
    with path("codes", "gb18030-2022-changed.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    published = {
        int(row["python_codec_decodes_to"][2:], 16): int(row["gb18030_2022_maps_to"][2:], 16)
        for row in rows
    }
    assert published == person_name.MOVED


def test_a_name_from_an_old_file_becomes_readable_everywhere() -> None:
    old = "李".encode("gb18030") + bytes.fromhex("FE59")
    assert person_name.normalise(old.decode("gb18030")) == "李\u9fb4"


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("", "姓名没有填"),
        (None, "姓名没有填"),
        ("李四1", "姓名里有数字“1”，请核对"),
        (12.0, "姓名里有数字“12”，请核对"),
        ("张？", "姓名“张?”里有一个字丢了，请对照身份证补上"),
        ("李□", "姓名“李□”里有一个字丢了，请对照身份证补上"),
        ("王" * 51, "姓名有 51 个字，最多 50 个"),
        ("王@芳", "姓名里的“@”不是字，请核对"),
    ],
)
def test_what_cannot_be_a_name_is_explained(cell: object, message: str) -> None:
    problem = person_name.check(cell).problem
    assert problem is not None
    assert problem.message == message


def test_an_aside_is_taken_off_and_shown() -> None:
    said = person_name.check("王秀英（已故）")
    assert said.value == "王秀英"
    assert said.warnings == ("姓名后面的“(已故)”没有放进姓名，请核对",)


def test_a_private_character_is_pointed_out() -> None:
    assert "自造字" in person_name.check("李\ue500").warnings[0]


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = person_name.normalise(text)
    assert person_name.normalise(once) == once


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.dates()))
def test_no_cell_ever_breaks_the_check(cell: object) -> None:
    said = person_name.check(cell)
    assert said.value or said.problem
