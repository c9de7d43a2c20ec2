"""Values as long as their fields allow stay in their places, to the last character."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.printing import (
    certification_form,
    privacy_notice,
    reminder_notice,
    suspicion_check,
    visit_record,
)
from app.printing.kit import words
from app.printing.kit.fit import wrap
from models.kit import codes
from tests.app.printing import samples
from tests.app.printing.reading import IMPRINT, bare, overlapping, pages, runs, scanned, whole

NAME = "买买提·阿不都热依木·吾甫尔江·艾合买提·吐尔逊阿依·帕提古丽·库尔班江·热合曼江𬭚㼆䶮"
PLACE = f"某省{samples.LONG_STATION}（退休人员社会化管理服务窗口）综合业务"
ADDRESS = (samples.LONG * 3)[:120]
PHONE = "0876-00000218转8001、13800002617（工作日白天）"
IMPRINT_ = replace(IMPRINT, station=PLACE, printed_by=NAME, phone=PHONE, purpose="资格认证")
TAGS = "、".join(name for _code, name in codes.table("TAG").items)

_attempt = replace(samples.a_check().attempts[0], by=NAME)
_kin = suspicion_check.Contact(NAME, "其他孙子、孙女或外孙子、外孙女", "0876-00000218-8001")
LONGEST: dict[str, tuple[Callable[[Any], bytes], Any, tuple[str, ...]]] = {
    "form": (
        certification_form.draw,
        replace(
            samples.forms(samples.a_person(name=NAME, living_address=ADDRESS)), imprint=IMPRINT_
        ),
        (NAME, ADDRESS, PHONE),
    ),
    "notice": (
        reminder_notice.draw,
        reminder_notice.Notices(
            IMPRINT_, (reminder_notice.Notice(NAME, address=ADDRESS, due_on=date(2026, 6, 30)),) * 2
        ),
        (NAME, ADDRESS, PLACE, PHONE),
    ),
    "privacy": (
        privacy_notice.draw,
        privacy_notice.Notices(IMPRINT_, (privacy_notice.Person(NAME),), PLACE, ADDRESS),
        (NAME, ADDRESS, PLACE, PHONE),
    ),
    "check": (
        suspicion_check.draw,
        suspicion_check.Checks(
            IMPRINT_,
            (
                samples.a_check(
                    name=NAME, reason=samples.LONG * 6, raised_by=NAME,
                    attempts=(_attempt,) * 6, contacts=(_kin,) * 6,
                ),
            ),
        ),
        (NAME, samples.LONG * 6),
    ),
    "record": (
        visit_record.draw,
        visit_record.Records(
            IMPRINT_, (samples.record(name=NAME, address=ADDRESS, category=TAGS),)
        ),
        (NAME, ADDRESS, TAGS),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(LONGEST))
def test_the_longest_values_stand_on_nothing_else_and_are_whole(name: str) -> None:
    draw, data, texts = LONGEST[name]
    pdf = draw(data)
    (_sheet,) = pages(pdf)
    boxes = runs(pdf, 0)
    assert overlapping(boxes) == []
    assert min(box[1] for box in boxes) > 12
    read = whole(pdf)
    assert [text for text in texts if bare(text) not in read] == []


def test_a_long_telephone_leaves_the_code_of_the_receipt_readable() -> None:
    draw, data, _texts = LONGEST["form"]
    person = data.people[0]
    assert scanned(draw(data), 200) == {person.payload, person.receipt_payload}


def test_a_notice_to_most_people_has_no_print_below_16_points_however_long_the_station() -> None:
    data = reminder_notice.Notices(IMPRINT_, (reminder_notice.Notice(samples.LONG_NAME),))
    heights = [box[3] - box[1] for box in runs(reminder_notice.draw(data), 0)]
    assert min(heights) > 9


def test_a_name_breaks_behind_its_dots() -> None:
    name, many = "买买提·阿不都热依木·吾甫尔江", range(8, 60)
    assert wrap(name, 44, 10.5) == ["买买提·阿不都热依木·", "吾甫尔江"]
    assert wrap(name, 21, 9) == ["买买提·", "阿不都热依木·", "吾甫尔江"]
    assert not [line for w in many for line in wrap(name, w, 9) if line.startswith("·")]


def test_a_narrow_bracket_stays_with_its_neighbour() -> None:
    for w in range(8, 40):
        lines = wrap("出生日期(档案认定)", w, 9)
        assert not [line for line in lines if line[0] == ")" or line[-1] == "("]


def test_a_line_breaks_neither_a_time_nor_a_group_of_a_number() -> None:
    said = f"打印时间 {words.moment(IMPRINT.printed_at)} 打印人"
    assert any("14:32" in line for line in wrap(said, 20, 7.5))
    assert wrap("0876-00000218-8001", 25, 9) == ["0876-00000218-", "8001"]
