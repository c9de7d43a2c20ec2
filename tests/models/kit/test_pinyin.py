"""Names found by what people type."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kit import pinyin
from models.kit.search import NUMBER, keys_of, ways
from models.retiree import Retiree


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("单雄信", {"shanxiongxin", "sxx", "danxiongxin", "dxx"}),
        ("曾庆云", {"zengqingyun", "zqy", "cengqingyun", "cqy"}),
        ("解小东", {"xiexiaodong", "xxd", "jiexiaodong", "jxd"}),
        ("仇玉兰", {"qiuyulan", "qyl", "chouyulan", "cyl"}),
        ("区少芬", {"oushaofen", "osf", "qushaofen", "qsf"}),
        ("查良英", {"zhaliangying", "zly", "chaliangying", "cly"}),
        ("盖丽", {"geli", "gl", "gaili"}),
        ("翟秀英", {"zhaixiuying", "zxy", "dixiuying", "dxy"}),
        ("覃桂花", {"qinguihua", "qgh", "tanguihua", "tgh"}),
        ("尉迟敬", {"yuchijing", "ycj", "weichijing", "wcj"}),
        ("王秀英", {"wangxiuying", "wxy"}),
    ],
)
def test_a_surname_is_found_under_each_of_its_readings(name: str, spelled: set[str]) -> None:
    assert set(pinyin.readings(name)) == spelled


def test_the_reading_of_the_surname_comes_first() -> None:
    assert (pinyin.full("曾庆云"), pinyin.initials("曾庆云")) == ("zengqingyun", "zqy")
    assert pinyin.full("买买提·吐尔逊") == "maimaititu" + "erxun"


def test_the_umlaut_is_v_however_it_is_typed() -> None:
    assert pinyin.full("吕玉梅") == "lvyumei"
    assert {pinyin.term(one) for one in ("lvyu", "LÜYU", "lyuyu")} == {"lvyu"}
    assert pinyin.term("Lin Yulan") == "linyulan"


NUMBERS = ("id_no", "phone")


def test_keys_hold_name_pinyin_number_phone_and_building() -> None:
    row = {
        "name": "王秀英",
        "id_no": "51990219461123002X",
        "phone": "0898-88000001",
        "building_text": "3栋",
    }
    keys = keys_of(Retiree, row)
    for kind, typed in [
        ("name", "秀英"),
        ("name", "xiuying"),
        ("name", "wangx"),
        ("name", "wxy"),
        ("name", "xy"),
        ("id_no", "002x"),
        ("id_no", "1946 1123"),
        ("phone", "0898-88"),
        ("phone", "0001"),
        ("building_text", "3栋"),
    ]:
        start = (NUMBER if kind in NUMBERS else "") + pinyin.term(typed)
        assert any(key.startswith(start) for key in keys), typed
        assert kind in ways(Retiree, {**dict.fromkeys(Retiree.search), **row}, typed)


def test_a_dot_in_a_name_need_not_be_typed() -> None:
    assert "吐尔逊" in pinyin.name_keys("买买提·吐尔逊")
    assert pinyin.term("买买提·吐") == "买买提吐"


def test_rare_characters_are_keys_of_their_own() -> None:
    assert {"𬭎", "李𬭎"} <= pinyin.name_keys("李𬭎")


def test_reading_the_dictionary_waits_until_somebody_is_spelled() -> None:
    code = "import sys, models.kit.pinyin; sys.exit('pypinyin' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@given(st.text(max_size=60))
def test_no_text_breaks_the_keys(text: str) -> None:
    keys = keys_of(Retiree, dict.fromkeys(Retiree.search, text))
    assert all(keys)
    assert pinyin.term(pinyin.term(text)) == pinyin.term(text)
