from datetime import date

import pytest

from models.certification import Certification
from models.kit.fields import Mask
from models.kit.masks import masked, masked_field
from models.kit.validate import only_known, problems
from models.retiree import Retiree
from models.visit import Visit


def test_what_is_required_and_missing_is_named() -> None:
    found = problems(Visit, {"visited_on": date(2026, 11, 23), "visitors": "  "})
    assert found["visitors"].message == "走访人没有填"
    assert "visited_on" not in found


def test_a_column_that_fills_itself_is_not_asked_for() -> None:
    assert "id_type" not in problems(Retiree, {})
    assert "report_state" not in problems(Certification, {})


def test_only_the_edited_fields_are_judged() -> None:
    assert set(problems(Visit, {"way": "1"}, only={"way"})) == set()
    assert problems(Visit, {"way": "x"}, only={"way"})["way"].message == "走访方式里没有“x”这一项"


def test_a_code_that_no_table_has_is_refused() -> None:
    assert problems(Retiree, {"nation": "77"}, {"nation"})["nation"].kind == "code"
    assert problems(Certification, {"docs_checked": ["1", "x"]}, {"docs_checked"})
    assert not problems(Certification, {"docs_checked": ["1", "2"]}, {"docs_checked"})


def test_texts_dates_and_numbers_must_be_what_they_are() -> None:
    long = problems(Retiree, {"estate": "区" * 61}, {"estate"})["estate"]
    assert long.message == "小区最多 60 个字，现在是 61 个"
    assert problems(Retiree, {"retired_on": "1996-13"}, {"retired_on"})
    assert problems(Retiree, {"pension_start": "1996"}, {"pension_start"})
    assert problems(Retiree, {"received_on": "2026-11-23"}, {"received_on"})
    assert problems(Visit, {"cash_fen": -1}, {"cash_fen"})["cash_fen"].message == "慰问金不能是负数"
    assert problems(Retiree, {"contrib_months": "12"}, {"contrib_months"})


def test_a_field_that_a_verb_does_not_take_is_a_fault_of_the_program() -> None:
    only_known(Visit, {"note": ""}, ("note", "way"))
    with pytest.raises(TypeError, match=r"of a visit: \['is_void'\]"):
        only_known(Visit, {"note": "", "is_void": True}, ("note", "way"))


def test_private_values_are_masked_by_their_fact() -> None:
    assert masked(Mask.ID, "519902194611230269") == "519902********0269"
    assert masked(Mask.PHONE, "13800002617") == "138****2617"
    assert masked(Mask.BANK, "6217000000003308") == "尾号 3308"
    assert masked(None, "王秀英") == "王秀英"
    assert masked(Mask.ID, None) == ""
    assert masked_field(Retiree, "mobile", "13800002617") == "138****2617"
    assert masked_field(Retiree, "name", "王秀英") == "王秀英"
